"""Reports as `check` makes them, for the loop's own tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lipwright.domain.sync_verdict import AudioMeasures, MouthMeasures, SyncReport


@pytest.fixture
def make_report() -> Callable[..., SyncReport]:
    """A report of a video that is right, but for what is given."""

    def make(**given: Any) -> SyncReport:
        mouth = {"motion": 0.02, "stiffness": 0.1, "silence_motion": 0.1} | {
            key: given.pop(key) for key in ("stiffness", "jumps", "repeats") if key in given
        }
        report = {"verdict": "in-sync", "offset_ms": 4.0, "confidence": 0.9, "drift_ms_per_s": 0.1} | given
        return SyncReport(mouth=MouthMeasures(**mouth), audio=AudioMeasures(-3.0, -16.0, 0), **report)

    return make
