"""What can be refused before any work: outputs, engine, numbers, settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from lipwright.domain.finding import Finding
from lipwright.domain.plan import FramePlan
from lipwright.domain.settings import PRESETS, SETTINGS, Preparation, RenderRequest, Settings, resolve
from lipwright.domain.time import Span
from lipwright.engines.base import EngineDescription
from lipwright.engines.registry import ENGINES, EngineChoice, check_options, choose
from lipwright.errors import UsageError
from lipwright.pipeline.atomic_outputs import check_outputs
from lipwright.pipeline.findings import FREEZE_OFF, NOT_READ, PREPARATION_NOT_READ


@dataclass(frozen=True, slots=True)
class ResolvedRequest:
    """A request that nothing speaks against so far."""

    choice: EngineChoice
    settings: Settings
    findings: tuple[Finding, ...]
    """Of the settings: out of their range, or read by nobody."""

    @property
    def negative(self) -> bool:
        """A negative prompt is read."""
        return "negative" not in self.choice.description.ignores


def preflight(request: RenderRequest) -> ResolvedRequest:
    """Refuse what can be refused before anything is read.

    Raises:
        UsageError: options that contradict each other, or numbers that are none.
        OutputError: the video or its manifest cannot be written.
        EngineUnavailable: the engine named cannot run here.
    """
    check_outputs(request.inputs.values(), (request.output, ".mp4"), (request.manifest, ".json"))
    choice = choose(request.engine)
    check_options(choice.description, request.options)
    if choice.description.needs_image and request.image is None:
        raise UsageError(
            f"the {choice.description.name} engine needs an image", hint="add --image portrait.jpg"
        )
    preset = request.preset or choice.description.preset
    own = choice.description.own.get(int(request.settings.get("stages") or PRESETS[preset].stages), {})
    settings, findings = resolve(preset, request.settings, force=request.force, own=own)
    return ResolvedRequest(choice, settings, (*findings, *_unread(request, choice.description)))


def _unread(request: RenderRequest, entry: EngineDescription) -> Iterator[Finding]:
    """What was asked for and does nothing, so that nobody waits for it to show."""
    for name in sorted(entry.ignores & SETTINGS.keys()):
        spec = SETTINGS[name]
        given = request.settings.get(name) if spec.owner is Settings else getattr(request, name)
        if given is None or given in {spec.default, ""}:
            continue
        readers = [other for other in ENGINES if name not in ENGINES[other].ignores]
        yield NOT_READ(engine=entry.name, option=spec.label, readers=" or ".join(readers))
    if not request.freeze_audio:
        yield FREEZE_OFF()
    if request.prepare:
        return
    usual = Preparation()
    asked_for = [
        SETTINGS[field.name].flag
        for field in fields(Preparation)
        if getattr(request.preparation, field.name) != getattr(usual, field.name)
    ]
    if asked_for:
        yield PREPARATION_NOT_READ(options=", ".join(asked_for))


def temporal_mask(request: RenderRequest, plan: FramePlan) -> Span | None:
    """The stretch that moves; None where that is the whole video."""
    if request.start_seconds is None and request.end_seconds is None:
        return None
    video = float(plan.seconds)
    start = request.start_seconds or 0.0
    if start >= video:
        raise UsageError(f"--start {start:g} is after the video's end at {video:g} s", hint="give less")
    return Span(start, video if request.end_seconds is None else min(request.end_seconds, video))
