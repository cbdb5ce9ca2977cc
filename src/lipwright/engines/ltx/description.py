"""The description of the ltx engine."""

from __future__ import annotations

from lipwright.engines.base import EngineDescription

DESCRIPTION = EngineDescription(
    name="ltx",
    parallel="one",
    summary="LTX-2.3 or 2.5 on your own GPU: photoreal video",
    target="lipwright.engines.ltx.engine:LtxEngine",
    preset="guide",
    auto_rank=2,
    auto_reason="a GPU and the weights are available",
    extra="ltx",
    distributions=("torch", "diffusers", "transformers"),
    probe="lipwright.engines.ltx.presence:missing_requirement",
    remedy="lipwright.engines.ltx.presence:pull_commands",
    options=frozenset({"model", "memory", "loras"}),
    holds_first_image=True,
    takes_chunks=True,
    scores_always=True,
    # The engine compresses the image itself, and only the portrait engine makes gestures.
    ignores=frozenset({"image_crf", "expression"}),
)
