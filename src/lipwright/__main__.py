"""Entry point of `lipwright` and `python -m lipwright`, with few imports, so that Ctrl-C works early."""

from __future__ import annotations

import json
import sys

from lipwright.errors import Cancelled

LOADING = "loading ..."
"""Shown on a terminal at once, until the command has something to say."""
SILENT = frozenset({"--json", "--quiet", "--help", "-h", "--version"})
"""With these nothing but the answer is printed."""


def main() -> None:
    """Load and run the command line; an interruption while it loads is reported as one later."""
    shows = sys.stderr is not None and sys.stderr.isatty() and not SILENT & set(sys.argv)
    if shows:
        sys.stderr.write(LOADING)
        sys.stderr.flush()
    try:
        from lipwright.cli.main import main as command  # noqa: PLC0415 - a quarter of a second

        command()
    except KeyboardInterrupt:
        told = {"error": "interrupted", "hint": "nothing was written", "exit_code": Cancelled.exit_code}
        if sys.stderr is not None:
            clear = "\r\x1b[K" if shows else ""
            sys.stderr.write(f"{clear}error: {told['error']}\nhint: {told['hint']}\n")
        if "--json" in sys.argv and sys.stdout is not None:
            sys.stdout.write(json.dumps(told, indent=2) + "\n")
        sys.exit(Cancelled.exit_code)
    finally:
        # `python -m` would die of SIGINT, not exit with the code, if the interruption came within an exec,
        # such as that of a dataclass being defined: the next exec makes Python forget it.
        exec("")  # noqa: S102


if __name__ == "__main__":
    main()
