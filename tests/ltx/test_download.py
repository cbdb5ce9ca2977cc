"""Models are downloaded from a hub over real HTTP: completely, resumed, proven, or refused in words."""

from __future__ import annotations

import hashlib
import json
import os
import re
import resource
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import HfApi
from running import command, start, wait_for
from tests.ltx.fake_hub import FakeHub

from lipwright.engines.ltx.loading import hub as hub_module
from lipwright.engines.ltx.loading.catalog import CATALOG
from lipwright.engines.ltx.loading.hub import list_files
from lipwright.engines.ltx.loading.pulled_models import RemoteFile

NAME = "ltx-2.3-distilled"
FILE = "ltx-2.3-22b-distilled-1.1.safetensors"
BYTES = bytes(range(256)) * 12_000
"""3 MB, so that a break lies within it."""


def listing(**changes: Any) -> dict[str, Any]:
    """A list of one file, which is wrong where told so."""
    row = {"rfilename": "config.json", "size": 2, "blobId": "0" * 40}
    return {"id": "a/b", "sha": "0" * 40, "siblings": [row | changes]}


@pytest.fixture
def hub(empty_hub: FakeHub) -> FakeHub:
    empty_hub.add("Lightricks/LTX-2.3", FILE, BYTES)
    empty_hub.add("Lightricks/LTX-2.3", "ltx-2.3-22b-dev.safetensors", b"not wanted" * 1000)
    return empty_hub


@pytest.fixture
def impatient(monkeypatch) -> None:
    """Seconds are waited for rather than minutes."""
    monkeypatch.setattr(hub_module, "LISTING_DEADLINE_S", 1)
    monkeypatch.setattr(hub_module, "STALL_S", 1)


@pytest.fixture
def models(tmp_path) -> Path:
    return tmp_path / "models"


def test_pull_downloads_the_file_and_shows_its_license(hub, cli, models):
    done = cli("models", "pull", NAME)
    assert done.code == 0, done.stderr
    assert (models / NAME / FILE).read_bytes() == BYTES
    assert done.stdout.strip() == str(models / NAME)
    assert "LTX-2 Community License Agreement: https://" in done.stderr
    assert "also needs gemma-3-12b; run: lipwright models pull gemma-3-12b" in done.stderr
    assert {path.name for path in (models / NAME).iterdir()} == {FILE, "pulled.json"}
    told = cli("models", "verify", NAME, "--json").json
    assert told["state"] == "here" and told["bytes"] == len(BYTES)
    assert told["license"]["name"] == CATALOG[NAME].license.name
    listed = {model["name"]: model for model in cli("models", "list", "--json").json["models"]}
    assert listed[NAME] == told
    assert listed["ltx-2.3-full"]["state"] == "missing" and listed["ltx-2.3-full"]["path"] is None
    assert "face" in listed


def test_file_list_equals_the_hubs(hub):
    record = list_files(CATALOG[NAME])
    theirs = HfApi(endpoint=hub.url).model_info("Lightricks/LTX-2.3", files_metadata=True)
    row = next(row for row in theirs.siblings if row.rfilename == FILE)
    assert record.commit == theirs.sha
    assert record.files == (RemoteFile(FILE, row.size, row.lfs.sha256, row.blob_id),)
    assert record.files[0].sha256 == hashlib.sha256(BYTES).hexdigest()


def test_complete_file_is_not_downloaded_again(hub, cli):
    assert cli("models", "pull", NAME).code == 0
    hub.forget()
    assert cli("models", "pull", NAME).code == 0
    assert [row["path"] for row in hub.requests()] == ["/api/models/Lightricks/LTX-2.3/revision/main"]


