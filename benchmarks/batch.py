"""Compare `lipwright batch` with a shell loop, and measure its overhead, memory and robustness.

    python -m benchmarks.batch [PART ...] [--shots N --seconds S]

The parts, each of which runs alone: `throughput`, `ray`, `overhead`, `memory`, `kills`. All but the first two
make gray frames with the quick engine of the tests, so that they measure the batch and not the engine.
"""

# ruff: noqa: S311 - random moments, no secrets

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measuring import PORTRAIT, Figure, present, run_child, say_voice, use_two_cores

FAKES = Path(__file__).parents[1] / "tests" / "fakes"
SHOT_S = 0.5
"""Length of the quick shots."""
KILLS = 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all by default")
    parser.add_argument("--shots", type=int, help="instead of each part's own number")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of the rendered shots")
    parser.add_argument("--size", default="512x512", help="of the rendered shots")
    options = parser.parse_args()
    if unknown := set(options.parts) - PARTS.keys():
        parser.error(f"no such part: {', '.join(unknown)}")
    use_two_cores()
    os.environ["PYTHONPATH"] = os.pathsep.join(
        [str(FAKES / "engine_plugin"), os.environ.get("PYTHONPATH", "")]
    )
    os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # a cluster of Ray on loopback alone
    with tempfile.TemporaryDirectory(prefix="lipwright-batch-") as name:
        met = [PARTS[part](Path(name), options) for part in options.parts or PARTS]
    return 0 if all(met) else 1


@dataclass(slots=True)
class Place:
    """A folder with a table of shots, and the commands that run on it."""

    folder: Path
    audio: Path
    size: str
    engine: str
    rows: int
    prompt: str = ""
    options: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in ("out", "data"):
            (self.folder / name).mkdir(parents=True)
        rows = (f"{self.audio},shot{n:03},{n},{self.prompt}" for n in range(self.rows))
        (self.folder / "shots.csv").write_text("\n".join(["audio,output,seed,prompt", *rows]))

    @property
    def out(self) -> Path:
        """Where the videos go."""
        return self.folder / "out"

    def command(self, *options: str) -> list[str | Path]:
        """Return the words of the command."""
        return [
            *(sys.executable, "-m", "lipwright", "batch", self.folder / "shots.csv", "-o", self.out),
            *("--data", self.folder / "data", "--image", PORTRAIT, "--size", self.size),
            *("--engine", self.engine, "--json", *self.options, *options),
        ]

    def run(self, *options: str) -> dict[str, object]:
        """Run the batch to its end.

        Raises:
            SystemExit: it failed.
        """
        report: dict[str, object] = json.loads(run_child(self.command(*options)).stdout)
        return report

    def videos(self) -> dict[str, int]:
        """Time at which each complete video was made."""
        found = {}
        for manifest in self.out.glob("*.json"):
            with suppress(OSError):
                found[manifest.stem] = manifest.with_suffix(".mp4").stat().st_mtime_ns
        found.pop("batch", None)
        return found


def timed(command: Sequence[str | Path]) -> float:
    return run_child(command).wall_s


def throughput(folder: Path, options: argparse.Namespace) -> bool:
    """Compare a batch with a shell loop of `lipwright render`, and show where the loop spends its time."""
    count = options.shots or 24
    voice = say_voice(folder / "voice.wav", options.seconds)
    loop = folder / "loop"
    loop.mkdir()
    stages: dict[str, float] = {}
    inside = 0.0
    loop_s = 0.0
    for n in range(count):
        child = run_child(
            [
                *(sys.executable, "-m", "lipwright", "render", voice, "--image", PORTRAIT, "--json"),
                *("-o", loop / f"{n}.mp4", "--size", options.size, "--seed", str(n), "--engine", "portrait"),
            ]
        )
        loop_s += child.wall_s
        timing = json.loads(child.stdout)["timing"]
        inside += timing["total_seconds"]
        for stage, seconds in timing["seconds"].items():
            stages[stage] = stages.get(stage, 0.0) + seconds
    one = _portraits(folder / "one", voice, options, count)
    one_s = timed(one.command("--workers", "1"))
    batch_s = timed(_portraits(folder / "two", voice, options, count).command())
    figures = [
        Figure("batch over shell loop", loop_s / batch_s, at_least=1.4),
        Figure("shell loop, a shot", loop_s / count, "s"),
        Figure("  start and end of its process", (loop_s - inside) / count, "s"),
        *(Figure(f"  {stage}", seconds / count, "s") for stage, seconds in stages.items()),
        Figure("batch, a shot", batch_s / count, "s"),
        Figure("batch with one worker on both cores, a shot", one_s / count, "s"),
        Figure("load of the machine over the last 15 minutes", os.getloadavg()[2]),
    ]
    return present(f"{count} shots of {options.seconds:g} s, {options.size}, two cores", figures)


