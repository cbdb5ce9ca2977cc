"""The studio's page in a real Chromium, over a real server: from the drop to the download."""

from __future__ import annotations

import json
import time
import wave
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, expect
from studio_page import Visit, running_browser, running_studio

from lipwright.domain.time import Span
from lipwright.media.audio_writer import write_excerpt
from lipwright.media.video_reader import video_facts
from lipwright.pipeline.audio_input import plan_recording

pytestmark = pytest.mark.xdist_group("page")  # one server, whose videos the later tests judge

ROOT = Path(__file__).parents[2]
PORTRAIT = ROOT / "examples/portrait.jpg"
VOICE = ROOT / "examples/voice.flac"
SIZE = "176x176"
"""The smallest in which the example's face is large enough."""
TALL, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def browser(long_voice: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser with speech at its microphone and the portrait before its camera."""
    camera = tmp_path_factory.mktemp("camera") / "portrait.mjpeg"
    Image.open(PORTRAIT).resize((640, 640)).save(camera, "JPEG")
    with running_browser(
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={long_voice}",
        f"--use-file-for-fake-video-capture={camera}",
    ) as started:
        yield started


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_studio(tmp_path_factory.mktemp("studio") / "data") as url:
        yield url


@pytest.fixture(scope="module")
def sentence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second and a half of the example's voice."""
    path = tmp_path_factory.mktemp("voice") / "sentence.wav"
    write_excerpt(VOICE, Span(0.2, 1.6), path)
    return path


@pytest.fixture(scope="module")
def api(studio: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=studio, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def made(api: httpx.Client, sentence: Path) -> int:
    """A video of the sentence, with a cause that a setting remedies."""
    return finished(api, submit(api, sentence, size=SIZE, no_freeze=True, prompt="warm light"))


def finished(api: httpx.Client, number: int) -> int:
    end = time.monotonic() + 120
    while (job := api.get(f"/v1/videos/{number}").json())["state"] in {"queued", "running"}:
        assert time.monotonic() < end
        time.sleep(0.1)
    assert job["state"] == "done", job
    return number


def submit(api: httpx.Client, voice: Path, **options: Any) -> int:
    files = {"audio": (voice.name, voice.read_bytes()), "image": (PORTRAIT.name, PORTRAIT.read_bytes())}
    sent = api.post("/v1/videos", files=files, data={"options": json.dumps(options)})
    return sent.raise_for_status().json()["id"]


@pytest.fixture(scope="module")
def used(browser: Browser, studio: str) -> Iterator[Visit]:
    """The page, as the test before has left it: to open one takes longer than most tests."""
    visit = Visit(browser, studio, viewport=WIDE)
    yield visit
    visit.close()
    assert not visit.errors
    elsewhere = [url for url in visit.asked_for if not url.startswith((studio, "data:", "blob:"))]
    assert not elsewhere, "the page asked for something from the network"


def test_video_is_made_from_upload_to_download(used: Visit, sentence: Path) -> None:
    page = used.page
    expect(page.locator("#lw-render")).to_be_disabled()
    used.give(sentence, PORTRAIT)
    expect(page.locator("#lw-lights")).to_contain_text("Voice ready")
    expect(page.locator("#lw-lights")).to_contain_text("Image ready")
    frames = plan_recording(sentence).frames
    expect(page.locator("#lw-voice-analysis")).to_contain_text(f"{frames} frames at 25 fps")
    page.fill("#lw-prompt textarea", "A woman nods, <img src=x onerror=alert(1)> soft light")
    expect(page.locator("#lw-lights .red")).to_contain_text("Prompt")
    assert page.locator("#lw-prompt-analysis img").count() == 0, "HTML in a prompt is shown as text"
    page.get_by_role("button", name="Use this instead").click()
    expect(page.locator("#lw-lights")).not_to_contain_text("competes")
    page.fill("#lw-prompt textarea", "")
    used.set_size(SIZE)
    page.click("#lw-render")
    page.click("#lw-queue li.done [data-act=judge]")
    report = page.frame_locator("iframe.lw-report")
    expect(report.locator("h1")).to_have_text("sentence.mp4")
    expect(report.locator(".badges")).to_contain_text("audio latent frozen: bit-identical")
    report.locator(".plot").last.click(position={"x": 200, "y": 50})
    assert report.locator("video").evaluate("video => video.currentTime") > 0.2, "a click seeks"
    with page.expect_download() as video:
        page.get_by_role("link", name="Video", exact=True).click()
    facts = video_facts(video.value.path())
    assert (facts.frames, facts.frame_rate) == (frames, Fraction(25))
    with page.expect_download() as manifest:
        page.get_by_role("link", name="Manifest", exact=True).click()
    written = json.loads(manifest.value.path().read_text())
    assert (written["job"]["size"], written["frozen"]) == (SIZE, True)
    page.get_by_role("button", name="SHOTS file").click()
    with page.expect_download() as shots:
        page.get_by_role("link", name="Save shots.jsonl").click()
    assert json.loads(shots.value.path().read_text())["size"] == SIZE
    expect(page.locator(".lw-command code")).to_contain_text(f"--size {SIZE}")
    page.get_by_role("tab", name="Make").click()
    used.set_size("240x240")
    dropped = manifest.value.path().with_suffix(".json")
    dropped.write_text(json.dumps(written))
    page.get_by_role("tab", name="Keep").click()
    page.set_input_files("#lw-manifest input[type=file]", dropped)
    expect(page.locator("#lw-set-size input")).to_have_value(SIZE)


def test_wrong_file_is_reported_and_the_form_is_kept(used: Visit, tmp_path: Path) -> None:
    page = used.page
    wrong = tmp_path / "<b>no<b>.wav"
    wrong.write_text("this is no recording")
    used.open("Make")
    page.set_input_files("#lw-voice input[type=file]", wrong)
    used.give(image=PORTRAIT)
    alert = page.locator("#lw-voice-analysis [role=alert]")
    expect(alert).to_be_visible()
    expect(page.locator("#lw-lights .red")).to_contain_text("Voice cannot be used")
    expect(page.locator("#lw-lights .green")).to_contain_text("Image ready")
    expect(page.locator("#lw-render")).to_be_disabled()
    assert alert.locator("b b").count() == 0, "HTML in a name is shown as text"


def test_video_can_be_made_by_keyboard_alone(used: Visit) -> None:
    page = used.page
    used.reload()  # the focus is where it is at first

    def tab_to(selector: str) -> None:
        for _ in range(120):
            page.keyboard.press("Tab")
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"{selector} is not reached by Tab")

    tab_to("#lw-example")
    page.keyboard.press("Enter")
    expect(page.locator("#lw-voice-analysis")).to_contain_text("177 frames")
    expect(page.locator("#lw-preview")).to_be_enabled()
    tab_to("#lw-preview")
    page.keyboard.press("Space")
    expect(page.locator("#lw-queue li.running, #lw-queue li.queued")).to_have_count(1)
    tab_to("#lw-queue [data-act=cancel]")
    page.keyboard.press("Enter")
    expect(page.locator("#lw-queue li").first).to_contain_text("cancelled")


def test_render_continues_without_the_page_and_shows_in_other_tabs(
    browser: Browser, studio: str, used: Visit
) -> None:
    page = used.page
    used.give_example()
    used.set_size("480x480")
    page.click("#lw-render")
    expect(page.locator("#lw-queue li.running progress")).to_be_visible()
    page.click("#lw-render")
    expect(page.locator("#lw-queue li.queued")).to_contain_text("waiting, next in the queue")
    used.reload()
    running = page.locator("#lw-queue li.running")
    expect(running).to_contain_text("%")
    expect(page.locator("#lw-set-size input")).to_have_value("480x480")  # the form is as it was
    expect(page.locator("#lw-set-preset input")).to_have_value("the engine's default")
    other = Visit(browser, studio, viewport=WIDE)
    try:
        expect(other.page.locator("#lw-queue li.running .lw-frame")).to_be_visible()
        cancelled = page.locator("#lw-queue li.cancelled").count()
        other.page.locator("#lw-queue li.queued").get_by_role("button", name="Cancel").click()
        other.page.locator("#lw-queue li.running").get_by_role("button", name="Cancel").click()
        expect(page.locator("#lw-queue li.cancelled")).to_have_count(cancelled + 2)
    finally:
        other.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_has_no_serious_accessibility_violations(used: Visit, made: int, scheme: str) -> None:
    page, axe = used.page, Axe()
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(TALL if scheme == "dark" else WIDE)
    try:
        expect(page.locator("body.dark")).to_have_count(int(scheme == "dark"))
        page.wait_for_selector("#lw-voice-analysis audio")
        page.wait_for_selector("#lw-image-analysis .lw-image")
        found = {}
        for tab in ("Make", "Judge", "Keep"):
            if tab == "Judge":
                page.click(f"#lw-queue [data-act=judge][data-job='{made}']")
                expect(page.frame_locator("iframe.lw-report").locator(".verdict")).to_be_visible()
            else:
                page.get_by_role("tab", name=tab).click()
            wide = page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")
            assert wide <= 0, f"{tab} is wider than the window by {wide} pixels"
            result = axe.run(page).response["violations"]
            found[tab] = [
                f"{one['id']}: {node['target']} {node['failureSummary']}"
                for one in result
                if one["impact"] in {"serious", "critical"}
                for node in one["nodes"]
            ]
        assert not any(found.values()), json.dumps(found, indent=1)
    finally:
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(WIDE)
        used.open("Make")


def test_a_recording_and_a_photo_can_be_taken_on_the_page(used: Visit) -> None:
    page = used.page
    page.get_by_role("button", name="Record with the microphone").click()
    page.locator("#lw-microphone").get_by_role("button", name="Record", exact=True).click()
    page.wait_for_timeout(3000)
    page.locator("#lw-microphone").get_by_role("button", name="Stop").first.click()
    expect(page.locator("#lw-voice-analysis")).to_contain_text("recording.wav")
    expect(page.locator("#lw-voice-analysis .lw-chart")).to_be_visible()
    page.get_by_role("button", name="Take a photo, or paste one").click()
    page.get_by_text("Click to Access Webcam").click()
    page.get_by_role("button", name="capture photo").click()
    expect(page.locator("#lw-image-analysis")).to_contain_text("photo.png")
    expect(page.locator("#lw-image-analysis .face")).to_have_count(1)


def test_the_face_that_speaks_is_chosen_by_a_click_and_a_file_replaces_another(
    used: Visit, tmp_path: Path
) -> None:
    page, face = used.page, Image.open(PORTRAIT).convert("RGB").resize((300, 300))
    two = Image.new("RGB", (600, 300))
    two.paste(face, (0, 0))
    two.paste(face.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (300, 0))
    two.save(tmp_path / "two.png")
    used.give(image=PORTRAIT)
    page.set_input_files("#lw-image input[type=file]", tmp_path / "two.png")
    expect(page.locator("#lw-image-analysis")).to_contain_text("a click on the face")
    other = page.locator("#lw-image-analysis .face[aria-pressed=false]")
    number = other.get_attribute("data-face")
    other.click()
    expect(page.locator("#lw-image-analysis .face[aria-pressed=true]")).to_have_attribute("data-face", number)
    page.get_by_role("button", name="Remove: two.png").click()
    expect(page.locator("#lw-image-analysis .lw-image")).to_have_count(0)


def test_another_voice_ends_the_examination_of_a_long_one(
    used: Visit, long_voice: Path, sentence: Path, tmp_path: Path
) -> None:
    page, twenty_minutes = used.page, tmp_path / "twenty minutes.wav"
    with wave.open(str(long_voice)) as source, wave.open(str(twenty_minutes), "wb") as target:
        target.setparams(source.getparams())
        samples = source.readframes(source.getnframes())
        target.writeframes(samples * (1200 * source.getframerate() // source.getnframes()))
    page.set_input_files("#lw-voice input[type=file]", twenty_minutes)
    expect(page.locator("#lw-voice-analysis")).to_contain_text("%")
    page.set_input_files("#lw-voice input[type=file]", sentence)
    expect(page.locator("#lw-voice-analysis .lw-file")).to_have_text("sentence.wav", timeout=15_000)
    expect(page.locator("#lw-lights li").first).to_contain_text("ready")


def test_takes_play_together_and_only_the_first_is_heard(
    used: Visit, api: httpx.Client, made: int, sentence: Path
) -> None:
    finished(api, submit(api, sentence, size=SIZE, seed=5))
    page = used.page
    used.open("Keep")
    page.click(f"#lw-history [data-act=open][data-job='{made}']")
    page.get_by_role("button", name="Play all together").click()
    videos = "[...document.querySelectorAll('.lw-takes video')]"
    page.wait_for_function(
        f"""() => {{
            const all = {videos}, times = all.map(video => video.currentTime);
            return all.length > 1 && all.every((video, number) => !video.paused && video.muted === number > 0)
                && Math.min(...times) > 0.1 && Math.max(...times) - Math.min(...times) < 0.2;
        }}"""
    )
    page.wait_for_function(f"{videos}.every(video => video.ended && !video.muted)")
    for _ in range(2):
        page.get_by_role("button", name="Play all together").click()
    page.wait_for_function(f"{videos}.every(video => video.currentTime > 0.1 && !video.paused)")


def test_a_remedy_is_the_next_take(used: Visit, api: httpx.Client, made: int) -> None:
    page = used.page
    used.open("Keep")
    page.click(f"#lw-history [data-act=open][data-job='{made}']")
    expect(page.locator("#lw-next")).to_contain_text("was not frozen")
    page.get_by_role("button", name="Freeze the audio latent").click()
    expect(page.locator("#lw-queue li.running, #lw-queue li.queued")).to_have_count(1)
    take = api.get("/v1/queue").json()["jobs"][0]
    assert (take["parent"], take["options"].get("freeze_audio")) == (made, True)
    assert take["options"]["prompt"] == "warm light"
    page.click(f"#lw-queue [data-act=cancel][data-job='{take['id']}']")
    expect(page.locator("#lw-queue li").first).to_contain_text("cancelled")


def test_the_queue_is_put_in_order_and_a_cancelled_job_is_tried_again(
    used: Visit, api: httpx.Client, long_voice: Path
) -> None:
    """The jobs are long, so that none of them is done before it is cancelled."""
    page = used.page
    numbers = [submit(api, long_voice, size="1080x1080", fps=50, seed=seed) for seed in range(3)]
    waiting = page.locator("#lw-queue li.queued")
    expect(waiting).to_have_count(2)
    page.click(f"#lw-queue [data-act=up][data-job='{numbers[2]}']")
    expect(waiting.first).to_have_attribute("data-key", str(numbers[2]))
    for number in reversed(numbers):
        page.click(f"#lw-queue [data-act=cancel][data-job='{number}']")
    expect(page.locator("#lw-queue li.running, #lw-queue li.queued")).to_have_count(0)
    page.click(f"#lw-queue [data-act=retry][data-job='{numbers[0]}']")
    page.click(f"#lw-queue [data-act=cancel][data-job='{numbers[0]}']")
    expect(page.locator(f"#lw-queue li.cancelled[data-key='{numbers[0]}']")).to_be_visible()


def test_history_is_searched_reused_exported_and_imported(
    used: Visit, api: httpx.Client, made: int, tmp_path: Path
) -> None:
    page, rows = used.page, used.page.locator("#lw-history li")
    used.open("Make")
    used.set_size("240x240")
    used.open("Keep")
    expect(rows).not_to_have_count(0)
    page.fill("#lw-search textarea, #lw-search input", "nobody said this")
    expect(page.locator("#lw-history")).to_contain_text("Nothing found")
    page.fill("#lw-search textarea, #lw-search input", "Warm Light")
    mine = page.locator(f"#lw-history [data-job='{made}']")
    expect(mine.first).to_be_visible()
    page.get_by_role("button", name="Export these jobs").click()
    with page.expect_download() as shots:
        page.get_by_role("link", name="Save shots.jsonl").click()
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.click(f"#lw-history [data-act=delete][data-job='{made}']")
    page.click(f"#lw-history [data-act=use][data-job='{made}']")
    expect(page.locator("#lw-set-size input")).to_have_value(SIZE)
    expect(page.locator("#lw-prompt textarea")).to_have_value("warm light")
    assert api.get(f"/v1/videos/{made}").status_code == 200, "a dismissed question deletes nothing"
    used.open("Keep")
    for field in ("manifest", "shots"):
        wrong = tmp_path / ("wrong.json" if field == "manifest" else "wrong.jsonl")
        wrong.write_text("{}")
        page.set_input_files(f"#lw-{field} input[type=file]", wrong)
        message = page.locator(".toast-body").filter(has_text=wrong.name)
        expect(message).to_be_visible()
        assert "/" not in message.inner_text().replace("n/a", ""), "a path says nothing to the user"
        expect(page.locator(f"#lw-{field} input[type=file]")).to_have_count(1)
    page.set_input_files("#lw-shots input[type=file]", shots.value.path().rename(tmp_path / "shots.jsonl"))
    expect(page.locator("#lw-queue li.running, #lw-queue li.queued")).not_to_have_count(0)
    queued = api.get("/v1/queue").json()["jobs"]
    assert {job["title"] for job in queued} == {"sentence.wav, portrait.jpg"}
    for job in queued:
        api.delete(job["links"]["self"])


@pytest.mark.parametrize(
    "path",
    [
        "/v1/nothing",
        "/nothing",
        "/gradio_api/info",
        "/gradio_api/proxy=https://a.hf.space/",
        "/gradio_api/file=https://example.org/",
        "/monitoring",
    ],
)
def test_paths_of_gradio_that_the_page_does_not_use_are_not_served(api: httpx.Client, path: str) -> None:
    answer = api.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert api.patch("/v1/videos").status_code == 405


def test_no_request_names_a_file_of_this_machine_as_its_upload(
    api: httpx.Client, studio: str, made: int, sentence: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Through the requests of the page, which a client can forge."""
    data = next(tmp_path_factory.getbasetemp().glob("studio*/data"))
    folder = max(data.glob("studio/*/video.json")).parent
    page = api.get("/config").json()
    types = {component["id"]: component["type"] for component in page["components"]}
    fields = [
        event for event in page["dependencies"]
        if event["inputs"] and types[event["inputs"][0]] in {"file", "audio", "image"}
    ]  # fmt: skip
    assert len(fields) == 6
    for event in fields:
        for path in (sentence, PORTRAIT, folder / "video.json", "/proc/self/environ", f"{studio}/config"):
            file = {"path": str(path), "meta": {"_type": "gradio.FileData"}, "orig_name": "voice.wav"}
            told = ask(api, event["id"], [file])
            assert "error" in told["output"], (event["targets"], path)
    assert not list(data.glob("uploads/*/environ"))
    for secret in ("studio.lock", "jobs.sqlite3", f"studio/{folder.name}/report.html"):
        assert api.get(f"/gradio_api/file={data / secret}").status_code == 403


def ask(api: httpx.Client, event: int, values: list[Any]) -> dict[str, Any]:
    """Send an event of the page, and wait for its answer."""
    session = f"session-{time.monotonic_ns()}"
    sent = {"data": values, "fn_index": event, "session_hash": session}
    api.post("/gradio_api/queue/join", json=sent).raise_for_status()
    with api.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as answer:
        for line in answer.iter_lines():
            told = json.loads(line.removeprefix("data:") or "{}")
            if told.get("msg") == "process_completed":
                return told
    raise AssertionError("no answer")
