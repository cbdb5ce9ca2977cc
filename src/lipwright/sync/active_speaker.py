"""Find who speaks: of all the people in a video, the one whose mouth follows the audio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from lipwright.domain.face_choice import find_chosen
from lipwright.domain.media import FrameSize
from lipwright.errors import InputError
from lipwright.sync.lag_correlation import LAGS_MS, PEAK_HALF_WIDTH_MS, correlate_lags, find_peak
from lipwright.sync.mouth_track import MouthTrack, TrackedVideo, merge_tracks
from lipwright.sync.offset_estimate import NO_ESTIMATE, OffsetEstimate, estimate_offset
from lipwright.sync.target_motion import TargetMotion

MIN_VISIBLE_SECONDS, MIN_VISIBLE_SHARE = 1.0, 0.3
"""Somebody visible for less, and for less than this share of the video, counts only if nobody else does:
a collar or a cloud looks like a face for a moment."""
MAX_TRACKS = 12
"""Tracks that are compared: the ones visible longest."""
MIN_FRAMES = 8
"""Frames needed for a comparison."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """The mouth that speaks, and its offset."""

    track: MouthTrack | None
    """None where no face is found."""
    estimate: OffsetEstimate


def persistent_people(video: TrackedVideo) -> tuple[MouthTrack, ...]:
    """Everybody who is visible for a while, longest first. A person who left and came back counts twice."""
    frame_rate = max(video.frame_rate_hz, 1e-9)
    needed = min(MIN_VISIBLE_SECONDS, MIN_VISIBLE_SHARE * video.length_seconds)
    return tuple(track for track in video.people if track.visible.sum() / frame_rate >= needed)


def max_people_at_once(people: Sequence[MouthTrack]) -> int:
    """Largest number of people in one frame."""
    return int(np.sum([track.visible for track in people], axis=0).max()) if people else 0


def only_chosen(video: TrackedVideo, choice: str, size: FrameSize) -> TrackedVideo:
    """Keep one person, in every shot that shows them.

    Args:
        video: The tracked faces.
        choice: As `domain.face_choice` reads it; numbers count from left to right in each shot.
        size: Of the video, which points are measured in.

    Raises:
        InputError: no shot shows such a face.
    """
    if not video.people:
        return video
    scale = max(size.width, size.height) / max(video.size)
    width, height = (side * scale for side in video.size)
    bounds = [0, *video.cuts, len(video.seconds)]
    kept: MouthTrack | None = None
    missing: InputError | None = None
    for start, end in pairwise(bounds):
        shown = [
            track
            for track in video.people
            if track.visible[start:end].sum() >= max(1, MIN_VISIBLE_SHARE * (end - start))
        ]
        boxes = [np.nanmedian(track.box[start:end], 0) * [width, height, width, height] for track in shown]
        if not boxes:
            continue
        try:
            one = shown[find_chosen(choice, [tuple(map(float, box)) for box in boxes])]  # type: ignore[misc]
        except InputError as error:
            missing = missing or error
            continue
        inside = np.zeros(len(video.seconds), bool)
        inside[start:end] = True
        part = replace(one, visible=one.visible & inside)
        kept = part if kept is None else merge_tracks(kept, part)
    if kept is None:
        raise missing or InputError(
            f"--face {choice}: no face is visible for long enough", hint="leave it out"
        )
    return replace(video, people=(kept,))


def find_speaker(video: TrackedVideo, target: TargetMotion | None) -> Speaker:
    """Find who speaks, and how far the lips are from the audio.

    Every cut ends a track, so one person may have several. In each shot the track is taken that follows
    the audio best, at the offset of the best track of all.

    Args:
        video: The tracked faces.
        target: The mouth motion that belongs to the audio; None where nobody speaks.
    """
    tracks = (persistent_people(video) or video.people[:1])[:MAX_TRACKS]
    if not tracks:
        return Speaker(None, NO_ESTIMATE)
    if target is None or len(video.seconds) < MIN_FRAMES:
        return Speaker(tracks[0], NO_ESTIMATE)
    correlations = [correlate_lags(track, video.cuts, target) for track in tracks]
    peaks = [find_peak(each.correlation()) for each in correlations]
    best = max(range(len(tracks)), key=lambda i: correlations[i].z_score(peaks[i].height))
    near = np.abs(LAGS_MS - peaks[best].offset_ms) <= PEAK_HALF_WIDTH_MS / 2
    fits = [float(each.correlation()[near].max()) for each in correlations]
    chosen = tracks[best]
    for i in sorted(range(len(tracks)), key=lambda i: -fits[i]):
        if i != best and fits[i] > 0 and not (chosen.visible & tracks[i].visible).any():
            chosen = merge_tracks(chosen, tracks[i])
    merged = chosen is not tracks[best]
    lags = correlate_lags(chosen, video.cuts, target) if merged else correlations[best]
    return Speaker(chosen, estimate_offset(lags))
