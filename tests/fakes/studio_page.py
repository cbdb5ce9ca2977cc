"""A studio in a separate process, and a browser for its page."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.fakes.studio_process import Studio

PATIENCE_MS = 60_000
"""How long a test waits for what a busy machine does late."""
expect.set_options(timeout=PATIENCE_MS)


@contextmanager
def running_studio(data: Path) -> Iterator[str]:
    """Serve a studio over a data folder, and return its URL."""
    data.mkdir(exist_ok=True)
    studio = Studio(data, (), {"OMP_NUM_THREADS": "1"}).start()
    try:
        yield studio.url
    finally:
        studio.stop(signal.SIGINT)


@contextmanager
def running_browser(*arguments: str) -> Iterator[Browser]:
    """Start the Chromium of this machine, with further arguments."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage", *arguments],
        )
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """A tab, and what it asked for."""

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        # Chromium draws in software here: nothing need move that no test looks at.
        self.context = browser.new_context(accept_downloads=True, reduced_motion="reduce", **options)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.asked_for: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.asked_for.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(url)
        self._wait()

    def reload(self) -> None:
        """Load the page again."""
        self.page.reload()
        self._wait()

    def _wait(self) -> None:
        self.page.wait_for_selector("body[data-filled]", state="attached")

    def give(self, voice: Path | None = None, image: Path | None = None) -> None:
        """Drop files into the fields, and wait until they are examined."""
        for kind, file in (("voice", voice), ("image", image)):
            if file is not None:
                self.page.set_input_files(f"#lw-{kind} input[type=file]", file)
                expect(self.page.locator(f"#lw-{kind}-analysis")).to_contain_text(file.name)

    def give_example(self) -> None:
        """Load the example, and wait until it is examined."""
        self.page.click("#lw-example")
        self.page.wait_for_selector("#lw-image-analysis .lw-image")
        expect(self.page.locator("#lw-voice-analysis")).to_contain_text("177 frames")
        expect(self.page.locator("#lw-render")).to_be_enabled()
        expect(self.page.locator(".pending")).to_have_count(0)  # dimmed while it is drawn again

    def open(self, tab: str) -> None:
        """Open a tab of the page."""
        self.page.get_by_role("tab", name=tab).click()

    def set_size(self, size: str) -> None:
        """Enter a custom format."""
        box = self.page.locator("#lw-set-size input")
        box.fill(size)
        box.press("Enter")

    def close(self) -> None:
        """Close the tab."""
        self.context.close()
