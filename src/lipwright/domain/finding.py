"""A finding: something a check noticed, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Severity = Literal["error", "warning", "hint"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One observation; raising is for what stops the work, findings are for the rest."""

    rule: str
    """Stable kebab-case name, such as "master-reencoded"."""
    severity: Severity
    text: str
    """What was found, with its numbers."""
    advice: str = ""
    """What to do, in the guide's terms."""
    where: Mapping[str, Any] = field(default_factory=dict)
    """start and end (seconds, or characters of a prompt), node and input, or box."""

    def to_json(self) -> dict[str, Any]:
        """As every command prints it."""
        return asdict(self) | {"where": dict(self.where)}
