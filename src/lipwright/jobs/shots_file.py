"""Read a SHOTS file (CSV, JSON Lines or TOML, one row per video) or a folder of recordings."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Container, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from lipwright.domain.json_text import parse_json
from lipwright.domain.setting_spec import SettingSpec
from lipwright.domain.settings import SETTINGS, RenderRequest, build_request
from lipwright.domain.text import shorten
from lipwright.errors import InputError, LipwrightError, UsageError
from lipwright.media.file_errors import reading
from lipwright.media.input_containers import RECORDING_SUFFIXES
from lipwright.media.text_files import read_text

MAX_ROWS = 100_000
MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_CELL_CHARACTERS = 20_000
PATH_COLUMNS = ("audio", "image", "driver")
"""Columns that contain paths, which are relative to the folder of the SHOTS file."""
RESERVED_NAME = "batch"
"""Name that no video may have, because batch.json would replace its manifest."""
REPEATED_SEPARATOR = ";"
"""Separator between several values in one cell, for an option that may be repeated."""
COLUMNS: Mapping[str, SettingSpec] = {
    spec.flag.lstrip("-").lower().replace("-", "_"): spec
    for spec in SETTINGS.values()
    if "render" in spec.commands and spec.flag and spec.name != "headers"
}
"""Settings that a SHOTS file may contain, by column name. A column has the name of the option, with
underscores and without leading dashes. HTTP headers are not allowed, because they are secrets."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A problem with a cell or row of a SHOTS file."""

    row: int
    """Number of the row, counted from 1 without the header."""
    line: int
    """Number of the line in the file, counted from 1; 0 for a folder."""
    column: str
    """Name of the column; empty if the problem concerns the whole row."""
    text: str
    hint: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON-serializable values."""
        value = asdict(self)
        return value | {"error": value.pop("text")}

    def __str__(self) -> str:
        place = f"line {self.line}" if self.line else f"file {self.row}"
        return f"{place}{f', column {self.column}' if self.column else ''}: {self.text}"


@dataclass(frozen=True, slots=True)
class ShotRow:
    """A valid row, with the options of its render."""

    row: int
    line: int
    options: Mapping[str, Any]
    """Options of the render by setting name: the defaults, and the cells of the row. Paths are absolute."""
    request: RenderRequest


@dataclass(frozen=True, slots=True)
class Shots:
    """The valid rows of a SHOTS file, and the problems in its invalid rows."""

    rows: tuple[ShotRow, ...]
    problems: tuple[RowProblem, ...]


def read_shots(path: Path, folder: Path, defaults: Mapping[str, Any]) -> Shots:
    """Read and check all rows of a SHOTS file.

    Args:
        path: A .csv, .jsonl or .toml file, or a folder of recordings.
        folder: Folder for the videos; no output may be outside of it.
        defaults: Defaults of options, by setting name.

    Raises:
        InputError: the file cannot be read, has an unknown format, or has no rows or too many rows.
    """
    if path.is_dir():
        numbered: Iterator[tuple[int, Mapping[str, Any]]] = _folder_rows(path)
        base = path
    else:
        numbered, base = _file_rows(path), path.parent
    given_rows = list(islice(numbered, MAX_ROWS + 1))
    if not given_rows:
        raise InputError(f"{path} contains no shots", hint="write one row per video: audio, image, output")
    if len(given_rows) > MAX_ROWS:
        raise InputError(
            f"{path} has more than {MAX_ROWS} rows",
            hint="split the table; several batches may write to one folder",
        )
    rows: list[ShotRow] = []
    problems: list[RowProblem] = []
    made: dict[Path, int] = {}
    for number, (line, given) in enumerate(given_rows, 1):
        try:
            found = _check_row(number, line, given, defaults, base=base.absolute(), folder=folder.absolute())
            _claim_outputs(found, made)
        except _BadCell as bad:
            problems.append(RowProblem(number, line, bad.column, bad.message, bad.hint))
        else:
            rows.append(found)
    kept = []
    for row in rows:
        overwriting = [made[real] for real in map(_real, row.request.inputs.values()) if real in made]
        if overwriting:
            text = f"an input of this row is the output of row {overwriting[0]}"
            problems.append(
                RowProblem(row.row, row.line, "output", text, "write the videos to another folder")
            )
        else:
            kept.append(row)
    return Shots(tuple(kept), tuple(sorted(problems, key=lambda problem: problem.row)))


class _BadCell(LipwrightError):
    """A problem with a cell, or with the whole row if no column is named."""

    def __init__(self, column: str, message: str, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.column = column


def _check_row(
    row: int, line: int, given: Mapping[str, Any], defaults: Mapping[str, Any], *, base: Path, folder: Path
) -> ShotRow:
    """Check each cell of a row, and then whether the options of the row can be combined."""
    cells: dict[str, Any] = {}
    for column, value in given.items():
        spec = COLUMNS.get(column.strip().lower().replace("-", "_"))
        if spec is None:
            raise _BadCell(column, "there is no such option", f"known options: {', '.join(COLUMNS)}")
        if value is None or value == "":
            continue
        if spec.name in cells:
            raise _BadCell(column, "the option is given twice", "remove one of the two columns")
        try:
            cells[spec.name] = _value(spec, value)
        except LipwrightError as error:
            raise _BadCell(column, error.message, error.hint) from error
    for name in PATH_COLUMNS:
        if name in cells:
            cells[name] = str(base / cells[name])
    options = {**defaults, **cells}
    if "audio" not in options:
        raise _BadCell(
            "audio", "the row has no recording", "give the path of the recording in the column `audio`"
        )
    output = str(options.get("output") or Path(options["audio"]).stem)
    options["output"] = _inside(
        folder, output if output.lower().endswith(".mp4") else f"{output}.mp4", "output"
    )
    if options.get("motion_out"):
        options["motion_out"] = [_inside(folder, file, "motion-out") for file in options["motion_out"]]
    try:
        return ShotRow(row, line, options, build_request(options))
    except LipwrightError as error:
        raise _BadCell("", error.message, error.hint) from error


def _claim_outputs(row: ShotRow, made: dict[Path, int]) -> None:
    """Record the files that a row will write; raise an error if an earlier row writes one of them."""
    request = row.request
    files = {"output": (request.output, request.manifest), "motion-out": request.motion_out}
    for column, paths in files.items():
        for path in paths:
            earlier = made.setdefault(_real(path), row.row)
            if earlier != row.row:
                name = request.output.name if column == "output" else path.name
                raise _BadCell(
                    column, f"{name} is also the output of row {earlier}", "give each row its own output"
                )


def read_options(given: Mapping[str, Any], allowed: Container[str]) -> dict[str, Any]:
    """Check options given by a program, and return them by setting name.

    Args:
        given: Values, or texts to parse, by setting name or column name.
        allowed: Names of the allowed settings.

    Raises:
        UsageError: an option is unknown, or its value is invalid.
    """
    options = {}
    for name, value in given.items():
        spec = SETTINGS.get(name) or COLUMNS.get(name.strip().lower().replace("-", "_"))
        if spec is None or spec.name not in allowed:
            known = ", ".join(known for known in SETTINGS if known in allowed)
            raise UsageError(f"there is no option {shorten(name)}", hint=f"known options: {known}")
        if value is None or value == "":
            continue
        try:
            read = _value(spec, value, as_column=name not in SETTINGS)
            checked = spec.check(read)
            options[spec.name] = checked if isinstance(checked, str | float | int) else read
        except LipwrightError as error:
            error.message = f"{name}: {error.message}"
            raise
    return options


def to_row(options: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a mapping of setting names to values to a row of a SHOTS file in JSON."""
    named = {spec.name: column for column, spec in COLUMNS.items()}
    return {
        named[name]: not value if SETTINGS[name].flag.startswith("--no-") else value
        for name, value in options.items()
        if name in named
    }


