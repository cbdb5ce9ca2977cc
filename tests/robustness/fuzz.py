"""Mutate real files of each format at random, and see that no command breaks on them.

    python -m tests.robustness.fuzz                          10,000 mutations, a new seed
    python -m tests.robustness.fuzz --mutations 500          fewer
    python -m tests.robustness.fuzz --seed 7 --only 1234     one again; keeps its file as fuzz-1234.EXT

The seed is printed first, and the number of each mutation that broke something.
"""

from __future__ import annotations

import argparse
import json
import random
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.robustness import json_cases, media
from tests.robustness.forked import Case, Runner

# ruff: noqa: S311, T201 - noise that can be had again; a command that prints

Base = tuple[Callable[[], bytes], tuple[str, ...]]
"""Makes the whole file, and the command line that reads it; {} is its name."""

BASES: dict[str, Base] = {
    **{name: (lambda name=name: media.audio(name), ("plan", "{}")) for name in ("wav", *media.AUDIO_FORMATS)},
    **{name: (lambda name=name: media.image(name), ("image", "{}")) for name in media.IMAGE_FORMATS},
    "mp4": (lambda: media.video("mp4", frames=9), ("check", "{}")),
    "mkv": (lambda: media.video("mkv", frames=9), ("check", "{}")),
    "api.json": (lambda: json_cases.json_bytes(json_cases.API_GRAPH), ("workflow", "--lint", "{}")),
    "ui.json": (lambda: json_cases.json_bytes(json_cases.ui_graph()), ("workflow", "--lint", "{}")),
    "object-info.json": (
        lambda: json_cases.json_bytes(json_cases.OBJECT_INFO),
        ("workflow", "--lint", "w.json", "--object-info", "{}"),
    ),
    "manifest.json": (lambda: json_cases.json_bytes(json_cases.MANIFEST), ("check", "v.mp4")),
}  # fmt: skip

NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)


def mutate(whole: bytes, noise: random.Random) -> bytes:
    """Change a file in one to eight places: bits, numbers, stretches; most often near its start."""
    data = bytearray(whole)
    for _ in range(noise.choice((1, 1, 2, 3, 8))):
        if not data:
            break
        at = int(len(data) * noise.random() ** noise.choice((1, 1, 4)))
        kind = noise.randrange(8)
        length = noise.choice((1, 2, 4, 16, 256))
        if kind == 0:
            data[at] ^= 1 << noise.randrange(8)
        elif kind == 1:
            data[at : at + length] = noise.randbytes(length)
        elif kind == 2:
            form = noise.choice("<>") + noise.choice("HI")
            number = noise.choice(NUMBERS) & (0xFFFF if form[1] == "H" else 0xFFFFFFFF)
            data[at : at + struct.calcsize(form)] = struct.pack(form, number)
        elif kind == 3:
            del data[at : at + length]
        elif kind == 4:
            data[at:at] = data[at : at + length]
        elif kind == 5:
            start = noise.randrange(len(data))
            data[at : at + length] = data[start : start + length]
        elif kind == 6:
            data[at : at + length] = noise.choice((b"\0", b"\xff", b"9", b"[")) * length
        elif noise.random() < 0.3:
            del data[at:]
    return bytes(data)


def mutate_json(whole: bytes, noise: random.Random) -> bytes:
    """Put odd values into a JSON document, in one to five places."""
    document = json.loads(whole)
    for _ in range(noise.choice((1, 1, 2, 5))):
        at, path = document, []
        while isinstance(at, dict | list) and at and (not path or noise.random() < 0.8):
            key = noise.choice(list(at)) if isinstance(at, dict) else noise.randrange(len(at))
            path.append((at, key))
            at = at[key]
        if path:
            holder, key = path[-1]
            odd = noise.choice(list(json_cases.ODD_VALUES.values()))
            holder[key] = odd
    return json_cases.json_bytes(document)


def case_of(name: str, seed: int, number: int) -> Case:
    """One mutation: always the same for the same numbers."""
    make, command = BASES[name]
    noise = random.Random(f"{seed} {number}")
    change = mutate_json if name.endswith("json") and noise.random() < 0.7 else mutate
    data = change(make(), noise)
    file = "v.json" if name == "manifest.json" else f"fuzz.{name}"
    files = {file: data, "w.json": json_cases.json_bytes(json_cases.ui_graph())}
    if name == "manifest.json":
        files["v.mp4"] = media.video(frames=9, size=64)
    return Case(f"{name} mutation {number}", tuple(part.format(file) for part in command), files)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mutations", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--format", action="append", choices=sorted(BASES), help="only this; may be repeated")
    parser.add_argument("--only", type=int, help="the number of one mutation")
    chosen = parser.parse_args()
    names = chosen.format or list(BASES)
    numbers = range(chosen.mutations) if chosen.only is None else [chosen.only]
    print(f"seed {chosen.seed}, {len(numbers)} mutations of {len(names)} formats", flush=True)
    broken, begin = 0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(Path(folder))
        for number in numbers:
            case = case_of(names[number % len(names)], chosen.seed, number)
            complaints = runner.complaints(case)
            broken += bool(complaints)
            for text in complaints:
                print(text, flush=True)
            if chosen.only is not None:
                file = next(iter(case.files))
                Path(f"fuzz-{number}.{file.partition('.')[2]}").write_bytes(case.files[file])
        runner.close()
    print(
        f"{broken} of {len(numbers)} broke something, in {time.monotonic() - begin:.0f} s; seed {chosen.seed}"
    )
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
