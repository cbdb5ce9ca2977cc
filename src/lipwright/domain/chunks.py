"""The chunks of a long video: how they are scored, cached and resampled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.sync_verdict import IN_SYNC_MS, MAX_STIFFNESS

WORST_OFFSET_MS = 400.0
"""Offset outside the limits that counts as much as WORST_JUMPS: about two syllables."""
WORST_JUMPS = 25


@dataclass(frozen=True, slots=True)
class ChunkScore:
    """How well the mouth follows the audio in one chunk, measured as `lipwright check` does."""

    offset_ms: float | None
    """Positive if the audio comes after the lips; None if uncertain."""
    confidence: float
    """0..1."""
    stiffness: float | None
    """0: moves like most speakers, or more. 1: does not move. None if nobody speaks."""
    jumps: int
    """Frames at which the mouth jumps."""

    @property
    def badness(self) -> float:
        """How far the chunk is outside the limits: 0 is good; what could not be measured counts as good."""
        low, high = IN_SYNC_MS
        offset = 0.0 if self.offset_ms is None else max(0.0, low - self.offset_ms, self.offset_ms - high)
        stiff = 0.0 if self.stiffness is None else max(0.0, self.stiffness - MAX_STIFFNESS)
        return offset / WORST_OFFSET_MS + self.jumps / WORST_JUMPS + stiff

    def to_json(self) -> dict[str, Any]:
        """Return the keys of a chunk's `score` in the manifest."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any] | None) -> ChunkScore | None:
        """Read what `to_json` returned; None for None."""
        return None if value is None else cls(**value)


class ChunkStore(Protocol):
    """Caches sampled chunks, so that a killed render can continue. Names are file names."""

    def load(self, name: str) -> tuple[NDArray[np.float32], Mapping[str, Any]] | None:
        """Return the tokens of a chunk and its notes; None if it is missing or incomplete."""
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
    """Options for the chunks of a video: caching, scoring and resampling."""

    score: FrameScorer | None = None
    """Scores each chunk; None leaves that out."""
    retakes: int = 0
    """How often a chunk with a poor score is sampled again, with the next seed; the best take is kept."""
    redone: tuple[tuple[int, int], ...] = ()
    """Chunks, counted from 0, that are sampled once more between their neighbors, and the seed of each."""
    store: ChunkStore | None = None
    """Where sampled chunks are stored; None stores none."""


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
    """How often it was sampled; the best take is kept."""
    kept: bool = False
    """True if it was sampled in an earlier run of the same job."""
    redone: bool = False
    """True if it was resampled between its neighbors."""
    score: ChunkScore | None = None

    def to_json(self) -> dict[str, Any]:
        """Return an entry of `chunks` in the manifest."""
        return asdict(self)
