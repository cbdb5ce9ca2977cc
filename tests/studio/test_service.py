"""The service that page and API call: settings in and out, and the description of a job."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from lipwright.domain.settings import build_request
from lipwright.errors import InputError, UsageError
from lipwright.jobs.job import StoredJob
from lipwright.jobs.shots_file import read_shots
from lipwright.studio.exchange import command_of, options_of_manifest
from lipwright.studio.job_view import NotReady, describe_job
from lipwright.studio.service import NoSuchJob, StudioService

OPTIONS = {
    "seed": 7,
    "fps": "24",
    "no_prepare": True,
    "size": "192x192",
    "prompt": "a 'calm' voice",
    "check": False,
}


@pytest.fixture
def service(tmp_path: Path) -> StudioService:
    return StudioService(tmp_path)


@pytest.fixture
def queued(service: StudioService, clip: Path, portrait: Path) -> int:
    return service.submit("render", {"audio": clip, "image": portrait}, OPTIONS)


def test_options_are_stored_by_setting_name(service: StudioService, queued: int) -> None:
    job = service.job(queued)
    assert job.options == {"seed": 7, "frame_rate": "24", "prepare": False, "size": "192x192",
                           "prompt": "a 'calm' voice", "check": False}  # fmt: skip
    request = build_request({**job.options, **job.inputs, "output": job.folder / "video.mp4"})
    assert (request.prepare, request.frame_rate, request.sampling["seed"]) == (False, 24, 7)
    assert job.inputs["audio"].is_relative_to(service.folder)


def test_exported_command_line_is_equivalent(service: StudioService, queued: int) -> None:
    assert shlex.split(command_of(service.job(queued))) == [
        "lipwright", "render", "my voice.wav", "--image", "portrait.png", "-o", "my voice.mp4", "--seed", "7",
        "--fps", "24", "--no-prepare", "--size", "192x192", "--prompt", "a 'calm' voice",
    ]  # fmt: skip


def test_exported_shots_can_be_batched_and_imported(
    service: StudioService, queued: int, tmp_path: Path, clip: Path
) -> None:
    file = tmp_path / "shots.jsonl"
    file.write_text(service.export_shots([queued, service.take(queued, options={"seed": 8})]))
    shots = read_shots(file, tmp_path, {})
    assert shots.problems == ()
    assert [row.request.sampling["seed"] for row in shots.rows] == [7, 8]
    back = [service.job(number) for number in service.import_shots(file)]
    assert [job.options["seed"] for job in back] == [7, 8]
    assert {job.title for job in back} == {"my voice.wav, portrait.png"}
    assert not any(job.options["prepare"] for job in back)
    file.write_text(json.dumps({"audio": str(clip)}))
    with pytest.raises(InputError, match="outside the studio"):
        service.import_shots(file)


def test_settings_are_recovered_from_a_manifest(
    service: StudioService, tmp_path: Path, cli: Any, clip: Path, portrait: Path
) -> None:
    """A video made from the recovered settings has the same job."""
    video, other = tmp_path / "one.mp4", tmp_path / "two.mp4"
    given = ["--size", "192x192", "--seed", "5", "--fps", "24", "--expression", "1.2", "--denoise", "off"]
    first = cli("render", clip, "--image", portrait, "-o", video, *given, "--json").json
    options = options_of_manifest(video.with_suffix(".json"))
    assert options == {**options, "seed": 5, "frame_rate": "24", "expression": 1.2, "denoise": "off"}
    assert not {"start_seconds", "end_seconds", "cfg"} & set(options)
    assert options == options_of_manifest(first)
    number = service.submit("render", {"audio": clip, "image": portrait}, options)
    words = shlex.split(command_of(service.job(number)))[3:]
    words[words.index("portrait.png")], words[words.index("-o") + 1] = str(portrait), str(other)
    again = cli("render", clip, *words, "--json").json
    kept = set(first["job"]) - {"output", "check", "engine_requested", "size_requested"}
    assert {name: again["job"][name] for name in kept} == {name: first["job"][name] for name in kept}
    with pytest.raises(InputError):
        options_of_manifest({"schema": 2, "job": {"seed": ["no"]}})


def test_refused_requests_change_nothing(service: StudioService, queued: int, clip: Path) -> None:
    for inputs, kind in (
        ({}, "render"),
        ({"audio": clip, "video": clip}, "render"),
        ({"audio": clip}, "check"),
    ):
        with pytest.raises(UsageError):
            service.submit(kind, inputs)
    with pytest.raises(InputError):
        service.submit("render", {"audio": clip.with_name("gone.wav")})
    with pytest.raises(NoSuchJob):
        service.job(99)
    job = service.job(queued)
    for ask in (job.read_manifest, job.read_check, job.read_rounds, lambda: job.file("video")):
        with pytest.raises(NotReady):
            ask()
    for change in (service.retry, service.delete):
        with pytest.raises(NotReady):
            change(queued)
    assert [path.name for path in service.folder.iterdir()] == [service.job(queued).folder.name]


def test_progress_share_grows_with_the_stages() -> None:
    def share(kind: str, stage: str, done: int, total: int) -> float:
        job = StoredJob(
            "studio", 0, kind, "k", "/x/video.mp4", {}, details={"names": {}, "rounds": 3},
            id=1, state="running", attempts=1, worker="w", lease_until=None,
            progress={"stage": stage, "done": done, "total": total}, result=None,
            created_at=0.0, started_at=1.0, finished_at=None, place=0.0,
        )  # fmt: skip
        progress = describe_job(job).progress
        assert progress is not None
        return progress.share

    for kind, steps in (
        ("render", ["read", "prepare", "sample", "frames", "look", "compare"]),
        ("tune", ["round 1", "round 2", "round 3", "video"]),
        ("check", ["read", "look", "compare"]),
    ):
        shares = [share(kind, stage, done, 10) for stage in steps for done in (1, 9)]
        assert shares == sorted(shares)
        assert 0 < shares[0] < shares[-1] < 1


def test_search_finds_what_is_shown_and_not_how_it_is_stored(
    service: StudioService, clip: Path, portrait: Path
) -> None:
    umlaut = {"audio": "Übung.wav", "image": "face.png"}
    number = service.submit("render", {"audio": clip, "image": portrait}, {"prompt": "Warm"}, names=umlaut)
    claimed = service.store.claim("a worker")
    service.store.finish(claimed.id, "a worker", {"seconds": 1.0, "verdict": "inconclusive"})
    for text in ("übung", "FACE", "warm", "inconclusive", "cannot be measured"):
        assert [job.id for job in service.jobs(search=text)] == [number], text
    for text in ("names", "audio", "seconds", "verdict", "in sync"):
        assert not service.jobs(search=text), text


def test_the_next_takes_of_a_tune_begin_with_what_it_found(
    service: StudioService, tmp_path: Path, cli: Any, clip: Path, portrait: Path
) -> None:
    video = tmp_path / "found.mp4"
    cli("render", clip, "--image", portrait, "-o", video, "--size", "192x192", "--eta", "0.25", "--seed", "2")
    number = service.submit("tune", {"audio": clip, "image": portrait}, {"size": "192x192", "seed": 1})
    claimed = service.store.claim("a worker")
    folder = service.job(number).folder
    for name, source in (("video.mp4", video), ("video.json", video.with_suffix(".json"))):
        (folder / name).write_bytes(source.read_bytes())
    service.store.finish(claimed.id, "a worker", {"seconds": 1.0})
    assert service.job(number).options["seed"] == 1
    assert (service.made(number).options["seed"], service.made(number).options["eta"]) == (2, 0.25)
    assert json.loads(service.export_shots([number]))["eta"] == 0.25
    take = service.job(service.take(number, kind="render", options={"seed": 3}))
    assert (take.options["seed"], take.options["eta"]) == (3, 0.25)
    assert service.job(service.take(number)).options == service.job(number).options


def test_a_studio_that_starts_removes_what_pages_had_uploaded(service: StudioService) -> None:
    left = service.uploads / "abc" / "voice.wav"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"voice")
    service.sweep()
    assert not service.uploads.exists()
