"""The embedded model: from speech to the motion of a face, on any CPU.

    audio_encoder  driver -> audio latents, and the expected mouth motion
    latents        motion <-> the "video" latents of the diffusion model
    denoiser       the network behind the diffusion core's interface
    sampling       motion of a video of any length, chunk by chunk
    styles         words of the prompt -> a style of delivery
    visemes        phones -> mouth motion: the rule behind the training data

The networks are ONNX files in weights/, made by the repository's training/.
"""
