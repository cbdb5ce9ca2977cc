"""Decide who is on screen: one shot per turn, which begins in the pause before the turn.

During a short interjection, the current speaker stays on screen. No shot is shorter than a second.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

from lipwright.dialogue.turns import Turn
from lipwright.domain.grid import cover_frames
from lipwright.domain.time import frames_to_seconds, round_half_up

MIN_SHOT_S = Fraction(1)
"""Minimum length of a shot in seconds. A shorter turn gets no shot of its own."""
SAME_TURN_GAP_S = Fraction(3, 5)
"""Two turns of the same person are joined if the gap between them is at most this long, in seconds."""
LEAD_S = Fraction(1, 5)
"""Time in seconds between a cut and the next person's first word. If the pause is shorter than twice this
time, the cut is in the middle of the pause."""
LEAD_FRAMES = 8
"""Number of frames that are sampled before a shot and not shown, because the first frames of an engine show
the unchanged image, with the face at rest."""


@dataclass(frozen=True, slots=True)
class ShotSpan:
    """One shot: a speaker and a range of frames of the video."""

    speaker: str
    first_frame: int
    end_frame: int
    """Index of the first frame after the shot."""

    @property
    def frames(self) -> int:
        """Number of frames that are shown."""
        return self.end_frame - self.first_frame

    @property
    def lead_frames(self) -> int:
        """Number of frames sampled before the shot and not shown."""
        return min(LEAD_FRAMES, self.first_frame)

    @property
    def sampled_frames(self) -> int:
        """Number of frames to sample: the lead and the shot, rounded up to 8n+1."""
        return cover_frames(self.lead_frames + self.frames)


def cut_shots(turns: Sequence[Turn], frames: int, frame_rate: Fraction) -> tuple[ShotSpan, ...]:
    """Divide a video into shots of its speakers; `turns` must be ordered by start time.

    Returns:
        Shots that cover all frames. Each is at least MIN_SHOT_S long, unless the video is shorter.
    """
    floor_turns = _who_has_the_floor(turns)
    cuts = [_cut_between(before, after, frame_rate) for before, after in pairwise(floor_turns)]
    edges = [0, *(min(max(cut, 0), frames) for cut in cuts), frames]
    shots = [
        ShotSpan(turn.speaker, start, end)
        for turn, (start, end) in zip(floor_turns, pairwise(edges), strict=True)
    ]
    return tuple(_without_short_ones(shots, ceil(MIN_SHOT_S * frame_rate)))


def _who_has_the_floor(turns: Sequence[Turn]) -> list[Turn]:
    """Return the turns to show: consecutive turns of one person are joined, and interjections are left out.

    A turn is an interjection if less than MIN_SHOT_S of it remains after the end of the previous shown turn.
    """
    joined: list[Turn] = []
    last: dict[str, int] = {}
    """Index in `joined` of each person's latest turn."""
    ends: dict[str, Fraction] = {}
    """For each person, the latest end of the turns that began before the current turn."""
    begun: deque[Turn] = deque()
    for turn in turns:
        while begun and begun[0].start < turn.start:
            earlier = begun.popleft()
            ends[earlier.speaker] = max(ends.get(earlier.speaker, earlier.end), earlier.end)
        begun.append(turn)
        at = last.get(turn.speaker)
        if at is not None and turn.start - joined[at].end <= SAME_TURN_GAP_S:
            same = joined[at]
            if not any(end > same.end for name, end in ends.items() if name != turn.speaker):
                joined[at] = replace(same, end=max(same.end, turn.end))
                continue
        last[turn.speaker] = len(joined)
        joined.append(turn)
    held: list[Turn] = []
    for turn in joined:
        if held and turn.speaker == held[-1].speaker:
            held[-1] = replace(held[-1], end=max(held[-1].end, turn.end))
        elif not held or turn.end - max(turn.start, held[-1].end) >= MIN_SHOT_S:
            held.append(turn)
    return held


def _cut_between(before: Turn, after: Turn, frame_rate: Fraction) -> int:
    """Return the first frame after the cut between two turns.

    The cut is in the pause between the turns. Without a pause, it is where the second turn begins.
    """
    pause = after.start - before.end
    if pause <= 0:
        return round_half_up(after.start * frame_rate)
    cut = round_half_up((after.start - min(pause / 2, LEAD_S)) * frame_rate)
    first, last = ceil(before.end * frame_rate), floor(after.start * frame_rate)
    return min(max(cut, first), last) if first <= last else cut


def _without_short_ones(shots: Sequence[ShotSpan], least: int) -> list[ShotSpan]:
    """Join consecutive shots of one speaker; merge each shot of less than `least` frames into a neighbor."""
    kept: list[ShotSpan] = []
    for shot in shots:
        if kept and (shot.frames < least or shot.speaker == kept[-1].speaker):
            kept[-1] = replace(kept[-1], end_frame=shot.end_frame)
        else:
            kept.append(shot)
    if len(kept) > 1 and kept[0].frames < least:
        kept[1] = replace(kept[1], first_frame=0)
        del kept[0]
    return kept


def shot_seconds(shot: ShotSpan, frame_rate: Fraction) -> tuple[Fraction, Fraction]:
    """Return the exact start and end of a shot, in seconds."""
    return frames_to_seconds(shot.first_frame, frame_rate), frames_to_seconds(shot.end_frame, frame_rate)
