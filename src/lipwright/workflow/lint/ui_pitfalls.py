"""Traps of ComfyUI itself: values that its page rounds, and a cache that a node writes into."""

from __future__ import annotations

from collections.abc import Iterator

from lipwright.domain.finding import Finding
from lipwright.workflow.flat import FlatNode
from lipwright.workflow.lint.edits import Found
from lipwright.workflow.lint.graph_queries import GraphQuery
from lipwright.workflow.lint.image import HOLDERS
from lipwright.workflow.lint.places import at
from lipwright.workflow.rounding import survives

CHANGING = ("CLIPTextEncode", "LoraLoaderModelOnly", "LoraLoader", "LTXVConditioning")
"""Nodes that people change between two runs."""


def rounded(lens: GraphQuery) -> Iterator[Found]:
    """Trap 24: the page keeps one decimal of a number whose widget states no step."""
    if lens.graph.format != "ui":
        return
    for node in lens.graph.nodes.values():
        for name, value in node.values.items() if node.schema else ():
            spec = node.schema.inputs.get(name) if node.schema else None
            if spec is None or name in node.passed_down or survives(spec, value):
                continue
            yield Found(
                Finding(
                    "ui-rounds-value",
                    "warning",
                    f"{name} is {value:g}; ComfyUI's page rounds it to steps of {spec.ui_quantum:g}",
                    "run it in API format, or give a value that survives",
                    at(node, name),
                )
            )


def cache(lens: GraphQuery) -> Iterator[Found]:
    """Trap 14: the mask node writes into its cached input, and a second run loses the first frame."""
    for node in lens.of("LTXVSetAudioVideoMaskByTime"):
        link = node.links.get("av_latent")
        if link is None:
            continue
        before = lens.ancestors(link.node) | {link.node}
        if not any(_is(lens, key, HOLDERS) for key in before):
            continue
        loose: set[str] = set()
        for name in ("positive", "negative", "model"):
            source = node.links.get(name)
            if source is not None:
                loose |= (lens.ancestors(source.node) | {source.node}) - before
        changing = [key for key in sorted(loose) if _is(lens, key, CHANGING) and not _empty_text(lens, key)]
        if changing:
            yield Found(
                Finding(
                    "mask-node-cache",
                    "hint",
                    "after a change of prompt or LoRA this node runs again on its own cached output, "
                    "and the video loses its first frame",
                    "feed it texts and a model that do not change, or free the cache between runs",
                    at(node, "av_latent"),
                )
            )


def _is(lens: GraphQuery, key: str, class_types: tuple[str, ...]) -> bool:
    node = lens.graph.nodes.get(key)
    return node is not None and node.class_type in class_types


def _empty_text(lens: GraphQuery, key: str) -> bool:
    node: FlatNode = lens.graph.nodes[key]
    return node.class_type == "CLIPTextEncode" and lens.value(node, "text") == ""


RULES = (rounded, cache)
