"""Predict mouth motion from known words: forced alignment by pocketsphinx, then a viseme for each phone.

`target_motion` predicts mouth motion from audio by a regression. This module does not use the regression, so
that the two methods can check each other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import soxr

from lipwright.domain.media import Waveform
from lipwright.domain.time import Span
from lipwright.errors import EngineUnavailable, InputError
from lipwright.motion.visemes import Phone, arpabet_visemes, mouth_curves
from lipwright.sync.target_motion import TargetMotion

if TYPE_CHECKING:
    import pocketsphinx

RATE_HZ = 16_000
"""Sample rate of the acoustic model."""
FRAME_SECONDS = 0.01
EDGE_SECONDS = 0.2
"""Length of the silence that pocketsphinx needs before and after an utterance."""
MAX_GAP_WITHIN_SPEECH_SECONDS = 0.2
"""Phones that are closer together than this belong to the same span of speech."""
INSTALL = "pip install 'lipwright[align]'"
_SPOKEN_AS: dict[str, str] = {"&": " and ", "%": " percent ", "’": "'"}


def words_of(transcript: str) -> list[str]:
    """Split a transcript into words in the spelling of the dictionary: lower case, no punctuation.

    Raises:
        InputError: The transcript has no English words.
    """
    for sign, spoken in _SPOKEN_AS.items():
        transcript = transcript.replace(sign, spoken)
    found = [word.strip("'") for word in re.sub(r"[^a-z' ]", " ", transcript.lower()).split()]
    words = [word for word in found if word]
    if not words:
        raise InputError(
            "the transcript has no English words",
            hint="give the spoken words as plain text, with numbers spelled out",
        )
    return words


def align(audio: Waveform, transcript: str) -> tuple[Phone, ...]:
    """Find the start and end of each spoken phone.

    Args:
        audio: Speech in English, any sample rate.
        transcript: The words spoken.

    Returns:
        Phones in ARPAbet, with their times in the audio in seconds. The median error of the times is 9 to
        10 ms on natural voices.

    Raises:
        EngineUnavailable: pocketsphinx is not installed.
        InputError: The words do not match the audio.
    """
    decoder = _decoder()
    words = words_of(transcript)
    for word in dict.fromkeys(words):
        if decoder.lookup_word(word) is None:
            decoder.add_word(word, spell(word), True)
    return _aligned(decoder, audio, words)


def align_phones(audio: Waveform, spoken: Sequence[Sequence[str]]) -> tuple[Phone, ...]:
    """Find the start and end of each spoken phone, for words whose phones are known.

    Args:
        audio: Speech, any sample rate.
        spoken: The ARPAbet phones of each word, in spoken order.

    Raises:
        EngineUnavailable: pocketsphinx is not installed.
        InputError: The phones do not match the audio.
    """
    decoder = _decoder()
    words = [f"word{number}" for number in range(len(spoken))]
    for word, phones in zip(words, spoken, strict=True):
        decoder.add_word(word, " ".join(phones), True)
    return _aligned(decoder, audio, words)


def _aligned(decoder: pocketsphinx.Decoder, audio: Waveform, words: Sequence[str]) -> tuple[Phone, ...]:
    """Find the words in the audio, then the phones within each word."""
    samples = audio.mono
    if audio.rate_hz != RATE_HZ:
        samples = soxr.resample(samples, audio.rate_hz, RATE_HZ, quality="HQ")
    edge = np.zeros(round(EDGE_SECONDS * RATE_HZ), np.float32)
    pcm = (np.clip(np.concatenate([edge, samples, edge]), -1, 1) * 32767).astype(np.int16).tobytes()
    try:
        decoder.set_align_text(" ".join(words))
        for phones in (False, True):
            if phones:
                decoder.set_alignment()
            decoder.start_utt()
            decoder.process_raw(pcm, full_utt=True)
            decoder.end_utt()
        entries = [phone for word in decoder.get_alignment() or () for phone in word]
    except (RuntimeError, ValueError) as error:
        raise _mismatch() from error
    if not entries:
        raise _mismatch()
    return tuple(
        Phone(
            entry.start * FRAME_SECONDS - EDGE_SECONDS,
            (entry.start + entry.duration) * FRAME_SECONDS - EDGE_SECONDS,
            entry.name,
        )
        for entry in entries
    )


def target_from_transcript(audio: Waveform, transcript: str) -> TargetMotion:
    """Predict the mouth motion from the words.

    Raises:
        EngineUnavailable: pocketsphinx is not installed.
        InputError: The words do not match the audio.
    """
    return target_from_phones(align(audio, transcript), audio.seconds)


def target_from_phones(phones: Sequence[Phone], seconds: float) -> TargetMotion:
    """Predict the mouth motion from phones in ARPAbet.

    Args:
        phones: Phones in order of time.
        seconds: Length of the audio.
    """
    spoken = [phone for phone in phones if arpabet_visemes(phone.name) != ("rest",)]
    speech: list[Span] = []
    for phone in spoken:
        if speech and phone.start - speech[-1].end < MAX_GAP_WITHIN_SPEECH_SECONDS:
            speech[-1] = Span(speech[-1].start, phone.end)
        else:
            speech.append(Span(phone.start, phone.end))
    return TargetMotion("transcript", mouth_curves(phones, seconds, arpabet_visemes), tuple(speech))


def spell(word: str) -> str:
    """Guess the ARPAbet phones of an unknown word, letter by letter."""
    phones: list[str] = []
    rest = word.replace("'", "")
    while rest:
        length = next((n for n in (3, 2, 1) if rest[:n] in _LETTERS), 1)
        phones += _LETTERS.get(rest[:length], "AH").split()
        rest = rest[length:]
    return " ".join(phones or ["AH"])


def _decoder() -> pocketsphinx.Decoder:
    try:
        import pocketsphinx  # noqa: PLC0415 - only where a transcript is given
    except ImportError as error:
        raise EngineUnavailable(
            "--transcript needs pocketsphinx, which is not installed", hint=INSTALL
        ) from error
    decoder: Any = pocketsphinx.Decoder(lm=None, loglevel="FATAL", bestpath=False)
    return decoder


def _mismatch() -> InputError:
    return InputError(
        "the transcript does not match the audio",
        hint="give exactly the English words that are spoken, all of them and in order",
    )


_LETTERS: dict[str, str] = {
    "tch": "CH", "igh": "AY", "sch": "S K",
    "ch": "CH", "sh": "SH", "th": "TH", "ph": "F", "wh": "W", "ck": "K", "ng": "NG", "qu": "K W",
    "ee": "IY", "ea": "IY", "oo": "UW", "ou": "AW", "ow": "OW", "ai": "EY", "ay": "EY", "oa": "OW",
    "oi": "OY", "oy": "OY", "au": "AO", "aw": "AO", "er": "ER", "ir": "ER", "ur": "ER", "ar": "AA R",
    "or": "AO R",
    "a": "AE", "b": "B", "c": "K", "d": "D", "e": "EH", "f": "F", "g": "G", "h": "HH", "i": "IH",
    "j": "JH", "k": "K", "l": "L", "m": "M", "n": "N", "o": "AA", "p": "P", "q": "K", "r": "R", "s": "S",
    "t": "T", "u": "AH", "v": "V", "w": "W", "x": "K S", "y": "IY", "z": "Z",
}  # fmt: skip
