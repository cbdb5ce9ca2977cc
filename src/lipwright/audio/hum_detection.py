"""Find steady sound other than the voice: mains hum, rumble, and music between words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.frame_features import MIN_POWER, one_power_to_db, power_to_db
from lipwright.audio.speech import find_silences
from lipwright.domain.time import Span

MAX_WINDOWS = 400
"""Maximum number of spectra computed per recording."""


@dataclass(frozen=True, slots=True)
class HumThresholds:
    """Thresholds for mains hum: spectral lines at multiples of 50 or 60 Hz."""

    window_s: float = 0.7
    """Length of a window, which gives bins 1.5 Hz wide. Interpolation between bins gives the frequency of a
    peak to within 0.2 Hz; the harmonics give the frequency of the hum more exactly."""
    mains_hz: tuple[float, float] = (50.0, 60.0)
    drift_hz: float = 0.6
    """Maximum deviation of the mains frequency from its nominal value."""
    harmonics: int = 16
    prominence_db: float = 8.0
    """Minimum prominence of a spectral line of hum: how many dB it rises above the spectrum around it, in the
    quietest tenth of the windows."""
    likely_db: float = 12.0
    """Minimum prominence, in dB, of each of two spectral lines that together count as hum. The lower one must
    be the first or second harmonic, the higher one at most the fourth."""
    sure_db: float = 20.0
    """Minimum prominence, in dB, of a fundamental that counts as hum without other spectral lines."""
    below_speech_db: float = 55.0
    """Spectral lines that are more than this many dB below the speech are ignored."""
    loud_db: float = -20.0
    """If the level of the hum, relative to the speech, is higher than this, the finding on hum is a warning,
    because viewers hear the hum in the delivered audio. Hum is always removed from the driver."""


HUM = HumThresholds()


@dataclass(frozen=True, slots=True)
class RumbleThresholds:
    """Thresholds for rumble and wind."""

    band_hz: tuple[float, float] = (4.0, 45.0)
    below_speech_db: float = 30.0
    """Rumble is removed if its level is less than this many dB below the speech."""


RUMBLE = RumbleThresholds()


@dataclass(frozen=True, slots=True)
class MusicThresholds:
    """Thresholds for detecting music in pauses: several sustained spectral lines."""

    window_s: float = 0.17
    band_hz: tuple[float, float] = (80.0, 4000.0)
    prominence_db: float = 16.0
    lines: int = 4
    """Minimum number of spectral lines in music, not counting those of hum. The number is the median over all
    windows that lie in pauses; noise has no spectral lines."""
    below_speech_db: float = 40.0
    """Music is reported if its level is at most this many dB below the speech."""
    edge_s: float = 0.06
    """The audio within this many seconds before and after a word is ignored, because words reverberate."""


MUSIC = MusicThresholds()

_SLOPE_WINDOW_S, _SLOPE_HOP_S = 0.5, 0.25
"""Length and hop of the windows in which the phase of a spectral line is measured. The advance of the phase
from window to window gives the exact frequency of the line."""


@dataclass(frozen=True, slots=True)
class Hum:
    """Mains hum of a recording."""

    mains_hz: float
    """Measured frequency of the fundamental."""
    lines_hz: tuple[float, ...]
    """Frequencies of the prominent harmonics, including the fundamental if it is prominent."""
    level_db: float
    """Power of all spectral lines of the hum together, relative to the speech, in dB."""


def find_hum(samples: NDArray[np.float32], rate_hz: int, speech_power: float) -> Hum | None:
    """Find mains hum in audio of shape (n,); `speech_power` is the mean square of its speech."""
    spectra, bin_hz = _spectra(samples, rate_hz, (HUM.harmonics + 1) * HUM.mains_hz[1])
    if spectra is None:
        return None
    quiet = np.quantile(spectra, 0.1, axis=0)
    found = [hum for mains in HUM.mains_hz if (hum := _hum_at(quiet, bin_hz, mains, speech_power))]
    loudest = max(found, key=lambda hum: hum.level_db, default=None)
    return None if loudest is None else _refined(samples, rate_hz, loudest)


def rumble_power(samples: NDArray[np.float32], rate_hz: int) -> float:
    """Return the mean square between 4 and 45 Hz in audio of shape (n,): the median of many windows."""
    spectra, bin_hz = _spectra(samples, rate_hz, RUMBLE.band_hz[1])
    if spectra is None:
        return 0.0
    return float(np.median(spectra[:, round(RUMBLE.band_hz[0] / bin_hz) :].sum(1)))


def music_between_words(
    samples: NDArray[np.float32],
    rate_hz: int,
    speech: Sequence[Span],
    speech_power: float,
    hum: Hum | None,
) -> tuple[Span, float] | None:
    """Find music where nobody speaks, in audio of shape (n,); the spectral lines of `hum` are ignored.

    Returns:
        The span from the first to the last window with music, and its level relative to the speech in dB;
        None if there is no music, or no pause in which it could be found.
    """
    size = round(MUSIC.window_s * rate_hz)
    window = np.hanning(size).astype(np.float32)
    frequency = np.fft.rfftfreq(size, 1 / rate_hz)
    band = (frequency >= MUSIC.band_hz[0]) & (frequency <= MUSIC.band_hz[1])
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
    if not lines or np.median(lines) < MUSIC.lines:
        return None
    level_db = one_power_to_db(float(np.median(powers)) / max(speech_power, MIN_POWER))
    if level_db < -MUSIC.below_speech_db:
        return None
    with_music = [start for start, count in zip(starts, lines, strict=True) if count >= MUSIC.lines]
    return Span(with_music[0] / rate_hz, (with_music[-1] + size) / rate_hz), level_db


def _between_words(length: int, rate_hz: int, speech: Sequence[Span], size: int) -> Iterator[int]:
    """Yield the start of each window of `size` samples in pauses; windows overlap by half."""
    edge = MUSIC.edge_s
    for pause in find_silences(speech, length / rate_hz, 2 * edge):
        first, last = round((pause.start + edge) * rate_hz), round((pause.end - edge) * rate_hz) - size
        yield from range(first, last + 1, size // 2)


def _peaks(power: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Mark local maxima of a spectrum that stand out from the median of 33 bins around them."""
    reach = 16
    level = power_to_db(power / max(float(power.max()), 1e-20) + 1e-11)
    padded = np.pad(level, reach, mode="edge")
    around = np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1), axis=1)
    out = level > around + MUSIC.prominence_db
    out[1:-1] &= (level[1:-1] >= level[:-2]) & (level[1:-1] >= level[2:])
    out[:2] = out[-2:] = False
    return np.asarray(out)


