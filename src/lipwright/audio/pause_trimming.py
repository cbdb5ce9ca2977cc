"""Shorten long pauses in the driver (which the model hears) and the master (the recording) identically.

The result is an edit list: each entry is a section that is kept, with its position in the recording and in
the shortened audio. Every cut is at a time that is a whole number of samples at both sample rates, so that
driver and master lose exactly the same time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.frame_features import mean_squares
from lipwright.audio.speech import find_silences
from lipwright.domain.time import Span

LONG_PAUSE_S = 2.0
"""Length above which a pause is shortened: longer pauses can spoil the sync (rule AUDIO-6)."""
LOUD_PAUSE_DB = 10.0
"""A pause must be at least this many dB below the loudest speech; louder sections are music or another
voice."""
KEPT_PAUSE_S = 0.8
"""Length to which pauses are shortened: the model handles pauses of 0.5 to 1 s well (rule AUDIO-6)."""
CROSSFADE_S = 0.01


@dataclass(frozen=True, slots=True)
class Edit:
    """A section of the recording that is kept when pauses are shortened; all times are in seconds.

    [master_start, master_end) of the recording becomes [driver_start, driver_end) of the shortened audio.
    """

    master_start: Fraction
    master_end: Fraction
    driver_start: Fraction
    driver_end: Fraction

    def to_json(self) -> list[float]:
        """Return the four times in seconds."""
        return [float(t) for t in (self.master_start, self.master_end, self.driver_start, self.driver_end)]


def find_long_pauses(
    samples: NDArray[np.float32], rate_hz: int, speech: Sequence[Span], seconds: float
) -> tuple[Span, ...]:
    """Find pauses of more than 2 s within the first `seconds` of audio of shape (n,).

    Silence before the first word and after the last word counts too. Sections without speech that are about
    as loud as the speech, such as music, are not pauses. If nobody speaks, there are no pauses.
    """
    if not speech:
        return ()
    loudest = max(_median_power(samples, rate_hz, span) for span in speech)
    limit = loudest * 10 ** (-LOUD_PAUSE_DB / 10)
    silences = find_silences(speech, seconds, LONG_PAUSE_S)
    return tuple(span for span in silences if _median_power(samples, rate_hz, span) <= limit)


def _median_power(samples: NDArray[np.float32], rate_hz: int, span: Span) -> float:
    """Return the median power of a span: the median of the mean squares of its 10 ms steps."""
    power = mean_squares(samples[round(span.start * rate_hz) : round(span.end * rate_hz)], rate_hz // 100)
    return float(np.median(power)) if len(power) else 0.0


def plan_edits(pauses: Sequence[Span], seconds: Fraction, *rates_hz: int) -> tuple[Edit, ...]:
    """Plan to shorten long pauses to 0.8 s.

    Args:
        pauses: Result of `find_long_pauses`, in seconds.
        seconds: Length of the recording, exact.
        rates_hz: Sample rates at which every cut must be at a whole sample.

    Returns:
        The sections that are kept, in order; empty if no pause is long enough.
    """
    grid = Fraction(1, gcd(*rates_hz))
    cuts: list[tuple[Fraction, Fraction]] = []
    for pause in pauses:
        # Half of the kept pause stays on each side; at the ends of the recording, all of it stays next to the
        # word.
        at_start, at_end = pause.start <= 0, pause.end >= float(seconds)
        before = 0.0 if at_start else KEPT_PAUSE_S if at_end else KEPT_PAUSE_S / 2
        after = KEPT_PAUSE_S if at_start else 0.0 if at_end else KEPT_PAUSE_S / 2
        start = _on_grid(grid, pause.start + before, up=True) if not at_start else Fraction(0)
        end = seconds if at_end else _on_grid(grid, pause.end - after, up=False)
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
    """Join the kept sections of audio of shape (n,) in place, with crossfades of 10 ms.

    Returns:
        Length of the joined audio, which is at the start of `samples`.
    """
    fade = round(CROSSFADE_S * rate_hz)
    rise = np.sin(np.pi / 2 * (np.arange(fade) + 0.5) / max(1, fade)).astype(np.float32)
    at = 0
    for number, edit in enumerate(edits):
        start, end = round(edit.master_start * rate_hz), round(edit.master_end * rate_hz)
        if number + 1 == len(edits) and abs(edit.master_end * rate_hz - len(samples)) < 1:
            end = len(samples)  # the end of the recording may not be a whole sample at this rate
        end = min(end, len(samples))
        if number and fade <= at and fade <= start:
            # The powers of unrelated room tones add up.
            samples[at - fade : at] = (
                samples[at - fade : at] * rise[::-1] + samples[start - fade : start] * rise
            )
        samples[at : at + end - start] = samples[start:end]
        at += end - start
    return at


def to_driver_time(speech: Sequence[Span], edits: Sequence[Edit]) -> tuple[Span, ...]:
    """Map spans of speech from the recording to the edited audio; no cut lies within speech."""
    moved = []
    for span in speech:
        for edit in edits:
            if float(edit.master_start) <= span.start < float(edit.master_end):
                shift = float(edit.driver_start - edit.master_start)
                moved.append(Span(max(0.0, span.start + shift), span.end + shift))
                break
    return tuple(moved)


def edited_seconds(edits: Sequence[Edit]) -> Fraction:
    """Return the length of the edited audio, in seconds."""
    return edits[-1].driver_end


def _on_grid(grid: Fraction, seconds: float, *, up: bool) -> Fraction:
    steps = Fraction(seconds) / grid
    return -(-steps // 1) * grid if up else steps // 1 * grid
