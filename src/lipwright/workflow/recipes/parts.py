"""What both recipes are put together from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from lipwright.domain.grid import floor_frames, is_valid_frames
from lipwright.errors import PlanError
from lipwright.workflow.builder import Builder, Handle
from lipwright.workflow.graph import Group, Link
from lipwright.workflow.inputs import WorkflowInputs

IMAGE_COMPRESSION = 33
"""CRF of the reference image for LTX-2.3: without compression the video does not move."""


@dataclass(frozen=True, slots=True)
class Models:
    """What the loaders give."""

    model: Link
    base_model: Link
    """Before LoRAs and patches: changes only with the checkpoint."""
    clip: Handle
    vae: Link
    audio_vae: Handle


def check_plan(inputs: WorkflowInputs, *, multiple: int) -> None:
    """Refuse what the server would round without a word.

    Raises:
        PlanError: frames that are not 8n+1, a size off its grid, or a mask without an image.
    """
    if not is_valid_frames(inputs.frames):
        below = floor_frames(inputs.frames)
        raise PlanError(
            f"{inputs.frames} frames are not 8n+1", hint=f"{below} and {below + 8} are valid counts"
        )
    width, height = inputs.size.width, inputs.size.height
    if width % multiple or height % multiple:
        raise PlanError(
            f"size {inputs.size} is not a multiple of {multiple} both ways",
            hint="832x448, 1280x704 and 1920x1088 are, in one stage and in two",
        )
    if inputs.mask is not None and inputs.image is None:
        raise PlanError(
            "outside a temporal mask the image rests, and there is no image",
            hint="give --image, or leave --start and --end out",
        )


def load_models(builder: Builder, inputs: WorkflowInputs, checkpoint: str) -> Models:
    """Checkpoint, text encoder, audio VAE and the user's LoRAs."""
    loaded = builder.add("CheckpointLoaderSimple", "inputs", "Model", ckpt_name=checkpoint)
    clip = builder.add(
        "LTXAVTextEncoderLoader",
        "inputs",
        "Text encoder",
        text_encoder=inputs.models.text_encoder,
        ckpt_name=checkpoint,
        device="default",
    )
    audio_vae = builder.add("LTXVAudioVAELoader", "inputs", "Audio VAE", ckpt_name=checkpoint)
    model = loaded.out("MODEL")
    for lora in inputs.loras:
        model = add_lora(builder, model, lora.name, lora.strength)
    return Models(model, loaded.out("MODEL"), clip, loaded.out("VAE"), audio_vae)


def add_lora(builder: Builder, model: Link, name: str, strength: float, note: str = "") -> Link:
    """One LoRA on the model."""
    return builder.add(
        "LoraLoaderModelOnly",
        "inputs",
        f"LoRA {name.rpartition('.')[0] or name}"[:36],
        note=note,
        model=model,
        lora_name=name,
        strength_model=strength,
    ).out("MODEL")


def encode_prompts(builder: Builder, inputs: WorkflowInputs, models: Models) -> tuple[Link, Link]:
    """Positive and negative conditioning, with the video's one frame rate."""
    positive = builder.add("CLIPTextEncode", "encoders", "Prompt", text=inputs.prompt, clip=models.clip)
    # At CFG 1 it would do nothing, so it says nothing.
    text = inputs.negative if inputs.settings.cfg != 1 else ""
    negative = builder.add("CLIPTextEncode", "encoders", "Negative prompt", text=text, clip=models.clip)
    conditioned = builder.add(
        "LTXVConditioning",
        "encoders",
        "Frame rate of the video",
        note="One frame rate everywhere: here, in the mask node and in the export. The model is told "
        "the time of each frame in seconds, so two rates in one graph drift apart.",
        positive=positive,
        negative=negative,
        frame_rate=number(inputs.frame_rate),
    )
    return conditioned.out("positive"), conditioned.out("negative")


def encode_driver(builder: Builder, inputs: WorkflowInputs, models: Models) -> Handle:
    """The driver as an audio latent; the last hundredth is kept, never cut."""
    seconds = Fraction(inputs.frames) / inputs.frame_rate
    loaded = builder.add("LoadAudio", "inputs", "Driver: moves the mouth", audio=inputs.driver)
    trimmed = builder.add(
        "TrimAudioDuration",
        "encoders",
        "As long as the video",
        note=f"{inputs.frames} frames / {inputs.frame_rate} fps = {float(seconds):.4f} s. The audio "
        "must be as long as the video: prepare it with `lipwright audio`, which pads it with room tone.",
        audio=loaded,
        start_index=0.0,
        duration=math.ceil(seconds * 100) / 100,
    )
    return builder.add(
        "LTXVAudioVAEEncode", "encoders", "Encode the driver", audio=trimmed, audio_vae=models.audio_vae
    )


def freeze(builder: Builder, inputs: WorkflowInputs, audio_latent: Handle) -> Handle:
    """The audio latent with a mask of 0 on it: kept as it is, never sampled."""
    mask = builder.add(
        "SolidMask",
        "freeze",
        "0 = keep the audio",
        note="0 freezes the audio latent; 1 would make up a new audio, and the lips would follow that one.",
        value=0.0 if inputs.freeze_audio else 1.0,
        width=512,
        height=512,
    )
    return builder.add("SetLatentNoiseMask", "freeze", "Freeze the audio", samples=audio_latent, mask=mask)


