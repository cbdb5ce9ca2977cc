"""The result of a job: the video, downloaded and verified.

File names from a server are only sent back as query parameters, and never used as a local path.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from lipwright.domain.media import FrameSize
from lipwright.domain.progress import Progress, ProgressCallback
from lipwright.domain.text import pluralize
from lipwright.engines.comfyui.client import Client, UnexpectedStatus
from lipwright.errors import EngineError, EngineRejected, EngineUnavailable, InputError
from lipwright.media.video_reader import SUFFIX_FORMATS, VideoInfo, count_frames
from lipwright.workflow.schemas import as_list, as_mapping

_FOLDER_ORDER = {"output": 0, "temp": 1}
"""Server folders with results, by priority; a saved video is better than a preview."""

_HEADER_BYTES = 64 << 20
"""Bytes allowed in addition to the frames: headers, and the graph that ComfyUI writes into its videos."""

_MAX_DIGITS = 18
"""Maximum number of digits of a length in a server's headers."""


@dataclass(frozen=True, slots=True)
class ServerFile:
    """A file on the server, as the server names it."""

    filename: str
    subfolder: str
    folder: str
    """output or temp."""

    @property
    def suffix(self) -> str:
        """Suffix of its name, in lower case."""
        return self.filename[self.filename.rfind(".") :].lower() if "." in self.filename else ""

    @property
    def query(self) -> dict[str, str]:
        """Query of the request to /view."""
        return {"filename": self.filename, "subfolder": self.subfolder, "type": self.folder}


def find_video(outputs: Mapping[str, Any]) -> ServerFile | None:
    """Find the video in the outputs of the nodes.

    VideoHelperSuite lists videos under `gifs`, ComfyUI under `images`, others under other names: every list
    is searched.

    Args:
        outputs: `outputs` of the history, by node.
    """
    videos = (one for one in _files(outputs) if one.suffix in SUFFIX_FORMATS and one.folder in _FOLDER_ORDER)
    return min(videos, key=lambda one: _FOLDER_ORDER[one.folder], default=None)


def _files(outputs: Mapping[str, Any]) -> Iterator[ServerFile]:
    for shown in outputs.values():
        for entry in (one for entries in as_mapping(shown).values() for one in as_list(entries)):
            filename, subfolder, folder = (
                as_mapping(entry).get(key) for key in ("filename", "subfolder", "type")
            )
            if isinstance(filename, str):
                yield ServerFile(
                    filename,
                    subfolder if isinstance(subfolder, str) else "",
                    folder if isinstance(folder, str) else "output",
                )


def fetch_video(
    client: Client,
    stored: ServerFile,
    folder: Path,
    *,
    frames: int,
    size: FrameSize,
    report: ProgressCallback,
) -> Path:
    """Fetch a video and check that it is the planned one.

    An interrupted download is resumed; a complete file that cannot be decoded to its end, for example because
    the server is still writing it, is downloaded again.

    Args:
        client: The server.
        stored: The file.
        folder: Where it is written, under a local name.
        frames: Number of frames in the plan.
        size: Size of each frame.
        report: Receives the progress of the stage fetch; may raise Cancelled.

    Raises:
        EngineError: the number or size of its frames is wrong, or it is damaged each time.
        EngineUnavailable, EngineTimedOut: the connection breaks repeatedly, or the download takes too long.
        Cancelled: `report` stopped it.
    """
    path = folder / f"video{stored.suffix}"
    max_bytes = frames * size.width * size.height * 4 + _HEADER_BYTES
    label = client.server.label
    damage = ""
    for attempt in range(client.timeouts.attempts):
        if attempt:
            time.sleep(client.timeouts.retry_s)
        _fetch(client, stored, path, max_bytes, report)
        try:
            found = count_frames(path, VideoInfo(frames, size))
        except InputError as error:
            damage = error.message.rpartition(": ")[2]
            continue
        if found.size == size and found.frames == frames:
            return path
        hint = "update ComfyUI and its packs; lipwright comfyui status shows what is there"
        if found.size != size:
            raise EngineRejected(f"{label} made frames of {found.size}, {size} were planned", hint=hint)
        if found.frames > frames:  # fewer may still be being written
            planned = pluralize(frames, "frame")
            raise EngineRejected(f"{label} made more than the {planned} that were planned", hint=hint)
        damage = f"{pluralize(found.frames, 'frame')}, {frames} were planned"
    raise EngineError(
        f"the video that {label} made cannot be used: {damage}", hint="see the server's own log"
    )


def _fetch(client: Client, stored: ServerFile, path: Path, max_bytes: int, report: ProgressCallback) -> None:
    """Write the file to `path`, continuing with a Range request where the connection breaks."""
    label, attempts = client.server.label, client.timeouts.attempts
    have, total, etag = 0, -1, ""
    for attempt in range(1, attempts + 1):
        headers = {"Range": f"bytes={have}-"} if have else {}
        if have and etag:
            headers["If-Range"] = etag
        try:
            with client.stream("/view", stored.query, headers) as response:
                if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                    have, total = 0, -1  # it is shorter than what came: start again
                    continue
                start, total = _content_range(response.status_code, response.headers, have)
                if start != have:
                    have = 0
                    if start != 0:  # not the range that was asked for
                        continue
                etag = _etag(response.headers)
                if max(total, have) > max_bytes:
                    raise _too_much(label, max_bytes)
                with path.open("r+b" if have else "wb") as file:
                    file.seek(have)
                    for piece in client.pieces(response):
                        file.write(piece)
                        have += len(piece)
                        if have > max_bytes:
                            raise _too_much(label, max_bytes)
                        report(Progress("fetch", have, max(total, have)))
                    file.truncate()
        except UnexpectedStatus as answer:
            raise EngineError(
                f"{label} did not return the video (status {answer.status})",
                hint="was it removed from its output folder?",
            ) from None
        except EngineUnavailable:
            if attempt == attempts:
                raise
        if have == total or (total < 0 and have):
            return
        time.sleep(client.timeouts.retry_s)
    raise EngineUnavailable(f"{label} broke off its answer {attempts} times", hint="try again")


def _content_range(status: int, headers: Mapping[str, str], have: int) -> tuple[int, int]:
    """Return where the body starts in the file, and the length of the file; -1 if the server does not say."""
    is_part = status == HTTPStatus.PARTIAL_CONTENT
    start = have if is_part else 0
    length = _number(headers.get("content-length", ""))
    total = start + length if length >= 0 else -1
    unit, _, rest = headers.get("content-range", "").partition(" ")
    if unit == "bytes" and is_part:
        given, stated = _number(rest.partition("-")[0]), _number(rest.rpartition("/")[2])
        start = given if given >= 0 else start
        total = stated if stated >= 0 else total
    return start, total


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= _MAX_DIGITS else -1


def _etag(headers: Mapping[str, str]) -> str:
    """Return the ETag if it can be sent back; weak ones cannot be used with ranges."""
    etag = headers.get("etag", "")
    return etag if etag.isascii() and etag.isprintable() and etag.startswith('"') and len(etag) < 200 else ""


def _too_much(label: str, max_bytes: int) -> EngineError:
    return EngineError(
        f"{label} sent more than {max_bytes >> 20} MB, more than the planned video can have",
        hint="check the address: is ComfyUI there?",
    )
