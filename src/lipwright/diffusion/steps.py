"""Sampling steps of rectified flow, each from one noise level to the next.

Every token has its own level, mask * sigma. The ratio of two levels is equal for all tokens, so it is
computed from the scalar levels: nothing is divided by the level of a kept token, which is 0.
"""

from __future__ import annotations

from lipwright.diffusion.arrays import Array, namespace


def euler(x: Array, x0: Array, *, sigma: float, sigma_next: float) -> Array:
    """Take an Euler step toward the prediction.

    With s = `sigma` and s' = `sigma_next`, the result is (s'/s) x + (1 - s'/s) x0. If s' = 0, that is x0, and
    the array `x0` itself is returned.

    Args:
        x: Tokens at `sigma`, shape (B, T, C).
        x0: Their predicted clean values, shape (B, T, C).
        sigma: Current level, above 0.
        sigma_next: Next level, at least 0 and below `sigma`.
    """
    if sigma_next == 0:
        return x0
    ratio = sigma_next / sigma
    return ratio * x + (1 - ratio) * x0


def ancestral(
    x: Array, x0: Array, mask: Array, *, sigma: float, sigma_next: float, eta: float, noise: Array
) -> Array:
    """Take an ancestral step: an Euler step below the next level, then fresh noise up to that level.

    With s = `sigma` and s' = `sigma_next`, the Euler step goes down to s_d = s' (1 + eta (s'/s - 1)) and
    gives x_d. Then x' = (a'/a_d) x_d + b n, where a' = 1 - s', a_d = 1 - s_d, n is `noise`, and b is such
    that the noise in x' has level s' again (ComfyUI, sample_euler_ancestral_RF; diffusers,
    LTXEulerAncestralRFScheduler). For each token, all levels are multiplied by its mask.

    Args:
        x: Tokens at mask * sigma, shape (B, T, C).
        x0: Their predicted clean values, shape (B, T, C).
        mask: Shape (B, T, 1), 0..1.
        sigma: Current level, above 0.
        sigma_next: Next level, at least 0 and below `sigma`.
        eta: How much fresh noise replaces old noise, 0..1; 0 is the same as `euler`.
        noise: Standard normal, shape (B, T, C).
    """
    down = sigma_next * (1 + eta * (sigma_next / sigma - 1))
    y = euler(x, x0, sigma=sigma, sigma_next=down)
    if eta == 0 or sigma_next == 0:
        return y
    xp = namespace(x)
    shrink = (1 - mask * sigma_next) / (1 - mask * down)
    missing = (mask * sigma_next) ** 2 - (mask * down * shrink) ** 2
    return shrink * y + xp.sqrt(xp.where(missing > 0, missing, xp.zeros_like(missing))) * noise


def scale_clean_part(x: Array, x0: Array, mask: Array, *, sigma: float, factor: float) -> Array:
    """Scale the clean part of a latent and leave its noise, after ComfyUI-LTXVideo's LTXVNormalizingSampler.

    x = (1 - level) x0 + level n becomes (1 - level) x0' + level n. Here n is the noise in x, level = mask *
    sigma, and x0' = x0 (1 + (factor - 1) mask), so that only the generated part of a token is scaled. Unlike
    this function, LTXVNormalizingSampler adds its initial noise again, and also scales kept and frozen
    tokens: its default factors leave a frozen audio latent at 0.0625 of its amplitude.

    Args:
        x: Tokens at noise level mask * sigma, shape (B, T, C).
        x0: Their predicted clean values, shape (B, T, C).
        mask: Shape (B, T, 1), 0..1.
        sigma: Noise level of `x` where the mask is 1.
        factor: Factor on the clean part where the mask is 1; with factor 1, `x` itself is returned.
    """
    if factor == 1:
        return x
    return x + (1 - mask * sigma) * (factor - 1) * mask * x0


def velocity_to_x0(x: Array, velocity: Array, token_sigmas: Array) -> Array:
    """Convert LTX-2's prediction, the velocity v = noise - x0, to the clean latent x0 = x - sigma v.

    Args:
        x: Tokens, shape (B, T, C).
        velocity: Predicted velocity v, shape (B, T, C).
        token_sigmas: Noise level sigma of every token, shape (B, T).
    """
    return x - token_sigmas[..., None] * velocity
