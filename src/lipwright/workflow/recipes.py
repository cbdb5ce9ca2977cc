"""The recipes: the graphs that lipwright builds, by name.

    graph = build_graph("guide", inputs)        # WorkflowInputs
    graph.to_api()                              # the body for POST /prompt
    graph.output_node, graph.filename_prefix    # to find the file in /history
    graph.findings                              # what the recipe had to omit, and why
    graph.missing                               # nodes and model files that the server lacks

If the node classes of a server are known, a recipe checks every value and file name against them, uses
lipwright's own nodes if they are installed, and avoids optional packs that are missing. Call `POST /free
{"free_memory": true}` between two jobs with different temporal masks: the mask node writes into its cached
input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from lipwright.domain.grid import latent_frames, video_window
from lipwright.domain.settings import Preset
from lipwright.errors import UsageError
from lipwright.workflow import recipe_clips as clips
from lipwright.workflow import recipe_output as output
from lipwright.workflow import recipe_parts as parts
from lipwright.workflow import recipe_sampling as sampling
from lipwright.workflow.builder import Builder, Handle, Output
from lipwright.workflow.graph import Graph, Group, Link
from lipwright.workflow.recipe_extension import build_extension
from lipwright.workflow.recipe_inputs import OWN_SETTINGS, WorkflowInputs
from lipwright.workflow.recipe_parts import Models
from lipwright.workflow.schemas import Schemas

Recipe = Literal["guide", "official", "official-2.5", "extension"]
STAGE_TWO_STRENGTH = 1.0
STAGE_TWO_SIGMAS = "0.85, 0.7250, 0.4219, 0.0"
"""Noise levels of the second stage in ComfyUI's template; ltx-pipelines starts at 0.909375."""

VOICE_NOTE = (
    "0 freezes the audio latent, like frozen_audio of LTXVSetAudioRefTokens. The reference tokens of that "
    "node are not used: with them, LTX-2.5 no longer follows the recording."
)


def build_graph(recipe: Recipe, inputs: WorkflowInputs, server: Schemas | None = None) -> Graph:
    """Build the graph of a recipe, checked against the node schemas.

    Args:
        recipe: `guide` (the graph of the lip-sync guide, with one stage), `official` (ComfyUI's template,
            with two stages), `official-2.5` (the same template for LTX-2.5) or `extension` (as many clips as
            the recording needs).
        inputs: Inputs of the recipe.
        server: Node classes of the server that will run the graph; None for the bundled ones.

    Raises:
        UsageError: there is no such recipe.
        PlanError: a size, length or value is invalid for the nodes.
    """
    if recipe not in RECIPES:
        raise UsageError(f"there is no recipe {recipe!r}", hint=f"use one of {', '.join(RECIPES)}")
    return RECIPES[recipe].build(Builder(inputs, recipe, server))


def _build_guide(builder: Builder) -> Graph:
    """Build the graph of recipe `guide`: one stage, and audio that the mask node freezes."""
    inputs = builder.inputs
    parts.check_plan(inputs, multiple=32)
    settings = inputs.settings
    models = parts.load_models(builder, inputs.checkpoint)
    texts = parts.encode_prompts(builder, models)
    image = parts.prepare_image(builder)
    texts, video = _clip_to_sample(builder, models, texts, image, scale=1)
    audio = parts.encode_driver(builder, models)
    joined = builder.add(
        "LTXVConcatAVLatent", "freeze", "Join video and audio", video_latent=video, audio_latent=audio
    )
    latent = parts.mask_by_time(builder, models, joined)
    model = sampling.add_norming(builder, models.model)
    parameters = sampling.guidance_parameters(builder)
    sampled = builder.add(
        "LTXVNormalizingSampler",
        "sample",
        "Sample",
        note="The factors must be 1: the node's defaults scale the frozen audio to 6 % of its amplitude, and "
        "the sync is lost.",
        noise=sampling.add_noise(builder),
        guider=sampling.add_guider(builder, model, texts, parameters),
        sampler=sampling.add_sampler(builder, settings.eta),
        sigmas=sampling.add_schedule(builder),
        latent_image=latent,
        video_normalization_factors="1",
        audio_normalization_factors="1",
    )
    made = output.separate_video(builder, sampled, "decode", "Separate video and audio")
    made = clips.drop_guide(builder, image, texts=texts, latent=made, group="decode")
    frames = output.decode_video(builder, models.vae, made)
    return builder.graph(output.add_export(builder, frames, core=False))


