"""Recognize the model that a graph runs by the names of its files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lipwright.workflow.flat import FlatNode
from lipwright.workflow.lint.graph_queries import GraphQuery

MODEL_LOADERS = {
    "CheckpointLoaderSimple": "ckpt_name",
    "LowVRAMCheckpointLoader": "ckpt_name",
    "UNETLoader": "unet_name",
    "UnetLoaderGGUF": "unet_name",
    "UnetLoaderGGUFAdvanced": "unet_name",
    "DiffusionModelLoaderKJ": "model_name",
}
LORAS = ("LoraLoaderModelOnly", "LoraLoader")
VERSION_25 = re.compile(r"ltx[-_]?v?[-_]?2[._]5")
"""LTX-2.5 in the name of a file. Its distilled model was sampled ancestral, with eta 1."""


def is_distilled(query: GraphQuery, guider: FlatNode) -> bool | None:
    """Return whether a guider samples a distilled model, by the names of its files; None if not known."""
    answer: bool | None = None
    for node in query.line(guider, "model", "MODEL"):
        if node.class_type in MODEL_LOADERS:
            name = query.value(node, MODEL_LOADERS[node.class_type])
            if isinstance(name, str) and "ltx" in name.lower():
                return bool(answer) or "distilled" in name.lower()
        elif node.class_type in LORAS:
            name, strength = query.value(node, "lora_name"), query.number(node, "strength_model")
            if isinstance(name, str) and "distilled" in name.lower() and (strength or 0) > 0:
                answer = True
    return answer


def loads_distilled(query: GraphQuery, sampler: FlatNode) -> bool:
    """Return whether the checkpoint itself is distilled; a LoRA may be weak, or made for more steps."""
    guider = query.source(sampler, "guider")
    return guider is not None and any("distilled" in name for name in _model_names(query, guider))


def _model_names(query: GraphQuery, guider: FlatNode) -> Iterator[str]:
    """Yield the names of the model files of a guider, in lower case."""
    for node in query.line(guider, "model", "MODEL"):
        name = query.value(node, MODEL_LOADERS.get(node.class_type, ""))
        if node.class_type in MODEL_LOADERS and isinstance(name, str):
            yield name.lower()


def is_distilled_25(query: GraphQuery, sampler: FlatNode) -> bool:
    """Return whether a sampler runs the distilled model of LTX-2.5, by the name of its file."""
    guider = query.source(sampler, "guider")
    return guider is not None and any(
        VERSION_25.search(name) and is_distilled(query, guider) for name in _model_names(query, guider)
    )


def has_version_25(query: GraphQuery) -> bool:
    """Return whether a graph loads LTX-2.5 and no other LTX."""
    nodes = query.of(*MODEL_LOADERS)
    names = [str(query.value(node, MODEL_LOADERS[node.class_type])).lower() for node in nodes]
    ltx = [name for name in names if "ltx" in name]
    return bool(ltx) and all(VERSION_25.search(name) for name in ltx)
