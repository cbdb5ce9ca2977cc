"""Single steps against an independent transcription of the ancestral rectified-flow step."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.diffusion.steps import ancestral, euler, scale_clean_part, velocity_to_x0

RNG = np.random.default_rng(9)
X, X0, N = RNG.standard_normal((3, 2, 5, 4))
levels = st.floats(0.01, 1)


def comfy_step(x, x0, noise, *, sigma, sigma_next, eta):
    """sample_euler_ancestral_RF, one number of one token at a time."""
    if sigma_next == 0:
        return x0
    if sigma == 0:
        return x
    sigma_down = sigma_next * (1 + (sigma_next / sigma - 1) * eta)
    alpha_next, alpha_down = 1 - sigma_next, 1 - sigma_down
    renoise = max(sigma_next**2 - sigma_down**2 * alpha_next**2 / alpha_down**2, 0) ** 0.5
    ratio = sigma_down / sigma
    x = ratio * x + (1 - ratio) * x0
    return alpha_next / alpha_down * x + noise * renoise if eta > 0 else x


@given(levels, st.floats(0, 0.99), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_the_ancestral_step_is_comfyuis_token_by_token(sigma, share, eta, seed):
    sigma_next = sigma * share
    mask = np.random.default_rng(seed).choice([0.0, 0.25, 1.0], (2, 5, 1))
    stepped = ancestral(X, X0, mask, sigma=sigma, sigma_next=sigma_next, eta=eta, noise=N)
    for place in np.ndindex(X.shape):
        m = mask[place[0], place[1], 0]
        if m > 0:
            expected = comfy_step(
                X[place], X0[place], N[place], sigma=m * sigma, sigma_next=m * sigma_next, eta=eta
            )
            assert stepped[place] == pytest.approx(expected, abs=1e-6)  # a root of rounding


@given(levels, st.floats(0, 0.99))
def test_ancestral_step_without_eta_is_bit_identical_to_euler(sigma, share):
    kw = {"sigma": sigma, "sigma_next": sigma * share}
    mask = np.ones((2, 5, 1))
    assert (ancestral(X, X0, mask, eta=0.0, noise=N, **kw) == euler(X, X0, **kw)).all()


@given(levels, st.floats(0.01, 0.99))
def test_euler_keeps_the_noise_and_lowers_its_level(sigma, share):
    """A latent on the line between x0 and noise stays on it: x' = (1 - s') x0 + s' n."""
    x = (1 - sigma) * X0 + sigma * N
    down = sigma * share
    np.testing.assert_allclose(
        euler(x, X0, sigma=sigma, sigma_next=down), (1 - down) * X0 + down * N, atol=1e-12
    )


@given(levels, st.floats(0.01, 0.99), st.floats(0, 1))
def test_ancestral_reaches_exactly_the_next_level_of_noise(sigma, share, eta):
    """Signal (1 - s') and noise power s'^2, whatever eta: read off by stepping each part alone."""
    kw = {"sigma": sigma, "sigma_next": sigma * share, "eta": eta}
    one, none, mask = np.ones((1, 1, 1)), np.zeros((1, 1, 1)), np.ones((1, 1, 1))
    signal = ancestral((1 - sigma) * one, one, mask, noise=none, **kw).item()
    old_noise = ancestral(sigma * one, none, mask, noise=none, **kw).item()
    new_noise = ancestral(none, none, mask, noise=one, **kw).item()
    assert signal == pytest.approx(1 - sigma * share, abs=1e-9)
    assert old_noise**2 + new_noise**2 == pytest.approx((sigma * share) ** 2, abs=1e-9)
    if eta > 0.05 and share < 0.9:
        assert new_noise > 0


@pytest.mark.parametrize("eta", [0.0, 0.2, 1.0])
def test_the_last_step_gives_the_prediction_itself(eta):
    assert ancestral(X, X0, np.ones((2, 5, 1)), sigma=0.4, sigma_next=0.0, eta=eta, noise=N) is X0


def test_a_velocity_leads_back_to_the_clean_latent():
    sigmas = np.array([[0.0, 0.2, 0.5, 0.9, 1.0]] * 2)
    x = (1 - sigmas[..., None]) * X0 + sigmas[..., None] * N
    np.testing.assert_allclose(velocity_to_x0(x, N - X0, sigmas), X0, atol=1e-12)


def test_a_factor_scales_the_clean_part_alone():
    x0, noise = RNG.standard_normal((2, 1, 3, 4))
    mask = np.array([0, 0.5, 1]).reshape(1, 3, 1)
    level = mask * 0.6
    x = (1 - level) * x0 + level * noise
    scaled = scale_clean_part(x, x0, mask, sigma=0.6, factor=0.25)
    share = np.array([1, 0.625, 0.25]).reshape(1, 3, 1)
    np.testing.assert_allclose(scaled, (1 - level) * share * x0 + level * noise, rtol=1e-12)
    assert scale_clean_part(x, x0, mask, sigma=0.6, factor=1) is x
