"""Sampling of a video's latents in one or two stages over the same chunks.

The second stage refines the result of the first stage, which has half the width and height.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from diffusers import AutoencoderKLLTX2Video, LTX2VideoTransformer3DModel
from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel
from numpy.typing import NDArray
from torch import Tensor

from lipwright.diffusion.chunked_sampling import ChunkInput, SampledChunks, check_redone, sample_chunks
from lipwright.diffusion.state import VideoShape, pack_video, unpack_video
from lipwright.domain.chunks import ChunkReport
from lipwright.domain.grid import FRAMES_PER_LATENT, latent_frames
from lipwright.domain.plan import Chunk
from lipwright.domain.shot import Shot
from lipwright.engines.ltx.chunk_scoring import chunk_scorer
from lipwright.engines.ltx.color_matching import ChannelLevels, match_color_statistics
from lipwright.engines.ltx.components import free_memory
from lipwright.engines.ltx.decoding import decode_latents
from lipwright.engines.ltx.denoiser import LtxDenoiser, Text
from lipwright.engines.ltx.image_conditioning import encode_frames, upsample_latents
from lipwright.engines.ltx.sampling_plan import SamplingPlan, Stage


@dataclass(frozen=True, slots=True)
class Conditions:
    """A shot, and the tensors on the device that condition its sampling."""

    shot: Shot
    audio: tuple[Tensor, ...]
    """The audio latents of each chunk, shape (1, L, C')."""
    stills: tuple[Tensor, ...]
    """Latents of a video that only shows the image, for each stage, shape (1, C, F, H, W); zeros if there is
    no image."""
    positive: Text
    negative: Text | None
    model: str = "model"
    """Identifies the model in the file names of cached chunks."""


@dataclass(frozen=True, slots=True)
class Networks:
    """The networks that sampling needs."""

    transformer: Callable[[], LTX2VideoTransformer3DModel]
    """Loads the transformer of the first stage."""
    refining_transformer: Callable[[], LTX2VideoTransformer3DModel] | None
    """Loads the transformer of the second stage, after the first stage's transformer was freed; None if both
    stages use the same transformer."""
    video_vae: AutoencoderKLLTX2Video
    upsampler: LTX2LatentUpsamplerModel | None


@dataclass(frozen=True, slots=True)
class SampledVideo:
    """The sampled latents of a video, and the result of the check that the audio was frozen."""

    latents: Tensor
    """Normalized latents, shape (1, C, F, H, W), on the CPU."""
    frozen: bool
    """True if the audio latents of every chunk were bit-identical before and after every stage."""
    chunks: tuple[ChunkReport, ...]


@dataclass(frozen=True, slots=True)
class SamplingProgress:
    """The progress after a sampling step."""

    done: int
    total: int
    """Number of steps for the whole video."""
    shape: VideoShape
    """Shape of the chunk's latents."""
    video_x0: Tensor
    """Predicted video tokens of the chunk, for previews."""


def noise_source(seed: int, stage: int, chunk: int) -> Callable[[Tensor], Tensor]:
    """Return a source of standard normal numbers that depends only on the arguments, not on the GPU."""
    words = np.random.SeedSequence([seed, stage, chunk]).generate_state(1, np.uint64)
    generator = torch.Generator().manual_seed(int(words[0] >> np.uint64(1)))

    def draw(similar_to: Tensor) -> Tensor:
        return torch.randn(similar_to.shape, generator=generator).to(similar_to)

    return draw


def sample_video(
    networks: Networks,
    conditions: Conditions,
    sampling_plan: SamplingPlan,
    on_step: Callable[[SamplingProgress], object] | None = None,
) -> SampledVideo:
    """Sample all stages over all chunks.

    `on_step` is called after every step; an exception in it stops the sampling.
    """
    chunks, redone = conditions.shot.plan.chunks, conditions.shot.chunks.redone
    check_redone(conditions.shot.chunks, chunks)  # checked before anything is loaded
    passes = len(chunks) + len(redone)
    steps = [passes * stage.sampler.steps for stage in sampling_plan.stages]
    frozen, video = True, None
    stages: list[tuple[ChunkReport, ...]] = []
    transformer = networks.transformer()
    for number, stage in enumerate(sampling_plan.stages):
        if number and networks.refining_transformer is not None:
            del transformer
            free_memory()
            transformer = networks.refining_transformer()
        model = _StageModel(transformer, networks, conditions, sampling_plan, number, smaller=video)
        done = model.sample(stage, on_step, steps_before=sum(steps[:number]), steps_in_all=sum(steps))
        frozen &= done.frozen
        stages.append(done.reports)
        video = model.video
        del model
    assert video is not None  # noqa: S101 - there is at least one stage
    return SampledVideo(
        video.cpu(), frozen, tuple(_of_all_stages(each) for each in zip(*stages, strict=True))
    )


def _of_all_stages(reports: tuple[ChunkReport, ...]) -> ChunkReport:
    """Combine a chunk's reports: seed and number of attempts from the first stage, score from the last."""
    return replace(
        reports[-1],
        seed=reports[0].seed,
        takes=reports[0].takes,
        kept=all(report.kept for report in reports),
    )


class _StageModel:
    """A `ChunkModel` that samples one stage, and holds the video made so far.

    The second stage refines `smaller`, the result of the first stage; in the first stage, `smaller` is None.
    """

    def __init__(
        self,
        transformer: LTX2VideoTransformer3DModel,
        networks: Networks,
        conditions: Conditions,
        sampling_plan: SamplingPlan,
        number: int,
        *,
        smaller: Tensor | None,
    ) -> None:
        self._transformer, self._networks = transformer, networks
        self._conditions, self._shot, self._sampling_plan = conditions, conditions.shot, sampling_plan
        self._number, self._smaller = number, smaller
        self.video = conditions.stills[number].clone()
        self.shape = VideoShape(*self.video.shape)
        self._levels: ChannelLevels | None = None

    def sample(
        self,
        stage: Stage,
        on_step: Callable[[SamplingProgress], object] | None,
        *,
        steps_before: int,
        steps_in_all: int,
    ) -> SampledChunks:
        """Sample all chunks of the stage.

        Chunks with a poor score are sampled again only in the first stage. Scores are reported only by the
        last stage.
        """
        shot, options = self._shot, self._shot.chunks
        if self._number:
            options = replace(options, retakes=0)
        if self._number < len(self._sampling_plan.stages) - 1 and not options.retakes:
            options = replace(options, score=None)

        def report(done: int, video_x0: Tensor) -> None:
            if on_step is not None:
                on_step(SamplingProgress(steps_before + done, steps_in_all, self.shape, video_x0))

        with chunk_scorer(options.score, self._networks.video_vae, shot.plan.frame_rate) as scorer:
            return sample_chunks(
                self,
                shot.plan.chunks,
                stage.sampler,
                frame_rate=shot.plan.frame_rate,
                image_strength=0.0 if shot.image is None else shot.settings.image_strength,
                mask=shot.mask,
                freeze_audio=shot.freeze_audio,
                seed=shot.settings.seed,
                options=options,
                score=None if scorer is None else lambda chunk: scorer(self.video, chunk),
                label=f"{self._conditions.model}-{self._number}",
                on_step=report,
            )

    def prepare(self, number: int, chunk: Chunk, weights: NDArray[np.float64], seed: int) -> ChunkInput:
        """Return the input for sampling a chunk; stage 2 starts from the upsampled result of stage 1."""
        networks, conditions, shot = self._networks, self._conditions, self._shot
        clean = _cut(self.video, chunk).clone()
        image = conditions.stills[self._number][:, :, :1]
        # An earlier take may have changed latent frames that are only partly kept.
        clean[:, :, :1] = self._first_latent(chunk) if number else image
        draft = None
        if self._smaller is not None and networks.upsampler is not None:
            smaller = _cut(self._smaller, chunk)
            draft = upsample_latents(smaller, networks.upsampler, networks.video_vae)
        guide_frames = self._guide_frames(number, chunk)
        if guide_frames:
            anchors = image.expand(-1, -1, len(guide_frames), -1, -1)
            clean = torch.cat([clean, anchors], 2)
            draft = None if draft is None else torch.cat([draft, anchors], 2)
        self.shape = VideoShape(*clean.shape)
        audio = conditions.audio[number]
        return ChunkInput(
            clean=pack_video(clean),
            draft=None if draft is None else pack_video(draft),
            audio=audio,
            audio_start_seconds=chunk.start_frame / shot.plan.frame_rate,
            denoise=LtxDenoiser(
                self._transformer,
                shape=self.shape,
                audio_length=audio.shape[1],
                frame_rate=shot.plan.frame_rate,
                positive=conditions.positive,
                negative=conditions.negative,
                audio_frozen=shot.freeze_audio,
                stg_blocks=self._sampling_plan.stg_blocks,
                guide_frames=guide_frames,
            ),
            noise=noise_source(seed, self._number, number),
            tokens_per_frame=self.shape.tokens_per_frame,
            guide_weights=(1.0 - shot.settings.anchor_strength,) * len(guide_frames),
        )

    def accept(self, number: int, chunk: Chunk, weights: NDArray[np.float64], tokens: Tensor) -> None:
        """Put the sampled latents of a chunk into the video, with their colors matched to the first chunk."""
        sampled = unpack_video(
            torch.as_tensor(tokens).to(self.video), VideoShape(*_cut(self.video, chunk).shape)
        )
        if self._shot.mask is None:  # with a mask, the image around it keeps the colors constant
            if not number:
                self._levels = self._levels or ChannelLevels.of(sampled)
            elif self._levels is not None:
                held = latent_frames(chunk.overlap_frames)
                # If the chunk is sampled again, its end is kept, too.
                end = 1 + int(np.flatnonzero(weights > 0)[-1])
                later = match_color_statistics(
                    sampled[:, :, held:end], self._levels, returning=end < len(weights)
                )
                sampled = torch.cat([sampled[:, :, :held], later, sampled[:, :, end:]], 2)
        first = chunk.start_frame // FRAMES_PER_LATENT
        for index in np.flatnonzero(weights > 0):
            self.video[:, :, first + index] = sampled[:, :, index]

    def _guide_frames(self, number: int, chunk: Chunk) -> tuple[int, ...]:
        """Return the frame numbers, within a chunk, at which the image guides the sampling.

        The first chunk needs no guide at its start, because it begins with the image.
        """
        shot = self._shot
        if not shot.settings.anchor_strength or shot.image is None or len(shot.plan.chunks) == 1:
            return ()
        return (0, chunk.frames - 1) if number else (chunk.frames - 1,)

    def _first_latent(self, chunk: Chunk) -> Tensor:
        """Return latent 0 of a chunk that follows another chunk.

        Latent 0 of a chunk encodes a single frame, but the video's latent at this position encodes eight
        frames. So the chunk's first frame is decoded from the video, and encoded again. The chunk's later
        latents encode eight frames, too, and can be copied.
        """
        vae, video = self._networks.video_vae, self.video
        at = chunk.start_frame // FRAMES_PER_LATENT
        frame = decode_latents(video[:, :, : at + 4], vae, at, at + 1, context=3)[-1:]
        return encode_frames(frame, vae)[:, :, :1].to(video)


def _cut(video: Tensor, chunk: Chunk) -> Tensor:
    first = chunk.start_frame // FRAMES_PER_LATENT
    return video[:, :, first : first + latent_frames(chunk.frames)]
