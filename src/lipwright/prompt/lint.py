"""Check a prompt for words that compete with the audio, hide the face or describe a second person."""

from __future__ import annotations

from collections.abc import Iterator

from lipwright.domain.finding import Finding
from lipwright.domain.prosody import Prosody
from lipwright.prompt import findings
from lipwright.prompt.clauses import Clause, among, clauses, plain
from lipwright.prompt.rules import in_phrases, is_denied, offenses
from lipwright.prompt.vocabulary import vocabulary

SLOW_SYLLABLES_PER_SECOND, FAST_SYLLABLES_PER_SECOND = 3.2, 5.3
"""Speech below the first value is slow, above the second fast, in syllables per second. Slow: 190 per minute,
the mean of lectures. Fast: 260 per minute, the mean of conversation, plus 1 per second (Tauroza and Allison
1990)."""
FLAT_SEMITONES, WIDE_SEMITONES = 3.0, 9.0
"""A pitch range below the first value is flat, above the second wide (`Prosody.pitch_range_semitones`).
Readers of a novel have 6 to 11 semitones, monotonous synthesizers 3 to 4."""
VOICED_SHARE = 0.5
"""Minimum share of voiced frames in speech that is not whispered. Whispers have 0, voices 0.7 to 0.95."""


def lint(
    text: str,
    *,
    cfg: float | None = None,
    negative: str = "",
    prosody: Prosody | None = None,
    image_strength: float | None = None,
    has_image: bool = False,
) -> tuple[Finding, ...]:
    """Check a prompt against all rules.

    Args:
        text: The prompt.
        cfg: CFG of the video; None if unknown.
        negative: The negative prompt.
        prosody: Prosody of the recording; None if unknown.
        image_strength: How closely the first frame follows the reference image, 0 (not at all) to 1
            (exactly); None without an image.
        has_image: True if a reference image shows the face, so that the prompt need not mention it.

    Returns:
        Findings in the order of the text; `where` has start and end (exclusive) in characters of `text`.

    >>> [(finding.id, finding.where) for finding in lint("A smiling woman nods")]
    [('motion', {'start': 16, 'end': 20})]
    """
    parsed = clauses(text)
    found: list[Finding] = []
    for offense in offenses(text):
        words = " ".join(text[offense.start : offense.end].split())
        where = {"start": offense.start, "end": offense.end}
        found.append(offense.kind(where=where, words=words, reason=f"{words!r}"))
    everywhere = {"start": 0, "end": len(text)}
    if not has_image and parsed and not any(map(_shows_face, parsed)):
        found.append(findings.NO_FACE(where=everywhere, reason="the prompt does not mention a face"))
    talks = any(among(word, "talking") for clause in parsed for word in clause.words)
    if (image_strength or 0) >= 1 and not talks:
        found.append(findings.NO_TALKING(where=everywhere, strength=image_strength))
    if negative.strip() and cfg is not None and cfg <= 1:
        found.append(findings.NEGATIVE_AT_CFG_1(cfg=cfg))
    found += against_the_audio(text, prosody)
    return tuple(sorted(found, key=lambda finding: finding.where.get("start", len(text))))


def errors(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the findings that make `--strict` refuse a prompt."""
    return tuple(finding for finding in found if finding.severity == "error")


def _shows_face(clause: Clause) -> bool:
    """Return True if a clause names a part of the lower face, or somebody who turns to the viewer."""
    parts = {part for word in clause.words for part in word.text.split("-")}
    named = any(among(word, "face") for word in clause.words)
    named = named or not parts.isdisjoint(vocabulary().classes["face"])
    return named or bool(in_phrases("audience", clause.words))


def against_the_audio(text: str, prosody: Prosody | None) -> Iterator[Finding]:
    """Find words that contradict the delivery of the recording, such as "urgent" if the speech is slow."""
    if prosody is None:
        return
    pace, span = prosody.syllables_per_second, prosody.pitch_range_semitones
    voiced = prosody.voiced_share
    for name, clashes, measured in (
        ("urgent", pace < SLOW_SYLLABLES_PER_SECOND, f"slow: {pace:.1f} syllables a second"),
        ("unhurried", pace > FAST_SYLLABLES_PER_SECOND, f"fast: {pace:.1f} syllables a second"),
        ("lively", span < FLAT_SEMITONES, f"flat: its pitch spans {span:.1f} semitones"),
        ("flat", span > WIDE_SEMITONES, f"lively: its pitch spans {span:.1f} semitones"),
        ("whispered", voiced > VOICED_SHARE, f"not whispered: {voiced:.0%} of it is voiced"),
    ):
        for words in (clause.words for clause in clauses(text)) if clashes else ():
            for first, last in in_phrases(name, words):
                of_a_place = any(among(word, "place") for word in words[last : last + 2])
                if not of_a_place and not is_denied(words, first):
                    start, end = words[first].start, words[last - 1].end
                    yield findings.AGAINST_THE_AUDIO(
                        where={"start": start, "end": end}, words=plain(text)[start:end], measured=measured
                    )
