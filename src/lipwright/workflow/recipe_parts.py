"""Building blocks that the recipes share, in the order of the graph: loaders to export."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from lipwright.domain.grid import audio_latents, floor_frames, is_valid_frames
from lipwright.errors import PlanError
from lipwright.workflow import audio_vae
from lipwright.workflow.builder import Builder, Handle
from lipwright.workflow.findings import NORMING_LEFT_OUT, VIDEO_COMBINE_MISSING
from lipwright.workflow.graph import Group, Link
from lipwright.workflow.inputs import WorkflowInputs

IMAGE_COMPRESSION_CRF = 33
"""Compression of the reference image for LTX-2.3; without it the video does not move."""

NORMING_NODE = "LipwrightNorming"
"""Node of lipwright's own pack: takes a model and a threshold, returns a model with clipped guidance."""

DISTILLED_SIGMAS = "1.0, 0.99375, 0.9875, 0.98125, 0.975, 0.909375, 0.725, 0.421875, 0.0"
"""The eight steps that the distilled model was trained for (ltx-pipelines, ComfyUI's templates)."""

FIXED_SHIFT = 2.05
"""Shift of the official schedule; LTXVScheduler uses it unchanged while no latent is linked."""

STG_BLOCK = "28"
"""Block that spatio-temporal guidance perturbs (default of ltx-pipelines for LTX-2.3)."""

MAX_SEED = 2**64

VIDEO_COMBINE = "VHS_VideoCombine"
FRAMES_CRF = 4
"""H.264 quality of frames that are encoded again later: this loses less than the later encoding."""
VIDEO_CRF = 16
AUDIO_NOTE = (
    "The original audio goes straight into the video. The audio that the model decodes is a worse copy: "
    "never deliver it."
)


@dataclass(frozen=True, slots=True)
class Models:
    """Outputs of the loaders."""

    model: Link
    base_model: Link
    """Without LoRAs and patches: changes only with the checkpoint."""
    clip: Handle
    vae: Link
    audio_vae: Handle


def check_plan(inputs: WorkflowInputs, *, multiple: int) -> None:
    """Refuse what the server would silently round.

    Raises:
        PlanError: frames that are not 8n+1, a size off the grid, or a mask without an image.
    """
    if not is_valid_frames(inputs.frames):
        below = floor_frames(inputs.frames)
        raise PlanError(
            f"{inputs.frames} frames are not 8n+1", hint=f"{below} and {below + 8} are valid counts"
        )
    if inputs.size.width % multiple or inputs.size.height % multiple:
        raise PlanError(
            f"size {inputs.size} is not a multiple of {multiple} both ways",
            hint="832x448, 1280x704 and 1920x1088 are, in one stage and in two",
        )
    if inputs.mask is not None and inputs.image is None:
        raise PlanError(
            "outside a temporal mask the image is shown, and there is no image",
            hint="give --image, or leave --start and --end out",
        )


# Inputs and encoders.


def load_models(builder: Builder, inputs: WorkflowInputs, checkpoint: str) -> Models:
    """Load checkpoint, text encoder, audio VAE and the user's LoRAs."""
    loaded = builder.add("CheckpointLoaderSimple", "inputs", "Model", ckpt_name=checkpoint)
    clip = builder.add(
        "LTXAVTextEncoderLoader",
        "inputs",
        "Text encoder",
        text_encoder=inputs.models.text_encoder,
        ckpt_name=checkpoint,
        device="default",
    )
    vae = builder.add("LTXVAudioVAELoader", "inputs", "Audio VAE", ckpt_name=checkpoint)
    model = loaded.out("MODEL")
    for lora in inputs.loras:
        model = add_lora(builder, model, lora.name, lora.strength)
    return Models(model, loaded.out("MODEL"), clip, loaded.out("VAE"), vae)


