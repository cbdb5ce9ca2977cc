"""The studio's page: Start, Make, Judge and Keep, on Gradio.

The page has no state of jobs: it submits them, and asks the service for their progress, so that it can be
closed, reloaded and opened twice. `build_page` is mounted with `page_options`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import gradio as gr

    from lipwright.studio.page.make import Make
    from lipwright.studio.page.start import Start
    from lipwright.studio.service import StudioService

POLL_S = 1.0
"""Interval at which the page asks for the progress of jobs."""


def build_page(service: StudioService) -> gr.Blocks:
    """Build the page over a service."""
    import gradio as gr  # noqa: PLC0415 - heavy, and only here

    from lipwright.studio.page import texts  # noqa: PLC0415
    from lipwright.studio.page.fragments import draw  # noqa: PLC0415
    from lipwright.studio.page.judge import Judge  # noqa: PLC0415
    from lipwright.studio.page.keep import Keep  # noqa: PLC0415
    from lipwright.studio.page.make import Make  # noqa: PLC0415
    from lipwright.studio.page.start import Start  # noqa: PLC0415

    with gr.Blocks(
        title=texts.TITLE, analytics_enabled=False, fill_width=True, delete_cache=(86_400, 604_800)
    ) as page:
        with gr.Row(elem_classes="lw-top"):
            gr.HTML(draw("header.html.j2"), apply_default_css=False, elem_id="lw-header")
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
        example.click(start.example_values, None, start.inputs, api_visibility="private")
        page.load(
            lambda: [make.draw_queue(), *continue_from(service, start, make)],
            None,
            [make.queue, *start.inputs, *make.form.components],
            show_progress="hidden",
            api_visibility="private",
        ).then(None, js="() => { document.body.dataset.filled = 'yes'; }", api_visibility="private")
    made: gr.Blocks = page
    return made


def continue_from(service: StudioService, start: Start, make: Make) -> list[Any]:
    """Return the form as it was when the last video was queued, so that a closed page can continue."""
    import gradio as gr  # noqa: PLC0415

    last = next(iter(service.jobs(kinds=("render", "preview", "tune"), limit=1)), None)
    if last is None or not all(path.is_file() for path in last.inputs.values()):
        return [gr.skip()] * (len(start.inputs) + len(make.form.components))
    return [*start.filled(last), *make.form.filled(last.options)]


def page_options() -> dict[str, Any]:
    """Return how `gradio.mount_gradio_app` has to mount the page: its looks, and nothing from the network."""
    from lipwright.studio.page.fragments import read_asset  # noqa: PLC0415
    from lipwright.studio.page.theme import make_theme  # noqa: PLC0415

    return {
        "theme": make_theme(),
        "css": read_asset("style.css"),
        "js": read_asset("page.js"),
        "ssr_mode": False,
        "footer_links": [],
        "run_history": False,
        "show_error": True,
        "pwa": False,
        "mcp_server": False,
        "enable_monitoring": False,
    }
