"""How a mouth moves: how much, against how much it should; jumps; repeated frames; unrest in silence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.sync import MouthMeasures
from lipwright.domain.time import Span
from lipwright.sync.duplicate_frames import LOCAL, find_repeats
from lipwright.sync.mouth import MouthTrack, Watched
from lipwright.sync.offset import band_passed
from lipwright.sync.target_motion import Expectation

Floats = NDArray[np.float64]

NORMAL_RATIO = 0.062
"""Movement of the lips over what the audio asks for, as `_liveliness` has it, in which nobody misses
anything. Of 31 real speakers the calmest had 0.046, the median 0.068; mouths drawn with a quarter to a
third of a speaker's motion reach 0.029."""
STATIC_RATIO = 0.017
"""Of the same: below it, where the lips do not go with the audio either, nothing moves but the landmarks'
own unrest. Stills of faces of 100 pixels and more have up to 0.0096, of grain at 50 frames a second 0.0156;
mouths with a quarter of a speaker's motion 0.0116 and more, but nearly all of them go with it."""
STATIC_GAP = 0.0025
"""Deviation of the inner lips' distance in face heights, where nothing is expected or frames come slowly."""
SLOW_RATE_HZ = 12.0
"""Below it lips are seen too seldom to be followed through speech."""
QUIET_SECONDS, QUIET_EDGE_SECONDS = 0.4, 0.15
"""Silences shorter than the first are none; the lips may still settle for the second."""
SPOKEN = 0.15
"""Expected opening, as deviation, below which there is no speech to compare with."""

GLITCH, GLITCH_TIMES = 0.016, 4.0
"""How far the lips lie off the way from the frame before to the frame after, beyond half of that way
(mean over the lips, face heights), and times what they usually lie off it around. On 21 of 23 real videos
speech reached 0.014, on two with grimaces and a small face 0.024 amid much unrest."""
AWAY, AWAY_FRAMES = 0.035, 3
"""The same where the lips stay away for two frames or for so many, which they do in speech: on those real
videos up to 0.026."""
LEAP, SHIFT = 0.050, 0.070
"""How far the lips, as seen from eyes and nose, and the mouth in the image move from one frame to the
next and stay there, in face heights."""
BESIDE, NEAR = 3.0, 2.5
"""Times the movement in the frames beside it, and two frames away: what is fast all around is a gesture."""
ZOOM, ZOOM_STRAIGHT = 0.04, 0.7
"""Growth of the face over the video, and how straight (r squared) it grows, of a slow zoom. Heads that come
nearer by themselves reach 0.41 on 23 real videos, zooms of 6 % over a talking head 0.8."""


@dataclass(frozen=True, slots=True)
class Quality:
    """The mouth's measures and what goes beside them."""

    mouth: MouthMeasures
    static: bool
    """Nothing of the mouth moves, unless it goes with the audio."""
    frozen_image: bool
    """Hardly any frame differs from the one before."""
    zoom: float
    """Growth of a slow zoom, such as 0.1; 0 without one."""


def measure_mouth(
    track: MouthTrack, watched: Watched, expected: Expectation | None, offset_ms: float | None
) -> Quality:
    """Measure one person's mouth.

    Args:
        track: The mouth.
        watched: The whole video.
        expected: What the audio asks for; None without audio.
        offset_ms: How late the audio is; the expectation is moved by it.
    """
    seconds, gap = track.seconds, track.feature("gap")
    known = np.flatnonzero(track.seen)
    motion = float(gap[known].std()) if len(known) else 0.0
    lively = silence_motion = None
    if expected is not None and len(known) > 3:
        # At lag L the mouth at t goes with the audio at t + L.
        heard = seconds + (offset_ms or 0.0) / 1000
        spoken, quiet = _where(heard, expected.speech, track.seen)
        if watched.rate_hz >= SLOW_RATE_HZ:
            lively = _liveliness(track, expected, heard, spoken)
        if quiet.sum() >= 3 and spoken.sum() >= 3:
            loud = float(gap[spoken].std())
            silence_motion = float(gap[quiet].std()) / loud if loud > 0 else None
    frozen = len(watched.change) > 2 and float(np.quantile(watched.change[1:], 0.9)) < 0.05
    static = motion < STATIC_GAP if lively is None else lively < STATIC_RATIO
    repeats = find_repeats(track)
    measures = MouthMeasures(
        motion=motion,
        stiffness=None if lively is None else float(np.clip(1 - lively / NORMAL_RATIO, 0, 1)),
        silence_motion=silence_motion,
        jumps=find_jumps(track, watched.cuts, repeats),
        repeats=repeats,
    )
    return Quality(measures, static or frozen, frozen, _zoom(track))


