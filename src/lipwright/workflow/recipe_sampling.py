"""Building blocks of recipes, for sampling: model patches, sampler, noise levels and guidance."""

from __future__ import annotations

from lipwright.workflow.builder import Builder, Handle
from lipwright.workflow.findings import NORMING_LEFT_OUT
from lipwright.workflow.graph import Group, Link
from lipwright.workflow.recipe_parts import Texts

NORMING_NODE = "LipwrightNorming"
"""Node of lipwright's own pack that takes a model and a threshold and returns a model with clipped
guidance."""

DISTILLED_SIGMAS = "1.0, 0.99375, 0.9875, 0.98125, 0.975, 0.909375, 0.725, 0.421875, 0.0"
"""Noise levels of the eight steps that the distilled model was trained for (as in ltx-pipelines)."""

FIXED_SHIFT = 2.05
"""Shift of the noise levels in the official schedule. LTXVScheduler uses this value unchanged if no latent is
linked."""

STG_BLOCK = "28"
"""Number of the transformer block that spatio-temporal guidance perturbs (default of ltx-pipelines for
LTX-2.3)."""

NEUTRAL = {"cfg": 1.0, "stg": 0.0, "rescale": 0.0, "modality_scale": 1.0}
"""Values of the guidance settings at which guidance has no effect."""

MAX_SEED = 2**64

DENOISED_NOTE = (
    "Use denoised_output, in which the frozen audio is bit-identical to the encoded audio. In `output`, the "
    "arithmetic of the sampler changes the audio by up to 1.2e-7."
)
CFG_NOTE = "1 is the value for the distilled model: no guidance, and the negative prompt has no effect."


def add_norming(builder: Builder, model: Link) -> Link:
    """Return the model with clipped guidance; report a finding if the server lacks the node for it."""
    settings = builder.inputs.settings
    is_guided = settings.cfg != 1 or settings.stg != 0 or settings.modality_scale != 1
    threshold = settings.norming_threshold
    if threshold == 0 or not is_guided:
        return model
    if not builder.has(NORMING_NODE):
        builder.add_finding(NORMING_LEFT_OUT(threshold=threshold))
        return model
    return builder.add(
        NORMING_NODE,
        "sample",
        "Norming threshold",
        note="Limits the change that guidance makes in each latent frame to M / threshold. M is the median "
        "of this change over the generated latent frames. A higher threshold makes calmer motion: start with "
        "0.25, and use 0.3 to 0.4 if the mouth jumps.",
        model=model,
        threshold=threshold,
    ).out("MODEL")


def add_sampler(builder: Builder, eta: float) -> Handle:
    """Add the Euler sampler, which is ancestral if eta is above 0."""
    if eta == 0:
        return builder.add("KSamplerSelect", "sample", "Euler", sampler_name="euler")
    return builder.add(
        "SamplerEulerAncestral",
        "sample",
        f"Euler, eta {eta:g}",
        note="The makers of LTX-2.5 sample its distilled model with eta 1."
        if eta == 1
        else "Start with 0.2, and use 0.25 if the mouth looks stiff. The node's own default of 1.0 is far "
        "outside the tested range, 0.1 to 0.3.",
        eta=eta,
        s_noise=1.0,
    )


def add_schedule(builder: Builder) -> Handle:
    """Add the noise levels: those of the distilled model, or the official shifted schedule."""
    settings = builder.inputs.settings
    if settings.preset == "official-distilled" and settings.steps == 8:
        return builder.add(
            "ManualSigmas",
            "sample",
            "The distilled model's 8 steps",
            note="The distilled model was trained only for these levels.",
            sigmas=DISTILLED_SIGMAS,
        )
    return builder.add(
        "LTXVScheduler",
        "sample",
        f"{settings.steps} steps",
        note="Do not link a latent: without a latent, the shift is 2.05 for every size of the video, as in "
        "the official schedule.",
        steps=settings.steps,
        max_shift=FIXED_SHIFT,
        base_shift=0.95,
        stretch=True,
        terminal=0.1,
    )


def is_neutral(builder: Builder) -> bool:
    """Return True if the video has no guidance other than CFG."""
    settings = builder.inputs.settings
    return all(getattr(settings, name) == value for name, value in NEUTRAL.items() if name != "cfg")


def guidance_parameters(builder: Builder) -> Handle:
    """Add the guidance parameters of video and audio; frozen audio has no guidance."""
    settings = builder.inputs.settings
    video = {name: float(getattr(settings, name)) for name in NEUTRAL}
    is_sampled = settings.preset == "official-full" and not builder.inputs.freeze_audio
    common = {"perturb_attn": True, "skip_step": 0, "cross_attn": True}
    audio = builder.add(
        "GuiderParameters",
        "sample",
        "Guidance of the audio: none",
        note="The audio is frozen, so guidance would have no effect on it. modality_scale 1 is neutral; the "
        "node's default of 0 removes the influence of the audio on the video.",
        modality="AUDIO",
        **common,
        **(video | {"cfg": 7.0} if is_sampled else NEUTRAL),
    )
    return builder.add(
        "GuiderParameters",
        "sample",
        f"Guidance of the video: CFG {settings.cfg:g}",
        note="The lip-sync guide uses CFG 4, and at most 5. modality_scale 1 is neutral; with 0, "
        "the lips ignore the audio. stg 0 and rescale 0 are neutral.",
        modality="VIDEO",
        parameters=audio,
        **common,
        **video,
    )


def add_guider(
    builder: Builder,
    model: Link,
    texts: Texts,
    parameters: Handle | None,
    *,
    title: str = "Guider",
    note: str = "",
    group: Group = "sample",
) -> Handle:
    """Add the guider of a sampler: MultimodalGuider if `parameters` are given, otherwise CFGGuider."""
    settings = builder.inputs.settings
    common = {"model": model, "positive": texts[0], "negative": texts[1]}
    if parameters is None:
        return builder.add("CFGGuider", group, title, note=note, cfg=float(settings.cfg), **common)
    return builder.add(
        "MultimodalGuider",
        group,
        title,
        note=note,
        parameters=parameters,
        skip_blocks=STG_BLOCK if settings.stg else "",
        **common,
    )


def add_noise(builder: Builder, title: str = "Seed", group: Group = "sample", *, more: int = 0) -> Handle:
    """Add the noise node, with the seed plus `more`; a sum that is too large for the node wraps around."""
    seed = (builder.inputs.settings.seed + more) % MAX_SEED
    return builder.add("RandomNoise", group, title, noise_seed=seed)
