"""The motion of a video: seeds, windows, rates, the temporal mask, and what was frozen."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from training.liveliness import enliven

from lipwright.diffusion.sample import sample
from lipwright.diffusion.state import AVState, frozen, noised
from lipwright.domain.media import Waveform
from lipwright.domain.motion import CHANNEL, LEARNED_CHANNELS, MOUTH
from lipwright.domain.presets import PRESETS
from lipwright.domain.time import Span
from lipwright.errors import Cancelled
from lipwright.motion.audio_encoder import AudioFeatures, encode_audio
from lipwright.motion.mel import RATE_HZ
from lipwright.motion.sampling import (
    SLOW_SMOOTHING_SECONDS,
    MotionModel,
    motion_rate,
    sample_motion,
    schedule,
)
from lipwright.motion.styles import STYLES
from lipwright.motion.visemes import sample_curves
from lipwright.planning import plan_seconds

pytestmark = pytest.mark.xdist_group("motion")

SETTINGS = PRESETS["portrait"]
NEUTRAL = STYLES.index("neutral")
FPS = Fraction(25)
LONG_SECONDS = 45


def move(features: AudioFeatures, seconds: float, frame_rate: Fraction = FPS, **options):
    """The motion of a video of so many seconds, at the shipped settings unless others are given."""
    settings = options.pop("settings", SETTINGS)
    plan = options.pop("plan", None) or plan_seconds(seconds, frame_rate, "floor")
    return sample_motion(features, plan, settings, style=NEUTRAL, **options)


@pytest.fixture(scope="module")
def long_features(reading: np.ndarray) -> AudioFeatures:
    """45 seconds of reading."""
    return encode_audio(Waveform(np.tile(reading, 2)[None, : LONG_SECONDS * RATE_HZ], RATE_HZ))


@pytest.fixture(scope="module")
def short(features: AudioFeatures) -> np.ndarray:
    """Five seconds at the shipped settings."""
    return move(features, 5).motion.values


@pytest.fixture(scope="module")
def long_plan():
    """Cuts wherever they fall, in the middle of words too: the hardest case for a seam."""
    plan = plan_seconds(LONG_SECONDS, FPS, "floor")
    assert len(plan.chunks) >= 4
    return plan


@pytest.fixture(scope="module")
def long_motion(long_features: AudioFeatures, long_plan) -> np.ndarray:
    return move(long_features, LONG_SECONDS, plan=long_plan).motion.values


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one, other)[0, 1])


class TestFirstFrameAndSeeds:
    def test_frame_0_is_the_image_itself(self, short: np.ndarray, long_motion: np.ndarray) -> None:
        assert not short[0].any()
        assert not long_motion[0].any()
        assert np.abs(short[1:]).max() > 0.1

    def test_the_same_seed_gives_the_same_motion(self, features: AudioFeatures, short: np.ndarray) -> None:
        assert np.array_equal(move(features, 5).motion.values, short)

    def test_another_seed_blinks_and_nods_otherwise_in_the_same_time(
        self, features: AudioFeatures, short: np.ndarray
    ) -> None:
        other = move(features, 5, settings=replace(SETTINGS, seed=1)).motion.values
        head = [CHANNEL[name] for name in ("headYaw", "headPitch", "headRoll")]
        for channel in head:
            assert correlation(other[:, channel], short[:, channel]) < 0.9
        assert not np.array_equal(other[:, CHANNEL["eyeBlink"]], short[:, CHANNEL["eyeBlink"]])
        jaw = CHANNEL["jawOpen"]
        assert correlation(other[:, jaw], short[:, jaw]) > 0.7

    def test_motion_stays_within_the_bounds_of_its_channels(self, long_motion: np.ndarray) -> None:
        signed = {"mouthStretch", "mouthLowerDown", "headYaw", "headPitch", "headRoll"}
        for name, column in zip(LEARNED_CHANNELS, long_motion.T, strict=True):
            assert column.min() >= (-1.0 if name in signed else 0.0), name
            assert column.max() <= 1.2, name


class TestFrozen:
    def test_frozen_audio_is_proven(self, features: AudioFeatures) -> None:
        assert move(features, 1).frozen is True

    def test_sampled_audio_is_not_frozen(self, features: AudioFeatures) -> None:
        assert move(features, 1, freeze_audio=False).frozen is False

    def test_only_the_frozen_audio_is_followed(self, features: AudioFeatures) -> None:
        expected = sample_curves(features.mouth, np.arange(489) / 25)[:, CHANNEL["jawOpen"]]
        frozen, sampled = (
            move(features, 19.6, freeze_audio=freeze).motion.values[:, CHANNEL["jawOpen"]]
            for freeze in (True, False)
        )
        assert correlation(frozen, expected) > 0.7
        assert abs(correlation(sampled, expected)) < 0.25


class TestWindows:
    def test_chunks_join_without_a_seam(self, long_motion: np.ndarray, long_plan) -> None:
        jumps = np.abs(np.diff(long_motion, axis=0))
        seams = [chunk.start_frame + chunk.overlap_frames - 1 for chunk in long_plan.chunks[1:]]
        elsewhere = np.delete(jumps, seams, axis=0)
        for name, at_seams, others in zip(LEARNED_CHANNELS, jumps[seams].T, elsewhere.T, strict=True):
            assert at_seams.max() <= np.percentile(others, 99.9), name

    def test_seams_are_as_calm_as_frames(self, long_features: AudioFeatures, long_plan, long_motion) -> None:
        """Over all channels and a few seeds, each channel counted in its own usual jump."""
        seams = [chunk.start_frame + chunk.overlap_frames - 1 for chunk in long_plan.chunks[1:]]
        shares = []
        others = (
            move(long_features, 0, plan=long_plan, settings=replace(SETTINGS, seed=seed)).motion.values
            for seed in (1, 2)
        )
        for motion in (long_motion, *others):
            jumps = np.abs(np.diff(motion, axis=0))
            shares.append(jumps[seams] / jumps.mean(0))
        assert np.mean(shares) < 1.5

    def test_the_grid_of_eight_does_not_show(self, long_motion: np.ndarray) -> None:
        """What moves slowly moves across the edges of latents as it does within them."""
        jumps = np.abs(np.diff(long_motion, axis=0))
        edge = np.arange(len(jumps)) % 8 == 0
        for name in ("headYaw", "headPitch", "headRoll", "browInnerUp", "mouthSmile"):
            column = jumps[:, CHANNEL[name]]
            assert column[edge].mean() < 1.5 * column[~edge].mean(), name

    def test_the_head_does_not_tremble(self, reading: np.ndarray, long_motion: np.ndarray) -> None:
        """From frame to frame it moves about as far as the heads that the model learned from."""
        truth = np.zeros((len(reading) // 160, len(LEARNED_CHANNELS)), np.float32)
        enliven(truth, reading, "neutral", np.random.default_rng(0))
        learned, made = (np.abs(np.diff(rows, axis=0)).mean(0) for rows in (truth[::4], long_motion))
        for name in ("headYaw", "headPitch", "headRoll"):
            assert made[CHANNEL[name]] < 1.5 * learned[CHANNEL[name]], name

    def test_what_a_chunk_takes_over_is_not_changed(
        self, long_features: AudioFeatures, long_plan, long_motion: np.ndarray
    ) -> None:
        """A video that stops after chunk k is the beginning of the whole video, to the bit.

        But for its last frames: what moves slowly is settled over its neighbors there.
        """
        for k in (1, 2):
            fewer = replace(long_plan, chunks=long_plan.chunks[:k])
            end = fewer.chunks[-1].start_frame + fewer.chunks[-1].frames
            part = move(long_features, LONG_SECONDS, plan=fewer).motion.values
            settled = end - math.ceil(3 * SLOW_SMOOTHING_SECONDS * 25)
            assert np.array_equal(part[:settled], long_motion[:settled])
            mouth = slice(CHANNEL["mouthSmile"])
            assert np.array_equal(part[:end, mouth], long_motion[:end, mouth])
            assert not part[end:, mouth].any()

    def test_the_model_goes_on_from_what_it_takes_over(
        self, long_features: AudioFeatures, long_plan, long_motion: np.ndarray
    ) -> None:
        """The second window holds the end of the first, and continues it instead of starting anew."""
        chunk, number = long_plan.chunks[1], 1
        model = MotionModel(long_features, long_plan.frames, style=NEUTRAL, frame_rate=FPS)
        taken_over = slice(chunk.start_frame, chunk.start_frame + chunk.overlap_frames)
        model.motion[taken_over] = long_motion[taken_over]
        held = (chunk.overlap_frames - 1) // 8 + 1
        weights = np.r_[np.zeros(held), np.ones((chunk.frames - 1) // 8 + 1 - held)]
        given = model.prepare(number, chunk, weights, SETTINGS.seed)
        mask = weights[None, :, None].astype(np.float32)
        video = noised(given.clean, mask, given.noise(given.clean), sigma=1.0)
        state = sample(given.denoise, AVState(video, frozen(given.audio)), schedule(SETTINGS))
        model.accept(number, chunk, np.ones_like(weights), state.video.latent)
        assert np.allclose(model.motion[taken_over], long_motion[taken_over], atol=1e-5)

    def test_chunks_follow_the_audio_to_the_end(
        self, long_features: AudioFeatures, long_plan, long_motion
    ) -> None:
        jaw = CHANNEL["jawOpen"]
        expected = sample_curves(long_features.mouth, np.arange(long_plan.frames) / 25)[:, jaw]
        for chunk in long_plan.chunks:
            frames = slice(chunk.start_frame, chunk.start_frame + chunk.frames)
            assert correlation(long_motion[frames, jaw], expected[frames]) > 0.6


RATES = (Fraction(12), Fraction(24), Fraction(24000, 1001), FPS, Fraction(30), Fraction(50), Fraction(60))


@pytest.fixture(scope="module")
def jaws(features: AudioFeatures) -> dict[Fraction, np.ndarray]:
    """Twelve seconds of opening jaw at each rate."""
    made = {}
    for frame_rate in RATES:
        plan = plan_seconds(12, frame_rate, "floor")
        motion = move(features, 12, frame_rate, plan=plan).motion
        assert motion.frame_rate == frame_rate
        assert motion.values.shape == (plan.frames, len(LEARNED_CHANNELS))
        made[frame_rate] = motion.values[:, CHANNEL["jawOpen"]]
    return made


class TestRates:
    @pytest.mark.parametrize("frame_rate", RATES, ids=str)
    def test_motion_is_in_time(self, features: AudioFeatures, jaws, frame_rate: Fraction) -> None:
        jaw = jaws[frame_rate]
        instants = np.array([float(n / frame_rate) for n in range(len(jaw))])
        column = CHANNEL["jawOpen"]

        def agreement(late_seconds: float) -> float:
            return correlation(jaw, sample_curves(features.mouth, instants - late_seconds)[:, column])

        assert agreement(0) > 0.6
        lags = np.arange(-6, 7) * 0.04
        assert abs(lags[int(np.argmax([agreement(lag) for lag in lags]))]) <= 0.04

    @pytest.mark.parametrize("frame_rate", [Fraction(12), Fraction(30), Fraction(50), Fraction(60)], ids=str)
    def test_the_same_instants_agree_with_25_frames(self, jaws, frame_rate: Fraction) -> None:
        count = min(len(jaws[FPS]), int(len(jaws[frame_rate]) * FPS / frame_rate))
        at = np.arange(count) * float(frame_rate / FPS)
        there = np.interp(at, np.arange(len(jaws[frame_rate])), jaws[frame_rate])
        assert correlation(there, jaws[FPS][:count]) > 0.6

    @pytest.mark.parametrize(
        "frame_rate", [Fraction(1), Fraction(12), FPS, Fraction(60), Fraction(240)], ids=str
    )
    def test_motion_is_made_at_a_rate_the_network_knows(self, frame_rate: Fraction) -> None:
        made = motion_rate(frame_rate)
        assert 20 <= made <= 40
        assert (made / frame_rate).denominator == 1 or (frame_rate / made).denominator == 1

    def test_between_the_rows_of_a_slower_motion_nothing_stutters(self, jaws) -> None:
        """At 50 fps every second row lies between two others, not on one of them."""
        jaw = jaws[Fraction(50)].astype(float)
        steps = np.abs(np.diff(jaw))
        moving = steps > 1e-3
        assert moving.mean() > 0.3
        assert 0.8 < steps[0::2].mean() / steps[1::2].mean() < 1.25


class TestTemporalMask:
    @pytest.mark.parametrize(
        ("start", "end", "frame_rate"),
        [
            (1.0, 2.0, FPS),
            (0.0, 1.0, FPS),
            (1.3, 99.0, FPS),
            (0.77, 1.61, Fraction(24)),
            (0.5, 2.2, Fraction(30000, 1001)),
        ],
    )
    def test_moves_inside_and_rests_outside(
        self, features: AudioFeatures, start: float, end: float, frame_rate: Fraction
    ) -> None:
        motion = move(features, 4, frame_rate, mask=Span(start, end)).motion.values
        moving = np.flatnonzero(np.abs(motion).max(1) > 0)
        # Latents of eight frames begin at frames 1, 9, 17, ...; those wholly inside move.
        begins = [f for f in range(1, len(motion), 8) if round(start * frame_rate) <= f]
        inside = [f for f in begins if f + 8 <= min(round(end * frame_rate), len(motion))]
        assert inside
        assert moving.min() >= inside[0]
        assert moving.max() < inside[-1] + 8
        assert all(np.abs(motion[f : f + 8]).max() > 0.01 for f in inside)
        # The mouth as a whole moves, not a channel or two.
        stretch = motion[inside[0] : inside[-1] + 8]
        assert (stretch[:, list(MOUTH)].std(0) > 1e-3).sum() >= 6

    def test_a_mask_over_everything_changes_nothing(self, features: AudioFeatures, short: np.ndarray) -> None:
        assert np.array_equal(move(features, 5, mask=Span(0.0, 99.0)).motion.values, short)

    def test_no_whole_latent_inside_moves_nothing(self, features: AudioFeatures) -> None:
        assert not move(features, 2, mask=Span(1.0, 1.1)).motion.values.any()

    def test_across_chunks_too(self, long_features: AudioFeatures, long_plan) -> None:
        motion = move(long_features, 0, plan=long_plan, mask=Span(7.0, 12.0)).motion.values
        moving = np.flatnonzero(np.abs(motion).max(1) > 0)
        assert 175 <= moving.min() < 175 + 8
        assert 300 - 8 <= moving.max() < 300


def test_progress_is_reported_and_may_stop_the_work(features: AudioFeatures) -> None:
    reported: list[tuple[int, int]] = []

    def listener(done: int, total: int) -> None:
        reported.append((done, total))
        if done == 3:
            raise Cancelled("interrupted", hint="nothing was written")

    with pytest.raises(Cancelled):
        move(features, 2, on_step=listener)
    assert reported == [(1, SETTINGS.steps), (2, SETTINGS.steps), (3, SETTINGS.steps)]
