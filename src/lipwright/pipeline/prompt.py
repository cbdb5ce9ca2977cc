"""The prompt of a render: what the lint finds in it, and when it is refused; how its audio is heard.

`judge_prompt` is the whole of `lipwright prompt`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipwright.domain.finding import Finding
from lipwright.domain.media import Waveform
from lipwright.domain.paths import AnyPath
from lipwright.domain.settings import Settings, resolve
from lipwright.domain.time import Span
from lipwright.errors import PromptError

if TYPE_CHECKING:
    from lipwright.audio.prosody import Prosody
    from lipwright.prompt.rules import Heard


@dataclass(frozen=True, slots=True)
class PromptReport:
    """A prompt that was given or built, and what speaks against it."""

    prompt: str
    findings: tuple[Finding, ...]
    suggestion: str
    """The prompt without the offending words; empty where nothing would be left."""
    delivery: Prosody | None
    """How the recording is spoken; None without one, or with too little speech."""
    emotion: str | None
    """The expression read from it."""

    @property
    def refused(self) -> tuple[str, ...]:
        """The rules for which `render` would refuse it, each once."""
        return tuple(dict.fromkeys(found.id for found in self.findings if found.severity == "error"))

    def to_json(self) -> dict[str, Any]:
        """The keys of `lipwright prompt --json`."""
        return {
            "prompt": self.prompt,
            "ok": not self.refused,
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
    negative: str = "",
    cfg: float | None = None,
) -> PromptReport:
    """Hold a prompt against every rule, or build one for a scenario.

    Args:
        text: The prompt; not read with a scenario.
        scenario: One of `prompt.compose.Scenario`.
        parts: Words of the user's for it, by the names that `compose` has; None is the scenario's own.
        audio: The recording: words against it are found, and a scenario takes its emotion from it.
        negative: The negative prompt that goes with it.
        cfg: Guidance that it will meet; None is the guide's.

    Raises:
        UsageError: no such scenario, or a CFG that is none.
        PromptError: words for a scenario that would not lint clean.
        InputError: the recording cannot be read.
    """
    from lipwright.prompt.compose import compose  # noqa: PLC0415 - the phrase tables, for those who use them
    from lipwright.prompt.emotion import expression_of  # noqa: PLC0415
    from lipwright.prompt.fix import fix  # noqa: PLC0415
    from lipwright.prompt.lint import lint  # noqa: PLC0415

    settings, setting_findings = resolve("guide", {"cfg": cfg}, force=True)
    delivery = None if audio is None else read_delivery(Path(audio))
    heard = None if delivery is None else heard_in(delivery)
    emotion = None if heard is None else expression_of(heard)
    if scenario is not None:
        words = dict(parts or {})
        if words.get("emotion") is None:
            words["emotion"] = emotion
        text = compose(scenario, **words)
    findings = (*lint(text, cfg=settings.cfg, negative=negative, audio=heard), *setting_findings)
    return PromptReport(text, findings, fix(text), delivery, emotion)


def examine_prompt(
    text: str,
    settings: Settings,
    *,
    negative: str | None = None,
    has_image: bool,
    holds_image: bool,
    allow_motion: bool,
) -> tuple[Finding, ...]:
    """What the lint finds, refusing a prompt that works against the audio.

    Args:
        text: The prompt; an empty one has no findings.
        settings: Of the render, resolved.
        negative: The negative prompt, where the user gave one.
        has_image: An image shows the face.
        holds_image: The engine holds its first frame to the image by `image_strength`, so that a
            prompt in which nobody talks may freeze the video.
        allow_motion: Refuse nothing.

    Raises:
        PromptError: it describes motion, time or words to be said, and motion is not allowed.
    """
    if not (text.strip() or negative):
        return ()
    # Half a second of phrase tables, for those who wrote a prompt.
    from lipwright.prompt.lint import errors, lint  # noqa: PLC0415

    findings = lint(
        text,
        cfg=settings.cfg,
        negative=negative or "",
        image_strength=settings.image_strength if holds_image and text.strip() else None,
        has_image=has_image,
    )
    refused = errors(findings)
    if refused and not allow_motion:
        raise PromptError(
            "the prompt works against the audio: "
            + "; ".join(f"{finding.text} [{finding.id}]" for finding in refused),
            hint=f"{_instead(text)}; or add --allow-motion",
        )
    return findings


def check_against_audio(text: str, audio: Waveform, speech: tuple[Span, ...]) -> tuple[Finding, ...]:
    """What a prompt says of the delivery that is not so in the audio.

    Args:
        text: The prompt; an empty one says nothing.
        audio: What drives the mouth.
        speech: Where somebody speaks in it.
    """
    if not text.strip():
        return ()
    from lipwright.audio.prosody import measure_prosody  # noqa: PLC0415

    return _clashes(text, measure_prosody(audio, speech))


def check_against_audio_file(text: str, audio: Path) -> tuple[Finding, ...]:
    """The same for audio that is read for it.

    Args:
        text: The prompt; an empty one reads nothing.
        audio: What drives the mouth.

    Raises:
        InputError: it cannot be read.
    """
    return _clashes(text, read_delivery(audio)) if text.strip() else ()


def _clashes(text: str, delivery: Prosody | None) -> tuple[Finding, ...]:
    from lipwright.prompt.rules import Context, against_the_audio  # noqa: PLC0415

    return tuple(against_the_audio(text, Context(audio=heard_in(delivery)))) if delivery else ()


def read_delivery(audio: Path) -> Prosody | None:
    """How somebody speaks in a file; None where there is less than a second of speech.

    Raises:
        InputError: it cannot be read.
    """
    from lipwright.audio.prosody import RATE_HZ, measure_prosody  # noqa: PLC0415
    from lipwright.audio.speech import find_speech  # noqa: PLC0415
    from lipwright.media.audio_reader import read_audio  # noqa: PLC0415

    waveform = read_audio(audio, rate_hz=RATE_HZ).waveform
    return measure_prosody(waveform, find_speech(waveform))


def heard_in(delivery: Prosody) -> Heard:
    """What the prompt's rules know of a delivery."""
    from lipwright.prompt.rules import Heard  # noqa: PLC0415

    return Heard(
        syllables_per_second=delivery.syllables_per_second,
        pitch_range_semitones=delivery.pitch_range_semitones,
        voiced_share=delivery.voiced_share,
        effort_db=delivery.effort_db,
    )


def _instead(text: str) -> str:
    """The advice: what is left of the prompt, or another one."""
    from lipwright.prompt.compose import compose  # noqa: PLC0415
    from lipwright.prompt.fix import fix  # noqa: PLC0415

    left = fix(text)
    if left:
        return f"use: {left}"
    return f"all of it goes; describe how the person looks, such as: {compose('narrator')}"
