"""The sampling loop: video and audio together, for any model given as a function.

The model is called once per step for all guidance passes, so that an adapter may run them as one batch. A
frozen latent is only read by the model, never changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Protocol

from lipwright.diffusion.arrays import Array, namespace
from lipwright.diffusion.guidance_clipping import clip_outlier_frames
from lipwright.diffusion.guiders import Guidance, Pass
from lipwright.diffusion.schedules import from_list
from lipwright.diffusion.state import AVState, LatentState, apply_mask
from lipwright.diffusion.steps import ancestral, euler, scale_clean_part
from lipwright.errors import EngineError, UsageError

NEUTRAL = Guidance()

Noise = Callable[[Array], Array]
"""A source of noise: called with an array, it returns standard normal numbers with the shape, library and
device of this array. In each ancestral step, it is called for the video, then for the audio unless the audio
is frozen."""


@dataclass(frozen=True, slots=True)
class DenoiserInput:
    """The model's input at one step."""

    video: Array
    """Video tokens, shape (B, T, C): batch, tokens, channels."""
    audio: Array
    """Audio tokens, shape (B, L, C'): batch, tokens, channels; clean if the audio is frozen."""
    video_sigmas: Array
    """Noise level of every video token, shape (B, T), 0..1."""
    audio_sigmas: Array
    """Noise level of every audio token, shape (B, L), 0..1; all 0 if frozen."""
    video_sigma: float
    """Scalar noise level of the video, for layers that accept no level per token."""
    audio_sigma: float
    """Scalar noise level of the audio; 0 if frozen."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """The model's output: the predicted clean latents, x0."""

    video: Array
    """Predicted video tokens, shape (B, T, C) as in DenoiserInput."""
    audio: Array | None = None
    """Predicted audio tokens, shape (B, L, C') as in DenoiserInput; None if the audio is frozen."""


class Denoiser(Protocol):
    """A model together with its conditions."""

    def __call__(self, x: DenoiserInput, passes: tuple[Pass, ...], /) -> Mapping[Pass, Prediction]:
        """Predict x0 of both modalities for each of the passes; must not write into `x`."""
        ...


def sample(
    denoise: Denoiser,
    state: AVState,
    sigmas: Sequence[float],
    *,
    video_guidance: Guidance = NEUTRAL,
    audio_guidance: Guidance = NEUTRAL,
    norming_threshold: float = 0.0,
    eta: float = 0.0,
    noise: Noise | None = None,
    audio_factors: Sequence[float] = (),
    callback: Callable[[Array], object] | None = None,
) -> AVState:
    """Denoise a state from the first noise level to clean latents.

    Args:
        denoise: The model.
        state: Latents at sigmas[0], from `state.noised` or `state.frozen`. It is not changed.
        sigmas: Noise levels in descending order: the first is at most 1, the last is 0.
        video_guidance: Guidance of the video.
        audio_guidance: Guidance of the audio; has no effect if the audio is frozen.
        norming_threshold: Threshold that limits the video's guidance in outlier frames (see
            `clip_outlier_frames`): higher values limit more, 0 is off.
        eta: How much fresh noise replaces old noise in each step, 0..1; 0 takes plain Euler steps.
        noise: Source of noise for ancestral steps; required if eta is above 0.
        audio_factors: Factors on the generated audio, one for each of the first steps (see
            `scale_clean_part`); later steps have the factor 1.
        callback: Called after every step with the guided prediction of the video, shape (B, T, C). An
            exception stops the sampling.

    Returns:
        The clean latents. Tokens with mask 0 are bit-identical to the input; a frozen modality is returned as
        the same object.

    Raises:
        UsageError: The schedule, eta or the threshold is out of range.
        EngineError: The model left out a prediction, or a prediction or the noise has the wrong shape.
    """
    sigmas = from_list(sigmas)
    if not 0 <= eta <= 1 or (eta > 0 and noise is None):
        raise UsageError(
            f"eta must be in 0..1, and needs a source of noise if it is above 0; got {eta:g}",
            hint="use an eta of 0, or pass `noise`; the lip-sync guide uses 0.2",
        )
    if not norming_threshold >= 0:
        raise UsageError(
            f"the norming threshold must be 0 or more, got {norming_threshold:g}",
            hint="give 0.1 to 0.5, or 0 to switch it off",
        )
    needed = _needed(state.video, video_guidance) | _needed(state.audio, audio_guidance)
    passes = tuple(name for name in Pass if name in needed)
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        predicted = denoise(_denoiser_input(state, sigma), passes)
        videos = {name: prediction.video for name, prediction in predicted.items()}
        audios = {name: prediction.audio for name, prediction in predicted.items()}
        video_x0 = _guided(state.video, videos, video_guidance, norming_threshold)
        audio_x0 = _guided(state.audio, audios, audio_guidance)
        factor = audio_factors[index] if index < len(audio_factors) else 1.0
        step = partial(_next_level, sigma=sigma, sigma_next=sigma_next, eta=eta, noise=noise)
        state = AVState(step(state.video, video_x0), step(state.audio, audio_x0, factor=factor))
        if callback is not None:
            callback(video_x0)
    return state


