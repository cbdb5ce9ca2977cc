"""Scoring of chunks: each is decoded on the GPU, and measured on the CPU while the next chunk is sampled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from fractions import Fraction

import cv2
import numpy as np
import torch
from diffusers import AutoencoderKLLTX2Video
from numpy.typing import NDArray
from torch import Tensor

from lipwright.domain.chunks import ChunkScore, FrameScorer
from lipwright.domain.grid import FRAMES_PER_LATENT, latent_frames
from lipwright.domain.plan import Chunk
from lipwright.engines.ltx.decoding import stream_frames
from lipwright.errors import EngineOutOfMemory

MAX_SIDE_PX = 640
"""Maximum side of the measured frames in pixels. At this size, a chunk takes 180 MB of memory, and faces are
still large enough to be measured."""

VideoScorer = Callable[[Tensor, Chunk], Callable[[], ChunkScore | None]]


@contextmanager
def chunk_scorer(
    score: FrameScorer | None,
    vae: AutoencoderKLLTX2Video,
    frame_rate: Fraction,
    *,
    in_thread: bool | None = None,
) -> Iterator[VideoScorer | None]:
    """Provide a scorer for chunks of a video's latents, shape (1, C, F, H, W); None if `score` is None.

    With a GPU, the frames are measured in a separate thread while the next chunk is sampled. Without a GPU,
    they are measured before the next chunk, because measuring and sampling would compete for the cores.
    `in_thread` overrides this choice.
    """
    if score is None:
        yield None
        return
    measure = score
    threaded = vae.device.type == "cuda" if in_thread is None else in_thread
    with ThreadPoolExecutor(1) as executor:

        def begin(video: Tensor, chunk: Chunk) -> Callable[[], ChunkScore | None]:
            first = chunk.start_frame // FRAMES_PER_LATENT
            known = video[:, :, : first + latent_frames(chunk.frames)]
            start = max(0, chunk.start_frame - (FRAMES_PER_LATENT - 1)) if first else 0
            frames = _decoded(known, vae, first)
            if frames is None:
                return lambda: None
            if threaded:
                return executor.submit(measure, frames, frame_rate, float(start / frame_rate)).result
            found = measure(frames, frame_rate, float(start / frame_rate))
            return lambda: found

        yield begin


def _decoded(video: Tensor, vae: AutoencoderKLLTX2Video, first: int) -> list[NDArray[np.uint8]] | None:
    """Decode the frames of latent `first` and of all later latents, and scale them down to MAX_SIDE_PX.

    Return None if there is not enough memory.
    """
    tiled = vae.use_tiling
    try:
        return [_small(frame) for frame in stream_frames(video, vae, begin=first)]
    except (EngineOutOfMemory, torch.OutOfMemoryError):
        return None
    finally:
        if not tiled:
            vae.disable_tiling()  # when the whole video is decoded, more memory is free


def _small(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = frame.shape[:2]
    factor = MAX_SIDE_PX / max(height, width)
    if factor >= 1:
        return frame
    size = (round(width * factor), round(height * factor))
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)
