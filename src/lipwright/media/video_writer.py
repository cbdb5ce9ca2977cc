"""Write an MP4 from frames and the user's recording, with video and audio of exactly the same length.

The calling thread makes frames while a second thread converts and encodes earlier frames. PyAV releases the
interpreter lock while it converts and encodes, so two cores are used.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
from av.codec.context import Flags
from av.container import OutputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import (
    ColorPrimaries,
    ColorRange,
    Colorspace,
    ColorTrc,
    Interpolation,
    VideoReformatter,
)
from numpy.typing import NDArray

from lipwright.domain.audio_piece import AudioSource
from lipwright.domain.finding import Finding
from lipwright.domain.media import FrameSize
from lipwright.domain.progress import Progress, ProgressCallback, no_progress
from lipwright.domain.settings import AudioCodec
from lipwright.domain.time import round_half_up, samples_to_seconds
from lipwright.errors import EngineError, PlanError
from lipwright.media import findings
from lipwright.media.atomic_files import replacing
from lipwright.media.audio_compare import compare_audio
from lipwright.media.audio_decoder import AudioFormat
from lipwright.media.audio_reader import probe_audio
from lipwright.media.audio_track import AudioTrack, audio_track
from lipwright.media.file_errors import writing
from lipwright.media.kept_frames import KeptFrames, check_same_encoding

X264 = {"preset": "superfast", "crf": "17", "bf": "0"}
"""Options of the encoder. The luma SSIM to the raw frames is 0.985 for a moving photograph, and a frame takes
4.5 ms of one core at 512x512 (including conversion) and 13 ms at 1280x720. Without B-frames the video has no
delay: frame 0 is at time 0 in every player, even in those that ignore edit lists."""

KEYFRAME_SECONDS = 2
"""Time between keyframes in seconds; players can seek in steps of this size."""

MAX_WAITING_FRAMES = 3
"""Maximum number of frames waiting for the encoder: enough to keep both threads busy, with little memory."""

_CONVERSION = Interpolation.BICUBIC | Interpolation.ACCURATE_RND
"""Color conversion with accurate rounding; without it swscale darkens blue by 0.15 levels on average."""


@dataclass(frozen=True, slots=True)
class AudioDelivery:
    """How the recording was written to the video; stored under the key `audio` of the manifest."""

    codec: str
    copied: bool
    offset_samples: int | None
    """Delay of the audio in the finished video, in samples; None if it could not be measured."""
    bit_exact: bool
    """True if every decoded sample of the finished video equals that of the recording."""
    seconds: Fraction
    """Length of the audio in the video."""
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the value of the manifest's key `audio`; the findings are not part of this value."""
        return {
            "codec": self.codec,
            "copied": self.copied,
            "offset_samples": self.offset_samples,
            "bit_exact": self.bit_exact,
            "seconds": float(self.seconds),
        }


