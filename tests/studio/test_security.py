"""Who may send requests to the studio, from where, and what is always refused."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect
from studio_page import running_browser
from studio_process import Studio

from lipwright.errors import OutputError, UsageError
from lipwright.jobs.job_store import JobStore
from lipwright.studio.webhooks import Webhooks
from lipwright.system import repeating

pytestmark = pytest.mark.xdist_group("studio")
TOKEN = "a token that nobody guesses"  # noqa: S105
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio with a token, in which one job may wait."""
    data = tmp_path_factory.mktemp("guarded") / "data"
    data.mkdir()
    arguments = ("--no-page", "--max-queued", "1", "--allow-host", "studio.example")
    running = Studio(data, arguments, {"LIPWRIGHT_TOKEN": TOKEN}).start()
    yield running
    assert running.stop() == 0, running.log.read_text()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "localhost.evil.example:80"}, 421),
        ({"Host": ""}, 421),
        ({"Host": "127.0.0.1.evil.example"}, 421),
        ({"Host": "localhost"}, 200),
        ({"Host": "[::1]:7860"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({}, 200),
    ],
)
def test_requests_from_foreign_origins_and_hosts_are_refused(
    studio: Studio, headers: dict[str, str], status: int
) -> None:
    assert studio.client.get("/v1/videos", headers=headers).status_code == status


def test_cross_site_form_starts_no_job(studio: Studio, clip: Path) -> None:
    strange = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    sent = studio.client.post(
        "/v1/videos", files={"audio": ("voice.wav", clip.read_bytes())}, headers=strange
    )
    assert sent.status_code == 403
    own = {"Origin": studio.url}
    assert studio.client.post("/v1/plans", data={"seconds": "5"}, headers=own).status_code == 200


def test_websocket_is_closed(studio: Studio) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
               "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}  # fmt: skip
    assert studio.client.get("/", headers=upgrade).status_code in {403, 404}


@pytest.mark.parametrize("chunked", [False, True])
def test_oversized_request_is_rejected(studio: Studio, chunked: bool) -> None:
    before = set((studio.data / "studio").iterdir())
    block = b"a" * (1 << 20)
    head = b'--x\r\nContent-Disposition: form-data; name="audio"; filename="a.wav"\r\n\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x"}

    def body() -> Iterator[bytes]:
        yield head
        for _ in range(9):
            yield block
        yield b"\r\n--x--\r\n"

    sent = body() if chunked else b"".join(body())
    answer = studio.client.post("/v1/videos", content=sent, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (413, "a request may have at most 8 MB")
    assert set((studio.data / "studio").iterdir()) == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("output", "/tmp/elsewhere.mp4"),  # noqa: S108
        ("audio", "/etc/hostname"),
        ("driver", "/etc/hostname"),
        ("motion_out", "/tmp/motion.csv"),  # noqa: S108
        ("motion-out", "/tmp/motion.csv"),  # noqa: S108
        ("model", "/etc/hostname"),
        ("loras", ["/etc/hostname"]),
        ("servers", "http://169.254.169.254"),
        ("server", "@/etc/hostname"),
        ("header", "A: b"),
    ],
)
def test_options_cannot_name_files_or_servers(
    studio: Studio, clip: Path, portrait: Path, *, name: str, value: Any
) -> None:
    problem = studio.submit(clip, portrait, **{name: value}).json()
    assert (problem["status"], problem["error"]) == (422, f"there is no option {name!r}")


