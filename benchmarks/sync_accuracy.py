"""How often `check` finds the offset of films whose offset is known.

    python -m benchmarks.sync_accuracy [--films 24 --shifts 9] [--real DIR] [--lists]

Films are made from known phones (made_films.py), encoded, decoded and tracked once; then their sound
is shifted, which changes nothing of the picture; put under other films' sound, that has other words;
and, in films of 20 s, resampled by 1 %. --whole of them are also written out with their shifted sound
and go through `check_film` from file to verdict. --real DIR takes films from a folder of yours, cuts
them to pieces of 3, 5 and 8 s and shifts their sound the same way: right is what differs by the shift
from the whole film's own offset. Intervals are Wilson's, 19 in 20.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

from benchmarks.made_films import (
    RATE_HZ,
    TEXTS,
    Clip,
    Look,
    clips,
    draw,
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
from lipwright.media.playback import read_film_frames
from lipwright.media.sound import read_audio
from lipwright.pipeline.check import check_film
from lipwright.sync.alignment import align, expect_from_phones
from lipwright.sync.expectation import Expectation, expect_from_sound
from lipwright.sync.mouth import MouthTrack, Watched, watch
from lipwright.sync.people import follow_people
from lipwright.sync.speaker import find_speaker
from lipwright.sync.timing import Timing

SHIFTS_MS = (0, -400, -290, -170, -80, 60, 140, 230, 340, 400, -40, 20)
PIECE_SECONDS = (3.0, 5.0, 8.0)
WHOLE = float("inf")
DRIFT_WITHIN = 3.0
"""ms/s."""
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
    parser.add_argument("--long", type=int, default=6, help="films of 20 s whose sound is resampled")
    parser.add_argument("--whole", type=int, default=4, help="films written with their sound, and checked")
    parser.add_argument("--real", type=Path, help="a folder of films in sync, to be tried as well")
    parser.add_argument("--lists", action="store_true", help="print every answer")
    arguments = parser.parse_args()
    shifts = SHIFTS_MS[: arguments.shifts]
    with tempfile.TemporaryDirectory() as folder:
        films = list(made_films(arguments.films, Path(folder)))
        met = judge("made films, by the sound alone", films, shifts, arguments.lists, words=False)
        met &= judge("made films, by their words", films, shifts, arguments.lists, words=True, goals=False)
        met &= foreign("made films under another's sound, of other words", films)
        if arguments.long:
            met &= drift(list(long_films(arguments.long, Path(folder))))
        if arguments.whole:
            met &= whole(films[: arguments.whole], Path(folder))
    if arguments.real:
        real(arguments.real, shifts)
    return 0 if met else 1


def made_films(count: int, folder: Path) -> Iterator[Film]:
    """Films of every voice and look."""
    for clip, look in zip(clips(), looks(count), strict=False):
        yield make(clip, look, folder)


def long_films(count: int, folder: Path) -> Iterator[Film]:
    """Films of some 20 s, every sentence of one voice after the other."""
    for voice, look in zip(("hibari", "joe", "slt") * count, looks(count, seed=20), strict=False):
        texts = np.roll(np.array(TEXTS), -look.seed)[:4]
        sounds, said = zip(*speak(voice, [str(text) for text in texts]), strict=True)
        sound = Waveform(np.concatenate([each.samples for each in sounds], axis=1), RATE_HZ)
        text = " ".join(said)
        yield make(Clip(voice, sound, text, align(sound, text)), look, folder)


def make(clip: Clip, look: Look, folder: Path) -> Film:
    """A clip, drawn, encoded, decoded and tracked."""
    path = encode(folder / "film.mp4", draw(motion_of(clip, look), look), look)
    return Film(clip.voice, see(path), clip.sound, 1000 / float(look.rate), clip, look)


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


def foreign(title: str, films: list[Film], of_each: int = 8) -> bool:
    """Every film under the sound of others, that say something else: nothing may be told."""
    told, tried = 0, 0
    for i, film in enumerate(films):
        others = [films[(i + j) % len(films)] for j in range(1, len(films))]
        strange = [other for other in others if is_strange(film, other)]
        for other in strange[:of_each]:
            told += _listen(film, other.sound).offset_ms is not None
            tried += 1
    return present(title, [_share("offsets told", told, tried, at_most=3.0)])


def is_strange(film: Film, other: Film) -> bool:
    """The same words by another voice at nearly the same pace do go with the lips."""
    if film.clip is None or other.clip is None:
        return film.name != other.name
    sentences, others = ({x.strip() for x in clip.text.split(".")} - {""} for clip in (film.clip, other.clip))
    return not sentences & others


def drift(films: list[Film]) -> bool:
    """Sound that falls behind or runs ahead by 1 % is told so, and sound that does not is not."""
    found, false = [], []
    for film in films:
        false.append(bool(_listen(film, film.sound).drift_ms_per_s))
        for by in (-0.01, 0.01):
            told = _listen(film, stretched(film.sound, by)).drift_ms_per_s
            found.append(told is not None and abs(told - 1000 * by) <= DRIFT_WITHIN)
    return present(
        f"{len(films)} films of {np.mean([film.sound.seconds for film in films]):.0f} s, resampled by 1 %",
        [
            _share(f"drift told within {DRIFT_WITHIN:.0f} ms/s", sum(found), len(found), at_least=90.0),
            _share("drift told where there is none", sum(false), len(false), at_most=3.0),
        ],
    )


def real(folder: Path, shifts: tuple[int, ...]) -> None:
    """Films of yours, whole and in pieces, and under each other's sound."""
    tracked = [track(path) for path in sorted(folder.glob("*.mp4"))]
    films = [film for film in tracked if film is not None]
    own = {film.name: _own_offset(film, shifts) for film in films}
    for name, offset in own.items():
        print(f"  {name}: {offset:+.0f} ms of its own")  # nan: never sure, so nothing to hold its pieces to
    for seconds in (*PIECE_SECONDS, WHOLE):
        pieces = [(film, *span) for film in films for span in spans(film, seconds)]
        errors, false = [], []
        for number, (film, start, end) in enumerate(pieces):
            piece = cut(film, start, end)
            some = shifts if seconds == WHOLE else [shifts[(number + 4 * k) % len(shifts)] for k in range(3)]
            for shift in some:
                told = _listen(piece, excerpt(shifted(film.sound, shift), start, end)).offset_ms
                errors.append(np.inf if told is None else abs(told - shift - own[film.name]) / film.frame_ms)
            strange = [each for each in pieces if each[0] is not film][number % 5 :: 5][:4]
            for other, first, last in strange:
                false.append(_listen(piece, excerpt(other.sound, first, last)).offset_ms is not None)
        sure = [error for error in errors if error != np.inf]
        held = [error for error in sure if not np.isnan(error)]
        present(
            "real films, whole" if seconds == WHOLE else f"real films, pieces of {seconds:.0f} s",
            [
                _share("sure", len(sure), len(errors)),
                _share("within a frame of the whole film's", sum(error <= 1 for error in held), len(held)),
                _share("offsets told under another's sound", sum(false), len(false)),
            ],
        )


