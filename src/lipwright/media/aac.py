"""What a stream copy has to know of AAC: its configuration, its headers, its silence.

ISO/IEC 14496-3: AudioSpecificConfig in 1.6.2.1, ADTS in 1.A.2.2.
"""

from __future__ import annotations

import av
import av.error
import numpy as np
from av.audio.codeccontext import AudioCodecContext

FRAME_SAMPLES = 1024
"""Samples in a packet of AAC-LC with frameLengthFlag 0."""

_NO_SBR = b"\x56\xe5\x00"
"""Extension that says in so many words that there is no spectral band replication."""


def is_plain_config(config: bytes) -> bool:
    """True for AAC-LC of 1024 samples, without SBR or a channel map of its own."""
    if len(config) < 2 or config[2:] not in {b"", _NO_SBR}:
        return False
    object_type, extra_flags = config[0] >> 3, config[1] & 0b111
    channel_config = config[1] >> 3 & 0b1111
    return object_type == 2 and extra_flags == 0 and channel_config > 0


def config_of_adts(packet: bytes) -> bytes | None:
    """AudioSpecificConfig of a packet with an ADTS header; None where it has none or is unusual."""
    if len(packet) < 7 or packet[0] != 0xFF or packet[1] & 0xF6 != 0xF0 or packet[6] & 0b11:
        return None
    object_type = (packet[2] >> 6) + 1
    frequency = packet[2] >> 2 & 0b1111
    channels = (packet[2] & 1) << 2 | packet[3] >> 6
    return (object_type << 11 | frequency << 7 | channels << 3).to_bytes(2, "big")


def without_adts(packet: bytes) -> bytes:
    """The raw data block behind an ADTS header of 7 bytes, or 9 with a checksum."""
    return packet[7 if packet[1] & 1 else 9 :]


def silent_packet(config: bytes, rate_hz: int, layout: str) -> bytes | None:
    """A packet of silence that decodes under `config`; None where none can be made.

    FFmpeg's own encoder makes it, so its configuration must equal the source's.
    """
    context = av.CodecContext.create("aac", "w")
    if not isinstance(context, AudioCodecContext):
        return None
    try:
        context.sample_rate, context.layout, context.format = rate_hz, layout, "fltp"
        context.open()
    except (ValueError, OSError, av.error.FFmpegError):
        return None
    if (context.extradata or b"")[:2] != config[:2]:
        return None
    channels = context.layout.nb_channels
    frame = av.AudioFrame.from_ndarray(
        np.zeros((channels, 4 * FRAME_SAMPLES), np.float32), format="fltp", layout=layout
    )
    frame.sample_rate = rate_hz
    packets = context.encode(frame) + context.encode(None)
    return bytes(packets[2])  # the first holds the encoder's delay, the last the end
