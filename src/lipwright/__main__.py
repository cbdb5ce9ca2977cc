"""Entry point of `lipwright` and `python -m lipwright`, with few imports, so that Ctrl-C works early."""

from __future__ import annotations

import json
import sys

from lipwright.errors import Cancelled

LOADING = "loading ..."
"""Text shown on a terminal from the start until the command prints something."""
SILENT = frozenset({"--json", "--quiet", "--help", "-h", "--version"})
"""Options with which a command prints only its result; LOADING is not shown then."""


def main() -> None:
    """Load and run the command line. Ctrl-C during loading is reported just like Ctrl-C during a command."""
    shows = sys.stderr is not None and sys.stderr.isatty() and not SILENT & set(sys.argv)
    if shows:
        sys.stderr.write(LOADING)
        sys.stderr.flush()
    try:
        from lipwright.cli.main import main as command  # noqa: PLC0415 - a quarter of a second

        command()
    except KeyboardInterrupt:
        hint = "no output file was written"
        told = {"error": "interrupted", "hint": hint, "exit_code": Cancelled.exit_code}
        if sys.stderr is not None:
            clear = "\r\x1b[K" if shows else ""
            sys.stderr.write(f"{clear}error: {told['error']}\nhint: {hint}\n")
        if "--json" in sys.argv and sys.stdout is not None:
            sys.stdout.write(json.dumps(told, indent=2) + "\n")
        sys.exit(Cancelled.exit_code)
    finally:
        # After an interruption within an exec, such as that of a dataclass being defined, `python -m` would
        # end by SIGINT instead of exiting with the code. Another exec resets that state of Python.
        exec("")  # noqa: S102


if __name__ == "__main__":
    main()
