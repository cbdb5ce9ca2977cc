"""Export of takes as a SHOTS file or a ComfyUI graph."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

from gradio.utils import get_upload_folder

from lipwright.domain.settings import SETTINGS, build_request
from lipwright.errors import UsageError
from lipwright.pipeline.workflow import WorkflowRequest, make_workflow
from lipwright.studio.job_view import Job
from lipwright.studio.page import texts
from lipwright.studio.page.file_transfer import hand_over
from lipwright.studio.service import StudioService
from lipwright.workflow.recipes import RECIPES


def write_shots(service: StudioService, job_ids: Sequence[int]) -> Path:
    """Write jobs as a SHOTS file, and return its path.

    Raises:
        UsageError: there are no jobs to write.
    """
    if not job_ids:
        raise UsageError(texts.NOTHING_TO_EXPORT, hint=texts.MAKE_ONE_FIRST)
    file = _new_file("shots.jsonl")
    file.write_text(service.export_shots(job_ids), encoding="utf-8")
    return file


def write_graph(job: Job) -> Path:
    """Write a ComfyUI graph that makes the video of a job, and return the path of the graph.

    In the graph, the input files have the names that the user gave them.

    Raises:
        LipwrightError: the graph cannot be made.
    """
    options = {
        name: value
        for name, value in job.options.items()
        if name in SETTINGS and "workflow" in SETTINGS[name].commands
    }
    if options.get("preset") not in {None, *RECIPES["guide"].presets}:
        del options["preset"]  # a setting of the portrait engine, which graphs do not have
    inputs = {role: Path(hand_over(path, job.names.get(role))) for role, path in job.inputs.items()}
    file = _new_file(f"{Path(job.names['audio']).stem}.comfyui.json")
    make_workflow(WorkflowRequest(build_request({**options, **inputs, "output": file}), format="ui"))
    return file


def _new_file(name: str) -> Path:
    folder = Path(get_upload_folder()) / secrets.token_hex(16)
    folder.mkdir(parents=True)
    return folder / name
