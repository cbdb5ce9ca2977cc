"""Decode whole files for comparison."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.audio_piece import AudioSource
from lipwright.media.audio_decoder import AudioFormat, open_audio


def decode_audio(path: AudioSource) -> tuple[NDArray[Any], AudioFormat]:
    """All audio of a file, or of a piece: every channel, shape (channels, n), in the codec's own type."""
    with open_audio(path) as decoder:
        blocks = list(decoder.blocks())
        return np.concatenate(blocks, 1), decoder.format
