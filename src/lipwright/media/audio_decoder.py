"""Decode audio from any container as a stream of sample blocks.

FFmpeg removes codec priming, and also the samples that edit lists skip at the start. This module adds what
FFmpeg does not do: the exact length of the last packet, the silence before audio that starts after its video,
and clear errors for damaged files.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.codec.context import Flags2
from av.container import InputContainer
from av.packet import Packet
from numpy.typing import NDArray

from lipwright.domain.audio_piece import AudioPiece, AudioSource, as_piece
from lipwright.domain.spans import clip_spans
from lipwright.domain.time import (
    MAX_RECORDING_SECONDS,
    Span,
    round_half_up,
    samples_to_seconds,
    seconds_to_samples,
)
from lipwright.errors import InputError
from lipwright.media.file_errors import CORRUPT_HINT, reading
from lipwright.media.input_containers import (
    SAMPLE_EXACT_CONTAINERS,
    check_plain_file,
    contents,
    matroska_seconds,
    open_container,
    packets_of,
    video_streams,
)
from lipwright.media.truncation import has_lost_ogg_pages, holds_its_samples, missing_bytes

LATE_START_SECONDS = Fraction(5, 1000)
"""Delay of the audio after the video, in seconds, above which silence is inserted before the audio; smaller
delays are due to rounding by the muxer."""

MIN_HOLE_SECONDS = Fraction(40, 1000)
"""Minimum jump of the timestamps that counts as a hole in the audio; smaller jumps may be jitter of a
recorder's clock."""
MIN_PACKET_HOLE_SECONDS = Fraction(10, 1000)
"""Minimum jump of the timestamps that counts as a hole in the audio if the jump is a whole number of packets
long."""
MAX_TRANSPORT_STREAM_HOLE_SECONDS = 10
"""Maximum length of a hole in an MPEG transport stream; a larger jump means that the clock was restarted."""

MAX_RATE_HZ = 1_500_000
"""Maximum accepted sample rate: a little more than FFmpeg's output for DSD256."""
MAX_AMPLITUDE = 1e6
"""Maximum amplitude of float samples (full scale is 1). Larger values are not audio; float files with the
values of 16-bit integers have up to 32,768."""

MAX_PLANAR_CHANNELS = 7
"""Maximum number of channels of planar frames that are read directly. With eight or more channels, PyAV 18.1
reads beyond the end of the frame's array of plane pointers; FFmpeg interleaves such frames first."""

PIECE_SLACK_SECONDS = Fraction(1, 1000)
"""Time by which a piece may extend beyond the end of the recording. Users copy the end from displayed
lengths, which are rounded to milliseconds."""

BLOCK_SAMPLES = 65_536
"""Minimum number of samples per channel in a block; blocks end at the ends of packets."""


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """Format of an audio file."""

    codec: str
    """FFmpeg's name of the codec, such as "pcm_s24le", "aac" or "mp3"."""
    lossy: bool
    sample_rate_hz: int
    channels: int
    bits: int | None
    """Bits per sample of integer and float PCM and of lossless codecs; None if lossy."""
    samples: int
    """Number of audible samples per channel, counted by decoding."""
    layout: str
    """FFmpeg's name of the channel layout, such as "mono", "stereo" or "5.1"."""
    lead_samples: int = 0
    """Number of silent samples inserted at the start, because the video in the file begins before the
    audio."""
    holes: tuple[Span, ...] = ()
    """Spans, in seconds, in which packets are missing and were replaced by silence."""
    track: int = 1
    """Number of the audio track in the file, counted from 1."""
    tracks: int = 1
    """Number of audio tracks in the file."""

    @property
    def seconds(self) -> Fraction:
        """Length in seconds, exact."""
        return samples_to_seconds(self.samples, self.sample_rate_hz)


