"""Check outputs, engine and settings before any work is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path

from lipwright.domain.finding import Finding
from lipwright.domain.plan import FramePlan
from lipwright.domain.presets import PRESETS, resolve
from lipwright.domain.settings import SETTINGS, EngineOptions, Preparation, RenderRequest, SamplingSettings
from lipwright.domain.time import Span
from lipwright.engines.base import EngineDescription
from lipwright.engines.registry import ENGINES, EngineChoice, check_options, choose
from lipwright.errors import UsageError
from lipwright.pipeline.atomic_outputs import check_outputs
from lipwright.pipeline.findings import FREEZE_OFF, NOT_READ, PREPARATION_NOT_READ


@dataclass(frozen=True, slots=True)
class ResolvedRequest:
    """The chosen engine and the resolved settings of a request.

    All checks that do not require reading a file have passed.
    """

    choice: EngineChoice
    settings: SamplingSettings
    findings: tuple[Finding, ...]
    """Findings about settings outside their tested range, and settings that have no effect."""

    @property
    def reads_negative(self) -> bool:
        """True if the engine uses a negative prompt."""
        return "negative" not in self.choice.description.ignores


def preflight(request: RenderRequest, *, reads: Iterable[Path] = ()) -> ResolvedRequest:
    """Choose the engine, resolve the settings, and refuse invalid requests before anything is read.

    `reads` contains files that the job reads in addition to the request's inputs. No output may overwrite an
    input or one of these files.

    Raises:
        UsageError: options that contradict each other.
        OutputError: the video or its manifest cannot be written.
        EngineUnavailable: the engine cannot run here.
    """
    motion_files = [(file, file.suffix.lower()) for file in request.motion_out]
    inputs = [*request.inputs.values(), *reads, *_named_files(request.options)]
    check_outputs(inputs, (request.output, ".mp4"), (request.manifest, ".json"), *motion_files)
    choice = choose(request.engine)
    engine = choice.description
    check_options(engine, request.options)
    if engine.needs_image and request.image is None:
        raise UsageError(f"the {engine.name} engine needs an image", hint="add --image portrait.jpg")
    if request.motion_out and not engine.makes_motion:
        raise UsageError(
            f"--motion-out cannot be used: the {engine.name} engine does not make face motion",
            hint="use --engine portrait with --motion-out",
        )
    if request.redo_chunks and not engine.takes_chunks:
        raise UsageError(
            f"the {engine.name} engine cannot sample a single chunk again",
            hint="render the video again with another --seed",
        )
    preset = request.preset or engine.preset
    stages = int(request.sampling.get("stages") or PRESETS[preset].stages)
    settings, findings = resolve(
        preset, request.sampling, force=request.force, own_settings=engine.own_settings.get(stages, {})
    )
    return ResolvedRequest(choice, settings, (*findings, *_without_effect(request, engine)))


def _named_files(options: EngineOptions) -> Iterator[Path]:
    """Yield the files named by engine options: weights, LoRAs, lists of servers or models."""
    for text in filter(None, (options.model, *options.loras, *options.servers)):
        for name in (text, text.removeprefix("@"), text.rpartition(":")[0], text.rpartition("@")[0]):
            with suppress(OSError, ValueError):
                if name and Path(name).is_file():
                    yield Path(name)


def _without_effect(request: RenderRequest, engine: EngineDescription) -> Iterator[Finding]:
    """Yield findings about settings without effect, and about --no-freeze, if it was given."""
    for name in sorted(engine.ignores & SETTINGS.keys()):
        spec = SETTINGS[name]
        given = request.sampling.get(name) if spec.owner is SamplingSettings else getattr(request, name)
        if given is None or given in {spec.default, ""}:
            continue
        readers = [other.name for other in ENGINES.values() if name not in other.ignores]
        yield NOT_READ(engine=engine.name, option=spec.label, readers=" or ".join(readers))
    if not request.freeze_audio:
        yield FREEZE_OFF()
    if not request.prepare:
        usual = Preparation()
        given_options = [
            SETTINGS[one.name].flag
            for one in fields(Preparation)
            if getattr(request.preparation, one.name) != getattr(usual, one.name)
        ]
        if given_options:
            yield PREPARATION_NOT_READ(options=", ".join(given_options))


def temporal_mask(request: RenderRequest, plan: FramePlan) -> Span | None:
    """Return the span of the video in which the face moves; None for the whole video.

    Raises:
        UsageError: the span begins after the end of the video.
    """
    if request.start_seconds is None and request.end_seconds is None:
        return None
    video = float(plan.seconds)
    start = request.start_seconds or 0.0
    if start >= video:
        raise UsageError(
            f"--start {start:g} is after the video's end at {video:g} s", hint="give an earlier --start"
        )
    return Span(start, video if request.end_seconds is None else min(request.end_seconds, video))