def test_model_of_many_files_and_folders_is_pulled(hub, cli, models):
    repo = "google/gemma-3-12b-it-qat-q4_0-unquantized"
    files = {
        "config.json": b"{}",
        "tokenizer.model": b"words" * 1000,
        "model-00001-of-00002.safetensors": b"a" * 5000,
        "model-00002-of-00002.safetensors": b"b" * 5000,
        "README.md": b"not wanted",
    }
    for name, data in files.items():
        hub.add(repo, name, data)
    assert cli("models", "pull", "gemma-3-12b").code == 0
    del files["README.md"]
    here = {path.name: path.read_bytes() for path in (models / "gemma-3-12b").iterdir()}
    del here["pulled.json"]
    assert here == files


def test_broken_download_resumes_where_it_stopped(hub, cli, models):
    hub.faults(cut=1_500_000, cuts=1)
    done = cli("models", "pull", NAME)
    assert done.code == 0, done.stderr
    assert (models / NAME / FILE).read_bytes() == BYTES
    ranges = [row["range"] for row in hub.requests() if row["path"].startswith("/cdn/")]
    assert ranges[0] is None
    resumed_at = int(ranges[1].removeprefix("bytes=").removesuffix("-"))
    assert 0 < resumed_at <= 1_500_000


def test_reset_connection_is_resumed(hub, cli, models):
    hub.faults(cut=1_500_000, cuts=1, reset=True)
    done = cli("models", "pull", NAME)
    assert done.code == 0, done.stderr
    assert (models / NAME / FILE).read_bytes() == BYTES


def test_server_without_ranges_restarts_the_download(hub, cli, models):
    hub.faults(cut=1_500_000, cuts=1, no_range=True)
    assert cli("models", "pull", NAME).code == 0
    assert (models / NAME / FILE).read_bytes() == BYTES


def test_interrupted_pull_can_be_continued(hub, cli, models, tmp_path):
    hub.faults(slow=0.1)
    with start("models", "pull", NAME, cwd=tmp_path) as running:
        wait_for(running, "pull ...")
        part = models / NAME / f"{FILE}.part"
        while not part.exists() or part.stat().st_size < 200_000:
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        stdout, stderr = running.communicate(timeout=30)
    assert running.returncode == 130 and stdout == ""
    assert stderr.splitlines()[-2:] == [
        "error: interrupted",
        f"hint: the downloaded part is kept; to continue, run again: lipwright models pull {NAME}",
    ]
    came = part.stat().st_size
    assert 0 < came < len(BYTES)
    assert cli("models", "list", "--json").json["models"][1]["state"] == "partial"
    hub.faults()
    hub.forget()
    assert cli("models", "pull", NAME).code == 0
    assert (models / NAME / FILE).read_bytes() == BYTES
    assert f"bytes={came}-" in [row["range"] for row in hub.requests()]


def test_concurrent_pull_of_a_model_is_refused(hub, cli, models, tmp_path):
    hub.faults(slow=0.1)
    with start("models", "pull", NAME, cwd=tmp_path) as first:
        wait_for(first, "pull ...")
        part = models / NAME / f"{FILE}.part"
        while not part.exists() or part.stat().st_size < 200_000:
            time.sleep(0.02)
        second = cli("models", "pull", NAME)
        assert first.poll() is None
        first.kill()  # the lock goes with its process, however it ends
        first.communicate(timeout=30)
    assert second.code == 5
    assert second.stderr.splitlines()[-2:] == [
        f"error: another lipwright process is downloading {NAME}",
        f"hint: wait for it or stop it; the downloaded part is kept. Then run: lipwright models pull {NAME}",
    ]
    hub.faults()
    assert cli("models", "pull", NAME).code == 0
    assert (models / NAME / FILE).read_bytes() == BYTES


def test_download_with_a_wrong_hash_is_deleted(hub, cli, models):
    hub.faults(lie=True)
    done = cli("models", "pull", NAME)
    assert done.code == 5
    assert "expected sha256" in done.stderr and "got" in done.stderr
    assert f"lipwright models pull {NAME}" in done.stderr
    assert list((models / NAME).iterdir()) == []
    assert cli("models", "verify", NAME).code == 5


