"""The last node: a video with the original audio, or frames for a program."""

from __future__ import annotations

from lipwright.domain.finding import Finding
from lipwright.workflow.builder import Builder, Handle
from lipwright.workflow.inputs import WorkflowInputs
from lipwright.workflow.recipes.parts import number

VIDEO_COMBINE = "VHS_VideoCombine"
FRAMES_CRF = 4
"""H.264 at CRF 4: what a later encode to yuv420p loses is more than this loses."""
VIDEO_CRF = 16
AUDIO_NOTE = (
    "The original audio goes straight into the video. The audio that the model decodes is a worse copy: "
    "never deliver it."
)


def add_export(builder: Builder, inputs: WorkflowInputs, frames: Handle, *, core: bool) -> Handle:
    """Write the result.

    Args:
        builder: The graph so far.
        inputs: What it is made from.
        frames: The decoded video.
        core: Prefer ComfyUI's own nodes for a video.
    """
    has_combine = VIDEO_COMBINE in builder.schemas and inputs.has(VIDEO_COMBINE, otherwise=True)
    if has_combine and not (core and inputs.export == "video"):
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


def _original_audio(builder: Builder, inputs: WorkflowInputs) -> Handle:
    return builder.add("LoadAudio", "inputs", "Original audio: delivered", audio=inputs.master)


def _combine(builder: Builder, inputs: WorkflowInputs, frames: Handle) -> Handle:
    frame_rate = number(inputs.frame_rate)
    video = inputs.export == "video"
    audio = {"audio": _original_audio(builder, inputs)} if video else {}
    return builder.add(
        VIDEO_COMBINE,
        "export",
        "The video" if video else "The frames",
        note=AUDIO_NOTE if video else "The audio is added later, so no audio is linked here.",
        images=frames,
        frame_rate=int(frame_rate) if frame_rate.is_integer() else frame_rate,
        loop_count=0,
        filename_prefix=inputs.filename_prefix,
        format="video/h264-mp4",
        pix_fmt="yuv420p",
        crf=VIDEO_CRF if video else FRAMES_CRF,
        save_metadata=video,
        trim_to_audio=False,
        pingpong=False,
        save_output=True,
        **audio,
    )


def _save_video(builder: Builder, inputs: WorkflowInputs, frames: Handle) -> Handle:
    audio = {"audio": _original_audio(builder, inputs)} if inputs.export == "video" else {}
    made = builder.add(
        "CreateVideo",
        "export",
        "Video and original audio" if audio else "The frames as a video",
        note=AUDIO_NOTE if audio else "The audio is added later, so no audio is linked here.",
        images=frames,
        fps=number(inputs.frame_rate),
        **audio,
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
