"""How well a video is in sync: what `check` measures, and what `tune` acts on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lipwright.domain.finding import Finding
from lipwright.domain.time import Span

Verdict = Literal["in-sync", "audio-late", "audio-early", "drift", "static", "inconclusive", "no-face"]

IN_WORDS: Mapping[Verdict, str] = {
    "in-sync": "In sync",
    "audio-late": "The audio comes late",
    "audio-early": "The audio comes early",
    "drift": "Audio and image drift apart",
    "static": "The mouth stands still",
    "inconclusive": "It cannot be told",
    "no-face": "There is no face",
}
"""Verdicts, for people."""

IN_SYNC_MS = (-40.0, 60.0)
"""EBU R37's limits for distribution, as an offset: positive is audio after the lips."""


@dataclass(frozen=True, slots=True)
class OffsetWindow:
    """The offset in one stretch of the video."""

    span: Span
    offset_ms: float | None
    """None where this stretch says nothing."""
    confidence: float
    """0..1."""

    def to_json(self) -> dict[str, Any]:
        """start, end, offset_ms, confidence."""
        return {
            "start": self.span.start,
            "end": self.span.end,
            "offset_ms": self.offset_ms,
            "confidence": self.confidence,
        }


@dataclass(frozen=True, slots=True)
class MouthMeasures:
    """How the mouth moves."""

    motion: float
    """Deviation of the inner lip gap over the video, in face heights."""
    stiffness: float | None
    """0 moves as in most speakers or more, 1 does not move; None where nobody speaks."""
    silence_motion: float | None
    """Deviation of the lip gap in silence over that in speech; None where there is no silence."""
    jumps: tuple[int, ...] = ()
    """Frames at which the mouth jumps."""
    repeats: tuple[int, ...] = ()
    """Frames that repeat the one before."""

    def to_json(self) -> dict[str, Any]:
        """The keys of `mouth`."""
        return {
            "motion": self.motion,
            "stiffness": self.stiffness,
            "silence_motion": self.silence_motion,
            "jumps": list(self.jumps),
            "repeats": list(self.repeats),
        }


@dataclass(frozen=True, slots=True)
class AudioMeasures:
    """What became of the audio in the video."""

    peak_dbfs: float | None
    lufs: float | None
    clipped: int
    """Samples in flat tops near full scale; after a lossy codec, samples crowded there."""
    dropouts: tuple[Span, ...] = ()
    """Gaps inside the audio, in seconds."""
    missing: bool = False
    """The video has no audio of its own."""

    def to_json(self) -> dict[str, Any]:
        """The keys of `audio`."""
        return {
            "peak_dbfs": self.peak_dbfs,
            "lufs": self.lufs,
            "clipped": self.clipped,
            "dropouts": [[span.start, span.end] for span in self.dropouts],
            "missing": self.missing,
        }


@dataclass(frozen=True, slots=True)
class Cause:
    """One explanation of what is wrong, with what speaks for it."""

    finding: Finding
    evidence: str
    """What was measured or read, in a sentence."""

    def to_json(self) -> dict[str, Any]:
        """A finding with `evidence`."""
        return self.finding.to_json() | {"evidence": self.evidence}


@dataclass(frozen=True, slots=True)
class SyncReport:
    """A video, measured."""

    verdict: Verdict
    offset_ms: float | None
    """Positive: the audio comes after the lips. None when inconclusive."""
    confidence: float
    """0..1."""
    drift_ms_per_s: float | None
    """Positive: the audio falls behind."""
    mouth: MouthMeasures
    audio: AudioMeasures
    windows: tuple[OffsetWindow, ...] = ()
    causes: tuple[Cause, ...] = ()
    """Most likely first, in the guide's own order."""
    findings: tuple[Finding, ...] = ()
    """What was noticed beside the causes, such as a slow zoom."""
    extra: dict[str, Any] = field(default_factory=dict)
    """More measures, such as the interval of the offset or SyncNet's."""

    def to_json(self) -> dict[str, Any]:
        """The keys of `lipwright check --json`, and of `sync` in the manifest."""
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
