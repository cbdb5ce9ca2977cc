"""Verdict and thresholds of a sync check, and its report, which `tune` and the report pages read too."""

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
    "drift": "Audio and image drift apart",
    "static": "The mouth does not move",
    "inconclusive": "The sync cannot be measured",
    "no-face": "No face was found",
}
"""Each verdict as a sentence."""

IN_SYNC_MS = (-40.0, 60.0)
"""Offsets that count as in sync (EBU R37, distribution); positive: the audio comes after the lips."""

MAX_STIFFNESS = 0.5
"""Maximum stiffness of a mouth that looks alive: 0 moves as expected, 1 not at all. Real people vary this
much."""


@dataclass(frozen=True, slots=True)
class OffsetWindow:
    """Offset in one window of the video."""

    span: Span
    offset_ms: float | None
    """Offset of the window; None if uncertain."""
    confidence: float
    """0..1."""

    def to_json(self) -> dict[str, Any]:
        """Return an entry of `windows`."""
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
    """0: moves like most speakers, or more. 1: does not move. None if nobody speaks."""
    silence_motion: float | None
    """Standard deviation of the lip gap in silence, divided by that in speech; None without silence."""
    jumps: tuple[int, ...] = ()
    """Frames at which the mouth jumps."""
    repeats: tuple[int, ...] = ()
    """Frames that repeat the one before."""

    def to_json(self) -> dict[str, Any]:
        """Return the keys of `mouth`."""
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
    """Samples in flat peaks near full scale; after a lossy codec, samples crowded there."""
    dropouts: tuple[Span, ...] = ()
    """Hard gaps in the audio, in seconds."""
    missing: bool = False
    """True if the video has no audio track."""

    def to_json(self) -> dict[str, Any]:
        """Return the keys of `audio`."""
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
    """Positive: the audio comes after the lips. None if inconclusive."""
    confidence: float
    """0..1."""
    drift_ms_per_s: float | None
    """Positive: the audio falls behind."""
    mouth: MouthMeasures
    audio: AudioMeasures
    windows: tuple[OffsetWindow, ...] = ()
    causes: tuple[Finding, ...] = ()
    """Likely causes with `evidence`, in the order of the lip-sync rules."""
    findings: tuple[Finding, ...] = ()
    """Other findings, such as a slow zoom."""
    extra: dict[str, Any] = field(default_factory=dict)
    """Further measurements, such as the interval of the offset or SyncNet's."""

    def failure_text(self) -> str:
        """Explain why the video is not in sync; the verdict must not be "in-sync"."""
        if self.verdict in {"audio-late", "audio-early", "drift"}:
            return f"the video is not in sync: {self.verdict}"
        text = VERDICT_TEXTS[self.verdict]
        return f"the check did not pass: {text[:1].lower()}{text[1:]} ({self.verdict})"

    def offset_text(self) -> str:
        """Describe the offset in whole milliseconds; it must not be None."""
        offset_ms = round(self.offset_ms or 0.0)
        if offset_ms == 0:
            return "the audio comes with the lips"
        return f"the audio comes {abs(offset_ms)} ms {'after' if offset_ms > 0 else 'before'} the lips"

    def to_json(self) -> dict[str, Any]:
        """Return the keys of `lipwright check --json`, and of `sync` in the manifest."""
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
