"""What every engine promises, and how it describes itself without being loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from lipwright.domain.grid import MAX_CLIP_FRAMES
from lipwright.domain.settings import Preset
from lipwright.planning.size import SizeRules

if TYPE_CHECKING:
    from lipwright.domain.job import Render, Shot
    from lipwright.domain.progress import ProgressCallback


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineDescription:
    """An engine, as it describes itself: what it needs, what it reads, and what it can make.

    The rest of lipwright asks these fields and never compares names. A package of your own adds an
    engine by an entry point of the group `lipwright.engines` that leads to such a description.
    """

    name: str
    """As --engine spells it."""
    summary: str
    """What it is good for, in one line."""
    target: str
    """"module:Class" of its `Engine`; imported only when the engine is used."""
    preset: Preset
    """Settings it starts from where the user names none."""
    own: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    """By number of stages: the settings that differ from the preset."""
    extra: str = ""
    """lipwright's optional dependency group that it needs; empty if the default install does."""
    install: str = ""
    """What installs it, for an engine of another package; empty: see `extra`."""
    distributions: tuple[str, ...] = ()
    """Distributions that it cannot run without."""
    auto_rank: int | None = None
    """`auto` takes the engine with the highest rank that can run; None is taken by name only."""
    auto_reason: str = "it runs anywhere"
    """Why `auto` takes it where it can run."""
    probe: str = ""
    """"module:function" that says, without its libraries, why `auto` should not take it here; an empty
    text where it may. `--engine NAME` is not held back by it."""
    remedy: str = ""
    """"module:function" that returns the commands that bring what `probe` misses."""
    needs_face: bool = False
    """It cannot work without a human face in the image, nor without the face model."""
    needs_image: bool = False
    """It cannot work from a prompt alone."""
    holds_first_image: bool = False
    """`image_strength` holds its first frame to the image, so that a prompt in which nobody talks may
    freeze the video."""
    reads_prompt: Literal["all", "mood", "none"] = "all"
    """What it reads of the prompt: everything, words of mood, or nothing."""
    takes_chunks: bool = False
    """It makes long videos in chunks and honors `Shot.chunks`: keeps, scores and makes them again."""
    scores_always: bool = False
    """Scoring a chunk takes little next to sampling it, so that it is always done."""
    makes_motion: bool = False
    """Its `Render` holds the motion of the face, which `--motion-out` writes."""
    moves_several: bool = False
    """It is a `GroupEngine`: it moves several faces of one image, each by its own voice."""
    sizes: SizeRules = field(default_factory=SizeRules)
    """The sizes that it can make."""
    max_clip_frames: int = MAX_CLIP_FRAMES
    """The most frames that it makes at once; longer videos are made in chunks. 8n+1."""
    parallel: Literal["cores", "one", "servers"] = "cores"
    """How many renders `batch` runs at once: one a core, one alone (it fills the GPU), or one a server."""
    options: frozenset[str] = frozenset()
    """Fields of EngineOptions that it takes, as keywords of its constructor."""
    ignores: frozenset[str] = frozenset()
    """Settings (and things that a tuning changes) without effect on it; giving one is reported."""

    @property
    def install_command(self) -> str:
        """What installs its libraries."""
        if self.install:
            return self.install
        return f"pip install 'lipwright[{self.extra}]'" if self.extra else "pip install --upgrade lipwright"


class Engine(Protocol):
    """Makes frames from a shot. Engines return values; only `media` writes files."""

    name: str
    """As --engine spells it."""

    def render(self, shot: Shot, report: ProgressCallback) -> Render:
        """Sample the motion or latents, and return a stream of frames.

        Raises:
            EngineError: the engine cannot do it; nothing was written.
            Cancelled: `report` stopped the work.
        """
        ...


class GroupEngine(Engine, Protocol):
    """An engine that moves several faces of one image."""

    def render_together(self, shots: Sequence[Shot], report: ProgressCallback) -> Render:
        """Make one video of several people.

        Args:
            shots: One of each person: their own driver, and which face is theirs; all else is alike.
            report: As for `render`.

        Raises:
            EngineError: the engine cannot do it; nothing was written.
            InputError: a face is missing, or two shots mean the same one.
            Cancelled: `report` stopped the work.
        """
        ...
