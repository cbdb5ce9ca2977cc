"""How often `check` finds the offset of films whose offset is known.

    python -m benchmarks.sync_accuracy [--films 24 --shifts 9] [--real DIR] [--words]

Films are made from known phones (made_films.py), encoded, decoded and tracked once; then their sound
is shifted, which changes nothing of the picture. --whole of them are also written out with their
shifted sound and go through `check_film` from file to verdict. --real DIR takes films in true sync from
a folder of yours and shifts their sound the same way.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.made_films import RATE_HZ, Clip, Look, clips, draw, encode, looks, motion_of, shifted
from benchmarks.measuring import Figure, present
from lipwright.audio.speech import find_speech
from lipwright.domain.media import Waveform
from lipwright.errors import LipwrightError
from lipwright.face.landmarks import FaceTracker
from lipwright.media.playback import read_film_frames
from lipwright.media.sound import read_audio
from lipwright.pipeline.check import check_film
from lipwright.sync.alignment import expect_from_phones
from lipwright.sync.expectation import Expectation, expect_from_sound
from lipwright.sync.mouth import Watched, watch
from lipwright.sync.people import follow_people
from lipwright.sync.speaker import find_speaker
from lipwright.sync.timing import Timing

SHIFTS_MS = (0, -400, -290, -170, -80, 60, 140, 230, 340, 400, -40, 20)
SPEECH_SECONDS = 5.0
"""Films with so much speech, give or take a tenth, are those that must be sure."""


@dataclass(frozen=True, slots=True)
class Film:
    """A film, tracked."""

    name: str
    watched: Watched
    sound: Waveform
    frame_ms: float
    clip: Clip | None = None
    look: Look | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said of a film, and what was true."""

    film: Film
    shift_ms: float
    timing: Timing
    speech_seconds: float

    @property
    def error_frames(self) -> float:
        """Infinite where nothing was said."""
        told = self.timing.offset_ms
        return float("inf") if told is None else abs(told - self.shift_ms) / self.film.frame_ms


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--films", type=int, default=24, help="made films")
    parser.add_argument("--shifts", type=int, default=9, help="of each")
    parser.add_argument("--whole", type=int, default=4, help="films written with their sound, and checked")
    parser.add_argument("--real", type=Path, help="a folder of films in sync, to be tried as well")
    parser.add_argument("--lists", action="store_true", help="print every answer")
    arguments = parser.parse_args()
    shifts = SHIFTS_MS[: arguments.shifts]
    with tempfile.TemporaryDirectory() as folder:
        films = list(made_films(arguments.films, Path(folder)))
        met = judge("made films, by the sound alone", films, shifts, arguments.lists, words=False)
        met &= judge("made films, by their words", films, shifts, arguments.lists, words=True, goals=False)
        met &= foreign("made films under another's sound", films)
        if arguments.whole:
            met &= whole(films[: arguments.whole], Path(folder))
    if arguments.real:
        real = [track(path) for path in sorted(arguments.real.glob("*.mp4"))]
        films = [film for film in real if film is not None]
        judge("real films, by the sound alone", films, shifts, arguments.lists, words=False, goals=False)
        foreign("real films under another's sound", films)
    return 0 if met else 1


def made_films(count: int, folder: Path) -> Iterator[Film]:
    """Films of every voice and look."""
    for clip, look in zip(clips(), looks(count), strict=False):
        path = encode(folder / "film.mp4", draw(motion_of(clip, look), look), look)
        yield Film(clip.voice, see(path), clip.sound, 1000 / float(look.rate), clip, look)


def see(path: Path) -> Watched:
    """The film's picture, tracked."""
    frames = list(read_film_frames(path, longest_px=960, exact=False))
    height, width = frames[0][1].shape[:2]
    return watch(follow_people(iter(frames), FaceTracker()), (width, height))


def track(path: Path) -> Film | None:
    """A film in sync; None without sound."""
    try:
        sound = read_audio(path, rate_hz=RATE_HZ).waveform
    except LipwrightError as error:
        print(f"{path.name}: {error}")
        return None
    watched = see(path)
    return Film(path.stem, watched, sound, 1000 / watched.rate_hz)


def judge(
    title: str, films: list[Film], shifts: tuple[int, ...], lists: bool, *, words: bool, goals: bool = True
) -> bool:
    answers = [answer(film, shift, words=words) for film in films for shift in shifts]
    error = np.array([each.error_frames for each in answers])
    sure = np.isfinite(error)
    five = np.array([each.speech_seconds >= 0.9 * SPEECH_SECONDS for each in answers])
    if lists:
        for each in answers:
            told = each.timing.offset_ms
            print(
                f"  {each.film.name:>10} {each.shift_ms:+5.0f} -> {'-' if told is None else f'{told:+.0f}'}"
                f"  confidence {each.timing.confidence:.2f}  speech {each.speech_seconds:.1f} s"
                f"  drift {each.timing.drift_ms_per_s}"
            )
    wanted = (lambda x: x) if goals else (lambda x: None)
    return present(
        f"{title}: {len(films)} films, {len(answers)} shifted sounds",
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
                100 * np.mean([bool(a.timing.drift_ms_per_s) for a in answers]),
                "%",
            ),
        ],
    )


def answer(film: Film, shift_ms: float, *, words: bool) -> Answer:
    sound = shifted(film.sound, shift_ms)
    speech = find_speech(sound)
    expected: Expectation = expect_from_sound(sound, speech)
    if words and film.clip is not None:
        by = shift_ms / 1000
        moved = [type(p)(p.start + by, p.end + by, p.name) for p in film.clip.phones if p.end + by > 0]
        expected = expect_from_phones(moved, sound.seconds)
    timing = find_speaker(film.watched, expected, film.watched.length_seconds).timing
    return Answer(film, shift_ms, timing, sum(span.seconds for span in speech))


def foreign(title: str, films: list[Film]) -> bool:
    """Every film under the sound of others: nothing may be told."""
    told, tried = 0, 0
    for i, film in enumerate(films):
        for j in (1, 2, 3):
            other = films[(i + j) % len(films)]
            if other.sound is film.sound:
                continue
            speech = find_speech(other.sound)
            expected = expect_from_sound(other.sound, speech)
            timing = find_speaker(film.watched, expected, film.watched.length_seconds).timing
            tried += 1
            told += timing.offset_ms is not None
    return present(title, [Figure(f"offsets told, of {tried}", 100 * told / max(tried, 1), "%", at_most=3.0)])


def whole(films: list[Film], folder: Path) -> bool:
    """From file to verdict: the film written anew with shifted sound."""
    right = 0
    for film, shift in zip(films, (200, -240, 0, 320) * len(films), strict=False):
        if film.clip is None or film.look is None:
            continue
        path = encode(
            folder / "whole.mp4", draw(motion_of(film.clip, film.look), film.look), film.look,
            shifted(film.clip.sound, shift),
        )  # fmt: skip
        told = check_film(path)
        right += told.offset_ms is not None and abs(told.offset_ms - shift) <= film.frame_ms
    return present(
        "whole files", [Figure(f"right, of {len(films)}", 100 * right / len(films), "%", at_least=75.0)]
    )


if __name__ == "__main__":
    sys.exit(main())
