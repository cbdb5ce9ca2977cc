"""Start: voice, picture and prompt, with everything that can be found out immediately."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from lipwright.domain.settings import SETTINGS, Preparation
from lipwright.engines.registry import choose
from lipwright.errors import LipwrightError
from lipwright.media.containers import RECORDING_SUFFIXES
from lipwright.pipeline.prompt import judge_prompt
from lipwright.prompt.compose import LOOKS
from lipwright.studio.page import texts
from lipwright.studio.page.fragments import draw, panel
from lipwright.studio.page.picture import Picture, crop_picture, examine_picture
from lipwright.studio.page.prompt import examine_prompt
from lipwright.studio.page.settings_form import PREPARES
from lipwright.studio.page.uploads import EXAMPLES, address_of, example, hand_over
from lipwright.studio.page.voice import Light, Voice, examine_voice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lipwright.studio.page.settings_form import SettingsForm
    from lipwright.studio.studio_job import StudioJob

REMEMBERED = 8
"""Voices that are not examined again when a page is loaded again."""
PICTURE_TYPES = [".png", ".jpg", ".jpeg", ".webp"]


_examined: dict[tuple[Any, ...], tuple[Voice, str]] = {}


class Start:
    """The three cards with their contents and reactions. `listen` connects them to the settings."""

    def __init__(self) -> None:
        with gr.Column(elem_classes="lw-card", elem_id="lw-voice-card"):
            gr.HTML(f"<h2>{texts.VOICE}</h2>", apply_default_css=False)
            self.voice_file = gr.File(
                label=texts.DROP_VOICE,
                file_types=[*sorted(RECORDING_SUFFIXES), ".webm"],
                elem_id="lw-voice",
                elem_classes="lw-drop",
                height=96,
            )
            with gr.Accordion(texts.RECORD, open=False, elem_classes="lw-other-way"):
                self.microphone = gr.Audio(
                    label=texts.RECORD,
                    sources=["microphone"],
                    type="filepath",
                    editable=False,
                    elem_id="lw-microphone",
                )
            self.voice_card = panel("lw-voice-told")
        with gr.Column(elem_classes="lw-card", elem_id="lw-picture-card"):
            gr.HTML(f"<h2>{texts.PICTURE}</h2>", apply_default_css=False)
            self.picture_file = gr.File(
                label=texts.DROP_PICTURE,
                file_types=PICTURE_TYPES,
                elem_id="lw-picture",
                elem_classes="lw-drop",
                height=96,
            )
            with gr.Accordion(texts.CAMERA, open=False, elem_classes="lw-other-way"):
                self.camera = gr.Image(
                    label=texts.CAMERA,
                    sources=["webcam", "clipboard"],
                    type="filepath",
                    format="png",
                    elem_id="lw-camera",
                )
            self.picture_card = panel("lw-picture-told")
        with gr.Column(elem_classes="lw-card", elem_id="lw-prompt-card"):
            gr.HTML(f"<h2>{texts.PROMPT}</h2>", apply_default_css=False)
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
            self.prompt_card = panel("lw-prompt-told")
        self.voice = gr.State(None)
        self.picture = gr.State(None)
        self.prompt_light = gr.State("off")
        self.face = gr.State(None)

    def listen(self, form: SettingsForm) -> None:
        """Examine an input when it changes."""
        size, engine = form.fields["size"], form.fields["engine"]
        prepares = [field for name, field in form.fields.items() if name in PREPARES]
        names = [name for name in form.fields if name in PREPARES]

        def on_voice(path: str | None, *values: Any, progress: Any = gr.Progress()) -> Any:  # noqa: ANN401, B008
            given = dict(zip(names, values, strict=True))
            return tell_voice(path, given, lambda step: progress((step.done, step.total), desc=step.stage))

        later = [field.blur if isinstance(field, gr.Textbox) else field.change for field in prepares]
        gr.on(
            [self.voice_file.change, *later],
            on_voice,
            [self.voice_file, *prepares],
            [self.voice, self.voice_card],
            show_progress_on=self.voice_card,
            trigger_mode="always_last",
            concurrency_limit=2,
            api_visibility="private",
        )
        self.microphone.stop_recording(
            lambda path: (path, None),
            self.microphone,
            [self.voice_file, self.microphone],
            api_visibility="private",
        )
        gr.on(
            [self.picture_file.change, self.face.change, size.change],
            tell_picture,
            [self.picture_file, size, self.face],
            [self.picture, self.picture_card],
            show_progress_on=self.picture_card,
            trigger_mode="always_last",
            concurrency_limit=2,
            api_visibility="private",
        )
        self.picture_file.upload(lambda: None, None, self.face, api_visibility="private")
        self.camera.change(
            lambda path: (path, None, None) if path else (gr.skip(), gr.skip(), gr.skip()),
            self.camera,
            [self.picture_file, self.camera, self.face],
            api_visibility="private",
        )
        self.picture_card.act(
            on_picture_button,
            [self.picture_file, self.face],
            [self.picture_file, self.face],
            trigger_mode="multiple",
            api_visibility="private",
        )
        gr.on(
            [self.prompt.change, self.voice.change, self.picture.change, engine.change],
            tell_prompt,
            [self.prompt, self.voice, self.picture, engine],
            [self.prompt_light, self.prompt_card],
            show_progress="hidden",
            trigger_mode="always_last",
            concurrency_limit=4,
            api_visibility="private",
        )
        self.prompt_card.act(
            _use_prompt, None, self.prompt, trigger_mode="multiple", api_visibility="private"
        )
        self.scenario.input(
            compose_prompt, [self.scenario, self.voice], self.prompt, api_visibility="private"
        )

    @property
    def inputs(self) -> list[Any]:
        """The user's inputs: voice, picture, prompt, and the face that speaks."""
        return [self.voice_file, self.picture_file, self.prompt, self.face]

    def filled(self, job: StudioJob) -> list[Any]:
        """Return the values of `inputs` that a job was made from."""
        files = [
            hand_over(job.inputs[role], job.names.get(role)) if role in job.inputs else None
            for role in ("audio", "image")
        ]
        return [*files, job.options.get("prompt", ""), job.options.get("face")]

    def filled_options(self, options: Mapping[str, Any]) -> list[Any]:
        """Return the values of `inputs` for these options; voice and picture stay."""
        return [gr.skip(), gr.skip(), options.get("prompt", ""), options.get("face")]

    def example_values(self) -> list[str | None]:
        """Return the values of `inputs` in the example."""
        voice, picture = (hand_over(example(name)) for name in EXAMPLES)
        return [voice, picture, texts.EXAMPLE_PROMPT, None]


