"""Shots of a video that are made again, while the others stay as they were encoded."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from lipwright.domain.media import FrameSize
from lipwright.errors import InputError
from lipwright.media.kept_frames import KeptFrames
from lipwright.media.video_reader import read_video_frames
from lipwright.media.video_writer import write_video

RATE, CUTS, COUNT = Fraction(30_000, 1001), (0, 40, 77, 130), 161


def frames_of(numbers, shift: int, side: int):
    base = (
        np.random.default_rng(0)
        .integers(0, 255, (side // 8, side // 8, 3), np.uint8)
        .repeat(8, 0)
        .repeat(8, 1)
    )
    for number in numbers:
        yield np.ascontiguousarray(np.roll(base, (2 * number + shift) % side, 1))


def write(path: Path, voice: Path, numbers, shift=0, *, kept: KeptFrames | None = None, side: int = 96):
    return write_video(
        path,
        frames_of(numbers, shift, side),
        frame_rate=RATE,
        size=FrameSize(side, side),
        audio=voice,
        frame_count=COUNT,
        cuts=CUTS,
        kept=kept,
    )


def test_kept_shots_are_identical_and_others_new(voice: Path, tmp_path: Path) -> None:
    old, new, newer = (tmp_path / f"{name}.mp4" for name in ("old", "new", "newer"))
    first = write(old, voice, range(COUNT))
    again = write(new, voice, range(40, 77), 30, kept=KeptFrames(old, ((0, 40), (77, COUNT))))
    assert (first.offset_samples, first.seconds) == (again.offset_samples, again.seconds)
    assert (again.offset_samples, float(again.seconds)) == (0, pytest.approx(COUNT / RATE, abs=1e-4))
    made = [*range(40), *range(130, COUNT)]
    write(newer, voice, made, 60, kept=KeptFrames(new, ((40, 130),)))
    shown = [list(read_video_frames(path)) for path in (old, new, newer)]
    times = [[instant for instant, _ in frames] for frames in shown]
    assert times[0] == times[1] == times[2] == [number / RATE for number in range(COUNT)]

    def same(a: int, b: int) -> list[int]:
        return [n for n in range(COUNT) if np.array_equal(shown[a][n][1], shown[b][n][1])]

    assert same(0, 1) == [*range(40), *range(77, COUNT)]
    assert same(1, 2) == [*range(40, 130)]


def test_a_video_of_another_size_is_refused(voice: Path, tmp_path: Path) -> None:
    old, target = tmp_path / "old.mp4", tmp_path / "new.mp4"
    write(old, voice, range(COUNT), side=128)
    with pytest.raises(InputError, match="encoded with other parameters"):
        write(target, voice, range(40, COUNT), kept=KeptFrames(old, ((0, 40),)))
    with pytest.raises(InputError, match="cannot be separated"):
        write(target, voice, range(30), kept=KeptFrames(old, ((30, COUNT),)), side=128)
    assert not target.exists()
