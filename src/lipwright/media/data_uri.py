"""Sounds and images small enough to stand inside a page."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import numpy as np
from av.audio.stream import AudioStream
from numpy.typing import NDArray
from PIL import Image

BIT_RATE = 64_000
_BLOCK = 48_000


def png_bytes(rgb: NDArray[np.uint8]) -> bytes:
    """An image of shape (height, width, 3) as PNG."""
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "PNG", optimize=True)
    return file.getvalue()


def m4a_bytes(samples: NDArray[np.float32], rate_hz: int) -> bytes:
    """Mono audio, shape (n,), as AAC that every browser plays."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=rate_hz, layout="mono")
        assert isinstance(stream, AudioStream)  # noqa: S101 - tells the type checker what the codec decides
        stream.bit_rate = BIT_RATE
        for start in range(0, len(samples), _BLOCK):
            block = np.ascontiguousarray(np.clip(samples[None, start : start + _BLOCK], -1, 1))
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
            frame.sample_rate, frame.time_base, frame.pts = rate_hz, Fraction(1, rate_hz), start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()
