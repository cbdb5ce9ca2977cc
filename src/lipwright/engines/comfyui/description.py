"""The description of the comfyui engine."""

from __future__ import annotations

from lipwright.engines.base import EngineDescription
from lipwright.workflow.recipe_inputs import OWN_SETTINGS

DESCRIPTION = EngineDescription(
    name="comfyui",
    parallel="servers",
    summary="LTX-2.3 on a ComfyUI server",
    target="lipwright.engines.comfyui.engine:ComfyEngine",
    preset="guide",
    extra="comfyui",
    distributions=("httpx", "websockets"),
    options=frozenset({"model", "servers", "headers"}),
    own_settings=OWN_SETTINGS,
    holds_first_image=True,
    # The graphs compress the image themselves, and only the portrait engine makes gestures.
    ignores=frozenset({"image_crf", "expression", "retakes", "fresh"}),
)
