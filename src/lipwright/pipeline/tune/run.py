"""The whole job: from a request to a tuned video."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lipwright.domain.paths import AnyPath, path_or_none
from lipwright.domain.progress import Progress, ProgressCallback, no_progress
from lipwright.domain.settings import RenderRequest
from lipwright.domain.sync import SyncReport
from lipwright.engines.base import Engine, EngineDescription
from lipwright.engines.registry import load
from lipwright.errors import Cancelled, InputError, OutputError, UsageError
from lipwright.media.files import same_file, write_text_atomically
from lipwright.pipeline.atomic_outputs import check_output
from lipwright.pipeline.manifest import Manifest
from lipwright.pipeline.preflight import preflight
from lipwright.pipeline.render import render_video
from lipwright.pipeline.sync_check import Checker, reference, standard_checker
from lipwright.pipeline.text_files import dumps
from lipwright.pipeline.tune.parameters import Parameters
from lipwright.pipeline.tune.preview import Preview, plan_preview
from lipwright.pipeline.tune.preview_cache import PreviewStore, cache_folder, job_hash
from lipwright.pipeline.tune.results import Found, Round, Skipped, Trial
from lipwright.pipeline.tune.rules import TuneContext
from lipwright.pipeline.tune.scoring import describe, measures_of
from lipwright.pipeline.tune.search import Search
from lipwright.pipeline.tune.trace import page

ROUNDS = 6
"""Previews at most, where the user names no number."""

SHARES = {"read": (0.0, 0.05), "prepare": (0.05, 0.1), "sample": (0.1, 0.5), "frames": (0.5, 0.8)}
"""Where each stage of a render lies within its round, as a rough share of its time; what is not
named here is the check, which ends it."""
CHECK_SHARE = (0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Tuned:
    """A tuned video, and how it came about."""

    found: Found
    preview: Preview
    manifest: Manifest
    """Of the video."""
    sync: SyncReport | None
    """Of the video; None where it could not be measured."""
    request: RenderRequest
    """What the video was made with."""

    def to_json(self) -> dict[str, Any]:
        """The keys of `lipwright tune --json`."""
        return _story(self.found.rounds, self.preview, self)


class _Tuning:
    """One run: what its rounds share."""

    def __init__(
        self,
        request: RenderRequest,
        entry: EngineDescription,
        store: PreviewStore,
        *,
        two_stage: bool,
        checker: Checker,
        trace: Path | None,
        report: ProgressCallback,
    ) -> None:
        self.request, self.entry, self.store = request, entry, store
        self.checker, self.trace, self.report = checker, trace, report
        self.preview = plan_preview(request, entry.sizes, store, report, two_stage=two_stage)
        self.rounds: list[Round] = []
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        """Loaded once, when it is first wanted: a run that finds its previews may not want it."""
        self._engine = self._engine or load(self.entry, self.request.options)
        return self._engine

    def shoot(self, parameters: Parameters, number: int) -> Trial:
        """A round: the preview in hand, or in the video's size where the small one shows too little."""
        try:
            return self._shoot(parameters, number)
        except InputError:
            if number > 1 or not self.preview.smaller:
                raise
        self.preview = self.preview.at_full_size()
        return self._shoot(parameters, number)

    def _shoot(self, parameters: Parameters, number: int) -> Trial:
        """Render and measure a preview, or measure the one that lies there."""
        report = within(self.report, f"round {number}")
        job = job_hash(self.preview.request, parameters, self.entry)
        video = self.store.video(job)
        wanted = replace(parameters.applied_to(self.preview.request), output=video)
        reused = self.store.holds(job)
        if not reused:
            render_video(wanted, report, engine=self.engine)
        fingerprint = self.store.seal(job)
        html = video.with_suffix(".html") if self.trace else None
        measured = self.checker(video, audio=reference(wanted), report_html=html, report=report)
        return Trial(video, fingerprint, measured, reused, html if html and html.exists() else None)

    def deliver(self, found: Found, checker: Checker) -> Tuned:
        """Render the video with what was found best, and measure it."""
        measured: list[SyncReport] = []

        def checked(video: Path, **wanted: Any) -> SyncReport:  # noqa: ANN401 - Checker's keywords
            html = self.trace / "final.html" if self.trace else None
            measured.append(checker(video, **(wanted | {"report_html": html})))
            return measured[-1]

        request = replace(found.best.parameters.applied_to(self.request), check=True)
        manifest = render_video(request, within(self.report, "video"), engine=self.engine, checker=checked)
        return Tuned(found, self.preview, manifest, measured[0] if measured else None, request)

    def note(self, done: Round) -> None:
        """Write the story down after each round: an interrupted run leaves it too."""
        self.rounds.append(done)
        self.write(tuple(self.rounds))

    def write(
        self, rounds: tuple[Round, ...], tuned: Tuned | None = None, skipped: tuple[Skipped, ...] = ()
    ) -> None:
        """trace.json and trace.md, as far as the story goes."""
        if self.trace is None:
            return
        story = _story(rounds, self.preview, tuned)
        write_text_atomically(self.trace / "trace.json", dumps(story))
        text = page(story, rounds, skipped, self.preview, self.trace)
        write_text_atomically(self.trace / "trace.md", text)


