"""`lipwright dialogue`: a short dialogue in every layout, tracked in its pixels; and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks.made_dialogue import (
    MadeDialogue,
    compare_mouths,
    make_dialogue,
    make_images,
    speaker_options,
)
from PIL import Image

from lipwright.cli.main import run
from lipwright.domain.media import Waveform
from lipwright.domain.progress import Progress
from lipwright.errors import Cancelled
from lipwright.media.audio_reader import read_audio
from lipwright.media.audio_writer import encode_wav
from lipwright.media.video_reader import read_video_frames
from lipwright.pipeline import check
from lipwright.pipeline.dialogue.run import ShotProgress
from lipwright.sync.mouth_track import TrackedVideo

SIDE = 192
TOGETHER = ("--speaker", "Joe=left", "--speaker", "Jim=2", "--layout", "together", "--image", "{2}")
LEAST_CORRELATION, MOST_LISTENING = 0.65, 0.1
"""Minimum for two turns of two and a half seconds; `benchmarks.dialogue` requires 0.7 for a minute."""


Cast = tuple[MadeDialogue, tuple[Path, Path, Path]]


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Cast:
    """A recording of two turns, and the images of two people and of both."""
    made = make_dialogue(tmp_path_factory.mktemp("talk"), 2, 2.4)
    return made, make_images(tmp_path_factory.mktemp("faces"), SIDE)


def command(made: MadeDialogue, images: tuple[Path, Path, Path], layout: str, video: Path) -> list[str]:
    width = SIDE if layout == "cut" else 2 * SIDE
    return [
        *("dialogue", str(made.mix), "--turns", str(made.table), "--layout", layout),
        *speaker_options(layout, images),
        *("--size", f"{width}x{SIDE}", "-o", str(video), "--json"),
    ]


@pytest.fixture(scope="module")
def cut_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first test leaves its video for the second."""
    return tmp_path_factory.mktemp("cut") / "talk.mp4"


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> list[TrackedVideo]:
    """The faces of every checked video, as the check has tracked them: it takes longer than to draw them."""
    tracks: list[TrackedVideo] = []
    track = check._track

    def remembered(*arguments: Any) -> TrackedVideo:
        tracks.append(track(*arguments))
        return tracks[-1]

    monkeypatch.setattr(check, "_track", remembered)
    return tracks


@pytest.mark.parametrize("layout", ["cut", "split", "together"])
def test_each_face_speaks_its_own_turns(
    cast: Cast, cli: Any, watched: list[TrackedVideo], *, cut_video: Path, tmp_path: Path, layout: str
) -> None:
    made, images = cast
    video = cut_video if layout == "cut" else tmp_path / "talk.mp4"
    done = cli(*command(made, images, layout, video), "--check")
    assert done.code == 0, done.stderr
    found = done.json
    assert json.loads(video.with_suffix(".json").read_text()) == found
    (tracked,) = watched
    mouths = compare_mouths(tracked, made, found["shots"], layout)
    assert mouths.seen > 0.97
    assert mouths.correlation >= LEAST_CORRELATION
    assert mouths.listening <= MOST_LISTENING
    # One recording, from the first sample to the last.
    assert (found["audio"]["offset_samples"], found["frozen"]) == (0, True)
    assert 0 <= found["plan"]["seconds"] - made.seconds < 9 / 25
    # Turns and shots are told, and measured.
    assert [turn["speaker"] for turn in found["turns"]] == [turn.speaker for turn in made.turns]
    assert [shot["speaker"] for shot in found["shots"]] == ["Joe", "Jim"]
    assert sum(shot["frames"] for shot in found["shots"]) == found["plan"]["frames"] * (
        1 if layout == "cut" else 2
    )
    assert all(shot["sampled_frames"] % 8 == 1 for shot in found["shots"])
    assert found["sync"]["verdict"] == "in-sync"
    assert found["sync"]["video"]["people"] == (1 if layout == "cut" else 2)
    for one in (*found["turns"], *(shot["sync"] for shot in found["shots"])):
        assert one["confidence"] > 0.5 and abs(one["offset_ms"]) < 40
    if layout == "cut":
        assert found["sync"]["video"]["cuts"] == [found["shots"][1]["first_frame"]]
    if layout == "together":
        assert_no_seam(video, images[2])


