"""`lipwright render`: a portrait and a voice become a film."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args

import typer

from lipwright.cli.options import (
    AudioArgument,
    DeclipOption,
    DeessOption,
    DenoiseOption,
    DriverNoiseOption,
    FitOption,
    FpsOption,
    KindOption,
    TrimSilenceOption,
    parse_fit,
    parse_headers,
    parse_preparation,
)
from lipwright.cli.output import DebugOption, JsonOption, Output, QuietOption
from lipwright.domain.settings import KNOBS, Preset
from lipwright.errors import UsageError

if TYPE_CHECKING:
    from lipwright.pipeline.manifest import Manifest
    from lipwright.pipeline.request import RenderRequest


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("render")(render)


def knob_option(flag: str, kind: str) -> Any:  # noqa: ANN401 - as typer.Option has it
    """An option for one row of the table of settings."""
    knob = KNOBS[flag.removeprefix("--").replace("-", "_")]
    tested = f" ({knob.low:g} to {knob.high:g})" if knob.high < float("inf") else ""
    return typer.Option(
        flag,
        metavar=kind,
        help=f"{knob.help[0].upper()}{knob.help[1:]}{tested}.",
        show_default="the preset's",
    )


def render(
    *,
    audio: AudioArgument,
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="OUT.mp4",
            help="The film; OUT.json, the manifest, lies next to it.",
            readable=False,
        ),
    ],
    image: Annotated[
        Path | None,
        typer.Option("--image", metavar="IMG", help="The portrait: PNG, JPEG or WebP.", readable=False),
    ] = None,
    prompt: Annotated[
        str, typer.Option("--prompt", metavar="TEXT", help="How the person looks and acts.")
    ] = "",
    engine: Annotated[
        str,
        typer.Option(
            "--engine",
            metavar="auto|portrait|ltx|comfyui",
            help="What makes the frames; auto takes ltx where it can run, else portrait.",
        ),
    ] = "auto",
    model: Annotated[
        str | None, typer.Option("--model", metavar="NAME|PATH", help="Other weights for the engine.")
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(
            "--size",
            metavar="WxH",
            help="Pixels such as 832x448, or 480p, 720p, 1080p.",
            show_default="the picture's shape, 512 pixels high",
        ),
    ] = None,
    fps: FpsOption = "25",
    fit: FitOption = "auto",
    start: Annotated[
        float | None,
        typer.Option(
            "--start", metavar="S", help="Move from here on, in seconds.", show_default="the beginning"
        ),
    ] = None,
    end: Annotated[
        float | None,
        typer.Option("--end", metavar="S", help="Move until here, in seconds.", show_default="the end"),
    ] = None,
    driver: Annotated[
        Path | None,
        typer.Option(
            "--driver",
            metavar="WAV",
            help="Move the mouth by this sound; the film still delivers AUDIO.",
            readable=False,
        ),
    ] = None,
    no_prepare: Annotated[
        bool,
        typer.Option(
            "--no-prepare", help="Take the driver's level as it is: only mono, 24 kHz and exact length."
        ),
    ] = False,
    denoise: DenoiseOption = "auto",
    deess: DeessOption = "auto",
    declip: DeclipOption = "auto",
    trim_silence: TrimSilenceOption = False,
    kind: KindOption = "speech",
    driver_noise: DriverNoiseOption = None,
    audio_codec: Annotated[
        str,
        typer.Option(
            "--audio-codec",
            metavar="auto|aac|alac",
            help="auto copies AAC and ALAC sound as it is and makes AAC of the rest; alac is bit-exact.",
        ),
    ] = "auto",
    seed: Annotated[int | None, knob_option("--seed", "N")] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            "--preset",
            metavar="|".join(get_args(Preset)),
            help="Settings to start from.",
            show_default="the engine's",
        ),
    ] = None,
    cfg: Annotated[float | None, knob_option("--cfg", "X")] = None,
    steps: Annotated[int | None, knob_option("--steps", "N")] = None,
    eta: Annotated[float | None, knob_option("--eta", "X")] = None,
    norming_threshold: Annotated[float | None, knob_option("--norming-threshold", "X")] = None,
    stg: Annotated[float | None, knob_option("--stg", "X")] = None,
    modality_scale: Annotated[float | None, knob_option("--modality-scale", "X")] = None,
    image_strength: Annotated[float | None, knob_option("--image-strength", "X")] = None,
    stages: Annotated[int | None, knob_option("--stages", "N")] = None,
    no_freeze: Annotated[
        bool,
        typer.Option(
            "--no-freeze", help="Sample the audio latent too: the lips no longer follow. To compare only."
        ),
    ] = False,
    allow_motion: Annotated[
        bool, typer.Option("--allow-motion", help="Take a prompt that works against the sound.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Take a CFG above 5.")] = False,
    memory: Annotated[
        str | None,
        typer.Option(
            "--memory",
            metavar="MODE",
            show_default="what fits the card",
            help="Of the ltx engine: full, fp8, group-offload, sequential, gguf or cpu.",
        ),
    ] = None,
    lora: Annotated[
        list[str] | None,
        typer.Option(
            "--lora",
            metavar="PATH[:STRENGTH]",
            help="A LoRA laid over the ltx engine's weights; may be repeated.",
        ),
    ] = None,
    server: Annotated[
        list[str] | None,
        typer.Option(
            "--server", metavar="URL", help="Where the comfyui engine's server is; may be repeated."
        ),
    ] = None,
    header: Annotated[
        list[str] | None,
        typer.Option("--header", metavar="NAME:VALUE", help="Sent to the comfyui server; may be repeated."),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Measure the finished film's sync; the manifest's `sync` tells."),
    ] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Make a film in which the person in IMG speaks AUDIO.

    Writes OUT.mp4 with AUDIO itself as its sound, and OUT.json, which tells how it was made.
    """
    from lipwright.cli.progress import progress
    from lipwright.domain.time import parse_rate
    from lipwright.engines.base import EngineOptions
    from lipwright.pipeline.render import render_film
    from lipwright.pipeline.request import AudioCodec, RenderRequest

    request = RenderRequest(
        audio=audio,
        output=output,
        image=image,
        prompt=prompt,
        engine=engine,
        options=EngineOptions(
            model=model,
            memory=memory,
            loras=tuple(lora or ()),
            servers=tuple(server or ()),
            headers=parse_headers(header or ()),
        ),
        preset=cast(Preset | None, one_of("--preset", preset, get_args(Preset))),
        knobs={
            "cfg": cfg,
            "steps": steps,
            "eta": eta,
            "norming_threshold": norming_threshold,
            "stg": stg,
            "modality_scale": modality_scale,
            "image_strength": image_strength,
            "stages": stages,
            "seed": seed,
        },
        rate=parse_rate(fps),
        fit=parse_fit(fit),
        size=size,
        driver=driver,
        prepare=not no_prepare,
        preparation=parse_preparation(
            denoise, deess, declip, kind, trim_silence=trim_silence, driver_noise=driver_noise
        ),
        start_seconds=start,
        end_seconds=end,
        freeze_audio=not no_freeze,
        allow_motion=allow_motion,
        force=force,
        audio_codec=cast(AudioCodec, one_of("--audio-codec", audio_codec, get_args(AudioCodec))),
        check=check,
    )
    out = Output(as_json, quiet)
    with progress(out) as report:
        manifest = render_film(request, report)
    if as_json:
        out.result(manifest.to_json(), "")
        return
    out.findings(manifest.findings)
    out.say(_summary(request, manifest))


