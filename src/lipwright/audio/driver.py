"""The driver: the audio that the model hears, prepared from the recording.

24 kHz mono, exactly as long as the video, clean, at a level that opens mouths, without hard edges or
digital silence at its end. Nothing in it moves: what is heard at t in the recording is heard at t
in the driver, to the sample, unless pauses were shortened on request. The recording itself is what
gets delivered; it is not touched here.

Each step runs in place, block by block: an hour is held once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from lipwright.audio import restoration
from lipwright.audio.action import Action
from lipwright.audio.assessment import assess
from lipwright.audio.diagnosis import Diagnosis, diagnose, with_noise
from lipwright.audio.dither import quantise_in_place
from lipwright.audio.downmix import fold
from lipwright.audio.frame_features import frame_features
from lipwright.audio.level import Level, from_db, measure_level, peak, to_db
from lipwright.audio.leveling import PEAK_DBFS, raise_level
from lipwright.audio.limiter import limit_in_place
from lipwright.audio.pause_trimming import Edit, shorten_in_place, to_driver_time
from lipwright.audio.pink_noise import add_pink_noise
from lipwright.audio.room_tone import room_tone
from lipwright.audio.source_stats import measure_source
from lipwright.domain.finding import Finding
from lipwright.domain.media import Waveform
from lipwright.domain.plan import FramePlan
from lipwright.domain.progress import Progress, ProgressCallback, no_progress
from lipwright.domain.settings import Preparation
from lipwright.domain.time import Span, samples_to_seconds, seconds_to_samples
from lipwright.errors import InputError

DRIVER_RATE_HZ = 24_000
"""The guide: 24 kHz mono, 16 or 24 bits."""

SILENT_DBFS = -70.0
"""Audio whose highest sample stays below this holds no voice."""
SHORTEST_S = 0.05
"""No syllable is shorter."""
FADE_S = 0.01
"""Raised cosine at the edges: long enough for no click, shorter than a plosive."""

DEFAULTS = Preparation()


@dataclass(frozen=True, slots=True)
class Driver:
    """The prepared audio, and what was noticed and done on the way."""

    waveform: Waveform
    """Mono, 24 kHz, exactly round(plan.seconds x 24000) samples, halves up."""
    speech: tuple[Span, ...]
    """Where somebody speaks, in seconds of the driver."""
    actions: tuple[Action, ...]
    """In the order they were done."""
    findings: tuple[Finding, ...]
    before: Level
    """The recording's level."""
    after: Level
    """The driver's level: its peak lies in -6..-3 dBFS."""


def prepare_driver(
    audio: Waveform,
    plan: FramePlan,
    speech: Sequence[Span],
    *,
    options: Preparation = DEFAULTS,
    diagnosis: Diagnosis | None = None,
    edits: Sequence[Edit] = (),
    bits: int = 16,
    seed: int = 0,
    lossy_codec: str = "",
    workspace: NDArray[np.float32] | None = None,
    report: ProgressCallback = no_progress,
) -> Driver:
    """Make the driver of a video.

    Args:
        audio: The recording: mono at 24 kHz is taken as it is, anything else is
            folded and resampled first.
        plan: The video; its length is the driver's.
        speech: Where somebody speaks, in seconds of the recording.
        options: What may be done to it.
        diagnosis: What is wrong with it; by default it is examined here. Clipping cannot be seen
            any more after resampling, so examine the source as it was read.
        edits: How its pauses are shortened; empty leaves them.
        bits: Depth that the driver is rounded to.
        seed: Chooses the noise of padding, floor and dither.
        lossy_codec: Name of the source's codec where that loses something.
        workspace: Memory that the driver is made in, shape (m,); it may be the audio's own, whose
            samples are then lost. By default the audio is copied.
        report: Told the steps of prepare.

    Raises:
        InputError: as check_usable, or nothing but silence in the part that the video keeps.
        EngineUnavailable: denoising was asked for, and cannot be done here.
    """
    check_usable(audio)
    mono = to_driver_rate(audio)
    length = seconds_to_samples(plan.seconds, DRIVER_RATE_HZ)
    if diagnosis is None:
        diagnosis = diagnose(mono.samples[0], DRIVER_RATE_HZ, speech, measure_source(audio))
    work = workspace
    if work is None or len(work) < mono.samples.shape[1]:
        work = np.empty(max(length, mono.samples.shape[1]), np.float32)
    samples = work[: mono.samples.shape[1]]
    if not np.shares_memory(samples, mono.samples):
        samples[:] = mono.samples[0]
    if not edits:
        _refuse_silence(samples[:length], _kept(plan))
    actions, findings = restoration.clean(samples, DRIVER_RATE_HZ, diagnosis, options, report)
    heard = diagnosis.speech
    if edits:
        kept = shorten_in_place(samples, edits, DRIVER_RATE_HZ)
        actions.append(Action("shorten", -(len(samples) - kept) / DRIVER_RATE_HZ, "s", len(edits) - 1))
        samples, heard = samples[:kept], to_driver_time(heard, edits)
    driver, fitted, padding = _fit_length(work, samples, heard, length, seed)
    actions += fitted
    _refuse_silence(driver, _kept(plan))
    report(Progress("prepare", 8, 10))
    actions += raise_level(driver, DRIVER_RATE_HZ, heard, options.kind)
    if options.driver_noise_dbfs is not None:
        add_pink_noise(driver, options.driver_noise_dbfs, seed)
        limit_in_place(driver, DRIVER_RATE_HZ, 1.0, from_db(PEAK_DBFS))
        actions.append(Action("noise", options.driver_noise_dbfs, "dBFS"))
    quantise_in_place(driver, bits, seed)
    actions.append(Action("dither", bits, "bits"))
    waveform = Waveform(driver[None], DRIVER_RATE_HZ)
    after = with_noise(measure_level(waveform), frame_features(driver, DRIVER_RATE_HZ, heard))
    report(Progress("prepare", 10, 10))
    return Driver(
        waveform=waveform,
        speech=heard,
        actions=(*_arrival(diagnosis), *actions),
        findings=(*assess(diagnosis, lossy_codec, edits), *_cut(plan, heard), *findings, *padding),
        before=diagnosis.level,
        after=after,
    )


