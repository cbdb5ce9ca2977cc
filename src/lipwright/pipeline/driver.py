"""The driver of a render: the sound that moves the mouth, exactly as long as the film."""

from __future__ import annotations

import numpy as np

from lipwright.audio.diagnosis import diagnose
from lipwright.audio.driver import DRIVER_RATE_HZ, Driver, prepare_driver
from lipwright.domain.media import Waveform
from lipwright.domain.plan import FramePlan
from lipwright.domain.preparation import Preparation
from lipwright.domain.run import Report, silent
from lipwright.domain.time import seconds_to_samples
from lipwright.pipeline.voice import Voice, naming


def make_driver(
    voice: Voice, preparation: Preparation, *, prepare: bool, bits: int = 16, report: Report = silent
) -> Driver:
    """The driver of a voice, and what was noticed and done while it was made.

    Args:
        voice: The sound, read and planned; with `prepare` its samples are lost.
        preparation: What may be done to it.
        prepare: False keeps the sound as it is, but for its length.
        bits: Depth that the driver is rounded to.
        report: Told the steps of prepare.

    Raises:
        InputError: nothing can be heard in the part that the film keeps.
        EngineUnavailable: denoising was asked for, and cannot be done here.
    """
    heard = voice.recording
    waveform = voice.heard
    if not prepare:
        made = cut_or_pad(waveform, voice.plan)
        level = heard.source.level
        return Driver(made, voice.speech, (), (), before=level, after=level)
    diagnosis = diagnose(waveform.samples[0], DRIVER_RATE_HZ, voice.speech, heard.source)
    with naming(heard.path):
        return prepare_driver(
            waveform,
            voice.plan,
            voice.speech,
            options=preparation,
            diagnosis=diagnosis,
            edits=voice.edits,
            bits=bits,
            lossy_codec=heard.lossy_codec,
            workspace=heard.sound.workspace,
            report=report,
        )


def cut_or_pad(sound: Waveform, plan: FramePlan) -> Waveform:
    """The sound in exactly the plan's length: cut, or continued by digital silence.

    Args:
        sound: Mono at 24 kHz.
        plan: Whose length it gets.
    """
    length = seconds_to_samples(plan.seconds, DRIVER_RATE_HZ)
    samples = np.zeros((1, length), np.float32)
    kept = sound.mono[:length]
    samples[0, : len(kept)] = kept
    return Waveform(samples, DRIVER_RATE_HZ)
