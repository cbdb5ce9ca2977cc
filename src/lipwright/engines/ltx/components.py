"""The networks of a model, each of which is loaded when it is needed.

A network is represented by a function that loads it in evaluation mode, without gradients, in its dtype, and
on its device or with hooks that move it there. The caller owns the network, which is freed with its last
reference. So the text encoder (12 B) is freed before the transformer (19 B) is loaded. Only the transformer
may stay loaded for the next shot (`KeptTransformer`).
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
    """A model, with a loader for each of its networks."""

    profile: Profile
    transformer: Callable[[], LTX2VideoTransformer3DModel]
    """Loads the transformer with the adapters of the first stage."""
    video_vae: Callable[[], AutoencoderKLLTX2Video]
    audio_vae: Callable[[], AutoencoderKLLTX2Audio]
    connectors: Callable[[], LTX2TextConnectors]
    text_encoder: Callable[[], Gemma3ForConditionalGeneration]
    tokenizer: Callable[[], PreTrainedTokenizerBase]
    latent_upsampler: Callable[[], LTX2LatentUpsamplerModel] | None
    """Loads the network that doubles width and height of latents; None if the network is not installed, so
    that only one stage is possible."""
    device: torch.device
    """Device of all tensors, on which the networks compute."""
    dtype: torch.dtype
    """Type in which the transformer computes."""
    memory: MemoryPlan
    transformer_key: object = None
    """Key that is equal for transformers with the same weights, adapters and memory mode."""
    refining_transformer: Callable[[], LTX2VideoTransformer3DModel] | None = None
    """Loads the transformer with the adapters of the second stage; None if both stages have the same
    adapters."""
    loras: tuple[str, ...] = ()
    """The adapters as texts for the manifest, with file name, strength and stage."""
    fall_back: Callable[[], Components] | None = None
    """Returns this model in a mode that needs less memory; None if there is no such mode."""


class KeptTransformer:
    """The transformer of the last shot, kept for the next shot: loading may take longer than sampling."""

    def __init__(self) -> None:
        self._key: object = None
        self._network: LTX2VideoTransformer3DModel | None = None

    def holds(self, key: object) -> bool:
        """Return True if the transformer with this key is loaded."""
        return self._network is not None and self._key == key

    def get(
        self, key: object, load: Callable[[], LTX2VideoTransformer3DModel], report: ProgressCallback
    ) -> LTX2VideoTransformer3DModel:
        """Return the transformer with this key.

        If it is not loaded, the previous transformer is dropped, and `load` is called.
        """
        if self._network is None or self._key != key:
            self.drop()
            report(Progress("load", 0, 1))
            self._network, self._key = load(), key
            report(Progress("load", 1, 1))
        return self._network

    @property
    def gpu_bytes(self) -> int:
        """GPU memory of the loaded transformer in bytes."""
        if self._network is None:
            return 0
        return sum(
            tensor.nbytes
            for tensor in (*self._network.parameters(), *self._network.buffers())
            if tensor.is_cuda
        )

    def drop(self) -> None:
        """Free the memory of the loaded transformer; do nothing if none is loaded.

        Garbage collection, which takes 0.25 s, runs only if a transformer was loaded.
        """
        if self._network is not None:
            self.make_room()

    def make_room(self) -> None:
        """Drop the transformer, and free the memory of everything that is no longer referenced."""
        self._network = None
        free_memory()


def free_memory() -> None:
    """Free the memory of dropped networks, also on the GPU."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
