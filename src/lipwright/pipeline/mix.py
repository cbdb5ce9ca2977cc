"""Dialogue and music become one audio to deliver; the dialogue alone stays the driver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.ducking import (
    CEILING_DBFS,
    FADE_OUT_S,
    MixMeter,
    aligned_blocks,
    duck_curve,
    joined,
    millisecond_gain,
)
from lipwright.audio.dynamics import curve_gain
from lipwright.audio.level import FLOOR_LUFS, Level, LevelMeter, from_db
from lipwright.audio.source_stats import SourceMeter
from lipwright.domain.finding import Finding
from lipwright.domain.progress import Progress, ProgressCallback, no_progress
from lipwright.domain.time import Span, round_half_up
from lipwright.errors import InputError
from lipwright.media.audio_conversion import AudioTarget, master_blocks
from lipwright.media.audio_reader import read_audio
from lipwright.media.audio_writer import write_wav_blocks
from lipwright.pipeline.atomic_outputs import check_output
from lipwright.pipeline.audio_input import load_audio
from lipwright.pipeline.findings import MUSIC_SHORT, NEVER_DUCKED

RATE_HZ = 48_000
FORM = AudioTarget(RATE_HZ, "stereo", mixed=True)
BLOCK = 48 * 1024
"""Samples at once: whole milliseconds."""
TRUE_PEAK_DBTP = -1.0
DUCK_DB = -18.0


@dataclass(frozen=True, slots=True)
class Mixed:
    """A mix, and how it was made."""

    path: Path
    seconds: float
    level: Level
    voice_lufs: float
    music_lufs: float
    duck_db: float
    ducked: tuple[Span, ...]
    """Where the music is down."""
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """The keys of `lipwright mix --json`."""
        return {
            "mix": str(self.path),
            "seconds": self.seconds,
            "level": self.level.to_json(),
            "voice_lufs": self.voice_lufs,
            "music_lufs": self.music_lufs,
            "duck_db": self.duck_db,
            "ducked": [[span.start, span.end] for span in self.ducked],
            "findings": [finding.to_json() for finding in self.findings],
        }


def mix_files(
    voice: Path,
    music: Path,
    output: Path,
    *,
    duck_db: float = DUCK_DB,
    report: ProgressCallback = no_progress,
) -> Mixed:
    """Lay music under speech: exactly as long as the voice, stereo, 48 kHz, 24 bits.

    The music is as loud as the voice where nobody speaks, and `duck_db` under it where somebody does.
    Both sources are streamed: memory does not grow with their length.

    Args:
        voice: The dialogue; it stays the driver.
        music: Any audio; cut, faded out, to the voice's length.
        output: A .wav file.
        duck_db: Gain of the music under speech, at most 0.
        report: Told the steps of read and mix.

    Raises:
        UsageError: `output` is one of the inputs, or no .wav.
        InputError: audio cannot be read or used.
        OutputError: the mix cannot be written.
    """
    check_output(output, [voice, music], suffix=".wav")
    heard = load_audio(voice, report)
    meter = SourceMeter()
    bed = read_audio(music, rate_hz=8_000, report=report, listener=meter)
    seconds = heard.audio.format.seconds
    samples = round_half_up(seconds * RATE_HZ)
    job = _Job(
        voice,
        music,
        samples,
        duck_curve(heard.speech, float(seconds), duck_db),
        _loudness_gain(voice, music, (heard.source.level, meter.finish().level)),
    )
    gathered = MixMeter(RATE_HZ, 2)
    for where, block in job.blocks():
        gathered.push(block)
        report(Progress("mix", where.stop, 2 * samples))
    ceiling = CEILING_DBFS
    for _ in range(3):
        final = LevelMeter(RATE_HZ, 2)
        plan = gathered.plan(ceiling)
        write_wav_blocks(output, _levelled(job, plan, final, report), RATE_HZ, 2, bits=24)
        level = final.level
        if level.true_peak_dbfs < TRUE_PEAK_DBTP:
            break
        ceiling -= level.true_peak_dbfs - TRUE_PEAK_DBTP + 0.1
    return Mixed(
        path=output,
        seconds=samples / RATE_HZ,
        level=level,
        voice_lufs=heard.source.level.lufs,
        music_lufs=meter.finish().level.lufs,
        duck_db=duck_db,
        ducked=tuple(joined(heard.speech)),
        findings=tuple(_findings(heard.speech, float(seconds), float(bed.format.seconds))),
    )


@dataclass(frozen=True, slots=True)
class _Job:
    voice: Path
    music: Path
    samples: int
    curve: NDArray[np.float64]
    music_gain: float

    def blocks(self) -> Iterator[tuple[slice, NDArray[np.float32]]]:
        """The mix before level, shape (2, n) each."""
        at = 0
        fade = min(self.samples, round(FADE_OUT_S * RATE_HZ))
        with ExitStack() as stack:
            sounds = [
                stack.enter_context(closing(master_blocks(path, FORM, self.samples)))
                for path in (self.voice, self.music)
            ]
            for speech, music in aligned_blocks(*sounds, size=BLOCK):
                where = slice(at, at + speech.shape[1])
                gain = curve_gain(self.curve, where, RATE_HZ) * np.float32(self.music_gain)
                left = self.samples - np.arange(where.start, where.stop)
                gain *= np.minimum(1, left / max(1, fade)).astype(np.float32)
                yield where, speech + gain * music
                at = where.stop


def _levelled(
    job: _Job, plan: tuple[float, NDArray[np.float32]], meter: LevelMeter, report: ProgressCallback
) -> Iterator[NDArray[np.float32]]:
    gain, reduced = plan
    for where, block in job.blocks():
        done = block * (np.float32(gain) * millisecond_gain(reduced, where, RATE_HZ))
        meter.push(done, last=where.stop >= job.samples)
        report(Progress("mix", job.samples + where.stop, 2 * job.samples))
        yield done


def _loudness_gain(voice: Path, music: Path, levels: tuple[Level, Level]) -> float:
    """Factor that makes the music as loud as the voice."""
    for path, level in zip((voice, music), levels, strict=True):
        if level.lufs <= FLOOR_LUFS:
            raise InputError(
                f"{path}: too quiet to be mixed: none of it is over {FLOOR_LUFS:g} LUFS",
                hint="raise it first",
            )
    return from_db(levels[0].lufs - levels[1].lufs)


def _findings(speech: Sequence[Span], seconds: float, music_seconds: float) -> Iterator[Finding]:
    if not speech:
        yield NEVER_DUCKED(where={"start": 0.0, "end": seconds})
    if music_seconds < seconds:
        yield MUSIC_SHORT(
            where={"start": music_seconds, "end": seconds}, music_seconds=music_seconds, voice_seconds=seconds
        )
