"""Labels of settings on the page; they replace command-line options in texts that the page shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lipwright.domain.setting_spec import SettingSpec
from lipwright.domain.settings import SETTINGS
from lipwright.studio.exchange import OPTIONS
from lipwright.studio.page import texts

NOT_SHOWN = frozenset({"check", "engine", "prompt"})
"""Options that are not shown on a take, because they are too long or the same for most takes."""

_FLAG = re.compile(r"--[a-z][a-z-]*[a-z]")
_CROP = re.compile(r"`?lipwright image IMG(?: --face \S+)? --crop OUT\.png`?")
_BY_FLAG = {SETTINGS[name].flag: SETTINGS[name] for name in sorted(OPTIONS)}


def setting_label(spec: SettingSpec) -> str:
    """Return the label of a setting's field."""
    return texts.LABELS.get(spec.name) or spec.flag.lstrip("-").replace("-", " ").capitalize()


def in_page_words(text: str) -> str:
    """Replace the options of the command line in a text by the names of the page's fields and buttons."""

    def field(found: re.Match[str]) -> str:
        spec = _BY_FLAG.get(found[0])
        if spec is None:
            return found[0]
        return texts.CONTROLS.get(spec.name) or texts.QUOTED.format(text=setting_label(spec))

    return _FLAG.sub(field, _CROP.sub(texts.QUOTED.format(text=texts.USE_CROP), text))


def settings_words(options: Mapping[str, Any]) -> str:
    """Describe the options that differ from the defaults, such as "Seed 3, Eta 0.25"."""
    return ", ".join(
        _setting_words(SETTINGS[name], value)
        for name, value in options.items()
        if name in SETTINGS and name not in NOT_SHOWN and value != SETTINGS[name].default
    )


def _setting_words(spec: SettingSpec, value: Any) -> str:  # noqa: ANN401 - of the setting's type
    label = setting_label(spec)
    if spec.type is bool:
        return label
    if isinstance(value, list | tuple):
        value = ", ".join(map(str, value))
    return f"{label} {value:g}" if isinstance(value, float) else f"{label} {value}"
