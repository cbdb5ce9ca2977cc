"""Images and audio into one MP4, each where its instant says.

The caller's thread draws frames while a second one converts and encodes those
before; PyAV lets go of the interpreter in both, so two cores are kept busy.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from fractions import Fraction
from math import lcm
from pathlib import Path

import av
import av.error
import numpy as np
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import (
    ColorPrimaries,
    ColorRange,
    Colorspace,
    ColorTrc,
    Interpolation,
    VideoReformatter,
)
from av.video.stream import VideoStream
from numpy.typing import NDArray

from lipwright.domain.media import FrameSize
from lipwright.media.audio_track import AudioTrack
from lipwright.media.exceptions import writing

X264 = {"preset": "superfast", "crf": "17", "bf": "0"}
"""Luma SSIM to the raw frames stays at 0.985 on a moving photograph; 4.5 ms of one core for a
frame of 512x512, conversion included, and 13 ms for 1280x720. Without B-frames the image needs
no shift: frame 0 stands at zero in every player, those that ignore edit lists included."""

KEYFRAME_SECONDS = 2
"""Distance of keyframes: how coarsely players seek."""

MAX_WAITING_FRAMES = 3
"""Frames drawn and not yet encoded: enough to even out both threads, little enough to hold."""

_CONVERSION = Interpolation.BICUBIC | Interpolation.ACCURATE_RND
"""Without accurate rounding swscale darkens blue by 0.15 levels on average."""


def write_mp4(
    part: Path,
    target: Path,
    frames: Iterator[NDArray[np.uint8]],
    *,
    frame_rate: Fraction,
    size: FrameSize,
    track: AudioTrack,
) -> None:
    """Write a whole video of constant frame rate, its index at the front.

    Args:
        part: The file to write.
        target: The name under which errors speak of it.
        frames: Arrays of shape (height, width, 3), RGB; each may be reused once the next is asked for.
        frame_rate: Frames per second, exact.
        size: Width and height, both even.
        track: The audio.

    Raises:
        OutputError: it cannot be written. What `frames` and `track` raise passes as it is.
    """
    timescale = lcm(track.form.rate_hz, frame_rate.numerator)
    with (
        _container(part, target, timescale if timescale < 2**31 else track.form.rate_hz) as container,
        closing(_Muxer(container, target, frame_rate, size, track)) as muxer,
        ThreadPoolExecutor(1, "encode") as encoder,
    ):
        waiting: deque[Future[None]] = deque()
        for number, rgb in enumerate(frames):
            image = VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")  # copies
            if len(waiting) == MAX_WAITING_FRAMES:
                waiting.popleft().result()
            waiting.append(encoder.submit(muxer.add, number, image))
        for future in waiting:
            future.result()
        muxer.finish()


class _Muxer:
    """Encodes images and sets the audio between them, as far as the image has come."""

    def __init__(
        self,
        container: OutputContainer,
        target: Path,
        frame_rate: Fraction,
        size: FrameSize,
        track: AudioTrack,
    ) -> None:
        self._container, self._target, self._rate = container, target, frame_rate
        self._video = _add_video(container, frame_rate, size)
        self._audio = track.packets(track.add(container))
        self._packet = next(self._audio, None)
        self._converter = VideoReformatter()  # one for all: making one costs more than a frame
        self._failed = False

    def add(self, number: int, rgb: VideoFrame) -> None:
        """Encode frame `number`, and the audio up to its instant."""
        if self._failed:  # frames were waiting; FFmpeg crashes on a container whose header failed
            return
        try:
            # Only what writes stands under `writing`: a damaged recording is not a full disk.
            with writing(self._target):
                self._container.mux(self._video.encode(self._converted(number, rgb)))
            self._add_audio(until=number / self._rate)
        except BaseException:
            self._failed = True
            raise

    def finish(self) -> None:
        """Write what the encoder still holds, and the rest of the audio."""
        with writing(self._target):
            self._container.mux(self._video.encode(None))
        self._add_audio(until=None)

    def close(self) -> None:
        """Let go of the recording."""
        self._audio.close()

    def _converted(self, number: int, rgb: VideoFrame) -> VideoFrame:
        """RGB to BT.709 at video levels."""
        image = self._converter.reformat(
            rgb,
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
            interpolation=_CONVERSION,
        )
        image.pts, image.time_base = number, 1 / self._rate
        return image

    def _add_audio(self, *, until: Fraction | None) -> None:
        while (packet := self._packet) is not None:
            if until is not None and (packet.pts or 0) * packet.time_base > until:
                return
            with writing(self._target):
                self._container.mux(packet)
            self._packet = next(self._audio, None)


@contextmanager
def _container(part: Path, target: Path, timescale: int) -> Iterator[OutputContainer]:
    # Edit lists count in `movie_timescale`; its default, milliseconds, would cut both streams wrong.
    options = {"movflags": "+faststart", "movie_timescale": str(timescale)}
    with writing(target):
        container = av.open(f"file:{part}", "w", format="mp4", options=options)
    try:
        yield container
    except BaseException:
        with suppress(av.error.FFmpegError, OSError, ValueError):
            container.close()
        raise
    with writing(target):
        container.close()


def _add_video(container: OutputContainer, frame_rate: Fraction, size: FrameSize) -> VideoStream:
    gop = {"g": str(round(KEYFRAME_SECONDS * frame_rate)), "flags": "+cgop"}
    stream = container.add_stream("libx264", rate=frame_rate, options=X264 | gop)
    stream.width, stream.height, stream.pix_fmt = size.width, size.height, "yuv420p"
    context = stream.codec_context
    context.time_base = 1 / frame_rate
    context.color_range = ColorRange.MPEG
    context.colorspace = Colorspace.ITU709
    context.color_primaries = ColorPrimaries.BT709
    context.color_trc = ColorTrc.BT709
    return stream
