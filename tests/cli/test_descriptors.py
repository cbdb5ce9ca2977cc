"""If a standard stream is closed, none of our files gets its descriptor."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import os
from lipwright.cli.main import hold_descriptors
hold_descriptors()
file = os.open(os.devnull, os.O_WRONLY)
raise SystemExit(file if file > 2 else 100 + file)
"""
COMMAND = "from lipwright.cli.main import main; main()"


@pytest.mark.parametrize("closed", ["2>&-", "1>&-", "0<&-", "0<&- 1>&- 2>&-", ""])
def test_new_files_never_get_standard_descriptors(closed: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f'exec "$0" -c "$1" {closed}', sys.executable, PROGRAM],
        check=False,
        capture_output=True,
    )
    assert 2 < done.returncode < 100, done.stderr


def test_a_command_works_with_standard_error_closed() -> None:
    done = subprocess.run(
        ["bash", "-c", 'exec "$0" -c "$1" plan --seconds 5 --json 2>&-', sys.executable, COMMAND],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert '"frames": 121' in done.stdout