def write_video(
    path: Path,
    frames: Iterable[NDArray[np.uint8]],
    *,
    frame_rate: Fraction,
    size: FrameSize,
    audio: AudioSource,
    frame_count: int,
    source: AudioFormat | None = None,
    audio_codec: AudioCodec = "auto",
    cuts: Collection[int] = (),
    kept: KeptFrames | None = None,
    report: ProgressCallback = no_progress,
) -> AudioDelivery:
    """Write an MP4: H.264 at a constant frame rate, and the recording as audio of exactly the same length.

    Frames are encoded one by one, so memory does not grow with the length. The video appears under its name
    only when it is complete and its audio has been checked.

    Args:
        path: The video to write. An existing file is replaced at the end.
        frames: RGB arrays of shape (height, width, 3), uint8; one for each frame not copied from `kept`.
        frame_rate: Frames per second, exact.
        size: Width and height, both even.
        audio: The recording, or a piece of it.
        frame_count: Number of frames; the video lasts frame_count / frame_rate seconds.
        source: Format of the recording, if it is already known.
        audio_codec: "auto" copies AAC and ALAC and encodes everything else as AAC.
        cuts: First frames of shots, which become keyframes, so that players can seek to them and later runs
            can replace the shots.
        kept: Encoded frames to copy from an existing video with the same cuts.
        report: Called with "frames" after each frame; may raise Cancelled.

    Raises:
        InputError: the recording cannot be used.
        OutputError: the video cannot be written.
        PlanError: width or height is odd.
        EngineError: the number of frames differs from `frame_count`, or their shape from `size`.
    """
    if size.width % 2 or size.height % 2:
        raise PlanError(
            f"a video of {size} pixels: width and height must be even", hint="choose an even width and height"
        )
    seconds = Fraction(frame_count) / frame_rate
    source = source or probe_audio(audio)
    track = audio_track(audio, source, seconds, audio_codec)
    source_samples = round_half_up(Fraction(source.samples * track.target.rate_hz, source.sample_rate_hz))
    with replacing(path) as part:
        made = [number for number in range(frame_count) if kept is None or number not in kept]
        with closing(_checked(frames, len(made), size, report)) as checked:
            # In `zip`, the frames come first, so that one more frame is requested and a surplus is detected.
            numbered = ((number, frame) for frame, number in zip(checked, made, strict=False))
            _write_mp4(
                part, path, numbered, frame_rate=frame_rate, size=size, track=track, cuts=cuts, kept=kept
            )
        if kept is not None:
            check_same_encoding(kept.path, part)
        match = compare_audio(part, audio, track.target, source_samples=source_samples, samples=track.samples)
    found = track.findings
    if track.codec == "alac" and not match.bit_exact:
        mixed = f"mixed from {source.channels} channels to stereo" if track.target.downmixed else ""
        what = source.codec if source.bits is None else f"{source.codec} of {source.bits} bits"
        found += (findings.NOT_BIT_EXACT(what=what, how=mixed or "rounded to 24 bits"),)
    return AudioDelivery(
        codec=track.codec,
        copied=track.copied,
        offset_samples=match.offset_samples,
        bit_exact=match.bit_exact,
        seconds=samples_to_seconds(match.samples, track.target.rate_hz),
        findings=found,
    )


def _checked(
    frames: Iterable[NDArray[np.uint8]], count: int, size: FrameSize, report: ProgressCallback
) -> Generator[NDArray[np.uint8]]:
    """Yield the frames after checking their number and shape."""
    done = 0
    for frame in frames:
        if frame.shape != (size.height, size.width, 3) or frame.dtype != np.uint8:
            raise EngineError(
                f"frame {done} has shape {frame.shape} and type {frame.dtype}, instead of shape "
                f"{size.height, size.width, 3} and type uint8"
            )
        done += 1
        if done > count:
            break
        yield frame
        report(Progress("frames", done, count))
    if done != count:
        came = "more" if done > count else f"only {done}"
        raise EngineError(f"{count} frames were planned, but the engine made {came}")


def _write_mp4(
    part: Path,
    target: Path,
    frames: Iterator[tuple[int, NDArray[np.uint8]]],
    *,
    frame_rate: Fraction,
    size: FrameSize,
    track: AudioTrack,
    cuts: Collection[int],
    kept: KeptFrames | None,
) -> None:
    """Write a video with a constant frame rate, and with its index at the start of the file.

    The video is written to the temporary file `part`, but errors name `target`. Exceptions from `frames` and
    `track` are passed on unchanged.
    """
    timescale = lcm(track.target.rate_hz, frame_rate.numerator)
    with (
        _container(part, target, timescale if timescale < 2**31 else track.target.rate_hz) as container,
        closing(_Muxer(container, target, frame_rate, size, track, cuts=cuts, kept=kept)) as muxer,
        ThreadPoolExecutor(1, "encode") as encoder,
    ):
        waiting: deque[Future[None]] = deque()
        for number, rgb in frames:
            image = VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")  # copies
            if len(waiting) == MAX_WAITING_FRAMES:
                waiting.popleft().result()
            waiting.append(encoder.submit(muxer.add, number, image))
        for future in waiting:
            future.result()
        muxer.finish()


