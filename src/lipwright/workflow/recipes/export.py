"""The last node: a film with the original sound, or frames for a program."""

from __future__ import annotations

from lipwright.domain.finding import Finding
from lipwright.workflow.builder import Builder, Handle
from lipwright.workflow.inputs import WorkflowInputs
from lipwright.workflow.recipes.parts import number

VIDEO_COMBINE = "VHS_VideoCombine"
FRAMES_CRF = 4
"""H.264 at CRF 4: what a later encode to yuv420p loses is more than this loses."""
FILM_CRF = 16
SOUND_NOTE = (
    "The original sound goes straight into the film. The sound that the model decodes is a worse copy: "
    "never deliver it."
)


def add_export(builder: Builder, inputs: WorkflowInputs, frames: Handle, *, core: bool) -> Handle:
    """Write the result.

    Args:
        builder: The graph so far.
        inputs: What it is made from.
        frames: The decoded film.
        core: Prefer ComfyUI's own nodes for a film.
    """
    has_combine = VIDEO_COMBINE in builder.schemas and inputs.has(VIDEO_COMBINE, otherwise=True)
    if has_combine and not (core and inputs.export == "film"):
        return _combine(builder, inputs, frames)
    if inputs.export == "frames" or not core:
        builder.find(
            Finding(
                "video-combine-missing",
                "hint",
                "the server has no VHS_VideoCombine: SaveVideo writes the file, at its own quality",
                "install ComfyUI-VideoHelperSuite for a file that is close to lossless",
            )
        )
    return _save_video(builder, inputs, frames)


def _original_sound(builder: Builder, inputs: WorkflowInputs) -> Handle:
    return builder.add("LoadAudio", "inputs", "Original sound: delivered", audio=inputs.master)


def _combine(builder: Builder, inputs: WorkflowInputs, frames: Handle) -> Handle:
    rate = number(inputs.rate)
    film = inputs.export == "film"
    sound = {"audio": _original_sound(builder, inputs)} if film else {}
    return builder.add(
        VIDEO_COMBINE,
        "export",
        "The film" if film else "The frames",
        note=SOUND_NOTE if film else "The sound is added later, so no sound is linked here.",
        images=frames,
        frame_rate=int(rate) if rate.is_integer() else rate,
        loop_count=0,
        filename_prefix=inputs.filename_prefix,
        format="video/h264-mp4",
        pix_fmt="yuv420p",
        crf=FILM_CRF if film else FRAMES_CRF,
        save_metadata=film,
        trim_to_audio=False,
        pingpong=False,
        save_output=True,
        **sound,
    )


def _save_video(builder: Builder, inputs: WorkflowInputs, frames: Handle) -> Handle:
    sound = {"audio": _original_sound(builder, inputs)} if inputs.export == "film" else {}
    made = builder.add(
        "CreateVideo",
        "export",
        "Film and original sound" if sound else "The frames as a film",
        note=SOUND_NOTE if sound else "The sound is added later, so no sound is linked here.",
        images=frames,
        fps=number(inputs.rate),
        **sound,
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
