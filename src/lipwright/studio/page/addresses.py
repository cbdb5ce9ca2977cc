"""Where the browser finds the files of a job: in the HTTP API."""

from __future__ import annotations

from lipwright.studio.studio_job import StudioJob


def video(job: StudioJob) -> str:
    """Return the address of a finished video."""
    return f"v1/{_kind(job)}/{job.id}/content"


def manifest(job: StudioJob) -> str:
    """Return the address of a finished video's manifest."""
    return f"v1/videos/{job.id}/manifest"


def report(job: StudioJob) -> str:
    """Return the address of the page of the sync check."""
    return f"v1/{_kind(job)}/{job.id}/report"


def frame(job: StudioJob) -> str:
    """Return the address of the frame that a running job made just now; a new one for each frame."""
    made_ns = job.preview.stat().st_mtime_ns if job.preview and job.preview.exists() else 0
    return f"v1/videos/{job.id}/preview?{made_ns}"


def _kind(job: StudioJob) -> str:
    return "checks" if job.kind == "check" else "videos"
