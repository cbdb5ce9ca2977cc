"""`--face`: numbers, sides and points, in images and videos of several people."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lipwright.domain.face_choice import find_chosen, left_to_right
from lipwright.domain.settings import build_request
from lipwright.domain.time import Span
from lipwright.errors import InputError, UsageError
from lipwright.jobs.shots_file import read_shots
from lipwright.media.audio_writer import write_excerpt
from lipwright.media.video_reader import read_video_frames

EXAMPLE = Path(__file__).parents[2] / "examples" / "portrait.jpg"
BOXES = [(300.0, 50.0, 400.0, 150.0), (20.0, 60.0, 80.0, 120.0)]


@pytest.fixture(scope="module")
def two(tmp_path_factory, portrait: Path) -> Path:
    """A large face on the left, a smaller one on the right."""
    path = tmp_path_factory.mktemp("two") / "two.png"
    canvas = Image.new("RGB", (512, 288), (110, 112, 118))
    canvas.paste(Image.open(EXAMPLE).convert("RGB").resize((288, 288)), (0, 0))
    canvas.paste(Image.open(portrait).convert("RGB").resize((224, 224)), (288, 64))
    canvas.save(path)
    return path


@pytest.mark.parametrize(
    ("choice", "index"),
    [("1", 1), ("2", 0), ("left", 1), ("right", 0), ("310,140", 0), ("50,40", 1), ("250,100", 0)],
)
def test_a_choice_means_one_face(choice: str, index: int) -> None:
    assert find_chosen(choice, BOXES) == index
    assert left_to_right(BOXES) == [1, 0]


@pytest.mark.parametrize("choice", ["3", "200,100", "0,0"])
def test_a_face_that_is_not_there_is_reported_with_those_that_are(choice: str) -> None:
    with pytest.raises(InputError, match=f"--face {choice}: .*; found 2 faces") as reported:
        find_chosen(choice, BOXES)
    assert reported.value.hint == "the faces, from left to right: 1 around 50,90; 2 around 350,100"


@pytest.mark.parametrize("given", ["0", "-1", "middle", "1,", "1,2,3", "", True, 1.5, "nan,2", "9" * 40])
def test_no_choice_is_refused(given: object) -> None:
    with pytest.raises(UsageError, match="does not choose a face"):
        build_request({"audio": "a.wav", "output": "o.mp4", "face": given})


def test_the_image_shows_the_numbers(cli, two: Path, tmp_path: Path) -> None:
    done = cli("image", two, "--faces", tmp_path / "numbers.png", "--crop", tmp_path / "crop.png", "--json")
    found = done.json
    left, right = sorted(found["faces"], key=lambda face: face["box"][0])
    assert (left["number"], right["number"], found["face"]) == (1, 2, 1)  # the larger one speaks
    drawn = np.asarray(Image.open(tmp_path / "numbers.png"))
    plain = np.asarray(Image.open(two))
    for face in (left, right):
        x0, y0, x1, y1 = (round(edge) for edge in face["box"])
        assert (drawn[y0:y1, x0:x1] != plain[y0:y1, x0:x1]).mean() > 0.01
    chosen = cli("image", two, "--face", "2", "--crop", tmp_path / "crop.png", "--json").json
    assert chosen["face"] == 2
    assert chosen["crop"]["box"] != found["crop"]["box"]
    assert "several-faces" not in [one["rule"] for one in chosen["findings"]]
    reported = cli("image", two, "--face", "right").stdout.splitlines()
    assert reported[2].startswith("face 2: ") and reported[2].endswith("; this face speaks")
    missing = cli("image", two, "--face", "3", "--json")
    assert missing.code == 3 and "1 around" in missing.json["hint"]
    assert cli("image", two, "--face", "nobody", "--json").code == 2


def test_the_chosen_face_alone_moves_and_is_measured(cli, voice: Path, two: Path, tmp_path: Path) -> None:
    word, video = tmp_path / "word.wav", tmp_path / "video.mp4"
    write_excerpt(voice, Span(0.2, 1.2), word)
    made = cli("render", word, "--image", two, "--face", "right", "--size", "384x216", "-o", video, "--json")
    assert made.code == 0, made.stderr
    assert made.json["job"]["face"] == "right"
    frames = [rgb.astype(float) for _, rgb in read_video_frames(video)]
    moved = np.std(frames, axis=0).mean(2)
    assert moved[:, 240:360].mean() > 5 * moved[:, :165].mean()
    by_side = {side: cli("check", video, "--face", side, "--json").json for side in ("left", "right")}
    assert by_side["right"]["mouth"]["motion"] > 4 * by_side["left"]["mouth"]["motion"]
    assert by_side["right"]["video"]["people"] == 1
    missing = cli("check", video, "--face", "5", "--json")
    assert missing.code == 3 and "2 faces" in missing.json["error"]
    cut = cli("render", voice, "--image", two, "--face", "9", "-o", tmp_path / "no.mp4", "--json")
    assert cut.code == 3 and not (tmp_path / "no.mp4").exists()


def test_a_row_of_a_table_has_its_own_face(two: Path, tmp_path: Path) -> None:
    table = tmp_path / "shots.jsonl"
    rows = [
        {"audio": "a.wav", "image": str(two), "output": f"{face}.mp4", "face": face} for face in (2, "up")
    ]
    table.write_text("\n".join(map(json.dumps, rows)))
    shots = read_shots(table, tmp_path, {})
    assert [row.request.face for row in shots.rows] == ["2"]
    assert [(problem.row, problem.column) for problem in shots.problems] == [(2, "face")]


def test_an_engine_that_may_animate_any_face_says_so(
    cli, fakes, voice: Path, two: Path, tmp_path: Path
) -> None:
    bar = ("--engine", "bar", "--size", "64x64", "-o", tmp_path / "video.mp4", "--json")
    made = cli("render", voice, "--image", two, "--face", "left", *bar).json
    assert "face-not-held" in [one["rule"] for one in made["findings"]]
