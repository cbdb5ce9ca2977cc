"""Measure the speed of `lipwright check` and its peak memory by length; each video in its own process.

python -m benchmarks.sync_speed [--short 10] [--long 60] [--size 512x512]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import PORTRAIT, Figure, lipwright, present, run_child, say_voice, use_two_cores
from benchmarks.memory import GROWTH

AT_LEAST = 2.0
"""Minimum speed in times real time, on two cores, including start-up."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", type=float, default=10, help="seconds of the short video")
    parser.add_argument("--long", type=float, default=60, help="seconds of the long video")
    parser.add_argument("--size", default="512x512")
    parser.add_argument("--at-least", type=float, default=AT_LEAST, help="times real time")
    options = parser.parse_args()
    use_two_cores()
    figures, peaks = [], []
    with tempfile.TemporaryDirectory() as name:
        for seconds in (options.short, options.long):
            video = Path(name) / f"{seconds:g}.mp4"
            voice = say_voice(video.with_suffix(".wav"), seconds)
            run_child(
                lipwright(
                    *("render", voice, "--image", PORTRAIT, "-o", video, "--size", options.size, "--quiet")
                )
            )
            child = run_child(lipwright("check", video, "--json", "--quiet"))
            peaks.append(child.peak_mib)
            asked = options.at_least if seconds == options.long else None
            figures += [
                Figure(f"video of {seconds:g} s: times real time", seconds / child.wall_s, at_least=asked),
                Figure(f"video of {seconds:g} s: cores busy", child.cpu_s / child.wall_s),
                Figure(f"video of {seconds:g} s: peak memory", child.peak_mib, "MiB"),
            ]
    figures.append(Figure("memory, long over short", peaks[1] / peaks[0], at_most=GROWTH))
    return 0 if present(f"lipwright check, {options.size}, 25 frames a second", figures) else 1


if __name__ == "__main__":
    sys.exit(main())