@pytest.mark.parametrize(
    "name", ["../../../evil.wav", "/etc/evil.wav", "..\\evil.wav", "<img src=x>.wav", "a\r\nb.wav"]
)
def test_uploaded_file_names_are_only_displayed(studio: Studio, clip: Path, name: str) -> None:
    """A name is used neither as a path nor as HTML; it is kept as text."""
    job = studio.client.post("/v1/checks", files={"video": (name, clip.read_bytes())}).json()
    folder = max((studio.data / "studio").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    assert (folder / "video.wav").read_bytes() == clip.read_bytes()
    assert not any(sign in job["names"]["video"] for sign in "/\\\r\n")
    studio.wait(job["links"]["self"])
    sent = studio.client.get(f"{job['links']['self']}/content")
    assert sent.headers.get("content-disposition", "attachment").startswith("attachment")


def test_html_in_prompts_and_names_is_escaped(studio: Studio, finished: dict[str, Any], clip: Path) -> None:
    video = studio.client.get(finished["links"]["content"]).content
    job = studio.client.post("/v1/checks", files={"video": ("<script>alert(1)</script>.mp4", video)}).json()
    report = studio.client.get(studio.wait(job["links"]["self"])["links"]["report"])
    assert "<script>alert" not in report.text
    assert "default-src 'none'" in report.headers["content-security-policy"]
    listed = studio.client.get("/v1/videos", params={"search": "<b>"})
    assert listed.headers["content-type"] == "application/json"
    assert listed.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/v1/videos/../../jobs.sqlite3", "/v1/videos/%2e%2e/%2e%2e/jobs.sqlite3",
                                  "/v1/videos/1/../../../etc/passwd", "/v1/videos/-1", "/v1/videos/1e3",
                                  f"/v1/videos/{1 << 70}"])  # fmt: skip
def test_path_traversal_is_refused(studio: Studio, path: str) -> None:
    host, port = studio.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as raw:  # httpx would tidy the path up
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: raw.recv(65536), b"")).decode()
    assert int(answer.split()[1]) in {404, 422}
    assert "root:" not in answer


def test_token_is_required(guarded: Studio) -> None:
    get = guarded.client.get
    refused = get("/v1/videos")
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert get("/v1/videos", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert get("/docs", headers={"Cookie": "lipwright-studio=wrong"}).status_code == 401
    assert get("/v1/videos", params={"token": TOKEN}).status_code == 401
    assert get("/v1/videos", headers=BEARER).status_code == 200
    assert get("/v1/videos", headers={**BEARER, "Host": "studio.example"}).status_code == 200
    assert get("/v1/health").json()["status"] == "ok"


def test_browser_signs_in_once_with_the_token(guarded: Studio) -> None:
    with httpx.Client(base_url=guarded.url) as browser:
        sent = browser.get("/docs", headers={"Accept": "text/html"})
        assert (sent.status_code, sent.headers["location"]) == (303, "/login")
        assert 'type="password"' in browser.get("/login").text
        assert browser.post("/login", data={"token": "wrong"}).status_code == 401
        cookie = browser.post("/login", data={"token": TOKEN}).headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert TOKEN not in cookie
        assert browser.get("/docs").status_code == 200


def test_real_browser_signs_in(guarded: Studio) -> None:
    """What a browser sends of its own accord, such as Origin, is not what a client in a test sends."""
    with running_browser() as browser:
        page = browser.new_page()
        page.goto(f"{guarded.url}/docs")
        for token in ("wrong", TOKEN):
            page.get_by_label("Token").fill(token)
            page.get_by_role("button").click()
            if token == "wrong":  # noqa: S105
                expect(page.get_by_role("alert")).to_be_visible()
        page.wait_for_url("**/docs")
        expect(page.locator("h1")).to_have_text("lipwright studio API")


def test_full_queue_answers_429(guarded: Studio, clip: Path, portrait: Path) -> None:
    guarded.client.headers.update(BEARER)
    sent = [guarded.submit(clip, portrait, seed=seed) for seed in range(4)]
    full = [answer for answer in sent if answer.status_code == 429]
    assert full, [answer.status_code for answer in sent]
    assert full[0].json()["error"] == "the queue is full: 1 job already waiting"
    assert int(full[0].headers["retry-after"]) > 0
    for job in guarded.client.get("/v1/queue").json()["jobs"]:
        guarded.client.delete(job["links"]["self"])


def test_token_is_never_written(guarded: Studio) -> None:
    guarded.client.get("/v1/videos", headers=BEARER)
    guarded.client.get("/v1/nothing", headers=BEARER)
    files = [guarded.log, *(path for path in guarded.data.rglob("*") if path.is_file())]
    assert not [path for path in files if TOKEN.encode() in path.read_bytes()]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--host", "0.0.0.0"),  # noqa: S104
        ("--host", "::"),
        ("--host", "studio.example"),
        ("--host", "0.0.0.0", "--token", "short"),  # noqa: S104
        ("--port", "99999"),
        ("--workers", "0"),
        ("--max-queued", "0"),
    ],
)
def test_unsafe_server_settings_are_refused(cli: Any, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = cli("studio", *arguments, "--no-page", "--data", tmp_path)
    assert (done.code, done.stdout) == (2, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost:8000/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://0.0.0.0/",
        "http://2130706433/",
        "http://10.1.2.3/",
        "http://192.168.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fe80::1]/",
        "http://[fd00::1]/",
        "http://224.0.0.1/",
        "file:///etc/passwd",
        "ftp://192.0.2.1/",
        "http://user:secret@8.8.8.8/",
        "http://8.8.8.8:0/",
        "http:///",
        "nonsense",
        "http://no-such-host.invalid/",
        "http://8.8.8.8/\u00e9",
        "http://8.8.8.8/a b",
        "http://8.8.8.8/\x00",
    ],
)
def test_webhook_to_private_address_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(UsageError):
        Webhooks(JobStore(tmp_path), "secret", (), lambda number: b"{}").check(url)


