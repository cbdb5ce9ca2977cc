"""Building blocks of recipes, for loading and encoding the inputs and for freezing the audio."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from lipwright.domain.grid import audio_latents, floor_frames, is_valid_frames
from lipwright.domain.settings import DEFAULT_PROMPT
from lipwright.errors import PlanError
from lipwright.workflow import audio_vae
from lipwright.workflow.builder import Builder, Handle, Output
from lipwright.workflow.graph import Group, Link
from lipwright.workflow.recipe_inputs import WorkflowInputs

IMAGE_COMPRESSION_CRF, LATER_COMPRESSION_CRF = 33, 18
"""CRFs with which the reference image is compressed: for LTX-2.3, and for later models. Without compression,
the video may stand still."""

FREEZE_NOTE = "0 freezes the audio latent; 1 would generate new audio, and the lips would follow that."

Texts = tuple[Link, Link]
"""The positive and negative conditioning."""


@dataclass(frozen=True, slots=True)
class Models:
    """The outputs of the model loaders."""

    model: Link
    base_model: Link
    """The model as loaded from its file, without LoRAs and patches."""
    clip: Handle
    vae: Link
    audio_vae: Handle


def check_plan(inputs: WorkflowInputs, *, multiple: int) -> None:
    """Check values that the server would silently round.

    Raises:
        PlanError: the number of frames is not 8n+1, the size is not a multiple of `multiple`, or there is a
            mask but no image.
    """
    if not is_valid_frames(inputs.frames):
        below = floor_frames(inputs.frames)
        raise PlanError(
            f"the number of frames, {inputs.frames}, is not 8n+1",
            hint=f"use {below} or {below + 8}",
        )
    if inputs.size.width % multiple or inputs.size.height % multiple:
        raise PlanError(
            f"width and height must be multiples of {multiple}, got {inputs.size}",
            hint="use a size that is valid for all recipes, such as 832x448, 1280x704 or 1920x1088",
        )
    if inputs.mask is not None and inputs.image is None:
        raise PlanError(
            "--start and --end need an image, which the video shows before --start and after --end",
            hint="give --image, or leave --start and --end out",
        )


# Inputs and encoders.


def load_models(builder: Builder, checkpoint: str) -> Models:
    """Add the loaders of checkpoint, text encoder and audio VAE, and the user's LoRAs."""
    loaded = builder.add("CheckpointLoaderSimple", "inputs", "Model", ckpt_name=checkpoint)
    clip = builder.add(
        "LTXAVTextEncoderLoader",
        "inputs",
        "Text encoder",
        text_encoder=builder.inputs.models.text_encoder,
        ckpt_name=checkpoint,
        device="default",
    )
    vae = builder.add("LTXVAudioVAELoader", "inputs", "Audio VAE", ckpt_name=checkpoint)
    return Models(_add_loras(builder, loaded), loaded.out("MODEL"), clip, loaded.out("VAE"), vae)


def load_split_models(builder: Builder) -> Models:
    """Add the loaders of LTX-2.5, whose parts are separate files, and the user's LoRAs."""
    names = builder.inputs.models
    loaded = builder.add(
        "UNETLoader", "inputs", "Model", unet_name=names.transformer_25, weight_dtype="default"
    )
    clip = builder.add(
        "CLIPLoader",
        "inputs",
        "Text encoder",
        clip_name=names.text_encoder_25,
        type="ltxv",
        device="default",
    )
    vae = builder.add("VAELoader", "inputs", "Video VAE", vae_name=names.video_vae_25)
    audio_vae = builder.add("VAELoader", "inputs", "Audio VAE", vae_name=names.audio_vae_25)
    return Models(_add_loras(builder, loaded), loaded.out("MODEL"), clip, vae.out("VAE"), audio_vae)


def _add_loras(builder: Builder, loaded: Handle) -> Link:
    model = loaded.out("MODEL")
    for lora in builder.inputs.loras:
        model = add_lora(builder, model, lora.name, lora.strength)
    return model


def add_lora(builder: Builder, model: Link, name: str, strength: float, note: str = "") -> Link:
    """Apply a LoRA to a model, and return the model."""
    return builder.add(
        "LoraLoaderModelOnly",
        "inputs",
        f"LoRA {name.rpartition('.')[0] or name}"[:36],
        note=note,
        model=model,
        lora_name=name,
        strength_model=strength,
    ).out("MODEL")


def encode_prompts(builder: Builder, models: Models) -> Texts:
    """Encode the prompts; return positive and negative conditioning with the frame rate of the video."""
    inputs = builder.inputs
    prompt = inputs.prompt.strip() or DEFAULT_PROMPT
    positive = builder.add("CLIPTextEncode", "encoders", "Prompt", text=prompt, clip=models.clip)
    text = inputs.negative if inputs.settings.cfg != 1 else ""  # a negative prompt has no effect at CFG 1
    negative = builder.add("CLIPTextEncode", "encoders", "Negative prompt", text=text, clip=models.clip)
    conditioned = builder.add(
        "LTXVConditioning",
        "encoders",
        "Frame rate of the video",
        note="Use one frame rate everywhere: here, in the mask node and in the export. The model gets the "
        "time of each frame in seconds, so with two rates, video and audio drift apart.",
        positive=positive,
        negative=negative,
        frame_rate=float(inputs.frame_rate),
    )
    return conditioned.out("positive"), conditioned.out("negative")


