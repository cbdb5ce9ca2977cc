"""The finished file: found in the history, fetched in as many pieces as it takes, seen to be whole.

A server's file names are data: they go back to it as query parameters and never
become a local path.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from lipwright.domain.media import FrameSize
from lipwright.domain.pluralize import pluralize
from lipwright.domain.progress import Progress, ProgressCallback
from lipwright.engines.comfyui.client import Client
from lipwright.errors import EngineError, EngineRejected, EngineUnavailable, InputError
from lipwright.media.video_reader import SUFFIX_FORMATS, count_frames

_KINDS = {"output": 0, "temp": 1}
"""Where a server may keep results; a video saved is better than a preview."""

_HEAD_BYTES = 64 << 20
"""Allowed beside the images: headers, and the graph that ComfyUI writes into its videos."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file on the server, as the server names it."""

    filename: str
    subfolder: str
    kind: str
    """output or temp."""

    @property
    def suffix(self) -> str:
        """Its ending, in lower case."""
        return self.filename[self.filename.rfind(".") :].lower() if "." in self.filename else ""

    @property
    def query(self) -> dict[str, str]:
        """What /view is asked."""
        return {"filename": self.filename, "subfolder": self.subfolder, "type": self.kind}


def find_video(outputs: Mapping[str, Any]) -> Stored | None:
    """The video among what the nodes showed.

    VideoHelperSuite lists videos under `gifs`, ComfyUI under `images` with `animated`, others under names of
    their own: every list is searched.

    Args:
        outputs: The history's `outputs`, by node.
    """
    videos = sorted(
        (stored for stored in _stored(outputs) if stored.suffix in SUFFIX_FORMATS and stored.kind in _KINDS),
        key=lambda stored: _KINDS[stored.kind],
    )
    return videos[0] if videos else None


def _stored(outputs: Mapping[str, Any]) -> Iterator[Stored]:
    for shown in outputs.values():
        for entries in shown.values() if isinstance(shown, Mapping) else ():
            for entry in entries if isinstance(entries, list) else ():
                if isinstance(entry, Mapping) and isinstance(entry.get("filename"), str):
                    yield Stored(
                        entry["filename"],
                        str(entry.get("subfolder") or ""),
                        str(entry.get("type") or "output"),
                    )


def fetch_video(
    client: Client, stored: Stored, folder: Path, *, frames: int, size: FrameSize, report: ProgressCallback
) -> Path:
    """Fetch a video and see that it is the one planned.

    A file that broke off is continued; one that is whole but cannot be decoded to its end, as when the server
    has not finished writing it, is fetched anew.

    Args:
        client: The server.
        stored: Which file.
        folder: Where it goes, under a name of ours.
        frames: How many the plan has.
        size: What each of them measures.
        report: Told fetch; may raise Cancelled.

    Raises:
        EngineError: another number or size of frames; damaged each time.
        EngineUnavailable: the connection breaks again and again.
        Cancelled: `report` stopped it.
    """
    path = folder / f"video{stored.suffix}"
    most = frames * size.width * size.height * 4 + _HEAD_BYTES
    label = client.server.label
    damage = ""
    for attempt in range(client.patience.attempts):
        if attempt:
            time.sleep(client.patience.retry_s)
        _fetch(client, stored, path, most, report)
        try:
            found = count_frames(path)
        except InputError as error:
            damage = error.message.rpartition(": ")[2]
            continue
        if found.size != size:
            raise EngineRejected(
                f"{label} made frames of {found.size}, {size} were planned",
                hint="update ComfyUI and its packs; lipwright comfyui status tells what is there",
            )
        if found.frames == frames:
            return path
        damage = f"{pluralize(found.frames, 'frame')}, {frames} were planned"
    raise EngineError(
        f"the video that {label} made cannot be used: {damage}", hint="see the server's own log"
    )


def _fetch(client: Client, stored: Stored, path: Path, most: int, report: ProgressCallback) -> None:
    """Write the file to `path`, continuing by Range where the connection breaks."""
    label, attempts = client.server.label, client.patience.attempts
    have, whole, mark = 0, -1, ""
    for attempt in range(1, attempts + 1):
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers |= {"Range": f"bytes={have}-"} | ({"If-Range": mark} if mark else {})
        try:
            with client.stream("/view", stored.query, headers) as response:
                if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                    have, whole = 0, -1  # it is shorter than what came: begin anew
                    continue
                _check_status(label, response.status_code)
                if response.status_code == httpx.codes.OK:
                    have = 0
                whole = _length(response, have)
                mark = response.headers.get("etag", "")
                if max(whole, have) > most:
                    raise _too_much(label, most)
                with path.open("r+b" if have else "wb") as file:
                    file.seek(have)
                    for piece in client.pieces(response):
                        file.write(piece)
                        have += len(piece)
                        if have > most:
                            raise _too_much(label, most)
                        report(Progress("fetch", have, max(whole, have)))
                    file.truncate()
        except EngineUnavailable:
            if attempt == attempts:
                raise
        if have == whole or (whole < 0 and have):
            return
        time.sleep(client.patience.retry_s)
    raise EngineUnavailable(f"{label} broke off its answer {attempts} times", hint="try again")


def _check_status(label: str, status: int) -> None:
    if status in {httpx.codes.OK, httpx.codes.PARTIAL_CONTENT}:
        return
    if status in {502, 503, 504}:
        raise EngineUnavailable(f"{label}: its gateway answers with status {status}")
    raise EngineError(
        f"{label} does not give the video back (status {status})",
        hint="was it removed from its output folder?",
    )


def _length(response: httpx.Response, have: int) -> int:
    """Bytes of the whole file; -1 where the server does not say."""
    total = response.headers.get("content-range", "").rpartition("/")[2]
    if total.isdecimal():
        return int(total)
    length = response.headers.get("content-length", "")
    return have + int(length) if length.isdecimal() and "content-encoding" not in response.headers else -1


def _too_much(label: str, most: int) -> EngineError:
    return EngineError(
        f"{label} sends more than {most >> 20} MB, which is more than the planned video can have",
        hint="check the address: is ComfyUI there?",
    )
