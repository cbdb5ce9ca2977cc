"""`lipwright render`: a portrait and a voice become a film."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args

import typer

from lipwright.cli.options import (
    AllowMotionOption,
    AudioArgument,
    AudioCodecOption,
    CfgOption,
    DeclipOption,
    DeessOption,
    DenoiseOption,
    DriverNoiseOption,
    DriverOption,
    EndOption,
    EngineOption,
    EtaOption,
    FitOption,
    ForceOption,
    FpsOption,
    HeaderOption,
    ImageStrengthOption,
    KindOption,
    LoraOption,
    MemoryOption,
    ModalityOption,
    ModelOption,
    NegativeOption,
    NormingOption,
    PresetOption,
    PromptOption,
    SeedOption,
    ServerOption,
    SizeOption,
    StagesOption,
    StartOption,
    StepsOption,
    StgOption,
    TrimSilenceOption,
    one_of,
    parse_engine_options,
    parse_fit,
    parse_preparation,
)
from lipwright.cli.output import DebugOption, JsonOption, Output, QuietOption
from lipwright.domain.settings import Preset

if TYPE_CHECKING:
    from lipwright.pipeline.manifest import Manifest
    from lipwright.pipeline.request import RenderRequest


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("render")(render)


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
    prompt: PromptOption = "",
    negative: NegativeOption = None,
    engine: EngineOption = "auto",
    model: ModelOption = None,
    size: SizeOption = None,
    fps: FpsOption = "25",
    fit: FitOption = "auto",
    start: StartOption = None,
    end: EndOption = None,
    driver: DriverOption = None,
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
    audio_codec: AudioCodecOption = "auto",
    seed: SeedOption = None,
    preset: PresetOption = None,
    cfg: CfgOption = None,
    steps: StepsOption = None,
    eta: EtaOption = None,
    norming_threshold: NormingOption = None,
    stg: StgOption = None,
    modality_scale: ModalityOption = None,
    image_strength: ImageStrengthOption = None,
    stages: StagesOption = None,
    no_freeze: Annotated[
        bool,
        typer.Option(
            "--no-freeze", help="Sample the audio latent too: the lips no longer follow. To compare only."
        ),
    ] = False,
    allow_motion: AllowMotionOption = False,
    force: ForceOption = False,
    memory: MemoryOption = None,
    lora: LoraOption = None,
    server: ServerOption = None,
    header: HeaderOption = None,
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
    from lipwright.pipeline.render import render_film
    from lipwright.pipeline.request import AudioCodec, RenderRequest

    request = RenderRequest(
        audio=audio,
        output=output,
        image=image,
        prompt=prompt,
        negative=negative,
        engine=engine,
        options=parse_engine_options(model, memory, lora, server, header),
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
