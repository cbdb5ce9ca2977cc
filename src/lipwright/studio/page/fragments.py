"""Draw parts of the page from templates, in which every value is escaped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files

import gradio as gr
from jinja2 import Environment

from lipwright.reports.page import environment
from lipwright.studio.page import texts
from lipwright.studio.page.labels import in_page_words

PANEL_JS = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-act]');
  if (!button || button.disabled || (button.dataset.ask && !confirm(button.dataset.ask))) return;
  trigger('act', {...button.dataset});
});
"""
"""Script of a panel: a click on an element with `data-act` triggers the panel's event `act`, with the
element's `data-...` attributes as event data. If the element has `data-ask`, the user has to confirm
first."""
DROP_PX = 64
"""Height of a field for files, in pixels."""


@cache
def _environment() -> Environment:
    made = environment("lipwright.studio.page", "lipwright.reports")
    made.globals["t"] = texts
    made.filters["plain"] = in_page_words
    return made


def draw(template: str, **values: object) -> str:
    """Render a template of this package to HTML."""
    return _environment().get_template(template).render(**values)


def read_asset(name: str) -> str:
    """Return the text of a style sheet or script in this package."""
    return files("lipwright.studio.page").joinpath(name).read_text(encoding="utf-8")


@contextmanager
def card(title: str = "", elem_id: str | None = None) -> Iterator[None]:
    """Create a card with this heading around the components that the `with` block creates."""
    with gr.Column(elem_classes="lw-card", elem_id=elem_id):
        if title:
            gr.HTML(f"<h2>{title}</h2>", apply_default_css=False)
        yield


def drop_field(label: str, suffixes: list[str], elem_id: str) -> gr.File:
    """Create a field with this label onto which the user can drop a file."""
    return gr.File(label=label, file_types=suffixes, elem_id=elem_id, elem_classes="lw-drop", height=DROP_PX)


def panel(elem_id: str, value: str = "", **options: object) -> gr.HTML:
    """Create a part of the page that the server draws as HTML; clicks in it trigger its event `act`."""
    return gr.HTML(
        value,
        elem_id=elem_id,
        js_on_load=PANEL_JS,
        apply_default_css=False,
        **options,  # type: ignore[arg-type]
    )
