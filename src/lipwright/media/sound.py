"""A recording as one mono waveform, however it was made.

Decoding, mixdown and resampling stream: of an hour of eight channels at 192 kHz
only the finished mono waveform is ever in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from lipwright.domain.media import Waveform
from lipwright.domain.run import Progress, Report, silent
from lipwright.domain.time import round_half_up
from lipwright.errors import InputError
from lipwright.media.decode import AudioFormat, SoundDecoder, open_sound, to_float

MIN_SECONDS = Fraction(1, 5)
"""Shortest sound accepted: shorter than the shortest word."""

SILENCE_DBFS = -80.0
"""A file whose peak stays below this holds no voice, only converter noise."""

LIVE_DB = 40.0
"""A channel this far below the loudest takes no part in the mixdown."""

CANCELS_BELOW = 0.25
"""A mixdown with less than this share of the power that unrelated channels would
leave is cancelling itself (reversed polarity): the loudest channel is used alone."""

_REPORT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording, read."""

    waveform: Waveform
    """Mono, at the rate asked for; sample 0 is the first sample heard."""
    format: AudioFormat
    """What the file holds, with its exact length."""
    peak: float
    """Largest absolute sample of any channel of the file, full scale 1 (float files may exceed it)."""
    channel_weights: tuple[float, ...]
    """How much of each channel went into the mixdown."""


def read_audio(path: Path, *, rate_hz: int, report: Report = silent) -> Sound:
    """Read any file with sound, mix it down to mono and resample it.

    Channels are averaged; silent ones are left out, and where they cancel each
    other the loudest stands alone.

    Args:
        path: Any container that FFmpeg reads; the best of its sound tracks is taken.
        rate_hz: Sample rate of the result.
        report: Told "read" every ten seconds of sound.

    Raises:
        InputError: missing, a folder, empty, no sound in it, corrupted, truncated, shorter
            than 0.2 s, longer than 4 hours, not finite, or silent throughout.
    """
    first = _Pass(rate_hz, None)
    format_ = first.run(path, report)
    if format_.seconds < MIN_SECONDS:
        raise InputError(
            f"{path}: {format_.samples} samples, {float(format_.seconds) * 1000:.1f} ms of sound;"
            f" at least {float(MIN_SECONDS):g} s is needed",
            hint="give a recording with speech in it",
        )
    if first.peak < 10 ** (SILENCE_DBFS / 20):
        raise InputError(
            f"{path}: silent: its peak is {_dbfs(first.peak)}", hint="check that the right track was recorded"
        )
    weights = mixdown_weights(first.covariance)
    chosen = first
    if not np.allclose(weights, 1 / len(weights)):
        chosen = _Pass(rate_hz, weights)
        chosen.run(path, report)
    length = round_half_up(Fraction(format_.samples * rate_hz, format_.sample_rate_hz))
    return Sound(
        waveform=Waveform(chosen.mono(length)[None], rate_hz),
        format=format_,
        peak=first.peak,
        channel_weights=tuple(float(w) for w in weights),
    )


def probe_audio(path: Path) -> AudioFormat:
    """What a file holds and exactly how long it sounds, by decoding it once.

    Raises:
        InputError: as `open_sound` and `SoundDecoder.blocks`.
    """
    with open_sound(path) as decoder:
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

    def __init__(self, rate_hz: int, weights: NDArray[np.float64] | None) -> None:
        self._rate_hz, self._weights = rate_hz, weights
        self._blocks: list[NDArray[np.float32]] = []
        self.peak = 0.0
        self.covariance: NDArray[np.float64] = np.zeros((0, 0))

    def run(self, path: Path, report: Report) -> AudioFormat:
        with open_sound(path) as decoder:
            resampler: soxr.ResampleStream | None = None
            told = 0
            for block in decoder.blocks():
                if resampler is None:
                    resampler = soxr.ResampleStream(decoder.rate_hz, self._rate_hz, 1, dtype="float32")
                self._keep(resampler.resample_chunk(self._mix(to_float(block))))
                told = _tell(report, decoder, told)
            if resampler is not None:
                self._keep(resampler.resample_chunk(np.zeros(0, np.float32), last=True))
            return decoder.format

    def mono(self, length: int) -> NDArray[np.float32]:
        """What was read, shape (length,); rounding of the resampler's end is evened out."""
        joined = np.zeros(length, np.float32)
        at = 0
        self._blocks.reverse()
        while self._blocks:  # each block goes as soon as it is copied: an hour is not held twice
            block = self._blocks.pop()
            take = min(len(block), length - at)
            joined[at : at + take] = block[:take]
            at += take
        return joined

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
        if len(block):
            self._blocks.append(block)


def _tell(report: Report, decoder: SoundDecoder, told: int) -> int:
    done = decoder.samples // decoder.rate_hz
    if done - told < _REPORT_SECONDS:
        return told
    report(Progress("read", done, max(done, int(decoder.declared_seconds or 0))))
    return done


def _dbfs(peak: float) -> str:
    return f"{20 * np.log10(peak):.0f} dBFS" if peak > 0 else "zero"
