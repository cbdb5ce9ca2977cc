"""Check sync, and deliver: the finished pictures, measured and written with the master."""

# ruff: noqa: PLC0415 - ComfyUI loads every pack before its page opens; what is heavy waits until a node runs

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folder_paths
from comfy_api.latest import io

from lipwright.domain.media import FrameSize
from lipwright.domain.words import counted
from lipwright.nodes.sound import FPS_TOOLTIP, rate_of
from lipwright.nodes.tensors import NodeError, image_of, in_words, listed, pictures_of, waveform_of

if TYPE_CHECKING:
    from lipwright.domain.sync import SyncReport
    from lipwright.media.film import SoundDelivery

CATEGORY = "lipwright/film"


class CheckSync(io.ComfyNode):
    """LipwrightCheckSync: numbers, and the report picture."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """As ComfyUI shows it."""
        return io.Schema(
            node_id="LipwrightCheckSync",
            display_name="Check sync (lipwright)",
            category=CATEGORY,
            description="Measures on the finished pictures whether the lips fit the sound. A positive "
            "offset is "
            "sound after the lips; -40 to +60 ms is in sync (EBU R37).",
            inputs=[
                io.Image.Input("images", tooltip="The decoded film, whole."),
                io.Audio.Input("audio", tooltip="The sound that the film delivers: the master."),
                io.Float.Input("fps", default=25.0, min=1.0, max=240.0, step=0.001, tooltip=FPS_TOOLTIP),
                io.Boolean.Input(
                    "stop_if_out", default=False, tooltip="Stop the graph unless the film is in sync."
                ),
            ],
            outputs=[
                io.Float.Output(display_name="offset_ms"),
                io.Float.Output(display_name="confidence"),
                io.String.Output(display_name="verdict"),
                io.Image.Output(display_name="picture"),
                io.String.Output(display_name="report"),
            ],
        )

    @classmethod
    @in_words
    def execute(cls, images: Any, audio: dict[str, Any], fps: float, stop_if_out: bool) -> io.NodeOutput:  # noqa: ANN401
        """Offset (0 where inconclusive), confidence, verdict, picture, report."""
        from lipwright.nodes.pictures import draw_sync
        from lipwright.pipeline.verdict import standard_checker

        with tempfile.TemporaryDirectory(prefix="lipwright-") as folder:
            film, sound = Path(folder) / "film.mp4", Path(folder) / "sound.wav"
            _write(film, sound, images, audio, rate=rate_of(fps), codec="alac")
            found: SyncReport = standard_checker()(film, audio=sound)
        offset = "not measurable" if found.offset_ms is None else f"{found.offset_ms:+.0f} ms"
        text = f"{found.verdict}: sound against lips {offset}, confidence {found.confidence:.2f}"
        causes = listed(tuple(cause.finding for cause in found.causes))
        if stop_if_out and found.verdict != "in-sync":
            raise NodeError(f"the film is not in sync. {text}. {causes}".strip())
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
    """LipwrightDeliver: pictures and master become a file."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """As ComfyUI shows it."""
        return io.Schema(
            node_id="LipwrightDeliver",
            display_name="Deliver (lipwright)",
            category=CATEGORY,
            description="Writes an MP4 of exact frame rate with the master as its sound, exactly as long "
            "as the "
            "picture, and measures on the file that it is. Give the recording, never the sound that the "
            "model "
            "decoded.",
            inputs=[
                io.Image.Input("images", tooltip="The decoded film, whole."),
                io.Audio.Input(
                    "master", tooltip="The recording itself: LoadAudio, or Prepare audio's master."
                ),
                io.Float.Input("fps", default=25.0, min=1.0, max=240.0, step=0.001, tooltip=FPS_TOOLTIP),
                io.String.Input(
                    "filename_prefix", default="lipwright/film", tooltip="Below the output folder."
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
    @in_words
    def execute(
        cls,
        images: Any,  # noqa: ANN401 - a tensor
        master: dict[str, Any],
        fps: float,
        filename_prefix: str,
        audio_codec: str,
    ) -> io.NodeOutput:
        """The path of the file, and what became of the sound."""
        height, width = images.shape[1], images.shape[2]
        folder, name, counter, subfolder, _ = folder_paths.get_save_image_path(
            filename_prefix, folder_paths.get_output_directory(), width, height
        )
        file = f"{name}_{counter:05}_.mp4"
        with tempfile.TemporaryDirectory(prefix="lipwright-") as place:
            sound = Path(place) / "master.wav"
            made = _write(Path(folder) / file, sound, images, master, rate=rate_of(fps), codec=audio_codec)
        how = "bit for bit the master" if made.bit_exact else "encoded"
        text = (
            f"{file}: {counted(len(images), 'frame')}, sound {made.codec}, "
            f"late by {made.offset_samples} samples, {how}"
        )
        saved = {"filename": file, "subfolder": subfolder, "type": "output"}
        return io.NodeOutput(
            str(Path(folder) / file), text, ui={"images": [saved], "animated": (True,), "text": [text]}
        )


def _write(
    film: Path,
    sound: Path,
    images: Any,  # noqa: ANN401 - a tensor
    audio: dict[str, Any],
    *,
    rate: Fraction,
    codec: str,
) -> SoundDelivery:
    """Write the sound at 24 bits, and the film with it.

    Raises:
        NodeError: pictures of an odd size, none at all, or a sound of more than two channels.
    """
    from lipwright.media.film import write_film
    from lipwright.media.wav import write_wav

    count, height, width = images.shape[0], images.shape[1], images.shape[2]
    if not count or height % 2 or width % 2:
        raise NodeError(
            f"{count} pictures of {width}x{height}: at least one of an even size is expected. "
            "What to do: scale them to a multiple of 32."
        )
    waveform = waveform_of(audio)
    if len(waveform.samples) > 2:
        raise NodeError(
            f"the sound has {len(waveform.samples)} channels, one or two are expected. "
            "What to do: mix it to stereo first."
        )
    write_wav(sound, waveform, bits=24)
    return write_film(
        film,
        pictures_of(images),
        rate=rate,
        size=FrameSize(width, height),
        sound=sound,
        frame_count=count,
        audio_codec="alac" if codec == "alac" else "aac",
    )
