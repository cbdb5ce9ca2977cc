"""Blinks, head, brows, gaze and breath follow the speech."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from lipwright.domain.media import Waveform
from lipwright.domain.motion import CHANNEL, CHANNELS, LEARNED_CHANNELS, Motion
from lipwright.motion.audio_encoder import encode_audio
from lipwright.motion.gestures import GESTURE_STYLES, add_gestures
from lipwright.motion.mel import RATE_HZ
from lipwright.motion.speech_rhythm import SpeechRhythm, speech_rhythm

FPS = 25
SECONDS = 20


@pytest.fixture(scope="module")
def voices(reading: np.ndarray) -> list[Waveform]:
    """Four stretches of reading, 20 seconds each."""
    length = SECONDS * RATE_HZ
    tiled = np.tile(reading, 4)
    return [Waveform(tiled[None, n * length // 2 :][:, :length], RATE_HZ) for n in range(4)]


@pytest.fixture(scope="module")
def rhythms(voices) -> list[SpeechRhythm]:
    return [speech_rhythm(voice, encode_audio(voice).mouth[:, CHANNEL["jawOpen"]]) for voice in voices]


def model_motion(frames: int = SECONDS * FPS, rate: Fraction = Fraction(FPS)) -> Motion:
    """A mouth that opens and closes four times a second, and nothing else."""
    values = np.zeros((frames, len(LEARNED_CHANNELS)), np.float32)
    at = np.arange(1, frames) / float(rate)
    values[1:, CHANNEL["jawOpen"]] = 0.3 + 0.3 * np.sin(2 * np.pi * 4 * at)
    return Motion(values, rate)


def gesture(rhythm: SpeechRhythm, *, seed: int = 0, style: str = "neutral", expression: float = 1.0):
    rng = np.random.default_rng(seed)
    return add_gestures(model_motion(), rhythm, style=style, expression=expression, rng=rng).values


def blink_frames(values: np.ndarray) -> np.ndarray:
    """Frames at which the lids meet."""
    shut = values[:, CHANNEL["eyeBlink"]] > 0.95
    return np.flatnonzero(np.diff(np.r_[False, shut].astype(int)) == 1)


def test_rest_before_and_after_stays_rest(rhythms) -> None:
    motion = model_motion()
    motion.values[:50] = 0
    motion.values[400:] = 0
    made = add_gestures(motion, rhythms[0], style="lively", expression=2.0, rng=np.random.default_rng(1))
    assert made.values.shape == (len(motion.values), len(CHANNELS))
    assert not made.values[:50].any()
    assert not made.values[400:].any()
    # Gestures grow and fade: no jump at either end.
    head = [CHANNEL["headYaw"], CHANNEL["headPitch"], CHANNEL["headRoll"]]
    assert np.abs(made.values[50, head]).max() < 0.01
    assert np.abs(made.values[399, head]).max() < 0.01


def test_blinks_a_minute_and_none_at_the_end(rhythms) -> None:
    for seed in range(5):
        for rhythm in rhythms:
            frames = blink_frames(gesture(rhythm, seed=seed))
            assert 12 <= len(frames) * 60 / SECONDS <= 30
            assert SECONDS * FPS - frames[-1] > 0.3 * FPS


@pytest.mark.parametrize("rate", [15, 25, 50])
@pytest.mark.parametrize("seconds", [3, 4, 5, 6, 8])
def test_short_videos_blink_as_often_as_long_ones(rhythms, seconds: int, rate: int) -> None:
    motion = model_motion(seconds * rate + 1, Fraction(rate))
    for seed, style in enumerate(GESTURE_STYLES):
        made = add_gestures(
            motion, rhythms[seed % 4], style=style, expression=1.0, rng=np.random.default_rng(seed)
        )
        assert 12 <= len(blink_frames(made.values)) * 60 / seconds <= 30
        assert not made.values[-round(0.3 * rate) :, CHANNEL["eyeBlink"]].any()


def test_a_blink_opens_more_slowly_than_it_closes(rhythms) -> None:
    lids = gesture(rhythms[0])[:, CHANNEL["eyeBlink"]]
    peak = blink_frames(gesture(rhythms[0]))[0]
    closing = (lids[peak - 6 : peak] > 0.05).sum()
    opening = (lids[peak + 1 : peak + 10] > 0.05).sum()
    assert lids[peak] == pytest.approx(1, abs=0.02)
    assert 1 <= closing < opening <= 7


def test_blinks_meet_the_ends_of_phrases_more_than_chance(rhythms) -> None:
    near, chance = [], []
    for rhythm in rhythms:
        ends = np.array([end for _, end in rhythm.phrases])
        assert len(ends) >= 3
        for seed in range(5):
            instants = blink_frames(gesture(rhythm, seed=seed)) / FPS
            near += [np.abs(ends - at).min() < 0.2 for at in instants]
        chance.append(np.mean([np.abs(ends - at).min() < 0.2 for at in np.arange(0, SECONDS, 0.05)]))
    assert np.mean(near) > 1.5 * np.mean(chance)


def test_the_head_moves_as_real_talkers_do(rhythms) -> None:
    yaw = [
        np.degrees(gesture(rhythm, seed=n)[:, CHANNEL["headYaw"]].std()) for n, rhythm in enumerate(rhythms)
    ]
    assert 5 <= np.median(yaw) <= 10  # of which the warp shows about half


def test_unsure_speech_opens_the_mouth_as_wide_as_that_of_known_languages(rhythms) -> None:
    """The model's jaw moves less in languages that it knows less; what is said loudly stays wider."""
    jaw, opening = CHANNEL["jawOpen"], []
    for size in (1.0, 0.7, 0.5):
        motion = model_motion()
        motion.values[:, jaw] *= size
        made = add_gestures(motion, rhythms[0], style="neutral", expression=1, rng=np.random.default_rng(0))
        assert np.corrcoef(made.values[:, jaw], motion.values[:, jaw])[0, 1] > 0.95
        opening.append(np.percentile(made.values[:, jaw], 95))
    assert 0.75 < opening[1] / opening[0] < 1
    assert 0.55 < opening[2] / opening[0] < opening[1] / opening[0]


