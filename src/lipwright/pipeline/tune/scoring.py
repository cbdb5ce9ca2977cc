"""What is wrong with a video, and how much: a sync report becomes problems and a score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from lipwright.domain.pluralize import pluralize
from lipwright.domain.sync import IN_SYNC_MS, SyncReport
from lipwright.sync.findings import LITTLE_SPEECH, SLOW_RATE

Problem = Literal["no-face", "static", "drift", "audio-late", "audio-early", "jumps", "stiff", "inconclusive"]
"""In the order in which they are dealt with: what hides other problems comes first, then the
guide's order. A mouth that jumps or hardly moves is what makes a video inconclusive, so that comes
last. All but jumps and stiff are verdicts of `check`."""

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
"""A problem costs its weight and as much again at its worst, so that no degree of a lesser
problem outweighs a greater one's going."""

FULL_OFFSET_MS = 400.0
"""An offset so far outside the limits is as bad as any: the width of a syllable and more."""
FULL_DRIFT_MS_PER_S = 40.0
"""A frame a second at 25 fps: a rate mistaken for its neighbour, as 24 for 25."""
FULL_JUMPS = 25.0
"""So many jumps and repeats in a preview of five seconds leave no second whole."""

NO_SETTING_HELPS = frozenset({SLOW_RATE.id, LITTLE_SPEECH.id})
"""Causes of an inconclusive check that lie in what was asked for."""

SPARE_REPEATS_PER_S = 0.2
"""A lone repeat in five seconds is no fault: nobody sees it, and a mouth that turns round between
open and shut stands still for a frame just so."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A report, judged."""

    extents: Mapping[Problem, float]
    """What is wrong, first what is dealt with first, each with its extent: 0 just outside the
    bounds, 1 as bad as can be. Empty where the video is right."""
    beyond_settings: bool = False
    """Its sync cannot be told, for a reason that no setting changes, and nothing else is wrong."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong, in order."""
        return tuple(self.extents)

    @property
    def tight(self) -> bool:
        """In sync, without jumps or repeats, stiffness in bounds."""
        return not self.extents

    @property
    def score(self) -> float:
        """0 is right; less is better."""
        return sum(WEIGHT[problem] * (1 + extent) for problem, extent in self.extents.items())


@dataclass(frozen=True, slots=True)
class Judge:
    """Turns reports into judgements."""

    stiffness_bound: float = 0.5
    """Mouths that move half as much as expected look stiff; people differ by as much among
    themselves, so that less is no fault."""

    def __call__(self, report: SyncReport) -> Judgement:
        """Judge a report."""
        found = self._extents(report)
        causes = {cause.id for cause in report.causes}
        return Judgement(
            {problem: found[problem] for problem in ORDER if problem in found},
            beyond_settings=set(found) == {"inconclusive"} and bool(causes & NO_SETTING_HELPS),
        )

    def _extents(self, report: SyncReport) -> dict[Problem, float]:
        stiffness = report.mouth.stiffness
        faults = len(report.mouth.jumps)
        if len(report.mouth.repeats) > _spare_repeats(report):
            faults += len(report.mouth.repeats)
        if report.verdict == "no-face":
            return {"no-face": 1.0}
        if report.verdict == "static":  # repeats are then what static means
            return {"static": 1.0 if stiffness is None else min(1.0, stiffness)}
        found: dict[Problem, float] = {}
        if report.verdict == "inconclusive":
            found["inconclusive"] = 1 - report.confidence
        elif report.verdict == "drift":
            found["drift"] = min(1.0, abs(report.drift_ms_per_s or 0.0) / FULL_DRIFT_MS_PER_S)
        elif report.verdict in {"audio-late", "audio-early"}:
            found[report.verdict] = min(1.0, _excess_ms(report.offset_ms) / FULL_OFFSET_MS)
        if faults:
            found["jumps"] = min(1.0, faults / FULL_JUMPS)
        if stiffness is not None and stiffness > self.stiffness_bound:
            found["stiff"] = (stiffness - self.stiffness_bound) / (1 - self.stiffness_bound)
        return found


def measures_of(report: SyncReport) -> dict[str, Any]:
    """The numbers of a report that rounds are compared by, named as `check` names them."""
    mouth = report.mouth.to_json()
    return {
        "verdict": report.verdict,
        "offset_ms": report.offset_ms,
        "confidence": report.confidence,
        "drift_ms_per_s": report.drift_ms_per_s,
        **mouth,
    }


def describe(report: SyncReport) -> str:
    """A report in a line: "in-sync, offset +3 ms, stiffness 0.12, no jumps"."""
    parts: list[str] = [report.verdict]
    if report.verdict == "inconclusive" and report.causes:
        parts[0] += f" ({report.causes[0].text})"
    if report.offset_ms is not None:
        parts.append(f"offset {report.offset_ms:+.0f} ms")
    if report.verdict == "drift" and report.drift_ms_per_s is not None:
        parts.append(f"drift {report.drift_ms_per_s:+.1f} ms/s")
    if report.mouth.stiffness is not None:
        parts.append(f"stiffness {report.mouth.stiffness:.2f}")
    counts = {"jump": len(report.mouth.jumps), "repeated frame": len(report.mouth.repeats)}
    parts += [pluralize(count, name) for name, count in counts.items() if count]
    if not any(counts.values()):
        parts.append("no jumps")
    return ", ".join(parts)


def _excess_ms(offset_ms: float | None) -> float:
    low, high = IN_SYNC_MS
    return 0.0 if offset_ms is None else max(0.0, low - offset_ms, offset_ms - high)


def _spare_repeats(report: SyncReport) -> int:
    seconds = report.extra.get("video", {}).get("seconds") or 0.0
    return max(1, int(SPARE_REPEATS_PER_S * seconds))