def _portraits(folder: Path, voice: Path, options: argparse.Namespace, count: int) -> Place:
    return Place(folder, voice, options.size, "portrait", count)


def ray(folder: Path, options: argparse.Namespace) -> bool:
    """Compare two nodes of a Ray cluster on this machine with local processes."""
    count = options.shots or 24
    voice = say_voice(folder / "voice-ray.wav", options.seconds)
    processes = timed(_portraits(folder / "processes", voice, options, count).command())
    with cluster() as (address, _):
        nodes = timed(_portraits(folder / "nodes", voice, options, count).command("--ray", address))
    figures = [
        Figure("two local Ray nodes over processes", processes / nodes, at_least=0.9),
        Figure("processes, all shots", processes, "s"),
        Figure("two nodes, all shots", nodes, "s"),
    ]
    return present(f"{count} shots of {options.seconds:g} s on two nodes", figures)


def overhead(folder: Path, options: argparse.Namespace) -> bool:
    """Measure the overhead per shot: the slope between few and many shots, less that of bare renders."""
    few, many = 10, options.shots or 60
    voice = say_voice(folder / "voice-short.wav", SHOT_S)

    def slope(run: Callable[[int], float]) -> float:
        return (run(many) - run(few)) / (many - few)

    def batch(*words: str) -> Callable[[int], float]:
        return lambda count: timed(
            Place(Path(tempfile.mkdtemp(dir=folder)) / "x", voice, "160x160", "bar", count).command(*words)
        )

    bare = slope(lambda count: timed([sys.executable, "-c", BARE, voice, PORTRAIT, folder, str(count)]))
    store = slope(batch("--workers", "1")) - bare
    local_ray = slope(batch("--workers", "1", "--ray", "local")) - bare
    figures = [
        Figure("a bare render", 1000 * bare, "ms"),
        Figure("store and process, beyond it", 1000 * store, "ms"),
        Figure("store and local Ray, beyond it", 1000 * local_ray, "ms"),
    ]
    return present(f"One worker, shots of {SHOT_S} s, 160x160, gray frames", figures)


BARE = """
import sys
from pathlib import Path
from lipwright.domain.settings import build_request
from lipwright.engines.registry import choose, load
from lipwright.pipeline.render import render_video
voice, portrait, folder, count = sys.argv[1:]
engine = load(choose("bar").description)
for n in range(int(count)):
    given = {"audio": voice, "image": portrait, "output": f"{folder}/bare{n}.mp4", "size": "160x160"}
    render_video(build_request(given | {"engine": "bar"}), engine=engine)
"""