def _listen(film: Film, sound: Waveform) -> Timing:
    """What is told of a film's picture under a sound."""
    expected = expect_from_sound(sound, find_speech(sound))
    return find_speaker(film.watched, expected, film.watched.length_seconds).timing


def _own_offset(film: Film, shifts: tuple[int, ...]) -> float:
    """The median over the shifts of what the whole film is told, less the shift; NaN where nothing is."""
    told = [(_listen(film, shifted(film.sound, shift)).offset_ms, shift) for shift in shifts]
    return float(np.median([offset - shift for offset, shift in told if offset is not None] or [np.nan]))


def spans(film: Film, seconds: float) -> list[tuple[float, float]]:
    """Pieces that overlap by half; with WHOLE the film's own length."""
    length = min(film.watched.length_seconds, film.sound.seconds)
    if seconds == WHOLE:
        return [(0.0, length)]
    return [(start, start + seconds) for start in np.arange(0, length - seconds + 1e-6, seconds / 2).tolist()]


def cut(film: Film, start: float, end: float) -> Film:
    """A piece of a film, its instants counted from its start."""
    watched = film.watched
    rows = (watched.seconds >= start) & (watched.seconds < end)
    first = int(np.argmax(rows))
    kept = {field.name for field in fields(MouthTrack)} - {"seconds"}
    people = tuple(
        MouthTrack(person.seconds[rows] - start, **{name: getattr(person, name)[rows] for name in kept})
        for person in watched.people
    )
    cuts = tuple(cut - first for cut in watched.cuts if 0 < cut - first < rows.sum())
    piece = Watched(watched.seconds[rows] - start, watched.change[rows], cuts, watched.size, people)
    return replace(film, watched=piece)


def excerpt(sound: Waveform, start: float, end: float) -> Waveform:
    """A piece of a sound, from and to in seconds."""
    first, last = (round(at * sound.rate_hz) for at in (start, end))
    return Waveform(sound.samples[:, first:last], sound.rate_hz)


def _share(
    name: str, count: int, tried: int, at_most: float | None = None, at_least: float | None = None
) -> Figure:
    """A share with Wilson's interval, 19 in 20, in its name."""
    n, z = max(tried, 1), 1.96
    share = count / n
    middle, half = share + z * z / 2 / n, z * np.sqrt(share * (1 - share) / n + z * z / 4 / n / n)
    low, high = (100 * max(0.0, x / (1 + z * z / n)) for x in (middle - half, middle + half))
    return Figure(f"{name}, of {tried} ({low:.1f} to {high:.1f})", 100 * share, "%", at_most, at_least)


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
