"""The Start part of the page: voice, image and prompt, which are examined immediately."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from lipwright.domain.settings import DEFAULT_FRAME_RATE, SETTINGS, Preparation
from lipwright.engines.registry import choose
from lipwright.errors import Cancelled, LipwrightError
from lipwright.media.atomic_files import file_sha256
from lipwright.media.input_containers import RECORDING_SUFFIXES
from lipwright.pipeline.image import examine_image
from lipwright.pipeline.prompt import judge_prompt
from lipwright.prompt.compose import LOOKS
from lipwright.studio.page import texts
from lipwright.studio.page.file_transfer import EXAMPLES, address_of, example, hand_over
from lipwright.studio.page.formatting import refusal
from lipwright.studio.page.fragments import card, draw, drop_field, panel
from lipwright.studio.page.image import ExaminedImage, show_image_card
from lipwright.studio.page.prompt import examine_prompt
from lipwright.studio.page.settings_form import VOICE_SETTINGS
from lipwright.studio.page.voice import Light, Voice, draw_voice, examine_voice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lipwright.domain.progress import Progress
    from lipwright.studio.job_view import Job

REMEMBERED = 8
"""Number of voices whose examinations are kept, so that they are not repeated when a page is reloaded."""
IMAGE_TYPES = [".png", ".jpg", ".jpeg", ".webp"]
RECORDING, PHOTO = "recording.wav", "photo.png"
"""File names for recordings from the microphone and photos from the camera."""


_examined: dict[tuple[Any, ...], Voice] = {}


class Start:
    """The cards of voice, image and prompt; `listen` connects them to the settings."""

    def __init__(self) -> None:
        with card(texts.VOICE, "lw-voice-card"):
            self.voice_file = drop_field(texts.DROP_VOICE, [*sorted(RECORDING_SUFFIXES), ".webm"], "lw-voice")
            with gr.Accordion(texts.RECORD, open=False, elem_classes="lw-other-way"):
                self.microphone = gr.Audio(
                    label=texts.RECORD,
                    show_label=False,
                    sources=["microphone"],
                    type="filepath",
                    editable=False,
                    elem_id="lw-microphone",
                )
            self.voice_analysis = panel("lw-voice-analysis")
        with card(texts.IMAGE, "lw-image-card"):
            self.image_file = drop_field(texts.DROP_IMAGE, IMAGE_TYPES, "lw-image")
            with gr.Accordion(texts.CAMERA, open=False, elem_classes="lw-other-way"):
                self.camera = gr.Image(
                    label=texts.CAMERA,
                    show_label=False,
                    sources=["webcam", "clipboard"],
                    type="filepath",
                    format="png",
                    elem_id="lw-camera",
                )
            self.image_analysis = panel("lw-image-analysis")
        with card(texts.PROMPT, "lw-prompt-card"):
            self.prompt = gr.Textbox(
                label=texts.PROMPT,
                show_label=False,
                placeholder=texts.PROMPT_PLACEHOLDER,
                lines=3,
                max_lines=8,
                elem_id="lw-prompt",
                html_attributes=gr.InputHTMLAttributes(spellcheck=True),
            )
            self.scenario = gr.Dropdown(
                [(texts.NO_SCENARIO, ""), *LOOKS], value="", label=texts.SCENARIO, elem_id="lw-scenario"
            )
            self.prompt_analysis = panel("lw-prompt-analysis")
        self.voice_path = gr.State(None)
        self.image_path = gr.State(None)
        self.latest_voice = gr.State([])  # a new voice ends the examination of the one before
        self.voice = gr.State(None)
        self.image = gr.State(None)
        self.prompt_light = gr.State("off")
        self.face = gr.State(None)

    def listen(self, form: Mapping[str, Any]) -> None:
        """Examine voice, image and prompt whenever they or a setting that affects them change."""
        size, engine = form["size"], form["engine"]
        voice_fields = [field for name, field in form.items() if name in VOICE_SETTINGS]
        names = [name for name in form if name in VOICE_SETTINGS]

        def on_voice(
            latest: list[object],
            path: str | None,
            *values: Any,  # noqa: ANN401 - of the fields
            progress: Any = gr.Progress(),  # noqa: ANN401, B008
        ) -> tuple[Any, Any]:
            mine = object()
            latest[:] = [mine]

            def report(step: Progress) -> None:
                if latest != [mine]:
                    raise Cancelled("another voice was given")
                progress((step.done, step.total), desc=texts.STAGES.get(step.stage, step.stage))

            try:
                shown = show_voice(path, dict(zip(names, values, strict=True)), report)
            except Cancelled:
                return gr.skip(), gr.skip()
            return shown if latest == [mine] else (gr.skip(), gr.skip())

        self._listen_to_files()
        later = [field.blur if isinstance(field, gr.Textbox) else field.change for field in voice_fields]
        gr.on(
            [self.voice_path.change, *later],
            on_voice,
            [self.latest_voice, self.voice_path, *voice_fields],
            [self.voice, self.voice_analysis],
            show_progress_on=self.voice_analysis,
            trigger_mode="multiple",
            concurrency_limit=4,
        )
        gr.on(
            [self.image_path.change, self.face.change, size.change],
            show_image,
            [self.image_path, size, self.face],
            [self.image, self.image_analysis],
            show_progress_on=self.image_analysis,
            trigger_mode="always_last",
            concurrency_limit=2,
        )
        gr.on(
            [self.prompt.change, self.voice.change, self.image.change, engine.change],
            show_prompt,
            [self.prompt, self.voice, self.image, engine],
            [self.prompt_light, self.prompt_analysis],
            trigger_mode="always_last",
            concurrency_limit=4,
            show_progress="hidden",
        )
        self.prompt_analysis.act(_use_prompt, None, self.prompt, trigger_mode="multiple")
        self.scenario.input(compose_prompt, [self.scenario, self.voice], self.prompt)

    def _listen_to_files(self) -> None:
        """Take each file that a field receives, and empty the field for the next file."""
        voice, image = [self.voice_path], [self.image_path, self.face]
        for field, event, name, outputs in (
            (self.voice_file, self.voice_file.upload, "", voice),
            (self.microphone, self.microphone.stop_recording, RECORDING, voice),
            (self.image_file, self.image_file.upload, "", image),
            (self.camera, self.camera.change, PHOTO, image),
        ):
            event(
                partial(take_file, name=name, count=len(outputs)),
                field,
                [field, *outputs],
                show_progress="hidden",
            )
        self.voice_analysis.act(lambda: None, None, self.voice_path)
        self.image_analysis.act(
            on_image_button,
            [self.image_path, self.face],
            image,
            trigger_mode="multiple",
        )

    @property
    def inputs(self) -> list[Any]:
        """The components with the user's inputs: voice, image, prompt and the face that speaks."""
        return [self.voice_path, self.image_path, self.prompt, self.face]

    def filled(self, job: Job) -> list[Any]:
        """Return the values of `inputs` for the files and options of a job."""
        files = [
            hand_over(job.inputs[role], job.names.get(role)) if role in job.inputs else None
            for role in ("audio", "image")
        ]
        return [*files, job.options.get("prompt", ""), job.options.get("face")]

    def filled_options(self, options: Mapping[str, Any]) -> list[Any]:
        """Return the values of `inputs` for these options; voice and image do not change."""
        return [gr.skip(), gr.skip(), options.get("prompt", ""), options.get("face")]

    def example_values(self) -> list[str | None]:
        """Return the values of `inputs` for the example."""
        voice, image = (hand_over(example(name)) for name in EXAMPLES)
        return [voice, image, texts.EXAMPLE_PROMPT, None]


