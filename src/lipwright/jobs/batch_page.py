"""batch.html: every video of a batch on one page, the worst first."""

from __future__ import annotations

from urllib.parse import quote

from lipwright.jobs.batch import BatchReport, ShotResult
from lipwright.reports.page import render_page

_ORDER = {"failed": 0, "cancelled": 1, "running": 4, "checking": 4, "waiting": 5}
"""Rank of a shot's state; finished shots rank by their verdict."""


def draw_batch_page(report: BatchReport) -> str:
    """Draw the page. It is written next to the videos and links to them by relative paths.

    Args:
        report: How the batch went, or goes.
    """
    shots = sorted(report.shots, key=_badness)
    links = {shot.row: quote(shot.output) for shot in shots}
    return render_page(
        "batch.html.j2", name="Batch", report=report, value=report.to_json(), shots=shots, links=links
    )


def _badness(shot: ShotResult) -> tuple[int, float, int]:
    if shot.state in {"done", "skipped"}:
        rank = 3 if shot.verdict in {None, "in-sync"} else 2
        return rank, -abs(shot.offset_ms or 0.0), shot.row
    return _ORDER[shot.state], 0.0, shot.row
