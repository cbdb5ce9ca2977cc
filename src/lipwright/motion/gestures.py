"""Add gestures of head, brows, lids, eyes and chest that follow the prosody of the speech.

The diffusion model generates the motion of the mouth, and some motion of head and brows. The gestures that
this module adds follow the rhythm of the speech, not its phones: nods and brow raises accompany stressed
syllables and pitch accents, the head takes a new posture at the start of a phrase, the eyes blink and look
away at its end, and the chest rises in pauses. All randomness comes from a generator that the caller seeds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.motion import CHANNEL, CHANNELS, Motion
from lipwright.motion.speech_rhythm import SpeechRhythm

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class GestureStyle:
    """Size and frequency of the gestures of one style of delivery."""

    mouth: float = 1.0
    """Factor on the opening of the mouth."""
    head: float = 1.0
    """Factor on head posture and nods."""
    brow: float = 1.0
    """Factor on brow raises."""
    blinks_per_minute: float = 20.0


GESTURE_STYLES = {
    "neutral": GestureStyle(),
    "calm": GestureStyle(mouth=0.85, head=0.62, brow=0.6, blinks_per_minute=16),
    "lively": GestureStyle(mouth=1.15, head=1.4, brow=1.4, blinks_per_minute=23),
    "urgent": GestureStyle(mouth=1.15, head=1.25, brow=1.3, blinks_per_minute=26),
    "warm": GestureStyle(mouth=1.0, head=1.0, brow=1.0, blinks_per_minute=19),
    "serious": GestureStyle(mouth=0.95, head=0.75, brow=0.5, blinks_per_minute=15),
}


@dataclass(frozen=True, slots=True)
class GestureSizes:
    """Amplitudes and timing of gestures of normal size, fitted to the head motion of two real speakers.

    The head angles of the two speakers had standard deviations of 4.5 and 9.5 degrees in yaw, 4.4 and 7.7
    degrees in pitch, and 3.2 degrees in roll. In a video that is animated from a still image, the head moves
    about two thirds as far as the head of the calmer speaker.
    """

    posture_rad: tuple[float, float, float] = (0.150, 0.086, 0.050)
    """Standard deviation of head postures: yaw, pitch, roll. The head in the animated image seems to turn by
    only about half of this angle."""
    model_head: float = 0.8
    """Factor on the head motion that the diffusion model generates. The scaled motion is added to the
    postures."""
    nod_rad: float = 0.042
    """Depth of the nod on a strong accent."""
    phrase_rad: float = 0.022
    """Angle by which the head is raised at the start of a phrase and lowered at its end, relative to the
    current posture."""
    posture_seconds: tuple[float, float] = (0.55, 1.4)
    """Minimum and approximate maximum time for which the head keeps one posture. If there is a
    phrase start or a strong accent between the two times, the posture changes then; otherwise it changes at
    the maximum."""
    tempo: float = 0.2
    """Standard deviation of ln(f), where f is a random factor on `posture_seconds` that is drawn once per
    video."""
    first_posture_seconds: tuple[float, float] = (0.1, 0.8)
    """Range of the time at which the head first leaves the posture of the image."""
    brow: float = 0.75
    """Brow raise on a strong accent, in units of browInnerUp."""
    stress_opening: float = 0.30
    """Relative increase of the mouth opening on the strongest accent."""
    usual_jaw: float = 0.60
    """95th percentile of jawOpen in languages that the model predicts well. In other languages the percentile
    is as low as 0.35, because an uncertain model predicts averages."""
    widening_exponent: float = 0.6
    """Exponent in the factor (usual_jaw / p) ** widening_exponent on the motion of the jaw, where p is the
    95th percentile of a recording's jawOpen. 0 changes nothing; 1 raises p to `usual_jaw`."""
    max_widening: float = 1.35
    """Maximum of the factor that `widening_exponent` gives; the minimum is 1."""
    gaze_rad: tuple[float, float] = (0.12, 0.06)
    """Standard deviation of the angle between gaze and camera while the eyes look away: horizontal,
    vertical."""
    gaze_compensation_share: float = 0.8
    """Share of a head turn for which the eyes compensate, so that the gaze stays on the camera."""
    look_share: float = 0.45
    """Probability that the eyes leave the camera with their next jump, if they look at the camera now. Near
    the end of a phrase the probability is higher. Eyes that look elsewhere always jump back to the camera."""
    ramp_seconds: float = 0.6
    """Time in which gestures grow to full size when the face begins to move, and in which they fade before
    the face stops moving."""


