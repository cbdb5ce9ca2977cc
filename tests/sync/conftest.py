"""One made video of real speech, whose mouth is a rule's on aligned phones; drawn once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest
from benchmarks.made_videos import Clip, Look, clips, draw, encode, motion_of, shifted

from lipwright.domain.progress import ProgressCallback
from lipwright.media.video_reader import VideoFacts
from lipwright.pipeline import check
from lipwright.sync.mouth_track import TrackedVideo

LOOK = Look("astronaut", 256, Fraction(25), 400_000, 1.0, 0.9)


@pytest.fixture(scope="session")
def clip() -> Clip:
    """Seven seconds of a woman reading, aligned."""
    return next(islice(clips(), 1))


@pytest.fixture(scope="session")
def frames(clip: Clip) -> list[np.ndarray]:
    return list(draw(motion_of(clip, LOOK), LOOK))


@pytest.fixture(scope="session")
def video(
    clip: Clip, frames: list[np.ndarray], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Path]:
    """video(shift_ms) or video(frames=..., audio=...): a path."""
    folder = tmp_path_factory.mktemp("videos")

    def make(shift_ms: float = 0.0, *, images=None, audio=clip.audio, name: str = "video") -> Path:
        moved = None if audio is None else shifted(audio, shift_ms)
        return encode(folder / f"{name}.mp4", iter(images or frames), LOOK, moved)

    return make


@pytest.fixture(scope="session")
def seen_before() -> dict[bytes, TrackedVideo]:
    return {}


@pytest.fixture
def watched_once(seen_before: dict[bytes, TrackedVideo], monkeypatch: pytest.MonkeyPatch) -> None:
    """Videos that differ in their audio alone are watched once: tracking is what a check costs."""
    watch = check._track

    def remembered(
        video: Path, facts: VideoFacts, face: str | None, report: ProgressCallback
    ) -> TrackedVideo:
        with av.open(str(video)) as container:
            image = hashlib.sha256(b"".join(bytes(packet) for packet in container.demux(video=0))).digest()
        if image not in seen_before:
            seen_before[image] = watch(video, facts, face, report)
        return seen_before[image]

    monkeypatch.setattr(check, "_track", remembered)
