"""How somebody speaks: measured by `audio.prosody`, and compared with the prompt."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Prosody:
    """How somebody speaks, independent of the level of the recording."""

    syllables_per_second: float
    """Syllables per second of speech, not counting pauses of 0.2 s and more."""
    pitch_hz: float
    """Median pitch in Hz; 0 if nothing is voiced."""
    pitch_range_semitones: float
    """Distance between the 10th and the 90th percentile of the pitch, in semitones."""
    effort_db: float
    """Alpha ratio of the voiced frames, in dB: energy from 1 to 5 kHz over energy from 50 to 1000 Hz. It is
    higher for a raised voice, at any playback level."""
    voiced_share: float
    """Number of loud frames that are voiced, divided by the number of all loud frames, 0..1: near 0 in a
    whisper, at least 0.6 in normal speech."""
    speech_seconds: float
    """Length of the speech that was measured, in seconds."""

    def to_json(self) -> dict[str, float]:
        """Return the values rounded, for reports."""
        return {name: round(value, 2) for name, value in asdict(self).items()}
