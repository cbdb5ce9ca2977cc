"""Plain PCM WAV files."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.media import Waveform
from lipwright.media.exceptions import writing
from lipwright.media.files import replacing

_BLOCK_SAMPLES = 65_536
_MAX_CHANNELS = 2


def write_wav(
    path: Path, waveform: Waveform, *, bits: Literal[16, 24] = 16, dither: np.random.Generator | None = None
) -> None:
    """Write integer PCM, whole or not at all.

    Args:
        path: Where it goes.
        waveform: One or two channels; values beyond +-1 are clipped.
        bits: Depth of the file.
        dither: Source of triangular dither of +-1 step (Lipshitz, Wannamaker and
            Vanderkooy 1992), which turns rounding into noise; None rounds.

    Raises:
        OutputError: it cannot be written.
        ValueError: more than two channels.
    """
    with replacing(path) as part, writing(path), part.open("wb") as stream:
        _write(stream, waveform, bits, dither)


def encode_wav(waveform: Waveform, *, bits: Literal[16, 24] = 16) -> bytes:
    """The same as a file's bytes, rounded.

    Raises:
        ValueError: more than two channels.
    """
    stream = io.BytesIO()
    _write(stream, waveform, bits, None)
    return stream.getvalue()


def _write(
    stream: BinaryIO, waveform: Waveform, bits: Literal[16, 24], dither: np.random.Generator | None
) -> None:
    channels, samples = waveform.samples.shape
    if channels > _MAX_CHANNELS:
        raise ValueError(f"{channels} channels; 1 or 2 were expected")
    with wave.open(stream, "wb") as file:
        file.setparams((channels, bits // 8, waveform.rate_hz, samples, "NONE", ""))
        for start in range(0, samples, _BLOCK_SAMPLES):
            block = waveform.samples[:, start : start + _BLOCK_SAMPLES].T
            file.writeframesraw(_quantise(block, bits, dither))


def write_wav_blocks(
    path: Path, blocks: Iterable[NDArray[np.float32]], rate_hz: int, channels: int, *, bits: Literal[16, 24]
) -> None:
    """Write integer PCM as it comes, dithered, whole or not at all.

    Args:
        path: Where it goes.
        blocks: Shape (channels, n) each; values beyond +-1 are clipped.
        rate_hz: Samples per second.
        channels: How many there are.
        bits: Depth of the file.

    Raises:
        OutputError: it cannot be written.
    """
    dither = np.random.default_rng(0)
    with replacing(path) as part, part.open("wb") as stream, wave.open(stream, "wb") as file:
        file.setparams((channels, bits // 8, rate_hz, 0, "NONE", ""))
        for block in blocks:
            data = _quantise(block.T, bits, dither)
            with writing(path):
                file.writeframes(data)


def _quantise(block: NDArray[np.float32], bits: int, dither: np.random.Generator | None) -> bytes:
    """Shape (n, channels) to interleaved little-endian integers."""
    full_scale = 2 ** (bits - 1)
    scaled = block.astype(np.float64) * full_scale
    if dither is not None:
        scaled += dither.random(block.shape) - dither.random(block.shape)
    levels = np.clip(np.rint(scaled), -full_scale, full_scale - 1).astype("<i4")
    four_bytes = levels.reshape(-1, 1).view(np.uint8)
    return bytes(four_bytes[:, : bits // 8].tobytes())
