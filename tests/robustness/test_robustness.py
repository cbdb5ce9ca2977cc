"""No input, however broken or odd, breaks a command: over a thousand kinds, each in its own process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.robustness.forked import Case, Runner
from tests.robustness.groups import GROUPS


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    runner = Runner(tmp_path_factory.mktemp("robustness"))
    yield runner
    runner.close()


@pytest.mark.parametrize("group", GROUPS)
def test_no_input_breaks_a_command(group: str, runner: Runner) -> None:
    complaints = [text for case in GROUPS[group]() for text in runner.complaints(case)]
    assert not complaints, f"{len(complaints)} complaints:\n" + "\n".join(complaints[:40])


def test_there_are_a_thousand_kinds() -> None:
    assert len({case.name for make in GROUPS.values() for case in make()}) >= 1000


def test_the_watch_notices_what_is_wrong(runner: Runner) -> None:
    """Cases whose expectations are wrong are complained of: an exit code, a file, an output that stays."""
    missing = Case("missing", ("plan", "missing.wav"), codes=frozenset({0}))
    assert "exit code 3" in runner.complaints(missing)[0]
    unexpected = Case("new", ("prompt", "--fix", "x"), outputs=("o.txt",))
    assert "'o.txt' was not written" in runner.complaints(unexpected)[0]
    slow = Case("slow", ("--help",), max_cpu_seconds=0.0)
    assert "CPU time" in runner.complaints(slow)[0]
