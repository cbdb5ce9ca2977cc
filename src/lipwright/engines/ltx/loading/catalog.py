"""The models that `lipwright models pull` knows: repository, files and licence of each.

File names are those that Lightricks and Google publish. Sizes and hashes are not listed here: they come from
the hub with each pull, and are recorded beside the files.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class Licence:
    """The licence of a model."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class CatalogModel:
    """One model that can be pulled."""

    name: str
    summary: str
    repo: str
    """Repository on the hub: owner/name."""
    patterns: tuple[str, ...]
    """Files of the repository that belong to the model; * stands for any characters."""
    licence: Licence
    gated: bool = False
    """The hub asks for a login and for consent to the licence."""
    with_models: tuple[str, ...] = ()
    """Other models that it needs to make a video."""

    @property
    def pull_command(self) -> str:
        """The command that downloads it."""
        return f"lipwright models pull {self.name}"

    def wants(self, path: str) -> bool:
        """Whether a file of the repository is part of the model."""
        return any(fnmatchcase(path, pattern) for pattern in self.patterns)


LTX_LICENCE = Licence(
    "LTX-2 Community License Agreement", "https://github.com/Lightricks/LTX-2/blob/main/LICENSE"
)
GEMMA_LICENCE = Licence("Gemma Terms of Use", "https://ai.google.dev/gemma/terms")

TEXT_ENCODER = "gemma-3-12b"
UPSCALER = "ltx-2.3-spatial-upscaler"
DISTILLED_LORA = "ltx-2.3-distilled-lora"
DISTILLED = "ltx-2.3-distilled"
FULL = "ltx-2.3-full"

_LTX_REPO = "Lightricks/LTX-2.3"

CATALOG: dict[str, CatalogModel] = {
    model.name: model
    for model in (
        CatalogModel(
            name=DISTILLED,
            summary="LTX-2.3, 22 B, distilled: what the presets guide and official-distilled sample with",
            repo=_LTX_REPO,
            patterns=("ltx-2.3-22b-distilled-1.1.safetensors",),
            licence=LTX_LICENCE,
            with_models=(TEXT_ENCODER,),
        ),
        CatalogModel(
            name=FULL,
            summary="LTX-2.3, 22 B, full (dev): for the preset official-full",
            repo=_LTX_REPO,
            patterns=("ltx-2.3-22b-dev.safetensors",),
            licence=LTX_LICENCE,
            with_models=(TEXT_ENCODER,),
        ),
        CatalogModel(
            name=UPSCALER,
            summary="doubles width and height of LTX-2.3's latents: for --stages 2",
            repo=_LTX_REPO,
            patterns=("ltx-2.3-spatial-upscaler-x2-1.1.safetensors",),
            licence=LTX_LICENCE,
        ),
        CatalogModel(
            name=DISTILLED_LORA,
            summary="makes the full model refine in few steps: for ltx-2.3-full in two stages",
            repo=_LTX_REPO,
            patterns=("ltx-2.3-22b-distilled-lora-384-1.1.safetensors",),
            licence=LTX_LICENCE,
        ),
        CatalogModel(
            name=TEXT_ENCODER,
            summary="Gemma 3, 12 B: reads the prompts of LTX-2.3",
            repo="google/gemma-3-12b-it-qat-q4_0-unquantized",
            patterns=("*.safetensors", "*.json", "tokenizer.model"),
            licence=GEMMA_LICENCE,
            gated=True,
        ),
    )
}
"""All models by name, in the order of `lipwright models list`."""
