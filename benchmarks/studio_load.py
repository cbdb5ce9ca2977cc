"""Put the studio under load: 50 clients poll, 8 submit, renders run, and the server is killed halfway.

python -m benchmarks.studio_load [--minutes 5] [--page]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from benchmarks.measuring import PORTRAIT, Figure, lipwright, present, resident_mib, say_voice

POLLERS, SUBMITTERS = 50, 8
POLL_EVERY_S = 1.0
CLIP_S = 1.0
OPTIONS = json.dumps({"size": "192x192", "check": False})
LIMITS = {"start-up": 6.0, "poll, p95": 150.0, "memory grows": 40.0}
SETTLED_S = 20.0
"""Time after a start in which memory may still grow: libraries load, caches fill."""


@dataclass
class Server:
    """The studio in a separate process."""

    data: Path
    page: bool
    url: str = ""
    start_up_s: list[float] = field(default_factory=list)
    rss_mib: list[list[float]] = field(default_factory=list)

    def start(self, port: int = 0) -> None:
        """Start it, and wait until it answers."""
        began = time.perf_counter()
        words = lipwright("studio", "--json", "--port", str(port), "--data", self.data)
        words += [] if self.page else ["--no-page"]
        self.process = subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, text=True)
        text = ""
        while not text.endswith("}\n"):
            text += self.process.stdout.readline() or sys.exit("the studio did not start")
        self.url = json.loads(text)["url"]
        httpx.get(f"{self.url}/v1/health").raise_for_status()
        self.start_up_s.append(time.perf_counter() - began)
        self.rss_mib.append([])

    def kill_and_start(self) -> None:
        """Kill it without warning, and start it again on the same port and data."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.start(int(self.url.rpartition(":")[2]))

    def sample(self) -> None:
        """Record how much memory it uses now."""
        self.rss_mib[-1].append(resident_mib(self.process.pid))


@dataclass
class Load:
    """Results of the clients."""

    polls_ms: list[float] = field(default_factory=list)
    submits_ms: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    refused_while_down: int = 0
    jobs: list[int] = field(default_factory=list)
    is_down: bool = False
    """While the server is killed and starts again."""

    async def request(
        self,
        client: httpx.AsyncClient,
        times_ms: list[float],
        *words: str,
        **more: Any,  # noqa: ANN401
    ) -> httpx.Response | None:
        """Ask, and note how long it took or that it failed."""
        began, was_down = time.perf_counter(), self.is_down
        try:
            answer = await client.request(*words, **more)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            if was_down or self.is_down:
                self.refused_while_down += 1
            else:
                self.failed.append(f"{' '.join(words)}: {error!r}")
            return None
        if not (was_down or self.is_down):
            times_ms.append(1000 * (time.perf_counter() - began))
        return answer


async def poll(load: Load, client: httpx.AsyncClient, end: float, number: int) -> None:
    """Ask for one of the latest jobs every second."""
    await asyncio.sleep(POLL_EVERY_S * number / POLLERS)
    while time.monotonic() < end:
        latest = load.jobs[-20:]
        path = f"/v1/videos/{latest[number % len(latest)]}" if latest else "/v1/videos"
        await load.request(client, load.polls_ms, "GET", path)
        await asyncio.sleep(POLL_EVERY_S)


async def submit(load: Load, client: httpx.AsyncClient, end: float, voice: bytes, image: bytes) -> None:
    """Queue a video, wait until it is made, and queue the next one."""
    number = 0
    while time.monotonic() < end:
        number += 1
        key = f"{id(load)}-{id(asyncio.current_task())}-{number}"
        job = None
        while job is None and time.monotonic() < end:
            files = {"audio": ("voice.wav", voice), "image": ("portrait.jpg", image)}
            answer = await load.request(
                client, load.submits_ms, "POST", "/v1/videos", files=files, data={"options": OPTIONS},
                headers={"Idempotency-Key": key},
            )  # fmt: skip
            job = answer and answer.json()
            await asyncio.sleep(POLL_EVERY_S)
        if job is None:
            return
        load.jobs.append(job["id"])
        while job["state"] in {"queued", "running"} and time.monotonic() < end:
            await asyncio.sleep(POLL_EVERY_S)
            answer = await load.request(client, load.polls_ms, "GET", f"/v1/videos/{job['id']}")
            job = answer.json() if answer else job


