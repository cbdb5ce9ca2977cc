"""Traps of the image: sizes off the grid, a reference image that is not compressed."""

from __future__ import annotations

from collections.abc import Iterator

from lipwright.domain.finding import Finding
from lipwright.workflow.flat import FlatNode
from lipwright.workflow.lint.edits import Found, Insert, NewNode
from lipwright.workflow.lint.graph_queries import GraphQuery
from lipwright.workflow.lint.places import at, put
from lipwright.workflow.lint.timing import LATENTS

HOLDERS = (
    "LTXVImgToVideoInplace",
    "LTXVImgToVideo",
    "LTXVImgToVideoConditionOnly",
    "LTXVImgToVideoInplaceKJ",
)
"""Nodes that hold a video's first frame to an image."""
GRID = 32
COMPRESSION, LEAST_COMPRESSION = 33, 18
"""CRF for LTX-2.3, and for later models; ComfyUI's own templates have 18."""


def size(lens: GraphQuery) -> Iterator[Found]:
    """Trap 9: a side that is no multiple of 32, which the server rounds down without a word."""
    for node in lens.of(*LATENTS):
        for name in ("width", "height"):
            side = lens.number(node, name)
            if side is None or side < 1 or side % GRID == 0:
                continue
            snapped = max(64, round(side / GRID) * GRID)
            yield Found(
                Finding(
                    "size-not-32",
                    "error",
                    f"{name} {side:g} is no multiple of {GRID}: the server makes {int(side // GRID) * GRID}",
                    f"{snapped}; in two stages the video's own size must be a multiple of 64",
                    at(node, name),
                ),
                put(lens, node, name, snapped),
            )


def compressed(lens: GraphQuery) -> Iterator[Found]:
    """Trap 3: a clean still image tempts the model to keep still."""
    told: set[str] = set()
    for node in lens.of(*HOLDERS):
        for name in _images(node):
            preprocess = lens.above(node, name, "LTXVPreprocess")
            if preprocess is None:
                new = NewNode("LTXVPreprocess", {"img_compression": COMPRESSION})
                yield Found(
                    Finding(
                        "image-not-compressed",
                        "warning",
                        "the image goes in without LTXVPreprocess: the video may not move",
                        f"LTXVPreprocess with img_compression {COMPRESSION}",
                        at(node, name),
                    ),
                    (Insert(node.id, name, new, "image"),),
                )
                continue
            crf = lens.number(preprocess, "img_compression")
            if crf is None or crf >= COMPRESSION - 3 or preprocess.id in told:
                continue
            told.add(preprocess.id)
            low = crf < LEAST_COMPRESSION
            yield Found(
                Finding(
                    "image-compression-low",
                    "warning" if low else "hint",
                    f"img_compression is {crf:g}; {COMPRESSION} suits LTX-2.3"
                    + (", and less keeps the video still" if low else ", 18 later models"),
                    f"{COMPRESSION} if the video does not move",
                    at(preprocess, "img_compression"),
                ),
                put(lens, preprocess, "img_compression", COMPRESSION),
            )


def _images(node: FlatNode) -> list[str]:
    return [name for name in node.links if name == "image" or name.partition(".")[2].startswith("image_")]


RULES = (size, compressed)