def take_file(path: str | None, *, name: str, count: int) -> list[Any]:
    """Move a file out of a field of the page.

    Args:
        path: The file in the field; None if the field is empty.
        name: New name for a microphone recording or a camera photo; empty to keep the file's name.
        count: Number of Gradio outputs besides the field.

    Returns:
        New values of the outputs: None for the field, which becomes empty, then the path of the file, then
        None for each other output. If `path` is None, no output changes.
    """
    if not path:
        return [gr.skip()] * (1 + count)
    taken = hand_over(Path(path), name) if name else path
    return [None, taken, *[None] * (count - 1)]


def show_voice(path: str | None, given: dict[str, Any], report: Any) -> tuple[Voice | None, str]:  # noqa: ANN401
    """Examine a recording with the settings `given`.

    Returns:
        The result, and a card that shows it or the error; (None, "") without a path.
    """
    if not path:
        return None, ""
    file = Path(path)
    try:
        key = (file_sha256(file), *given.values())
        voice = _examined.get(key) or _examine(file, given, report)
    except Cancelled:
        raise
    except LipwrightError as error:
        return Voice(file, "red"), _trouble(error, file)
    _examined[key] = voice
    for oldest in list(_examined)[:-REMEMBERED]:
        _examined.pop(oldest, None)
    voice = replace(voice, path=file)
    return voice, draw_voice(voice, address_of(file))


