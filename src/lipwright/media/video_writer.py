"""Videos: frames and the user's own audio into an MP4 that starts and ends with both."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.finding import Finding
from lipwright.domain.media import FrameSize
from lipwright.domain.progress import Progress, ProgressCallback, no_progress
from lipwright.domain.time import round_half_up, samples_to_seconds
from lipwright.errors import EngineError, PlanError
from lipwright.media.audio_compare import compare_audio
from lipwright.media.audio_decoder import AudioFormat
from lipwright.media.audio_reader import probe_audio
from lipwright.media.audio_track import AudioCodec, audio_track
from lipwright.media.files import replacing
from lipwright.media.mp4 import write_mp4


@dataclass(frozen=True, slots=True)
class AudioDelivery:
    """What became of the user's audio: `audio` of the manifest."""

    codec: str
    copied: bool
    offset_samples: int | None
    """Measured on the finished video: how late its audio is; None where nothing could be compared."""
    bit_exact: bool
    """Measured: every decoded sample equals the source's."""
    seconds: Fraction
    """Length of the audio in the video."""
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


def write_video(
    path: Path,
    frames: Iterable[NDArray[np.uint8]],
    *,
    frame_rate: Fraction,
    size: FrameSize,
    audio: Path,
    frame_count: int,
    source: AudioFormat | None = None,
    audio_codec: AudioCodec = "auto",
    report: ProgressCallback = no_progress,
) -> AudioDelivery:
    """Write an MP4: H.264 of constant frame rate, and the user's audio as long as the image.

    Frames are encoded as they come, so memory does not grow with length. The video
    appears under its name only when it is whole and its audio has been checked.

    Args:
        path: Where the video goes; an existing file is replaced at the very end.
        frames: Exactly `frame_count` arrays of shape (height, width, 3), RGB, uint8.
        frame_rate: Frames per second, exact.
        size: Width and height, both even.
        audio: The user's recording itself.
        frame_count: Length of the video; frame_count / rate seconds.
        source: What `read_audio` or `probe_audio` found in the recording; None looks again.
        audio_codec: "auto" copies AAC and ALAC and encodes all else as AAC.
        report: Told "frames" after each frame; may raise Cancelled.

    Raises:
        InputError: the recording is unusable.
        OutputError: the video cannot be written.
        PlanError: an odd width or height.
        EngineError: frames of another number or shape than promised.
    """
    if size.width % 2 or size.height % 2:
        raise PlanError(
            f"a video of {size} pixels: width and height must be even", hint="choose an even size"
        )
    seconds = Fraction(frame_count) / frame_rate
    source = source or probe_audio(audio)
    track = audio_track(audio, source, seconds, audio_codec)
    heard = round_half_up(Fraction(source.samples * track.form.rate_hz, source.sample_rate_hz))
    with replacing(path) as part:
        images = _checked(frames, frame_count, size, report)
        with closing(images):
            write_mp4(part, path, images, frame_rate=frame_rate, size=size, track=track)
        proof = compare_audio(part, audio, track.form, heard=heard, samples=track.samples)
    findings = track.findings
    if track.codec == "alac" and not proof.bit_exact:
        findings += (_not_bit_exact(source, mixed=track.form.mixed),)
    return AudioDelivery(
        codec=track.codec,
        copied=track.copied,
        offset_samples=proof.offset_samples,
        bit_exact=proof.bit_exact,
        seconds=samples_to_seconds(proof.samples, track.form.rate_hz),
        findings=findings,
    )


def _checked(
    frames: Iterable[NDArray[np.uint8]], count: int, size: FrameSize, report: ProgressCallback
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


def _not_bit_exact(source: AudioFormat, *, mixed: bool) -> Finding:
    what = source.codec if source.bits is None else f"{source.codec} of {source.bits} bits"
    how = f"mixed from {source.channels} channels to stereo" if mixed else "rounded to 24 bits"
    return Finding(
        id="not-bit-exact",
        severity="hint",
        text=f"the delivered ALAC holds the {what} {how}",
        advice="ALAC is bit-exact for integer audio of up to 24 bits, in a layout that it has",
    )
