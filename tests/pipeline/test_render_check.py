"""A render that measures its video: nothing that goes wrong there loses the video."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lipwright.domain.settings import RenderRequest
from lipwright.domain.sync_verdict import AudioMeasures, MouthMeasures, SyncReport
from lipwright.errors import Cancelled, InputError
from lipwright.pipeline.manifest import read_manifest
from lipwright.pipeline.render import render_video

REPORT = SyncReport("in-sync", 3.0, 0.8, 0.0, MouthMeasures(0.01, 0.1, None), AudioMeasures(-3.0, -16.0, 0))


@pytest.fixture
def wanted(voice: Path, tmp_path: Path, fakes: None) -> RenderRequest:
    return RenderRequest(voice, tmp_path / "video.mp4", engine="bar", size="64x64", check=True)


def raising(error: BaseException) -> Any:
    def checker(video: Path, **_: Any) -> SyncReport:
        assert video.exists()
        raise error

    return checker


def test_manifest_contains_the_measurements(wanted: RenderRequest) -> None:
    seen = []

    def checker(video: Path, *, audio: Path | None = None, **_: Any) -> SyncReport:
        seen.append((video, audio, wanted.manifest.exists()))
        return REPORT

    manifest = render_video(wanted, checker=checker)
    assert seen == [(wanted.output, wanted.audio, True)], "video and manifest have their names by then"
    assert manifest.sync == REPORT.to_json()
    assert read_manifest(wanted.manifest).sync == json.loads(json.dumps(REPORT.to_json()))
    assert "check" in manifest.timing["seconds"]
    assert not any(finding["rule"] == "sync-unmeasured" for finding in manifest.findings)


@pytest.mark.parametrize("error", [InputError("no face in it", hint="look"), ZeroDivisionError("a defect")])
def test_a_check_that_fails_is_a_finding_and_no_failure(wanted: RenderRequest, error: Exception) -> None:
    manifest = render_video(wanted, checker=raising(error))
    assert wanted.output.stat().st_size > 1000
    written = read_manifest(wanted.manifest)
    assert written.sync is None
    (finding,) = (f for f in written.findings if f["rule"] == "sync-unmeasured")
    assert str(error) in finding["text"]
    assert manifest.findings[-1]["rule"] == "sync-unmeasured"


@pytest.mark.parametrize("error", [Cancelled("interrupted"), KeyboardInterrupt()])
def test_cancelled_check_keeps_the_video(wanted: RenderRequest, error: BaseException) -> None:
    with pytest.raises(Cancelled) as stopped:
        render_video(wanted, checker=raising(error))
    assert "complete" in stopped.value.hint
    assert wanted.output.stat().st_size > 1000
    left = read_manifest(wanted.manifest)
    assert left.sync is None
    assert [f["rule"] for f in left.findings if f["rule"] == "sync-unmeasured"] == ["sync-unmeasured"]
    assert list(wanted.output.parent.glob(".lipwright-*")) == []


def test_without_check_nothing_is_measured(wanted: RenderRequest, cli) -> None:
    done = cli("render", wanted.audio, "--engine", "bar", "--size", "64x64", "-o", wanted.output, "--json")
    assert done.json["sync"] is None
    assert done.json["job"]["check"] is False


def test_a_manifest_from_before_there_was_a_check_is_read(wanted: RenderRequest) -> None:
    render_video(wanted, checker=raising(InputError("x")))
    value = json.loads(wanted.manifest.read_text())
    del value["sync"]
    wanted.manifest.write_text(json.dumps(value))
    assert read_manifest(wanted.manifest).sync is None
