"""The form with the settings in `SETTINGS`: four are always visible, the rest in a collapsible section."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING
from fractions import Fraction
from math import inf
from typing import TYPE_CHECKING, Any

import gradio as gr

from lipwright.domain.setting_spec import SettingSpec
from lipwright.domain.settings import SETTINGS, Preparation, SamplingSettings
from lipwright.engines.registry import AUTO, ENGINES
from lipwright.studio.exchange import OPTIONS
from lipwright.studio.page import texts
from lipwright.studio.page.labels import in_page_words, setting_label

if TYPE_CHECKING:
    from gradio.components import Component

VISIBLE = ("engine", "preset", "size", "seed")
GIVEN_ELSEWHERE = frozenset({"face", "prompt", "check", "strict", "redo_chunks"})
"""Settings that have their own control on the page, or that the page sets itself."""
VOICE_SETTINGS = frozenset({"frame_rate", "fit", "trim_silence", "kind", "denoise", "deess", "declip"})
"""Settings that change what the examination of a voice finds."""


def draw_form() -> dict[str, Any]:
    """Create the fields of the form, and return them by setting name."""
    fields: dict[str, Any] = {}
    specs = [SETTINGS[name] for name in SETTINGS if name in OPTIONS - GIVEN_ELSEWHERE]
    with gr.Row(elem_classes="lw-visible"):
        for name in VISIBLE:
            fields[name] = _field(SETTINGS[name])
    with gr.Accordion(texts.MORE_SETTINGS, open=False, elem_id="lw-more"):
        for title, group in _groups(specs):
            gr.HTML(f"<h3>{title}</h3>", apply_default_css=False)
            with gr.Row(elem_classes="lw-grid"):
                for spec in group:
                    fields[spec.name] = _field(spec)
    return fields


def given_options(names: Iterable[str], values: Sequence[Any]) -> dict[str, Any]:
    """Return the values that differ from the defaults, by setting name.

    Args:
        names: Names of the settings.
        values: Values of their fields, in the same order.

    Raises:
        UsageError: a number is invalid.
    """
    found: dict[str, Any] = {}
    for name, value in zip(names, values, strict=True):
        spec = SETTINGS[name]
        if spec.type is bool:
            if value:
                found[name] = not spec.default
        elif spec.many:
            if lines := [line.strip() for line in str(value or "").splitlines() if line.strip()]:
                found[name] = lines
        elif value not in {None, ""}:
            given = spec.check(value) if spec.type in {int, float} else value
            if given != _shown_default(spec):
                found[name] = given
    return found


def form_values(names: Iterable[str], options: Mapping[str, Any]) -> list[Any]:
    """Return the value that each setting's field shows for these options.

    A setting that is missing from the options shows its default.
    """
    return [_shown(SETTINGS[name], options.get(name)) for name in names]


def _shown(spec: SettingSpec, value: Any) -> Any:  # noqa: ANN401 - of the setting's type
    if spec.type is bool:
        return value is not None and value != spec.default
    if spec.many:
        return "\n".join(value or ())
    if value is None:
        return _empty(spec)
    return f"{value:g}" if isinstance(value, float) else value


def _groups(specs: Sequence[SettingSpec]) -> Iterator[tuple[str, list[SettingSpec]]]:
    rest = [spec for spec in specs if spec.name not in VISIBLE]
    owners = {SamplingSettings: texts.SAMPLING, Preparation: texts.AUDIO}
    for owner, title in owners.items():
        yield title, [spec for spec in rest if spec.owner is owner]
    yield texts.VIDEO, [spec for spec in rest if spec.owner not in owners]


def _shown_default(spec: SettingSpec) -> Any:  # noqa: ANN401 - of the setting's type
    """Return the value that a field shows by default; None if the default depends on other settings."""
    if spec.default is MISSING or spec.default_text or spec.owner is SamplingSettings:
        return 0 if spec.name == "seed" else None
    return str(spec.default) if isinstance(spec.default, Fraction) else spec.default


def _empty(spec: SettingSpec) -> Any:  # noqa: ANN401 - of the setting's type
    """Return the value of a field that the user has not filled in."""
    return 0 if spec.name == "seed" else _shown_default(spec) or ""


def _field(spec: SettingSpec) -> Component:
    shared: dict[str, Any] = {
        "label": setting_label(spec),
        "info": in_page_words(spec.help),
        "elem_id": f"lw-set-{spec.name}",
    }
    if spec.name == "engine":
        return gr.Dropdown([AUTO, *ENGINES], value=AUTO, **shared)
    if spec.name == "size":
        return gr.Dropdown(texts.SIZES, value="", allow_custom_value=True, **shared)
    if spec.type is bool:
        return gr.Checkbox(value=False, **shared)
    if spec.choices:
        first = [] if _empty(spec) else [(texts.AS_PRESET.get(spec.name, spec.default_text), "")]
        return gr.Dropdown([*first, *spec.choices], value=_empty(spec), **shared)
    if spec.name == "seed":
        return gr.Number(value=0, precision=0, minimum=0, step=1, **shared)
    if spec.tested[1] < inf:
        shared["info"] = texts.TESTED.format(help=shared["info"], low=spec.tested[0], high=spec.tested[1])
    # Number settings also have text fields, because an empty number field of Gradio has the value 0.
    return gr.Textbox(
        value=_empty(spec),
        placeholder=spec.default_text or texts.NONE_GIVEN,
        lines=2 if spec.many else 1,
        max_lines=4,
        **shared,
    )
