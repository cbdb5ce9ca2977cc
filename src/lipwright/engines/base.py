"""The interface of every engine, and the description that it provides without being loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from lipwright.domain.grid import MAX_CLIP_FRAMES
from lipwright.domain.settings import Preset
from lipwright.planning.size import SizeRules

if TYPE_CHECKING:
    from lipwright.domain.progress import ProgressCallback
    from lipwright.domain.shot import Render, Shot


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineDescription:
    """An engine's description of itself: its requirements, inputs and abilities.

    The rest of lipwright uses these fields and never compares names. Your own package can add an engine with
    an entry point in the group `lipwright.engines` that refers to such a description.
    """

    name: str
    """Name for --engine."""
    summary: str
    """Purpose of the engine in one line."""
    target: str
    """"module:Class" of its `Engine`; imported only when the engine is used."""
    preset: Preset
    """Preset to use if the user does not choose one."""
    own: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    """Settings that differ from the preset, by number of stages."""
    extra: str = ""
    """lipwright's optional dependency group for it; empty if the default install is enough."""
    install: str = ""
    """Command that installs an engine from another package; if empty, see `extra`."""
    distributions: tuple[str, ...] = ()
    """Distributions that it cannot run without."""
    auto_rank: int | None = None
    """Priority for `auto`, which chooses the highest that can run; None is only used by name."""
    auto_reason: str = "it runs anywhere"
    """Why `auto` chooses it if it can run."""
    probe: str = ""
    """"module:function" that explains, without loading its libraries, why `auto` should not choose it on this
    machine; an empty text if it may. `--engine NAME` ignores it."""
    remedy: str = ""
    """"module:function" that returns the commands that install what `probe` found missing."""
    needs_face: bool = False
    """True if it requires a human face in the image, and the face model."""
    needs_image: bool = False
    """True if it requires an image."""
    holds_first_image: bool = False
    """True if `image_strength` holds the first frame to the image, so that a prompt in which nobody talks may
    freeze the video."""
    reads_prompt: Literal["all", "mood", "none"] = "all"
    """Which part of the prompt it uses: everything, mood words, or nothing."""
    takes_chunks: bool = False
    """True if it makes long videos in chunks and supports `Shot.chunks`: caching, scoring and resampling."""
    scores_always: bool = False
    """True if chunks are always scored, because scoring is fast compared with sampling."""
    makes_motion: bool = False
    """True if its `Render` contains the face motion, which `--motion-out` writes."""
    moves_several: bool = False
    """True for a `GroupEngine`, which animates several faces of one image, each with its own voice."""
    sizes: SizeRules = field(default_factory=SizeRules)
    """The sizes that it can make."""
    max_clip_frames: int = MAX_CLIP_FRAMES
    """Maximum number of frames at once, 8n+1; longer videos are made in chunks."""
    parallel: Literal["cores", "one", "servers"] = "cores"
    """How many renders `batch` runs at once: one per core, only one (it fills the GPU), or one per server."""
    options: frozenset[str] = frozenset()
    """Fields of EngineOptions that it takes, as keywords of its constructor."""
    ignores: frozenset[str] = frozenset()
    """Settings (and other parameters of `tune`) without effect; giving one is reported."""

    @property
    def install_command(self) -> str:
        """The command that installs its libraries."""
        if self.install:
            return self.install
        return f"pip install 'lipwright[{self.extra}]'" if self.extra else "pip install --upgrade lipwright"


class Engine(Protocol):
    """Makes frames from a shot. Engines return values; only `media` writes files."""

    name: str
    """Name for --engine."""

    def render(self, shot: Shot, report: ProgressCallback) -> Render:
        """Sample the motion or latents, and return a stream of frames.

        Raises:
            EngineError: the engine cannot do it; nothing was written.
            Cancelled: `report` stopped the work.
        """
        ...


class GroupEngine(Engine, Protocol):
    """An engine that animates several faces of one image."""

    def render_together(self, shots: Sequence[Shot], report: ProgressCallback) -> Render:
        """Make one video of several people: a shot for each, with their driver and face; all else is equal.

        Raises:
            EngineError: the engine cannot do it; nothing was written.
            InputError: a face is missing, or two shots name the same face.
            Cancelled: `report` stopped the work.
        """
        ...
