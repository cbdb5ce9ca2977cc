"""The driver: the sound that the model hears, prepared from the recording.

24 kHz mono, exactly as long as the film, at a level that opens mouths, without hard
edges or digital silence at its end. Nothing in it moves: what is heard at t in the
recording is heard at t in the driver, to the sample. The recording itself is what
gets delivered; it is not touched here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from lipwright.audio.fold import fold
from lipwright.audio.level import Level, from_db, measure_level, peak, to_db
from lipwright.audio.limiter import limit_in_place
from lipwright.audio.pink import add_pink_noise
from lipwright.audio.room_tone import room_tone
from lipwright.audio.speech import find_silences
from lipwright.domain.finding import Finding
from lipwright.domain.media import Waveform
from lipwright.domain.plan import FramePlan
from lipwright.domain.preparation import Preparation
from lipwright.domain.time import Span, samples_to_seconds, seconds_to_samples
from lipwright.errors import InputError

DRIVER_RATE_HZ = 24_000
"""The guide: 24 kHz mono, 16 or 24 bits."""

PEAK_DBFS = -4.5
"""Middle of the guide's -6..-3 dBFS."""
SILENT_DBFS = -70.0
"""A sound whose highest sample stays below this holds no voice."""
SHORTEST_S = 0.05
"""No syllable is shorter."""
QUIET_LUFS = -20.0
"""Quieter speech leaves the mouth still; -16 is what users find good."""
FADE_S = 0.01
"""Raised cosine at the edges: long enough for no click, shorter than a plosive."""
LONG_SILENCE_S = 2.0
"""The guide: gaps longer than 2 seconds can cost the sync."""

PEAK_WINDOW_S = 0.01
LONE_PEAKS = 0.01
"""Share of the 10 ms windows whose peaks may be limited: a click or two must not decide
how loud the speech is."""
LONE_WINDOWS = 2
"""At least so many: one click can touch two windows."""
MAX_LIMITING_DB = 40.0
"""No peak is pressed further than this: beyond it the speech found is hardly speech."""

DEFAULTS = Preparation()

MIN_CLIPPED = 10
"""Fewer flat samples than this are chance."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that preparation did."""

    name: str
    """trim, pad, fade, gain, limit or noise."""
    amount: float
    unit: str
    """s, dB or dBFS."""

    def to_json(self) -> dict[str, Any]:
        """As `actions` lists it."""
        return {"action": self.name, "amount": self.amount, "unit": self.unit}


@dataclass(frozen=True, slots=True)
class Driver:
    """The prepared sound, and what was noticed and done on the way."""

    waveform: Waveform
    """Mono, 24 kHz, exactly round(plan.seconds x 24000) samples, halves up."""
    actions: tuple[Action, ...]
    """In the order they were done."""
    findings: tuple[Finding, ...]
    before: Level
    """The recording's level."""
    after: Level
    """The driver's level: its peak lies in -6..-3 dBFS."""


def prepare_driver(
    sound: Waveform,
    plan: FramePlan,
    speech: Sequence[Span],
    *,
    options: Preparation = DEFAULTS,
    source_level: Level | None = None,
    seed: int = 0,
) -> Driver:
    """Make the driver of a film.

    Args:
        sound: The recording: mono at 24 kHz is taken as it is, anything else is
            folded and resampled first.
        plan: The film; its length is the driver's.
        speech: Where somebody speaks, in seconds of the recording.
        options: What may be done to it.
        source_level: Level of the source as it was read; clipping cannot be seen any
            more after resampling. By default the level of `sound`.
        seed: Chooses the noise of the padding.

    Raises:
        InputError: as check_usable, or nothing but silence in the part that the film keeps.
    """
    check_usable(sound)
    before = source_level or measure_level(sound)
    samples = to_driver_rate(sound).samples[0]
    length = seconds_to_samples(plan.seconds, DRIVER_RATE_HZ)
    driver, actions, padding = _fit_length(samples, speech, length, seed)
    _refuse_silence(driver, f"the first {float(plan.seconds):g} s of the sound, all that the film keeps,")
    actions += _raise_level(driver, speech)
    if options.driver_noise_dbfs is not None:
        actions += _add_noise(driver, options.driver_noise_dbfs, seed)
    waveform = Waveform(driver[None], DRIVER_RATE_HZ)
    after = measure_level(waveform)
    findings = (*_level_findings(before, after), *_speech_findings(plan, speech, sound.seconds), *padding)
    return Driver(waveform, tuple(actions), findings, before, after)