def memory(folder: Path, options: argparse.Namespace) -> bool:
    """Measure memory and file descriptors of the process that runs a long batch."""
    count = options.shots or 500
    voice = say_voice(folder / "voice-memory.wav", SHOT_S)
    place = Place(folder / "memory", voice, "160x160", "bar", count)
    watched = json.loads(run_child([sys.executable, "-c", WATCHED, *map(str, place.command()[3:])]).stdout)
    fifth = max(1, count // 5)
    samples = [sample for sample in watched["samples"] if sample[0] > 0]
    # Two shots may end between two samples.
    first = [sample for sample in samples if sample[0] <= max(fifth, samples[0][0])]
    last = [sample for sample in samples if sample[0] > count - fifth]
    mean = [sum(kib for _, kib, _ in some) / len(some) for some in (first, last)]
    figures = [
        Figure(f"last {fifth} over first {fifth} shots", mean[1] / mean[0], at_most=1.1),
        Figure("driver's memory, first", mean[0] / 1024, "MiB"),
        Figure("driver's memory, last", mean[1] / 1024, "MiB"),
        Figure("descriptors, last less first", last[-1][2] - first[0][2], at_most=2),
        Figure("shots done", watched["done"], at_least=count),
        Figure("a shot", watched["seconds"] / count, "s"),
    ]
    return present(f"{count} shots of {SHOT_S} s, 160x160, gray frames", figures)


WATCHED = """
import json, os, sys
from pathlib import Path
from lipwright.jobs.batch import BatchRequest, run_batch
shots, _, out, _, data, _, image, _, size, _, engine = sys.argv[2:13]
samples = []
def watch(report):
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    kib = pages * os.sysconf("SC_PAGE_SIZE") // 1024
    samples.append((report.count("done"), kib, len(os.listdir("/proc/self/fd"))))
if __name__ == "__main__":
    defaults = {"image": image, "size": size, "engine": engine}
    report = run_batch(BatchRequest(Path(shots), Path(out), Path(data), defaults), watch)
    print(json.dumps({"samples": samples, "done": report.count("done"), "seconds": report.elapsed_s}))
"""


def kills(folder: Path, options: argparse.Namespace) -> bool:
    """Send SIGKILL at random moments: finished videos must stay, and one more run must finish the rest."""
    count = options.shots or 60
    voice = say_voice(folder / "voice-kills.wav", SHOT_S)
    met = []
    for way in ("processes", "ray"):
        place = Place(folder / f"kills-{way}", voice, "160x160", "bar", count, prompt="sleep 0.5")
        with cluster() if way == "ray" else no_cluster() as (address, order):
            place.options = ["--ray", address] if address else []
            victims = ["worker", "driver"] + (["node"] if address else [])
            killed, again, lost = _kill_at_random(place, order, random.Random(1), victims, count)
            report = place.run()
        whole = sum(_is_whole(place.out / f"{name}.mp4") for name in place.videos())
        left = [path for path in place.out.iterdir() if path.name.startswith(".")]
        figures = [
            *(Figure(f"{name}s killed", killed[name]) for name in victims),
            Figure("videos made twice", again, at_most=0),
            Figure("videos lost", lost, at_most=0),
            Figure("whole at the end", whole, at_least=count),
            Figure("failed in the last run", float(str(report["failed"])), at_most=0),
            Figure("files left half-written", len(left), at_most=0),
        ]
        met.append(present(f"{KILLS} times kill -9 over {count} shots: {way}", figures))
    return all(met)


def _kill_at_random(
    place: Place, order: Callable[[str], None], luck: random.Random, victims: list[str], count: int
) -> tuple[dict[str, int], int, int]:
    """Kill until KILLS processes were killed, or all videos are made.

    Returns:
        Number of kills of each kind, of finished videos that were made again, and of those that were lost.
    """
    killed = dict.fromkeys(victims, 0)
    made: dict[str, int] = {}
    again = lost = 0
    running: subprocess.Popen[bytes] | None = None
    while sum(killed.values()) < KILLS:
        if running is None or running.poll() is not None:
            if len(place.videos()) >= count:
                break
            running = subprocess.Popen(
                [str(word) for word in place.command()],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            time.sleep(2.0)
        time.sleep(luck.uniform(0.1, 2.0))
        victim = luck.choice(victims)
        if victim == "driver":
            running.kill()
            running.wait()
        elif victim == "node":
            order("kill")
            order("add")
        elif (workers := _workers_of(running.pid)) and running.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(luck.choice(workers), signal.SIGKILL)
        else:
            continue
        killed[victim] += 1
        now = place.videos()
        done = {name: stamp for name, stamp in now.items() if _is_whole(place.out / f"{name}.mp4")}
        again += sum(stamp != done.get(name, stamp) for name, stamp in made.items())
        lost += sum(name not in now for name in made)
        made |= done
    if running is not None:
        running.kill()
        running.wait()
    return killed, again, lost


def _workers_of(driver: int) -> list[int]:
    """Process ids of a batch's workers: its children that were spawned, or actors of Ray."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ")
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            is_child = parent == driver and b"spawn_main" in command
            if is_child or command.startswith(b"ray::RenderActor"):
                found.append(int(process.name))
    return found


def _is_whole(video: Path) -> bool:
    from lipwright.errors import LipwrightError  # noqa: PLC0415 - after use_two_cores
    from lipwright.pipeline.manifest import read_manifest  # noqa: PLC0415

    with suppress(LipwrightError):
        return read_manifest(video.with_suffix(".json")).is_of(video)
    return False


@contextmanager
def cluster() -> Iterator[tuple[str, Callable[[str], None]]]:
    """Start two Ray nodes with a core each; yield the address, and what accepts "kill" and "add"."""
    process = subprocess.Popen(
        [sys.executable, str(FAKES / "ray_nodes.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin and process.stdout  # noqa: S101 - both are pipes

    def answer() -> str:
        return next(line.strip() for line in process.stdout or () if line.startswith(("127.0.0.1:", "done")))

    def order(word: str) -> None:
        assert process.stdin  # noqa: S101
        process.stdin.write(f"{word}\n")
        process.stdin.flush()
        answer()

    try:
        yield answer(), order
    finally:
        process.communicate(timeout=60)


@contextmanager
def no_cluster() -> Iterator[tuple[str, Callable[[str], None]]]:
    yield "", lambda _: None


PARTS: dict[str, Callable[[Path, argparse.Namespace], bool]] = {
    "throughput": throughput,
    "ray": ray,
    "overhead": overhead,
    "memory": memory,
    "kills": kills,
}

if __name__ == "__main__":
    sys.exit(main())
