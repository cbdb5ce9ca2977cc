"""The page's voice card: what an examination finds in a recording, before anything is rendered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from lipwright.audio.prosody import measure_prosody
from lipwright.audio.restoration import Action
from lipwright.audio.waveform_image import draw_waveform
from lipwright.domain.finding import Finding
from lipwright.domain.plan import Fit
from lipwright.domain.progress import ProgressCallback
from lipwright.domain.prosody import Prosody
from lipwright.domain.settings import Preparation
from lipwright.domain.text import pluralize
from lipwright.pipeline.audio import examine_audio
from lipwright.pipeline.audio_input import LoadedAudio
from lipwright.reports.audio_report import AudioReport, plot_waveform
from lipwright.studio.page import texts
from lipwright.studio.page.fragments import draw

Light = Literal["off", "green", "amber", "red"]
"""Status light. "off": nothing was given; "green": no problems; "amber": usable, but with warnings; "red":
unusable."""

MAX_CUTS_SHOWN = 60
"""Maximum number of chunk boundaries to draw; more would be too close together."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A recording with the result of its examination."""

    path: Path
    light: Light
    seconds: float = 0.0
    """Length of the video that is made from the recording, in seconds."""
    frames: int = 0
    delivery: Prosody | None = None
    """Prosody of the speech; None if there is too little speech."""
    shown: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """Variables of the card's template, except the name and the player's address."""


def examine_voice(
    path: Path,
    frame_rate: Fraction,
    fit: Fit,
    preparation: Preparation,
    *,
    report: ProgressCallback,
) -> Voice:
    """Examine a recording and its preparation.

    Args:
        path: The recording.
        frame_rate: Frame rate of the video.
        fit: How the length is rounded to a number of frames.
        preparation: Which preparation steps may be applied.
        report: Called with the progress of reading and preparing the recording.

    Raises:
        LipwrightError: the recording cannot be used.
    """
    seen: dict[str, Any] = {}

    def look(loaded: LoadedAudio) -> None:
        waveform = loaded.audio.waveform
        seen["plot"] = plot_waveform(draw_waveform(waveform.samples[0], waveform.rate_hz), loaded.speech)
        seen["delivery"] = measure_prosody(waveform, loaded.speech)

    made = examine_audio(path, frame_rate, fit, preparation=preparation, look=look, report=report)
    findings = [_explained(finding, made.actions) for finding in made.findings]
    shown = {
        "findings": findings,
        "actions": [_in_words(action) for action in made.actions],
        "plan": _plan_in_words(made),
        "cuts": _cuts(made, seen["plot"]["axis"]),
        "seconds": float(made.format.seconds),
        **seen["plot"],
    }
    plan = made.plan
    return Voice(path, light_of(findings), float(plan.seconds), plan.frames, seen["delivery"], shown)


def draw_voice(voice: Voice, address: str) -> str:
    """Draw the card of a recording; `address` is the URL from which the browser plays the recording."""
    return draw("voice.html.j2", name=voice.path.name, address=address, **voice.shown)


def light_of(findings: Sequence[dict[str, Any]]) -> Light:
    """Return red if a finding is an error, amber if one is a warning, otherwise green.

    Findings that the preparation repairs do not count.
    """
    left = {finding["severity"] for finding in findings if not finding.get("handled")}
    return "red" if "error" in left else "amber" if "warning" in left else "green"


def _explained(finding: Finding, actions: Sequence[Action]) -> dict[str, Any]:
    """Return a finding for the template, with the preparation step that repairs it, if there is one."""
    action = next((one for one in actions if one.name == texts.HANDLED_BY.get(finding.id)), None)
    return {
        "severity": finding.severity,
        "text": finding.text,
        "advice": finding.advice,
        "id": finding.id,
        "handled": "" if action is None else _in_words(action),
    }


def _in_words(action: Action) -> str:
    amount = abs(action.amount) if action.unit == "s" else action.amount
    return texts.ACTIONS[action.name].format(amount=amount, places=pluralize(action.count, "place"))


def _plan_in_words(made: AudioReport) -> str:
    plan = made.plan
    words = texts.PLAN_WORDS.format(
        frames=plan.frames,
        rate=str(plan.frame_rate),
        seconds=float(plan.seconds),
        chunks=pluralize(len(plan.chunks), "chunk"),
    )
    if plan.pad_seconds:
        return words + texts.PLAN_PADDED.format(seconds=float(plan.pad_seconds))
    return words + texts.PLAN_CUT.format(seconds=float(plan.trim_seconds)) if plan.trim_seconds else words


def _cuts(made: AudioReport, axis: Any) -> list[float]:  # noqa: ANN401 - reports.page.TimeAxis
    """Return the start of each chunk after the first, in percent of the chart's width.

    If there are more than MAX_CUTS_SHOWN such chunks, the list is empty.
    """
    plan = made.plan
    starts = [chunk.start_frame / float(plan.frame_rate) for chunk in plan.chunks[1:]]
    return [axis.percent(start) for start in starts] if len(starts) <= MAX_CUTS_SHOWN else []