def check_usable(audio: Waveform) -> None:
    """Refuse audio that nobody could speak in. Ask before anything else is computed.

    Raises:
        InputError: shorter than any syllable, silent, or not all numbers.
    """
    if audio.seconds < SHORTEST_S:
        raise InputError(
            f"the audio is {audio.samples.shape[-1]} samples long ({audio.seconds:.4f} s);"
            f" the shortest that can be spoken is {SHORTEST_S} s",
            hint="check that the recording was exported whole",
        )
    _refuse_silence(audio.samples, "the audio")


def to_driver_rate(audio: Waveform) -> Waveform:
    """Mono at 24 kHz, every instant where it was.

    Returns:
        round(seconds x 24000) samples, halves up, shape (1, n).
    """
    samples = fold(audio)
    if audio.rate_hz == DRIVER_RATE_HZ:
        return Waveform(samples[None], DRIVER_RATE_HZ)
    length = seconds_to_samples(samples_to_seconds(samples.size, audio.rate_hz), DRIVER_RATE_HZ)
    resampled = soxr.resample(samples, audio.rate_hz, DRIVER_RATE_HZ)[:length]
    return Waveform(np.pad(resampled, (0, length - len(resampled)))[None], DRIVER_RATE_HZ)


def _arrival(found: Diagnosis) -> list[Action]:
    """What was done before anything could be heard here."""
    actions = []
    if len(found.source.powers) > 1:
        actions.append(Action("mono", len(found.source.powers), "channels"))
    if found.source.rate_hz != DRIVER_RATE_HZ:
        actions.append(Action("resample", found.source.rate_hz, "Hz"))
    return actions


def _kept(plan: FramePlan) -> str:
    return f"the first {float(plan.seconds):g} s of the audio, all that the video keeps,"


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
    work: NDArray[np.float32],
    samples: NDArray[np.float32],
    speech: Sequence[Span],
    length: int,
    seed: int,
) -> tuple[NDArray[np.float32], list[Action], list[Finding]]:
    """The audio in exactly `length` samples: trimmed, or continued by room tone; faded.

    `samples` is the beginning of `work`, and so is what comes back where there is room.
    """
    kept = min(len(samples), length)
    actions: list[Action] = []
    findings: list[Finding] = []
    fade = min(round(FADE_S * DRIVER_RATE_HZ), kept // 2)
    # Half a sample in, so that the ramp is its own mirror image and no sample is wasted.
    rise = np.sin(np.pi / 2 * (np.arange(fade) + 0.5) / max(1, fade)) ** 2
    tone = np.zeros(0, np.float32)
    if kept < len(samples):
        actions.append(Action("trim", -(len(samples) - kept) / DRIVER_RATE_HZ, "s"))
    elif kept < length:
        tone, recorded = room_tone(samples, DRIVER_RATE_HZ, speech, length - kept + fade, seed)
        # The tone comes up while the audio goes down; unrelated sounds add in power.
        tone[:fade] *= np.sqrt(1 - rise[::-1] ** 2)
        end_fade = min(fade, len(tone))
        tone[len(tone) - end_fade :] *= rise[::-1][fade - end_fade :]
        actions.append(Action("pad", (length - kept) / DRIVER_RATE_HZ, "s"))
        if not recorded:
            findings.append(_no_room_tone(kept, length))
    driver = work[:length]
    if len(work) < length:
        driver = np.empty(length, np.float32)
        driver[:kept] = samples[:kept]
    driver[:fade] *= rise
    driver[kept - fade : kept] *= rise[::-1]
    if len(tone):
        driver[kept:] = 0
        driver[kept - fade :] += tone
    actions.append(Action("fade", FADE_S, "s", 2))
    return driver, actions, findings


def _no_room_tone(kept: int, length: int) -> Finding:
    return Finding(
        id="no-room-tone",
        severity="hint",
        text="the recording has no recorded quiet to continue; faint pink noise pads the driver",
        advice="leave half a second of room tone at the end of the recording",
        where={"start": kept / DRIVER_RATE_HZ, "end": length / DRIVER_RATE_HZ},
    )


def _cut(plan: FramePlan, speech: Sequence[Span]) -> list[Finding]:
    if not speech or speech[-1].end <= float(plan.seconds) + FADE_S:
        return []
    return [
        Finding(
            id="speech-cut",
            severity="warning",
            text=f"speech ends at {speech[-1].end:.2f} s, the video at {float(plan.seconds):.2f} s",
            advice="use --fit auto or --fit cover",
            where={"start": float(plan.seconds), "end": speech[-1].end},
        )
    ]