def one_of(option: str, value: str | None, allowed: tuple[str, ...]) -> str | None:
    """The value, which must be one of a few words.

    Raises:
        UsageError: it is none of them.
    """
    if value is not None and value not in allowed:
        raise UsageError(f"{option} {value!r} is not known", hint=f"one of {', '.join(allowed)}")
    return value


def _summary(request: RenderRequest, manifest: Manifest) -> str:
    """Three lines for people: what was made, and how."""
    plan, timing, engine = manifest.plan, manifest.timing, manifest.engine
    lines = (
        f"{request.output}: {plan['seconds']:.2f} s, {plan['frames']} frames, {manifest.job['size']}, "
        f"in {timing['total_seconds']:.1f} s\n"
        f"engine {engine['name']} ({engine['why']})\n"
        f"sound {manifest.sound['codec']}; manifest {request.manifest}"
    )
    return f"{lines}\n{_verdict(manifest.sync)}" if request.check else lines


def _verdict(sync: Mapping[str, Any] | None) -> str:
    """One line: in sync or not, and by how much."""
    if sync is None:
        return "sync not measured"
    words = [f"sync {sync['verdict']}"]
    if sync["offset_ms"] is not None:
        words.append(f"offset {sync['offset_ms']:+.0f} ms, confidence {sync['confidence']:.2f}")
    faults = len(sync["mouth"]["jumps"]) + len(sync["mouth"]["repeats"])
    if faults:
        words.append(f"{faults} jumps or repeated frames")
    return "; ".join(words)
