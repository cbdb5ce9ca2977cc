"""Who speaks: of all the people of a video, the one whose mouth goes with the audio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lipwright.sync.mouth import MouthTrack, Watched, joined
from lipwright.sync.offset import LAGS_MS, PEAK_MS, find_peak, gather
from lipwright.sync.offset_estimate import NOTHING, Timing, estimate
from lipwright.sync.target_motion import Expectation

SEEN_SECONDS = 1.0
"""Whoever is seen for less is passed over while others are there."""
AT_MOST = 12
"""Tracks that are compared: those seen longest."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """The mouth that speaks, and when."""

    track: MouthTrack | None
    """None where no face is seen."""
    timing: Timing


def people_of(watched: Watched, seconds: float) -> tuple[MouthTrack, ...]:
    """Everybody who is there for a while; what looks like a face for a moment is a collar or a cloud.

    Args:
        watched: The video.
        seconds: Its length.

    Returns:
        Whoever was seen longest first. Somebody who went and came back is there twice.
    """
    frame_rate = max(watched.rate_hz, 1e-9)
    return tuple(t for t in watched.people if t.seen.sum() / frame_rate >= min(SEEN_SECONDS, 0.3 * seconds))


def most_at_once(people: Sequence[MouthTrack]) -> int:
    """How many people are in the fullest frame."""
    return int(np.sum([track.seen for track in people], axis=0).max()) if people else 0


def find_speaker(watched: Watched, expected: Expectation | None, seconds: float) -> Speaker:
    """Find who speaks, and how far his lips are from the audio.

    A shot ends every track, so that one person is several tracks; of each shot the one is taken
    that goes best with the audio, at the offset of the track that goes best of all.

    Args:
        watched: The video.
        expected: What the mouth should do; None where nobody speaks.
        seconds: Length of the video.
    """
    tracks = (people_of(watched, seconds) or watched.people[:1])[:AT_MOST]
    if not tracks:
        return Speaker(None, NOTHING)
    if expected is None or len(watched.seconds) < 8:
        return Speaker(tracks[0], NOTHING)
    evidence = [gather(track, watched.cuts, expected) for track in tracks]
    peaks = [find_peak(each.correlation()) for each in evidence]
    best = max(range(len(tracks)), key=lambda i: evidence[i].deviations(peaks[i].height))
    near = np.abs(LAGS_MS - peaks[best].offset_ms) <= PEAK_MS / 2
    fits = [float(each.correlation()[near].max()) for each in evidence]
    chosen = tracks[best]
    for i in sorted(range(len(tracks)), key=lambda i: -fits[i]):
        if i != best and not (chosen.seen & tracks[i].seen).any() and fits[i] > 0:
            chosen = joined(chosen, tracks[i])
    whole = evidence[best] if chosen is tracks[best] else gather(chosen, watched.cuts, expected)
    return Speaker(chosen, estimate(whole))
