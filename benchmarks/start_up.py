"""How long `lipwright --help` takes above a bare import of its command line library, and what is loaded.

python -m benchmarks.start_up
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.measuring import Figure, lipwright, present, run_child, use_two_cores

ABOVE_TYPER_S = 0.1
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
    }
    best = dict.fromkeys(commands, float("inf"))
    for turn in range(runs + 1):  # the first one only fills the caches
        for name, command in commands.items():
            wall_s = run_child(command).wall_s
            if turn:
                best[name] = min(best[name], wall_s)
    probe = f"import lipwright, sys; print(*(name for name in {HEAVY} if name in sys.modules))"
    loaded = run_child([sys.executable, "-c", probe]).stdout.split()
    figures = [Figure(name, seconds, "s") for name, seconds in best.items()]
    figures += [
        Figure(
            "--help above typer", best["lipwright --help"] - best["import typer"], "s", at_most=ABOVE_TYPER_S
        ),
        Figure(f"of {', '.join(HEAVY)}: loaded by import lipwright", len(loaded), at_most=0),
    ]
    return 0 if present(f"Start-up, best of {runs}", figures) else 1


if __name__ == "__main__":
    sys.exit(main())
