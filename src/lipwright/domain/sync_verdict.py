"""The report of a sync check, with its verdicts and thresholds; also used by `tune` and the report pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lipwright.domain.finding import Finding
from lipwright.domain.time import Span

Verdict = Literal["in-sync", "audio-late", "audio-early", "drift", "static", "inconclusive", "no-face"]

VERDICT_TEXTS: Mapping[Verdict, str] = {
    "in-sync": "In sync",
    "audio-late": "The audio comes late",
    "audio-early": "The audio comes early",
    "drift": "Audio and lips drift apart",
    "static": "The mouth does not move",
    "inconclusive": "The sync cannot be measured",
    "no-face": "No face was found",
}
"""Text of each verdict."""

IN_SYNC_MS = (-40.0, 60.0)
"""Range of offsets in ms that count as in sync: the tolerance of EBU R37 for distribution. An offset is
positive if the audio comes late."""

MAX_STIFFNESS = 0.5
"""Maximum stiffness of a mouth that moves enough. Stiffness is 0 for a mouth that moves at least as much
as a typical speaker's, and 1 for a mouth that does not move. Up to 0.5 is the normal variation between
people."""


def offset_text(offset_ms: float) -> str:
    """Describe an offset as a clause: "the audio comes 80 ms after the lips"."""
    offset_ms = round(offset_ms)
    if offset_ms == 0:
        return "the audio is in sync with the lips"
    return f"the audio comes {abs(offset_ms)} ms {'after' if offset_ms > 0 else 'before'} the lips"


def offset_label(offset_ms: float) -> str:
    """Describe an offset in a few words: "audio 80 ms late", "audio 20 ms early"."""
    offset_ms = round(offset_ms)
    if offset_ms == 0:
        return "audio on time"
    return f"audio {abs(offset_ms)} ms {'late' if offset_ms > 0 else 'early'}"


@dataclass(frozen=True, slots=True)
class OffsetWindow:
    """Offset measured in one window of the video."""

    span: Span
    offset_ms: float | None
    """Offset in ms, positive if the audio comes after the lips; None if uncertain."""
    confidence: float
    """Confidence of the offset, 0..1."""

    def to_json(self) -> dict[str, Any]:
        """Return an entry of `windows` in `lipwright check --json`."""
        return {
            "start": self.span.start,
            "end": self.span.end,
            "offset_ms": self.offset_ms,
            "confidence": self.confidence,
        }


@dataclass(frozen=True, slots=True)
class MouthMeasures:
    """Measurements of the mouth."""

    motion: float
    """Standard deviation of the inner lip gap over the video, in face heights."""
    stiffness: float | None
    """Stiffness of the mouth: 0 if it moves at least as much as a typical speaker's mouth, 1 if it does
    not move; None if it cannot be measured, for example because nobody speaks."""
    silence_motion: float | None
    """Standard deviation of the lip gap in silence, divided by the standard deviation in speech; None if
    there is no silence."""
    jumps: tuple[int, ...] = ()
    """Indices of the frames at which the mouth jumps."""
    repeats: tuple[int, ...] = ()
    """Indices of the frames that repeat the previous frame."""

    def to_json(self) -> dict[str, Any]:
        """Return the value of `mouth` in `lipwright check --json`."""
        return {
            "motion": self.motion,
            "stiffness": self.stiffness,
            "silence_motion": self.silence_motion,
            "jumps": list(self.jumps),
            "repeats": list(self.repeats),
        }


@dataclass(frozen=True, slots=True)
class AudioMeasures:
    """Measurements of the video's audio."""

    peak_dbfs: float | None
    lufs: float | None
    clipped: int
    """Number of clipped samples: samples in flat peaks. A lossy codec makes flat peaks uneven. So in lossy
    audio with unusually many samples near full scale, all of these samples count as clipped."""
    dropouts: tuple[Span, ...] = ()
    """Sudden gaps in the audio, in seconds."""
    missing: bool = False
    """True if the video has no audio track."""

    def to_json(self) -> dict[str, Any]:
        """Return the value of `audio` in `lipwright check --json`."""
        return {
            "peak_dbfs": self.peak_dbfs,
            "lufs": self.lufs,
            "clipped": self.clipped,
            "dropouts": [[span.start, span.end] for span in self.dropouts],
            "missing": self.missing,
        }


@dataclass(frozen=True, slots=True)
class SyncReport:
    """Result of a sync check."""

    verdict: Verdict
    offset_ms: float | None
    """Offset in ms, positive if the audio comes after the lips; None if inconclusive."""
    confidence: float
    """Confidence of the offset, 0..1."""
    drift_ms_per_s: float | None
    """Change of the offset, in ms per second; positive if the audio comes later and later."""
    mouth: MouthMeasures
    audio: AudioMeasures
    windows: tuple[OffsetWindow, ...] = ()
    causes: tuple[Finding, ...] = ()
    """Likely causes of all problems, each with `evidence`; the most likely cause of a problem comes first."""
    findings: tuple[Finding, ...] = ()
    """Findings that are not causes, such as a slow zoom."""
    extra: dict[str, Any] = field(default_factory=dict)
    """Further keys of the JSON form, such as the confidence interval of the offset or SyncNet's result."""

    def failure_text(self) -> str:
        """Explain why the check failed; call this only if the verdict is not "in-sync"."""
        if self.verdict in {"audio-late", "audio-early", "drift"}:
            return f"the video is not in sync: {self.verdict}"
        text = VERDICT_TEXTS[self.verdict]
        return f"the check did not pass: {text[:1].lower()}{text[1:]} ({self.verdict})"

    def offset_text(self) -> str:
        """Describe the offset as a clause, such as "the audio comes 80 ms after the lips"."""
        return "the offset is unknown" if self.offset_ms is None else offset_text(self.offset_ms)

    def offset_label(self) -> str:
        """Describe the offset in a few words, such as "audio 80 ms late"."""
        return "offset unknown" if self.offset_ms is None else offset_label(self.offset_ms)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON values of `lipwright check --json`, and of `sync` in the manifest."""
        return {
            "offset_ms": self.offset_ms,
            "confidence": self.confidence,
            "verdict": self.verdict,
            "drift_ms_per_s": self.drift_ms_per_s,
            "windows": [window.to_json() for window in self.windows],
            "mouth": self.mouth.to_json(),
            "audio": self.audio.to_json(),
            "causes": [cause.to_json() for cause in self.causes],
            "findings": [finding.to_json() for finding in self.findings],
            **self.extra,
        }
