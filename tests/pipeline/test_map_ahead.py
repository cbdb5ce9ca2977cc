"""Work that several threads do ahead comes back in order, and ends with the one who asked for it."""

from __future__ import annotations

import threading
from itertools import count

import pytest

from lipwright.system import map_ahead


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_are_in_order(threads):
    assert list(map_ahead(lambda n: n * n, range(50), threads)) == [n * n for n in range(50)]


def test_calls_are_made_at_the_same_time():
    meeting = threading.Barrier(2)
    assert list(map_ahead(lambda n: meeting.wait(30) >= 0 and n, range(4), 2)) == [0, 1, 2, 3]


def test_endless_items_are_read_as_they_are_needed():
    asked = []
    results = map_ahead(lambda n: n, (asked.append(n) or n for n in count()), 3)
    assert [next(results) for _ in range(5)] == [0, 1, 2, 3, 4]
    results.close()
    assert len(asked) <= 5 + 3


@pytest.mark.parametrize("threads", [1, 3])
def test_a_failure_comes_in_its_place(threads):
    results = map_ahead(lambda n: 1 / (n - 2), range(9), threads)
    assert [next(results), next(results)] == [-0.5, -1.0]
    with pytest.raises(ZeroDivisionError):
        next(results)