def assert_no_seam(video: Path, image: Path) -> None:
    """Between the faces every frame is the image, up to the codec's losses."""
    still = np.asarray(Image.open(image)).astype(float)[:, SIDE - 2 : SIDE + 2]
    worst = max(np.abs(rgb[:, SIDE - 2 : SIDE + 2] - still).mean() for _, rgb in read_video_frames(video))
    assert worst < 6


def test_redo_shot_replaces_one_shot_and_keeps_the_others(
    cast: Cast, cli: Any, cut_video: Path, tmp_path: Path
) -> None:
    made, images = cast
    missing = cli(*command(made, images, "cut", tmp_path / "new.mp4"), "--redo-shot", "1")
    assert missing.code == 3 and "no video" in missing.json["error"]
    video, line = cut_video, command(made, images, "cut", cut_video)
    first = json.loads(video.with_suffix(".json").read_text()) if video.exists() else cli(*line).json
    before = [rgb for _, rgb in read_video_frames(video)]
    again = cli(*line, "--redo-shot", "2", "--seed", "11").json
    after = [rgb for _, rgb in read_video_frames(video)]
    cut = again["shots"][1]["first_frame"]
    changed = [n for n, (a, b) in enumerate(zip(before, after, strict=True)) if not np.array_equal(a, b)]
    assert changed and min(changed) >= cut
    assert len(changed) > 0.9 * again["shots"][1]["frames"]
    assert [shot["seed"] for shot in again["shots"]] == [first["shots"][0]["seed"], 11]
    assert again["audio"] == first["audio"]
    kept = video.read_bytes()
    for wrong, code, told in (
        (["--redo-shot", "3"], 2, "there are 2 shots"),
        (["--redo-shot", "one"], 2, "not the number of a shot"),
        (["--redo-shot", "1", "--expression", "2"], 3, "other files or settings"),
    ):
        refused = cli(*line, *wrong)
        assert (refused.code, told in refused.json["error"]) == (code, True), refused.stdout
    assert video.read_bytes() == kept
    video.write_bytes(kept + b"\0")
    assert cli(*line, "--redo-shot", "1").code == 3


def test_turns_are_found_from_one_channel_per_speaker(
    cast: Cast, cli: Any, fakes: None, tmp_path: Path
) -> None:
    made, images = cast
    video = tmp_path / "talk.mp4"
    line = ["dialogue", made.channels, *speaker_options("cut", images), "--engine", "bar", "--size", "64x64"]
    found = cli(*line, "-o", video, "--json").json
    assert {turn["speaker"] for turn in found["turns"] if turn["start"] < made.turns[0].end} == {"Joe"}
    assert {turn["speaker"] for turn in found["turns"] if turn["start"] > made.turns[0].end} == {"Jim"}
    assert [shot["speaker"] for shot in found["shots"]] == ["Joe", "Jim"]
    assert "cross-talk" in [one["rule"] for one in found["findings"]]
    sound = read_audio(video, rate_hz=8_000).waveform
    assert sound.seconds == pytest.approx(found["plan"]["seconds"], abs=0.01)
    refused = cli(*line, "--speaker", f"Ann={images[0]}", "--turns", "channels", "-o", video, "--json")
    assert (refused.code, refused.json["error"].split(": ")[-1]) == (
        3,
        "the recording has 2 channels but there are 3 speakers",
    )


