"""Present failures to the user: as `error:`, `hint:` and an exit code, never as a bare traceback."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from contextlib import suppress

import typer

from lipwright.cli.output import failure_keys, print_result, printable, write_stderr
from lipwright.domain.json_text import dumps
from lipwright.errors import (
    Cancelled,
    EngineError,
    LipwrightError,
    OutputError,
    Stopped,
    StrictError,
    UsageError,
)


def present_failure(failure: BaseException, arguments: Sequence[str]) -> int:
    """Print what was wrong and what to do, and return the exit code.

    The options --json and --debug are looked up in the raw arguments, because parsing the arguments may have
    failed. An unexpected exception is a bug in lipwright: the exit code is 5, as for a failed engine, and the
    hint asks for a report.
    """
    options = options_of(arguments)
    if "--debug" in options:
        write_stderr("".join(traceback.format_exception(failure)))
    error = _translate(failure)
    error.hint = error.hint or "run the same command with --debug for details"
    details = "".join(f"  {printable(detail)}\n" for detail in error.details)
    write_stderr(f"error: {printable(error.message)}\n{details}hint: {printable(error.hint)}\n")
    if "--json" in options and not isinstance(error, StrictError | Stopped):  # these printed their result
        with suppress(OutputError, typer.Exit):  # standard error has the message already
            print_result(dumps(failure_keys(error)))
    return error.exit_code


def options_of(arguments: Sequence[str]) -> Sequence[str]:
    """Return the part of a command line that can contain options: up to "--"."""
    return arguments[: [*arguments, "--"].index("--")]


def _translate(failure: BaseException) -> LipwrightError:
    if isinstance(failure, LipwrightError):
        return failure
    if isinstance(failure, KeyboardInterrupt):
        return Cancelled("interrupted", hint="no output file was written")
    if isinstance(failure, typer.TyperException):
        message = failure.format_message() if hasattr(failure, "format_message") else str(failure)
        context = getattr(failure, "ctx", None)
        command = context.command_path if context else "lipwright"
        return UsageError(message[:1].lower() + message[1:].rstrip("."), hint=f"see {command} --help")
    if isinstance(failure, OSError):
        return OutputError(
            f"the operating system reported: {failure}",
            hint="check the disk, the permissions and the file names",
        )
    # The second text is the dynamic loader's, if a library does not fit into memory.
    if isinstance(failure, MemoryError) or "failed to map segment" in str(failure):
        return EngineError(
            "out of memory", hint="give a shorter recording, a smaller image or a smaller --size"
        )
    return EngineError(
        f"unexpected {type(failure).__name__}: {failure}",
        hint="this is a bug in lipwright: please report it with the output of the same command with --debug",
    )