def tell_voice(path: str | None, given: dict[str, Any], report: Any) -> tuple[Voice | None, str]:  # noqa: ANN401
    """Examine a recording under the settings that prepare it; show what is wrong if it cannot be used."""
    if not path:
        return None, ""
    voice = Path(path)
    key = (voice, voice.stat().st_mtime_ns if voice.exists() else 0, *given.values())
    if key in _examined:
        return _examined[key]
    try:
        preparation = Preparation(
            **{
                name: value
                for name, value in given.items()
                if SETTINGS[name].owner is Preparation and value is not None
            }
        )
        told = examine_voice(
            voice,
            SETTINGS["frame_rate"].check(given["frame_rate"] or "25"),
            SETTINGS["fit"].check(given["fit"]),
            preparation,
            address=address_of(voice),
            report=report,
        )
    except LipwrightError as error:
        return Voice(voice, "red"), _trouble(error, voice)
    _examined[key] = told
    for oldest in list(_examined)[:-REMEMBERED]:
        _examined.pop(oldest, None)
    return told


def tell_picture(path: str | None, size: str | None, face: str | None) -> tuple[Picture | None, str]:
    """Examine a picture; show what is wrong if it cannot be used."""
    if not path:
        return None, ""
    try:
        return examine_picture(Path(path), size or None, face)
    except LipwrightError as error:
        return Picture(Path(path), "red", has_face=False), _trouble(error, Path(path))


def on_picture_button(path: str, face: str | None, event: gr.EventData) -> tuple[Any, Any]:
    """Choose a face, or crop the picture."""
    if event.act == "face":
        return gr.skip(), event.face
    cropped = Path(hand_over(Path(path))).with_suffix(".crop.png")
    try:
        crop_picture(Path(path), cropped, face)
    except LipwrightError as error:
        raise gr.Error(f"{error.message}. {error.hint}") from error
    return str(cropped), None


def tell_prompt(text: str, voice: Voice | None, picture: Picture | None, engine: str) -> tuple[Light, str]:
    """Check the prompt against the rules and the voice."""
    return examine_prompt(
        text or "",
        voice.delivery if voice else None,
        has_picture=picture is not None,
        reads=reads_prompt(engine),
    )


def reads_prompt(engine: str) -> str:
    """Return which part of a prompt an engine reads; "all" if it cannot run here."""
    try:
        return choose(engine).description.reads_prompt
    except LipwrightError:
        return "all"


def compose_prompt(scenario: str, voice: Voice | None) -> Any:  # noqa: ANN401 - a text, or gradio's skip
    """Write a prompt for a scene, with an expression that fits the voice."""
    if not scenario:
        return gr.skip()
    return judge_prompt(scenario=scenario, delivery=voice.delivery if voice else None).prompt


def _use_prompt(event: gr.EventData) -> str:
    return str(event.text)


def _trouble(error: LipwrightError, path: Path) -> str:
    message = error.message.replace(str(path), path.name)
    return draw("trouble.html.j2", message=message, hint=error.hint)
