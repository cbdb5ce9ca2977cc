"""Read a recording as a mono waveform.

Decoding, mixdown and resampling are done block by block: even for an hour of eight channels at 192 kHz, only
the finished mono waveform is in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import soxr
from numpy.typing import NDArray

from lipwright.domain.audio_piece import AudioSource
from lipwright.domain.finding import Finding, where_of
from lipwright.domain.media import AudioBuffer, Waveform, mixdown_weights
from lipwright.domain.progress import Progress, ProgressCallback, no_progress
from lipwright.domain.time import round_half_up
from lipwright.errors import InputError, NothingHeard
from lipwright.media import findings
from lipwright.media.audio_decoder import AudioDecoder, AudioFormat, open_audio, to_float

MIN_SECONDS = Fraction(1, 5)
"""Minimum length of audio; no word is shorter."""

SILENCE_DBFS = -80.0
"""Peak below which a file contains no voice, only converter noise."""

_REPORT_SECONDS = 10
_GROWTH_SECONDS = 600
"""Seconds of audio for which memory is reserved at a time, if a file does not state its length."""
SPARE_SECONDS = 12
"""Length of audio for which memory is reserved after the recording, so that the recording can be padded to
the length of a video. Frame counts are rounded to 8n+1, so 12 seconds are enough even at the lowest
frame rate, 1 fps."""

BlockListener = Callable[[NDArray[np.float32], int], None]
"""Callback that receives each decoded block, shape (channels, n), and its sample rate in Hz, before the block
is mixed down and resampled."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording in memory."""

    buffer: AudioBuffer
    """Mono audio at the requested rate, from its first audible sample on; memory for SPARE_SECONDS
    follows."""
    format: AudioFormat
    """Format of the file, with its exact length."""

    @property
    def waveform(self) -> Waveform:
        """The audio; it can be read until the buffer is consumed."""
        return self.buffer.waveform


def read_audio(
    path: AudioSource,
    *,
    rate_hz: int,
    report: ProgressCallback = no_progress,
    listener: BlockListener | None = None,
    channel: int | None = None,
) -> Recording:
    """Read any file with audio, mix it down to mono and resample it.

    Args:
        path: A file in any container that FFmpeg reads, or a piece of one. If the file has several audio
            tracks, the one that FFmpeg considers best is used.
        rate_hz: Sample rate of the result.
        report: Called with the stage "read" for every ten seconds of audio.
        listener: Called with every block before mixdown and resampling.
        channel: Read only this channel, counted from 0; None to mix all channels.

    Raises:
        InputError: the file is missing, a folder, empty, corrupted or truncated; it has no audio, or samples
            that are not finite; or the audio is longer than 4 hours, or too long for the memory.
        NothingHeard: the audio is shorter than 0.2 s, or silent.
    """
    decoded = _Pass(path, rate_hz, channel=channel)
    format_ = decoded.run(report, listener)
    if format_.seconds < MIN_SECONDS:
        raise NothingHeard(
            f"{path}: the audio is {format_.samples} samples long ({float(format_.seconds) * 1000:.1f} ms); "
            f"at least {float(MIN_SECONDS):g} s is needed",
            hint="give a recording with speech in it",
        )
    if decoded.peak < 10 ** (SILENCE_DBFS / 20):
        level = f"{20 * np.log10(decoded.peak):.0f} dBFS" if decoded.peak > 0 else "zero"
        hint = "check that the correct track was recorded"
        if format_.tracks > 1:
            other = 1 if format_.track == 1 else 0
            hint = (
                f"track {format_.track} of {format_.tracks} was read; extract another track: "
                f"ffmpeg -i FILE -map 0:a:{other} -c copy OUT.mka"
            )
        raise NothingHeard(f"{path}: the audio is silent: its peak is {level}", hint=hint)
    weights = mixdown_weights(decoded.covariance)
    if not np.allclose(weights, 1 / len(weights)):
        decoded = _Pass(path, rate_hz, weights=weights)  # this releases the memory of the first pass
        decoded.run(report)
    length = round_half_up(Fraction(format_.samples * rate_hz, format_.sample_rate_hz))
    return Recording(AudioBuffer(decoded.mono(length), length, rate_hz), format_)