def test_the_turns_of_others_are_no_pauses(
    cast: Cast, cli: Any, fakes: None, long_voice: Path, tmp_path: Path
) -> None:
    spoken = read_audio(long_voice, rate_hz=16_000).waveform
    both = np.zeros((2, 6 * spoken.rate_hz), np.float32)
    half = 3 * spoken.rate_hz
    both[0, :half], both[1, half:] = spoken.samples[0, :half], spoken.samples[0, half : 2 * half]
    talk = tmp_path / "talk.wav"
    talk.write_bytes(encode_wav(Waveform(both, spoken.rate_hz)))
    line = ["dialogue", talk, *speaker_options("cut", cast[1]), "--engine", "bar", "--size", "64x64"]
    found = cli(*line, "-o", tmp_path / "talk.mp4", "--json").json
    assert len(found["turns"]) == 2
    assert not {"long-silence", "edge-silence"} & {one["rule"] for one in found["findings"]}


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (["--speaker", "Joe"], 2, "not NAME=IMAGE"),
        (["--speaker", "Joe={0}"], 2, "2 to 16 speakers; got 1"),
        (["--speaker", "Joe={0}", "--speaker", "joe={1}"], 2, "given twice"),
        (["--speaker", "Joe={0}", "--speaker", "Jim=nobody.png"], 3, "nobody.png: no such file"),
        (["--speaker", "Joe={0}", "--speaker", "Jim={table}"], 3, "not an image"),
        (["--speaker", "Joe={0}", "--speaker", "Jim={1}", "--layout", "row"], 2, "--layout 'row'"),
        (["--speaker", "Joe={0}", "--speaker", "Jim={1}", "--image", "{2}"], 2, "--layout together"),
        (["--speaker", "Joe=left", "--speaker", "Jim=right", "--layout", "together"], 2, "no --image"),
        (
            ["--speaker", "Joe=left", "--speaker", "Jim=1", "--layout", "together", "--image", "{2}"],
            3,
            "the same face",
        ),
        (
            ["--speaker", "Joe=left", "--speaker", "Jim=5", "--layout", "together", "--image", "{2}"],
            3,
            "--face 5",
        ),
        (
            ["--engine", "bar", *TOGETHER],
            2,
            "cannot move several faces",
        ),
        (["--speaker", "Ann={0}", "--speaker", "Jim={1}"], 3, "is not one of the speakers Ann, Jim"),
        (["--speaker", "Joe={0}", "--speaker", "Jim={1}", "--turns", "none.csv"], 3, "no such file"),
        (["--speaker", "Joe={0}", "--speaker", "Jim={1}", "--turns", "{0}"], 3, "not text"),
        (["--speaker", "Joe={0}", "--speaker", "Jim={1}", "--turns", "channels"], 3, "1 channel"),
        (["--speaker", "Joe={0}", "--speaker", "Jim={1}", "--turns", ""], 2, "is empty"),
        (["--speaker", "Joe={0}", "--speaker", "Jim={1}", "-o", "{0}"], 2, "does not end in .mp4"),
        (["--speaker", "Joe={0}", "--speaker", "Jim={1}", "-o", "none/talk.mp4"], 3, "no folder none"),
        (
            [*(part for n in range(5) for part in ("--speaker", f"N{n}={{0}}")), "--layout", "split"],
            2,
            "up to 4 people",
        ),
    ],
)  # fmt: skip
def test_impossible_requests_are_refused(
    request: pytest.FixtureRequest, tmp_path: Path, options: list[str], code: int, told: str
) -> None:
    request.getfixturevalue("fakes")
    (made, images), cli = (request.getfixturevalue(name) for name in ("cast", "cli"))
    filled = [option.format(*images, table=made.table) for option in options]
    more = [] if "--turns" in options else ["--turns", str(made.table)]
    target = [] if "-o" in options else ["-o", str(tmp_path / "talk.mp4")]
    refused = cli("dialogue", made.mix, *filled, *more, *target, "--json")
    assert (refused.code, told in str(refused.json)) == (code, True), refused.stdout
    assert told in refused.stderr and refused.json["hint"]
    assert not list(tmp_path.iterdir())


def test_progress_of_the_shots_is_one_percentage() -> None:
    told: list[Progress] = []
    shots = ShotProgress(told.append, 4)
    first, second = shots.of_next_shot(), shots.of_next_shot()
    first(Progress("read", 1, 1))
    first(Progress("sample", 4, 8))
    second(Progress("sample", 30, 30))
    first(Progress("sample", 8, 8))
    assert [(step.stage, step.done, step.total) for step in told] == [
        ("sample", percent, 100) for percent in (0, 12, 37, 50)
    ]
    shots.stop()
    with pytest.raises(Cancelled):
        second(Progress("sample", 30, 30))


def test_missing_turns_are_requested(cast: Cast, cli: Any, tmp_path: Path) -> None:
    made, images = cast
    line = ["dialogue", made.mix, *speaker_options("cut", images), "-o", tmp_path / "talk.mp4", "--json"]
    refused = cli(*line)
    assert (refused.code, "it is not known who speaks when" in refused.json["error"]) == (2, True)
    assert run(["dialogue", "--help"]) == 0
