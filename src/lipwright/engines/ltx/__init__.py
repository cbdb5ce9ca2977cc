"""Engine `ltx`: LTX-2.3 and 2.5 on the user's own GPU, sampled with diffusers' modules and our own loop.

Of all engines, only this one imports torch, diffusers and transformers. Reading order:

    profile             properties of a model apart from its weights: rates, schedules, factors
    components          the networks, each of which is loaded when it is needed
    loading/            loading components from folders and files
    shot_preparation    checking a shot, and adding frames that are cut off later
    prompt_encoding, audio_latents, image_conditioning    the conditions of the video, as tensors
    guidance_batch, blocks, denoiser    the transformer as a `Denoiser` of lipwright.diffusion
    sampling_plan, staged_sampling      schedules, guidance and stages
    color_matching      matching the colors of later chunks to the first chunk
    decoding            decoding latents to frames in windows
    engine              the engine interface
"""
