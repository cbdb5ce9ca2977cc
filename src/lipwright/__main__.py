"""What the script `lipwright` and `python -m lipwright` start: light, so that Ctrl-C ends well at once."""

from __future__ import annotations

import json
import sys

from lipwright.errors import Cancelled


def main() -> None:
    """Load the command and run it; what interrupts the loading is told as it is later."""
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
