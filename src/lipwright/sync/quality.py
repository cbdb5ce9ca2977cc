"""How a mouth moves: how much, against how much it should; jumps; repeated frames; unrest in silence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.sync import MouthMeasures
from lipwright.domain.time import Span
from lipwright.sync.expectation import Expectation
from lipwright.sync.mouth import MouthTrack, Watched
from lipwright.sync.offset import band_passed

Floats = NDArray[np.float64]

NORMAL_RATIO = 0.09
"""Deviation of the lip gap (face heights) over that of the expected opening, both band-passed, in
lively speech. Five real speakers had 0.065 to 0.158."""
STATIC_RATIO = 0.02
"""Below this nothing moves but the landmarks' own unrest."""
STATIC_GAP = 0.0025
"""The same in face heights, where nothing is expected."""
QUIET_SECONDS, QUIET_EDGE_SECONDS = 0.4, 0.15
"""Silences shorter than the first are none; the lips may still settle for the second."""
SPOKEN = 0.15
"""Expected opening, as deviation, below which there is no speech to compare with."""

LOCAL = 8
"""Frames to either side that a frame is compared with."""
GLITCH, GLITCH_TIMES = 0.020, 5.0
"""How far the lips leave the line between their neighbours in time (mean over the lips, face heights),
and times the median around. Real speech at 25 frames a second reaches 0.028, where it is fast all around."""
LEAP, LEAP_TIMES = 0.065, 6.0
"""How far the lips move from one frame to the next, the same two."""
SHIFT, SHIFT_TIMES = 0.10, 8.0
"""How far the whole mouth moves in the picture, in face heights, the same two."""
REPEAT, REPEAT_SHARE = 0.3, 0.12
"""Change of grey level around the mouth below which a frame may be a repetition, and the share of what
is usual around it."""
MOVING = 0.8
"""Change around it from which a frame that does not change stands out."""
ZOOM, ZOOM_STRAIGHT = 0.04, 0.98
"""Growth of the face over the film, and how straight (r squared) it grows, of a slow zoom."""


@dataclass(frozen=True, slots=True)
class Quality:
    """The mouth's measures and what goes beside them."""

    mouth: MouthMeasures
    static: bool
    """Nothing of the mouth moves."""
    frozen_picture: bool
    """Hardly any frame differs from the one before."""
    zoom: float
    """Growth of a slow zoom, such as 0.1; 0 without one."""
    ratio: float | None
    """Deviation of the lip gap over that of the expected opening; None where nobody speaks."""


def measure_mouth(
    track: MouthTrack, watched: Watched, expected: Expectation | None, offset_ms: float | None
) -> Quality:
    """Measure one person's mouth.

    Args:
        track: The mouth.
        watched: The whole film.
        expected: What the sound asks for; None without sound.
        offset_ms: How late the sound is; the expectation is moved by it.
    """
    seconds, gap = track.seconds, track.feature("gap")
    known = np.flatnonzero(track.seen)
    motion = float(gap[known].std()) if len(known) else 0.0
    ratio = silence_motion = None
    if expected is not None and len(known) > 3:
        # At lag L the mouth at t goes with the sound at t + L.
        heard = seconds + (offset_ms or 0.0) / 1000
        spoken, quiet = _where(heard, expected.speech, track.seen)
        ratio = _ratio(track, expected, heard, spoken)
        if quiet.sum() >= 3 and spoken.sum() >= 3:
            loud = float(gap[spoken].std())
            silence_motion = float(gap[quiet].std()) / loud if loud > 0 else None
    stirred = track.stir[known[1:]] if len(known) > 1 else np.zeros(0)
    frozen = len(watched.change) > 2 and float(np.quantile(watched.change[1:], 0.9)) < 0.05
    static = motion < STATIC_GAP or (ratio is not None and ratio < STATIC_RATIO)
    usual = float(np.quantile(stirred, 0.75)) if len(stirred) else 0.0
    measures = MouthMeasures(
        motion=motion,
        stiffness=None if ratio is None else float(np.clip(1 - ratio / NORMAL_RATIO, 0, 1)),
        silence_motion=silence_motion,
        jumps=find_jumps(track, watched.cuts),
        repeats=find_repeats(track, watched) if usual >= MOVING else (),
    )
    return Quality(measures, static or frozen, frozen, _zoom(track), ratio)


