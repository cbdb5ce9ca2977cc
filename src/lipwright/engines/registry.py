"""The list of engines, and functions that choose an engine and check that it can run on this machine.

The package of each engine has a module with its description. Other packages register their descriptions in
the entry point group `lipwright.engines`. The engine itself is imported only when it is used, so that the
libraries of other engines are not loaded.
"""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lipwright.domain.grid import FRAMES_PER_LATENT, is_valid_frames
from lipwright.domain.settings import SETTINGS, EngineOptions
from lipwright.engines.base import Engine, EngineDescription
from lipwright.engines.comfyui.description import DESCRIPTION as COMFYUI
from lipwright.engines.comfyui.server_url import parse_servers
from lipwright.engines.ltx.description import DESCRIPTION as LTX
from lipwright.engines.portrait.description import DESCRIPTION as PORTRAIT
from lipwright.errors import EngineUnavailable, UsageError

AUTO = "auto"
"""The value of --engine that leaves the choice of the engine to `choose`."""

GROUP = "lipwright.engines"
"""Entry point group in which other packages register an `EngineDescription`."""

DEFAULTS = EngineOptions()

ENGINES: dict[str, EngineDescription] = {entry.name: entry for entry in (PORTRAIT, LTX, COMFYUI)}
"""Every engine by name, in the order in which `lipwright doctor` lists them."""

BROKEN: dict[str, str] = {}
"""Reason why an engine of another package cannot be used. The key is the name of its entry point."""


def _add_installed() -> None:
    """Add the engines of other packages to ENGINES, and broken ones to BROKEN."""
    for point in importlib.metadata.entry_points(group=GROUP):
        try:
            found = point.load()
        except Exception as error:  # the package's code may raise anything
            BROKEN[point.name] = f"{point.value} cannot be imported: {type(error).__name__}: {error}"
            continue
        if not isinstance(found, EngineDescription):
            BROKEN[point.name] = f"{point.value} is not an EngineDescription"
        elif found.name in ENGINES or found.name == AUTO:
            BROKEN[point.name] = f"{point.value} uses the name {found.name!r}, which another engine has"
        elif found.max_clip_frames <= FRAMES_PER_LATENT or not is_valid_frames(found.max_clip_frames):
            BROKEN[point.name] = (
                f"{point.value} has max_clip_frames={found.max_clip_frames}; it must be 8n+1: 9, 17, 25 ..."
            )
        else:
            ENGINES[found.name] = found


_add_installed()


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """The chosen engine, and the reason for the choice."""

    description: EngineDescription
    why: str


def choose(name: str) -> EngineChoice:
    """Return the engine with this name, or for "auto" the best engine that can run here.

    Raises:
        UsageError: no engine has this name.
        EngineUnavailable: the engine, or every engine that `auto` may choose, cannot run here.
    """
    if name != AUTO:
        if name in BROKEN and name not in ENGINES:
            raise EngineUnavailable(
                f"engine {name} cannot be used: {BROKEN[name]}",
                hint="update or uninstall the package that adds this engine",
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
    raise EngineUnavailable("; ".join(passed_by), hint="choose an engine with --engine")


def load(description: EngineDescription, options: EngineOptions = DEFAULTS) -> Engine:
    """Import an engine and make an instance of it.

    Raises:
        UsageError: the engine does not take one of the options.
        EngineUnavailable: a library of the engine is missing, or cannot be imported.
    """
    check_options(description, options)
    _require(description)
    try:
        make = _resolve(description.target)
    except MemoryError:
        raise
    except Exception as error:  # libraries raise many errors, such as ValueError for an environment variable
        raise EngineUnavailable(
            f"engine {description.name} cannot be loaded: {error}", hint=f"run: {description.install_command}"
        ) from error
    engine: Engine = make(**options.given())
    return engine


def check_options(description: EngineDescription, options: EngineOptions) -> None:
    """Check that an engine takes all of the given options.

    Raises:
        UsageError: the engine does not take one of the options.
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
    """Return the number of servers, which is the number of videos that can be rendered in parallel.

    Args:
        texts: `EngineOptions.servers`: URLs, or files with URLs.

    Raises:
        UsageError: one of the texts is not a URL.
        InputError: a file of servers cannot be read, or lists no server.
    """
    return len(parse_servers(texts))


def missing_requirement(description: EngineDescription) -> str:
    """Return why an engine cannot run on this machine, in a few words; empty if it can run."""
    absent = [name for name, version in versions(description.distributions).items() if not version]
    return f"not installed: {', '.join(absent)}" if absent else ""


def auto_refusal(description: EngineDescription) -> str:
    """Return why `auto` skips an engine whose libraries are installed; empty if `auto` may choose it."""
    return str(_resolve(description.probe)()) if description.probe else ""


def remedies(description: EngineDescription) -> list[str]:
    """Return the commands that install the missing requirements of an engine."""
    return list(_resolve(description.remedy)()) if description.remedy else []


def versions(distributions: tuple[str, ...]) -> Mapping[str, str]:
    """Return the installed versions of Python distributions, by name; an empty version if not installed."""
    found = {}
    for name in distributions:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = ""
    return found


def _resolve(target: str) -> Callable[..., Any]:
    """Return the object in an import path "module:name"."""
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
