"""Link the node pack into ComfyUI, and ask servers for their nodes and models."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lipwright.engines.comfyui.description import DESCRIPTION as COMFYUI
from lipwright.engines.comfyui.model_names import read_model_names
from lipwright.engines.comfyui.server_url import parse_servers
from lipwright.engines.registry import missing_requirement
from lipwright.errors import EngineUnavailable, InputError, OutputError, UsageError
from lipwright.media.text_files import read_json
from lipwright.workflow.schemas import Schemas, read_object_info

LINK_NAME = "lipwright-nodes"
"""Name of the link in custom_nodes. A link named `lipwright` could be found by `import lipwright` instead
of the package; a name with a hyphen cannot be imported."""

PACK = Path(__file__).resolve().parents[1] / "nodes"

_SHIM_MARK = "# The lipwright node pack."
_SHIM = f"""{_SHIM_MARK} Written by `lipwright comfyui install`; remove the folder to uninstall it.
from lipwright.nodes import comfy_entrypoint
"""


def install_pack(comfyui: Path) -> dict[str, Any]:
    """Link the node pack into a ComfyUI installation; do nothing if it is already linked.

    A broken link, or a link to an older lipwright, is replaced. Any other file or folder with the name of the
    link is left as it is.

    Args:
        comfyui: ComfyUI's folder or its base directory, which contains custom_nodes.

    Returns:
        The object that `lipwright comfyui install --json` prints. Its key `how` is "link", or "shim" if the
        system does not allow links.

    Raises:
        InputError: the folder is not ComfyUI's.
        OutputError: another file or folder has the name of the link, custom_nodes is a link to a folder
            outside of ComfyUI's folder, or the link cannot be written.
    """
    folder = _custom_nodes(comfyui)
    link = folder / LINK_NAME
    try:
        if _leads_to_pack(link):
            return _installed(link, "shim" if _is_shim(link) else "link", changed=False)
        if link.is_symlink() and _is_our_link(link):
            link.unlink()
        elif link.is_symlink() or link.exists():
            raise OutputError(
                f"{link} already exists, and is not a link to lipwright",
                hint="move it away, and run this command again",
            )
        return _installed(link, _link(link), changed=True)
    except OSError as error:
        raise OutputError(
            f"the link {link} cannot be created: {error.strerror or error}",
            hint="check the permissions of custom_nodes",
        ) from error


def _installed(link: Path, how: str, *, changed: bool) -> dict[str, Any]:
    return {"path": str(link), "target": str(PACK), "how": how, "changed": changed}


def server_states(
    servers: Sequence[str], headers: tuple[tuple[str, str], ...] = (), models: Path | None = None
) -> list[dict[str, Any]]:
    """Return the state of each server: versions, memory, queue, nodes and models.

    Args:
        servers: URLs, or files with URLs (`@FILE`); empty for the server on this machine.
        headers: Headers sent with each request.
        models: File with the names of model files on the servers.

    Raises:
        EngineUnavailable: the libraries of the comfyui engine are not installed.
        UsageError: one of the servers is not a URL.
        InputError: a file cannot be read.
    """
    _require_client()
    from lipwright.engines.comfyui.client import Timeouts  # noqa: PLC0415 - needs the extra
    from lipwright.engines.comfyui.status import server_status  # noqa: PLC0415

    names = read_model_names(models)
    timeouts = Timeouts(answer_s=30, total_s=60)
    return [server_status(server, timeouts, names) for server in parse_servers(servers, headers)]


def server_schemas(servers: Sequence[str], headers: tuple[tuple[str, str], ...] = ()) -> Schemas:
    """Return the node classes of one server.

    Args:
        servers: The server's URL, or a file that contains it.
        headers: Headers sent with the request.

    Raises:
        EngineUnavailable: the libraries of the comfyui engine are not installed, or the server does not
            answer.
        UsageError: several servers are given, whose nodes may differ.
        EngineError: the answer of the server is invalid.
    """
    _require_client()
    from lipwright.engines.comfyui.client import Client, Timeouts  # noqa: PLC0415 - needs the extra

    known = parse_servers(tuple(servers), headers)
    if len(known) > 1:
        raise UsageError(
            f"{len(known)} servers were given, but a graph can only use the nodes of one server",
            hint="give only one --server",
        )
    with Client(known[0], Timeouts()) as client:
        return client.schemas()


@dataclass(frozen=True, slots=True)
class SchemaSource:
    """Where to read the node classes for a graph: a file or a server.

    If neither is given, the list of ComfyUI 0.26's nodes in the package is used.
    """

    object_info: Path | None = None
    """File with a server's response to /object_info."""
    servers: tuple[str, ...] = ()
    """The server to ask: its URL, or a file that contains it."""
    headers: tuple[tuple[str, str], ...] = ()
    """Headers sent with the request."""


BUNDLED_SCHEMAS = SchemaSource()


def read_schemas(source: SchemaSource) -> Schemas | None:
    """Read node classes from a server or a file; None if neither is given.

    Raises:
        UsageError: both are given, or several servers.
        InputError: the file cannot be read, or is not a response to /object_info.
        EngineUnavailable, EngineTimedOut, EngineError: the server does not list its nodes.
    """
    path = source.object_info
    if source.servers:
        if path is not None:
            raise UsageError(
                "--server and --object-info cannot be used together: the nodes are read either from a "
                "server or from a file",
                hint="leave one out",
            )
        return server_schemas(source.servers, source.headers)
    if path is None:
        return None
    answer = read_json(path, "list of nodes")
    try:
        return read_object_info(answer)
    except InputError as error:
        error.message = f"{path}: {error.message}"
        raise


def _require_client() -> None:
    missing = missing_requirement(COMFYUI)
    if missing:
        raise EngineUnavailable(
            f"servers cannot be reached: {missing}", hint=f"run: {COMFYUI.install_command}"
        )


def _custom_nodes(comfyui: Path) -> Path:
    hint = "give ComfyUI's folder, which contains main.py and custom_nodes, or its base directory"
    if not comfyui.is_dir():
        raise InputError(f"{comfyui}: no such folder", hint=hint)
    # The desktop build and --base-directory have custom_nodes without main.py. The portable build has both in
    # a folder named ComfyUI.
    for folder in (comfyui, comfyui / "ComfyUI"):
        nodes = folder / "custom_nodes"
        if nodes.is_dir():
            if not nodes.resolve().is_relative_to(comfyui.resolve()):
                raise OutputError(
                    f"{nodes} is a link to a folder outside of {comfyui}; nothing was written",
                    hint=f"give the folder that contains {nodes.resolve()}",
                )
            return nodes
    raise InputError(f"{comfyui}: this is not ComfyUI's folder, because it has no custom_nodes", hint=hint)


def _leads_to_pack(link: Path) -> bool:
    return (link.exists() and link.resolve() == PACK) or _is_shim(link)


def _is_shim(link: Path) -> bool:
    file = link / "__init__.py"
    if link.is_symlink() or not file.is_file():
        return False
    with file.open("rb") as text:
        return text.read(len(_SHIM_MARK)) == _SHIM_MARK.encode()


def _is_our_link(link: Path) -> bool:
    """Return True if a link leads to a node pack of lipwright, even if the pack no longer exists."""
    target = link.readlink()
    return target.name == "nodes" and target.parent.name == "lipwright"


def _link(link: Path) -> str:
    """Create the link to the node pack, and return "link".

    On Windows, where links need a special privilege, create a folder with a two-line module if the link is
    refused, and return "shim".
    """
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
