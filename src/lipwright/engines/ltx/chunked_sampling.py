"""A video's latents: stages over chunks, each kept to what comes before and to the audio."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch
from diffusers import AutoencoderKLLTX2Video, LTX2VideoTransformer3DModel
from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel
from torch import Tensor

from lipwright.diffusion.arrays import fingerprint
from lipwright.diffusion.masks import (
    held_weights,
    token_mask,
    window_weights,
)
from lipwright.diffusion.sample import Step, sample
from lipwright.diffusion.state import (
    AVState,
    LatentState,
    VideoShape,
    frozen,
    noised,
    pack_video,
    unpack_video,
)
from lipwright.domain.grid import FRAMES_PER_LATENT, audio_window, latent_frames, video_window
from lipwright.domain.plan import Chunk, FramePlan
from lipwright.domain.time import Span
from lipwright.engines.ltx.color_matching import ChannelLevels, match_color_statistics
from lipwright.engines.ltx.decoding import decode_latents
from lipwright.engines.ltx.denoiser import LtxDenoiser, Text
from lipwright.engines.ltx.image_conditioning import encode_frames, enlarged
from lipwright.engines.ltx.profile import CrossTiming
from lipwright.engines.ltx.sampling_plan import Recipe, Stage


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a video is made from, as tensors on the device."""

    plan: FramePlan
    sounds: tuple[Tensor, ...]
    """Audio latents of each chunk, shape (1, L, C')."""
    stills: tuple[Tensor, ...]
    """For each stage, the video in which nothing moves, shape (1, C, F, H, W); zeros without an image."""
    has_image: bool
    positive: Text
    negative: Text | None
    image_strength: float
    seed: int
    mask: Span | None
    freeze_audio: bool
    cross_timing: CrossTiming


@dataclass(frozen=True, slots=True)
class Networks:
    """What sampling needs on the device at once."""

    transformer: LTX2VideoTransformer3DModel
    video_vae: AutoencoderKLLTX2Video
    upsampler: LTX2LatentUpsamplerModel | None


@dataclass(frozen=True, slots=True)
class Sampled:
    """A video's latents, with the proof of what was frozen."""

    latents: Tensor
    """Normalised, shape (1, C, F, H, W), on the CPU."""
    frozen: bool
    """Every chunk's audio latents were bit-identical before and after every stage."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Where the sampling stands."""

    done: int
    total: int
    """Steps of the whole video."""
    shape: VideoShape
    step: Step


def noise_source(seed: int, stage: int, chunk: int) -> Callable[[Tensor], Tensor]:
    """Standard normal numbers that depend on these three alone, not on the card.

    Args:
        seed: The user's.
        stage: Counted from 0.
        chunk: Counted from 0.
    """
    words = np.random.SeedSequence([seed, stage, chunk]).generate_state(1, np.uint64)
    chance = torch.Generator().manual_seed(int(words[0] >> np.uint64(1)))

    def draw(similar: Tensor) -> Tensor:
        return torch.randn(similar.shape, generator=chance).to(similar)

    return draw


def sample_video(
    networks: Networks,
    conditions: Conditions,
    recipe: Recipe,
    on_step: Callable[[Moment], object] | None = None,
) -> Sampled:
    """Sample all stages over all chunks.

    Args:
        networks: On their device.
        conditions: Audio, image, text.
        recipe: Stages.
        on_step: Told of every step; may raise to stop.
    """
    plan = conditions.plan
    total = len(plan.chunks) * sum(len(stage.sigmas) - 1 for stage in recipe.stages)
    done, untouched, video = 0, True, conditions.stills[0]
    for number, stage in enumerate(recipe.stages):
        run = _StageRun(networks, conditions, recipe, stage, number)
        smaller, video = video, conditions.stills[number].clone()
        for place, chunk in enumerate(plan.chunks):
            draft = None
            if number and networks.upsampler is not None:
                draft = enlarged(_cut(smaller, chunk), networks.upsampler, networks.video_vae)
            before = done

            def tell(step: Step, shape: VideoShape, before: int = before) -> None:
                if on_step is not None:
                    on_step(Moment(before + step.number, total, shape, step))

            untouched &= run.chunk(video, chunk, place, draft, tell)
            done += len(stage.sigmas) - 1
    return Sampled(video.cpu(), conditions.freeze_audio and untouched)


