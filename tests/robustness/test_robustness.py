"""No broken or odd input causes a crash: over a thousand cases, each in its own process.

Of large groups one case in five is run, which takes a minute; `make robustness` runs all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from zlib import crc32

import pytest
from tests.robustness.forked import Case, Runner
from tests.robustness.groups import GROUPS


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    runner = Runner(tmp_path_factory.mktemp("robustness"))
    yield runner
    runner.close()


@cache
def thrown(group: str) -> list[Case]:
    """The cases of a group that are run this time."""
    cases = list(GROUPS[group]())
    if os.environ.get("ROBUSTNESS") == "all" or len(cases) < 60:
        return cases
    return [case for case in cases if crc32(case.name.encode("utf-8", "backslashreplace")) % 5 == 1]


@pytest.mark.parametrize("group", GROUPS)
def test_no_input_causes_a_traceback_or_partial_file(group: str, runner: Runner) -> None:
    complaints = [text for case in thrown(group) for text in runner.complaints(case)]
    assert not complaints, f"{len(complaints)} complaints:\n" + "\n".join(complaints[:40])


def test_at_least_a_thousand_distinct_cases_run() -> None:
    assert len({case.name for group in GROUPS for case in thrown(group)}) >= 1000


def test_runner_reports_wrong_exit_code_missing_output_and_cpu_time(runner: Runner) -> None:
    """Cases with wrong expectations are reported: an exit code, a missing output, CPU time."""
    missing = Case("missing", ("plan", "missing.wav"), codes=frozenset({0}))
    assert "exit code 3" in runner.complaints(missing)[0]
    unexpected = Case("new", ("prompt", "--fix", "x"), outputs=("o.txt",))
    assert "'o.txt' was not written" in runner.complaints(unexpected)[0]
    slow = Case("slow", ("--help",), max_cpu_seconds=0.0)
    assert "CPU time" in runner.complaints(slow)[0]
