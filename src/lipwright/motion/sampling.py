"""Motion for a video of any length: the embedded model in overlapping windows.

Each window is sampled by the diffusion core with the audio frozen. What it shares
with the window before is kept clean by the temporal mask, so that there is no seam.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipwright.diffusion.arrays import fingerprint
from lipwright.diffusion.guiders import Guidance
from lipwright.diffusion.masks import held_weights, token_mask, window_weights
from lipwright.diffusion.sample import sample
from lipwright.diffusion.schedules import DISTILLED, linear, shifted
from lipwright.diffusion.state import AVState, frozen, noised
from lipwright.domain.grid import (
    AUDIO_LATENTS_PER_SECOND,
    FRAMES_PER_LATENT,
    cover_frames,
    latent_frames,
    video_window,
)
from lipwright.domain.motion import CHANNELS, MOUTH, Motion
from lipwright.domain.plan import Chunk, FramePlan
from lipwright.domain.settings import Settings
from lipwright.domain.time import Span
from lipwright.motion.audio_encoder import AudioFeatures
from lipwright.motion.denoiser import MotionDenoiser, MotionScale
from lipwright.motion.latents import from_latents, to_latents
from lipwright.motion.network import network
from lipwright.planning import lay_chunks

SLOWEST_RATE, FASTEST_RATE = Fraction(20), Fraction(40)
"""Motion rates the network was taught; other video rates are whole multiples or parts of one."""

MOUTH_CALM = 0.15
"""Share of full noise that the mouth's channels start from. A sample's variety costs it
agreement with the audio: a full-noise sample of a process that the audio explains to r
correlates by r^2, its mean by r. Blinks, brows and head keep all of theirs."""

BLINK_SPREAD = 1.2
"""Noise of the lids against full: measured 24 to 27 blinks a minute, as people have who talk
(26; Bentivoglio et al. 1997). At 1 there were 7 to 10."""

SLOW_SMOOTHING_SECONDS = 0.1
"""Standard deviation of the Gaussian over what moves slowly."""

_SLOW = tuple(CHANNELS.index(c) for c in ("mouthSmile", "browInnerUp", "headYaw", "headPitch", "headRoll"))

_RANGES = {
    "mouthStretch": (-1.0, 1.0),
    "mouthLowerDown": (-1.0, 1.0),
    "headYaw": (-0.25, 0.25),
    "headPitch": (-0.2, 0.2),
    "headRoll": (-0.15, 0.15),
}
_LOW = np.array([_RANGES.get(name, (0.0, 1.2))[0] for name in CHANNELS], np.float32)
_HIGH = np.array([_RANGES.get(name, (0.0, 1.2))[1] for name in CHANNELS], np.float32)


@dataclass(frozen=True, slots=True)
class Sampled:
    """Motion as it was sampled, with the proof of what was frozen."""

    motion: Motion
    """At the video's rate, one row per frame."""
    frozen: bool
    """Every window's audio latent was bit-identical before and after."""


@dataclass(frozen=True, slots=True)
class _Window:
    """One chunk of the motion, in latents."""

    clean: NDArray[np.float32]
    """(1, F, 8 K): rest, or the end of the window before."""
    weights: NDArray[np.float64]
    """(F,): 0 is kept, 1 is sampled."""
    audio: NDArray[np.float32]
    """(1, L, 128)."""
    audio_offset_seconds: float
    """When audio latent 0 begins, from the window's frame 0."""


def motion_rate(frame_rate: Fraction) -> Fraction:
    """The rate at which motion is made for a video of this rate.

    >>> motion_rate(Fraction(25)), motion_rate(Fraction(60)), motion_rate(Fraction(12))
    (Fraction(25, 1), Fraction(30, 1), Fraction(24, 1))
    """
    if frame_rate > FASTEST_RATE:
        return frame_rate / math.ceil(frame_rate / FASTEST_RATE)
    return frame_rate * math.ceil(SLOWEST_RATE / frame_rate)


def schedule(settings: Settings) -> tuple[float, ...]:
    """Noise levels of a run: LTX-2's own for its presets, even steps for the embedded model's."""
    if settings.preset == "portrait":
        return linear(settings.steps)
    if settings.preset == "official-distilled" and settings.steps == len(DISTILLED) - 1:
        return DISTILLED
    return shifted(settings.steps)