def prepare_image(builder: Builder, inputs: WorkflowInputs) -> Handle | None:
    """The reference image in the video's size, compressed; None without one."""
    if inputs.image is None:
        return None
    loaded = builder.add("LoadImage", "inputs", "First frame", image=inputs.image)
    scaled = builder.add(
        "ImageScale",
        "encoders",
        "To the video's size",
        image=loaded.out("IMAGE"),
        upscale_method="lanczos",
        width=inputs.size.width,
        height=inputs.size.height,
        crop="center",
    )
    return builder.add(
        "LTXVPreprocess",
        "encoders",
        "Compress like video",
        note=f"{IMAGE_COMPRESSION} for LTX-2.3. The model knows frames of videos; a clean still image "
        "tempts it to keep still.",
        image=scaled,
        img_compression=IMAGE_COMPRESSION,
    )


def video_latent(
    builder: Builder,
    inputs: WorkflowInputs,
    vae: Link,
    image: Handle | None,
    *,
    scale: int,
    strength: float,
) -> Link:
    """The empty video latent, its first frame held to the image; the still image under a temporal mask.

    Args:
        builder: The graph so far.
        inputs: What it is made from.
        vae: Of the checkpoint.
        image: Prepared; None for text to video.
        scale: The latent is so many times smaller than the video, 1 or 2.
        strength: How firmly the first frame is held.
    """
    width, height = inputs.size.width // scale, inputs.size.height // scale
    if image is not None and inputs.mask is not None:
        if scale > 1:
            image = builder.add(
                "ImageScale",
                "encoders",
                "Half size",
                image=image,
                upscale_method="lanczos",
                width=width,
                height=height,
                crop="center",
            )
        return still_video(builder, inputs, vae, image, "encoders")
    latent = builder.add(
        "EmptyLTXVLatentVideo",
        "encoders",
        f"{inputs.frames} frames",
        note="8n+1 frames, planned by `lipwright plan` from the length of the audio. Any other count is "
        "rounded down by the server without a word, and the lips drift.",
        width=width,
        height=height,
        length=inputs.frames,
        batch_size=1,
    )
    if image is None:
        return latent.out(0)
    return hold_first_frame(builder, vae, image, latent.out(0), strength=strength, group="encoders")


def still_video(builder: Builder, inputs: WorkflowInputs, vae: Link, image: Handle, group: Group) -> Link:
    """The latent of a video in which nothing moves."""
    still = builder.add(
        "RepeatImageBatch",
        group,
        "The image, at rest",
        note="Outside the temporal mask the video shows this.",
        image=image,
        amount=inputs.frames,
    )
    return builder.add("VAEEncode", group, "Encode the still video", pixels=still, vae=vae).out(0)


def only_within(builder: Builder, still: Link, moving: Link, window: range, latents: int) -> Link:
    """The moving latent in a window of latent frames, the still one outside it.

    Args:
        builder: The graph so far.
        still: Outside the window.
        moving: Inside it; of the same size.
        window: Latent frames that move.
        latents: How many there are.
    """
    if not window:
        return still
    pieces = [
        (still, range(window.start), "Still before"),
        (moving, window, "Moving"),
        (still, range(window.stop, latents), "Still after"),
    ]
    joined: Link = still
    for latent, part, title in pieces:
        if not part:
            continue
        cut = builder.add(
            "LatentCut", "sample", title, samples=latent, dim="t", index=part.start, amount=len(part)
        )
        joined = (
            cut.out(0)
            if joined is still
            else builder.add(
                "LatentConcat",
                "sample",
                f"and {title.lower()}",
                samples1=joined,
                samples2=cut,
                dim="t",
            ).out(0)
        )
    return joined


def hold_first_frame(
    builder: Builder, vae: Link, image: Handle, latent: Link, *, strength: float, group: Group
) -> Link:
    """The latent with its first frame held to the image."""
    return builder.add(
        "LTXVImgToVideoInplace",
        group,
        "First frame = image",
        note="1.0 holds the first frame exactly. If the video stays frozen, take 0.4 to 0.7 and say in the "
        "prompt that the person talks.",
        vae=vae,
        image=image,
        latent=latent,
        strength=strength,
        bypass=False,
    ).out(0)


def mask_by_time(
    builder: Builder,
    inputs: WorkflowInputs,
    models: Models,
    av_latent: Handle,
    fixed_text: Handle,
    *,
    group: Group = "freeze",
) -> Link:
    """The mask node: the video is generated, the audio is kept."""
    seconds = Fraction(inputs.frames) / inputs.frame_rate
    start = inputs.mask.start if inputs.mask else 0.0
    # Whole seconds survive the front end's rounding, and one past the end covers the last latent.
    end = inputs.mask.end if inputs.mask else float(math.floor(seconds) + 2)
    return builder.add(
        "LTXVSetAudioVideoMaskByTime",
        group,
        "Freeze the audio, generate the video",
        note="1 = regenerate. mask_audio false and its initial value 0 keep the audio: this makes the lips "
        "follow it. mask_video true makes the video. end_time is in whole seconds past the end: one that is "
        "rounded down freezes the last frames. The node writes into its cached input, so the texts it is "
        "given are fixed ones; after changing its times, free the server's cache.",
        av_latent=av_latent,
        positive=fixed_text,
        negative=fixed_text,
        model=models.base_model,
        vae=models.vae,
        audio_vae=models.audio_vae,
        start_time=float(start),
        end_time=float(end),
        video_fps=number(inputs.frame_rate),
        mask_video=True,
        mask_audio=not inputs.freeze_audio,
        mask_init_value_video=0.0,
        mask_init_value_audio=0.0,
        slope_len=3,
    ).out("av_latent")


def fixed_text(builder: Builder, models: Models, group: Group = "freeze") -> Handle:
    """A conditioning that never changes, for the mask node, which hands it through unused."""
    return builder.add(
        "CLIPTextEncode", group, "Fixed text: keeps the mask node's cache", text="", clip=models.clip
    )


def number(frame_rate: Fraction) -> float:
    """A rate for a FLOAT input: 25.0, or the double next to 24000/1001."""
    return float(frame_rate)
