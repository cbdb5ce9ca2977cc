"""Prepare the driver: the audio that the model hears.

The driver is mono, 24 kHz, exactly as long as the video, clean, and loud enough to move the mouth; it has
faded ends and no digital silence at its end. Nothing is shifted: what is at time t in the recording is at
time t in the driver, to the sample, unless pauses were shortened on request. The recording itself is not
changed.

Each step runs in place, block by block, so only one copy of the audio is in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from lipwright.audio import findings
from lipwright.audio.assessment import assess
from lipwright.audio.diagnosis import Diagnosis, diagnose, with_noise
from lipwright.audio.dynamics import limit_in_place
from lipwright.audio.filters import blocks
from lipwright.audio.frame_features import frame_features
from lipwright.audio.level import Level, from_db, peak, to_db
from lipwright.audio.leveling import PEAK_DBFS, level_in_place
from lipwright.audio.noise_synthesis import add_pink_noise, room_tone
from lipwright.audio.pause_trimming import Edit, shorten_in_place, to_driver_time
from lipwright.audio.restoration import Action, repair_in_place
from lipwright.audio.source_stats import measure_source
from lipwright.domain.finding import Finding
from lipwright.domain.media import AudioBuffer, Waveform
from lipwright.domain.plan import FramePlan
from lipwright.domain.progress import Progress, ProgressCallback, no_progress
from lipwright.domain.settings import Preparation
from lipwright.domain.time import Span, samples_to_seconds, seconds_to_samples
from lipwright.errors import InputError

DRIVER_RATE_HZ = 24_000
"""Sample rate of the driver (rule AUDIO-1)."""

SILENT_DBFS = -70.0
"""Peak below which audio counts as silent."""
SHORTEST_S = 0.05
"""Minimum length of usable audio; no syllable is shorter."""
FADE_S = 0.01
"""Length of the raised-cosine fades at both ends: long enough to avoid a click, shorter than a plosive."""

NOISE_SEED = 0
"""Seed of the noise for padding, noise floor and dither, so that the same recording gives the same driver."""

DEFAULTS = Preparation()


@dataclass(frozen=True, slots=True)
class Driver:
    """The prepared audio, with findings and the steps of the preparation."""

    waveform: Waveform
    """Mono, 24 kHz, exactly round(plan.seconds * 24000) samples, with halves rounded up."""
    speech: tuple[Span, ...]
    """Spans of speech, in seconds of the driver."""
    actions: tuple[Action, ...]
    """Steps of the preparation, in order."""
    findings: tuple[Finding, ...]
    before: Level
    """Level of the recording."""
    after: Level
    """Level of the driver; its peak is between -6 and -3 dBFS."""


def prepare_driver(
    audio: Waveform | AudioBuffer,
    plan: FramePlan,
    speech: Sequence[Span],
    *,
    options: Preparation = DEFAULTS,
    diagnosis: Diagnosis | None = None,
    edits: Sequence[Edit] = (),
    bits: int = 16,
    lossy_codec: str = "",
    report: ProgressCallback = no_progress,
) -> Driver:
    """Make the driver, the audio that the model hears, for a video.

    Args:
        audio: The recording. A `Waveform` of any rate and channels is copied; an `AudioBuffer` at the
            driver's rate is consumed, and the driver is made in its memory.
        plan: The plan of the video; the driver is made as long as the video.
        speech: Spans of speech, in seconds of the recording.
        options: Which steps are allowed.
        diagnosis: Diagnosis of the recording; None to diagnose it here. Resampling hides clipping, so
            diagnose the source at its own rate.
        edits: Edit list that shortens the long pauses; empty if no pause is shortened.
        bits: Bit depth to which the driver is rounded.
        lossy_codec: Name of the source's codec if it is lossy; empty otherwise.
        report: Called with the progress of the stage "prepare".

    Raises:
        InputError: `check_usable` refuses the recording, or the part that the video uses is silent.
        EngineUnavailable: denoising was requested and is not available.
    """
    given = audio if isinstance(audio, Waveform) else audio.waveform
    check_usable(given)
    mono = to_driver_rate(given)
    length = seconds_to_samples(plan.seconds, DRIVER_RATE_HZ)
    count = mono.samples.shape[1]
    if diagnosis is None:
        diagnosis = diagnose(mono.samples[0], DRIVER_RATE_HZ, speech, measure_source(given))
    if isinstance(audio, AudioBuffer) and audio.rate_hz == DRIVER_RATE_HZ:
        work = audio.take()
    else:
        work = np.empty(max(length, count), np.float32)
        work[:count] = mono.samples[0]
    del given, mono
    samples = work[:count]
    if not edits:
        _refuse_silence(samples[:length], _kept(plan))
    actions, unrepaired = repair_in_place(samples, DRIVER_RATE_HZ, diagnosis, options, report)
    speech = diagnosis.speech
    if edits:
        kept = shorten_in_place(samples, edits, DRIVER_RATE_HZ)
        actions.append(Action("shorten", -(len(samples) - kept) / DRIVER_RATE_HZ, "s", len(edits) - 1))
        samples, speech = samples[:kept], to_driver_time(speech, edits)
    driver, fitted, padding = _fit_length(work, samples, speech, length)
    actions += fitted
    _refuse_silence(driver, _kept(plan))
    report(Progress("prepare", 8, 10))
    actions += level_in_place(driver, DRIVER_RATE_HZ, speech, options.kind)
    if options.driver_noise_dbfs is not None:
        add_pink_noise(driver, options.driver_noise_dbfs, NOISE_SEED)
        limit_in_place(driver, DRIVER_RATE_HZ, 1.0, from_db(PEAK_DBFS))
        actions.append(Action("noise", options.driver_noise_dbfs, "dBFS"))
    dither_in_place(driver, bits)
    actions.append(Action("dither", bits, "bits"))
    waveform = Waveform(driver[None], DRIVER_RATE_HZ)
    after = with_noise(measure_source(waveform).level, frame_features(driver, DRIVER_RATE_HZ, speech))
    report(Progress("prepare", 10, 10))
    return Driver(
        waveform=waveform,
        speech=speech,
        actions=(*_conversions(diagnosis), *actions),
        findings=(*assess(diagnosis, lossy_codec, edits), *_cut(plan, speech), *unrepaired, *padding),
        before=diagnosis.level,
        after=after,
    )


def check_usable(audio: Waveform) -> None:
    """Raise an error for audio that cannot contain speech, before anything else is computed.

    Raises:
        InputError: the audio is silent, is shorter than any syllable, or has samples that are not finite.
    """
    if audio.seconds < SHORTEST_S:
        raise InputError(
            f"the audio is {audio.samples.shape[-1]} samples long ({audio.seconds:.4f} s); at least"
            f" {SHORTEST_S} s is needed",
            hint="check that the whole recording was exported",
        )
    _refuse_silence(audio.samples, "the audio")


def to_driver_rate(audio: Waveform) -> Waveform:
    """Convert audio to mono at 24 kHz without delay.

    Returns:
        Audio of round(seconds * 24000) samples (halves up), shape (1, n).
    """
    samples = audio.mono
    if audio.rate_hz == DRIVER_RATE_HZ:
        return Waveform(samples[None], DRIVER_RATE_HZ)
    length = seconds_to_samples(samples_to_seconds(samples.size, audio.rate_hz), DRIVER_RATE_HZ)
    resampled = soxr.resample(samples, audio.rate_hz, DRIVER_RATE_HZ)[:length]
    return Waveform(np.pad(resampled, (0, length - len(resampled)))[None], DRIVER_RATE_HZ)


def dither_in_place(samples: NDArray[np.float32], bits: int) -> None:
    """Round audio of shape (n,), in -1..1, to `bits` with triangular dither, in place.

    The dither is noise of up to one quantization step. With it, the rounding error does not depend on the
    audio (Lipshitz, Wannamaker and Vanderkooy 1992). A float32 represents up to 24 bits exactly, so a file
    with `bits` bits per sample contains exactly these samples.
    """
    rng = np.random.default_rng(NOISE_SEED)
    full_scale = 2.0 ** (bits - 1)
    for where in blocks(len(samples), 1 << 16):
        scaled = samples[where].astype(np.float64) * full_scale
        scaled += rng.random(len(scaled)) - rng.random(len(scaled))
        samples[where] = np.clip(np.rint(scaled), -full_scale, full_scale - 1) / full_scale


def _conversions(found: Diagnosis) -> list[Action]:
    """Return the conversions that were made when the recording was read."""
    actions = []
    if len(found.source.powers) > 1:
        actions.append(Action("mono", len(found.source.powers), "channels"))
    if found.source.rate_hz != DRIVER_RATE_HZ:
        actions.append(Action("resample", found.source.rate_hz, "Hz"))
    return actions


def _kept(plan: FramePlan) -> str:
    return f"the part of the audio that the video uses (the first {float(plan.seconds):g} s)"


def _refuse_silence(samples: NDArray[np.float32], what: str) -> None:
    highest = peak(samples)
    if not np.isfinite(highest):
        raise InputError(
            f"{what} contains samples that are not numbers (NaN or infinite)",
            hint="export it again as WAV with integer samples",
        )
    if to_db(highest) < SILENT_DBFS:
        raise InputError(
            f"{what} is silent: its peak is {to_db(highest):.0f} dBFS; a voice peaks above "
            f"{SILENT_DBFS:.0f} dBFS",
            hint="check that the right track was exported and not muted",
        )


def _fit_length(
    work: NDArray[np.float32],
    samples: NDArray[np.float32],
    speech: Sequence[Span],
    length: int,
) -> tuple[NDArray[np.float32], list[Action], list[Finding]]:
    """Trim `samples` to `length` samples or pad them with room tone, and fade both ends.

    `work` is the array whose beginning is `samples`; it is reused for the result if it is long enough.
    """
    kept = min(len(samples), length)
    actions: list[Action] = []
    padding: list[Finding] = []
    fade = min(round(FADE_S * DRIVER_RATE_HZ), kept // 2)
    # Offset by half a sample, so that the ramp is symmetric.
    rise = np.sin(np.pi / 2 * (np.arange(fade) + 0.5) / max(1, fade)) ** 2
    tone = np.zeros(0, np.float32)
    if kept < len(samples):
        actions.append(Action("trim", -(len(samples) - kept) / DRIVER_RATE_HZ, "s"))
    elif kept < length:
        tone, recorded = room_tone(samples, DRIVER_RATE_HZ, speech, length - kept + fade, NOISE_SEED)
        # The room tone fades in while the audio fades out; the powers of unrelated signals add up.
        tone[:fade] *= np.sqrt(1 - rise[::-1] ** 2)
        end_fade = min(fade, len(tone))
        tone[len(tone) - end_fade :] *= rise[::-1][fade - end_fade :]
        actions.append(Action("pad", (length - kept) / DRIVER_RATE_HZ, "s"))
        if not recorded:
            place = {"start": kept / DRIVER_RATE_HZ, "end": length / DRIVER_RATE_HZ}
            padding.append(findings.NO_ROOM_TONE(where=place))
    driver = work[:length]  # `samples` is its beginning
    if len(work) < length:
        driver = np.empty(length, np.float32)
        driver[:kept] = samples[:kept]
    driver[:fade] *= rise
    driver[kept - fade : kept] *= rise[::-1]
    if len(tone):
        driver[kept:] = 0
        driver[kept - fade :] += tone
    actions.append(Action("fade", FADE_S, "s", 2))
    return driver, actions, padding


def _cut(plan: FramePlan, speech: Sequence[Span]) -> list[Finding]:
    end = float(plan.seconds)
    if not speech or speech[-1].end <= end + FADE_S:
        return []
    place = {"start": end, "end": speech[-1].end}
    return [findings.SPEECH_CUT(where=place, speech_end=speech[-1].end, video_end=end)]
