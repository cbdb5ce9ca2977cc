"""Motion for other animation software: names, times, and mouth shapes that fit what is said."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from lipwright.domain.motion import CHANNEL, CHANNELS, Motion
from lipwright.domain.setting_values import MOTION_SUFFIXES
from lipwright.motion.export import (
    ARKIT_NAMES,
    WRITERS,
    arkit_curves,
    cues_tsv,
    curves_csv,
    motion_json,
    mouth_cues,
)
from lipwright.motion.visemes import VISEMES

NTSC = Fraction(24000, 1001)
MOUTH = (
    "jawOpen",
    "mouthStretch",
    "mouthPucker",
    "mouthUpperUp",
    "mouthLowerDown",
    "mouthPress",
    "mouthRollLower",
    "tongueOut",
)


def motion(frame_rate: Fraction = Fraction(25), **channels: list[float]) -> Motion:
    values = np.zeros((len(next(iter(channels.values()))), len(CHANNELS)), np.float32)
    for name, column in channels.items():
        values[:, CHANNEL[name]] = column
    return Motion(values, frame_rate)


def column(made: Motion, name: str) -> list[float]:
    return arkit_curves(made)[:, ARKIT_NAMES.index(name)].round(4).tolist()


def test_the_names_are_arkits_52() -> None:
    assert len(ARKIT_NAMES) == len(set(ARKIT_NAMES)) == 52
    sided = {name[: -len(side)] for name in ARKIT_NAMES for side in ("Left", "Right") if name.endswith(side)}
    for name in sided - {"jaw", "mouth"}:
        assert {f"{name}Left", f"{name}Right"} <= set(ARKIT_NAMES)


def test_signed_channels_become_two_shapes() -> None:
    made = motion(
        mouthStretch=[0.5, -0.7], mouthLowerDown=[0.4, -0.3], jawOpen=[1.3, 0.5], mouthPress=[0.0, 1.0]
    )
    assert column(made, "mouthStretchLeft") == column(made, "mouthStretchRight") == [0.5, 0.0]
    assert column(made, "mouthFunnel") == [0.0, 0.7]
    assert column(made, "mouthLowerDownLeft") == [0.4, 0.0]
    assert column(made, "mouthShrugLower") == [0.0, 0.3]
    assert column(made, "jawOpen") == [1.0, 0.5]
    assert column(made, "mouthClose") == [0.0, 0.5]


def test_the_eyes_look_where_the_gaze_goes() -> None:
    made = motion(gazeYaw=[np.radians(15), 0.0], gazePitch=[0.0, np.radians(-30)])
    assert column(made, "eyeLookOutLeft") == column(made, "eyeLookInRight") == [0.5, 0.0]
    assert column(made, "eyeLookInLeft") == column(made, "eyeLookOutRight") == [0.0, 0.0]
    assert column(made, "eyeLookUpLeft") == [0.0, 1.0]


def test_times_are_exact_at_any_rate() -> None:
    made = motion(NTSC, jawOpen=[0.0, 0.5, 1.0])
    rows = list(csv.DictReader(io.StringIO(curves_csv(made, "a.wav"))))
    document = json.loads(motion_json(made, "a.wav"))
    assert document["fps"] == "24000/1001"
    assert [float(row["time"]) for row in rows] == document["times"] == [0.0, 1001 / 24000, 2002 / 24000]
    assert [row["frame"] for row in rows] == ["0", "1", "2"]
    assert [float(row["jawOpen"]) for row in rows] == [0.0, 0.5, 1.0]


EXPECTED = {
    "mbp": "A",
    "fv": "G",
    "sz": "B",
    "i": "B",
    "e": "C",
    "ae": "CD",
    "a": "D",
    "o": "E",
    "u": "F",
    "w": "F",
    "l": "H",
    "rest": "X",
}


@pytest.mark.parametrize("viseme", EXPECTED)
def test_each_sound_has_rhubarbs_shape(viseme: str) -> None:
    """Half a second of each of the visemes that the model is trained on."""
    made = motion(**{name: [value] * 13 for name, value in zip(MOUTH, VISEMES[viseme], strict=True)})
    (cue,) = mouth_cues(made)
    assert cue.shape in EXPECTED[viseme]
    assert (cue.start, cue.end) == (0.0, 0.52)


def test_cues_have_no_gaps_and_short_ones_go() -> None:
    jaw = [0.0] * 10 + [1.0] + [0.0] * 2 + [1.0] * 10 + [0.0] * 3 + [1.0] * 5
    cues = mouth_cues(motion(jawOpen=jaw))
    assert [cue.shape for cue in cues] == ["X", "D", "A", "D"], "one frame is too short, a short rest is A"
    assert [cue.start for cue in cues[1:]] == [cue.end for cue in cues[:-1]]
    assert cues[-1].end == pytest.approx(len(jaw) / 25)


def test_the_tsv_is_rhubarbs() -> None:
    assert cues_tsv(motion(jawOpen=[1.0] * 25), "a.wav") == "0.00\tD\n1.00\tX\n"


def test_every_ending_has_its_writer() -> None:
    assert tuple(WRITERS) == MOTION_SUFFIXES


def test_a_render_writes_them_next_to_the_video(cli, voice: Path, portrait: Path, tmp_path: Path) -> None:
    names = ("m.csv", "m.tsv", "all.json")
    wanted = [text for name in names for text in ("--motion-out", tmp_path / name)]
    command = ("render", voice, "--image", portrait, "--engine", "portrait", "--size", "192x192")
    done = cli(*command, "-o", tmp_path / "o.mp4", *wanted)
    assert done.code == 0, done.stderr
    frames = json.loads((tmp_path / "o.json").read_text())["plan"]["frames"]
    rows = list(csv.DictReader((tmp_path / "m.csv").read_text().splitlines()))
    document = json.loads((tmp_path / "all.json").read_text())
    assert len(rows) == len(document["frames"]) == frames
    assert max(float(row["jawOpen"]) for row in rows) > 0.3
    assert document["metadata"]["soundFile"] == str(voice)
    shapes = [line.split("\t")[1] for line in (tmp_path / "m.tsv").read_text().splitlines()]
    assert shapes[:-1] == [cue["value"] for cue in document["mouthCues"]]
    assert len(set(shapes)) > 3


@pytest.mark.parametrize(
    ("wanted", "code"),
    [(("--motion-out", "m.txt"), 2), (("--motion-out", "o.json"), 2), (("--motion-out", "no/m.csv"), 3)],
)
def test_what_cannot_be_written_is_refused_first(
    *,
    cli,
    voice: Path,
    portrait: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    wanted: tuple[str, ...],
    code: int,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert (
        cli("render", voice, "--image", portrait, "-o", "o.mp4", "--engine", "portrait", *wanted).code == code
    )
    assert list(tmp_path.iterdir()) == []
