"""Make the options of the commands from the table of settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from fractions import Fraction
from functools import wraps
from inspect import Parameter, signature
from math import inf
from pathlib import Path
from typing import Annotated, Any

import typer

from lipwright.cli.output import Output, help_without_command
from lipwright.domain.audio_piece import AudioSource, cut_piece
from lipwright.domain.setting_spec import SettingSpec
from lipwright.domain.setting_values import read_path
from lipwright.domain.settings import PIECE, SETTINGS
from lipwright.errors import UsageError

Given = dict[str, Any]
"""Settings given on the command line, by name; values are text or booleans."""


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Decorate a function as a command, and add the options that it shares with other commands.

    The function's parameter `out` is replaced by the options --json, --quiet and --debug, and receives an
    `Output`. If the function has a parameter `given`, it is replaced by one option for each setting that
    lists the command, and receives the settings that the user gave.
    """
    stated = signature(function, eval_str=True)
    settings = {
        spec.name: spec
        for spec in SETTINGS.values()
        if "given" in stated.parameters and spec.flag and function.__name__ in spec.commands
    }

    @wraps(function)
    def run(*, as_json: bool, quiet: bool, debug: bool, **values: Any) -> None:  # noqa: ANN401 - as parsed
        if settings:
            values["given"] = _given(settings, values)
        function(out=Output(as_json, quiet), **values)

    own = [parameter for name, parameter in stated.parameters.items() if name not in {"out", "given"}]
    # typer reads the parameters of a function through inspect, which uses this attribute.
    run.__dict__["__signature__"] = stated.replace(
        parameters=[*map(_parameter, settings.values()), *own, *COMMON]
    )
    return run


def _given(settings: Mapping[str, SettingSpec], values: dict[str, Any]) -> Given:
    """Remove all settings from `values`; return the settings that the user gave, and all boolean settings."""
    given: Given = {}
    for name, spec in settings.items():
        value = values.pop(name)
        if spec.type is bool:
            given[name] = value != spec.default
        elif value is not None:
            given[name] = value
    return given


def _switch(name: str, flag: str, help_text: str) -> Parameter:
    info = typer.Option(flag, help=help_text)
    return Parameter(name, Parameter.KEYWORD_ONLY, default=False, annotation=Annotated[bool, info])


COMMON = (
    _switch("as_json", "--json", "Print one JSON object on standard output."),
    _switch("quiet", "--quiet", "Print no progress and no messages except errors."),
    _switch("debug", "--debug", "Show the traceback of a failure."),
)
"""Options that every command has."""


def command_group(name: str, help: str) -> typer.Typer:  # noqa: A002 - as typer has it
    """Create a group of commands, such as `lipwright models`."""
    return typer.Typer(
        name=name,
        help=help,
        invoke_without_command=True,
        callback=help_without_command,
        rich_markup_mode=None,
    )


def _parameter(spec: SettingSpec) -> Parameter:
    """Return the function parameter from which typer makes the option or argument of a setting.

    Values are passed as text, which the setting parses.
    """
    rule = f" [{spec.lip_sync_rule}]" if spec.lip_sync_rule else ""
    tested = f" ({spec.tested[0]:g} to {spec.tested[1]:g})" if spec.tested[1] < inf else ""
    help_text = f"{spec.help.removesuffix('.')}{tested}.{rule}" if tested else f"{spec.help}{rule}"
    default: Any = None if spec.default is MISSING else spec.default
    kind: Any = str | None
    if spec.type is bool:
        default, kind = False, bool
    elif spec.many:
        default, kind = None, list[str] | None
    elif spec.default_text:
        default = None
    elif isinstance(default, Fraction):
        default = str(default)
    shared: dict[str, Any] = {"help": help_text}
    if spec.type is not bool:
        shared |= {"metavar": spec.metavar}
    if spec.default_text:
        shared["show_default"] = spec.default_text
    if not spec.flag.startswith("-"):
        info = typer.Argument(**shared)
    else:
        info = typer.Option(*filter(None, (spec.short, spec.flag)), **shared)
    if spec.default is MISSING:
        kind, default = str, Parameter.empty
    return Parameter(spec.name, Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, info])


def setting_option(name: str, default_text: str = "") -> Any:  # noqa: ANN401 - as typer has it
    """Return the option of one setting, for a command that takes few settings; its value is text or None.

    `default_text` describes the default if it differs from that of `render`.
    """
    spec = SETTINGS[name]
    shown = default_text or spec.default_text
    return typer.Option(spec.flag, metavar=spec.metavar, help=spec.help, show_default=shown)


def take_recording(audio: Path, start: Any, end: Any) -> AudioSource:  # noqa: ANN401 - text or None
    """Return the recording, or the piece of it from --audio-from to --audio-to.

    Raises:
        UsageError: the times are invalid.
    """
    times = (SETTINGS[name].check(given) for name, given in zip(PIECE, (start, end), strict=True))
    return cut_piece(audio, *times)


def input_argument(*, metavar: str, help: str, folder: bool = False) -> Any:  # noqa: A002, ANN401 - as typer
    """Return a typer argument for a file to read; if `folder` is true, it also accepts a folder."""

    def parse(text: str) -> Path:
        may_be_folder = folder and text and not Path(text).is_file()
        return Path(text) if may_be_folder else read_path(text, metavar, to_read=True)

    return typer.Argument(metavar=metavar, help=help, parser=parse)


def folder_option(*flags: str, **more: Any) -> Any:  # noqa: ANN401 - as typer has it
    """Return a typer option for a folder."""

    def parse(text: str) -> Path:
        if not text:
            raise UsageError(f"{flags[0]} is empty", hint="give the path of a folder or omit the option")
        return Path(text)

    return typer.Option(*flags, parser=parse, **more)


def input_option(flag: str, *, metavar: str, help: str, **more: Any) -> Any:  # noqa: A002, ANN401
    """Return a typer option for a file to read."""
    return typer.Option(
        flag, metavar=metavar, help=help, parser=lambda text: read_path(text, flag, to_read=True), **more
    )


def output_option(*flags: str, metavar: str, help: str) -> Any:  # noqa: A002, ANN401 - as typer has it
    """Return a typer option for a file to write."""
    return typer.Option(*flags, metavar=metavar, help=help, parser=lambda text: read_path(text, flags[-1]))


def one_of(option: str, value: str | None, allowed: tuple[str, ...]) -> str | None:
    """Return the value of an option after checking that it is one of the allowed words.

    Raises:
        UsageError: the value is not allowed.
    """
    if value is not None and value not in allowed:
        raise UsageError(f"{option} {value!r} is not known", hint=f"use one of {', '.join(allowed)}")
    return value
