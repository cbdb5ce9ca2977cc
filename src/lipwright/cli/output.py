"""Print the output of all commands: results on standard output, messages on standard error."""

from __future__ import annotations

import os
import select
import shutil
import stat
import sys
import textwrap
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TextIO

import typer

from lipwright.domain.json_text import dumps
from lipwright.domain.text import clock
from lipwright.errors import LipwrightError, OutputError, StrictError, UsageError

SEVERITY_COLORS = {"error": "31", "warning": "33", "hint": "36"}
"""ANSI color codes by severity: red, yellow, cyan."""

MAX_LINE_WIDTH = 100
"""Maximum width of a message on a terminal, in columns."""

ROOM_NEEDED_BYTES = 64 * 1024
"""Standard output that is redirected to a file counts as full if the disk has less free space than this."""


def print_result(text: str) -> None:
    """Write a text to standard output, and verify that it was written.

    Raises:
        OutputError: the text could not be written.
        typer.Exit: the reader has closed the pipe (`lipwright ... | head`).
    """
    clear_status()
    if sys.stdout is None:  # the process was started with standard output closed (`>&-`)
        if text:
            raise _closed()
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _abandon(sys.stdout)
        raise typer.Exit(OutputError.exit_code) from None
    except OSError as error:
        _abandon(sys.stdout)
        raise _unwritable(error.strerror or str(error)) from error


def check_standard_output(*, as_json: bool) -> None:
    """Check, before any file is changed, that standard output can be written to; nothing is written.

    With `as_json`, standard output must not be closed, because the result will be printed there.

    Raises:
        OutputError: standard output is full or closed.
        typer.Exit: the reader has closed the pipe.
    """
    if as_json and sys.stdout is None:
        raise _closed()
    try:
        descriptor = sys.stdout.fileno()
    except (AttributeError, OSError, ValueError):  # it is closed, or replaced by a program
        return
    try:
        os.write(descriptor, b"")  # a full device rejects even an empty write
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode) and hasattr(os, "fstatvfs"):
            room = os.fstatvfs(descriptor)
            if room.f_bavail * room.f_frsize < ROOM_NEEDED_BYTES:
                raise _unwritable("no space left on the disk")
        if stat.S_ISFIFO(status.st_mode) and hasattr(select, "poll"):
            poll = select.poll()
            poll.register(descriptor, 0)
            if any(event & select.POLLERR for _, event in poll.poll(0)):
                _abandon(sys.stdout)
                raise typer.Exit(OutputError.exit_code)
    except OSError as error:
        _abandon(sys.stdout)
        raise _unwritable(error.strerror or str(error)) from error


def _closed() -> OutputError:
    return OutputError("standard output is closed", hint="remove >&- from the command line, or add > FILE")


def _unwritable(reason: str) -> OutputError:
    return OutputError(
        f"standard output cannot be written ({reason})",
        hint="free some space, or redirect standard output to another file",
    )


def write_stderr(text: str) -> None:
    """Write to standard error; errors are ignored, so that a full or closed log does not stop a render."""
    clear_status()
    _write_error(text)


def _write_error(text: str) -> None:
    if sys.stderr is None:  # the process was started with standard error closed (`2>&-`)
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        _abandon(sys.stderr)


