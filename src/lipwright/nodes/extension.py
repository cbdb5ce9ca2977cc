"""The list of nodes for ComfyUI."""

from __future__ import annotations

from comfy_api.latest import ComfyExtension, io

from lipwright.nodes.audio import PlanFrames, PrepareAudio
from lipwright.nodes.latents import FreezeAudio, Norming, VerifyFreeze
from lipwright.nodes.prompt import CheckPrompt
from lipwright.nodes.video import CheckSync, Deliver

NODES: tuple[type[io.ComfyNode], ...] = (
    PlanFrames,
    PrepareAudio,
    CheckPrompt,
    FreezeAudio,
    VerifyFreeze,
    Norming,
    CheckSync,
    Deliver,
)
"""The nodes, in the order in which a graph uses them."""


class LipwrightExtension(ComfyExtension):
    """lipwright's node pack."""

    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        """Return all nodes; ComfyUI calls this."""
        return list(NODES)
