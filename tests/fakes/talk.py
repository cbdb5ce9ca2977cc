"""Two people who speak in turn, where nobody measures their mouths: cut from one recording of real speech."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lipwright.domain.media import Waveform
from lipwright.domain.time import Span
from lipwright.media.audio_reader import read_audio
from lipwright.media.audio_writer import write_wav

RATE_HZ = 24_000
PAUSE_S = 0.45
NOISE = 10 ** (-62 / 20)


@dataclass(frozen=True)
class Talk:
    """The recording, its table of turns, and who speaks when."""

    mix: Path
    table: Path
    turns: dict[str, Span]


def make_talk(recording: Path, folder: Path, turn_s: float) -> Talk:
    """Let Joe speak the recording's first seconds, and Jim those that follow."""
    spoken = read_audio(recording, rate_hz=RATE_HZ).waveform
    first, second = (round(at * RATE_HZ) for at in (turn_s, 2 * turn_s))
    pause = np.zeros(round(PAUSE_S * RATE_HZ), np.float32)
    mix = np.concatenate([pause, spoken.mono[:first], pause, spoken.mono[first:second], pause])
    mix += NOISE * np.random.default_rng(5).standard_normal(len(mix)).astype(np.float32)
    starts = {"Joe": PAUSE_S, "Jim": 2 * PAUSE_S + turn_s}
    talk = Talk(
        folder / "mix.wav",
        folder / "turns.csv",
        {name: Span(start, start + turn_s) for name, start in starts.items()},
    )
    write_wav(talk.mix, Waveform(mix[None], RATE_HZ))
    rows = [f"{span.start:.3f},{span.end:.3f},{name}" for name, span in talk.turns.items()]
    talk.table.write_text("\n".join(["start,end,speaker", *rows]) + "\n")
    return talk
