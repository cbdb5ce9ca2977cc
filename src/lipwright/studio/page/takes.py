"""Takes: all videos with one voice and image, ranked by their sync."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lipwright.domain.sync_verdict import AudioMeasures, MouthMeasures, SyncReport
from lipwright.errors import LipwrightError
from lipwright.pipeline.tune.scoring import assess
from lipwright.studio.job_view import Job
from lipwright.studio.page.formatting import verdict_words
from lipwright.studio.service import StudioService

MAX_TAKES = 12
MAX_LOOKED_AT = 200


def find_takes(service: StudioService, job: Job) -> list[Job]:
    """Return the takes with the voice and image of a job, ranked as `tune` ranks its rounds."""
    wanted = _inputs_key(job)
    made = service.jobs(states=("done",), kinds=("render", "preview", "tune"), limit=MAX_LOOKED_AT)
    takes = [take for take in made if take.video is not None and _inputs_key(take) == wanted]
    return sorted(takes, key=_rank)[:MAX_TAKES]


def _rank(job: Job) -> tuple[bool, float, float, int]:
    """Return a sort key: measured takes first, by score (lowest is best), then by size of the offset."""
    try:
        score = assess(_report(job.read_check())).score
    except LipwrightError:
        return True, 0.0, 0.0, job.id
    return False, score, abs(job.offset_ms or 0.0), job.id


def _report(sync: Mapping[str, Any]) -> SyncReport:
    """Return a sync report that contains only the values that the scoring needs, from a check's JSON."""
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
    """Return the names and sizes of voice and image; they are equal for takes with the same files."""
    return [
        (role, job.names.get(role, ""), path.stat().st_size if path.is_file() else 0)
        for role, path in sorted(job.inputs.items())
        if role in {"audio", "image"}
    ]


def rounds_of(job: Job) -> list[dict[str, Any]]:
    """Return the finished rounds of a `tune` job; empty for other jobs."""
    try:
        rounds = job.read_rounds()["rounds"] if job.kind == "tune" else []
    except LipwrightError:
        return []
    return [{**round_, **verdict_words(**(round_.get("measures") or {}))} for round_ in rounds]
