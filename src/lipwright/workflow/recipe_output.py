"""Building blocks of recipes, for the steps from a sampled latent to the output file."""

from __future__ import annotations

from lipwright.workflow import recipe_parts as parts
from lipwright.workflow.builder import Builder, Handle, Output
from lipwright.workflow.findings import VIDEO_COMBINE_MISSING
from lipwright.workflow.graph import Group, Link

VIDEO_COMBINE = "VHS_VideoCombine"
FRAMES_CRF = 4
"""H.264 CRF for frames that another program will encode again. The encoding by that program loses more
quality than the encoding with this CRF."""
VIDEO_CRF = 16
AUDIO_NOTE = (
    "The original audio is written directly into the video. The audio that the model decodes is a worse "
    "copy: never deliver it."
)


def separate_video(builder: Builder, av_latent: Output, group: Group, title: str) -> Link:
    """Return the video part of a sampled latent of video and audio.

    The audio part is not used, because the original recording is delivered.
    """
    return builder.add("LTXVSeparateAVLatent", group, title, av_latent=av_latent).out("video_latent")


def decode_video(
    builder: Builder,
    vae: Link,
    latent: Output,
    *,
    temporal_size: int = 4096,
    temporal_overlap: int = 4,
    title: str = "Decode the video",
    note: str = "",
    group: Group = "decode",
) -> Handle:
    """Decode the frames of a video latent; by default, the whole duration in one piece."""
    return builder.add(
        "VAEDecodeTiled",
        group,
        title,
        note=note,
        samples=latent,
        vae=vae,
        tile_size=768,
        overlap=64,
        temporal_size=temporal_size,
        temporal_overlap=temporal_overlap,
    )


def add_export(builder: Builder, frames: Handle, *, core: bool) -> Handle:
    """Add the node that writes the result: a video with the original audio, or only the frames.

    Args:
        builder: The graph so far.
        frames: The node with the decoded frames.
        core: True to prefer ComfyUI's own nodes for writing a video.
    """
    inputs = builder.inputs
    video = inputs.export == "video"
    audio, note = {}, "The audio is added later, so no audio is linked here."
    if video:
        audio = {"audio": parts.load_audio(builder, inputs.master, "Original audio: delivered")}
        note = AUDIO_NOTE
    prefers_core = core and video
    if builder.has(VIDEO_COMBINE) and not prefers_core:
        frame_rate = float(inputs.frame_rate)
        return builder.add(
            VIDEO_COMBINE,
            "export",
            "The video" if video else "The frames",
            note=note,
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
    if not prefers_core:
        builder.add_finding(VIDEO_COMBINE_MISSING())
    made = builder.add(
        "CreateVideo",
        "export",
        "Video and original audio" if video else "The frames as a video",
        note=note,
        images=frames,
        fps=float(inputs.frame_rate),
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