def find_jumps(track: MouthTrack, cuts: tuple[int, ...], repeats: tuple[int, ...] = ()) -> tuple[int, ...]:
    """Frames at which the mouth is where no speech takes it.

    It, or the whole face, is elsewhere for one to three frames and then back, told by the first of
    them, or goes elsewhere in one step, from rest to rest.

    Args:
        track: The mouth.
        cuts: Frames at which a new shot begins: no jumps.
        repeats: Frames that show the one before: passed over, or what follows would be a step.
    """
    fresh = np.ones(len(track.seconds), bool)
    fresh[list(repeats)] = False
    number = np.flatnonzero(fresh)
    if len(number) < 5:
        return ()
    lips = track.lips[number].astype(np.float64)
    place = track.place[number].astype(np.float64) / (float(np.nanmedian(track.height)) or 1.0)
    step, moved = (_moves(points) for points in (lips, place[:, None]))
    found = _alone(step, LEAP) | _alone(moved, SHIFT)
    for count in range(1, AWAY_FRAMES + 1):
        least = GLITCH if count == 1 else AWAY
        away = _stands_out(lips, least, count) | _stands_out(place[:, None], SHIFT, count)
        found |= away
        found[count:] &= ~away[:-count]  # the way back is no second jump
    spoilt = np.zeros(len(fresh), bool)
    spoilt[number] = found
    # Where a face is found, or found again, its points still settle.
    for first in np.flatnonzero(track.seen & ~np.concatenate([[False], track.seen[:-1]])):
        spoilt[first : first + 3] = False
    for cut in cuts:  # a new shot is no jump
        spoilt[max(0, cut - 1) : cut + 2] = False
    size = np.zeros(len(fresh))
    size[number] = np.nan_to_num(step) + np.nan_to_num(moved)
    # What changes and changes back within two frames is no new shot but a frame gone wrong.
    flashes = {cut for cut in cuts if {cut + 1, cut + 2} & set(cuts) and cut - 1 not in cuts}
    return tuple(sorted(flashes | set(_peaks(spoilt, size))))


def _apart(a: Floats, b: Floats) -> Floats:
    """Mean distance of two shapes of the lips, shape (n,)."""
    return np.asarray(np.linalg.norm(a - b, axis=2).mean(1), np.float64)


def _moves(points: Floats) -> Floats:
    """How far points, shape (n, k, 2), move to each frame, shape (n,); NaN in the first."""
    return np.concatenate([[np.nan], _apart(points[1:], points[:-1])])


def _stands_out(points: Floats, least: float, count: int) -> NDArray[np.bool_]:
    """Where points, shape (n, k, 2), are away for so many frames: true at the first, shape (n,).

    Further than `least`, and by more than they usually lie off their way.
    """
    off, away = np.full((2, len(points)), np.nan)
    off[1:-1] = _apart(points[1:-1], (points[2:] + points[:-2]) / 2)
    before, after = points[: -count - 1], points[count + 1 :]
    middle, way = (before + after) / 2, _apart(after, before)
    frames = [_apart(points[k : len(points) - count - 1 + k], middle) for k in range(1, count + 1)]
    away[1:-count] = np.min(frames, axis=0) - way / 2
    out = np.zeros(len(away), bool)
    for i in np.flatnonzero(away > least):
        beyond = i + count + 1
        around = np.concatenate([off[max(0, i - LOCAL) : max(0, i - 1)], off[beyond : beyond + LOCAL - 1]])
        around = around[np.isfinite(around)]
        out[i] = len(around) >= 3 and away[i] > GLITCH_TIMES * float(np.median(around))
    return out


def _alone(moved: Floats, least: float) -> NDArray[np.bool_]:
    """Steps that are long, and longer by far than those before and after."""
    wide = np.pad(moved, 2, constant_values=np.nan)
    beside = np.maximum(wide[1:-3], wide[3:-1])
    near = np.fmax(wide[:-4], wide[4:])
    return (moved > least) & (moved > BESIDE * beside) & ~(moved <= NEAR * near)


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


def _liveliness(
    track: MouthTrack, expected: Expectation, heard: Floats, spoken: NDArray[np.bool_]
) -> float | None:
    """How much the lips open and widen, over how much the audio asks for; None where nobody speaks.

    The geometric mean of both ratios: a codec short of bits takes from the one or the other, and
    teeth in a smile move the inner lips and not these.

    Args:
        track: The mouth.
        expected: What the audio asks for.
        heard: The audio's instant of each frame, seconds.
        spoken: Frames in speech.
    """
    known = track.seen
    grid = np.arange(0, float(track.seconds[known][-1]) + 0.005, 0.01)
    if spoken.sum() < 5 or len(grid) < 50 or float(expected.opening.std()) < SPOKEN / 2:
        return None
    ratios = []
    for lips, curve in (("outer", expected.opening), ("corners", expected.width)):
        apart = band_passed(np.interp(grid, track.seconds[known], track.feature(lips)[known]))
        wanted = expected.at(band_passed(curve), heard[spoken]).std()
        if wanted > 0:
            ratios.append(np.interp(track.seconds[spoken], grid, apart).std() / wanted)
    return float(np.prod(ratios) ** (1 / len(ratios))) if ratios else None


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
