"""Mix dialogue and music for the audio of a video; the driver is the dialogue alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.ducking import DUCKING, MixMeter, duck_curve, ducked_spans
from lipwright.audio.dynamics import CURVE_STEP_S, gain_at, limiter_step
from lipwright.audio.level import FLOOR_LUFS, Level, from_db
from lipwright.audio.source_stats import SourceMeter
from lipwright.domain.finding import Finding
from lipwright.domain.progress import Progress, ProgressCallback, no_progress
from lipwright.domain.time import Span, round_half_up
from lipwright.errors import InputError
from lipwright.media.audio_conversion import AudioTarget, master_blocks, rechunked
from lipwright.media.audio_reader import read_audio
from lipwright.media.audio_writer import write_wav_blocks
from lipwright.pipeline.atomic_outputs import check_outputs
from lipwright.pipeline.audio_input import load_audio
from lipwright.pipeline.findings import MUSIC_SHORT, NEVER_DUCKED

MIX_RATE_HZ = 48_000
MIX_TARGET = AudioTarget(MIX_RATE_HZ, "stereo", downmixed=True)
BLOCK_SAMPLES = 48 * 1024
"""Number of samples per channel that are processed at a time: 1.024 s at 48 kHz."""
CEILING_DBFS = -2.0
"""Maximum sample level of the mix, low enough that peaks between samples usually stay below -1 dBTP."""
TRUE_PEAK_DBTP = -1.0
"""Maximum true peak of the mix (EBU R128)."""
DUCK_DB = -18.0
"""Default gain of the music during speech."""


@dataclass(frozen=True, slots=True)
class Mix:
    """A mix that was written: its file, levels and findings."""

    path: Path
    seconds: float
    level: Level
    voice_lufs: float
    music_lufs: float
    duck_db: float
    ducked: tuple[Span, ...]
    """Spans in which the music is lowered."""
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the values of `lipwright mix --json`."""
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
) -> Mix:
    """Mix music under speech, and write a file as long as the voice: stereo, 48 kHz, 24 bits.

    In pauses the music is as loud as the voice; during speech the gain `duck_db` lowers the music.

    Args:
        voice: The dialogue.
        music: Any audio; it is cut to the length of the voice, with a fade at the end.
        output: The .wav file to write.
        duck_db: Gain of the music during speech, in dB, at most 0.
        report: Called with the progress of the stages "read" and "mix".

    Raises:
        UsageError: `output` is one of the inputs, or not a .wav file.
        InputError: a recording cannot be read, or is too quiet.
        OutputError: the mix cannot be written.
    """
    check_outputs([voice, music], (output, ".wav"))
    loaded = load_audio(voice, report)
    meter = SourceMeter()
    bed = read_audio(music, rate_hz=8_000, report=report, listener=meter)
    music_level = meter.finish().level
    seconds = loaded.audio.format.seconds
    job = _Job(
        voice,
        music,
        round_half_up(seconds * MIX_RATE_HZ),
        duck_curve(loaded.speech, float(seconds), duck_db),
        _equalizing_gain((voice, loaded.source.level), (music, music_level)),
    )
    gathered = MixMeter(MIX_RATE_HZ, 2)
    for where, block in job.blocks():
        gathered.push(block)
        report(Progress("mix", where.stop, 2 * job.samples))
    ceiling = CEILING_DBFS
    for _ in range(3):
        final = SourceMeter()
        leveled = _leveled(job, gathered.plan(ceiling), final, report)
        write_wav_blocks(output, leveled, MIX_RATE_HZ, 2, bits=24)
        level = final.finish().level
        if level.true_peak_dbfs < TRUE_PEAK_DBTP:
            break
        ceiling -= level.true_peak_dbfs - TRUE_PEAK_DBTP + 0.1
    return Mix(
        path=output,
        seconds=job.samples / MIX_RATE_HZ,
        level=level,
        voice_lufs=loaded.source.level.lufs,
        music_lufs=music_level.lufs,
        duck_db=duck_db,
        ducked=tuple(ducked_spans(loaded.speech)),
        findings=tuple(_findings(loaded.speech, float(seconds), float(bed.format.seconds))),
    )


@dataclass(frozen=True, slots=True)
class _Job:
    voice: Path
    music: Path
    samples: int
    curve: NDArray[np.float64]
    music_gain: float

    def blocks(self) -> Iterator[tuple[slice, NDArray[np.float32]]]:
        """Yield the blocks of the mix before leveling: range of samples, and samples of shape (2, n)."""
        at = 0
        fade = max(1, min(self.samples, round(DUCKING.fade_out_s * MIX_RATE_HZ)))
        with ExitStack() as stack:
            streams = [
                stack.enter_context(closing(master_blocks(path, MIX_TARGET, self.samples)))
                for path in (self.voice, self.music)
            ]
            for speech, music in zip(*(rechunked(one, BLOCK_SAMPLES) for one in streams), strict=True):
                where = slice(at, at + speech.shape[1])
                gain = gain_at(self.curve, where, CURVE_STEP_S * MIX_RATE_HZ) * np.float32(self.music_gain)
                left = self.samples - np.arange(where.start, where.stop)
                gain *= np.minimum(1, left / fade).astype(np.float32)
                yield where, speech + gain * music
                at = where.stop


def _leveled(
    job: _Job, plan: tuple[float, NDArray[np.float32]], meter: SourceMeter, report: ProgressCallback
) -> Iterator[NDArray[np.float32]]:
    gain, limiting = plan
    for where, block in job.blocks():
        done = block * (np.float32(gain) * gain_at(limiting, where, limiter_step(MIX_RATE_HZ)))
        meter(done, MIX_RATE_HZ)
        report(Progress("mix", job.samples + where.stop, 2 * job.samples))
        yield done


def _equalizing_gain(voice: tuple[Path, Level], music: tuple[Path, Level]) -> float:
    """Return the factor that makes the music as loud as the voice."""
    for path, level in (voice, music):
        if level.lufs <= FLOOR_LUFS:
            raise InputError(
                f"{path}: the audio is too quiet to be mixed: all of it is below {FLOOR_LUFS:g} LUFS",
                hint="amplify it first",
            )
    return from_db(voice[1].lufs - music[1].lufs)


def _findings(speech: Sequence[Span], seconds: float, music_seconds: float) -> Iterator[Finding]:
    if not speech:
        yield NEVER_DUCKED(where={"start": 0.0, "end": seconds})
    if music_seconds < seconds:
        where = {"start": music_seconds, "end": seconds}
        yield MUSIC_SHORT(where=where, music_seconds=music_seconds, voice_seconds=seconds)
