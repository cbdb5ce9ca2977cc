"""The sampler of joint audio-video diffusion, independent of any framework.

The same plain functions run on numpy and torch arrays, so the mathematics of LTX is tested on every
machine. Read the modules in this order:

    state               shapes, packing, which tokens are noised and which are kept
    masks               which latents a time span covers
    schedules           lists of noise levels
    guiders             several predictions combined into one
    guidance_clipping   outliers of the guidance, clipped
    steps               from one noise level to the next
    sample              the sampling loop
    chunked_sampling    videos of any length, chunk by chunk

The model lives elsewhere and is passed in as a function; so is every source of random numbers.
"""
