"""Measure how often `check` finds the offset of videos whose offset is known.

    python -m benchmarks.sync_accuracy [--videos 24 --shifts 9] [--real DIR] [--lists]

Videos are made from known phones (made_videos.py), encoded, decoded and tracked once. Then their audio is
shifted, which does not change the frames; the videos are paired with the audio of others, in which other
words are spoken; and, in videos of 20 s, the audio is stretched or compressed by 1 %. --whole N of them are
also written with their shifted audio and go through `check_video`, from file to verdict. --real DIR takes
videos from your folder, cuts excerpts of 3, 5 and 8 s and shifts their audio in the same way: an answer is
right if it differs by the shift from the whole video's own offset. Intervals are Wilson's, 95 %.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

from benchmarks.made_videos import (
    RATE_HZ,
    TEXTS,
    Clip,
    Look,
    clips,
    draw,
    dubbed,
    encode,
    looks,
    motion_of,
    shifted,
    speak,
    stretched,
)
from benchmarks.measuring import Figure, present
from lipwright.audio.speech import find_speech
from lipwright.domain.media import Waveform
from lipwright.errors import LipwrightError
from lipwright.face.landmarks import FaceTracker
from lipwright.media.audio_reader import read_audio
from lipwright.media.video_reader import read_video_frames
from lipwright.pipeline.check import check_video
from lipwright.sync.active_speaker import find_speaker
from lipwright.sync.alignment import align, target_from_phones
from lipwright.sync.face_tracking import track_faces
from lipwright.sync.mouth_track import MouthTrack, TrackedVideo, track_mouths
from lipwright.sync.offset_estimate import OffsetEstimate
from lipwright.sync.target_motion import TargetMotion, target_from_audio

SHIFTS_MS = (0, -400, -290, -170, -80, 60, 140, 230, 340, 400, -40, 20)
PIECE_SECONDS = (3.0, 5.0, 8.0)
WHOLE = float("inf")
DRIFT_WITHIN = 3.0
"""Maximum error of a drift that counts as found, in ms/s."""
SPEECH_SECONDS = 5.0
"""Videos with about this much speech (within 10 %) must get a certain result."""


@dataclass(frozen=True, slots=True)
class Video:
    """A video, tracked."""

    name: str
    watched: TrackedVideo
    audio: Waveform
    frame_ms: float
    path: Path
    clip: Clip | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Result of a check, and the truth."""

    video: Video
    shift_ms: float
    estimate: OffsetEstimate
    speech_seconds: float

    @property
    def error_frames(self) -> float:
        """Error in frames; infinite if no offset was reported."""
        told = self.estimate.offset_ms
        return float("inf") if told is None else abs(told - self.shift_ms) / self.video.frame_ms


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--videos", type=int, default=24, help="made videos")
    parser.add_argument("--shifts", type=int, default=9, help="of each")
    parser.add_argument("--long", type=int, default=6, help="videos of 20 s whose audio is resampled")
    parser.add_argument("--whole", type=int, default=4, help="videos written with their audio, and checked")
    parser.add_argument("--real", type=Path, help="a folder of videos in sync, to be tried as well")
    parser.add_argument("--lists", action="store_true", help="print every answer")
    arguments = parser.parse_args()
    shifts = SHIFTS_MS[: arguments.shifts]
    with tempfile.TemporaryDirectory() as folder:
        videos = list(made_videos(arguments.videos, Path(folder)))
        met = judge("made videos, by the audio alone", videos, shifts, arguments.lists, words=False)
        met &= judge("made videos, by their words", videos, shifts, arguments.lists, words=True, goals=False)
        met &= foreign("made videos under another's audio, of other words", videos)
        if arguments.long:
            met &= drift(list(long_videos(arguments.long, Path(folder))))
        if arguments.whole:
            met &= whole(videos[: arguments.whole], Path(folder))
    if arguments.real:
        real(arguments.real, shifts)
    return 0 if met else 1


def made_videos(count: int, folder: Path) -> Iterator[Video]:
    """Make videos of every voice and look."""
    # Looks first: it is they that end, and one more clip would be spoken in vain.
    for number, (look, clip) in enumerate(zip(looks(count), clips(), strict=False)):
        yield make(clip, look, folder / f"{number}.mp4")


def long_videos(count: int, folder: Path) -> Iterator[Video]:
    """Make videos of about 20 s, in which one voice says several sentences."""
    for voice, look in zip(("hibari", "joe", "slt") * count, looks(count, seed=20), strict=False):
        texts = np.roll(np.array(TEXTS), -look.seed)[:4]
        sounds, said = zip(*speak(voice, [str(text) for text in texts]), strict=True)
        audio = Waveform(np.concatenate([each.samples for each in sounds], axis=1), RATE_HZ)
        text = " ".join(said)
        yield make(Clip(voice, audio, text, align(audio, text)), look, folder / "long.mp4")


