"""Format jobs, times and errors as text for the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import gradio as gr

from lipwright.domain.sync_verdict import VERDICT_TEXTS, offset_label
from lipwright.errors import LipwrightError
from lipwright.studio.job_view import Job
from lipwright.studio.page import texts
from lipwright.studio.page.fragments import draw
from lipwright.studio.page.labels import in_page_words


def duration(seconds: float) -> str:
    """Format a duration, such as 8 s, 3 min or 2 h 10 min."""
    if seconds < 90:
        return texts.SECONDS.format(n=max(1, round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 90:
        return texts.MINUTES.format(n=minutes)
    return texts.HOURS.format(h=minutes // 60, m=minutes % 60)


def when(seconds: float) -> str:
    """Format a Unix time in the time zone of this machine."""
    moment = datetime.fromtimestamp(seconds)
    today = moment.date() == datetime.now().date()
    return f"{moment:%H:%M}" if today else f"{moment:%d %b %Y %H:%M}"


def job_words(job: Job) -> dict[str, Any]:
    """Return the template variables that describe a job."""
    progress = job.progress
    left = "" if progress is None or progress.seconds_left is None else duration(progress.seconds_left)
    same = ("id", "title", "state", "place", "error", "hint", "verdict", "seconds")
    return {
        **{name: getattr(job, name) for name in same},
        "kind": texts.KINDS[job.kind],
        "state_word": texts.STATES[job.state],
        "percent": None if progress is None else round(100 * progress.share),
        "stage": "" if progress is None else stage_words(progress.stage, progress.done, progress.total),
        "left": left,
        **verdict_words(job.verdict, job.offset_ms),
        "when": when(job.finished_at or job.created_at),
        "can_be_judged": job.state == "done" and (job.video is not None or job.report is not None),
    }


def verdict_words(verdict: str | None = None, offset_ms: float | None = None, **_: object) -> dict[str, str]:
    """Return the texts of the verdict and the offset of a check; each is empty if unknown."""
    return {
        "verdict_words": VERDICT_TEXTS.get(verdict, verdict) if verdict else "",  # type: ignore[call-overload]
        "offset": "" if offset_ms is None else offset_label(offset_ms),
    }


def stage_words(stage: str, done: int, total: int) -> str:
    """Return the text for the stage of a running job."""
    if stage == "frames":
        return texts.FRAMES_SO_FAR.format(done=done, total=total)
    return texts.STAGES.get(stage, stage)


def sentence_of(error: LipwrightError, path: Path | None = None) -> str:
    """Return an error and its hint as sentences; a path is replaced by its file name."""
    message = error.message.replace(str(path), path.name) if path else error.message
    parts = [in_page_words(part) for part in (message, error.hint) if part]
    return " ".join(f"{part[:1].upper()}{part[1:]}." for part in parts)


def draw_trouble(error: LipwrightError) -> str:
    """Draw an error and its hint."""
    return draw("trouble.html.j2", message=error.message, hint=error.hint)


def warn(error: LipwrightError, path: Path) -> None:
    """Show a message that says why a dropped file cannot be used."""
    gr.Warning(sentence_of(error, path), duration=12, title=texts.NOT_USED)


@contextmanager
def refusal() -> Iterator[None]:
    """If the `with` block raises an error, show the error and its hint to the user as a message."""
    try:
        yield
    except LipwrightError as error:
        raise gr.Error(
            sentence_of(error), duration=12, title=texts.NOT_DONE, print_exception=False
        ) from error
