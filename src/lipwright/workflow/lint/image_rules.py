"""Rules for images: valid sizes, compression of the reference image, and the cache of the mask node."""

from __future__ import annotations

from collections.abc import Iterator

from lipwright.workflow import findings
from lipwright.workflow.edits import Feed, GraphFinding, NewNode
from lipwright.workflow.flat import FlatNode
from lipwright.workflow.lint.graph_queries import GraphQuery
from lipwright.workflow.lint.model_files import has_version_25
from lipwright.workflow.lint.timing_rules import LATENTS
from lipwright.workflow.recipe_parts import IMAGE_COMPRESSION_CRF, LATER_COMPRESSION_CRF

IMAGE_HOLDERS = (
    "LTXVImgToVideoInplace",
    "LTXVImgToVideo",
    "LTXVImgToVideoConditionOnly",
    "LTXVImgToVideoInplaceKJ",
    "LTXVAddGuide",
    "LTXVAddGuideAdvanced",
    "LTXVAddGuideMulti",
)
"""Nodes that set frames of a video to an image."""
SIZE_MULTIPLE = 32
CRF_TOLERANCE = 3

CHANGING = ("CLIPTextEncode", "LoraLoaderModelOnly", "LoraLoader", "LTXVConditioning")
"""Nodes that users often change between two runs."""


def check_size(query: GraphQuery) -> Iterator[GraphFinding]:
    """FRAMES-4: width and height must be multiples of 32; the server silently rounds other values down."""
    for node in query.of(*LATENTS):
        for name in ("width", "height"):
            side = query.judged_number(node, name)
            if side is None or side < 1 or side % SIZE_MULTIPLE == 0:
                continue
            snapped = max(64, round(side / SIZE_MULTIPLE) * SIZE_MULTIPLE)
            yield query.wrong_value(
                findings.SIZE_NOT_32,
                node,
                name,
                snapped,
                side=side,
                multiple=SIZE_MULTIPLE,
                made=int(side // SIZE_MULTIPLE) * SIZE_MULTIPLE,
                snapped=snapped,
            )


def check_compression(query: GraphQuery) -> Iterator[GraphFinding]:
    """IMAGE-3: the reference image must be compressed; without compression, the video may stand still."""
    reported: set[str] = set()
    recommended = LATER_COMPRESSION_CRF if has_version_25(query) else IMAGE_COMPRESSION_CRF
    for node in query.of(*IMAGE_HOLDERS):
        plain: list[str] = []
        for name in _image_inputs(query, node):
            line = list(query.line(node, name, "IMAGE"))
            preprocess = next((one for one in line if one.class_type == "LTXVPreprocess"), None)
            if preprocess is None:
                if (
                    line and line[-1].class_type == "LoadImage"
                ):  # neither a video nor the output of another node
                    plain.append(name)
                continue
            crf = query.number(preprocess, "img_compression")
            if crf is None or crf >= recommended - CRF_TOLERANCE or preprocess.id in reported:
                continue
            reported.add(preprocess.id)
            yield query.wrong_value(
                findings.IMAGE_COMPRESSION_LOW,
                preprocess,
                "img_compression",
                recommended,
                severity=None if crf < LATER_COMPRESSION_CRF else "hint",
                crf=crf,
                recommended=recommended,
            )
        if plain:
            new = NewNode("LTXVPreprocess", {"img_compression": recommended}, {"image": "old"})
            yield GraphFinding(
                findings.IMAGE_NOT_COMPRESSED(where=node.place(plain[0]), crf=recommended),
                tuple(Feed(node.id, name, new) for name in plain),
            )


def _image_inputs(query: GraphQuery, node: FlatNode) -> list[str]:
    """Return the names of the linked image inputs of a node, without those of strength 0."""
    names = [name for name in node.links if name == "image" or name.partition(".")[2].startswith("image_")]
    return [name for name in names if query.number(node, _strength_of(name)) != 0]


def _strength_of(image: str) -> str:
    group, _, name = image.rpartition(".")
    return f"{group}.{name.replace('image', 'strength')}" if group else "strength"


def check_cache(query: GraphQuery) -> Iterator[GraphFinding]:
    """The mask node must not run again on a latent from the server's cache: the first frame would be lost.

    The mask node runs again if the user changes a prompt or LoRA on which the node depends. If the latent
    that enters the node does not depend on that prompt or LoRA, the server takes this latent from its cache.
    """
    for node in query.of("LTXVSetAudioVideoMaskByTime"):
        latent = query.source(node, "av_latent")
        if latent is None or not query.above(node, *IMAGE_HOLDERS):
            continue
        fixed = {one.id for one in (*query.above(latent, *CHANGING), latent)}
        changing: set[str] = set()
        for source in filter(None, (query.source(node, name) for name in ("positive", "negative", "model"))):
            above = [source, *query.above(source, *CHANGING)]
            changing |= {
                one.id for one in above if one.class_type in CHANGING and not _is_empty_text(query, one)
            }
        if changing - fixed:
            yield query.wrong_value(findings.MASK_NODE_CACHE, node, "av_latent")


def _is_empty_text(query: GraphQuery, node: FlatNode) -> bool:
    return node.class_type == "CLIPTextEncode" and query.value(node, "text") == ""


RULES = (check_size, check_compression, check_cache)
