"""SHOTS files in every format, and every bad row reported with its line and column."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lipwright.errors import InputError
from lipwright.jobs.shots_file import COLUMNS, MAX_ROWS, read_shots

ROWS = [
    {"audio": "a.wav", "image": "i.png", "output": "first", "fps": 24, "steps": 6, "prompt": "warm, kind"},
    {"audio": "b/c.flac", "no-freeze": True},
]


def csv_text() -> str:
    header = "audio,image,output,fps,steps,prompt,no-freeze"
    return f'{header}\na.wav,i.png,first,24,6,"warm, kind",\n\nb/c.flac,,,,,,yes\n'


def toml_text() -> str:
    return (
        '[[shot]]\naudio = "a.wav"\nimage = "i.png"\noutput = "first"\n'
        'fps = 24\nsteps = 6\nprompt = "warm, kind"\n'
        '[[shot]]\naudio = "b/c.flac"\nno-freeze = true\n'
    )


TEXTS = {"csv": csv_text(), "jsonl": "\n".join(map(json.dumps, ROWS)) + "\n", "toml": toml_text()}


def read(tmp_path: Path, suffix: str, text: str, **defaults):
    path = tmp_path / f"shots.{suffix}"
    path.write_text(text)
    return read_shots(path, tmp_path / "out", defaults)


@pytest.mark.parametrize("suffix", TEXTS)
def test_all_table_formats_give_the_same_rows(tmp_path: Path, suffix: str) -> None:
    shots = read(tmp_path, suffix, TEXTS[suffix])
    assert not shots.problems
    first, second = (row.request for row in shots.rows)
    assert (first.audio, first.image) == (tmp_path / "a.wav", tmp_path / "i.png")
    assert first.output == tmp_path / "out" / "first.mp4"
    assert (first.frame_rate, first.sampling["steps"], first.prompt) == (24, 6, "warm, kind")
    assert first.freeze_audio
    assert second.output == tmp_path / "out" / "c.mp4"
    assert not second.freeze_audio


def test_rows_know_their_line_in_the_file(tmp_path: Path) -> None:
    assert [row.line for row in read(tmp_path, "csv", TEXTS["csv"]).rows] == [2, 4]
    assert [row.line for row in read(tmp_path, "toml", TEXTS["toml"]).rows] == [1, 8]


def test_semicolons_may_separate_cells(tmp_path: Path) -> None:
    shots = read(tmp_path, "csv", "audio;prompt\na.wav;warm, kind\n")
    assert shots.rows[0].request.prompt == "warm, kind"


def test_row_options_override_shared_options(tmp_path: Path) -> None:
    shots = read(tmp_path, "csv", "audio,steps\na.wav,6\nb.wav,\n", steps=12, image="/i.png")
    assert [row.request.sampling["steps"] for row in shots.rows] == [6, 12]
    assert {str(row.request.image) for row in shots.rows} == {"/i.png"}


def test_folder_of_recordings_gives_one_row_each(tmp_path: Path) -> None:
    for name in ("b.wav", "a.FLAC", "notes.txt", ".hidden"):
        (tmp_path / name).touch()
    (tmp_path / "sub.wav").mkdir()
    shots = read_shots(tmp_path, tmp_path, {"image": "/i.png"})
    assert [row.request.output.name for row in shots.rows] == ["a.mp4", "b.mp4"]


@pytest.mark.parametrize(
    ("cells", "column", "text"),
    [
        ("audio,speed\na.wav,2", "speed", "no such option"),
        ("audio,header\na.wav,Authorization: x", "header", "no such option"),
        ("audio,steps\na.wav,many", "steps", "not a number"),
        ("audio,steps\na.wav,0", "steps", "outside"),
        ("audio,fps\na.wav,1e999999999", "fps", ""),
        ("audio,no-freeze\na.wav,perhaps", "no-freeze", "yes nor no"),
        ("image\ni.png", "audio", "no recording"),
        ("audio,output\na.wav,../a.mp4", "output", "outside"),
        ("audio,output\na.wav,/elsewhere/a.mp4", "output", "outside"),
        ("audio,Seed,seed\na.wav,1,2", "seed", "twice"),
        ("audio,start,end\na.wav,5,2", "", "not after"),
    ],
)
def test_invalid_cells_are_reported_by_row_and_column(
    tmp_path: Path, cells: str, column: str, text: str
) -> None:
    header, row = cells.split("\n")
    good = "b.wav" + "," * header.count(",") if header.startswith("audio") else "j.png"
    shots = read(tmp_path, "csv", f"{header}\n{row}\n{good}\n")
    problem = shots.problems[0]
    assert (problem.row, problem.line, problem.column) == (1, 2, column)
    assert text in problem.text
    assert problem.hint


def test_two_rows_with_one_output_are_reported(tmp_path: Path) -> None:
    shots = read(tmp_path, "csv", "audio\nx/a.wav\ny/a.wav\n")
    assert [problem.row for problem in shots.problems] == [2]
    assert "row 1" in shots.problems[0].text


def test_output_outside_the_folder_through_a_link_is_reported(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "link").symlink_to(tmp_path)
    shots = read(tmp_path, "csv", "audio,output\na.wav,link/a\n")
    assert "outside" in shots.problems[0].text


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        ("csv", ""),
        ("csv", "audio\n"),
        ("csv", "audio\na.wav,b.wav\n"),
        ("csv", 'audio,prompt\na.wav,"open\n'),
        ("jsonl", "{"),
        ("jsonl", "[1]"),
        ("jsonl", "[" * 100_000),
        ("toml", "shot = 3"),
        ("toml", "[[shots]]\naudio='a'"),
        ("toml", "[[shot"),
        ("xlsx", "x"),
    ],
)
def test_malformed_tables_are_refused(tmp_path: Path, suffix: str, text: str) -> None:
    with pytest.raises(InputError) as refused:
        read(tmp_path, suffix, text)
    assert refused.value.hint


def test_table_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shots.csv").write_bytes("audio\nJürgen.wav\n".encode("latin-1"))
    with pytest.raises(InputError, match="UTF-8"):
        read_shots(tmp_path / "shots.csv", tmp_path, {})


def test_too_many_rows_are_refused_early(tmp_path: Path) -> None:
    rows = "".join(f"{n}.wav\n" for n in range(MAX_ROWS + 1))
    with pytest.raises(InputError, match=str(MAX_ROWS)) as refused:
        read(tmp_path, "csv", f"audio\n{rows}")
    assert "split the table" in refused.value.hint


@pytest.mark.parametrize("output", ["batch", "Batch.mp4", "./batch"])
def test_output_named_batch_is_reserved(tmp_path: Path, output: str) -> None:
    """batch.json would be the manifest of batch.mp4."""
    shots = read(tmp_path, "csv", f"audio,output\na.wav,{output}\nb.wav,sub/batch\n")
    assert [(problem.row, problem.column) for problem in shots.problems] == [(1, "output")]
    assert [row.request.output.name for row in shots.rows] == ["batch.mp4"]


def test_output_that_another_row_reads_is_reported(tmp_path: Path) -> None:
    """Also under another name of the same folder."""
    (tmp_path / "out").mkdir()
    (tmp_path / "link").symlink_to("out")
    shots = read(tmp_path, "csv", "audio,output\na.wav,first\nlink/first.mp4,second\n")
    assert [problem.row for problem in shots.problems] == [2]
    assert "output of row 1" in shots.problems[0].text


def test_motion_files_count_as_outputs(tmp_path: Path) -> None:
    table = "audio,output,motion-out\na.wav,a,a.csv;a.tsv\nb.wav,b,a.csv\nc.wav,c,../c.csv\n"
    shots = read(tmp_path, "csv", table)
    assert shots.rows[0].request.motion_out == (tmp_path / "out" / "a.csv", tmp_path / "out" / "a.tsv")
    assert [(problem.row, problem.column) for problem in shots.problems] == [
        (2, "motion-out"),
        (3, "motion-out"),
    ]


ODD_VALUES = [
    3,
    -1,
    1e400,
    True,
    [],
    {},
    ["a"],
    [1, 2],
    {"a": 1},
    " ",
    "\ud800",
    "a\0b",
    "nan",
    "/",
    ".",
    "..",
]


def test_odd_values_of_any_option_are_reported(tmp_path: Path) -> None:
    """Each odd value in each column: taken, or a problem with a name; never another exception."""
    rows = [{"audio": "a.wav", name: value} for name in COLUMNS for value in ODD_VALUES]
    shots = read(tmp_path, "jsonl", "\n".join(map(json.dumps, rows)))
    assert len(shots.rows) + len(shots.problems) == len(rows)
    named = {problem.column for problem in shots.problems}
    assert named > {"audio", "output", "motion_out", "lora", "server", "seed", "no_freeze"}
    assert all(problem.text and problem.hint for problem in shots.problems)


def test_missing_or_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_shots(tmp_path / "recordings", tmp_path, {})
    (tmp_path / "recordings").mkdir()
    (tmp_path / "recordings" / "._a.wav").touch()  # what macOS leaves beside a.wav
    with pytest.raises(InputError, match="no shots"):
        read_shots(tmp_path / "recordings", tmp_path, {})
