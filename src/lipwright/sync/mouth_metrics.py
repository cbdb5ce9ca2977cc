"""Measure the motion of a mouth: its amount relative to the audio, jumps, and motion in silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.spans import runs
from lipwright.domain.sync_verdict import MouthMeasures
from lipwright.domain.time import Span
from lipwright.sync.duplicate_frames import DUPLICATE, NEIGHBORS, find_duplicates
from lipwright.sync.face_appearance import APPEARANCE, FaceMeasures, measure_face
from lipwright.sync.lag_correlation import motion_band
from lipwright.sync.mouth_track import MouthTrack, TrackedVideo
from lipwright.sync.target_motion import TargetMotion

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MotionThresholds:
    """Thresholds for a stiff or static mouth, and for a zoom.

    "Motion ratio" is the motion of the lips divided by the expected motion (see `_motion_ratio`).
    """

    normal_motion_ratio: float = 0.068
    """Motion ratio (lip motion divided by the motion expected from the audio) of a normal mouth: at this
    value and above, the stiffness is 0. It is the median of 31 real speakers; the calmest of them had 0.046.
    Rendered mouths with a fifth to a third of a lively speaker's motion have up to 0.0334."""
    static_motion: float = 0.0079
    """Threshold for sqrt(r * d): r is the motion ratio (lip motion divided by the motion expected from the
    audio), d the standard deviation of the inner lip gap in face heights. Below the threshold, a mouth that
    does not follow the audio counts as static. Two measures are combined because jitter of the landmarks
    seldom affects both the outer lips (r) and the gap (d). 13 motionless faces, some with strong grain, had
    up to 0.0048; the worst synthetic motionless face, at 50 fps, had 0.0075. 19 mouths with a fifth to a
    third of a lively speaker's motion had 0.0082 or more."""
    static_gap: float = 0.0025
    """Standard deviation of the inner lip gap, in face heights, below which a mouth counts as static. Used
    instead of `static_motion` if no motion ratio can be computed."""
    min_frame_rate_hz: float = 12.0
    """Minimum frame rate for a motion ratio; at lower rates, the frames are too few to show how lips follow
    speech."""
    min_target_deviation: float = 0.075
    """Minimum standard deviation of the expected mouth opening; below it there is no speech to compare
    with."""
    min_pause_seconds: float = 0.4
    """Minimum length of a pause that counts as silence."""
    dropout_margin_s: float = 0.25
    """Margin before and after a dropout of the audio. The margin does not count as silence, because words are
    cut off there."""
    pause_margin_seconds: float = 0.15
    """Margin at the start and at the end of a pause. The margin does not count as silence, because the lips
    may still move."""
    frozen_difference: float = 0.05
    """Threshold for the mean gray-level difference from the previous frame, 0..255. The image counts as
    frozen if the difference is below the threshold in at least nine tenths of the frames."""
    min_zoom: float = 0.04
    """Minimum relative growth of the face over the video at which a zoom is reported."""
    min_zoom_linearity: float = 0.7
    """A line is fitted to the face height over time. A zoom is reported if the line's R squared is above this
    value. In 23 real videos, heads that move closer have up to 0.41. Zooms of 6 % on a talking head have
    0.8."""


