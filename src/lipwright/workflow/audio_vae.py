"""How much audio ComfyUI's audio VAE crops, and the lengths of audio that it does not crop.

`LTXVAudioVAEEncode` resamples to 44.1 kHz. `VAE.vae_encode_crop_pixels` (comfy/sd.py, the same in ComfyUI
0.26 and 0.33) then crops the samples to a multiple of 4,096. Half of the crop is taken from the start, so the
lips are up to 46 ms early, depending on the length of the audio. Audio whose length is a multiple of 4,096
is encoded completely: its latents equal those of the uncropped audio, bit for bit.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from lipwright.domain.media import Waveform, fit_length
from lipwright.domain.time import seconds_to_samples

SAMPLE_RATE_HZ = 44_100
"""Sample rate to which ComfyUI resamples audio before encoding."""

CROP_SAMPLES = 4096
"""ComfyUI crops the number of samples to a multiple of this."""

MAX_CROP_MS = (CROP_SAMPLES - 1) // 2 / SAMPLE_RATE_HZ * 1000
"""Maximum crop at the start of the audio, in ms: 46.4."""

NEGLIGIBLE_CROP_MS = 1.0
"""Crops up to this many ms are ignored: a fortieth of a frame at 25 fps."""

ROUNDING_SAMPLES = 4
"""Number of samples at 44.1 kHz that are added to a length as a margin. The length may have been rounded to
whole samples at a sample rate as low as 8 kHz."""

PIECE_MARGIN_S = Fraction(3, 2)
"""Length, in seconds, of the extra audio that the recipe `extension` needs after the end of the video. The
last clip, with its surplus frames, extends past the end of the video by at most this time."""

TRIM_STEPS_PER_SECOND = 100
"""Resolution of TrimAudioDuration: its steps are 0.01 s, and ComfyUI's page rounds to them."""


def cropped_samples(samples: int) -> int:
    """Return how many samples the encoder crops at the start of audio with `samples` samples at 44.1 kHz."""
    return samples % CROP_SAMPLES // 2


def crop_ms(seconds: Fraction | float) -> float:
    """Return how many ms the encoder cuts off the start of audio; the lips are early by that much."""
    return cropped_samples(round(Fraction(seconds) * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ * 1000


def padded_samples(samples: int) -> int:
    """Return the smallest number of samples, at least `samples`, that is encoded completely."""
    return -(-samples // CROP_SAMPLES) * CROP_SAMPLES


def encoded_latents(samples: int) -> int:
    """Return the number of latents that the audio VAE makes from `samples` samples at 44.1 kHz.

    The VAE resamples to 16 kHz, computes an STFT with a hop of 160 samples, and makes one latent from every
    four columns.
    """
    at_16_khz = math.ceil(Fraction(samples - 2 * cropped_samples(samples)) * 16_000 / SAMPLE_RATE_HZ)
    return at_16_khz // 640 + 1


def padded_trim(seconds: Fraction | float) -> float:
    """Return a duration for TrimAudioDuration, at least `seconds`, at which less than 1 ms is cropped.

    The result is at most 0.6 s longer than `seconds`. It has two decimals, because ComfyUI's page keeps only
    two.
    """
    step = math.ceil(Fraction(seconds) * TRIM_STEPS_PER_SECOND)
    while crop_ms(Fraction(step, TRIM_STEPS_PER_SECOND)) > NEGLIGIBLE_CROP_MS:
        step += 1
    return step / TRIM_STEPS_PER_SECOND


def piece_seconds(seconds: Fraction, *, prepared: bool, in_hundredths: bool = False) -> float:
    """Return a duration for TrimAudioDuration, at least `seconds`, at which the encoder crops less than 1 ms.

    Args:
        seconds: The required duration.
        prepared: True if the audio has a sample rate of 44.1 kHz. The encoder then crops nothing. At other
            rates, up to three samples may be cropped, because the length is rounded before resampling.
        in_hundredths: True if ComfyUI's page will load the number and round it to 0.01 s. Less than 1 ms is
            then cropped, even if `prepared` is true.
    """
    if in_hundredths:
        return padded_trim(seconds)
    samples = padded_samples(math.ceil(seconds * SAMPLE_RATE_HZ)) + (0 if prepared else ROUNDING_SAMPLES)
    return samples / SAMPLE_RATE_HZ


def resample_driver(driver: Waveform) -> Waveform:
    """Resample mono audio to 44.1 kHz for the encoder; the result has the shape (1, n)."""
    if driver.rate_hz == SAMPLE_RATE_HZ:
        return driver
    import soxr  # noqa: PLC0415 - ComfyUI loads this module at its start

    samples = soxr.resample(driver.mono, driver.rate_hz, SAMPLE_RATE_HZ).astype(np.float32)
    return Waveform(samples[None], SAMPLE_RATE_HZ)


def padded_part(driver: Waveform, start: Fraction, duration: Fraction) -> Waveform:
    """Cut out a part of audio, and pad the part's end so that the encoder crops nothing.

    Args:
        driver: Mono audio at 44.1 kHz, from `resample_driver`.
        start: Start of the part, in seconds.
        duration: Length of the part, in seconds; silence is added if the audio ends earlier.

    Returns:
        Mono audio of shape (1, n); n is a multiple of CROP_SAMPLES.
    """
    first = seconds_to_samples(start, SAMPLE_RATE_HZ)
    count = seconds_to_samples(start + duration, SAMPLE_RATE_HZ) - first
    part = driver.mono[None, first : first + count]
    return Waveform(fit_length(part, padded_samples(count)), SAMPLE_RATE_HZ)