def test_verify_detects_damage_and_pull_repairs_it(hub, cli, models):
    assert cli("models", "pull", NAME).code == 0
    path = models / NAME / FILE
    path.write_bytes(BYTES[:-1] + b"?")
    damaged = cli("models", "verify", NAME)
    assert damaged.code == 5 and "is damaged" in damaged.stderr
    path.write_bytes(BYTES[:-1])
    short = cli("models", "verify", NAME)
    assert short.code == 5 and f"has {len(BYTES) - 1} bytes instead of {len(BYTES)}" in short.stderr
    assert cli("models", "list", "--json").json["models"][1]["state"] == "partial"
    path.write_bytes(BYTES[:-1] + b"?")
    assert cli("models", "pull", NAME).code == 0
    assert path.read_bytes() == BYTES


def test_gated_model_explains_access_and_the_token_goes_only_to_the_hub(hub, cli, monkeypatch):
    repo = "google/gemma-3-12b-it-qat-q4_0-unquantized"
    for name in ("GATED", "config.json", "tokenizer.model", "model.safetensors"):
        hub.add(repo, name, b"x" * 2000)
    refused = cli("models", "pull", "gemma-3-12b")
    assert refused.code == 5 and "is refused (401)" in refused.stderr
    monkeypatch.setenv("HF_TOKEN", "expired")
    assert "the hub refuses your token" in cli("models", "pull", "gemma-3-12b").stderr
    assert f"accept the terms at {hub.url}/{repo}" in refused.stderr and "hf auth login" in refused.stderr
    assert f"make a read token at {hub.url}/settings/tokens" in refused.stderr
    monkeypatch.setenv("HF_TOKEN", "good")
    hub.forget()
    assert cli("models", "pull", "gemma-3-12b").code == 0
    sent = {row["path"].split("/")[1]: row["authorization"] for row in hub.requests()}
    assert sent == {"api": "Bearer good", "google": "Bearer good", "cdn": None}


@pytest.mark.parametrize(
    ("arrange", "words"),
    [
        (lambda hub: hub.faults(status=404), f"no longer has a file of {NAME} (404)"),
        (lambda hub: (hub.root / "repos/Lightricks/LTX-2.3" / FILE).unlink(), f"no longer contains {FILE}"),
        (
            lambda hub: (hub.root / "repos/Lightricks").rename(hub.root / "repos/Moved"),
            f"no longer has a file of {NAME} (404)",
        ),
    ],
)
def test_missing_repository_or_file_is_reported(hub, cli, arrange, words):
    arrange(hub)
    done = cli("models", "pull", NAME)
    assert done.code == 5 and words in done.stderr
    assert "hint: " in done.stderr and "Traceback" not in done.stderr


def test_missing_network_is_reported(hub, cli, monkeypatch):
    # Port 9 of this machine: nothing listens there, so every connection is refused at once.
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    done = cli("models", "pull", NAME)
    assert done.code == 5 and "cannot be reached" in done.stderr and "HF_ENDPOINT" in done.stderr
    monkeypatch.setenv("HF_ENDPOINT", "ftp://127.0.0.1")
    assert "HF_ENDPOINT is not a web address" in cli("models", "pull", NAME).stderr


