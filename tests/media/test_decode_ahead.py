"""A stream decoded in another thread: the same items, the same failures, nothing left running."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from lipwright.errors import InputError
from lipwright.media.video_reader import decode_ahead


def test_gives_the_same_items_in_order() -> None:
    assert list(decode_ahead(iter(range(100)), 3)) == list(range(100))


def test_decoding_errors_are_raised_after_earlier_items() -> None:
    def broken() -> Iterator[int]:
        yield 1
        yield 2
        raise InputError("the tail is damaged")

    got = []
    with pytest.raises(InputError, match="tail"):
        for item in decode_ahead(broken(), 8):
            got.append(item)  # noqa: PERF402 - what came before the failure is the point
    assert got == [1, 2]


def test_decodes_no_further_ahead_than_allowed() -> None:
    made = []
    enough, more = threading.Event(), threading.Event()

    def counted() -> Iterator[int]:
        for number in range(1000):
            made.append(number)
            (enough if number == 4 else more).set() if number in {4, 30} else None
            yield number

    ahead = decode_ahead(counted(), 3)
    assert next(ahead) == 0
    assert enough.wait(10)  # one handed over, three waiting, one in hand
    assert not more.wait(0.3)
    ahead.close()
    assert len(made) < 30


def test_closing_ends_the_thread() -> None:
    before = threading.active_count()
    ahead = decode_ahead(iter(range(1000)), 2)
    next(ahead)
    assert threading.active_count() == before + 1
    ahead.close()
    assert threading.active_count() == before
