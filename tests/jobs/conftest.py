"""What the tests of batches share: a place with recordings and a portrait."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from batches import PLUGIN, words

from lipwright.engines.registry import ENGINES

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


@pytest.fixture
def batch(cli: Any, place: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Runs a batch in this process, its worker in its own: batch(table, "--check") -> batch.json.

    One worker, since each takes a second to load; `workers=None` for as many as the machine can feed.
    """
    monkeypatch.syspath_prepend(PLUGIN)  # that of the workers begins as ours
    from batch_engine import DESCRIPTION, ON_A_GPU

    for description in (DESCRIPTION, ON_A_GPU):
        monkeypatch.setitem(ENGINES, description.name, description)

    def call(table: str, *options: str, code: int = 0, workers: int | None = 1) -> dict[str, Any]:
        count = () if workers is None else ("--workers", str(workers))
        done = cli(*words(place, table, *options, *count))
        assert done.code == code, done.stderr
        return done.json

    return call
