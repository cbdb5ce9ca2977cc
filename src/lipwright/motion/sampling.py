"""Sample the motion of a video of any length, in overlapping chunks.

Each chunk is sampled by the diffusion core with the audio frozen. Where two chunks overlap, the temporal mask
keeps the motion of the earlier chunk, so that there is no seam.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipwright.diffusion.chunked_sampling import (
    ChunkInput,
    SamplerSettings,
    sample_chunks,
    temporal_weights,
)
from lipwright.diffusion.guiders import Guidance
from lipwright.diffusion.schedules import DISTILLED, linear, shifted
from lipwright.domain.chunks import ChunkOptions, ChunkReport, ChunkScore
from lipwright.domain.grid import (
    AUDIO_LATENTS_PER_SECOND,
    FRAMES_PER_LATENT,
    cover_frames,
    latent_frames,
)
from lipwright.domain.motion import LEARNED_CHANNELS, MOUTH, Motion
from lipwright.domain.plan import Chunk, FramePlan
from lipwright.domain.settings import SamplingSettings
from lipwright.domain.time import Span
from lipwright.motion.audio_encoder import AudioFeatures
from lipwright.motion.denoiser import MotionDenoiser, MotionScale
from lipwright.motion.latents import from_latents, to_latents
from lipwright.motion.network import network
from lipwright.planning import lay_chunks

MIN_MOTION_RATE, MAX_MOTION_RATE = Fraction(20), Fraction(40)
"""Range of motion rates that the network was trained on, in rows per second. For a video outside this range,
the frame rate is multiplied or divided by a whole number to get the rate of the motion."""

MOUTH_NOISE_SCALE = 0.15
"""Scale of the initial noise of the mouth channels; 1 is full noise. With less noise, the mouth follows the
audio better. (With full noise, single samples follow the true motion less well than the mean of many samples:
if the mean has a correlation of r with the true motion, a single sample has only r^2.)"""

BLINK_NOISE_SCALE = 1.2
"""Scale of the initial noise of the channel eyeBlink; 1 is full noise. With 1.2, the model makes 24 to 27
blinks a minute, like people who talk (26; Bentivoglio et al. 1997); with 1, it makes 7 to 10."""

SLOW_SMOOTHING_SECONDS = 0.1
"""Standard deviation of the Gaussian that smooths head, brows and smile."""

_SLOW = tuple(
    LEARNED_CHANNELS.index(c) for c in ("mouthSmile", "browInnerUp", "headYaw", "headPitch", "headRoll")
)

_RANGES = {
    "mouthStretch": (-1.0, 1.0),
    "mouthLowerDown": (-1.0, 1.0),
    "headYaw": (-0.25, 0.25),
    "headPitch": (-0.2, 0.2),
    "headRoll": (-0.15, 0.15),
}
_LOW = np.array([_RANGES.get(name, (0.0, 1.2))[0] for name in LEARNED_CHANNELS], np.float32)
_HIGH = np.array([_RANGES.get(name, (0.0, 1.2))[1] for name in LEARNED_CHANNELS], np.float32)


@dataclass(frozen=True, slots=True)
class Sampled:
    """The result of sampling motion."""

    motion: Motion
    """The motion at the video's frame rate, one row per frame."""
    frozen: bool
    """True if every chunk's audio latent was bit-identical before and after sampling."""
    chunks: tuple[ChunkReport, ...] = ()
    """How each chunk was sampled."""


def motion_rate(frame_rate: Fraction) -> Fraction:
    """Return the rate at which motion is sampled, in rows per second, for a video with this frame rate.

    >>> motion_rate(Fraction(25)), motion_rate(Fraction(60)), motion_rate(Fraction(12))
    (Fraction(25, 1), Fraction(30, 1), Fraction(24, 1))
    """
    if frame_rate > MAX_MOTION_RATE:
        return frame_rate / math.ceil(frame_rate / MAX_MOTION_RATE)
    return frame_rate * math.ceil(MIN_MOTION_RATE / frame_rate)


def schedule(settings: SamplingSettings) -> tuple[float, ...]:
    """Return the noise levels of the sampling steps, from high to low.

    With the preset `portrait` of the embedded model they are evenly spaced; with other presets they are the
    noise levels of LTX-2.
    """
    if settings.preset == "portrait":
        return linear(settings.steps)
    if settings.preset == "official-distilled" and settings.steps == len(DISTILLED) - 1:
        return DISTILLED
    return shifted(settings.steps)


