"""The description of the portrait engine."""

from __future__ import annotations

from lipwright.engines.base import EngineDescription
from lipwright.planning.size import NAMED_SIZES, SizeRules

DESCRIPTION = EngineDescription(
    name="portrait",
    summary="animates your own image; any computer, no GPU",
    target="lipwright.engines.portrait.engine:PortraitEngine",
    preset="portrait",
    auto_rank=1,
    distributions=("onnxruntime", "ai-edge-litert", "opencv-python-headless"),
    needs_face=True,
    needs_image=True,
    reads_prompt="mood",
    makes_motion=True,
    takes_chunks=True,
    moves_several=True,
    # Any even size is possible; yuv420p needs even sizes.
    sizes=SizeRules(multiple=2, two_stage_multiple=2, named=NAMED_SIZES, defaults_to_image_size=True),
    # The engine animates the image itself, in full size, and ignores actions in the prompt and the negative
    # prompt.
    ignores=frozenset({"image_crf", "talking", "negative", "stages", "anchor_strength"}),
)