class _StageRun:
    """One stage over the chunks of a video, which grows as they are done."""

    def __init__(
        self, networks: Networks, conditions: Conditions, recipe: Recipe, stage: Stage, number: int
    ) -> None:
        self.networks, self.conditions, self.recipe = networks, conditions, recipe
        self.stage, self.number = stage, number
        count = conditions.plan.latent_frames
        mask = conditions.mask
        self.weights = np.ones(count)
        if mask is not None:
            inside = video_window(mask.start, mask.end, frames=count, frame_rate=conditions.plan.frame_rate)
            self.weights = window_weights(count, inside)
        self._levels: ChannelLevels | None = None

    def chunk(
        self,
        video: Tensor,
        chunk: Chunk,
        place: int,
        draft: Tensor | None,
        tell: Callable[[Step, VideoShape], object],
    ) -> bool:
        """Sample one chunk into the video; tell whether its audio stayed as it was."""
        conditions, stage = self.conditions, self.stage
        first = chunk.start_frame // FRAMES_PER_LATENT
        kept = _cut(video, chunk).clone()
        if place:
            kept[:, :, 0] = self._seam(video, chunk)
        shape = VideoShape(*kept.shape)
        weights = self._weights(chunk, place, shape.frames)
        clean = kept if draft is None else torch.where(_over_frames(weights < 1, kept), kept, draft)
        draw = noise_source(conditions.seed, self.number, place)
        packed = pack_video(clean)
        mask = token_mask(weights, batch=1, similar_to=packed, tokens_per_frame=shape.tokens_per_frame)
        video_state = noised(
            packed,
            mask,
            draw(packed),
            sigma=stage.sigmas[0],
            tokens_per_frame=shape.tokens_per_frame,
        )
        audio = conditions.sounds[place]
        before = fingerprint(audio)
        done = sample(
            self._denoiser(shape, audio),
            AVState(video_state, self._audio(audio, chunk, draw)),
            stage.sigmas,
            video_guidance=stage.video,
            audio_guidance=stage.audio,
            norming_threshold=stage.norming_threshold,
            eta=stage.eta,
            noise=draw,
            normalising=stage.normalising,
            callback=lambda step: tell(step, shape),
        )
        made = unpack_video(done.video.latent, shape)
        held = latent_frames(chunk.overlap_frames) if place else 0
        if conditions.mask is None:
            made = self._of_one_colour(made, held)
        for index in range(held, shape.frames):
            if weights[index] > 0:
                video[:, :, first + index] = made[:, :, index]
        return fingerprint(done.audio.latent) == before

    def _of_one_colour(self, made: Tensor, held: int) -> Tensor:
        """A later chunk with the first one's colours; where the video rests, its image sees to that."""
        if self._levels is None:
            self._levels = ChannelLevels.of(made)
            return made
        return torch.cat([made[:, :, :held], match_color_statistics(made[:, :, held:], self._levels)], 2)

    def _weights(self, chunk: Chunk, place: int, count: int) -> np.ndarray:
        """How far each latent frame is generated: the image or the chunk before, times the mask."""
        conditions = self.conditions
        first = chunk.start_frame // FRAMES_PER_LATENT
        held, strength = latent_frames(chunk.overlap_frames), 1.0
        if not place:
            held, strength = (1, conditions.image_strength) if conditions.has_image else (0, 1.0)
        weights: np.ndarray = held_weights(count, held, strength=strength)
        return weights * self.weights[first : first + count]

    def _seam(self, video: Tensor, chunk: Chunk) -> Tensor:
        """Latent 0 of a later chunk.

        In the chunk's own time it holds one frame alone, so the video's frame there is decoded and
        encoded again. All further latents mean the same in both.
        """
        vae = self.networks.video_vae
        at = chunk.start_frame // FRAMES_PER_LATENT
        frame = decode_latents(video[:, :, : at + 4], vae, at, at + 1, context=3)[-1:]
        return encode_frames(frame, vae)[:, :, 0].to(video)

    def _audio(self, audio: Tensor, chunk: Chunk, draw: Callable[[Tensor], Tensor]) -> LatentState:
        if self.conditions.freeze_audio:
            return frozen(audio)
        length = audio.shape[1]
        weights = np.ones(length)
        span = self.conditions.mask
        if span is not None:
            offset = Fraction(chunk.start_frame) / self.conditions.plan.frame_rate
            inside = audio_window(span.start - offset, span.end - offset, length=length)
            weights = window_weights(length, inside)
        mask = token_mask(weights, batch=1, similar_to=audio)
        return noised(audio, mask, draw(audio), sigma=self.stage.sigmas[0])

    def _denoiser(self, shape: VideoShape, audio: Tensor) -> LtxDenoiser:
        conditions = self.conditions
        return LtxDenoiser(
            self.networks.transformer,
            shape=shape,
            audio_length=audio.shape[1],
            frame_rate=conditions.plan.frame_rate,
            positive=conditions.positive,
            negative=conditions.negative,
            audio_frozen=conditions.freeze_audio,
            cross_timing=conditions.cross_timing,
            stg_blocks=self.recipe.stg_blocks,
        )


def _cut(video: Tensor, chunk: Chunk) -> Tensor:
    first = chunk.start_frame // FRAMES_PER_LATENT
    return video[:, :, first : first + latent_frames(chunk.frames)]


def _over_frames(values: Sequence[bool] | np.ndarray, similar: Tensor) -> Tensor:
    return torch.as_tensor(np.asarray(values), device=similar.device)[None, None, :, None, None]
