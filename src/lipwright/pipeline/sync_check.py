"""Check the sync of a finished video, for manifests and for the rounds of `tune`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Protocol

from lipwright.domain.audio_piece import AudioSource
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
        video_name: str | None = None,
        report: ProgressCallback = no_progress,
    ) -> SyncReport:
        """Measure a video."""
        ...


def reference(request: RenderRequest) -> AudioSource | None:
    """Return the audio that the video should contain; None if pauses were shortened.

    This is the whole recording, or the piece of the recording that the user requested.
    """
    edited = request.prepare and request.preparation.trim_silence
    return None if edited else request.recording


def before_check(manifest: Manifest, video: Path) -> Manifest:
    """Return the manifest to write before a check.

    This manifest says that the check did not finish. It is replaced after the check, and stays only if the
    check is interrupted.
    """
    return _with_check(manifest, None, "the check did not finish", f"run: lipwright check {video}")


def measure(
    manifest: Manifest,
    video: Path,
    audio: AudioSource | None,
    report: ProgressCallback,
    checker: Checker | None = None,
) -> Manifest:
    """Measure a finished video, and return its manifest with the result.

    If the check fails, the manifest gives the reason; the video is never discarded.

    Raises:
        Cancelled: The user interrupted the check; the video stays.
    """
    try:
        sync = (checker or standard_checker())(video, audio=audio, report=report)
        return _with_check(manifest, sync)
    except (Cancelled, KeyboardInterrupt) as error:
        raise Cancelled("interrupted", hint=f"{video} is complete; its sync was not measured") from error
    except LipwrightError as error:
        return _with_check(manifest, None, error.message, error.hint)
    except Exception as error:  # a defect of the check must not discard the video
        reason = f"unexpected {type(error).__name__}: {error}"
        return _with_check(manifest, None, reason, "this is a bug in lipwright: please report it")


def _with_check(manifest: Manifest, sync: SyncReport | None, reason: str = "", remedy: str = "") -> Manifest:
    """Return the manifest with a sync report, or with the reason why there is none."""
    findings = [finding for finding in manifest.findings if finding["rule"] != SYNC_UNMEASURED.id]
    if sync is None:
        findings.append(SYNC_UNMEASURED(reason=reason, remedy=remedy).to_json())
    return replace(manifest, sync=sync.to_json() if sync else None, findings=tuple(findings))


def standard_checker() -> Checker:
    """Return `check_video`; it is imported here because its models take some time to load."""
    from lipwright.pipeline.check import check_video  # noqa: PLC0415

    return check_video