def make(clip: Clip, look: Look, path: Path) -> Video:
    """Draw, encode, decode and track a clip."""
    encode(path, draw(motion_of(clip, look), look), look)
    return Video(clip.voice, see(path), clip.audio, 1000 / float(look.frame_rate), path, clip)


def see(path: Path) -> TrackedVideo:
    """Track the faces in a video."""
    frames = list(read_video_frames(path, longest_px=960, exact=False))
    height, width = frames[0][1].shape[:2]
    return track_mouths(track_faces(iter(frames), FaceTracker()), (width, height))


def track(path: Path) -> Video | None:
    """Read and track a video in sync; None without audio."""
    try:
        audio = read_audio(path, rate_hz=RATE_HZ).waveform
    except LipwrightError as error:
        print(f"{path.name}: {error}")
        return None
    watched = see(path)
    return Video(path.stem, watched, audio, 1000 / watched.rate_hz, path)


def judge(
    title: str, videos: list[Video], shifts: tuple[int, ...], lists: bool, *, words: bool, goals: bool = True
) -> bool:
    answers = [answer(video, shift, words=words) for video in videos for shift in shifts]
    error = np.array([each.error_frames for each in answers])
    sure = np.isfinite(error)
    five = np.array([each.speech_seconds >= 0.9 * SPEECH_SECONDS for each in answers])
    if lists:
        for each in answers:
            told = each.estimate.offset_ms
            print(
                f"  {each.video.name:>10} {each.shift_ms:+5.0f} -> {'-' if told is None else f'{told:+.0f}'}"
                f"  confidence {each.estimate.confidence:.2f}  speech {each.speech_seconds:.1f} s"
                f"  drift {each.estimate.drift_ms_per_s}"
            )
    wanted = (lambda x: x) if goals else (lambda x: None)
    return present(
        f"{title}: {len(videos)} videos, {len(answers)} shifted sounds",
        [
            Figure("within 1 frame", 100 * (error <= 1).mean(), "%", at_least=wanted(97.0)),
            Figure("within half a frame", 100 * (error <= 0.5).mean(), "%", at_least=wanted(90.0)),
            Figure("sure, of those with 5 s of speech", 100 * sure[five].mean(), "%", at_least=wanted(85.0)),
            Figure(
                "right, of those it is sure of", 100 * (error[sure] <= 1).mean(), "%", at_least=wanted(98.0)
            ),
            Figure("median error", float(np.median(error[sure])), "frames"),
            Figure(
                "drift seen where there is none",
                100 * np.mean([bool(a.estimate.drift_ms_per_s) for a in answers]),
                "%",
            ),
        ],
    )


def answer(video: Video, shift_ms: float, *, words: bool) -> Answer:
    audio = shifted(video.audio, shift_ms)
    speech = find_speech(audio)
    expected: TargetMotion = target_from_audio(audio, speech)
    if words and video.clip is not None:
        by = shift_ms / 1000
        moved = [type(p)(p.start + by, p.end + by, p.name) for p in video.clip.phones if p.end + by > 0]
        expected = target_from_phones(moved, audio.seconds)
    estimate = find_speaker(video.watched, expected).estimate
    return Answer(video, shift_ms, estimate, sum(span.seconds for span in speech))


def foreign(title: str, videos: list[Video], of_each: int = 8) -> bool:
    """Combine every video with the audio of others that say something else: no offset may be reported."""
    told, tried = 0, 0
    for i, video in enumerate(videos):
        others = [videos[(i + j) % len(videos)] for j in range(1, len(videos))]
        strange = [other for other in others if is_strange(video, other)]
        for other in strange[:of_each]:
            told += _listen(video, other.audio).offset_ms is not None
            tried += 1
    return present(title, [_share("offsets told", told, tried, at_most=3.0)])


def is_strange(video: Video, other: Video) -> bool:
    """Return whether the same words by another voice, at nearly the same pace, fit the lips."""
    if video.clip is None or other.clip is None:
        return video.name != other.name
    sentences, others = (
        {x.strip() for x in clip.text.split(".")} - {""} for clip in (video.clip, other.clip)
    )
    return not sentences & others


def drift(videos: list[Video]) -> bool:
    """Measure how often a drift of 1 % is found, and how often one is reported where there is none."""
    found, false = [], []
    for video in videos:
        false.append(bool(_listen(video, video.audio).drift_ms_per_s))
        for by in (-0.01, 0.01):
            told = _listen(video, stretched(video.audio, by)).drift_ms_per_s
            found.append(told is not None and abs(told - 1000 * by) <= DRIFT_WITHIN)
    return present(
        f"{len(videos)} videos of {np.mean([v.audio.seconds for v in videos]):.0f} s, resampled by 1 %",
        [
            _share(f"drift told within {DRIFT_WITHIN:.0f} ms/s", sum(found), len(found), at_least=90.0),
            _share("drift told where there is none", sum(false), len(false), at_most=3.0),
        ],
    )


