"""What can be found about the audio of a video that is written. docs/findings.md is written from these."""

from __future__ import annotations

from lipwright.domain.finding import FindingType

MASTER_REENCODED = FindingType(
    "master-reencoded",
    "hint",
    "the delivered audio is encoded again: {changes}",
    "{advice}",
    rule="DELIVER-1",
    meaning="the delivered audio is not a copy of the recording's packets; the text says what changed. A"
    " warning where"
    " the source is lossy or channels are mixed",
)
NOT_BIT_EXACT = FindingType(
    "not-bit-exact",
    "hint",
    "the delivered ALAC holds the {what} {how}",
    "use integer audio of up to 24 bits, in a layout that ALAC has, if you need every bit",
    rule="DELIVER-1",
    meaning="ALAC was asked for, and the source (float, or more than 24 bits) had to be rounded to 24"
    " bits, or channels"
    " were mixed",
)
