"""Peak, loudness against pyloudnorm and the standard's own test signal, clipping."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
import soxr

from lipwright.audio.clipping_clicks import ClippingMeter
from lipwright.audio.level import Level
from lipwright.audio.source_stats import measure_source
from lipwright.domain.media import Waveform


def measure_level(audio: Waveform) -> Level:
    return measure_source(audio).level


def reference(audio: Waveform) -> float:
    """Whole tenths of a second, because pyloudnorm includes a last partial block that BS.1770 leaves out."""
    assert audio.samples.shape[1] % (audio.rate_hz // 10) == 0
    return pyloudnorm.Meter(audio.rate_hz, filter_class="DeMan").integrated_loudness(
        audio.samples.T.astype(np.float64)
    )


def test_speech_is_as_loud_as_pyloudnorm_says(readers):
    for reader in readers:
        tenths = reader.samples.shape[1] // 1600 * 1600
        audio = Waveform(reader.samples[:, :tenths], 16_000)
        assert measure_level(audio).lufs == pytest.approx(reference(audio), abs=0.05)


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 24_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_loudness_at_every_rate(rate_hz, channels):
    rng = np.random.default_rng(rate_hz)
    swell = np.interp(np.arange(rate_hz * 12), [0, rate_hz * 6, rate_hz * 12], [0.0001, 0.3, 0.01])
    audio = Waveform((rng.standard_normal((channels, rate_hz * 12)) * swell).astype(np.float32), rate_hz)
    assert measure_level(audio).lufs == pytest.approx(reference(audio), abs=0.05)


def test_standard_sine_has_its_loudness():
    """EBU Tech 3341, case 1: a stereo sine of 1 kHz at -23 dBFS is -23 LUFS."""
    sine = 10 ** (-23 / 20) * np.sin(2 * np.pi * 1000 / 48_000 * np.arange(48_000 * 20))
    level = measure_level(Waveform(np.stack([sine, sine]).astype(np.float32), 48_000))
    assert level.lufs == pytest.approx(-23, abs=0.1)
    assert level.peak_dbfs == pytest.approx(-23, abs=0.01)


def test_pauses_do_not_count(readers):
    """EBU Tech 3341, case 3 in spirit: the gate leaves silence out."""
    speech = readers[0].samples
    padded = np.concatenate([np.zeros_like(speech), speech, np.zeros_like(speech)], axis=1)
    assert measure_level(Waveform(padded, 16_000)).lufs == pytest.approx(
        measure_level(readers[0]).lufs, abs=0.5
    )


@pytest.mark.parametrize("samples", [0, 1, 100, 2399, 2400, 9599, 9600])
def test_silence_and_short_audio_have_a_level(samples):
    level = measure_level(Waveform(np.zeros((1, samples), np.float32), 24_000))
    assert (level.peak_dbfs, level.lufs, level.clipped_samples) == (-120, -70, 0)
    assert np.isfinite([level.peak_dbfs, level.true_peak_dbfs, level.lufs]).all()


def test_a_short_tone_is_still_measured():
    tone = 0.5 * np.sin(2 * np.pi * 1000 / 24_000 * np.arange(1200))
    assert measure_level(Waveform(tone[None].astype(np.float32), 24_000)).lufs == pytest.approx(-9.7, abs=1)


def test_clipping_is_counted_where_it_was_made(readers):
    loud = readers[0].samples * np.float32(8)
    clipped = np.clip(loud, -1, 1)
    flat = int((np.abs(loud) > 1).sum())
    assert flat > 1000
    found = measure_level(Waveform(clipped, 16_000)).clipped_samples
    assert 0.7 * flat <= found <= 1.05 * flat  # flat tops of one or two samples do not count


def test_clipping_is_found_after_it_was_turned_down(readers):
    for speech in readers:
        loud = speech.samples * (4 / np.abs(speech.samples).max())
        clipped = (np.clip(loud, -1, 1) * 0.5).astype(np.float32)
        found = measure_level(Waveform(clipped, speech.rate_hz)).clipped_samples
        assert found >= 0.7 * (np.abs(clipped) == 0.5).sum() > 100  # tops of one or two samples do not count
        meter = ClippingMeter()
        for start in range(0, clipped.shape[1], 777):
            meter.push(clipped[0, start : start + 777])
        meter.push(np.zeros(0, np.float32), last=True)
        assert np.diff(meter.runs).sum() == found  # however the blocks fall
        turned_down = (speech.samples * 0.5).astype(np.float32)
        assert measure_level(Waveform(turned_down, speech.rate_hz)).clipped_samples == 0


@pytest.mark.parametrize("rate_hz", [8_000, 48_000, 192_000])
@pytest.mark.parametrize("step", [0, 2**-15, 2**-7])  # of floats, of 16 bits, of 8
def test_round_tops_are_not_clipping(readers, rate_hz, step):
    speech = readers[0].samples[0][: 3 * 16_000]
    speech = speech / np.abs(speech).max()
    finer = soxr.resample(speech, readers[0].rate_hz, rate_hz)
    slow = [np.sin(2 * np.pi * hz / rate_hz * np.arange(2 * rate_hz)) for hz in (50, 120)]
    for audio in (finer, *slow):
        for gain in (0.15, 0.5, 0.8):
            quiet = gain * audio
            quiet = np.round(quiet / step) * step if step else quiet
            assert measure_level(Waveform(quiet[None].astype(np.float32), rate_hz)).clipped_samples == 0


def test_full_scale_is_not_clipping(readers):
    speech = readers[0].samples / np.abs(readers[0].samples).max()
    assert measure_level(Waveform(speech, 16_000)).clipped_samples == 0
    sine = np.sin(2 * np.pi * 100 / 48_000 * np.arange(480_000))[None].astype(np.float32)
    assert measure_level(Waveform(sine, 48_000)).clipped_samples == 0
