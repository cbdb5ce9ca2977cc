"""Rules for guidance and schedule, and the search for the prompts that guide samplers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lipwright.domain.presets import CFG_CEILING
from lipwright.domain.settings import SETTINGS
from lipwright.workflow import findings
from lipwright.workflow.edits import Feed, GraphFinding, NewNode
from lipwright.workflow.flat import FlatNode
from lipwright.workflow.lint.constants import numbers_in
from lipwright.workflow.lint.graph_queries import SAMPLERS, AudioState, GraphQuery
from lipwright.workflow.lint.image_rules import IMAGE_HOLDERS
from lipwright.workflow.lint.model_files import is_distilled, is_distilled_25, loads_distilled
from lipwright.workflow.recipe_sampling import DISTILLED_SIGMAS

DUAL_GUIDER = "LTXVDualCFGGuider"
"""Guider with separate CFGs for video and audio."""
CFG_INPUTS = {
    "CFGGuider": "cfg",
    "GuiderParameters": "cfg",
    "STGGuiderNode": "cfg",
    DUAL_GUIDER: "video_cfg",
}
STRENGTHS = {
    "GuiderParameters": ("stg", "modality_scale"),
    "STGGuiderNode": ("stg",),
    "LTXVSpatioTemporalGuidance": ("scale",),
    "LTXVModalityGuidance": ("modality_scale",),
}
"""Inputs with strengths of guidance other than CFG, by node class; `scale` is the strength of STG."""
GUIDING_SAMPLERS = ("SamplerCustom", "KSampler")
"""Samplers with a built-in guider."""
WITH_NEGATIVE = ("CFGGuider", "MultimodalGuider", "STGGuiderNode", DUAL_GUIDER)
SCHEDULERS = ("LTXVScheduler", "BasicScheduler")
SIGMAS_PASSING = ("SplitSigmas", "SplitSigmasDenoise", "VisualizeSigmasKJ")
DISTILLED_STEPS = 8
MIN_FULL_STEPS = 20
"""Minimum number of steps in a schedule for a full model; the lip-sync guide uses 40."""
LIP_SYNC_CFG = 4.0
FULL_NOISE = 0.95
"""A schedule whose first noise level is above this generates a new video; any other schedule refines an
existing video."""
MAX_ETA = 0.3
ANCESTRAL = "SamplerEulerAncestral"


def check_modality(query: GraphQuery) -> Iterator[GraphFinding]:
    """FREEZE-4: modality_scale must be at least 1; lower values weaken the effect of audio on the video."""
    for node in query.of("GuiderParameters"):
        scale = query.number(node, "modality_scale")
        if scale is not None and scale < 1:
            finding = findings.MODALITY_BELOW_ONE if scale else findings.MODALITY_ZERO
            yield query.wrong_value(finding, node, "modality_scale", 1.0, scale=scale)
        if query.value(node, "cross_attn") is False and query.value(node, "modality") != "AUDIO":
            yield query.wrong_value(findings.CROSS_ATTENTION_OFF, node, "cross_attn", True)


def check_cfg(query: GraphQuery) -> Iterator[GraphFinding]:
    """SAMPLE-1: CFG must not exceed the documented limit."""
    for node in query.of(*CFG_INPUTS, *GUIDING_SAMPLERS):
        name = CFG_INPUTS.get(node.class_type, "cfg")
        cfg = query.number(node, name)
        if cfg is None or cfg <= CFG_CEILING or query.value(node, "modality") == "AUDIO":
            continue
        if node.class_type != "GuiderParameters" and not _guides_video_and_audio(query, node):
            continue  # a guider of another model in the same graph
        found = query.wrong_value(findings.CFG_TOO_HIGH, node, name, LIP_SYNC_CFG, cfg=cfg, limit=CFG_CEILING)
        if node.class_type == DUAL_GUIDER and _guides_frozen_audio(query, node):
            found = replace(found, edits=found.edits + query.set_value(node, "audio_cfg", LIP_SYNC_CFG))
        yield found


def check_strengths(query: GraphQuery) -> Iterator[GraphFinding]:
    """SAMPLE-4: guidance other than CFG must stay within the range that is known to work."""
    for node in query.of(*STRENGTHS):
        if query.value(node, "modality") == "AUDIO":
            continue
        for name in STRENGTHS[node.class_type]:
            value = query.number(node, name)
            spec = SETTINGS["stg" if name == "scale" else name]
            limit = spec.tested[1]
            if value is not None and value > limit:
                neutral = 0.0 if spec.name == "stg" else 1.0
                yield query.wrong_value(
                    findings.GUIDANCE_TOO_STRONG, node, name, limit, value=value, limit=limit, neutral=neutral
                )


def check_dual_guider(query: GraphQuery) -> Iterator[GraphFinding]:
    """LTXVDualCFGGuider should not guide frozen audio: that only adds a useless pass to each step."""
    for guider in query.of(DUAL_GUIDER):
        video, audio = query.number(guider, "video_cfg"), query.number(guider, "audio_cfg")
        if video is None or audio is None or audio in (1, video) or video > CFG_CEILING:
            continue
        if _guides_frozen_audio(query, guider):
            yield query.wrong_value(
                findings.FROZEN_AUDIO_GUIDED, guider, "audio_cfg", video, cfg=audio, video_cfg=video
            )


def _guides_video_and_audio(query: GraphQuery, guider: FlatNode) -> bool:
    """Return True if a guider, or a sampler with a built-in guider, guides a latent of video and audio."""
    samplers = [node for node, name in query.readers(guider) if name == "guider"]
    return any(map(query.has_audio, samplers or [guider]))


def _guides_frozen_audio(query: GraphQuery, guider: FlatNode) -> bool:
    """Return True if the audio is frozen in every sampler that a guider guides."""
    samplers = [node for node, name in query.readers(guider) if name == "guider" and query.has_audio(node)]
    return {query.audio_origin(node, "latent_image").state for node in samplers} == {"frozen"}


def check_negative(query: GraphQuery) -> Iterator[GraphFinding]:
    """A negative prompt needs a CFG other than 1, or it has no effect."""
    guiders = [(node, query.text_encoder(node, "negative")) for node in query.of(*WITH_NEGATIVE)]
    # A text that guides another stage has an effect, as does one at CFG 1 with NAG.
    used = {
        text.id
        for node, text in guiders
        if text is not None and (cfg_of(query, node) != 1 or _has_nag(query, node))
    }
    for node, text in guiders:
        if text is None or text.id in used or text is query.text_encoder(node, "positive"):
            continue  # a node for both prompts only fills the input
        words = query.value(text, "text")
        if isinstance(words, str) and words.strip():
            used.add(text.id)
            yield query.wrong_value(findings.NEGATIVE_WITHOUT_CFG, node, "negative", text=text.id)


def _has_nag(query: GraphQuery, guider: FlatNode) -> bool:
    return any("NAG" in node.class_type for node in query.line(guider, "model", "MODEL"))


def cfg_of(query: GraphQuery, guider: FlatNode) -> float | None:
    """Return the video CFG of a guider, or of a sampler with a built-in guider; None if unknown.

    For an LTXVDualCFGGuider, the result may be the audio CFG (see `_dual_cfg`).
    """
    if guider.class_type == DUAL_GUIDER:
        return _dual_cfg(query, guider)
    if guider.class_type != "MultimodalGuider":
        return query.number(guider, CFG_INPUTS.get(guider.class_type, "cfg"))
    node = query.source(guider, "parameters")
    for _ in range(4):
        if node is None or node.class_type != "GuiderParameters":
            return None
        if query.value(node, "modality") == "VIDEO":
            return query.number(node, "cfg")
        node = query.source(node, "parameters")
    return None


def _dual_cfg(query: GraphQuery, guider: FlatNode) -> float | None:
    """Return one CFG for an LTXVDualCFGGuider, which has a video CFG and an audio CFG; None if unknown.

    If the video CFG is 1 (no guidance) and the audio is sampled, the result is the audio CFG. Otherwise, it
    is the video CFG.
    """
    video, audio = query.number(guider, "video_cfg"), query.number(guider, "audio_cfg")
    return audio if video == 1 and not _guides_frozen_audio(query, guider) else video


def check_schedule(query: GraphQuery) -> Iterator[GraphFinding]:
    """SAMPLE-1: a distilled model needs the noise levels that it was trained for.

    A full model needs more steps than a distilled model.
    """
    by_schedule: dict[str, list[FlatNode]] = {}
    for sampler in query.of(*SAMPLERS):
        line = query.line(sampler, "sigmas", "SIGMAS")
        schedule = next((node for node in line if node.class_type not in SIGMAS_PASSING), None)
        if schedule is not None and "latent_image" in sampler.links:
            by_schedule.setdefault(schedule.id, []).append(sampler)
    for key, samplers in by_schedule.items():
        schedule = query.graph.nodes[key]
        guiders = [query.source(sampler, "guider") for sampler in samplers]
        distilled = {is_distilled(query, guider) for guider in guiders if guider is not None}
        if distilled == {True}:
            yield from _too_few_steps(query, schedule, samplers)
        elif distilled == {False}:
            yield from _distilled_levels(query, schedule)


def _too_few_steps(query: GraphQuery, schedule: FlatNode, samplers: list[FlatNode]) -> Iterator[GraphFinding]:
    steps, denoise = query.number(schedule, "steps"), query.number(schedule, "denoise")
    if schedule.class_type not in SCHEDULERS or steps is None or steps >= MIN_FULL_STEPS:
        return
    if denoise is not None and denoise < 1:
        return  # this sampler refines, but the distilled levels begin at 1
    refines = any(map(query.is_refined, samplers))
    direct = all(query.source(sampler, "sigmas") is schedule for sampler in samplers)
    is_surely = steps <= DISTILLED_STEPS or all(loads_distilled(query, sampler) for sampler in samplers)
    proven = direct and not refines and is_surely
    levels = NewNode("ManualSigmas", {"sigmas": DISTILLED_SIGMAS})
    yield GraphFinding(
        findings.DISTILLED_SCHEDULE(
            where=schedule.place("steps"),
            steps=steps,
            scheduler=schedule.class_type,
            sigmas=DISTILLED_SIGMAS,
        ),
        tuple(Feed(sampler.id, "sigmas", levels) for sampler in samplers) if proven else (),
    )


def _distilled_levels(query: GraphQuery, schedule: FlatNode) -> Iterator[GraphFinding]:
    levels = numbers_in(query.value(schedule, "sigmas")) if schedule.class_type == "ManualSigmas" else None
    if levels and levels[0] > FULL_NOISE and len(levels) - 1 < MIN_FULL_STEPS:
        yield query.wrong_value(findings.FULL_MODEL_FEW_STEPS, schedule, "sigmas", steps=len(levels) - 1)


def check_ancestral(query: GraphQuery) -> Iterator[GraphFinding]:
    """SAMPLE-2: eta must be in the tested range; distilled LTX-2.5 needs an ancestral sampler with eta 1."""
    by_node: dict[str, list[FlatNode]] = {}
    for sampler in query.of(*SAMPLERS):
        node = query.source(sampler, "sampler")
        if node is not None and "latent_image" in sampler.links:
            by_node.setdefault(node.id, []).append(sampler)
    for key, samplers in by_node.items():
        node = query.graph.nodes[key]
        eta = query.number(node, "eta") if node.class_type == ANCESTRAL else None
        begin = [one for one in samplers if not query.is_refined(one)]
        newer = [is_distilled_25(query, sampler) for sampler in begin]
        if newer and all(newer):
            name = str(query.value(node, "sampler_name")) if node.class_type == "KSamplerSelect" else ""
            if eta is not None and eta != 1:
                yield query.wrong_value(
                    findings.SAMPLER_NOT_ANCESTRAL, node, "eta", 1.0, sampler=f"eta {eta:g}"
                )
            elif name and "ancestral" not in name:
                new = NewNode(ANCESTRAL, {"eta": 1.0, "s_noise": 1.0})
                yield GraphFinding(
                    findings.SAMPLER_NOT_ANCESTRAL(where=node.place("sampler_name"), sampler=name),
                    tuple(Feed(sampler.id, "sampler", new) for sampler in begin),
                )
        elif eta is not None and eta > MAX_ETA and not any(newer):
            yield query.wrong_value(findings.ANCESTRAL_NOISE, node, "eta", 0.2, eta=eta, limit=MAX_ETA)


RULES = (
    check_modality,
    check_cfg,
    check_strengths,
    check_dual_guider,
    check_negative,
    check_schedule,
    check_ancestral,
)


@dataclass(frozen=True, slots=True)
class SamplerPrompt:
    """A positive prompt with the settings of the first sampler that uses it."""

    node: FlatNode
    """The node whose input `text` contains the prompt."""
    text: str
    cfg: float | None
    """CFG of the sampler; None if unknown."""
    image_strength: float | None
    """Strength at the first node that sets frames of the sampler's video to an image. None if there is no
    such node, or if the strength is unknown."""
    has_image: bool
    has_video: bool
    """True if frames of a loaded video reach the sampler."""
    audio: AudioState | None
    """What the first sampler does with the audio; None without audio."""


def find_prompts(query: GraphQuery) -> Iterator[SamplerPrompt]:
    """Yield each positive prompt once, if its text is in the graph."""
    seen: set[str] = set()
    guiders: set[str] = set()
    # The first stage, whose image and CFG count, depends on the fewest nodes.
    for sampler in sorted(query.of(*SAMPLERS), key=query.depth):
        for guider in (sampler, *query.above(sampler, *WITH_NEGATIVE)):
            if guider.id in guiders:
                continue
            guiders.add(guider.id)
            encoder = query.text_encoder(guider, "positive")
            if encoder is None or encoder.id in seen:
                continue
            seen.add(encoder.id)
            text = query.value(encoder, "text")
            if not isinstance(text, str):
                query.unjudged[f"prompt of {encoder.label}"] = None
                continue
            if not text.strip():
                continue
            holders = query.above(sampler, *IMAGE_HOLDERS)
            strengths = [query.number(node, "strength") for node in holders]
            audio = query.audio_origin(sampler, "latent_image").state if query.has_audio(sampler) else None
            yield SamplerPrompt(
                encoder,
                text,
                cfg_of(query, guider),
                strengths[0] if strengths else None,
                bool(holders),
                query.shows_video(sampler),
                audio,
            )