async def drive(server: Server, load: Load, minutes: float, voice: bytes, image: bytes) -> None:
    """Let all clients work, and kill the server at half time."""
    end = time.monotonic() + 60 * minutes
    limits = httpx.Limits(max_connections=POLLERS + SUBMITTERS)
    async with httpx.AsyncClient(base_url=server.url, timeout=30, limits=limits) as client:
        clients = [poll(load, client, end, number) for number in range(POLLERS)]
        clients += [submit(load, client, end, voice, image) for _ in range(SUBMITTERS)]
        running = asyncio.gather(*clients)
        half = time.monotonic() + 30 * minutes
        while time.monotonic() < half:
            await asyncio.sleep(1)
            server.sample()
        load.is_down = True
        await asyncio.to_thread(server.kill_and_start)
        load.is_down = False
        while time.monotonic() < end:
            await asyncio.sleep(1)
            server.sample()
        await running


def left_over(server: Server, load: Load) -> tuple[int, int]:
    """Return how many jobs the server lost, and how many failed."""
    states = []
    with httpx.Client(base_url=server.url, timeout=30) as client:
        for job in set(load.jobs):
            answer = client.get(f"/v1/videos/{job}")
            states.append(answer.json()["state"] if answer.status_code == 200 else "lost")
            client.delete(f"/v1/videos/{job}")
    print(f"\n{len(states)} jobs: {', '.join(f'{states.count(one)} {one}' for one in sorted(set(states)))}")
    return states.count("lost"), states.count("failed")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--page", action="store_true", help="serve the page too")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        voice = say_voice(Path(folder, "voice.wav"), CLIP_S).read_bytes()
        data = Path(folder, "data")
        data.mkdir()
        server, load = Server(data, given.page), Load()
        server.start()
        asyncio.run(drive(server, load, given.minutes, voice, PORTRAIT.read_bytes()))
        lost, failed_jobs = left_over(server, load)
        server.process.terminate()
        code = server.process.wait()
    for text in load.failed[:10]:
        print(text)
    settled = int(SETTLED_S)
    grows = max(
        statistics.mean(rss[-10:]) - statistics.mean(rss[settled : settled + 10])
        for rss in server.rss_mib
        if len(rss) > settled + 10
    )
    p95 = statistics.quantiles(load.polls_ms, n=20)[-1]
    figures = [
        Figure("start-up, slowest of 2", max(server.start_up_s), "s", at_most=LIMITS["start-up"]),
        Figure(f"polls of {POLLERS} clients", len(load.polls_ms)),
        Figure("poll, median", statistics.median(load.polls_ms), "ms"),
        Figure("poll, p95", p95, "ms", at_most=LIMITS["poll, p95"]),
        Figure("submit, median", statistics.median(load.submits_ms), "ms"),
        Figure("failed requests", len(load.failed), at_most=0),
        Figure("requests while it was down", load.refused_while_down),
        Figure("jobs lost", lost, at_most=0),
        Figure("jobs failed", failed_jobs, at_most=0),
        Figure("memory of the server at the end", server.rss_mib[-1][-1], "MiB"),
        Figure("memory grows", grows, "MiB", at_most=LIMITS["memory grows"]),
        Figure("exit code after SIGTERM", code, at_most=0),
    ]
    return 0 if present(f"studio under load, {given.minutes:g} minutes", figures) else 1


if __name__ == "__main__":
    sys.exit(main())