class AudioDecoder:
    """Decodes the audio of an open file, or a piece of that audio, once; created by `open_audio`.

    `format.samples` and other totals are valid only after all blocks have been read.
    """

    def __init__(self, piece: AudioPiece, container: InputContainer) -> None:
        path = piece.path
        stream = container.streams.best("audio")
        if not isinstance(stream, AudioStream):
            if container.streams.audio:
                raise InputError(f"{path}: its audio cannot be decoded", hint=CORRUPT_HINT)
            raise InputError(
                f"{path}: it contains no audio ({contents(container)})",
                hint="give a recording, or a video with audio",
            )
        context: AudioCodecContext | None = stream.codec_context
        if context is None:
            raise InputError(f"{path}: its audio codec is unknown", hint=CORRUPT_HINT)
        _check_rate(path, context.sample_rate)
        self._path, self._container, self.stream = path, container, stream
        self._piece = piece
        self.rate_hz = 0
        self.channels = 0
        self.layout = ""
        """FFmpeg's name of the channel layout, such as "stereo"; known after the first block."""
        self.samples = 0
        self._origin_pts: int | None = None
        self._samples_of = frame_reader()
        self.lead_samples = 0
        """Number of silent samples inserted before the first decoded sample."""
        self.holes: list[Span] = []
        context.thread_count = 1  # audio decoders gain nothing from threads
        context.options = {"err_detect": "crccheck+bitstream"}
        if (container.format.name, context.codec.canonical_name) == ("caf", "alac"):
            # ALAC's last packet states its own length; FFmpeg 8.1 cuts it a second time by the padding that
            # CAF states. So the cut is made by `_end` instead.
            context.flags2 |= Flags2.skip_manual
        declared = self.declared_seconds
        if declared and declared > MAX_RECORDING_SECONDS + 1:
            raise _too_long(path, declared)

    @property
    def declared_seconds(self) -> Fraction | None:
        """Length of the audio, or of the requested piece, according to the container, which may be wrong.

        None if the container declares no length and the piece has no end.
        """
        end, of_file = self._piece.end, self._file_seconds
        if end is None and of_file is None:
            return None
        end = min(one for one in (end, of_file) if one is not None)
        return max(Fraction(0), end - self._piece.start)

    @property
    def _file_seconds(self) -> Fraction | None:
        if self.stream.duration is not None and self.stream.time_base is not None:
            return self.stream.duration * self.stream.time_base
        # Matroska states the end time of a stream, not its length, and its clock may not begin at 0.
        start = Fraction(max(0, self._container.start_time or 0), av.time_base)
        start = start if "matroska" in self._container.format.name else Fraction(0)
        if stated := matroska_seconds(self.stream.metadata.get("DURATION", "")):
            return max(Fraction(0), stated - start)
        if self._container.duration is not None and not video_streams(self._container):
            return max(Fraction(0), Fraction(self._container.duration, av.time_base) - start)
        return None

    @property
    def format(self) -> AudioFormat:
        """Format of the audio."""
        lossy = not self.stream.codec_context.codec.lossless
        return AudioFormat(
            codec=self.stream.codec_context.codec.canonical_name,  # mp3 rather than mp3float
            lossy=lossy,
            sample_rate_hz=self.rate_hz,
            channels=self.channels,
            bits=None if lossy else _bits(self.stream.codec_context),
            samples=self.samples,
            layout=self.layout,
            lead_samples=self.lead_samples,
            holes=tuple(self._holes_of_piece()),
            track=self._container.streams.audio.index(self.stream) + 1,
            tracks=len(self._container.streams.audio),
        )

    def blocks(self) -> Generator[NDArray[Any]]:
        """Yield the audio of the file, or of the requested piece of it, without the encoder's padding.

        Yields:
            Arrays of shape (channels, n) in the file's own type: uint8, int16, int32, int64, float32 or
            float64. Integers are left-aligned, as in FFmpeg.

        Raises:
            InputError: the audio is corrupted, truncated, empty or longer than 4 hours; it has samples that
                are not finite; its format changes midway; or it ends before the end of the requested
                piece.
        """
        pending: list[NDArray[Any]] = []
        count = 0
        with reading(self._path):
            for block in self._within_piece():
                self.samples += block.shape[1]
                pending.append(block)
                count += block.shape[1]
                if count >= BLOCK_SAMPLES:
                    yield self._joined(pending)
                    pending, count = [], 0
            if pending:
                yield self._joined(pending)

    def _within_piece(self) -> Iterator[NDArray[Any]]:
        """Yield the samples of the piece; audio after the piece is not decoded."""
        piece, at, first, last = self._piece, 0, 0, 0
        for block in self._trimmed():
            if not at:
                first = seconds_to_samples(piece.start, self.rate_hz)
                last = MAX_RECORDING_SECONDS * self.rate_hz + 1
                if piece.end is not None:
                    last = seconds_to_samples(piece.end, self.rate_hz)
            kept = block[:, max(0, first - at) : max(0, last - at)]
            at += block.shape[1]
            if at > MAX_RECORDING_SECONDS * self.rate_hz:
                raise _too_long(self._path, samples_to_seconds(at, self.rate_hz))
            if kept.shape[1]:
                yield kept
            if at >= last:
                return
        self._check_whole(at)
        slack = PIECE_SLACK_SECONDS * self.rate_hz
        if at <= first or (piece.end is not None and at + slack < last):
            end = "its end" if piece.end is None else f"{float(piece.end):g} s"
            raise InputError(
                f"{self._path}: the piece from {float(piece.start):g} s to {end} lies outside the recording, "
                f"which lasts {float(samples_to_seconds(at, self.rate_hz)):.3f} s",
                hint="give --audio-from and --audio-to within the recording",
            )

    def _holes_of_piece(self) -> Iterator[Span]:
        start = float(self._piece.start)
        for hole in clip_spans(self.holes, Span(start, start + self.samples / (self.rate_hz or 1))):
            yield Span(hole.start - start, hole.end - start)

    def _joined(self, pieces: list[NDArray[Any]]) -> NDArray[Any]:
        block: NDArray[Any] = np.concatenate(pieces, 1)
        if block.dtype.kind == "f":
            highest = float(np.abs(block).max(initial=0.0))
            if not highest <= MAX_AMPLITUDE:
                what = f"samples of {highest:.0e}, where full scale is 1"
                raise InputError(
                    f"{self._path}: the audio contains "
                    + (
                        what
                        if np.isfinite(block).all()
                        else "samples that are infinite, or are not numbers (NaN)"
                    ),
                    hint="export the audio again, as 24-bit WAV, from the program that made it",
                )
        return block

    def _trimmed(self) -> Iterator[NDArray[Any]]:
        """Yield the samples of all frames; the last frame is shortened to the duration of its packet.

        Silence replaces missing packets, and is inserted before audio that starts later than its video.
        """
        decoded, end_samples = 0, None
        after: Fraction | None = None
        held: NDArray[Any] | None = None
        for packet, frames in self._packets():
            for frame in frames:
                block = self._array(frame)
                if decoded == 0:
                    self._origin_pts = frame.pts
                    lead = self._lead(frame)
                    if lead:
                        self.lead_samples = lead
                        yield from _silence_like(block, lead)
                if held is not None:
                    yield held
                hole = self._hole(frame, after, decoded, block.shape[1])
                if hole:
                    start = samples_to_seconds(self.lead_samples + decoded, self.rate_hz)
                    self.holes.append(Span(float(start), float(start + Fraction(hole, self.rate_hz))))
                    yield from _silence_like(block, hole)
                    decoded += hole
                held = block
                decoded += block.shape[1]
                if frame.pts is not None and frame.time_base is not None:
                    after = frame.pts * frame.time_base + Fraction(block.shape[1], self.rate_hz)
            if packet.pts is not None and packet.duration:
                end_samples = self._end(packet)
        if held is None:
            return
        surplus = decoded - end_samples if end_samples is not None else 0
        yield held[:, : held.shape[1] - surplus] if 0 < surplus < held.shape[1] else held

    def _packets(self) -> Iterator[tuple[Packet[AudioStream], list[AudioFrame]]]:
        broken_at: Fraction | None = None
        failed = False
        for packet in packets_of(self._container, self.stream):
            try:
                frames = packet.decode()
            except av.error.EOFError:
                break
            except av.error.InvalidDataError:
                # Invalid data before the first frame (a tag) and after the last frame of an MP3 is common and
                # harmless. Anything in between shifts or loses audio.
                failed = self.rate_hz > 0
                broken_at = None if packet.pts is None else packet.pts * packet.time_base
                continue
            if failed and frames:
                raise self._corrupted(broken_at)
            yield packet, frames
        if failed and self._container.format.name != "mp3":
            raise self._corrupted(broken_at)

    def _corrupted(self, at: Fraction | None) -> InputError:
        where = "" if at is None else f" at {float(at):.2f} s"
        return InputError(f"{self._path}: the audio is corrupted or cut off{where}", hint=CORRUPT_HINT)

    def _array(self, frame: AudioFrame) -> NDArray[Any]:
        channels = frame.layout.nb_channels
        if not self.rate_hz:
            _check_rate(self._path, frame.sample_rate)
            self.rate_hz, self.channels, self.layout = frame.sample_rate, channels, frame.layout.name
        if (frame.sample_rate, channels) != (self.rate_hz, self.channels):
            raise InputError(
                f"{self._path}: the audio changes from {self.channels} channels at {self.rate_hz} Hz to "
                f"{channels} channels at {frame.sample_rate} Hz midway",
                hint="convert the file to WAV first, with one sample rate and one number of channels",
            )
        return self._samples_of(frame)

    def _lead(self, frame: AudioFrame) -> int:
        """Return the number of silent samples to insert, for a video whose audio starts late."""
        start = self._container.start_time
        if not video_streams(self._container) or None in {frame.pts, frame.time_base, start}:
            return 0
        late = (frame.pts or 0) * (frame.time_base or 0) - Fraction(start or 0, av.time_base)
        return round_half_up(late * self.rate_hz) if LATE_START_SECONDS < late < MAX_RECORDING_SECONDS else 0

    def _hole(self, frame: AudioFrame, after: Fraction | None, decoded: int, length: int) -> int:
        """Return the number of samples missing before a frame.

        Args:
            frame: The frame, with its timestamp.
            after: Time at which the preceding frame ended, in seconds.
            decoded: Number of samples before the frame.
            length: Number of samples in the frame.
        """
        if self._container.format.name in SAMPLE_EXACT_CONTAINERS:
            return 0  # these formats' clocks count only existing samples; `_check_whole` detects a loss
        if after is None or frame.pts is None or frame.time_base is None or self._origin_pts is None:
            return 0
        jump = frame.pts * frame.time_base - after
        late = (frame.pts - self._origin_pts) * frame.time_base - Fraction(decoded, self.rate_hz)
        tick = max(frame.time_base, Fraction(1, self.rate_hz))
        packet = Fraction(length, self.rate_hz)
        if jump < MIN_PACKET_HOLE_SECONDS or late < MIN_PACKET_HOLE_SECONDS:
            return 0
        whole_packets = abs(jump - round(jump / packet) * packet) <= 2 * tick
        if min(jump, late) < MIN_HOLE_SECONDS and not whole_packets:
            return 0
        if self._container.format.name == "mpegts" and jump > MAX_TRANSPORT_STREAM_HOLE_SECONDS:
            return 0
        if jump > MAX_RECORDING_SECONDS:
            raise _too_long(self._path, jump)
        if self._container.format.name == "ogg" and has_lost_ogg_pages(self._path):
            raise self._corrupted(after)
        return round_half_up(min(jump, late) * self.rate_hz)

    def _end(self, packet: Packet[AudioStream]) -> int | None:
        """Return the number of samples from the first audible sample to the end of a packet.

        None if the timestamps are not exact.
        """
        if packet.time_base != Fraction(1, self.rate_hz or 1) or self._origin_pts is None:
            return None
        return (packet.pts or 0) + (packet.duration or 0) - self._origin_pts

    def _check_whole(self, samples: int) -> None:
        """Raise an error if the file declares more samples than were decoded."""
        if not samples:
            raise InputError(f"{self._path}: no audio can be decoded", hint=CORRUPT_HINT)
        name = self._container.format.name
        decoded = samples_to_seconds(samples, self.rate_hz)
        if missing := missing_bytes(self._path, name):
            raise InputError(
                f"{self._path}: the file is truncated after {float(decoded):.2f} s: its last {missing} bytes "
                "are missing",
                hint="copy or download the file again",
            )
        declared = self._file_seconds
        if declared is not None and declared - decoded > _allowed_shortfall(name, declared, self.rate_hz):
            if name.startswith("mov") and holds_its_samples(self._path):
                return
            raise InputError(
                f"{self._path}: the file is truncated or damaged: it declares {float(declared):.2f} s, but "
                f"contains {float(decoded):.2f} s",
                hint="copy or download the file again",
            )


