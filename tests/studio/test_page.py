"""The studio's page in a real Chromium, over a real server: from the drop to the download."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
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
def browser() -> Iterator[Browser]:
    with running_browser() as started:
        yield started


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_studio(tmp_path_factory.mktemp("studio") / "data") as url:
        yield url


@pytest.fixture(scope="module")
def sentence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of the example's voice."""
    path = tmp_path_factory.mktemp("voice") / "sentence.wav"
    write_excerpt(VOICE, Span(0.2, 2.2), path)
    return path


@pytest.fixture
def visit(browser: Browser, studio: str) -> Iterator[Visit]:
    visit = Visit(browser, studio, viewport=WIDE)
    yield visit
    visit.close()
    assert not visit.errors
    elsewhere = [url for url in visit.asked_for if not url.startswith((studio, "data:", "blob:"))]
    assert not elsewhere, "the page asked for something from the network"


def test_wrong_file_is_reported_and_the_form_is_kept(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    wrong = tmp_path / "<b>no<b>.wav"
    wrong.write_text("this is no recording")
    visit.give(wrong, PORTRAIT)
    alert = page.locator("#lw-voice-told [role=alert]")
    expect(alert).to_be_visible()
    expect(page.locator("#lw-lights .red")).to_contain_text("Voice cannot be used")
    expect(page.locator("#lw-lights .green")).to_contain_text("Picture ready")
    expect(page.locator("#lw-render")).to_be_disabled()
    assert alert.locator("b b").count() == 0, "HTML in a name is shown as text"


def test_video_is_made_from_upload_to_download(visit: Visit, sentence: Path) -> None:
    page = visit.page
    expect(page.locator("#lw-render")).to_be_disabled()
    visit.give(sentence, PORTRAIT)
    expect(page.locator("#lw-lights")).to_contain_text("Voice ready")
    expect(page.locator("#lw-lights")).to_contain_text("Picture ready")
    frames = plan_recording(sentence).frames
    expect(page.locator("#lw-voice-told")).to_contain_text(f"{frames} frames at 25 fps")
    page.fill("#lw-prompt textarea", "A woman nods, <img src=x onerror=alert(1)> soft light")
    expect(page.locator("#lw-lights .red")).to_contain_text("Prompt")
    assert page.locator("#lw-prompt-told img").count() == 0, "HTML in a prompt is shown as text"
    page.get_by_role("button", name="Use this instead").click()
    expect(page.locator("#lw-lights")).not_to_contain_text("competes")
    page.fill("#lw-prompt textarea", "")
    visit.set_size(SIZE)
    page.click("#lw-render")
    page.click("#lw-queue li.done [data-act=judge]")
    report = page.frame_locator("iframe.lw-report")
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
    visit.set_size("240x240")
    dropped = manifest.value.path().with_suffix(".json")
    dropped.write_text(json.dumps(written))
    page.get_by_role("tab", name="Keep").click()
    page.set_input_files("#lw-manifest input[type=file]", dropped)
    expect(page.locator("#lw-set-size input")).to_have_value(SIZE)


def test_video_can_be_made_by_keyboard_alone(visit: Visit) -> None:
    page = visit.page

    def tab_to(selector: str) -> None:
        for _ in range(120):
            page.keyboard.press("Tab")
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"{selector} is not reached by Tab")

    tab_to("#lw-example")
    page.keyboard.press("Enter")
    expect(page.locator("#lw-voice-told")).to_contain_text("177 frames")
    expect(page.locator("#lw-preview")).to_be_enabled()
    tab_to("#lw-preview")
    page.keyboard.press("Space")
    expect(page.locator("#lw-queue li.running, #lw-queue li.queued")).to_have_count(1)
    tab_to("#lw-queue [data-act=cancel]")
    page.keyboard.press("Enter")
    expect(page.locator("#lw-queue li").first).to_contain_text("cancelled")


def test_render_continues_without_the_page_and_shows_in_other_tabs(
    browser: Browser, studio: str, visit: Visit
) -> None:
    page = visit.page
    visit.give_example()
    visit.set_size("480x480")
    page.click("#lw-render")
    expect(page.locator("#lw-queue li.running progress")).to_be_visible()
    page.click("#lw-render")
    expect(page.locator("#lw-queue li.queued")).to_contain_text("waiting, next in the queue")
    page.reload()
    running = page.locator("#lw-queue li.running")
    expect(running).to_contain_text("%")
    expect(page.locator("#lw-set-size input")).to_have_value("480x480")  # the form is as it was
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
def test_page_has_no_serious_accessibility_violations(browser: Browser, studio: str, scheme: str) -> None:
    visit = Visit(browser, studio, viewport=TALL if scheme == "dark" else WIDE, color_scheme=scheme)
    page, axe = visit.page, Axe()
    try:
        visit.give_example()
        visit.set_size(SIZE)
        page.click("#lw-render")
        expect(page.locator("#lw-queue li.done").first).to_be_visible()
        found = {}
        for tab in ("Make", "Judge", "Keep"):
            if tab == "Judge":
                page.locator("#lw-queue li.done [data-act=judge]").first.click()
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
        visit.close()
