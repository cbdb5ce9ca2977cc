"""Takes: the videos of one voice and image, the best first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lipwright.domain.sync_verdict import AudioMeasures, MouthMeasures, SyncReport
from lipwright.errors import LipwrightError
from lipwright.pipeline.tune.scoring import assess
from lipwright.studio.job import Job
from lipwright.studio.page.formatting import verdict_words
from lipwright.studio.service import StudioService

MAX_TAKES = 12
MAX_LOOKED_AT = 200


def find_takes(service: StudioService, job: Job) -> list[Job]:
    """Return the takes of a job's voice and image, ranked as `tune` ranks its rounds."""
    wanted = _inputs_key(job)
    made = service.jobs(states=("done",), kinds=("render", "preview", "tune"), limit=MAX_LOOKED_AT)
    takes = [take for take in made if take.video is not None and _inputs_key(take) == wanted]
    return sorted(takes, key=_rank)[:MAX_TAKES]


def _rank(job: Job) -> tuple[bool, float, float, int]:
    """Return a key to sort by: measured ones first, by their score, offset and age."""
    try:
        score = assess(_report(job.read_check())).score
    except LipwrightError:
        return True, 0.0, 0.0, job.id
    return False, score, abs(job.offset_ms or 0.0), job.id


def _report(sync: Mapping[str, Any]) -> SyncReport:
    """Read as much of a check's JSON as the scoring needs."""
    mouth: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in sync["mouth"].items()
    }
    return SyncReport(
        verdict=sync["verdict"],
        offset_ms=sync["offset_ms"],
        confidence=sync["confidence"],
        drift_ms_per_s=sync["drift_ms_per_s"],
        mouth=MouthMeasures(**mouth),
        audio=AudioMeasures(None, None, 0),
        extra={"video": sync.get("video") or {}},
    )


def _inputs_key(job: Job) -> Sequence[tuple[str, str, int]]:
    """Return a key that is equal for jobs with the same voice and image: files of equal name and size."""
    return [
        (role, job.names.get(role, ""), path.stat().st_size if path.is_file() else 0)
        for role, path in sorted(job.inputs.items())
        if role in {"audio", "image"}
    ]


def rounds_of(job: Job) -> list[dict[str, Any]]:
    """Return the rounds of a tune so far; of other jobs, and before the first round, none."""
    try:
        rounds = job.read_rounds()["rounds"] if job.kind == "tune" else []
    except LipwrightError:
        return []
    return [{**round_, **verdict_words(**(round_.get("measures") or {}))} for round_ in rounds]
