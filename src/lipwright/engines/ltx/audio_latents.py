"""Encode the driver to audio latents.

The driver is resampled to 16 kHz and copied to two channels. Its log-mel frames are encoded by the audio VAE,
and the resulting latents are packed and normalized.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import soxr
import torch
from diffusers import AutoencoderKLLTX2Audio
from torch import Tensor
from transformers.audio_utils import mel_filter_bank

from lipwright.diffusion.state import MEL_FRAMES_PER_LATENT, pack_audio
from lipwright.domain.media import Waveform, fit_length
from lipwright.domain.time import seconds_to_samples
from lipwright.engines.ltx.profile import Profile
from lipwright.errors import EngineError

WINDOW = 1024
"""Length of the analysis window of a mel frame, in samples."""
FLOOR = 1e-5
"""Minimum magnitude of a mel bin; smaller magnitudes are raised to it before the logarithm (ltx-core)."""


def cut(audio: Waveform, start: Fraction, seconds: Fraction, rate_hz: int) -> np.ndarray:
    """Cut a part out of the driver and resample it, exact to the sample.

    A part that reaches past the driver's end is padded with silence.

    Returns:
        Mono audio of shape (round(seconds * rate_hz),).
    """
    first = seconds_to_samples(start, audio.rate_hz)
    length = seconds_to_samples(seconds, audio.rate_hz)
    piece = fit_length(audio.mono[first : first + length], length)
    resampled = soxr.resample(piece, audio.rate_hz, rate_hz, quality="VHQ")
    return fit_length(resampled, seconds_to_samples(seconds, rate_hz))


def log_mel(samples: Tensor, profile: Profile) -> Tensor:
    """Compute log-mel frames as ltx-core does, from magnitudes, with Slaney's mel scale and norm.

    Args:
        samples: Audio of shape (channels, n), with full scale +-1.
        profile: The model's profile, with sample rate, hop and number of bins.

    Returns:
        Natural logarithms of shape (channels, 1 + n // hop, bins); frame i is centered on sample i * hop.
    """
    filters = mel_filter_bank(
        WINDOW // 2 + 1,
        profile.mel_bins,
        0.0,
        profile.audio_rate_hz / 2,
        profile.audio_rate_hz,
        norm="slaney",
        mel_scale="slaney",
    )
    spectrum = torch.stft(
        samples,
        WINDOW,
        profile.audio_hop,
        WINDOW,
        torch.hann_window(WINDOW, device=samples.device),
        center=True,
        pad_mode="reflect",
        return_complex=True,
    ).abs()
    bands = spectrum.transpose(1, 2) @ torch.from_numpy(filters).to(spectrum)
    return bands.clamp(min=FLOOR).log()


@torch.no_grad()
def encode_audio(samples: np.ndarray, vae: AutoencoderKLLTX2Audio, profile: Profile, length: int) -> Tensor:
    """Encode mono audio of shape (n,), at the profile's rate, to latents for the transformer.

    For audio with the duration of `length` latents, the encoder returns one latent more, which is dropped.
    Audio that is too short is padded with silence before encoding, because latents of zero do not mean
    silence.

    Returns:
        Latents of shape (1, length, channels * bins), float32.

    Raises:
        EngineError: The VAE and the profile have different numbers of mel bins, or the VAE returns too few
            latents.
    """
    if vae.config.mel_bins is not None and vae.config.mel_bins != profile.mel_bins:
        raise EngineError(
            f"expected an audio VAE with {profile.mel_bins} mel bins, got {vae.config.mel_bins}"
        )
    need = MEL_FRAMES_PER_LATENT * (length - 1) * profile.audio_hop + WINDOW
    padded = np.pad(samples, (0, max(0, need - len(samples))))
    stereo = torch.from_numpy(padded).to(vae.device)[None].repeat(2, 1)
    mel = log_mel(stereo, profile)[None]
    mode = vae.encode(mel.to(vae.dtype)).latent_dist.mode()
    # Packed before normalization, because the statistics are those of packed channels.
    packed = pack_audio(mode.float())
    mean, std = (statistic.to(packed) for statistic in (vae.latents_mean, vae.latents_std))
    latents: Tensor = ((packed - mean) / std)[:, :length]
    if latents.shape[1] != length:
        raise EngineError(f"expected {length} latents from the audio VAE, got {latents.shape[1]}")
    return latents.contiguous()
