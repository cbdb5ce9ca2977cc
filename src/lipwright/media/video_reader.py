"""Read videos as upright frames with square pixels, each with its time.

Videos from a server are not trusted. FFmpeg detects a file's format by its content, and with some formats
(playlists, concatenations) it opens other files. So a video from a server is opened only as the format that
its suffix names.
"""

from __future__ import annotations

import math
import queue
import threading
from collections import deque
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from lipwright.domain.media import FrameSize
from lipwright.errors import InputError
from lipwright.media.file_errors import CORRUPT_HINT, reading
from lipwright.media.input_containers import check_plain_file, frames_of, open_container, video_streams

SUFFIX_FORMATS: Mapping[str, str] = {
    ".mp4": "mp4",
    ".mov": "mov",
    ".m4v": "mp4",
    ".mkv": "matroska",
    ".webm": "matroska",
    ".avi": "avi",
}
"""FFmpeg's demuxer for each accepted suffix of videos from a server."""

MAX_SIDE_PX = 8192
"""Maximum width and height of a video; a frame of the maximum size takes up to 100 MB."""
MAX_THREADED_PX = 4096 * 2304
"""Maximum frame size for decoding with several threads, because each thread keeps its own frames in
memory."""
MAX_PIXEL_ASPECT = 4
"""Maximum pixel aspect ratio, width to height or height to width; larger ratios are ignored as errors of the
file."""

CLOCK_RESTART_SECONDS = Fraction(1, 2)
"""Maximum time in seconds by which timestamps may jump back. A larger backward jump means that the clock was
restarted, as in joined transport streams."""

_EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
_FAST = Interpolation.FAST_BILINEAR
_HD_HEIGHT = 720
"""Minimum height at which videos without color tags count as BT.709; smaller videos count as BT.601, as in
players."""
_KNOWN_MATRICES = {
    int(matrix) for matrix in (Colorspace.ITU709, Colorspace.ITU601, Colorspace.SMPTE240M, Colorspace.BT2020)
}

Item = TypeVar("Item")

_POLL_S = 0.1
"""Interval at which a decoding thread with a full queue checks whether its consumer has ended."""


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """Facts about a video that its container states."""

    frames: int
    """Approximate number of frames; 0 if not stated."""
    frame_rate: Fraction
    """Frames per second, exact; 0 if not stated."""
    has_audio: bool
    audio_rate_hz: int
    """Sample rate of the audio; 0 without audio."""
    size: FrameSize
    """Size of the stored frames."""


def video_facts(path: Path) -> VideoFacts:
    """Read the facts that a video's container states, without decoding.

    Raises:
        InputError: the file is missing or damaged, or has no video track.
    """
    with _open_video(path) as (container, stream):
        # Matroska states the end time of the video, not its length.
        start = container.start_time or 0 if "matroska" in container.format.name else 0
        seconds = max(0, (container.duration or 0) - start) / 1_000_000
        frames = stream.frames or round(seconds * float(stream.average_rate or 0))
        audio = container.streams.audio[0] if container.streams.audio else None
        return VideoFacts(
            frames,
            stream.guessed_rate or Fraction(0),
            audio is not None,
            0 if audio is None else int(audio.sample_rate),
            FrameSize(stream.codec_context.width, stream.codec_context.height),
        )


def read_video_frames(
    path: Path, *, longest_px: int | None = None, exact: bool = True
) -> Iterator[tuple[Fraction, NDArray[np.uint8]]]:
    """Yield the frames of a video in order of presentation, upright and with square pixels.

    All frames have the size of the first one, even if the resolution changes midway.

    Args:
        path: The video.
        longest_px: Maximum width and height; larger frames are scaled down. None to keep their size.
        exact: True to convert colors exactly; False to convert them as fast as possible, which is sufficient
            for finding landmarks.

    Yields:
        The exact time in seconds from the start of the video, and the frame, shape (height, width, 3), RGB.

    Raises:
        InputError: the file is missing or damaged, it has no video track, or its frames are too large.
    """
    with _open_video(path) as (container, stream):
        converter = _Converter(stream, longest_px, _EXACT if exact else _FAST)
        shift = -Fraction(container.start_time or 0, 1_000_000)
        period = Fraction(1) / (stream.guessed_rate or stream.average_rate or 25)
        next_instant = Fraction(0)
        for frame in frames_of(container, stream):
            if frame.pts is None or frame.time_base is None:  # the file is a raw stream
                instant = next_instant
            else:
                instant = frame.pts * frame.time_base + shift
            if instant < next_instant - CLOCK_RESTART_SECONDS:
                shift += next_instant - instant
                instant = next_instant
            next_instant = instant + period
            yield instant, converter.rgb(path, frame)


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """Facts about a video, found by decoding it."""

    frames: int
    """Number of frames that can be decoded."""
    size: FrameSize
    """Size of the displayed frames."""


