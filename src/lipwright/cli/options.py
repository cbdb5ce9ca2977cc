"""Options that several commands share, each with its unit."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from lipwright.domain.plan import Fit
from lipwright.domain.preparation import MAX_NOISE_DBFS, MIN_NOISE_DBFS, Kind, Preparation, Switch
from lipwright.errors import UsageError

FpsOption = Annotated[
    str, typer.Option("--fps", help="Frames per second, exact: 25, 23.976 or 24000/1001.", metavar="RATE")
]
FitOption = Annotated[
    str,
    typer.Option(
        "--fit",
        metavar="RULE",
        help="How the length meets the 8n+1 frames: nearest, cover (never cuts), floor (never pads), "
        "or auto: nearest, unless that would cut speech.",
    ),
]
AudioArgument = Annotated[
    Path,
    typer.Argument(
        metavar="AUDIO",
        help="The recording: any sound or video file, up to 4 hours.",
        readable=False,  # a file that cannot be read is no wrong usage: the pipeline says so, exit code 3
    ),
]

DenoiseOption = Annotated[
    str,
    typer.Option(
        "--denoise", metavar="auto|on|off", help="Take noise out of the driver; auto: where it is heard."
    ),
]
DeessOption = Annotated[
    str,
    typer.Option("--deess", metavar="auto|on|off", help="Soften sharp s sounds; auto: where they stand out."),
]
DeclipOption = Annotated[
    str,
    typer.Option(
        "--declip", metavar="auto|on|off", help="Restore clipped peaks; auto: where there are some."
    ),
]
TrimSilenceOption = Annotated[
    bool,
    typer.Option(
        "--trim-silence", help="Shorten pauses over 2 s to 0.8 s, in the driver and in the sound delivered."
    ),
]
KindOption = Annotated[
    str,
    typer.Option(
        "--kind", metavar="speech|music|ambient", help="What the sound is; less is done to the last two."
    ),
]
DriverNoiseOption = Annotated[
    float | None,
    typer.Option(
        "--driver-noise",
        metavar="DB",
        help="Faint pink noise in the driver alone, RMS in dBFS (-55): for a picture that stays frozen.",
        show_default="none",
    ),
]


def parse_preparation(
    denoise: str, deess: str, declip: str, kind: str, *, trim_silence: bool, driver_noise: float | None
) -> Preparation:
    """The options of preparation, checked.

    Raises:
        UsageError: a word that no option knows, or a noise level that is none.
    """
    for option, text in (("--denoise", denoise), ("--deess", deess), ("--declip", declip)):
        if text not in get_args(Switch):
            raise UsageError(f"{option} {text!r} is not known", hint=f"one of {', '.join(get_args(Switch))}")
    if kind not in get_args(Kind):
        raise UsageError(f"--kind {kind!r} is not known", hint=f"one of {', '.join(get_args(Kind))}")
    if driver_noise is not None and not MIN_NOISE_DBFS <= driver_noise <= MAX_NOISE_DBFS:
        raise UsageError(
            f"--driver-noise {driver_noise:g} is outside {MIN_NOISE_DBFS:g}..{MAX_NOISE_DBFS:g} dBFS",
            hint="-55 is faint, and enough to wake a picture that stays frozen",
        )
    return Preparation(
        denoise=cast(Switch, denoise),
        deess=cast(Switch, deess),
        declip=cast(Switch, declip),
        trim_silence=trim_silence,
        kind=cast(Kind, kind),
        driver_noise_dbfs=driver_noise,
    )


def parse_fit(text: str) -> Fit:
    """The rule of that name.

    Raises:
        UsageError: there is none.
    """
    if text not in get_args(Fit):
        raise UsageError(f"there is no fit {text!r}", hint=f"one of {', '.join(get_args(Fit))}")
    return cast(Fit, text)


def parse_headers(texts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Headers such as "Authorization: Bearer ...", as names and values.

    Raises:
        UsageError: no colon, or no name before it. The text is not repeated: it may be a secret.
    """
    headers = []
    for text in texts:
        name, colon, value = text.partition(":")
        if not colon or not name.strip():
            raise UsageError(
                "--header is not NAME:VALUE", hint="such as: --header 'Authorization: Bearer TOKEN'"
            )
        headers.append((name.strip(), value.strip()))
    return tuple(headers)
