"""The same job from a Python program instead of the command line."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

import lipwright
from lipwright.domain.progress import Progress
from lipwright.errors import Cancelled, InputError

pytestmark = pytest.mark.usefixtures("fakes")


@pytest.fixture
def request_(voice: Path, portrait: Path, tmp_path: Path) -> lipwright.RenderRequest:
    return lipwright.RenderRequest(voice, tmp_path / "video.mp4", image=portrait, engine="bar", size="64x64")


def test_render_reports_every_stage_and_frame(request_: lipwright.RenderRequest) -> None:
    steps: list[Progress] = []
    manifest = lipwright.render(request_, steps.append)
    assert lipwright.read_manifest(request_.manifest).to_json() == manifest.to_json()
    assert list(dict.fromkeys(step.stage for step in steps)) == ["read", "prepare", "sample", "frames"]
    frames = [step.done for step in steps if step.stage == "frames"]
    assert frames == list(range(1, manifest.plan["frames"] + 1))


@pytest.mark.parametrize("stage", ["read", "prepare", "sample", "frames"])
def test_render_stopped_at_any_stage_leaves_nothing(request_: lipwright.RenderRequest, stage: str) -> None:
    def stop(step: Progress) -> None:
        if step.stage == stage:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        lipwright.render(request_, stop)
    assert list(request_.output.parent.iterdir()) == []


def test_equal_seeds_make_equal_videos(request_: lipwright.RenderRequest, tmp_path: Path) -> None:
    def video(name: str, seed: int) -> bytes:
        path = tmp_path / name
        lipwright.render(replace(request_, output=path, sampling={"seed": seed}))
        return path.read_bytes()

    first = video("a.mp4", 1)
    assert video("b.mp4", 1) == first
    assert video("c.mp4", 2) != first


def test_prepare_writes_a_driver_and_lint_suggests_a_prompt(voice: Path, tmp_path: Path) -> None:
    driver = tmp_path / "driver.wav"
    assert lipwright.prepare(voice, Fraction(25), driver=driver).plan.frames == 49
    assert driver.stat().st_size == 44 + 2 * 47_040  # 49 frames at 25 fps, 24 kHz, 16 bits
    found = lipwright.lint("Close-up of a man who nods, soft light", audio=voice)
    assert found.errors == ("motion",)
    assert found.suggestion == "Close-up of a man, soft light"


def test_plan_counts_frames_and_refuses_a_missing_file(voice: Path) -> None:
    assert lipwright.plan(voice, Fraction(25)).frames == 49
    with pytest.raises(InputError):
        lipwright.plan(voice.with_name("nix.wav"), Fraction(25))


def test_paths_may_be_text_and_the_rate_is_25(voice: Path, portrait: Path, tmp_path: Path) -> None:
    request = lipwright.RenderRequest(
        str(voice),
        str(tmp_path / "video.mp4"),
        image=str(portrait),
        engine="bar",
        size="64x64",
        driver=str(voice),
    )
    assert lipwright.render(request).plan["frames"] == 49
    assert lipwright.read_manifest(str(tmp_path / "video.json")).plan["frames"] == 49
    assert lipwright.plan(str(voice)) == lipwright.plan(voice, Fraction(25))
    lipwright.prepare(str(voice), driver=str(tmp_path / "d.wav"), page=str(tmp_path / "d.html"))
    lipwright.check(str(request.output), audio=str(voice), report_html=str(tmp_path / "video.html"))
    assert {"d.wav", "d.html", "video.html"} < {path.name for path in tmp_path.iterdir()}
    assert lipwright.lint("a man", audio=str(voice)).findings == lipwright.lint("a man", audio=voice).findings