def _needed(latent: LatentState, guidance: Guidance) -> frozenset[Pass]:
    return frozenset() if latent.is_frozen else guidance.passes


def _denoiser_input(state: AVState, sigma: float) -> DenoiserInput:
    video, audio = state.video, state.audio
    return DenoiserInput(
        video=video.latent,
        audio=audio.latent,
        video_sigmas=video.token_sigmas(sigma),
        audio_sigmas=audio.token_sigmas(sigma),
        video_sigma=video.sigma(sigma),
        audio_sigma=audio.sigma(sigma),
    )


def _guided(
    latent: LatentState, predictions: Mapping[Pass, Array | None], guidance: Guidance, threshold: float = 0.0
) -> Array:
    """Return the guided prediction of x0, with kept tokens replaced by the clean latent."""
    if latent.is_frozen:
        return latent.clean
    x0s = {
        name: _checked(predictions.get(name), latent.latent, f"the model's {name.value} pass")
        for name in guidance.passes
    }
    delta = guidance.delta(x0s)
    if delta is not None:
        delta = clip_outlier_frames(
            delta, latent.mask, threshold=threshold, tokens_per_frame=latent.tokens_per_frame
        )
    x0 = guidance.apply(x0s[Pass.POSITIVE], delta)
    return apply_mask(latent.clean, latent.mask, latent.mask * x0 + (1 - latent.mask) * latent.clean)


def _checked(array: Array | None, latent: Array, source: str) -> Array:
    """Check the shape of an array from a model or a noise source, and cast it to the latent's dtype."""
    if array is None or tuple(array.shape) != tuple(latent.shape):
        came = "nothing" if array is None else f"shape {tuple(array.shape)}"
        raise EngineError(
            f"{source} must return shape {tuple(latent.shape)}, got {came}",
            hint="use another model or source of noise: this one does not fit the latent",
        )
    return namespace(latent).astype(array, latent.dtype, copy=False)


def _next_level(
    latent: LatentState,
    x0: Array,
    *,
    sigma: float,
    sigma_next: float,
    eta: float,
    noise: Noise | None,
    factor: float = 1.0,
) -> LatentState:
    """Return the latent of one modality at the next noise level."""
    if latent.is_frozen:
        return latent
    x, mask = latent.latent, latent.mask
    if noise is not None and eta > 0 and sigma_next > 0:
        fresh = _checked(noise(x), x, "the source of noise")
        x = ancestral(x, x0, mask, sigma=sigma, sigma_next=sigma_next, eta=eta, noise=fresh)
    else:
        x = euler(x, x0, sigma=sigma, sigma_next=sigma_next)
    x = scale_clean_part(x, x0, mask, sigma=sigma_next, factor=factor)
    return replace(latent, latent=apply_mask(latent.clean, mask, x))
