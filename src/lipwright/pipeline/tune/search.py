"""The loop: measure, change one thing by the guide's next rule, keep what is better.

It knows nothing of videos: it is given a function that shoots a preview.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from lipwright.errors import Cancelled, EngineTimedOut, EngineUnavailable, LipwrightError
from lipwright.pipeline.tune.parameters import Parameters, difference
from lipwright.pipeline.tune.results import Decision, Ending, Found, Round, Skipped, Trial
from lipwright.pipeline.tune.rules import RULES, Rule, Skip, TuneContext
from lipwright.pipeline.tune.scoring import Judge, Judgement, Problem, describe

Shoot = Callable[[Parameters, int], Trial]
"""Renders and measures a preview: parameters, and the number of the round."""

MOVES = 0.02
"""Extents that differ by less are equal: what a measure of one video varies by itself."""


class Search:
    """Looks for parameters with which a video is right.

    Args:
        shoot: Renders and measures a preview.
        situation: What rules must know of the render.
        judge: Turns a report into problems.
        rules: The guide's, unless a test has its own.
        on_round: Told each round as it ends.
    """

    def __init__(
        self,
        shoot: Shoot,
        situation: TuneContext,
        *,
        judge: Judge | None = None,
        rules: Mapping[Problem, tuple[Rule, ...]] = RULES,
        on_round: Callable[[Round], None] = lambda _: None,
    ) -> None:
        self._shoot, self._situation, self._on_round = shoot, situation, on_round
        self._judge = judge or Judge()
        self._rules = rules
        self._rounds: list[Round] = []
        self._tried: dict[str, int] = {}
        """Parameters that were rendered, and in which round."""
        self._closed: dict[tuple[str, Problem | None], str] = {}
        """Knobs that are of no use, for one problem or (None) for all, and why."""
        self._told: set[tuple[str, str]] = set()
        """Rules passed over, and why: said once."""

    def run(self, start: Parameters, rounds: int) -> Found:
        """Search until the video is right, the rounds are spent, or nothing is left to try.

        Args:
            start: The user's own parameters.
            rounds: Previews at most, the first included; at least 1.

        Raises:
            LipwrightError: the first preview could not be made; the engine cannot be reached.
        """
        first = self._shoot(start, 1)
        judgement = self._judge(first.report)
        self._tried[repr(start)] = 1
        best = self._note(Round(1, start, "start", describe(first.report), trial=first, judgement=judgement))
        while True:
            if best.judgement is not None and best.judgement.tight:
                return self._found(best, "tight")
            if best.judgement is not None and best.judgement.beyond_settings:
                return self._found(best, "cannot be told")
            if len(self._rounds) >= rounds:
                return self._found(best, "rounds spent")
            proposal, skipped = self._next(best)
            if proposal is None:
                return self._found(best, "nothing left to try", skipped)
            problem, rule, parameters = proposal
            best = self._try(best, problem, rule, parameters, skipped)

    def _next(self, best: Round) -> tuple[tuple[Problem, Rule, Parameters] | None, tuple[Skipped, ...]]:
        """The first rule, of the first problem, that has something new to try."""
        skipped: dict[str, Skipped] = {}
        for problem in best.judgement.problems if best.judgement else ():
            for rule in self._rules.get(problem, ()):
                fresh = self._fresh(best.parameters, problem, rule)
                if isinstance(fresh, Parameters):
                    return (problem, rule, fresh), self._news(skipped.values())
                skipped.setdefault(rule.name, Skipped(rule, fresh.why))
        return None, tuple(skipped.values())

    def _news(self, skipped: Iterable[Skipped]) -> tuple[Skipped, ...]:
        """What was not said in an earlier round."""
        news = tuple(item for item in skipped if (item.rule.name, item.why) not in self._told)
        self._told |= {(item.rule.name, item.why) for item in news}
        return news

    def _fresh(self, now: Parameters, problem: Problem, rule: Rule) -> Parameters | Skip:
        """What the rule proposes and nobody has tried, or why there is none."""
        if rule.knob in self._situation.ignores:
            return Skip(f"inert: the {self._situation.engine} engine does not read it")
        closed = self._closed.get((rule.knob, None)) or self._closed.get((rule.knob, problem))
        if closed:
            return Skip(closed)
        proposals = rule.propose(now, self._situation)
        if isinstance(proposals, Skip):
            return proposals
        for parameters in proposals:
            if repr(parameters) not in self._tried:
                return parameters
        return Skip(f"tried in round {self._tried[repr(proposals[-1])]}")

    def _try(
        self,
        best: Round,
        problem: Problem,
        rule: Rule,
        parameters: Parameters,
        skipped: tuple[Skipped, ...],
    ) -> Round:
        """Render the proposal; the round that is the best one from now on."""
        number = len(self._rounds) + 1
        self._tried[repr(parameters)] = number
        change = difference(best.parameters, parameters)
        why = f"{_article(problem)}: {rule.does} ({change})"
        try:
            trial = self._shoot(parameters, number)
        except LipwrightError as error:
            gone = isinstance(error, Cancelled | EngineUnavailable | EngineTimedOut)
            if gone and not (isinstance(error, EngineUnavailable) and rule.optional):
                raise  # no fault of the setting: the next run goes on from here
            self._closed[rule.knob, None] = f"it failed in round {number}"
            reason = f"{why}. It failed: {error.message}; taken back"
            self._note(Round(number, parameters, "failed", reason, rule, change, skipped=skipped))
            return best
        judgement = self._judge(trial.report)
        decision, outcome = self._weigh(best, problem, rule, trial=trial, judgement=judgement, number=number)
        return self._note(
            Round(number, parameters, decision, f"{why}. {outcome}", rule, change, trial, judgement, skipped),
            unless_better=best,
        )

    def _weigh(
        self,
        best: Round,
        problem: Problem,
        rule: Rule,
        *,
        trial: Trial,
        judgement: Judgement,
        number: int,
    ) -> tuple[Decision, str]:
        """The decision on a change and the words for it; closes knobs that are of no use."""
        assert best.trial is not None and best.judgement is not None  # noqa: S101 - failed rounds are never the best
        now = describe(trial.report)
        if trial.fingerprint == best.trial.fingerprint:
            self._closed[rule.knob, None] = f"inert: in round {number} the video came out the same"
            return "inert", "The video came out the same: this does nothing here; taken back"
        gain = best.judgement.score - judgement.score
        if gain > MOVES:
            mended = problem not in judgement.problems
            return "kept", f"{'Mended' if mended else 'Better'}: {now}"
        moved = abs(gain) > MOVES or problem not in judgement.problems
        if not moved and rule.rung:
            return "kept", f"No better yet: {now}; kept, since causes add up"
        if moved and not rule.draws:
            self._closed[rule.knob, problem] = f"{rule.knob} made it worse in round {number}"
        elif isinstance(self._fresh(best.parameters, problem, rule), Skip):  # its last value
            self._closed[rule.knob, problem] = f"inert: {problem} did not move in round {number}"
        if moved:
            return "taken back", f"Worse: {now}; taken back"
        return ("taken back" if rule.draws else "inert"), f"It did not move: {now}; taken back"

    def _note(self, done: Round, unless_better: Round | None = None) -> Round:
        """Write a round down; the round that is the best one now."""
        self._rounds.append(done)
        self._on_round(done)
        if unless_better is None or done.decision == "kept":
            return done
        return unless_better

    def _found(self, best: Round, ending: Ending, skipped: tuple[Skipped, ...] = ()) -> Found:
        return Found(tuple(self._rounds), best, ending, skipped)


def _article(problem: Problem) -> str:
    """A problem as a sentence may begin with it."""
    words: Mapping[Problem, str] = {
        "no-face": "No face is seen",
        "static": "The face stands still",
        "inconclusive": "Whether it is in sync cannot be told",
        "drift": "Audio and lips drift apart",
        "audio-late": "The audio comes after the lips",
        "audio-early": "The lips come after the audio",
        "jumps": "The mouth jumps or frames repeat",
        "stiff": "The mouth is stiff",
    }
    return words[problem]
