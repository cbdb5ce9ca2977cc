"""Details of AAC and Apple Lossless for stream copies: configuration, headers, silent packets.

AAC: ISO/IEC 14496-3, AudioSpecificConfig in 1.6.2.1, ADTS in 1.A.2.2. ALAC: Apple's ALACSpecificConfig
(github.com/macosforge/alac, ALACMagicCookieDescription.txt), which FFmpeg prefixes with 12 bytes of atom
header.
"""

from __future__ import annotations

import av
import av.error
import numpy as np
from av.audio.codeccontext import AudioCodecContext

AAC_FRAME_SAMPLES = 1024
"""Number of samples in a packet of AAC-LC with frameLengthFlag 0."""

_AAC_NO_SBR = b"\x56\xe5\x00"
"""Extension of the AudioSpecificConfig that explicitly excludes spectral band replication."""

_ALAC_ATOM = 12
_ALAC_BIT_DEPTH = _ALAC_ATOM + 5
_ALAC_DECODER_CONFIG = slice(_ALAC_ATOM, _ALAC_ATOM + 10)
"""Part of the extradata that configures the decoder: frameLength, compatibleVersion, bitDepth, pb, mb, kb,
numChannels. The fields after this part, such as maxFrameBytes and avgBitRate, do not affect decoding."""


def packet_samples(codec: str, config: bytes) -> int | None:
    """Return the number of samples in a full packet of "aac" or "alac"; None for unusual configurations."""
    if codec == "alac":
        if len(config) < 36 or config[4:8] != b"alac":
            return None
        return int.from_bytes(config[_ALAC_ATOM : _ALAC_ATOM + 4], "big") or None
    return AAC_FRAME_SAMPLES if is_plain_aac(config) else None


def is_plain_aac(config: bytes) -> bool:
    """Return True for AAC-LC with packets of 1024 samples, without SBR and without a custom channel map."""
    if len(config) < 2 or config[2:] not in {b"", _AAC_NO_SBR}:
        return False
    object_type, extra_flags = config[0] >> 3, config[1] & 0b111
    channel_config = config[1] >> 3 & 0b1111
    return object_type == 2 and extra_flags == 0 and channel_config > 0


def config_from_adts(packet: bytes) -> bytes | None:
    """Build the AudioSpecificConfig from a packet's ADTS header; None if the header is missing or unusual."""
    if len(packet) < 7 or packet[0] != 0xFF or packet[1] & 0xF6 != 0xF0 or packet[6] & 0b11:
        return None
    object_type = (packet[2] >> 6) + 1
    frequency = packet[2] >> 2 & 0b1111
    channels = (packet[2] & 1) << 2 | packet[3] >> 6
    return (object_type << 11 | frequency << 7 | channels << 3).to_bytes(2, "big")


def without_adts(packet: bytes) -> bytes:
    """Return a packet without its ADTS header of 7 bytes, or 9 with a checksum."""
    return packet[7 if packet[1] & 1 else 9 :]


def silent_packet(codec: str, config: bytes, rate_hz: int, layout: str) -> bytes | None:
    """Make a silent packet of "aac" or "alac" that matches a stream's extradata; None if that is impossible.

    FFmpeg's encoder makes the packet, so this is possible only if the encoder uses the stream's
    configuration.
    """
    alac_formats = {16: "s16p", 24: "s32p"}
    sample_format = "fltp" if codec == "aac" else alac_formats.get(config[_ALAC_BIT_DEPTH])
    context = av.CodecContext.create(codec, "w")
    if sample_format is None or not isinstance(context, AudioCodecContext):
        return None
    try:
        context.sample_rate, context.layout, context.format = rate_hz, layout, sample_format
        context.open()
    except (ValueError, OSError, av.error.FFmpegError):
        return None
    same = slice(0, 2) if codec == "aac" else _ALAC_DECODER_CONFIG
    if (context.extradata or b"")[same] != config[same]:
        return None
    count = 4 * AAC_FRAME_SAMPLES if codec == "aac" else context.frame_size
    kind = {"fltp": np.float32, "s16p": np.int16, "s32p": np.int32}[sample_format]
    silence = np.zeros((context.layout.nb_channels, count), kind)
    frame = av.AudioFrame.from_ndarray(silence, format=sample_format, layout=layout)
    frame.sample_rate = rate_hz
    if codec == "alac":
        return bytes(context.encode(frame)[0])
    # The first AAC packet contains the encoder's delay, the last one the end of the audio.
    return bytes((context.encode(frame) + context.encode(None))[2])
