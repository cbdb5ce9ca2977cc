"""The driver of a render: the audio that moves the mouth, exactly as long as the video."""

from __future__ import annotations

import numpy as np

from lipwright.audio.diagnosis import diagnose
from lipwright.audio.driver import DRIVER_RATE_HZ, Driver, prepare_driver
from lipwright.domain.media import Waveform
from lipwright.domain.plan import FramePlan
from lipwright.domain.progress import ProgressCallback, no_progress
from lipwright.domain.settings import Preparation
from lipwright.domain.time import seconds_to_samples
from lipwright.pipeline.audio_input import PlannedAudio, prefix_errors


def make_driver(
    voice: PlannedAudio,
    preparation: Preparation,
    *,
    prepare: bool,
    bits: int = 16,
    report: ProgressCallback = no_progress,
) -> Driver:
    """The driver of a voice, and what was noticed and done while it was made.

    Args:
        voice: The audio, read and planned; with `prepare` its samples are lost.
        preparation: What may be done to it.
        prepare: False keeps the audio as it is, but for its length.
        bits: Depth that the driver is rounded to.
        report: Told the steps of prepare.

    Raises:
        InputError: nothing can be heard in the part that the video keeps.
        EngineUnavailable: denoising was asked for, and cannot be done here.
    """
    heard = voice.recording
    waveform = voice.heard
    if not prepare:
        made = cut_or_pad(waveform, voice.plan)
        level = heard.source.level
        return Driver(made, voice.speech, (), (), before=level, after=level)
    diagnosis = diagnose(waveform.samples[0], DRIVER_RATE_HZ, voice.speech, heard.source)
    with prefix_errors(heard.path):
        return prepare_driver(
            waveform,
            voice.plan,
            voice.speech,
            options=preparation,
            diagnosis=diagnosis,
            edits=voice.edits,
            bits=bits,
            lossy_codec=heard.lossy_codec,
            workspace=heard.audio.workspace,
            report=report,
        )


def cut_or_pad(audio: Waveform, plan: FramePlan) -> Waveform:
    """The audio in exactly the plan's length: cut, or continued by digital silence.

    Args:
        audio: Mono at 24 kHz.
        plan: Whose length it gets.
    """
    length = seconds_to_samples(plan.seconds, DRIVER_RATE_HZ)
    samples = np.zeros((1, length), np.float32)
    kept = audio.mono[:length]
    samples[0, : len(kept)] = kept
    return Waveform(samples, DRIVER_RATE_HZ)
