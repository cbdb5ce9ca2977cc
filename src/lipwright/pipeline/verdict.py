"""A finished film, measured: for the manifest of a render, and for the rounds of a tuning."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from lipwright.domain.finding import Finding
from lipwright.domain.run import Report, silent
from lipwright.domain.sync import SyncReport
from lipwright.errors import Cancelled, LipwrightError
from lipwright.pipeline.request import RenderRequest


class Checker(Protocol):
    """Measures a film; `pipeline.check.check_film` is the one there is."""

    def __call__(
        self,
        video: Path,
        *,
        audio: Path | None = None,
        transcript: Path | None = None,
        report_html: Path | None = None,
        report: Report = silent,
    ) -> SyncReport:
        """Measure a film against the sound it was made from.

        Raises:
            LipwrightError: it cannot be measured.
        """
        ...


def reference(request: RenderRequest) -> Path | None:
    """The sound that the film's own sound is held against; None where the film's is meant to differ."""
    edited = request.prepare and request.preparation.trim_silence
    return None if edited else request.audio


def measure(
    film: Path, audio: Path | None, report: Report, checker: Checker | None = None
) -> tuple[SyncReport | None, tuple[Finding, ...]]:
    """Measure a film that must not be lost, whatever happens to the measurement.

    Args:
        film: A whole film, under its own name.
        audio: What it delivers; None where that cannot be compared.
        report: Told the steps of the check.
        checker: None is `check_film`.

    Returns:
        The report, or None and a finding that says why there is none.

    Raises:
        Cancelled: the user would not wait; the film stays.
    """
    try:
        return (checker or standard_checker())(film, audio=audio, report=report), ()
    except (Cancelled, KeyboardInterrupt) as error:
        raise Cancelled("interrupted", hint=f"{film} is whole; its sync was not measured") from error
    except LipwrightError as error:
        why, advice = error.message, error.hint
    except Exception as error:  # a defect of the check costs no film
        why = f"unexpected {type(error).__name__}: {error}"
        advice = "this is a defect of lipwright: please report it"
    return None, (unmeasured(why, advice),)


def unmeasured(why: str, advice: str) -> Finding:
    """What a manifest says in the place of a measurement."""
    return Finding("sync-unmeasured", "warning", f"the sync could not be measured: {why}", advice)


def standard_checker() -> Checker:
    """`check_film`, whose models load when it is first wanted."""
    from lipwright.pipeline.check import check_film  # noqa: PLC0415

    return check_film
