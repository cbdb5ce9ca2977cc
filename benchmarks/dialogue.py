"""Measure dialogues of two voices in every layout, by their pixels: python -m benchmarks.dialogue.

--clips N        number of 5 s clips, spoken by the two voices in turn (12, which is a minute)
--layout L ...   layouts (all three)
--size WxH       size of one person's image (512x512)
--keep DIR       keep the videos there
--podcast MIN    instead: speed and memory of a podcast of so many minutes in layout cut
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import wave
from contextlib import suppress
from pathlib import Path

import numpy as np

from benchmarks.made_dialogue import (
    MadeDialogue,
    compare_mouths,
    make_dialogue,
    make_images,
    speaker_options,
    watch,
)
from benchmarks.measuring import Figure, present, resident_mib

LAYOUTS = ("cut", "split", "together")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--clips", type=int, default=12)
    parser.add_argument("--layout", nargs="+", choices=LAYOUTS, default=LAYOUTS)
    parser.add_argument("--size", default="512x512")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--podcast", type=float)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = given.keep or Path(folder)
        place.mkdir(exist_ok=True)
        made = make_dialogue(place, given.clips)
        images = make_images(place)
        if given.podcast:
            return 0 if podcast(place, made, images, given.podcast, given.size) else 1
        met = [one_layout(place, made, images, layout, given.size) for layout in given.layout]
    return 0 if all(met) else 1


def one_layout(
    place: Path, made: MadeDialogue, images: tuple[Path, Path, Path], layout: str, size: str
) -> bool:
    video = place / f"{layout}.mp4"
    width, height = map(int, size.split("x"))
    whole = f"{width if layout == 'cut' else 2 * width}x{height}"
    begin = time.perf_counter()
    manifest = run(made.mix, layout, video, *_options(made.table, images, layout, whole), "--check")
    seconds = time.perf_counter() - begin - manifest["timing"]["seconds"]["check"]
    watched = compare_mouths(watch(video), made, manifest["shots"], layout)
    turns = [turn["offset_ms"] for turn in manifest["turns"]]
    measured = [offset for offset in turns if offset is not None]
    return present(
        f"{layout}: {made.seconds:.1f} s, {len(turns)} turns, {len(manifest['shots'])} shots, {whole}",
        [
            Figure("lips with their own phones", watched.correlation, "correlation", at_least=0.7),
            Figure("  worst turn", watched.least_correlation, "correlation"),
            Figure("  speaker visible in turns", 100 * watched.seen, "%"),
            Figure("listener's mouth, worst turn", 100 * watched.listening, "% of the speaker's", at_most=10),
            Figure("audio offset", manifest["audio"]["offset_samples"], "samples", at_most=0, at_least=0),
            Figure("check", float(manifest["sync"]["verdict"] == "in-sync"), "in sync", at_least=1),
            Figure("  turns with an offset", len(measured), f"of {len(turns)}"),
            Figure("  farthest of them", float(np.abs(measured).max(initial=0)), "ms"),
            Figure("times real time", made.seconds / seconds),
        ],
    )


def podcast(
    place: Path, made: MadeDialogue, images: tuple[Path, Path, Path], minutes: float, size: str
) -> bool:
    """Repeat the minute to the requested length, and measure memory and speed."""
    rounds = max(1, round(60 * minutes / made.seconds))
    audio, table = place / "podcast.wav", place / "podcast.csv"
    with wave.open(str(made.mix)) as source, wave.open(str(audio), "wb") as out:
        out.setparams(source.getparams())
        data = source.readframes(source.getnframes())
        for _ in range(rounds):
            out.writeframes(data)
        length = source.getnframes() / source.getframerate()
    rows = ["start,end,speaker"]
    for number in range(rounds):
        shift = number * length
        rows += [f"{t.start + shift:.3f},{t.end + shift:.3f},{t.speaker}" for t in made.turns]
    table.write_text("\n".join(rows))
    begin = time.perf_counter()
    video = place / "podcast.mp4"
    manifest = run(audio, "cut", video, *_options(table, images, "cut", size))
    seconds = time.perf_counter() - begin
    resident = manifest["resident_mib"]
    _, second, _, last = np.array_split(resident, 4)
    return present(
        f"podcast of {rounds * length / 60:.1f} min, cut, {size}, {len(manifest['shots'])} shots",
        [
            Figure("times real time", rounds * length / seconds, at_least=3),
            *(Figure(f"  {name}", value, "s") for name, value in manifest["timing"]["seconds"].items()),
            Figure("memory, peak", max(resident), "MiB"),
            Figure("memory grows, second to last quarter", max(last) - max(second), "MiB", at_most=30),
            Figure("audio offset", manifest["audio"]["offset_samples"], "samples", at_most=0, at_least=0),
        ],
    )


def _options(table: Path, images: tuple[Path, Path, Path], layout: str, size: str) -> list[str]:
    return ["--turns", str(table), *speaker_options(layout, images), "--size", size]


def run(audio: Path, layout: str, video: Path, *options: str) -> dict:
    """Make a video with the command line; return the manifest, and the process's memory every half second."""
    command = [
        sys.executable,
        "-m",
        "lipwright",
        "dialogue",
        str(audio),
        "--layout",
        layout,
        "-o",
        str(video),
    ]
    resident = []
    with tempfile.TemporaryFile("w+") as out:
        words = [*command, "--engine", "portrait", "--json", *options]
        with subprocess.Popen(words, stdout=out) as process:
            while process.poll() is None:
                with suppress(OSError, IndexError):  # it has ended
                    resident.append(resident_mib(process.pid))
                time.sleep(0.5)
        if process.returncode:
            sys.exit(process.returncode)
        out.seek(0)
        return json.load(out) | {"resident_mib": resident}


if __name__ == "__main__":
    sys.exit(main())
