"""Films: frames and the user's own sound into an MP4 that starts and ends with both."""

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
from lipwright.domain.run import Progress, Report, silent
from lipwright.domain.time import round_half_up, samples_to_seconds
from lipwright.errors import EngineError, PlanError
from lipwright.media.decode import AudioFormat
from lipwright.media.files import replacing
from lipwright.media.mp4 import write_mp4
from lipwright.media.proof import prove
from lipwright.media.sound import probe_audio
from lipwright.media.track import AudioCodec, sound_track


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
    source: AudioFormat | None = None,
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
        source: What `read_audio` or `probe_audio` found in the recording; None looks again.
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
    source = source or probe_audio(sound)
    track = sound_track(sound, source, seconds, audio_codec)
    heard = round_half_up(Fraction(source.samples * track.form.rate_hz, source.sample_rate_hz))
    with replacing(path) as part:
        pictures = _checked(frames, frame_count, size, report)
        with closing(pictures):
            write_mp4(part, path, pictures, rate=rate, size=size, track=track)
        proof = prove(part, sound, track.form, heard=heard, samples=track.samples)
    findings = track.findings
    if track.codec == "alac" and not proof.bit_exact:
        findings += (_not_bit_exact(source, mixed=track.form.mixed),)
    return SoundDelivery(
        codec=track.codec,
        copied=track.copied,
        offset_samples=proof.offset_samples,
        bit_exact=proof.bit_exact,
        seconds=samples_to_seconds(proof.samples, track.form.rate_hz),
        findings=findings,
    )


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


def _not_bit_exact(source: AudioFormat, *, mixed: bool) -> Finding:
    what = source.codec if source.bits is None else f"{source.codec} of {source.bits} bits"
    how = f"mixed from {source.channels} channels to stereo" if mixed else "rounded to 24 bits"
    return Finding(
        rule="not-bit-exact",
        severity="hint",
        text=f"the delivered ALAC holds the {what} {how}",
        advice="ALAC is bit-exact for integer sound of up to 24 bits, in a layout that it has",
    )
