"""LTX-2.3 on the user's own GPU: the video is sampled here, on diffusers' modules and our own loop.

torch, diffusers and transformers are imported in this package alone. Read it in this order:

    profile       what is known of a model: rates, schedules, factors
    components    the networks, each loaded when it is needed
    loading/      from folders and files to components
    text, audio, image   what conditions the video, as tensors
    rows, blocks, denoiser the transformer behind the contract of lipwright.diffusion
    recipe, video  presets as schedules and guidance; chunks and stages
    drift         later chunks keep the first one's colours
    decoding      latents to frames, in windows
    engine        a shot becomes a Render
"""

import os

os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"  # before huggingface_hub, diffusers or transformers is imported
