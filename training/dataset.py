"""Make hours of speech with its motion, on all cores.

    python -m training.dataset OUT.npz --hours 30 --seed 1

Holds `audio` (int16, 16 kHz, utterances end to end), `curves` (float16, 100 Hz),
`starts` (first sample of each utterance, and the end), `styles`, `voices`.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright.motion.mel import HOP, RATE_HZ
from lipwright.motion.styles import STYLES
from lipwright.motion.visemes import Phone, mouth_curves
from training.liveliness import MANNERS, enliven
from training.speech import SYNTHESIZERS, Synthesizer
from training.texts import FORTUNES, TextSource, sentences, words

UTTERANCE_SECONDS = 15.0
SHARES = {"espeak": 0.37, "flite": 0.18, "hibari": 0.45}
"""Share of the hours for each synthesizer."""

_ENGLISH = ("en-us", "en", "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029", "en-us-nyc")
_OTHERS = tuple("""de fr es it pt-br nl pl sv ru fi cs tr da nb hu ro el hr""".split())  # noqa: SIM905
_VARIANTS = tuple(  # of espeak-ng's voices: those that audio like people
    """m1 m2 m3 m4 m6 m7 m8 f1 f2 f3 f5 klatt klatt2 klatt4 Alex Alicia Andrea Andy anika antonio
    belinda benjamin boris caleb david ed edward2 Gene grandma grandpa Jacky john kaukovalta Lee
    linda marco max Michael miguel mike norbert pablo paul pedro quincy rob robert shelby steph
    travis victor zac""".split()  # noqa: SIM905
)
HELD_OUT_ESPEAK = ("en-gb-scotland+m5", "en-us+f4", "en-us+Annie", "en-gb-scotland+Diogo")
"""Held-out voices. The held-out synthesizer is piper (training.score)."""


@dataclass(frozen=True)
class Utterance:
    """A clip of speech with the motion of the face."""

    audio: NDArray[np.int16]
    curves: NDArray[np.float16]
    style: int
    voice: str


def draw_voice(kind: str, rng: random.Random) -> str:
    """Draw a voice of one synthesizer."""
    if kind == "espeak":
        language = rng.choice(_ENGLISH if rng.random() < 0.8 else _OTHERS)
        return f"{language}+{rng.choice(_VARIANTS)}"
    return rng.choice(["slt", "rms", "awb", "kal16"]) if kind == "flite" else "heart"


def make_utterance(
    synthesizer: Synthesizer, texts: TextSource, voice: str, seed: int, seconds: float = UTTERANCE_SECONDS
) -> Utterance:
    """Make sentences with pauses between them, at least `seconds` long together."""
    rng = random.Random(seed)
    style = rng.choice(STYLES)
    pieces: list[NDArray[np.float32]] = []
    phones: list[Phone] = []
    total = 0.0

    def pause(low: float, high: float) -> None:
        nonlocal total
        silence = np.zeros(round(rng.uniform(low, high) * RATE_HZ), np.float32)
        pieces.append(silence)
        total += len(silence) / RATE_HZ

    pause(0.0, 1.0)
    while total < seconds:
        pace = MANNERS[style].pace * rng.uniform(0.85, 1.2)
        spoken = synthesizer.say(texts.draw(rng), voice, pace, rng)
        if not len(spoken.samples):
            continue
        loud = 10 ** (rng.uniform(-3, 3) / 20) * 0.12 / (float(np.sqrt((spoken.samples**2).mean())) + 1e-6)
        phones += [Phone(p.start + total, p.end + total, p.name) for p in spoken.phones]
        pieces.append(spoken.samples * loud)
        total += len(spoken.samples) / RATE_HZ
        pause(0.03, 0.5 if rng.random() < 0.7 else 1.8)
    audio = np.concatenate(pieces)
    audio = audio[: len(audio) // HOP * HOP]
    curves = mouth_curves(phones, len(audio) / RATE_HZ, synthesizer.visemes_of)[: len(audio) // HOP]
    enliven(curves, audio, style, np.random.default_rng(seed))
    clipped = np.clip(audio * 32767, -32767, 32767).astype(np.int16)
    return Utterance(
        clipped, curves.astype(np.float16), STYLES.index(style), f"{type(synthesizer).__name__}:{voice}"
    )


def _make_batch(kind: str, seeds: list[int], folder: Path, dictionary: Path) -> list[Utterance]:
    os.environ["OMP_NUM_THREADS"] = "1"
    synthesizer = SYNTHESIZERS[kind]()
    texts = TextSource(sentences(folder), words(dictionary))
    made = []
    for seed in seeds:
        rng = random.Random(seed * 7919 + 17)
        for _ in range(4):
            try:
                made.append(make_utterance(synthesizer, texts, draw_voice(kind, rng), rng.randrange(2**31)))
                break
            except Exception as problem:
                print(f"skipped one {kind} utterance: {problem!r}"[:200])
    return made


def make(hours: float, seed: int, folder: Path, dictionary: Path, workers: int) -> Iterator[Utterance]:
    """Make utterances of all synthesizers, `hours` together."""
    count = round(hours * 3600 / UTTERANCE_SECONDS / 1.08)
    jobs = []
    for i, (kind, share) in enumerate(SHARES.items()):
        seeds = [seed * 1_000_003 + i * 500_000 + k for k in range(round(count * share))]
        size = max(4, min(120, len(seeds) // (workers * 2) + 1))
        jobs += [(kind, seeds[k : k + size]) for k in range(0, len(seeds), size)]
    random.Random(seed).shuffle(jobs)
    with ProcessPoolExecutor(workers) as pool:
        for batch in [pool.submit(_make_batch, kind, part, folder, dictionary) for kind, part in jobs]:
            yield from batch.result()


def save(path: Path, utterances: Iterator[Utterance]) -> None:
    """Write everything to one file."""
    everything = list(utterances)
    starts = np.cumsum([0, *(len(u.audio) for u in everything)])
    np.savez(
        path,
        audio=np.concatenate([u.audio for u in everything]),
        curves=np.concatenate([u.curves for u in everything]),
        starts=starts,
        styles=np.array([u.style for u in everything]),
        voices=np.array([u.voice for u in everything]),
    )
    hours, voices = starts[-1] / RATE_HZ / 3600, len({u.voice for u in everything})
    print(f"{path}: {len(everything)} utterances, {hours:.2f} h, {voices} voices")


def default_dictionary() -> Path:
    """Return the pronouncing dictionary in the pocketsphinx wheel."""
    import pocketsphinx

    return Path(pocketsphinx.get_model_path()) / "en-us" / "cmudict-en-us.dict"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--hours", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--texts", type=Path, default=FORTUNES)
    parser.add_argument("--dictionary", type=Path)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    started = time.monotonic()
    dictionary = options.dictionary or default_dictionary()
    save(options.out, make(options.hours, options.seed, options.texts, dictionary, options.workers))
    print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
