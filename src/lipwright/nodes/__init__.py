"""The node pack: lipwright's functions on audio, prompts, latents and videos as ComfyUI nodes.

`lipwright comfyui install` links this folder into ComfyUI's custom_nodes. ComfyUI imports the folder through
the link, under a module name of its own, and calls `comfy_entrypoint`. This function imports the other
modules from the package `lipwright.nodes`, so lipwright must be installed for ComfyUI's Python. In a checkout
no installation is needed, because the function adds the source folder to `sys.path`.

    extension    the list of nodes
    audio        frame plan, prepare audio
    prompt       prompt check
    latents      freeze audio, verify freeze, norming threshold
    video        check sync, deliver
    sync_image   the report image of a sync check
    tensors      conversion of ComfyUI's audio, images and latents to and from lipwright's values
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lipwright.nodes.extension import LipwrightExtension


async def comfy_entrypoint() -> LipwrightExtension:
    """Return the extension; ComfyUI calls this when it loads the pack.

    Raises:
        ImportError: ComfyUI's Python has no lipwright.
    """
    home = Path(__file__).resolve().parents[2]
    if importlib.util.find_spec("lipwright") is None:
        if home.name != "src":
            raise ImportError(
                f"ComfyUI's Python has no lipwright. What to do: {sys.executable} -m pip install lipwright"
            )
        sys.path.append(str(home))
    from lipwright.nodes.extension import LipwrightExtension  # noqa: PLC0415 - needs the path

    return LipwrightExtension()
