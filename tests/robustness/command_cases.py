"""Odd values, names, links and wrong kinds of files, in place of each part of a command line."""

# ruff: noqa: S311 - noise that is the same each time

from __future__ import annotations

import contextlib
import os
import random
import socket
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from pathlib import Path

from tests.robustness import media
from tests.robustness.commands import LINES, SLOW, files, inputs, lines, outputs, with_value
from tests.robustness.forked import Case
from tests.robustness.json_cases import ODD_VALUES, RAW_JSON, json_bytes

ANY = frozenset({0, 2, 3, 4, 5, 6, 7})
UNREADABLE = frozenset({2, 3})
STORE = ("data/jobs.sqlite3",)
STORE_FILES = (*STORE, "data/jobs.sqlite3-wal", "data/jobs.sqlite3-shm")
"""The store, with the files that SQLite keeps next to it."""
LINKED = "comfy/custom_nodes/lipwright-nodes"

# --- Values -------------------------------------------------------------------------------------------

ODD_TEXTS = (
    "", " ", "nan", "inf", "-inf", "-1", "0", "1.5", "1e-9", "1e400", "1e999999999", "1e-999999999",
    "1/0", "0/0", "1/3/4", "1" + "0" * 400, "9" * 5000, "1/" + "9" * 5000, "２５", "٢٥", "0x19", "1_0",
    "25,5", "+25", ".5", "25\n", "x", "a\x1b[31mb", "\udcff", "--json", "../../etc/passwd", "<b>", "{0}",
    "%s", str(2**63), str(2**64), "0x0", "99999x99999", "1x1", "-5x5", "http://[::1", "file:///etc/passwd",
    ".", "..", "a/b/", "1970-01-01", "x" * 100_000, "a=b", "@a", "@", "a:b:c", ":", "1:2",
)  # fmt: skip


def options() -> Iterator[Case]:
    """Every option and argument of every command with odd texts."""
    turn = 0
    thrown = Counter[str]()
    for name, command, line in lines():
        for parameter in command.params:
            thrown[parameter.name] += 1
            if getattr(parameter, "is_flag", False) or thrown[parameter.name] > 2:
                continue  # the table of settings has one row for those of several commands
            turn += 1
            for text in ("9" * 25, *ODD_TEXTS[turn % 16 :: 16]):
                yield Case(
                    f"{name} {parameter.opts[-1]}={text[:30]!r}",
                    with_value(line, name, command, parameter, text),
                    {} if set(line) & {"a.wav", "i.png", "v.mp4"} else files(),
                    new=(*outputs(line), LINKED),
                    may_change=STORE_FILES,
                    codes=ANY,
                )
    for option in ("--seconds", "--frames"):
        for text in ODD_TEXTS:
            yield Case(f"plan {option}={text[:30]!r}", ("plan", f"{option}={text}", "--json"))
    for arguments in (
        (), ("nosuch",), ("render",), ("--json",), ("plan", "--json", "--json"), ("\udcff",), ("x" * 99_999,),
    ):  # fmt: skip
        yield Case(f"{' '.join(arguments)[:40]!r}", arguments, codes=frozenset({0, 2}))


SLOW_PIECES = (
    "a", " ", "the ", "and then ", '"', '"a" ', ",", "-", "the camera slowly ", "1", "(", ".", "'s ", "\n",
    "a" + " " * 50, "\\", "\t", "a woman with a man with ", "a: b: ", "slowly ", "ing ", "a-", "\u3000\u2003",
    "\u0300", "12:34 ", "камера ", "zoom ", 'she walks and he says "no" while ', "not ", "never the camera ",
    "no no ", "is ", "smile", "👩🏽‍🎤 ", "\u202e", "{0} ", "%s", "<b>", "A woman nods. ", "in the in the ",
    "aA", "e\u0301", "_ ", "; ", "nods and up ", "on ", "the camera zooms on ", "can ", "who is ", "says ",
)  # fmt: skip


