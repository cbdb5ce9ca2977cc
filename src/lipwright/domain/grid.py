"""The frame grid of LTX-2: 8n+1 pixel frames, their latent frames, and the audio latents.

Latent frame 0 holds pixel frame 0 alone; latent frame j >= 1 holds pixel frames
8j-7 .. 8j (ltx-core, AudioVideo VAE; the embedded model does the same).

The latents of a time span are computed like those of ComfyUI-LTXVideo's node LTXVSetAudioVideoMaskByTime, so
that lipwright and the node mask the same frames. Products are rounded with Python's `round` (halves to even).
A time given as a Fraction is multiplied exactly; a float is multiplied in floating point, as in the node.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from fractions import Fraction
from math import isnan

from lipwright.errors import UsageError

FRAMES_PER_LATENT = 8
"""Temporal compression of the video latents."""

AUDIO_LATENTS_PER_SECOND = 25
"""Number of audio latents per second: 16,000 Hz / hop of 160 samples / 4 mel frames per latent."""

MAX_CLIP_FRAMES = 257
"""Maximum length of a single clip, in frames; longer clips lose quality (rule FRAMES-5)."""


def is_valid_frames(frames: int) -> bool:
    """Return True for a frame count of the form 8n+1: 1, 9, 17, 25, ..."""
    return frames >= 1 and frames % FRAMES_PER_LATENT == 1


def floor_frames(frames: Fraction | int) -> int:
    """Return the largest frame count 8n+1 that is not above `frames`; at least 1."""
    return max(1, (int(frames // 1) - 1) // FRAMES_PER_LATENT * FRAMES_PER_LATENT + 1)


def cover_frames(frames: Fraction | int) -> int:
    """Return the smallest frame count 8n+1 that is not below `frames`."""
    below = floor_frames(frames)
    return below if below >= frames else below + FRAMES_PER_LATENT


def nearest_frames(frames: Fraction | int) -> int:
    """Return the nearest frame count 8n+1; a tie is rounded down, as in the lip-sync guide (125 -> 121)."""
    below, above = floor_frames(frames), cover_frames(frames)
    return above if above - frames < frames - below else below


def latent_frames(frames: int) -> int:
    """Convert a number of pixel frames (8n+1) to the number of latent frames.

    >>> latent_frames(121)
    16
    """
    return (frames - 1) // FRAMES_PER_LATENT + 1


def pixel_frames(latents: int) -> int:
    """Convert a number of latent frames to the number of pixel frames: the inverse of `latent_frames`."""
    return (latents - 1) * FRAMES_PER_LATENT + 1


def audio_latents(frames: int, frame_rate: Fraction) -> int:
    """Return the number of audio latents for a number of frames: round(25 * frames / fps), halves to even.

    The number is computed in floating point, so that it equals AudioLatentShape.from_duration of ltx-core.
    There is one difference: the minimum here is 1; ltx-core returns 0 for a single frame at 50 fps.

    >>> audio_latents(9, Fraction(50)), audio_latents(121, Fraction(24)), audio_latents(1, Fraction(50))
    (4, 126, 1)
    """
    return max(1, round(frames / float(frame_rate) * AUDIO_LATENTS_PER_SECOND))


def video_window(
    start: Fraction | float, end: Fraction | float, *, frames: int, frame_rate: Fraction
) -> range:
    """Find the latent frames that lie wholly inside a time span.

    Latent frames begin at pixel frames 0, 1, 9, 17, ... The window starts at the first of these boundaries
    that is at or after round(start * fps), and ends at the last one that is at or before round(end * fps).

    Args:
        start: Start in seconds; a negative time counts as 0.
        end: End in seconds; a time past the end of the video, or infinity, counts as its end.
        frames: Number of latent frames of the video.
        frame_rate: Frames per second.

    Returns:
        Indices of latent frames; empty if no whole latent frame lies in the span.

    Raises:
        UsageError: a time is not a number.
    """
    boundaries = [0, *range(1, FRAMES_PER_LATENT * frames, FRAMES_PER_LATENT)]
    first = bisect_left(boundaries, _nearest_index(start, frame_rate, boundaries[-1]))
    last = bisect_right(boundaries, _nearest_index(end, frame_rate, boundaries[-1])) - 1
    return range(first, max(first, last))


def audio_window(start: Fraction | float, end: Fraction | float, *, length: int) -> range:
    """Find the audio latents of a time span: round(25 * start) up to and including round(25 * end).

    Args:
        start: Start in seconds; a negative time counts as 0.
        end: End in seconds; a time past the end of the audio, or infinity, counts as its end.
        length: Number of audio latents of the video.

    Returns:
        Indices of audio latents.

    Raises:
        UsageError: a time is not a number.
    """
    frame_rate = Fraction(AUDIO_LATENTS_PER_SECOND)
    first = _nearest_index(start, frame_rate, length)
    last = min(_nearest_index(end, frame_rate, length) + 1, length)
    return range(first, max(first, last))


def _nearest_index(time: Fraction | float, frame_rate: Fraction, last: int) -> int:
    """Return the index of the frame or latent nearest to a time in seconds, limited to 0..`last`."""
    if isnan(time):
        raise UsageError("the start or end time is not a number", hint="give both times in seconds")
    return round(min(max(time * frame_rate, 0), last))
