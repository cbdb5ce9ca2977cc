"""Decoding of latents to frames in windows, so that memory does not grow with the video's length.

The decoder is not causal: about 13.5 latents on each side influence a frame. Each window is decoded with
additional latents on both sides as context, and only the window's own frames are used. (diffusers' temporal
tiling is not used, because it shifts every tile after the first by a frame.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from diffusers import AutoencoderKLLTX2Video
from numpy.typing import NDArray
from torch import Tensor

from lipwright.domain.grid import FRAMES_PER_LATENT, pixel_frames
from lipwright.engines.ltx.components import free_memory
from lipwright.engines.ltx.image_conditioning import denormalize
from lipwright.engines.ltx.loading.memory_plan import DECODER_CONTEXT, latents_per_decode
from lipwright.engines.ltx.loading.offload import free_gpu_bytes
from lipwright.errors import EngineOutOfMemory


def stream_frames(
    latents: Tensor,
    vae: AutoencoderKLLTX2Video,
    *,
    begin: int = 0,
    window: int | None = None,
    context: int = DECODER_CONTEXT,
    make_room: Callable[[], object] = free_memory,
) -> Iterator[NDArray[np.uint8]]:
    """Yield the frames of a video, decoded window by window.

    Args:
        latents: Normalized latents, shape (1, C, F, H, W), on any device.
        vae: The video VAE, on its device.
        begin: Index of the first latent whose frames are returned.
        window: Number of latents in a window; None to choose it by the frame size and the free memory.
        context: Number of context latents on each side of a window, at least 1.
        make_room: Called to free memory if there is not enough.

    Yields:
        RGB frames of shape (32 H, 32 W, 3): 8 (F - 1) + 1 of them, or fewer if `begin` is above 0.

    Raises:
        EngineOutOfMemory: Not even a tile of one window fits in memory.
    """
    count, height, width = latents.shape[2:]
    window = window or latents_per_decode(count, height * width, free_gpu_bytes(vae.device))
    for first in range(begin, count, window):
        last = min(first + window, count)
        for frame in decode_latents(latents, vae, first, last, context=context, make_room=make_room):
            yield frame.numpy()


def decode_latents(
    latents: Tensor,
    vae: AutoencoderKLLTX2Video,
    first: int,
    last: int,
    *,
    context: int = DECODER_CONTEXT,
    make_room: Callable[[], object] = free_memory,
) -> Tensor:
    """Decode the frames of a range of latents, with neighboring latents as context.

    Args:
        latents: Normalized latents of the whole video, shape (1, C, F, H, W).
        vae: The video VAE, on its device.
        first: Index of the first latent whose frames are returned.
        last: One past the index of the last latent whose frames are returned.
        context: Number of context latents on each side, at least 1.
        make_room: Called to free memory if there is not enough.

    Returns:
        Frames of shape (frames, height, width, 3), uint8, on the CPU.
    """
    begin, end = max(0, first - context), min(latents.shape[2], last + context)
    # The decoder makes a single frame from its first latent; with context, that frame is not part of the
    # result.
    start = FRAMES_PER_LATENT * (first - begin) - (FRAMES_PER_LATENT - 1) if first else 0
    stop = pixel_frames(last - begin)
    pixels = _decoded(latents[:, :, begin:end], vae, make_room)[0, :, start:stop]
    levels = pixels.float().mul_(127.5).add_(127.5).round_().clamp_(0, 255).to(torch.uint8)
    return levels.permute(1, 2, 3, 0).contiguous().cpu()


@torch.no_grad()
def _decoded(latents: Tensor, vae: AutoencoderKLLTX2Video, make_room: Callable[[], object]) -> Tensor:
    raw = denormalize(latents.to(vae.device, torch.float32), vae).to(vae.dtype)
    time = torch.zeros(1, device=raw.device, dtype=raw.dtype) if vae.config.timestep_conditioning else None
    try:
        return _decode(vae, raw, time)
    except torch.OutOfMemoryError as error:
        if vae.use_tiling:
            raise EngineOutOfMemory(
                "the GPU has too little memory to decode the video", hint="use a smaller --size"
            ) from error
    make_room()
    vae.enable_tiling()  # spatial tiling is slower, and blends the seams
    try:
        return _decode(vae, raw, time)
    except torch.OutOfMemoryError as error:
        raise EngineOutOfMemory(
            "the GPU has too little memory to decode the video", hint="use a smaller --size"
        ) from error


def _decode(vae: AutoencoderKLLTX2Video, raw: Tensor, time: Tensor | None) -> Tensor:
    decoded: Tensor = vae.decode(raw, time, return_dict=False)[0]
    return decoded
