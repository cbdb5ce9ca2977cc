"""LTX-2.3 and 2.5 on the user's own GPU: the video is sampled here, on diffusers' modules and our own loop.

torch, diffusers and transformers are imported in this package alone. Read it in this order:

    profile       what is known of a model: rates, schedules, factors
    components    the networks, each loaded when it is needed
    loading/      from folders and files to components
    text, audio_latents, image_conditioning   what conditions the video, as tensors
    guidance_batch, blocks, denoiser          the transformer behind the contract of lipwright.diffusion
    sampling_plan, staged_sampling            presets as schedules and guidance; one or two stages
    color_matching                            later chunks keep the first one's colors
    decoding      latents to frames, in windows
    engine        a shot becomes a Render
"""