def test_offline_mode_sends_nothing_and_accepts_complete_models(hub, cli, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")  # read when huggingface_hub is imported: a process of its own
    refused = subprocess.run(command("models", "pull", NAME), capture_output=True, text=True, check=False)
    assert refused.returncode == 5
    assert "HF_HUB_OFFLINE forbids a download" in refused.stderr and "unset HF_HUB_OFFLINE" in refused.stderr
    monkeypatch.delenv("HF_HUB_OFFLINE")
    assert cli("models", "pull", NAME).code == 0
    hub.forget()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    again = subprocess.run(command("models", "pull", NAME), capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert not (hub.root / "requests.jsonl").exists()


def test_file_in_the_hugging_face_cache_is_linked(hub, cli, models, monkeypatch):
    import huggingface_hub

    cache = models.parent / "hf" / "hub"
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(cache))
    commit = list_files(CATALOG[NAME]).commit
    cached = cache / "models--Lightricks--LTX-2.3" / "snapshots" / commit / FILE
    cached.parent.mkdir(parents=True)
    cached.write_bytes(BYTES)
    hub.forget()
    assert cli("models", "pull", NAME).code == 0
    assert (models / NAME / FILE).samefile(cached)
    assert not any(row["path"].startswith("/cdn/") for row in hub.requests())
    (models / NAME / FILE).unlink()
    cached.write_bytes(BYTES[:-1] + b"?")
    assert cli("models", "pull", NAME).code == 0
    assert (models / NAME / FILE).read_bytes() == BYTES


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("endless", "longer than allowed"),
        ("drip", "no complete answer within 1 s"),
        ("continue", "no complete answer within 1 s"),
        ("gzip", "compressed"),
        ([], "hub does (TypeError)"),
        ({"id": "a/b", "sha": "../../etc", "siblings": []}, "the commit is not a hash"),
        (
            {"id": "a/b", "sha": "0" * 40, "siblings": [{"rfilename": 3}]},
            "did not answer as a Hugging Face hub does",
        ),
        (listing(rfilename="../x.json"), "leads out of its folder"),
        (listing(rfilename="\x1b[31m.json"), "leads out of its folder"),
        (listing(size=-1), "has no size"),
        (listing(size=10**30), "has no size"),
        (listing(size="12"), "has no size"),
        (listing(blobId="x"), "has no hash"),
        (listing(lfs={"size": 5, "sha256": "x", "pointerSize": 1}), "has no hash"),
    ],
)
@pytest.mark.usefixtures("impatient")
def test_malformed_hub_answers_are_refused(hub, cli, models, fault, reason):
    hub.add("google/gemma-3-12b-it-qat-q4_0-unquantized", "config.json", b"{}")
    hub.faults(list=fault)
    start = time.monotonic()
    done = cli("models", "pull", "gemma-3-12b")
    assert done.code == 5 and reason in done.stderr
    assert time.monotonic() - start < 5
    assert "hint: check HF_ENDPOINT if it is set" in done.stderr
    assert "\x1b" not in done.stderr and len(done.stderr.splitlines()) == 5
    assert not models.exists()


def test_wrong_content_range_is_refused(hub, cli, models):
    hub.faults(cut=1_500_000, cuts=1, range="bytes 0-3071999/3072000")
    done = cli("models", "pull", NAME)
    assert done.code == 5 and "not the requested part" in done.stderr
    hub.faults()
    assert cli("models", "pull", NAME).code == 0
    assert (models / NAME / FILE).read_bytes() == BYTES


@pytest.mark.usefixtures("impatient")
def test_stalled_transfer_is_aborted_and_resumable(hub, cli, models):
    hub.faults(slow=3)
    done = cli("models", "pull", NAME)
    assert done.code == 5 and "less than a megabyte was received within 1 s" in done.stderr
    hub.faults()
    assert cli("models", "pull", NAME).code == 0
    assert (models / NAME / FILE).read_bytes() == BYTES


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_token_and_server_text_are_never_shown(hub, cli, monkeypatch, status):
    monkeypatch.setenv("HF_TOKEN", "hf_SECRET")
    hub.faults(status=status)
    done = cli("models", "pull", NAME, "--debug")
    assert done.code == 5 and f"({status})" in done.stderr
    assert "SECRET" not in done.stderr and "server's" not in done.stderr


