"""The disk space of a studio: what is removed for an upload, what never is, and when uploads are refused."""

from __future__ import annotations

import os
import time
from pathlib import Path

import httpx
import pytest
from studio_process import Studio

from lipwright.errors import OutputError
from lipwright.studio.service import StudioService
from lipwright.studio.storage import MIN_FREE_BYTES, Storage

HOUR_S = 3600


@pytest.fixture
def service(tmp_path: Path) -> StudioService:
    return StudioService(tmp_path)


def upload(service: StudioService, name: str, size: int, *, hours_ago: float) -> Path:
    """Put a file where Gradio puts what a page uploads."""
    path = service.uploads / name / "voice.wav"
    path.parent.mkdir(parents=True)
    path.write_bytes(bytes(size))
    age = time.time() - hours_ago * HOUR_S
    os.utime(path, (age, age))
    return path


def test_oldest_uploads_make_room_but_recent_ones_stay(service: StudioService) -> None:
    old, older, new = (upload(service, f"{age}", 100, hours_ago=age) for age in (2, 3, 0.5))
    second_name = older.with_name("recording.wav")
    second_name.hardlink_to(older)
    storage = Storage(service.folder, service.uploads, 350)
    storage.reserve(150)
    assert [path.exists() for path in (older, second_name, old, new)] == [False, False, True, True]
    with pytest.raises(OutputError, match="no space"):
        storage.reserve(150)
    assert old.exists(), "nothing is removed for a file that is refused"
    storage.release(150)
    storage.reserve(150)


def test_inputs_of_a_job_are_never_removed_and_count_once(
    service: StudioService, clip: Path, portrait: Path
) -> None:
    voice = upload(service, "page", 0, hours_ago=5)
    voice.write_bytes(clip.read_bytes())
    os.utime(voice, (0, 0))
    number = service.submit("render", {"audio": voice, "image": portrait}, {"size": "256x256"})
    copy = service.job(number).inputs["audio"]
    assert copy.samefile(voice), "the job shares the page's file"
    used = sum(path.stat().st_size for path in service.job(number).inputs.values())
    Storage(service.folder, service.uploads, used + 10).reserve(10)
    with pytest.raises(OutputError, match="no space"):
        Storage(service.folder, service.uploads, used + 10).reserve(11)
    assert copy.read_bytes() == voice.read_bytes() == clip.read_bytes()


def test_some_space_of_the_disk_stays_free(service: StudioService, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = Storage(service.folder, service.uploads, 1 << 40)
    free = type("Usage", (), {"free": MIN_FREE_BYTES + 100})
    monkeypatch.setattr("lipwright.studio.storage.shutil.disk_usage", lambda path: free)
    storage.reserve(100)
    with pytest.raises(OutputError, match="disk has only 512 MB left"):
        storage.reserve(1)


def test_full_studio_refuses_uploads_and_takes_them_after_a_job_is_deleted(
    tmp_path: Path, clip: Path, portrait: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    studio = Studio(data, ("--no-page", "--max-storage", "1")).start()
    job = studio.submit(clip, portrait, check=False).json()
    studio.wait(job["links"]["self"])
    files = {"audio": ("voice.wav", bytes(1 << 20))}
    refused = studio.client.post("/v1/plans", files=files)
    assert (refused.status_code, refused.headers["content-type"]) == (507, "application/problem+json")
    assert "delete" in refused.json()["hint"]
    request = studio.client.build_request("POST", "/v1/plans", files=files)
    request.headers["content-type"] = f"Multipart/{request.headers['content-type'].partition('/')[2]}"
    assert studio.client.send(request).status_code == 507, "a media type has no case"
    studio.client.delete(job["links"]["self"], params={"files": True}).raise_for_status()
    small: httpx.Response = studio.client.post("/v1/plans", files={"audio": ("v.wav", clip.read_bytes())})
    assert small.status_code == 200
    assert studio.stop() == 0
