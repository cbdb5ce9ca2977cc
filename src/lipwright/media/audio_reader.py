"""A recording as one mono waveform, however it was made.

Decoding, mixdown and resampling stream: of an hour of eight channels at 192 kHz
only the finished mono waveform is ever in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from lipwright.domain.media import Waveform
from lipwright.domain.progress import Progress, ProgressCallback, no_progress
from lipwright.domain.time import round_half_up
from lipwright.errors import InputError, NothingHeard
from lipwright.media.audio_decoder import AudioDecoder, AudioFormat, open_audio, to_float

MIN_SECONDS = Fraction(1, 5)
"""Shortest audio accepted: shorter than the shortest word."""

SILENCE_DBFS = -80.0
"""A file whose peak stays below this holds no voice, only converter noise."""

LIVE_DB = 40.0
"""A channel this far below the loudest takes no part in the mixdown."""

CANCELS_BELOW = 0.25
"""A mixdown with less than this share of the power that unrelated channels would
leave is cancelling itself (reversed polarity): the loudest channel is used alone."""

_REPORT_SECONDS = 10
_GROWTH_SECONDS = 600
"""A file that does not tell its length gets memory in pieces of so much."""
SPARE_SECONDS = 12
"""Room behind the audio for what a video adds to it: less than 9 frames at 1 fps."""

Listener = Callable[[NDArray[np.float32], int], None]
"""Called with each block as it was recorded, shape (channels, n), and its rate."""


@dataclass(frozen=True, slots=True)
class Audio:
    """A recording, read."""

    waveform: Waveform
    """Mono, at the rate asked for; sample 0 is the first sample heard."""
    format: AudioFormat
    """What the file holds, with its exact length."""
    peak: float
    """Largest absolute sample of any channel of the file, full scale 1 (float files may exceed it)."""
    channel_weights: tuple[float, ...]
    """How much of each channel went into the mixdown."""
    workspace: NDArray[np.float32]
    """The memory that the waveform lies at the start of, shape (m,): longer by SPARE_SECONDS, for who
    goes on working in it."""


def read_audio(
    path: Path, *, rate_hz: int, report: ProgressCallback = no_progress, listener: Listener | None = None
) -> Audio:
    """Read any file with audio, mix it down to mono and resample it.

    Channels are averaged; silent ones are left out, and where they cancel each
    other the loudest stands alone.

    Args:
        path: Any container that FFmpeg reads; the best of its audio tracks is taken.
        rate_hz: Sample rate of the result.
        report: Told "read" every ten seconds of audio.
        listener: Hears every block of the source once, before mixdown and resampling.

    Raises:
        InputError: missing, a folder, empty, no audio in it, corrupted, truncated, shorter
            than 0.2 s, longer than 4 hours or than memory holds, not finite, or silent throughout. Too
            short and silent are `NothingHeard`.
    """
    first = _Pass(path, rate_hz, None)
    format_ = first.run(report, listener)
    if format_.seconds < MIN_SECONDS:
        raise NothingHeard(
            f"{path}: {format_.samples} samples, {float(format_.seconds) * 1000:.1f} ms of audio;"
            f" at least {float(MIN_SECONDS):g} s is needed",
            hint="give a recording with speech in it",
        )
    if first.peak < 10 ** (SILENCE_DBFS / 20):
        raise NothingHeard(
            f"{path}: silent: its peak is {_dbfs(first.peak)}", hint="check that the right track was recorded"
        )
    weights = mixdown_weights(first.covariance)
    chosen = first
    if not np.allclose(weights, 1 / len(weights)):
        first.forget()
        chosen = _Pass(path, rate_hz, weights)
        chosen.run(report)
    length = round_half_up(Fraction(format_.samples * rate_hz, format_.sample_rate_hz))
    workspace = chosen.mono(length)
    return Audio(
        waveform=Waveform(workspace[None, :length], rate_hz),
        workspace=workspace,
        format=format_,
        peak=first.peak,
        channel_weights=tuple(float(w) for w in weights),
    )


def probe_audio(path: Path) -> AudioFormat:
    """What a file holds and exactly how long it sounds, by decoding it once.

    Raises:
        InputError: as `open_audio` and `AudioDecoder.blocks`.
    """
    with open_audio(path) as decoder:
        for _ in decoder.blocks():
            pass
        return decoder.format


def mixdown_weights(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights of a mono mixdown that keeps what can be heard.

    Args:
        covariance: Shape (channels, channels): sums of products of the channels' samples.

    Returns:
        Shape (channels,), sum 1.
    """
    power = covariance.diagonal()
    live = power > power.max(initial=0.0) * 10 ** (-LIVE_DB / 10)
    if not live.any():
        return np.full(len(power), 1 / len(power))
    weights: NDArray[np.float64] = live / live.sum()
    mixed = float(weights @ covariance @ weights)
    unrelated = float((weights**2 * power).sum())
    if mixed < CANCELS_BELOW * unrelated:
        weights = np.zeros(len(power))
        weights[int(power.argmax())] = 1.0
    return weights


class _Pass:
    """One decoding of a file into mono blocks, with what is learnt on the way."""

    def __init__(self, path: Path, rate_hz: int, weights: NDArray[np.float64] | None) -> None:
        self._path, self._rate_hz, self._weights = path, rate_hz, weights
        self._memory = np.zeros(0, np.float32)
        self._count = 0
        self.peak = 0.0
        self.covariance: NDArray[np.float64] = np.zeros((0, 0))

    def run(self, report: ProgressCallback, listener: Listener | None = None) -> AudioFormat:
        with open_audio(self._path) as decoder:
            self._reserve(float(decoder.declared_seconds or 0) + SPARE_SECONDS)
            resampler: soxr.ResampleStream | None = None
            told = 0
            for block in decoder.blocks():
                if resampler is None:
                    resampler = soxr.ResampleStream(decoder.rate_hz, self._rate_hz, 1, dtype="float32")
                heard = to_float(block)
                if listener is not None:
                    listener(heard, decoder.rate_hz)
                self._keep(resampler.resample_chunk(self._mix(heard)))
                told = _tell(report, decoder, told)
            if resampler is not None:
                self._keep(resampler.resample_chunk(np.zeros(0, np.float32), last=True))
            return decoder.format

    def mono(self, length: int) -> NDArray[np.float32]:
        """What was read, evened out to `length`, and the room behind it."""
        self._reserve(length / self._rate_hz + SPARE_SECONDS)
        self._memory[min(self._count, length) : length] = 0
        return self._memory

    def forget(self) -> None:
        """Give the memory back."""
        self._memory = np.zeros(0, np.float32)

    def _reserve(self, seconds: float) -> None:
        # Memory that was never written costs nothing: most files tell how long they are, and get
        # all of it at once.
        wanted = round(seconds * self._rate_hz)
        if wanted > len(self._memory):
            try:
                grown = np.empty(wanted, np.float32)
            except MemoryError as error:
                raise InputError(
                    f"{self._path}: {seconds / 60:.0f} minutes of audio take {4e-6 * wanted:.0f} MB"
                    " of memory at once, and there is not so much",
                    hint="cut it into parts, or close other programs",
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


def _tell(report: ProgressCallback, decoder: AudioDecoder, told: int) -> int:
    done = decoder.samples // decoder.rate_hz
    if done - told < _REPORT_SECONDS:
        return told
    report(Progress("read", done, max(done, int(decoder.declared_seconds or 0))))
    return done


def _dbfs(peak: float) -> str:
    return f"{20 * np.log10(peak):.0f} dBFS" if peak > 0 else "zero"
