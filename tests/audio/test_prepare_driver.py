"""The driver: exact length, level, nothing shifted, no hard edge, and what it says about the audio."""

from __future__ import annotations

import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.audio.diagnosis import diagnose
from lipwright.audio.driver import prepare_driver, to_driver_rate
from lipwright.audio.source_stats import measure_source
from lipwright.audio.speech import find_speech
from lipwright.domain.media import Waveform
from lipwright.domain.plan import FramePlan
from lipwright.domain.settings import Preparation
from lipwright.domain.time import Span
from lipwright.errors import InputError

RATE = 24_000
FPS = Fraction(25)
QUICK = Preparation(denoise="off")
"""Denoising takes a third of the audio's time, and has tests of its own."""


def plan_of(frames, frame_rate=FPS, audio_seconds=None):
    return FramePlan(frames, frame_rate, audio_seconds or Fraction(frames) / frame_rate, "nearest", ())


def waveform(samples):
    return Waveform(np.asarray(samples, np.float32)[None], RATE)


def noise(samples, level=0.1, seed=0):
    return (level * np.random.default_rng(seed).standard_normal(samples)).astype(np.float32)


@pytest.fixture(scope="module")
def reader(readers):
    return to_driver_rate(readers[0])


@settings(max_examples=40)
@given(
    st.integers(1200, 60_000),
    st.integers(0, 20).map(lambda n: 8 * n + 1),
    st.sampled_from([Fraction(24), FPS, Fraction(30), Fraction(24000, 1001), Fraction(30000, 1001)]),
    st.floats(-60, 12),
    st.integers(0, 5),
)
def test_length_and_peak_are_exact_for_any_input(samples, frames, frame_rate, level_db, seed):
    audio = waveform(noise(samples, 10 ** (level_db / 20), seed))
    driver = prepare_driver(audio, plan_of(frames, frame_rate), [Span(0, audio.seconds)], options=QUICK)
    expected = int(Fraction(frames) / frame_rate * RATE + Fraction(1, 2))
    assert driver.waveform.samples.shape == (1, expected)
    assert driver.waveform.rate_hz == RATE
    assert -6 <= driver.after.peak_dbfs <= -3
    measured = measure_source(driver.waveform).level
    assert (driver.after.peak_dbfs, driver.after.lufs) == (measured.peak_dbfs, measured.lufs)
    assert np.array_equal(driver.waveform.samples * 32_768, np.rint(driver.waveform.samples * 32_768))


def test_driver_is_the_recording_times_a_gain(reader):
    """Nothing moves: away from edges and limited peaks, driver / audio is one constant."""
    audio = reader.samples[0]
    driver = prepare_driver(
        reader, plan_of(185), find_speech(reader), options=Preparation(kind="ambient", denoise="off"), bits=24
    ).waveform.samples[0]
    audio = audio - audio.mean()  # the offset of this recording is taken out
    inner = slice(RATE // 100, len(audio) - RATE // 100)
    loud = np.abs(audio[inner]) > 0.001
    ratio = driver[inner][loud] / audio[inner][loud]
    assert np.ptp(ratio[np.abs(ratio / np.median(ratio) - 1) < 1e-3]) < 1e-2
    assert (np.abs(ratio / np.median(ratio) - 1) < 1e-3).mean() > 0.9


@pytest.mark.parametrize("at", [300, 12_345, 70_000])
def test_a_click_stays_where_it_was(at):
    samples = noise(72_000, 0.001)
    samples[at] = 0.9
    for frames in (57, 73, 97):
        driver = prepare_driver(waveform(samples), plan_of(frames), []).waveform.samples[0]
        if at < len(driver) - 240:
            assert np.abs(driver).argmax() == at


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100, 48_000, 192_000])
def test_resampling_shifts_nothing(rate_hz):
    pulse = np.exp(-0.5 * ((np.arange(rate_hz) / rate_hz - 0.4) / 0.001) ** 2)
    audio = to_driver_rate(Waveform(pulse[None].astype(np.float32), rate_hz))
    assert audio.samples.shape == (1, RATE)
    times = np.arange(RATE) / RATE
    center = (times * audio.samples[0]).sum() / audio.samples[0].sum()
    assert center == pytest.approx(0.4, abs=0.1 / RATE)


