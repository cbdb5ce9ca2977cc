"""Description of the comfyui engine."""

from __future__ import annotations

from lipwright.engines.base import EngineDescription
from lipwright.workflow.inputs import GUIDE_STRENGTH, STAGE_ONE_STRENGTH

DESCRIPTION = EngineDescription(
    name="comfyui",
    parallel="servers",
    summary="LTX-2.3 on a ComfyUI server",
    target="lipwright.engines.comfyui.engine:ComfyEngine",
    preset="guide",
    extra="comfyui",
    distributions=("httpx", "websockets"),
    options=frozenset({"model", "servers", "headers"}),
    own={
        1: {"anchor_strength": GUIDE_STRENGTH},
        2: {"anchor_strength": GUIDE_STRENGTH, "image_strength": STAGE_ONE_STRENGTH},
    },
    holds_first_image=True,
    # Its graphs compress the image themselves, and only the portrait engine makes gestures.
    ignores=frozenset({"image_crf", "expression", "retakes", "fresh"}),
)
