"""The sampling loop: image and audio together, for any model given as a function.

One call of the model per step serves every guidance pass, so that an adapter may run them as one
batch. A frozen latent is seen by the model and by nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Protocol

from lipwright.diffusion.arrays import Array, namespace
from lipwright.diffusion.guidance_clipping import cap_spikes
from lipwright.diffusion.guiders import Guidance, Pass
from lipwright.diffusion.latent_scaling import Normalising, factor_at, scale_clean_part
from lipwright.diffusion.schedules import from_list
from lipwright.diffusion.state import AVState, LatentState, apply_mask
from lipwright.diffusion.steps import ancestral, euler
from lipwright.errors import EngineError, UsageError

NEUTRAL = Guidance()

UNCHANGED = Normalising()

Noise = Callable[[Array], Array]
"""Gives standard normal numbers of the shape, kind and device of an array. Asked at each ancestral
step for the video, then for the audio unless that is frozen."""


@dataclass(frozen=True, slots=True)
class Noised:
    """What the model sees at one step."""

    video: Array
    """Tokens, shape (B, T, C)."""
    audio: Array
    """Tokens, shape (B, L, C'); clean where frozen."""
    video_sigmas: Array
    """Noise level of every video token, shape (B, T), 0..1."""
    audio_sigmas: Array
    """Noise level of every audio token, shape (B, L), 0..1; all 0 where frozen."""
    video_sigma: float
    """The video's scalar noise level, for whatever is not per token."""
    audio_sigma: float
    """The audio's; 0 where frozen."""


@dataclass(frozen=True, slots=True)
class Predicted:
    """What the model makes of it: the clean latents, x0."""

    video: Array
    """Shape (B, T, C)."""
    audio: Array | None = None
    """Shape (B, L, C'); not needed where the audio is frozen."""


class Denoiser(Protocol):
    """The model, with everything it is conditioned on."""

    def __call__(self, x: Noised, passes: tuple[Pass, ...], /) -> Mapping[Pass, Predicted]:
        """Predicts x0 of both modalities for each pass asked for; must not write into `x`."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """One step that has just been done."""

    number: int
    """Counted from 1."""
    total: int
    sigma: float
    """Level it started from."""
    sigma_next: float
    """Level it reached."""
    state: AVState
    """After the step."""
    video_x0: Array
    """The video's guided prediction, shape (B, T, C): what a preview shows."""


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
    normalising: Normalising = UNCHANGED,
    callback: Callable[[Step], object] | None = None,
) -> AVState:
    """Takes a state from the first noise level to clean latents.

    Args:
        denoise: The model.
        state: Latents at sigmas[0], from `state.noised` or `state.frozen`. Left as it is.
        sigmas: Descending from at most 1, the last one 0.
        video_guidance: How the image is guided.
        audio_guidance: How the audio is guided; plays no part where it is frozen.
        norming_threshold: Caps spikes of the video's guidance; 0 is off.
        eta: Ancestral share of each step, 0..1; 0 is plain Euler.
        noise: Source of the ancestral steps' noise; needed where eta is above 0.
        normalising: Factors on what is generated, after each step.
        callback: Told of every step; whatever it raises ends the sampling.

    Returns:
        The clean latents. Tokens with mask 0 are bit-identical to what came; a frozen modality
        is the very same object.

    Raises:
        UsageError: a schedule, eta or threshold that cannot work.
        EngineError: the model left out a prediction, or it or the noise has the wrong shape.
    """
    sigmas = from_list(sigmas)
    if not 0 <= eta <= 1 or (eta > 0 and noise is None):
        raise UsageError(
            f"eta {eta:g} without a source of noise, or outside 0..1", hint="0.2 is the guide's value"
        )
    if not norming_threshold >= 0:
        raise UsageError(f"norming threshold {norming_threshold:g}", hint="give 0.1 to 0.5, or 0 for none")
    needed = _needed(state.video, video_guidance) | _needed(state.audio, audio_guidance)
    passes = tuple(name for name in Pass if name in needed)
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        predicted = denoise(_seen(state, sigma), passes)
        videos = {name: prediction.video for name, prediction in predicted.items()}
        audios = {name: prediction.audio for name, prediction in predicted.items()}
        video_x0 = _guided(state.video, videos, video_guidance, norming_threshold)
        audio_x0 = _guided(state.audio, audios, audio_guidance)
        step = partial(_stepped, sigma=sigma, sigma_next=sigma_next, eta=eta, noise=noise)
        state = AVState(
            video=step(state.video, video_x0, factor=factor_at(normalising.video, index)),
            audio=step(state.audio, audio_x0, factor=factor_at(normalising.audio, index)),
        )
        if callback is not None:
            callback(Step(index + 1, len(sigmas) - 1, sigma, sigma_next, state, video_x0))
    return state


def _needed(latent: LatentState, guidance: Guidance) -> frozenset[Pass]:
    return frozenset() if latent.is_frozen else guidance.passes


def _seen(state: AVState, sigma: float) -> Noised:
    video, audio = state.video, state.audio
    return Noised(
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
    """The guided prediction of x0, with what is kept laid over it."""
    if latent.is_frozen:
        return latent.clean
    x0s = {
        name: _fitting(predictions.get(name), latent.latent, f"the model's {name.value} pass")
        for name in guidance.passes
    }
    delta = guidance.delta(x0s)
    if delta is not None:
        delta = cap_spikes(delta, latent.mask, threshold=threshold, tokens_per_frame=latent.tokens_per_frame)
    x0 = guidance.apply(x0s[Pass.POSITIVE], delta)
    return apply_mask(latent.clean, latent.mask, latent.mask * x0 + (1 - latent.mask) * latent.clean)


def _fitting(array: Array | None, latent: Array, source: str) -> Array:
    """What a model or a source of noise gave, in the latent's dtype; or why it cannot be used."""
    if array is None or tuple(array.shape) != tuple(latent.shape):
        came = "nothing" if array is None else f"shape {tuple(array.shape)}"
        raise EngineError(
            f"{source} should give shape {tuple(latent.shape)}, came {came}",
            hint="the model and the engine that runs it do not fit together",
        )
    return namespace(latent).astype(array, latent.dtype, copy=False)


def _stepped(
    latent: LatentState,
    x0: Array,
    *,
    sigma: float,
    sigma_next: float,
    eta: float,
    noise: Noise | None,
    factor: float,
) -> LatentState:
    """One modality at the next noise level."""
    if latent.is_frozen:
        return latent
    x, mask = latent.latent, latent.mask
    if noise is not None and eta > 0 and sigma_next > 0:
        fresh = _fitting(noise(x), x, "the source of noise")
        x = ancestral(x, x0, mask, sigma=sigma, sigma_next=sigma_next, eta=eta, noise=fresh)
    else:
        x = euler(x, x0, sigma=sigma, sigma_next=sigma_next)
    x = scale_clean_part(x, x0, mask, sigma=sigma_next, factor=factor)
    return replace(latent, latent=apply_mask(latent.clean, mask, x))