def _examine(path: Path, given: dict[str, Any], report: Any) -> Voice:  # noqa: ANN401 - gradio's progress
    preparation = Preparation(
        **{
            name: value
            for name, value in given.items()
            if SETTINGS[name].owner is Preparation and value is not None
        }
    )
    rate = SETTINGS["frame_rate"].check(given["frame_rate"] or DEFAULT_FRAME_RATE)
    fit = SETTINGS["fit"].check(given["fit"])
    return examine_voice(path, rate, fit, preparation, report=report)


def show_image(path: str | None, size: str | None, face: str | None) -> tuple[ExaminedImage | None, str]:
    """Examine an image.

    Returns:
        The result, and a card that shows it or the error; (None, "") without a path.
    """
    if not path:
        return None, ""
    try:
        return show_image_card(Path(path), size or None, face)
    except LipwrightError as error:
        return ExaminedImage(Path(path), "red", has_face=False), _trouble(error, Path(path))


def on_image_button(path: str, face: str | None, event: gr.EventData) -> tuple[Any, Any]:
    """Choose a face, or remove or crop the image; return the values of the image and the face."""
    if event.act == "face":
        return gr.skip(), event.face
    if event.act == "remove":
        return None, None
    cropped = Path(hand_over(Path(path))).with_suffix(".crop.png")
    with refusal():
        examine_image(Path(path), face=face, crop=cropped)
    return str(cropped), None


def show_prompt(
    text: str, voice: Voice | None, image: ExaminedImage | None, engine: str
) -> tuple[Light, str]:
    """Check a prompt against the rules and the voice; return its status light and its findings as HTML."""
    return examine_prompt(
        text or "",
        voice.delivery if voice else None,
        has_image=image is not None,
        reads=reads_prompt(engine),
    )


def reads_prompt(engine: str) -> str:
    """Return which part of a prompt an engine reads; "all" if the engine cannot run here."""
    try:
        return choose(engine).description.reads_prompt
    except LipwrightError:
        return "all"


def compose_prompt(scenario: str, voice: Voice | None) -> Any:  # noqa: ANN401 - a text, or gradio's skip
    """Compose a prompt for a scenario, with a facial expression that fits the voice."""
    if not scenario:
        return gr.skip()
    return judge_prompt(scenario=scenario, delivery=voice.delivery if voice else None).prompt


def _use_prompt(event: gr.EventData) -> str:
    return str(event.text)


def _trouble(error: LipwrightError, path: Path) -> str:
    message = error.message.removeprefix(f"{path}: ").replace(str(path), path.name)
    return draw("refused.html.j2", name=path.name, message=message, hint=error.hint)