@pytest.mark.parametrize("token", ["hf_SECRET\u00e9", "hf_ SECRET", "hf_\x07SECRET"])
def test_malformed_token_is_refused_without_being_shown(hub, cli, monkeypatch, token):
    monkeypatch.setenv("HF_TOKEN", token)
    done = cli("models", "pull", NAME, "--debug")
    assert done.code == 5 and "token contains characters" in done.stderr and "SECRET" not in done.stderr


@pytest.mark.parametrize("kind", ["a device", "no text", "a folder", "much"])
def test_token_that_cannot_be_read_is_reported(hub, cli, tmp_path, monkeypatch, kind):
    file = tmp_path / "token"
    if kind == "a folder":
        file.mkdir()
    elif kind == "a device":
        file.symlink_to("/dev/zero")
    else:
        file.write_bytes(b"\xff\xfe" if kind == "no text" else bytes(20_000))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(file))
    done = cli("models", "pull", NAME)
    assert done.code == 5 and str(file) in done.stderr and "unexpected" not in done.stderr


def test_environment_that_the_library_refuses_is_reported(hub):
    environment = os.environ | {"HF_HUB_DOWNLOAD_TIMEOUT": "abc"}
    pulled = subprocess.run(
        command("models", "pull", NAME), capture_output=True, text=True, check=False, env=environment
    )
    assert pulled.returncode == 5
    assert "error: huggingface_hub cannot be loaded (invalid literal" in pulled.stderr


def test_password_in_the_endpoint_is_refused_without_being_shown(hub, cli, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", hub.url.replace("//", "//user:SECRET@"))
    done = cli("models", "pull", NAME, "--debug")
    assert done.code == 5 and "contains a password" in done.stderr and "SECRET" not in done.stderr


def test_requests_reveal_only_versions(hub, models, monkeypatch):
    """In a process of its own, as the setting is read when huggingface_hub is imported."""
    monkeypatch.delenv("HF_HUB_DISABLE_TELEMETRY", raising=False)
    subprocess.run(command("models", "pull", NAME), capture_output=True, check=True)
    agents = {row["user-agent"] for row in hub.requests()}
    assert all(re.fullmatch(r"lipwright/\S+; hf_hub/\S+; python/\S+", agent) for agent in agents)
    assert {row["path"].split("/")[1] for row in hub.requests()} == {"api", "Lightricks", "cdn"}
    assert not (models.parent / "hf").exists()


def test_full_disk_keeps_the_partial_download(hub, models, cli):
    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_200_000, 1_200_000))

    done = subprocess.run(
        command("models", "pull", NAME), capture_output=True, text=True, check=False, preexec_fn=little_room
    )
    assert done.returncode == 3, done.stderr
    assert "cannot be written" in done.stderr and "LIPWRIGHT_MODELS" in done.stderr
    assert 0 < (models / NAME / f"{FILE}.part").stat().st_size <= 1_200_000
    assert cli("models", "pull", NAME).code == 0
    assert (models / NAME / FILE).read_bytes() == BYTES


def test_insufficient_disk_space_is_reported_before_downloading(hub, cli, models):
    sparse = hub.root / "repos/Lightricks/LTX-2.3/ltx-2.3-spatial-upscaler-x2-1.1.safetensors"
    with sparse.open("wb") as file:
        file.write(b"big")
    repo = hub.root / "repos/Lightricks/LTX-2.3"
    (repo / "SIZES").write_text(json.dumps({sparse.name: 10**15}))
    done = cli("models", "pull", "ltx-2.3-spatial-upscaler")
    assert done.code == 3 and "1000000.1 GB are needed" in done.stderr
    assert [path.name for path in models.iterdir()] == [".ltx-2.3-spatial-upscaler.lock"]
    assert not any(row["path"].startswith("/cdn/") for row in hub.requests())


def test_unknown_or_missing_model_is_reported(hub, cli):
    unknown = cli("models", "pull", "ltx-9")
    assert unknown.code == 2 and NAME in unknown.stderr
    absent = cli("models", "verify", NAME)
    assert absent.code == 5 and "is not on this machine" in absent.stderr