def _value(spec: SettingSpec, value: Any, *, as_column: bool = True) -> Any:  # noqa: ANN401 - a cell of a table
    """Check `value`, and return it as a JSON value; lists and switches may be given as text.

    With `as_column`, `value` is the cell of a column: "yes" in a column whose name begins with "no_" switches
    the setting off.
    """
    negated = as_column and spec.flag.startswith("--no-")
    if isinstance(value, str):
        value = _text(value).strip()
        if spec.many:
            value = [part.strip() for part in value.split(REPEATED_SEPARATOR) if part.strip()]
        elif spec.type is bool:
            value = _switch(value)
    elif spec.many:
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise UsageError(
                f"{spec.label} needs a list of strings", hint='give a list such as ["first", "second"]'
            )
        value = [_text(part) for part in value]
    if isinstance(value, bool) and spec.type is bool and negated:
        value = not value
    spec.check(value)
    return value


def _text(value: str) -> str:
    """Return a text unchanged; raise an error if it is too long, or cannot be stored in files."""
    if len(value) > MAX_CELL_CHARACTERS:
        raise UsageError(f"the text has more than {MAX_CELL_CHARACTERS} characters", hint="shorten the text")
    if "\0" in value:
        raise UsageError("the text contains a NUL byte", hint="remove the NUL byte")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise UsageError(
            "the text contains characters that cannot be encoded as UTF-8",
            hint="remove these characters; if the text is a path, rename the file",
        ) from error
    return value


