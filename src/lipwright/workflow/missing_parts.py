"""Nodes and model files that a graph needs and a server lacks, and where to get them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lipwright.domain.text import list_some
from lipwright.errors import EngineRejected
from lipwright.workflow.schemas import bundled

FOLDERS: Mapping[str, str] = {
    "ckpt_name": "checkpoints",
    "unet_name": "diffusion_models",
    "text_encoder": "text_encoders",
    "clip_name": "text_encoders",
    "clip_name1": "text_encoders",
    "clip_name2": "text_encoders",
    "gemma_path": "text_encoders",
    "ltxv_path": "checkpoints",
    "vae_name": "vae",
    "lora_name": "loras",
    "model_name": "latent_upscale_models",
}
"""Folder in models/ for each input that names a model file (ComfyUI 0.26, folder_paths.py)."""

PACKS: Mapping[str, str] = {
    "ComfyUI-LTXVideo": "https://github.com/Lightricks/ComfyUI-LTXVideo",
    "ComfyUI-VideoHelperSuite": "https://github.com/Kosinkadink/ComfyUI-VideoHelperSuite",
    "ComfyUI-KJNodes": "https://github.com/kijai/ComfyUI-KJNodes",
}

OWN_PACK = "lipwright"


@dataclass(frozen=True, slots=True)
class MissingParts:
    """Nodes and model files that a graph needs and a server lacks."""

    nodes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    """Paths of the missing model files, such as models/vae/NAME."""

    def __bool__(self) -> bool:
        return bool(self.nodes or self.files)

    @property
    def hint(self) -> str:
        """Advice on where to get the missing parts and where to put them."""
        hints = list(dict.fromkeys(map(_install_hint, self.nodes)))
        if self.files:
            hints.append(
                "put the files into these folders of the server's ComfyUI. If the server has them under "
                "other names, write the server's names into a TOML or JSON file, and give that file with "
                "render --model or workflow --models"
            )
        return "; ".join(hints)

    def error(self, server: str) -> EngineRejected:
        """Return the error that names the missing parts."""
        lacks = []
        if self.nodes:
            lacks.append(f"the nodes {list_some(self.nodes)}")
        if self.files:
            lacks.append(f"the files {list_some(self.files)}")
        return EngineRejected(f"{server} lacks {' and '.join(lacks)}", hint=self.hint)


def _install_hint(class_type: str) -> str:
    schema = bundled().get(class_type)
    pack = schema.pack if schema is not None else "core"
    if pack == OWN_PACK:
        return (
            "install lipwright's pack on the server: lipwright comfyui install PATH_TO_COMFYUI, then restart "
            "ComfyUI"
        )
    if pack != "core":
        where = PACKS.get(pack, "with ComfyUI-Manager")
        return f"install {pack} into custom_nodes ({where}), then restart ComfyUI"
    return "update ComfyUI itself to 0.26 or later"
