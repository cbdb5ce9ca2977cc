"""Check the prompt of a render, by itself and against the recording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipwright.domain.audio_piece import AudioSource
from lipwright.domain.finding import Finding
from lipwright.domain.media import Waveform
from lipwright.domain.presets import resolve
from lipwright.domain.prosody import Prosody
from lipwright.domain.settings import SamplingSettings
from lipwright.domain.text import AnyPath
from lipwright.domain.time import Span
from lipwright.errors import PromptError
from lipwright.prompt.compose import GUIDE, compose, expression_of
from lipwright.prompt.fix import fix
from lipwright.prompt.lint import against_the_audio, errors, lint

if TYPE_CHECKING:
    from lipwright.domain.settings import RenderRequest
    from lipwright.pipeline.preflight import ResolvedRequest


@dataclass(frozen=True, slots=True)
class PromptReport:
    """A prompt that the user gave or that was built for a scenario, with its findings."""

    prompt: str
    findings: tuple[Finding, ...]
    suggestion: str
    """The prompt without the words that break a rule; empty if nothing would be left."""
    delivery: Prosody | None
    """Prosody of the recording; None without a recording, or with too little speech."""
    emotion: str | None
    """Words for an expression that suits the recording; None if `delivery` is None."""

    @property
    def errors(self) -> tuple[str, ...]:
        """Ids of the findings for which `render --strict` refuses the prompt, without duplicates."""
        return tuple(dict.fromkeys(found.id for found in self.findings if found.severity == "error"))

    def to_json(self) -> dict[str, Any]:
        """Return the values of `lipwright prompt --json`."""
        return {
            "prompt": self.prompt,
            "ok": not self.errors,
            "findings": [finding.to_json() for finding in self.findings],
            "suggestion": self.suggestion,
            "delivery": None if self.delivery is None else self.delivery.to_json(),
            "emotion": self.emotion,
        }


def judge_prompt(
    text: str = "",
    *,
    scenario: str | None = None,
    parts: Mapping[str, str | None] | None = None,
    audio: AnyPath | None = None,
    delivery: Prosody | None = None,
    has_image: bool = False,
    negative: str = "",
    cfg: float | None = None,
) -> PromptReport:
    """Check a prompt against every rule, or build one for a scenario.

    Args:
        text: The prompt; ignored if a scenario is given.
        scenario: A key of `prompt.compose.LOOKS`.
        parts: The user's words for parts of the prompt, as in `compose`; None for the scenario's words.
        audio: The recording; words that contradict it are reported, and a scenario takes its emotion from it.
        delivery: Prosody of the recording, if it has already been measured.
        has_image: True if a reference image shows the face.
        negative: The negative prompt.
        cfg: CFG of the render; None for the value of the lip-sync guide (docs/lip-sync-rules.md).

    Raises:
        UsageError: the scenario does not exist, or the CFG is invalid.
        PromptError: words given for a scenario break a rule.
        InputError: the recording cannot be read.
    """
    settings, setting_findings = resolve("guide", {"cfg": cfg}, force=True)
    if audio is not None:
        delivery = _read_prosody(Path(audio))
    emotion = None if delivery is None else expression_of(delivery)
    if scenario is not None:
        words = dict(parts or {})
        if words.get("emotion") is None:
            words["emotion"] = emotion
        text = compose(scenario, **words)
    found = lint(text, cfg=settings.cfg, negative=negative, prosody=delivery, has_image=has_image)
    findings = (*found, *setting_findings)
    return PromptReport(text, findings, fix(text), delivery, emotion)


def examine_request(
    request: RenderRequest, ready: ResolvedRequest, *, has_image: bool
) -> tuple[Finding, ...]:
    """Check the prompt of a request before any work is done.

    If the engine does not use the whole prompt, the prompt is checked only if `request.strict` is True,
    because a strict request must suit every engine.

    Raises:
        PromptError: the request is strict, and the prompt competes with the audio.
    """
    engine = ready.choice.description
    text = request.prompt if request.strict or engine.reads_prompt == "all" else ""
    findings = examine_prompt(
        text,
        ready.settings,
        negative=request.negative if ready.reads_negative else None,
        has_image=has_image,
        holds_image=has_image and engine.holds_first_image,
    )
    refused = errors(findings)
    if refused and request.strict and not request.allow_motion:
        raise PromptError(
            "the prompt competes with the audio: "
            + "; ".join(f"{finding.text} [{finding.id}]" for finding in refused),
            hint=f"{_instead(text)}; or leave --strict out",
        )
    return findings


def examine_prompt(
    text: str,
    settings: SamplingSettings,
    *,
    negative: str | None = None,
    has_image: bool,
    holds_image: bool,
) -> tuple[Finding, ...]:
    """Check the prompt of a render before any work is done.

    `has_image` is True if a reference image shows the face. `holds_image` is True if the engine keeps the
    first frame close to the image (`image_strength`). The face can then stay motionless, so a prompt that
    does not mention talking is reported.
    """
    if not (text.strip() or negative):
        return ()
    return lint(
        text,
        cfg=settings.cfg,
        negative=negative or "",
        image_strength=settings.image_strength if holds_image and text.strip() else None,
        has_image=has_image,
    )


def check_against_audio(text: str, audio: Waveform, speech: tuple[Span, ...]) -> tuple[Finding, ...]:
    """Return findings about words of a prompt that contradict how the person speaks in the recording."""
    if not text.strip():
        return ()
    from lipwright.audio.prosody import measure_prosody  # noqa: PLC0415 - loads numpy and soxr

    return tuple(against_the_audio(text, measure_prosody(audio, speech)))


def check_against_audio_file(text: str, audio: AudioSource) -> tuple[Finding, ...]:
    """Read a recording, and return findings about words of a prompt that contradict how the person speaks.

    Raises:
        InputError: the recording cannot be read.
    """
    return tuple(against_the_audio(text, _read_prosody(audio))) if text.strip() else ()


def _read_prosody(audio: AudioSource) -> Prosody | None:
    """Measure how somebody speaks in a file; None if there is less than a second of speech."""
    from lipwright.audio.prosody import RATE_HZ, measure_prosody  # noqa: PLC0415
    from lipwright.audio.speech import find_speech  # noqa: PLC0415
    from lipwright.media.audio_reader import read_audio  # noqa: PLC0415

    waveform = read_audio(audio, rate_hz=RATE_HZ).waveform
    return measure_prosody(waveform, find_speech(waveform))


def _instead(text: str) -> str:
    """Return a hint: the prompt without the words that break a rule, or an example if no words are left."""
    left = fix(text)
    return f"use: {left}" if left else f"describe how the person looks, such as: {GUIDE['narrator']}"
