"""Compare the peak memory of a long and a short video, each in its own process.

python -m benchmarks.memory

benchmarks.preparation measures an hour of audio.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import PORTRAIT, Figure, lipwright, present, run_child, say_voice, use_two_cores

GROWTH = 1.2
"""Maximum peak memory of the long video, divided by that of the short one."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", type=float, default=10, help="seconds of the short video")
    parser.add_argument("--long", type=float, default=60, help="seconds of the long video")
    parser.add_argument("--size", default="512x512")
    options = parser.parse_args()
    use_two_cores()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        peaks = {}
        for seconds in (options.short, options.long):
            voice = say_voice(folder / f"{seconds:g}.wav", seconds)
            video = folder / f"{seconds:g}.mp4"
            peaks[seconds] = run_child(
                lipwright(
                    *("render", voice, "--image", PORTRAIT, "-o", video, "--size", options.size, "--quiet")
                )
            ).peak_mib
        short, long = peaks[options.short], peaks[options.long]
        figures = [
            Figure(f"video of {options.short:g} s", short, "MiB"),
            Figure(f"video of {options.long:g} s", long, "MiB"),
            Figure("long over short", long / short, at_most=GROWTH),
        ]
    return 0 if present(f"Peak memory (resident), {options.size}", figures) else 1


if __name__ == "__main__":
    sys.exit(main())