@dataclass(frozen=True, slots=True)
class JumpThresholds:
    """Thresholds for a jump of the mouth; distances are means over the points of the lips, in face heights.

    The "excursion" of frame t measures how far the lips are displaced in this frame only. If p[t] are the
    positions of the lips, it is |p[t] - (p[t-1] + p[t+1]) / 2| - |p[t+1] - p[t-1]| / 2. For a displacement of
    several frames, p[t-1] and p[t+1] are the positions before and after the displacement, and the smallest
    excursion of its frames counts.
    """

    excursion: float = 0.016
    """Minimum excursion of a jump that lasts one frame, in face heights. In 21 of 23 real videos, speech had
    excursions of up to 0.014. In the other two (one with grimaces, one with a small face), it had up to
    0.024, but the frames around them jittered, too (see `excursion_ratio`)."""
    long_excursion: float = 0.035
    """Minimum excursion of a jump that lasts two or more frames, in face heights. In 23 real videos, speech
    had excursions of up to 0.026."""
    max_excursion_frames: int = 3
    """Maximum length of an excursion that counts as a jump, in frames; longer excursions are speech."""
    excursion_ratio: float = 4.0
    """Minimum ratio of the excursion of a jump to the median of |p[t] - (p[t-1] + p[t+1]) / 2| over the
    frames around the jump. p is defined in `JumpThresholds`."""
    lip_step: float = 0.050
    """Minimum motion of the lips from one frame to the next, relative to eyes and nose, in face heights, that
    counts as a lasting jump."""
    mouth_shift: float = 0.070
    """Minimum excursion or step of the mouth's position in the image that counts as a jump, in face
    heights."""
    step_ratio: float = 3.0
    """Minimum ratio of a jump's step to the steps right before and after it. In a fast gesture, several
    steps in a row are large, so the ratio is smaller."""
    near_step_ratio: float = 2.5
    """Minimum ratio of a step to the steps two frames before and after it."""
    settling_frames: int = 3
    """Whenever a face becomes visible, jumps are ignored in its first frames, because the landmarks are not
    stable yet. This is the number of these frames."""


MOTION, JUMP = MotionThresholds(), JumpThresholds()


@dataclass(frozen=True, slots=True)
class MouthQuality:
    """Measurements of a mouth: those that are reported, and those that only the diagnosis uses."""

    mouth: MouthMeasures
    static: bool
    """True if the mouth does not move, apart from the jitter of the landmarks."""
    frozen_image: bool
    """True if almost every frame looks the same as the previous one."""
    zoom: float
    """Relative growth of the face by a slow zoom, such as 0.1 for 10 %; negative if the face shrinks, 0 if
    there is no zoom."""
    face: FaceMeasures
    """Appearance and motion of the whole face."""
    visible_seconds: float
    """Time for which the face is visible."""


def measure_mouth(
    track: MouthTrack,
    video: TrackedVideo,
    target: TargetMotion | None,
    offset_ms: float | None,
    lost: Sequence[Span] = (),
) -> MouthQuality:
    """Measure one person's mouth.

    Args:
        track: The mouth.
        video: The whole video.
        target: The motion expected from the audio; None if there is no speech.
        offset_ms: Offset between audio and lips; positive if the audio comes after the lips. None if unknown.
        lost: Dropouts of the audio, in seconds, which do not count as silence.
    """
    seconds, gap = track.seconds, track.feature("gap")
    visible = np.flatnonzero(track.visible)
    motion = float(gap[visible].std()) if len(visible) else 0.0
    ratio = silence_motion = None
    spoken = np.zeros(len(seconds), bool)
    if target is not None and len(visible) > 3:
        # With a lag of L, the mouth at time t belongs to the audio at t + L.
        audio_seconds = seconds + (offset_ms or 0.0) / 1000
        spoken, silent = speech_and_silence(audio_seconds, target.speech, track.visible)
        for span in lost:
            start, end = span.start - MOTION.dropout_margin_s, span.end + MOTION.dropout_margin_s
            silent &= (audio_seconds < start) | (audio_seconds > end)
        if video.frame_rate_hz >= MOTION.min_frame_rate_hz:
            ratio = _motion_ratio(track, target, audio_seconds, spoken)
        if silent.sum() >= 3 and spoken.sum() >= 3:
            in_speech = float(gap[spoken].std())
            silence_motion = float(gap[silent].std()) / in_speech if in_speech > 0 else None
    frozen = (
        len(video.difference) > 2 and float(np.quantile(video.difference[1:], 0.9)) < MOTION.frozen_difference
    )
    static = motion < MOTION.static_gap if ratio is None else (ratio * motion) ** 0.5 < MOTION.static_motion
    fast = video.frame_rate_hz >= DUPLICATE.min_frame_rate_hz  # at lower rates speech itself jumps and rests
    repeats = find_duplicates(track) if fast else ()
    measures = MouthMeasures(
        motion=motion,
        stiffness=None if ratio is None else float(np.clip(1 - ratio / MOTION.normal_motion_ratio, 0, 1)),
        silence_motion=silence_motion,
        jumps=find_jumps(track, video.cuts, repeats) if fast else (),
        repeats=repeats,
    )
    face = FaceMeasures()
    if len(visible) and float(np.median(track.face_height_px[visible])) >= APPEARANCE.min_face_px:
        face = measure_face(track.appearance[visible], gap[visible], spoken[visible], video.frame_rate_hz)
    visible_seconds = len(visible) / max(video.frame_rate_hz, 1e-9)
    return MouthQuality(measures, static or frozen, frozen, _zoom(track), face, visible_seconds)


