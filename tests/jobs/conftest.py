"""What the tests of batches share: a place with recordings and a portrait."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

SPOKEN = Path("/usr/share/pocketsphinx/test/data/cards/001.wav")
"""One second."""


@pytest.fixture
def place(tmp_path: Path, portrait: Path) -> Path:
    """Folders, a portrait and three recordings that differ."""
    for name in ("out", "data"):
        (tmp_path / name).mkdir()
    shutil.copy(portrait, tmp_path / "face.png")
    for number in (1, 2, 3):
        shutil.copy(SPOKEN.with_name(f"00{number}.wav"), tmp_path / f"{number}.wav")
    return tmp_path
