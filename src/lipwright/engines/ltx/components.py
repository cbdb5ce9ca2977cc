"""The networks of a model, each loaded when it is needed.

A network is represented by a function that loads it: in evaluation mode, without gradients, in its dtype, on
its device or with hooks that move it there. The caller owns it, and dropping the last reference frees it. So
the text encoder (12 B) is freed before the transformer (19 B) is loaded. Only the transformer may stay loaded
for the next shot (`KeptTransformer`).
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from lipwright.domain.progress import Progress, ProgressCallback
from lipwright.engines.ltx.loading.memory_plan import MemoryPlan
from lipwright.engines.ltx.profile import Profile

if TYPE_CHECKING:
    from diffusers import AutoencoderKLLTX2Audio, AutoencoderKLLTX2Video, LTX2VideoTransformer3DModel
    from diffusers.pipelines.ltx2.connectors import LTX2TextConnectors
    from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel
    from transformers import Gemma3ForConditionalGeneration, PreTrainedTokenizerBase


@dataclass(frozen=True, slots=True)
class Components:
    """One model, with a loader for each network."""

    profile: Profile
    transformer: Callable[[], LTX2VideoTransformer3DModel]
    """Transformer with the adapters of the first stage."""
    video_vae: Callable[[], AutoencoderKLLTX2Video]
    audio_vae: Callable[[], AutoencoderKLLTX2Audio]
    connectors: Callable[[], LTX2TextConnectors]
    text_encoder: Callable[[], Gemma3ForConditionalGeneration]
    tokenizer: Callable[[], PreTrainedTokenizerBase]
    latent_upsampler: Callable[[], LTX2LatentUpsamplerModel] | None
    """Network that doubles width and height of latents; None if it is not installed, which allows one stage
    only."""
    device: torch.device
    """Device of all tensors, where the networks compute."""
    dtype: torch.dtype
    """Type that the transformer computes in."""
    memory: MemoryPlan
    transformer_key: object = None
    """Equal for transformers with the same weights, adapters and memory mode."""
    refining_transformer: Callable[[], LTX2VideoTransformer3DModel] | None = None
    """Transformer with the adapters of the second stage; None if they are the same as in the first."""
    loras: tuple[str, ...] = ()
    """Adapters for the manifest: file name, strength, stage."""
    fall_back: Callable[[], Components] | None = None
    """The same model in a mode that needs less memory; None if there is none."""


class KeptTransformer:
    """The transformer of the last shot, for the next one: loading may take longer than sampling."""

    def __init__(self) -> None:
        self._key: object = None
        self._network: LTX2VideoTransformer3DModel | None = None

    def holds(self, key: object) -> bool:
        """Whether the transformer with this key is loaded."""
        return self._network is not None and self._key == key

    def get(
        self, key: object, load: Callable[[], LTX2VideoTransformer3DModel], report: ProgressCallback
    ) -> LTX2VideoTransformer3DModel:
        """Return the transformer with this key; if it is not loaded, drop the other one and load it."""
        if self._network is None or self._key != key:
            self.drop()
            report(Progress("load", 0, 1))
            self._network, self._key = load(), key
            report(Progress("load", 1, 1))
        return self._network

    @property
    def gpu_bytes(self) -> int:
        """GPU memory that it takes."""
        if self._network is None:
            return 0
        return sum(
            tensor.nbytes
            for tensor in (*self._network.parameters(), *self._network.buffers())
            if tensor.is_cuda
        )

    def drop(self) -> None:
        """Free its memory, if there is one: looking for garbage takes a quarter of a second."""
        if self._network is not None:
            self.make_room()

    def make_room(self) -> None:
        """Free its memory, and that of everything else that was dropped."""
        self._network = None
        free_memory()


def free_memory() -> None:
    """Free the memory of dropped networks, on the GPU too."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
