"""A studio that runs: the real server in a process of its own, on a free port."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

SECRET = "a secret for tests"  # noqa: S105
READY_S = 60
JOB_S = 120


@dataclass
class Studio:
    """A running studio, and a client of it."""

    data: Path
    arguments: tuple[str, ...] = ("--no-page",)
    variables: dict[str, str] = field(default_factory=dict)
    url: str = ""

    def start(self) -> Studio:
        self.log = self.data.with_name(f"{self.data.name}.log")
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "lipwright", "studio", "--json", "--port", "0", "--data",
                 str(self.data), *self.arguments],
                stdout=subprocess.PIPE, stderr=log, text=True,
                env={**os.environ, "LIPWRIGHT_WEBHOOK_SECRET": SECRET, **self.variables},
            )  # fmt: skip
        text = ""
        for line in self.process.stdout:
            text += line
            if line == "}\n":
                break
        assert text, self.log.read_text()
        self.url = json.loads(text)["url"]
        self.client = httpx.Client(base_url=self.url, timeout=READY_S)
        return self

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        code = self.process.wait(READY_S)
        self.process.stdout.close()
        self.client.close()
        return code

    def submit(self, voice: Path, image: Path, key: str | None = None, **options: Any) -> httpx.Response:
        form = {name: options.pop(name) for name in ("kind", "webhook", "rounds") if name in options}
        options.setdefault("size", "192x192")
        with voice.open("rb") as audio, image.open("rb") as portrait:
            return self.client.post(
                "/v1/videos",
                files={"audio": audio, "image": portrait},
                data={"options": json.dumps(options), **form},
                headers={"Idempotency-Key": key} if key else {},
            )

    def wait(self, path: str, *states: str) -> dict[str, Any]:
        """Poll a job until it is in one of these states, by default until it has ended."""
        end = time.monotonic() + JOB_S
        while time.monotonic() < end:
            job = self.client.get(path).raise_for_status().json()
            if job["state"] in (states or ("done", "failed", "cancelled")):
                return job
            time.sleep(0.1)
        raise AssertionError(f"{path} is {job['state']} after {JOB_S} s: {self.log.read_text()}")