def test_webhook_needs_a_secret_and_an_allowed_host(tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    assert Webhooks(store, "secret", (), lambda number: b"{}").check("https://8.8.8.8/done")
    assert Webhooks(store, "secret", ("LOCALHOST",), lambda number: b"{}").check("http://localhost:1/done")
    with pytest.raises(UsageError, match="no secret"):
        Webhooks(store, "", (), lambda number: b"{}").check("https://8.8.8.8/done")


@pytest.mark.parametrize(
    "piece", [b"HTTP/1.1 100 Continue\r\n\r\n", b"X"], ids=["endless continues", "a line that drips"]
)
def test_slow_webhook_receiver_does_not_delay_others(tmp_path: Path, monkeypatch: Any, piece: bytes) -> None:
    monkeypatch.setattr("lipwright.studio.webhooks.TIMEOUT_S", 0.5)
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        with suppress(OSError), listener.accept()[0] as connection:
            while True:
                connection.sendall(piece)
                time.sleep(0.05)

    threading.Thread(target=drip, daemon=True).start()
    webhooks = Webhooks(JobStore(tmp_path), "secret", ("127.0.0.1",), lambda number: b"{}")
    began = time.monotonic()
    with listener:
        assert not webhooks._send(f"http://127.0.0.1:{listener.getsockname()[1]}/", 1)
    assert time.monotonic() - began < 3


def test_background_calls_continue_after_a_store_failure() -> None:
    called = threading.Semaphore(0)

    def fail() -> None:
        called.release()
        raise OutputError("no space left")

    with repeating(fail, 0.01):
        assert called.acquire(timeout=5) and called.acquire(timeout=5)


def test_server_secrets_are_never_written(tmp_path: Path, clip: Path, portrait: Path) -> None:
    from lipwright.studio.service import StudioService

    service = StudioService(tmp_path, engine_options={"headers": (("Authorization", "very secret"),)})
    number = service.submit("render", {"audio": clip, "image": portrait}, {"engine": "portrait"})
    assert json.loads(json.dumps(service.store.get(number).to_json())) == service.store.get(number).to_json()
    assert not [
        path for path in tmp_path.rglob("*") if path.is_file() and b"very secret" in path.read_bytes()
    ]
