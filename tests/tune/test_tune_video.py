"""The whole job around the loop: what is written, kept, reused, replaced and refused."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lipwright.domain.progress import Progress
from lipwright.domain.settings import EngineOptions, Preparation, RenderRequest, SamplingSettings
from lipwright.domain.sync_verdict import SyncReport
from lipwright.engines.base import EngineDescription
from lipwright.engines.registry import ENGINES
from lipwright.errors import Cancelled, InputError, OutputError, UsageError
from lipwright.pipeline.job_key import job_key
from lipwright.pipeline.render import render_video
from lipwright.pipeline.tune.parameters import Parameters
from lipwright.pipeline.tune.preview_cache import PreviewCache
from lipwright.pipeline.tune.run import tune_video

SETTINGS = {"eta": 0.1, "modality_scale": 3.0}
"""Modality is as high as tuning goes, so that the first thing tried for a stiff mouth is eta."""


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The user's cache, for one test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "lipwright" / "tune"


@pytest.fixture
def request_(voice: Path, tmp_path: Path, fakes: None) -> RenderRequest:
    return RenderRequest(voice, tmp_path / "video.mp4", engine="pattern", size="64x64", sampling=SETTINGS)


class Checker:
    """Says what a list says, video after video."""

    def __init__(self, *answers: SyncReport | Exception) -> None:
        self.answers, self.videos = list(answers), []

    def __call__(self, video: Path, **options: Any) -> SyncReport:
        self.videos.append(video)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        if options.get("report_html"):
            options["report_html"].write_text("a report")
        return answer


def test_a_good_start_is_one_preview_and_the_video(make_report, request_, cache: Path) -> None:
    checker = Checker(make_report())
    tuned = tune_video(request_, checker=checker)
    assert [done.decision for done in tuned.found.rounds] == ["start"]
    assert checker.videos[-1] == request_.output
    assert request_.output.exists()
    manifest = json.loads(request_.manifest.read_text())
    assert manifest["sync"]["verdict"] == "in-sync"
    assert manifest["job"]["eta"] == 0.1
    assert list(cache.iterdir()) == [], "the cache is cleared when the video is made"


def test_the_video_has_the_best_rounds_settings_at_full_size(make_report, request_) -> None:
    request = replace(request_, size="640x640")
    checker = Checker(make_report(stiffness=0.9), make_report())
    tuned = tune_video(request, checker=checker)
    story = tuned.to_json()
    manifest = json.loads(request.manifest.read_text())
    assert [done["decision"] for done in story["rounds"]] == ["start", "kept"]
    assert story["preview"]["size"] != "640x640"
    assert manifest["job"]["size"] == "640x640"
    assert manifest["job"]["eta"] == story["final"]["settings"]["eta"] == 0.2
    assert story["final"]["measures"]["verdict"] == "in-sync"
    assert story["final"]["path"] == str(request.output)


def test_interrupted_run_reuses_its_previews(make_report, request_) -> None:
    stiff = make_report(stiffness=0.9)
    with pytest.raises(Cancelled) as stopped:
        tune_video(request_, checker=Checker(stiff, Cancelled("interrupted")))
    assert "to continue" in stopped.value.hint
    assert not request_.output.exists()
    again = tune_video(request_, checker=Checker(stiff, make_report()))
    # Round 2 was rendered too; its check was interrupted.
    assert [done.trial.reused for done in again.found.rounds] == [True, True]


def test_damaged_preview_is_rendered_again(make_report, request_, cache: Path) -> None:
    with pytest.raises(Cancelled):
        tune_video(request_, checker=Checker(Cancelled("interrupted")))
    (video,) = cache.glob("preview-*.mp4")
    whole = video.read_bytes()
    video.write_bytes(whole[: len(whole) // 2])
    again = tune_video(request_, checker=Checker(make_report()), trace=cache)
    assert not again.found.rounds[0].trial.reused
    assert video.read_bytes() == whole


def test_another_image_or_setting_is_another_preview(make_report, request_) -> None:
    with pytest.raises(Cancelled):
        tune_video(request_, checker=Checker(Cancelled("interrupted")))
    other = tune_video(replace(request_, sampling={"eta": 0.1, "seed": 7}), checker=Checker(make_report()))
    assert not other.found.rounds[0].trial.reused


def test_job_key_distinguishes_videos(voice: Path, long_voice: Path, tmp_path: Path) -> None:
    def key(request: RenderRequest, parameters: Parameters, engine: EngineDescription) -> str:
        return job_key(parameters.applied_to(request), engine)

    entry = ENGINES["portrait"]
    image = tmp_path / "p.png"
    image.write_bytes(b"one image")
    request = RenderRequest(voice, tmp_path / "o.mp4", image=image, size="480x480")
    parameters = Parameters()
    same = key(request, parameters, entry)
    others = {
        key(replace(request, audio=long_voice), parameters, entry),
        key(replace(request, driver=long_voice), parameters, entry),
        key(replace(request, size="64x64"), parameters, entry),
        key(replace(request, options=EngineOptions(model="other")), parameters, entry),
        key(request, parameters, ENGINES["ltx"]),
        key(request, replace(parameters, prompt="a man"), entry),
        key(request, replace(parameters, fit="floor"), entry),
        key(request, replace(parameters, preparation=Preparation(denoise="on")), entry),
        key(request, replace(parameters, settings=SamplingSettings(seed=1)), entry),
    }
    image.write_bytes(b"another one")
    others.add(key(request, parameters, entry))
    assert same not in others
    assert len(others) == 10
    image.write_bytes(b"one image")
    secret = replace(request, options=EngineOptions(headers=(("Authorization", "Bearer x"),)))
    assert key(replace(request, output=tmp_path / "p.mp4"), parameters, entry) == same
    assert key(secret, parameters, entry) == same


def test_the_cache_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lipwright.pipeline.tune.preview_cache.MAX_CACHE_BYTES", 500)
    store = PreviewCache(tmp_path, keep=False)
    for number in range(4):
        video = store.video(f"{number}" * 64)
        video.write_bytes(bytes(200))
        store.seal(f"{number}" * 64)
        os.utime(video, (number, number))
    store.prune()
    assert {path.stem[8] for path in tmp_path.iterdir()} == {"2", "3"}
    monkeypatch.setattr("lipwright.pipeline.tune.preview_cache.MAX_CACHE_BYTES", 0)
    PreviewCache(tmp_path, keep=True).prune()
    assert {path.stem[8] for path in tmp_path.iterdir()} == {"2", "3"}


def test_a_trace_has_every_round_and_its_preview(make_report, request_, tmp_path: Path) -> None:
    folder = tmp_path / "trace"
    tuned = tune_video(request_, checker=Checker(make_report(stiffness=0.9), make_report()), trace=folder)
    story = json.loads((folder / "trace.json").read_text())
    assert story == json.loads(json.dumps(tuned.to_json()))
    page = (folder / "trace.md").read_text()
    assert "## Round 2: eta, kept" in page
    assert "eta 0.1 -> 0.2" in page
    for done in story["rounds"]:
        assert Path(done["preview"]).exists()
        assert Path(done["report"]).read_text() == "a report"
        assert f"({Path(done['preview']).name})" in page
    assert (folder / "final.html").exists()
    assert "(../video.mp4)" in page


def test_text_from_outside_appears_literally_in_the_trace(make_report, request_, tmp_path: Path) -> None:
    """A prompt with markup is no HTML, no link and no table cell of the page."""
    prompt = "<img src=x onerror=alert(1)> [a](b) | A woman waves & *nods*"
    request = replace(request_, prompt=prompt, allow_motion=True, output=tmp_path / "a <b> (c).mp4")
    tune_video(request, checker=Checker(make_report(stiffness=0.9)), trace=tmp_path / "trace", rounds=3)
    page = (tmp_path / "trace" / "trace.md").read_text()
    assert r"\<img src=x onerror=alert(1)> \[a\](b) \| A woman waves \& \*nods\*" in page
    assert not re.search(r"(?<!\\)<", page)
    assert "(../a%20%3Cb%3E%20%28c%29.mp4)" in page


@pytest.mark.parametrize(("trace", "error"), [("", UsageError), ("new", InputError)])
def test_a_refused_run_leaves_no_folder(
    request_, tmp_path: Path, monkeypatch, trace: str, error: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error):
        tune_video(replace(request_, audio=Path("missing.wav")), trace=trace)
    assert {path.name for path in tmp_path.iterdir()} <= {"cache"}


def test_an_interrupted_run_leaves_its_trace(make_report, request_, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        tune_video(
            request_,
            checker=Checker(make_report(stiffness=0.9), Cancelled("interrupted")),
            trace=tmp_path / "trace",
        )
    story = json.loads((tmp_path / "trace" / "trace.json").read_text())
    assert len(story["rounds"]) == 1
    assert story["final"] is None


def test_a_failure_leaves_the_old_video_alone(make_report, request_) -> None:
    request_.output.write_bytes(b"the old video")
    request_.manifest.write_text("the old manifest")
    for answers in ([InputError("unreadable")], [make_report(stiffness=0.9), Cancelled("interrupted")]):
        with pytest.raises((InputError, Cancelled)):
            tune_video(request_, checker=Checker(*answers))
        assert request_.output.read_bytes() == b"the old video"
        assert request_.manifest.read_text() == "the old manifest"


def test_unmeasurable_video_is_still_delivered(make_report, request_) -> None:
    tuned = tune_video(request_, checker=Checker(make_report(), InputError("no measure of it")))
    assert tuned.sync is None
    assert tuned.to_json()["final"]["measures"] is None
    assert request_.output.exists()
    assert any(finding["rule"] == "sync-unmeasured" for finding in tuned.manifest.findings)


def test_progress_is_one_stage_a_round_and_one_for_the_video(make_report, request_) -> None:
    told: list[Progress] = []
    tune_video(request_, told.append, checker=Checker(make_report(stiffness=0.9), make_report()))
    stages = list(dict.fromkeys(step.stage for step in told))
    assert [stage for stage in stages if stage != "read"] == ["round 1", "round 2", "video"]
    for stage in ("round 1", "round 2", "video"):
        steps = [step.done for step in told if step.stage == stage]
        assert steps == sorted(steps)
        assert all(0 <= done <= 100 for done in steps)


def test_a_face_too_small_for_480p_is_previewed_at_full_size(
    make_report, voice: Path, portrait: Path, tmp_path: Path
) -> None:
    with Image.open(portrait) as face:
        canvas = Image.new("RGB", (600, 600), (90, 90, 90))
        canvas.paste(face.resize((155, 155)), (220, 200))
    canvas.save(tmp_path / "far.png")
    request = RenderRequest(
        voice,
        tmp_path / "o.mp4",
        image=tmp_path / "far.png",
        engine="portrait",
        size="600x600",
        frame_rate=Fraction(10),
    )
    with pytest.raises(InputError, match="480x480"):
        render_video(replace(request, size="480x480"))
    tuned = tune_video(request, checker=Checker(make_report()))
    assert tuned.to_json()["preview"]["size"] == "600x600"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"engine": "portrait"}, UsageError),
        ({"engine": "nix"}, UsageError),
        ({"output": Path("video.mov")}, UsageError),
        ({"sampling": {"cfg": 9.0}}, UsageError),
        ({"sampling": {"eta": float("nan")}}, UsageError),
    ],
)
def test_invalid_requests_are_refused_before_any_work(
    request_, cache: Path, change: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        tune_video(replace(request_, **change), checker=Checker(AssertionError("no work was expected")))
    assert not list(cache.glob("*")) if cache.exists() else True


def test_rounds_and_folders_are_checked(request_, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="0 rounds"):
        tune_video(request_, rounds=0)
    with pytest.raises(OutputError, match="there is no folder"):
        tune_video(request_, trace=tmp_path / "no" / "such")
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="is not a folder"):
        tune_video(request_, trace=tmp_path / "file")
    with pytest.raises(UsageError, match="are the same file"):
        tune_video(replace(request_, output=tmp_path / "trace.mp4"), trace=tmp_path)


def test_rounds_are_the_most_that_are_made(make_report, request_) -> None:
    tuned = tune_video(request_, rounds=1, checker=Checker(make_report(stiffness=0.9)))
    assert len(tuned.found.rounds) == 1
    assert tuned.found.ending == "round limit reached"


def test_each_round_is_reported(make_report, request_) -> None:
    told: list[int] = []
    on_round: Callable[..., None] = lambda done: told.append(done.number)  # noqa: E731
    tune_video(request_, checker=Checker(make_report(stiffness=0.9), make_report()), on_round=on_round)
    assert told == [1, 2]