def add_lora(builder: Builder, model: Link, name: str, strength: float, note: str = "") -> Link:
    """Apply one LoRA to the model."""
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
    """Return positive and negative conditioning, with the frame rate of the video."""
    positive = builder.add("CLIPTextEncode", "encoders", "Prompt", text=inputs.prompt, clip=models.clip)
    text = inputs.negative if inputs.settings.cfg != 1 else ""  # at CFG 1 it would have no effect
    negative = builder.add("CLIPTextEncode", "encoders", "Negative prompt", text=text, clip=models.clip)
    conditioned = builder.add(
        "LTXVConditioning",
        "encoders",
        "Frame rate of the video",
        note="One frame rate everywhere: here, in the mask node and in the export. The model is told "
        "the time of each frame in seconds, so two rates in one graph drift apart.",
        positive=positive,
        negative=negative,
        frame_rate=float(inputs.frame_rate),
    )
    return conditioned.out("positive"), conditioned.out("negative")


def fixed_text(builder: Builder, models: Models, group: Group = "freeze") -> Handle:
    """Return a conditioning that never changes, for the mask node, which passes it through unused."""
    return builder.add(
        "CLIPTextEncode", group, "Fixed text: keeps the mask node's cache", text="", clip=models.clip
    )


def encode_driver(builder: Builder, inputs: WorkflowInputs, models: Models) -> Handle:
    """Encode the driver into as many audio latents as the video needs, without a cropped start."""
    audio = _load_audio(builder, inputs, inputs.driver, "Driver: moves the mouth")
    if not inputs.driver_is_padded:
        audio = _pad_audio(builder, audio, Fraction(inputs.frames) / inputs.frame_rate)
    encoded = builder.add(
        "LTXVAudioVAEEncode",
        "encoders",
        "Encode the driver",
        note="ComfyUI crops audio to a multiple of 4,096 samples at 44.1 kHz, half of it from the start, and "
        "the lips are early by that much. The driver is padded at its end: never trim it here.",
        audio=audio,
        audio_vae=models.audio_vae,
    )
    return builder.add(
        "LatentCut",
        "encoders",
        "As long as the video",
        note="y is the time of an audio latent. The padding is cut off behind the encoder, where it moves "
        "nothing.",
        samples=encoded,
        dim="y",
        index=0,
        amount=audio_latents(inputs.frames, inputs.frame_rate),
    )


def _load_audio(builder: Builder, inputs: WorkflowInputs, name: str, title: str) -> Handle:
    """Load a recording, and cut the piece of it that is used."""
    audio = builder.add("LoadAudio", "inputs", title, audio=name)
    if inputs.piece is None or name != inputs.master:
        return audio
    start, seconds = inputs.piece
    return builder.add(
        "TrimAudioDuration",
        "inputs",
        f"From {float(start):g} s on",
        note="--audio-from and --audio-to: this piece alone is used.",
        audio=audio,
        start_index=float(start),
        duration=float(seconds),
    )


def _pad_audio(builder: Builder, audio: Handle, seconds: Fraction) -> Handle:
    """Trim a recording of any length to one that the encoder does not crop."""
    duration = audio_vae.padded_trim(seconds)
    silence = builder.add(
        "EmptyAudio",
        "encoders",
        "Silence",
        duration=duration,
        sample_rate=audio_vae.SAMPLE_RATE_HZ,
        channels=2,
    )
    longer = builder.add(
        "AudioConcat", "encoders", "Pad with silence", audio1=audio, audio2=silence, direction="after"
    )
    return builder.add(
        "TrimAudioDuration",
        "encoders",
        f"First {duration:g} s",
        note="Longer than the video, and on purpose: of this length the encoder crops less than 1 ms.",
        audio=longer,
        start_index=0.0,
        duration=duration,
    )


def prepare_image(builder: Builder, inputs: WorkflowInputs) -> Handle | None:
    """Return the reference image at the size of the video, compressed; None without an image."""
    if inputs.image is None:
        return None
    loaded = builder.add("LoadImage", "inputs", "First frame", image=inputs.image)
    scaled = _scale_image(
        builder, loaded.out("IMAGE"), inputs.size.width, inputs.size.height, "To the video's size"
    )
    return builder.add(
        "LTXVPreprocess",
        "encoders",
        "Compress like video",
        note=f"{IMAGE_COMPRESSION_CRF} for LTX-2.3. The model was trained on frames of videos; a clean still "
        "image makes it keep still.",
        image=scaled,
        img_compression=IMAGE_COMPRESSION_CRF,
    )


