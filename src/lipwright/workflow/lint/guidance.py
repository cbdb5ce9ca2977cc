"""Traps of guidance and schedule."""

from __future__ import annotations

from collections.abc import Iterator

from lipwright.domain.finding import Finding
from lipwright.domain.settings import CFG_CEILING
from lipwright.workflow.flat import FlatNode
from lipwright.workflow.lint.edits import Feed, Found, NewNode
from lipwright.workflow.lint.graph_queries import SAMPLERS, GraphQuery, numbers_in
from lipwright.workflow.lint.places import at, put

WITH_NEGATIVE = ("CFGGuider", "MultimodalGuider", "STGGuiderNode")
GUIDERS = ("CFGGuider", "GuiderParameters", "STGGuiderNode")
LORAS = ("LoraLoaderModelOnly", "LoraLoader")
CHECKPOINTS = {
    "CheckpointLoaderSimple": "ckpt_name",
    "LowVRAMCheckpointLoader": "ckpt_name",
    "UNETLoader": "unet_name",
}
DISTILLED_SIGMAS = "1.0, 0.99375, 0.9875, 0.98125, 0.975, 0.909375, 0.725, 0.421875, 0.0"
FEW_STEPS = 20
"""Fewer steps of an ordinary schedule are too few; the guide takes 40."""
MAX_ETA = 0.3


def modality(lens: GraphQuery) -> Iterator[Found]:
    """Trap 11: a modality_scale of 0 takes away what the audio tells the image."""
    for node in lens.of("GuiderParameters"):
        scale = lens.number(node, "modality_scale")
        edits = put(lens, node, "modality_scale", 1.0)
        if scale == 0:
            yield Found(
                Finding(
                    "modality-zero",
                    "error",
                    "modality_scale is 0: the image ignores the audio",
                    "1 is neutral; 0 is only the node's default",
                    at(node, "modality_scale"),
                ),
                edits,
            )
        elif scale is not None and scale < 1:
            yield Found(
                Finding(
                    "modality-below-one",
                    "warning",
                    f"modality_scale is {scale:g}: the image follows the audio less than without guidance",
                    "1 is neutral",
                    at(node, "modality_scale"),
                ),
                edits,
            )
        if lens.value(node, "cross_attn") is False and lens.value(node, "modality") != "AUDIO":
            yield Found(
                Finding(
                    "cross-attention-off",
                    "error",
                    "cross_attn is false for the video: it cannot hear the audio",
                    "true",
                    at(node, "cross_attn"),
                ),
                put(lens, node, "cross_attn", True),
            )


def cfg(lens: GraphQuery) -> Iterator[Found]:
    """CFG above the documented ceiling."""
    for node in lens.of(*GUIDERS):
        value = lens.number(node, "cfg")
        if value is None or value <= CFG_CEILING or lens.value(node, "modality") == "AUDIO":
            continue
        yield Found(
            Finding(
                "cfg-too-high",
                "warning",
                f"CFG {value:g} is above {CFG_CEILING:g}, outside the model's documented range",
                "4 for lip sync",
                at(node, "cfg"),
            ),
            put(lens, node, "cfg", 4.0),
        )


def negative(lens: GraphQuery) -> Iterator[Found]:
    """A negative prompt that does nothing."""
    guiders = [(node, lens.encoder(node, "negative")) for node in lens.of(*WITH_NEGATIVE)]
    # A text that another stage is guided by is not without effect.
    told = {text.id for node, text in guiders if text is not None and cfg_of(lens, node) != 1}
    for node, text in guiders:
        if text is None or text.id in told or text is lens.encoder(node, "positive"):
            continue  # the same words on both sides only fill the input
        words = lens.value(text, "text")
        if isinstance(words, str) and words.strip():
            told.add(text.id)
            yield Found(
                Finding(
                    "negative-without-cfg",
                    "hint",
                    f"at CFG 1 the negative prompt of node {text.id} has no effect",
                    "a CFG above 1, or no negative prompt",
                    at(node, "negative"),
                )
            )


