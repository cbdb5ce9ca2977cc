"""Measure the correlation of unrelated audio and video, from which `check` derives its confidence.

    python -m benchmarks.sync_chance [--videos 48] [--real DIR]

For every video, the highest correlation within MAX_OFFSET_MS is measured in standard deviations of chance,
with its own audio and with that of others. If the deviation is right, unrelated audio has the same quantiles
at every length. The constants of `confidence_from_z` come from here: 1 in 50 unrelated recordings exceeds
HALF_CONFIDENCE_Z, and LOG_ODDS_PER_Z is the slope of a logistic regression of own against unrelated audio.
No video is one that benchmarks/sync_accuracy.py scores: words and looks are different, and so are half of the
voices. The regression is also made with each voice left out. --real DIR adds excerpts of your own videos,
each with its own audio and that of the others; nothing is fitted on them, they show whether the constants
hold.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.made_videos import looks, other_clips, shifted
from benchmarks.sync_accuracy import (
    PIECE_SECONDS,
    SHIFTS_MS,
    Video,
    cut,
    excerpt,
    is_strange,
    make,
    spans,
    track,
)
from lipwright.audio.speech import find_speech
from lipwright.domain.media import Waveform
from lipwright.sync.lag_correlation import HALF_CONFIDENCE_Z, LOG_ODDS_PER_Z, correlate_lags, find_peak
from lipwright.sync.target_motion import target_from_audio

FOREIGN_OF_EACH = 12
PASSES = 0.02
"""Share of unrelated audio that may exceed HALF_CONFIDENCE_Z."""
QUANTILES = (0.5, 0.9, 0.95, 0.98, 0.99)


@dataclass(frozen=True, slots=True)
class Peak:
    """Height of a video's correlation peak with one audio."""

    kind: str
    """Voice, or length of the excerpts."""
    seconds: float
    own: bool
    deviations: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--videos", type=int, default=48, help="made videos")
    parser.add_argument("--real", type=Path, help="a folder of videos in sync")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        videos = [
            make(clip, look, Path(folder) / "video.mp4")
            for clip, look in zip(
                other_clips(arguments.videos), looks(arguments.videos, seed=77), strict=True
            )
        ]
    made = [peak for number in range(len(videos)) for peak in measure_made(videos, number)]
    print(f"{len(videos)} made videos")
    for low, high in ((0, 3), (3, 5), (5, 8), (8, 30)):
        told(f"videos of {low} to {high} s", [peak for peak in made if low <= peak.seconds < high])
    told("all", made)
    print(
        f"  foreign audio, 1 in {1 / PASSES:.0f} passes {quantile(made, 1 - PASSES):.2f}; "
        f"HALF_CONFIDENCE_Z is {HALF_CONFIDENCE_Z}"
    )
    print(f"  log odds grow by {slope(made):.2f} a deviation; LOG_ODDS_PER_Z is {LOG_ODDS_PER_Z}")
    for voice in sorted({peak.kind for peak in made}):
        rest = [peak for peak in made if peak.kind != voice]
        print(f"    without {voice:>6}: {quantile(rest, 1 - PASSES):.2f}, {slope(rest):.2f}")
    if arguments.real:
        found = [track(path) for path in sorted(arguments.real.glob("*.mp4"))]
        real = [video for video in found if video is not None]
        print(f"{len(real)} real videos")
        pieces = [peak for seconds in PIECE_SECONDS for peak in measure_real(real, seconds)]
        for seconds in PIECE_SECONDS:
            told(f"pieces of {seconds:.0f} s", [peak for peak in pieces if peak.seconds == seconds])
        told("all", pieces)
        print(f"  log odds grow by {slope(pieces):.2f} a deviation")
    return 0


def measure_made(videos: list[Video], number: int) -> list[Peak]:
    """Measure one video with its own audio, shifted, and with that of videos with other words."""
    video = videos[number]
    order = [videos[(number + step) % len(videos)] for step in range(1, len(videos))]
    others = [other for other in order if is_strange(video, other)][:FOREIGN_OF_EACH]
    own = [
        Peak(video.name, video.audio.seconds, True, stands(video, shifted(video.audio, s))) for s in SHIFTS_MS
    ]
    return own + [
        Peak(video.name, video.audio.seconds, False, stands(video, other.audio)) for other in others
    ]


def measure_real(videos: list[Video], seconds: float) -> list[Peak]:
    """Measure every excerpt with its own audio and with excerpts of the others'."""
    pieces = [(video, start, end) for video in videos for start, end in spans(video, seconds)]
    found = []
    for number, (video, start, end) in enumerate(pieces):
        piece = cut(video, start, end)
        found.append(Peak(f"{seconds}", seconds, True, stands(piece, excerpt(video.audio, start, end))))
        for other, first, last in [each for each in pieces if each[0] is not video][number % 7 :: 7][:4]:
            audio = excerpt(other.audio, first, last)
            found.append(Peak(f"{seconds}", seconds, False, stands(piece, audio)))
    return found


def stands(video: Video, audio: Waveform) -> float:
    """Return the highest correlation of the best mouth with the audio, in standard deviations of chance."""
    expected = target_from_audio(audio, find_speech(audio))
    evidence = [correlate_lags(person, video.watched.cuts, expected) for person in video.watched.people]
    return max(each.z_score(find_peak(each.correlation()).height) for each in evidence)


def told(title: str, peaks: list[Peak]) -> None:
    """Print quantiles of unrelated audio, and the share of own audio above HALF_CONFIDENCE_Z."""
    foreign = [peak.deviations for peak in peaks if not peak.own]
    own = [peak.deviations for peak in peaks if peak.own]
    if not foreign:
        return
    shown = "  ".join(f"{100 * q:.0f} %: {np.quantile(foreign, q):.2f}" for q in QUANTILES)
    sure = 100 * np.mean(np.array(own) > HALF_CONFIDENCE_Z)
    print(f"  {title:<18} foreign ({len(foreign)}) {shown}   own ({len(own)}) sure {sure:.0f} %", flush=True)


def quantile(peaks: list[Peak], q: float) -> float:
    """Return a quantile of unrelated audio."""
    return float(np.quantile([peak.deviations for peak in peaks if not peak.own], q))


def slope(peaks: list[Peak]) -> float:
    """Return the slope of a logistic regression of own on deviations; both classes have the same weight."""
    own = np.array([peak.own for peak in peaks])
    design = np.stack([np.ones(len(peaks)), [peak.deviations for peak in peaks]], axis=1)
    weight = np.where(own, 1 / own.mean(), 1 / (~own).mean()) / 2
    b = np.zeros(2)
    for _ in range(30):
        p = 0.5 + 0.5 * np.tanh(design @ b / 2)
        bend = design.T @ (design * (weight * p * (1 - p))[:, None]) + 1e-6 * np.eye(2)
        b += np.linalg.solve(bend, design.T @ (weight * (own - p)))
    return float(b[1])


if __name__ == "__main__":
    sys.exit(main())
