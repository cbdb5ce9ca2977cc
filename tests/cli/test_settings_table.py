"""The table of settings makes the options, the checks, the findings and the manifest's job."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

import lipwright
from lipwright.domain.settings import SETTINGS, Preparation, RenderRequest, SamplingSettings, build_request
from lipwright.errors import UsageError

NEW_ROW = """
    glow: float = setting(
        0.5, "How much the skin glows.", allowed=(0, 10), tested=(0, 2), lip_sync_rule="IMAGE-1"
    )
"""


@pytest.fixture(scope="module")
def with_glow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lipwright whose table has one row more: every other file is a link to the real one."""
    real = Path(lipwright.__file__).parent
    home = tmp_path_factory.mktemp("glowing")
    package = home / "lipwright"
    (package / "domain").mkdir(parents=True)
    for folder, copy in ((real, package), (real / "domain", package / "domain")):
        for entry in folder.iterdir():
            if entry.name not in {"domain", "settings.py", "__pycache__"}:
                (copy / entry.name).symlink_to(entry)
    table = (real / "domain" / "settings.py").read_text(encoding="utf-8")
    assert table.count("    stages: int = setting(") == 1
    table = table.replace("    stages: int = setting(", NEW_ROW + "    stages: int = setting(")
    (package / "domain" / "settings.py").write_text(table, encoding="utf-8")
    return home


def run(home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    script = Path(__file__).parents[1] / "fakes" / "lipwright_with_fakes.py"
    return subprocess.run(
        [sys.executable, script, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | {"PYTHONPATH": f"{home}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"},
    )


@pytest.mark.parametrize("command", ["render", "tune", "workflow"])
def test_a_new_row_is_an_option_of_each_command(with_glow: Path, command: str) -> None:
    told = " ".join(run(with_glow, command, "--help").stdout.split())
    assert "--glow X How much the skin glows (0 to 2). [IMAGE-1] [default: (the preset's)]" in told


def test_a_new_row_is_checked_found_and_recorded(with_glow: Path, voice: Path, tmp_path: Path) -> None:
    video = tmp_path / "video.mp4"
    render = ("render", voice, "--engine", "bar", "--size", "64x64", "-o", video, "--json")
    refused = run(with_glow, *render, "--glow", "11")
    assert refused.returncode == 2
    assert json.loads(refused.stdout)["error"] == "--glow 11 is outside 0..10"

    made = json.loads(run(with_glow, *render, "--glow", "3").stdout)
    assert made["job"]["glow"] == 3.0
    warned = [finding for finding in made["findings"] if finding["rule"] == "glow-out-of-range"]
    assert [finding["lip_sync_rule"] for finding in warned] == ["IMAGE-1"]
    assert json.loads(run(with_glow, *render).stdout)["job"]["glow"] == 0.5


def request(**values: object) -> RenderRequest:
    return build_request({"audio": "a.wav", "output": "o.mp4", **values})


@pytest.mark.parametrize(
    "values",
    [
        {"frame_rate": 0},
        {"frame_rate": -25},
        {"frame_rate": 1e9},
        {"frame_rate": "nan"},
        {"audio_codec": "mp3"},
        {"stages": 1.5},
        {"stages": True},
        {"stages": 3},
        {"steps": float("inf")},
        {"seed": -1},
        {"seed": 10**400},
        {"cfg": "9" * 400},
        {"cfg": None, "eta": [0.2]},
        {"fit": "loose"},
        {"preset": "wild"},
        {"start_seconds": -1.0},
        {"start_seconds": 2.0, "end_seconds": 2.0},
        {"prompt": 5},
        {"image": 5},
        {"image": ""},
        {"check": "yes"},
        {"image_crf": 52},
        {"denoise": "maybe"},
        {"driver_noise_dbfs": -20.0},
        {"headers": ("no colon",)},
        {"headers": 5},
        {"headers": [["a"]]},
        {"headers": [5]},
        {"loras": 5},
        {"loras": [5]},
        {"servers": {"a": 1}},
        {"motion_out": 5},
        {"redo_chunks": 1.5},
        {"redo_chunks": [None]},
        {"sparkle": 1},
    ],
    ids=str,
)
def test_programs_get_the_same_refusals_as_the_command_line(values: dict[str, object]) -> None:
    with pytest.raises(UsageError) as told:
        request(**values)
    assert len(told.value.message) < 150


def test_values_are_parsed_to_their_types() -> None:
    made = request(
        frame_rate="29.97",
        steps="30",
        cfg="2",
        image="i.png",
        start_seconds="0.5",
        headers=["A: b"],
        loras="x",
    )
    assert made.frame_rate == Fraction(30000, 1001)
    assert (made.sampling["steps"], made.sampling["cfg"]) == (30, 2.0)
    assert isinstance(made.sampling["steps"], int)
    assert (made.image, made.start_seconds) == (Path("i.png"), 0.5)
    assert made.options.headers == (("A", "b"),)
    assert made.options.loras == ("x",)


def test_the_older_name_of_the_guide_is_accepted() -> None:
    assert request(preset="article").preset == "guide"
    assert RenderRequest(Path("a.wav"), Path("o.mp4"), preset="article").preset == "guide"  # type: ignore[arg-type]


def test_every_value_of_the_job_is_plain() -> None:
    job = request(image="i.png", frame_rate="23.976").to_json()
    assert json.loads(json.dumps(job)) == job
    assert job["fps"] == "24000/1001"
    keys = {spec.job_key for spec in SETTINGS.values() if spec.owner is RenderRequest} - {""}
    assert keys == set(job) - {"preparation", "model"}
    assert set(job["preparation"]) == {spec.name for spec in SETTINGS.values() if spec.owner is Preparation}


def test_defaults_are_in_the_allowed_and_tested_ranges() -> None:
    for spec in SETTINGS.values():
        if spec.owner is SamplingSettings:
            assert spec.check(spec.default) == spec.default
            assert spec.tested[0] <= spec.default <= spec.tested[1]