def real(folder: Path, shifts: tuple[int, ...]) -> None:
    """Measure your own videos, whole and in excerpts, with their own audio and with that of the others."""
    tracked = [track(path) for path in sorted(folder.glob("*.mp4"))]
    videos = [video for video in tracked if video is not None]
    own = {video.name: _own_offset(video, shifts) for video in videos}
    for name, offset in own.items():
        print(f"  {name}: {offset:+.0f} ms of its own")  # nan: never sure, so nothing to hold its pieces to
    for seconds in (*PIECE_SECONDS, WHOLE):
        pieces = [(video, *span) for video in videos for span in spans(video, seconds)]
        errors, false = [], []
        for number, (video, start, end) in enumerate(pieces):
            piece = cut(video, start, end)
            some = shifts if seconds == WHOLE else [shifts[(number + 4 * k) % len(shifts)] for k in range(3)]
            for shift in some:
                told = _listen(piece, excerpt(shifted(video.audio, shift), start, end)).offset_ms
                errors.append(
                    np.inf if told is None else abs(told - shift - own[video.name]) / video.frame_ms
                )
            strange = [each for each in pieces if each[0] is not video][number % 5 :: 5][:4]
            for other, first, last in strange:
                false.append(_listen(piece, excerpt(other.audio, first, last)).offset_ms is not None)
        sure = [error for error in errors if error != np.inf]
        held = [error for error in sure if not np.isnan(error)]
        present(
            "real videos, whole" if seconds == WHOLE else f"real videos, pieces of {seconds:.0f} s",
            [
                _share("sure", len(sure), len(errors)),
                _share("within a frame of the whole video's", sum(error <= 1 for error in held), len(held)),
                _share("offsets told under another's audio", sum(false), len(false)),
            ],
        )


def _listen(video: Video, audio: Waveform) -> OffsetEstimate:
    """Return the result for a video's image with some audio."""
    expected = target_from_audio(audio, find_speech(audio))
    return find_speaker(video.watched, expected).estimate


def _own_offset(video: Video, shifts: tuple[int, ...]) -> float:
    """Return the whole video's offset, less the shift, as median over the shifts; NaN if none is found."""
    told = [(_listen(video, shifted(video.audio, shift)).offset_ms, shift) for shift in shifts]
    return float(np.median([offset - shift for offset, shift in told if offset is not None] or [np.nan]))


def spans(video: Video, seconds: float) -> list[tuple[float, float]]:
    """Return excerpts that overlap by half; with WHOLE, the whole video."""
    length = min(video.watched.length_seconds, video.audio.seconds)
    if seconds == WHOLE:
        return [(0.0, length)]
    return [(start, start + seconds) for start in np.arange(0, length - seconds + 1e-6, seconds / 2).tolist()]


def cut(video: Video, start: float, end: float) -> Video:
    """Cut an excerpt of a video; times count from its start."""
    watched = video.watched
    rows = (watched.seconds >= start) & (watched.seconds < end)
    first = int(np.argmax(rows))
    kept = {field.name for field in fields(MouthTrack)} - {"seconds"}
    people = tuple(
        MouthTrack(person.seconds[rows] - start, **{name: getattr(person, name)[rows] for name in kept})
        for person in watched.people
    )
    cuts = tuple(cut - first for cut in watched.cuts if 0 < cut - first < rows.sum())
    piece = TrackedVideo(watched.seconds[rows] - start, watched.difference[rows], cuts, watched.size, people)
    return replace(video, watched=piece)


def excerpt(audio: Waveform, start: float, end: float) -> Waveform:
    """Cut an excerpt of audio; start and end are in seconds."""
    first, last = (round(at * audio.rate_hz) for at in (start, end))
    return Waveform(audio.samples[:, first:last], audio.rate_hz)


def _share(
    name: str, count: int, tried: int, at_most: float | None = None, at_least: float | None = None
) -> Figure:
    """Return a share with Wilson's 95 % interval in its name."""
    n, z = max(tried, 1), 1.96
    share = count / n
    middle, half = share + z * z / 2 / n, z * np.sqrt(share * (1 - share) / n + z * z / 4 / n / n)
    low, high = (100 * max(0.0, x / (1 + z * z / n)) for x in (middle - half, middle + half))
    return Figure(f"{name}, of {tried} ({low:.1f} to {high:.1f})", 100 * share, "%", at_most, at_least)


def whole(videos: list[Video], folder: Path) -> bool:
    """Measure from file to verdict: each video gets shifted audio."""
    right = 0
    for video, shift in zip(videos, (200, -240, 0, 320) * len(videos), strict=False):
        told = check_video(dubbed(folder / "whole.mp4", video.path, shifted(video.audio, shift)))
        right += told.offset_ms is not None and abs(told.offset_ms - shift) <= video.frame_ms
    return present(
        "whole files", [Figure(f"right, of {len(videos)}", 100 * right / len(videos), "%", at_least=75.0)]
    )


if __name__ == "__main__":
    sys.exit(main())
