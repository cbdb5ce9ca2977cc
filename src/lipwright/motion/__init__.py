"""The embedded model: from speech to the motion of a face, on any CPU.

    audio_encoder  driver -> audio latents, and the expected mouth motion
    latents        motion <-> latents in the layout of the diffusion core's video
    denoiser       adapts the network to the diffusion core's interface
    sampling       motion of a video of any length, chunk by chunk
    styles         words of the prompt -> a style of delivery
    visemes        phones -> mouth motion: the rule that made the training data

The networks are ONNX files in weights/, trained by the scripts in the repository's training/.
"""