def load_driver(builder: Builder) -> Handle:
    """Add the loader of the audio that drives the mouth."""
    return load_audio(builder, builder.inputs.driver, "Driver: moves the mouth")


def load_audio(builder: Builder, name: str, title: str) -> Handle:
    """Add the loader of a recording, and the node that cuts out the part to use."""
    audio = builder.add("LoadAudio", "inputs", title, audio=name)
    if builder.inputs.piece is None or name != builder.inputs.master:
        return audio
    start, seconds = map(float, builder.inputs.piece)
    return builder.add(
        "TrimAudioDuration",
        "inputs",
        f"From {start:g} s on",
        note="Only this part is used, as given by --audio-from and --audio-to.",
        audio=audio,
        start_index=start,
        duration=seconds,
    )


def encode_driver(builder: Builder, models: Models) -> Handle:
    """Encode the audio that drives the mouth, and cut its latent to the length of the video.

    The audio is padded first, so that the encoder does not crop its start.
    """
    inputs = builder.inputs
    audio = load_driver(builder)
    if not inputs.driver_is_padded:
        audio = _pad_audio(builder, audio, Fraction(inputs.frames) / inputs.frame_rate)
    encoded = builder.add(
        "LTXVAudioVAEEncode",
        "encoders",
        "Encode the driver",
        note="ComfyUI crops audio to a multiple of 4,096 samples at 44.1 kHz. Half of the crop is taken from "
        "the start, and the lips are early by that much. To prevent that, this audio is padded at its end: "
        "never trim it here.",
        audio=audio,
        audio_vae=models.audio_vae,
    )
    return cut_latent(
        builder,
        encoded,
        "encoders",
        "Cut to the video's length",
        range(audio_latents(inputs.frames, inputs.frame_rate)),
        dim="y",
        note="y is the time axis of an audio latent. The padding is cut off here, after encoding, because "
        "that does not shift the audio.",
    )


def _pad_audio(builder: Builder, audio: Handle, seconds: Fraction) -> Handle:
    """Pad or trim a recording to a length that the encoder does not crop."""
    duration = audio_vae.padded_trim(seconds)
    longer = add_silence(builder, audio, duration)
    return builder.add(
        "TrimAudioDuration",
        "encoders",
        f"First {duration:g} s",
        note="The audio is longer than the video on purpose: at this length, the encoder crops less than 1 "
        "ms.",
        audio=longer,
        start_index=0.0,
        duration=duration,
    )


def add_silence(builder: Builder, audio: Handle, seconds: float) -> Handle:
    """Return a recording with silence added at its end."""
    silence = builder.add(
        "EmptyAudio",
        "encoders",
        "Silence",
        duration=seconds,
        sample_rate=audio_vae.SAMPLE_RATE_HZ,
        channels=2,
    )
    return builder.add(
        "AudioConcat", "encoders", "Pad with silence", audio1=audio, audio2=silence, direction="after"
    )


def cut_latent(
    builder: Builder,
    latent: Output,
    group: Group,
    title: str,
    part: range,
    *,
    dim: str = "t",
    note: str = "",
) -> Handle:
    """Cut a part out of a latent in time.

    `part` contains the indices of the latent frames to keep. `dim` is the time axis: "t" of a video latent,
    "y" of an audio latent.
    """
    return builder.add(
        "LatentCut", group, title, note=note, samples=latent, dim=dim, index=part.start, amount=len(part)
    )


def prepare_image(builder: Builder, crf: int = IMAGE_COMPRESSION_CRF) -> Handle | None:
    """Return the reference image, compressed and in the size of the video; None without an image."""
    inputs = builder.inputs
    if inputs.image is None:
        return None
    loaded = builder.add("LoadImage", "inputs", "First frame", image=inputs.image)
    scaled = _scale_image(builder, loaded.out("IMAGE"), "To the video's size")
    return builder.add(
        "LTXVPreprocess",
        "encoders",
        "Compress like video",
        note=f"Use {IMAGE_COMPRESSION_CRF} for LTX-2.3, {LATER_COMPRESSION_CRF} for later models. The models "
        "were trained on frames of compressed videos; a clean image makes them generate no motion.",
        image=scaled,
        img_compression=crf,
    )


def _scale_image(builder: Builder, image: Output, title: str, scale: int = 1) -> Handle:
    """Scale and crop an image to the size of the video divided by `scale`."""
    size = builder.inputs.size
    return builder.add(
        "ImageScale",
        "encoders",
        title,
        image=image,
        upscale_method="lanczos",
        width=size.width // scale,
        height=size.height // scale,
        crop="center",
    )


