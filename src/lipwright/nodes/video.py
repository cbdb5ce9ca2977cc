"""Nodes that measure the sync of decoded images, and write the images and the master to a video."""

# ruff: noqa: PLC0415 - ComfyUI loads every pack before its page opens, so heavy modules are imported when a
# node runs

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folder_paths
from comfy_api.latest import io

from lipwright.domain.media import FrameSize
from lipwright.domain.text import pluralize
from lipwright.nodes.audio import fps_input, rate_of
from lipwright.nodes.tensors import (
    NodeError,
    format_findings,
    image_of,
    images_of,
    readable_errors,
    waveform_of,
)

if TYPE_CHECKING:
    from lipwright.domain.sync_verdict import SyncReport
    from lipwright.media.video_writer import AudioDelivery

CATEGORY = "lipwright/video"


class CheckSync(io.ComfyNode):
    """The node LipwrightCheckSync: measures offset and confidence, and draws a report image."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the inputs and outputs of the node."""
        return io.Schema(
            node_id="LipwrightCheckSync",
            display_name="Check sync (lipwright)",
            category=CATEGORY,
            description="Measures in the decoded images whether the lips are in sync with the audio. A "
            "positive offset means that the audio comes after the lips; -40 to +60 ms is in sync (EBU R37).",
            inputs=[
                io.Image.Input("images", tooltip="All decoded images of the video."),
                io.Audio.Input(
                    "audio",
                    tooltip='The audio of the video: the output `master` of the node "Prepare audio".',
                ),
                fps_input(),
                io.Boolean.Input(
                    "stop_if_out", default=False, tooltip="Stop the graph unless the video is in sync."
                ),
            ],
            outputs=[
                io.Float.Output(display_name="offset_ms"),
                io.Float.Output(display_name="confidence"),
                io.String.Output(display_name="verdict"),
                io.Image.Output(display_name="image"),
                io.String.Output(display_name="report"),
            ],
        )

    @classmethod
    @readable_errors
    def execute(cls, images: Any, audio: dict[str, Any], fps: float, stop_if_out: bool) -> io.NodeOutput:  # noqa: ANN401
        """Return offset in ms (0 if inconclusive), confidence, verdict, report image and report text."""
        from lipwright.nodes.sync_image import draw_sync
        from lipwright.pipeline.sync_check import standard_checker

        with tempfile.TemporaryDirectory(prefix="lipwright-") as folder:
            video_path, audio_path = Path(folder) / "video.mp4", Path(folder) / "audio.wav"
            _write(video_path, audio_path, images, audio, frame_rate=rate_of(fps), codec="alac")
            found: SyncReport = standard_checker()(video_path, audio=audio_path)
        text = f"{found.verdict}: {found.offset_text()}, confidence {found.confidence:.2f}"
        causes = format_findings(found.causes)
        if stop_if_out and found.verdict != "in-sync":
            judged = found.verdict not in ("no-face", "inconclusive")
            what = "is not in sync" if judged else "cannot be checked for sync"
            raise NodeError(f"the video {what}. {text}. {causes}".strip())
        report = f"{text}\n{causes}".strip()
        return io.NodeOutput(
            float(found.offset_ms or 0.0),
            float(found.confidence),
            found.verdict,
            image_of(draw_sync(found), images),
            report,
            ui={"text": [report]},
        )


class Deliver(io.ComfyNode):
    """The node LipwrightDeliver: writes a video file of the images, with the master as its audio."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the inputs and outputs of the node."""
        return io.Schema(
            node_id="LipwrightDeliver",
            display_name="Deliver (lipwright)",
            category=CATEGORY,
            description="Writes an MP4 of the images, with an exact frame rate and the master as its audio, "
            "and checks the file. The audio is cut or padded to the length of the video. Link the recording, "
            "not the audio that the model decoded.",
            inputs=[
                io.Image.Input("images", tooltip="All decoded images of the video."),
                io.Audio.Input(
                    "master",
                    tooltip="The recording itself, from LoadAudio, or the output `master` of the node "
                    '"Prepare audio".',
                ),
                fps_input(),
                io.String.Input(
                    "filename_prefix",
                    default="lipwright/video",
                    tooltip="Path and name of the file in the output folder.",
                ),
                io.Combo.Input(
                    "audio_codec",
                    options=["aac", "alac"],
                    default="aac",
                    tooltip="AAC at 256 kbit/s plays everywhere; ALAC is lossless at 24 bits.",
                ),
            ],
            outputs=[io.String.Output(display_name="file"), io.String.Output(display_name="report")],
            is_output_node=True,
        )

    @classmethod
    @readable_errors
    def execute(
        cls,
        images: Any,  # noqa: ANN401 - a tensor
        master: dict[str, Any],
        fps: float,
        filename_prefix: str,
        audio_codec: str,
    ) -> io.NodeOutput:
        """Return the path of the video file, and a text that says how its audio was written."""
        height, width = images.shape[1], images.shape[2]
        folder, name, counter, subfolder, _ = folder_paths.get_save_image_path(
            filename_prefix, folder_paths.get_output_directory(), width, height
        )
        file = f"{name}_{counter:05}_.mp4"
        with tempfile.TemporaryDirectory(prefix="lipwright-") as place:
            audio_path = Path(place) / "master.wav"
            made = _write(
                Path(folder) / file, audio_path, images, master, frame_rate=rate_of(fps), codec=audio_codec
            )
        how = "bit-identical to the master" if made.bit_exact else "encoded"
        text = (
            f"{file}: {pluralize(len(images), 'frame')}, audio {made.codec}, "
            f"delayed by {made.offset_samples} samples, {how}"
        )
        saved = {"filename": file, "subfolder": subfolder, "type": "output"}
        return io.NodeOutput(
            str(Path(folder) / file), text, ui={"images": [saved], "animated": (True,), "text": [text]}
        )


def _write(
    video_path: Path,
    audio_path: Path,
    images: Any,  # noqa: ANN401 - a tensor
    audio: dict[str, Any],
    *,
    frame_rate: Fraction,
    codec: str,
) -> AudioDelivery:
    """Write the audio as a WAV file with 24 bits, and a video with this audio.

    Raises:
        NodeError: there are no images, their width or height is an odd number, or the audio has more than two
            channels.
    """
    from lipwright.media.audio_writer import write_wav
    from lipwright.media.video_writer import write_video

    count, height, width = images.shape[0], images.shape[1], images.shape[2]
    if not count or height % 2 or width % 2:
        raise NodeError(
            "a video needs at least one image, of even width and height; "
            f"got {count} images of {width}x{height}. "
            "What to do: link the decoded video, and scale it to multiples of 32."
        )
    waveform = waveform_of(audio)
    if len(waveform.samples) > 2:
        raise NodeError(
            f"the audio must have one or two channels, but has {len(waveform.samples)}. "
            "What to do: mix the audio down to stereo."
        )
    write_wav(audio_path, waveform, bits=24)
    return write_video(
        video_path,
        images_of(images),
        frame_rate=frame_rate,
        size=FrameSize(width, height),
        audio=audio_path,
        frame_count=count,
        audio_codec="alac" if codec == "alac" else "aac",
    )
