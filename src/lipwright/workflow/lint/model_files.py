"""Recognize the model that a graph runs, by the names of its model files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lipwright.workflow.flat import FlatNode
from lipwright.workflow.lint.constants import finite
from lipwright.workflow.lint.graph_queries import GraphQuery
from lipwright.workflow.schemas import MODEL_SUFFIXES

MODEL_LOADERS = {
    "CheckpointLoaderSimple": "ckpt_name",
    "LowVRAMCheckpointLoader": "ckpt_name",
    "UNETLoader": "unet_name",
    "UnetLoaderGGUF": "unet_name",
    "UnetLoaderGGUFAdvanced": "unet_name",
    "DiffusionModelLoaderKJ": "model_name",
}
LORAS = ("LoraLoaderModelOnly", "LoraLoader", "LTXICLoRALoaderModelOnly")
DISTILLED_STRENGTH = 0.4
"""Minimum strength of the distilled LoRA with which a full model counts as distilled. The templates use 0.5
to 0.8; Lightricks' own graph for the full model uses 0.2."""
VERSION_25 = re.compile(r"ltx[-_]?v?[-_]?2[._]5")
"""Pattern of the names of LTX-2.5's model files."""


def is_distilled(query: GraphQuery, guider: FlatNode) -> bool | None:
    """Return True if the file names of a guider's model show that it is distilled; None if unknown."""
    answer: bool | None = None
    unclear = False
    for node in query.line(guider, "model", "MODEL"):
        name = _model_file(query, node)
        if "lora" in node.class_type.lower():
            found = _has_distilled_lora(query, node)
            answer, unclear = answer or found or None, unclear or found is None
        elif "ltx" in name:
            distilled = bool(answer) or "distilled" in name
            return None if unclear and not distilled else distilled
    return answer


def _has_distilled_lora(query: GraphQuery, node: FlatNode) -> bool | None:
    """Return True if a node applies a distilled LoRA, and False if it does not.

    None if this is unknown. A LoRA at strength 0 counts as not applied. For any other strength below
    DISTILLED_STRENGTH, the result is None.
    """
    if node.class_type in LORAS or node.schema is not None:
        loras = [(query.value(node, "lora_name"), query.number(node, "strength_model"))]
    else:  # an unknown node; rgthree's has a group of values for each LoRA
        groups = [one for one in _held_values(node) if isinstance(one, dict) and "lora" in one]
        loras = [
            (one["lora"], finite(one.get("strength")) if one.get("on") is True else 0.0) for one in groups
        ]
        loras += [(one, finite(node.values.get("strength_model"))) for one in _held_files(node)]
    if not loras:
        return None
    strengths = [
        strength for name, strength in loras if not isinstance(name, str) or "distilled" in name.lower()
    ]
    if any(strength is not None and strength >= DISTILLED_STRENGTH for strength in strengths):
        return True if all(isinstance(name, str) for name, _ in loras) else None
    return False if all(strength == 0 for strength in strengths) else None


def loads_distilled(query: GraphQuery, sampler: FlatNode) -> bool:
    """Return True if a sampler's checkpoint is distilled by itself, not through a LoRA."""
    guider = query.source(sampler, "guider")
    return guider is not None and any("distilled" in name for name in _model_names(query, guider))


def _model_names(query: GraphQuery, guider: FlatNode) -> Iterator[str]:
    """Yield the names of a guider's model files, in lower case."""
    for node in query.line(guider, "model", "MODEL"):
        if name := _model_file(query, node):
            yield name


def _model_file(query: GraphQuery, node: FlatNode) -> str:
    """Return the name of the model file that a node loads, in lower case; empty if it loads none."""
    if node.class_type in MODEL_LOADERS:
        name = query.value(node, MODEL_LOADERS[node.class_type])
        return name.lower() if isinstance(name, str) else ""
    if node.schema is not None or query.inputs_of_type(node, "MODEL"):
        return ""
    return next(iter(_held_files(node)), "").lower()


def _held_values(node: FlatNode) -> tuple[Any, ...]:
    return (*node.values.values(), *node.unnamed_values)


def _held_files(node: FlatNode) -> list[str]:
    """Return the names of model files among the values of a node."""
    texts = [one for one in _held_values(node) if isinstance(one, str)]
    return [one for one in texts if one.lower().endswith(MODEL_SUFFIXES)]


def is_distilled_25(query: GraphQuery, sampler: FlatNode) -> bool:
    """Return True if the file names of a sampler's model show that it is the distilled LTX-2.5."""
    guider = query.source(sampler, "guider")
    return guider is not None and any(
        VERSION_25.search(name) and is_distilled(query, guider) for name in _model_names(query, guider)
    )


def has_version_25(query: GraphQuery) -> bool:
    """Return True if a graph loads LTX-2.5 and no other version of LTX."""
    ltx = [name for node in query.of(*MODEL_LOADERS) if "ltx" in (name := _model_file(query, node))]
    return bool(ltx) and all(VERSION_25.search(name) for name in ltx)
