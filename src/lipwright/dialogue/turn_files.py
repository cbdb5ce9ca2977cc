"""Read turns from files: RTTM, CSV, JSON, and SubRip (SRT) or WebVTT subtitles with speaker names."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from lipwright.dialogue.turns import MAX_PROBLEMS, LineProblem, Turn, refuse
from lipwright.domain.json_text import parse_json
from lipwright.domain.text import shorten
from lipwright.domain.time import parse_fraction
from lipwright.errors import InputError, UsageError

MAX_TURNS = 20_000
MAX_NAME_CHARACTERS = 80

Row = tuple[int, str, str, str, bool]
"""A turn as read from a file: line number, start, end, speaker, and whether `end` is a duration."""

_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2}(?:[.,]\d{1,9})?)")
_CUE = re.compile(r"\s*([\d:.,]+)\s*-->\s*([\d:.,]+)")
_NAMED = re.compile(r"^\s*(?:[-–]\s*)?([^\W\d_][\w.'’-]*(?: [\w.'’-]+){0,2})\s*:(?:\s|$)")
# No tag contains another "<" or "{", so that a line with a million of them is matched in linear time.
_VOICE = re.compile(r"<v(?:\.[\w.]+)?\s+([^\s<>][^<>]*)>")
_TAG = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")

COLUMNS: Mapping[str, str] = {
    "start": "start",
    "begin": "start",
    "from": "start",
    "onset": "start",
    "end": "end",
    "stop": "end",
    "to": "end",
    "offset": "end",
    "duration": "duration",
    "length": "duration",
    "speaker": "speaker",
    "name": "speaker",
    "label": "speaker",
}
"""Field of a turn for each accepted column header."""


def parse_turns(text: str, suffix: str, name: str, speakers: Sequence[str]) -> tuple[Turn, ...]:
    """Read turns from the text of a file.

    Args:
        text: Text of the file.
        suffix: Suffix of the file name, which determines the format.
        name: Name of the file, for messages.
        speakers: Known names. In subtitles, a lower-case "name:" counts as a speaker only if the name is
            in `speakers`.

    Raises:
        UsageError: the suffix is not supported.
        InputError: some lines are not turns; the details list them.
    """
    readers: Mapping[str, Callable[[str], Iterator[Row | LineProblem]]] = {
        ".rttm": _rttm,
        ".csv": _csv,
        ".tsv": _csv,
        ".json": _json,
        ".srt": lambda given: _subtitles(given, speakers),
        ".vtt": lambda given: _subtitles(given, speakers),
    }
    if suffix.lower() not in readers:
        raise UsageError(
            f"--turns {name} has none of the suffixes {', '.join(readers)}",
            hint="give a file with one of these suffixes; or give --turns channels, for a recording with one "
            "speaker per channel",
        )
    problems: list[LineProblem] = []
    turns: list[Turn] = []
    for row in readers[suffix.lower()](text):
        made = row if isinstance(row, LineProblem) else _turn(*row)
        if isinstance(made, Turn):
            turns.append(made)
        else:
            problems.append(made)
        if len(problems) >= MAX_PROBLEMS:
            break
        if len(turns) > MAX_TURNS:
            raise InputError(f"{name} holds more than {MAX_TURNS:,} turns", hint="split the recording")
    refuse(name, problems, "give each turn a start, an end and a speaker; times are seconds or h:mm:ss.mmm")
    return tuple(turns)


def read_time(text: str) -> Fraction | None:
    """Parse a time, given as seconds or as h:mm:ss.mmm, to exact seconds; None if `text` is not a time.

    >>> read_time("12.5"), read_time("1:02:03,250"), read_time("1:75")
    (Fraction(25, 2), Fraction(14893, 4), None)
    """
    clock = _CLOCK.fullmatch(text.strip())
    if clock is None:
        return parse_fraction(text.replace(",", ".", 1))
    hours, minutes, seconds = (Fraction((part or "0").replace(",", ".")) for part in clock.groups())
    if seconds >= 60 or (clock[1] is not None and minutes >= 60):
        return None
    return 3600 * hours + 60 * minutes + seconds


def _turn(line: int, start: str, end: str, speaker: str, is_length: bool) -> Turn | LineProblem:
    begin, stop = read_time(start), read_time(end)
    for text, value in ((start, begin), (end, stop)):
        if value is None:
            return LineProblem(line, f"{shorten(text)} is not a time")
    assert begin is not None and stop is not None  # noqa: S101 - checked above
    if not speaker.strip():
        return LineProblem(line, "no speaker is named")
    if len(speaker) > MAX_NAME_CHARACTERS:
        return LineProblem(
            line, f"the name {shorten(speaker)} has more than {MAX_NAME_CHARACTERS} characters"
        )
    return Turn(speaker.strip(), begin, begin + stop if is_length else stop, line)


def _rttm(text: str) -> Iterator[Row | LineProblem]:
    """Read the SPEAKER lines of a file in NIST's format RTTM (Rich Transcription Time Marked)."""
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith(";") or words[0] != "SPEAKER":
            continue
        if len(words) < 8:
            yield LineProblem(number, f"a SPEAKER line needs 8 fields or more; this one has {len(words)}")
            continue
        yield number, words[3], words[4], words[7], True


