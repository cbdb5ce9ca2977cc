"""Check the sync of a finished video, for the manifest of a render and the rounds of `tune`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from lipwright.domain.audio_piece import AudioSource
from lipwright.domain.finding import Finding
from lipwright.domain.progress import ProgressCallback, no_progress
from lipwright.domain.settings import RenderRequest
from lipwright.domain.sync_verdict import SyncReport
from lipwright.errors import Cancelled, LipwrightError
from lipwright.pipeline.findings import SYNC_UNMEASURED
from lipwright.pipeline.manifest import Manifest


class Checker(Protocol):
    """A function that measures a video, such as `pipeline.check.check_video`.

    Raises:
        LipwrightError: The video cannot be measured.
    """

    def __call__(
        self,
        video: Path,
        *,
        audio: AudioSource | None = None,
        transcript: Path | None = None,
        report_html: Path | None = None,
        video_address: str | None = None,
        report: ProgressCallback = no_progress,
    ) -> SyncReport:
        """Measure a video."""
        ...


def reference(request: RenderRequest) -> AudioSource | None:
    """Recording, or piece of it, that the video's audio must equal; None if pauses were cut out."""
    edited = request.prepare and request.preparation.trim_silence
    return None if edited else request.recording


def measure(
    video: Path, audio: AudioSource | None, report: ProgressCallback, checker: Checker | None = None
) -> tuple[SyncReport | None, tuple[Finding, ...]]:
    """Measure a finished video, and compare its audio with a recording if one is given.

    A failed or cancelled check never discards the video.

    Returns:
        The report, or None and a finding that gives the reason.

    Raises:
        Cancelled: The user interrupted the check; the video stays.
    """
    try:
        return (checker or standard_checker())(video, audio=audio, report=report), ()
    except (Cancelled, KeyboardInterrupt) as error:
        raise Cancelled("interrupted", hint=f"{video} is complete; its sync was not measured") from error
    except LipwrightError as error:
        reason, advice = error.message, error.hint
    except Exception as error:  # a defect of the check must not cost the video
        reason = f"unexpected {type(error).__name__}: {error}"
        advice = "this is a bug in lipwright: please report it"
    return None, (SYNC_UNMEASURED(reason=reason, remedy=advice),)


def before_check(manifest: Manifest, video: Path) -> Manifest:
    """Return the manifest to write before a video is checked; it remains if the check is interrupted."""
    pending = SYNC_UNMEASURED(reason="the check did not end", remedy=f"run: lipwright check {video}")
    return replace(manifest, findings=(*manifest.findings, pending.to_json()))


def after_check(manifest: Manifest, sync: SyncReport | None, found: Iterable[Finding]) -> Manifest:
    """Return the manifest with what `measure` returned, in place of an earlier measurement."""
    kept = [finding for finding in manifest.findings if finding["rule"] != SYNC_UNMEASURED.id]
    return replace(
        manifest,
        sync=sync.to_json() if sync else None,
        findings=(*kept, *(finding.to_json() for finding in found)),
    )


def standard_checker() -> Checker:
    """Import `check_video`, whose models take a while to load."""
    from lipwright.pipeline.check import check_video  # noqa: PLC0415

    return check_video