@pytest.mark.parametrize("samples", [1, 2, 7, 44_101])
def test_resampled_length_rounds_halves_up(samples):
    audio = to_driver_rate(Waveform(np.full((1, samples), 0.5, np.float32), 48_000))
    assert audio.samples.shape == (1, (samples + 1) // 2)


def test_inverted_channels_do_not_cancel(reader):
    both = Waveform(np.concatenate([reader.samples, -reader.samples]), RATE)
    assert np.array_equal(to_driver_rate(both).samples, reader.samples)


def test_edges_fade_and_the_middle_does_not():
    # 1.2 kHz with its peaks on samples: the envelope is read off every tenth one.
    tone = 0.5 * np.cos(2 * np.pi * np.arange(48_000) / 20)
    made = prepare_driver(waveform(tone), plan_of(49), [], options=Preparation(kind="music"))
    driver = np.abs(made.waveform.samples[0, :47_041].reshape(-1)[::10])
    driver = np.repeat(driver, 10)[:47_040]
    for edge in (driver[:240], driver[::-1][:240]):
        assert edge[0] < 0.005
        assert (np.diff(edge) > -0.01).all()
        assert edge[120] == pytest.approx(0.5 * driver[1000], rel=0.15)
    assert np.ptp(driver[240:-240]) < 0.02


def test_padding_continues_the_room_without_a_step():
    """No digital silence, no hard cut, and no dip except that of the fades."""
    room = noise(72_000, 0.002)
    room[20_000:50_000] += (0.4 * np.sin(np.arange(30_000) * 0.05)).astype(np.float32)
    driver = prepare_driver(waveform(room), plan_of(97), [Span(0.8, 2.1)], options=QUICK).waveform.samples[0]
    tail = driver[52_000 : len(driver) - 480]
    levels = 20 * np.log10(tail[: len(tail) // 240 * 240].reshape(-1, 240).std(1))
    assert np.abs(levels - np.median(levels)).max() < 3
    assert driver[-1] == pytest.approx(0, abs=1e-4)


def test_the_driver_is_the_same_every_time(reader):
    first, again = (prepare_driver(reader, plan_of(201), find_speech(reader)) for _ in range(2))
    assert np.array_equal(first.waveform.samples, again.waveform.samples)


def test_the_input_is_not_touched(reader):
    before = reader.samples.copy()
    prepare_driver(reader, plan_of(201), find_speech(reader))
    assert np.array_equal(reader.samples, before)


def speech_level_db(driver, audio):
    """How much the driver raised the speech, as the median gain over loud samples."""
    kept = min(driver.waveform.samples.shape[1], audio.samples.shape[1])
    loud = np.abs(audio.samples[0, :kept]) > 0.02
    return 20 * np.log10(np.median(driver.waveform.samples[0, :kept][loud] / audio.samples[0, :kept][loud]))


def test_a_lone_click_does_not_leave_speech_quiet(reader):
    speech = find_speech(reader)
    clean = prepare_driver(reader, plan_of(177), speech)
    samples = reader.samples.copy() * np.float32(0.1)
    samples[0, 60_000:60_024] = 0.9
    quiet = Waveform(samples, RATE)
    clicked = prepare_driver(quiet, plan_of(177), speech)
    assert speech_level_db(clicked, Waveform(samples * 10, RATE)) == pytest.approx(
        speech_level_db(clean, reader), abs=1
    )
    assert -6 <= clicked.after.peak_dbfs <= -3


def test_speech_is_hardly_limited(readers):
    for source in readers:
        audio = to_driver_rate(source)
        driver = prepare_driver(audio, plan_of(49), find_speech(audio))
        limited = [action.amount for action in driver.actions if action.name == "limit"]
        assert all(amount > -6 for amount in limited)


def test_actions_list_the_preparation(reader):
    seconds = Fraction(reader.samples.shape[1], RATE)
    longer = prepare_driver(reader, plan_of(185), find_speech(reader))
    shorter = prepare_driver(reader, plan_of(121), find_speech(reader))
    pad = next(action for action in longer.actions if action.name == "pad")
    trim = next(action for action in shorter.actions if action.name == "trim")
    assert pad.to_json() == {
        "action": "pad",
        "amount": pytest.approx(7.4 - float(seconds)),
        "unit": "s",
        "count": 1,
    }
    assert trim.amount == pytest.approx(4.84 - float(seconds))
    names = [action.name for action in longer.actions]
    # What this reader's own recording asks for (its hum) may come between; the order is the chain's.
    chain = ["dc", "rumble", "pad", "fade", "gain", "limit", "dither"]
    assert [name for name in names if name in chain] == chain


def rules(driver):
    return {finding.id: finding for finding in driver.findings}


def test_quiet_speech_is_reported_and_raised(reader):
    quiet = Waveform(reader.samples * np.float32(0.05), RATE)
    driver = prepare_driver(quiet, plan_of(177), find_speech(reader))
    assert rules(driver)["quiet"].severity == "warning"
    assert driver.before.lufs < -45
    assert driver.after.lufs > -24


def test_clipping_is_judged_on_the_source(readers):
    source = Waveform(np.clip(readers[0].samples * np.float32(8), -1, 1), 16_000)
    audio = to_driver_rate(source)
    found = diagnose(audio.samples[0], RATE, find_speech(audio), measure_source(source))
    driver = prepare_driver(audio, plan_of(177), find_speech(audio), diagnosis=found)
    assert rules(driver)["clipped"].severity == "warning"
    assert "declip" in {action.name for action in driver.actions}


def test_silences_and_missing_speech_are_reported():
    samples = noise(24_000 * 10)
    samples[3 * RATE : round(5.5 * RATE)] *= 0.01
    audio = waveform(samples)
    pauses = prepare_driver(audio, plan_of(249), [Span(0.5, 3.0), Span(5.5, 9.0)], options=QUICK)
    assert [f.where for f in pauses.findings if f.id == "long-silence"] == [{"start": 3.0, "end": 5.5}]
    none = rules(prepare_driver(audio, plan_of(249), []))
    assert none["no-speech"].severity == "warning"
    assert "long-silence" not in none


def test_a_voice_without_a_room_is_reported(dialogue, in_room):
    """A clean synthesizer can leave the image still; a quiet studio does not."""
    whole = to_driver_rate(dialogue.audio)
    short = Waveform(whole.samples[:, : 6 * RATE], RATE)  # its pauses are a second and a half in all
    studio = to_driver_rate(in_room(dialogue, 50))
    reported = [
        rules(prepare_driver(audio, plan_of(frames), find_speech(audio), options=QUICK))
        for audio, frames in ((whole, 500), (short, 150), (studio, 500))
    ]
    kinds = [{"digital-silence", "too-clean"} & found.keys() for found in reported]
    assert kinds == [{"digital-silence"}, {"too-clean"}, set()]
    assert "--driver-noise" in reported[1]["too-clean"].advice


def test_a_cut_word_is_reported():
    audio = waveform(noise(24_000 * 5))
    assert "speech-cut" in rules(prepare_driver(audio, plan_of(121), [Span(0.5, 4.95)], options=QUICK))
    assert "speech-cut" not in rules(prepare_driver(audio, plan_of(129), [Span(0.5, 4.95)], options=QUICK))


def test_a_driver_needs_no_preparation(reader):
    """A prepared driver has no faults left, and preparing it again changes nothing."""
    once = prepare_driver(reader, plan_of(177), find_speech(reader)).waveform
    again = prepare_driver(once, plan_of(177), find_speech(once))
    assert again.findings == ()
    assert [a.name for a in again.actions if a.name not in {"gain", "limit"}] == ["fade", "dither"]
    assert abs(next(a.amount for a in again.actions if a.name == "gain")) < 1


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(24_000),
        np.zeros(0),
        np.full(1, 0.5),
        np.full(24_000, 1e-4),
        np.where(np.arange(24_000) == 500, np.nan, 0.1),
        np.where(np.arange(24_000) == 500, np.inf, 0.1),
        np.where(np.arange(48_000) < 40_000, 0, 0.1),
    ],
    ids=["silent", "empty", "one sample", "below -70 dBFS", "NaN", "infinite", "silent in the kept part"],
)
def test_unusable_audio_is_refused(samples):
    with pytest.raises(InputError) as refused:
        prepare_driver(waveform(samples), plan_of(25), [])
    assert refused.value.exit_code == 3
    assert refused.value.hint


def test_memory_is_a_few_copies():
    """Five minutes: input aside, at most twice the driver, and the blocks."""
    rng = np.random.default_rng(0)
    samples = rng.standard_normal(300 * RATE, dtype=np.float32) * np.float32(0.05)
    audio = Waveform(samples[None], RATE)
    tracemalloc.start()
    prepare_driver(audio, plan_of(7501), [Span(0.5, 299)], options=QUICK)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2 * samples.nbytes + 40e6
