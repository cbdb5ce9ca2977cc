"""Data sent by clients: files, which are stored in the studio's folder, and options as JSON.

The maximum size of an upload is `server_settings.ServerSettings.max_upload_bytes`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from fastapi import Form, UploadFile

from lipwright.domain.json_text import parse_json
from lipwright.errors import InputError, UsageError
from lipwright.media.file_errors import writing
from lipwright.studio.inputs import called_by_role
from lipwright.studio.service import StudioService

MAX_OPTIONS_CHARACTERS = 100_000

OptionsField = Annotated[
    str,
    Form(
        description="A JSON object: options of the command line by their long names, such as"
        ' {"seed": 3, "size": "512x512"}. Values may be texts.',
        max_length=MAX_OPTIONS_CHARACTERS,
    ),
]


def read_object(text: str) -> dict[str, Any]:
    """Read the options of a request.

    Raises:
        UsageError: they are not a JSON object.
    """
    try:
        value = parse_json(text or "{}")
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise UsageError("the options are not a JSON object", hint='such as {"seed": 3}')
    return value


def save(file: UploadFile, path: Path) -> Path:
    """Write an uploaded file.

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
    """Provide an uploaded file while the block runs; messages call it by its role."""
    with service.incoming() as folder:
        path = save(file, folder / role)
        with called_by_role(path, role):
            yield path
