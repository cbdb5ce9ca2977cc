"""How a long video is divided into chunks.

Quality decays past 257 frames, so a longer video is made in overlapping chunks; the frames of
an overlap are kept from the chunk before. Chunk starts are multiples of 8; lengths and overlaps
are 8k+1.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from fractions import Fraction

from lipwright.domain.grid import FRAMES_PER_LATENT, MAX_CLIP_FRAMES, is_valid_frames
from lipwright.domain.plan import Chunk
from lipwright.domain.time import Span

OVERLAP_FRAMES = 25
"""Frames that a chunk keeps from the one before: one second at 25 fps."""

ENOUGH_PAUSE_S = 0.3
"""Distance in seconds between a cut and the speech around it beyond which the lips are at rest."""


def lay_chunks(
    frames: int,
    frame_rate: Fraction,
    *,
    speech: Sequence[Span] = (),
    max_frames: int = MAX_CLIP_FRAMES,
    overlap_frames: int = OVERLAP_FRAMES,
    start_multiple: int = FRAMES_PER_LATENT,
) -> tuple[Chunk, ...]:
    """Divide a video into overlapping chunks of about the same length.

    Args:
        frames: Length of the video, 8n+1.
        frame_rate: Frames per second.
        speech: Spans of speech, in seconds. Cuts are moved into nearby pauses.
        max_frames: Longest chunk, 8n+1.
        overlap_frames: Frames shared by neighbors, 8n+1 and at most half of max_frames.
        start_multiple: Every chunk starts at a multiple of this many frames, which is a multiple of 8.

    Returns:
        Chunks in order; each begins `overlap_frames` before the end of the one before,
        and the last one ends with the video.

    >>> [(c.start_frame, c.frames, c.overlap_frames) for c in lay_chunks(401, Fraction(25))]
    [(0, 217, 1), (192, 209, 25)]
    """
    if not (is_valid_frames(frames) and is_valid_frames(max_frames) and is_valid_frames(overlap_frames)):
        raise ValueError(f"not all 8n+1: {frames} frames, chunks of {max_frames}, overlap {overlap_frames}")
    if 2 * overlap_frames > max_frames:
        raise ValueError(f"an overlap of {overlap_frames} is over half a chunk of {max_frames} frames")
    overlap = overlap_frames // FRAMES_PER_LATENT
    pauses = _Pauses(speech)
    steps = frames // FRAMES_PER_LATENT
    longest = max_frames // FRAMES_PER_LATENT - overlap

    chunks: list[Chunk] = []
    done = 0
    grid = range(overlap, steps, start_multiple // FRAMES_PER_LATENT)
    for end in _cuts(steps, longest, longest + overlap, pauses, FRAMES_PER_LATENT / frame_rate, grid=grid):
        start = done - overlap if chunks else 0
        chunks.append(
            Chunk(
                start_frame=start * FRAMES_PER_LATENT,
                frames=(end - start) * FRAMES_PER_LATENT + 1,
                overlap_frames=overlap_frames if chunks else 1,
            )
        )
        done = end
    return tuple(chunks)


def _cuts(
    steps: int, longest: int, longest_first: int, pauses: _Pauses, step_seconds: Fraction, *, grid: range
) -> Iterator[int]:
    """Yield the ends of the chunks, in steps of 8 frames after frame 0; the last is `steps`.

    Each chunk adds at most `longest` steps (the first, which overlaps nothing,
    `longest_first`), and at least a third of that, wherever the pauses are. Cuts lie on `grid`
    where one is within reach.
    """
    done = 0
    limit = longest_first
    while steps - done > limit:
        rest = steps - done
        # As few chunks as hold the rest, all equally long, so that the last one is not tiny. The
        # first chunk has no overlap and adds more steps than later ones.
        count = 1 - (limit - rest) // longest
        even = -(-(rest + (count - 1) * (limit - longest)) // count)
        shortest = max(1, longest // 3)
        reach: Sequence[int] = range(done + shortest, done + min(limit, rest - shortest) + 1)
        reach = [cut for cut in reach if cut in grid] or reach
        done = pauses.best_cut(reach, min(done + even, reach[-1]), float(step_seconds))
        yield done
        limit = longest
    yield steps


class _Pauses:
    """The pauses between speech, and how far a given time is from it."""

    def __init__(self, speech: Sequence[Span]) -> None:
        self._spans = sorted(speech)
        self._starts = [span.start for span in self._spans]

    def best_cut(self, cuts: Sequence[int], target: int, step_seconds: float) -> int:
        """Return the cut furthest from speech; of equals the one nearest to `target`."""
        if not self._spans and target in cuts:
            return target
        return min(cuts, key=lambda cut: (-self._distance(cut * step_seconds), abs(cut - target), cut))

    def _distance(self, seconds: float) -> float:
        """Return the seconds to the nearest speech, in steps of 10 ms: 0 to ENOUGH_PAUSE_S."""
        after = bisect_right(self._starts, seconds)
        since = seconds - self._spans[after - 1].end if after else ENOUGH_PAUSE_S
        until = self._starts[after] - seconds if after < len(self._starts) else ENOUGH_PAUSE_S
        return round(max(0.0, min(since, until, ENOUGH_PAUSE_S)), 2)
