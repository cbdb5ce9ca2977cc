"""Write an MP4 from frames and the user's own audio, exactly as long as each other.

The calling thread draws frames while a second one converts and encodes earlier ones. PyAV releases the
interpreter lock in both, so two cores are kept busy.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
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

from lipwright.domain.finding import Finding
from lipwright.domain.media import AudioSource, FrameSize
from lipwright.domain.progress import Progress, ProgressCallback, no_progress
from lipwright.domain.time import round_half_up, samples_to_seconds
from lipwright.errors import EngineError, PlanError
from lipwright.media import findings
from lipwright.media.atomic_files import replacing
from lipwright.media.audio_compare import compare_audio
from lipwright.media.audio_decoder import AudioFormat
from lipwright.media.audio_reader import probe_audio
from lipwright.media.audio_track import AudioCodec, AudioTrack, audio_track
from lipwright.media.file_errors import writing

X264 = {"preset": "superfast", "crf": "17", "bf": "0"}
"""Luma SSIM to the raw frames stays at 0.985 on a moving photograph, for 4.5 ms of one core for a frame of
512x512 (conversion included) and 13 ms for 1280x720. Without B-frames the video needs no shift: frame 0
stands at zero in every player, even in those that ignore edit lists."""

KEYFRAME_SECONDS = 2
"""Distance of keyframes, which is how coarsely players seek."""

MAX_WAITING_FRAMES = 3
"""Frames drawn and not yet encoded: enough to even out both threads, few enough to hold."""

_CONVERSION = Interpolation.BICUBIC | Interpolation.ACCURATE_RND
"""Without accurate rounding swscale darkens blue by 0.15 levels on average."""


@dataclass(frozen=True, slots=True)
class AudioDelivery:
    """How the user's audio was delivered: `audio` in the manifest."""

    codec: str
    copied: bool
    offset_samples: int | None
    """How late the audio is, measured on the finished video; None where nothing could be compared."""
    bit_exact: bool
    """Whether every decoded sample equals the source's, measured on the finished video."""
    seconds: Fraction
    """Length of the audio in the video."""
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the entry in the manifest; the findings are elsewhere in it."""
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
    report: ProgressCallback = no_progress,
) -> AudioDelivery:
    """Write an MP4: H.264 of constant frame rate, and the user's audio exactly as long.

    Frames are encoded as they come, so memory does not grow with length. The video appears under its name
    only when it is whole and its audio has been checked.

    Args:
        path: Where the video goes; an existing file is replaced at the end.
        frames: Exactly `frame_count` arrays of shape (height, width, 3), RGB, uint8.
        frame_rate: Frames per second, exact.
        size: Width and height, both even.
        audio: The user's recording itself, or a piece of it.
        frame_count: Length of the video: frame_count / frame_rate seconds.
        source: Format of the recording, if it is already known.
        audio_codec: "auto" copies AAC and ALAC and encodes everything else as AAC.
        report: Called with "frames" after each frame; may raise Cancelled.

    Raises:
        InputError: the recording cannot be used.
        OutputError: the video cannot be written.
        PlanError: odd width or height.
        EngineError: number or shape of the frames differ from what was promised.
    """
    if size.width % 2 or size.height % 2:
        raise PlanError(
            f"a video of {size} pixels: width and height must be even", hint="choose an even size"
        )
    seconds = Fraction(frame_count) / frame_rate
    source = source or probe_audio(audio)
    track = audio_track(audio, source, seconds, audio_codec)
    source_samples = round_half_up(Fraction(source.samples * track.target.rate_hz, source.sample_rate_hz))
    with replacing(path) as part:
        with closing(_checked(frames, frame_count, size, report)) as checked:
            _write_mp4(part, path, checked, frame_rate=frame_rate, size=size, track=track)
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
                f"frame {done} is {frame.shape} {frame.dtype}, not {size.height, size.width, 3} uint8"
            )
        done += 1
        if done > count:
            break
        yield frame
        report(Progress("frames", done, count))
    if done != count:
        came = "more" if done > count else f"only {done}"
        raise EngineError(f"{count} frames were planned, {came} came")


def _write_mp4(
    part: Path,
    target: Path,
    frames: Iterator[NDArray[np.uint8]],
    *,
    frame_rate: Fraction,
    size: FrameSize,
    track: AudioTrack,
) -> None:
    """Write a video of constant frame rate, with its index at the front.

    `target` is the name under which errors speak of `part`. What `frames` and `track` raise passes as it is.
    """
    timescale = lcm(track.target.rate_hz, frame_rate.numerator)
    with (
        _container(part, target, timescale if timescale < 2**31 else track.target.rate_hz) as container,
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
    """Encodes frames and interleaves the audio up to the time of each."""

    def __init__(
        self,
        container: OutputContainer,
        target: Path,
        frame_rate: Fraction,
        size: FrameSize,
        track: AudioTrack,
    ) -> None:
        self._container, self._target, self._frame_rate = container, target, frame_rate
        self._video = _add_video(container, frame_rate, size)
        self._audio = track.packets(track.add(container))
        self._packet = next(self._audio, None)
        self._converter = VideoReformatter()  # making one costs more than converting a frame
        self._failed = False

    def add(self, number: int, rgb: VideoFrame) -> None:
        """Encode frame `number`, and write the audio up to its time."""
        if self._failed:  # FFmpeg crashes on a container whose header failed
            return
        try:
            # Only writing stands under `writing`: a damaged recording must not be reported as a full disk.
            with writing(self._target):
                self._container.mux(self._video.encode(self._converted(number, rgb)))
            self._add_audio(until=number / self._frame_rate)
        except BaseException:
            self._failed = True
            raise

    def finish(self) -> None:
        """Flush the encoder and write the rest of the audio."""
        with writing(self._target):
            self._container.mux(self._video.encode(None))
        self._add_audio(until=None)

    def close(self) -> None:
        """Close the recording."""
        self._audio.close()

    def _converted(self, number: int, rgb: VideoFrame) -> VideoFrame:
        """Convert RGB to BT.709 at video levels."""
        image = self._converter.reformat(
            rgb,
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
            interpolation=_CONVERSION,
        )
        image.pts, image.time_base = number, 1 / self._frame_rate
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
    # Edit lists count in `movie_timescale`; its default of milliseconds would cut both streams inexactly.
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