def find_jumps(track: MouthTrack, cuts: tuple[int, ...], repeats: tuple[int, ...] = ()) -> tuple[int, ...]:
    """Return the indices of the frames at which the mouth jumps in a way that does not occur in speech.

    There are two kinds of jump. In the first, the mouth or the whole face is displaced for one to three
    frames and then returns; the first displaced frame is reported. In the second, the mouth or face shifts
    from one frame to the next and stays there, with little motion before and after.

    Args:
        track: The mouth.
        cuts: Indices of the first frames of new shots. The change of the image at a cut does not count as a
            jump. A shot of only one or two frames, however, is a damaged image, and its first frame counts as
            a jump.
        repeats: Indices of duplicate frames. They are skipped, because the motion after them looks like a
            step.
    """
    unique = np.ones(len(track.seconds), bool)
    unique[list(repeats)] = False
    number = np.flatnonzero(unique)
    if len(number) < 5:
        return ()
    lips = track.lips[number].astype(np.float64)
    face_height_px = float(np.nanmedian(track.face_height_px)) or 1.0
    place = (track.mouth_center_px[number].astype(np.float64) / face_height_px)[:, None]
    lip_steps, shifts = _steps(lips), _steps(place)
    found = _isolated(lip_steps, JUMP.lip_step) | _isolated(shifts, JUMP.mouth_shift)
    for count in range(1, JUMP.max_excursion_frames + 1):
        away = _excursions(lips, JUMP.excursion if count == 1 else JUMP.long_excursion, count)
        away |= _excursions(place, JUMP.mouth_shift, count)
        found |= away
        found[count:] &= ~away[:-count]  # the return is not a second jump
    jumps = np.zeros(len(unique), bool)
    jumps[number] = found
    for first, _ in runs(track.visible):
        jumps[first : first + JUMP.settling_frames] = False
    for cut in cuts:
        jumps[max(0, cut - 1) : cut + 2] = False
    size = np.zeros(len(unique))
    size[number] = np.nan_to_num(lip_steps) + np.nan_to_num(shifts)
    # If the image changes back within two frames, this is a damaged frame and not a new shot.
    flashes = {cut for cut in cuts if {cut + 1, cut + 2} & set(cuts) and cut - 1 not in cuts}
    most = {start + int(np.argmax(size[start:end])) for start, end in runs(jumps)}
    return tuple(sorted(flashes | most))


def _distance(a: Floats, b: Floats) -> Floats:
    """Return the mean distance between two sets of points per frame, shape (n,)."""
    return np.asarray(np.linalg.norm(a - b, axis=2).mean(1), np.float64)


def _steps(points: Floats) -> Floats:
    """Return the mean distance that `points` moved since the previous frame, shape (n,).

    The first value is NaN.

    Args:
        points: Positions of k points in each of n frames, shape (n, k, 2).
    """
    return np.concatenate([[np.nan], _distance(points[1:], points[:-1])])


def _excursions(points: Floats, threshold: float, count: int) -> NDArray[np.bool_]:
    """Return True for the frames at which an excursion of `count` frames begins, shape (n,).

    In an excursion, the points are displaced for `count` frames, and then return.

    Args:
        points: Positions of k points in each frame, shape (n, k, 2).
        threshold: Minimum excursion (see `JumpThresholds`).
        count: Length of the excursion in frames.
    """
    usual, away = np.full((2, len(points)), np.nan)
    usual[1:-1] = _distance(points[1:-1], (points[2:] + points[:-2]) / 2)
    before, after = points[: -count - 1], points[count + 1 :]
    middle = (before + after) / 2
    frames = [_distance(points[k : len(points) - count - 1 + k], middle) for k in range(1, count + 1)]
    away[1:-count] = np.min(frames, axis=0) - _distance(after, before) / 2
    out = np.zeros(len(away), bool)
    for i in np.flatnonzero(away > threshold):
        end = i + count + 1
        around = np.concatenate(
            [usual[max(0, i - NEIGHBORS) : max(0, i - 1)], usual[end : end + NEIGHBORS - 1]]
        )
        around = around[np.isfinite(around)]
        out[i] = len(around) >= 3 and away[i] > JUMP.excursion_ratio * float(np.median(around))
    return out