def test_nods_go_with_accents(rhythms) -> None:
    """The chin is lower at accents than between them."""
    below = []
    for n, rhythm in enumerate(rhythms):
        pitch = gesture(rhythm, seed=n)[:, CHANNEL["headPitch"]]
        at = ((rhythm.accents + 0.04) * FPS).round().astype(int)
        at = at[(at > 10) & (at < len(pitch) - 10)]
        below.append(np.mean(pitch[at] - (pitch[at - 6] + pitch[at + 8]) / 2))
    assert np.mean(below) > 0.005


def test_expression_and_style_scale_the_gestures(rhythms) -> None:
    def size(**options) -> float:
        return float(gesture(rhythms[0], **options)[:, CHANNEL["headYaw"]].std())

    assert size(expression=0.5) < 0.6 * size() < 0.4 * size(expression=2.0)
    assert size(style="calm") < 0.8 * size() < 0.7 * size(style="lively")
    jaw = CHANNEL["jawOpen"]
    opening = [np.percentile(gesture(rhythms[0], expression=e)[:, jaw], 95) for e in (0.5, 1, 2)]
    assert opening[0] < opening[1] < opening[2]


def test_eyes_stay_on_the_camera_while_the_head_turns(rhythms) -> None:
    values = gesture(rhythms[0])
    assert np.corrcoef(values[:, CHANNEL["headYaw"]], values[:, CHANNEL["gazeYaw"]])[0, 1] < -0.4
    # Saccades: most frames rest, some jump.
    looks = values[:, CHANNEL["gazeYaw"]] + 0.8 * values[:, CHANNEL["headYaw"]]
    jumps = np.abs(np.diff(looks))
    assert np.median(jumps) < 0.01
    assert jumps.max() > 0.03


def test_eyes_look_away_again_and_again_and_come_back(rhythms) -> None:
    for seed, rhythm in enumerate(rhythms):
        values = gesture(rhythm, seed=seed)
        yaw, pitch = (
            values[:, CHANNEL[eye]] + 0.8 * values[:, CHANNEL[head]]
            for eye, head in (("gazeYaw", "headYaw"), ("gazePitch", "headPitch"))
        )
        away = np.hypot(yaw, pitch) > 0.05
        glances = np.flatnonzero(np.diff(np.r_[False, away].astype(int)) == 1)
        assert len(glances) >= 3
        assert 0.05 < away.mean() < 0.5, "most of the time they are on the camera"
        assert (~away[glances[-1] :]).any(), "they come back"


def test_the_chest_rises_before_phrases(rhythms) -> None:
    breath = gesture(rhythms[0])[:, CHANNEL["breath"]]
    assert 0.1 < np.ptp(breath) < 2
    assert np.abs(np.diff(breath)).max() < 0.15


def test_silence_still_blinks_and_looks_alive() -> None:
    rhythm = speech_rhythm(Waveform(np.zeros((1, SECONDS * RATE_HZ), np.float32), RATE_HZ), np.zeros(2000))
    values = gesture(rhythm)
    assert len(blink_frames(values)) >= 4
    assert np.degrees(values[:, CHANNEL["headYaw"]].std()) > 1