def on_terminal() -> bool:
    """Return True if standard error is a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()


_status: list[str] = []
"""The status line on the terminal, which the next message replaces; empty if there is none."""


def show_status(text: str) -> None:
    """Show a line on a terminal until the next message, for example while modules load."""
    if on_terminal():
        _write_error(f"\r{text}")
        _status.append(text)


def clear_status() -> None:
    """Remove the line of `show_status`, if there is one."""
    if _status:
        _status.clear()
        _write_error("\r\x1b[K")


def printable(text: str, *, lines: bool = False) -> str:
    """Replace control characters by escapes, so that no file name or server can control the terminal."""
    kept = "\n" if lines else ""
    return "".join(
        one if one in kept or (one.isprintable() or one == " ") else one.encode("unicode_escape").decode()
        for one in text
    )


def join_lines(lines: Iterable[str]) -> str:
    """Join lines into a message; a line break within a line, as in a file name, is shown as an escape."""
    return "\n".join(map(printable, lines))


def failure_keys(error: LipwrightError) -> dict[str, Any]:
    """Return the JSON keys of a failure: error, details (if there are any), hint and exit_code."""
    told = {"details": list(error.details)} if error.details else {}
    return {"error": error.message, **told, "hint": error.hint, "exit_code": error.exit_code}


def _abandon(stream: TextIO) -> None:
    """Redirect a stream to the null device; otherwise Python's flush at exit would fail."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError, ValueError):
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def help_without_command(context: typer.Context) -> None:
    """Print the help of a command group if no command was given.

    Raises:
        UsageError: no command was given.
    """
    if context.invoked_subcommand is None:
        write_stderr(context.get_help() + "\n\n")
        raise UsageError("no command was given", hint=f"name one: {context.command_path} COMMAND")


@dataclass(frozen=True, slots=True)
class Output:
    """Prints the output of a command: results to standard output, messages to standard error."""

    as_json: bool = False
    quiet: bool = False

    @property
    def silent(self) -> bool:
        """True if messages and progress are not shown."""
        return self.as_json or self.quiet

    def result(self, value: Mapping[str, Any], text: str, strict_error: StrictError | None = None) -> None:
        """Print the result of a command: `value` with --json, otherwise `text`.

        Pass `strict_error` if the command raises this error after printing. With --json, the error becomes
        part of the printed object, so that standard output contains a single object.
        """
        if self.as_json:
            print_result(dumps(value if strict_error is None else {**value, **failure_keys(strict_error)}))
        elif text and sys.stdout is not None:
            print_result(printable(text, lines=True) + "\n")

    def say(self, text: str) -> None:
        """Print a message to standard error, except with --quiet or --json."""
        if not self.silent:
            for line in printable(text, lines=True).split("\n"):
                write_stderr("\n".join(_wrapped(line)) + "\n")

    def findings(self, findings: Iterable[Mapping[str, Any]], *, hints: bool = True) -> None:
        """Print findings, given in their JSON form, in one or two lines each.

        Without `hints`, findings of severity hint are left out.
        """
        if self.silent:
            return
        in_color = on_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        for finding in findings:
            severity = finding["severity"]
            if severity == "hint" and not hints:
                continue
            ids = ", ".join(filter(None, (finding["rule"], finding.get("lip_sync_rule"))))
            text = printable(f"{severity}{_time(finding['where'])}: {finding['text']} [{ids}]")
            lines = _wrapped(text)
            if finding["advice"]:
                lines += _wrapped("  " + printable(finding["advice"]))
            if in_color:
                color = f"\x1b[{SEVERITY_COLORS[severity]}m{severity}\x1b[0m"
                lines[0] = color + lines[0].removeprefix(severity)
            write_stderr("\n".join(lines) + "\n")


def _time(where: Mapping[str, Any]) -> str:
    """Format the start and end of a finding in seconds, if they are times.

    Positions in a prompt are integers, not times; the result for them is empty.
    """
    start, end = where.get("start"), where.get("end")
    if not (isinstance(start, float) and isinstance(end, float)):
        return ""
    shown = (start,) if end - start < 1 else (start, end)
    if end < 60:
        return f" at {'-'.join(f'{seconds:.1f}' for seconds in shown)} s"
    return f" at {'-'.join(map(clock, shown))}"


def _wrapped(text: str) -> list[str]:
    """Split a message into lines: wrapped at words on a terminal, a single line in a log."""
    if not on_terminal():
        return [text]
    width = min(MAX_LINE_WIDTH, shutil.get_terminal_size().columns)
    return textwrap.wrap(
        text,
        max(width, 20),
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
