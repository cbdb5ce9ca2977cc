"""Driver noise: pink, at the level asked for, in the driver alone."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from lipwright.audio.driver import prepare_driver, to_driver_rate
from lipwright.audio.noise_synthesis import add_pink_noise
from lipwright.audio.speech import find_speech
from lipwright.domain.settings import Preparation
from lipwright.planning import plan_video

RATE = 24_000


def test_pink_noise_has_its_level_and_color():
    samples = np.zeros(RATE * 20, np.float32)
    add_pink_noise(samples, -40, seed=1)
    assert abs(20 * np.log10(samples.std()) + 40) < 0.3
    power = np.abs(np.fft.rfft(samples)) ** 2
    octave = [power[int(f * 20) : int(2 * f * 20)].sum() for f in (50, 200, 800, 3200)]
    assert max(octave) / min(octave) < 1.3  # pink: as much in each octave


def test_a_seed_is_a_noise_and_blocks_have_no_seam():
    first, again, other = (np.zeros(100_000, np.float32) for _ in range(3))
    for samples, seed in ((first, 3), (again, 3), (other, 4)):
        add_pink_noise(samples, -30, seed)
    assert np.array_equal(first, again)
    assert abs(np.corrcoef(first, other)[0, 1]) < 0.1
    steps = np.abs(np.diff(first))
    assert steps[(1 << 15) - 1] < steps.max()


def test_the_driver_gets_the_floor_and_keeps_its_peak(readers):
    reader = to_driver_rate(readers[0])
    plan, speech = plan_video(Fraction(reader.samples.shape[1], RATE), Fraction(25)), find_speech(reader)
    plain = prepare_driver(reader, plan, speech, bits=24)
    noisy = prepare_driver(reader, plan, speech, options=Preparation(driver_noise_dbfs=-45), bits=24)
    added = noisy.waveform.samples[0] - plain.waveform.samples[0]
    assert abs(20 * np.log10(added.std()) + 45) < 1
    assert -6 <= noisy.after.peak_dbfs <= -3
    assert noisy.actions[-2].to_json() == {"action": "noise", "amount": -45, "unit": "dBFS", "count": 1}
