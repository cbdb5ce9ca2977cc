"""Search for better parameters: measure, change one setting by the next remedy, keep the better result.

The search does not handle videos itself: it calls a function that renders and measures a preview.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lipwright.domain.sync_verdict import SyncReport
from lipwright.errors import Cancelled, EngineTimedOut, EngineUnavailable, LipwrightError
from lipwright.pipeline.tune.parameters import Parameters, describe_change
from lipwright.pipeline.tune.remedies import REMEDIES, Remedy
from lipwright.pipeline.tune.scoring import (
    THRESHOLDS,
    Assessment,
    Problem,
    assess,
    measures_of,
    summarize,
)

Decision = Literal["start", "kept", "reverted", "no effect", "failed"]
"""Outcome of a round. "start": the first round, with the user's settings. "kept": later changes build on
this one. "reverted": the result was not better. "no effect": reverted, because the measurements did not
change. "failed": reverted, because the engine refused the setting or failed with it."""

Ending = Literal["no problems left", "round limit reached", "nothing left to try", "cannot be measured"]


@dataclass(frozen=True, slots=True)
class Trial:
    """A rendered and measured preview."""

    video: Path
    fingerprint: str
    """SHA-256 of the video file."""
    report: SyncReport
    reused: bool = False
    """True if the preview was rendered by an earlier, interrupted run."""
    html: Path | None = None
    """Path of the HTML report; None without one."""


@dataclass(frozen=True, slots=True)
class SkippedRemedy:
    """A remedy that was skipped, and the reason."""

    remedy: Remedy
    why: str

    def to_json(self) -> dict[str, str]:
        """Return an entry of `skipped` in the JSON of `lipwright tune`."""
        return {"rule": self.remedy.name, "why": self.why}


@dataclass(frozen=True, slots=True)
class Round:
    """One preview, and the decision about it."""

    number: int
    """Number of the round, counted from 1."""
    parameters: Parameters
    decision: Decision
    reason: str
    """Why the change was tried, and the outcome, as text."""
    remedy: Remedy | None = None
    """The remedy that was tried; None in the first round."""
    change: str = ""
    """The change, such as "eta 0 -> 0.2"; empty in the first round."""
    trial: Trial | None = None
    """The preview of the round; None if the round failed."""
    assessment: Assessment | None = None
    """The assessment of the preview; None if the round failed."""
    skipped: tuple[SkippedRemedy, ...] = ()
    """Remedies that were skipped before `remedy` was chosen."""

    def to_json(self) -> dict[str, Any]:
        """Return an entry of `rounds` in the JSON of `lipwright tune`."""
        trial, assessment = self.trial, self.assessment
        return {
            "round": self.number,
            "rule": self.remedy.name if self.remedy else None,
            "change": self.change,
            "settings": self.parameters.to_json(),
            "measures": measures_of(trial.report) if trial else None,
            "problems": list(assessment.problems) if assessment else [],
            "score": round(assessment.score, 4) if assessment else None,
            "decision": self.decision,
            "reason": self.reason,
            "skipped": [skipped.to_json() for skipped in self.skipped],
            "preview": str(trial.video) if trial else None,
            "report": str(trial.html) if trial and trial.html else None,
            "reused": trial.reused if trial else False,
        }


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Result of the search."""

    rounds: tuple[Round, ...]
    best: Round
    """The round whose parameters are used for the final video."""
    ending: Ending
    skipped: tuple[SkippedRemedy, ...] = ()
    """Remedies that were skipped after the last round, when nothing was left to try."""


