"""Which engines there are, where their code lives, and whether they can run here.

An engine's module is imported only when it is chosen, so that nobody pays for
another one's libraries. Adding an engine is adding an entry.
"""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass, field

from lipwright.domain.settings import EngineOptions, Preset
from lipwright.engines.base import Engine
from lipwright.errors import EngineUnavailable, UsageError
from lipwright.workflow.inputs import STAGE_ONE_STRENGTH

AUTO = "auto"
"""The name that leaves the choice to `choose`."""

DEFAULTS = EngineOptions()


@dataclass(frozen=True, slots=True)
class EngineEntry:
    """One engine, without importing it."""

    name: str
    """As --engine spells it."""
    summary: str
    """What it is good for, in one line."""
    target: str
    """"module:Class"; empty while the engine is not part of this version."""
    preset: Preset
    """Settings it starts from where the user names none."""
    extra: str = ""
    """Name of the optional dependency group it needs; empty where the default install does."""
    distributions: tuple[str, ...] = ()
    """Distributions it cannot run without."""
    needs_face_model: bool = False
    """It cannot work without the landmark model of the face room."""
    needs_image: bool = False
    """It cannot work from a prompt alone."""
    probe: str = ""
    """"module:function" that tells, without its libraries, why `auto` should not take the engine here;
    empty text where it may. --engine NAME is not held back by it."""
    options: frozenset[str] = frozenset()
    """Fields of EngineOptions it takes, as keywords of its constructor."""
    own: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    """By number of stages: the settings of which it has numbers of its own."""
    ignores: frozenset[str] = frozenset()
    """What does nothing to it: options that a user is told so of (UNREAD in pipeline/preflight.py), and
    knobs that a tuning does not turn."""

    @property
    def install_command(self) -> str:
        """What installs its libraries."""
        return f"pip install 'lipwright[{self.extra}]'" if self.extra else "pip install --upgrade lipwright"


COMPRESSES = frozenset({"image_crf"})
"""Engines that compress the image themselves ignore a compression of ours."""

ENGINES: dict[str, EngineEntry] = {
    entry.name: entry
    for entry in (
        EngineEntry(
            name="portrait",
            summary="moves your own image; any computer, no GPU",
            target="lipwright.engines.portrait:PortraitEngine",
            preset="portrait",
            distributions=("onnxruntime", "ai-edge-litert", "opencv-python-headless"),
            needs_face_model=True,
            needs_image=True,
            # It moves the image itself, at full size, and reads the emotion words of a prompt alone.
            ignores=frozenset({"image_crf", "talking", "negative", "stages"}),
        ),
        EngineEntry(
            name="ltx",
            summary="LTX-2.3 on your own GPU: the photoreal video",
            target="lipwright.engines.ltx.engine:LtxEngine",
            preset="guide",
            extra="ltx",
            distributions=("torch", "diffusers", "transformers"),
            probe="lipwright.engines.ltx.presence:whats_missing",
            options=frozenset({"model", "memory", "loras"}),
            ignores=COMPRESSES,
        ),
        EngineEntry(
            name="comfyui",
            summary="LTX-2.3 on a ComfyUI server",
            target="lipwright.engines.comfyui.engine:ComfyEngine",
            preset="guide",
            extra="comfyui",
            distributions=("httpx", "websockets"),
            options=frozenset({"model", "servers", "headers"}),
            own={2: {"image_strength": STAGE_ONE_STRENGTH}},
            ignores=COMPRESSES,
        ),
    )
}
"""Every engine by name, in the order in which `lipwright doctor` lists them."""


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """The engine that will work, and why it."""

    entry: EngineEntry
    why: str


def choose(name: str) -> EngineChoice:
    """The engine of that name; for "auto", the best that can run here.

    Args:
        name: As --engine spells it.

    Raises:
        UsageError: no engine has that name.
        EngineUnavailable: the engine named cannot run here.
    """
    if name != AUTO:
        entry = ENGINES.get(name)
        if entry is None:
            raise UsageError(
                f"there is no engine {name!r}", hint=f"the engines are {AUTO}, {', '.join(ENGINES)}"
            )
        _require(entry)
        return EngineChoice(entry, "asked for")
    missing = missing_requirement(ENGINES["ltx"]) or auto_refusal(ENGINES["ltx"])
    if missing:
        _require(ENGINES["portrait"])
        return EngineChoice(ENGINES["portrait"], f"ltx cannot run here: {missing}")
    return EngineChoice(ENGINES["ltx"], "a GPU and the weights are here")


def load(entry: EngineEntry, options: EngineOptions = DEFAULTS) -> Engine:
    """Import the engine and make one.

    Args:
        entry: Which.
        options: What it runs on; what an engine has no use for must not be given.

    Raises:
        UsageError: an option that this engine does not take.
        EngineUnavailable: it is not part of this version, or a library is missing.
    """
    check_options(entry, options)
    _require(entry)
    module_name, _, class_name = entry.target.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise EngineUnavailable(
            f"engine {entry.name} cannot be loaded: {error}", hint=f"run: {entry.install_command}"
        ) from error
    engine: Engine = getattr(module, class_name)(**options.given())
    return engine


def check_options(entry: EngineEntry, options: EngineOptions) -> None:
    """Refuse an option that means nothing to this engine.

    Raises:
        UsageError: it takes no such option.
    """
    for name in options.given():
        if name in entry.options:
            continue
        if name == "model":
            raise UsageError(f"the {entry.name} engine has its own weights alone", hint="leave --model out")
        flag = f"--{name.removesuffix('s')}"
        owners = " or ".join(other.name for other in ENGINES.values() if name in other.options)
        raise UsageError(f"{flag} is for --engine {owners}", hint=f"leave {flag} out")


def missing_requirement(entry: EngineEntry) -> str:
    """Why the engine cannot run here, in a few words; empty where it can."""
    if not entry.target:
        return "it is not part of this version of lipwright"
    absent = [name for name, version in versions(entry.distributions).items() if not version]
    return f"not installed: {', '.join(absent)}" if absent else ""


def auto_refusal(entry: EngineEntry) -> str:
    """Why `auto` passes an engine by although its libraries are here; empty where it does not."""
    if not entry.probe:
        return ""
    module_name, _, function = entry.probe.partition(":")
    reason: str = getattr(importlib.import_module(module_name), function)()
    return reason


def versions(distributions: tuple[str, ...]) -> Mapping[str, str]:
    """Installed version of each distribution, empty where it is not installed."""
    found = {}
    for name in distributions:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = ""
    return found


def _require(entry: EngineEntry) -> None:
    missing = missing_requirement(entry)
    if missing:
        hint = (
            f"run: {entry.install_command}" if entry.target else "use --engine portrait, which runs anywhere"
        )
        raise EngineUnavailable(f"engine {entry.name} cannot run here: {missing}", hint=hint)
