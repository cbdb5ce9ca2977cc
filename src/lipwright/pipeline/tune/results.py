"""What happened in each round, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from lipwright.domain.sync import SyncReport
from lipwright.pipeline.tune.parameters import Parameters
from lipwright.pipeline.tune.rules import Rule
from lipwright.pipeline.tune.scoring import Judgement, measures_of

Decision = Literal["start", "kept", "taken back", "inert", "failed"]
"""start: the first round, with the user's own settings. inert: taken back, because the measure
did not move. failed: the engine refused or broke down with this setting; taken back."""

Ending = Literal["tight", "rounds spent", "nothing left to try", "cannot be told"]


@dataclass(frozen=True, slots=True)
class Trial:
    """A preview, rendered and measured."""

    video: Path
    fingerprint: str
    """SHA-256 of the video's file: equal where nothing moved at all."""
    report: SyncReport
    reused: bool = False
    """It lay there already, from a run that was interrupted."""
    html: Path | None = None
    """The report as a page."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A rule that was passed over, and why."""

    rule: Rule
    why: str

    def to_json(self) -> dict[str, str]:
        """rule, why."""
        return {"rule": self.rule.name, "why": self.why}


@dataclass(frozen=True, slots=True)
class Round:
    """One preview and what was made of it."""

    number: int
    """From 1."""
    parameters: Parameters
    decision: Decision
    reason: str
    """Why this was tried and what came of it, in a sentence."""
    rule: Rule | None = None
    """What was tried; None in the first round."""
    change: str = ""
    """The one change, such as "eta 0 -> 0.2"."""
    trial: Trial | None = None
    """None where it failed."""
    judgement: Judgement | None = None
    skipped: tuple[Skipped, ...] = ()
    """Rules passed over on the way to this one."""

    def to_json(self) -> dict[str, Any]:
        """One of `rounds`."""
        trial = self.trial
        return {
            "round": self.number,
            "rule": self.rule.name if self.rule else None,
            "change": self.change,
            "settings": self.parameters.to_json(),
            "measures": measures_of(trial.report) if trial else None,
            "problems": list(self.judgement.problems) if self.judgement else [],
            "score": round(self.judgement.score, 4) if self.judgement else None,
            "decision": self.decision,
            "reason": self.reason,
            "skipped": [skipped.to_json() for skipped in self.skipped],
            "preview": str(trial.video) if trial else None,
            "report": str(trial.html) if trial and trial.html else None,
            "reused": trial.reused if trial else False,
        }


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to."""

    rounds: tuple[Round, ...]
    best: Round
    """Whose parameters the video is made with."""
    ending: Ending
    skipped: tuple[Skipped, ...] = field(default=())
    """Rules passed over after the last round, where nothing was left to try."""
