"""ComfyUI's own graph in two stages, with the audio frozen in both and the original delivered.

After the template video_ltx2_3_ia2v: half size first, then the latent upsampled by two and
refined. Its guidance is neutral, so it needs no node pack; with another preset the first stage
is guided by Lightricks' MultimodalGuider.
"""

from __future__ import annotations

from lipwright.domain.grid import latent_frames, video_window
from lipwright.workflow.builder import Builder, Handle
from lipwright.workflow.graph import Graph, Link
from lipwright.workflow.inputs import WorkflowInputs
from lipwright.workflow.recipes import parts, sampling
from lipwright.workflow.recipes.export import add_export
from lipwright.workflow.recipes.parts import Models
from lipwright.workflow.schemas import Schemas

STAGE_TWO_STRENGTH = 1.0
STAGE_TWO_SIGMAS = "0.85, 0.7250, 0.4219, 0.0"
"""Where the template starts its second stage; ltx-pipelines starts at .909375."""


def build(inputs: WorkflowInputs, schemas: Schemas) -> Graph:
    """The graph of `recipes.build_graph`, which tells more."""
    parts.check_plan(inputs, multiple=64)
    builder = Builder(schemas, "official")
    models = parts.load_models(builder, inputs, inputs.models.full)
    distilled = parts.add_lora(
        builder,
        models.model,
        inputs.models.distilled_lora,
        inputs.models.distilled_lora_strength,
        "Half of the distilled LoRA on the full model, as in ComfyUI's template: eight steps, CFG 1.",
    )
    full = inputs.settings.preset == "official-full"
    positive, negative = parts.encode_prompts(builder, inputs, models)
    image = parts.prepare_image(builder, inputs)
    audio = parts.freeze(builder, inputs, parts.encode_driver(builder, inputs, models))
    first = _first_stage(
        builder,
        inputs,
        models,
        model=models.model if full else distilled,
        texts=(positive, negative),
        image=image,
        audio=audio,
    )
    latent = _upsampled(builder, inputs, models, first=first, image=image, audio=audio)
    guider = builder.add(
        "CFGGuider",
        "sample",
        "Second stage: no guidance",
        model=distilled,
        positive=positive,
        negative=negative,
        cfg=1.0,
    )
    refined = builder.add(
        "SamplerCustomAdvanced",
        "sample",
        "Refine",
        noise=sampling.add_noise(builder, inputs.settings.seed + 1, "Seed of the second stage"),
        guider=guider,
        sampler=sampling.add_sampler(builder, 0.0),
        sigmas=builder.add("ManualSigmas", "sample", "Second stage: 3 steps", sigmas=STAGE_TWO_SIGMAS),
        latent_image=latent,
    )
    frames = sampling.decode(builder, models.vae, refined.out("output"))
    written = add_export(builder, inputs, frames, core=True)
    return builder.graph(written, inputs.filename_prefix)


def _first_stage(
    builder: Builder,
    inputs: WorkflowInputs,
    models: Models,
    *,
    model: Link,
    texts: tuple[Link, Link],
    image: Handle | None,
    audio: Handle,
) -> Link:
    """The video at half size, sampled."""
    settings = inputs.settings
    strength = settings.image_strength
    video = parts.video_latent(builder, inputs, models.vae, image, scale=2, strength=strength)
    if image is not None and inputs.mask is not None:
        video = parts.hold_first_frame(builder, models.vae, image, video, strength=strength, group="encoders")
    latent = _joined(
        builder, inputs, models, video=video, audio=audio, title="Half-size video and audio together"
    )
    model = sampling.add_norming(builder, inputs, model, guided=settings.cfg != 1 or not _neutral(inputs))
    if _neutral(inputs):
        guider = builder.add(
            "CFGGuider",
            "sample",
            f"First stage: CFG {settings.cfg:g}",
            note="1 is the distilled model's own: no guidance, and the negative prompt has no effect.",
            model=model,
            positive=texts[0],
            negative=texts[1],
            cfg=float(settings.cfg),
        )
    else:
        guider = sampling.add_multimodal_guider(builder, inputs, model, *texts)
    return builder.add(
        "SamplerCustomAdvanced",
        "sample",
        "Sample at half size",
        noise=sampling.add_noise(builder, settings.seed),
        guider=guider,
        sampler=sampling.add_sampler(builder, settings.eta),
        sigmas=sampling.add_schedule(builder, inputs),
        latent_image=latent,
    ).out("output")


def _upsampled(
    builder: Builder,
    inputs: WorkflowInputs,
    models: Models,
    *,
    first: Link,
    image: Handle | None,
    audio: Handle,
) -> Link:
    """The first stage's video at full size, with the frozen audio of the driver beside it again."""
    parted = builder.add("LTXVSeparateAVLatent", "sample", "Half-size video alone", av_latent=first)
    upscaler = builder.add(
        "LatentUpscaleModelLoader", "inputs", "Upscaler", model_name=inputs.models.upscaler
    )
    video = builder.add(
        "LTXVLatentUpsampler",
        "sample",
        "To full size",
        samples=parted.out("video_latent"),
        upscale_model=upscaler,
        vae=models.vae,
    ).out("LATENT")
    if image is not None and inputs.mask is not None:
        # The upscaler mixes neighbouring frames: outside the mask, where nothing is sampled, that would stay.
        still = parts.still_video(builder, inputs, models.vae, image, "sample")
        latents = latent_frames(inputs.frames)
        window = video_window(
            inputs.mask.start, inputs.mask.end, frames=latents, frame_rate=inputs.frame_rate
        )
        video = parts.only_within(builder, still, video, window, latents)
    if image is not None:
        video = parts.hold_first_frame(
            builder, models.vae, image, video, strength=STAGE_TWO_STRENGTH, group="sample"
        )
    return _joined(
        builder,
        inputs,
        models,
        video=video,
        audio=audio,
        title="Video and frozen audio again",
        note="The frozen latent of the driver itself, mask 0 and all: a second stage that may change the "
        "audio ruins the lips.",
    )


def _joined(
    builder: Builder,
    inputs: WorkflowInputs,
    models: Models,
    *,
    video: Link,
    audio: Handle,
    title: str,
    note: str = "",
) -> Link:
    """Video and audio as one latent; under a temporal mask, with that mask."""
    joined = builder.add(
        "LTXVConcatAVLatent", "sample", title, note=note, video_latent=video, audio_latent=audio
    )
    if inputs.mask is None:
        return joined.out(0)
    # Beside the samplers that it stands between, so that links run from left to right.
    text = parts.fixed_text(builder, models, "sample")
    return parts.mask_by_time(builder, inputs, models, joined, text, group="sample")


def _neutral(inputs: WorkflowInputs) -> bool:
    settings = inputs.settings
    return settings.stg == 0 and settings.modality_scale == 1 and settings.rescale == 0
