"""Audio and images to test with, made by the codecs themselves from real speech and a real photograph."""

from __future__ import annotations

import wave
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import skimage.data
import soxr

LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}


@pytest.fixture(scope="session")
def speech(long_voice: Path) -> np.ndarray:
    """Four seconds of a woman reading, float32 at 48 kHz, shape (n,)."""
    with wave.open(str(long_voice)) as file:
        samples = np.frombuffer(file.readframes(4 * file.getframerate()), np.int16) / 32768
        return soxr.resample(samples, file.getframerate(), 48_000).astype(np.float32)


@pytest.fixture(scope="session")
def photograph() -> np.ndarray:
    """A face in front of a detailed background, 512x512 RGB (NASA, public domain)."""
    return skimage.data.astronaut()


@pytest.fixture(scope="session")
def encode() -> Any:
    """encode(path, codec, samples, rate_hz): writes audio file of samples (channels, n) or (n,)."""

    def encode(
        path: Path,
        codec: str,
        samples: np.ndarray,
        rate_hz: int = 48_000,
        *,
        layout: str = "",
        format_: str | None = None,
    ) -> Path:
        channels = np.atleast_2d(samples)
        layout = layout or LAYOUTS[len(channels)]
        with av.open(str(path), "w", format=format_) as container:
            stream = container.add_stream(codec, rate=rate_hz, layout=layout)
            if codec == "alac" and channels.dtype == np.int16:
                stream.format = "s16p"
            for packet in _packets(stream, channels, rate_hz, layout):
                container.mux(packet)
        return path

    return encode


@pytest.fixture(scope="session")
def encode_aac() -> Any:
    """encode_aac(path, samples, noise_filled): AAC at 48 kHz mono, with noise substitution or not."""

    def encode(path: Path, samples: np.ndarray, noise_filled: bool) -> Path:
        with av.open(str(path), "w") as container:
            options = {"aac_pns": str(int(noise_filled))}
            stream = container.add_stream("aac", rate=48_000, layout="mono", options=options)
            stream.bit_rate = 48_000
            for packet in _packets(stream, np.atleast_2d(samples), 48_000, "mono"):
                container.mux(packet)
        return path

    return encode


def _packets(stream: Any, channels: np.ndarray, rate_hz: int, layout: str) -> Any:
    for start in range(0, channels.shape[1], 65_536):
        block = np.ascontiguousarray(channels[:, start : start + 65_536].T).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(*_format(block), layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate_hz, start, Fraction(1, rate_hz)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _format(block: np.ndarray) -> tuple[np.ndarray, str]:
    """Integers stay integers, so that what was written is known to the bit."""
    if block.dtype == np.int16:
        return block, "s16"
    if block.dtype == np.int32:
        return block, "s32"
    return block.astype(np.float32), "flt"


@pytest.fixture
def moving(photograph: np.ndarray) -> Any:
    """moving(width, height, count): a photograph that sways, as frames."""
    import cv2

    def frames(width: int, height: int, count: int) -> Any:
        side = max(width, height)
        base = cv2.resize(photograph, (side, side), interpolation=cv2.INTER_AREA)[:height, :width]
        for n in range(count):
            turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(np.sin(n / 9)), 1.0)
            turn[0, 2] += 1.5 * np.sin(n / 7)
            yield cv2.warpAffine(
                base, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
            )

    return frames


@pytest.fixture
def numbered() -> Any:
    """numbered(count): 64x64 frames whose gray level tells their number, for tests of time."""

    def frames(count: int) -> Any:
        for n in range(count):
            yield np.full((64, 64, 3), 16 + n * 53 % 224, np.uint8)

    return frames
