"""Speech with its ground truth, by a held-out synthesizer, for measuring videos and scores.

The voice is piper's joe (training.held_out tells how its truth is made); the texts are
Harvard sentences, whose phones are as frequent as those of spoken English (IEEE
Recommended Practice for Speech MouthQuality Measurements, 1969, lists 1 to 3).
"""

from __future__ import annotations

import wave
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly
from training.held_out import joe, to_arpabet
from training.score import Clip

from lipwright.domain.media import Waveform
from lipwright.motion.mel import RATE_HZ
from lipwright.motion.visemes import arpabet_visemes, mouth_curves
from lipwright.sync.alignment import align_phones

TEXTS = (
    "The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background.",
    "It's easy to tell the depth of a well. These days a chicken leg is a rare dish.",
    "Rice is often served in round bowls. The juice of lemons makes fine punch.",
    "The box was thrown beside the parked truck. The hogs were fed chopped corn and garbage.",
    "Four hours of steady work faced us. A large size in stockings is hard to sell.",
    "The boy was there when the sun rose. A rod is used to catch pink salmon.",
    "The source of the huge river is the clear spring. Kick the ball straight and follow through.",
    "Help the woman get back to her feet. A pot of tea helps to pass the evening.",
    "Smoky fires lack flame and heat. The soft cushion broke the man's fall.",
    "The salt breeze came across from the sea. The girl at the booth sold fifty bonds.",
    "The small pup gnawed a hole in the sock. The fish twisted and turned on the bent hook.",
    "Press the pants and sew a button on the vest. The swan dive was far short of perfect.",
)


@dataclass(frozen=True)
class Spoken:
    """One clip."""

    samples: np.ndarray
    """int16, shape (n,), as the voice gave it."""
    rate_hz: int
    truth: Clip
    """The same at the model's rate, with what the mouth should do."""

    def write(self, path: Path) -> Path:
        """As a WAV file."""
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(self.rate_hz)
            file.writeframes(self.samples.tobytes())
        return path


@cache
def spoken_clips(count: int = len(TEXTS)) -> tuple[Spoken, ...]:
    """The first texts as spoken, always the same to the sample; about five seconds each."""
    voice = joe()
    return tuple(_speak(voice, text) for text in TEXTS[:count])


def _speak(voice, text: str) -> Spoken:
    chunks = list(voice.synthesize(text))
    samples = np.concatenate([chunk.audio_int16_array for chunk in chunks])
    rate_hz = voice.config.sample_rate
    divisor = int(np.gcd(rate_hz, RATE_HZ))
    audio = resample_poly(samples / 32768, RATE_HZ // divisor, rate_hz // divisor).astype(np.float32)
    said = " ".join("".join(chunk.phonemes) for chunk in chunks).split()
    spelled = [phones for phones in map(to_arpabet, said) if phones]
    curves = mouth_curves(
        align_phones(Waveform(audio[None], RATE_HZ), spelled), len(audio) / RATE_HZ, arpabet_visemes
    )
    return Spoken(samples, rate_hz, Clip("piper", Waveform(audio[None], RATE_HZ), curves))
