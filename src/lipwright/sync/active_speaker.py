"""Find the speaker in a video: the person whose mouth follows the audio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.face_choice import find_chosen
from lipwright.domain.media import FrameSize
from lipwright.errors import InputError
from lipwright.sync.lag_correlation import (
    HALF_CONFIDENCE_Z_LOCAL,
    LAGS_MS,
    MIN_CONFIDENCE,
    PEAK_HALF_WIDTH_MS,
    LagCorrelation,
    confidence_from_z,
    correlate_lags,
    find_peak,
)
from lipwright.sync.mouth_track import MouthTrack, TrackedVideo, merge_tracks
from lipwright.sync.offset_estimate import NO_ESTIMATE, OffsetEstimate, estimate_offset
from lipwright.sync.target_motion import TargetMotion

MIN_VISIBLE_SECONDS, MIN_VISIBLE_SHARE = 1.0, 0.3
"""A person who is visible for less than this number of seconds, and also for less than this share of the
video, is used only if there is nobody else. A collar or a cloud can look like a face for a moment."""
MAX_TRACKS = 12
"""Maximum number of tracks to compare separately. If there are more, tracks that are never visible at the
same time are joined and compared as one."""
FIT_BLOCKS = 0.6
"""Standard deviation, in blocks of `LagCorrelation`, of the Gaussian that smooths `_local_fit` over time."""
CHANGE_PENALTY = 0.25
"""Minimum gain in correlation at which another person becomes the speaker."""
MIN_FRAMES = 8
"""Minimum number of frames of a video for a comparison of mouths with the audio."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """The mouth of the person who speaks, and its offset to the audio."""

    track: MouthTrack | None
    """Track of the mouth; None if no face is found."""
    estimate: OffsetEstimate
    lags: LagCorrelation | None = None
    """The correlations from which `estimate` was made."""
    changes: tuple[int, ...] = ()
    """Numbers of the frames at which another visible person begins to speak."""

    def shots(self, video: TrackedVideo) -> TrackedVideo:
        """Return the video with a cut at each change of speaker, so that changes do not count as jumps."""
        return replace(video, cuts=tuple(sorted({*video.cuts, *self.changes})))


def persistent_people(video: TrackedVideo) -> tuple[MouthTrack, ...]:
    """Return the tracks of people who are visible long enough, sorted by visible time, longest first.

    A person who leaves and comes back has two tracks.
    """
    frame_rate = max(video.frame_rate_hz, 1e-9)
    needed = min(MIN_VISIBLE_SECONDS, MIN_VISIBLE_SHARE * video.length_seconds)
    return tuple(track for track in video.people if track.visible.sum() / frame_rate >= needed)


def max_people_at_once(people: Sequence[MouthTrack]) -> int:
    """Return the largest number of people in one frame."""
    return int(np.sum([track.visible for track in people], axis=0).max()) if people else 0


def only_chosen(video: TrackedVideo, choice: str, size: FrameSize) -> TrackedVideo:
    """Return the video with only the chosen face of each shot.

    Args:
        video: The tracked faces.
        choice: A choice, as returned by `read_face_choice`; numbers count from left to right in each shot.
        size: Size of the video in pixels.

    Raises:
        InputError: no shot shows the chosen face.
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
            f"--face {choice}: no face is visible for long enough",
            hint="leave --face out; then the person whose mouth follows the audio is measured",
        )
    return replace(video, people=(kept,))


def find_speaker(video: TrackedVideo, target: TargetMotion | None) -> Speaker:
    """Find the person who speaks, and the offset between lips and audio.

    Every cut ends a track, so one person may have several tracks. The track that follows the audio best
    determines the offset. In each shot, the track that follows the audio best at that offset is used. If
    several people in one shot follow the audio at that offset, as in a dialogue, each is measured while they
    speak.

    Args:
        video: The tracked faces.
        target: The mouth motion expected from the audio; None if nobody speaks.
    """
    tracks = persistent_people(video) or video.people[:1]
    if len(tracks) > MAX_TRACKS:
        tracks = _layers(tracks)[:MAX_TRACKS]
    if not tracks:
        return Speaker(None, NO_ESTIMATE)
    if target is None or len(video.seconds) < MIN_FRAMES:
        return Speaker(tracks[0], NO_ESTIMATE)
    correlations = [correlate_lags(track, video.cuts, target) for track in tracks]
    peaks = [find_peak(each.correlation()) for each in correlations]
    best = max(range(len(tracks)), key=lambda i: correlations[i].z_score(peaks[i].height))
    near = np.abs(LAGS_MS - peaks[best].offset_ms) <= PEAK_HALF_WIDTH_MS / 2
    fits = [float(each.correlation()[near].max()) for each in correlations]
    speakers = [best, *(i for i in range(len(tracks)) if i != best and _speaks_too(correlations[i], near))]
    chosen, changes = _take_turns([tracks[i] for i in speakers], [correlations[i] for i in speakers], near)
    for i in sorted(range(len(tracks)), key=lambda i: -fits[i]):
        if i not in speakers and fits[i] > 0 and not (chosen.visible & tracks[i].visible).any():
            chosen = merge_tracks(chosen, tracks[i])
    merged = chosen is not tracks[best]
    speaker = Speaker(chosen, NO_ESTIMATE, changes=changes)
    cuts = speaker.shots(video).cuts
    lags = correlate_lags(chosen, cuts, target) if merged else correlations[best]
    return replace(speaker, estimate=estimate_offset(lags), lags=lags)


