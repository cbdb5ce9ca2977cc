"""The fake ComfyUI server as a process, and how to start and ask it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).parent / "comfy_server.py"


class ComfyProcess:
    """A running server."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(SCRIPT), *arguments], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}"

    def told(self) -> dict[str, Any]:
        """What it was asked, and the job that runs."""
        with urllib.request.urlopen(f"{self.url}/_test/seen", timeout=10) as answer:  # noqa: S310
            return json.load(answer)

    def seen(self, path: str) -> list[dict[str, Any]]:
        """The requests to one path."""
        return [request for request in self.told()["seen"] if request["path"] == path]

    def wait(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Ask until it is so."""
        for _ in range(1000):
            told = self.told()
            if condition(told):
                return told
            time.sleep(0.01)
        raise AssertionError("it never came to that")

    def stop(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