def _scale_image(builder: Builder, image: Link | Handle, width: int, height: int, title: str) -> Handle:
    return builder.add(
        "ImageScale",
        "encoders",
        title,
        image=image,
        upscale_method="lanczos",
        width=width,
        height=height,
        crop="center",
    )


def video_latent(
    builder: Builder, inputs: WorkflowInputs, vae: Link, image: Handle | None, *, scale: int, strength: float
) -> Link:
    """Return the video latent to sample: empty, its first frame held to the image; the still under a mask.

    Args:
        builder: The graph so far.
        inputs: What it is made from.
        vae: VAE of the checkpoint.
        image: Prepared reference image; None for text to video.
        scale: Size of the video divided by that of the latent, 1 or 2.
        strength: How firmly the first frame is held.
    """
    width, height = inputs.size.width // scale, inputs.size.height // scale
    if image is not None and inputs.mask is not None:
        if scale > 1:
            image = _scale_image(builder, image, width, height, "Half size")
        still = still_video(builder, inputs, vae, image, "encoders")
        return hold_first_frame(builder, vae, image, still, strength=strength, group="encoders")
    latent = builder.add(
        "EmptyLTXVLatentVideo",
        "encoders",
        f"{inputs.frames} frames",
        note="8n+1 frames, planned by `lipwright plan` from the length of the audio. The server silently "
        "rounds any other count down, and the lips drift.",
        width=width,
        height=height,
        length=inputs.frames,
        batch_size=1,
    )
    if image is None:
        return latent.out(0)
    return hold_first_frame(builder, vae, image, latent.out(0), strength=strength, group="encoders")


def still_video(builder: Builder, inputs: WorkflowInputs, vae: Link, image: Handle, group: Group) -> Link:
    """Return the latent of a video in which nothing moves."""
    still = builder.add(
        "RepeatImageBatch",
        group,
        "The image, repeated",
        note="The video shows this outside the temporal mask.",
        image=image,
        amount=inputs.frames,
    )
    return builder.add("VAEEncode", group, "Encode the still video", pixels=still, vae=vae).out(0)


def hold_first_frame(
    builder: Builder, vae: Link, image: Handle, latent: Link, *, strength: float, group: Group
) -> Link:
    """Hold the first frame of a latent to the image."""
    return builder.add(
        "LTXVImgToVideoInplace",
        group,
        "First frame = image",
        note="1.0 holds the first frame exactly. If the video stays frozen, use 0.4 to 0.7 and say in the "
        "prompt that the person talks.",
        vae=vae,
        image=image,
        latent=latent,
        strength=strength,
        bypass=False,
    ).out(0)


# Freezing.


def freeze_latent(builder: Builder, inputs: WorkflowInputs, audio_latent: Handle) -> Handle:
    """Put a mask of 0 on the audio latent: it is kept, never sampled."""
    mask = builder.add(
        "SolidMask",
        "freeze",
        "0 = keep the audio",
        note="0 freezes the audio latent; 1 would generate new audio, and the lips would follow that.",
        value=0.0 if inputs.freeze_audio else 1.0,
        width=512,
        height=512,
    )
    return builder.add("SetLatentNoiseMask", "freeze", "Freeze the audio", samples=audio_latent, mask=mask)


