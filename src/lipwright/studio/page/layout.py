"""The layout of the page: its tabs, and the events between them."""

from __future__ import annotations

from typing import Any

import gradio as gr

from lipwright.studio.page import texts
from lipwright.studio.page.judge import Judge
from lipwright.studio.page.keep import Keep
from lipwright.studio.page.make import Make
from lipwright.studio.page.settings_form import form_values
from lipwright.studio.page.start import Start
from lipwright.studio.service import StudioService

HEADER = f'<header class="lw-header"><h1>{texts.TITLE}</h1><p>{texts.TAGLINE}</p></header>'
POLL_S = 1.0
"""Interval in seconds at which the page asks for the progress of jobs."""


def build_page(service: StudioService) -> gr.Blocks:
    """Build the page of a studio."""
    with gr.Blocks(
        title=texts.TITLE, analytics_enabled=False, fill_width=True, delete_cache=(86_400, 604_800)
    ) as page:
        with gr.Row(elem_classes="lw-top"):
            gr.HTML(HEADER, apply_default_css=False, elem_id="lw-header")
            example = gr.Button(texts.EXAMPLE, size="sm", elem_id="lw-example", scale=0, min_width=160)
        timer = gr.Timer(POLL_S)
        chosen = gr.State(None)
        with gr.Tabs(elem_id="lw-tabs") as tabs:
            with gr.Tab(texts.TAB_MAKE, id="make"), gr.Row(elem_classes="lw-columns"):
                with gr.Column(scale=6, min_width=300):
                    start = Start()
                with gr.Column(scale=5, min_width=300):
                    make = Make(service)
            with gr.Tab(texts.TAB_JUDGE, id="judge"):
                judge = Judge(service)
            with gr.Tab(texts.TAB_KEEP, id="keep") as keep_tab:
                keep = Keep(service)
        start.listen(make.form)
        judge.listen(timer, chosen, tabs)
        judge.show_after(make.listen(start, timer, chosen, tabs), chosen)
        judge.show_after(keep.listen(start, make, chosen, tabs, keep_tab), chosen)
        example.click(start.example_values, None, start.inputs)
        page.load(
            lambda: [make.draw_queue(), *continue_from(service, start, make)],
            None,
            [make.queue, *start.inputs, *make.form.values()],
            show_progress="hidden",
        ).then(None, js="() => { document.body.dataset.filled = 'yes'; }")
    made: gr.Blocks = page
    return made


def continue_from(service: StudioService, start: Start, make: Make) -> list[Any]:
    """Return the values that the form had when the last video was queued, for a page that is opened again."""
    last = next(iter(service.jobs(kinds=("render", "preview", "tune"), limit=1)), None)
    if last is None or not all(path.is_file() for path in last.inputs.values()):
        return [gr.skip()] * (len(start.inputs) + len(make.form))
    return [*start.filled(last), *form_values(make.form, last.options)]
