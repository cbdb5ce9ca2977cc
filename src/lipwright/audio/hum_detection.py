"""Steady tones beside the voice: mains hum, rumble, and music between the words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.frame_features import FLOOR, decibels
from lipwright.audio.speech import find_silences
from lipwright.domain.time import Span

HUM_WINDOW_S = 0.7
"""1.5 Hz a bin: mains are known to 0.2 Hz by the shape of their peak, and better by harmonics."""
MAX_WINDOWS = 400
MAINS_HZ = (50.0, 60.0)
MAINS_DRIFT_HZ = 0.6
HARMONICS = 16
HUM_PROMINENCE_DB = 8.0
"""A line stands out by so much from what lies around it, in the quietest tenth of the windows."""
HUM_SURE_DB = 20.0
"""A fundamental that stands out by so much is hum by itself; else it takes two of HUM_LIKELY_DB."""
HUM_LIKELY_DB = 12.0
_SLOPE_WINDOW_S, _SLOPE_HOP_S = 0.5, 0.25
"""Frequency is told by how far a line's phase turns from one window to the next."""
HUM_BELOW_SPEECH_DB = 55.0
"""Fainter lines than this below the speech are left."""
RUMBLE_HZ = 45.0
RUMBLE_BELOW_SPEECH_DB = 30.0

MUSIC_WINDOW_S = 0.17
MUSIC_BAND_HZ = (80.0, 4000.0)
MUSIC_PROMINENCE_DB = 16.0
MUSIC_LINES = 4
"""Lines that stand out in half of the windows between words: noise has none, a hum is left out."""
MUSIC_BELOW_SPEECH_DB = 40.0
EDGE_S = 0.06
"""Left alone next to words: their ends ring."""


@dataclass(frozen=True, slots=True)
class Hum:
    """Mains hum."""

    mains_hz: float
    """The fundamental, as measured."""
    lines_hz: tuple[float, ...]
    """Harmonics that stand out, fundamental included where it does."""
    level_db: float
    """Power of all lines, relative to the speech."""


def find_hum(samples: NDArray[np.float32], rate_hz: int, speech_power: float) -> Hum | None:
    """Look for mains hum.

    Args:
        samples: Shape (n,).
        rate_hz: Its rate.
        speech_power: Mean square of the speech.
    """
    spectra, bin_hz = _spectra(samples, rate_hz, (HARMONICS + 1) * MAINS_HZ[1])
    if spectra is None:
        return None
    quiet = np.quantile(spectra, 0.1, axis=0)
    found = [hum for mains in MAINS_HZ if (hum := _hum_at(quiet, bin_hz, mains, speech_power))]
    loudest = max(found, key=lambda hum: hum.level_db, default=None)
    return None if loudest is None else _refined(samples, rate_hz, loudest)


def rumble_power(samples: NDArray[np.float32], rate_hz: int) -> float:
    """Mean square of what lies between 4 and 45 Hz in audio of shape (n,): the median of many windows."""
    spectra, bin_hz = _spectra(samples, rate_hz, RUMBLE_HZ)
    if spectra is None:
        return 0.0
    return float(np.median(spectra[:, round(4 / bin_hz) :].sum(1)))