def count_frames(path: Path, planned: VideoInfo | None = None) -> VideoInfo:
    """Decode all frames of a video that a server sent, and return their number and size.

    Args:
        path: The video.
        planned: The expected result; decoding stops at the first frame that does not match it.

    Raises:
        InputError: the video is damaged or truncated, contains no frames, is not in an accepted format, or
            changes its resolution midway.
    """
    frames, coded, shape = 0, None, (0, 0, 0)
    with _open_video(path, trusted=False) as (container, stream):
        converter = _Converter(stream, None, _FAST)
        for frame in frames_of(container, stream):
            now = FrameSize(frame.width, frame.height)
            if coded is None:
                coded, shape = now, converter.rgb(path, frame).shape
                if planned and planned.size != FrameSize(shape[1], shape[0]):
                    frames = 1
                    break
            elif now != coded:
                raise InputError(f"{path}: the resolution changes from {coded} to {now}", hint=CORRUPT_HINT)
            frames += 1
            if planned and frames > planned.frames:
                break
    if coded is None:
        raise InputError(f"{path}: no frame can be decoded", hint=CORRUPT_HINT)
    return VideoInfo(frames, FrameSize(shape[1], shape[0]))


def received_frames(path: Path) -> Generator[NDArray[np.uint8]]:
    """Yield the frames of a video from a server in order of presentation, shape (height, width, 3), RGB.

    Raises:
        InputError: for the same reasons as in `count_frames`.
    """
    with _open_video(path, trusted=False) as (container, stream):
        converter = _Converter(stream, None, _EXACT)
        for frame in frames_of(container, stream):
            yield converter.rgb(path, frame)


def last_frames(path: Path, count: int) -> NDArray[np.uint8]:
    """Return the last frames of a video from a server, shape (count, height, width, 3), RGB.

    Raises:
        InputError: for the same reasons as in `count_frames`, or if the video has fewer than `count` frames.
    """
    with _open_video(path, trusted=False) as (container, stream):
        last = deque(frames_of(container, stream), maxlen=count)
        converter = _Converter(stream, None, _EXACT)
        if len(last) == count:
            return np.stack([converter.rgb(path, frame) for frame in last])
    raise InputError(f"{path}: fewer than {count} frames can be decoded", hint=CORRUPT_HINT)


