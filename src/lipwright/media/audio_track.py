"""Make the audio track of a video: copy the packets of the recording, or encode its audio.

A container needs to know all its streams before the first packet, so a track is written in two steps: `add`
adds the stream to the container, `packets` yields its packets in order.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from numpy.typing import NDArray

from lipwright.domain.audio_piece import AudioSource, as_piece
from lipwright.domain.finding import Finding
from lipwright.domain.settings import AudioCodec
from lipwright.domain.time import seconds_to_samples
from lipwright.media import aac_alac, findings
from lipwright.media.audio_compare import windows
from lipwright.media.audio_conversion import LAYOUTS, AudioTarget, master_blocks, target_for
from lipwright.media.audio_decoder import AudioFormat, frame_reader, to_float
from lipwright.media.file_errors import reading
from lipwright.media.input_containers import open_container, packets_of

AAC_BIT_RATE = 256_000
"""Bit rate in bits per second: transparent for speech and music. FFmpeg reduces it for low sample rates."""

_SKIP_BYTES = 4
"""Size of the first field of FFmpeg's skip_samples side data, in bytes. The field is a little-endian integer:
how many samples to skip at the start."""


def audio_track(path: AudioSource, source: AudioFormat, seconds: Fraction, codec: AudioCodec) -> AudioTrack:
    """Choose the audio track for a video that lasts `seconds`.

    The packets of the recording are copied if the copy can be exact to the sample; otherwise the audio is
    encoded.
    """
    if source.codec in {"aac", "alac"} and codec in {"auto", source.codec}:
        copied = _copy(path, source, seconds)
        if copied is not None:
            return copied
    encoder = "alac" if codec == "alac" else "aac"
    target = target_for(source, encoder)
    narrow = source.bits is not None and source.bits <= 16 and not target.downmixed
    return EncodedTrack(
        path=path,
        codec=encoder,
        target=target,
        samples=seconds_to_samples(seconds, target.rate_hz),
        sample_format="fltp" if encoder == "aac" else "s16p" if narrow else "s32p",
        findings=_findings(source, target, encoder),
    )


@dataclass(frozen=True, slots=True)
class CopiedTrack:
    """An audio track that consists of packets of the source.

    So that the track is exactly as long as the video, the duration of the last packet is shortened, or silent
    packets are added.
    """

    path: Path
    codec: str
    target: AudioTarget
    samples: int
    config: bytes
    """Codec configuration of the stream (extradata)."""
    priming: int
    """Number of samples decoded before the first audible sample."""
    packet_samples: int
    skipped_packets: int
    """Number of packets of the source before the first copied packet."""
    source_packets: int
    """Number of packets of the source that are copied."""
    source_end: int
    """Position, in samples from the first audible sample, at which the last copied packet ends."""
    silence: bytes
    """A packet of silence; empty if none is needed."""
    copied: ClassVar = True
    findings: ClassVar[tuple[Finding, ...]] = ()

    def add(self, container: OutputContainer) -> AudioStream:
        """Add the audio stream to `container`, with the codec configuration of the source."""
        with open_container(self.path) as source:
            stream = container.add_stream_from_template(_audio(source))
        stream.codec_context.extradata = self.config
        return stream

    def packets(self, stream: AudioStream) -> Generator[Packet[AudioStream]]:
        """Yield the packets with exact timestamps.

        The timestamps are computed from the number of samples per packet, because the timestamps of the
        source may be rounded coarsely.
        """
        pts = -self.priming
        for data in self._payloads():
            end = min(pts + self.packet_samples, self.source_end if pts < self.source_end else self.samples)
            packet: Packet[Any] = Packet(data)
            packet.stream = stream
            packet.time_base = Fraction(1, self.target.rate_hz)
            packet.pts = packet.dts = pts
            packet.duration = min(end, self.samples) - pts
            packet.is_keyframe = True
            yield packet
            pts = end
            if pts >= self.samples:
                return

    def _payloads(self) -> Generator[bytes]:
        with reading(self.path), open_container(self.path) as source:
            stream = _audio(source)
            strip = self.codec == "aac" and not stream.codec_context.extradata
            for number, packet in enumerate(packets_of(source, stream)):
                if number == self.skipped_packets + self.source_packets:
                    break
                if number < self.skipped_packets:
                    continue
                yield aac_alac.without_adts(bytes(packet)) if strip else bytes(packet)
        while self.silence:
            yield self.silence


@dataclass(frozen=True, slots=True)
class EncodedTrack:
    """The audio of the source, decoded and encoded again."""

    path: AudioSource
    codec: str
    target: AudioTarget
    samples: int
    sample_format: str
    """Sample format of the encoder: "fltp", "s16p" or "s32p"."""
    copied: ClassVar = False
    findings: tuple[Finding, ...]

    def add(self, container: OutputContainer) -> AudioStream:
        """Add the audio stream to `container`."""
        stream = container.add_stream(self.codec, rate=self.target.rate_hz, layout=self.target.layout)
        assert isinstance(stream, AudioStream)  # noqa: S101 - the codec is an audio codec
        stream.format = self.sample_format
        if self.codec == "aac":
            stream.bit_rate = AAC_BIT_RATE
        return stream

    def packets(self, stream: AudioStream) -> Generator[Packet[AudioStream]]:
        """Yield the encoder's packets.

        The first AAC packets contain the encoder's delay and have negative timestamps; for them, the muxer
        writes an edit list that makes players skip the delay.
        """
        pts = 0
        for block in master_blocks(self.path, self.target, self.samples):
            array = as_format(block, self.sample_format)
            frame = av.AudioFrame.from_ndarray(array, format=self.sample_format, layout=self.target.layout)
            frame.sample_rate, frame.time_base = self.target.rate_hz, Fraction(1, self.target.rate_hz)
            frame.pts = pts
            pts += block.shape[1]
            yield from stream.encode(frame)
        yield from stream.encode(None)


AudioTrack = CopiedTrack | EncodedTrack
"""The audio track of a video, as a stream of packets."""


def as_format(block: NDArray[Any], sample_format: str) -> NDArray[Any]:
    """Convert a block of an `AudioDecoder` to a planar format of an encoder: "fltp", "s16p" or 24-bit "s32p".

    Integers that fit the format are converted without loss; everything else is rounded to 24 bits.
    """
    if sample_format == "fltp":
        return np.ascontiguousarray(to_float(block))
    if sample_format == "s16p":
        narrow = (block.astype(np.int16) - 128) << 8 if block.dtype == np.uint8 else block
        return np.ascontiguousarray(narrow.astype(np.int16, copy=False))
    if block.dtype == np.int32:
        return np.ascontiguousarray(block)
    if block.dtype == np.int16:
        return np.ascontiguousarray(block.astype(np.int32) << 16)
    wide = block if block.dtype.kind == "f" else to_float(block)
    levels = np.clip(np.rint(wide.astype(np.float64) * 2**23), -(2**23), 2**23 - 1)
    return np.ascontiguousarray(levels.astype(np.int32) << 8)


def _copy(recording: AudioSource, source: AudioFormat, seconds: Fraction) -> CopiedTrack | None:
    """Return a copied track, or None if a copy would not be exact to the sample."""
    piece = as_piece(recording)
    path, samples = piece.path, seconds_to_samples(seconds, source.sample_rate_hz)
    if source.lead_samples or (piece.end is not None and source.samples < samples):
        return None  # whole packets would contain more of the recording than the piece
    layout = LAYOUTS.get(source.layout, source.layout)
    with reading(path), open_container(path) as container:
        stream = _audio(container)
        config = stream.codec_context.extradata or b""
        times: list[int] = []
        tick, priming = Fraction(0), 0
        for packet in packets_of(container, stream):
            if not packet.size:
                continue
            if packet.pts is None:
                return None
            if not times:
                tick, priming = packet.time_base, _skip(packet)
                if source.codec == "aac":
                    config = config or aac_alac.config_from_adts(bytes(packet)) or b""
            times.append(packet.pts)
    packet_samples = aac_alac.packet_samples(source.codec, config)
    if packet_samples is None or not _is_even(times, tick * source.sample_rate_hz, packet_samples):
        return None
    # The edit list skips samples that are decoded before the piece. In AAC each packet overlaps the one
    # before.
    first = priming + seconds_to_samples(piece.start, source.sample_rate_hz)
    skipped_packets = max(0, first // packet_samples - (source.codec == "aac"))
    priming = first - skipped_packets * packet_samples
    source_packets = -(-(source.samples + priming) // packet_samples)
    if skipped_packets + source_packets > len(times):
        return None  # SBR: the decoder makes more samples from each packet than declared
    source_end = source.samples if source.codec == "alac" else source_packets * packet_samples - priming
    silence = b""
    if source_end < samples:
        if layout in LAYOUTS:
            silence = aac_alac.silent_packet(source.codec, config, source.sample_rate_hz, layout) or b""
        if not silence:
            return None
    copied = CopiedTrack(
        path=path,
        codec=source.codec,
        target=AudioTarget(source.sample_rate_hz, layout, downmixed=False),
        samples=samples,
        config=config,
        priming=priming,
        packet_samples=packet_samples,
        skipped_packets=skipped_packets,
        source_packets=source_packets,
        source_end=source_end,
        silence=silence,
    )
    return copied if not skipped_packets or _is_exact(copied, recording) else None


def _is_exact(track: CopiedTrack, recording: AudioSource) -> bool:
    """Return True if packets from the middle of a recording decode to exactly the recording's samples.

    The samples can differ: an AAC decoder can generate noise for some bands (PNS), and this noise depends on
    all earlier packets.
    """
    context = av.CodecContext.create(track.codec, "r")
    assert isinstance(context, AudioCodecContext)  # noqa: S101 - the codec is an audio codec
    context.extradata = track.config
    samples_of = frame_reader()

    def decoded() -> Iterator[NDArray[Any]]:
        skip = track.priming
        with closing(replace(track, silence=b"")._payloads()) as payloads:
            for data in payloads:
                for frame in context.decode(Packet(data)):
                    block = samples_of(frame)
                    if skip < block.shape[1]:
                        yield block[:, skip:]
                    skip = max(0, skip - block.shape[1])

    with closing(master_blocks(recording, track.target, track.samples)) as given:
        pairs = zip(windows(decoded()), windows(given), strict=False)
        return all(bool((a[:, : b.shape[1]] == b[:, : a.shape[1]]).all()) for a, b in pairs)


def _skip(packet: Packet[AudioStream]) -> int:
    if not packet.has_sidedata("skip_samples"):
        return 0
    return int.from_bytes(bytes(packet.get_sidedata("skip_samples"))[:_SKIP_BYTES], "little")


def _is_even(times: list[int], tick_samples: Fraction, packet_samples: int) -> bool:
    """Return True if every packet begins within two ticks of its expected time.

    The expected time of packet n is `packet_samples` * n samples after the first packet. `times` are in
    ticks; `tick_samples` is the length of a tick in samples.
    """
    if not times:
        return False
    samples, ticks = tick_samples.as_integer_ratio()
    passed = (np.array(times) - times[0]) * samples
    due = np.arange(len(times)) * packet_samples * ticks
    return bool((np.abs(passed - due) <= 2 * samples).all())


def _findings(source: AudioFormat, target: AudioTarget, codec: str) -> tuple[Finding, ...]:
    if codec == "alac":
        return ()  # the finished video will show whether it is bit-exact
    changes = [f"{source.codec} becomes AAC at up to {_max_bit_rate(target) // 1000} kbit/s"]
    if target.rate_hz != source.sample_rate_hz:
        changes.append(f"{source.sample_rate_hz} Hz becomes {target.rate_hz} Hz")
    if target.downmixed:
        changes.append(f"{source.channels} channels ({source.layout}) become stereo")
    serious = source.lossy or target.downmixed
    return (
        findings.MASTER_REENCODED(
            severity="warning" if serious else None,
            changes=", ".join(changes),
            advice="use --audio-codec alac to deliver the recording without further loss" if serious else "",
        ),
    )


def _max_bit_rate(target: AudioTarget) -> int:
    """Return the maximum bit rate of the encoder: ISO/IEC 14496-3 allows 6144 bits per packet and channel."""
    channels = av.AudioLayout(target.layout).nb_channels
    return min(AAC_BIT_RATE, 6144 * channels * target.rate_hz // aac_alac.AAC_FRAME_SAMPLES)


def _audio(container: InputContainer) -> AudioStream:
    stream = container.streams.best("audio")
    assert isinstance(stream, AudioStream)  # noqa: S101 - probe_audio has found it
    return stream
