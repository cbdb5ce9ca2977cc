"""The steps of a client: submit, poll, fetch; and refusals with the texts of the command line."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from studio_process import SECRET, Studio

pytestmark = pytest.mark.xdist_group("studio")
ROOT = Path(__file__).parents[2]


def test_finished_video_and_manifest_are_served(studio: Studio, finished: dict[str, Any]) -> None:
    links = finished["links"]
    manifest = studio.client.get(links["manifest"]).json()
    video = studio.client.get(links["content"])
    assert video.headers["content-type"] == "video/mp4"
    assert "my%20voice.mp4" in video.headers["content-disposition"]
    assert hashlib.sha256(video.content).hexdigest() == manifest["video"]["sha256"]
    assert (manifest["job"]["seed"], manifest["job"]["size"]) == (3, "192x192")
    assert finished["verdict"] == manifest["sync"]["verdict"]
    assert studio.client.get(links["check"]).json()["verdict"] == finished["verdict"]
    report = studio.client.get(links["report"]).text
    assert "<svg" in report
    assert "<h1>my voice.mp4</h1>" in report
    assert finished["title"] == "my voice.wav, portrait.png"
    assert finished["progress"] is None


def test_range_requests_are_supported(studio: Studio, finished: dict[str, Any]) -> None:
    path = finished["links"]["content"]
    whole = studio.client.get(path).content
    part = studio.client.get(path, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole)}"
    for wrong, status in ((f"bytes={len(whole)}-", 416), ("bytes=a-b", 400)):
        refused = studio.client.get(path, headers={"Range": wrong})
        assert (refused.status_code, refused.json()["status"]) == (status, status)
        assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers.get("content-range") is None
    assert studio.client.head(path).headers["content-length"] == str(len(whole))


def test_idempotency_key_makes_one_job(
    studio: Studio, finished: dict[str, Any], clip: Path, portrait: Path
) -> None:
    again = studio.submit(clip, portrait, key="finished", seed=3, prompt="warm <b>smile</b>")
    assert (again.status_code, again.json()["id"]) == (202, finished["id"])
    other = studio.submit(clip, portrait, key="finished", seed=4)
    assert other.status_code == 422
    assert "idempotency key" in other.json()["error"]


def test_take_can_be_cancelled_retried_and_deleted(studio: Studio, finished: dict[str, Any]) -> None:
    own = finished["links"]["self"]
    take = studio.client.post(f"{own}/takes", json={"options": {"seed": 9}}).json()
    path = take["links"]["self"]
    assert (take["parent"], take["options"]["seed"]) == (finished["id"], 9)
    assert take["options"]["prompt"] == finished["options"]["prompt"]
    assert studio.client.delete(path).json()["state"] == "cancelled"
    assert studio.wait(path)["state"] == "cancelled"
    assert studio.client.get(f"{path}/content").status_code == 409
    assert studio.client.post(f"{path}/retry").json()["state"] == "queued"
    assert studio.client.post(f"{path}/retry").status_code == 409
    folders = set((studio.data / "studio").iterdir())
    assert studio.client.delete(path, params={"files": True}).json()["state"] == "cancelled"
    assert studio.client.get(path).status_code == 404
    assert len(folders - set((studio.data / "studio").iterdir())) == 1


def test_history_is_searchable_and_paginated(studio: Studio, finished: dict[str, Any]) -> None:
    def found(**query: Any) -> list[int]:
        return [job["id"] for job in studio.client.get("/v1/videos", params=query).json()["jobs"]]

    assert finished["id"] in found(search="MY VOICE", state="done")
    assert finished["id"] in found(search="warm")
    assert found(search="nobody said this") == []
    take = studio.client.post(f"{finished['links']['self']}/takes", json={}).json()
    studio.client.delete(take["links"]["self"])
    first = studio.client.get("/v1/videos", params={"limit": 1}).json()
    assert [job["id"] for job in first["jobs"]] == [take["id"]]
    assert max(found(before=first["next"])) < take["id"]


def test_uploaded_video_is_checked(studio: Studio, finished: dict[str, Any], clip: Path) -> None:
    video = studio.client.get(finished["links"]["content"]).content
    answer = studio.client.post(
        "/v1/checks", files={"video": ("mine.mp4", video), "audio": ("voice.wav", clip.read_bytes())}
    )
    job = studio.wait(answer.headers["location"])
    result = studio.client.get(job["links"]["check"]).json()
    assert (job["state"], result["verdict"]) == ("done", job["verdict"])
    assert result["match"]["correlation"] > 0.9
    assert studio.client.get(job["links"]["content"]).content == video
    assert studio.client.get(f"/v1/videos/{job['id']}").status_code == 404
    assert job["id"] in [one["id"] for one in studio.client.get("/v1/checks").json()["jobs"]]


def test_preview_and_tune_jobs_finish(studio: Studio, clip: Path, portrait: Path) -> None:
    preview = studio.submit(clip, portrait, kind="preview", check=False).json()
    tune = studio.submit(clip, portrait, kind="tune", rounds=1).json()
    made = studio.wait(preview["links"]["self"])
    assert (made["state"], made["verdict"]) == ("done", None), made
    assert studio.client.get(made["links"]["content"]).status_code == 200
    made = studio.wait(tune["links"]["self"])
    assert made["state"] == "done", made
    assert len(studio.client.get(made["links"]["rounds"]).json()["rounds"]) == 1
    assert "<svg" in studio.client.get(made["links"]["report"]).text


def test_immediate_answers_equal_the_command_line(
    studio: Studio, cli: Any, clip: Path, portrait: Path
) -> None:
    def posted(path: str, **request: Any) -> Any:
        return studio.client.post(path, **request).json()

    assert (
        posted("/v1/plans", files={"audio": ("voice.wav", clip.read_bytes())})
        == cli("plan", clip, "--json").json
    )
    assert (
        posted("/v1/plans", data={"seconds": "5", "fps": "24"})
        == cli("plan", "--seconds", "5", "--fps", "24", "--json").json
    )
    sent = {"files": {"audio": ("voice.wav", clip.read_bytes())}, "data": {"options": '{"denoise": "off"}'}}
    assert posted("/v1/audio", **sent) == cli("audio", clip, "--denoise", "off", "--json").json
    assert (
        posted("/v1/images", files={"image": ("portrait.png", portrait.read_bytes())})
        == cli("image", portrait, "--json").json
    )
    text = "a woman, the camera zooms"
    assert posted("/v1/prompts", json={"text": text}) == cli("prompt", text, "--json").json


@pytest.mark.parametrize(
    ("options", "status", "code", "says"),
    [
        ({"siz": "x"}, 422, 2, "siz"),
        ({"seed": "x"}, 422, 2, "not a number"),
        ({"cfg": 9}, 422, 2, "CFG 9"),
        ({"engine": "nothing"}, 422, 2, "nothing"),
        ({"prompt": "a" * 30_000}, 422, 2, "prompt"),
    ],
)
def test_invalid_options_are_refused_as_on_the_command_line(
    studio: Studio, clip: Path, portrait: Path, *, options: dict[str, Any], status: int, code: int, says: str
) -> None:
    answer = studio.submit(clip, portrait, **options)
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["exit_code"]) == (status, status, code), problem
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in problem["error"]
    assert problem["hint"]


@pytest.mark.parametrize(
    ("path", "media_type", "content", "expected"),
    [
        ("/v1/videos", "application/json", b"{}", "multipart/form-data"),
        ("/v1/plans", "application/json", b'{"seconds": 5}', "multipart/form-data"),
        ("/v1/checks", "video/mp4", b"a video", "multipart/form-data"),
        ("/v1/prompts", "text/plain", b'{"text": "a woman"}', "application/json"),
        ("/v1/queue", "application/x-www-form-urlencoded", b"jobs=1", "application/json"),
    ],
)
def test_body_of_another_media_type_is_refused_with_the_expected_one(
    studio: Studio, path: str, media_type: str, content: bytes, expected: str
) -> None:
    method = "PUT" if path == "/v1/queue" else "POST"
    answer = studio.client.request(method, path, content=content, headers={"Content-Type": media_type})
    assert answer.status_code == 415
    assert answer.json()["error"] == f"the body has the media type {media_type}"
    assert expected in answer.json()["hint"]


def test_options_that_are_no_json_object_or_too_large_are_refused_by_name(studio: Studio, clip: Path) -> None:
    deep = f'{{"prompt": {"[" * 150}{"]" * 150}}}'
    long = json.dumps({"prompt": "x" * 100_000})
    for options in ("{", "[]", deep, long):
        answer = studio.client.post(
            "/v1/audio", files={"audio": ("voice.wav", clip.read_bytes())}, data={"options": options}
        )
        assert answer.status_code == 422
        assert answer.json()["error"].startswith("options: ")


def test_unusable_files_are_refused_by_role(studio: Studio, clip: Path, portrait: Path) -> None:
    before = set((studio.data / "studio").iterdir())
    for audio, image, role in ((portrait, portrait, "audio"), (clip, clip, "image")):
        problem = studio.submit(audio, image).json()
        assert problem["exit_code"] == 3
        assert problem["error"].startswith(f"the {role}: ")
    empty = studio.client.post("/v1/videos", files={"audio": ("a.wav", b"")})
    assert (empty.status_code, empty.json()["error"]) == (422, "the audio is empty")
    assert studio.client.post("/v1/videos").json()["error"] == "audio: Field required"
    assert studio.client.get("/v1/nothing").json()["status"] == 404
    assert set((studio.data / "studio").iterdir()) == before


def test_queue_can_be_reordered(studio: Studio, finished: dict[str, Any], clip: Path) -> None:
    own = f"{finished['links']['self']}/takes"
    takes = [studio.client.post(own, json={"options": {"seed": seed}}).json()["id"] for seed in range(20, 24)]
    queued = studio.client.put("/v1/queue", json={"jobs": takes[:1:-1]}).json()["jobs"]
    waiting = [job["id"] for job in queued if job["state"] == "queued"]
    assert waiting[:2] == takes[:1:-1]
    assert [job["place"] for job in queued if job["state"] == "queued"] == list(range(1, len(waiting) + 1))
    for number in takes:
        studio.client.delete(f"/v1/videos/{number}")
    assert studio.client.put("/v1/queue", json={"jobs": [999_999]}).status_code == 404


def test_webhook_is_signed_and_sent_once(studio: Studio, finished: dict[str, Any], clip: Path) -> None:
    calls: list[tuple[dict[str, str], bytes]] = []
    called = threading.Event()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
            # The first attempt is answered with a redirect, which must not be followed.
            self.send_response(302 if len(calls) == 1 else 204)
            self.send_header("location", f"http://127.0.0.1:{server.server_port}/elsewhere")
            self.end_headers()
            if len(calls) == 2:
                called.set()

        def log_message(self, *arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    video = studio.client.get(finished["links"]["content"]).content
    job = studio.client.post(
        "/v1/checks",
        files={"video": ("mine.mp4", video)},
        data={"webhook": f"http://127.0.0.1:{server.server_port}/done?a=1"},
    ).json()
    assert called.wait(60)
    server.shutdown()
    server.server_close()
    headers, body = calls[1]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"
    assert json.loads(body) == studio.wait(job["links"]["self"])
    assert len(calls) == 2


def test_every_route_is_documented(studio: Studio) -> None:
    api = studio.client.get("/openapi.json").json()
    page = studio.client.get("/docs").text
    names = []
    for path, methods in api["paths"].items():
        for method, route in methods.items():
            names.append(route["operationId"])
            assert f"{method.upper()} {path}" in page
            for status, answer in route["responses"].items():
                content = answer.get("content", {})
                if status >= "400":
                    assert list(content) == ["application/problem+json"]
                elif "application/json" in content and not path.endswith("/rounds"):
                    name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
                    assert api["components"]["schemas"][name]["properties"]
    assert len(names) == len(set(names)) > 15
    schemas = api["components"]["schemas"]
    for body, files in (("create_video", {"audio", "image", "driver"}), ("create_check", {"video", "audio"})):
        told = schemas[f"Body_{body}"]["properties"]
        assert files <= {name for name in told if '"format": "binary"' in json.dumps(told[name])}
    assert not re.search(r"https?://(?!127)", page), "the page loads something from elsewhere"


def test_documented_client_makes_a_video(studio: Studio, clip: Path, portrait: Path, tmp_path: Path) -> None:
    import subprocess
    import sys

    (code,) = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs/studio.md").read_text(), re.M | re.S)
    done = subprocess.run(
        [sys.executable, "-c", code, studio.url, str(clip), str(portrait)],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "video.mp4").stat().st_size > 1000
    assert done.stdout.split()[0] in {"in-sync", "inconclusive"}
