"""`lipwright tune`: previews until the film is in sync, then the film."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs

from __future__ import annotations

from functools import partial
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
    from lipwright.pipeline.tune.film import Tuned
    from lipwright.pipeline.tune.rounds import Round


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("tune")(tune)


def tune(
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
    rounds: Annotated[
        int, typer.Option("--rounds", metavar="N", help="Previews at most, the first included.")
    ] = 6,
    trace: Annotated[
        Path | None,
        typer.Option(
            "--trace",
            metavar="DIR",
            help="Keep the story there: trace.md, trace.json, previews and their reports.",
            readable=False,
        ),
    ] = None,
    transcript: Annotated[
        Path | None,
        typer.Option(
            "--transcript",
            metavar="FILE",
            help="What is said, as text: the finished film is measured with it.",
            readable=False,
        ),
    ] = None,
    prompt: PromptOption = "",
    negative: NegativeOption = None,
    engine: EngineOption = "auto",
    model: ModelOption = None,
    size: SizeOption = None,
    fps: FpsOption = "25",
    fit: FitOption = "auto",
    driver: DriverOption = None,
    no_prepare: Annotated[
        bool, typer.Option("--no-prepare", help="Begin with the driver's level as it is.")
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
        bool, typer.Option("--no-freeze", help="Begin with the audio latent sampled too.")
    ] = False,
    allow_motion: AllowMotionOption = False,
    force: ForceOption = False,
    memory: MemoryOption = None,
    lora: LoraOption = None,
    server: ServerOption = None,
    header: HeaderOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Make a film, and short previews of it before, changing one setting at a time until it is in sync.

    Writes OUT.mp4 and OUT.json as render does, with the settings that were found best.
    """
    from lipwright.cli.progress import progress
    from lipwright.domain.time import parse_rate
    from lipwright.pipeline.request import AudioCodec, RenderRequest
    from lipwright.pipeline.tune.film import tune_film

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
        freeze_audio=not no_freeze,
        allow_motion=allow_motion,
        force=force,
        audio_codec=cast(AudioCodec, one_of("--audio-codec", audio_codec, get_args(AudioCodec))),
    )
    out = Output(as_json, quiet)
    with progress(out) as report:
        tuned = tune_film(
            request,
            report,
            rounds=rounds,
            trace=trace,
            final_checker=_with_transcript(transcript),
            on_round=lambda done: out.say(_line(done)),
        )
    if as_json:
        out.result(tuned.to_json(), "")
        return
    out.findings(tuned.manifest.findings)
    out.say(_summary(tuned, trace))


def _with_transcript(transcript: Path | None) -> Any:  # noqa: ANN401 - a Checker, whose module is heavy
    """The check of the finished film: previews say a part of the text alone."""
    if transcript is None:
        return None
    from lipwright.pipeline.verdict import standard_checker

    return partial(standard_checker(), transcript=transcript)


def _line(done: Round) -> str:
    skipped = "".join(f"  skipped {item.rule.name}: {item.why}\n" for item in done.skipped)
    return f"{skipped}round {done.number}, {done.decision}. {done.reason}"


def _summary(tuned: Tuned, trace: Path | None) -> str:
    """What was found, what was made of it, and where to read on."""
    from lipwright.pipeline.tune.judge import describe
    from lipwright.pipeline.tune.trace import ENDINGS

    found = tuned.found
    skipped = "".join(f"  skipped {item.rule.name}: {item.why}\n" for item in found.skipped)
    verdict = describe(tuned.sync) if tuned.sync else "its sync could not be measured"
    story = f"; the story: {trace / 'trace.md'}" if trace else ""
    return (
        f"{skipped}ended in round {len(found.rounds)}: {ENDINGS[found.ending]}\n"
        f"{tuned.request.output}: {verdict}; made with the settings of round {found.best.number}\n"
        f"manifest {tuned.request.manifest}{story}"
    )
