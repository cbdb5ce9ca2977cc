"""The Keep tab: the history of jobs, settings from manifests, and SHOTS files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from lipwright.domain.text import pluralize
from lipwright.errors import LipwrightError
from lipwright.studio.exchange import options_of_manifest
from lipwright.studio.page import texts
from lipwright.studio.page.exports import write_shots
from lipwright.studio.page.file_transfer import address_of
from lipwright.studio.page.formatting import draw_trouble, job_words, refusal, warn
from lipwright.studio.page.fragments import card, draw, drop_field, panel
from lipwright.studio.page.settings_form import form_values

if TYPE_CHECKING:
    from gradio.events import Dependency

    from lipwright.studio.page.make import Make
    from lipwright.studio.page.start import Start
    from lipwright.studio.service import StudioService

PAGE_JOBS = 30
"""Number of jobs that the history shows at first, and that each click on "Show older jobs" adds."""


class Keep:
    """The tab with the history of all jobs."""

    def __init__(self, service: StudioService) -> None:
        self._service = service
        with gr.Row(elem_classes="lw-columns"):
            with gr.Column(scale=8, min_width=320), card(texts.HISTORY, "lw-history-card"):
                self.search = gr.Textbox(label=texts.SEARCH, max_lines=1, elem_id="lw-search")
                self.history = panel("lw-history")
            with gr.Column(scale=4, min_width=280):
                with card(texts.RECOVER):
                    self.manifest = drop_field(texts.DROP_MANIFEST, [".json"], "lw-manifest")
                with card(texts.IMPORT):
                    self.shots = drop_field(texts.DROP_SHOTS, [".jsonl", ".csv", ".toml"], "lw-shots")
        self.limit = gr.State(PAGE_JOBS)

    def listen(self, start: Start, make: Make, chosen: gr.State, tabs: gr.Tabs, tab: gr.Tab) -> Dependency:
        """Connect search, buttons and file fields; return the event whose handler can choose a take."""
        form = [*start.inputs, *make.form.values()]
        gr.on(
            [self.search.change, tab.select, self.limit.change],
            self.draw_history,
            [self.search, self.limit],
            self.history,
            trigger_mode="always_last",
            show_progress="hidden",
        )
        self.manifest.upload(
            lambda path: self.on_manifest(start, make, path),
            self.manifest,
            [self.manifest, tabs, *form],
        )
        self.shots.upload(self.on_shots, self.shots, [self.shots, tabs])

        def on_button(search: str, limit: int, event: gr.EventData) -> list[Any]:
            filled: list[Any] = [gr.skip()] * len(form)
            history, more, choice, tab = gr.skip(), gr.skip(), gr.skip(), gr.skip()
            with refusal():
                if event.act == "more":
                    more = limit + PAGE_JOBS
                elif event.act == "export":
                    file = write_shots(self._service, self._exportable(search, limit))
                    history = self.draw_history(search, limit, (address_of(file), file.name))
                elif event.act == "open":
                    choice, tab = int(event.job), gr.Tabs(selected="judge")
                elif event.act == "use":
                    job = self._service.made(int(event.job))
                    filled = [*start.filled(job), *form_values(make.form, job.options)]
                    tab = gr.Tabs(selected="make")
                else:
                    (self._service.retry if event.act == "retry" else self._service.delete)(int(event.job))
                    history = self.draw_history(search, limit)
            return [history, more, choice, tab, *filled]

        choice: Dependency = self.history.act(
            on_button,
            [self.search, self.limit],
            [self.history, self.limit, chosen, tabs, *form],
            trigger_mode="multiple",
            show_progress="hidden",
        )
        return choice

    def draw_history(self, search: str, limit: int, ready: tuple[str, str] | None = None) -> str:
        """Draw the jobs that match the search, the newest first."""
        try:
            jobs = self._service.jobs(search=search or "", limit=limit)
        except LipwrightError as error:
            return draw_trouble(error)
        return draw(
            "history.html.j2",
            jobs=[job_words(job) | {"prompt": job.options.get("prompt", "")} for job in jobs],
            searched=bool(search),
            more=len(jobs) == limit,
            ready=ready,
        )

    def on_manifest(self, start: Start, make: Make, path: str) -> list[Any]:
        """Fill the form with the settings of a manifest; voice and image do not change."""
        try:
            options = options_of_manifest(Path(path))
        except LipwrightError as error:
            warn(error, Path(path))
            return [None] + [gr.skip()] * (1 + len(start.inputs) + len(make.form))
        gr.Info(texts.RECOVERED, duration=4)
        own = start.filled_options(options)
        return [None, gr.Tabs(selected="make"), *own, *form_values(make.form, options)]

    def on_shots(self, path: str) -> tuple[None, Any]:
        """Queue the rows of a SHOTS file."""
        try:
            queued = self._service.import_shots(Path(path))
        except LipwrightError as error:
            warn(error, Path(path))
            return None, gr.skip()
        gr.Info(texts.IMPORTED.format(count=pluralize(len(queued), "video")), duration=4)
        return None, gr.Tabs(selected="make")

    def _exportable(self, search: str, limit: int) -> list[int]:
        found = self._service.jobs(search=search, kinds=("render", "tune"), limit=limit)
        return [job.id for job in found]
