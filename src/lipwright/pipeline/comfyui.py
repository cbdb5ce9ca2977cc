"""ComfyUI beside lipwright: the node pack linked into it, and what a server has."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lipwright.engines.comfyui.description import DESCRIPTION as COMFYUI
from lipwright.engines.registry import missing_requirement
from lipwright.errors import EngineUnavailable, InputError, OutputError, UsageError
from lipwright.workflow.schemas import Schemas, read_object_info

LINK_NAME = "lipwright-nodes"
"""With a hyphen: a folder named lipwright could be imported instead of lipwright."""

PACK = Path(__file__).resolve().parents[1] / "nodes"

_SHIM_MARK = "# The lipwright node pack."
_SHIM = f"""{_SHIM_MARK} Written by `lipwright comfyui install`; remove the folder to uninstall it.
from lipwright.nodes import comfy_entrypoint
"""


@dataclass(frozen=True, slots=True)
class Installed:
    """The pack in a ComfyUI."""

    path: Path
    """Where ComfyUI finds it."""
    target: Path
    """What it leads to."""
    how: str
    """link, or shim where the system makes no links."""
    changed: bool
    """False where it was there already."""

    def to_json(self) -> dict[str, Any]:
        """The keys of `lipwright comfyui install --json`."""
        return {
            "path": str(self.path),
            "target": str(self.target),
            "how": self.how,
            "changed": self.changed,
        }


def install_pack(comfyui: Path) -> Installed:
    """Link the node pack into a ComfyUI; does nothing where it is linked already.

    A link of an older lipwright, or one that leads nowhere, is renewed. Anything else of that
    name is left alone.

    Args:
        comfyui: Its folder, or its base directory: the one with custom_nodes.

    Raises:
        InputError: no ComfyUI there.
        OutputError: something of that name is there that is not ours, or no right to write.
    """
    folder = _custom_nodes(comfyui)
    link = folder / LINK_NAME
    try:
        if _leads_to_pack(link):
            return Installed(link, PACK, "shim" if _is_shim(link) else "link", changed=False)
        if link.is_symlink() and _is_our_link(link):
            link.unlink()
        elif link.is_symlink() or link.exists():
            raise OutputError(
                f"{link}: something else of that name is there already",
                hint="look what it is, and move it away",
            )
        return Installed(link, PACK, _link(link), changed=True)
    except OSError as error:
        raise OutputError(
            f"{link}: cannot be made: {error.strerror or error}",
            hint="check the rights of custom_nodes",
        ) from error


def server_states(
    servers: Sequence[str], headers: tuple[tuple[str, str], ...] = (), models: str | None = None
) -> list[dict[str, Any]]:
    """What each server is and has.

    Args:
        servers: URLs, or files of URLs; none is the server of this machine.
        headers: Sent with each request.
        models: A file with names of model files.

    Raises:
        EngineUnavailable: the libraries to ask them are not installed.
        UsageError, InputError: as the engine's.
    """
    _require_client()
    from lipwright.engines.comfyui.client import Patience  # noqa: PLC0415
    from lipwright.engines.comfyui.engine import read_model_names  # noqa: PLC0415
    from lipwright.engines.comfyui.server_url import parse_servers  # noqa: PLC0415 - needs the extra
    from lipwright.engines.comfyui.status import server_status  # noqa: PLC0415

    names = read_model_names(models)
    return [server_status(server, Patience(), names) for server in parse_servers(servers, headers)]


def server_schemas(servers: Sequence[str], headers: tuple[tuple[str, str], ...] = ()) -> Schemas:
    """What one server says of its nodes.

    Args:
        servers: Its URL, or a file that holds it.
        headers: Sent with the question.

    Raises:
        EngineUnavailable: the libraries to ask it are not installed, or it does not answer.
        UsageError: several servers, whose nodes may differ.
        EngineError: its answer makes no sense.
    """
    _require_client()
    from lipwright.engines.comfyui.client import Client, Patience  # noqa: PLC0415
    from lipwright.engines.comfyui.server_url import parse_servers  # noqa: PLC0415 - needs the extra

    known = parse_servers(tuple(servers), headers)
    if len(known) > 1:
        raise UsageError(
            f"{len(known)} servers, and one graph: their nodes may differ", hint="name one with --server"
        )
    with Client(known[0], Patience()) as client:
        return read_object_info(client.schemas())


def _require_client() -> None:
    missing = missing_requirement(COMFYUI)
    if missing:
        raise EngineUnavailable(f"servers cannot be asked: {missing}", hint=f"run: {COMFYUI.install_command}")


def _custom_nodes(comfyui: Path) -> Path:
    hint = "give ComfyUI's folder, where main.py and custom_nodes are, or its base directory"
    if not comfyui.is_dir():
        raise InputError(f"{comfyui}: no such folder", hint=hint)
    # The desktop build and --base-directory have custom_nodes without main.py; the portable build has
    # one more folder around it.
    for folder in (comfyui, comfyui / "ComfyUI"):
        if (folder / "custom_nodes").is_dir():
            return folder / "custom_nodes"
    raise InputError(f"{comfyui}: not a ComfyUI, it has no folder custom_nodes", hint=hint)


def _leads_to_pack(link: Path) -> bool:
    return (link.exists() and link.resolve() == PACK) or _is_shim(link)


def _is_shim(link: Path) -> bool:
    file = link / "__init__.py"
    if link.is_symlink() or not file.is_file():
        return False
    return file.read_text("utf-8", errors="replace").startswith(_SHIM_MARK)


def _is_our_link(link: Path) -> bool:
    """A link to a pack of ours, be it one that is gone."""
    target = link.readlink()
    return target.name == "nodes" and target.parent.name == "lipwright"


def _link(link: Path) -> str:
    """Make the link; on Windows, where links need a right that few have, a folder of two lines."""
    try:
        link.symlink_to(PACK, target_is_directory=True)
    except (OSError, NotImplementedError):
        if os.name != "nt":
            raise
    else:
        return "link"
    link.mkdir()
    (link / "__init__.py").write_text(_SHIM, encoding="utf-8")
    return "shim"
