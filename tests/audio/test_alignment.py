"""Nothing is shifted in time: a click keeps its position through each step and through all of them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from lipwright.audio import clipping_clicks, dynamics
from lipwright.audio.denoise import denoise_in_place
from lipwright.audio.diagnosis import diagnose
from lipwright.audio.driver import dither_in_place, prepare_driver, to_driver_rate
from lipwright.audio.filters import filter_in_place, highpass, lowpass, notch_in_place
from lipwright.audio.leveling import level_in_place
from lipwright.audio.source_stats import measure_source
from lipwright.audio.speech import find_speech
from lipwright.domain.media import Waveform
from lipwright.planning import plan_video

RATE = 24_000
CLICKS = (0, 1, 777, 16_383, 16_384, 40_000, 71_998, 71_999)


def lag(ours, theirs):
    """Delay of our result in samples, with fractions, by cross-correlation."""
    size = 1 << (len(ours) + len(theirs)).bit_length()
    cross = np.fft.irfft(np.fft.rfft(ours, size) * np.fft.rfft(theirs, size).conj(), size)
    top = int(cross.argmax())
    a, b, c = cross[top - 1], cross[top], cross[(top + 1) % size]
    return (top if top < size // 2 else top - size) + 0.5 * (a - c) / (a - 2 * b + c)


@pytest.mark.parametrize(
    "kernel",
    [
        lowpass(RATE, 90, 60),
        highpass(RATE, 55, 40),
        highpass(RATE, 5000, 1000),
    ],
    ids=["plosive band", "rumble", "sibilant band"],
)
@pytest.mark.parametrize("at", CLICKS)
def test_a_filter_leaves_a_click_where_it_was(kernel, at):
    samples = np.zeros(72_000, np.float32)
    samples[at] = 1
    filter_in_place(samples, kernel)
    assert np.abs(samples).argmax() == at
    reach = min(at, 71_999 - at, 2000)
    around = samples[at - reach : at + reach + 1]
    assert np.allclose(around, around[::-1], atol=1e-6)  # as much before as after: no phase at all


@pytest.mark.parametrize("at", CLICKS)
def test_a_notch_leaves_a_click_where_it_was(at):
    samples = np.zeros(72_000, np.float32)
    samples[at] = 1
    notch_in_place(samples, RATE, (50.0, 100.0, 149.7))
    assert np.abs(samples).argmax() == at
    assert samples[at] > 0.99


@pytest.mark.parametrize("at", CLICKS)
def test_gains_level_and_dither_leave_a_click_where_it_was(at):
    curve = 0.25 + 0.75 * np.random.default_rng(0).random(300)
    steps = (
        lambda x: dynamics.apply_curve(x, RATE, curve),
        lambda x: dynamics.apply_curve_to_band(x, RATE, curve, highpass(RATE, 5000, 1000)),
        lambda x: level_in_place(x, RATE, (), "speech"),
        lambda x: dither_in_place(x, 16),
    )
    for step in steps:
        samples = np.zeros(72_000, np.float32)
        samples[at] = 0.5
        step(samples)
        assert np.abs(samples).argmax() == at
        assert np.abs(samples[at]) > 0.1


def test_a_band_at_full_gain_is_untouched():
    samples = np.random.default_rng(0).standard_normal(50_000).astype(np.float32)
    before = samples.copy()
    dynamics.apply_curve_to_band(samples, RATE, np.ones(300), lowpass(RATE, 90, 60))
    assert np.array_equal(samples, before)


def test_repair_touches_nothing_but_the_damage(readers):
    samples = to_driver_rate(readers[0]).samples[0].copy()
    before = samples.copy()
    bad = np.array([[5000, 5010], [60_000, 60_020], [60_025, 60_030]])
    damaged = np.zeros(len(samples), bool)
    for start, end in bad:
        damaged[start:end] = True
        samples[start:end] = 0.9
    clipping_clicks.interpolate_in_place(samples, bad, clipped=False)
    assert np.array_equal(samples[~damaged], before[~damaged])
    assert np.abs(samples - before).max() < 0.05


@pytest.mark.parametrize("cut", [0, 1, 479, 24_001])
def test_denoising_moves_nothing_and_keeps_every_sample(readers, cut):
    clean = to_driver_rate(readers[4]).samples[0][: 60_000 - cut].copy()
    noisy = clean + np.random.default_rng(1).normal(0, 0.003, len(clean)).astype(np.float32)
    denoise_in_place(noisy, RATE, 1.0)
    assert abs(lag(noisy, clean)) < 0.05
    # Its last words are there too: nothing is stuck in the network.
    tail = slice(len(clean) - 6000, None)
    assert abs(lag(noisy[tail], clean[tail])) < 0.5
    assert noisy[tail].std() > 0.5 * clean[tail].std()


def test_a_click_stays_through_denoising(readers):
    """A click inside speech: the network thins it out, and leaves what is left where it was."""
    samples = to_driver_rate(readers[0]).samples[0][:48_000].copy()
    samples[30_000] += 0.9
    with_click = samples.copy()
    without = samples.copy()
    without[30_000] -= 0.9
    denoise_in_place(with_click, RATE, 1.0)
    denoise_in_place(without, RATE, 1.0)
    assert np.abs(with_click - without).argmax() == 30_000


@pytest.mark.parametrize("rate_hz", [16_000, 44_100, 48_000])
def test_the_whole_chain_moves_nothing(readers, rate_hz):
    """With every fault in the recording, every step runs, and speech keeps its position."""
    import soxr

    clean = soxr.resample(readers[0].samples[0][: 4 * 16_000], 16_000, rate_hz)
    clean = np.concatenate([np.zeros(rate_hz // 2, np.float32), clean, np.zeros(rate_hz // 2, np.float32)])
    t = np.arange(len(clean)) / rate_hz
    rng = np.random.default_rng(0)
    bad = 3 * clean + 0.02 + 0.05 * np.sin(2 * np.pi * 20 * t) + rng.normal(0, 0.01, len(t))
    bad += sum(0.02 / k * np.sin(2 * np.pi * 50 * k * t) for k in (1, 2, 3))
    source = Waveform(np.clip(bad * 1.5, -1, 1).astype(np.float32)[None], rate_hz)
    source.samples[0, rate_hz // 4] += 0.9
    audio = to_driver_rate(source)
    speech = find_speech(audio)
    found = diagnose(audio.samples[0], RATE, speech, measure_source(source))
    plan = plan_video(Fraction(len(clean), rate_hz), Fraction(25), speech=speech)
    made = prepare_driver(audio, plan, speech, diagnosis=found)
    done = {action.name for action in made.actions}
    assert {"dc", "rumble", "hum", "declip", "declick", "denoise", "gain", "limit", "dither"} <= done
    driver = made.waveform.samples[0]
    truth = to_driver_rate(Waveform(clean[None], rate_hz)).samples[0][: len(driver)]
    for part in (slice(None), slice(12_000, 60_000), slice(len(truth) - 70_000, None)):
        assert abs(lag(driver[: len(truth)][part], truth[part])) < 0.3