def guidance_of(settings: SamplingSettings) -> Guidance:
    """Return the guidance with the strengths that the settings contain."""
    return Guidance(settings.cfg, settings.stg, settings.modality_scale, settings.rescale)


class MotionModel:
    """The embedded model as a `ChunkModel`; it collects the motion chunk by chunk.

    Args:
        audio: The encoded audio that drives the motion.
        rows: Number of rows of motion for the whole video.
        style: Index of the style of delivery in STYLES.
        frame_rate: Rows per second of the motion, MIN_MOTION_RATE..MAX_MOTION_RATE.
        seed_of: Derives the seed of a chunk's noise from the seed given to `prepare`.
    """

    def __init__(
        self,
        audio: AudioFeatures,
        rows: int,
        *,
        style: int,
        frame_rate: Fraction,
        seed_of: Callable[[int], int] = int,
    ) -> None:
        self.motion = np.zeros((rows, len(LEARNED_CHANNELS)), np.float32)
        self._audio, self._style, self._frame_rate, self._seed_of = audio, style, frame_rate, seed_of
        self._net = network("denoiser")
        self._scale = MotionScale.of(self._net)
        scale = np.ones(len(LEARNED_CHANNELS), np.float32)
        scale[list(MOUTH)] = MOUTH_NOISE_SCALE
        scale[LEARNED_CHANNELS.index("eyeBlink")] = BLINK_NOISE_SCALE
        self._noise_scale = np.tile(scale, FRAMES_PER_LATENT)

    def prepare(self, number: int, chunk: Chunk, weights: NDArray[np.float64], seed: int) -> ChunkInput:
        """Return the input for sampling one chunk.

        The input contains the motion and audio latents of the chunk, and functions for denoising and noise.
        """
        if not number:
            self.motion[0] = 0  # frame 0 is the image, at rest; an earlier take may have changed it
        start = Fraction(chunk.start_frame) / self._frame_rate
        end = start + Fraction(chunk.frames) / self._frame_rate
        first = int(start * AUDIO_LATENTS_PER_SECOND)
        last = max(first + 1, math.ceil(end * AUDIO_LATENTS_PER_SECOND))
        audio_start = Fraction(first, AUDIO_LATENTS_PER_SECOND)
        rng = np.random.default_rng([self._seed_of(seed), number])

        def noise(similar_to: NDArray[np.float32]) -> NDArray[np.float32]:
            drawn = rng.standard_normal(similar_to.shape, np.float32)
            return drawn * self._noise_scale if similar_to.shape[-1] == len(self._noise_scale) else drawn

        return ChunkInput(
            clean=to_latents(self._scale.normalize(self.motion[None, _frames_of(chunk)])),
            audio=self._audio.latents[None, first:last],
            audio_start_seconds=audio_start,
            denoise=MotionDenoiser(self._net, self._style, self._frame_rate, float(audio_start - start)),
            noise=noise,
        )

    def accept(
        self, number: int, chunk: Chunk, weights: NDArray[np.float64], tokens: NDArray[np.float32]
    ) -> None:
        """Copy the sampled motion of a chunk into the video's motion, for latents whose weight is above 0."""
        sampled = np.clip(self._scale.restore(from_latents(tokens)[0]), _LOW, _HIGH)
        rows = np.repeat(weights > 0, FRAMES_PER_LATENT)[FRAMES_PER_LATENT - 1 :]
        self.motion[_frames_of(chunk)][rows] = sampled[rows]


MotionScorer = Callable[[Motion, float], ChunkScore | None]
"""Function that scores a chunk, given the chunk's motion and its start in the video in seconds."""


def _frames_of(chunk: Chunk) -> slice:
    return slice(chunk.start_frame, chunk.start_frame + chunk.frames)