def _allowed_shortfall(container: str, declared: Fraction, rate_hz: int) -> Fraction:
    """Return by how many seconds a complete file may be shorter than declared."""
    if container == "caf":
        return max(Fraction(1, 50), Fraction(8192, rate_hz))  # FFmpeg declares whole packets of ALAC
    if container in SAMPLE_EXACT_CONTAINERS:
        return Fraction(1, 50)
    if container.split(",", maxsplit=1)[0] in {"mov", "matroska"}:
        return max(Fraction(1, 5), declared / 200)  # for clocks of milliseconds, edit lists, and odd muxers
    return declared / 4  # the declared length is guessed from the bit rate


def frame_reader() -> Callable[[AudioFrame], NDArray[Any]]:
    """Return a function that converts a frame to an array of its samples, shape (channels, n).

    Use a new function for each stream.
    """
    interleave: av.AudioResampler | None = None

    def read(frame: AudioFrame) -> NDArray[Any]:
        nonlocal interleave
        channels = frame.layout.nb_channels
        if frame.format.is_planar and channels > MAX_PLANAR_CHANNELS:
            interleave = interleave or av.AudioResampler(format=frame.format.packed)
            (frame,) = interleave.resample(frame)
        array: NDArray[Any] = frame.to_ndarray()
        return array if frame.format.is_planar else array.reshape(-1, channels).T

    return read


