"""LTX-2.3 and 2.5 on the user's own GPU: sampling with diffusers' modules and our own loop.

Only this package imports torch, diffusers and transformers. Read it in this order:

    profile             what is known about a model: rates, schedules, factors
    components          the networks, each loaded when it is needed
    loading/            from folders and files to components
    shot_preparation    a shot is checked, and extended by frames that are cut off again
    prompt_encoding, audio_latents, image_conditioning    the conditions of the video, as tensors
    guidance_batch, blocks, denoiser    the transformer behind the contract of lipwright.diffusion
    sampling_plan, staged_sampling      presets as schedules and guidance; one or two stages
    color_matching      later chunks keep the first one's colors
    decoding            latents to frames, in windows
    engine              a shot becomes a Render
"""
