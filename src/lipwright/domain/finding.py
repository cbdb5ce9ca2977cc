"""Findings: what a check noticed, where, and what to do about it.

Each package lists the kinds of finding it can report in its `findings.py`, as
`FindingType` constants. Calling a `FindingType` fills the measured values into its texts and returns a
`Finding`. docs/findings.md is generated from these catalogs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from lipwright.domain.time import Span

Severity = Literal["error", "warning", "hint"]

MAX_PLACES = 200
"""Maximum number of places listed in `where` of a finding."""


def where_of(spans: Sequence[Span]) -> dict[str, Any]:
    """Return the `where` of a finding: overall start and end, and the list of spans if there are several."""
    where: dict[str, Any] = {"start": spans[0].start, "end": spans[-1].end}
    if len(spans) > 1:
        where["places"] = [[span.start, span.end] for span in spans[:MAX_PLACES]]
    return where


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a check noticed. It only informs; problems that stop the work are raised as errors."""

    id: str
    """Stable kebab-case id, unique in lipwright, such as "master-reencoded"."""
    severity: Severity
    text: str
    """What was found, including the measured values."""
    advice: str = ""
    """What to do about the problem."""
    where: Mapping[str, Any] = field(default_factory=dict)
    """Place: start and end (seconds, or characters of a prompt), node and input of a graph, or box in an
    image."""
    lip_sync_rule: str = ""
    """Id of the related lip-sync rule (docs/lip-sync-rules.md); empty if there is none."""
    evidence: str = ""
    """Measurements that support the finding; only the causes found by `check` have evidence."""

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form that commands print and the manifest stores."""
        value: dict[str, Any] = {
            "rule": self.id,
            "severity": self.severity,
            "where": dict(self.where),
            "text": self.text,
            "advice": self.advice,
        }
        if self.lip_sync_rule:
            value["lip_sync_rule"] = self.lip_sync_rule
        if self.evidence:
            value["evidence"] = self.evidence
        return value


@dataclass(frozen=True, slots=True)
class FindingType:
    """A kind of finding: its id, its texts as templates, and the related lip-sync rule.

    >>> QUIET = FindingType("quiet", "warning", "loudness is {lufs:.1f} LUFS", "raise it to -16 LUFS")
    >>> QUIET(lufs=-31.24).text
    'loudness is -31.2 LUFS'
    """

    id: str
    """Stable kebab-case id, unique in lipwright."""
    severity: Severity
    """Default severity; a call can override it."""
    text: str
    """What was found, as a `str.format` template."""
    advice: str = ""
    """What to do about the problem, as a `str.format` template."""
    lip_sync_rule: str = ""
    """Id of the related lip-sync rule (docs/lip-sync-rules.md); empty if there is none."""
    meaning: str = ""
    """Text of docs/findings.md: the condition for this finding, with thresholds; if empty, `text` is used."""

    def __call__(
        self,
        *,
        where: Mapping[str, Any] | None = None,
        severity: Severity | None = None,
        evidence: str = "",
        **fields: object,
    ) -> Finding:
        """Make a finding; `fields` are the values for the templates `text` and `advice`.

        Raises:
            KeyError: a template has a field that is not given.
        """
        return Finding(
            self.id,
            severity or self.severity,
            self.text.format(**fields),
            self.advice.format(**fields),
            where or {},
            self.lip_sync_rule,
            evidence,
        )