def to_float(block: NDArray[Any]) -> NDArray[np.float32]:
    """Convert decoded samples of any type to float32 with full scale +-1, in the same shape."""
    if block.dtype.kind == "f":
        return block.astype(np.float32, copy=False)
    center = 128 if block.dtype == np.uint8 else 0
    full_scale = 2.0 ** (8 * block.dtype.itemsize - 1)
    return ((block.astype(np.float32) - center) / full_scale).astype(np.float32, copy=False)


@contextmanager
def open_audio(source: AudioSource) -> Iterator[AudioDecoder]:
    """Open a file, or a piece of one, for one pass over its audio.

    Raises:
        InputError: the file is missing, a folder, empty or damaged, it is neither audio nor video, or it is a
            video without audio.
    """
    piece = as_piece(source)
    check_plain_file(piece.path)
    with ExitStack() as stack:
        with reading(piece.path):
            decoder = AudioDecoder(piece, stack.enter_context(open_container(piece.path)))
        yield decoder


def _silence_like(block: NDArray[Any], samples: int) -> Iterator[NDArray[Any]]:
    """Yield silence with the channels and type of a block."""
    fill = 128 if block.dtype == np.uint8 else 0
    for start in range(0, samples, BLOCK_SAMPLES):
        yield np.full((len(block), min(BLOCK_SAMPLES, samples - start)), fill, block.dtype)


