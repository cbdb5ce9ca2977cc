"""The chunks of a long video: how they are scored, cached and sampled again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.sync_verdict import IN_SYNC_MS, MAX_STIFFNESS

WORST_OFFSET_MS = 400.0
"""An offset that is this many ms outside the range IN_SYNC_MS adds 1 to `ChunkScore.badness`. 400 ms is about
the length of two syllables."""
WORST_JUMPS = 25
"""This number of mouth jumps in a chunk adds 1 to `ChunkScore.badness`."""


@dataclass(frozen=True, slots=True)
class ChunkScore:
    """How well the mouth follows the audio in one chunk, measured as in `lipwright check`."""

    offset_ms: float | None
    """Offset in ms, positive if the audio comes after the lips; None if uncertain."""
    confidence: float
    """Confidence of the offset, 0..1."""
    stiffness: float | None
    """Stiffness of the mouth: 0 if it moves at least as much as a typical speaker's mouth, 1 if it does
    not move; None if it cannot be measured, for example because nobody speaks."""
    jumps: int
    """Number of frames at which the mouth jumps."""

    @property
    def badness(self) -> float:
        """Sum of the penalties for offset, mouth jumps and stiffness; 0 is the best value.

        Offset and stiffness are penalized only beyond their limits, and each jump is penalized. A missing
        measurement adds 0.
        """
        low, high = IN_SYNC_MS
        offset = 0.0 if self.offset_ms is None else max(0.0, low - self.offset_ms, self.offset_ms - high)
        stiff = 0.0 if self.stiffness is None else max(0.0, self.stiffness - MAX_STIFFNESS)
        return offset / WORST_OFFSET_MS + self.jumps / WORST_JUMPS + stiff

    def to_json(self) -> dict[str, Any]:
        """Return the value of a chunk's `score` in the manifest."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any] | None) -> ChunkScore | None:
        """Make a score from the result of `to_json`; return None if `value` is None."""
        return None if value is None else cls(**value)


class ChunkStore(Protocol):
    """A cache of sampled chunks, so that a killed render can continue. Chunk names are used as file names."""

    def load(self, name: str) -> tuple[NDArray[np.float32], Mapping[str, Any]] | None:
        """Return the sampled tokens of a chunk, and the JSON values saved with them (`notes`).

        Return None if the chunk is missing or incomplete.
        """
        ...

    def save(self, name: str, tokens: NDArray[np.float32], notes: Mapping[str, Any]) -> None:
        """Store a chunk; a failure does not stop the render."""
        ...

    def note(self, name: str, notes: Mapping[str, Any]) -> None:
        """Replace the notes of a stored chunk."""
        ...


FrameScorer = Callable[[Iterable[NDArray[np.uint8]], Fraction, float], ChunkScore | None]
"""Scores RGB frames of shape (height, width, 3), given the frame rate and the start time in seconds.
Returns None if no face was found, or scoring is not available."""


@dataclass(frozen=True, slots=True)
class ChunkOptions:
    """Options for the chunks of a video: caching, scoring and sampling again."""

    score: FrameScorer | None = None
    """Function that scores each chunk; None for no scoring."""
    retakes: int = 0
    """Maximum number of times that a poorly scored chunk is sampled again, each with the next seed; the best
    take is kept."""
    redone: tuple[tuple[int, int], ...] = ()
    """Chunks of a finished video to sample again, each as (chunk number counted from 0, seed). The other
    chunks are not changed."""
    store: ChunkStore | None = None
    """Cache for sampled chunks; None for no cache."""


@dataclass(frozen=True, slots=True)
class ChunkReport:
    """How one chunk was made: an entry of the manifest's `chunks`."""

    number: int
    """Number of the chunk, counted from 1."""
    start_seconds: float
    seconds: float
    first_seed: int
    """Seed of the first take."""
    seed: int
    """Seed of the take that was kept."""
    takes: int = 1
    """Number of times that the chunk was sampled."""
    kept: bool = False
    """True if the chunk was read from the cache: an earlier run of the same job had sampled it."""
    redone: bool = False
    """True if the chunk was sampled again between unchanged neighbors."""
    score: ChunkScore | None = None

    def to_json(self) -> dict[str, Any]:
        """Return an entry of `chunks` in the manifest."""
        return asdict(self)
