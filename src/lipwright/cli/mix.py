"""`lipwright mix`: mix music under speech, for the audio of a video."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from lipwright.cli.options import command, input_argument, output_option
from lipwright.cli.output import Output
from lipwright.cli.progress import progress
from lipwright.domain.text import pluralize
from lipwright.errors import UsageError

LOWEST_DB = -60.0


@command
def mix(
    *,
    out: Output,
    voice: Annotated[Path, input_argument(metavar="VOICE", help="The dialogue, which also drives the lips.")],
    music: Annotated[Path, input_argument(metavar="MUSIC", help="The music to play under the dialogue.")],
    output: Annotated[
        Path,
        output_option(
            "-o",
            "--output",
            metavar="MIX.wav",
            help="The mix: stereo, 48 kHz, 24 bits, exactly as long as VOICE.",
        ),
    ],
    duck: Annotated[
        float, typer.Option("--duck", metavar="DB", help="Gain of the music under speech, in dB.")
    ] = -18.0,
) -> None:
    """Mix music under speech.

    To make a video that plays the mix while VOICE alone drives the lips, run:
    lipwright render MIX.wav --driver VOICE
    """
    from lipwright.pipeline.mix import mix_files

    if not (math.isfinite(duck) and LOWEST_DB <= duck <= 0):
        raise UsageError(f"--duck {duck:g} is outside {LOWEST_DB:g}..0 dB", hint="-18 is the default")
    with progress(out) as report:
        made = mix_files(voice, music, output, duck_db=duck, report=report)
    value = made.to_json()
    level = made.level
    out.result(
        value,
        f"{output}: {made.seconds:.3f} s, {level.lufs:.1f} LUFS, true peak {level.true_peak_dbfs:.1f} dBTP; "
        f"music lowered by {-duck:g} dB in {pluralize(len(made.ducked), 'place')}",
    )
    out.findings(value["findings"])
