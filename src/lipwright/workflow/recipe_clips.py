"""Building blocks of recipes, for clips: their start, their continuation, and their guidance by the image.

A clip of a long video begins with the last frames of the previous clip, so that movement continues. The
reference image guides the clip's last frame, so that the person stays the same over many clips.
"""

from __future__ import annotations

from fractions import Fraction

from lipwright.domain.grid import audio_latents, latent_frames
from lipwright.domain.plan import Chunk
from lipwright.workflow import audio_vae, recipe_parts
from lipwright.workflow import recipe_output as output
from lipwright.workflow.builder import Builder, Handle, Output
from lipwright.workflow.graph import Group, Link
from lipwright.workflow.recipe_parts import Texts

DECODER_CONTEXT = 3
"""Number of earlier latent frames that the decoder needs to decode a frame exactly as in the whole video."""


def begin_clip(
    builder: Builder, vae: Link, image: Handle | None, latent: Output, *, strength: float, group: Group
) -> Output:
    """Set the first frames of a clip's latent, and return the latent.

    The first clip starts with the image, if there is one. Any other clip starts with the last frames of the
    previous clip.
    """
    if builder.inputs.start_frames is not None:
        frames = builder.add(
            "LoadImage", "inputs", "End of the previous clip", image=builder.inputs.start_frames
        )
        return hold_start(builder, vae, frames.out("IMAGE"), latent, group=group)
    if image is None:
        return latent
    return builder.add(
        "LTXVImgToVideoInplace",
        group,
        "First frame = image",
        note="1.0 keeps the first frame exactly. If the video does not move, use 0.4 to 0.7, and write in "
        "the prompt that the person talks.",
        vae=vae,
        image=image,
        latent=latent,
        strength=strength,
        bypass=False,
    )


def hold_start(builder: Builder, vae: Link, frames: Output, latent: Output, *, group: Group) -> Handle:
    """Set the first frames of a latent to the last frames of the previous clip; return the latent."""
    return builder.add(
        "LTXVImgToVideoInplace",
        group,
        "Start with the end of the previous clip",
        note="These frames are kept, not sampled, so that the movement continues across the seam.",
        vae=vae,
        image=frames,
        latent=latent,
        strength=1.0,
        bypass=False,
    )


def guide_end(
    builder: Builder, vae: Link, image: Handle | None, *, texts: Texts, latent: Output, group: Group
) -> tuple[Texts, Output]:
    """Let the image guide the last frame of a clip; return the changed `texts` and `latent`.

    Nothing is changed if there is no image, or if the recipe's input `guide_strength` is 0.
    """
    strength = builder.inputs.guide_strength
    if image is None or strength == 0:
        return texts, latent
    guided = builder.add(
        "LTXVAddGuide",
        group,
        "The image guides the last frame",
        note="At the end of each clip (in a pause of the speech, if possible), the face and colors return to "
        "those of the image. 0.5 is the value in the published graph by purzbeats; use less if the return to "
        "the pose of the image is too visible.",
        positive=texts[0],
        negative=texts[1],
        vae=vae,
        latent=latent,
        image=image,
        frame_idx=-1,
        strength=strength,
    )
    return (guided.out("positive"), guided.out("negative")), guided.out("latent")


def drop_guide(builder: Builder, image: Handle | None, *, texts: Texts, latent: Link, group: Group) -> Link:
    """Remove the guiding frame from a sampled latent; return the latent."""
    if image is None or builder.inputs.guide_strength == 0:
        return latent
    cropped = builder.add(
        "LTXVCropGuides", group, "Without the guide", positive=texts[0], negative=texts[1], latent=latent
    )
    return cropped.out("latent")


def last_frames(
    builder: Builder, vae: Link, latent: Link, *, before: Chunk, count: int, group: Group
) -> Handle:
    """Decode the last frames of a clip; return them as images."""
    needed = min(latent_frames(before.frames), latent_frames(count) + DECODER_CONTEXT)
    tail = recipe_parts.cut_latent(builder, latent, group, "End of the previous clip", range(-needed, 0))
    decoded = output.decode_video(builder, vae, tail, group=group, title="Decode the end")
    return builder.add(
        "ImageFromBatch",
        group,
        f"Last {count} frames",
        image=decoded,
        batch_index=-count,
        length=count,
    )


def encode_piece(
    builder: Builder, audio: Handle, *, vae: Handle, mask: Handle, chunk: Chunk, group: Group
) -> Handle:
    """Encode and freeze the part of the audio that drives one clip."""
    inputs = builder.inputs
    start = float(chunk.start_frame / inputs.frame_rate)
    piece = builder.add(
        "TrimAudioDuration",
        group,
        f"Audio from {start:g} s",
        note="The length is a multiple of 4,096 samples: with other lengths, the encoder crops the start, "
        "and the lips are early.",
        audio=audio,
        start_index=start,
        duration=audio_vae.piece_seconds(
            Fraction(chunk.frames) / inputs.frame_rate,
            prepared=inputs.driver_is_padded,
            in_hundredths=inputs.for_page,
        ),
    )
    encoded = builder.add("LTXVAudioVAEEncode", group, "Encode this part", audio=piece, audio_vae=vae)
    latents = range(audio_latents(chunk.frames, inputs.frame_rate))
    cut = recipe_parts.cut_latent(builder, encoded, group, "Cut to the clip's length", latents, dim="y")
    return recipe_parts.freeze_latent(builder, mask, cut, group)
