"""Guidance, schedule, sampler and decoder, as both recipes have them."""

from __future__ import annotations

from lipwright.domain.finding import Finding
from lipwright.workflow.builder import Builder, Handle
from lipwright.workflow.graph import Link
from lipwright.workflow.inputs import WorkflowInputs

NORMING_NODE = "LipwrightNorming"
"""Of lipwright's own pack: model and threshold in, a model whose guidance is capped out."""

DISTILLED_SIGMAS = "1.0, 0.99375, 0.9875, 0.98125, 0.975, 0.909375, 0.725, 0.421875, 0.0"
"""The eight steps that the distilled model was made for (ltx-pipelines, ComfyUI's templates)."""

FIXED_SHIFT = 2.05
"""Shift of the official schedule; LTXVScheduler takes it as it is while no latent is linked."""

STG_BLOCK = "28"
"""The block that spatio-temporal guidance perturbs (ltx-pipelines' defaults for LTX-2.3)."""

MAX_SEED = 2**64


def add_norming(builder: Builder, inputs: WorkflowInputs, model: Link, *, guided: bool) -> Link:
    """The model with its guidance capped, where the server has lipwright's pack.

    Args:
        builder: The graph so far.
        inputs: What it is made from.
        model: To be patched.
        guided: Guidance adds something; else norming is inert.
    """
    threshold = inputs.settings.norming_threshold
    if threshold == 0 or not guided:
        return model
    if not (NORMING_NODE in builder.schemas and inputs.has(NORMING_NODE, otherwise=False)):
        builder.find(
            Finding(
                "norming-left-out",
                "hint",
                f"the norming threshold {threshold:g} is not in this graph: no node of ComfyUI or of "
                "Lightricks' pack has one",
                "run lipwright comfyui install PATH on the server, and name that server with --server; else "
                "sudden jumps of the mouth are not calmed",
            )
        )
        return model
    return builder.add(
        NORMING_NODE,
        "sample",
        "Norming threshold",
        note="Caps spikes of the guidance at the median / threshold. Higher is calmer; 0.25 is the start, "
        "0.3 to 0.4 if the mouth jumps.",
        model=model,
        threshold=threshold,
    ).out("MODEL")


def add_sampler(builder: Builder, eta: float) -> Handle:
    """Euler, ancestral where eta asks for it."""
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
    """The noise levels: the distilled model's own eight, or the official shifted schedule."""
    if inputs.settings.preset == "official-distilled" and inputs.settings.steps == 8:
        return builder.add(
            "ManualSigmas",
            "sample",
            "The distilled model's 8 steps",
            note="These eight levels belong to the distilled model; it was made for no others.",
            sigmas=DISTILLED_SIGMAS,
        )
    return builder.add(
        "LTXVScheduler",
        "sample",
        f"{inputs.settings.steps} steps",
        note="No latent is linked on purpose: then the shift is 2.05 as in the official schedule, whatever "
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
    """Guidance of both modalities; the audio is frozen, so it has none of its own."""
    settings = inputs.settings
    full = settings.preset == "official-full" and not inputs.freeze_audio
    audio = builder.add(
        "GuiderParameters",
        "sample",
        "Guidance of the audio: none",
        note="The audio is frozen: whatever guidance added to it would be thrown away. modality_scale 1 is "
        "neutral; the node's default of 0 cancels what the audio tells the image.",
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
        note="CFG 4 is the guide's value for lip sync, 5 its ceiling. modality_scale 1 is neutral, 0 makes "
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
    """The noise; a seed that the node does not take is folded into its range."""
    return builder.add("RandomNoise", "sample", title, noise_seed=seed % MAX_SEED)


def decode(builder: Builder, vae: Link, av_latent: Link) -> Handle:
    """The frames of a sampled latent. The audio in it is left alone: nobody delivers it."""
    parted = builder.add("LTXVSeparateAVLatent", "decode", "Video and audio apart", av_latent=av_latent)
    return builder.add(
        "VAEDecodeTiled",
        "decode",
        "Decode the video",
        samples=parted.out("video_latent"),
        vae=vae,
        tile_size=768,
        overlap=64,
        temporal_size=4096,
        temporal_overlap=4,
    )
