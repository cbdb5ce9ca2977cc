"""A running studio, and a video that it has made."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from studio_process import Studio

from lipwright.domain.time import Span
from lipwright.media.audio_writer import write_excerpt

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def clip(voice: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1.2 seconds of speech."""
    path = tmp_path_factory.mktemp("clip") / "my voice.wav"
    write_excerpt(voice, Span(0.2, 1.4), path)
    return path


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One studio for the tests that do not stop it."""
    data = tmp_path_factory.mktemp("studio") / "data"
    data.mkdir()
    running = Studio(data, ("--no-page", "--max-upload", "8", "--webhook-host", "127.0.0.1")).start()
    yield running
    assert running.stop() == 0, running.log.read_text()
    assert running.log.read_text() == ""


@pytest.fixture(scope="session")
def finished(studio: Studio, clip: Path, portrait: Path) -> dict[str, Any]:
    """A video that the studio has made, as the API tells it."""
    answer = studio.submit(clip, portrait, key="finished", seed="3", prompt="warm <b>smile</b>")
    assert answer.status_code == 202, answer.text
    job = studio.wait(answer.headers["location"])
    assert job["state"] == "done", job
    return job
