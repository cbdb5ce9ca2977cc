"""Sample a video of any length: one chunk after another, each continuing the one before.

A chunk keeps the frames that it shares with the chunk before, or the reference image, by a mask weight
below 1; the audio is frozen in every chunk, and that it stayed so is proven by its bits. What a latent
is made of, and how sampled tokens become part of the video, is the model's own business: `ChunkModel`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lipwright.diffusion.arrays import Array, fingerprint
from lipwright.diffusion.guiders import Guidance
from lipwright.diffusion.latent_scaling import StepFactors
from lipwright.diffusion.masks import held_weights, token_mask, window_weights
from lipwright.diffusion.sample import NO_SCALING, Denoiser, Noise, Step, sample
from lipwright.diffusion.state import AVState, LatentState, frozen, noised
from lipwright.domain.grid import FRAMES_PER_LATENT, audio_window, latent_frames, video_window
from lipwright.domain.plan import Chunk
from lipwright.domain.time import Span


@dataclass(frozen=True, slots=True)
class SamplerSettings:
    """How every chunk is sampled; see `sample` for each."""

    sigmas: tuple[float, ...]
    video: Guidance
    audio: Guidance
    eta: float = 0.0
    norming_threshold: float = 0.0
    step_factors: StepFactors = NO_SCALING

    @property
    def steps(self) -> int:
        """Steps of one chunk."""
        return len(self.sigmas) - 1


@dataclass(frozen=True, slots=True)
class ChunkInput:
    """One chunk as its model hands it to the sampler."""

    clean: Array
    """Video tokens, shape (1, T, C): what is kept where the weight is below 1."""
    audio: Array
    """Audio tokens, shape (1, L, C')."""
    audio_start_seconds: Fraction
    """When audio token 0 begins, in the video's time."""
    denoise: Denoiser
    noise: Noise
    """Asked for the video's noise, then for the audio's unless it is frozen, then at ancestral steps."""
    tokens_per_frame: int = 1
    """Tokens of one latent frame."""
    draft: Array | None = None
    """Video tokens, shape (1, T, C), that are refined where the first noise level is below 1; None is
    `clean`."""


class ChunkModel(Protocol):
    """A model and the video that it fills, chunk by chunk."""

    def prepare(self, number: int, chunk: Chunk, weights: NDArray[np.float64]) -> ChunkInput:
        """Cut one chunk out of the audio and of the video so far.

        Args:
            number: Of the chunk, counted from 0.
            chunk: Its frames.
            weights: One for each of its latent frames: 1 is sampled, 0 is kept.
        """
        ...

    def accept(self, number: int, chunk: Chunk, weights: NDArray[np.float64], tokens: Array) -> None:
        """Put sampled tokens, shape (1, T, C), into the video wherever the weight is above 0."""
        ...


def temporal_weights(frames: int, frame_rate: Fraction, mask: Span | None) -> NDArray[np.float64]:
    """The weight of each latent frame of a video: 1 inside a stretch of time, 0 outside.

    Args:
        frames: Latent frames of the video.
        frame_rate: Frames per second.
        mask: Stretch that is sampled; None is all of it.
    """
    if mask is None:
        return np.ones(frames)
    return window_weights(frames, video_window(mask.start, mask.end, frames=frames, frame_rate=frame_rate))


def sample_chunks(
    model: ChunkModel,
    chunks: Sequence[Chunk],
    settings: SamplerSettings,
    *,
    frame_rate: Fraction,
    image_strength: float,
    mask: Span | None = None,
    freeze_audio: bool = True,
    on_step: Callable[[int, Step], object] | None = None,
) -> bool:
    """Sample all chunks in their order.

    Args:
        model: What is sampled.
        chunks: From the video's first frame to its last.
        settings: Noise levels and guidance.
        frame_rate: Frames per second.
        image_strength: How firmly latent frame 0 of the video is kept: 1 is bit for bit, 0 (also
            without an image) samples it like the rest. Overlaps are always kept bit for bit.
        mask: Stretch that is sampled; None is all of it.
        freeze_audio: False samples the audio too, inside `mask`.
        on_step: Called with the number of steps done so far, over all chunks, and the step. What it
            raises stops the sampling.

    Returns:
        Whether the audio latents were frozen and every chunk's are bit-identical before and after.
    """
    frames = max(chunk.start_frame // FRAMES_PER_LATENT + latent_frames(chunk.frames) for chunk in chunks)
    video_weights = temporal_weights(frames, frame_rate, mask)
    untouched = True
    for number, chunk in enumerate(chunks):
        first, count = chunk.start_frame // FRAMES_PER_LATENT, latent_frames(chunk.frames)
        kept = held_weights(
            count, latent_frames(chunk.overlap_frames), strength=1.0 if number else image_strength
        )
        weights = kept * video_weights[first : first + count]
        given = model.prepare(number, chunk, weights)
        before = fingerprint(given.audio)

        def tell(step: Step, done: int = number * settings.steps) -> None:
            if on_step is not None:
                on_step(done + step.number, step)

        state = sample(
            given.denoise,
            AVState(
                _noised_video(given, weights, settings.sigmas[0]),
                frozen(given.audio) if freeze_audio else _noised_audio(given, mask, settings.sigmas[0]),
            ),
            settings.sigmas,
            video_guidance=settings.video,
            audio_guidance=settings.audio,
            norming_threshold=settings.norming_threshold,
            eta=settings.eta,
            noise=given.noise,
            step_factors=settings.step_factors,
            callback=tell,
        )
        untouched &= fingerprint(state.audio.latent) == before
        model.accept(number, chunk, weights, state.video.latent)
    return freeze_audio and untouched


def _noised_video(given: ChunkInput, weights: NDArray[np.float64], sigma: float) -> LatentState:
    clean, tokens_per_frame = given.clean, given.tokens_per_frame
    mask = token_mask(weights, batch=1, similar_to=clean, tokens_per_frame=tokens_per_frame)
    return noised(
        clean, mask, given.noise(clean), sigma=sigma, draft=given.draft, tokens_per_frame=tokens_per_frame
    )


def _noised_audio(given: ChunkInput, span: Span | None, sigma: float) -> LatentState:
    length = given.audio.shape[1]
    weights = np.ones(length)
    if span is not None:
        start = given.audio_start_seconds
        inside = audio_window(span.start - start, span.end - start, length=length)
        weights = window_weights(length, inside)
    mask = token_mask(weights, batch=1, similar_to=given.audio)
    return noised(given.audio, mask, given.noise(given.audio), sigma=sigma)
