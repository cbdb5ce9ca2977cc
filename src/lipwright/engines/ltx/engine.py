"""The ltx engine: LTX-2.3 or 2.5 with frozen audio, on the user's own GPU."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import diffusers.utils.logging
import numpy as np
import torch
import transformers.utils.logging
from diffusers import AutoencoderKLLTX2Video
from numpy.typing import NDArray

from lipwright.diffusion.state import unpack_video
from lipwright.domain.finding import Finding
from lipwright.domain.grid import audio_latents
from lipwright.domain.media import FrameSize, Image
from lipwright.domain.progress import Progress, ProgressCallback
from lipwright.domain.settings import DEFAULT_PROMPT
from lipwright.domain.shot import Render, Shot
from lipwright.engines.ltx import findings
from lipwright.engines.ltx.audio_latents import cut, encode_audio
from lipwright.engines.ltx.components import Components, KeptTransformer, free_memory
from lipwright.engines.ltx.decoding import stream_frames
from lipwright.engines.ltx.denoiser import CROSS_TIMING, Text
from lipwright.engines.ltx.image_conditioning import encode_still, prepare_image
from lipwright.engines.ltx.loading.load import load_components
from lipwright.engines.ltx.loading.memory_plan import clip_of
from lipwright.engines.ltx.loading.offload import free_gpu_bytes
from lipwright.engines.ltx.previews import Previewer
from lipwright.engines.ltx.prompt_encoding import NEGATIVE_PROMPT, encode_prompts
from lipwright.engines.ltx.sampling_plan import SamplingPlan, make_sampling_plan
from lipwright.engines.ltx.shot_preparation import check_shot, with_surplus
from lipwright.engines.ltx.staged_sampling import (
    Conditions,
    Networks,
    SampledVideo,
    SamplingProgress,
    sample_video,
)
from lipwright.errors import EngineOutOfMemory, EngineUnavailable

PREVIEW_STEPS = 4
"""Number of sampling steps between previews."""

VERSIONS = ("torch", "diffusers", "transformers")

# The import of diffusers creates PyTorch's default folder for compiled code. It is removed if it is empty,
# because nothing is compiled here; other programs create it again if they need it.
_compiled = Path(os.environ.get("TORCHINDUCTOR_CACHE_DIR", ""))
if _compiled.parent == Path(tempfile.gettempdir()) and _compiled.name.startswith("torchinductor_"):
    with suppress(OSError):
        _compiled.rmdir()


class LtxEngine:
    """The engine `ltx`, which runs LTX-2.3 or 2.5 on the user's own GPU.

    Encoded prompts are kept for later shots. The transformer is also kept if there is enough memory.

    Args:
        model: Name, folder or file of the weights; None to use a model that was downloaded by `lipwright
            models pull`.
        memory: Memory mode; None to measure the machine and choose. "cpu" runs without a GPU.
        loras: LoRA adapters, each as PATH, PATH:STRENGTH or PATH:STRENGTH@STAGE.
        components: An inspected model; if it is given, the other arguments are ignored. None to inspect the
            model that the other arguments name.
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
        self._texts: dict[Path, Text] = {}
        self._kept = KeptTransformer()
        weakref.finalize(self, self._kept.drop).atexit = False
        diffusers.utils.logging.disable_progress_bar()  # the engine reports its own progress
        transformers.utils.logging.disable_progress_bar()

    def render(self, shot: Shot, report: ProgressCallback) -> Render:
        """Sample the latents of a video, and return a stream of its frames.

        Raises:
            PlanError: The model does not support the size or frame count.
            EngineUnavailable: There are no weights, or there is no GPU and the memory mode is not "cpu".
            EngineRejected: There is a temporal mask, but no image.
            EngineOutOfMemory: The shot does not fit in memory, not even in the next smaller memory mode.
        """
        check_shot(shot)
        frames, seconds = shot.plan.frames, float(shot.plan.seconds)
        shot = with_surplus(shot)
        components = self._inspected(shot, report)
        found: tuple[Finding, ...] = components.memory.findings
        is_reused = self._kept.holds(components.transformer_key) and _has_room(components)
        if not is_reused:
            self._kept.drop()
        made = self._sample(components, shot, report)
        if made is None and is_reused:  # the kept transformer may have taken the missing memory
            made = self._sample(components, shot, report)
        if made is None and components.fall_back is not None:
            before, components = components.memory, components.fall_back()
            fallen = findings.MEMORY_FALLBACK(before=before.mode, after=components.memory.mode)
            found = (*before.findings, *components.memory.findings, fallen)
            made = self._sample(components, shot, report)
        if made is None:
            raise _out_of_memory(components)
        return Render(
            frames=_frames(made.sampled.latents, made.vae, frames, self._kept.make_room),
            frozen=made.sampled.frozen,
            model=components.profile.name,
            versions={name: importlib.metadata.version(name) for name in VERSIONS}
            | {"device": _device_name(components.device)},
            settings=shot.settings.to_json() | made.used,
            findings=(*found, *made.findings),
            chunks=tuple(
                replace(chunk, seconds=min(chunk.seconds, seconds - chunk.start_seconds))
                for chunk in made.sampled.chunks
            ),
        )

    def _inspected(self, shot: Shot, report: ProgressCallback) -> Components:
        # Inspected again for each shot, because the memory mode depends on its size and length.
        components = self._components or load_components(
            self._model,
            self._memory,
            report,
            loras=self._loras,
            clip=clip_of(shot),
            prefer="full" if shot.settings.preset == "official-full" else "distilled",
            kept_bytes=self._kept.gpu_bytes,
        )
        waived = components.profile.tiny or self._memory == "cpu"
        if components.device.type == "cpu" and not waived:
            raise EngineUnavailable(
                f"{components.profile.name} needs a GPU, and torch finds none",
                hint="use --engine portrait, which runs anywhere, or add --memory cpu, which takes hours",
            )
        return components

    def _sample(self, components: Components, shot: Shot, report: ProgressCallback) -> _Result | None:
        """Make one attempt at sampling; return None if GPU memory ran out.

        The exception must be released before the next attempt, because its traceback references every tensor
        of this attempt.
        """
        made = None
        try:
            with suppress(torch.OutOfMemoryError):
                made = _Attempt(components, shot, report, self._texts, self._kept).sample()
        finally:
            if made is None:
                self._kept.make_room()
            elif not _has_room(components):
                self._kept.drop()
        return made