class _Muxer:
    """Encodes frames, and interleaves them with the audio."""

    def __init__(
        self,
        container: OutputContainer,
        target: Path,
        frame_rate: Fraction,
        size: FrameSize,
        track: AudioTrack,
        *,
        cuts: Collection[int],
        kept: KeptFrames | None,
    ) -> None:
        self._container, self._target, self._frame_rate = container, target, frame_rate
        self._video = container.add_stream("libx264", rate=frame_rate, options=_options(frame_rate))
        self._size = size
        _configure(self._video.codec_context, frame_rate, size)
        self._encoder: VideoCodecContext | None = self._video.codec_context
        """The encoder; None after it was flushed, because x264 cannot be used again after that."""
        self._encoded = 0
        self._cuts = frozenset(cuts)
        self._kept = kept.packets(frame_rate) if kept else iter(())
        self._next_kept = next(self._kept, None)
        self._audio = track.packets(track.add(container))
        self._packet = next(self._audio, None)
        self._converter = VideoReformatter()  # making one costs more than converting a frame
        self._failed = False

    def add(self, number: int, rgb: VideoFrame) -> None:
        """Encode frame `number`, and write the audio up to the time at which this frame begins."""
        if self._failed:  # FFmpeg crashes on a container whose header failed
            return
        try:
            self._copy_kept(before=number)
            # Only the writing is inside `writing`; otherwise a damaged recording would be reported as a full
            # disk.
            with writing(self._target):
                self._encode(self._converted(number, rgb))
            self._add_audio(until=number / self._frame_rate)
        except BaseException:
            self._failed = True
            raise

    def finish(self) -> None:
        """Flush the encoder and write the rest of the audio."""
        with writing(self._target):
            self._encode(None)
        self._copy_kept(before=None)
        self._add_audio(until=None)

    def close(self) -> None:
        """Close the recording and the video from which frames are copied."""
        self._audio.close()
        if isinstance(self._kept, Generator):
            self._kept.close()

    def _copy_kept(self, *, before: int | None) -> None:
        """Write the copied frames whose numbers are lower than `before`; None writes all that remain."""
        if self._next_kept is None or (before is not None and self._next_kept[0] > before):
            return
        with writing(self._target):
            self._encode(None)
        while self._next_kept is not None and (before is None or self._next_kept[0] < before):
            number, packet = self._next_kept
            packet.stream, packet.time_base = self._video, 1 / self._frame_rate
            packet.pts = packet.dts = number
            packet.duration = 1
            with writing(self._target):
                self._container.mux(packet)
            self._add_audio(until=number / self._frame_rate)
            self._next_kept = next(self._kept, None)

    def _encode(self, image: VideoFrame | None) -> None:
        """Encode a frame; None flushes the encoder."""
        if image is None and not self._encoded:
            return
        if self._encoder is None:
            self._encoder = VideoCodecContext.create("libx264", "w")
            self._encoder.options = _options(self._frame_rate)
            self._encoder.framerate = self._frame_rate
            self._encoder.flags |= Flags.global_header
            _configure(self._encoder, self._frame_rate, self._size)
        self._encoded += 1
        for packet in self._encoder.encode(image):
            packet.stream = self._video
            self._container.mux(packet)
        if image is None:
            self._encoder, self._encoded = None, 0

    def _converted(self, number: int, rgb: VideoFrame) -> VideoFrame:
        """Convert frame `number` from RGB to YUV 4:2:0, BT.709 with limited range, and set its timestamp."""
        image = self._converter.reformat(
            rgb,
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
            interpolation=_CONVERSION,
        )
        image.pts, image.time_base = number, 1 / self._frame_rate
        if number in self._cuts:
            image.pict_type = PictureType.I
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
    # Edit lists are in units of `movie_timescale`; its default of milliseconds would cut both streams
    # inexactly.
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


def _options(frame_rate: Fraction) -> dict[str, str]:
    return X264 | {"g": str(round(KEYFRAME_SECONDS * frame_rate)), "flags": "+cgop"}


def _configure(context: VideoCodecContext, frame_rate: Fraction, size: FrameSize) -> None:
    context.width, context.height, context.pix_fmt = size.width, size.height, "yuv420p"
    context.time_base = 1 / frame_rate
    context.color_range = ColorRange.MPEG
    context.colorspace = Colorspace.ITU709
    context.color_primaries = ColorPrimaries.BT709
    context.color_trc = ColorTrc.BT709
