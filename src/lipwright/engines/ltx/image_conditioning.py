"""Encoding of the reference image to video latents, and upsampling of latents."""

from __future__ import annotations

import torch
from diffusers import AutoencoderKLLTX2Video
from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel
from torch import Tensor

from lipwright.domain.grid import pixel_frames
from lipwright.domain.media import FrameSize, Image
from lipwright.errors import LipwrightError
from lipwright.face.crop import fit_image
from lipwright.face.landmarks import Face, FaceTracker
from lipwright.face.speaking_face import choose_face
from lipwright.media.image_file import compress_image

STILL_LATENTS = 4
"""Maximum number of latent frames that `encode_still` encodes; all further latent frames are copies of the
last encoded latent frame."""


def face_in(image: Image, choice: str | None = None) -> Face | None:
    """Return the chosen face, for centering a crop; None if no face, or no face model, is found."""
    try:
        return choose_face(FaceTracker().find_faces(image), choice)[0]
    except LipwrightError:
        return None


def prepare_image(image: Image, size: FrameSize, crf: int, face: str | None = None) -> Image:
    """Compress the reference image like a video frame, then crop it around the chosen face and scale it.

    This is the order of the official code (ltx-pipelines, load_image_and_preprocess). `crf` is the CRF of
    H.264; with 0 the image is not compressed.
    """
    compressed = compress_image(image, crf) if crf else image
    return fit_image(compressed, size, None if image.size == size else face_in(image, face))


def normalize(latents: Tensor, vae: AutoencoderKLLTX2Video) -> Tensor:
    """Normalize latents of the VAE, shape (B, C, F, H, W), for the transformer."""
    mean, std = _statistics(latents, vae)
    return (latents - mean) * vae.config.scaling_factor / std


def denormalize(latents: Tensor, vae: AutoencoderKLLTX2Video) -> Tensor:
    """Convert normalized latents back to latents of the VAE, the inverse of `normalize`."""
    mean, std = _statistics(latents, vae)
    return latents * std / vae.config.scaling_factor + mean


@torch.no_grad()
def encode_frames(frames: Tensor, vae: AutoencoderKLLTX2Video) -> Tensor:
    """Encode uint8 frames of shape (8n+1, height, width, 3) to normalized latents.

    Returns:
        Shape (1, C, n+1, height / 32, width / 32), float32.
    """
    pixels = frames.to(vae.device).permute(3, 0, 1, 2)[None].float() / 127.5 - 1
    return normalize(vae.encode(pixels.to(vae.dtype)).latent_dist.mode().float(), vae)


def encode_still(image: Image, vae: AutoencoderKLLTX2Video, latents: int) -> Tensor:
    """Encode a video that only shows the image, with `latents` latent frames.

    Returns:
        Shape (1, C, latents, height / 32, width / 32), float32.
    """
    encoded = min(latents, STILL_LATENTS)
    frame = torch.tensor(image.rgb)[None]
    still = encode_frames(frame.expand(pixel_frames(encoded), -1, -1, -1), vae)
    rest = still[:, :, -1:].expand(-1, -1, latents - encoded, -1, -1)
    return torch.cat([still, rest], 2)


@torch.no_grad()
def upsample_latents(
    latents: Tensor, upsampler: LTX2LatentUpsamplerModel, vae: AutoencoderKLLTX2Video
) -> Tensor:
    """Double the width and height of normalized latents (ltx-core, upsample_video)."""
    raw = denormalize(latents, vae)
    weight = next(upsampler.parameters())
    larger: Tensor = upsampler(raw.to(weight.device, weight.dtype))
    return normalize(larger.to(latents), vae)


def _statistics(latents: Tensor, vae: AutoencoderKLLTX2Video) -> tuple[Tensor, Tensor]:
    mean, std = (
        statistic.view(1, -1, 1, 1, 1).to(latents) for statistic in (vae.latents_mean, vae.latents_std)
    )
    return mean, std
