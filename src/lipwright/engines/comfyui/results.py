"""Download and verification of the video that a job made.

File names from a server are only sent back as query parameters, and are never used as local paths.
"""

from __future__ import annotations

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
"""Rank of each server folder with results. The video with the lowest rank is used, so a saved video is
preferred to a preview."""

_HEADER_BYTES = 64 << 20
"""Maximum size, in bytes, of all parts of a video file except the frames: headers, and the graph that ComfyUI
embeds."""

_MAX_DIGITS = 18
"""Maximum number of digits in a file size or offset that a server states in its HTTP headers."""


@dataclass(frozen=True, slots=True)
class ServerFile:
    """A file on the server, as the server names it."""

    filename: str
    subfolder: str
    folder: str
    """Server folder of the file: output or temp."""

    @property
    def suffix(self) -> str:
        """Suffix of the file's name, in lower case."""
        return self.filename[self.filename.rfind(".") :].lower() if "." in self.filename else ""

    @property
    def query(self) -> dict[str, str]:
        """Query parameters of the file for /view."""
        return {"filename": self.filename, "subfolder": self.subfolder, "type": self.folder}


def find_video(outputs: Mapping[str, Any]) -> ServerFile | None:
    """Return the video in the outputs of the nodes; None if there is none.

    Every list is searched, because VideoHelperSuite lists videos under `gifs`, ComfyUI under `images`, and
    other packs under other names.

    Args:
        outputs: Outputs of each node, keyed by node id, from the job's history entry.
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
    """Download a video, check its size and number of frames, and return its local path.

    An interrupted download is resumed. If the downloaded file is damaged or has too few frames, for example
    because the server was still writing it, the file is downloaded again.

    Args:
        client: The connection to the server.
        stored: The file on the server.
        folder: The local folder for the video.
        frames: Number of frames in the plan.
        size: Size of each frame.
        report: Called with the progress of the stage fetch; may raise Cancelled.

    Raises:
        EngineError: the number or size of the frames is wrong, or the video is damaged in every attempt.
        EngineUnavailable, EngineTimedOut: the connection breaks repeatedly, or the download takes too long.
        Cancelled: `report` stopped the work.
    """
    path = folder / f"video{stored.suffix}"
    max_bytes = frames * size.width * size.height * 4 + _HEADER_BYTES
    label = client.server.label
    download = _Download(client, stored, path, max_bytes, report)
    failure: EngineError = EngineUnavailable(
        f"{label} broke off the download in every attempt", hint="try again"
    )
    for last in client.attempts():
        try:
            download.go_on()
        except EngineUnavailable:
            if last:
                raise
        if not download.complete:
            continue
        download.have = 0  # if the file cannot be used, all of it is downloaded again
        try:
            found = count_frames(path, VideoInfo(frames, size))
        except InputError as error:
            damage = error.message.rpartition(": ")[2]
        else:
            if found.size == size and found.frames == frames:
                return path
            hint = "update ComfyUI and its node packs; lipwright comfyui status lists the packs"
            if found.size != size:
                raise EngineRejected(
                    f"{label} made frames of size {found.size}, but the planned size is {size}", hint=hint
                )
            if found.frames > frames:  # with fewer frames, the file may still be being written
                planned = pluralize(frames, "frame")
                raise EngineRejected(f"{label} made more than the {planned} that were planned", hint=hint)
            damage = f"it has {pluralize(found.frames, 'frame')}, but the plan has {frames}"
        failure = EngineError(
            f"the video that {label} made cannot be used: {damage}", hint="see the server's own log"
        )
    raise failure


@dataclass(slots=True)
class _Download:
    """A download that keeps the received bytes if the connection breaks, so that it can be resumed."""

    client: Client
    stored: ServerFile
    path: Path
    max_bytes: int
    report: ProgressCallback
    have: int = 0
    """Number of bytes received so far."""
    total: int = -1
    """Length of the file in bytes; -1 if the server does not state it."""
    etag: str = ""

    @property
    def complete(self) -> bool:
        """True if the whole file was received.

        If the length is unknown, this is True once any bytes have arrived; `fetch_video` then checks the
        file.
        """
        return self.have == self.total or (self.total < 0 and self.have > 0)

    def go_on(self) -> None:
        """Download the file, or the rest of it with a Range request if a part was already received.

        Raises:
            EngineError: see `fetch_video`.
        """
        label = self.client.server.label
        headers = {"Range": f"bytes={self.have}-"} if self.have else {}
        if self.have and self.etag:
            headers["If-Range"] = self.etag
        try:
            with self.client.stream("/view", self.stored.query, headers) as response:
                if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                    self.have, self.total = 0, -1  # the file is shorter than the received part: start again
                    return
                start, self.total = _content_range(response.status_code, response.headers, self.have)
                if start != self.have:
                    self.have = 0
                    if start != 0:  # the server sent another range
                        return
                self.etag = _etag(response.headers)
                if max(self.total, self.have) > self.max_bytes:
                    raise _too_much(label, self.max_bytes)
                with self.path.open("r+b" if self.have else "wb") as file:
                    file.seek(self.have)
                    for piece in self.client.pieces(response):
                        file.write(piece)
                        self.have += len(piece)
                        if self.have > self.max_bytes:
                            raise _too_much(label, self.max_bytes)
                        self.report(Progress("fetch", self.have, max(self.total, self.have)))
                    file.truncate()
        except UnexpectedStatus as answer:
            raise EngineError(
                f"{label} did not return the video (status {answer.status})",
                hint="was the video removed from the server's output folder?",
            ) from None


def _content_range(status: int, headers: Mapping[str, str], have: int) -> tuple[int, int]:
    """Find out which part of a file is in the body of an answer.

    Returns:
        Offset in the file at which the body begins, and length of the file (-1 if unknown), both in bytes.
    """
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
    """Return the ETag of an answer; empty if there is no usable ETag (missing, weak or malformed)."""
    etag = headers.get("etag", "")
    return etag if etag.isascii() and etag.isprintable() and etag.startswith('"') and len(etag) < 200 else ""


def _too_much(label: str, max_bytes: int) -> EngineError:
    return EngineError(
        f"{label} sent more than {max_bytes >> 20} MB, which is too much for the planned video",
        hint="check the address in --server: does ComfyUI run there?",
    )