def _layers(tracks: Sequence[MouthTrack]) -> tuple[MouthTrack, ...]:
    """Join tracks that are never visible in the same frame, so that fewer tracks have to be compared."""
    layers: list[MouthTrack] = []
    for track in sorted(tracks, key=lambda one: int(one.visible.argmax())):
        for number, layer in enumerate(layers):
            if not (layer.visible & track.visible).any():
                layers[number] = merge_tracks(layer, track)
                break
        else:
            layers.append(track)
    return tuple(layers)


def _speaks_too(lags: LagCorrelation, near: NDArray[np.bool_]) -> bool:
    """Return True if a track, as a whole, follows the audio better than by chance at the lags in `near`."""
    peak = find_peak(lags.correlation(), near)
    return confidence_from_z(lags.z_score(peak.height), HALF_CONFIDENCE_Z_LOCAL) >= MIN_CONFIDENCE


def _take_turns(
    tracks: Sequence[MouthTrack], correlations: Sequence[LagCorrelation], near: NDArray[np.bool_]
) -> tuple[MouthTrack, tuple[int, ...]]:
    """Join the tracks of people who take turns: at each time, the track that follows the audio best is used.

    Args:
        tracks: Tracks of the people who speak.
        correlations: Correlations of each track with the audio.
        near: True for the lags around the offset, shape (lags,).

    Returns:
        The joined track, and the frames at which it changes from one visible person to another.
    """
    if len(tracks) == 1:
        return tracks[0], ()
    seconds, centers = tracks[0].seconds, correlations[0].centers
    taken = _likeliest(np.stack([_local_fit(lags, near) for lags in correlations]))
    # The block of each frame is the one with the nearest center.
    block = np.searchsorted((centers[1:] + centers[:-1]) / 2, seconds)
    visible = np.stack([track.visible for track in tracks])
    who = taken[block]
    unseen = ~visible[who, np.arange(len(seconds))]
    who[unseen] = visible.argmax(0)[unseen]
    joined: MouthTrack | None = None
    for number, track in enumerate(tracks):
        part = replace(track, visible=track.visible & (who == number))
        joined = part if joined is None else merge_tracks(joined, part)
    assert joined is not None  # noqa: S101 - there are tracks
    changes = np.flatnonzero(np.diff(who) != 0) + 1
    return joined, tuple(int(frame) for frame in changes)


def _local_fit(lags: LagCorrelation, near: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return how well a person follows the audio around each block, shape (blocks,).

    The mean of the values is 1 for a perfect fit. The values are relative to the energy of the whole track,
    so that the small jitter of a listener counts little.
    """
    count = len(lags.centers)
    shares = lags.block_shares()[:, near]
    follows = shares[:, int(shares.sum(0).argmax())] * count
    weights = np.exp(-0.5 * (np.subtract.outer(np.arange(count), np.arange(count)) / FIT_BLOCKS) ** 2)
    return np.asarray(weights @ follows / weights.sum(1))


def _likeliest(fits: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the person who most likely speaks in each block, shape (blocks,).

    A sequence names one person per block. Its score is the sum of the fits of these people, minus
    CHANGE_PENALTY for each change of person. The sequence with the highest score is returned (Viterbi).

    Args:
        fits: How well each person follows the audio around each block, shape (people, blocks).
    """
    people, blocks = fits.shape
    score, origin = fits[:, 0].copy(), np.zeros((blocks, people), np.intp)
    for block in range(1, blocks):
        moved = score[:, None] - CHANGE_PENALTY * (1 - np.eye(people))
        origin[block] = moved.argmax(0)
        score = moved.max(0) + fits[:, block]
    taken = np.zeros(blocks, np.intp)
    taken[-1] = score.argmax()
    for block in range(blocks - 1, 0, -1):
        taken[block - 1] = origin[block, taken[block]]
    return taken
