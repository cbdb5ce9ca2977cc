"""Turns: who speaks from when to when, in exact seconds of the recording."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from lipwright.dialogue import findings
from lipwright.domain.finding import Finding
from lipwright.domain.spans import clip_spans, merge_spans, subtract_spans
from lipwright.domain.text import first_lines
from lipwright.domain.time import Span
from lipwright.errors import InputError

MAX_PROBLEMS = 1000
"""Number of invalid lines after which the rest of a table is not read."""
END_SLACK_S = Fraction(1, 10)
"""Maximum time in seconds by which a turn may extend beyond the end of the recording, because of rounding.
The turn is shortened to end with the recording."""
MIN_HOLE_S = 0.4
"""Speech outside all turns is reported if it lasts at least this many seconds. Shorter speech is
not reported, because the start or end of a turn may be inexact."""
MIN_SPOKEN_SHARE = 0.1
"""Minimum share of a turn in which somebody speaks; a turn with less speech is reported."""
MAX_PLACES = 50
"""Maximum number of findings of one type."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A span of time in which one person speaks."""

    speaker: str
    start: Fraction
    """Start in seconds of the recording."""
    end: Fraction
    line: int = 0
    """Line of the turn in its table, counted from 1; 0 if the turn was found by `turns_by_channel`."""

    @property
    def span(self) -> Span:
        """Start and end in seconds, as floating-point numbers."""
        return Span(float(self.start), float(self.end))

    def to_json(self) -> dict[str, Any]:
        """Return the turn as an entry of the manifest's `turns`."""
        return {"speaker": self.speaker, "start": float(self.start), "end": float(self.end)}


@dataclass(frozen=True, slots=True)
class LineProblem:
    """A problem with one line of a table of turns."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}"


def refuse(name: str, problems: Sequence[LineProblem], hint: str) -> None:
    """Raise one error that lists all invalid lines; do nothing if there are none.

    Raises:
        InputError: `problems` is not empty.
    """
    if not problems:
        return
    in_order = sorted(problems, key=lambda one: one.line)
    lines = "1 line is wrong" if len(problems) == 1 else f"{len(problems)} lines are wrong"
    if len(problems) >= MAX_PROBLEMS:
        lines = f"at least {lines}"
    raise InputError(f"{name}: {lines}", hint=hint, details=first_lines(in_order))


def fit_to_recording(
    turns: Sequence[Turn], speakers: Sequence[str], seconds: Fraction, name: str
) -> tuple[Turn, ...]:
    """Check the turns of a table against the length of the recording and the names of the speakers.

    Returns:
        The turns in the order of their start, with names spelled as in `speakers`.

    Raises:
        InputError: a turn lies beyond the end of the recording, does not end after its start, or has an
            unknown speaker; or there are no turns.
    """
    known = {speaker.casefold(): speaker for speaker in speakers}
    problems: list[LineProblem] = []
    kept: list[Turn] = []
    for turn in turns:
        speaker = known.get(turn.speaker.casefold())
        if speaker is None:
            known_names = ", ".join(speakers)
            problems.append(
                LineProblem(turn.line, f"{turn.speaker!r} is not one of the speakers {known_names}")
            )
        elif turn.start < 0 or turn.end <= turn.start:
            times = f"{float(turn.start):g} to {float(turn.end):g} s"
            problems.append(
                LineProblem(
                    turn.line,
                    f"a turn must start at 0 or later and end after its start; its times are {times}",
                )
            )
        elif turn.start >= seconds or turn.end > seconds + END_SLACK_S:
            where = "begins" if turn.start >= seconds else "ends"
            at = float(turn.start if turn.start >= seconds else turn.end)
            problems.append(
                LineProblem(
                    turn.line, f"{where} at {at:.2f} s, but the recording ends at {float(seconds):.2f} s"
                )
            )
        else:
            kept.append(replace(turn, speaker=speaker, end=min(turn.end, seconds)))
    refuse(
        name,
        problems,
        "correct the turns: each must lie within the recording, and name a speaker given by --speaker "
        "NAME=IMAGE",
    )
    if not kept:
        raise InputError(f"{name} contains no turns", hint="write one line per turn: start, end, speaker")
    return tuple(sorted(kept, key=lambda turn: (turn.start, turn.end)))


def find_mismatches(
    turns: Sequence[Turn], speakers: Sequence[str], speech: Sequence[Span]
) -> Iterator[Finding]:
    """Report speech without a turn, turns without speech, and speakers without a turn."""
    covered = merge_spans([turn.span for turn in turns])
    holes = [hole for hole in subtract_spans(speech, covered) if hole.seconds >= MIN_HOLE_S]
    for hole in holes[:MAX_PLACES]:
        yield findings.SPEECH_OF_NOBODY(
            where={"start": hole.start, "end": hole.end}, start=hole.start, end=hole.end
        )
    silent = 0
    for turn in turns:
        spoken = sum(part.seconds for part in clip_spans(speech, turn.span))
        if spoken >= MIN_SPOKEN_SHARE * turn.span.seconds or silent == MAX_PLACES:
            continue
        silent += 1
        yield findings.TURN_WITHOUT_SPEECH(
            where={"start": turn.span.start, "end": turn.span.end},
            place=f"line {turn.line}" if turn.line else f"at {turn.span.start:.2f} s",
            speaker=turn.speaker,
        )
    for speaker in speakers:
        if not any(turn.speaker == speaker for turn in turns):
            yield findings.SPEAKER_WITHOUT_TURN(speaker=speaker)
