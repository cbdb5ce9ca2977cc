"""Each fault is found, reported with its place, and repaired by the stated amount."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from lipwright.audio.clipping_clicks import interpolate_in_place
from lipwright.audio.denoise import MAX_REDUCTION_DB
from lipwright.audio.driver import prepare_driver, to_driver_rate
from lipwright.audio.source_stats import measure_source
from lipwright.audio.speech import find_speech
from lipwright.domain.media import Waveform
from lipwright.domain.settings import Preparation
from lipwright.planning import plan_video

RATE = 24_000
QUICK = Preparation(denoise="off")


@pytest.fixture(scope="module")
def clean(readers):
    """Seven seconds and half a second of faint room on either side; rumble, hum and offset taken out."""
    from lipwright.audio.filters import filter_in_place, highpass, notch_in_place

    speech = to_driver_rate(readers[0]).samples[0].copy()
    speech -= speech.mean()
    notch_in_place(speech, RATE, (60.0,))  # the reader's mains
    speech[-3000:] *= np.linspace(1, 0, 3000, dtype=np.float32)
    speech[:4500] *= np.linspace(0, 1, 4500, dtype=np.float32)  # and her breath
    filter_in_place(speech, highpass(RATE, 55, 40))
    room = np.zeros(RATE // 2, np.float32)
    audio = np.concatenate([room, speech / np.abs(speech).max() * 0.95, room])
    return audio + np.random.default_rng(9).normal(0, 1.5e-3, len(audio)).astype(np.float32)


def prepared(samples, options=QUICK):
    audio = Waveform(np.asarray(samples, np.float32)[None], RATE)
    speech = find_speech(audio)
    plan = plan_video(Fraction(len(samples), RATE), Fraction(25), speech=speech)
    return prepare_driver(audio, plan, speech, options=options, bits=24)


def reported(driver, rule):
    return [finding for finding in driver.findings if finding.id == rule]


def done(driver, name):
    return next((action for action in driver.actions if action.name == name), None)


def noise(count, seed=0):
    return np.random.default_rng(seed).standard_normal(count).astype(np.float32)


def tone_level(samples, hz):
    n = np.arange(len(samples))
    return abs((samples * np.hanning(len(samples)) * np.exp(-2j * np.pi * hz / RATE * n)).mean())


def speech_gain(driver, clean):
    ours, theirs = driver.waveform.samples[0], clean
    count = min(len(ours), len(theirs))
    loud = np.abs(theirs[:count]) > 0.05
    return float(np.median(ours[:count][loud] / theirs[:count][loud]))


def test_clean_speech_is_left_alone(clean):
    driver = prepared(clean, Preparation())
    assert {action.name for action in driver.actions} <= {
        *("trim", "pad", "fade", "gain", "limit", "dither"),
        "breaths",  # she does breathe
    }
    assert {finding.id for finding in driver.findings} <= {"breath"}


@pytest.mark.parametrize("mains", [50.0, 60.0, 49.9, 60.07])
def test_hum_is_notched(clean, mains):
    t = np.arange(len(clean)) / RATE
    hum = sum(0.01 / k * np.sin(2 * np.pi * mains * k * t + k) for k in (1, 2, 3, 5))
    driver = prepared(clean + hum)
    (finding,) = reported(driver, "hum")
    assert f"{mains:.1f} Hz" in finding.text
    gain = speech_gain(driver, clean)
    ours = driver.waveform.samples[0] / gain
    for part in (slice(0, 10_000), slice(len(ours) - 9000, None)):  # the room before and after the words
        assert tone_level(ours[part], mains) < tone_level(hum[part], mains) / 8
    assert done(driver, "hum").amount < -10


def test_rumble_and_offset_are_removed(clean):
    t = np.arange(len(clean)) / RATE
    driver = prepared(clean + 0.03 * np.sin(2 * np.pi * 17 * t) + 0.05)
    assert reported(driver, "rumble")
    assert reported(driver, "dc-offset")
    ours = driver.waveform.samples[0]
    assert tone_level(ours[RATE : 4 * RATE], 17) < 0.001
    assert abs(ours.mean()) < 1e-3


def test_clipping_is_restored(clean):
    loud = clean * 2.2
    driver = prepared(np.clip(loud, -1, 1))
    assert reported(driver, "clipped")[0].where["start"] >= 0.5
    repaired = np.clip(loud, -1, 1).astype(np.float32)
    found = measure_source(Waveform(repaired[None], RATE)).clipped
    bad = np.array([[round(s.start * RATE), round(s.end * RATE)] for s in found])
    before = np.square(repaired - loud).sum()
    interpolate_in_place(repaired, bad, clipped=True)
    assert np.square(repaired - loud).sum() < 0.3 * before  # 5 dB nearer to what it was
    assert done(driver, "declip").count > 5
    assert done(prepared(np.clip(loud, -1, 1), Preparation(denoise="off", declip="off")), "declip") is None


def test_clicks_are_removed(clean):
    at = np.random.default_rng(3).integers(RATE, len(clean) - RATE, 12)
    hurt = clean.copy()
    hurt[at] += 0.9
    driver = prepared(hurt)
    (finding,) = reported(driver, "clicks")
    assert at.min() / RATE - 0.01 <= finding.where["start"] <= finding.where["end"] <= at.max() / RATE + 0.01
    ours = driver.waveform.samples[0] / speech_gain(driver, clean)
    left = np.abs(ours[at] - clean[at])
    assert np.median(left) < 0.02
    assert done(driver, "declick").count >= 9


@pytest.mark.parametrize("snr_db", [5, 15])
def test_noise_is_reduced_and_speech_stays(readers, snr_db):
    """SI-SDR against a recording that has some noise of its own rises all the same."""
    clean = to_driver_rate(readers[2]).samples[0]
    clean = clean - clean.mean()
    hiss = noise(len(clean)) * clean.std() * 10 ** (-snr_db / 20)
    driver = prepared(clean + hiss, Preparation())
    assert reported(driver, "noisy")[0].severity == ("warning" if snr_db < 15 else "hint")
    assert -MAX_REDUCTION_DB <= done(driver, "denoise").amount < -6
    off = prepared(clean + hiss)
    gained = si_sdr(driver.waveform.samples[0], clean) - si_sdr(off.waveform.samples[0], clean)
    assert gained > (3 if snr_db < 15 else 1)


def si_sdr(ours, truth):
    count = min(len(ours), len(truth))
    ours, truth = ours[:count].astype(float), truth[:count].astype(float)
    part = (ours @ truth) / (truth @ truth) * truth
    return 10 * np.log10((part @ part) / ((ours - part) @ (ours - part)))


def test_music_between_words_is_reported(clean):
    silence = np.zeros(RATE * 2, np.float32)
    spaced = np.concatenate([silence, clean, silence])
    t = np.arange(len(spaced)) / RATE
    chord = sum(np.sin(2 * np.pi * f * k * t) / k for f in (220, 277.2, 329.6) for k in (1, 2, 3))
    driver = prepared(spaced + 0.01 * chord)
    (finding,) = reported(driver, "music-under-speech")
    assert "--driver" in finding.advice
    assert not reported(prepared(spaced + 0.01 * noise(len(spaced))), "music-under-speech")


def test_a_plosive_is_softened(clean):
    pop = 0.5 * np.hanning(1800) * np.sin(2 * np.pi * 40 * np.arange(1800) / RATE)
    hurt = clean.copy()
    hurt[72_000:73_800] += pop.astype(np.float32)
    driver = prepared(hurt)
    (finding,) = reported(driver, "plosive")
    assert 2.9 < finding.where["start"] < 3.1
    ours = driver.waveform.samples[0] / speech_gain(driver, clean)
    left = ours[72_000:73_800] - clean[72_000:73_800]
    assert left.std() < 0.35 * pop.std()


def test_breath_is_reduced_by_6_to_12_db(clean):
    gap = np.zeros(RATE, np.float32)
    spaced = np.concatenate([clean, gap, clean]) + 3e-4 * noise(2 * len(clean) + RATE, 5)
    at = len(clean) + RATE // 2
    breath = np.convolve(noise(8400, 6), [0.3, 1, 0.3], "same") * np.hanning(8400) * 0.015
    spaced[at : at + 8400] += breath.astype(np.float32)
    driver = prepared(spaced)
    place = at / RATE
    near = [
        f for f in reported(driver, "breath") if f.where["start"] - 0.1 < place + 0.17 < f.where["end"] + 0.1
    ]
    assert len(near) == 1
    ours = driver.waveform.samples[0][at + 2400 : at + 6000] / speech_gain(driver, clean)
    change = 20 * np.log10(ours.std() / spaced[at + 2400 : at + 6000].std())
    assert -13 < change < -5.5


def test_sharp_s_sounds_are_softened(clean):
    from lipwright.audio.filters import filtered, highpass

    sharp = clean.copy()
    for where, band in filtered(clean.copy(), highpass(RATE, 4500, 1000)):
        sharp[where] += 60 * band
    driver = prepared(sharp)
    assert reported(driver, "sibilance")
    assert -8.1 <= done(driver, "deess").amount < -3
    assert done(prepared(sharp, Preparation(denoise="off", deess="off")), "deess") is None


def test_a_quiet_passage_is_raised(clean):
    gap = np.zeros(RATE * 3 // 2, np.float32)
    quiet = clean * np.float32(0.08)
    audio = np.concatenate([clean, gap, quiet, gap]) + 3e-5 * noise(2 * len(clean) + 2 * len(gap), 4)
    driver = prepared(audio)
    (finding,) = reported(driver, "quiet-passage")
    assert finding.where["start"] == pytest.approx((len(clean) + len(gap)) / RATE + 0.5, abs=0.5)
    ours = driver.waveform.samples[0]
    loud, low = ours[: len(clean)].std(), ours[len(clean) + len(gap) : 2 * len(clean) + len(gap)].std()
    assert 20 * np.log10(loud / low) < 20 * np.log10(1 / 0.08) - 5


def test_channel_faults_are_reported(clean):
    def rules(*channels):
        audio = Waveform(np.stack(channels).astype(np.float32), RATE)
        speech = find_speech(audio)
        plan = plan_video(Fraction(len(clean), RATE), Fraction(25), speech=speech)
        return {f.id for f in prepare_driver(audio, plan, speech, options=QUICK).findings}

    assert "dual-mono" in rules(clean, clean)
    assert "dead-channel" in rules(clean, clean * 1e-4)
    assert "inverted-channel" in rules(clean, -clean)
    other = clean + 0.02 * noise(len(clean))
    assert not {"dual-mono", "dead-channel", "inverted-channel"} & rules(clean, other)


def test_hard_ends_and_overs_are_reported(clean):
    assert reported(prepared(clean[RATE:]), "hard-cut")
    assert reported(prepared(clean * 2), "over-full-scale")
    assert not reported(prepared(clean), "hard-cut")
    long = np.concatenate([clean, np.zeros(RATE, np.float32) + 1e-5])
    assert reported(prepared(long), "edge-silence")


def test_music_and_ambient_audio_are_left_alone(clean):
    t = np.arange(len(clean)) / RATE
    hurt = clean + 0.01 * noise(len(clean)) + 0.01 * np.sin(2 * np.pi * 20 * t)
    for kind in ("music", "ambient"):
        driver = prepared(hurt, Preparation(kind=kind))
        assert {a.name for a in driver.actions} <= {"dc", "trim", "pad", "fade", "gain", "limit", "dither"}
        assert -6 <= driver.after.peak_dbfs <= -3


def test_loudness_is_near_16_wherever_6_db_of_limiting_reach(readers, clean):
    for samples in (clean, clean * 0.05, *(to_driver_rate(r).samples[0] for r in readers)):
        driver = prepared(samples)
        limited = done(driver, "limit")
        assert -6 <= driver.after.peak_dbfs <= -3
        if limited is None or limited.amount > -6:
            assert -18 <= driver.after.lufs <= -14
