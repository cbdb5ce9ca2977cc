"""Make a lip-synced video from a portrait and a voice.

    import lipwright
    from pathlib import Path

    request = lipwright.RenderRequest(Path("voice.wav"), Path("video.mp4"), image=Path("portrait.jpg"))
    manifest = lipwright.render(request)

Names are imported on first use, so that `import lipwright` alone loads no model runtime.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lipwright.privacy import disable_telemetry

if TYPE_CHECKING:
    from lipwright.domain.settings import RenderRequest
    from lipwright.pipeline.audio import examine_audio as prepare
    from lipwright.pipeline.audio_input import plan_recording as plan
    from lipwright.pipeline.check import check_video as check
    from lipwright.pipeline.manifest import Manifest, read_manifest
    from lipwright.pipeline.prompt import judge_prompt as lint
    from lipwright.pipeline.render import render_video as render
    from lipwright.pipeline.tune.run import tune_video as tune

disable_telemetry()

__version__ = "0.1.0"

__all__ = [
    "Manifest",
    "RenderRequest",
    "__version__",
    "check",
    "lint",
    "plan",
    "prepare",
    "read_manifest",
    "render",
    "tune",
]

_HOMES = {
    "Manifest": ("lipwright.pipeline.manifest", "Manifest"),
    "RenderRequest": ("lipwright.domain.settings", "RenderRequest"),
    "check": ("lipwright.pipeline.check", "check_video"),
    "lint": ("lipwright.pipeline.prompt", "judge_prompt"),
    "plan": ("lipwright.pipeline.audio_input", "plan_recording"),
    "prepare": ("lipwright.pipeline.audio", "examine_audio"),
    "read_manifest": ("lipwright.pipeline.manifest", "read_manifest"),
    "render": ("lipwright.pipeline.render", "render_video"),
    "tune": ("lipwright.pipeline.tune.run", "tune_video"),
}
"""For each public name, its module and its name in that module."""


def __getattr__(name: str) -> Any:  # noqa: ANN401 - as PEP 562 has it
    if name not in _HOMES:
        raise AttributeError(f"module 'lipwright' has no attribute {name!r}")
    module, own_name = _HOMES[name]
    return getattr(import_module(module), own_name)


def __dir__() -> list[str]:
    return sorted(__all__)
