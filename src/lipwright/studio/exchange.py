"""Import and export of settings: manifests, SHOTS files and command lines."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lipwright.domain.presets import PRESETS
from lipwright.domain.settings import SETTINGS, EngineOptions, Preparation, RenderRequest, SamplingSettings
from lipwright.engines.registry import ENGINES
from lipwright.errors import InputError, UsageError
from lipwright.jobs.shots_file import read_shots, to_row
from lipwright.pipeline.manifest import parse_manifest, read_manifest
from lipwright.studio.job_view import Job

OPTIONS = frozenset(
    spec.name
    for spec in SETTINGS.values()
    if "render" in spec.commands
    and spec.flag
    and spec.type is not Path
    and spec.owner is not EngineOptions
    and spec.name != "motion_out"
)
"""Names of the settings that a client may give."""

_MASK = frozenset({"start_seconds", "end_seconds"})


def options_of_manifest(manifest: Path | Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a manifest that differ from the defaults.

    Args:
        manifest: The manifest file, or its JSON values.

    Raises:
        InputError: the file is not a manifest, is from a newer lipwright, or has an invalid value.
    """
    found = read_manifest(manifest) if isinstance(manifest, Path) else parse_manifest(manifest, "this")
    job, preset = found.job, found.job.get("preset")
    base = next((settings for name, settings in PRESETS.items() if name == preset), None)
    engine = ENGINES.get(str(job.get("engine")))
    ignored = engine.ignores if engine else frozenset()
    options: dict[str, Any] = {}
    for spec in SETTINGS.values():
        values = job.get("preparation") if spec.owner is Preparation else job
        if not isinstance(values, Mapping) or spec.owner is EngineOptions or not spec.job_key:
            continue
        value = values.get("engine" if spec.name == "engine" else spec.job_key)
        usual = getattr(base, spec.name) if spec.owner is SamplingSettings and base else spec.default
        if value is None or spec.name not in OPTIONS or spec.name in ignored:
            continue
        try:
            if (checked := spec.check(value)) != usual:
                options[spec.name] = value if spec.owner is RenderRequest else checked
        except UsageError as error:
            raise InputError(f"the manifest's {spec.job_key}: {error.message}", hint=error.hint) from error
    length = found.plan.get("seconds")
    if options.get("start_seconds") in {None, 0} and options.get("end_seconds") in {None, length}:
        options = {name: value for name, value in options.items() if name not in _MASK}
    return options | ({"preset": preset} if base else {})


def shots_of(jobs: Iterable[Job]) -> str:
    """Return the text of a SHOTS file (JSON Lines) with one row per job.

    Raises:
        UsageError: one of the jobs is a check.
    """
    rows = []
    for job in jobs:
        if job.kind == "check":
            raise UsageError(f"job {job.id} is a check, not a video", hint="export only videos")
        files = {role: str(path) for role, path in job.inputs.items()}
        options = {name: value for name, value in job.options.items() if name in OPTIONS - {"check"}}
        rows.append(files | to_row(options) | {"output": f"{job.id:06}"})
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def read_rows(path: Path, folder: Path) -> list[tuple[Mapping[str, Path], dict[str, Any]]]:
    """Return the inputs and the options of each row of a SHOTS file.

    Args:
        path: The SHOTS file.
        folder: The folder of the studio; every input must be in it.

    Raises:
        InputError: a row cannot be used.
    """
    shots = read_shots(path, folder, {})
    problems = [f"{problem}" for problem in shots.problems]
    for row in shots.rows:
        outside = [
            role
            for role, file in row.request.inputs.items()
            if not file.resolve().is_relative_to(folder.resolve())
        ]
        problems += [f"row {row.row}: its {role} is outside the studio's folder" for role in outside]
    if problems:
        raise InputError(
            f"{path.name}: {problems[0]}", hint="correct the file and send it again; nothing was queued"
        )
    return [
        (row.request.inputs, {name: value for name, value in row.options.items() if name in OPTIONS})
        for row in shots.rows
    ]


def command_of(job: Job) -> str:
    """Return the command line that does the same as a job, with the user's file names."""
    if job.kind == "check":
        words = ["lipwright", "check", job.names["video"]]
        files = ("audio", "transcript")
    else:
        words = ["lipwright", "tune" if job.kind == "tune" else "render", job.names["audio"]]
        files = ("image", "driver")
    for role in files:
        if role in job.names:
            words += [f"--{role}", job.names[role]]
    if job.kind != "check":
        words += ["-o", f"{Path(job.names['audio']).stem}.mp4"]
    for name, value in job.options.items():
        spec = SETTINGS[name]
        if name in OPTIONS and words[1] in spec.commands and value != spec.default:
            text = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            words += [spec.flag] if spec.type is bool else [spec.flag, text]
    return shlex.join(words)