def check_usable(sound: Waveform) -> None:
    """Refuse a sound that nobody could speak in. Ask before anything else is computed.

    Raises:
        InputError: shorter than any syllable, silent, or not all numbers.
    """
    if sound.seconds < SHORTEST_S:
        raise InputError(
            f"the sound is {sound.samples.shape[-1]} samples long ({sound.seconds:.4f} s);"
            f" the shortest that can be spoken is {SHORTEST_S} s",
            hint="check that the recording was exported whole",
        )
    _refuse_silence(sound.samples, "the sound")


def to_driver_rate(sound: Waveform) -> Waveform:
    """Mono at 24 kHz, every instant where it was.

    Returns:
        round(seconds x 24000) samples, halves up, shape (1, n).
    """
    samples = fold(sound)
    if sound.rate_hz == DRIVER_RATE_HZ:
        return Waveform(samples[None], DRIVER_RATE_HZ)
    length = seconds_to_samples(samples_to_seconds(samples.size, sound.rate_hz), DRIVER_RATE_HZ)
    resampled = soxr.resample(samples, sound.rate_hz, DRIVER_RATE_HZ)[:length]
    return Waveform(np.pad(resampled, (0, length - len(resampled)))[None], DRIVER_RATE_HZ)


def _refuse_silence(samples: NDArray[np.float32], what: str) -> None:
    highest = peak(samples)
    if not np.isfinite(highest):
        raise InputError(
            f"{what} holds values that are no numbers (NaN or infinite)",
            hint="export it again as WAV with integer samples",
        )
    if to_db(highest) < SILENT_DBFS:
        raise InputError(
            f"{what} is silent: its peak is {to_db(highest):.0f} dBFS, a voice is above {SILENT_DBFS:.0f}",
            hint="check that the right track was exported and not muted",
        )


