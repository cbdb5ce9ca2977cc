"""Recipe `extension`: a long recording in one graph, clip after clip, one video at the end.

Every clip hears its own piece of the driver, frozen. Its first frames are the last ones of the previous clip,
and the image guides its last frame. The new latents of all clips are joined, and decoded once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from lipwright.domain.grid import FRAMES_PER_LATENT, MAX_CLIP_FRAMES, latent_frames
from lipwright.domain.plan import Chunk
from lipwright.errors import PlanError
from lipwright.workflow import audio_vae
from lipwright.workflow import recipe_clips as clips
from lipwright.workflow import recipe_output as output
from lipwright.workflow import recipe_parts as parts
from lipwright.workflow import recipe_sampling as sampling
from lipwright.workflow.builder import Builder, Handle
from lipwright.workflow.graph import Graph, Group, Link, clip_group
from lipwright.workflow.inputs import WorkflowInputs

MAX_CLIPS = 200
"""Maximum number of clips: half an hour, which is more than lipwright can read back or a server can hold."""

SURPLUS_FRAMES = FRAMES_PER_LATENT
"""Sampled after the end of the video and cut off again: the end of a clip decays."""

DECODE_FRAMES, DECODE_OVERLAP_FRAMES = 256, 64
"""The whole video is decoded in stretches of about one clip; they are blended over two and a half seconds."""


@dataclass(frozen=True, slots=True)
class _Shared:
    """Nodes shared by all clips."""

    models: parts.Models
    model: Link
    texts: clips.Texts
    image: Handle | None
    audio: Handle
    mask: Handle
    parameters: Handle | None
    sampler: Handle
    sigmas: Handle


def build_extension(inputs: WorkflowInputs, builder: Builder) -> Graph:
    """Build as many clips as there are chunks.

    Raises:
        PlanError: a size that the nodes do not take, too many clips, or a temporal mask.
    """
    parts.check_plan(inputs, multiple=32)
    if inputs.mask is not None:
        raise PlanError(
            "recipe extension has no temporal mask", hint="leave --start and --end out, or use recipe guide"
        )
    chunks = inputs.chunks or (Chunk(0, inputs.frames, 1),)
    if len(chunks) > MAX_CLIPS:
        raise PlanError(
            f"{len(chunks)} clips in one graph; at most {MAX_CLIPS} are made",
            hint="use lipwright render --engine comfyui, which sends a job for each",
        )
    shared = _add_shared(builder, inputs, chunks)
    sampled = with_surplus(chunks)
    video = clip = _add_clip(builder, inputs, shared, number=1, chunk=sampled[0])
    for number, (before, chunk) in enumerate(pairwise(sampled), 2):
        clip = _add_clip(builder, inputs, shared, number=number, chunk=chunk, before=(before, clip))
        video = _join(builder, video, clip, chunk=chunks[number - 1], group=clip_group(number))
    if len(chunks) == 1:
        video = _cut(
            builder, video, range(latent_frames(chunks[0].frames)), "Without the surplus", clip_group(1)
        )
    many = len(chunks) > 1
    frames = output.decode_video(
        builder,
        shared.models.vae,
        video,
        temporal_size=DECODE_FRAMES if many else 4096,
        temporal_overlap=DECODE_OVERLAP_FRAMES if many else 4,
        note="All clips at once, so that no seam is decoded by itself; in stretches, so that memory does."
        if many
        else "",
    )
    written = output.add_export(builder, inputs, frames, core=True)
    return builder.graph(written, inputs.filename_prefix)


def with_surplus(chunks: tuple[Chunk, ...]) -> tuple[Chunk, ...]:
    """Return the chunks with the last one extended by SURPLUS_FRAMES, if a clip may be that long."""
    longer = chunks[-1].frames + SURPLUS_FRAMES
    return (*chunks[:-1], replace(chunks[-1], frames=longer)) if longer <= MAX_CLIP_FRAMES else chunks


def _add_shared(builder: Builder, inputs: WorkflowInputs, chunks: tuple[Chunk, ...]) -> _Shared:
    settings = inputs.settings
    full = settings.preset == "official-full"
    models = parts.load_models(builder, inputs, inputs.models.full if full else inputs.models.distilled)
    neutral = sampling.is_neutral(inputs)
    audio = parts.load_driver(builder, inputs)
    if not inputs.driver_is_padded:
        last = max(Fraction(chunk.frames) / inputs.frame_rate for chunk in chunks)
        audio = parts.add_silence(builder, audio, float(round(last + audio_vae.PIECE_MARGIN_S + 1)))
    return _Shared(
        models,
        sampling.add_norming(builder, inputs, models.model, guided=settings.cfg != 1 or not neutral),
        parts.encode_prompts(builder, inputs, models),
        parts.prepare_image(builder, inputs),
        audio,
        parts.freezing_mask(builder, inputs),
        None if neutral else sampling.guidance_parameters(builder, inputs),
        sampling.add_sampler(builder, settings.eta),
        sampling.add_schedule(builder, inputs),
    )


def _add_clip(
    builder: Builder,
    inputs: WorkflowInputs,
    shared: _Shared,
    *,
    number: int,
    chunk: Chunk,
    before: tuple[Chunk, Link] | None = None,
) -> Link:
    """Sample one clip, and return its video."""
    group = clip_group(number)
    models, frame_rate = shared.models, inputs.frame_rate
    builder.name_clip(group, f"Clip {number}: {float(chunk.start_frame / frame_rate):.2f} s")
    audio = clips.encode_piece(
        builder, inputs, shared.audio, vae=models.audio_vae, mask=shared.mask, chunk=chunk, group=group
    )
    video = builder.add(
        "EmptyLTXVLatentVideo",
        group,
        f"{chunk.frames} frames",
        width=inputs.size.width,
        height=inputs.size.height,
        length=chunk.frames,
        batch_size=1,
    ).out(0)
    if before is not None:
        frames = clips.last_frames(
            builder, models.vae, before[1], before=before[0], count=chunk.overlap_frames, group=group
        )
        video = clips.hold_start(builder, models.vae, frames, video, group=group)
    elif shared.image is not None:
        video = clips.hold_first_frame(
            builder, models.vae, shared.image, video, strength=inputs.settings.image_strength, group=group
        )
    texts, video = clips.guide_end(
        builder, inputs, models.vae, shared.image, texts=shared.texts, latent=video, group=group
    )
    sampled = builder.add(
        "SamplerCustomAdvanced",
        group,
        f"Sample clip {number}",
        noise=sampling.add_noise(builder, inputs.settings.seed + number - 1, "Seed", group),
        guider=sampling.add_guider(builder, inputs, shared.model, texts, shared.parameters, group=group),
        sampler=shared.sampler,
        sigmas=shared.sigmas,
        latent_image=builder.add(
            "LTXVConcatAVLatent", group, "Join video and audio", video_latent=video, audio_latent=audio
        ),
    )
    video = output.separate_video(builder, sampled.out("denoised_output"), group, "Video alone")
    return clips.drop_guide(builder, inputs, shared.image, texts=texts, latent=video, group=group)


def _join(builder: Builder, video: Link, clip: Link, *, chunk: Chunk, group: Group) -> Link:
    """Append the new frames of a clip to the clips before it."""
    added = range(latent_frames(chunk.overlap_frames), latent_frames(chunk.frames))
    new = _cut(builder, clip, added, "What this clip adds", group)
    return builder.add("LatentConcat", group, "The video so far", samples1=video, samples2=new, dim="t").out(
        0
    )


def _cut(builder: Builder, video: Link, frames: range, title: str, group: Group) -> Link:
    """Return these latent frames of a video."""
    return builder.add(
        "LatentCut", group, title, samples=video, dim="t", index=frames.start, amount=len(frames)
    ).out(0)