def _clip_to_sample(
    builder: Builder, models: Models, texts: parts.Texts, image: Handle | None, *, scale: int
) -> tuple[parts.Texts, Output]:
    """Return the conditioning and the video latent of the first stage.

    If the inputs ask for it, `begin_clip` sets the first frames of the latent, and `guide_end` lets the image
    guide the last frame.
    """
    video = parts.video_latent(builder, models.vae, image, scale=scale)
    strength = builder.inputs.settings.image_strength
    held = clips.begin_clip(builder, models.vae, image, video, strength=strength, group="encoders")
    return clips.guide_end(builder, models.vae, image, texts=texts, latent=held, group="encoders")


def _build_official(builder: Builder) -> Graph:
    """Build the graph of recipe `official`: ComfyUI's template video_ltx2_3_ia2v with frozen audio.

    The audio is frozen in both stages, and the original audio is delivered. The video is sampled at half
    size; then its latent is upsampled by two and refined. With the default preset, guidance is neutral and
    needs no node pack; with any other preset, Lightricks' MultimodalGuider guides the first stage. For
    LTX-2.5, only the models differ: they are those of ComfyUI's template video_ltx2_5_i2v.
    """
    inputs = builder.inputs
    parts.check_plan(inputs, multiple=64)
    split = builder.recipe == "official-2.5"
    if split:
        models = parts.load_split_models(builder)
        distilled = models.model
    else:
        models = parts.load_models(builder, inputs.models.full)
        distilled = parts.add_lora(
            builder,
            models.model,
            inputs.models.distilled_lora,
            inputs.models.distilled_lora_strength,
            "ComfyUI's template applies the distilled LoRA at half strength to the full model, and samples "
            "eight steps at CFG 1.",
        )
    texts = parts.encode_prompts(builder, models)
    crf = parts.LATER_COMPRESSION_CRF if split else parts.IMAGE_COMPRESSION_CRF
    image = parts.prepare_image(builder, crf)
    mask = parts.freezing_mask(builder, VOICE_NOTE if split else parts.FREEZE_NOTE)
    audio = parts.freeze_latent(builder, mask, parts.encode_driver(builder, models))
    model = models.model if inputs.settings.preset == "official-full" else distilled
    first = _sample_half_size(builder, models, model=model, texts=texts, image=image, audio=audio)
    latent = _upsample(builder, models, video=first, image=image, audio=audio)
    guider = builder.add(
        "CFGGuider",
        "sample",
        "Second stage: no guidance",
        model=distilled,
        positive=texts[0],
        negative=texts[1],
        cfg=1.0,
    )
    refined = builder.add(
        "SamplerCustomAdvanced",
        "sample",
        "Refine",
        note=sampling.DENOISED_NOTE,
        noise=sampling.add_noise(builder, "Seed of the second stage", more=1),
        guider=guider,
        sampler=sampling.add_sampler(builder, 0.0),
        sigmas=builder.add("ManualSigmas", "sample", "Second stage: 3 steps", sigmas=STAGE_TWO_SIGMAS),
        latent_image=latent,
    )
    video = output.separate_video(
        builder, refined.out("denoised_output"), "decode", "Separate video and audio"
    )
    frames = output.decode_video(builder, models.vae, video)
    return builder.graph(output.add_export(builder, frames, core=True))