def _fit_length(
    samples: NDArray[np.float32], speech: Sequence[Span], length: int, seed: int
) -> tuple[NDArray[np.float32], list[Action], list[Finding]]:
    """Copy the sound to exactly `length` samples: trimmed, or continued by room tone; faded."""
    kept = min(len(samples), length)
    driver = np.empty(length, np.float32)
    driver[:kept] = samples[:kept]
    fade = min(round(FADE_S * DRIVER_RATE_HZ), kept // 2)
    # Half a sample in, so that the ramp is its own mirror image and no sample is wasted.
    rise = np.sin(np.pi / 2 * (np.arange(fade) + 0.5) / max(1, fade)) ** 2
    actions: list[Action] = []
    findings: list[Finding] = []
    if kept < len(samples):
        actions.append(Action("trim", (len(samples) - kept) / DRIVER_RATE_HZ, "s"))
    driver[:fade] *= rise
    driver[kept - fade : kept] *= rise[::-1]
    if kept < length:
        tone, recorded = room_tone(samples, DRIVER_RATE_HZ, speech, length - kept + fade, seed)
        # The tone comes up while the sound goes down; unrelated sounds add in power.
        tone[:fade] *= np.sqrt(1 - rise[::-1] ** 2)
        end_fade = min(fade, len(tone))
        tone[len(tone) - end_fade :] *= rise[::-1][fade - end_fade :]
        driver[kept:] = 0
        driver[kept - fade :] += tone
        actions.append(Action("pad", (length - kept) / DRIVER_RATE_HZ, "s"))
        if not recorded:
            findings.append(
                Finding(
                    rule="no-room-tone",
                    severity="hint",
                    text="the recording has no recorded quiet to continue; faint pink noise pads the driver",
                    advice="leave half a second of room tone at the end of the recording",
                    where={"start": kept / DRIVER_RATE_HZ, "end": length / DRIVER_RATE_HZ},
                )
            )
    actions.append(Action("fade", FADE_S, "s"))
    return driver, actions, findings


def _raise_level(driver: NDArray[np.float32], speech: Sequence[Span]) -> list[Action]:
    """Bring the peak to PEAK_DBFS in place, by gain alone unless lone peaks stand out."""
    ceiling = from_db(PEAK_DBFS)
    usual = _usual_peak(driver, speech) if speech else peak(driver)
    gain = ceiling / max(usual, peak(driver) * from_db(-MAX_LIMITING_DB))
    reduction = limit_in_place(driver, DRIVER_RATE_HZ, gain, ceiling)
    # The limiter's own peak may lie a little under the ceiling: the last word is exact.
    rest = ceiling / peak(driver)
    driver *= np.float32(rest)
    actions = [Action("gain", to_db(gain * rest), "dB")]
    if reduction < 1:
        actions.append(Action("limit", to_db(reduction), "dB"))
    return actions


def _add_noise(driver: NDArray[np.float32], level_dbfs: float, seed: int) -> list[Action]:
    """The pink floor, in place; peaks that it lifts are held where they were."""
    add_pink_noise(driver, level_dbfs, seed)
    limit_in_place(driver, DRIVER_RATE_HZ, 1.0, from_db(PEAK_DBFS))
    return [Action("noise", level_dbfs, "dBFS")]


def _usual_peak(driver: NDArray[np.float32], speech: Sequence[Span]) -> float:
    """The peak of the speech, without its loudest 1 % of 10 ms windows."""
    size = round(PEAK_WINDOW_S * DRIVER_RATE_HZ)
    starts = np.arange(0, len(driver), size)
    peaks = np.maximum(np.maximum.reduceat(driver, starts), -np.minimum.reduceat(driver, starts))
    spoken = np.zeros(len(starts), bool)
    for span in speech:
        spoken[int(span.start / PEAK_WINDOW_S) : int(span.end / PEAK_WINDOW_S) + 1] = True
    heard = np.sort(peaks[spoken] if spoken.any() else peaks)
    left_out = LONE_WINDOWS + int(LONE_PEAKS * len(heard))
    return float(heard[max(0, len(heard) - 1 - left_out)])


def _level_findings(before: Level, after: Level) -> list[Finding]:
    findings = []
    if before.clipped_samples >= MIN_CLIPPED:
        findings.append(
            Finding(
                rule="clipped",
                severity="warning",
                text=f"{before.clipped_samples} samples are clipped",
                advice="record again with the peak between -6 and -3 dB; clipping makes the mouth jump",
            )
        )
    if before.lufs < QUIET_LUFS:
        findings.append(
            Finding(
                rule="quiet",
                severity="warning",
                text=f"loudness is {before.lufs:.1f} LUFS, below {QUIET_LUFS:.0f};"
                f" the driver was brought to {after.lufs:.1f} LUFS",
                advice="quiet speech gives a still mouth: about -16 LUFS, peak -6 to -3 dB, works best",
            )
        )
    return findings


def _speech_findings(plan: FramePlan, speech: Sequence[Span], seconds: float) -> list[Finding]:
    findings = []
    if not speech:
        findings.append(
            Finding(
                rule="no-speech",
                severity="warning",
                text="no speech was found",
                advice="drive with the dialogue alone (--driver); lips rest where nobody speaks",
                where={"start": 0.0, "end": seconds},
            )
        )
    else:
        findings += [
            Finding(
                rule="long-silence",
                severity="warning",
                text=f"{silence.seconds:.1f} s without speech",
                advice="pauses over 2 s can cost the sync: shorten them to a second, or use --trim-silence",
                where={"start": silence.start, "end": silence.end},
            )
            for silence in find_silences(speech, seconds, LONG_SILENCE_S)
        ]
        if speech[-1].end > float(plan.seconds) + FADE_S:
            findings.append(
                Finding(
                    rule="speech-cut",
                    severity="warning",
                    text=f"speech ends at {speech[-1].end:.2f} s, the film at {float(plan.seconds):.2f} s",
                    advice="use --fit auto or --fit cover",
                    where={"start": float(plan.seconds), "end": speech[-1].end},
                )
            )
    return findings
