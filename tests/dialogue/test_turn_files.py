"""Turns are read exactly from every kind of file, and errors are reported line by line."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest

from lipwright.dialogue.turn_files import parse_turns
from lipwright.dialogue.turns import Turn, find_mismatches, fit_to_recording
from lipwright.domain.time import Span
from lipwright.errors import InputError, UsageError

NAMES = ("Anna", "Ben")
FILES = {
    ".rttm": """;; made by hand
SPKR-INFO talk 1 <NA> <NA> <NA> unknown Anna <NA> <NA>
SPEAKER talk 1 0.5 2.25 <NA> <NA> Anna <NA> <NA>
SPEAKER talk 1 3.1 1.9 <NA> <NA> Ben <NA> <NA>
""",
    ".csv": "speaker,start,end\nAnna,0.5,2.75\n\nBen,3.1,5\n",
    ".tsv": "0.5\t2.75\tAnna\n3.1\t5.0\tBen\n",
    ".json": '{"turns": [{"start": 0.5, "end": 2.75, "speaker": "Anna"},'
    ' {"start": "0:03.1", "duration": 1.9, "name": "Ben"}]}',
    ".srt": """1
00:00:00,500 --> 00:00:01,500
Anna: Good morning,

2
00:00:01,500 --> 00:00:02,750
<i>everybody</i>: that is what I say.

3
00:00:03,100 --> 00:00:05,000
- ben: Good morning.
""",
    ".vtt": """WEBVTT

00:00.500 --> 00:02.750 align:start
<v Anna>Good morning.

00:03.100 --> 00:05.000
<v.loud Ben>Good morning.</v>
""",
}


@pytest.mark.parametrize("suffix", FILES)
def test_all_formats_give_the_same_turns(suffix: str) -> None:
    turns = fit_to_recording(parse_turns(FILES[suffix], suffix, "t", NAMES), NAMES, Fraction(5), "t")
    joined: dict[str, list[Turn]] = {}
    for turn in turns:
        joined.setdefault(turn.speaker, []).append(turn)
    spans = {name: (parts[0].start, parts[-1].end) for name, parts in joined.items()}
    assert spans == {"Anna": (Fraction(1, 2), Fraction(11, 4)), "Ben": (Fraction(31, 10), Fraction(5))}


def test_overlaps_are_kept_and_times_are_exact() -> None:
    text = "start,end,speaker\n0.1,1000.3,Anna\n999.7,1001.003,Ben\n"
    first, second = parse_turns(text, ".csv", "t", NAMES)
    assert (first.end, second.start, second.end) == (
        Fraction(10003, 10),
        Fraction(9997, 10),
        Fraction(1001003, 1000),
    )


@pytest.mark.parametrize(
    ("suffix", "text", "told"),
    [
        (".csv", "start,end,speaker\n1,x,Anna\n2,3\n", ["line 2: 'x' is not a time", "line 3: 2 cells"]),
        (".csv", "1:70,3,Ben\n", ["line 1: neither a turn nor a header"]),
        (".csv", "who,when\nAnna,1", ["line 1: neither a turn nor a header"]),
        (".rttm", "SPEAKER talk 1 0.5", ["line 1: a SPEAKER line"]),
        (".json", "[{]", ["line 1: not JSON"]),
        (".json", '[{"start": 1, "end": 2}, 5]', ["line 1: no speaker", "line 2: '5' is not an object"]),
        (".json", "3", ["line 1: neither"]),
        (".srt", "1\n00:00:01,000 --> 00:00:02,000\nhello\n", ["line 2: no speaker"]),
        (".vtt", "WEBVTT\n\n00:99.000 --> 00:02.000\nAnna: hello\n", ["line 3: '00:99.000' is not a time"]),
    ],
)  # fmt: skip
def test_invalid_lines_are_reported_by_number(suffix: str, text: str, told: list[str]) -> None:
    with pytest.raises(InputError) as error:
        parse_turns(text, suffix, "talk", NAMES)
    assert error.value.message.startswith("talk: ")
    for line, expected in zip(error.value.details, told, strict=True):
        assert line.startswith(expected)


def test_unknown_suffix_is_refused() -> None:
    with pytest.raises(UsageError, match=r"\.txt has none of the suffixes"):
        parse_turns("", ".txt", "talk.txt", NAMES)


def test_turns_outside_the_recording_are_reported_line_by_line() -> None:
    text = "start,end,speaker\n0,2,anna\n3,9,Ben\n12,13,Ben\n4,4,Anna\n1,2,Carl\n"
    with pytest.raises(InputError) as error:
        fit_to_recording(parse_turns(text, ".csv", "t", NAMES), NAMES, Fraction(5), "t.csv")
    assert error.value.message == "t.csv: 4 lines are wrong"
    assert error.value.details == (
        "line 3: ends at 9.00 s, but the recording ends at 5.00 s",
        "line 4: begins at 12.00 s, but the recording ends at 5.00 s",
        "line 5: a turn must start at 0 or later and end after its start; its times are 4 to 4 s",
        "line 6: 'Carl' is not one of the speakers Anna, Ben",
    )
    with pytest.raises(InputError, match="contains no turns"):
        fit_to_recording((), NAMES, Fraction(5), "t.csv")


def test_turn_ending_slightly_late_is_cut_off() -> None:
    (turn,) = fit_to_recording([Turn("Ben", Fraction(3), Fraction(507, 100), 2)], NAMES, Fraction(5), "t")
    assert turn.end == 5


def test_mismatches_of_turns_and_speech_are_reported() -> None:
    turns = [Turn("Anna", Fraction(0), Fraction(2), 2), Turn("Anna", Fraction(6), Fraction(8), 3)]
    speech = [Span(0.1, 2.2), Span(3.0, 4.5)]
    found = list(find_mismatches(turns, NAMES, speech))
    assert [one.id for one in found] == ["speech-of-nobody", "turn-without-speech", "speaker-without-turn"]
    assert found[0].where == {"start": 3.0, "end": 4.5}
    assert found[1].text == "line 3: nobody speaks in this turn of Anna"
    assert (
        list(find_mismatches([*turns, Turn("Ben", Fraction(3), Fraction(5))], NAMES, [*speech, Span(6, 8)]))
        == []
    )


@pytest.mark.parametrize("piece", ["<", "<v ", "<v a", "<v.a ", "{\\", "Anna ", "- ", "1:", " "])
def test_no_line_is_slow_to_parse(piece: str) -> None:
    """A quadratic pattern would need minutes for this."""
    text = f"WEBVTT\n\n00:00.500 --> 00:02.750\nAnna: a\n{piece * 200_000}x\n"
    began = time.process_time()
    parse_turns(text, ".vtt", "t", NAMES)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("suffix", "line"), [(".csv", "x\n"), (".rttm", "SPEAKER\n"), (".srt", "00:00:01,000 --> 00:00:02,000\n")]
)
def test_reading_stops_after_many_errors(suffix: str, line: str) -> None:
    text = "start,end,speaker\n" + 100_000 * line
    with pytest.raises(InputError, match="at least 1000 lines are wrong") as caught:
        parse_turns(text, suffix, "t", NAMES)
    assert len(caught.value.details) == 21
