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
from benchmarks.made_videos import Clip, Look, clips, draw, dubbed, encode, motion_of, shifted

from lipwright.domain.progress import ProgressCallback, no_progress
from lipwright.media.video_reader import VideoFacts, video_facts
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
    """video(shift_ms) or video(images=..., audio=...): a path."""
    folder = tmp_path_factory.mktemp("videos")

    def make(shift_ms: float = 0.0, *, images=None, audio=clip.audio, name: str = "video") -> Path:
        moved = None if audio is None else shifted(audio, shift_ms)
        image = folder / f"{name if images else 'image'}.h264.mp4"
        if images or not image.exists():
            encode(image, iter(images or frames), LOOK)
        return dubbed(folder / f"{name}.mp4", image, moved)

    return make


@pytest.fixture(scope="session")
def watch() -> Callable[..., TrackedVideo]:
    """Tracks a video as a check does, and those that differ in their audio alone once: tracking is what a
    check costs."""
    track, seen = check._track, {}

    def remembered(
        video: Path, facts: VideoFacts, face: str | None, report: ProgressCallback
    ) -> TrackedVideo:
        with av.open(str(video)) as container:
            image = hashlib.sha256(b"".join(bytes(packet) for packet in container.demux(video=0))).digest()
        if image not in seen:
            seen[image] = track(video, facts, face, report)
        return seen[image]

    return remembered


@pytest.fixture(scope="session")
def see(watch: Callable[..., TrackedVideo]) -> Callable[[Path], TrackedVideo]:
    """Tracks a video, of each image once."""
    return lambda path: watch(path, video_facts(path), None, no_progress)


@pytest.fixture
def watched_once(watch: Callable[..., TrackedVideo], monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks of videos that differ in their audio alone track them once."""
    monkeypatch.setattr(check, "_track", watch)
