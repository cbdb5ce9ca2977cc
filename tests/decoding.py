"""Deliver audio in a video, and decode whole files for comparison."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.audio_piece import AudioSource
from lipwright.domain.media import FrameSize
from lipwright.media.audio_decoder import AudioFormat, open_audio
from lipwright.media.video_writer import AudioDelivery, write_video


def decode_audio(path: AudioSource) -> tuple[NDArray[Any], AudioFormat]:
    """All audio of a file, or of a piece: every channel, shape (channels, n), in the codec's own type."""
    with open_audio(path) as decoder:
        blocks = list(decoder.blocks())
        return np.concatenate(blocks, 1), decoder.format


def deliver(
    audio: AudioSource, frames: int, folder: Path, codec: Any = "auto"
) -> tuple[AudioDelivery, NDArray[Any]]:
    """Write a still video of 25 fps with this audio: how it was delivered, and its decoded samples."""
    video = folder / "video.mp4"
    delivery = write_video(
        video,
        (np.zeros((64, 64, 3), np.uint8) for _ in range(frames)),
        frame_rate=Fraction(25),
        size=FrameSize(64, 64),
        audio=audio,
        frame_count=frames,
        audio_codec=codec,
    )
    return delivery, decode_audio(video)[0]
