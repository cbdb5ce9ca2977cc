"""Options that several commands share, each with its unit."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args

import typer

from lipwright.domain.plan import Fit
from lipwright.domain.preparation import MAX_NOISE_DBFS, MIN_NOISE_DBFS, Kind, Preparation, Switch
from lipwright.domain.settings import SETTINGS, Preset
from lipwright.errors import UsageError

if TYPE_CHECKING:
    from lipwright.engines.base import EngineOptions

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
        help="The recording: any audio or video file, up to 4 hours.",
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
        "--trim-silence", help="Shorten pauses over 2 s to 0.8 s, in the driver and in the audio delivered."
    ),
]
KindOption = Annotated[
    str,
    typer.Option(
        "--kind", metavar="speech|music|ambient", help="What the audio is; less is done to the last two."
    ),
]
DriverNoiseOption = Annotated[
    float | None,
    typer.Option(
        "--driver-noise",
        metavar="DB",
        help="Faint pink noise in the driver alone, RMS in dBFS (-55): for an image that stays frozen.",
        show_default="none",
    ),
]


PromptOption = Annotated[str, typer.Option("--prompt", metavar="TEXT", help="How the person looks and acts.")]
NegativeOption = Annotated[
    str | None,
    typer.Option(
        "--negative",
        metavar="TEXT",
        help="What to keep away from; works above CFG 1, in the ltx and comfyui engines.",
        show_default="the engine's",
    ),
]
EngineOption = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="auto|portrait|ltx|comfyui",
        help="What makes the frames; auto takes ltx where it can run, else portrait.",
    ),
]
ModelOption = Annotated[
    str | None, typer.Option("--model", metavar="NAME|PATH", help="Other weights for the engine.")
]
MemoryOption = Annotated[
    str | None,
    typer.Option(
        "--memory",
        metavar="MODE",
        show_default="what fits the card",
        help="Of the ltx engine: full, fp8, group-offload, sequential, gguf or cpu.",
    ),
]
LoraOption = Annotated[
    list[str] | None,
    typer.Option(
        "--lora",
        metavar="PATH[:STRENGTH]",
        help="A LoRA laid over the ltx engine's weights; may be repeated.",
    ),
]
ServerOption = Annotated[
    list[str] | None,
    typer.Option("--server", metavar="URL", help="Where the comfyui engine's server is; may be repeated."),
]
HeaderOption = Annotated[
    list[str] | None,
    typer.Option("--header", metavar="NAME:VALUE", help="Sent to the comfyui server; may be repeated."),
]
SizeOption = Annotated[
    str | None,
    typer.Option(
        "--size",
        metavar="WxH",
        help="Of the video: pixels such as 832x448, or 480p, 720p, 1080p.",
        show_default="the image's shape",
    ),
]
StartOption = Annotated[
    float | None,
    typer.Option("--start", metavar="S", help="Move from here on, in seconds.", show_default="the beginning"),
]
EndOption = Annotated[
    float | None,
    typer.Option("--end", metavar="S", help="Move until here, in seconds.", show_default="the end"),
]
DriverOption = Annotated[
    Path | None,
    typer.Option(
        "--driver",
        metavar="WAV",
        help="Move the mouth by this audio; the video still delivers AUDIO.",
        readable=False,
    ),
]
AudioCodecOption = Annotated[
    str,
    typer.Option(
        "--audio-codec",
        metavar="auto|aac|alac",
        help="auto copies AAC and ALAC audio as it is and makes AAC of the rest; alac is bit-exact.",
    ),
]
PresetOption = Annotated[
    str | None,
    typer.Option(
        "--preset",
        metavar="|".join(get_args(Preset)),
        help="Settings to start from.",
        show_default="the engine's",
    ),
]
AllowMotionOption = Annotated[
    bool, typer.Option("--allow-motion", help="Take a prompt that works against the audio.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Take a CFG above 5.")]


def _knob(flag: str, kind: str) -> Any:  # noqa: ANN401 - as typer.Option has it
    """An option for one row of the table of settings."""
    knob = SETTINGS[flag.removeprefix("--").replace("-", "_")]
    tested = f" ({knob.low:g} to {knob.high:g})" if knob.high < float("inf") else ""
    return typer.Option(
        flag,
        metavar=kind,
        help=f"{knob.help[0].upper()}{knob.help[1:]}{tested}.",
        show_default="the preset's",
    )


SeedOption = Annotated[int | None, _knob("--seed", "N")]
CfgOption = Annotated[float | None, _knob("--cfg", "X")]
StepsOption = Annotated[int | None, _knob("--steps", "N")]
EtaOption = Annotated[float | None, _knob("--eta", "X")]
NormingOption = Annotated[float | None, _knob("--norming-threshold", "X")]
StgOption = Annotated[float | None, _knob("--stg", "X")]
ModalityOption = Annotated[float | None, _knob("--modality-scale", "X")]
ImageStrengthOption = Annotated[float | None, _knob("--image-strength", "X")]
StagesOption = Annotated[int | None, _knob("--stages", "N")]


def one_of(option: str, value: str | None, allowed: tuple[str, ...]) -> str | None:
    """The value, which must be one of a few words.

    Raises:
        UsageError: it is none of them.
    """
    if value is not None and value not in allowed:
        raise UsageError(f"{option} {value!r} is not known", hint=f"one of {', '.join(allowed)}")
    return value


def parse_engine_options(
    model: str | None,
    memory: str | None,
    lora: list[str] | None,
    server: list[str] | None,
    header: list[str] | None,
) -> EngineOptions:
    """What an engine runs on.

    Raises:
        UsageError: a header that is none.
    """
    from lipwright.engines.base import EngineOptions  # noqa: PLC0415 - for those who render

    return EngineOptions(
        model=model,
        memory=memory,
        loras=tuple(lora or ()),
        servers=tuple(server or ()),
        headers=parse_headers(header or ()),
    )


def parse_preparation(
    denoise: str, deess: str, declip: str, kind: str, *, trim_silence: bool, driver_noise: float | None
) -> Preparation:
    """The options of preparation, checked.

    Raises:
        UsageError: a word that no option knows, or a noise level that is none.
    """
    for option, text in (("--denoise", denoise), ("--deess", deess), ("--declip", declip)):
        one_of(option, text, get_args(Switch))
    one_of("--kind", kind, get_args(Kind))
    if driver_noise is not None and not MIN_NOISE_DBFS <= driver_noise <= MAX_NOISE_DBFS:
        raise UsageError(
            f"--driver-noise {driver_noise:g} is outside {MIN_NOISE_DBFS:g}..{MAX_NOISE_DBFS:g} dBFS",
            hint="-55 is faint, and enough to wake an image that stays frozen",
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
