"""Entry point of `lipwright` and `python -m lipwright`; light, so that Ctrl-C works from the start."""

from __future__ import annotations

import json
import sys

from lipwright.errors import Cancelled


def main() -> None:
    """Load and run the command line; an interruption while it loads is reported as one later."""
    try:
        from lipwright.cli.main import main as command  # noqa: PLC0415 - a quarter of a second

        command()
    except KeyboardInterrupt:
        told = {"error": "interrupted", "hint": "nothing was written", "exit_code": Cancelled.exit_code}
        if sys.stderr is not None:
            sys.stderr.write(f"error: {told['error']}\nhint: {told['hint']}\n")
        if "--json" in sys.argv and sys.stdout is not None:
            sys.stdout.write(json.dumps(told, indent=2) + "\n")
        sys.exit(Cancelled.exit_code)


if __name__ == "__main__":
    main()