def tune_video(
    request: RenderRequest,
    report: ProgressCallback = no_progress,
    *,
    rounds: int = ROUNDS,
    trace: AnyPath | None = None,
    checker: Checker | None = None,
    final_checker: Checker | None = None,
    on_round: Callable[[Round], None] = lambda _: None,
) -> Tuned:
    """Make a video, and previews of it before, until it is in sync.

    The preview is the busiest few seconds of speech at 480p. Each round changes one thing
    by the guide's next rule for what is wrong; what is better is kept, what is not is taken
    back. The video is then made in full with the best round's parameters, and measured.

    Previews are kept until the video is made: the same command, run again after an
    interruption, goes on from there.

    Args:
        request: What is wanted: where the search starts. An existing video is replaced when
            the new one is whole.
        report: Told the steps of each round and of the video; may raise Cancelled.
        rounds: Previews at most, 1 or more.
        trace: A folder for the story: trace.md, trace.json, previews and reports. Made
            where it is missing, but not its parents.
        checker: Measures previews; None is `check_video`.
        final_checker: Measures the video, where that is another, such as one with a transcript.
        on_round: Told each round as it ends.

    Raises:
        LipwrightError: each branch as errors.py tells.
    """
    if rounds < 1:
        raise UsageError(f"{rounds} rounds", hint="give 1 or more; 6 is usual")
    trace = path_or_none(trace)
    ready = preflight(request)
    entry = ready.choice.description
    folder = _trace_folder(trace, request) if trace else cache_folder()
    store = PreviewStore(folder, keep=trace is not None)
    store.prune()
    checker = checker or standard_checker()
    tuning = _Tuning(
        request,
        entry,
        store,
        two_stage=ready.settings.stages == 2,
        checker=checker,
        trace=trace,
        report=report,
    )

    def noted(done: Round) -> None:
        tuning.note(done)
        on_round(done)

    situation = TuneContext(entry.name, entry.ignores, request.image is not None)
    try:
        found = Search(tuning.shoot, situation, on_round=noted).run(
            Parameters.of(request, ready.settings), rounds
        )
    except (Cancelled, KeyboardInterrupt) as error:
        raise Cancelled("interrupted", hint="the same command goes on from here") from error
    tuned = tuning.deliver(found, final_checker or checker)
    tuning.write(found.rounds, tuned, found.skipped)
    store.clear()
    return tuned


def within(report: ProgressCallback, name: str) -> ProgressCallback:
    """A report that tells the stages of a render and its check as one stage of 100 steps."""

    def told(step: Progress) -> None:
        low, high = SHARES.get(step.stage, CHECK_SHARE)
        share = step.done / step.total if step.total else 0.0
        report(Progress(name, round(100 * (low + (high - low) * min(1.0, share))), 100))

    return told


def _story(rounds: tuple[Round, ...], preview: Preview, tuned: Tuned | None) -> dict[str, Any]:
    found = tuned.found if tuned else None
    final = None
    if tuned:
        final = {
            "path": str(tuned.request.output),
            "manifest": str(tuned.request.manifest),
            "round": tuned.found.best.number,
            "settings": tuned.found.best.parameters.to_json(),
            "measures": measures_of(tuned.sync) if tuned.sync else None,
            "summary": describe(tuned.sync) if tuned.sync else None,
        }
    return {
        "rounds": [done.to_json() for done in rounds],
        "final": final,
        "ending": found.ending if found else None,
        "skipped": [skipped.to_json() for skipped in found.skipped] if found else [],
        "preview": {
            "start": preview.span.start,
            "end": preview.span.end,
            "whole": preview.whole,
            "size": preview.request.size,
        },
    }


def _trace_folder(trace: Path, request: RenderRequest) -> Path:
    """The folder of the story, made where it is missing.

    Raises:
        OutputError: it cannot be made or written to.
        UsageError: the story would overwrite an input, or the manifest the story.
    """
    try:
        trace.mkdir(exist_ok=True)
    except FileNotFoundError as error:
        raise OutputError(
            f"{trace}: no such folder as {trace.parent}", hint="make the folder first"
        ) from error
    except OSError as error:
        raise OutputError(
            f"{trace} is no folder and cannot be made one ({error.strerror or error})",
            hint="name another folder",
        ) from error
    story = trace / "trace.json"
    check_output(story, request.inputs.values(), suffix=".json")
    if same_file(story, request.manifest):
        raise UsageError(f"{story} would be both manifest and trace", hint="give the video another name")
    return trace
