"""Photograph the studio's page with its example: make, judge, and make on a phone in the dark.

python -m docs.images.draw_studio docs/images
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser
from tests.fakes.studio_page import Visit, running_browser, running_studio

QUALITY = 82
VIDEO_SIZE = "400x400"
"""Small, so that the images do not take minutes."""
PATIENCE_MS = 600_000
MAKE_PX, JUDGE_PX, PHONE_PX = (1280, 1180), (1280, 1240), (390, 1180)


def main(folder: Path) -> None:
    """Make the example's preview and video, and write the three images."""
    with (
        tempfile.TemporaryDirectory() as data,
        running_studio(Path(data) / "data") as url,
        running_browser() as browser,
    ):
        visit = open_at(browser, url, MAKE_PX)
        page = visit.page
        page.set_default_timeout(PATIENCE_MS)
        visit.give_example()
        visit.set_size(VIDEO_SIZE)
        for number, seed in enumerate((0, 3), 1):
            page.locator("#lw-set-seed input").fill(str(seed))
            page.click("#lw-preview")
            page.wait_for_function(f"document.querySelectorAll('#lw-queue li').length === {number}")
        page.wait_for_function("document.querySelectorAll('#lw-queue li.done').length === 2")
        page.click("#lw-render")
        page.wait_for_selector("#lw-queue .lw-frame")
        page.wait_for_timeout(1500)  # a second frame, and a guess at the time that is left
        keep(page.screenshot(), folder / "studio-make.webp")
        phone = open_at(browser, url, PHONE_PX, color_scheme="dark", device_scale_factor=2).page
        phone.wait_for_selector("#lw-voice-analysis audio")
        phone.wait_for_selector("#lw-image-analysis .lw-image")
        phone.wait_for_timeout(500)
        keep(phone.screenshot(), folder / "studio-phone.webp")
        page.wait_for_function("document.querySelectorAll('#lw-queue li.done').length === 3")
        page.set_viewport_size({"width": JUDGE_PX[0], "height": JUDGE_PX[1]})
        page.locator("#lw-queue [data-act=judge]").first.click()
        report = page.frame_locator("iframe.lw-report")
        report.locator(".places img").last.wait_for()
        page.wait_for_timeout(1000)  # the videos show their first frame
        keep(page.screenshot(), folder / "studio-judge.webp")


def open_at(browser: Browser, url: str, size: tuple[int, int], **options: Any) -> Visit:  # noqa: ANN401 - of the browser
    """Open the page in a window of this size."""
    return Visit(browser, url, viewport={"width": size[0], "height": size[1]}, **options)


def keep(png: bytes, path: Path) -> None:
    """Write a screenshot as WebP."""
    Image.open(io.BytesIO(png)).convert("RGB").save(path, quality=QUALITY, method=6)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