def cfg_of(lens: GraphQuery, guider: FlatNode) -> float | None:
    """The CFG of the video that a guider, or a sampler that is its own, works with; None where untold."""
    if guider.class_type != "MultimodalGuider":
        return lens.number(guider, "cfg")
    node = lens.source(guider, "parameters")
    for _ in range(4):
        if node is None or node.class_type != "GuiderParameters":
            return None
        if lens.value(node, "modality") == "VIDEO":
            return lens.number(node, "cfg")
        node = lens.source(node, "parameters")
    return None


def schedule(lens: GraphQuery) -> Iterator[Found]:
    """A distilled model on an ordinary schedule of few steps, or a full one on the distilled steps."""
    by_schedule: dict[str, list[FlatNode]] = {}
    for sampler in lens.of(*SAMPLERS):
        link = sampler.links.get("sigmas")
        if link is not None and link.node in lens.graph.nodes:
            by_schedule.setdefault(link.node, []).append(sampler)
    for key, samplers in by_schedule.items():
        sigmas = lens.graph.nodes[key]
        guiders = [lens.source(sampler, "guider") for sampler in samplers]
        distilled = {is_distilled(lens, guider) for guider in guiders if guider is not None}
        if distilled == {True}:
            yield from _too_few(lens, sigmas, samplers)
        elif distilled == {False}:
            yield from _distilled_levels(lens, sigmas)


def _too_few(lens: GraphQuery, sigmas: FlatNode, samplers: list[FlatNode]) -> Iterator[Found]:
    steps = lens.number(sigmas, "steps")
    if sigmas.class_type not in ("LTXVScheduler", "BasicScheduler") or steps is None or steps >= FEW_STEPS:
        return
    levels = NewNode("ManualSigmas", {"sigmas": DISTILLED_SIGMAS})
    yield Found(
        Finding(
            "distilled-schedule",
            "warning",
            f"the distilled model with {steps:g} steps of {sigmas.class_type}: not the noise levels that it "
            "was made for",
            f"ManualSigmas with {DISTILLED_SIGMAS}, or the guide's 40 steps at CFG 4",
            at(sigmas, "steps"),
        ),
        tuple(Feed(sampler.id, "sigmas", levels) for sampler in samplers),
    )


def _distilled_levels(lens: GraphQuery, sigmas: FlatNode) -> Iterator[Found]:
    levels = numbers_in(lens.value(sigmas, "sigmas")) if sigmas.class_type == "ManualSigmas" else None
    if levels and levels[0] > 0.95 and len(levels) - 1 < FEW_STEPS:
        yield Found(
            Finding(
                "full-model-few-steps",
                "warning",
                f"the full model with the distilled model's {len(levels) - 1} steps",
                "add the distilled LoRA, or take LTXVScheduler with 30 steps",
                at(sigmas, "sigmas"),
            )
        )


def is_distilled(lens: GraphQuery, guider: FlatNode) -> bool | None:
    """Whether the model that a guider samples is distilled, by the names of its files; None if untold."""
    answer: bool | None = None
    for key in lens.ancestors(guider.id):
        node = lens.graph.nodes.get(key)
        if node is None:
            continue
        if node.class_type in CHECKPOINTS:
            name = lens.value(node, CHECKPOINTS[node.class_type])
            if isinstance(name, str) and "ltx" in name.lower():
                answer = bool(answer) or "distilled" in name.lower()
        elif node.class_type in LORAS:
            name, strength = lens.value(node, "lora_name"), lens.number(node, "strength_model")
            if isinstance(name, str) and "distilled" in name.lower() and (strength or 0) > 0:
                answer = True
    return answer


def ancestral(lens: GraphQuery) -> Iterator[Found]:
    """Far more noise per step than the tested range."""
    for node in lens.of("SamplerEulerAncestral"):
        eta = lens.number(node, "eta")
        if eta is not None and eta > MAX_ETA:
            yield Found(
                Finding(
                    "ancestral-noise",
                    "hint",
                    f"eta is {eta:g}; 0.1 to {MAX_ETA:g} is the tested range for lip sync",
                    "0.2 to start, 0.25 if the mouth looks stiff",
                    at(node, "eta"),
                ),
                put(lens, node, "eta", 0.2),
            )


RULES = (modality, cfg, negative, schedule, ancestral)
