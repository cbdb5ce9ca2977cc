"""A recording, or a piece of it: the path of the file, with start and end times.

NumPy is not imported here, so that commands start fast.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from lipwright.errors import UsageError


@dataclass(frozen=True, slots=True)
class AudioPiece:
    """A piece of a recording. All code that reads audio treats the piece like a whole file.

    Times in a piece therefore count from its own start: second 0 is at `start` in the file.
    """

    path: Path
    start: Fraction = Fraction(0)
    """Start of the piece in the file, in seconds, exact; reading begins at the nearest sample."""
    end: Fraction | None = None
    """End of the piece in the file, in seconds, exact; None for the end of the file."""

    def __str__(self) -> str:
        """The path of the file, for messages."""
        return str(self.path)


AudioSource = Path | AudioPiece
"""A whole recording (its path), or a piece of a recording."""


def cut_piece(path: Path, start_seconds: float | None, end_seconds: float | None) -> AudioSource:
    """Return the piece of a recording between two times; the whole recording if neither is given.

    Raises:
        UsageError: the end is not after the start.
    """
    if start_seconds is None and end_seconds is None:
        return path
    # Read decimals as they are written: 0.1 is a tenth, not the nearest binary number.
    start = Fraction(str(start_seconds or 0.0))
    end = None if end_seconds is None else Fraction(str(end_seconds))
    if end is not None and end <= start:
        raise UsageError(
            f"--audio-to {float(end):g} is not after --audio-from {float(start):g}",
            hint="give an end after the start",
        )
    return AudioPiece(path, start, end)


def as_piece(source: AudioSource) -> AudioPiece:
    """Return an AudioPiece; a path becomes the piece that covers the whole recording."""
    return source if isinstance(source, AudioPiece) else AudioPiece(source)
