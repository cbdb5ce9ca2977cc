"""Copy encoded frames from an existing video, so that unchanged shots stay bit-identical."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from av.bitstream import BitStreamFilterContext
from av.packet import Packet
from av.video.stream import VideoStream

from lipwright.domain.time import round_half_up
from lipwright.errors import InputError
from lipwright.media.file_errors import reading
from lipwright.media.input_containers import open_container, video_streams

_AGAIN = "make the whole video again"


@dataclass(frozen=True, slots=True)
class KeptFrames:
    """Frames to copy from an existing H.264 video without B-frames, whose shots begin with keyframes."""

    path: Path
    spans: tuple[tuple[int, int], ...]
    """Ranges [start, end) of frame numbers to copy, in order; each range consists of whole shots."""

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and any(start <= number < end for start, end in self.spans)

    def packets(self, frame_rate: Fraction) -> Generator[tuple[int, Packet[VideoStream]]]:
        """Yield the frame number and the packet of each frame to copy, in order.

        Packets are in the form of an elementary stream (H.264 Annex B).

        Raises:
            InputError: the video cannot be read; or its shots cannot be separated, because the first frame of
                a shot is not a keyframe, or because frames are out of order.
        """
        with reading(self.path), open_container(self.path) as container:
            stream = video_streams(container)[0]
            annex_b = BitStreamFilterContext("h264_mp4toannexb", stream)
            last = -1
            for packet in container.demux(stream):
                if packet.pts is None or packet.time_base is None:  # the flushing packet
                    continue
                number = round_half_up(packet.pts * packet.time_base * frame_rate)
                if number not in self:
                    continue
                starts_shot = any(number == start for start, _ in self.spans)
                if number <= last or (starts_shot and not packet.is_keyframe):
                    raise InputError(
                        f"{self.path}: unchanged shots cannot be copied, because the shots of this video "
                        "cannot be separated",
                        hint=_AGAIN,
                    )
                last = number
                for part in annex_b.filter(packet):
                    yield number, part


def check_same_encoding(old: Path, new: Path) -> None:
    """Check that the frames of two videos are decoded with the same parameters.

    Raises:
        InputError: `old` was encoded with other parameters than `new`.
    """
    if _parameters(old) != _parameters(new):
        raise InputError(
            f"{old}: unchanged shots cannot be copied, because this video was encoded with other parameters "
            "than the new video",
            hint=_AGAIN,
        )


def _parameters(path: Path) -> bytes | None:
    with reading(path), open_container(path) as container:
        return video_streams(container)[0].codec_context.extradata
