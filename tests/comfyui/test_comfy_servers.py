"""Several servers, how they are named, and the secrets that go to them and nowhere else."""

from __future__ import annotations

import logging
import os
import re
import traceback
from pathlib import Path
from threading import Timer

import numpy as np
import pytest
from comfy_shots import HASTY

from lipwright.domain.progress import no_progress
from lipwright.engines.comfyui.engine import ComfyEngine
from lipwright.engines.comfyui.server_url import DEFAULT_SERVER, parse_server, parse_servers
from lipwright.errors import EngineError, EngineRejected, InputError, UsageError


def test_the_least_busy_server_is_taken(start, shot) -> None:
    busy, idle = start("--busy", "3"), start("--busy", "1")
    render = ComfyEngine((busy.url, idle.url), timeouts=HASTY).render(shot, no_progress)
    assert render.settings["servers"] == [idle.url]
    assert not busy.seen("/prompt")


@pytest.mark.parametrize("fault", ["die", "413", "oom", "missing-model"])
def test_a_server_that_fails_loses_no_shot(start, shot, fault: str) -> None:
    failing, other = start("--fault", fault), start("--busy", "2")
    render = ComfyEngine((failing.url, other.url), timeouts=HASTY).render(shot, no_progress)
    assert len(list(render.frames)) == 17
    assert render.settings["servers"] == [other.url]


def test_a_server_that_is_not_there_loses_no_shot(start, shot) -> None:
    there = start()
    render = ComfyEngine(("http://127.0.0.1:9", there.url), timeouts=HASTY).render(shot, no_progress)
    assert render.settings["servers"] == [there.url]


def test_where_all_fail_each_is_reported(start, shot) -> None:
    full = start("--fault", "413")
    with pytest.raises(EngineRejected) as caught:
        ComfyEngine(("http://127.0.0.1:9", full.url), timeouts=HASTY).render(shot, no_progress)
    assert "all 2 servers failed" in caught.value.message
    assert "127.0.0.1:9" in caught.value.message
    assert full.url in caught.value.message


def test_default_server_is_this_machine() -> None:
    assert [server.label for server in parse_servers(())] == [DEFAULT_SERVER]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("http://gpu:8188/", "http://gpu:8188"),
        ("gpu:8188", "http://gpu:8188"),
        ("https://gpu.example/comfy/", "https://gpu.example/comfy"),
        ("http://[::1]:8188", "http://[::1]:8188"),
        ("https://me:secret@gpu/?token=secret", "https://gpu"),
    ],
)
def test_labels_of_servers_have_no_secrets(text: str, label: str) -> None:
    server = parse_server(text)
    assert server.label == label
    assert "secret" not in repr(server)
    assert server.socket_url("x").startswith(label.replace("http", "ws") + "/ws?clientId=x")


@pytest.mark.parametrize(
    "text", ["ftp://secret", "http://", "http://gpu:secret", "http://g pu/secret", "file:///secret"]
)
def test_invalid_url_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_server(text)
    assert "secret" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize("header", [("X-Key", "sec\nret"), ("X Key", "secret"), ("X-Key", "sécret")])
def test_headers_that_cannot_be_sent_are_refused(header: tuple[str, str]) -> None:
    with pytest.raises(UsageError) as caught:
        parse_server("http://gpu", (header,))
    assert header[1] not in caught.value.message + caught.value.hint


def test_servers_and_headers_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "servers.txt"
    path.write_text(
        "# ours\nhttp://one:8188\n\nhttps://two/comfy X-Key: abc\n  X-More: def\nhttp://one:8188/\n", "utf-8"
    )
    for name in (f"@{path}", str(path)):
        servers = parse_servers((name, "http://three"), (("X-All", "1"),))
        assert [server.label for server in servers] == [
            "http://one:8188",
            "https://two/comfy",
            "http://three",
        ]
        assert servers[0].headers == (("X-All", "1"),)
        assert servers[1].headers == (("X-All", "1"), ("X-Key", "abc"), ("X-More", "def"))


@pytest.mark.parametrize(
    "content",
    [b"", b"# nothing\n", b"http://one secret\n", b"  X-Key: secret\n", b"\xff\xfe", b"ftp://secret\n"],
)
def test_an_invalid_file_of_servers_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "servers.txt"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        parse_servers((f"@{path}",))
    assert "secret" not in caught.value.message + caught.value.hint


def test_pipes_folders_and_large_files_are_not_read_for_servers(tmp_path: Path) -> None:
    pipe, large = tmp_path / "pipe", tmp_path / "large"
    os.mkfifo(pipe)
    large.write_bytes(b"http://a\n" * 200_000)
    for path, reason in (
        (pipe, "it is not a file"),
        (large, "larger than 1 MB"),
        (tmp_path, "it is not a file"),
    ):
        with pytest.raises(InputError, match=reason):
            parse_servers((f"@{path}",))


def test_a_missing_file_of_servers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        parse_servers((f"@{tmp_path}/none.txt",))


def test_a_pipe_of_servers_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "servers.txt"
    os.mkfifo(pipe)
    writer = os.open(pipe, os.O_RDWR)  # so that opening it does not wait
    os.write(writer, b"http://one:8188\n")
    Timer(0.3, os.close, [writer]).start()
    with pytest.raises(InputError, match="not a file"):
        parse_servers((f"@{pipe}",))


def secrets_of(server, kind: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """URL and headers by which the secret goes to the server."""
    if kind == "basic":
        return server.url.replace("http://", "http://me:hush-hush@"), ()
    if kind == "token":
        return f"{server.url}?token=hush-hush", ()
    return server.url, (("X-Key", "hush-hush"),)


REQUIRE = {"basic": "basic=me:hush-hush", "token": "token=hush-hush", "header": "X-Key=hush-hush"}


@pytest.mark.parametrize("kind", list(REQUIRE))
def test_secrets_reach_only_the_server(start, shot, kind: str, caplog) -> None:
    server = start("--require", REQUIRE[kind])
    with pytest.raises(EngineError, match="401") as caught:
        ComfyEngine((server.url,), timeouts=HASTY).render(shot, no_progress)
    assert "--header" in caught.value.hint
    url, headers = secrets_of(server, kind)
    with caplog.at_level(logging.DEBUG):
        render = ComfyEngine((url,), headers, timeouts=HASTY).render(shot, no_progress)
    assert np.stack(list(render.frames)).shape == (17, 64, 64, 3)
    assert [record for record in caplog.records if record.name == "httpx"]  # it does log
    told = [record.getMessage() for record in caplog.records] + [repr(render.settings), repr(render.findings)]
    assert not [text for text in told if re.search("hush|bWU6", text)]
    assert {request["path"] for request in server.told()["seen"]} >= {
        "/ws",
        "/view",
        "/upload/image",
        "/prompt",
    }


@pytest.mark.parametrize("kind", list(REQUIRE))
@pytest.mark.parametrize("fault", ["502", "die", "413", "not-comfy"])
def test_no_traceback_holds_a_secret(start, shot, kind: str, fault: str) -> None:
    server = start("--require", REQUIRE[kind], "--fault", fault, "--times", "99")
    url, headers = secrets_of(server, kind)
    with pytest.raises(EngineError) as caught:
        ComfyEngine((url,), headers, timeouts=HASTY).render(shot, no_progress)
    text = "".join(traceback.format_exception(caught.value)) + caught.value.hint
    assert not re.search("hush|bWU6", text)
