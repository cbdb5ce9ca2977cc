"""Read a models file, in which the user gives the names that the model files have on a server."""

from __future__ import annotations

import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lipwright.domain.json_text import parse_json
from lipwright.errors import InputError
from lipwright.media.text_files import read_text
from lipwright.workflow.recipe_inputs import MAX_STRENGTH, ModelFiles, default_models

MAX_BYTES = 8192
"""Maximum size of a models file in bytes. Parsing a larger file can exhaust memory: a dotted TOML key of
40 kB took 1.6 GB."""


def read_model_names(path: Path | None) -> ModelFiles:
    """Read a models file, which is TOML like data/models.toml, or JSON; missing keys have their defaults.

    Args:
        path: The file; None for the names in ComfyUI's own templates.

    Raises:
        InputError: the file cannot be read, is neither TOML nor JSON, or has an invalid key or value.
    """
    if path is None:
        return default_models()
    values = asdict(default_models())
    hint = f"valid keys are {', '.join(values)}"
    text = read_text(path, "models file", MAX_BYTES)
    try:
        given: Any = parse_json(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: the models file is neither TOML nor JSON ({error})", hint=hint) from None
    for key, value in given.items():
        if key not in values:
            raise InputError(f"{path}: the models file has an unknown key {key!r}", hint=hint)
        if key == "distilled_lora_strength":
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if not is_number or not abs(value) <= MAX_STRENGTH:
                raise InputError(
                    f"{path}: {key} in the models file must be a number, not {value!r}", hint=hint
                )
        elif not isinstance(value, str) or not value.isprintable() or not value:
            raise InputError(
                f"{path}: {key} in the models file must be the name of a file, not {value!r}", hint=hint
            )
        values[key] = value
    return ModelFiles(**values)
