"""The guide's graph: one stage, the audio frozen by the mask node, distilled model, CFG 4, 40 steps."""

from __future__ import annotations

from lipwright.workflow.builder import Builder
from lipwright.workflow.graph import Graph
from lipwright.workflow.inputs import WorkflowInputs
from lipwright.workflow.recipes import parts, sampling
from lipwright.workflow.recipes.export import add_export
from lipwright.workflow.schemas import Schemas

NORMALIZING_NOTE = (
    "Factors 1, or the frozen audio is scaled down: the node's defaults leave 6 % of its amplitude, "
    "and the sync with it."
)


def build(inputs: WorkflowInputs, schemas: Schemas) -> Graph:
    """The graph of `recipes.build_graph`, which tells more."""
    parts.check_plan(inputs, multiple=32)
    builder = Builder(schemas, "guide")
    settings = inputs.settings
    full = settings.preset == "official-full"
    models = parts.load_models(builder, inputs, inputs.models.full if full else inputs.models.distilled)
    positive, negative = parts.encode_prompts(builder, inputs, models)
    image = parts.prepare_image(builder, inputs)
    strength = settings.image_strength
    video = parts.video_latent(builder, inputs, models.vae, image, scale=1, strength=strength)
    if image is not None and inputs.mask is not None:
        video = parts.hold_first_frame(builder, models.vae, image, video, strength=strength, group="encoders")
    audio = parts.encode_driver(builder, inputs, models)
    joined = builder.add(
        "LTXVConcatAVLatent", "freeze", "Video and audio together", video_latent=video, audio_latent=audio
    )
    text = parts.fixed_text(builder, models)
    latent = parts.mask_by_time(builder, inputs, models, joined, text)
    guided = settings.cfg != 1 or settings.stg != 0 or settings.modality_scale != 1
    model = sampling.add_norming(builder, inputs, models.model, guided=guided)
    guider = sampling.add_multimodal_guider(builder, inputs, model, positive, negative)
    sampled = builder.add(
        "LTXVNormalizingSampler",
        "sample",
        "Sample",
        note=NORMALIZING_NOTE,
        noise=sampling.add_noise(builder, settings.seed),
        guider=guider,
        sampler=sampling.add_sampler(builder, settings.eta),
        sigmas=sampling.add_schedule(builder, inputs),
        latent_image=latent,
        video_normalization_factors="1",
        audio_normalization_factors="1",
    )
    frames = sampling.decode(builder, models.vae, sampled.out(0))
    written = add_export(builder, inputs, frames, core=False)
    return builder.graph(written, inputs.filename_prefix)
