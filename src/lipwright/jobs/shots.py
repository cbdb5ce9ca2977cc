"""Read a SHOTS file: one row a video, in CSV, JSON Lines or TOML, or a folder of recordings."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lipwright.domain.settings import SETTINGS, RenderRequest, SettingSpec, build_request
from lipwright.errors import InputError, LipwrightError, UsageError
from lipwright.pipeline.text_files import read_text

MAX_ROWS = 100_000
MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_CELL_CHARACTERS = 20_000
RECORDING_SUFFIXES = frozenset(
    {
        ".wav",
        ".flac",
        ".mp3",
        ".m4a",
        ".aac",
        ".ogg",
        ".opus",
        ".aif",
        ".aiff",
        ".wma",
        ".mp4",
        ".mov",
        ".mkv",
    }
)
"""Files of a folder that are taken for recordings."""
PATH_COLUMNS = ("audio", "image", "driver")
"""Columns whose relative paths start at the SHOTS file's folder."""
REPEATED_SEPARATOR = ";"
"""Parts the values of an option that may be repeated, in a table's cell."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with one cell or row of a SHOTS file."""

    row: int
    """From 1, without the header."""
    line: int
    """Line in the file, from 1; 0 for a folder."""
    column: str
    """Name of the column; empty where it is the whole row."""
    text: str
    hint: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON-serializable values."""
        return {
            "row": self.row,
            "line": self.line,
            "column": self.column,
            "error": self.text,
            "hint": self.hint,
        }

    def __str__(self) -> str:
        place = f"line {self.line}" if self.line else f"file {self.row}"
        return f"{place}{f', column {self.column}' if self.column else ''}: {self.text}"


@dataclass(frozen=True, slots=True)
class ShotRow:
    """One row: the options of a render, checked, with absolute paths."""

    row: int
    line: int
    options: Mapping[str, Any]
    """By the names of the settings, as the SHOTS file has them; paths absolute."""
    request: RenderRequest


@dataclass(frozen=True, slots=True)
class Shots:
    """The valid rows of a SHOTS file, and the problems in the rest."""

    rows: tuple[ShotRow, ...]
    problems: tuple[RowProblem, ...]


def read_shots(path: Path, folder: Path, defaults: Mapping[str, Any]) -> Shots:
    """Read and check every row.

    Args:
        path: A .csv, .jsonl or .toml file, or a folder of recordings.
        folder: Where the videos go; no output may be outside it.
        defaults: Options for rows that have none of their own, by the names of the settings.

    Raises:
        InputError: the file cannot be read, is of no known form, holds no rows or too many.
    """
    if path.is_dir():
        numbered: Iterator[tuple[int, Mapping[str, Any]]] = _folder_rows(path)
        base = path
    else:
        numbered, base = _file_rows(path), path.parent
    rows: list[ShotRow] = []
    problems: list[RowProblem] = []
    outputs: dict[Path, int] = {}
    count = 0
    for count, (line, given) in enumerate(numbered, 1):
        if count > MAX_ROWS:
            raise InputError(
                f"{path} has more than {MAX_ROWS} rows", hint="split it: several batches may share a folder"
            )
        found = _check_row(count, line, given, defaults, base=base.absolute(), folder=folder.absolute())
        if isinstance(found, RowProblem):
            problems.append(found)
            continue
        earlier = outputs.setdefault(found.request.output, count)
        if earlier != count:
            text = f"{found.request.output.name} is the output of row {earlier} too"
            problems.append(RowProblem(count, line, "output", text, "give each row an output of its own"))
        else:
            rows.append(found)
    if not count:
        raise InputError(f"{path} holds no shots", hint="a row a video: audio,image,output")
    return Shots(tuple(rows), tuple(problems))


def _check_row(
    row: int, line: int, given: Mapping[str, Any], defaults: Mapping[str, Any], *, base: Path, folder: Path
) -> ShotRow | RowProblem:
    """Check a row's columns one by one, then together."""
    cells: dict[str, Any] = {}
    for column, value in given.items():
        spec = _COLUMNS.get(column.strip().lower().replace("-", "_"))
        if spec is None:
            return RowProblem(row, line, column, "there is no such option", f"known: {', '.join(_COLUMNS)}")
        if value is None or value == "":
            continue
        try:
            cells[spec.name] = _value(spec, value)
        except LipwrightError as error:
            return RowProblem(row, line, column, error.message, error.hint)
    for name in PATH_COLUMNS:
        if name in cells:
            cells[name] = str(base / cells[name])
    options = {**defaults, **cells}
    if "audio" not in options:
        return RowProblem(row, line, "audio", "there is no recording", "name one in the column audio")
    output = str(options.get("output") or Path(options["audio"]).stem)
    target = _inside(folder, output if output.lower().endswith(".mp4") else f"{output}.mp4")
    if target is None:
        return RowProblem(
            row, line, "output", f"{output} is outside {folder}", "give a name, or a path below it"
        )
    options["output"] = str(target)
    try:
        return ShotRow(row, line, options, build_request(options))
    except LipwrightError as error:
        return RowProblem(row, line, "", error.message, error.hint)