@contextmanager
def _open_video(path: Path, *, trusted: bool = True) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a video and choose its video track; cover images of audio files do not count as video."""
    check_plain_file(path)
    demuxer = None
    if not trusted:
        demuxer = SUFFIX_FORMATS.get(path.suffix.lower())
        if demuxer is None:
            raise InputError(
                f"{path}: this video format is not accepted", hint=f"use one of {', '.join(SUFFIX_FORMATS)}"
            )
    with reading(path), open_container(path, demuxer) as container:
        streams = video_streams(container)
        if not streams:
            raise InputError(
                f"{path}: it contains no video track", hint="give a video, not an audio recording"
            )
        stream = streams[0]
        context = stream.codec_context
        _check_size(path, context.width, context.height)
        if context.width * context.height <= MAX_THREADED_PX:
            stream.thread_type = "AUTO"
        else:
            context.thread_count = 1
        yield container, stream


def _check_size(path: Path, width: int, height: int) -> None:
    if max(width, height) > MAX_SIDE_PX:
        raise InputError(
            f"{path}: the video is {width}x{height}; at most {MAX_SIDE_PX} pixels on a side are decoded",
            hint="scale the video down first",
        )


class _Converter:
    """Converts decoded frames to upright RGB with square pixels, all of one size."""

    def __init__(self, stream: VideoStream, longest_px: int | None, interpolation: Interpolation) -> None:
        aspect = stream.sample_aspect_ratio or Fraction(1)
        usable = Fraction(1, MAX_PIXEL_ASPECT) <= aspect <= MAX_PIXEL_ASPECT
        self._aspect = float(aspect) if usable else 1.0
        self._longest_px = longest_px or math.inf
        self._interpolation = interpolation
        self._reformatter = VideoReformatter()  # creating one takes longer than converting a frame
        self._size: FrameSize | None = None
        self._rotation: int | None = None
        self._oriented = 0, False

    def rgb(self, path: Path, frame: VideoFrame) -> NDArray[np.uint8]:
        """Convert a frame to RGB, shape (height, width, 3).

        The frame's color matrix and range are used; they are guessed if the frame does not state them.
        """
        _check_size(path, frame.width, frame.height)
        if self._size is None:
            width, height = frame.width * self._aspect, float(frame.height)
            scale = min(1.0, self._longest_px / max(width, height), MAX_SIDE_PX / max(width, height))
            self._size = FrameSize(max(2, round(width * scale)), max(2, round(height * scale)))
        guess = Colorspace.ITU709 if frame.height >= _HD_HEIGHT else Colorspace.ITU601
        full_range = frame.color_range == ColorRange.JPEG
        turns, mirrored = self._orientation(frame)
        array = self._reformatter.reformat(
            frame,
            width=self._size.width,
            height=self._size.height,
            format="rgb24",
            src_colorspace=frame.colorspace if int(frame.colorspace) in _KNOWN_MATRICES else guess,
            src_color_range=ColorRange.JPEG if full_range else ColorRange.MPEG,
            dst_color_range=ColorRange.JPEG,
            interpolation=self._interpolation,
        ).to_ndarray()
        rgb = array.astype(np.uint8, copy=False)
        if mirrored:
            rgb = rgb[:, ::-1]
        return np.ascontiguousarray(np.rot90(rgb, turns)) if turns or mirrored else rgb

    def _orientation(self, frame: VideoFrame) -> tuple[int, bool]:
        """Return the orientation of a frame; call `_orientation_of` only if the rotation has changed.

        `_orientation_of` reads the frame's side data. PyAV makes a frame and its side data refer to each
        other, so only the garbage collector frees the memory of such a frame, up to hundreds of frames later.
        """
        if frame.rotation != self._rotation:
            self._rotation, self._oriented = frame.rotation, _orientation_of(frame)
        return self._oriented


def _orientation_of(frame: VideoFrame) -> tuple[int, bool]:
    """Return the counterclockwise quarter turns of a frame, and whether it is mirrored before the turns."""
    turns = round(frame.rotation / 90) % 4
    matrix: Any = frame.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return turns, False
    a, b, _, c, d = np.frombuffer(bytes(matrix), np.int32).astype(np.float64)[:5]
    if a * d >= b * c:
        return turns, False
    return (turns + 2) % 4, True  # FFmpeg states the rotation of the matrix without its mirroring


class _End:
    """Marks the end of the items in a queue; may contain an exception that the consumer raises."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def decode_ahead(items: Iterator[Item], max_items: int) -> Generator[Item]:
    """Run an iterator in another thread, up to `max_items` ahead of the consumer.

    Exceptions of the iterator are raised in the consumer.
    """
    ready: queue.Queue[Item | _End] = queue.Queue(max_items)
    stopped = threading.Event()

    def put(item: Item | _End) -> bool:
        while not stopped.is_set():
            try:
                ready.put(item, timeout=_POLL_S)
            except queue.Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for item in items:
                if not put(item):
                    return
            put(_End())
        except BaseException as error:  # raised again in the consumer
            put(_End(error))

    worker = threading.Thread(target=work, name="decode", daemon=True)
    worker.start()
    try:
        while not isinstance(item := ready.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        stopped.set()
        worker.join()
