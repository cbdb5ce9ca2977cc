"""Divide a long video into chunks.

The quality of a single clip decays after 257 frames, so a longer video is made in overlapping chunks. A chunk
takes the frames of its overlap from the previous chunk. Chunk starts are multiples of 8; lengths and overlaps
are 8k+1.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from fractions import Fraction
from operator import attrgetter

from lipwright.domain.grid import FRAMES_PER_LATENT, MAX_CLIP_FRAMES, is_valid_frames
from lipwright.domain.plan import Chunk
from lipwright.domain.time import Span

OVERLAP_FRAMES = 25
"""Length of the overlap of two chunks, in frames: one second at 25 fps. If this is more than half of
`max_frames`, the overlap is shorter."""

ENOUGH_PAUSE_S = 0.3
"""Distance from speech, in seconds, at which the lips are at rest. All cuts at this distance or farther are
equally good."""


def lay_chunks(
    frames: int,
    frame_rate: Fraction,
    *,
    speech: Sequence[Span] = (),
    max_frames: int = MAX_CLIP_FRAMES,
    start_multiple: int = FRAMES_PER_LATENT,
) -> tuple[Chunk, ...]:
    """Divide a video into overlapping chunks of about the same length.

    Args:
        frames: Number of frames of the video, 8n+1.
        frame_rate: Frames per second.
        speech: Spans of speech, in seconds. Cuts are moved into nearby pauses.
        max_frames: Maximum length of a chunk in frames: 8n+1, and at least 9.
        start_multiple: Chunks start at multiples of this many frames, as far as the limits of chunk
            length allow. The value must be a multiple of 8.

    Returns:
        Chunks in order. Each chunk after the first starts `overlap_frames` before the end of the previous
        chunk; the last chunk ends with the video. In the first chunk, `overlap_frames` is 1: frame 0 is the
        reference image.

    Raises:
        ValueError: `frames` or `max_frames` is not as described above.

    >>> [(c.start_frame, c.frames, c.overlap_frames) for c in lay_chunks(401, Fraction(25))]
    [(0, 217, 1), (192, 209, 25)]
    """
    if not (is_valid_frames(frames) and is_valid_frames(max_frames)):
        raise ValueError(f"frames and max_frames must be 8n+1, got {frames} and {max_frames}")
    if max_frames <= FRAMES_PER_LATENT:
        raise ValueError(f"max_frames must be at least 9, got {max_frames}")
    overlap = min(OVERLAP_FRAMES, max_frames // 2) // FRAMES_PER_LATENT
    steps = frames // FRAMES_PER_LATENT
    longest = max_frames // FRAMES_PER_LATENT - overlap

    chunks: list[Chunk] = []
    done = 0
    grid = range(overlap, steps, start_multiple // FRAMES_PER_LATENT)
    seconds = float(FRAMES_PER_LATENT / frame_rate)
    for end in _cuts(steps, longest, longest + overlap, sorted(speech), seconds, grid=grid):
        start = done - overlap if chunks else 0
        chunks.append(
            Chunk(
                start_frame=start * FRAMES_PER_LATENT,
                frames=(end - start) * FRAMES_PER_LATENT + 1,
                overlap_frames=overlap * FRAMES_PER_LATENT + 1 if chunks else 1,
            )
        )
        done = end
    return tuple(chunks)


def _cuts(
    steps: int, longest: int, longest_first: int, speech: Sequence[Span], step_seconds: float, *, grid: range
) -> Iterator[int]:
    """Yield the end of each chunk, in steps of 8 frames after frame 0; the last chunk ends at `steps`.

    Each chunk adds at least `longest // 3` and at most `longest` steps. The first chunk, which has no
    overlap, adds at most `longest_first` steps. If any places within these limits are on `grid`, only those
    are considered. Of the possible places, the one farthest from speech becomes the end of the chunk; if
    several are equally far, the one that makes chunk lengths most equal.
    """
    done = 0
    limit = longest_first
    while steps - done > limit:
        rest = steps - done
        # Use as few chunks as possible for the rest, all equally long, so that the last one is not tiny. The
        # first chunk has no overlap and adds more steps than later ones.
        count = 1 - (limit - rest) // longest
        even = -(-(rest + (count - 1) * (limit - longest)) // count)
        shortest = max(1, longest // 3)
        reach: Sequence[int] = range(done + shortest, done + min(limit, rest - shortest) + 1)
        reach = [cut for cut in reach if cut in grid] or reach
        target = min(done + even, reach[-1])
        done = min(
            reach,
            key=lambda cut: (-_pause_around(speech, cut * step_seconds), abs(cut - target), cut),
        )
        yield done
        limit = longest
    yield steps


def _pause_around(speech: Sequence[Span], seconds: float) -> float:
    """Return the seconds from a time to the nearest speech: 0..ENOUGH_PAUSE_S, rounded to 10 ms."""
    after = bisect_right(speech, seconds, key=attrgetter("start"))
    since = seconds - speech[after - 1].end if after else ENOUGH_PAUSE_S
    until = speech[after].start - seconds if after < len(speech) else ENOUGH_PAUSE_S
    return round(max(0.0, min(since, until, ENOUGH_PAUSE_S)), 2)
