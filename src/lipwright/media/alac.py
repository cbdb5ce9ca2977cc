"""What a stream copy has to know of Apple Lossless: its magic cookie and its silence.

The layout of ALACSpecificConfig is Apple's (github.com/macosforge/alac,
ALACMagicCookieDescription.txt); FFmpeg puts 12 bytes of atom header before it.
"""

from __future__ import annotations

import av
import av.error
import numpy as np
from av.audio.codeccontext import AudioCodecContext

_ATOM = 12
_BIT_DEPTH = _ATOM + 5
_TUNING = slice(_ATOM, _ATOM + 10)
"""frameLength, compatibleVersion, bitDepth, pb, mb, kb, numChannels; the sizes and bit rate
that follow describe the file, not the decoder."""


def frame_samples(cookie: bytes) -> int | None:
    """Samples in a full packet; None for a cookie of another kind."""
    if len(cookie) < 36 or cookie[4:8] != b"alac":
        return None
    return int.from_bytes(cookie[_ATOM : _ATOM + 4], "big") or None


def silent_packet(cookie: bytes, rate_hz: int, layout: str) -> bytes | None:
    """A full packet of silence that decodes under `cookie`; None where none can be made."""
    sample_format = {16: "s16p", 24: "s32p"}.get(cookie[_BIT_DEPTH])
    context = av.CodecContext.create("alac", "w")
    if sample_format is None or not isinstance(context, AudioCodecContext):
        return None
    context.sample_rate, context.layout, context.format = rate_hz, layout, sample_format
    try:
        context.open()
    except (ValueError, OSError, av.error.FFmpegError):
        return None
    if (context.extradata or b"")[_TUNING] != cookie[_TUNING]:
        return None
    kind = np.int16 if sample_format == "s16p" else np.int32
    shape = (context.layout.nb_channels, context.frame_size)
    frame = av.AudioFrame.from_ndarray(np.zeros(shape, kind), format=sample_format, layout=layout)
    frame.sample_rate = rate_hz
    return bytes(context.encode(frame)[0])