def _isolated(steps: Floats, threshold: float) -> NDArray[np.bool_]:
    """Return True for steps that exceed a threshold and are much longer than the steps around them."""
    padded = np.pad(steps, 2, constant_values=np.nan)
    neighbor = np.maximum(padded[1:-3], padded[3:-1])
    near = np.fmax(padded[:-4], padded[4:])
    return (
        (steps > threshold) & (steps > JUMP.step_ratio * neighbor) & ~(steps <= JUMP.near_step_ratio * near)
    )


def speech_and_silence(
    audio_seconds: Floats, speech: tuple[Span, ...], visible: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return two masks of shape (n,): visible frames in speech, and visible frames well inside pauses.

    Args:
        audio_seconds: Time of each frame, in seconds of the audio.
        speech: Spans of speech, in seconds of the audio.
        visible: True for frames in which the mouth was found.
    """
    spoken = np.zeros(len(audio_seconds), bool)
    for span in speech:
        spoken |= (audio_seconds >= span.start) & (audio_seconds < span.end)
    silent = np.zeros(len(audio_seconds), bool)
    end = float(audio_seconds[-1]) if len(audio_seconds) else 0.0
    margin = MOTION.pause_margin_seconds
    starts = [0.0, *(span.end for span in speech)]
    for start, stop in zip(starts, [*(span.start for span in speech), end], strict=True):
        if stop - start >= MOTION.min_pause_seconds:
            silent |= (audio_seconds >= start + margin) & (audio_seconds < stop - margin)
    return spoken & visible, silent & visible


def _motion_ratio(
    track: MouthTrack, target: TargetMotion, audio_seconds: Floats, spoken: NDArray[np.bool_]
) -> float | None:
    """Return the motion of the lips divided by the motion expected from the audio.

    None if there is too little speech or too little video to compare.

    The result is the geometric mean of two ratios, one for the opening and one for the width of the mouth,
    because a low bit rate can reduce either of them. The outer lips are used, because the teeth of a smile
    disturb the landmarks of the inner lips.

    Args:
        track: The mouth.
        target: The motion that belongs to the audio.
        audio_seconds: Time in the audio of each frame.
        spoken: True for frames in speech.
    """
    visible = track.visible
    grid = np.arange(0, float(track.seconds[visible][-1]) + 0.005, 0.01)
    if spoken.sum() < 5 or len(grid) < 50 or float(target.opening.std()) < MOTION.min_target_deviation:
        return None
    ratios = []
    for feature, curve in (("outer", target.opening), ("corners", target.width)):
        distance = motion_band(np.interp(grid, track.seconds[visible], track.feature(feature)[visible]))
        wanted = target.at(motion_band(curve), audio_seconds[spoken]).std()
        if wanted > 0:
            ratios.append(np.interp(track.seconds[spoken], grid, distance).std() / wanted)
    return float(np.prod(ratios) ** (1 / len(ratios))) if ratios else None


def _zoom(track: MouthTrack) -> float:
    """Return the relative growth of the face if it grows or shrinks steadily; else 0."""
    heights = track.face_height_px[track.visible].astype(np.float64)
    if len(heights) < 25:
        return 0.0
    at = np.linspace(0, 1, len(heights))
    slope, start = np.polyfit(at, heights, 1)
    residual = ((heights - start - slope * at) ** 2).sum()
    linearity = 1 - float(residual / max(((heights - heights.mean()) ** 2).sum(), 1e-9))
    growth = float(slope / max(start, 1.0))
    return growth if abs(growth) > MOTION.min_zoom and linearity > MOTION.min_zoom_linearity else 0.0
