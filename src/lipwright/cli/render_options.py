"""The options of a video, which `render` and `tune` take alike, in one list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from functools import wraps
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args, get_type_hints

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
from lipwright.domain.settings import SETTINGS, Preset

if TYPE_CHECKING:
    from lipwright.pipeline.request import RenderRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoOptions:
    """What was given for a video; each field is an option."""

    audio: AudioArgument
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="OUT.mp4",
            help="The video; OUT.json, the manifest, lies next to it.",
            readable=False,
        ),
    ]
    image: Annotated[
        Path | None,
        typer.Option("--image", metavar="IMG", help="The portrait: PNG, JPEG or WebP.", readable=False),
    ] = None
    prompt: PromptOption = ""
    negative: NegativeOption = None
    engine: EngineOption = "auto"
    model: ModelOption = None
    size: SizeOption = None
    fps: FpsOption = "25"
    fit: FitOption = "auto"
    driver: DriverOption = None
    no_prepare: Annotated[
        bool,
        typer.Option(
            "--no-prepare", help="Take the driver's level as it is: only mono, 24 kHz and exact length."
        ),
    ] = False
    denoise: DenoiseOption = "auto"
    deess: DeessOption = "auto"
    declip: DeclipOption = "auto"
    trim_silence: TrimSilenceOption = False
    kind: KindOption = "speech"
    driver_noise: DriverNoiseOption = None
    audio_codec: AudioCodecOption = "auto"
    seed: SeedOption = None
    preset: PresetOption = None
    cfg: CfgOption = None
    steps: StepsOption = None
    eta: EtaOption = None
    norming_threshold: NormingOption = None
    stg: StgOption = None
    modality_scale: ModalityOption = None
    image_strength: ImageStrengthOption = None
    stages: StagesOption = None
    no_freeze: Annotated[
        bool,
        typer.Option(
            "--no-freeze", help="Sample the audio latent too: the lips no longer follow. To compare only."
        ),
    ] = False
    allow_motion: AllowMotionOption = False
    force: ForceOption = False
    memory: MemoryOption = None
    lora: LoraOption = None
    server: ServerOption = None
    header: HeaderOption = None

    def request(self) -> RenderRequest:
        """Checked, as the pipeline takes it.

        Raises:
            UsageError: a value that no option knows.
        """
        from lipwright.domain.time import parse_frame_rate  # noqa: PLC0415 - heavy, with what follows
        from lipwright.pipeline.request import AudioCodec, RenderRequest  # noqa: PLC0415

        return RenderRequest(
            audio=self.audio,
            output=self.output,
            image=self.image,
            prompt=self.prompt,
            negative=self.negative,
            engine=self.engine,
            options=parse_engine_options(self.model, self.memory, self.lora, self.server, self.header),
            preset=cast(Preset | None, one_of("--preset", self.preset, get_args(Preset))),
            knobs={field.name: getattr(self, field.name) for field in fields(self) if field.name in SETTINGS},
            frame_rate=parse_frame_rate(self.fps),
            fit=parse_fit(self.fit),
            size=self.size,
            driver=self.driver,
            prepare=not self.no_prepare,
            preparation=parse_preparation(
                self.denoise,
                self.deess,
                self.declip,
                self.kind,
                trim_silence=self.trim_silence,
                driver_noise=self.driver_noise,
            ),
            freeze_audio=not self.no_freeze,
            allow_motion=self.allow_motion,
            force=self.force,
            audio_codec=cast(AudioCodec, one_of("--audio-codec", self.audio_codec, get_args(AudioCodec))),
        )


def with_video_options(command: Callable[..., None]) -> Callable[..., None]:
    """A command that takes `video: VideoOptions`, as typer reads it: an option for each field instead."""
    hints = get_type_hints(VideoOptions, include_extras=True)
    shared = [
        Parameter(
            field.name,
            Parameter.KEYWORD_ONLY,
            default=Parameter.empty if field.default is MISSING else field.default,
            annotation=hints[field.name],
        )
        for field in fields(VideoOptions)
    ]

    @wraps(command)
    def taking_all(**given: Any) -> None:  # noqa: ANN401 - what typer parsed
        video = VideoOptions(**{parameter.name: given.pop(parameter.name) for parameter in shared})
        command(video=video, **given)

    stated = signature(command, eval_str=True)
    own = [parameter for name, parameter in stated.parameters.items() if name != "video"]
    # What inspect, and so typer, takes for the function's own.
    taking_all.__dict__["__signature__"] = stated.replace(parameters=[*shared, *own])
    return taking_all