def music_between_words(
    samples: NDArray[np.float32],
    rate_hz: int,
    speech: Sequence[Span],
    speech_power: float,
    hum: Hum | None,
) -> tuple[Span, float] | None:
    """Look for music where nobody speaks.

    Args:
        samples: Shape (n,).
        rate_hz: Samples per second.
        speech: Where somebody speaks, in seconds.
        speech_power: Mean square there.
        hum: Mains hum, whose lines are no music.

    Returns:
        From the first to the last window that holds some, and its level relative to the speech in
        dB; None where there is none, or no pause in which it could be heard.
    """
    size = round(MUSIC_WINDOW_S * rate_hz)
    window = np.hanning(size).astype(np.float32)
    frequency = np.fft.rfftfreq(size, 1 / rate_hz)
    band = (frequency >= MUSIC_BAND_HZ[0]) & (frequency <= MUSIC_BAND_HZ[1])
    if hum is not None:
        band &= np.abs(frequency / hum.mains_hz - np.round(frequency / hum.mains_hz)) * hum.mains_hz > 9
    starts = list(_between_words(len(samples), rate_hz, speech, size))
    starts = starts[:: max(1, len(starts) // MAX_WINDOWS)]
    lines, powers = [], []
    for start in starts:
        piece = samples[start : start + size]
        power = np.abs(np.fft.rfft(piece * window)) ** 2
        lines.append(int((_peaks(power) & band).sum()))
        powers.append(float((piece**2).mean()))
    if not lines or np.median(lines) < MUSIC_LINES:
        return None
    level = float(decibels(np.array([np.median(powers) / max(speech_power, FLOOR)]))[0])
    if level < -MUSIC_BELOW_SPEECH_DB:
        return None
    with_music = [start for start, count in zip(starts, lines, strict=True) if count >= MUSIC_LINES]
    return Span(with_music[0] / rate_hz, (with_music[-1] + size) / rate_hz), level


def _between_words(length: int, rate_hz: int, speech: Sequence[Span], size: int) -> Iterator[int]:
    """Starts of windows that lie in pauses."""
    for pause in find_silences(speech, length / rate_hz, 2 * EDGE_S):
        first, last = round((pause.start + EDGE_S) * rate_hz), round((pause.end - EDGE_S) * rate_hz) - size
        yield from range(first, last + 1, size // 2)


def _peaks(power: NDArray[np.floating], reach: int = 16) -> NDArray[np.bool_]:
    """Bins that are the highest of their neighbours and stand out from the median around them."""
    level = decibels(power / max(float(power.max()), 1e-20) + 1e-11)
    padded = np.pad(level, reach, mode="edge")
    around = np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1), axis=1)
    inner = np.pad(level, 2, constant_values=1e9)
    highest = np.all([level >= inner[i : i + len(level)] for i in (1, 3)], axis=0)
    out = highest & (level > around + MUSIC_PROMINENCE_DB)
    out[:2] = out[-2:] = False
    return np.asarray(out)


def _spectra(
    samples: NDArray[np.float32], rate_hz: int, highest_hz: float
) -> tuple[NDArray[np.float64] | None, float]:
    """Power spectra of windows spread over the audio, as mean squares per bin, and a bin's width."""
    size = round(HUM_WINDOW_S * rate_hz) // 2 * 2
    if len(samples) < size:
        return None, rate_hz / size
    window = np.hanning(size).astype(np.float32)
    count = min(MAX_WINDOWS, 2 * len(samples) // size - 1)
    starts = np.linspace(0, len(samples) - size, max(1, count)).astype(int)
    top = round(highest_hz * size / rate_hz) + 2
    scale = 2 / (size * float((window**2).sum()))
    rows = [np.abs(np.fft.rfft(samples[s : s + size] * window)[:top]) ** 2 * scale for s in starts]
    return np.asarray(rows, np.float64), rate_hz / size


def _refined(samples: NDArray[np.float32], rate_hz: int, hum: Hum) -> Hum:
    """The same hum with its frequency to some hundredths of a hertz."""
    size, hop = round(_SLOPE_WINDOW_S * rate_hz), round(_SLOPE_HOP_S * rate_hz)
    starts = np.arange(0, len(samples) - size + 1, hop)
    if len(starts) < 2:
        return hum
    # Neighbours stay together where a long audio is thinned out.
    starts = starts[:MAX_WINDOWS] if len(starts) > MAX_WINDOWS else starts
    window = np.hanning(size)
    n = np.arange(size)
    weighted, weights = 0.0, 0.0
    for line in hum.lines_hz:
        k = round(line / hum.mains_hz)
        turn = window * np.exp(-2j * np.pi * line / rate_hz * n)
        seen = np.array([samples[s : s + size] @ turn for s in starts])
        seen *= np.exp(-2j * np.pi * line / rate_hz * starts)
        # Speech passes a line now and then, and louder: the quieter windows tell.
        usual = float(np.quantile(np.abs(seen), 0.3)) + 1e-12
        seen /= np.maximum(np.abs(seen), usual)
        slope = (seen[1:] * seen[:-1].conj()).sum()
        shift = float(np.angle(slope)) / (2 * np.pi * _SLOPE_HOP_S)
        weight = (usual * abs(slope) / len(starts)) ** 2
        weighted += weight * k * (line + shift)
        weights += weight * k * k
    mains = weighted / weights
    return Hum(mains, tuple(mains * round(f / hum.mains_hz) for f in hum.lines_hz), hum.level_db)


def _hum_at(quiet: NDArray[np.float64], bin_hz: float, mains_hz: float, speech_power: float) -> Hum | None:
    level = decibels(quiet)
    lines: list[tuple[float, float, int]] = []
    prominence: dict[int, float] = {}
    for k in range(1, HARMONICS + 1):
        reach = max(1, round((MAINS_DRIFT_HZ * min(k, 3)) / bin_hz))
        middle = round(k * mains_hz / bin_hz)
        near = slice(max(1, middle - reach), middle + reach + 1)
        top = near.start + int(level[near].argmax())
        below, above = level[max(1, top - 16) : max(1, top - 3)], level[top + 4 : top + 17]
        if top + 1 >= len(level) or not len(below) or not len(above):
            continue
        # Of the louder side: where a low-cut begins, everything stands out from what lies below.
        prominence[k] = float(level[top] - max(np.median(below), np.median(above)))
        if prominence[k] < HUM_PROMINENCE_DB:
            continue
        a, b, c = level[top - 1 : top + 2]
        offset = 0.5 * (a - c) / min(a - 2 * b + c, -1e-9)
        power = float(quiet[top - 2 : top + 3].sum())
        if power > speech_power * 10 ** (-HUM_BELOW_SPEECH_DB / 10):
            lines.append(((top + float(np.clip(offset, -0.5, 0.5))) * bin_hz, power, k))
    lines = _in_step(lines, mains_hz)
    # One line may be anything, and so may two high ones: those of music fall where they will.
    likely = [k for *_, k in lines if prominence[k] > HUM_LIKELY_DB]
    sure = bool(lines) and lines[0][2] == 1 and prominence[1] > HUM_SURE_DB
    if not sure and (len(likely) < 2 or likely[0] > 2 or likely[1] > 4):
        return None
    total = sum(power for _, power, _ in lines)
    # Higher harmonics know the fundamental better.
    mains = sum(f * k for f, _, k in lines) / sum(k * k for *_, k in lines)
    relative = float(decibels(np.array([total / max(speech_power, FLOOR)]))[0])
    return Hum(mains, tuple(mains * k for *_, k in lines), relative)


def _in_step(lines: list[tuple[float, float, int]], mains_hz: float) -> list[tuple[float, float, int]]:
    """Lines that are multiples of one fundamental near the mains' frequency."""
    close = [line for line in lines if abs(line[0] / line[2] - mains_hz) < MAINS_DRIFT_HZ]
    if not close:
        return []
    fundamental = float(np.median([f / k for f, _, k in close]))
    return [line for line in close if abs(line[0] - fundamental * line[2]) < 1.0]
