"""The models that `lipwright models pull` can download, with their repositories, files and licenses.

File names are those that Lightricks and Google published. Sizes and hashes are not listed here: the hub
states them at each pull, and they are recorded next to the files.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from lipwright.engines.ltx.profile import Kind

Role = Literal["model", "text encoder", "upscaler", "lora"]


@dataclass(frozen=True, slots=True)
class License:
    """The license of a model."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class CatalogModel:
    """A model that can be pulled."""

    name: str
    summary: str
    repo: str
    """Repository on the hub, as owner/name."""
    patterns: tuple[str, ...]
    """A file in the repository belongs to the model if its path matches one of these patterns; * matches any
    characters, including /."""
    license: License
    family: str = "2.3"
    role: Role = "model"
    kind: Kind = "distilled"
    """Kind of a video model: "distilled" or "full"."""
    gated: bool = False
    """True if the hub requires a login and consent to the license."""
    with_models: tuple[str, ...] = ()
    """Names of the other models that this model needs to make a video."""

    @property
    def pull_command(self) -> str:
        """The command that downloads the model."""
        return f"lipwright models pull {self.name}"

    @property
    def page(self) -> str:
        """The model's page on the hub, where the terms of a gated model are accepted."""
        return f"https://huggingface.co/{self.repo}"

    def wants(self, path: str) -> bool:
        """Return whether a file of the repository is part of the model."""
        return any(fnmatchcase(path, pattern) for pattern in self.patterns)


LTX_LICENSE = License(
    "LTX-2 Community License Agreement", "https://github.com/Lightricks/LTX-2/blob/main/LICENSE"
)
LTX_2_5_LICENSE = License(
    "LTX-2.x Community License Agreement", "https://github.com/Lightricks/LTX-2/blob/main/LICENSE"
)
GEMMA_LICENSE = License("Gemma Terms of Use", "https://ai.google.dev/gemma/terms")

TEXT_ENCODER = "gemma-3-12b"
DISTILLED = "ltx-2.3-distilled"
FULL = "ltx-2.3-full"

_REPO_2_5 = "Lightricks/LTX-2.5"
_VAES = ("vae/ltx-2.5-video-vae-conv-bf16.safetensors", "vae/ltx-2.5-audio-vae-bf16.safetensors")
"""Files of the video VAE and the audio VAE. The video VAE is the one with a convolutional decoder; the VAE
with a diffusion decoder is slow and not supported."""


def _ltx_2_3(
    name: str, summary: str, file: str, kind: Kind, repo: str = "Lightricks/LTX-2.3"
) -> CatalogModel:
    return CatalogModel(name, summary, repo, (file,), LTX_LICENSE, kind=kind, with_models=(TEXT_ENCODER,))


def _ltx_2_5(name: str, summary: str, kind: Kind, form: str) -> CatalogModel:
    transformer = {"distilled": "distilled", "full": "dev"}[kind]
    files = (
        f"diffusion_models/ltx-2.5-22b-{transformer}-transformer-{form}.safetensors",
        f"text_encoders/gemma4-12b-with-proj-ltx-2.5-{form}.safetensors",
        *_VAES,
    )
    return CatalogModel(name, summary, _REPO_2_5, files, LTX_2_5_LICENSE, "2.5", kind=kind, gated=True)


CATALOG: dict[str, CatalogModel] = {
    model.name: model
    for model in (
        _ltx_2_3(
            DISTILLED,
            "LTX-2.3, 22 B, distilled: for --preset guide or official-distilled",
            "ltx-2.3-22b-distilled-1.1.safetensors",
            "distilled",
        ),
        _ltx_2_3(
            "ltx-2.3-distilled-fp8",
            "LTX-2.3, 22 B, distilled, in scaled fp8, 27 GB",
            "ltx-2.3-22b-distilled-fp8.safetensors",
            "distilled",
            "Lightricks/LTX-2.3-fp8",
        ),
        _ltx_2_3(
            FULL,
            "LTX-2.3, 22 B, full (dev): for --preset official-full",
            "ltx-2.3-22b-dev.safetensors",
            "full",
        ),
        _ltx_2_3(
            "ltx-2.3-full-fp8",
            "LTX-2.3, 22 B, full (dev), in scaled fp8, 27 GB",
            "ltx-2.3-22b-dev-fp8.safetensors",
            "full",
            "Lightricks/LTX-2.3-fp8",
        ),
        CatalogModel(
            name="ltx-2.3-spatial-upscaler",
            summary="doubles width and height of LTX-2.3's latents: for --stages 2",
            repo="Lightricks/LTX-2.3",
            patterns=("ltx-2.3-spatial-upscaler-x2-1.1.safetensors",),
            license=LTX_LICENSE,
            role="upscaler",
        ),
        CatalogModel(
            name="ltx-2.3-distilled-lora",
            summary="LoRA with which ltx-2.3-full needs few steps in the second stage: for --stages 2",
            repo="Lightricks/LTX-2.3",
            patterns=("ltx-2.3-22b-distilled-lora-384-1.1.safetensors",),
            license=LTX_LICENSE,
            role="lora",
        ),
        CatalogModel(
            name=TEXT_ENCODER,
            summary="Gemma 3, 12 B: reads the prompts of LTX-2.3",
            repo="google/gemma-3-12b-it-qat-q4_0-unquantized",
            patterns=("*.safetensors", "*.json", "tokenizer.model"),
            license=GEMMA_LICENSE,
            role="text encoder",
            gated=True,
        ),
        _ltx_2_5(
            "ltx-2.5-distilled",
            "LTX-2.5, 22 B, distilled, with its text encoder and VAEs, 68 GB",
            "distilled",
            "bf16",
        ),
        _ltx_2_5(
            "ltx-2.5-distilled-int8",
            "LTX-2.5, 22 B, distilled, with transformer and text encoder in int8 (ConvRot), 39 GB",
            "distilled",
            "comfy-int8-convrot",
        ),
        _ltx_2_5(
            "ltx-2.5-full",
            "LTX-2.5, 22 B, full (dev), with its text encoder and VAEs, 68 GB",
            "full",
            "bf16",
        ),
        CatalogModel(
            name="ltx-2.5-spatial-upscaler",
            summary="doubles width and height of LTX-2.5's latents: for --stages 2",
            repo=_REPO_2_5,
            patterns=("latent_upscale_models/ltx-2.5-latent-spatial-upscaler-x2-bf16-1.0.safetensors",),
            license=LTX_2_5_LICENSE,
            family="2.5",
            role="upscaler",
            gated=True,
        ),
        CatalogModel(
            name="ltx-2.5-distilled-lora",
            summary="LoRA with which ltx-2.5-full needs few steps in the second stage: for --stages 2",
            repo=_REPO_2_5,
            patterns=("loras/ltx-2.5-22b-distilled-lora-450-bf16.safetensors",),
            license=LTX_2_5_LICENSE,
            family="2.5",
            role="lora",
            gated=True,
        ),
    )
}
"""All models by name, in the order of `lipwright models list`."""


def models_of(role: Role, family: str | None = None) -> list[CatalogModel]:
    """Return the models with this role, from all families or only from `family`."""
    return [one for one in CATALOG.values() if one.role == role and family in {None, one.family}]


def pull_command_for(family: str) -> str:
    """Return the command that downloads the text encoder of a family."""
    return (models_of("text encoder", family) or models_of("model", family))[0].pull_command
