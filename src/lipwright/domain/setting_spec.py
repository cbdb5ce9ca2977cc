"""Declare settings: what each one means, and how its values are checked and read from text."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import MISSING, dataclass, field, fields, replace
from math import inf, isfinite, nan
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from lipwright.domain.finding import FindingType
from lipwright.domain.setting_values import read_path
from lipwright.domain.text import shorten
from lipwright.errors import UsageError

AUTOMATIC = "(from the name)"
"""Marks a value that is derived from the field's name."""

ANY = (-inf, inf)
"""An unlimited range."""

ONE_VIDEO = frozenset({"render", "tune"})
"""Commands that make a single video."""
VIDEO = ONE_VIDEO | {"batch", "dialogue"}
"""Commands that make videos."""
STUDIO = VIDEO | {"studio"}
"""Commands that make videos, and the studio."""
GRAPH = VIDEO | {"workflow"}
"""Commands that make videos, and `workflow`, which writes the graph for a video."""
AUDIO = GRAPH | {"audio"}
"""Commands that make a video, a graph, or a driver (the audio that drives the mouth)."""
LENGTH = AUDIO | {"plan"}
"""Commands that need the length of a video."""


@dataclass(frozen=True, slots=True)
class SettingSpec:
    """Meaning of a setting, its allowed values, and the commands that accept it."""

    name: str
    """Name of the field."""
    owner: type
    """The dataclass that has the field."""
    type: type
    """Type of the value: bool, int, float, str, Path or Fraction."""
    many: bool
    """True if the setting may be given more than once; its value is then a tuple."""
    choices: tuple[str, ...]
    """Allowed words; empty if any text is allowed."""
    default: Any
    """The default; MISSING if the setting is required. For a field of `SamplingSettings`: its value in the
    preset `guide`."""
    help: str
    """Help text of the option: one sentence that says what the option does."""
    flag: str = AUTOMATIC
    """The option, such as "--fps", or the name of an argument; empty if the setting is not available on the
    command line. An option "--no-..." switches off what is on by default."""
    short: str = ""
    """A short form of the option, such as "-o"."""
    metavar: str = ""
    """Placeholder for the value in the help; by default the choices, or a word for the type."""
    default_text: str = ""
    """Text that the help shows instead of the default, such as "the preset's"."""
    allowed: tuple[float, float] = ANY
    """Closed range of accepted values."""
    tested: tuple[float, float] = ANY
    """Closed range of values known to work; others are accepted with a finding."""
    commands: frozenset[str] = GRAPH
    """The commands that accept the setting."""
    job_key: str = AUTOMATIC
    """Key in the manifest's `job`: by default the name of the setting; empty if the setting is not
    recorded."""
    written: bool = False
    """True if the setting is the path of an output file."""
    lip_sync_rule: str = ""
    """Id of the related lip-sync rule (docs/lip-sync-rules.md)."""
    parse: Callable[[Any], Any] | None = None
    """Function that converts the given value; None if the value is converted according to `type`."""

    @property
    def label(self) -> str:
        """Name of the setting in messages."""
        return self.flag or self.name

    @property
    def out_of_range(self) -> FindingType:
        """Finding for a value outside the tested range."""
        low, high = self.tested
        return FindingType(
            f"{self.name.replace('_', '-')}-out-of-range",
            "warning",
            f"{self.label} is {{value:g}}, outside the tested range of {low:g} to {high:g}",
            f"use a value from {low:g} to {high:g}",
            lip_sync_rule=self.lip_sync_rule,
            meaning=f"`{self.label}` is outside {low:g} to {high:g}",
        )

    def check(self, given: Any) -> Any:  # noqa: ANN401 - whatever the user gave
        """Convert a value, or its text, to the type of this setting, and check it.

        Raises:
            UsageError: the type is wrong, the word is unknown, or the value is out of range.
        """
        if given is None and (self.default is None or self.many):
            return self.default
        if self.many:
            given = self._several(given)
        if self.parse is not None:
            value = self.parse(given)
        elif self.many:
            value = given
        elif self.type in {int, float}:
            value = self._number(given)
        elif self.type is Path:
            value = read_path(given, self.label, to_read=not self.written)
        else:
            value = given
        if not self.many and not isinstance(value, self.type):
            kind = {bool: "yes or no", str: "text"}.get(self.type, self.type.__name__)
            raise UsageError(f"{self.label} {shorten(given)} is not {kind}", hint=f"give {kind}")
        if self.choices and value not in self.choices:
            raise UsageError(
                f"{self.label} {shorten(value)} is not known", hint=f"use one of {', '.join(self.choices)}"
            )
        return value

    def _several(self, given: Any) -> tuple[Any, ...]:  # noqa: ANN401
        """Convert and check the values of a setting that may be given more than once."""
        items = (given,) if isinstance(given, str | os.PathLike | int) else given
        kinds = (str,) if self.parse is None else (str, os.PathLike, int, list, tuple)
        if not isinstance(items, list | tuple) or not all(isinstance(item, kinds) for item in items):
            raise UsageError(
                f"{self.label} {shorten(given)} is not a list of texts",
                hint='give a list such as ["first", "second"]',
            )
        return tuple(items)

    def _number(self, given: Any) -> int | float:  # noqa: ANN401
        number = nan
        if not isinstance(given, bool) and len(str(given)) <= MAX_NUMBER_LENGTH:
            with suppress(TypeError, ValueError, OverflowError):
                number = float(given)
        if not isfinite(number):
            raise UsageError(
                f"{self.label} {shorten(given)} is not a number", hint=f"give a number: {self._range()}"
            )
        if self.type is int and number != int(number):
            raise UsageError(
                f"{self.label} {number:.12g} is not a whole number",
                hint=f"give a whole number: {self._range()}",
            )
        low, high = self.allowed
        if not low <= number <= high:
            bounds = f"outside {low:g}..{high:g}" if high < inf else f"below {low:g}"
            raise UsageError(f"{self.label} {number:.12g} is {bounds}", hint=self._range())
        if self.type is float:
            return number
        with suppress(TypeError, ValueError):
            return int(given)  # exact for large numbers, unlike float
        return int(number)

    def _range(self) -> str:
        if self.tested[1] < inf:
            return f"the tested range is {self.tested[0]:g} to {self.tested[1]:g}"
        low, high = self.allowed
        return f"{low:g} to {high:g} is allowed" if high < inf else f"{low:g} or more is allowed"


