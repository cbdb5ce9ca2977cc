"""The list of engines, and whether they can run on this machine.

Each engine's package describes it in a module of its own; other packages register theirs by the
entry point group `lipwright.engines`. An engine itself is imported only when it is used, so that the
libraries of the others are not loaded.
"""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lipwright.domain.settings import SETTINGS, EngineOptions
from lipwright.engines.base import Engine, EngineDescription
from lipwright.engines.comfyui.description import DESCRIPTION as COMFYUI
from lipwright.engines.comfyui.server_url import parse_servers
from lipwright.engines.ltx.description import DESCRIPTION as LTX
from lipwright.engines.portrait.description import DESCRIPTION as PORTRAIT
from lipwright.errors import EngineUnavailable, UsageError

AUTO = "auto"
"""Engine name that lets `choose` decide."""

GROUP = "lipwright.engines"
"""Entry point group of engines in other packages; each leads to an `EngineDescription`."""

DEFAULTS = EngineOptions()

ENGINES: dict[str, EngineDescription] = {entry.name: entry for entry in (PORTRAIT, LTX, COMFYUI)}
"""Every engine by name, in the order in which `lipwright doctor` lists them."""

BROKEN: dict[str, str] = {}
"""Broken entry points of other packages, with the reason."""


def _add_installed() -> None:
    """Add the engines of other packages. One that is broken must not stop the others."""
    for point in importlib.metadata.entry_points(group=GROUP):
        try:
            found = point.load()
        except Exception as error:  # whatever the package's own code raises
            BROKEN[point.name] = f"{point.value} cannot be imported: {type(error).__name__}: {error}"
            continue
        if not isinstance(found, EngineDescription):
            BROKEN[point.name] = f"{point.value} is not an EngineDescription"
        elif found.name in ENGINES or found.name == AUTO:
            BROKEN[point.name] = f"{point.value} takes the name {found.name!r}, which is in use"
        else:
            ENGINES[found.name] = found


_add_installed()


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """The chosen engine, and the reason."""

    description: EngineDescription
    why: str


def choose(name: str) -> EngineChoice:
    """Return the engine of that name; for "auto", the best that can run here.

    Raises:
        UsageError: no engine has that name.
        EngineUnavailable: the engine named, or every one that `auto` may take, cannot run here.
    """
    if name != AUTO:
        if name in BROKEN and name not in ENGINES:
            raise EngineUnavailable(
                f"engine {name} cannot be used: {BROKEN[name]}", hint="update or remove its package"
            )
        if name not in ENGINES:
            raise UsageError(
                f"there is no engine {name!r}", hint=f"the engines are {AUTO}, {', '.join(ENGINES)}"
            )
        _require(ENGINES[name])
        return EngineChoice(ENGINES[name], "asked for")
    candidates = sorted(
        (one for one in ENGINES.values() if one.auto_rank is not None), key=lambda one: -(one.auto_rank or 0)
    )
    passed_by: list[str] = []
    for one in candidates:
        reason = missing_requirement(one) or auto_refusal(one)
        if not reason:
            return EngineChoice(one, "; ".join(passed_by) or one.auto_reason)
        passed_by.append(f"{one.name} cannot run here: {reason}")
    _require(candidates[-1])
    raise EngineUnavailable("; ".join(passed_by), hint="name one with --engine")


def load(description: EngineDescription, options: EngineOptions = DEFAULTS) -> Engine:
    """Import the engine and make one.

    Raises:
        UsageError: an option that this engine does not take.
        EngineUnavailable: a library is missing, or it cannot be imported.
    """
    check_options(description, options)
    _require(description)
    try:
        make = _resolve(description.target)
    except MemoryError:
        raise
    except Exception as error:  # what its libraries raise, such as ValueError for an environment variable
        raise EngineUnavailable(
            f"engine {description.name} cannot be loaded: {error}", hint=f"run: {description.install_command}"
        ) from error
    engine: Engine = make(**options.given())
    return engine


def check_options(description: EngineDescription, options: EngineOptions) -> None:
    """Refuse an option that this engine does not use.

    Raises:
        UsageError: the engine does not take the option.
    """
    for name in options.given():
        if name in description.options:
            continue
        flag = SETTINGS[name].flag
        owners = " or ".join(other.name for other in ENGINES.values() if name in other.options)
        raise UsageError(
            f"{flag} is for --engine {owners}, not for {description.name}", hint=f"leave {flag} out"
        )


def count_servers(texts: Iterable[str]) -> int:
    """Return how many renders an engine that runs on servers makes at once.

    Args:
        texts: `EngineOptions.servers`.

    Raises:
        UsageError: one is not a URL.
        InputError: a file of servers cannot be read, or lists none.
    """
    return len(parse_servers(texts))


def missing_requirement(description: EngineDescription) -> str:
    """Explain in a few words why the engine cannot run here; empty if it can."""
    absent = [name for name, version in versions(description.distributions).items() if not version]
    return f"not installed: {', '.join(absent)}" if absent else ""


def auto_refusal(description: EngineDescription) -> str:
    """Explain why `auto` skips an engine whose libraries are installed; empty if it does not."""
    return str(_resolve(description.probe)()) if description.probe else ""


def remedies(description: EngineDescription) -> list[str]:
    """Return the commands that install what the engine's probe found missing."""
    return list(_resolve(description.remedy)()) if description.remedy else []


def versions(distributions: tuple[str, ...]) -> Mapping[str, str]:
    """Return the installed version of each distribution; empty if it is not installed."""
    found = {}
    for name in distributions:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = ""
    return found


def _resolve(target: str) -> Callable[..., Any]:
    """Import "module:name"."""
    module, _, name = target.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


def _require(description: EngineDescription) -> None:
    missing = missing_requirement(description)
    if missing:
        raise EngineUnavailable(
            f"engine {description.name} cannot run here: {missing}",
            hint=f"run: {description.install_command}",
        )
