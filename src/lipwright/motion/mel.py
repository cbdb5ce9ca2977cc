"""The log-mel front end of LTX-2's audio VAE, in numpy.

16 kHz; STFT of 1024 samples, hop 160, Hann, centred, reflected at the ends;
magnitude; 64 Slaney mel bands from 0 to 8 kHz with Slaney normalisation;
log of at least 1e-5 (ltx-core, audio preprocessing).
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000
HOP = 160
WINDOW = 1024
BANDS = 64
FLOOR = 1e-5
FRAMES_PER_LATENT = 4
"""Mel frames in one audio latent: 100 / 25."""

_BLOCK_FRAMES = 1024
"""Frames transformed at once: bounds the memory of an hour of audio."""


def _hz_to_mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    # Slaney's scale (Auditory Toolbox): linear below 1 kHz, logarithmic above.
    return np.where(hz < 1000, hz * 3 / 200, 15 + 27 * np.log(np.maximum(hz, 1e-9) / 1000) / np.log(6.4))


def _mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))


@cache
def filterbank(warp: float = 1.0) -> NDArray[np.float32]:
    """Mel filters, shape (WINDOW // 2 + 1, BANDS).

    Args:
        warp: Factor on all frequencies: another vocal tract length. 1 is the model's.
    """
    edges_hz = _mel_to_hz(np.linspace(0, _hz_to_mel(np.array([RATE_HZ / 2.0]))[0], BANDS + 2)) * warp
    bins_hz = np.linspace(0, RATE_HZ / 2, WINDOW // 2 + 1)
    low, centre, high = edges_hz[:-2], edges_hz[1:-1], edges_hz[2:]
    rising = (bins_hz[:, None] - low) / (centre - low)
    falling = (high - bins_hz[:, None]) / (high - centre)
    filters: NDArray[np.float32] = (np.clip(np.minimum(rising, falling), 0, None) * 2 / (high - low)).astype(
        np.float32
    )
    return filters


def log_mel(samples: NDArray[np.float32], frames: int) -> NDArray[np.float32]:
    """Log-mel frames of mono audio at 16 kHz.

    Args:
        samples: Shape (n,), full scale +-1.
        frames: How many; frame i is centred on sample i x HOP.

    Returns:
        Shape (frames, BANDS), natural log of magnitude.
    """
    half = WINDOW // 2
    need = (frames - 1) * HOP + half
    tail = max(0, need - len(samples))
    reflect = min(half, len(samples) - 1)
    padded = np.pad(samples, (reflect, min(tail, reflect)), "reflect")
    padded = np.pad(padded, (half - reflect, max(0, tail - reflect)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    hann = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)
    mel = np.empty((frames, BANDS), np.float32)
    for start in range(0, frames, _BLOCK_FRAMES):
        block = windows[start : min(start + _BLOCK_FRAMES, frames)]
        magnitude = np.abs(np.fft.rfft(block * hann)).astype(np.float32)
        mel[start : start + len(block)] = np.log(np.maximum(magnitude @ filterbank(), FLOOR))
    return mel


def normalise(mel: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take the clip's own voice and level out of it.

    Minus the mean of each band, over one standard deviation, both over the frames
    that carry audio (within 30 dB of the loud ones), so that pauses do not count.
    Measured: the step that lets a model trained on synthesizers hear natural voices.

    Args:
        mel: Shape (frames, BANDS) of the whole clip.

    Returns:
        The same shape, zero mean and unit deviation over the frames that audio.
    """
    loudness = mel.mean(1)
    sounding = mel[loudness > np.percentile(loudness, 95) - ACTIVE_RANGE_NEPER]
    centred = mel - sounding.mean(0)
    deviation = max(float((sounding - sounding.mean(0)).std()), 1e-3)
    normal: NDArray[np.float32] = (centred / deviation).astype(np.float32)
    return normal


ACTIVE_RANGE_NEPER = 3.45
"""30 dB as a natural logarithm of amplitude."""
