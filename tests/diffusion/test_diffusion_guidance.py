"""Guidance and its clipping: against the definitions written out in plain Python."""

from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.diffusion import guidance_clipping
from lipwright.diffusion.guidance_clipping import clip_outlier_frames
from lipwright.diffusion.guiders import Guidance, Pass

RNG = np.random.default_rng(5)
PREDICTIONS = {name: RNG.standard_normal((2, 6, 3)) for name in Pass}
POS, NEG, PERTURBED, ISOLATED = (PREDICTIONS[name] for name in Pass)


def combined(guidance, predictions):
    return guidance.apply(predictions[Pass.POSITIVE], guidance.delta(predictions))


@pytest.mark.parametrize(
    ("guidance", "needs"),
    [
        (Guidance(), set()),
        (Guidance(rescale=0.7), set()),
        (Guidance(cfg=4), {Pass.NEGATIVE}),
        (Guidance(cfg=0), {Pass.NEGATIVE}),
        (Guidance(stg=1), {Pass.PERTURBED}),
        (Guidance(modality_scale=0), {Pass.ISOLATED}),
        (Guidance(3, 1, 3, 0.7), {Pass.NEGATIVE, Pass.PERTURBED, Pass.ISOLATED}),
    ],
)
def test_only_needed_passes_are_asked_for(guidance, needs):
    assert guidance.passes == needs | {Pass.POSITIVE}
    assert guidance.neutral == (not needs)
    combined(guidance, {name: PREDICTIONS[name] for name in guidance.passes})


def test_neutral_guidance_gives_the_prediction_itself():
    for guidance in (Guidance(), Guidance(rescale=0.7)):
        assert guidance.delta({Pass.POSITIVE: POS}) is None
        assert combined(guidance, {Pass.POSITIVE: POS}) is POS


def test_the_guidance_sum():
    expected = POS + 3 * (POS - NEG) + 0.5 * (POS - PERTURBED) + 2 * (POS - ISOLATED)
    np.testing.assert_allclose(combined(Guidance(4, 0.5, 3), PREDICTIONS), expected, rtol=1e-12)


def test_rescale_pulls_the_spread_back_item_by_item():
    plain = combined(Guidance(4, 1, 2), PREDICTIONS)
    for share in (0.4, 1.0):
        rescaled = combined(Guidance(4, 1, 2, share), PREDICTIONS)
        for item in range(2):
            ratio = np.std(POS[item], ddof=1) / np.std(plain[item], ddof=1)
            np.testing.assert_allclose(rescaled[item], plain[item] * (share * ratio + 1 - share), rtol=1e-12)
    np.testing.assert_allclose(rescaled.std(axis=(1, 2)), POS.std(axis=(1, 2)), rtol=1e-12)


def test_rescale_of_a_constant_prediction_stays_finite():
    flat = dict.fromkeys(Pass, np.ones((1, 2, 2)))
    assert np.isfinite(combined(Guidance(4, rescale=1), flat)).all()


def capped_by_hand(delta, mask, threshold, per_frame):
    out = delta.copy()
    for b in range(len(delta)):
        frames = delta[b].reshape(-1, per_frame, delta.shape[-1])
        generated = (mask[b].reshape(-1, per_frame) > 0).any(axis=1)
        rms = [float(np.sqrt((f**2).mean())) for f in frames]
        chosen = [e for e, g in zip(rms, generated, strict=True) if g]
        if len(chosen) < 3:
            continue
        cap = median(chosen) / threshold
        for t, e in enumerate(rms):
            if e > cap:
                out[b, t * per_frame : (t + 1) * per_frame] *= cap / e
    return out


@given(
    st.integers(1, 2),
    st.integers(1, 9),
    st.integers(1, 3),
    st.floats(0.05, 1),
    st.integers(0, 2**32 - 1),
)
def test_clipping_equals_its_definition(batch, frames, per_frame, threshold, seed):
    rng = np.random.default_rng(seed)
    delta = rng.standard_normal((batch, frames * per_frame, 2)) * np.exp(
        2 * rng.standard_normal((batch, frames, 1))
    ).repeat(per_frame, axis=1)
    mask = rng.choice([0.0, 0.3, 1.0], (batch, frames * per_frame, 1), p=[0.5, 0.1, 0.4])
    capped = clip_outlier_frames(delta, mask, threshold=threshold, tokens_per_frame=per_frame)
    np.testing.assert_allclose(capped, capped_by_hand(delta, mask, threshold, per_frame), rtol=1e-10)


def test_spike_is_limited_to_four_medians():
    delta = np.ones((1, 6, 4)) * np.array([1, 2, 100, 3, 4, 5.0])[None, :, None]
    capped = clip_outlier_frames(delta, np.ones((1, 6, 1)), threshold=0.25)
    assert capped[0, :, 0] == pytest.approx([1, 2, 3.5 * 4, 3, 4, 5])  # six: the median is between 3 and 4
    assert (np.delete(capped, 2, axis=1) == np.delete(delta, 2, axis=1)).all()


def test_clipping_does_not_depend_on_the_size_of_the_image():
    delta = RNG.standard_normal((1, 8, 2)) * np.array([1, 1, 1, 30, 1, 1, 1, 1])[None, :, None]
    mask = np.ones((1, 8, 1))
    small = clip_outlier_frames(delta, mask, threshold=0.5)
    large = clip_outlier_frames(
        delta.repeat(9, axis=1), mask.repeat(9, axis=1), threshold=0.5, tokens_per_frame=9
    )
    np.testing.assert_allclose(large[:, ::9], small, rtol=1e-12)
    assert abs(small[0, 3]).max() < abs(delta[0, 3]).max()


def test_clipping_needs_three_generated_frames_and_a_threshold():
    delta = np.array([1.0, 1.0, 90.0]).reshape(1, 3, 1)
    assert (clip_outlier_frames(delta, np.array([1.0, 0, 1]).reshape(1, 3, 1), threshold=0.25) == delta).all()
    assert clip_outlier_frames(delta, np.ones((1, 3, 1)), threshold=0) is delta
    assert clip_outlier_frames(delta, np.ones((1, 3, 1)), threshold=0.25)[0, :, 0].tolist() == [1, 1, 4]


def test_zero_guidance_is_unchanged():
    delta = np.zeros((1, 5, 2))
    assert (clip_outlier_frames(delta, np.ones((1, 5, 1)), threshold=0.25) == delta).all()


def test_norming_reports_whether_it_has_an_effect():
    assert guidance_clipping.applies(0.25, Guidance(cfg=4))
    assert not guidance_clipping.applies(0.25, Guidance(rescale=0.7))
    assert not guidance_clipping.applies(0, Guidance(cfg=4))
