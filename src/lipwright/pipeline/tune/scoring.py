"""Turn the sync report of a preview into a list of problems and one score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from lipwright.domain.chunks import WORST_JUMPS, WORST_OFFSET_MS
from lipwright.domain.sync_verdict import IN_SYNC_MS, MAX_STIFFNESS, SyncReport
from lipwright.domain.text import pluralize
from lipwright.sync.findings import LITTLE_SPEECH, SLOW_RATE

Problem = Literal["no-face", "static", "drift", "audio-late", "audio-early", "jumps", "stiff", "inconclusive"]
"""Problems in the order in which they are addressed: first those that hide others, then in the guide's order.
A mouth that jumps or hardly moves makes a check inconclusive, so that comes last.
All but jumps and stiff are verdicts of `check`."""

ORDER: tuple[Problem, ...] = get_args(Problem)

WEIGHT: Mapping[Problem, float] = {
    "no-face": 32.0,
    "static": 16.0,
    "inconclusive": 8.0,
    "drift": 4.0,
    "audio-late": 4.0,
    "audio-early": 4.0,
    "jumps": 2.0,
    "stiff": 1.0,
}
"""Weight of each problem, which scores between its weight and twice its weight, by its extent. Curing a
problem therefore improves the score even where a lesser problem appears at its worst."""

CAUSES_BEYOND_SETTINGS = frozenset({SLOW_RATE.id, LITTLE_SPEECH.id})
"""Causes of an inconclusive check that no setting changes: they are in the request or the recording."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Limits of each problem, and the value that counts as worst."""

    max_stiffness: float = MAX_STIFFNESS
    worst_offset_ms: float = WORST_OFFSET_MS
    """Worst offset, counted from the sync thresholds."""
    worst_drift_ms_per_s: float = 40.0
    """Worst drift: one frame per second at 25 fps, as when 24 fps is taken for 25."""
    worst_jumps: int = WORST_JUMPS
    """Number of jumps and repeated frames in a preview that counts as worst: about five a second."""
    max_repeats_per_s: float = 0.2
    """Acceptable rate of repeated frames: a mouth between opening and closing rests for a frame."""
    min_score_change: float = 0.02
    """Minimum change of the score: about the spread of repeated measurements of one video."""


THRESHOLDS = Thresholds()


@dataclass(frozen=True, slots=True)
class Assessment:
    """The problems of a video."""

    extents: Mapping[Problem, float]
    """Problems in the order of treatment, with their extent: 0 is just out of bounds, 1 is the worst."""
    beyond_settings: bool = False
    """True if the only problem is that sync cannot be measured, for a reason that no setting changes."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems, the first to be treated first."""
        return tuple(self.extents)

    @property
    def score(self) -> float:
        """Badness of the video: 0 without problems."""
        return sum(WEIGHT[problem] * (1 + extent) for problem, extent in self.extents.items())


def assess(report: SyncReport) -> Assessment:
    """Find the problems in the report of a check."""
    found = _extents(report)
    causes = {cause.id for cause in report.causes}
    return Assessment(
        {problem: found[problem] for problem in ORDER if problem in found},
        beyond_settings=set(found) == {"inconclusive"} and bool(causes & CAUSES_BEYOND_SETTINGS),
    )


def _extents(report: SyncReport) -> dict[Problem, float]:
    stiffness = report.mouth.stiffness
    if report.verdict == "no-face":
        return {"no-face": 1.0}
    if report.verdict == "static":  # which repeats every frame
        return {"static": 1.0 if stiffness is None else min(1.0, stiffness)}
    found: dict[Problem, float] = {}
    if report.verdict == "inconclusive":
        found["inconclusive"] = 1 - report.confidence
    elif report.verdict == "drift":
        found["drift"] = min(1.0, abs(report.drift_ms_per_s or 0.0) / THRESHOLDS.worst_drift_ms_per_s)
    elif report.verdict in {"audio-late", "audio-early"}:
        low, high = IN_SYNC_MS
        offset = report.offset_ms or 0.0
        found[report.verdict] = min(1.0, max(0.0, low - offset, offset - high) / THRESHOLDS.worst_offset_ms)
    seconds = report.extra.get("video", {}).get("seconds") or 0.0
    faults = len(report.mouth.jumps)
    if len(report.mouth.repeats) > max(1, int(THRESHOLDS.max_repeats_per_s * seconds)):
        faults += len(report.mouth.repeats)
    if faults:
        found["jumps"] = min(1.0, faults / THRESHOLDS.worst_jumps)
    if stiffness is not None and stiffness > THRESHOLDS.max_stiffness:
        found["stiff"] = (stiffness - THRESHOLDS.max_stiffness) / (1 - THRESHOLDS.max_stiffness)
    return found


def measures_of(report: SyncReport) -> dict[str, Any]:
    """Return the numbers that rounds are compared by, named as `check` names them."""
    return {
        "verdict": report.verdict,
        "offset_ms": report.offset_ms,
        "confidence": report.confidence,
        "drift_ms_per_s": report.drift_ms_per_s,
        **report.mouth.to_json(),
    }


def summarize(report: SyncReport) -> str:
    """Put a report into one line: "in-sync, audio 3 ms late, stiffness 0.12, no jumps"."""
    parts: list[str] = [report.verdict]
    if report.verdict == "inconclusive" and report.causes:
        parts[0] += f" ({report.causes[0].text})"
    if report.offset_ms is not None:
        parts.append(report.offset_label())
    if report.verdict == "drift" and report.drift_ms_per_s is not None:
        parts.append(f"drift {report.drift_ms_per_s:+.1f} ms/s")
    if report.mouth.stiffness is not None:
        parts.append(f"stiffness {report.mouth.stiffness:.2f}")
    counts = {"jump": len(report.mouth.jumps), "repeated frame": len(report.mouth.repeats)}
    parts += [pluralize(count, name) for name, count in counts.items() if count]
    return ", ".join(parts if any(counts.values()) else [*parts, "no jumps"])
