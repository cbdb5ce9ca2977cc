"""The ltx engine: LTX-2.3 with the audio frozen, on the user's own GPU."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

import diffusers.utils.logging
import numpy as np
import torch
import transformers.utils.logging
from diffusers import AutoencoderKLLTX2Video
from numpy.typing import NDArray

from lipwright.diffusion.state import unpack_video
from lipwright.domain.finding import Finding
from lipwright.domain.grid import audio_latents, is_valid_frames, nearest_frames
from lipwright.domain.job import Render, Shot
from lipwright.domain.media import FrameSize, Image
from lipwright.domain.progress import Progress, ProgressCallback
from lipwright.engines.ltx import findings
from lipwright.engines.ltx.audio_latents import cut, encode_audio
from lipwright.engines.ltx.components import Components, free_memory
from lipwright.engines.ltx.decoding import stream_frames
from lipwright.engines.ltx.image_conditioning import crop_around_face, encode_still
from lipwright.engines.ltx.loading.load import load_components
from lipwright.engines.ltx.loading.memory_plan import clip_of
from lipwright.engines.ltx.previews import Previewer
from lipwright.engines.ltx.sampling_plan import SamplingPlan, make_sampling_plan
from lipwright.engines.ltx.staged_sampling import (
    Conditions,
    Networks,
    SampledVideo,
    SamplingProgress,
    sample_video,
)
from lipwright.engines.ltx.text import NEGATIVE_PROMPT, encode_prompts
from lipwright.errors import EngineOutOfMemory, EngineRejected, EngineUnavailable, PlanError
from lipwright.media.image_file import compress_image

PREVIEW_STEPS = 4
"""A preview every so many steps."""

TALKING = "a person talks to the camera"
"""Read in place of an empty prompt: the model stands still where nothing says that somebody talks."""

T = TypeVar("T")

VERSIONS = ("torch", "diffusers", "transformers")


class LtxEngine:
    """Engine `ltx`.

    Args:
        model: Weights by name, folder or file; None is the one that is there.
        memory: How they lie in memory; None measures and chooses. "cpu" runs without a GPU.
        loras: Adapters laid over the weights, each PATH, PATH:STRENGTH or PATH:STRENGTH@STAGE.
        components: A model that is looked into already, in place of all these.
    """

    name = "ltx"

    def __init__(
        self,
        model: str | None = None,
        memory: str | None = None,
        loras: tuple[str, ...] = (),
        *,
        components: Components | None = None,
    ) -> None:
        self._model, self._memory, self._loras, self._components = model, memory, loras, components
        diffusers.utils.logging.disable_progress_bar()  # ours is the one that counts
        transformers.utils.logging.disable_progress_bar()

    def render(self, shot: Shot, report: ProgressCallback) -> Render:
        """Sample the video's latents, and return the stream of its frames.

        Raises:
            PlanError: a size or a frame count off the grid.
            EngineUnavailable: no weights, or no GPU and none was waived.
            EngineRejected: a temporal mask without an image to rest on.
            EngineOutOfMemory: it does not fit, nor in the next smaller mode.
        """
        check_shot(shot)
        components = self._loaded(shot, report)
        found: tuple[Finding, ...] = components.placement.findings
        made = _attempt(components, shot, report)
        if made is None:
            if components.fall_back is None:
                raise _out_of_memory(components)
            components, found = _fallen_back(components, components.fall_back)
            made = _attempt(components, shot, report)
        if made is None:
            raise _out_of_memory(components)
        vae = components.video_vae()
        return Render(
            frames=_frames(made.sampled.latents, vae),
            frozen=made.sampled.frozen,
            model=components.profile.name,
            versions={name: importlib.metadata.version(name) for name in VERSIONS}
            | {"device": _device_name(components.device)},
            settings=shot.settings.to_json() | made.used,
            findings=(*found, *made.findings),
        )

    def _loaded(self, shot: Shot, report: ProgressCallback) -> Components:
        # Looked into for each shot: how it lies in memory depends on the shot's size and length.
        components = self._components or load_components(
            self._model,
            self._memory,
            report,
            loras=self._loras,
            clip=clip_of(shot),
            prefer="full" if shot.settings.preset == "official-full" else "distilled",
        )
        waived = components.profile.tiny or self._memory == "cpu"
        if components.device.type == "cpu" and not waived:
            raise EngineUnavailable(
                f"{components.profile.name} needs a GPU, and torch finds none",
                hint="use --engine portrait, which runs anywhere, or add --memory cpu and wait for hours",
            )
        return components


@dataclass(frozen=True, slots=True)
class _Made:
    """Latents, and what is to be told of them."""

    sampled: SampledVideo
    used: dict[str, object]
    findings: tuple[Finding, ...]


class _Video:
    """One attempt at a shot with one set of components."""

    def __init__(self, components: Components, shot: Shot, report: ProgressCallback) -> None:
        self.components, self.shot, self.report = components, shot, report
        self.profile = components.profile
        self.sampling_plan: SamplingPlan = make_sampling_plan(
            shot.settings,
            self.profile,
            freeze_audio=shot.freeze_audio,
            can_enlarge=components.latent_upsampler is not None,
        )
        self._previewer: Previewer | None = None

    def sample(self) -> _Made:
        """Encode, sample; the transformer is freed before anything is decoded."""
        shot, components, sampling_plan = self.shot, self.components, self.sampling_plan
        prompts: tuple[str, ...] = (shot.prompt.strip() or TALKING,)
        if sampling_plan.guided:
            own = self.profile.negative_prompt or NEGATIVE_PROMPT
            prompts = (*prompts, own if shot.negative is None else shot.negative)
        texts = encode_prompts(components, prompts, self.report)
        self.report(Progress("encode", 0, 1))
        audio = self._audio_latents()
        vae = components.video_vae()
        stills = self._stills(vae)
        self.report(Progress("encode", 1, 1))
        plan, settings = shot.plan, shot.settings
        conditions = Conditions(
            plan=plan,
            audio=audio,
            stills=stills,
            has_image=shot.image is not None,
            positive=texts[0],
            negative=texts[1] if sampling_plan.guided else None,
            image_strength=settings.image_strength,
            seed=settings.seed,
            mask=shot.mask,
            freeze_audio=shot.freeze_audio,
            cross_timing=self.profile.cross_timing,
        )
        two = len(sampling_plan.stages) == 2
        networks = Networks(
            self._loading(components.transformer),
            None
            if components.refining_transformer is None
            else self._loading(components.refining_transformer),
            vae,
            components.latent_upsampler() if two and components.latent_upsampler is not None else None,
        )
        sampled = sample_video(networks, conditions, sampling_plan, self._told)
        del networks, vae
        free_memory()
        used: dict[str, object] = {
            "sigmas": [list(stage.sampler.sigmas) for stage in sampling_plan.stages],
            "stages": len(sampling_plan.stages),
            "stg_blocks": list(sampling_plan.stg_blocks),
            "cross_timing": self.profile.cross_timing,
            "image_crf": self.profile.image_crf,
            "memory": components.placement.mode,
            "memory_why": components.placement.why,
            "loras": list(components.loras),
            "dtype": str(components.dtype).removeprefix("torch."),
        }
        return _Made(sampled, used, sampling_plan.findings)

    def _loading(self, load: Callable[[], T]) -> Callable[[], T]:
        """The same loader, reported as a stage of its own."""

        def reported() -> T:
            self.report(Progress("load", 0, 1))
            network = load()
            self.report(Progress("load", 1, 1))
            return network

        return reported

    def _audio_latents(self) -> tuple[torch.Tensor, ...]:
        """Each chunk's driver as latents: a chunk is a clip of its own, its time begins at 0."""
        plan, vae = self.shot.plan, self.components.audio_vae()
        latents = []
        for chunk in plan.chunks:
            start, seconds = (
                Fraction(chunk.start_frame) / plan.frame_rate,
                Fraction(chunk.frames) / plan.frame_rate,
            )
            samples = cut(self.shot.driver, start, seconds, self.profile.audio_rate_hz)
            latents.append(
                encode_audio(samples, vae, self.profile, audio_latents(chunk.frames, plan.frame_rate))
            )
        return tuple(latents)

    def _stills(self, vae: AutoencoderKLLTX2Video) -> tuple[torch.Tensor, ...]:
        """The video at rest in each stage's size."""
        shot, count, crf = self.shot, self.shot.plan.latent_frames, self.profile.image_crf
        stills: list[torch.Tensor] = []
        # Before it is resized: so does the official code (ltx-pipelines, load_image_and_preprocess).
        compressed = compress_image(shot.image, crf) if shot.image is not None and crf else shot.image
        for stage in self.sampling_plan.stages:
            size = FrameSize(shot.size.width // stage.scale, shot.size.height // stage.scale)
            if compressed is None:
                factor = self.profile.spatial_factor
                channels = vae.config.latent_channels
                grid = (1, channels, count, size.height // factor, size.width // factor)
                stills.append(torch.zeros(grid, device=self.components.device))
                continue
            image = crop_around_face(compressed, size)
            stills.append(encode_still(image, vae, count))
            self._previewer = Previewer.fitted(stills[-1][0, :, 0], image)
        return tuple(stills)

    def _told(self, progress: SamplingProgress) -> None:
        preview: Image | None = None
        if self._previewer is not None and progress.step.number % PREVIEW_STEPS == 0:
            latents = unpack_video(progress.step.video_x0, progress.shape)
            preview = self._previewer.show(latents[0, :, progress.shape.frames // 2])
        self.report(Progress("sample", progress.done, progress.total, preview))


def _attempt(components: Components, shot: Shot, report: ProgressCallback) -> _Made | None:
    """Sample once; None where memory ran out.

    The exception must be gone before another attempt: its traceback holds every tensor of this one.
    """
    try:
        return _Video(components, shot, report).sample()
    except torch.OutOfMemoryError:
        return None


def check_shot(shot: Shot) -> None:
    """Refuse what the model cannot make, before anything is loaded.

    Raises:
        PlanError: a size or a frame count off the grid.
        EngineRejected: a temporal mask without an image to rest on.
    """
    multiple = 64 if shot.settings.stages == 2 else 32
    width, height = shot.size.width, shot.size.height
    if width % multiple or height % multiple or not width or not height:
        nearest = FrameSize(*(max(multiple, round(side / multiple) * multiple) for side in (width, height)))
        reason = " in two stages" if multiple == 64 else ""
        raise PlanError(
            f"LTX-2.3 makes images whose sides are multiples of {multiple}{reason}, not {shot.size}",
            hint=f"use --size {nearest}",
        )
    for frames in (shot.plan.frames, *(chunk.frames for chunk in shot.plan.chunks)):
        if not is_valid_frames(frames):
            raise PlanError(
                f"LTX-2.3 makes 8n+1 frames at once, not {frames}",
                hint=f"{nearest_frames(frames)} frames are nearest; lipwright plan makes plans that fit",
            )
    if shot.mask is not None and shot.image is None:
        raise EngineRejected(
            "outside --start and --end the video rests on its image, and there is none",
            hint="add --image, or leave --start and --end out",
        )


def _frames(latents: torch.Tensor, vae: AutoencoderKLLTX2Video) -> Iterator[NDArray[np.uint8]]:
    try:
        yield from stream_frames(latents, vae)
    finally:
        del vae
        free_memory()


def _fallen_back(
    components: Components, fall_back: Callable[[], Components]
) -> tuple[Components, tuple[Finding, ...]]:
    free_memory()
    before, smaller = components.placement, fall_back()
    finding = findings.MEMORY_FALLBACK(before=before.mode, after=smaller.placement.mode)
    return smaller, (*before.findings, *smaller.placement.findings, finding)


def _out_of_memory(components: Components) -> EngineOutOfMemory:
    return EngineOutOfMemory(
        f"{components.profile.name} does not fit into the GPU's memory in mode {components.placement.mode}",
        hint="use a smaller --size, or --memory sequential",
    )


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