def mask_by_time(
    builder: Builder,
    inputs: WorkflowInputs,
    models: Models,
    av_latent: Handle,
    *,
    group: Group = "freeze",
) -> Link:
    """Add the mask node: the video is generated, the audio is kept."""
    text = fixed_text(builder, models, group)
    seconds = Fraction(inputs.frames) / inputs.frame_rate
    # Whole seconds survive the front end's rounding, and one past the end covers the last latent.
    end = inputs.mask.end if inputs.mask else math.floor(seconds) + 2
    return builder.add(
        "LTXVSetAudioVideoMaskByTime",
        group,
        "Freeze the audio, generate the video",
        note="1 = regenerate. mask_audio false and its initial value 0 keep the audio: the lips follow it. "
        "mask_video true generates the video. end_time is in whole seconds past the end: one that is "
        "rounded down freezes the last frames. The node writes into its cached input, so its texts are "
        "fixed ones; after changing its times, free the server's cache.",
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


def only_within(builder: Builder, still: Link, moving: Link, window: range, latents: int) -> Link:
    """Return the moving latent in a window of latent frames, the still one outside it.

    Args:
        builder: The graph so far.
        still: Shown outside the window.
        moving: Shown inside it; of the same size.
        window: Latent frames that move.
        latents: Number of latent frames.
    """
    if not window:
        return still
    pieces = [
        (still, range(window.start), "Still before"),
        (moving, window, "Moving"),
        (still, range(window.stop, latents), "Still after"),
    ]
    joined: Link | None = None
    for latent, part, title in pieces:
        if not part:
            continue
        cut = builder.add(
            "LatentCut", "sample", title, samples=latent, dim="t", index=part.start, amount=len(part)
        ).out(0)
        if joined is None:
            joined = cut
            continue
        joined = builder.add(
            "LatentConcat", "sample", f"and {title.lower()}", samples1=joined, samples2=cut, dim="t"
        ).out(0)
    return joined or still


# Sampling.


def add_norming(builder: Builder, inputs: WorkflowInputs, model: Link, *, guided: bool) -> Link:
    """Clip spikes of the guidance, if the server has lipwright's pack.

    Args:
        builder: The graph so far.
        inputs: What it is made from.
        model: Model to patch.
        guided: Guidance adds something; otherwise norming has no effect.
    """
    threshold = inputs.settings.norming_threshold
    if threshold == 0 or not guided:
        return model
    if not (NORMING_NODE in builder.schemas and inputs.has(NORMING_NODE, otherwise=False)):
        builder.find(NORMING_LEFT_OUT(threshold=threshold))
        return model
    return builder.add(
        NORMING_NODE,
        "sample",
        "Norming threshold",
        note="Clips spikes of the guidance at the median / threshold. Higher is calmer; 0.25 to start, "
        "0.3 to 0.4 if the mouth jumps.",
        model=model,
        threshold=threshold,
    ).out("MODEL")


def add_sampler(builder: Builder, eta: float) -> Handle:
    """Add Euler, ancestral if eta is above 0."""
    if eta == 0:
        return builder.add("KSamplerSelect", "sample", "Euler", sampler_name="euler")
    return builder.add(
        "SamplerEulerAncestral",
        "sample",
        f"Euler, eta {eta:g}",
        note="0.2 to start, 0.25 if the mouth looks stiff. The node's own default of 1.0 is far outside the "
        "tested 0.1 to 0.3.",
        eta=eta,
        s_noise=1.0,
    )


def add_schedule(builder: Builder, inputs: WorkflowInputs) -> Handle:
    """Add the noise levels: the distilled model's own eight, or the official shifted schedule."""
    if inputs.settings.preset == "official-distilled" and inputs.settings.steps == 8:
        return builder.add(
            "ManualSigmas",
            "sample",
            "The distilled model's 8 steps",
            note="The distilled model was trained for these eight levels and no others.",
            sigmas=DISTILLED_SIGMAS,
        )
    return builder.add(
        "LTXVScheduler",
        "sample",
        f"{inputs.settings.steps} steps",
        note="No latent is linked on purpose: so the shift is 2.05 as in the official schedule, whatever "
        "the size of the video.",
        steps=inputs.settings.steps,
        max_shift=FIXED_SHIFT,
        base_shift=0.95,
        stretch=True,
        terminal=0.1,
    )


def add_multimodal_guider(
    builder: Builder, inputs: WorkflowInputs, model: Link, positive: Link, negative: Link
) -> Handle:
    """Add guidance of both modalities; frozen audio has none of its own."""
    settings = inputs.settings
    full = settings.preset == "official-full" and not inputs.freeze_audio
    audio = builder.add(
        "GuiderParameters",
        "sample",
        "Guidance of the audio: none",
        note="The audio is frozen: guidance added to it would be thrown away. modality_scale 1 is "
        "neutral; the node's default of 0 removes the influence of the audio on the image.",
        modality="AUDIO",
        cfg=7.0 if full else 1.0,
        stg=settings.stg if full else 0.0,
        perturb_attn=True,
        rescale=settings.rescale if full else 0.0,
        modality_scale=settings.modality_scale if full else 1.0,
        skip_step=0,
        cross_attn=True,
    )
    video = builder.add(
        "GuiderParameters",
        "sample",
        f"Guidance of the video: CFG {settings.cfg:g}",
        note="CFG 4 is the guide's value for lip sync, 5 its maximum. modality_scale 1 is neutral, 0 makes "
        "the image ignore the audio. stg 0 and rescale 0 are neutral.",
        modality="VIDEO",
        cfg=float(settings.cfg),
        stg=float(settings.stg),
        perturb_attn=True,
        rescale=float(settings.rescale),
        modality_scale=float(settings.modality_scale),
        skip_step=0,
        cross_attn=True,
        parameters=audio,
    )
    return builder.add(
        "MultimodalGuider",
        "sample",
        "Guider",
        model=model,
        positive=positive,
        negative=negative,
        parameters=video,
        skip_blocks=STG_BLOCK if settings.stg else "",
    )


def add_noise(builder: Builder, seed: int, title: str = "Seed") -> Handle:
    """Add the noise; larger seeds wrap around in the range that the node takes."""
    return builder.add("RandomNoise", "sample", title, noise_seed=seed % MAX_SEED)


# Decoding and export.


def decode_video(builder: Builder, vae: Link, av_latent: Link) -> Handle:
    """Decode the frames of a sampled latent; its audio is not decoded, because nobody delivers it."""
    separated = builder.add("LTXVSeparateAVLatent", "decode", "Separate video and audio", av_latent=av_latent)
    return builder.add(
        "VAEDecodeTiled",
        "decode",
        "Decode the video",
        samples=separated.out("video_latent"),
        vae=vae,
        tile_size=768,
        overlap=64,
        temporal_size=4096,
        temporal_overlap=4,
    )


def add_export(builder: Builder, inputs: WorkflowInputs, frames: Handle, *, core: bool) -> Handle:
    """Write the result: a video with the original audio, or frames for a program.

    Args:
        builder: The graph so far.
        inputs: What it is made from.
        frames: The decoded video.
        core: Prefer ComfyUI's own nodes for a video.
    """
    has_combine = VIDEO_COMBINE in builder.schemas and inputs.has(VIDEO_COMBINE, otherwise=True)
    video = inputs.export == "video"
    audio = (
        {"audio": _load_audio(builder, inputs, inputs.master, "Original audio: delivered")} if video else {}
    )
    note = AUDIO_NOTE if video else "The audio is added later, so no audio is linked here."
    if has_combine and not (core and video):
        frame_rate = float(inputs.frame_rate)
        return builder.add(
            VIDEO_COMBINE,
            "export",
            "The video" if video else "The frames",
            note=note,
            images=frames,
            frame_rate=int(frame_rate) if frame_rate.is_integer() else frame_rate,
            loop_count=0,
            filename_prefix=inputs.filename_prefix,
            format="video/h264-mp4",
            pix_fmt="yuv420p",
            crf=VIDEO_CRF if video else FRAMES_CRF,
            save_metadata=video,
            trim_to_audio=False,
            pingpong=False,
            save_output=True,
            **audio,
        )
    if not (core and video):
        builder.find(VIDEO_COMBINE_MISSING())
    made = builder.add(
        "CreateVideo",
        "export",
        "Video and original audio" if video else "The frames as a video",
        note=note,
        images=frames,
        fps=float(inputs.frame_rate),
        **audio,
    )
    return builder.add(
        "SaveVideo",
        "export",
        "Save",
        video=made,
        filename_prefix=inputs.filename_prefix,
        format="mp4",
        codec="h264",
    )
