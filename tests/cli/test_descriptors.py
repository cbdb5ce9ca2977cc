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


@pytest.mark.parametrize("closed", ["2>&-", "1>&-", "0<&-", "0<&- 1>&- 2>&-", ""])
def test_new_files_never_get_standard_descriptors(closed: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f'exec "$0" -c "$1" {closed}', sys.executable, PROGRAM],
        check=False,
        capture_output=True,
    )
    assert 2 < done.returncode < 100, done.stderr