SIZES = GestureSizes()


@dataclass(frozen=True, slots=True)
class BlinkTiming:
    """Timing of blinks, in seconds (Bentivoglio et al. 1997; Evinger et al. 1991)."""

    closing: float = 0.09
    closed: float = 0.035
    opening: float = 0.20
    min_interval: float = 0.9
    max_interval: float = 4.0
    rates_per_minute: tuple[float, float] = (12.0, 30.0)
    """Minimum and maximum rate of blinks. Even a short video has one blink, if there is time for it."""
    quiet_end: float = 0.3
    """Time before the end of the motion in which there are no blinks."""
    reach: float = 0.9
    """Maximum time by which a blink is moved so that it is at the end of a phrase."""


BLINK = BlinkTiming()


def add_gestures(
    motion: Motion,
    rhythm: SpeechRhythm,
    *,
    style: str,
    expression: float,
    rng: np.random.Generator,
) -> Motion:
    """Return the motion of the diffusion model with gestures added.

    Before the first frame with motion and after the last such frame, the face stays at rest. Gestures grow to
    full size from the first frame with motion. If the face is at rest at the end of the video, gestures fade
    before the last frame with motion.

    Args:
        motion: Motion from the diffusion model; its blinks are replaced.
        rhythm: Rhythm of the speech in the audio.
        style: Name of the style of delivery, a key of GESTURE_STYLES.
        expression: Factor on the size of all gestures; 1 is a normal speaker.
        rng: Source of randomness.
    """
    extra = np.zeros((len(motion.values), len(CHANNELS) - motion.values.shape[1]), np.float32)
    values = np.hstack([motion.values, extra])
    moving = np.flatnonzero(np.abs(motion.values).max(1) > 0)
    if not len(moving):
        return Motion(values, motion.frame_rate)
    rate = float(motion.frame_rate)
    at = np.arange(len(values)) / rate
    start, end = at[moving[0]], at[moving[-1]]
    manner = GESTURE_STYLES[style]
    fade = np.clip((at - start) / SIZES.ramp_seconds, 0, 1)
    if moving[-1] < len(values) - 1:  # the motion ends at rest
        fade = np.minimum(fade, np.clip((end - at) / SIZES.ramp_seconds, 0, 1))
    fade = fade * fade * (3 - 2 * fade)
    head = manner.head * expression
    posture = _postures(at, rhythm, rng) * SIZES.posture_rad
    nods = _nods(at, rhythm, rng)
    turns = head * (posture + nods)
    for column, name in enumerate(("headYaw", "headPitch", "headRoll")):
        channel = CHANNEL[name]
        values[:, channel] = SIZES.model_head * expression * values[:, channel] + fade * turns[:, column]
    brow = manner.brow * expression * _brows(at, rhythm, rng)
    values[:, CHANNEL["browInnerUp"]] = np.clip(
        0.7 * values[:, CHANNEL["browInnerUp"]] + fade * brow, -0.3, 1.3
    )
    _open_wider(values, at, rhythm, manner.mouth * expression**0.4)
    first = start + 0.3 + BLINK.closing
    # Blinks are moved by at most half a frame, so that the lids are fully closed on a frame.
    last = end - BLINK.quiet_end - BLINK.closed - _opening_seconds(rate) - 0.5 / rate
    blinks = _blink_instants(rhythm, first, last, manner.blinks_per_minute, rng)
    blinks = _at_human_rate(blinks, first, last, end - start, rng)
    values[:, CHANNEL["eyeBlink"]] = _lids(at, rate, blinks)
    gaze = _gaze(at, rhythm, blinks, rng) * fade[:, None]
    turned = values[:, [CHANNEL["headYaw"], CHANNEL["headPitch"]]]
    eyes = gaze * min(expression, 1.2) - SIZES.gaze_compensation_share * turned * fade[:, None]
    values[:, [CHANNEL["gazeYaw"], CHANNEL["gazePitch"]]] = eyes
    values[:, CHANNEL["breath"]] = fade * _breath(at, rhythm)
    resting = np.ones(len(values), bool)
    resting[moving[0] : moving[-1] + 1] = False
    values[resting] = 0
    return Motion(values.astype(np.float32), motion.frame_rate)


