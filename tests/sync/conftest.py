"""One made film of real speech, whose mouth is a rule's on aligned phones; drawn once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest
from benchmarks.made_films import Clip, Look, clips, draw, encode, motion_of, shifted

from lipwright.domain.run import Report
from lipwright.pipeline import check
from lipwright.sync.mouth import Watched

LOOK = Look("astronaut", 256, Fraction(25), 400_000, 1.0, 0.9)


@pytest.fixture(scope="session")
def clip() -> Clip:
    """Seven seconds of a woman reading, aligned."""
    return next(islice(clips(), 1))


@pytest.fixture(scope="session")
def frames(clip: Clip) -> list[np.ndarray]:
    return list(draw(motion_of(clip, LOOK), LOOK))


@pytest.fixture(scope="session")
def film(
    clip: Clip, frames: list[np.ndarray], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Path]:
    """film(shift_ms) or film(frames=..., sound=...): a path."""
    folder = tmp_path_factory.mktemp("films")

    def make(shift_ms: float = 0.0, *, pictures=None, sound=clip.sound, name: str = "film") -> Path:
        moved = None if sound is None else shifted(sound, shift_ms)
        return encode(folder / f"{name}.mp4", iter(pictures or frames), LOOK, moved)

    return make


@pytest.fixture(scope="session")
def seen_before() -> dict[bytes, Watched]:
    return {}


@pytest.fixture
def watched_once(seen_before: dict[bytes, Watched], monkeypatch: pytest.MonkeyPatch) -> None:
    """Films that differ in their sound alone are watched once: tracking is what a check costs."""
    watch = check._watch

    def remembered(video: Path, frames: int, report: Report) -> Watched:
        with av.open(str(video)) as film:
            picture = hashlib.sha256(b"".join(bytes(packet) for packet in film.demux(video=0))).digest()
        if picture not in seen_before:
            seen_before[picture] = watch(video, frames, report)
        return seen_before[picture]

    monkeypatch.setattr(check, "_watch", remembered)
