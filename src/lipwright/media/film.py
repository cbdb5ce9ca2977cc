"""Films: frames and the user's own sound into an MP4 that starts and ends with both."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from math import lcm
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
from av.container import OutputContainer
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
from lipwright.domain.media import FrameSize
from lipwright.domain.run import Progress, Report, silent
from lipwright.domain.time import round_half_up, samples_to_seconds
from lipwright.errors import EngineError, PlanError
from lipwright.media.files import replacing
from lipwright.media.proof import prove
from lipwright.media.sound import probe_audio
from lipwright.media.track import AudioCodec, SoundTrack, sound_track
from lipwright.media.translate import writing

X264 = {"preset": "superfast", "crf": "16", "bf": "0"}
"""Luma SSIM to the raw frames is 0.985 or more on a moving photograph, at nine times real time
for 512x512 and three times for 1280x720 on two cores. Without B-frames the picture needs no edit
list: frame 0 stands at zero in every player, those that ignore edit lists included."""

KEYFRAME_SECONDS = 2
"""Distance of keyframes: how coarsely players seek."""

_CONVERSION = Interpolation.BICUBIC | Interpolation.ACCURATE_RND
"""Without accurate rounding swscale darkens blue by 0.15 levels on average."""


@dataclass(frozen=True, slots=True)
class SoundDelivery:
    """What became of the user's sound: `sound` of the manifest."""

    codec: str
    copied: bool
    offset_samples: int | None
    """Measured on the finished film: how late its sound is; None where nothing could be compared."""
    bit_exact: bool
    """Measured: every decoded sample equals the source's."""
    seconds: Fraction
    """Length of the sound in the film."""
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """As the manifest has it; findings stand elsewhere in it."""
        return {
            "codec": self.codec,
            "copied": self.copied,
            "offset_samples": self.offset_samples,
            "bit_exact": self.bit_exact,
            "seconds": float(self.seconds),
        }


def write_film(
    path: Path,
    frames: Iterable[NDArray[np.uint8]],
    *,
    rate: Fraction,
    size: FrameSize,
    sound: Path,
    frame_count: int,
    audio_codec: AudioCodec = "auto",
    report: Report = silent,
) -> SoundDelivery:
    """Write an MP4: H.264 of constant frame rate, and the user's sound as long as the picture.

    Frames are encoded as they come, so memory does not grow with length. The film
    appears under its name only when it is whole and its sound has been checked.

    Args:
        path: Where the film goes; an existing file is replaced at the very end.
        frames: Exactly `frame_count` arrays of shape (height, width, 3), RGB, uint8.
        rate: Frames per second, exact.
        size: Width and height, both even.
        sound: The user's recording itself.
        frame_count: Length of the film; frame_count / rate seconds.
        audio_codec: "auto" copies AAC and ALAC and encodes all else as AAC.
        report: Told "frames" after each frame; may raise Cancelled.

    Raises:
        InputError: the recording is unusable.
        OutputError: the film cannot be written.
        PlanError: an odd width or height.
        EngineError: frames of another number or shape than promised.
    """
    if size.width % 2 or size.height % 2:
        raise PlanError(f"a film of {size} pixels: width and height must be even", hint="choose an even size")
    seconds = Fraction(frame_count) / rate
    source = probe_audio(sound)
    track = sound_track(sound, source, seconds, audio_codec)
    heard = round_half_up(Fraction(source.samples * track.form.rate_hz, source.sample_rate_hz))
    with replacing(path) as part:
        pictures = _checked(frames, frame_count, size, report)
        with closing(pictures):
            _write(part, path, pictures, rate=rate, size=size, track=track)
        proof = prove(part, sound, track.form, heard=heard, samples=track.samples)
    findings = track.findings
    if track.codec == "alac" and not proof.bit_exact:
        findings += (_not_bit_exact(source.codec, source.bits),)
    return SoundDelivery(
        codec=track.codec,
        copied=track.copied,
        offset_samples=proof.offset_samples,
        bit_exact=proof.bit_exact,
        seconds=samples_to_seconds(proof.samples, track.form.rate_hz),
        findings=findings,
    )


def _write(
    part: Path,
    target: Path,
    frames: Iterator[NDArray[np.uint8]],
    *,
    rate: Fraction,
    size: FrameSize,
    track: SoundTrack,
) -> None:
    timescale = lcm(track.form.rate_hz, rate.numerator)
    with _mp4(part, target, timescale if timescale < 2**31 else track.form.rate_hz) as container:
        video = _add_video(container, rate, size)
        audio = track.add(container)
        with closing(track.packets(audio)) as sound:
            waiting = next(sound, None)
            for number, picture in enumerate(chain(_converted(frames, rate), [None])):
                # Only what writes stands under `writing`: an engine's own errors pass as they are.
                with writing(target):
                    container.mux(video.encode(picture))
                # Sound goes in as far as the picture has come, so that neither waits in memory.
                while waiting is not None and (picture is None or _start(waiting) <= number / rate):
                    with writing(target):
                        container.mux(waiting)
                    waiting = next(sound, None)


@contextmanager
def _mp4(part: Path, target: Path, timescale: int) -> Iterator[OutputContainer]:
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


def _add_video(container: OutputContainer, rate: Fraction, size: FrameSize) -> VideoStream:
    gop = {"g": str(round(KEYFRAME_SECONDS * rate)), "flags": "+cgop"}
    stream = container.add_stream("libx264", rate=rate, options=X264 | gop)
    stream.width, stream.height, stream.pix_fmt = size.width, size.height, "yuv420p"
    context = stream.codec_context
    context.time_base = 1 / rate
    context.color_range = ColorRange.MPEG
    context.colorspace = Colorspace.ITU709
    context.color_primaries = ColorPrimaries.BT709
    context.color_trc = ColorTrc.BT709
    return stream


def _converted(frames: Iterator[NDArray[np.uint8]], rate: Fraction) -> Iterator[av.VideoFrame]:
    """RGB to BT.709 video levels; one converter for all, since making one costs more than a frame."""
    converter = VideoReformatter()
    for number, rgb in enumerate(frames):
        frame = converter.reformat(
            av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24"),
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
            interpolation=_CONVERSION,
        )
        frame.pts, frame.time_base = number, 1 / rate
        yield frame


def _checked(
    frames: Iterable[NDArray[np.uint8]], count: int, size: FrameSize, report: Report
) -> Generator[NDArray[np.uint8]]:
    """The frames, held to their promise."""
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
        more = "more" if done > count else f"only {done}"
        raise EngineError(f"{count} frames were planned, {more} came")


def _start(packet: av.Packet[Any]) -> Fraction:
    return (packet.pts or 0) * packet.time_base


def _not_bit_exact(codec: str, bits: int | None) -> Finding:
    what = codec if bits is None else f"{codec} of {bits} bits"
    return Finding(
        rule="not-bit-exact",
        severity="hint",
        text=f"the delivered ALAC holds the {what} rounded to 24 bits",
        advice="ALAC is bit-exact for integer sound of up to 24 bits",
    )
