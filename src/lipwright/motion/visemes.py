"""Convert phones to mouth motion.

The embedded model was trained on motion from this module, and is scored by comparison with such motion.
Phones may be in IPA (espeak-ng, neural voices) or ARPAbet (flite, pocketsphinx).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.motion import CHANNEL, LEARNED_CHANNELS
from lipwright.motion.mel import HOP, RATE_HZ

CURVE_RATE_HZ = RATE_HZ // HOP
"""Rows per second of mouth curves: 100, one for each mel frame."""

LEAD_SECONDS = 0.03
"""Time by which lip motion precedes the audio (anticipation)."""

SMOOTHING_SECONDS = 0.045
"""Standard deviation of the Gaussian that smooths the viseme targets (coarticulation)."""

CLOSURE_SMOOTHING_SECONDS = 0.02
"""Standard deviation of the Gaussian that smooths the closures of p, b, m, f and v. It is smaller than
SMOOTHING_SECONDS, because closures are quicker than other mouth motion."""


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone of an utterance."""

    start: float
    end: float
    """End, exclusive. Both `start` and `end` are in seconds."""
    name: str
    """Name in IPA or ARPAbet; "" or "pau" is silence."""


_COLUMNS = (
    "jawOpen",
    "mouthStretch",
    "mouthPucker",
    "mouthUpperUp",
    "mouthLowerDown",
    "mouthPress",
    "mouthRollLower",
    "tongueOut",
)

VISEMES: Mapping[str, tuple[float, ...]] = {
    #        jaw   width  round upper lower press roll  tongue
    "rest": (0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00),
    "mbp": (0.00, 0.00, 0.00, 0.00, 0.00, 1.00, 0.00, 0.00),
    "fv": (0.10, 0.10, 0.00, 0.10, -0.30, 0.00, 1.00, 0.00),
    "th": (0.20, 0.10, 0.00, 0.10, 0.10, 0.00, 0.00, 1.00),
    "td": (0.15, 0.20, 0.00, 0.10, 0.10, 0.00, 0.00, 0.60),
    "sz": (0.08, 0.35, 0.00, 0.20, 0.20, 0.00, 0.00, 0.20),
    "sh": (0.15, -0.20, 0.60, 0.30, 0.30, 0.00, 0.00, 0.00),
    "kg": (0.25, 0.10, 0.00, 0.10, 0.10, 0.00, 0.00, 0.00),
    "l": (0.25, 0.15, 0.00, 0.10, 0.10, 0.00, 0.00, 0.80),
    "r": (0.20, -0.20, 0.50, 0.10, 0.10, 0.00, 0.00, 0.20),
    "w": (0.10, -0.60, 1.00, 0.00, 0.00, 0.00, 0.00, 0.00),
    "a": (1.00, 0.10, 0.00, 0.20, 0.30, 0.00, 0.00, 0.00),
    "ae": (0.80, 0.50, 0.00, 0.30, 0.30, 0.00, 0.00, 0.00),
    "e": (0.50, 0.50, 0.00, 0.20, 0.20, 0.00, 0.00, 0.00),
    "i": (0.25, 0.90, 0.00, 0.20, 0.20, 0.00, 0.00, 0.00),
    "o": (0.55, -0.40, 0.80, 0.10, 0.10, 0.00, 0.00, 0.00),
    "u": (0.25, -0.70, 1.00, 0.10, 0.10, 0.00, 0.00, 0.00),
    "@": (0.35, 0.10, 0.00, 0.10, 0.10, 0.00, 0.00, 0.00),
    "h": (0.30, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00),
    "er": (0.30, -0.20, 0.40, 0.10, 0.10, 0.00, 0.00, 0.00),
}
"""Target value of each channel per viseme, in the order of _COLUMNS."""


def _spelled(classes: Mapping[str, str]) -> dict[str, str]:
    return {symbol: name for name, symbols in classes.items() for symbol in symbols.split()}


_IPA = _spelled(
    {
        "mbp": "m b p ɱ ɓ ʙ",
        "fv": "f v ɸ β ʋ",
        "th": "θ ð",
        "td": "t d n ɾ ɖ ʈ ɳ ɟ ɲ T",
        "sz": "s z ʦ ʣ",
        "sh": "ʃ ʒ ʧ ʤ ɕ ʑ ʂ ʐ ʨ ʥ",
        "kg": "k ɡ g ŋ x ɣ q χ ç ɰ c ʝ",
        "l": "l ɫ ɭ ʎ ɬ ɮ",
        "r": "ɹ r ɻ ʀ ʁ ɽ",
        "w": "w ʍ ɥ",
        "i": "i ɪ j y ᵻ ɨ ʏ",
        "e": "e ɛ ε ø œ",
        "ae": "æ",
        "a": "a ɑ ɒ",
        "o": "o ɔ ɤ ɵ",
        "u": "u ʊ ɯ ʉ",
        "@": "ə ʌ ɘ ᵊ ɐ",
        "er": "ɜ ɚ ɝ ɞ",
        "h": "h ɦ ħ ʔ ʕ",
    }
)
# Rounded front vowels.
_IPA |= {"y": "u", "ʏ": "u", "ø": "o", "œ": "o"}

_DIPHTHONG_LETTERS = {"A": "ei", "I": "aɪ", "O": "oʊ", "Q": "əʊ", "W": "aʊ", "Y": "ɔɪ"}
"""IPA spelling of the diphthongs that the misaki alphabet, used by the Kokoro voices, writes as one
letter."""

