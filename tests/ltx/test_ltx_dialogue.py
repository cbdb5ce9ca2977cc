"""`lipwright dialogue` with the tiny model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks.made_dialogue import make_images, speaker_options
from talk import make_talk

from lipwright.media.video_reader import read_video_frames

SIDE = 64


@pytest.mark.parametrize("layout", ["cut", "split"])
def test_dialogue_shots_are_rendered(
    cli, tiny_folder: Path, long_voice: Path, tmp_path: Path, layout: str
) -> None:
    made, images = make_talk(long_voice, tmp_path, 1.3), make_images(tmp_path, 256)
    video = tmp_path / "talk.mp4"
    line = [
        *("dialogue", made.mix, "--turns", made.table, *speaker_options(layout, images), "-o", video),
        *("--layout", layout, "--engine", "ltx", "--model", tiny_folder, "--steps", "1", "--json"),
        *("--size", f"{SIDE if layout == 'cut' else 2 * SIDE}x{SIDE}"),
    ]
    done = cli(*line)
    assert done.code == 0, done.stderr
    found = done.json
    assert found["frozen"] is True
    assert found["audio"]["offset_samples"] == 0
    assert [shot["speaker"] for shot in found["shots"]] == ["Joe", "Jim"]
    assert all(shot["sampled_frames"] % 8 == 1 for shot in found["shots"])
    frames = np.stack([frame for _, frame in read_video_frames(video)])
    assert len(frames) == found["plan"]["frames"]
    assert frames.shape[1:3] == (SIDE, SIDE if layout == "cut" else 2 * SIDE)
    if layout == "split":
        return
    again = cli(*line, "--redo-shot", "2", "--seed", "7")
    assert again.code == 0, again.stderr
    assert [shot["seed"] for shot in again.json["shots"]] == [found["shots"][0]["seed"], 7]
    redone = np.stack([frame for _, frame in read_video_frames(video)])
    second = found["shots"][1]["first_frame"]
    assert np.array_equal(redone[:second], frames[:second])
    assert np.abs(redone[second:] - frames[second:].astype(float)).mean() > 1