def guidance_of(settings: Settings) -> Guidance:
    """The guidance that settings ask for."""
    return Guidance(settings.cfg, settings.stg, settings.modality_scale, settings.rescale)


class MotionSampler:
    """The embedded model with everything that a video's windows share.

    Args:
        settings: Steps, guidance, eta, norming threshold and seed.
        style: Index in STYLES.
        frame_rate: Frames per second of the motion, SLOWEST_RATE..FASTEST_RATE.
        freeze_audio: False samples the audio latent too.
    """

    def __init__(
        self, settings: Settings, *, style: int, frame_rate: Fraction, freeze_audio: bool = True
    ) -> None:
        self.net = network("denoiser")
        self.scale = MotionScale.of(self.net)
        self.settings, self.style, self.frame_rate, self.freeze_audio = (
            settings,
            style,
            frame_rate,
            freeze_audio,
        )
        self.sigmas = schedule(settings)
        calm = np.ones(len(CHANNELS), np.float32)
        calm[list(MOUTH)] = MOUTH_CALM
        calm[CHANNELS.index("eyeBlink")] = BLINK_SPREAD
        self._spread = np.tile(calm, FRAMES_PER_LATENT)

    def window(
        self, heard: AudioFeatures, motion: NDArray[np.float32], chunk: Chunk, weights: NDArray[np.float64]
    ) -> _Window:
        """Cut one chunk out of the video's audio and motion."""
        start = Fraction(chunk.start_frame) / self.frame_rate
        end = start + Fraction(chunk.frames) / self.frame_rate
        first = int(start * AUDIO_LATENTS_PER_SECOND)
        last = max(first + 1, math.ceil(end * AUDIO_LATENTS_PER_SECOND))
        audio = heard.latents[first:last]
        offset = Fraction(first, AUDIO_LATENTS_PER_SECOND) - start
        return _Window(to_latents(self.scale.normalise(motion[None])), weights, audio[None], float(offset))

    def sample(
        self, window: _Window, number: int, on_step: Callable[[int, int], None] | None
    ) -> tuple[NDArray[np.float32], bool]:
        """Motion of one window, shape (frames, channels), and whether its audio stayed as it was."""
        rng = np.random.default_rng([self.settings.seed, number])

        def noise(similar: NDArray[np.float32]) -> NDArray[np.float32]:
            drawn = rng.standard_normal(similar.shape, np.float32)
            return drawn * self._spread if similar.shape[-1] == len(self._spread) else drawn

        mask = token_mask(window.weights, batch=1, similar_to=window.clean)
        video = noised(window.clean, mask, noise(window.clean), sigma=self.sigmas[0])
        if self.freeze_audio:
            audio = frozen(window.audio)
        else:
            everywhere = np.ones((*window.audio.shape[:2], 1), np.float32)
            audio = noised(window.audio, everywhere, noise(window.audio), sigma=self.sigmas[0])
        before = fingerprint(window.audio)
        settings = self.settings
        guidance = guidance_of(settings)
        done = sample(
            MotionDenoiser(self.net, self.style, self.frame_rate, window.audio_offset_seconds),
            AVState(video, audio),
            self.sigmas,
            video_guidance=guidance,
            audio_guidance=guidance,
            norming_threshold=settings.norming_threshold,
            eta=settings.eta,
            noise=noise,
            callback=(lambda step: on_step(step.number, step.total)) if on_step else None,
        )
        restored = self.scale.restore(from_latents(done.video.latent)[0])
        return np.clip(restored, _LOW, _HIGH), fingerprint(done.audio.latent) == before


