"""The embedded model: from speech to the motion of a face, on any CPU.

    audio_encoder  encodes the speech as audio latents, and predicts the mouth motion
    mel            computes the log-mel spectrogram that the encoder reads
    latents        converts motion to latents and back
    denoiser       adapts the network to the diffusion core's interface
    sampling       samples the motion of a video of any length, chunk by chunk
    speech_rhythm  finds stressed syllables, pitch accents and phrases in the audio
    gestures       adds motion of head, brows, lids, eyes and chest
    styles         chooses a style of delivery by the words of the prompt, or by the audio
    visemes        converts phones to mouth motion; also used to generate the training data
    network        runs the ONNX networks
    export         formats motion for other animation software

The networks are ONNX files in weights/, trained by the scripts in the repository's training/.
"""
