"""The embedded model: from a voice to the motion of a face, on any CPU.

    listening    driver -> audio latents, and what the mouth should do (the expectation)
    latents      motion <-> the "video" latents of the diffusion model
    denoiser     the network behind the diffusion core's contract
    sampling     windows over a video of any length
    styles       words of the prompt -> a style of delivery
    visemes      phones -> mouth motion: the rule behind the training data

The networks are ONNX files in weights/, made by the repository's training/.
"""
