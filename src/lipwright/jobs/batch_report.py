"""The state of a batch: the rows of its table with their results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from lipwright.jobs.shots_file import RowProblem

ShotState = Literal["waiting", "running", "checking", "done", "skipped", "failed", "cancelled"]
OPEN_STATES: tuple[ShotState, ...] = ("waiting", "running", "checking")


@dataclass(frozen=True, slots=True)
class ShotResult:
    """The progress and result of one row of a batch."""

    row: int
    output: str
    """Path of the video, relative to the batch's folder."""
    state: ShotState
    error: str | None = None
    hint: str | None = None
    verdict: str | None = None
    offset_ms: float | None = None
    seconds: float | None = None
    """Length of the video in seconds; None if unknown."""
    attempts: int = 0
    worker: str | None = None
    progress: Mapping[str, Any] | None = None
    audio: str | None = None
    findings: tuple[Mapping[str, Any], ...] = ()
    """Rule, severity and text of each finding; findings with the severity "hint" are left out."""

    def with_result(self, result: Mapping[str, Any]) -> ShotResult:
        """Return a copy with the data of the finished video, from `worker.result_of`."""
        findings = result.get("findings")
        return replace(
            self,
            seconds=result.get("seconds") or self.seconds,
            verdict=result.get("verdict"),
            offset_ms=result.get("offset_ms"),
            findings=self.findings if findings is None else tuple(findings),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON-serializable values."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "progress"}


@dataclass(frozen=True, slots=True)
class BatchReport:
    """The state of a batch, during and after the run."""

    folder: Path
    shots: tuple[ShotResult, ...]
    elapsed_s: float
    problems: tuple[RowProblem, ...] = ()
    """Problems that a dry run found in the table; a real run refuses a table with problems."""

    def count(self, *states: ShotState) -> int:
        """Return how many shots are in one of these states."""
        return sum(shot.state in states for shot in self.shots)

    def to_json(self) -> dict[str, Any]:
        """Return the content of batch.json, which --json prints too."""
        made = sum(shot.seconds or 0.0 for shot in self.shots if shot.state == "done")
        return {
            "shots": [shot.to_json() for shot in self.shots],
            "done": self.count("done"),
            "failed": self.count("failed", "cancelled") + len(self.problems),
            "skipped": self.count("skipped"),
            "seconds": self.elapsed_s,
            "real_time_factor": self.elapsed_s / made if made else None,
            "problems": [problem.to_json() for problem in self.problems],
        }


OnUpdate = Callable[[BatchReport], None]
"""Function that is called as the batch progresses. It may raise errors.Cancelled to stop the batch."""


def findings_of(findings: tuple[Mapping[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    """Return rule, severity and text of a manifest's findings, except those with the severity "hint"."""
    return tuple(
        {name: finding[name] for name in ("rule", "severity", "text")}
        for finding in findings
        if finding["severity"] != "hint"
    )