def find_jumps(track: MouthTrack, cuts: tuple[int, ...]) -> tuple[int, ...]:
    """Frames at which the mouth is where no speech takes it, or the whole face leaps.

    A frame between two others whose lips leave the line between them, or a step that stays.
    """
    if len(track.seconds) < 5:
        return ()
    lips = track.lips.astype(np.float64)
    lag = np.linalg.norm(np.diff(lips, axis=0), axis=2).mean(1)
    step = np.concatenate([[np.nan], lag])
    bend = np.full(len(step), np.nan)
    bend[1:-1] = np.linalg.norm(lips[1:-1] - (lips[2:] + lips[:-2]) / 2, axis=2).mean(1)
    height = float(np.nanmedian(track.height)) or 1.0
    place = track.place.astype(np.float64) / height
    moved = np.full(len(step), np.nan)
    moved[1:] = np.linalg.norm(np.diff(place, axis=0), axis=1)
    found = (
        _stands_out(bend, GLITCH, GLITCH_TIMES)
        | _stands_out(step, LEAP, LEAP_TIMES)
        | _stands_out(moved, SHIFT, SHIFT_TIMES)
    )
    first = int(np.argmax(track.seen))
    found[first : first + 3] = False  # where a face is found, its points still settle
    for cut in cuts:  # a new shot is no jump
        found[max(0, cut - 1) : cut + 2] = False
    jumps = set(_peaks(found, np.nan_to_num(bend) + np.nan_to_num(step)))
    # What changes and changes back within two frames is no new shot but a frame gone wrong.
    flashes = {cut for cut in cuts if {cut + 1, cut + 2} & set(cuts) and cut - 1 not in cuts}
    return tuple(sorted(jumps | flashes))


def find_repeats(track: MouthTrack, watched: Watched) -> tuple[int, ...]:
    """Frames that show the one before once more while everything around moves."""
    stir = np.where(track.seen, track.stir, np.nan).astype(np.float64)
    stir[:1] = np.nan
    found = []
    for i in np.flatnonzero(stir < REPEAT).tolist():
        near = np.arange(max(1, i - LOCAL), min(len(stir), i + LOCAL + 1))
        around = stir[near[near != i]]
        around = around[np.isfinite(around)]
        if len(around) < 4:
            continue
        usual = float(np.median(around))
        beside = max((stir[j] for j in (i - 1, i + 1) if 0 < j < len(stir)), default=0.0)
        if usual >= MOVING and beside >= MOVING and stir[i] < REPEAT_SHARE * usual:
            found.append(i)
    return tuple(found)


def _stands_out(values: Floats, floor: float, times: float) -> NDArray[np.bool_]:
    """Where values pass a floor and so many times the median around them."""
    out = np.zeros(len(values), bool)
    for i in np.flatnonzero(values > floor):
        around = np.concatenate([values[max(0, i - LOCAL) : max(0, i - 1)], values[i + 2 : i + LOCAL + 1]])
        around = around[np.isfinite(around)]
        out[i] = len(around) >= 3 and values[i] > times * float(np.median(around))
    return out


def _peaks(found: NDArray[np.bool_], size: Floats) -> tuple[int, ...]:
    """One frame of each run: the one that moves most."""
    frames: list[int] = []
    run: list[int] = []
    for i in [*np.flatnonzero(found).tolist(), len(found) + 9]:
        if run and i > run[-1] + 1:
            frames.append(max(run, key=lambda j: float(size[j])))
            run = []
        run.append(i)
    return tuple(frames)


def _where(
    heard: Floats, speech: tuple[Span, ...], seen: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Frames in speech, and frames well inside silences."""
    spoken = np.zeros(len(heard), bool)
    for span in speech:
        spoken |= (heard >= span.start) & (heard < span.end)
    quiet = np.zeros(len(heard), bool)
    end = float(heard[-1]) if len(heard) else 0.0
    starts = [0.0, *(span.end for span in speech)]
    for start, stop in zip(starts, [*(span.start for span in speech), end], strict=True):
        if stop - start >= QUIET_SECONDS:
            quiet |= (heard >= start + QUIET_EDGE_SECONDS) & (heard < stop - QUIET_EDGE_SECONDS)
    return spoken & seen, quiet & seen


def _ratio(
    track: MouthTrack, expected: Expectation, heard: Floats, spoken: NDArray[np.bool_]
) -> float | None:
    if spoken.sum() < 5:
        return None
    opening = expected.opening
    if float(opening.std()) < SPOKEN / 2:
        return None
    known = track.seen
    grid = np.arange(0, float(track.seconds[known][-1]) + 0.005, 0.01)
    if len(grid) < 50:
        return None
    gap = band_passed(np.interp(grid, track.seconds[known], track.feature("gap")[known]))
    measured = np.interp(track.seconds[spoken], grid, gap).std()
    wanted = expected.at(band_passed(opening), heard[spoken]).std()
    return float(measured / wanted) if wanted > 0 else None


def _zoom(track: MouthTrack) -> float:
    """Growth of the face where it grows, or shrinks, in a straight line."""
    heights = track.height[track.seen].astype(np.float64)
    if len(heights) < 25:
        return 0.0
    at = np.linspace(0, 1, len(heights))
    slope, start = np.polyfit(at, heights, 1)
    scatter = float(
        ((heights - start - slope * at) ** 2).sum() / max(((heights - heights.mean()) ** 2).sum(), 1e-9)
    )
    growth = float(slope / max(start, 1.0))
    return growth if abs(growth) > ZOOM and 1 - scatter > ZOOM_STRAIGHT else 0.0
