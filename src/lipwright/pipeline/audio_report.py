"""A recording, examined: what `lipwright audio` answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lipwright.audio.level import Level
from lipwright.audio.pause_trimming import Edit
from lipwright.audio.restoration import Action
from lipwright.domain.finding import Finding
from lipwright.domain.plan import FramePlan
from lipwright.domain.time import Span
from lipwright.media.audio_decoder import AudioFormat


@dataclass(frozen=True, slots=True)
class AudioReport:
    """A recording, examined."""

    format: AudioFormat
    level: Level
    driver_level: Level
    """The same of the driver."""
    speech: tuple[Span, ...]
    driver_speech: tuple[Span, ...]
    """The same in the driver, where pauses may be shorter."""
    silences: tuple[Span, ...]
    findings: tuple[Finding, ...]
    actions: tuple[Action, ...]
    """What preparation did, in order."""
    edits: tuple[Edit, ...]
    plan: FramePlan

    def to_json(self) -> dict[str, Any]:
        """The keys of `lipwright audio --json`."""
        return {
            "format": {
                "codec": self.format.codec,
                "lossy": self.format.lossy,
                "sample_rate": self.format.sample_rate_hz,
                "channels": self.format.channels,
                "bits": self.format.bits,
                "seconds": float(self.format.seconds),
            },
            "level": self.level.to_json(),
            "driver_level": self.driver_level.to_json(),
            "speech": [[span.start, span.end] for span in self.speech],
            "silences": [[span.start, span.end] for span in self.silences],
            "findings": [finding.to_json() for finding in self.findings],
            "actions": [action.to_json() for action in self.actions],
            "edits": [edit.to_json() for edit in self.edits],
            "plan": self.plan.to_json(),
        }