@dataclass(frozen=True, slots=True)
class _Result:
    """Sampled latents, with settings and findings for the manifest."""

    sampled: SampledVideo
    vae: AutoencoderKLLTX2Video
    used: dict[str, object]
    findings: tuple[Finding, ...]


class _Attempt:
    """One attempt to render a shot, in one memory mode."""

    def __init__(
        self,
        components: Components,
        shot: Shot,
        report: ProgressCallback,
        texts: dict[Path, Text],
        kept: KeptTransformer,
    ) -> None:
        self.components, self.shot, self.report = components, shot, report
        self.texts, self.kept = texts, kept
        self.profile = components.profile
        self.sampling_plan: SamplingPlan = make_sampling_plan(
            shot.settings,
            self.profile,
            freeze_audio=shot.freeze_audio,
            can_upsample=components.latent_upsampler is not None,
        )
        self._previewer: Previewer | None = None

    def sample(self) -> _Result:
        """Encode the conditions, and sample the latents."""
        shot, components, sampling_plan = self.shot, self.components, self.sampling_plan
        prompts: tuple[str, ...] = (shot.prompt.strip() or DEFAULT_PROMPT,)
        if sampling_plan.guided:
            prompts = (*prompts, NEGATIVE_PROMPT if shot.negative is None else shot.negative)
        texts = encode_prompts(components, prompts, self.report, recent=self.texts, make_room=self.kept.drop)
        self.report(Progress("encode", 0, 1))
        audio = self._audio_latents()
        vae = components.video_vae()
        stills = self._stills(vae)
        self.report(Progress("encode", 1, 1))
        conditions = Conditions(
            shot,
            audio,
            stills,
            positive=texts[0],
            negative=texts[1] if sampling_plan.guided else None,
            model=hashlib.sha256(f"{self.profile.name} {self.profile.identity}".encode()).hexdigest()[:8],
        )
        two = len(sampling_plan.stages) == 2
        key, refining = components.transformer_key, components.refining_transformer
        networks = Networks(
            lambda: self.kept.get(key, components.transformer, self.report),
            None if refining is None else lambda: self.kept.get("refining", refining, self.report),
            vae,
            components.latent_upsampler() if two and components.latent_upsampler is not None else None,
        )
        sampled = sample_video(networks, conditions, sampling_plan, self._report_step)
        del networks
        free_memory()
        used: dict[str, object] = {
            "sigmas": [list(stage.sampler.sigmas) for stage in sampling_plan.stages],
            "eta": sampling_plan.stages[0].sampler.eta,
            "stages": len(sampling_plan.stages),
            "stg_blocks": list(sampling_plan.stg_blocks),
            "cross_timing": CROSS_TIMING,
            "image_crf": self.profile.image_crf,
            "memory": components.memory.mode,
            "memory_why": components.memory.describe(),
            "loras": list(components.loras),
            "dtype": str(components.dtype).removeprefix("torch."),
        }
        return _Result(sampled, vae, used, sampling_plan.findings)

    def _audio_latents(self) -> tuple[torch.Tensor, ...]:
        """Return the audio latents of each chunk; every chunk is a separate clip whose time begins at 0."""
        plan, vae = self.shot.plan, self.components.audio_vae()
        latents = []
        for chunk in plan.chunks:
            start, seconds = (frames / plan.frame_rate for frames in (chunk.start_frame, chunk.frames))
            samples = cut(self.shot.driver, start, seconds, self.profile.audio_rate_hz)
            length = audio_latents(chunk.frames, plan.frame_rate)
            latents.append(encode_audio(samples, vae, self.profile, length))
        return tuple(latents)

    def _stills(self, vae: AutoencoderKLLTX2Video) -> tuple[torch.Tensor, ...]:
        """Return, for each stage, the latents of a video whose frames all show the image.

        If the shot has no image, the latents are zeros.
        """
        shot, count = self.shot, self.shot.plan.latent_frames
        stills: list[torch.Tensor] = []
        for stage in self.sampling_plan.stages:
            size = FrameSize(shot.size.width // stage.scale, shot.size.height // stage.scale)
            if shot.image is None:
                factor = self.profile.spatial_factor
                channels = vae.config.latent_channels
                grid = (1, channels, count, size.height // factor, size.width // factor)
                stills.append(torch.zeros(grid, device=self.components.device))
                continue
            image = prepare_image(shot.image, size, self.profile.image_crf, shot.face)
            stills.append(encode_still(image, vae, count))
            self._previewer = Previewer.fitted(stills[-1][0, :, 0], image)
        return tuple(stills)

    def _report_step(self, progress: SamplingProgress) -> None:
        preview: Image | None = None
        if self._previewer is not None and progress.done % PREVIEW_STEPS == 0:
            latents = unpack_video(progress.video_x0, progress.shape)
            preview = self._previewer.show(latents[0, :, progress.shape.frames // 2])
        self.report(Progress("sample", progress.done, progress.total, preview))


def _frames(
    latents: torch.Tensor, vae: AutoencoderKLLTX2Video, count: int, make_room: Callable[[], object]
) -> Iterator[NDArray[np.uint8]]:
    try:
        yield from islice(stream_frames(latents, vae, make_room=make_room), count)
    finally:
        del vae
        free_memory()


def _out_of_memory(components: Components) -> EngineOutOfMemory:
    mode = components.memory.mode
    or_sequential = "" if mode == "sequential" else ", or --memory sequential"
    return EngineOutOfMemory(
        f"{components.profile.name} ran out of GPU memory with --memory {mode}",
        hint=f"close other programs that use the GPU, or use a smaller --size{or_sequential}",
    )


def _has_room(components: Components) -> bool:
    """Return True if there is memory for encoding and decoding while the transformer stays on the GPU."""
    room, free = components.memory.room_bytes, free_gpu_bytes(components.device)
    return room is not None and free is not None and room <= free


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