def _switch(text: str) -> bool:
    """Parse a text that means yes or no, such as "true" or "off"."""
    words = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(
        ("0", "false", "no", "off"), False
    )
    if text.lower() not in words:
        raise UsageError(f"{text!r} is neither yes nor no", hint="give yes or no")
    return words[text.lower()]


def _inside(folder: Path, output: str, column: str) -> str:
    """Return the absolute path of an output.

    Raise an error if the output is outside the folder, or would replace a file of the batch itself.
    """
    root = _real(folder)
    target = _real(root / output)
    if not target.is_relative_to(root) or target == root:
        raise _BadCell(
            column,
            f"{output} is outside {folder}",
            "give a file name, or a path inside the folder of the videos",
        )
    if target.parent == root and target.stem.lower() == RESERVED_NAME:
        raise _BadCell(
            column, f"{target.name} is the name of a file of the batch itself", "give the video another name"
        )
    return str(folder / target.relative_to(root))


def _real(path: Path) -> Path:
    """Resolve the links of a path; resolved folders are cached, because a batch has only a few folders."""
    return path.resolve() if path.is_symlink() else _real_folder(path.parent) / path.name


@lru_cache(maxsize=4096)
def _real_folder(folder: Path) -> Path:
    return folder.resolve()


def _folder_rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with reading(path):
        files = sorted(path.iterdir())
    for file in files:
        hidden = file.name.startswith(".")  # such as the files ._NAME that macOS writes on other disks
        if file.suffix.lower() in RECORDING_SUFFIXES and not hidden and file.is_file():
            yield 0, {"audio": file.name, "output": file.stem}


def _file_rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    readers = {".csv": _csv_rows, ".jsonl": _jsonl_rows, ".ndjson": _jsonl_rows, ".toml": _toml_rows}
    reader = readers.get(path.suffix.lower())
    with reading(path):
        path.stat()
    if reader is None:
        raise InputError(
            f"{path} is neither a folder nor a .csv, .jsonl or .toml file",
            hint="see docs/batch.md for the formats",
        )
    return reader(path, read_text(path, "table of shots", MAX_FILE_BYTES))


def _csv_rows(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    delimiter = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if None in cells:
                raise InputError(
                    f"{path}, line {reader.line_num}: there are more cells than columns in the header",
                    hint='quote texts that contain commas: "..."',
                )
            if any(cells.values()):
                yield reader.line_num, cells
    except csv.Error as error:
        raise InputError(
            f"{path}, line {reader.line_num}: {error}", hint="correct the CSV, for example its quotes"
        ) from error


def _jsonl_rows(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = parse_json(line)
        except ValueError as error:
            raise InputError(
                f"{path}, line {number} is not JSON: {error}", hint="write one JSON object per line"
            ) from error
        if not isinstance(value, dict):
            raise InputError(
                f"{path}, line {number} is not a JSON object",
                hint='write an object such as {"audio": "a.wav"}',
            )
        yield number, value


def _toml_rows(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(
            f"{path} is not TOML: {error}", hint="write a [[shot]] table for each video"
        ) from error
    shared, shots = document.pop("defaults", {}), document.pop("shot", [])
    if document or not isinstance(shared, dict) or not isinstance(shots, list):
        unknown = next(iter(document), "defaults")
        raise InputError(
            f"{path}: {unknown!r} is unknown, or not a table",
            hint="write a [[shot]] table for each video, and [defaults] for options of all videos",
        )
    lines = [number for number, line in enumerate(text.split("\n"), 1) if line.strip().startswith("[[shot]]")]
    for index, value in enumerate(shots):
        if not isinstance(value, dict):
            raise InputError(
                f"{path}: shot {index + 1} is not a table", hint="write a [[shot]] table for each video"
            )
        yield lines[index] if len(lines) == len(shots) else 0, {**shared, **value}