def sample_motion(
    audio: AudioFeatures,
    plan: FramePlan,
    settings: SamplingSettings,
    *,
    style: int,
    speech: tuple[Span, ...] = (),
    mask: Span | None = None,
    freeze_audio: bool = True,
    seed_of: Callable[[int], int] = int,
    options: ChunkOptions = ChunkOptions(),  # noqa: B008 - frozen
    score: MotionScorer | None = None,
    on_step: Callable[[int, int], None] | None = None,
) -> Sampled:
    """Sample the motion of a whole video. Frame 0 is at rest: it shows the unchanged image.

    Args:
        audio: The encoded audio that drives the motion.
        plan: Frames, frame rate and chunks of the video.
        settings: Steps, guidance, eta, `norming_threshold` (for clipping the guidance) and seed.
        style: Index of the style of delivery in STYLES.
        speech: Spans of speech. If the rate of the motion differs from the frame rate of the video, the
            chunks of `plan` cannot be used. New chunks are then cut in the pauses between these spans.
        mask: Span in which the face moves; outside the span, the face is at rest. None: the face moves in the
            whole video.
        freeze_audio: Keep the audio latent frozen; False samples it too.
        seed_of: Derives the seed of a chunk's noise from the seed in `settings`, or from the seed in
            `options` if the chunk is sampled again.
        options: How chunks are cached and scored, and which are sampled again.
        score: Scores the motion of a chunk; None to score no chunk.
        on_step: Called with (steps done, steps in all). An exception stops the sampling.
    """
    frame_rate = motion_rate(plan.frame_rate)
    frames, chunks = plan.frames, plan.chunks
    if frame_rate != plan.frame_rate:
        frames = cover_frames(Fraction(plan.frames - 1) * frame_rate / plan.frame_rate + 1)
        chunks = lay_chunks(frames, frame_rate, speech=speech)
    model = MotionModel(audio, frames, style=style, frame_rate=frame_rate, seed_of=seed_of)
    guidance, sigmas = guidance_of(settings), schedule(settings)
    total = (len(chunks) + len(options.redone)) * (len(sigmas) - 1)

    def score_chunk(chunk: Chunk) -> Callable[[], ChunkScore | None]:
        assert score is not None  # noqa: S101 - not called without a scorer
        rows = _smoothed(model.motion[_frames_of(chunk)], np.ones(latent_frames(chunk.frames)), frame_rate)
        found = score(Motion(rows, frame_rate), float(chunk.start_frame / frame_rate))
        return lambda: found

    done = sample_chunks(
        model,
        chunks,
        SamplerSettings(sigmas, guidance, guidance, settings.eta, settings.norming_threshold),
        frame_rate=frame_rate,
        image_strength=settings.image_strength,
        mask=mask,
        freeze_audio=freeze_audio,
        seed=settings.seed,
        options=options,
        score=score_chunk if score is not None else None,
        on_step=(lambda done, step: on_step(done, total)) if on_step else None,
    )
    weights = temporal_weights(latent_frames(frames), frame_rate, mask)
    settled = _smoothed(model.motion, weights, frame_rate)
    return Sampled(
        Motion(_at_video_rate(settled, frame_rate, plan), plan.frame_rate), done.frozen, done.reports
    )


def _smoothed(
    motion: NDArray[np.float32], weights: NDArray[np.float64], frame_rate: Fraction
) -> NDArray[np.float32]:
    """Smooth head, brows and smile over time; frames at rest stay at rest.

    These channels are sampled from full noise. Without smoothing, they would jump between latents and between
    chunks.
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


def _at_video_rate(motion: NDArray[np.float32], frame_rate: Fraction, plan: FramePlan) -> NDArray[np.float32]:
    """Resample motion with `frame_rate` rows per second to the frames of the video.

    If the motion has k times the frame rate of the video, every k-th row is taken. If it has fewer rows than
    the video has frames, rows are interpolated.
    """
    if frame_rate >= plan.frame_rate:
        return motion[:: int(frame_rate / plan.frame_rate)][: plan.frames]
    at = np.arange(plan.frames) * float(frame_rate / plan.frame_rate)
    index = np.minimum(at.astype(int), len(motion) - 1)
    part = (at - index)[:, None].astype(np.float32)
    a, b, c, d = (motion[np.clip(index + k, 0, len(motion) - 1)] for k in (-1, 0, 1, 2))
    # Catmull-Rom interpolation passes through the rows with continuous speed, so that nothing stutters.
    quadratic = 2 * a - 5 * b + 4 * c - d
    cubic = 3 * (b - c) + d - a
    curve: NDArray[np.float32] = b + part / 2 * (c - a + part * (quadratic + part * cubic))
    return np.clip(curve, _LOW, _HIGH)
