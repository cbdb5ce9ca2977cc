"""What preparation did to audio."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Action:
    """One step of preparation that was needed."""

    name: str
    """mono, resample, dc, rumble, hum, declip, declick, denoise, plosives, deess, breaths, quiet,
    shorten, trim, pad, fade, gain, limit, noise or dither."""
    amount: float
    """How much: what is taken away is negative."""
    unit: str
    """dB, dBFS, s, Hz, samples, channels or bits."""
    count: int = 1
    """In how many places."""

    def to_json(self) -> dict[str, Any]:
        """As `actions` lists it."""
        return {"action": self.name, "amount": self.amount, "unit": self.unit, "count": self.count}
