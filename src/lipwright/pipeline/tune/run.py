"""Make a tuned video from a request: search for settings, render the video, write the trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from lipwright.domain.json_text import dumps
from lipwright.domain.progress import Progress, ProgressCallback, no_progress
from lipwright.domain.settings import DEFAULT_ROUNDS, RenderRequest
from lipwright.domain.sync_verdict import SyncReport
from lipwright.domain.text import AnyPath, path_or_none
from lipwright.engines.base import Engine, EngineDescription
from lipwright.engines.registry import load
from lipwright.errors import Cancelled, InputError, OutputError, UsageError
from lipwright.media.atomic_files import write_text_atomically
from lipwright.media.text_files import read_text
from lipwright.pipeline.atomic_outputs import check_outputs
from lipwright.pipeline.job_key import job_key
from lipwright.pipeline.manifest import Manifest
from lipwright.pipeline.preflight import preflight
from lipwright.pipeline.render import render_video
from lipwright.pipeline.sync_check import Checker, reference, standard_checker
from lipwright.pipeline.tune.parameters import Parameters
from lipwright.pipeline.tune.preview import Preview, plan_preview
from lipwright.pipeline.tune.preview_cache import PreviewCache, cache_folder
from lipwright.pipeline.tune.scoring import measures_of, summarize
from lipwright.pipeline.tune.search import Round, Search, SearchResult, Trial
from lipwright.pipeline.tune.trace import account, markdown_page

STAGE_SHARES = {"read": (0.0, 0.05), "prepare": (0.05, 0.1), "sample": (0.1, 0.5), "frames": (0.5, 0.8)}
"""Approximate start and end of each render stage in a tuning round, as fractions of the round's duration."""
CHECK_SHARE = (0.8, 1.0)
"""Approximate start and end of the sync check that ends a round, as fractions of the round's duration."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """A tuned video, and the search that found its settings."""

    found: SearchResult
    preview: Preview
    manifest: Manifest
    """Manifest of the video."""
    sync: SyncReport | None
    """Sync report of the video; None if it could not be measured."""
    request: RenderRequest
    """The request with which the video was made."""

    @property
    def final(self) -> dict[str, Any]:
        """Path, settings and measurements of the video, as JSON."""
        return {
            "path": str(self.request.output),
            "manifest": str(self.request.manifest),
            "round": self.found.best.number,
            "settings": self.found.best.parameters.to_json(),
            "measures": measures_of(self.sync) if self.sync else None,
            "summary": summarize(self.sync) if self.sync else None,
        }

    def to_json(self) -> dict[str, Any]:
        """Return the JSON of `lipwright tune --json`."""
        return account(self.found.rounds, self.preview, self.found, self.final)


class _Tuning:
    """State shared by the rounds of one run."""

    def __init__(
        self,
        request: RenderRequest,
        description: EngineDescription,
        cache: PreviewCache,
        *,
        two_stage: bool,
        checker: Checker,
        trace: Path | None,
        report: ProgressCallback,
        on_round: Callable[[Round], None],
        engine: Engine | None,
    ) -> None:
        self.request, self.description, self.cache = request, description, cache
        self.checker, self.trace, self.report, self.on_round = checker, trace, report, on_round
        self.preview = plan_preview(request, description.sizes, cache, report, two_stage=two_stage)
        self.rounds: list[Round] = []
        self._loaded = engine

    @cached_property
    def engine(self) -> Engine:
        """The engine. It is loaded on first use, because a run that reuses its previews may not need it."""
        return self._loaded or load(self.description, self.request.options)

    def run_trial(self, parameters: Parameters, number: int) -> Trial:
        """Render and measure a preview; if the first preview cannot be measured, switch to the full size."""
        try:
            return self._run_trial(parameters, number)
        except InputError:
            if number > 1 or not self.preview.smaller:
                raise
        self.preview = self.preview.at_full_size()
        return self._run_trial(parameters, number)

    def _run_trial(self, parameters: Parameters, number: int) -> Trial:
        report = one_stage(self.report, f"round {number}")
        request = parameters.applied_to(self.preview.request)
        job = job_key(request, self.description)
        video = self.cache.video(job)
        request = replace(request, output=video)
        reused = self.cache.holds(job)
        if not reused:
            render_video(request, report, engine=self.engine, image=self.preview.image)
        fingerprint = self.cache.seal(job)
        html = video.with_suffix(".html") if self.trace else None
        measured = self.checker(video, audio=reference(request), report_html=html, report=report)
        return Trial(video, fingerprint, measured, reused, html if html and html.exists() else None)

    def deliver(self, found: SearchResult, checker: Checker, key: str) -> Tuned:
        """Render the final video with the best parameters, and measure it."""
        measured: list[SyncReport] = []

        def check(video: Path, **options: Any) -> SyncReport:  # noqa: ANN401 - Checker's keywords
            html = self.trace / "final.html" if self.trace else None
            measured.append(checker(video, **(options | {"report_html": html})))
            return measured[-1]

        request = replace(found.best.parameters.applied_to(self.request), check=True)
        report = one_stage(self.report, "video")
        manifest = render_video(
            request, report, engine=self.engine, checker=check, image=self.preview.image, key=key
        )
        return Tuned(found, self.preview, manifest, measured[0] if measured else None, request)

    def record(self, done: Round) -> None:
        """Report a finished round, and write it to the trace, which remains if the run is interrupted."""
        self.rounds.append(done)
        self.write_trace()
        self.on_round(done)

    def write_trace(self, tuned: Tuned | None = None) -> None:
        """Write trace.json and trace.md with the rounds so far."""
        if self.trace is None:
            return
        rounds = tuple(self.rounds)
        found, final = (tuned.found, tuned.final) if tuned else (None, None)
        write_text_atomically(self.trace / "trace.json", dumps(account(rounds, self.preview, found, final)))
        write_text_atomically(
            self.trace / "trace.md", markdown_page(rounds, self.preview, self.trace, found, final)
        )


def tune_video(
    request: RenderRequest,
    report: ProgressCallback = no_progress,
    *,
    rounds: int = DEFAULT_ROUNDS,
    trace: AnyPath | None = None,
    checker: Checker | None = None,
    transcript: AnyPath | None = None,
    on_round: Callable[[Round], None] = lambda _: None,
    engine: Engine | None = None,
    key: str = "",
) -> Tuned:
    """Tune the settings on short previews until a preview is in sync, then make the video.

    A preview shows the few seconds with the most speech, at 480p. Each round applies the next remedy for a
    problem; the change is kept if it helps and reverted if not. The video is then made with the parameters of
    the best round, and measured.

    Previews are kept until the video is made, so that the same command continues after an interruption.

    Args:
        request: The request; its settings are the starting point of the search. An existing video is
            replaced when the new one is complete.
        report: Called with the progress of each round and of the video; may raise Cancelled.
        rounds: Maximum number of previews, at least 1.
        trace: A folder for trace.md, trace.json, previews and reports. The folder is created if it is
            missing; its parent must exist.
        checker: Function that measures previews and the video; None for `check_video`.
        transcript: Text file with the spoken English words. Only the lips of the final video are compared
            with it, because previews contain only a part of the words.
        on_round: Called with each round when it is done.
        engine: The request's engine, already loaded; None loads it.
        key: Hash of the job in a batch or dialogue, for the manifest; empty for a single video.

    Raises:
        LipwrightError: see errors.py.
    """
    if rounds < 1:
        raise UsageError(
            f"{rounds} rounds were requested, expected at least 1", hint=f"{DEFAULT_ROUNDS} is the default"
        )
    trace, transcript = path_or_none(trace), path_or_none(transcript)
    final_checker = checker = checker or standard_checker()
    if transcript is not None:
        read_text(transcript, "transcript")  # an unreadable file is reported before the search
        final_checker = partial(checker, transcript=transcript)
    resolved = preflight(request, reads=() if transcript is None else (transcript,))
    description = resolved.choice.description
    with _trace_folder(trace, request) if trace else nullcontext(cache_folder()) as folder:
        cache = PreviewCache(folder, keep=trace is not None)
        cache.prune()
        tuning = _Tuning(
            request,
            description,
            cache,
            two_stage=resolved.settings.stages == 2,
            checker=checker,
            trace=trace,
            report=report,
            on_round=on_round,
            engine=engine,
        )
        # Without an image, settings for the image have no effect either.
        ignored = (
            description.ignores if request.image else description.ignores | {"image_strength", "image_crf"}
        )
        start = Parameters.of(request, resolved.settings)
        try:
            found = Search(tuning.run_trial, ignored, on_round=tuning.record).run(start, rounds)
        except (Cancelled, KeyboardInterrupt) as error:
            raise Cancelled("interrupted", hint="run the same command again to continue") from error
        tuned = tuning.deliver(found, final_checker, key)
        tuning.write_trace(tuned)
        cache.clear()
    return tuned


def one_stage(report: ProgressCallback, name: str) -> ProgressCallback:
    """Wrap a progress callback: a render and its check are reported as one stage, in percent."""

    def scaled(step: Progress) -> None:
        low, high = STAGE_SHARES.get(step.stage, CHECK_SHARE)
        share = min(1.0, step.done / step.total) if step.total else 0.0
        report(Progress(name, round(100 * (low + (high - low) * share)), 100))

    return scaled


@contextmanager
def _trace_folder(trace: Path, request: RenderRequest) -> Iterator[Path]:
    """Create the folder of the trace if it is missing, and remove it again if it stays empty.

    Raises:
        UsageError: an output would overwrite an input or another output.
        OutputError: the folder cannot be created, or an output cannot be written.
    """
    is_new = not trace.exists()
    try:
        trace.mkdir(exist_ok=True)
    except FileNotFoundError as error:
        raise OutputError(
            f"{trace}: there is no folder {trace.parent}", hint="create that folder first"
        ) from error
    except OSError as error:
        raise OutputError(
            f"{trace} is not a folder and cannot be created as one ({error.strerror or error})",
            hint="give another folder with --trace",
        ) from error
    try:
        written = [(trace / name, Path(name).suffix) for name in ("trace.json", "trace.md", "final.html")]
        video = ((request.output, ".mp4"), (request.manifest, ".json"))
        check_outputs(request.inputs.values(), *video, *written)
        yield trace
    finally:
        if is_new:
            with suppress(OSError):  # it is not empty
                trace.rmdir()
