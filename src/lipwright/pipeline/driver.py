"""The driver of a render: the sound that moves the mouth, exactly as long as the film."""

from __future__ import annotations

import numpy as np

from lipwright.audio.driver import DRIVER_RATE_HZ, prepare_driver
from lipwright.domain.finding import Finding
from lipwright.domain.media import Waveform
from lipwright.domain.plan import FramePlan
from lipwright.domain.preparation import Preparation
from lipwright.domain.time import seconds_to_samples
from lipwright.pipeline.voice import Voice


def make_driver(
    voice: Voice, preparation: Preparation, *, prepare: bool
) -> tuple[Waveform, tuple[Finding, ...]]:
    """The driver of a voice, and what was noticed while it was made.

    Args:
        voice: The sound, read and planned.
        preparation: What may be done to it.
        prepare: False keeps the sound as it is, but for its length.

    Returns:
        Mono at 24 kHz, round(plan.seconds x 24000) samples, and the findings.

    Raises:
        InputError: nothing can be heard in the part that the film keeps.
    """
    if not prepare:
        return cut_or_pad(voice.heard, voice.plan), ()
    driver = prepare_driver(voice.heard, voice.plan, voice.speech, options=preparation)
    return driver.waveform, driver.findings


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
