"""Long pauses made short, in driver and master alike, to the sample.

An edit list, as video cutters know it: each entry is a stretch that was kept, with where it lies in the
recording and where it lies in the result. Cuts fall on instants that are whole samples at both
rates, so that both sounds lose exactly the same time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.speech import find_silences
from lipwright.domain.time import Span

LONG_PAUSE_S = 2.0
"""The guide: gaps longer than 2 s can cost the sync."""
KEPT_PAUSE_S = 0.8
"""The guide: the model can handle brief pauses (0.5 to 1 s)."""
CROSSFADE_S = 0.01


@dataclass(frozen=True, slots=True)
class Edit:
    """A stretch that was kept: [master_start, master_end) is heard at [driver_start, driver_end)."""

    master_start: Fraction
    master_end: Fraction
    driver_start: Fraction
    driver_end: Fraction

    def to_json(self) -> list[float]:
        """Four times in seconds."""
        return [float(t) for t in (self.master_start, self.master_end, self.driver_start, self.driver_end)]


def plan_edits(speech: Sequence[Span], seconds: Fraction, *rates_hz: int) -> tuple[Edit, ...]:
    """Shorten every pause over 2 s to 0.8 s, edges included.

    Args:
        speech: Where somebody speaks, in seconds.
        seconds: Length of the recording, exact.
        rates_hz: Rates at which the cuts must be whole samples.

    Returns:
        The stretches kept, in order; empty where no pause is that long, or nobody speaks.
    """
    if not speech:
        return ()
    grid = Fraction(1, gcd(*rates_hz))
    cuts: list[tuple[Fraction, Fraction]] = []
    for pause in find_silences(speech, float(seconds), LONG_PAUSE_S):
        # Half of what is kept stays on either side; at an edge all of it lies next to the word.
        at_start, at_end = pause.start <= 0, pause.end >= float(seconds)
        before = 0.0 if at_start else KEPT_PAUSE_S if at_end else KEPT_PAUSE_S / 2
        after = KEPT_PAUSE_S if at_start else 0.0 if at_end else KEPT_PAUSE_S / 2
        start = _on(grid, pause.start + before, up=True) if not at_start else Fraction(0)
        end = seconds if at_end else _on(grid, pause.end - after, up=False)
        if end > start:
            cuts.append((start, end))
    if not cuts:
        return ()
    edits, at, now = [], Fraction(0), Fraction(0)
    for start, end in [*cuts, (seconds, seconds)]:
        if start > at:
            edits.append(Edit(at, start, now, now + start - at))
            now += start - at
        at = end
    return tuple(edits)


def shorten_in_place(samples: NDArray[np.float32], edits: Sequence[Edit], rate_hz: int) -> int:
    """Move what is kept together, crossfaded over 10 ms at each joint.

    Args:
        samples: Shape (n,); changed.
        edits: As plan_edits gives them.
        rate_hz: Rate of the samples.

    Returns:
        How many samples are left at the start of `samples`.
    """
    fade = round(CROSSFADE_S * rate_hz)
    at = 0
    for number, edit in enumerate(edits):
        start = round(edit.master_start * rate_hz)
        end = (
            len(samples)
            if number + 1 == len(edits) and _is_last(edit, len(samples), rate_hz)
            else round(edit.master_end * rate_hz)
        )
        end = min(end, len(samples))
        if number and fade <= at and fade <= start:
            rise = crossfade(fade)
            ahead = samples[start - fade : start] * rise
            samples[at - fade : at] = samples[at - fade : at] * rise[::-1] + ahead
        samples[at : at + end - start] = samples[start:end]
        at += end - start
    return at


def crossfade(length: int) -> NDArray[np.float32]:
    """Gains of what comes up, shape (length,); reversed, of what goes down. Room tones add in power."""
    return np.sin(np.pi / 2 * (np.arange(length) + 0.5) / max(1, length)).astype(np.float32)


def to_driver_time(speech: Sequence[Span], edits: Sequence[Edit]) -> tuple[Span, ...]:
    """Spans of the recording as they lie after the edits; no cut goes through speech."""
    moved = []
    for span in speech:
        for edit in edits:
            if float(edit.master_start) <= span.start < float(edit.master_end):
                shift = float(edit.driver_start - edit.master_start)
                moved.append(Span(max(0.0, span.start + shift), span.end + shift))
                break
    return tuple(moved)


def edited_seconds(edits: Sequence[Edit]) -> Fraction:
    """Length of the result."""
    return edits[-1].driver_end


def _on(grid: Fraction, seconds: float, *, up: bool) -> Fraction:
    steps = Fraction(seconds) / grid
    return -(-steps // 1) * grid if up else steps // 1 * grid


def _is_last(edit: Edit, length: int, rate_hz: int) -> bool:
    """True where the stretch runs to the end of the audio, which need not be a whole sample here."""
    return abs(edit.master_end * rate_hz - length) < 1
