"""The node pack: lipwright's functions on audio, prompts, latents and videos as ComfyUI nodes.

ComfyUI loads this folder through a link in its custom_nodes (`lipwright comfyui install`) as a module with
another name, and calls `comfy_entrypoint`. The other modules are imported as `lipwright.nodes`, so lipwright
must be installed for ComfyUI's Python; in a checkout, the source folder is added to its path.

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
