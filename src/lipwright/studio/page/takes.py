"""Takes: the videos of one voice and picture, the best first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lipwright.domain.sync_verdict import AudioMeasures, MouthMeasures, SyncReport
from lipwright.errors import LipwrightError
from lipwright.pipeline.tune.scoring import assess
from lipwright.studio.page.formatting import verdict_words
from lipwright.studio.page.labels import settings_words
from lipwright.studio.service import StudioService
from lipwright.studio.studio_job import StudioJob

MAX_TAKES = 12
MAX_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Take:
    """One take and its rank."""

    job: StudioJob
    sync: Mapping[str, Any] | None
    """Sync report of the take; None if it was not measured."""
    score: float
    """Score as in `tune`; 0 is without problems."""
    settings: str
    """Settings that differ from the defaults."""


def find_takes(service: StudioService, job: StudioJob) -> list[Take]:
    """Return the takes of a job's voice and picture, ranked as `tune` ranks its rounds."""
    wanted = _inputs_key(job)
    made = service.jobs(states=("done",), kinds=("render", "preview", "tune"), limit=MAX_LOOKED_AT)
    takes = [_take(service, one) for one in made if one.video is not None and _inputs_key(one) == wanted]
    takes.sort(key=lambda take: (take.sync is None, take.score, abs(take.job.offset_ms or 0.0), take.job.id))
    return takes[:MAX_TAKES]


def _take(service: StudioService, job: StudioJob) -> Take:
    try:
        sync: Mapping[str, Any] | None = service.check(job.id)
    except LipwrightError:
        sync = None
    score = assess(_report(sync)).score if sync else 0.0
    return Take(job, sync, score, settings_words(service.made(job.id).options))


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


def _inputs_key(job: StudioJob) -> Sequence[tuple[str, str, int]]:
    """Return a key that is equal for jobs with the same voice and picture: files of equal name and size."""
    return [
        (role, job.names.get(role, ""), path.stat().st_size if path.is_file() else 0)
        for role, path in sorted(job.inputs.items())
        if role in {"audio", "image"}
    ]


def rounds_of(service: StudioService, job: StudioJob) -> list[dict[str, Any]]:
    """Return the rounds of a tune so far; of other jobs, and before the first round, none."""
    try:
        rounds = service.rounds(job.id)["rounds"] if job.kind == "tune" else []
    except LipwrightError:
        return []
    return [{**round_, **verdict_words(**(round_.get("measures") or {}))} for round_ in rounds]
