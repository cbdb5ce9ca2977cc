"""Transfer of files between the browser and the studio."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from gradio.utils import get_upload_folder

EXAMPLES = ("voice.flac", "portrait.jpg")
"""File names of the example's voice and image."""

MAX_NAME_BYTES = 200
"""Maximum length of a file name, in bytes; all file systems allow this length."""


def example(name: str) -> Path:
    """Return the path of an example file, in the package or in the repository's example folder."""
    shipped = Path(str(files("lipwright.studio").joinpath("examples", name)))
    return shipped if shipped.is_file() else Path(__file__).parents[4] / "examples" / name


def hand_over(path: Path, name: str | None = None) -> str:
    """Link or copy a file into Gradio's upload folder, from which the page can show it; return the new path.

    Args:
        path: The file.
        name: The user's name of the file; None to keep the name of `path`.
    """
    folder = Path(get_upload_folder()) / sha256(str(path).encode()).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    fits = name and name not in {".", ".."} and len(name.encode()) <= MAX_NAME_BYTES
    target = folder / (name if name and fits else path.name)
    if not target.exists():
        with suppress(OSError):  # the folders are on different file systems
            os.link(path, target)
    if not target.exists():
        shutil.copyfile(path, target)
    return str(target)


def address_of(path: Path) -> str:
    """Return the URL at which the browser finds an uploaded file."""
    return f"gradio_api/file={quote(str(path))}"