def _csv(text: str) -> Iterator[Row | LineProblem]:
    """Read a table separated by commas, semicolons or tabs.

    Without a header, its columns are start, end and speaker.
    """
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    columns: dict[str, int] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                named = {COLUMNS.get(cell.strip().lower(), ""): i for i, cell in enumerate(cells)}
                if read_time(cells[0]) is not None:
                    columns = {"start": 0, "end": 1, "speaker": 2}
                elif not {"start", "speaker"} <= named.keys() or not {"end", "duration"} & named.keys():
                    yield LineProblem(
                        reader.line_num, "neither a turn nor a header that names start, end and speaker"
                    )
                    return
                else:
                    columns = named
                    continue
            length = "end" not in columns
            wanted = ("start", "duration" if length else "end", "speaker")
            if len(cells) <= max(columns[name] for name in wanted):
                yield LineProblem(
                    reader.line_num, f"{len(cells)} cells, too few for a start, an end and a speaker"
                )
                continue
            start, end, speaker = (cells[columns[name]] for name in wanted)
            yield reader.line_num, start, end, speaker, length
    except csv.Error as error:
        yield LineProblem(reader.line_num, str(error))


def _json(text: str) -> Iterator[Row | LineProblem]:
    """Read a list of objects with start, end (or duration) and speaker, or an object with such a list."""
    try:
        value = parse_json(text, numbers_as_text=True)
    except ValueError as error:
        yield LineProblem(getattr(error, "lineno", 1), f"not JSON ({str(error)[:80]})")
        return
    if isinstance(value, dict):
        value = next((item for item in value.values() if isinstance(item, list)), None)
    if not isinstance(value, list):
        yield LineProblem(1, "neither a list of turns nor an object that contains one")
        return
    for number, item in enumerate(value, 1):
        if not isinstance(item, dict):
            yield LineProblem(number, f"{shorten(item)} is not an object")
            continue
        found: dict[str, Any] = {}
        for key, cell in item.items():
            found.setdefault(COLUMNS.get(key.lower(), ""), cell)
        length = "end" not in found
        start, end = found.get("start"), found.get("duration" if length else "end")
        speaker = found.get("speaker", "")
        if not all(isinstance(cell, str) for cell in (start, end, speaker)):
            yield LineProblem(number, "a turn needs start, end and speaker")
            continue
        yield number, str(start), str(end), str(speaker), length


def _subtitles(text: str, speakers: Sequence[str]) -> Iterator[Row | LineProblem]:
    """Read subtitles that name their speaker as "Name: words", or in WebVTT as <v Name>.

    A subtitle without a name belongs to the speaker of the previous subtitle.
    """
    known = {speaker.casefold() for speaker in speakers}
    times: tuple[int, str, str] | None = None
    named: list[str] = []
    last = ""

    def finished() -> Iterator[Row | LineProblem]:
        nonlocal last
        if times is None:
            return
        for speaker in named or [last]:
            yield (times[0], times[1], times[2], speaker, False)
            last = speaker

    for number, line in enumerate(text.splitlines(), 1):
        cue = _CUE.match(line)
        if cue:
            yield from finished()
            times, named = (number, cue[1], cue[2]), []
        elif not line.strip():
            yield from finished()
            times, named = None, []
        elif times is not None:
            found = _VOICE.findall(line) or _NAMED.findall(_TAG.sub("", line))
            names = [one.strip() for one in found]
            named += [one for one in names if one[0].isupper() or one.casefold() in known]
    yield from finished()
