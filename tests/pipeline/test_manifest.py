"""The manifest is read as it was written, and refused where it cannot be understood."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from lipwright.domain.json_text import dumps
from lipwright.errors import InputError
from lipwright.media.audio_reader import probe_audio
from lipwright.pipeline.manifest import SCHEMA, Manifest, describe_input, read_manifest


@pytest.fixture
def manifest() -> Manifest:
    return Manifest(
        job={"seed": 1, "prompt": "Zoë spricht"},
        plan={"frames": 9},
        findings=({"rule": "quiet"},),
        inputs=({"role": "audio"},),
        engine={"name": "bar"},
        frozen=True,
        audio={"codec": "aac"},
        timing={"real_time_factor": 0.5},
    )


def test_manifest_is_read_as_it_was_written(manifest: Manifest, tmp_path: Path) -> None:
    path = tmp_path / "video.json"
    manifest.write(path)
    assert read_manifest(path).to_json() == manifest.to_json()
    assert next(iter(json.loads(path.read_text(encoding="utf-8")))) == "schema"


def test_schema_1_is_read_in_todays_words() -> None:
    """The file was written by lipwright 0.1.0 before its vocabulary changed."""
    path = Path(__file__).with_name("manifest_schema_1.json")
    old = json.loads(path.read_text(encoding="utf-8"))
    new = read_manifest(path).to_json()
    assert new["schema"] == 2
    assert new["audio"] == old["sound"]
    assert new["video"] == old["film"]
    assert new["sync"]["video"] == old["sync"]["film"]
    assert (old["job"]["preset"], new["job"]["preset"]) == ("article", "guide")
    assert (old["sync"]["verdict"], new["sync"]["verdict"]) == ("sound-late", "audio-late")
    assert [cause["rule"] for cause in new["sync"]["causes"]] == ["audio-shifted"]
    assert new["sync"]["causes"][0]["text"] == old["sync"]["causes"][0]["text"]
    kept = {"plan", "inputs", "frozen", "timing", "edits"}
    assert {key: new[key] for key in kept} == {key: old[key] for key in kept}


def test_more_keys_are_welcome(manifest: Manifest, tmp_path: Path) -> None:
    path = tmp_path / "video.json"
    path.write_text(json.dumps(manifest.to_json() | {"moon": {}, "weather": "fine"}))
    assert read_manifest(path).to_json() == manifest.to_json()


def test_a_newer_schema_is_refused(manifest: Manifest, tmp_path: Path) -> None:
    path = tmp_path / "video.json"
    path.write_text(json.dumps(manifest.to_json() | {"schema": SCHEMA + 1}))
    with pytest.raises(
        InputError, match=rf"has schema {SCHEMA + 1}; this lipwright reads up to {SCHEMA}"
    ) as told:
        read_manifest(path)
    assert "update lipwright" in told.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not JSON",
        "[]",
        "{}",
        '{"schema": "1"}',
        '{"schema": true}',
        '{"schema": 0}',
        '{"schema": 1}',
        "\udcff",
    ],
)
def test_invalid_manifest_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "video.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match="manifest"):
        read_manifest(path)


@pytest.mark.parametrize("part", ["job", "plan", "findings", "inputs", "engine", "audio", "timing", "frozen"])
@pytest.mark.parametrize("value", [None, 5, "x", ["1", 0]])
def test_parts_of_another_type_are_not_manifest(
    manifest: Manifest, tmp_path: Path, part: str, value: object
) -> None:
    path = tmp_path / "video.json"
    wrong = {"name": value} if part == "engine" and isinstance(value, list) else value
    path.write_text(json.dumps(manifest.to_json() | {part: wrong}))
    if part in {"findings", "inputs"} and isinstance(value, list):
        assert read_manifest(path)
        return
    with pytest.raises(InputError, match="has the wrong type"):
        read_manifest(path)


@pytest.mark.parametrize("video", ["abc", 3, [1, 2], {}, {"sha256": "0"}])
def test_a_manifest_with_a_strange_video_is_of_no_video(
    manifest: Manifest, voice: Path, video: object
) -> None:
    assert not replace(manifest, video=video).is_of(voice)


def test_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a manifest"):
        read_manifest(tmp_path / "nix.json")


def test_an_input_is_reported_by_its_hash(voice: Path, portrait: Path) -> None:
    assert describe_input("audio", voice, probe_audio(voice)) == {
        "role": "audio",
        "path": str(voice),
        "sha256": hashlib.sha256(voice.read_bytes()).hexdigest(),
        "seconds": 31364 / 16000,
    }
    assert describe_input("image", portrait, None)["seconds"] is None


def test_json_is_strict() -> None:
    value = {
        "nan": float("nan"),
        "infinity": [np.float32("inf"), -float("inf")],
        "number": np.int64(3),
        "array": np.array([1.5, 2.5], np.float32),
        "flag": np.True_,
        "path": Path("a/b"),
        "fraction": Fraction(1, 2),
        5: None,
    }
    assert json.loads(dumps(value)) == {
        "nan": None,
        "infinity": [None, None],
        "number": 3,
        "array": [1.5, 2.5],
        "flag": True,
        "path": "a/b",
        "fraction": "1/2",
        "5": None,
    }