def video_latent(builder: Builder, vae: Link, image: Handle | None, *, scale: int) -> Handle:
    """Return the video latent to sample: empty, or the repeated image if there is a temporal mask.

    Args:
        builder: The graph so far.
        vae: The video VAE.
        image: The prepared reference image; None for text to video.
        scale: Divisor of the video's size: 1, or 2 for a latent of half the size.
    """
    if image is not None and builder.inputs.mask is not None:
        if scale > 1:
            image = _scale_image(builder, image, "Half size", scale)
        return still_video(builder, vae, image, "encoders")
    note = (
        "8n+1 frames, planned by `lipwright plan` from the length of the audio. If you enter a number that "
        "is not 8n+1, the server silently rounds it down, and the lips drift."
    )
    return empty_video(builder, builder.inputs.frames, "encoders", note=note, scale=scale)


def empty_video(builder: Builder, frames: int, group: Group, *, note: str = "", scale: int = 1) -> Handle:
    """Return an empty video latent in the size of the video divided by `scale`."""
    size = builder.inputs.size
    return builder.add(
        "EmptyLTXVLatentVideo",
        group,
        f"{frames} frames",
        note=note,
        width=size.width // scale,
        height=size.height // scale,
        length=frames,
        batch_size=1,
    )


def still_video(builder: Builder, vae: Link, image: Handle, group: Group) -> Handle:
    """Return the latent of a video that shows only the image."""
    still = builder.add(
        "RepeatImageBatch",
        group,
        "The image, repeated",
        note="The video shows this image outside the temporal mask.",
        image=image,
        amount=builder.inputs.frames,
    )
    return builder.add("VAEEncode", group, "Encode the repeated image", pixels=still, vae=vae)


# Freezing.


def freezing_mask(builder: Builder, note: str = FREEZE_NOTE) -> Handle:
    """Add the mask of the audio: 0, which keeps the audio, or 1, which samples it.

    The value is 0 if the recipe's input `freeze_audio` is true, otherwise 1.
    """
    return builder.add(
        "SolidMask",
        "freeze",
        "0 = keep the audio",
        note=note,
        value=0.0 if builder.inputs.freeze_audio else 1.0,
        width=512,
        height=512,
    )


def freeze_latent(builder: Builder, mask: Handle, audio_latent: Handle, group: Group = "freeze") -> Handle:
    """Add the mask to an audio latent; a mask of 0 keeps the audio from being sampled."""
    return builder.add("SetLatentNoiseMask", group, "Freeze the audio", samples=audio_latent, mask=mask)


def mask_by_time(builder: Builder, models: Models, av_latent: Handle, *, group: Group = "freeze") -> Link:
    """Add the mask node, which keeps the audio and lets the video be sampled; return the masked latent."""
    inputs = builder.inputs
    # The node only passes its texts through; texts that never change keep the node's cache valid.
    text = builder.add("CLIPTextEncode", group, "Fixed text for the mask node", text="", clip=models.clip)
    seconds = Fraction(inputs.frames) / inputs.frame_rate
    # The front end does not round whole seconds, and a time past the end covers the last latent.
    end = inputs.mask.end if inputs.mask else math.floor(seconds) + 2
    return builder.add(
        "LTXVSetAudioVideoMaskByTime",
        group,
        "Freeze the audio, generate the video",
        note="In the masks, 1 means regenerate. mask_audio false and mask_init_value_audio 0 keep the audio: "
        "the lips follow it. mask_video true generates the video. end_time is a whole second after "
        "the end: a time that is rounded down would freeze the last frames. The node changes its "
        "input in the server's cache, so it must not run on that input twice. Its conditioning comes from "
        "a fixed text, so that a new prompt does not make it run again. After you change its times, free the "
        "server's cache.",
        av_latent=av_latent,
        positive=text,
        negative=text,
        model=models.base_model,
        vae=models.vae,
        audio_vae=models.audio_vae,
        start_time=float(inputs.mask.start) if inputs.mask else 0.0,
        end_time=float(end),
        video_fps=float(inputs.frame_rate),
        mask_video=True,
        mask_audio=not inputs.freeze_audio,
        mask_init_value_video=0.0,
        mask_init_value_audio=0.0,
        slope_len=3,
    ).out("av_latent")


def only_within(builder: Builder, still: Handle, moving: Handle, window: range, latents: int) -> Output:
    """Replace a range of frames of the latent `still` with the same frames of the latent `moving`.

    Args:
        builder: The graph so far.
        still: The latent that is used outside `window`.
        moving: The latent that is used inside `window`. Its shape is that of `still`.
        window: Indices of the latent frames that come from `moving`.
        latents: Number of latent frames of the video.
    """
    if not window:
        return still
    pieces: list[tuple[Output, range, str]] = [
        (still, range(window.start), "Still before"),
        (moving, window, "Moving"),
        (still, range(window.stop, latents), "Still after"),
    ]
    joined: Handle | None = None
    for latent, part, title in pieces:
        if not part:
            continue
        cut = cut_latent(builder, latent, "sample", title, part)
        joined = join_latents(builder, joined, cut, "sample", f"and {title.lower()}") if joined else cut
    return joined or still


def join_latents(builder: Builder, first: Output, second: Output, group: Group, title: str) -> Handle:
    """Join the latents of two videos in time, the second after the first."""
    return builder.add("LatentConcat", group, title, samples1=first, samples2=second, dim="t")
