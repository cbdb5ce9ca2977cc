"""A finished video, measured: for the manifest of a render, and for the rounds of a tuning."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from lipwright.domain.finding import Finding
from lipwright.domain.progress import ProgressCallback, no_progress
from lipwright.domain.settings import RenderRequest
from lipwright.domain.sync import SyncReport
from lipwright.errors import Cancelled, LipwrightError
from lipwright.pipeline.findings import SYNC_UNMEASURED


class Checker(Protocol):
    """Measures a video; `pipeline.check.check_video` is the one there is."""

    def __call__(
        self,
        video: Path,
        *,
        audio: Path | None = None,
        transcript: Path | None = None,
        report_html: Path | None = None,
        report: ProgressCallback = no_progress,
    ) -> SyncReport:
        """Measure a video against the audio it was made from.

        Raises:
            LipwrightError: it cannot be measured.
        """
        ...


def reference(request: RenderRequest) -> Path | None:
    """The audio that the video's own audio is held against; None where the video's is meant to differ."""
    edited = request.prepare and request.preparation.trim_silence
    return None if edited else request.audio


def measure(
    video: Path, audio: Path | None, report: ProgressCallback, checker: Checker | None = None
) -> tuple[SyncReport | None, tuple[Finding, ...]]:
    """Measure a video that must not be lost, whatever happens to the measurement.

    Args:
        video: A whole video, under its own name.
        audio: What it delivers; None where that cannot be compared.
        report: Told the steps of the check.
        checker: None is `check_video`.

    Returns:
        The report, or None and a finding that says why there is none.

    Raises:
        Cancelled: the user would not wait; the video stays.
    """
    try:
        return (checker or standard_checker())(video, audio=audio, report=report), ()
    except (Cancelled, KeyboardInterrupt) as error:
        raise Cancelled("interrupted", hint=f"{video} is whole; its sync was not measured") from error
    except LipwrightError as error:
        why, advice = error.message, error.hint
    except Exception as error:  # a defect of the check costs no video
        why = f"unexpected {type(error).__name__}: {error}"
        advice = "this is a defect of lipwright: please report it"
    return None, (unmeasured(why, advice),)


def unmeasured(why: str, advice: str) -> Finding:
    """What a manifest says in the place of a measurement."""
    return SYNC_UNMEASURED(reason=why, remedy=advice)


def standard_checker() -> Checker:
    """`check_video`, whose models load when it is first wanted."""
    from lipwright.pipeline.check import check_video  # noqa: PLC0415

    return check_video
