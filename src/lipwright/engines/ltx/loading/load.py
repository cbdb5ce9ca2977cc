"""Loading a model's components, as selected by the values of `--model`, `--memory` and `--lora`."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import torch

from lipwright.domain.finding import Finding
from lipwright.domain.progress import Progress, ProgressCallback
from lipwright.engines.ltx import findings
from lipwright.engines.ltx.components import Components
from lipwright.engines.ltx.loading import offload as offloading
from lipwright.engines.ltx.loading.folder import load_text_encoder, load_tokenizer
from lipwright.engines.ltx.loading.lora import Adapter, Lora, attach, parse_lora, read_adapter
from lipwright.engines.ltx.loading.memory_plan import (
    REFINING_STEPS,
    Clip,
    MemoryPlan,
    Mode,
    ModelSizes,
    Speed,
    check_mode,
    needed_seconds,
    next_mode,
    plan,
)
from lipwright.engines.ltx.loading.model_inspection import (
    OpenedModel,
    file_states,
    open_model,
    profile_of,
    sizes_of,
    upsampler_of,
)
from lipwright.engines.ltx.loading.resolve import find_model_paths
from lipwright.engines.ltx.loading.safetensors_file import repair_hint
from lipwright.engines.ltx.loading.single_file import CLASSES, empty
from lipwright.engines.ltx.loading.state_dict_map import Part
from lipwright.engines.ltx.loading.text_encoder_file import load_text_encoder_file, load_tokenizer_file
from lipwright.engines.ltx.profile import Kind, Profile
from lipwright.errors import EngineUnavailable


def load_components(
    model: str | None,
    memory: str | None,
    report: ProgressCallback,
    *,
    clip: Clip,
    loras: Sequence[str] = (),
    prefer: Kind = "distilled",
    kept_bytes: int = 0,
) -> Components:
    """Find and inspect a model, and choose its memory mode; no weights are loaded yet.

    Args:
        model: Value of --model; None for one of the pulled models.
        memory: Value of --memory; None to measure the machine and choose.
        report: Called with a note about the memory mode and the estimated time.
        clip: The clip to sample, on which memory and time depend.
        loras: The values of --lora.
        prefer: If `model` is None and several models are pulled, the kind of model to prefer.
        kept_bytes: GPU memory of a transformer that is still loaded. It counts as free, because this
            transformer is used again or dropped.

    Raises:
        UsageError: The memory mode is unknown, or impossible with the weights or the machine.
        EngineUnavailable: The model is missing, damaged or of another family, or a LoRA does not fit the
            model.
        EngineOutOfMemory: The clip does not fit in memory in any mode.
    """
    asked = check_mode(memory)
    report(Progress("look", 0, 1))
    paths = find_model_paths(model, prefer)
    with repair_hint(paths.repair_hint):
        opened = open_model(paths)
        adapters = tuple(read_adapter(parse_lora(text)) for text in loras)
        _check_adapters(opened, adapters)
        adapters, remarks = _with_distilled_lora(opened, adapters, clip)
        sizes, profile = sizes_of(opened), _with_adapters(profile_of(opened), adapters)
    free = None if asked == "cpu" else offloading.free_gpu_bytes()
    free = None if free is None else free + kept_bytes
    device = torch.device("cpu" if free is None else "cuda")
    dtype = torch.float32 if profile.tiny and free is None else torch.bfloat16
    chosen = plan(free, sizes, clip, asked=asked, ram_bytes=offloading.free_ram_bytes())
    chosen = replace(chosen, findings=(*chosen.findings, *remarks))
    speed = offloading.measure_speed(device, dtype)
    loading = _Loading(opened, adapters, profile, device, dtype, free, sizes, clip, speed)
    components = loading.components(chosen)
    report(Progress("look", 1, 1, note=components.memory.describe()))
    return components


@dataclass(frozen=True, slots=True)
class _Loading:
    """An inspected model, with everything on which its memory mode depends."""

    model: OpenedModel
    adapters: tuple[Adapter, ...]
    profile: Profile
    device: torch.device
    dtype: torch.dtype
    free: int | None
    sizes: ModelSizes
    clip: Clip
    speed: Speed

    def components(self, chosen: MemoryPlan) -> Components:
        """Return the components with the loaders for a memory mode."""
        paths = self.model.paths
        text, tokenizer, hinted = paths.text_encoder, paths.tokenizer, repair_hint(paths.repair_hint)
        assert text is not None  # noqa: S101 - checked by open_model
        assert tokenizer is not None  # noqa: S101 - it comes with the text encoder
        chosen = replace(chosen, seconds=needed_seconds(chosen.mode, self.sizes, self.clip, self.speed))
        lower = next_mode(chosen.mode, self.sizes)
        first, second = self._adapters_of(1), self._adapters_of(2)

        def text_encoder() -> Any:  # noqa: ANN401 - one of transformers' models
            load = load_text_encoder if text.is_dir() else load_text_encoder_file
            return self._placed(load(text, self.dtype), offload=chosen.offload_text)

        return Components(
            profile=self.profile,
            transformer=hinted(lambda: self._transformer(chosen.mode, first)),
            transformer_key=(
                chosen.mode,
                file_states(self.model.files("transformer")),
                [(adapter.lora, file_states([adapter.lora.path])) for adapter in first],
            ),
            refining_transformer=None
            if first == second
            else hinted(lambda: self._transformer(chosen.mode, second)),
            loras=tuple(str(adapter.lora) for adapter in self.adapters),
            video_vae=hinted(lambda: self._part("video_vae")),
            audio_vae=hinted(lambda: self._part("audio_vae")),
            connectors=hinted(lambda: self._part("connectors", offload=chosen.offload_text)),
            text_encoder=hinted(text_encoder),
            tokenizer=hinted(
                lambda: (load_tokenizer if tokenizer.is_dir() else load_tokenizer_file)(tokenizer)
            ),
            latent_upsampler=hinted(self._upsampler) if paths.upsampler is not None else None,
            device=self.device,
            dtype=self.dtype,
            memory=chosen if first == second else replace(chosen, room_bytes=None),
            fall_back=(lambda: self._fall_back(lower)) if lower is not None else None,
        )

    def _fall_back(self, mode: Mode) -> Components:
        chosen = plan(self.free, self.sizes, self.clip, asked=mode)
        return self.components(replace(chosen, why="memory ran out", offload_text=True))

    def _adapters_of(self, stage: int) -> tuple[Adapter, ...]:
        return tuple(adapter for adapter in self.adapters if adapter.lora.stage in {None, stage})

    def _transformer(self, mode: Mode, adapters: Sequence[Adapter]) -> Any:  # noqa: ANN401 - a diffusers model
        network = self.model.load("transformer", self.dtype, keep_quantized=mode != "full")
        if self.model.gguf is not None:
            attach(network, adapters)
        else:
            for adapter in adapters:
                adapter.fuse(network, adapter.transformer)
        return offloading.place_transformer(network, mode, self.device, self.dtype)

    def _placed(self, network: Any, *, offload: bool) -> Any:  # noqa: ANN401 - any network
        return offloading.onload_while_running(network, self.device) if offload else network.to(self.device)

    def _part(self, part: Part, *, offload: bool = False) -> Any:  # noqa: ANN401 - one of diffusers' models
        network = self.model.load(part, self.dtype)
        if part == "connectors":
            for adapter in self.adapters:
                if adapter.lora.stage is None:  # prompts are encoded once for both stages
                    adapter.fuse(network, adapter.connectors)
        return self._placed(network, offload=offload)

    def _upsampler(self) -> Any:  # noqa: ANN401 - LTX2LatentUpsamplerModel
        return upsampler_of(self.model.paths, self.dtype).to(self.device)


def _with_distilled_lora(
    opened: OpenedModel, adapters: tuple[Adapter, ...], clip: Clip
) -> tuple[tuple[Adapter, ...], tuple[Finding, ...]]:
    """Add the distilled LoRA for the second stage of a full model; return all adapters, and findings.

    The official pipeline uses this LoRA, too. It is not added if the user gave another LoRA for stage 2
    alone. If no distilled LoRA is found, a finding says so.
    """
    paths = opened.paths
    two_stages = clip.refining_steps > 0 and paths.upsampler is not None
    if not two_stages or paths.kind == "distilled" or any(a.lora.stage == 2 for a in adapters):
        return adapters, ()
    if paths.distilled_lora is not None:
        with suppress(EngineUnavailable):  # a LoRA for another model is ignored
            found = read_adapter(Lora(paths.distilled_lora, stage=2))
            _check_adapters(opened, (found,))
            return (*adapters, found), ()
    return adapters, (findings.NO_DISTILLED_LORA(steps=REFINING_STEPS, family=opened.family),)


def _check_adapters(opened: OpenedModel, adapters: Sequence[Adapter]) -> None:
    if not adapters:
        return
    transformer = empty(CLASSES["transformer"], opened.config("transformer"))
    connectors = empty(CLASSES["connectors"], opened.config("connectors"))
    for adapter in adapters:
        adapter.check(transformer, connectors)


def _with_adapters(profile: Profile, adapters: Sequence[Adapter]) -> Profile:
    """Return the profile, with a separate key for the prompt cache if an adapter changes the connectors."""
    added = [
        (file_states([adapter.lora.path]), adapter.lora.strength)
        for adapter in adapters
        if adapter.connectors and adapter.lora.stage is None
    ]
    if not added:
        return profile
    key = hashlib.sha256(repr((profile.identity, added)).encode()).hexdigest()[:32]
    return replace(profile, identity=key)