def _sample_half_size(
    builder: Builder,
    models: Models,
    *,
    model: Link,
    texts: parts.Texts,
    image: Handle | None,
    audio: Handle,
) -> Link:
    """Add the first stage, and return its sampled video latent."""
    settings = builder.inputs.settings
    texts, video = _clip_to_sample(builder, models, texts, image, scale=2)
    latent = _join(builder, models, video, audio, title="Join half-size video and audio")
    neutral = sampling.is_neutral(builder)
    guider = sampling.add_guider(
        builder,
        sampling.add_norming(builder, model),
        texts,
        None if neutral else sampling.guidance_parameters(builder),
        title=f"First stage: CFG {settings.cfg:g}",
        note=sampling.CFG_NOTE if neutral else "",
    )
    sampled = builder.add(
        "SamplerCustomAdvanced",
        "sample",
        "Sample at half size",
        noise=sampling.add_noise(builder),
        guider=guider,
        sampler=sampling.add_sampler(builder, settings.eta),
        sigmas=sampling.add_schedule(builder),
        latent_image=latent,
    )
    made = output.separate_video(builder, sampled.out("denoised_output"), "sample", "Half-size video alone")
    return clips.drop_guide(builder, image, texts=texts, latent=made, group="sample")


def _upsample(
    builder: Builder, models: Models, *, video: Link, image: Handle | None, audio: Handle
) -> Output:
    """Return the video latent of the first stage in full size, joined with the frozen audio latent."""
    inputs, names = builder.inputs, builder.inputs.models
    upscaler = builder.add(
        "LatentUpscaleModelLoader",
        "inputs",
        "Upscaler",
        model_name=names.upscaler_25 if builder.recipe == "official-2.5" else names.upscaler,
    )
    upsampled = builder.add(
        "LTXVLatentUpsampler",
        "sample",
        "To full size",
        samples=video,
        upscale_model=upscaler,
        vae=models.vae,
    )
    large: Output = upsampled
    if image is not None and inputs.mask is not None:
        # The upscaler mixes neighboring frames, and nothing outside the mask is sampled: restore the still
        # there.
        still = parts.still_video(builder, models.vae, image, "sample")
        latents = latent_frames(inputs.frames)
        window = video_window(
            inputs.mask.start, inputs.mask.end, frames=latents, frame_rate=inputs.frame_rate
        )
        large = parts.only_within(builder, still, upsampled, window, latents)
    large = clips.begin_clip(builder, models.vae, image, large, strength=STAGE_TWO_STRENGTH, group="sample")
    return _join(
        builder,
        models,
        large,
        audio,
        title="Join video and frozen audio again",
        note="This is the frozen audio latent of the first stage again, with a mask of 0: a second stage "
        "that changes the audio would ruin the lip sync.",
    )


def _join(
    builder: Builder, models: Models, video: Output, audio: Handle, *, title: str, note: str = ""
) -> Output:
    """Return the joined latent of video and audio, with the temporal mask if there is one."""
    group: Group = "sample"  # so that the node is placed between the samplers that it connects
    joined = builder.add(
        "LTXVConcatAVLatent", group, title, note=note, video_latent=video, audio_latent=audio
    )
    if builder.inputs.mask is None:
        return joined
    return parts.mask_by_time(builder, models, joined, group=group)


@dataclass(frozen=True, slots=True)
class RecipeDescription:
    """The builder function and the default settings of a recipe."""

    build: Callable[[Builder], Graph]
    presets: tuple[Preset, ...]
    """Presets that the recipe allows; the first is the default."""
    stages: int = 1
    """Number of sampling stages."""
    own_settings: Mapping[str, float] = field(default_factory=lambda: OWN_SETTINGS[1])
    """Values that the recipe uses instead of those of its preset, by setting name."""


RECIPES: dict[Recipe, RecipeDescription] = {
    "guide": RecipeDescription(_build_guide, ("guide", "official-distilled", "official-full")),
    "official": RecipeDescription(
        _build_official, ("official-distilled", "guide", "official-full"), 2, OWN_SETTINGS[2]
    ),
    "official-2.5": RecipeDescription(
        _build_official,
        ("official-distilled",),
        2,
        {**OWN_SETTINGS[2], "eta": 1.0},  # as the makers of LTX-2.5 do
    ),
    "extension": RecipeDescription(
        build_extension,
        ("official-distilled", "guide", "official-full"),
        own_settings={**OWN_SETTINGS[1], "stages": 1},
    ),
}