_ARPABET: Mapping[str, tuple[str, ...]] = {
    **{
        phone: (name,)
        for name, phones in {
            "mbp": "m b p em",
            "fv": "f v",
            "th": "th dh",
            "td": "t d n en dx nx",
            "sz": "s z",
            "sh": "sh zh ch jh",
            "kg": "k g ng",
            "l": "l el",
            "r": "r",
            "w": "w",
            "h": "hh",
            "i": "iy ih y ix",
            "e": "eh",
            "ae": "ae",
            "a": "aa",
            "o": "ao",
            "u": "uw uh ux",
            "@": "ah ax",
            "er": "er axr",
            "rest": "pau sil ssil",
        }.items()
        for phone in phones.split()
    },
    "ay": ("a", "i"),
    "aw": ("a", "u"),
    "ey": ("e", "i"),
    "ow": ("o", "u"),
    "oy": ("o", "i"),
}

_SILENCE = {"", "_", "|", "pau", "sil", "SIL", "<sil>", "+SPN+", "+NSN+"}
_MARKS = set("ˈˌːˑ'ʰʲˠˤ̩̯̃̈ ̪̥̬̊͡↓→↗↘-")


def arpabet_visemes(phone: str) -> tuple[str, ...]:
    """Return the visemes of an ARPAbet phone; stress digits are ignored."""
    if phone in _SILENCE:
        return ("rest",)
    return _ARPABET.get(phone.rstrip("012").lower(), ("@",))


def ipa_visemes(phone: str) -> tuple[str, ...]:
    """Return the visemes of an IPA phone: one, or several for a diphthong.

    >>> ipa_visemes("aɪ"), ipa_visemes("tʃ"), ipa_visemes("")
    (('a', 'i'), ('sh',), ('rest',))
    """
    if phone in _SILENCE:
        return ("rest",)
    spelled = "".join(_DIPHTHONG_LETTERS.get(letter, letter) for letter in phone)
    letters = [
        c for c in unicodedata.normalize("NFD", spelled) if c not in _MARKS and not unicodedata.combining(c)
    ]
    names = [_IPA[c] for c in letters if c in _IPA]
    if names[:1] == ["td"] and len(names) > 1 and names[1] in ("sh", "sz"):
        names = names[1:]  # an affricate has the mouth shape of its fricative
    return tuple(n for i, n in enumerate(names) if i == 0 or n != names[i - 1]) or ("@",)


def mouth_curves(
    phones: Iterable[Phone],
    seconds: float,
    visemes_of: Callable[[str], tuple[str, ...]],
) -> NDArray[np.float32]:
    """Return the mouth motion of a sequence of phones.

    Viseme targets are smoothed by a Gaussian (coarticulation), closures by a narrower one. During a closure
    the jaw opens less. All motion leads the audio by 30 ms.

    Args:
        phones: Phones in order of time; in gaps between them, the mouth rests.
        seconds: Length of the utterance.
        visemes_of: ipa_visemes or arpabet_visemes, depending on the alphabet of the phones. (The
            alphabet cannot be detected: "W" is a glide in ARPAbet, and a diphthong in the misaki variant of
            IPA.)

    Returns:
        Shape (round(seconds * 100) + 1, len(LEARNED_CHANNELS)); row i is the motion at i / 100 s. Channels
        that speech does not drive are zero.
    """
    count = round(seconds * CURVE_RATE_HZ) + 1
    steps = np.zeros((count, len(_COLUMNS)), np.float64)
    for phone in phones:
        names = visemes_of(phone.name)
        length = (phone.end - phone.start) / len(names)
        for i, name in enumerate(names):
            first = round((phone.start + i * length) * CURVE_RATE_HZ)
            last = round((phone.start + (i + 1) * length) * CURVE_RATE_HZ)
            steps[max(first, 0) : max(last, first + 1, 0)] = VISEMES[name]
    slow = _smooth(steps, SMOOTHING_SECONDS)
    quick = _smooth(steps, CLOSURE_SMOOTHING_SECONDS)
    fast = [_COLUMNS.index(name) for name in ("mouthPress", "mouthRollLower")]
    slow[:, fast] = quick[:, fast]
    closed = np.clip(1.2 * slow[:, _COLUMNS.index("mouthPress")], 0, 1)
    for name in ("jawOpen", "mouthUpperUp", "mouthLowerDown"):
        slow[:, _COLUMNS.index(name)] *= 1 - closed
    lead = round(LEAD_SECONDS * CURVE_RATE_HZ)
    slow = np.concatenate([slow[lead:], np.repeat(slow[-1:], lead, 0)])[:count]
    curves = np.zeros((count, len(LEARNED_CHANNELS)), np.float32)
    curves[:, [CHANNEL[name] for name in _COLUMNS]] = slow
    return curves


def _smooth(steps: NDArray[np.float64], sigma_seconds: float) -> NDArray[np.float64]:
    sigma = sigma_seconds * CURVE_RATE_HZ
    reach = int(3.4 * sigma) + 1
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    padded = np.pad(steps, ((reach, reach), (0, 0)), "edge")
    return np.stack([np.convolve(column, kernel, "valid") for column in padded.T], 1)


def sample_curves(
    curves: NDArray[np.float32], seconds: Sequence[float] | NDArray[np.float64]
) -> NDArray[np.float32]:
    """Interpolate mouth curves, shape (n, channels), linearly at the given instants.

    Beyond the ends of the curves, the first and last rows are used.
    """
    at = np.asarray(seconds, np.float64) * CURVE_RATE_HZ
    index = np.arange(len(curves))
    return np.stack([np.interp(at, index, column) for column in curves.T], 1).astype(np.float32)