def sample_motion(
    heard: AudioFeatures,
    plan: FramePlan,
    settings: Settings,
    *,
    style: int,
    speech: tuple[Span, ...] = (),
    mask: Span | None = None,
    freeze_audio: bool = True,
    on_step: Callable[[int, int], None] | None = None,
) -> Sampled:
    """The motion of a whole video. Frame 0 is at rest: the image itself.

    Args:
        heard: The driver as the model hears it.
        plan: Frames, rate and chunks of the video.
        settings: Steps, guidance, eta, norming threshold and seed.
        style: Index in STYLES.
        speech: Where somebody speaks, for videos whose motion has a rate of its own.
        mask: Stretch that moves; outside it the face rests. None is everywhere.
        freeze_audio: False samples the audio latent too.
        on_step: Told (steps done, steps in all); may raise to stop.
    """
    frame_rate = motion_rate(plan.frame_rate)
    frames, chunks = plan.frames, plan.chunks
    if frame_rate != plan.frame_rate:
        frames = cover_frames(Fraction(plan.frames - 1) * frame_rate / plan.frame_rate + 1)
        chunks = lay_chunks(frames, frame_rate, speech=speech)
    weights = np.ones(latent_frames(frames))
    if mask is not None:
        inside = video_window(mask.start, mask.end, frames=len(weights), frame_rate=frame_rate)
        weights = window_weights(len(weights), inside)
    sampler = MotionSampler(settings, style=style, frame_rate=frame_rate, freeze_audio=freeze_audio)
    motion = np.zeros((frames, len(CHANNELS)), np.float32)
    untouched = True
    for number, chunk in enumerate(chunks):
        stretch = slice(chunk.start_frame, chunk.start_frame + chunk.frames)
        first = chunk.start_frame // FRAMES_PER_LATENT
        count = latent_frames(chunk.frames)
        strength = settings.image_strength if number == 0 else 1.0
        kept = held_weights(count, latent_frames(chunk.overlap_frames), strength=strength)
        window = sampler.window(heard, motion[stretch], chunk, kept * weights[first : first + count])
        steps = len(sampler.sigmas) - 1
        tell = _counted(on_step, number * steps, len(chunks) * steps)
        made, same = sampler.sample(window, number, tell)
        untouched = untouched and same
        sampled = np.repeat(window.weights > 0, FRAMES_PER_LATENT)[FRAMES_PER_LATENT - 1 :]
        motion[stretch][sampled] = made[sampled]
    return Sampled(
        Motion(_at_video_rate(_settled(motion, weights, frame_rate), frame_rate, plan), plan.frame_rate),
        freeze_audio and untouched,
    )


def _settled(
    motion: NDArray[np.float32], weights: NDArray[np.float64], frame_rate: Fraction
) -> NDArray[np.float32]:
    """Head, brows and smile without the tremor of single frames; what rests stays at rest.

    They move slowly, and their noise is not calmed: at the latents' edges and where windows
    meet, neighbouring frames would differ by more than a head does.
    """
    sigma = SLOW_SMOOTHING_SECONDS * float(frame_rate)
    reach = math.ceil(3 * sigma)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    settled = motion.copy()
    for channel in _SLOW:
        padded = np.pad(motion[:, channel], reach, "edge")
        settled[:, channel] = np.convolve(padded, kernel, "valid")
    resting = np.repeat(weights == 0, FRAMES_PER_LATENT)[FRAMES_PER_LATENT - 1 :]
    resting[0] = True
    settled[resting] = motion[resting]
    return settled


def _counted(
    on_step: Callable[[int, int], None] | None, before: int, total: int
) -> Callable[[int, int], None] | None:
    """A window's steps as steps of the whole video."""
    return None if on_step is None else lambda done, _: on_step(before + done, total)


def _at_video_rate(motion: NDArray[np.float32], frame_rate: Fraction, plan: FramePlan) -> NDArray[np.float32]:
    """Rows at the video's frames: every k-th of a faster motion, between the rows of a slower one."""
    if frame_rate >= plan.frame_rate:
        return motion[:: int(frame_rate / plan.frame_rate)][: plan.frames]
    at = np.arange(plan.frames) * float(frame_rate / plan.frame_rate)
    index = np.minimum(at.astype(int), len(motion) - 1)
    part = (at - index)[:, None].astype(np.float32)
    a, b, c, d = (motion[np.clip(index + k, 0, len(motion) - 1)] for k in (-1, 0, 1, 2))
    # Catmull-Rom: passes through the rows and keeps speed continuous, so that nothing stutters.
    quadratic = 2 * a - 5 * b + 4 * c - d
    cubic = 3 * (b - c) + d - a
    curve: NDArray[np.float32] = b + part / 2 * (c - a + part * (quadratic + part * cubic))
    return np.clip(curve, _LOW, _HIGH)
