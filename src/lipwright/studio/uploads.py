"""Files and JSON options that clients send; files are stored in the studio's folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from fastapi import Form, UploadFile
from pydantic import BeforeValidator, Json

from lipwright.domain.json_text import parse_json
from lipwright.errors import InputError
from lipwright.media.file_errors import writing
from lipwright.studio.input_files import called_by_role
from lipwright.studio.service import StudioService

MAX_OPTIONS_CHARACTERS = 100_000


def _bounded(text: str) -> str:
    """Return the JSON text of options; raise ValueError if it is too long or nested too deeply."""
    if len(text) > MAX_OPTIONS_CHARACTERS:
        raise ValueError(f"the options have more than {MAX_OPTIONS_CHARACTERS:,} characters")
    parse_json(text)
    return text


OptionsField = Annotated[
    Json[dict[str, Any]],
    BeforeValidator(_bounded),
    Form(
        description="A JSON object with options of the command line by their long names, such as"
        ' {"seed": 3, "size": "512x512"}. Values may also be given as strings.',
        json_schema_extra={"default": "{}"},
    ),
]


def save(file: UploadFile, path: Path) -> Path:
    """Write an uploaded file to a path, and return the path.

    Raises:
        InputError: the file is empty.
        OutputError: the disk is full.
    """
    with writing(path), path.open("wb") as target:
        shutil.copyfileobj(file.file, target, 1 << 20)
    if not path.stat().st_size:
        raise InputError(f"the {path.name} is empty", hint="send a file with content")
    return path


@contextmanager
def received(service: StudioService, file: UploadFile, role: str) -> Iterator[Path]:
    """Provide an uploaded file during a `with` block; errors name it by its role."""
    with service.incoming() as folder:
        path = save(file, folder / role)
        with called_by_role(path, role):
            yield path