def _check_rate(path: Path, rate_hz: int) -> None:
    if rate_hz > MAX_RATE_HZ:
        raise InputError(
            f"{path}: the sample rate of {rate_hz} Hz is above the maximum of {MAX_RATE_HZ} Hz",
            hint=CORRUPT_HINT,
        )


def _too_long(path: Path, seconds: Fraction) -> InputError:
    return InputError(
        f"{path}: {float(seconds) / 3600:.1f} hours of audio; at most {MAX_RECORDING_SECONDS // 3600} hours "
        "are accepted",
        hint="cut the recording into parts",
    )


def _bits(context: AudioCodecContext) -> int:
    """Return the bits per sample of PCM or of a lossless codec.

    For ALAC and FLAC, the number is read from the codec's header, because FFmpeg may decode to a wider type.
    """
    name, extra = context.codec.canonical_name, context.extradata or b""
    if name.startswith("pcm_"):
        return int("".join(c for c in name.removeprefix("pcm_") if c.isdigit())[:2] or context.format.bits)
    if name == "alac" and len(extra) >= 36:
        return int(extra[17])  # ALACSpecificConfig.bitDepth, after 12 bytes of atom and 5 of fields
    if name == "flac" and len(extra) >= 34:
        # STREAMINFO: 20 bits rate, 3 bits channels-1, 5 bits depth-1, from byte 10 on
        return ((int.from_bytes(extra[10:14], "big") >> 4) & 31) + 1
    return int(context.format.bits)
