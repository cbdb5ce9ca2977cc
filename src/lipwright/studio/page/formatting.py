"""Jobs, times and refusals in the words of the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import gradio as gr

from lipwright.domain.sync_verdict import VERDICT_TEXTS
from lipwright.errors import LipwrightError
from lipwright.studio.page import texts
from lipwright.studio.studio_job import StudioJob


def duration(seconds: float) -> str:
    """Format a duration: 8 s, 3 min, 2 h 10 min."""
    if seconds < 90:
        return texts.SECONDS.format(n=max(1, round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 90:
        return texts.MINUTES.format(n=minutes)
    return texts.HOURS.format(h=minutes // 60, m=minutes % 60)


def when(seconds: float) -> str:
    """Format a time in the time zone of this machine."""
    moment = datetime.fromtimestamp(seconds)
    today = moment.date() == datetime.now().date()
    return f"{moment:%H:%M}" if today else f"{moment:%d %b %Y %H:%M}"


def job_words(job: StudioJob) -> dict[str, Any]:
    """Describe a job for the templates."""
    progress = job.progress
    left = "" if progress is None or progress.seconds_left is None else duration(progress.seconds_left)
    return {
        "id": job.id,
        "kind": texts.KINDS[job.kind],
        "title": job.title,
        "state": job.state,
        "state_word": texts.STATES[job.state],
        "place": job.place,
        "percent": None if progress is None else round(100 * progress.share),
        "stage": "" if progress is None else stage_words(progress.stage, progress.done, progress.total),
        "left": left,
        "error": job.error,
        "hint": job.hint,
        "verdict": job.verdict,
        "verdict_words": VERDICT_TEXTS.get(job.verdict, job.verdict) if job.verdict else "",  # type: ignore[call-overload]
        "offset": None if job.offset_ms is None else f"{round(job.offset_ms):+d} ms",
        "seconds": job.seconds,
        "when": when(job.finished_at or job.created_at),
        "has_video": job.video is not None,
        "can_be_judged": job.state == "done" and (job.video is not None or job.report is not None),
    }


def stage_words(stage: str, done: int, total: int) -> str:
    """Describe what a running job is doing."""
    if stage == "frames":
        return texts.FRAMES_SO_FAR.format(done=done, total=total)
    return texts.STAGES.get(stage, stage)


@contextmanager
def refusal() -> Iterator[None]:
    """Show a failure as a message with its hint."""
    try:
        yield
    except LipwrightError as error:
        hint = f" {error.hint[:1].upper()}{error.hint[1:]}." if error.hint else ""
        text = f"{error.message[:1].upper()}{error.message[1:]}.{hint}"
        raise gr.Error(text, duration=12, print_exception=False) from error
