"""Convert the sync report of a preview to a list of problems and a score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from lipwright.domain.chunks import WORST_JUMPS, WORST_OFFSET_MS
from lipwright.domain.sync_verdict import IN_SYNC_MS, MAX_STIFFNESS, SyncReport
from lipwright.domain.text import pluralize
from lipwright.sync.findings import LITTLE_SPEECH, SLOW_RATE

Problem = Literal["no-face", "static", "drift", "audio-late", "audio-early", "jumps", "stiff", "inconclusive"]
"""Problems in the order in which they are treated. Problems that prevent others from being measured come
first; the others are in the order of the lip-sync guide. "inconclusive" is last, because its cause can be a
mouth that jumps or barely moves. All except "jumps" and "stiff" are verdicts of `check`."""

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
"""Weight of each problem. A problem adds weight * (1 + extent) to the score, where the extent is 0..1. So
solving a problem never makes the score worse, even if a problem of lower weight appears at its worst."""

CAUSES_BEYOND_SETTINGS = frozenset({SLOW_RATE.id, LITTLE_SPEECH.id})
"""Causes of an inconclusive check that no setting can change, because they are in the request or the
recording."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Limits beyond which a problem exists, and the values that count as its worst extent."""

    max_stiffness: float = MAX_STIFFNESS
    worst_offset_ms: float = WORST_OFFSET_MS
    """Distance of the offset from the in-sync range, in ms, that counts as the worst."""
    worst_drift_ms_per_s: float = 40.0
    """Drift that counts as the worst: that of a 24 fps video that is played at 25 fps, which gains one frame
    (40 ms) per second."""
    worst_jumps: int = WORST_JUMPS
    """Number of jumps and repeated frames in a preview that counts as the worst: about five per second."""
    max_repeats_per_s: float = 0.2
    """Maximum acceptable rate of repeated frames. A few repeats are normal, because a mouth can rest for a
    frame between opening and closing."""
    min_score_change: float = 0.02
    """Minimum significant change of the score: about the spread of repeated measurements of one video."""


THRESHOLDS = Thresholds()


@dataclass(frozen=True, slots=True)
class Assessment:
    """The problems of a preview, each with its extent."""

    extents: Mapping[Problem, float]
    """Extent of each problem, in the order of treatment: 0 is just beyond the limit, 1 is the worst."""
    beyond_settings: bool = False
    """True if the only problem is that sync cannot be measured, for a reason that no setting can change."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems, in the order of treatment."""
        return tuple(self.extents)

    @property
    def score(self) -> float:
        """Sum of the scores of all problems; 0 without problems, lower is better."""
        return sum(WEIGHT[problem] * (1 + extent) for problem, extent in self.extents.items())


def assess(report: SyncReport) -> Assessment:
    """Return the problems that the report of a check shows."""
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
    if report.verdict == "static":  # a static video repeats every frame
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
    """Return the measurements by which rounds are compared, with the keys of `check --json`."""
    return {
        "verdict": report.verdict,
        "offset_ms": report.offset_ms,
        "confidence": report.confidence,
        "drift_ms_per_s": report.drift_ms_per_s,
        **report.mouth.to_json(),
    }


def summarize(report: SyncReport) -> str:
    """Summarize a report in one line: "in-sync, audio 3 ms late, stiffness 0.12, no jumps"."""
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
