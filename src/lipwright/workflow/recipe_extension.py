"""Recipe `extension`: a long recording in one graph, which samples clip after clip and joins them.

The part of the audio that drives a clip is encoded and frozen. A clip begins with the last frames of the
previous clip, and the image guides its last frame. The new latents of all clips are joined, and decoded
together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from lipwright.domain.grid import FRAMES_PER_LATENT, MAX_CLIP_FRAMES, latent_frames
from lipwright.domain.plan import Chunk
from lipwright.errors import PlanError
from lipwright.workflow import audio_vae
from lipwright.workflow import recipe_clips as clips
from lipwright.workflow import recipe_output as output
from lipwright.workflow import recipe_parts as parts
from lipwright.workflow import recipe_sampling as sampling
from lipwright.workflow.builder import Builder, Handle, Output
from lipwright.workflow.graph import Graph, Group, Link, clip_group

MAX_CLIPS = 200
"""Maximum number of clips: half an hour of video, more than a server's memory can hold."""

SURPLUS_FRAMES = FRAMES_PER_LATENT
"""Number of frames sampled after the end of the video and removed, because a clip's last frames are poor."""

DECODE_FRAMES, DECODE_OVERLAP_FRAMES = 256, 64
"""Length and overlap, in frames, of the sections in which the whole video is decoded. The length is about
that of one clip; the overlap is about 2.5 s."""


@dataclass(frozen=True, slots=True)
class _Shared:
    """Nodes shared by all clips."""

    models: parts.Models
    model: Link
    texts: parts.Texts
    image: Handle | None
    audio: Handle
    mask: Handle
    parameters: Handle | None
    sampler: Handle
    sigmas: Handle


def build_extension(builder: Builder) -> Graph:
    """Build the graph of recipe `extension`, with one clip per chunk.

    Raises:
        PlanError: the size is invalid, there are too many clips, or there is a temporal mask.
    """
    inputs = builder.inputs
    parts.check_plan(inputs, multiple=32)
    if inputs.mask is not None:
        raise PlanError(
            "recipe extension cannot use a temporal mask",
            hint="leave --start and --end out, or use recipe guide",
        )
    chunks = inputs.chunks or (Chunk(0, inputs.frames, 1),)
    if len(chunks) > MAX_CLIPS:
        raise PlanError(
            f"the graph would have {len(chunks)} clips, but at most {MAX_CLIPS} are possible",
            hint="use lipwright render --engine comfyui, which sends one job per clip",
        )
    shared = _add_shared(builder, chunks)
    groups = [
        clip_group(number, float(chunk.start_frame / inputs.frame_rate))
        for number, chunk in enumerate(chunks, 1)
    ]
    sampled = with_surplus(chunks)
    clip = _add_clip(builder, shared, groups[0], sampled[0])
    video: Output = clip
    for number in range(1, len(chunks)):
        before = (sampled[number - 1], clip)
        clip = _add_clip(builder, shared, groups[number], sampled[number], before, number=number)
        chunk = chunks[number]
        added = range(latent_frames(chunk.overlap_frames), latent_frames(chunk.frames))
        new = parts.cut_latent(builder, clip, groups[number], "New frames of this clip", added)
        video = parts.join_latents(builder, video, new, groups[number], "The video so far")
    many = len(chunks) > 1
    if not many:
        kept = range(latent_frames(chunks[0].frames))
        video = parts.cut_latent(builder, video, groups[0], "Without the surplus", kept)
    frames = output.decode_video(
        builder,
        shared.models.vae,
        video,
        temporal_size=DECODE_FRAMES if many else 4096,
        temporal_overlap=DECODE_OVERLAP_FRAMES if many else 4,
        note="Decodes all clips as one video, so that seams do not show, and in sections, so that the "
        "work fits into memory."
        if many
        else "",
    )
    return builder.graph(output.add_export(builder, frames, core=True))


def with_surplus(chunks: tuple[Chunk, ...]) -> tuple[Chunk, ...]:
    """Return the chunks; the last chunk is extended by SURPLUS_FRAMES if MAX_CLIP_FRAMES allows that."""
    longer = chunks[-1].frames + SURPLUS_FRAMES
    return (*chunks[:-1], replace(chunks[-1], frames=longer)) if longer <= MAX_CLIP_FRAMES else chunks


def _add_shared(builder: Builder, chunks: tuple[Chunk, ...]) -> _Shared:
    inputs = builder.inputs
    models = parts.load_models(builder, inputs.checkpoint)
    audio = parts.load_driver(builder)
    if not inputs.driver_is_padded:
        last = max(Fraction(chunk.frames) / inputs.frame_rate for chunk in chunks)
        audio = parts.add_silence(builder, audio, float(round(last + audio_vae.PIECE_MARGIN_S + 1)))
    return _Shared(
        models,
        sampling.add_norming(builder, models.model),
        parts.encode_prompts(builder, models),
        parts.prepare_image(builder),
        audio,
        parts.freezing_mask(builder),
        None if sampling.is_neutral(builder) else sampling.guidance_parameters(builder),
        sampling.add_sampler(builder, inputs.settings.eta),
        sampling.add_schedule(builder),
    )


def _add_clip(
    builder: Builder,
    shared: _Shared,
    group: Group,
    chunk: Chunk,
    before: tuple[Chunk, Link] | None = None,
    *,
    number: int = 0,
) -> Link:
    """Add the nodes that sample one clip, and return its video latent.

    Args:
        builder: The graph so far.
        shared: Nodes shared by all clips.
        group: Group of the clip.
        chunk: The chunk that the clip samples.
        before: Chunk and video latent of the clip before; None for the first clip.
        number: Number of the clip, counted from 0; it is added to the seed.
    """
    models, image = shared.models, shared.image
    audio = clips.encode_piece(
        builder, shared.audio, vae=models.audio_vae, mask=shared.mask, chunk=chunk, group=group
    )
    video: Output = parts.empty_video(builder, chunk.frames, group)
    if before is not None:
        frames = clips.last_frames(
            builder, models.vae, before[1], before=before[0], count=chunk.overlap_frames, group=group
        )
        video = clips.hold_start(builder, models.vae, frames, video, group=group)
    else:
        strength = builder.inputs.settings.image_strength
        video = clips.begin_clip(builder, models.vae, image, video, strength=strength, group=group)
    texts, video = clips.guide_end(builder, models.vae, image, texts=shared.texts, latent=video, group=group)
    sampled = builder.add(
        "SamplerCustomAdvanced",
        group,
        f"Sample clip {number + 1}",
        noise=sampling.add_noise(builder, group=group, more=number),
        guider=sampling.add_guider(builder, shared.model, texts, shared.parameters, group=group),
        sampler=shared.sampler,
        sigmas=shared.sigmas,
        latent_image=builder.add(
            "LTXVConcatAVLatent", group, "Join video and audio", video_latent=video, audio_latent=audio
        ),
    )
    sampled_video = output.separate_video(builder, sampled.out("denoised_output"), group, "Video alone")
    return clips.drop_guide(builder, image, texts=texts, latent=sampled_video, group=group)
