"""docs/tune.md shows the remedies that are tried, and every key that is printed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from lipwright.pipeline.tune.preview import PREVIEW_SECONDS
from lipwright.pipeline.tune.preview_cache import MAX_CACHE_BYTES
from lipwright.pipeline.tune.remedies import REMEDIES
from lipwright.pipeline.tune.run import DEFAULT_ROUNDS
from lipwright.pipeline.tune.scoring import THRESHOLDS
from lipwright.pipeline.tune.search import Decision, Ending

PAGE = (Path(__file__).parents[2] / "docs" / "tune.md").read_text(encoding="utf-8")


def test_the_table_of_remedies_is_the_one_that_is_run() -> None:
    section = PAGE.split("## The remedies")[1].split("## ")[0]
    shown = re.findall(r"^\| `([a-z-]+)` \| `([a-z-]+)` \| (.+) \| (.+) \|$", section, re.MULTILINE)
    run = [
        (problem, remedy.name, remedy.action, remedy.source)
        for problem, remedies in REMEDIES.items()
        for remedy in remedies
    ]
    assert shown == run


def test_documented_numbers_equal_the_code() -> None:
    assert f"{float(PREVIEW_SECONDS):g} seconds (129 frames" in PAGE
    assert f"stiffness is {THRESHOLDS.max_stiffness:g} at most" in PAGE
    assert f"maximum number of previews; default {DEFAULT_ROUNDS}" in PAGE
    assert f"holds {MAX_CACHE_BYTES // 1_000_000} MB at most" in PAGE


def test_every_decision_and_every_ending_is_reported() -> None:
    for word in (*get_args(Decision), *get_args(Ending)):
        assert word in PAGE
