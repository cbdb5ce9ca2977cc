"""The interface of engines, and their descriptions, which can be read without loading an engine."""

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

    The rest of lipwright uses these fields and never compares names of engines. Another package can add an
    engine with an entry point in the group `lipwright.engines` that refers to such a description.
    """

    name: str
    """Name of the engine, the value of --engine."""
    summary: str
    """Purpose of the engine in one line."""
    target: str
    """Import path "module:Class" of the engine's class, which is imported only when the engine is used."""
    preset: Preset
    """Preset to use if the user does not choose one."""
    own_settings: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    """Values that this engine uses in place of the preset's values, as {number of stages: {setting name:
    value}}."""
    extra: str = ""
    """lipwright's optional dependency group for the engine; empty if the default install is enough."""
    install: str = ""
    """Command that installs an engine from another package; if empty, see `extra`."""
    distributions: tuple[str, ...] = ()
    """Names of the Python distributions that the engine requires."""
    auto_rank: int | None = None
    """Rank for `--engine auto`, which chooses the engine with the largest number among those that can run;
    None if `auto` never chooses this engine."""
    auto_reason: str = "it runs anywhere"
    """Reason that is shown if `auto` chooses the engine."""
    probe: str = ""
    """Import path "module:function" of a function that returns the reason why `auto` should not choose the
    engine on this machine, or an empty text if there is none. The function does not load the engine's
    libraries. It is not called for `--engine NAME`."""
    remedy: str = ""
    """Import path "module:function" of a function that returns the commands for installing what `probe` found
    missing."""
    needs_face: bool = False
    """True if the engine requires an image with a human face. The face model, which finds the face, must then
    be installed."""
    needs_image: bool = False
    """True if the engine requires an image."""
    holds_first_image: bool = False
    """True if the setting `image_strength` fixes the first frame to the image. Such an engine needs a prompt
    that says that the person talks; otherwise the person may not move."""
    reads_prompt: Literal["all", "mood", "none"] = "all"
    """Which part of the prompt the engine uses: everything, only mood words, or nothing."""
    takes_chunks: bool = False
    """True if the engine makes long videos in chunks, and can cache and score chunks as `Shot.chunks`
    asks."""
    scores_always: bool = False
    """True if chunks are always scored, because scoring is fast compared with sampling."""
    makes_motion: bool = False
    """True if the engine's `Render` contains the face motion, which `--motion-out` writes."""
    moves_several: bool = False
    """True for a `GroupEngine`, which animates several faces of one image, each with its own voice."""
    sizes: SizeRules = field(default_factory=SizeRules)
    """Sizes of videos that the engine can make."""
    max_clip_frames: int = MAX_CLIP_FRAMES
    """Maximum number of frames of a clip, 8n+1; longer videos are made in chunks."""
    parallel: Literal["cores", "one", "servers"] = "cores"
    """How many videos `batch` renders in parallel: with "cores", one per CPU core; with "servers", one per
    server; with "one", a single video, because it fills the GPU."""
    options: frozenset[str] = frozenset()
    """Fields of EngineOptions that the engine's constructor takes as keywords."""
    ignores: frozenset[str] = frozenset()
    """Names of settings and of `tune` parameters that have no effect on this engine. If a user gives such a
    setting, a finding reports it."""

    @property
    def install_command(self) -> str:
        """The command that installs the engine's libraries."""
        if self.install:
            return self.install
        return f"pip install 'lipwright[{self.extra}]'" if self.extra else "pip install --upgrade lipwright"


class Engine(Protocol):
    """An engine, which makes the frames of a shot. It does not write the video; the package `media` does."""

    name: str
    """Name of the engine, the value of --engine."""

    def render(self, shot: Shot, report: ProgressCallback) -> Render:
        """Sample the motion or latents, and return a stream of frames.

        Raises:
            EngineError: the engine cannot render the shot; nothing was written.
            Cancelled: `report` stopped the work.
        """
        ...


class GroupEngine(Engine, Protocol):
    """An engine that animates several faces of one image."""

    def render_together(self, shots: Sequence[Shot], report: ProgressCallback) -> Render:
        """Make one video of several people from one shot per person.

        All shots have the same image, size and number of frames; each has its own driver and face.

        Raises:
            EngineError: the engine cannot render the shots; nothing was written.
            InputError: a face is missing, or two shots name the same face.
            Cancelled: `report` stopped the work.
        """
        ...