def prompts() -> Iterator[Case]:
    """Prompts of 20,000 characters that are made to be slow."""
    for number, piece in enumerate(SLOW_PIECES):
        text = piece * (20_000 // len(piece))
        text = "A woman " + text if text.startswith("-") else text
        more = ((), ("--fix",), ("--fix", "--strict"))[number % 3]
        name = f"much of {piece!r} {' '.join(more)}"
        yield Case(name, ("prompt", *more, text), codes=frozenset({0, 2, 4, 6}), max_cpu_seconds=2.0)


# --- Names --------------------------------------------------------------------------------------------

ODD_NAMES = (
    "a b  c", "a'b\"c`d", "🎬video", "a\nhint: rm -rf", "a\rb", "a\tb", "a\x1b[31mred\x1b[0m", "a\x07",
    "-o", "--json", ".hidden", "a.b.c", "CON", "a:b", "a%20b%s%d{0}{x}", "$HOME;`id`",
    "<script>alert(1)<%2fscript>", "&lt;b&gt;'\"", "a\udcff\udcfeb", "\udced\udca0\udc80x",
    "a\u202egpj.b", "e\u0301", "a\u200bb", "x" * 235, "é" * 117, "*?[a]", "a#b?c", "a\\b", "~root",
    "UPPER", "{name}", "[x](javascript:alert(1))|y", "a\x9b31mb", "a\u2028b", "a\x85b",
)  # fmt: skip


def names() -> Iterator[Case]:
    """Each odd name for every file of a line: of some quick ones, and of one slow one."""
    slow = [line for known, line in LINES.items() if known in SLOW - {"render", "tune", "dialogue"}]
    quick = [LINES[known] for known in ("image", "workflow --lint", "batch")]
    whole = files()
    for number, name in enumerate(ODD_NAMES):
        for line in (*quick, slow[number % len(slow)]):
            renamed = {part: f"{name}{part}" for part in (*inputs(line), *outputs(line))}
            dashed = {part: "./" * new.startswith("-") + new for part, new in renamed.items()}
            yield Case(
                f"{line[0]} of {name!r}",
                tuple(dashed.get(part, part) for part in line),
                {renamed.get(part, part): data for part, data in whole.items()},
                new=tuple(renamed[part] for part in outputs(line)),
                codes=frozenset({0, 2, 3, 6, 7}),
            )
        at = "./" * name.startswith("-") + name
        yield Case(f"missing {name[:9]!r}", ("audio", f"{at}.wav", "--json"), codes=UNREADABLE)
    for missing in ("x" * 300, "y/" * 2500 + "a"):
        yield Case(f"missing {missing[:9]!r}", ("audio", f"{missing}.wav"), codes=UNREADABLE)
    for _, _, line in lines():
        for part in (part for part in inputs(line) if part in line):
            for odd in ("", "-", ".", f"{part}/", f"{part}/.", f"./{part}//", f"concat:{part}|{part}",
                        "http://127.0.0.1:9/x.wav", f"file:{part}", "/", "//", "..", "~"):  # fmt: skip
                codes = ANY if part == "shots.csv" else UNREADABLE  # a folder holds recordings
                yield Case(f"{line[0]}: {odd!r} for {part}", _with(line, part, odd), files(), codes=codes)


def _with(line: tuple[str, ...], part: str, other: str) -> tuple[str, ...]:
    return tuple(other if one == part else one for one in line)


# --- Files that are something else ------------------------------------------------------------------

CONTENTS: Mapping[str, bytes] = {
    "nothing": b"",
    "text": b"hello\n",
    "html": b"<html><body>404 not found</body></html>",
    "zip": b"PK\3\4" + bytes(300),
    "zeros": bytes(1 << 20),
    "noise": random.Random(2).randbytes(100_000),
    "a playlist": b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n/etc/passwd\n#EXT-X-ENDLIST\n",
    "a list of files": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "a session description": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
    "a manifest of streams": b"<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'/>",
    "subtitles": b"1\n00:00:00,000 --> 00:00:01,000\nhello\n",
    "an SVG": b"<svg xmlns='http://www.w3.org/2000/svg' width='500' height='500'/>",
    "an EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 500 500\n(%pipe%touch pwned) (w) file\n",
    "a PDF": b"%PDF-1.4\n1 0 obj<<>>endobj\n",
    "a MIDI file": b"MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\0\0\4\0\xff\x2f\0",
    "a program": b"\x7fELF" + bytes(200),
    "JSON": b'{"a": 1}',
    "a database": b"SQLite format 3\0" + bytes(4000),
}


def contents() -> Iterator[Case]:
    """Files that are something else by their content, in the place of each input."""
    for _, _, line in lines():
        for part in (*inputs(line), *(STORE if "data" in line else ())):
            is_media = part.endswith((".wav", ".png", ".mp4"))
            for what, data in CONTENTS.items():
                if what == "nothing" and part in STORE:
                    continue  # SQLite takes it for a new database
                if line[0] == "tune" and part == "t.txt":
                    continue  # a whole run for each, where `check` reads the same file
                yield Case(
                    f"{line[0]}: {what} for {part}",
                    line,
                    files() | {part: data},
                    new=(*outputs(line), LINKED),
                    codes=frozenset({3}) if is_media else ANY,
                )
    made = {"a.wav": media.image("jpg"), "i.png": media.wav(), "v.mp4": media.audio("m4a")}
    for line in (("audio", "a.wav"), ("image", "i.png"), ("check", "v.mp4")):
        yield Case(f"{line[0]} of other media", line, made, codes=frozenset({3}))


ODD_CELLS = (*ODD_TEXTS[:44], "a.wav", "i.png", "-", "yes", "no", "auto")


def shot_tables() -> Iterator[Case]:
    """Tables of shots in every form: what is no table, and odd cells."""

    def case(name: str, ending: str, data: bytes) -> Case:
        line = tuple(f"shots.{ending}" if part == "shots.csv" else part for part in LINES["batch"])
        return Case(f"{name}, {ending}", (*line, "--json"), files() | {f"shots.{ending}": data}, codes=ANY)

    for what, data in (CONTENTS | RAW_JSON).items():
        for ending in ("csv", "jsonl", "toml"):
            yield case(what, ending, data)
    for number, column in enumerate(("audio", "image", "output", "size", "fps", "seed", "start", "model")):
        for text in ODD_CELLS[number % 4 :: 4]:
            cell = text[:3000].replace('"', '""').encode("utf-8", "surrogateescape")
            yield case(f"{column} {text[:20]!r}", "csv", b'audio,%s\na.wav,"%s"\n' % (column.encode(), cell))
        for what, value in list(ODD_VALUES.items())[number % 3 :: 3]:
            yield case(f"{column}: {what}", "jsonl", json_bytes({"audio": "a.wav", column: value}) + b"\n")
    odd: dict[str, bytes] = {
        "a column twice": b"audio,audio\na.wav,b.wav\n",
        "an open quote": b'audio,image\n"a.wav,i.png\n',
        "a null": b"audio\n\0a.wav\n",
        "an unknown column": b"audio,\x1b[31m\na.wav,x\n",
        "a row longer than the header": b"audio\na.wav,b,c\n",
        "a cell of 300 kB": b"audio,prompt\na.wav," + b"x" * 300_000 + b"\n",
        "100,001 rows": b"audio\n" + b"a.wav\n" * 100_001,
        "many columns": b",".join(b"c%d" % number for number in range(20_000)) + b"\n",
        "the same output": b"audio,output\na.wav,o\na.wav,o\na.wav,./o\n",
        "an output elsewhere": b"audio,output\na.wav,../../x\na.wav,/etc/x\na.wav,out/../../x\n",
        "an input as output": b"audio,output\na.wav,../a.wav\n",
        "carriage returns": b"audio,image\r\ra.wav,i.png\r",
    }
    for what, data in odd.items():
        yield case(what, "csv", data)


# --- What is no plain file ---------------------------------------------------------------------------


def make_socket(path: Path) -> None:
    # The name of a socket has 108 bytes at most.
    with contextlib.chdir(path.parent), socket.socket(socket.AF_UNIX) as endpoint:
        endpoint.bind(path.name)


SPECIAL: Mapping[str, Callable[[Path], object]] = {
    "a FIFO": os.mkfifo,
    "a folder": Path.mkdir,
    "a socket": make_socket,
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link to nothing": lambda path: path.symlink_to("nothing"),
    "a link to /dev/zero": lambda path: path.symlink_to("/dev/zero"),
    "a link to /dev/full": lambda path: path.symlink_to("/dev/full"),
    "a link to /proc/self/mem": lambda path: path.symlink_to("/proc/self/mem"),
}


def special_files() -> Iterator[Case]:
    """Paths that are not plain files, in place of every input and output."""
    for _, _, line in lines():
        for part in (*inputs(line), *(STORE if "data" in line else ()), *outputs(line)):
            for kind, make in SPECIAL.items():
                if kind == "a link to nothing" and part in (*outputs(line), *STORE):
                    continue  # the file it names is made
                there = {name: data for name, data in files().items() if name != part}
                is_shots = part == "shots.csv" and kind == "a folder"
                is_unread = part in STORE and "--dry-run" in line

                def put(folder: Path, part: str = part, make: Callable[[Path], object] = make) -> None:
                    (folder / part).parent.mkdir(exist_ok=True)
                    make(folder / part)

                yield Case(
                    f"{kind}: {' '.join(line)}, {part}",
                    line,
                    there,
                    codes=ANY if is_shots or is_unread else frozenset({2, 3}),
                    prepare=put,
                )


def shared_files() -> Iterator[Case]:
    """Two names for one file: an input and an output, and each pair of outputs."""
    for _, _, line in lines():
        for first, second in combinations((*inputs(line), *outputs(line)), 2):
            if second in inputs(line):
                continue
            for kind in ("symbolic", "hard"):

                def link(folder: Path, first: str = first, second: str = second, kind: str = kind) -> None:
                    (folder / first).touch()
                    (folder / second).unlink(missing_ok=True)
                    if kind == "hard":
                        (folder / second).hardlink_to(folder / first)
                    else:
                        (folder / second).symlink_to(first)

                name = f"{' '.join(line)}: {second} is a {kind} link to {first}"
                yield Case(name, line, files(), codes=frozenset({2, 3}), prepare=link)
            if second in line:
                name = f"{' '.join(line)}: {second} is {first}"
                yield Case(name, _with(line, second, first), files(), codes=UNREADABLE)


def surroundings() -> Iterator[Case]:
    """Odd environments, a full disk, too few files, and terminals that cannot show everything."""
    quick = {known: line for known, line in LINES.items() if known not in SLOW}
    environments: dict[str, dict[str, str]] = {
        "no home": {"HOME": "", "XDG_CACHE_HOME": "", "XDG_DATA_HOME": ""},
        "a home that is nowhere": {"HOME": "/nowhere/at/all", "XDG_CACHE_HOME": "", "XDG_DATA_HOME": ""},
        "a home in /proc": {"HOME": "/proc", "XDG_CACHE_HOME": "/proc/x", "XDG_DATA_HOME": "/proc/y"},
        "a cache that is a file": {"XDG_CACHE_HOME": "/etc/passwd"},
        "no columns": {"COLUMNS": "-5", "LINES": "x", "FORCE_COLOR": "1"},
        "one column": {"COLUMNS": "1", "TERM": "dumb"},
        "no path": {"PATH": ""},
        "models that are no folder": {"LIPWRIGHT_MODELS": "/proc/1/mem", "HF_HOME": "/proc/1/mem"},
        "a proxy that is none": {"HTTP_PROXY": "junk://x", "ALL_PROXY": "junk", "HTTPS_PROXY": "socks5://x"},
    }
    for what, environment in environments.items():
        for known, line in quick.items():
            yield Case(
                f"{what}: {known}",
                line,
                files(),
                new=(*outputs(line), LINKED),
                may_change=STORE_FILES,
                codes=ANY,
                environment=environment,
            )
    for path in ("/nowhere.task", "a.wav", ".", "/dev/full", "/dev/zero"):
        for known in ("image", "doctor", "models list"):
            yield Case(
                f"the face model is {path}: {known}",
                LINES[known],
                files(),
                new=outputs(LINES[known]),
                codes=ANY,
                environment={"LIPWRIGHT_FACE_MODEL": path},
            )
    for limit, values in {"RLIMIT_FSIZE": (1000, 5000, 30_000), "RLIMIT_NOFILE": (8, 16, 24)}.items():
        for value in values:
            for known, line in LINES.items():
                if known not in ("render", "tune", "dialogue") and (known not in SLOW or value == 30_000):
                    yield Case(
                        f"{limit} {value}: {known}",
                        line,
                        files(),
                        new=(*outputs(line), LINKED),
                        may_change=STORE_FILES,
                        codes=ANY,
                        limits={limit: value},
                    )
    for encoding in ("ascii", "latin-1", "cp1252"):
        for arguments in (
            ("prompt", "A woman — “hello” 👩"), ("plan", "é🎬.wav"), ("audio", "é🎬.wav", "--json"),
            ("plan", "missing é🎬.wav"), ("--help",),
        ):  # fmt: skip
            yield Case(f"{encoding}: {arguments}", arguments, {"é🎬.wav": media.wav()}, encoding=encoding)


def full_outputs() -> Iterator[Case]:
    """Each line with a standard output that is full: noticed before any file is changed."""
    for known, line in LINES.items():
        for more in ((), ("--json",)):
            name = f"standard output is full: {known} {' '.join(more)}"
            yield Case(name, (*line, *more), files(), codes=frozenset({3}), stdout="/dev/full")
