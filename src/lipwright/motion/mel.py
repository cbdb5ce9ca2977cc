"""Log-mel spectrogram in NumPy, as the audio VAE of LTX-2 computes it.

The audio is sampled at 16 kHz. Its STFT has a Hann window of 1024 samples and a hop of 160 samples; windows
are centered, and the audio is reflected at its ends. The magnitude is summed in 64 mel bands from 0 to 8 kHz
with Slaney's scale and normalization. Values below 1e-5 are raised to 1e-5, and the natural logarithm is
taken. (These are the parameters of the audio preprocessing in ltx-core.)
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
"""Number of mel frames in one audio latent: 100 frames and 25 latents per second."""

_BLOCK_FRAMES = 1024
"""Number of frames transformed in one run, which bounds memory for long audio."""


def _hz_to_mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    # Slaney's scale (Auditory Toolbox): linear below 1 kHz, logarithmic above.
    return np.where(hz < 1000, hz * 3 / 200, 15 + 27 * np.log(np.maximum(hz, 1e-9) / 1000) / np.log(6.4))


def _mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))


@cache
def filterbank(warp: float = 1.0) -> NDArray[np.float32]:
    """Return the mel filters, shape (WINDOW // 2 + 1, BANDS).

    `warp` multiplies all frequencies. Training varies this factor to simulate vocal tracts of other lengths.
    """
    edges_hz = _mel_to_hz(np.linspace(0, _hz_to_mel(np.array([RATE_HZ / 2.0]))[0], BANDS + 2)) * warp
    bins_hz = np.linspace(0, RATE_HZ / 2, WINDOW // 2 + 1)
    low, center, high = edges_hz[:-2], edges_hz[1:-1], edges_hz[2:]
    rising = (bins_hz[:, None] - low) / (center - low)
    falling = (high - bins_hz[:, None]) / (high - center)
    filters: NDArray[np.float32] = (np.clip(np.minimum(rising, falling), 0, None) * 2 / (high - low)).astype(
        np.float32
    )
    return filters


def log_mel(samples: NDArray[np.float32], frames: int) -> NDArray[np.float32]:
    """Compute log-mel frames of mono audio at 16 kHz.

    Args:
        samples: Shape (n,), full scale +-1.
        frames: Number of frames; frame i is centered on sample i * HOP.

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


def normalize(mel: NDArray[np.float32]) -> NDArray[np.float32]:
    """Remove the timbre and level of a recording from its mel frames, shape (frames, BANDS).

    The mean of each band is subtracted. Then all bands are divided by the same number, the standard deviation
    over all bands together. Mean and deviation are those of the audible frames (see ACTIVE_RANGE_NEPER), so
    that pauses do not count.

    Without this step, a model trained on synthetic voices does not work on natural ones.
    """
    loudness = mel.mean(1)
    active = mel[loudness > np.percentile(loudness, 95) - ACTIVE_RANGE_NEPER]
    centered = mel - active.mean(0)
    deviation = max(float((active - active.mean(0)).std()), 1e-3)
    normal: NDArray[np.float32] = (centered / deviation).astype(np.float32)
    return normal


ACTIVE_RANGE_NEPER = 3.45
"""A mel frame counts as audible if its loudness is at most this far below the 95th percentile of loudness.
Loudness is the mean of a frame's natural log-mel values, so 3.45 is a difference of 30 dB."""
