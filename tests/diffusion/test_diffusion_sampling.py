"""The whole loop against closed forms.

For a Gaussian target N(mu, s^2) the perfect denoiser of x = (1-t) x0 + t n is known,
E[x0 | x] = mu + (1-t) s^2 / v (x - (1-t) mu) with v = (1-t)^2 s^2 + t^2, and the flow's exact
solution carries noise n to mu + s n. For two correlated Gaussians, one clean and one noised, the
conditional mean and spread are known as well.
"""

from itertools import count, pairwise

import numpy as np
import pytest

from lipwright.diffusion.arrays import fingerprint
from lipwright.diffusion.guiders import Guidance, Pass
from lipwright.diffusion.sample import Prediction, sample
from lipwright.diffusion.schedules import DISTILLED, SECOND_STAGE, linear
from lipwright.diffusion.state import AVState, frozen, noised
from lipwright.errors import Cancelled, EngineError, UsageError

MU, S = 1.5, 0.4
ALL_PASSES = Guidance(cfg=3, stg=0.5, modality_scale=2, rescale=0.3)


def normal(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def source(seed):
    rng = np.random.default_rng(seed)
    return lambda like: rng.standard_normal(like.shape)


def gaussian(x, sigmas, mu=MU, s=S):
    t = sigmas[..., None]
    return mu + (1 - t) * s**2 / ((1 - t) ** 2 * s**2 + t**2) * (x - (1 - t) * mu)


def from_noise(tokens=6, channels=3, batch=1, seed=0, mask=None):
    """Video from pure noise beside frozen audio; everything read-only, so that writing raises."""
    noise = normal(batch, tokens, channels, seed=seed)
    mask = np.ones((batch, tokens, 1)) if mask is None else mask
    state = AVState(
        noised(np.zeros_like(noise), mask, noise, sigma=1.0), frozen(normal(batch, 4, 2, seed=seed + 100))
    )
    for latent in (state.video, state.audio):
        for array in (latent.latent, latent.clean, latent.mask):
            array.flags.writeable = False
    return state


def one_gaussian(x, passes):
    return {name: Prediction(gaussian(x.video, x.video_sigmas)) for name in passes}


def error(steps):
    state = from_noise()
    out = sample(one_gaussian, state, linear(steps)).video.latent
    return abs(out - (MU + S * state.video.latent)).max()


def test_euler_converges_to_the_exact_flow_at_first_order():
    errors = [error(steps) for steps in (50, 100, 200, 400)]
    assert errors[-1] < 0.01
    for coarse, fine in pairwise(errors):
        assert 1.85 < coarse / fine < 2.15


@pytest.mark.parametrize("eta", [0.2, 1.0])
def test_ancestral_noise_keeps_mean_and_spread(eta):
    state = from_noise(tokens=200, channels=100)
    out = sample(one_gaussian, state, linear(300), eta=eta, noise=source(1)).video.latent
    assert out.mean() == pytest.approx(MU, abs=0.01)  # standard error 0.003
    assert out.std() == pytest.approx(S, rel=0.03)  # standard error 0.5 %, the rest is the step size
    kept = np.corrcoef(out.ravel(), state.video.latent.ravel())[0, 1]
    assert kept < (0.995 if eta == 0.2 else 0.4)  # at eta 0 it is 1: the start decides everything


def test_noise_is_drawn_for_every_step_but_the_last_and_never_at_eta_zero():
    drawn = []

    def noise(like):
        drawn.append(like.shape)
        return np.zeros_like(like)

    sample(one_gaussian, from_noise(), linear(5), eta=0.2, noise=noise)
    assert drawn == [(1, 6, 3)] * 4
    sample(one_gaussian, from_noise(), linear(5), eta=0.0, noise=noise)
    assert len(drawn) == 4


@pytest.mark.parametrize("guidance", [Guidance(cfg=4), Guidance(3, 1, 3), Guidance(1, 0.7, 0)])
def test_guided_gaussians_of_one_spread_end_at_the_extrapolated_mean(guidance):
    """Linear in the means: the guided denoiser is that of N(mu_g, s^2), so n goes to mu_g + s n."""
    means = {Pass.POSITIVE: 1.5, Pass.NEGATIVE: 1.0, Pass.PERTURBED: 1.2, Pass.ISOLATED: 0.3}

    def denoise(x, passes):
        return {name: Prediction(gaussian(x.video, x.video_sigmas, means[name])) for name in passes}

    state = from_noise()
    out = sample(denoise, state, linear(400), video_guidance=guidance).video.latent
    mean = (
        1.5
        + (guidance.cfg - 1) * 0.5
        + guidance.stg * (1.5 - 1.2)
        + (guidance.modality_scale - 1) * (1.5 - 0.3)
    )
    np.testing.assert_allclose(out, mean + S * state.video.latent, atol=0.02)


SV, SA, RHO, MV, MA = 0.8, 1.3, 0.9, -0.5, 2.0
COVARIANCE = RHO * SV * SA


def coupled(xv, xa, tv, ta):
    """E of both clean values given both noised ones; levels per token."""
    av, aa = 1 - tv, 1 - ta
    vv, aa_var = (av * SV) ** 2 + tv**2, (aa * SA) ** 2 + ta**2
    cross = av * aa * COVARIANCE
    dv, da = xv - av * MV, xa - aa * MA
    det = vv * aa_var - cross**2
    gv, ga = (aa_var * dv - cross * da) / det, (vv * da - cross * dv) / det
    return (
        MV + av * SV**2 * gv + aa * COVARIANCE * ga,
        MA + av * COVARIANCE * gv + aa * SA**2 * ga,
    )


def coupled_av(x, passes):
    video, audio = coupled(x.video, x.audio, x.video_sigmas[..., None], x.audio_sigmas[..., None])
    return {name: Prediction(video, audio) for name in passes}


@pytest.mark.parametrize("eta", [0.0, 0.2])
def test_frozen_audio_gives_the_conditional_distribution(eta):
    audio = MA + SA * normal(1, 400, 50, seed=3)
    noise = normal(1, 400, 50, seed=4)
    state = AVState(noised(np.zeros_like(noise), np.ones((1, 400, 1)), noise, sigma=1.0), frozen(audio))
    out = sample(coupled_av, state, linear(300), eta=eta, noise=source(5))
    assert out.audio is state.audio
    expected = MV + COVARIANCE / SA**2 * (audio - MA)
    spread = (SV**2 - COVARIANCE**2 / SA**2) ** 0.5
    rest = out.video.latent - expected
    assert rest.mean() == pytest.approx(0, abs=0.01)
    assert rest.std() == pytest.approx(spread, rel=0.03)
    assert abs(np.corrcoef(rest.ravel(), audio.ravel())[0, 1]) < 0.03
    if eta == 0:
        np.testing.assert_allclose(rest, spread * noise, atol=0.03)


def test_audio_that_is_not_frozen_gives_the_joint_distribution():
    noise_v, noise_a = normal(1, 400, 50, seed=6), normal(1, 400, 50, seed=7)
    ones, zeros = np.ones((1, 400, 1)), np.zeros_like(noise_v)
    state = AVState(noised(zeros, ones, noise_v, sigma=1.0), noised(zeros, ones, noise_a, sigma=1.0))
    out = sample(coupled_av, state, linear(300), eta=0.2, noise=source(8))
    video, audio = out.video.latent, out.audio.latent
    assert video.mean() == pytest.approx(MV, abs=0.02)
    assert audio.mean() == pytest.approx(MA, abs=0.03)
    assert video.std() == pytest.approx(SV, rel=0.03)
    assert audio.std() == pytest.approx(SA, rel=0.03)
    assert np.corrcoef(video.ravel(), audio.ravel())[0, 1] == pytest.approx(RHO, abs=0.02)


def test_a_kept_token_conditions_its_neighbor():
    """The temporal mask as inpainting: token 0 is kept, token 1 ends at the exact conditional."""
    clean = np.stack([MA + SA * normal(500, seed=9), np.zeros(500)])[None]
    noise = normal(1, 2, 500, seed=10)
    mask = np.array([[[0.0], [1.0]]])

    def denoise(x, passes):
        t = x.video_sigmas[..., None]
        v, a = coupled(x.video[:, 1], x.video[:, 0], t[:, 1], t[:, 0])
        return {name: Prediction(np.stack([a, v], axis=1)) for name in passes}

    state = AVState(noised(clean, mask, noise, sigma=1.0), frozen(normal(1, 1, 1)))
    out = sample(denoise, state, linear(300)).video.latent
    spread = (SV**2 - COVARIANCE**2 / SA**2) ** 0.5
    expected = MV + COVARIANCE / SA**2 * (clean[:, 0] - MA) + spread * noise[:, 1]
    np.testing.assert_allclose(out[:, 1], expected, atol=0.03)
    assert fingerprint(out[:, 0]) == fingerprint(clean[:, 0])


def test_a_soft_mask_ends_between_the_kept_and_the_generated():
    clean, noise = np.full((1, 3, 1), 10.0), normal(1, 3, 1)
    mask = np.array([0, 0.25, 1]).reshape(1, 3, 1)
    state = AVState(noised(clean, mask, noise, sigma=1.0), frozen(noise))

    def denoise(x, passes):
        return {name: Prediction(np.full_like(x.video, 2.0)) for name in passes}

    for eta in (0.0, 0.3):
        out = sample(denoise, state, linear(6), eta=eta, noise=source(2)).video.latent
        np.testing.assert_allclose(out.ravel(), [10, 8, 2], rtol=1e-12)


OPTIONS = {
    "plain": {},
    "ancestral": {"eta": 1.0, "noise": source(3)},
    "guided": {"video_guidance": ALL_PASSES, "audio_guidance": ALL_PASSES, "norming_threshold": 0.4},
    "audio factors": {"audio_factors": (1, 1, 0.25)},
}
OPTIONS["everything"] = {name: value for options in OPTIONS.values() for name, value in options.items()}


def busy(x, passes):
    """A model whose result depends on all its inputs and on the pass."""
    turn = {name: np.cos(i + x.video + x.audio.mean() + x.video_sigma) for i, name in enumerate(Pass)}
    return {name: Prediction(turn[name], np.sin(x.audio * (i + 1))) for i, name in enumerate(passes)}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("sigmas", [DISTILLED, SECOND_STAGE])
def test_kept_and_frozen_tokens_are_bit_identical(options, sigmas):
    clean = normal(2, 6, 3, seed=20).astype(np.float32)
    clean[0, 0, 0] = -0.0
    mask = np.array([0, 0, 1, 0.5, 1, 0], dtype=np.float32).reshape(1, 6, 1).repeat(2, axis=0)
    noise = normal(2, 6, 3, seed=21).astype(np.float32)
    state = AVState(noised(clean, mask, noise, sigma=sigmas[0]), frozen(normal(2, 5, 4).astype(np.float32)))
    before = fingerprint(state.audio.latent), fingerprint(clean[:, [0, 1, 5]])
    out = sample(busy, state, sigmas, **options)
    assert (fingerprint(out.audio.latent), fingerprint(out.video.latent[:, [0, 1, 5]])) == before
    assert out.audio.latent is state.audio.latent
    assert out.video.latent.dtype == np.float32
    assert (out.video.latent[:, 2:5] != clean[:, 2:5]).all()


@pytest.mark.parametrize("name", ["ancestral", "guided", "audio factors"])
def test_every_option_changes_the_result(name):
    noise = normal(1, 6, 3)
    state = AVState(
        noised(np.zeros_like(noise), np.ones((1, 6, 1)), noise, sigma=1.0),
        noised(np.zeros((1, 5, 4)), np.ones((1, 5, 1)), normal(1, 5, 4), sigma=1.0),
    )
    plain, other = sample(busy, state, linear(4)), sample(busy, state, linear(4), **OPTIONS[name])
    assert abs(plain.video.latent - other.video.latent).max() > 0.01
    assert abs(plain.audio.latent - other.audio.latent).max() > 0.01


def test_a_video_spike_is_capped_only_where_a_threshold_is_set():
    spike = np.array([1.0, 1, 1, 1, 50, 1]).reshape(1, 6, 1)

    def denoise(x, passes):
        push = {Pass.POSITIVE: np.zeros_like(x.video), Pass.NEGATIVE: -spike * np.ones_like(x.video)}
        return {name: Prediction(push[name]) for name in passes}

    ends = [
        sample(
            denoise, from_noise(), linear(3), video_guidance=Guidance(cfg=2), norming_threshold=threshold
        ).video.latent
        for threshold in (0.0, 0.25)
    ]
    np.testing.assert_allclose(ends[0][0, :, 0], [1, 1, 1, 1, 50, 1])
    np.testing.assert_allclose(ends[1][0, :, 0], [1, 1, 1, 1, 4, 1])


def test_a_frame_of_several_tokens_is_capped_as_one():
    spike = np.array([1.0, 1, 1, 1, 1, 99, 1, 1]).reshape(1, 8, 1)  # in the third of four frames
    noise = np.zeros((1, 8, 2))
    video = noised(noise, np.ones((1, 8, 1)), noise, sigma=1.0, tokens_per_frame=2)

    def denoise(x, passes):
        return {name: Prediction((name is Pass.POSITIVE) * spike * np.ones_like(x.video)) for name in passes}

    out = sample(
        denoise, AVState(video, frozen(noise)), (1, 0), video_guidance=Guidance(cfg=2), norming_threshold=0.5
    ).video.latent[0, :, 0]
    scale = 2 / ((1 + 99**2) / 2) ** 0.5
    np.testing.assert_allclose(out, spike.ravel() * (1 + np.array([1, 1, 1, 1, scale, scale, 1, 1])))


def test_the_model_sees_levels_per_token_and_in_one_number():
    mask = np.array([0, 0.5, 1]).reshape(1, 3, 1)
    state = from_noise(tokens=3, mask=mask)
    seen = []

    def denoise(x, passes):
        seen.append((x.video_sigma, x.video_sigmas.tolist(), x.audio_sigma, x.audio_sigmas.tolist(), passes))
        assert x.audio is state.audio.clean
        return one_gaussian(x, passes)

    sample(denoise, state, (0.8, 0.4, 0))
    silent = (0.0, [[0.0] * 4], (Pass.POSITIVE,))
    assert seen == [(0.8, [[0, 0.4, 0.8]], *silent), (0.4, [[0, 0.2, 0.4]], *silent)]


@pytest.mark.parametrize("is_frozen", [True, False])
def test_one_call_a_step_serves_the_passes_that_count(is_frozen):
    asked = []

    def denoise(x, passes):
        asked.append(passes)
        return {name: Prediction(x.video, None if is_frozen else x.audio) for name in passes}

    audio = normal(1, 4, 2)
    state = AVState(
        from_noise().video,
        frozen(audio) if is_frozen else noised(audio, np.ones((1, 4, 1)), audio, sigma=1.0),
    )
    sample(
        denoise,
        state,
        linear(3),
        video_guidance=Guidance(cfg=3),
        audio_guidance=Guidance(cfg=7, modality_scale=2),
    )
    both = (Pass.POSITIVE, Pass.NEGATIVE)
    assert asked == [both if is_frozen else (*both, Pass.ISOLATED)] * 3


def test_modalities_are_guided_each_by_its_own():
    def denoise(x, passes):
        value = {Pass.POSITIVE: 1.0, Pass.NEGATIVE: 0.0}
        return {
            name: Prediction(np.full_like(x.video, value[name]), np.full_like(x.audio, value[name]))
            for name in passes
        }

    latent = noised(np.zeros((1, 4, 1)), np.ones((1, 4, 1)), normal(1, 4, 1), sigma=1.0)
    out = sample(
        denoise,
        AVState(latent, latent),
        linear(2),
        video_guidance=Guidance(cfg=3),
        audio_guidance=Guidance(cfg=7),
    )
    assert (out.video.latent == 3).all()
    assert (out.audio.latent == 7).all()


def test_factors_act_after_their_own_step_as_the_node_has_it():
    """First split of LTXVNormalizingSampler: x = (1-s) f x0 + s n with the noise it began with."""
    latent = noised(np.zeros((1, 4, 1)), np.ones((1, 4, 1)), normal(1, 4, 1), sigma=1.0)
    seen = []

    def denoise(x, passes):
        seen.append(x)
        return busy(x, passes)

    def predicted(x):
        return busy(x, (Pass.POSITIVE,))[Pass.POSITIVE].audio

    out = sample(denoise, AVState(latent, latent), (1, 0.6, 0.3, 0), audio_factors=(0.5, 1, 0.25))
    first, second, last = seen
    np.testing.assert_allclose(second.audio, 0.4 * 0.5 * predicted(first) + 0.6 * latent.latent, rtol=1e-12)
    np.testing.assert_allclose(out.audio.latent, 0.25 * predicted(last), rtol=1e-12)


def test_predictions_are_reported_after_every_step():
    predictions = []
    out = sample(one_gaussian, from_noise(), (1, 0.6, 0), callback=predictions.append)
    assert len(predictions) == 2
    np.testing.assert_array_equal(predictions[-1], out.video.latent)


def test_cancelling_between_steps_leaves_the_input_unchanged():
    state = from_noise()
    before = [fingerprint(a) for latent in (state.video, state.audio) for a in (latent.latent, latent.clean)]
    calls = count(1)

    def cancel(step):
        if next(calls) == 2:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        sample(busy, state, linear(5), callback=cancel, eta=0.3, noise=source(1), video_guidance=ALL_PASSES)
    assert next(calls) == 3
    after = [fingerprint(a) for latent in (state.video, state.audio) for a in (latent.latent, latent.clean)]
    assert after == before


def test_a_model_that_leaves_out_or_misshapes_a_prediction_is_named():
    state = from_noise()
    unfrozen = AVState(state.video, noised(normal(1, 4, 2), np.ones((1, 4, 1)), normal(1, 4, 2), sigma=1.0))
    for made, where, word in [
        (lambda x, passes: {}, state, "nothing"),
        (lambda x, passes: {Pass.POSITIVE: Prediction(x.video)}, unfrozen, "nothing"),
        (lambda x, passes: {Pass.POSITIVE: Prediction(x.video[:, 1:])}, state, "shape"),
        (lambda x, passes: {Pass.POSITIVE: Prediction(x.video, x.audio[..., :1])}, unfrozen, "shape"),
    ]:
        with pytest.raises(EngineError, match=f"positive.*{word}"):
            sample(made, where, linear(2))


def test_noise_that_would_repeat_over_the_batch_is_refused():
    with pytest.raises(EngineError, match="noise"):
        sample(one_gaussian, from_noise(batch=2), linear(2), eta=0.2, noise=lambda like: like[:1])


@pytest.mark.parametrize(
    "bad",
    [
        {"sigmas": (1, 1, 0)},
        {"eta": 0.2},
        {"eta": -0.1, "noise": source(0)},
        {"eta": 1.1, "noise": source(0)},
        {"eta": float("nan"), "noise": source(0)},
        {"norming_threshold": -1},
        {"norming_threshold": float("nan")},
    ],
)
def test_settings_that_cannot_work_are_refused_before_the_model_runs(bad):
    def denoise(x, passes):
        raise AssertionError

    with pytest.raises(UsageError):
        sample(denoise, from_noise(), bad.pop("sigmas", linear(2)), **bad)


def test_predictions_in_another_precision_do_not_change_that_of_the_state():
    def denoise(x, passes):
        return {name: Prediction(np.float64(gaussian(x.video, x.video_sigmas))) for name in passes}

    noise = normal(1, 6, 3).astype(np.float32)
    video = noised(np.zeros_like(noise), np.ones((1, 6, 1), dtype=np.float32), noise, sigma=1.0)
    for step in (linear(1), linear(3)):
        out = sample(denoise, AVState(video, frozen(noise)), step)
        assert out.video.latent.dtype == np.float32
