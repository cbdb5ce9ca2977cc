"""The request for a dialogue, and the checks that are made before any work is done."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from lipwright.dialogue.shots import ShotSpan
from lipwright.domain.face_choice import read_face_choice
from lipwright.domain.json_text import dumps
from lipwright.domain.setting_values import read_numbers, read_path
from lipwright.domain.settings import RenderRequest, build_request
from lipwright.domain.text import shorten
from lipwright.engines.base import EngineDescription
from lipwright.engines.registry import ENGINES
from lipwright.errors import InputError, UsageError
from lipwright.media.atomic_files import file_sha256
from lipwright.media.file_errors import require_file
from lipwright.pipeline.job_key import job_key
from lipwright.pipeline.manifest import read_manifest
from lipwright.pipeline.preflight import ResolvedRequest, preflight

Layout = Literal["cut", "split", "together"]
"""What the video shows: one shot per turn ("cut"), all speakers side by side ("split"), or all speakers in
one image ("together")."""

LAYOUTS: tuple[Layout, ...] = get_args(Layout)
CHANNELS = "channels"
"""Value of --turns, instead of a table, for a recording with one speaker per channel."""
MAX_SPEAKERS, MAX_PANELS = 16, 4
MAX_NAME_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class DialogueRequest:
    """The user's request for a dialogue: paths and options, not yet read or resolved."""

    base: RenderRequest
    """Recording, video and all settings. In the layout "together", `base.image` shows all speakers."""
    speakers: Mapping[str, str]
    """Path of each speaker's image, by the speaker's name. In the layout "together", where one image shows
    all speakers, each value says which face is the speaker's, such as "left"."""
    turns: str | None
    """Path of a table of turns, or "channels"; None means "channels", if the recording has one channel per
    speaker."""
    layout: Layout
    redo: tuple[int, ...] = ()
    """Numbers of the shots to make again, counted from 1; empty to make all."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the speakers, in the given order."""
        return tuple(self.speakers)

    @property
    def inputs(self) -> Mapping[str, Path]:
        """Every input file, by its role."""
        read = dict(self.base.inputs)
        if self.layout != "together":
            read |= {f"image of {name}": Path(image) for name, image in self.speakers.items()}
        if self.turns not in {None, CHANNELS}:
            read["turns"] = Path(str(self.turns))
        return read


def build_dialogue(
    given: Mapping[str, Any],
    *,
    speakers: Sequence[str],
    turns: str | None = None,
    layout: str = "cut",
    redo: Sequence[str] = (),
) -> DialogueRequest:
    """Build a request from the options of the command line; `given` contains the settings by name.

    Raises:
        UsageError: a value is invalid, or conflicts with another.
    """
    if layout not in LAYOUTS:
        raise UsageError(f"--layout {shorten(layout)} is not known", hint=f"use one of {', '.join(LAYOUTS)}")
    base = build_request(given)
    if base.fit == "auto":
        base = replace(base, fit="cover")  # the whole recording is delivered
    named = _read_speakers(speakers)
    if layout == "together":
        if base.image is None:
            raise UsageError(
                "--layout together animates the faces of one image, but no --image was given",
                hint="add --image group.jpg, and --speaker NAME=left for each face",
            )
        named = {name: read_face_choice(face) for name, face in named.items()}
    else:
        if base.image is not None:
            raise UsageError(
                "--image is only for --layout together; "
                f"with --layout {layout}, each speaker has their own image",
                hint="leave out --image, or add --layout together",
            )
        named = {name: str(read_path(image, f"--speaker {name}")) for name, image in named.items()}
    if layout == "split" and len(named) > MAX_PANELS:
        raise UsageError(
            f"--layout split shows up to {MAX_PANELS} people side by side, but {len(named)} were given",
            hint="use --layout cut",
        )
    if turns is not None and turns != CHANNELS:
        turns = str(read_path(turns, "--turns"))
    return DialogueRequest(
        base, named, turns, layout, tuple(sorted(read_numbers(redo, "--redo-shot", "shot")))
    )


