"""Exact time: frame rates as fractions, spans in seconds, and conversions of frames and samples to seconds.

A frame rate stays exact from the command line to the muxer. If 23.976 were taken as 24, the lips would drift
by 1 ms per second; if 29.97 were truncated to 29, by 34 ms per second.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from lipwright.domain.text import shorten
from lipwright.errors import UsageError

MIN_RATE, MAX_RATE = Fraction(1), Fraction(240)
"""Range of accepted frame rates, in frames per second."""

MAX_RECORDING_SECONDS = 4 * 3600
"""Maximum length of a recording: 4 hours."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open time span [start, end), in seconds."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.end - self.start

    def overlaps(self, other: Span) -> bool:
        """Return True if the two spans share any time."""
        return self.start < other.end and other.start < self.end


_NUMBER = re.compile(r"[+-]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})([eE][+-]?\d{1,2})?|\d{1,15}/\d{1,15}")


def parse_fraction(text: str) -> Fraction | None:
    """Parse a number exactly as it is written; None if the text is no number or has too many digits.

    The length is checked first, because Fraction("1e999999999") would fill the memory.

    >>> parse_fraction("4.84"), parse_fraction("24000/1001"), parse_fraction("1e999999999")
    (Fraction(121, 25), Fraction(24000, 1001), None)
    """
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        return None
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None


def parse_frame_rate(given: Fraction | float | str) -> Fraction:
    """Read a frame rate: a number, or a text such as "25", "24000/1001" or "23.976".

    A decimal near an NTSC rate (a whole number * 1000/1001) becomes exactly that rate.

    Returns:
        Frames per second, exact.

    Raises:
        UsageError: not a number, or outside 1..240.

    >>> parse_frame_rate("29.97"), parse_frame_rate(25)
    (Fraction(30000, 1001), Fraction(25, 1))
    """
    frame_rate = given if isinstance(given, Fraction) else parse_fraction(str(given))
    if frame_rate is None:
        raise UsageError(
            f"frame rate {shorten(given)} is not a number",
            hint="give frames per second, such as 25, 23.976 or 24000/1001",
        )
    ntsc = Fraction(round(frame_rate) * 1000, 1001)
    if frame_rate != round(frame_rate) and abs(frame_rate - ntsc) < Fraction(1, 200):
        frame_rate = ntsc
    if not MIN_RATE <= frame_rate <= MAX_RATE:
        raise UsageError(
            f"frame rate {shorten(given)} is outside {MIN_RATE}..{MAX_RATE}",
            hint="use 25, which gives one frame per audio latent; 24 and 30 work too",
        )
    return frame_rate


def round_half_up(value: Fraction) -> int:
    """Round to the nearest integer, halves up (Python's `round` rounds halves to even)."""
    return floor(value + Fraction(1, 2))


def frames_to_seconds(frames: int, frame_rate: Fraction) -> Fraction:
    """Return the length of `frames` frames in seconds.

    This is also the start time of the frame with the index `frames`, counted from 0.
    """
    return Fraction(frames) / frame_rate


def seconds_to_samples(seconds: Fraction | float, rate_hz: int) -> int:
    """Convert seconds to samples, rounding halves up."""
    return round_half_up(Fraction(seconds) * rate_hz)


def samples_to_seconds(samples: int, rate_hz: int) -> Fraction:
    """Convert samples to seconds, exactly."""
    return Fraction(samples, rate_hz)
