"""What may be done to audio on its way to the driver, as the user asks for it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Switch = Literal["auto", "on", "off"]
"""auto does a step where the audio needs it."""

Kind = Literal["speech", "music", "ambient"]
"""What the audio is; the guide asks less of music and ambient audio."""

MIN_NOISE_DBFS, MAX_NOISE_DBFS = -90.0, -30.0
"""Driver noise below the first is lost in 16 bits; above the second it hides the speech."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """The options of preparation; the same for `audio`, `render` and the node pack."""

    denoise: Switch = "auto"
    deess: Switch = "auto"
    declip: Switch = "auto"
    trim_silence: bool = False
    """Shorten pauses over 2 s to 0.8 s, in the driver and in the master, to the sample."""
    kind: Kind = "speech"
    driver_noise_dbfs: float | None = None
    """RMS level of a pink floor mixed into the driver alone; None is none."""

    def to_json(self) -> dict[str, Any]:
        """Plain values, for the manifest."""
        return asdict(self)
