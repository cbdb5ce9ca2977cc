"""The manifest: a JSON file next to a video, which records its inputs, settings and audio."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipwright.domain.audio_piece import AudioPiece, AudioSource, as_piece
from lipwright.domain.json_text import dumps, plain
from lipwright.domain.settings import ALIASES
from lipwright.errors import InputError
from lipwright.media.atomic_files import file_sha256, write_text_atomically
from lipwright.media.text_files import read_json

if TYPE_CHECKING:
    from lipwright.media.audio_decoder import AudioFormat

SCHEMA = 2
"""Version of the manifest. It is increased if a key changes its meaning or is removed, not if a key
is added."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The content of a manifest, as plain JSON values."""

    job: Mapping[str, Any]
    """All settings, with the values that were used."""
    plan: Mapping[str, Any]
    findings: tuple[Mapping[str, Any], ...]
    inputs: tuple[Mapping[str, Any], ...]
    """Input files, each with role, path, sha256, seconds (null for images), and `piece` if only a piece was
    used."""
    engine: Mapping[str, Any]
    """The engine, with the keys name, why (the reason for choosing it), model, versions and settings."""
    frozen: bool
    """True if the audio latent was bit-identical before and after sampling."""
    audio: Mapping[str, Any]
    """The audio track, with the keys codec, copied, offset_samples, bit_exact and seconds."""
    timing: Mapping[str, Any]
    sync: Mapping[str, Any] | None = None
    """Result of the sync check; None if it did not run, or could not measure the video."""
    video: Mapping[str, Any] | None = None
    """SHA-256 and size in bytes of the video; None in the oldest manifests."""
    edits: tuple[list[float], ...] = ()
    """Sections that --trim-silence kept. Each is [start and end in the recording, start and end in the
    shortened audio], in seconds."""
    chunks: tuple[Mapping[str, Any], ...] = ()
    """How each chunk of a long video was made; empty if the engine does not report it."""
    chunk_key: str = ""
    """Key under which the cache stores the chunks of the video; empty if the chunks are not cached."""
    turns: tuple[Mapping[str, Any], ...] = ()
    """Turns of a dialogue, each with speaker, start, end, offset_ms, confidence."""
    shots: tuple[Mapping[str, Any], ...] = ()
    """Shots of a dialogue, each with number, speaker, start, end, first_frame, frames, sampled_frames, seed,
    sync."""
    key: str = ""
    """Key of the job for videos of a batch or a dialogue (see `job_key`); empty for a single render."""
    schema: int = SCHEMA

    def to_json(self) -> dict[str, Any]:
        """Return the JSON content of the manifest, with `schema` first."""
        value = plain(asdict(self))
        return {"schema": value.pop("schema"), **value}

    def is_of(self, video: Path) -> bool:
        """Return True if the manifest describes `video`, and the video was not replaced or changed later.

        The oldest manifests do not contain the hash of a video; such a manifest is assumed to describe
        `video`.

        Raises:
            InputError: the video cannot be read.
        """
        return self.video is None or self.video == describe_video(video)

    def write(self, path: Path) -> None:
        """Write the manifest as JSON.

        Raises:
            OutputError: the file cannot be written.
        """
        write_text_atomically(path, dumps(self.to_json()))


def read_manifest(path: str | PathLike[str]) -> Manifest:
    """Read a manifest of the current schema or an older one.

    Raises:
        InputError: the file is not a manifest, or was written by a newer lipwright.
    """
    try:
        value = read_json(Path(path), "manifest")
    except InputError as error:
        raise InputError(f"{path} is not a manifest ({error})", hint=_HINT) from error
    return parse_manifest(value, str(path))


_HINT = "give the .json file next to a video made by lipwright"


def parse_manifest(value: Any, path: str) -> Manifest:  # noqa: ANN401 - whatever JSON holds
    """Convert the JSON value of a manifest of the current schema or an older one; `path` is for messages.

    Raises:
        InputError: the value is not a manifest, or was written by a newer lipwright.
    """
    schema = value.get("schema") if isinstance(value, dict) else None
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise InputError(f"{path} is not a manifest: it has no schema number", hint=_HINT)
    if schema > SCHEMA:
        raise InputError(
            f"{path} has schema {schema}; this lipwright reads up to {SCHEMA}",
            hint="update lipwright: pip install --upgrade lipwright",
        )
    if schema == 1:
        value = _from_schema_1(value)
    names = [field.name for field in fields(Manifest) if field.name in value]
    needed = [field.name for field in fields(Manifest) if field.default is MISSING]
    missing = [name for name in needed if name not in value]
    if missing:
        raise InputError(f"{path} is not a complete manifest: {missing[0]!r} is missing", hint=_HINT)
    wrong = [name for name in names if not isinstance(value[name], _JSON_TYPES.get(name, object))]
    if wrong or not isinstance(value["engine"].get("name"), str):
        name = wrong[0] if wrong else "engine.name"
        raise InputError(f"{path} is not a manifest: {name!r} has the wrong type", hint=_HINT)
    return Manifest(**{name: value[name] for name in names})


_JSON_TYPES: Mapping[str, Any] = {
    "job": dict,
    "plan": dict,
    "findings": list | tuple,
    "inputs": list | tuple,
    "engine": dict,
    "frozen": bool,
    "audio": dict,
    "timing": dict,
    "sync": dict | None,
    "edits": list | tuple,
    "key": str,
}
"""JSON type of each key of a manifest; the contents are checked where they are used."""


_SCHEMA_1_WORDS = {"sound": "audio", "film": "video", "picture": "image", **ALIASES}
"""Words in keys and ids of schema 1, and the words of schema 2 that replace them."""


def _from_schema_1(value: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a manifest of schema 1 to schema 2, by replacing words in its keys and ids."""

    def renamed(text: str) -> str:
        return re.sub(r"[a-z]+", lambda word: _SCHEMA_1_WORDS.get(word[0], word[0]), text)

    def translated(item: Any, key: str = "") -> Any:  # noqa: ANN401 - JSON has no narrower type
        if isinstance(item, dict):
            return {renamed(name): translated(inner, name) for name, inner in item.items()}
        if isinstance(item, list):
            return [translated(inner) for inner in item]
        return renamed(item) if key in {"rule", "verdict", "preset", "style_from"} else item

    found: dict[str, Any] = translated(value)
    return found | {"schema": SCHEMA}


def describe_input(role: str, source: AudioSource, form: AudioFormat | None) -> dict[str, Any]:
    """Return the entry in `inputs` of the manifest for an input file.

    `form` is None for a file that is not audio, such as an image or a table of turns.

    Raises:
        InputError: the file is gone.
    """
    path = as_piece(source).path
    described: dict[str, Any] = {
        "role": role,
        "path": str(path),
        "sha256": file_sha256(path),
        "seconds": None if form is None else float(form.seconds),
    }
    if isinstance(source, AudioPiece) and form is not None:
        described["piece"] = [float(source.start), float(source.start + form.seconds)]
    return described


def describe_video(path: Path) -> dict[str, Any]:
    """Return the value of `video` in the manifest: SHA-256 and size in bytes of the video.

    Raises:
        InputError: the file is gone.
    """
    return {"sha256": file_sha256(path), "bytes": path.stat().st_size}