def _spectra(
    samples: NDArray[np.float32], rate_hz: int, highest_hz: float
) -> tuple[NDArray[np.float64] | None, float]:
    """Compute spectra of windows spread over the audio.

    Returns:
        The mean square per bin, shape (windows, bins), or None if the audio is shorter than a window; and the
        bin width in Hz.
    """
    size = round(HUM.window_s * rate_hz) // 2 * 2
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
    """Measure the frequency of a hum to a few hundredths of a hertz, from the phase of its spectral lines."""
    size, hop = round(_SLOPE_WINDOW_S * rate_hz), round(_SLOPE_HOP_S * rate_hz)
    starts = np.arange(0, len(samples) - size + 1, hop)[:MAX_WINDOWS]
    if len(starts) < 2:
        return hum
    window = np.hanning(size)
    n = np.arange(size)
    weighted, weights = 0.0, 0.0
    for line in hum.lines_hz:
        k = round(line / hum.mains_hz)
        turn = window * np.exp(-2j * np.pi * line / rate_hz * n)
        phasors = np.array([samples[s : s + size] @ turn for s in starts])
        phasors *= np.exp(-2j * np.pi * line / rate_hz * starts)
        # Speech that covers a line is louder than the line, so the louder windows do not count.
        usual = float(np.quantile(np.abs(phasors), 0.3)) + 1e-12
        phasors /= np.maximum(np.abs(phasors), usual)
        slope = (phasors[1:] * phasors[:-1].conj()).sum()
        shift = float(np.angle(slope)) / (2 * np.pi * _SLOPE_HOP_S)
        weight = (usual * abs(slope) / len(starts)) ** 2
        weighted += weight * k * (line + shift)
        weights += weight * k * k
    mains = weighted / weights
    return Hum(mains, tuple(mains * round(f / hum.mains_hz) for f in hum.lines_hz), hum.level_db)


def _hum_at(quiet: NDArray[np.float64], bin_hz: float, mains_hz: float, speech_power: float) -> Hum | None:
    level = power_to_db(quiet)
    lines: list[tuple[float, float, int]] = []
    prominence: dict[int, float] = {}
    for k in range(1, HUM.harmonics + 1):
        reach = max(1, round((HUM.drift_hz * min(k, 3)) / bin_hz))
        middle = round(k * mains_hz / bin_hz)
        near = slice(max(1, middle - reach), middle + reach + 1)
        top = near.start + int(level[near].argmax())
        below, above = level[max(1, top - 16) : max(1, top - 3)], level[top + 4 : top + 17]
        if top + 1 >= len(level) or not len(below) or not len(above):
            continue
        # Compare with the louder side: at the edge of a low-cut filter, every bin exceeds the bins below it.
        prominence[k] = float(level[top] - max(np.median(below), np.median(above)))
        if prominence[k] < HUM.prominence_db:
            continue
        a, b, c = level[top - 1 : top + 2]
        offset = 0.5 * (a - c) / min(a - 2 * b + c, -1e-9)
        power = float(quiet[top - 2 : top + 3].sum())
        if power > speech_power * 10 ** (-HUM.below_speech_db / 10):
            lines.append(((top + float(np.clip(offset, -0.5, 0.5))) * bin_hz, power, k))
    lines = _harmonic(lines, mains_hz)
    # A single line can have many causes, and two high lines may be music.
    likely = [k for *_, k in lines if prominence[k] > HUM.likely_db]
    sure = bool(lines) and lines[0][2] == 1 and prominence[1] > HUM.sure_db
    if not sure and (len(likely) < 2 or likely[0] > 2 or likely[1] > 4):
        return None
    total = sum(power for _, power, _ in lines)
    # Higher harmonics give the fundamental more exactly.
    mains = sum(f * k for f, _, k in lines) / sum(k * k for *_, k in lines)
    return Hum(
        mains, tuple(mains * k for *_, k in lines), one_power_to_db(total / max(speech_power, MIN_POWER))
    )


def _harmonic(lines: list[tuple[float, float, int]], mains_hz: float) -> list[tuple[float, float, int]]:
    """Keep the spectral lines that are multiples of one fundamental near the mains frequency."""
    close = [line for line in lines if abs(line[0] / line[2] - mains_hz) < HUM.drift_hz]
    if not close:
        return []
    fundamental = float(np.median([f / k for f, _, k in close]))
    return [line for line in close if abs(line[0] - fundamental * line[2]) < 1.0]