def _glide(at: Floats, times: Sequence[float], levels: Floats, durations: Sequence[float]) -> Floats:
    """Return a path through the given levels: minimum-jerk moves, with a constant level between two moves.

    Args:
        at: Times of the path's rows, in seconds, shape (n,).
        times: Time at which the move to each level begins, in seconds.
        levels: Levels, shape (levels, columns). The path begins at 0.
        durations: Duration of the move to each level, in seconds.

    Returns:
        Shape (n, columns).
    """
    path, reached = np.zeros((2, len(at), levels.shape[1]))
    before = np.zeros(levels.shape[1])
    for time, level, duration in zip(times, levels, durations, strict=True):
        moving = _between(at, time, time + duration)
        t = ((at[moving] - time) / duration)[:, None]
        path[moving] += (level - before) * (t**3 * (10 - 15 * t + 6 * t**2))
        if moving.stop < len(at):
            reached[moving.stop] += level - before
        before = level
    return np.asarray(path + reached.cumsum(0))


def _between(at: Floats, start: float, end: float) -> slice:
    """Return the slice of `at` that contains the times in [start, end)."""
    first, last = np.searchsorted(at, (start, end))
    return slice(int(first), int(last))


def _postures(at: Floats, rhythm: SpeechRhythm, rng: np.random.Generator) -> Floats:
    """Return head postures in units of their standard deviation, shape (n, 3): yaw, pitch, roll.

    A posture is held until a phrase or an accent changes it.
    """
    tempo = float(np.exp(SIZES.tempo * np.clip(rng.standard_normal(), -1.5, 1.5)))
    shortest, longest = (tempo * seconds for seconds in SIZES.posture_seconds)
    times = [float(rng.uniform(*SIZES.first_posture_seconds))]
    changes = sorted(
        [start - 0.15 for start, _ in rhythm.phrases]
        + [a for a, s in zip(rhythm.accents, rhythm.strengths, strict=True) if s > 0.6]
    )
    while times[-1] < at[-1]:
        least, most = times[-1] + shortest, times[-1] + longest * rng.uniform(0.75, 1.25)
        due = [change for change in changes if least <= change <= most]
        times.append(due[int(rng.integers(len(due)))] if due else most)
    levels = np.zeros((len(times), 3))
    for i in range(len(times)):
        drawn = np.clip(rng.standard_normal(3), -1.7, 1.7)
        levels[i] = drawn * 1.1 - 0.5 * (levels[i - 1] if i else 0)
    # A head tilts toward the side to which it turns.
    levels[:, 2] = 0.8 * levels[:, 2] + 0.5 * levels[:, 0]
    sizes = np.abs(np.diff(np.vstack([np.zeros(3), levels]), axis=0)).max(1)
    return _glide(at, times, levels, 0.4 + 0.22 * sizes)