def _read_speakers(given: Sequence[str]) -> dict[str, str]:
    """Parse NAME=IMAGE of each speaker."""
    named: dict[str, str] = {}
    for one in given:
        name, equals, value = (part.strip() for part in one.partition("="))
        if not equals or not name or not value:
            raise UsageError(
                f"--speaker {shorten(one)} is not NAME=IMAGE", hint="for example: --speaker Anna=anna.jpg"
            )
        if len(name) > MAX_NAME_CHARACTERS or not name.isprintable():
            raise UsageError(
                f"--speaker {shorten(name)}: the name is too long, or contains a control character",
                hint=f"give a name of up to {MAX_NAME_CHARACTERS} printable characters",
            )
        if name.casefold() in {other.casefold() for other in named}:
            raise UsageError(f"--speaker {name} is given twice", hint="give each person a different name")
        named[name] = value
    if not 2 <= len(named) <= MAX_SPEAKERS:
        raise UsageError(
            f"a dialogue has 2 to {MAX_SPEAKERS} speakers; got {len(named)} --speaker",
            hint="add --speaker NAME=IMAGE for each; for one person use lipwright render",
        )
    return named


def resolve_dialogue(request: DialogueRequest) -> ResolvedRequest:
    """Choose the engine, resolve the settings, and make all checks that do not require reading a file.

    Raises:
        UsageError: options contradict each other.
        InputError: an image or the table does not exist.
        OutputError: the video or its manifest cannot be written.
        EngineUnavailable: the engine cannot run here.
    """
    base = request.base
    for role, path in request.inputs.items():
        require_file(path, role)
    first = base.image or Path(next(iter(request.speakers.values())))
    ready = preflight(replace(base, image=first), reads=request.inputs.values())
    engine = ready.choice.description
    if request.layout == "together" and not engine.moves_several:
        able = ", ".join(one.name for one in ENGINES.values() if one.moves_several)
        raise UsageError(
            f"the {engine.name} engine cannot move several faces of one image, each with its own voice",
            hint=f"use --engine {able}, or --layout cut or split with an image of each person",
        )
    return ready


def dialogue_key(request: DialogueRequest, engine: EngineDescription) -> str:
    """Return the SHA-256 of everything that determines the video, except the seeds of its shots."""
    sampling = {name: value for name, value in request.base.sampling.items() if name != "seed"}
    images = (
        {}
        if request.layout == "together"
        else {name: file_sha256(Path(path)) for name, path in request.speakers.items()}
    )
    table = request.turns if request.turns in {None, CHANNELS} else file_sha256(Path(str(request.turns)))
    made_of = {
        "job": job_key(replace(request.base, sampling=sampling), engine),
        "layout": request.layout,
        "speakers": images or dict(request.speakers),
        "order": list(request.speakers),
        "turns": table,
    }
    return hashlib.sha256(dumps(made_of).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ShotSeeds:
    """The seed of each shot, and which shots are made."""

    seeds: tuple[int, ...]
    kept: frozenset[int]
    """Indices of the shots that are copied from the existing video."""


def choose_seeds(request: DialogueRequest, shots: Sequence[ShotSpan], seed: int, key: str) -> ShotSeeds:
    """Return the seed of each shot, and which shots are copied from the existing video.

    Without --redo-shot, every shot has the resolved `seed`. With --redo-shot, each shot to make again gets
    the user's seed, or its old seed plus 1 if the user gave none; all other shots keep their old seed.

    Raises:
        InputError: the video does not exist, or was made from other inputs.
        UsageError: a shot to make again does not exist.
    """
    if not request.redo:
        return ShotSeeds((seed,) * len(shots), frozenset())
    base = request.base
    again = "leave out --redo-shot to make the whole video"
    if not base.output.is_file():
        raise InputError(f"{base.output}: there is no video whose shots can be made again", hint=again)
    manifest = read_manifest(base.manifest)
    old = manifest.shots
    if manifest.key != key or not manifest.is_of(base.output):
        raise InputError(
            f"{base.output}: this video was made from other files or settings, or has changed since",
            hint=f"repeat the command that made it, and add --redo-shot; or {again}",
        )
    spans = [(shot.get("speaker"), shot.get("first_frame"), shot.get("frames")) for shot in old]
    if spans != [(shot.speaker, shot.first_frame, shot.frames) for shot in shots]:
        raise InputError(
            f"{base.output}: the shots of the existing video do not match those of this command", hint=again
        )
    if request.redo[-1] > len(shots):
        raise UsageError(
            f"--redo-shot {request.redo[-1]}: there are {len(shots)} shots",
            hint=f"give a number from 1 to {len(shots)}; {base.manifest.name} lists the shots",
        )
    seeds = [int(shot["seed"]) for shot in old]
    asked = base.sampling.get("seed")
    for number in request.redo:
        seeds[number - 1] = seeds[number - 1] + 1 if asked is None else int(asked)
    kept = frozenset(range(len(shots))) - {number - 1 for number in request.redo}
    # If every frame shows all speakers, shots that are not made again are rendered from their old seeds.
    return ShotSeeds(tuple(seeds), kept if request.layout == "cut" else frozenset())