def _value(spec: SettingSpec, value: Any) -> Any:  # noqa: ANN401 - a cell of a table
    """Check a cell, and return it as JSON holds it.

    Raises:
        UsageError: the setting does not take it.
    """
    if isinstance(value, str):
        if len(value) > MAX_CELL_CHARACTERS:
            raise UsageError(f"more than {MAX_CELL_CHARACTERS} characters", hint="shorten it")
        if "\0" in value:
            raise UsageError("contains a NUL byte", hint="remove it")
        value = value.strip()
        if spec.many:
            value = [part.strip() for part in value.split(REPEATED_SEPARATOR) if part.strip()]
        elif spec.type is bool:
            value = _switch(spec, value)
    elif isinstance(value, bool) and spec.type is bool and spec.flag.startswith("--no-"):
        value = not value
    spec.check(value)
    return value


def _switch(spec: SettingSpec, text: str) -> bool:
    """Read yes or no; of an option called --no-..., yes switches the setting off."""
    words = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
    }
    if text.lower() not in words:
        raise UsageError(f"{text!r} is neither yes nor no", hint="give yes or no")
    return words[text.lower()] is not spec.flag.startswith("--no-")


def _inside(folder: Path, output: str) -> Path | None:
    """Return the path below the folder; None where it leads out of it."""
    root = folder.resolve()
    target = (root / output).resolve()
    return folder / target.relative_to(root) if target.is_relative_to(root) and target != root else None


def _column_names() -> dict[str, SettingSpec]:
    """Columns by name: the option without dashes, and the field's name where that differs."""
    named: dict[str, SettingSpec] = {}
    for spec in SETTINGS.values():
        if "render" not in spec.commands or not spec.flag or spec.name == "headers":
            continue  # headers are secrets, which no table should hold
        flag = spec.flag.lstrip("-").lower().replace("-", "_")
        named[flag] = spec
    return named


_COLUMNS = _column_names()


def _folder_rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for file in sorted(path.iterdir()):
        if file.suffix.lower() in RECORDING_SUFFIXES and file.is_file():
            yield 0, {"audio": file.name, "output": file.stem}


def _file_rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    readers = {".csv": _csv_rows, ".jsonl": _jsonl_rows, ".ndjson": _jsonl_rows, ".toml": _toml_rows}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise InputError(
            f"{path} is neither a folder nor .csv, .jsonl or .toml", hint="see docs/batch.md for the forms"
        )
    return reader(path, read_text(path, "table of shots", MAX_FILE_BYTES))


def _csv_rows(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    delimiter = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if None in cells:
                raise InputError(
                    f"{path}, line {reader.line_num}: more cells than the header has columns",
                    hint='quote texts that hold commas: "..."',
                )
            if any(cells.values()):
                yield reader.line_num, cells
    except csv.Error as error:
        raise InputError(
            f"{path}, line {reader.line_num}: {error}", hint="write it as CSV, with quotes"
        ) from error


def _jsonl_rows(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(
                f"{path}, line {number} is not JSON: {error}", hint="one object a line"
            ) from error
        if not isinstance(value, dict):
            raise InputError(f"{path}, line {number} is not an object", hint='such as {"audio": "a.wav"}')
        yield number, value


def _toml_rows(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"{path} is not TOML: {error}", hint="a table [[shot]] for each video") from error
    shared, shots = document.pop("defaults", {}), document.pop("shot", [])
    if document or not isinstance(shared, dict) or not isinstance(shots, list):
        unknown = next(iter(document), "defaults")
        raise InputError(
            f"{path}: {unknown!r} is not known", hint="write [[shot]] for each video, and [defaults] for all"
        )
    lines = [number for number, line in enumerate(text.split("\n"), 1) if line.strip().startswith("[[shot]]")]
    for index, value in enumerate(shots):
        if not isinstance(value, dict):
            raise InputError(f"{path}: shot {index + 1} is not a table", hint="write [[shot]]")
        yield lines[index] if len(lines) == len(shots) else 0, {**shared, **value}


def with_options(row: ShotRow, **changes: Any) -> ShotRow:  # noqa: ANN401 - values of settings
    """Return the row with other options."""
    options = {**row.options, **changes}
    return replace(row, options=options, request=build_request(options))