MAX_NUMBER_LENGTH = 40
"""Maximum number of characters of a number given as text."""


def setting(default: Any = MISSING, help: str = "", **row: Any) -> Any:  # noqa: A002, ANN401 - as `field` has it
    """Declare a setting: a dataclass field with a `SettingSpec`.

    Args:
        default: The default value; without one, the setting is required.
        help: Help text; see `SettingSpec`.
        **row: Fields of `SettingSpec` whose values differ from the defaults.
    """
    return field(default=default, metadata={"setting": {"help": help, **row}})


def specs_of(owner: type, *, default_text: str = "") -> Iterator[SettingSpec]:
    """Yield the settings of a class.

    If `default_text` is given, the help of each setting shows this text in place of the default.
    """
    hints = get_type_hints(owner)
    for one in fields(owner):
        if "setting" not in one.metadata:
            continue
        hint = hints[one.name]
        if get_origin(hint) in {Union, UnionType}:
            hint = next(part for part in get_args(hint) if part is not type(None))
        choices = get_args(hint) if get_origin(hint) is Literal else ()
        many = get_origin(hint) is tuple
        kind = str if choices or many else hint
        spec = SettingSpec(one.name, owner, kind, many, choices, one.default, **one.metadata["setting"])
        yield replace(
            spec,
            flag=f"--{one.name.replace('_', '-')}" if spec.flag == AUTOMATIC else spec.flag,
            metavar=spec.metavar or "|".join(choices) or METAVARS.get(kind, "TEXT"),
            default_text=default_text or spec.default_text,
            job_key=one.name if spec.job_key == AUTOMATIC else spec.job_key,
        )


METAVARS: Mapping[type, str] = {int: "N", float: "X", Path: "FILE"}
