"""Measure `lipwright --help` in addition to a bare import of its command line library, and what is loaded.

Also measured: the time to a command's first output on a terminal, and how long ComfyUI waits for the node
pack, which needs no more than numpy.

python -m benchmarks.start_up
"""

from __future__ import annotations

import argparse
import os
import select
import sys
import time
from contextlib import suppress
from pathlib import Path

from benchmarks.measuring import Figure, lipwright, present, run_child, use_two_cores

ABOVE_TYPER_S = 0.1
FIRST_OUTPUT_S = 0.3
"""Maximum time from the start of a command to its first output on a terminal."""
PACK_PER_NUMPY = 3.0
"""Maximum import time of the node pack, divided by that of numpy, which ComfyUI loads anyway."""
SHIM = Path(__file__).parents[1] / "tests/fakes/comfy_shim"
PACK = f"import sys; sys.path.insert(0, {str(SHIM)!r}); import lipwright.nodes.extension"
HEAVY = ("onnxruntime", "av", "cv2", "PIL", "torch")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="the best of so many counts")
    runs = parser.parse_args().runs
    use_two_cores()
    commands: dict[str, list[str | Path]] = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "import typer": [sys.executable, "-c", "import typer"],
        "lipwright --help": lipwright("--help"),
        "lipwright render --help": lipwright("render", "--help"),
        "import lipwright": [sys.executable, "-c", "import lipwright"],
        "import numpy": [sys.executable, "-c", "import numpy"],
        "import the node pack": [sys.executable, "-c", PACK],
    }
    best = dict.fromkeys(commands, float("inf"))
    for turn in range(runs + 1):  # the first one only fills the caches
        for name, command in commands.items():
            wall_s = run_child(command).wall_s
            if turn:
                best[name] = min(best[name], wall_s)
    show = f"print(*(name for name in {HEAVY} if name in sys.modules))"
    loaded, by_pack = (
        run_child([sys.executable, "-c", f"{action}; {show}"]).stdout.split()
        for action in ("import lipwright, sys", PACK)
    )
    bare = best["python -c pass"]
    figures = [Figure(name, seconds, "s") for name, seconds in best.items()]
    figures += [
        Figure(
            "--help above typer", best["lipwright --help"] - best["import typer"], "s", at_most=ABOVE_TYPER_S
        ),
        Figure(f"of {', '.join(HEAVY)}: loaded by import lipwright", len(loaded), at_most=0),
        Figure(
            "the node pack, per import of numpy",
            (best["import the node pack"] - bare) / (best["import numpy"] - bare),
            at_most=PACK_PER_NUMPY,
        ),
        Figure("the same libraries: loaded by the node pack", len(by_pack), at_most=0),
    ]
    if hasattr(os, "forkpty"):
        seconds = min(first_output_s() for _ in range(runs))
        figures.append(Figure("render: first output on a terminal", seconds, "s", at_most=FIRST_OUTPUT_S))
    return 0 if present(f"Start-up, best of {runs}", figures) else 1


def first_output_s() -> float:
    """Return the seconds from the start of a render to its first output on a terminal."""
    command = [str(part) for part in lipwright("render", "missing.wav", "-o", "video.mp4")]
    begin = time.monotonic()
    child, terminal = os.forkpty()
    if child == 0:
        os.execv(command[0], command)  # noqa: S606 - our own command
    select.select([terminal], [], [], 30)
    seconds = time.monotonic() - begin
    with suppress(OSError):  # what Linux says when the other end is closed
        while os.read(terminal, 4096):
            pass
    os.close(terminal)
    os.waitpid(child, 0)
    return seconds


if __name__ == "__main__":
    sys.exit(main())
