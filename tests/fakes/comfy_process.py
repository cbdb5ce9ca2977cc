"""The fake ComfyUI server as a process, and how to start and ask it."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).parent / "comfy_server.py"


@cache
def _breeder() -> subprocess.Popen[str]:
    """The process that forks the servers of this one."""
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), "--breed"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def end() -> None:
        process.communicate(timeout=10)

    atexit.register(end)
    return process


class ComfyProcess:
    """A running server, a process of its own."""

    def __init__(self, *arguments: str) -> None:
        breeder = _breeder()
        assert breeder.stdin is not None
        assert breeder.stdout is not None
        breeder.stdin.write(json.dumps(arguments) + "\n")
        breeder.stdin.flush()
        self.pid, self.port = map(int, breeder.stdout.readline().split())
        self.url = f"http://127.0.0.1:{self.port}"

    def told(self) -> dict[str, Any]:
        """The requests that it received, and the running job."""
        with urllib.request.urlopen(f"{self.url}/_test/seen", timeout=10) as answer:  # noqa: S310
            return json.load(answer)

    def seen(self, path: str) -> list[dict[str, Any]]:
        """The requests to one path."""
        return [request for request in self.told()["seen"] if request["path"] == path]

    def wait(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Poll until a condition holds."""
        for _ in range(1000):
            told = self.told()
            if condition(told):
                return told
            time.sleep(0.01)
        raise AssertionError("it never came to that")

    def stop(self) -> None:
        """End it."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
