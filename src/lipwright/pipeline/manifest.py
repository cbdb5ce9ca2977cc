"""The manifest: what a video was made from, how, and what its audio is, as JSON beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipwright.domain.paths import AnyPath
from lipwright.errors import InputError
from lipwright.pipeline.strict_json import dumps, plain

if TYPE_CHECKING:
    from lipwright.media.audio_decoder import AudioFormat

SCHEMA = 1
"""Raised when a key changes its meaning or goes; new keys do not raise it."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Every value is plain JSON already."""

    job: Mapping[str, Any]
    """Every setting, resolved."""
    plan: Mapping[str, Any]
    findings: tuple[Mapping[str, Any], ...]
    inputs: tuple[Mapping[str, Any], ...]
    """Each: role, path, sha256, seconds (null for images)."""
    engine: Mapping[str, Any]
    """name, why, model, versions, settings."""
    frozen: bool
    """The audio latent was bit-identical before and after sampling."""
    audio: Mapping[str, Any]
    """codec, delivery (copied or encoded), offset_samples, bit_exact, seconds."""
    timing: Mapping[str, Any]
    sync: Mapping[str, Any] | None = None
    """What `lipwright check` says of the video; None where it was not asked, or could not tell."""
    video: Mapping[str, Any] | None = None
    """sha256 and bytes of the video it tells of; None where an older lipwright wrote it."""
    edits: tuple[list[float], ...] = ()
    """What lies where, where --trim-silence shortened pauses: master start and end, driver start and end."""
    schema: int = SCHEMA

    def to_json(self) -> dict[str, Any]:
        """As it is written, `schema` first."""
        value = plain(asdict(self))
        return {"schema": value.pop("schema"), **value}

    def is_of(self, video: Path) -> bool:
        """Whether it tells of this very file: no other video in its place, no change made to it since.

        Raises:
            InputError: the video cannot be read.
        """
        return self.video is None or self.video == describe_video(video)

    def text(self) -> str:
        """The file's content: strict JSON, no NaN."""
        return dumps(self.to_json())


def read_manifest(path: AnyPath) -> Manifest:
    """Read a manifest.

    Raises:
        InputError: not a manifest, or one of a newer lipwright.
    """
    hint = "give the .json file that lies beside a video made by lipwright"
    try:
        value = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is not a manifest ({error})", hint=hint) from error
    schema = value.get("schema") if isinstance(value, dict) else None
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise InputError(f"{path} is not a manifest: it has no schema number", hint=hint)
    if schema > SCHEMA:
        raise InputError(
            f"{path} has schema {schema}; this lipwright reads up to {SCHEMA}",
            hint="update lipwright: pip install --upgrade lipwright",
        )
    names = [field.name for field in fields(Manifest) if field.name in value]
    needed = [field.name for field in fields(Manifest) if field.default is MISSING]
    missing = [name for name in needed if name not in value]
    if missing:
        raise InputError(f"{path} is not a whole manifest: {missing[0]!r} is missing", hint=hint)
    return Manifest(**{name: value[name] for name in names})


def describe_input(role: str, path: Path, form: AudioFormat | None) -> dict[str, Any]:
    """One entry of `inputs`.

    Args:
        role: audio, image or driver.
        path: As the user gave it.
        form: What audio file holds; None for an image.

    Raises:
        InputError: the file is gone.
    """
    return {
        "role": role,
        "path": str(path),
        "sha256": _digest(path),
        "seconds": None if form is None else float(form.seconds),
    }


def describe_video(path: Path) -> dict[str, Any]:
    """What `video` says of a video: sha256 and bytes.

    Raises:
        InputError: the file is gone.
    """
    return {"sha256": _digest(path), "bytes": path.stat().st_size}


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror or error})", hint="was it moved?"
        ) from error
