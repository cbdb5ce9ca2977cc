"""Heads that turn away: visible mouths are measured, hidden ones reported, and nothing is guessed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from benchmarks.made_videos import Clip, Look, dubbed, encode, shifted
from turned_head import turned

from lipwright.pipeline.check import check_video

LOOK = Look("astronaut", 256, Fraction(25), 600_000, 0.0, 0.9)
FRAME_MS = 40.0


@pytest.fixture(scope="module")
def profile(frames: list[np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """profile(yaw, count): frames of a head turned so far; of a video that turns away and back where None."""
    folder = tmp_path_factory.mktemp("profile")

    def make(yaw_deg: float | None, count: int = 0) -> Path:
        path = folder / f"{yaw_deg}.mp4"
        if path.exists():
            return path
        if yaw_deg is None:
            at = np.arange(len(frames)) / 25
            yaws = 80 * np.clip(np.minimum((at - 2.2) / 0.6, (4.8 - at) / 0.6), 0, 1)
        else:
            yaws = np.full(count, yaw_deg)
        return encode(path, turned(frames[: len(yaws)], yaws.tolist()), LOOK)

    return make


@pytest.mark.parametrize("shift_ms", [-160, 0, 200])
def test_face_turning_to_profile_is_measured_while_visible(
    *, profile, clip: Clip, watched_once: None, tmp_path: Path, shift_ms: float
) -> None:
    found = check_video(dubbed(tmp_path / "video.mp4", profile(None), shifted(clip.audio, shift_ms)))
    assert found.offset_ms is not None
    assert abs(found.offset_ms - shift_ms) <= FRAME_MS
    assert not found.mouth.jumps
    assert found.findings == (), "who comes back is no second person"


def test_foreign_audio_has_no_offset_there(profile, clip: Clip, watched_once: None, tmp_path: Path) -> None:
    backward = replace(clip.audio, samples=clip.audio.samples[:, ::-1].copy())
    found = check_video(dubbed(tmp_path / "video.mp4", profile(None), backward))
    assert (found.verdict, found.offset_ms) == ("inconclusive", None)


def test_half_turned_face_is_measured_or_reported(
    profile, clip: Clip, watched_once: None, tmp_path: Path
) -> None:
    image = profile(40, 100)
    own = check_video(dubbed(tmp_path / "video.mp4", image, clip.audio))
    assert own.offset_ms is None or abs(own.offset_ms) <= FRAME_MS
    backward = replace(clip.audio, samples=clip.audio.samples[:, ::-1].copy())
    foreign = check_video(dubbed(tmp_path / "video.mp4", image, backward))
    assert (foreign.verdict, foreign.offset_ms) == ("inconclusive", None)
    assert "face-turned-away" in {cause.id for cause in foreign.causes}


@pytest.mark.parametrize("yaw_deg", [60, -80])
def test_profile_video_reports_only_the_reason(
    *, profile, clip: Clip, watched_once: None, tmp_path: Path, yaw_deg: float
) -> None:
    found = check_video(dubbed(tmp_path / "video.mp4", profile(yaw_deg, 50), clip.audio))
    assert found.offset_ms is None
    why = {"inconclusive": "face-seldom-visible", "no-face": "no-face-in-video"}[found.verdict]
    assert [cause.id for cause in found.causes if cause.id != "lengths-differ"] == [why]
    assert not found.mouth.jumps
