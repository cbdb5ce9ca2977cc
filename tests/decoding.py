"""Decode whole files for comparison."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipwright.media.audio_decoder import AudioFormat, open_audio


def decode_audio(path: Path) -> tuple[NDArray[Any], AudioFormat]:
    """All audio of a file: every channel, shape (channels, n), in the codec's own sample type."""
    with open_audio(path) as decoder:
        blocks = list(decoder.blocks())
        return np.concatenate(blocks, 1), decoder.format
