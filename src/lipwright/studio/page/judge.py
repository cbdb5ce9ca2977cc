"""The Judge tab: the chosen take with its sync check, the other takes, and suggestions for the next take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr

from lipwright.errors import LipwrightError
from lipwright.studio.exchange import command_of
from lipwright.studio.page import texts
from lipwright.studio.page.exports import write_graph, write_shots
from lipwright.studio.page.file_transfer import address_of
from lipwright.studio.page.formatting import job_words, refusal
from lipwright.studio.page.fragments import card, draw, panel
from lipwright.studio.page.labels import settings_words
from lipwright.studio.page.remedy_buttons import RemedyButton, find_remedies
from lipwright.studio.page.takes import find_takes, rounds_of

if TYPE_CHECKING:
    from gradio.events import Dependency

    from lipwright.jobs.job import JobKind
    from lipwright.studio.job_view import Job
    from lipwright.studio.service import StudioService


SHOW_QUEUE = "() => document.querySelector('#lw-queue-card').scrollIntoView({block: 'nearest'})"
MAX_FOLLOWED = 20
"""Number of finished jobs, the newest first, that are searched for new takes."""


class Judge:
    """The tab that shows the chosen take."""

    def __init__(self, service: StudioService) -> None:
        self._service = service
        with card(elem_id="lw-takes-card"):
            self.takes = panel("lw-takes", draw("takes.html.j2", takes=[], chosen=None))
        with gr.Row(elem_classes="lw-columns"):
            with gr.Column(scale=8, min_width=320):
                self.report = panel("lw-judged", draw("judged.html.j2", job=None))
            with gr.Column(scale=4, min_width=280):
                with card(elem_id="lw-next-card"):
                    self.next_take = panel("lw-next", draw("no_take.html.j2", title=texts.NEXT_TAKE))
                with card(elem_id="lw-download-card"):
                    self.download = panel("lw-download", draw("no_take.html.j2", title=texts.DOWNLOAD))

        self.panels = [self.takes, self.report, self.next_take, self.download]
        """The panels that `show` draws, in the order of its return values."""

    def show_after(self, choice: Dependency, chosen: gr.State) -> None:
        """Redraw the tab after an event whose handler can choose another take."""
        choice.then(self.show, chosen, self.panels, show_progress="hidden")

    def listen(self, timer: gr.Timer, chosen: gr.State, tabs: gr.Tabs) -> None:
        """Connect the buttons, and watch for finished jobs."""
        done = gr.State(())
        timer.tick(
            self.follow, [chosen, done], [chosen, done, *self.panels], queue=False, show_progress="hidden"
        )
        choice = self.takes.act(_chosen, None, chosen, trigger_mode="multiple", show_progress="hidden")
        self.show_after(choice, chosen)
        self.next_take.act(
            self.make_next, chosen, [self.next_take, tabs], trigger_mode="multiple", show_progress="hidden"
        ).success(None, js=SHOW_QUEUE)
        self.download.act(
            self.export,
            chosen,
            self.download,
            show_progress_on=self.download,
            trigger_mode="multiple",
        )

    def show(self, chosen: int | None) -> tuple[str, str, str, str]:
        """Draw all panels for the chosen take."""
        job = self._job(chosen)
        if job is None:
            empty = draw("judged.html.j2", job=None)
            nothing = [draw("no_take.html.j2", title=one) for one in (texts.NEXT_TAKE, texts.DOWNLOAD)]
            return self.draw_takes(None), empty, nothing[0], nothing[1]
        return self.draw_takes(chosen), self._draw_report(job), self._draw_next(job), self._draw_download(job)

    def follow(self, chosen: int | None, before: tuple[int, ...]) -> list[Any]:
        """Update the takes if a job has finished since the last call.

        If no take is chosen, the newest take becomes the chosen take.

        Args:
            chosen: Id of the chosen take.
            before: Ids of the jobs that were finished at the last call.
        """
        done = self._service.jobs(states=("done",), limit=MAX_FOLLOWED)
        now = tuple(job.id for job in done)
        panels: list[Any] = [gr.skip()] * len(self.panels)
        if now == tuple(before):
            return [gr.skip(), gr.skip(), *panels]
        if self._job(chosen) is None:
            first = next((job.id for job in done if job.video is not None), None)
            return [first, now, *self.show(first)]
        return [gr.skip(), now, self.draw_takes(chosen), *panels[1:]]

    def draw_takes(self, chosen: int | None) -> str:
        """Draw the takes with the voice and image of the chosen take, the best first."""
        job = self._job(chosen)
        takes = [] if job is None or job.kind == "check" else find_takes(self._service, job)
        rows = [
            job_words(take)
            | {"settings": settings_words(self._service.made(take.id).options), "video": take.links.content}
            for take in takes
        ]
        return draw("takes.html.j2", takes=rows, chosen=chosen)

    def make_next(self, chosen: int, event: gr.EventData) -> tuple[Any, Any]:
        """Queue a sync check of the chosen take, or another take.

        The other take has a remedy, another seed, one chunk made again, or another kind (render or tune).
        """
        job = self._job(chosen)
        if job is None:
            return gr.skip(), gr.skip()
        with refusal():
            kind: JobKind | None = "render" if job.kind == "tune" else None
            options: dict[str, Any] = {}
            if event.act == "remedy":
                options = dict(self._remedies(job)[int(event.number)].options)
            elif event.act == "seed":
                options = {"seed": int(job.options.get("seed", 0)) + 1}
            elif event.act == "chunk":
                options = {"redo_chunks": event.number, "seed": int(job.options.get("seed", 0)) + 1}
            elif event.act in {"render", "tune", "check"}:
                kind = event.act
            if kind == "check":
                self._check_again(job)
            else:
                self._service.take(job.id, kind=kind, options=options)
        gr.Info(texts.NEXT_IS_QUEUED, duration=4)
        return gr.skip(), gr.Tabs(selected="make")

    def export(self, chosen: int, event: gr.EventData) -> str:
        """Write a SHOTS file or a ComfyUI graph of the take, and offer it for download."""
        job = self._job(chosen)
        if job is None:
            return ""
        with refusal():
            file = write_shots(self._service, [job.id]) if event.act == "shots" else write_graph(job)
        return self._draw_download(job, {event.act: (address_of(file), file.name)})

    # --- Inside -----------------------------------------------------------------------------------

    def _job(self, chosen: int | None) -> Job | None:
        try:
            return None if chosen is None else self._service.made(chosen)
        except LipwrightError:  # deleted, perhaps in another tab
            return None

    def _draw_report(self, job: Job) -> str:
        return draw(
            "judged.html.j2",
            job=job_words(job),
            report=job.links.report,
            video=job.links.content,
            rounds=rounds_of(job),
        )

    def _draw_next(self, job: Job) -> str:
        is_check = job.kind == "check"
        return draw(
            "next.html.j2",
            kind=job.kind,
            remedies=[] if is_check else self._remedies(job),
            chunks=self._chunks(job),
            measured=is_check or job.verdict is not None,
        )

    def _draw_download(self, job: Job, ready: dict[str, tuple[str, str]] | None = None) -> str:
        return draw(
            "download.html.j2",
            kind=job.kind,
            stem=f"{job.id:03}",
            links=job.links,
            command=command_of(self._service.job(job.id)),
            settings=settings_words(job.options),
            ready=ready or {},
        )

    def _remedies(self, job: Job) -> list[RemedyButton]:
        try:
            found = job.read_check()
        except LipwrightError:
            return []
        return list(find_remedies(job, [*found["causes"], *found["findings"]]))

    def _chunks(self, job: Job) -> list[dict[str, Any]]:
        if job.kind != "render":
            return []
        try:
            chunks: list[dict[str, Any]] = job.read_manifest()["plan"]["chunks"]
        except LipwrightError:
            return []
        return chunks if len(chunks) > 1 else []

    def _check_again(self, job: Job) -> None:
        inputs = {"video": job.file("video"), "audio": job.inputs["audio"]}
        self._service.submit("check", inputs, names={"video": f"{job.id}.mp4", "audio": job.names["audio"]})


def _chosen(event: gr.EventData) -> int:
    return int(event.job)
