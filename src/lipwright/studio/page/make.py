"""The Make part of the page: settings, preview and render with estimated durations, and the queue."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import gradio as gr

from lipwright.engines.registry import AUTO, choose
from lipwright.errors import LipwrightError
from lipwright.jobs.job import ENDED
from lipwright.studio.page import texts
from lipwright.studio.page.formatting import draw_trouble, duration, job_words, refusal
from lipwright.studio.page.fragments import card, draw, panel
from lipwright.studio.page.settings_form import draw_form, given_options
from lipwright.studio.page.takes import rounds_of

if TYPE_CHECKING:
    from gradio.events import Dependency

    from lipwright.jobs.job import JobKind
    from lipwright.studio.job_view import Job
    from lipwright.studio.page.image import ExaminedImage
    from lipwright.studio.page.start import Start
    from lipwright.studio.page.voice import Light, Voice
    from lipwright.studio.service import StudioService

RECENT = 5
"""Number of ended jobs that are shown under the queue."""


BUTTONS: tuple[tuple[JobKind, str], ...] = (("preview", texts.PREVIEW), ("render", texts.RENDER))


class Make:
    """The column with the settings, the buttons and the queue."""

    def __init__(self, service: StudioService) -> None:
        self._service = service
        with card(texts.TAB_MAKE, "lw-make-card"):
            self.lights = panel("lw-lights", draw("lights.html.j2", lights=judge_lights()[0]))
            with gr.Row(elem_classes="lw-buttons"):
                self.preview = gr.Button(texts.PREVIEW, interactive=False, elem_id="lw-preview")
                self.render = gr.Button(
                    texts.RENDER, variant="primary", interactive=False, elem_id="lw-render"
                )
            self.estimate = panel("lw-estimate", elem_classes="lw-hint")
            self.form = draw_form()
        with card(texts.QUEUE, "lw-queue-card"):
            self.queue = panel("lw-queue")

    def listen(self, start: Start, timer: gr.Timer, chosen: gr.State, tabs: gr.Tabs) -> Dependency:
        """Connect status lights, buttons and queue; return the event of a click in the queue."""
        form = self.form
        engine = form["engine"]
        gr.on(
            [start.voice.change, start.image.change, start.prompt_light.change, engine.change],
            self.show_lights,
            [start.voice, start.image, start.prompt_light, engine],
            [self.lights, self.preview, self.render],
            show_progress="hidden",
        )
        changes = [form[name].change for name in ("engine", "size", "stages")]
        gr.on(
            [start.voice.change, self.preview.click, self.render.click, *changes],
            self.show_estimate,
            [start.voice, *form.values()],
            self.estimate,
            show_progress="hidden",
        )
        given = [start.voice, start.image, start.face, start.prompt, *form.values()]
        for button, (kind, _) in zip((self.preview, self.render), BUTTONS, strict=True):
            button.click(
                partial(self._submit, kind), given, self.queue, concurrency_limit=4, show_progress="hidden"
            )
        timer.tick(self.draw_queue, None, self.queue, queue=False, show_progress="hidden")
        choice: Dependency = self.queue.act(
            self.on_queue_button,
            None,
            [self.queue, chosen, tabs],
            trigger_mode="multiple",
            show_progress="hidden",
        )
        return choice

    # --- Handlers ---------------------------------------------------------------------------------

    def show_lights(
        self, voice: Voice | None, image: ExaminedImage | None, prompt: Light, engine: str
    ) -> tuple[str, Any, Any]:
        """Draw the status lights, and enable the buttons if voice and image can be used."""
        lights, ready = judge_lights(voice, image, prompt, engine)
        button = gr.update(interactive=ready)
        return draw("lights.html.j2", lights=lights), button, button

    def show_estimate(self, voice: Voice | None, *values: Any) -> str:  # noqa: ANN401
        """Return the text with the estimated durations of preview and render."""
        if voice is None or voice.light == "red":
            return ""
        try:
            options = given_options(self.form, values)
        except LipwrightError as error:
            return draw_trouble(error)
        guesses = [
            (name, self._service.estimate_seconds(kind, options, voice.seconds)) for kind, name in BUTTONS
        ]
        known = [
            texts.ESTIMATE.format(name=name, time=duration(seconds))
            for name, seconds in guesses
            if seconds is not None
        ]
        return " · ".join(known) if known else texts.NO_ESTIMATE

    def draw_queue(self) -> str:
        """Draw the running jobs, the queued jobs and the last ended jobs."""
        try:
            active = self._service.queue()
            ended = self._service.jobs(states=ENDED, limit=RECENT)
        except LipwrightError as error:
            return draw_trouble(error)
        waiting = [job.id for job in active if job.state == "queued"]
        rows = [
            job_words(job)
            | {
                "frame": _frame_address(job),
                "rounds": rounds_of(job) if job.state == "running" else [],
                "first": job.id in waiting[:1],
                "last": job.id in waiting[-1:],
            }
            for job in (*active, *ended)
        ]
        return draw("queue.html.j2", jobs=rows)

    def on_queue_button(self, event: gr.EventData) -> tuple[str, Any, Any]:
        """Cancel, retry or move a job, or open it in the Judge tab."""
        job_id = int(event.job)
        with refusal():
            if event.act == "cancel":
                self._service.cancel(job_id)
            elif event.act == "retry":
                self._service.retry(job_id)
            elif event.act in {"up", "down"}:
                self._move(job_id, -1 if event.act == "up" else 1)
        if event.act == "judge":
            return self.draw_queue(), job_id, gr.Tabs(selected="judge")
        return self.draw_queue(), gr.skip(), gr.skip()

    def _move(self, job_id: int, places: int) -> None:
        waiting = [job.id for job in self._service.queue() if job.state == "queued"]
        if job_id in waiting:
            old = waiting.index(job_id)
            new = max(0, min(len(waiting) - 1, old + places))
            waiting.insert(new, waiting.pop(old))
            self._service.reorder(waiting)

    def _submit(
        self,
        kind: JobKind,
        voice: Voice | None,
        image: ExaminedImage | None,
        face: str | None,
        prompt: str,
        *values: Any,  # noqa: ANN401 - of the form
    ) -> str:
        if voice is None:
            raise gr.Error(texts.NO_VOICE, print_exception=False)
        with refusal():
            options = given_options(self.form, values)
            inputs = {"audio": voice.path}
            if image is not None:
                inputs["image"] = image.path
                if face is not None:
                    options["face"] = face
            if prompt.strip():
                options["prompt"] = prompt.strip()
            self._service.submit(kind, inputs, options)
        return self.draw_queue()


def judge_lights(
    voice: Voice | None = None, image: ExaminedImage | None = None, prompt: Light = "off", engine: str = AUTO
) -> tuple[list[tuple[str, Light, str]], bool]:
    """Return (name, light, word) of voice, image and prompt, and True if a video can be made from them."""
    try:
        description = choose(engine).description
        needs_image, needs_face = description.needs_image, description.needs_face
    except LipwrightError:
        needs_image = needs_face = False
    voice_light: Light = voice.light if voice else "off"
    image_light: Light = image.light if image else "off"
    if image and not image.has_face and not needs_face:
        image_light = "amber"
    words = [texts.LIGHT_WORDS[light] for light in (voice_light, image_light, prompt)]
    if image is None and not needs_image:
        words[1] = texts.OPTIONAL
    if prompt == "off":
        words[2] = texts.OPTIONAL
    if prompt == "red":
        words[2] = texts.PROMPT_COMPETES
    ready = voice_light not in {"off", "red"} and image_light != "red"
    ready = ready and (image is not None or not needs_image)
    names = (texts.VOICE, texts.IMAGE, texts.PROMPT)
    lights: tuple[Light, Light, Light] = (voice_light, image_light, prompt)
    return list(zip(names, lights, words, strict=True)), ready


def _frame_address(job: Job) -> str | None:
    """Return the URL of a recent frame of a running job; each new frame has a new URL."""
    with suppress(OSError):
        return f"{job.links.preview}?{job.preview.stat().st_mtime_ns}" if job.preview else None
    return None