def _nods(at: Floats, rhythm: SpeechRhythm, rng: np.random.Generator) -> Floats:
    """Return the head rotation of nods, shape (n, 3), in radians: yaw, pitch, roll.

    The head nods on accents, sometimes with a turn or a tilt, and sinks slowly during each phrase.
    """
    path = np.zeros((len(at), 3))
    for accent, strength in zip(rhythm.accents, rhythm.strengths, strict=True):
        size = SIZES.nod_rad * strength * rng.uniform(0.5, 1.15)
        rows, beat = _beat(at, accent + 0.04, 0.13, 0.30)
        path[rows, 1] += size * beat * (1 if rng.random() < 0.85 else -0.7)
        if rng.random() < 0.4:
            path[rows, int(rng.choice([0, 2]))] += rng.choice([-0.6, 0.6]) * size * beat
    for start, end in rhythm.phrases:
        rows = _between(at, start, end + 0.5)
        inside = np.clip((at[rows] - start) / max(end - start, 0.4), 0, 1)
        after = np.clip((at[rows] - end) / 0.5, 0, 1)
        path[rows, 1] += SIZES.phrase_rad * (2 * inside - 1) * (1 - after)
    width = max(1, round(0.12 / max(at[1] - at[0], 1e-3))) if len(at) > 1 else 1
    kernel = np.hanning(width + 2)[1:-1]
    kernel /= kernel.sum()
    padded = np.pad(path, ((width // 2, width - 1 - width // 2), (0, 0)), "edge")
    return np.stack([np.convolve(column, kernel, "valid") for column in padded.T], 1)


def _beat(at: Floats, peak: float, rise: float, fall: float) -> tuple[slice, Floats]:
    """Return the slice of `at` that a smooth pulse covers, and the values of the pulse in this slice.

    The pulse rises from 0 to 1 in the `rise` seconds before time `peak`, and falls to 0 in the `fall` seconds
    after it.
    """
    rows = _between(at, peak - rise, peak + fall)
    t = at[rows] - peak
    return rows, np.asarray(0.5 + 0.5 * np.cos(np.pi * t / np.where(t < 0, rise, fall)))


def _brows(at: Floats, rhythm: SpeechRhythm, rng: np.random.Generator) -> Floats:
    """Return the brow raise at each time in `at`, in units of browInnerUp.

    The brows rise on some accents, mostly those with a high pitch, and sometimes stay raised for a moment.
    """
    path = np.zeros(len(at))
    for accent, strength, lift in zip(rhythm.accents, rhythm.strengths, rhythm.pitch_lift, strict=True):
        if rng.random() < 0.15 + 0.55 * lift + 0.25 * (strength > 0.75):
            size = SIZES.brow * (0.35 + 0.4 * strength + 0.4 * lift) * rng.uniform(0.6, 1.1)
            held = rng.uniform(0.0, 0.25)
            for rows, pulse in (_beat(at, accent, 0.2, 0.45), _beat(at, accent + held, 0.2, 0.5)):
                path[rows] = np.maximum(path[rows], size * pulse)
    return path


def _open_wider(values: NDArray[np.float32], at: Floats, rhythm: SpeechRhythm, factor: float) -> None:
    """Multiply the mouth motion in `values` by `factor`, in place; open the mouth wider on accents.

    On accents, the lips also show more teeth. If the jaw moves less than usual throughout, its motion is
    enlarged (see `GestureSizes.widening_exponent`).
    """
    stress = np.zeros(len(at))
    for accent, strength in zip(rhythm.accents, rhythm.strengths, strict=True):
        rows, pulse = _beat(at, accent, 0.16, 0.2)
        stress[rows] = np.maximum(stress[rows], strength * pulse)
    jaw = values[:, CHANNEL["jawOpen"]]
    talking = jaw[jaw > 0.05 * max(float(jaw.max()), 1e-6)]
    widest = float(np.percentile(talking, 95)) if len(talking) else SIZES.usual_jaw
    widening = float(np.clip((SIZES.usual_jaw / widest) ** SIZES.widening_exponent, 1, SIZES.max_widening))
    gain = factor * widening * (1 + SIZES.stress_opening * stress)
    values[:, CHANNEL["jawOpen"]] = jaw * gain
    for name, more in (("mouthUpperUp", 0.30), ("mouthLowerDown", 0.35)):
        column = values[:, CHANNEL[name]]
        free = 1 - np.clip(values[:, CHANNEL["mouthPucker"]], 0, 1)
        values[:, CHANNEL[name]] = column * factor + more * stress * np.clip(jaw, 0, 1) * free
    for name in ("mouthStretch", "mouthSmile"):
        values[:, CHANNEL[name]] *= factor


def _blink_instants(
    rhythm: SpeechRhythm, first: float, last: float, per_minute: float, rng: np.random.Generator
) -> list[float]:
    """Return the times of blinks between `first` and `last`: the instants at which the lids meet.

    They come at random intervals, and are moved to the end of a phrase, or to an accent, if one is near.
    """
    ends = np.array([stop + 0.06 for _, stop in rhythm.phrases])
    accents = rhythm.accents + 0.16
    mean = 60 / per_minute
    instants: list[float] = []
    due = first + rng.uniform(0.1, 0.75) * mean
    while due < last:
        least = instants[-1] + BLINK.min_interval if instants else first
        for places, reach in ((ends, BLINK.reach), (accents, 0.35)):
            near = places[(np.abs(places - due) < reach) & (places > least) & (places < last)]
            if len(near):
                due = float(near[np.abs(near - due).argmin()])
                break
        due = max(due, least)
        if due >= last:
            break
        instants.append(due)
        due += float(np.clip(rng.gamma(4.0, mean / 4.0), BLINK.min_interval, BLINK.max_interval))
    return instants


def _at_human_rate(
    instants: Sequence[float], first: float, last: float, seconds: float, rng: np.random.Generator
) -> list[float]:
    """Remove or add blinks until the number of blinks per minute is in the range `BLINK.rates_per_minute`.

    Blinks are removed where two blinks are closest together, and added where there is none for the longest
    time. `seconds` is the length of the motion.
    """
    kept = list(instants)
    fewest, most = (seconds * rate / 60 for rate in BLINK.rates_per_minute)
    most = max(1, int(most))
    while len(kept) > most:
        del kept[1 + int(np.argmin(np.diff(kept)))]
    while len(kept) < min(math.ceil(fewest), most) and first < last:
        edges = [first, *kept, last]
        widest = int(np.argmax(np.diff(edges)))
        share = rng.uniform(0.35, 0.65)
        kept.insert(widest, edges[widest] + share * (edges[widest + 1] - edges[widest]))
    return kept


def _opening_seconds(rate: float) -> float:
    """Return the time that the lids take to open, in seconds.

    It is longer at low frame rates, so that a blink has several frames.
    """
    return max(BLINK.opening, 2.6 / rate)


def _lids(at: Floats, rate: float, blinks: Sequence[float]) -> Floats:
    """Return how far the lids are closed at each time in `at`: 0 is open, 1 is closed.

    In each blink the lids close quickly, are fully closed on at least one frame, and open slowly.
    """
    lids = np.zeros(len(at))
    for instant in blinks:
        closed = round(instant * rate) / rate
        closing, opening = max(BLINK.closing, 1.6 / rate), _opening_seconds(rate)
        rows = _between(at, closed - closing, closed + BLINK.closed + opening)
        down = np.clip((at[rows] - closed + closing) / closing, 0, 1)
        up = np.clip((at[rows] - closed - BLINK.closed) / opening, 0, 1)
        lids[rows] = np.maximum(lids[rows], down * down * (3 - 2 * down) * (1 - up) ** 1.6)
    return lids


def _gaze(at: Floats, rhythm: SpeechRhythm, blinks: Sequence[float], rng: np.random.Generator) -> Floats:
    """Return yaw and pitch of the gaze, shape (n, 2), in radians from the camera.

    The eyes jump between fixations, most of which are on the camera.
    """
    ends = np.array([end for _, end in rhythm.phrases])
    times, levels, on_camera = [0.0], [np.zeros(2)], True
    while times[-1] < at[-1]:
        due = times[-1] + rng.uniform(0.5, 1.7)
        near = [b for b in blinks if abs(b - due) < 0.35 and b > times[-1] + 0.3]
        due = near[0] if near else due
        pausing = len(ends) and np.abs(ends - due).min() < 0.4
        share = min(0.9, SIZES.look_share * (1.7 if pausing else 1.0))
        on_camera = not (on_camera and rng.random() < share)
        if on_camera:
            level = rng.standard_normal(2) * 0.012
        else:
            level = np.clip(rng.standard_normal(2), -1.6, 1.6) * SIZES.gaze_rad
        times.append(due)
        levels.append(level)
    return _glide(at, times, np.array(levels), [0.05] * len(times))


def _breath(at: Floats, rhythm: SpeechRhythm) -> Floats:
    """Return how far the chest is raised at each time in `at`, about 0..1.

    The chest rises quickly in pauses, and sinks slowly during phrases.
    """
    level, levels, times, durations = 0.3, [0.3], [0.0], [0.6]
    for start, end in rhythm.phrases:
        previous = times[-1]
        if start - previous > 0.25:
            durations.append(min(0.55, start - previous + 0.2))
            times.append(start - durations[-1])
            level = min(1.0, level + 0.5)
            levels.append(level)
        times.append(start)
        durations.append(max(end - start, 0.5))
        level = max(0.0, level - 0.16 * (end - start))
        levels.append(level)
    idle = 0.12 * np.sin(2 * np.pi * 0.27 * at)
    order = np.argsort(times, kind="stable")
    path = _glide(
        at, [times[i] for i in order], np.array(levels)[order][:, None], [durations[i] for i in order]
    )
    return np.asarray(path[:, 0] + idle)
