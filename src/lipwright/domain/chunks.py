"""The chunks of a long video: how each is judged, kept, and made again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.sync_verdict import IN_SYNC_MS, MAX_STIFFNESS

WORST_OFFSET_MS = 400.0
"""An offset of two syllables outside the limits counts as much as jumps all over a chunk."""
WORST_JUMPS = 25


@dataclass(frozen=True, slots=True)
class ChunkScore:
    """How well the mouth of one chunk follows its audio, by the measures of `lipwright check`."""

    offset_ms: float | None
    """Positive: the audio comes after the lips; None where that is not certain."""
    confidence: float
    """0..1."""
    stiffness: float | None
    """0: moves like most speakers, or more. 1: does not move. None if nobody speaks."""
    jumps: int
    """Frames at which the mouth jumps."""

    @property
    def badness(self) -> float:
        """How far it is out of bounds: 0 is a good chunk, and whatever could not be measured is not bad."""
        low, high = IN_SYNC_MS
        offset = 0.0 if self.offset_ms is None else max(0.0, low - self.offset_ms, self.offset_ms - high)
        stiff = 0.0 if self.stiffness is None else max(0.0, self.stiffness - MAX_STIFFNESS)
        return offset / WORST_OFFSET_MS + self.jumps / WORST_JUMPS + stiff

    def to_json(self) -> dict[str, Any]:
        """Return the keys of a chunk's `score` in the manifest."""
        return {
            "offset_ms": self.offset_ms,
            "confidence": self.confidence,
            "stiffness": self.stiffness,
            "jumps": self.jumps,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any] | None) -> ChunkScore | None:
        """Read what `to_json` returned; None for None."""
        return None if value is None else cls(**value)


class ChunkStore(Protocol):
    """Keeps sampled chunks, so that a killed render goes on where it was. Names are file names."""

    def load(self, name: str) -> tuple[NDArray[np.float32], Mapping[str, Any]] | None:
        """Return the tokens of a chunk, and what was noted of it; None where it is not kept whole."""
        ...

    def save(self, name: str, tokens: NDArray[np.float32], notes: Mapping[str, Any]) -> None:
        """Keep a chunk; a failure to do so is no failure of the render."""
        ...

    def note(self, name: str, notes: Mapping[str, Any]) -> None:
        """Replace what was noted of a chunk that is kept."""
        ...


FrameScorer = Callable[[Iterable[NDArray[np.uint8]], Fraction, float], ChunkScore | None]
"""Scores RGB frames of shape (height, width, 3), given their rate and the second at which they begin.
None is no score: no face was found, or it cannot be measured here."""


@dataclass(frozen=True, slots=True)
class ChunkWishes:
    """What is wanted of a video's chunks, besides sampling them one after the other."""

    score: FrameScorer | None = None
    """Scores each chunk; None leaves that out."""
    retakes: int = 0
    """How often a chunk with a poor score is sampled again, with the next seed; the best take is kept."""
    redone: tuple[tuple[int, int], ...] = ()
    """Chunks, counted from 0, that are sampled once more between their neighbours, and the seed of each."""
    store: ChunkStore | None = None
    """Where sampled chunks are kept; None keeps none."""


@dataclass(frozen=True, slots=True)
class ChunkReport:
    """How one chunk came to be: an entry of the manifest's `chunks`."""

    number: int
    """Counted from 1."""
    start_seconds: float
    seconds: float
    first_seed: int
    """What its first take was drawn with."""
    seed: int
    """What the take that was kept was drawn with."""
    takes: int = 1
    """How often it was sampled; the best take is kept."""
    kept: bool = False
    """It was not sampled in this run, but in an earlier one of the same job."""
    redone: bool = False
    """It was sampled again between its neighbours."""
    score: ChunkScore | None = None

    def to_json(self) -> dict[str, Any]:
        """Return an entry of `chunks` in the manifest."""
        return {
            "number": self.number,
            "start_seconds": self.start_seconds,
            "seconds": self.seconds,
            "first_seed": self.first_seed,
            "seed": self.seed,
            "takes": self.takes,
            "kept": self.kept,
            "redone": self.redone,
            "score": None if self.score is None else self.score.to_json(),
        }
