"""The sampler of joint audio-video diffusion, without a framework.

The same plain functions run on numpy and torch arrays, so the mathematics of the big model is
tested on every machine. Read it in this order:

    state       shapes, packing, coordinates in seconds, what is noised and what is kept
    masks       which latents a stretch of time touches
    schedules   lists of noise levels
    guiders     how several predictions become one
    guidance_clipping   spikes of the guidance, capped
    latent_scaling      per-step factors on what is generated
    steps       from one noise level to the next
    sample      the loop over all of these
    chunked_sampling    videos of any length, chunk by chunk

The model lives elsewhere and comes in as a function; so does every random number.
"""
