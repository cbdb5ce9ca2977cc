"""The log-mel front end: right bands, right instants, and the same in training as in the product."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from training import batches
from training.batches import WARPS, Speech

from lipwright.motion.mel import (
    ACTIVE_RANGE_NEPER,
    BANDS,
    FLOOR,
    HOP,
    RATE_HZ,
    WINDOW,
    filterbank,
    log_mel,
    normalize,
)


def slaney_edges_hz() -> list[float]:
    """Edges of the bands, stepped off Malcolm Slaney's scale as his Auditory Toolbox describes it.

    13.33 linear bands of 200/3 Hz up to 1000 Hz, then each 6.4 ** (1/27) times the last.
    """
    linear_hz, ratio = 200 / 3, 6.4 ** (1 / 27)
    steps_to_1000 = 1000 / linear_hz
    steps_in_all = steps_to_1000 + np.log(RATE_HZ / 2 / 1000) / np.log(ratio)
    edges = []
    for i in range(BANDS + 2):
        step = i * steps_in_all / (BANDS + 1)
        above = step - steps_to_1000
        edges.append(step * linear_hz if above < 0 else 1000 * ratio**above)
    return edges


def test_the_filters_are_slaneys_triangles() -> None:
    edges = slaney_edges_hz()
    bins_hz = np.arange(WINDOW // 2 + 1) * RATE_HZ / WINDOW
    expected = np.stack(
        [
            np.interp(bins_hz, edges[k : k + 3], [0, 2 / (edges[k + 2] - edges[k]), 0], left=0, right=0)
            for k in range(BANDS)
        ],
        1,
    )
    assert np.allclose(filterbank(), expected, atol=1e-8)


def test_a_longer_vocal_tract_moves_the_bands_down() -> None:
    bins_hz = np.arange(WINDOW // 2 + 1) * RATE_HZ / WINDOW
    centers = [(filterbank(warp) * bins_hz[:, None])[:, :40].sum(0) for warp in (0.9, 1.0)]
    weights = [filterbank(warp)[:, :40].sum(0) for warp in (0.9, 1.0)]
    shorter, plain = (c / w for c, w in zip(centers, weights, strict=True))
    assert np.allclose(shorter[5:] / plain[5:], 0.9, atol=0.03)


@pytest.mark.parametrize("hz", [180, 440, 1000, 2350, 5100, 7600])
def test_a_tone_lies_in_its_band(hz: float) -> None:
    edges = slaney_edges_hz()
    tone = np.sin(2 * np.pi * hz * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32)
    loudest = int(log_mel(tone, 100)[50].argmax())
    assert edges[loudest] <= hz <= edges[loudest + 2]


def test_twice_as_loud_is_the_logarithm_of_two_more(reading: np.ndarray) -> None:
    once, twice = log_mel(reading, 300), log_mel(2 * reading, 300)
    above = once > np.log(FLOOR) + 1e-3
    assert above.mean() > 0.5
    assert np.allclose((twice - once)[above], np.log(2), atol=1e-4)


@pytest.mark.parametrize("frame", [0, 5, 50, 96])
def test_an_impulse_is_centered_in_its_frame(frame: int) -> None:
    audio = np.zeros(RATE_HZ, np.float32)
    audio[frame * HOP] = 1
    loudness = log_mel(audio, 100).mean(1)
    assert loudness.argmax() == frame
    for k in range(1, min(3, frame, 99 - frame) + 1):
        assert loudness[frame - k] == pytest.approx(loudness[frame + k], abs=1e-4)


def test_silence_is_the_floor() -> None:
    assert np.allclose(log_mel(np.zeros(4000, np.float32), 25), np.log(FLOOR))


def test_agrees_with_another_transform(reading: np.ndarray) -> None:
    """torch.stft, centered and reflected; forty seconds, so that blocks must join."""
    audio = np.tile(reading, 2)[: 43 * RATE_HZ]
    spectrum = torch.stft(
        torch.from_numpy(audio),
        WINDOW,
        HOP,
        window=torch.hann_window(WINDOW),
        center=True,
        pad_mode="reflect",
        return_complex=True,
    )
    expected = np.log(np.maximum(spectrum.abs().numpy().T @ filterbank(), FLOOR))
    frames = len(audio) // HOP
    assert frames > 4096
    assert np.abs(log_mel(audio, frames) - expected[:frames]).max() < 1e-3


@pytest.mark.parametrize("samples", [1, 2, 160, 511, 512, 513, 4000])
def test_any_length_has_as_many_frames_as_asked_for(reading: np.ndarray, samples: int) -> None:
    for frames in (1, 4, 100):
        mel = log_mel(reading[20_000 : 20_000 + samples], frames)
        assert mel.shape == (frames, BANDS)
        assert np.isfinite(mel).all()


class TestNormalize:
    def test_audible_frames_have_no_mean_and_unit_deviation(self, reading: np.ndarray) -> None:
        mel = log_mel(reading, 2000)
        loudness = mel.mean(1)
        sounding = loudness > np.percentile(loudness, 95) - ACTIVE_RANGE_NEPER
        assert 0.3 < sounding.mean() < 0.99
        normal = normalize(mel)[sounding]
        assert np.abs(normal.mean(0)).max() < 1e-4
        assert normal.std() == pytest.approx(1, abs=1e-4)

    def test_neither_level_nor_timbre_matters(self, reading: np.ndarray) -> None:
        mel = log_mel(reading, 2000)
        microphone = np.linspace(-0.2, 0.2, BANDS, dtype=np.float32) - 2
        microphone -= microphone.mean()  # the same frames still audio
        assert np.allclose(normalize(mel + microphone - 3), normalize(mel), atol=1e-3)

    def test_pauses_do_not_count(self, reading: np.ndarray) -> None:
        mel = log_mel(reading, 2000)
        pause = np.full((60, BANDS), mel.min(), np.float32)
        paused = np.concatenate([mel[:1000], pause, mel[1000:]])
        kept = np.concatenate([normalize(paused)[:1000], normalize(paused)[1060:]])
        assert np.abs(kept - normalize(mel)).max() < 0.02

    def test_silence_stays_finite(self) -> None:
        assert np.abs(normalize(np.full((40, BANDS), np.log(FLOOR), np.float32))).max() < 0.01

    def test_training_does_the_same(self, reading: np.ndarray) -> None:
        mels = np.stack([log_mel(reading[start:], 800) for start in (0, 80_000, 160_000)])
        ours = np.stack([normalize(mel) for mel in mels])
        theirs = batches.normalize(torch.from_numpy(mels)).numpy()
        assert np.abs(ours - theirs).max() < 1e-3


def test_training_hears_what_the_product_hears(reading: np.ndarray, tmp_path) -> None:
    """The whole front end, as the training's GPU computes it."""
    audio = (reading[: 8 * RATE_HZ] * 32767).astype(np.int16)
    data = tmp_path / "data.npz"
    curves = np.zeros((len(audio) // HOP, 14), np.float16)
    np.savez(data, audio=audio, curves=curves, starts=[0, len(audio)], styles=[0])
    speech = Speech(data, torch.device("cpu"), seed=0)
    plain = torch.tensor([int(np.abs(WARPS - 1).argmin())])
    assert WARPS[plain] == pytest.approx(1, abs=0.02)
    speech.filters[plain] = torch.from_numpy(filterbank())
    samples = (audio / 32768).astype(np.float32)
    theirs = speech._mel(torch.from_numpy(samples)[None], plain)[0].numpy()
    ours = normalize(log_mel(samples, len(theirs)))
    assert len(theirs) == len(audio) // HOP
    assert np.abs(ours - theirs).max() < 1e-3
