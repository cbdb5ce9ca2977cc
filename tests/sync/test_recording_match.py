"""The audio of a video is found anywhere in the recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lipwright.domain.media import Waveform
from lipwright.media.audio_reader import read_audio
from lipwright.sync.audio_measures import MATCH_RATE_HZ, match_recording

LIBRIVOX = Path("/usr/share/pocketsphinx/test/data/librivox")


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    """24 s of somebody reading."""
    files = sorted(LIBRIVOX.glob("*.wav"))
    parts = [read_audio(path, rate_hz=MATCH_RATE_HZ).waveform.mono for path in files]
    return np.concatenate(parts)[: 24 * MATCH_RATE_HZ]


def wave(samples: np.ndarray, noise: float = 0.0) -> Waveform:
    rms = np.sqrt(np.square(samples).sum() / max(len(samples), 1))
    added = noise * rms * np.random.default_rng(0).normal(size=len(samples))
    return Waveform((0.7 * samples + added).astype(np.float32)[None], MATCH_RATE_HZ)


@pytest.mark.parametrize("start", [0.0, 0.9, 1.1, 2.0, 13.37, 19.0])
@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_an_excerpt_is_found_at_its_place(speech: np.ndarray, start: float, noise: float) -> None:
    first = round(start * MATCH_RATE_HZ)
    found = match_recording(wave(speech[first : first + 5 * MATCH_RATE_HZ], noise), wave(speech))
    assert found.same
    assert found.shift_ms == pytest.approx(-1000 * start, abs=0.2)
    assert found.seconds_missing == pytest.approx(19.0, abs=0.01)


@pytest.mark.parametrize("intro", [0.4, 3.0, 12.0])
def test_a_recording_after_an_intro_is_found(speech: np.ndarray, intro: float) -> None:
    first = round(intro * MATCH_RATE_HZ)
    title = speech[::-1][:first]
    recording = speech[: 8 * MATCH_RATE_HZ]
    found = match_recording(wave(np.concatenate([title, recording])), wave(recording))
    assert found.same
    assert found.shift_ms == pytest.approx(1000 * intro, abs=0.2)
    assert found.seconds_missing == pytest.approx(-intro, abs=0.01)


def test_an_end_that_is_cut_off_is_missing(speech: np.ndarray) -> None:
    found = match_recording(wave(speech[: 20 * MATCH_RATE_HZ]), wave(speech))
    assert (found.same, found.shift_ms) == (True, 0)
    assert found.seconds_missing == pytest.approx(4.0, abs=0.01)


def test_another_recording_is_unrelated(speech: np.ndarray) -> None:
    assert match_recording(wave(speech[: 8 * MATCH_RATE_HZ]), wave(speech[::-1].copy())).unrelated
    silence = np.zeros(MATCH_RATE_HZ, np.float32)
    assert match_recording(wave(silence), wave(speech)).unrelated
    assert match_recording(wave(silence[:0]), wave(speech)).unrelated
