"""What chance does to `check`'s correlation, and where its confidence comes from.

    python -m benchmarks.sync_chance [--films 48] [--real DIR]

Every film's highest correlation within SEARCH_MS, in deviations of chance (sync/offset.py), once
under its own sound and often under that of others. If the deviation is right, foreign sound has the
same quantiles at every length. The constants of `confidence_of` are read off here: SURE_Z is what 1
foreign sound in 50 passes, Z_SLOPE that of a logistic regression of own against foreign. The films
are none that benchmarks/sync_accuracy.py scores: other words, other looks, half of the voices others;
the regression is also made with each voice left out. --real DIR adds pieces of films of yours, each
under its own sound and the others'; they show whether the same constants hold, and fit nothing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.made_films import looks, other_clips, shifted
from benchmarks.sync_accuracy import (
    PIECE_SECONDS,
    SHIFTS_MS,
    Film,
    cut,
    excerpt,
    is_strange,
    make,
    spans,
    track,
)
from lipwright.audio.speech import find_speech
from lipwright.domain.media import Waveform
from lipwright.sync.expectation import expect_from_sound
from lipwright.sync.offset import SURE_Z, Z_SLOPE, find_peak, gather

FOREIGN_OF_EACH = 12
PASSES = 0.02
"""Share of foreign sounds that may pass SURE_Z."""
QUANTILES = (0.5, 0.9, 0.95, 0.98, 0.99)


@dataclass(frozen=True, slots=True)
class Peak:
    """How high a film stands under one sound."""

    kind: str
    """Voice, or length of the pieces."""
    seconds: float
    own: bool
    deviations: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--films", type=int, default=48, help="made films")
    parser.add_argument("--real", type=Path, help="a folder of films in sync")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        films = [
            make(clip, look, Path(folder))
            for clip, look in zip(other_clips(arguments.films), looks(arguments.films, seed=77), strict=True)
        ]
    made = [peak for number in range(len(films)) for peak in measure_made(films, number)]
    print(f"{len(films)} made films")
    for low, high in ((0, 3), (3, 5), (5, 8), (8, 30)):
        told(f"films of {low} to {high} s", [peak for peak in made if low <= peak.seconds < high])
    told("all", made)
    print(
        f"  foreign sound, 1 in {1 / PASSES:.0f} passes {quantile(made, 1 - PASSES):.2f}; SURE_Z is {SURE_Z}"
    )
    print(f"  log odds grow by {slope(made):.2f} a deviation; Z_SLOPE is {Z_SLOPE}")
    for voice in sorted({peak.kind for peak in made}):
        rest = [peak for peak in made if peak.kind != voice]
        print(f"    without {voice:>6}: {quantile(rest, 1 - PASSES):.2f}, {slope(rest):.2f}")
    if arguments.real:
        found = [track(path) for path in sorted(arguments.real.glob("*.mp4"))]
        real = [film for film in found if film is not None]
        print(f"{len(real)} real films")
        pieces = [peak for seconds in PIECE_SECONDS for peak in measure_real(real, seconds)]
        for seconds in PIECE_SECONDS:
            told(f"pieces of {seconds:.0f} s", [peak for peak in pieces if peak.seconds == seconds])
        told("all", pieces)
        print(f"  log odds grow by {slope(pieces):.2f} a deviation")
    return 0


def measure_made(films: list[Film], number: int) -> list[Peak]:
    """One film under its own sound, shifted, and under others' words."""
    film = films[number]
    order = [films[(number + step) % len(films)] for step in range(1, len(films))]
    others = [other for other in order if is_strange(film, other)][:FOREIGN_OF_EACH]
    own = [Peak(film.name, film.sound.seconds, True, stands(film, shifted(film.sound, s))) for s in SHIFTS_MS]
    return own + [Peak(film.name, film.sound.seconds, False, stands(film, other.sound)) for other in others]


def measure_real(films: list[Film], seconds: float) -> list[Peak]:
    """Every piece under its own sound and under pieces of the others'."""
    pieces = [(film, start, end) for film in films for start, end in spans(film, seconds)]
    found = []
    for number, (film, start, end) in enumerate(pieces):
        piece = cut(film, start, end)
        found.append(Peak(f"{seconds}", seconds, True, stands(piece, excerpt(film.sound, start, end))))
        for other, first, last in [each for each in pieces if each[0] is not film][number % 7 :: 7][:4]:
            sound = excerpt(other.sound, first, last)
            found.append(Peak(f"{seconds}", seconds, False, stands(piece, sound)))
    return found


def stands(film: Film, sound: Waveform) -> float:
    """The highest correlation, in deviations of chance, of the mouth that goes best with the sound."""
    expected = expect_from_sound(sound, find_speech(sound))
    evidence = [gather(person, film.watched.cuts, expected) for person in film.watched.people]
    return max(each.deviations(find_peak(each.correlation()).height) for each in evidence)


def told(title: str, peaks: list[Peak]) -> None:
    """Quantiles of foreign sound, and the share of own sound over SURE_Z."""
    foreign = [peak.deviations for peak in peaks if not peak.own]
    own = [peak.deviations for peak in peaks if peak.own]
    if not foreign:
        return
    shown = "  ".join(f"{100 * q:.0f} %: {np.quantile(foreign, q):.2f}" for q in QUANTILES)
    sure = 100 * np.mean(np.array(own) > SURE_Z)
    print(f"  {title:<18} foreign ({len(foreign)}) {shown}   own ({len(own)}) sure {sure:.0f} %", flush=True)


def quantile(peaks: list[Peak], q: float) -> float:
    """Of foreign sound."""
    return float(np.quantile([peak.deviations for peak in peaks if not peak.own], q))


def slope(peaks: list[Peak]) -> float:
    """Of a logistic regression of own on deviations, both classes alike in weight (Newton's steps)."""
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