class Search:
    """Searches for parameters with which a video has no problems.

    Args:
        run_trial: Renders and measures a preview, given its parameters and the number of the round.
        ignored: Names of the settings that the engine does not use.
        on_round: Called with each round when it is done.
    """

    def __init__(
        self,
        run_trial: Callable[[Parameters, int], Trial],
        ignored: frozenset[str] = frozenset(),
        *,
        on_round: Callable[[Round], None] = lambda _: None,
    ) -> None:
        self._run_trial, self._ignored, self._on_round = run_trial, ignored, on_round
        self._rounds: list[Round] = []
        self._tried: dict[str, int] = {}
        """For each set of parameters that was tried: its `repr`, and the number of the round."""
        self._closed: dict[tuple[str, Problem | None], str] = {}
        """Reason why a setting is not tried again, by setting and problem; None stands for all problems."""
        self._reported: set[tuple[str, str]] = set()
        """Skipped remedies and reasons that were already reported."""

    def run(self, start: Parameters, max_rounds: int) -> SearchResult:
        """Search from the user's parameters until all problems are solved or there is nothing left to try.

        The search also ends after `max_rounds` rounds, or if no setting can make the sync measurable.

        Raises:
            LipwrightError: the first preview could not be made, or the engine cannot be reached.
        """
        trial = self._run_trial(start, 1)
        self._tried[repr(start)] = 1
        assessment = assess(trial.report)
        best = Round(1, start, "start", summarize(trial.report), trial=trial, assessment=assessment)
        self._record(best)
        while True:
            assert best.assessment is not None  # noqa: S101 - failed rounds are never the best
            if not best.assessment.problems:
                return self._result(best, "no problems left")
            if best.assessment.beyond_settings:
                return self._result(best, "cannot be measured")
            if len(self._rounds) >= max_rounds:
                return self._result(best, "round limit reached")
            proposal, skipped = self._next(best)
            if proposal is None:
                return self._result(best, "nothing left to try", skipped)
            tried = self._try(best, *proposal, skipped)
            self._record(tried)
            best = tried if tried.decision == "kept" else best

    def _next(
        self, best: Round
    ) -> tuple[tuple[Problem, Remedy, Parameters] | None, tuple[SkippedRemedy, ...]]:
        """Return the next problem, remedy and parameters to try, or None; and the skipped remedies."""
        skipped: dict[str, SkippedRemedy] = {}
        for problem in best.assessment.problems if best.assessment else ():
            for remedy in REMEDIES.get(problem, ()):
                point = self._untried(best.parameters, problem, remedy)
                if isinstance(point, Parameters):
                    return (problem, remedy, point), self._unreported(skipped.values())
                skipped.setdefault(remedy.name, SkippedRemedy(remedy, point))
        return None, tuple(skipped.values())

    def _unreported(self, skipped: Iterable[SkippedRemedy]) -> tuple[SkippedRemedy, ...]:
        new = tuple(item for item in skipped if (item.remedy.name, item.why) not in self._reported)
        self._reported |= {(item.remedy.name, item.why) for item in new}
        return new

    def _untried(self, now: Parameters, problem: Problem, remedy: Remedy) -> Parameters | str:
        """Return the first untried parameters that a remedy proposes, or the reason why there are none."""
        if remedy.setting in self._ignored:
            return "no effect: the engine does not use this setting"
        closed = self._closed.get((remedy.setting, None)) or self._closed.get((remedy.setting, problem))
        if closed:
            return closed
        proposals = remedy.propose(now)
        if isinstance(proposals, str):
            return proposals
        points = [point for point in proposals if point != now]
        if not points:
            return "the setting already has this value"
        return next(
            (point for point in points if repr(point) not in self._tried),
            f"tried in round {self._tried.get(repr(points[-1]))}",
        )

    def _try(
        self,
        best: Round,
        problem: Problem,
        remedy: Remedy,
        parameters: Parameters,
        skipped: tuple[SkippedRemedy, ...],
    ) -> Round:
        """Render and measure a preview with proposed parameters, and decide whether to keep them."""
        number = len(self._rounds) + 1
        self._tried[repr(parameters)] = number
        change = describe_change(best.parameters, parameters)
        reason = f"{PROBLEM_SENTENCES[problem]}: {remedy.action} ({change})"
        try:
            trial = self._run_trial(parameters, number)
        except LipwrightError as error:
            if isinstance(error, Cancelled | EngineTimedOut) or (
                isinstance(error, EngineUnavailable) and not remedy.needs_extra
            ):
                raise  # the setting is not to blame; the same command can continue later
            self._closed[remedy.setting, None] = f"the setting failed in round {number}"
            reason += f". It failed: {error.message}; reverted"
            return Round(number, parameters, "failed", reason, remedy, change, skipped=skipped)
        assessment = assess(trial.report)
        decision, outcome = self._decide(best, problem, remedy, trial, assessment, number=number)
        reason += f". {outcome}"
        return Round(number, parameters, decision, reason, remedy, change, trial, assessment, skipped)

    def _decide(
        self,
        best: Round,
        problem: Problem,
        remedy: Remedy,
        trial: Trial,
        assessment: Assessment,
        *,
        number: int,
    ) -> tuple[Decision, str]:
        """Decide whether to keep a change, and describe the outcome; useless settings are not tried again."""
        assert best.trial is not None and best.assessment is not None  # noqa: S101 - as in `run`
        now = summarize(trial.report)
        if trial.fingerprint == best.trial.fingerprint:
            self._closed[remedy.setting, None] = f"no effect: the video of round {number} was identical"
            return "no effect", "The video is identical, so the change has no effect; reverted"
        gain = best.assessment.score - assessment.score
        solved = problem not in assessment.problems
        if gain > THRESHOLDS.min_score_change:
            return "kept", f"{'Solved' if solved else 'Better'}: {now}"
        changed = solved or abs(gain) > THRESHOLDS.min_score_change
        if not changed and remedy.keep_if_neutral:
            return "kept", f"No change yet: {now}; kept, because the problem may have several causes"
        if changed and not remedy.random:
            self._closed[remedy.setting, problem] = f"{remedy.setting} made the video worse in round {number}"
        elif isinstance(self._untried(best.parameters, problem, remedy), str):  # no further point
            self._closed[remedy.setting, problem] = f"no effect on {problem} in round {number}"
        if changed:
            return "reverted", f"Worse: {now}; reverted"
        return "reverted" if remedy.random else "no effect", f"No change: {now}; reverted"

    def _record(self, done: Round) -> None:
        self._rounds.append(done)
        self._on_round(done)

    def _result(self, best: Round, ending: Ending, skipped: tuple[SkippedRemedy, ...] = ()) -> SearchResult:
        return SearchResult(tuple(self._rounds), best, ending, skipped)


PROBLEM_SENTENCES: Mapping[Problem, str] = {
    "no-face": "No face is visible",
    "static": "The face does not move",
    "inconclusive": "The sync cannot be measured with confidence",
    "drift": "Audio and lips drift apart",
    "audio-late": "The audio comes after the lips",
    "audio-early": "The audio comes before the lips",
    "jumps": "The mouth jumps or frames repeat",
    "stiff": "The mouth is stiff",
}
