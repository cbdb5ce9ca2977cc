"""Traps of the audio: not frozen, the mask upside down, scaled, or the wrong one delivered."""

from __future__ import annotations

from collections.abc import Iterator

from lipwright.domain.finding import Finding
from lipwright.workflow.flat import FlatNode
from lipwright.workflow.graph import Link
from lipwright.workflow.lint.edits import Edit, Found, Insert, NewNode, Reconnect
from lipwright.workflow.lint.graph_queries import SAMPLERS, Audio, GraphQuery, numbers_in
from lipwright.workflow.lint.places import at, put

FREEZE = NewNode(
    "SetLatentNoiseMask", {}, {"mask": NewNode("SolidMask", {"value": 0.0, "width": 512, "height": 512})}
)
EXPORTS = {"CreateVideo": "audio", "VHS_VideoCombine": "audio", "LipwrightDeliver": "master"}
"""Nodes that put a video and its audio together, and their input for the audio."""
MASK = "LTXVSetAudioVideoMaskByTime"


def frozen(lens: GraphQuery) -> Iterator[Found]:
    """Traps 5 and 19: a sampler that may change the audio, in any stage."""
    loose: dict[str, list[tuple[FlatNode, Audio]]] = {}
    for node in lens.of(*SAMPLERS):
        if "latent_image" in node.links and _has_audio(lens, node):
            audio = lens.audio_of(node, "latent_image")
            if audio.fate in ("free", "made-up") and audio.by in lens.graph.nodes:
                loose.setdefault(audio.by, []).append((node, audio))
    for key, stages in loose.items():
        by = lens.graph.nodes[key]
        if stages[0][1].fate == "made-up":
            yield Found(
                Finding(
                    "audio-made-up",
                    "warning",
                    "the audio starts as an empty latent: the model invents it, no recording moves the lips",
                    "encode the recording with LTXVAudioVAEEncode and freeze it",
                    at(by),
                )
            )
        elif by.class_type != MASK:  # the mask node has rules of its own
            yield _unfrozen(lens, by, stages)


def _unfrozen(lens: GraphQuery, by: FlatNode, stages: list[tuple[FlatNode, Audio]]) -> Found:
    advice = "SetLatentNoiseMask with a SolidMask of 0 on the encoded audio, before it joins the video"
    edits: tuple[Edit, ...] = ()
    if by.class_type == "SetLatentNoiseMask":
        mask = lens.source(by, "mask")
        edits = put(lens, mask, "value", 0.0) if mask is not None else ()
        text = "the mask on the audio is not 0: 1 is to sample, 0 is to keep"
        return Found(Finding("audio-not-frozen", "error", text, advice, at(mask or by, "value")), edits)
    if by.class_type == "LTXVAudioVideoMask":
        text = "the mask leaves a stretch of the audio to be sampled"
        return Found(Finding("audio-not-frozen", "error", text, advice, at(by, "audio_start_time")))
    changed = ", ".join(f"{node.title} (node {node.id})" for node, _ in stages)
    text = f"nothing freezes the audio: it is changed by {changed}, and the lips follow that one"
    entries = dict.fromkeys(audio.entry for _, audio in stages if audio.entry and audio.entry[1])
    edits = tuple(Insert(*entry, FREEZE, "samples") for entry in entries if entry)
    return Found(Finding("audio-not-frozen", "error", text, advice, at(by)), edits)


def _has_audio(lens: GraphQuery, sampler: FlatNode) -> bool:
    above = lens.ancestors(sampler.links["latent_image"].node) | {sampler.links["latent_image"].node}
    return any(
        lens.graph.nodes[key].class_type == "LTXVConcatAVLatent" for key in above if key in lens.graph.nodes
    )


def mask_polarity(lens: GraphQuery) -> Iterator[Found]:
    """Trap 12: 1 is to regenerate, and the node's own default regenerates the audio."""
    for node in lens.of(MASK):
        if lens.value(node, "mask_audio") is True:
            yield Found(
                Finding(
                    "audio-mask-inverted",
                    "error",
                    "mask_audio is true: the audio is made anew, and the lips follow that one",
                    "false: 1 means regenerate",
                    at(node, "mask_audio"),
                ),
                put(lens, node, "mask_audio", False),
            )
        if (lens.number(node, "mask_init_value_audio") or 0) > 0:
            yield Found(
                Finding(
                    "audio-mask-init",
                    "error",
                    "the audio's mask starts above 0, so all of the audio is sampled",
                    "mask_init_value_audio 0",
                    at(node, "mask_init_value_audio"),
                ),
                put(lens, node, "mask_init_value_audio", 0.0),
            )
        if lens.value(node, "mask_video") is False:
            yield Found(
                Finding(
                    "video-mask-off",
                    "error",
                    "mask_video is false: nothing of the video is sampled",
                    "true",
                    at(node, "mask_video"),
                ),
                put(lens, node, "mask_video", True),
            )


def scaled(lens: GraphQuery) -> Iterator[Found]:
    """Trap 10: normalising factors scale the frozen audio down; the defaults leave 6 % of it."""
    name = "audio_normalization_factors"
    for node in lens.of("LTXVNormalizingSampler", "LTX2AudioLatentNormalizingSampling"):
        factors = numbers_in(lens.value(node, name))
        if factors is None or all(factor == 1 for factor in factors):
            continue
        left = 1.0
        for factor in factors:
            left *= factor
        yield Found(
            Finding(
                "audio-scaled",
                "error",
                f"factors {lens.value(node, name)[:60]} leave the audio at {left:.3g} of its amplitude",
                "1 where the audio is frozen",
                at(node, name),
            ),
            put(lens, node, name, "1"),
        )


def delivered(lens: GraphQuery) -> Iterator[Found]:
    """The video must carry the recording, not what the model decoded."""
    encoders = list(lens.of("LTXVAudioVAEEncode"))
    if not encoders:
        return  # no recording to deliver: the model invents the audio
    for node in lens.of(*EXPORTS):
        name = EXPORTS[node.class_type]
        if lens.above(node, name, "LTXVAudioVAEDecode") is None:
            continue
        original: Link | None = encoders[0].links.get("audio")
        loops = original is not None and "LTXVAudioVAEDecode" in {
            lens.graph.nodes[key].class_type
            for key in lens.ancestors(original.node)
            if key in lens.graph.nodes
        }
        yield Found(
            Finding(
                "decoded-audio-delivered",
                "warning",
                "the video gets the audio that the model decoded, a worse copy",
                "link the original recording to the export",
                at(node, name),
            ),
            (Reconnect(node.id, name, original),) if original and not loops else (),
        )


RULES = (frozen, mask_polarity, scaled, delivered)