def format_findings(found: AudioFormat) -> tuple[Finding, ...]:
    """Return findings about the file itself: missing packets, further audio tracks."""
    problems: list[Finding] = []
    if holes := found.holes:
        place = f"at {holes[0].start:.2f} s" if len(holes) == 1 else f"in {len(holes)} places"
        seconds = sum(hole.seconds for hole in holes)
        problems.append(findings.MISSING_AUDIO(where=where_of(holes), where_in_text=place, seconds=seconds))
    if found.tracks > 1:
        other = 1 if found.track == 1 else 0
        problems.append(findings.OTHER_AUDIO_TRACKS(tracks=found.tracks, track=found.track, other=other))
    return tuple(problems)


def probe_audio(path: AudioSource) -> AudioFormat:
    """Return the format and exact length of a file or a piece of one, by decoding it once.

    Raises:
        InputError: see `open_audio` and `AudioDecoder.blocks`.
    """
    with open_audio(path) as decoder:
        for _ in decoder.blocks():
            pass
        return decoder.format


class _Pass:
    """One pass over a file: decodes it to mono, and measures the channels for the mixdown."""

    def __init__(
        self,
        path: AudioSource,
        rate_hz: int,
        *,
        weights: NDArray[np.float64] | None = None,
        channel: int | None = None,
    ) -> None:
        self._path, self._rate_hz, self._weights, self._channel = path, rate_hz, weights, channel
        self._memory = np.zeros(0, np.float32)
        self._count = 0
        self.peak = 0.0
        self.covariance: NDArray[np.float64] = np.zeros((0, 0))

    def run(self, report: ProgressCallback, listener: BlockListener | None = None) -> AudioFormat:
        with open_audio(self._path) as decoder:
            self._reserve(float(decoder.declared_seconds or 0) + SPARE_SECONDS)
            resampler: soxr.ResampleStream | None = None
            reported = 0
            for block in decoder.blocks():
                if resampler is None:
                    resampler = soxr.ResampleStream(decoder.rate_hz, self._rate_hz, 1, dtype="float32")
                samples = to_float(block)
                if self._channel is not None:
                    samples = samples[self._channel : self._channel + 1]
                if listener is not None:
                    listener(samples, decoder.rate_hz)
                self._keep(resampler.resample_chunk(self._mix(samples)))
                reported = _report_read(report, decoder, reported)
            if resampler is not None:
                self._keep(resampler.resample_chunk(np.zeros(0, np.float32), last=True))
            return decoder.format

    def mono(self, length: int) -> NDArray[np.float32]:
        """Return the audio, cut or zero-padded to `length` samples.

        The returned array is longer than the audio by at least SPARE_SECONDS; these samples are undefined.
        """
        self._reserve(length / self._rate_hz + SPARE_SECONDS)
        self._memory[min(self._count, length) : length] = 0
        return self._memory

    def _reserve(self, seconds: float) -> None:
        # Memory that is not written to costs nothing, so for files that state their length all of it is
        # reserved together.
        wanted = round(seconds * self._rate_hz)
        if wanted > len(self._memory):
            try:
                grown = np.empty(wanted, np.float32)
            except MemoryError as error:
                raise InputError(
                    f"{self._path}: {seconds / 60:.0f} minutes of audio need {4e-6 * wanted:.0f} MB of "
                    "memory, more than is available",
                    hint="cut the recording into parts, or close other programs",
                ) from error
            grown[: self._count] = self._memory[: self._count]
            self._memory = grown

    def _mix(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        if self._weights is not None:
            mixed: NDArray[np.float32] = self._weights.astype(np.float32) @ block
            return mixed
        if not self.covariance.size:
            self.covariance = np.zeros((len(block), len(block)))
        self.covariance += block @ block.T
        self.peak = max(self.peak, float(np.abs(block).max(initial=0.0)))
        mean: NDArray[np.float32] = np.ascontiguousarray(block.mean(0, dtype=np.float32))
        return mean

    def _keep(self, block: NDArray[np.float32]) -> None:
        if self._count + len(block) > len(self._memory):
            self._reserve((self._count + len(block)) / self._rate_hz + _GROWTH_SECONDS)
        self._memory[self._count : self._count + len(block)] = block
        self._count += len(block)


def _report_read(report: ProgressCallback, decoder: AudioDecoder, reported: int) -> int:
    done = decoder.samples // decoder.rate_hz
    if done - reported < _REPORT_SECONDS:
        return reported
    report(Progress("read", done, max(done, int(decoder.declared_seconds or 0))))
    return done
