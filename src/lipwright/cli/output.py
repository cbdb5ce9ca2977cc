"""What every command prints, and the three options that every command takes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TextIO

import typer

from lipwright.errors import LipwrightError, OutputError, StrictError, UsageError
from lipwright.pipeline.text_files import dumps

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="No progress, no messages; failures still speak.")]
DebugOption = Annotated[bool, typer.Option("--debug", help="Show the traceback of a failure.")]


def print_result(text: str) -> None:
    """Write to standard output, and be sure that it got there.

    Raises:
        OutputError: it did not.
        typer.Exit: nobody reads any more (`lipwright ... | head`): there is no one to tell.
    """
    if sys.stdout is None:  # started with standard output closed (`>&-`)
        if text:
            raise OutputError("standard output is closed", hint="leave >&- out, or add > FILE")
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _abandon(sys.stdout)
        raise typer.Exit(OutputError.exit_code) from None
    except OSError as error:
        _abandon(sys.stdout)
        raise OutputError(
            f"standard output cannot be written ({error.strerror or error})", hint="free some space there"
        ) from error


def tell(text: str) -> None:
    """Write to standard error, where anybody reads it: a full log or a closed one costs no video."""
    if sys.stderr is None:  # started with standard error closed (`2>&-`)
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        _abandon(sys.stderr)


def failure_keys(error: LipwrightError) -> dict[str, Any]:
    """A failure in JSON."""
    return {"error": error.message, "hint": error.hint, "exit_code": error.exit_code}


def _abandon(stream: TextIO) -> None:
    """Send what is still to come nowhere, or Python's own flush at exit would complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def help_without_command(context: typer.Context) -> None:
    """Where a group is called bare, print its help and fail: a command was expected.

    Raises:
        UsageError: it was called bare.
    """
    if context.invoked_subcommand is None:
        tell(context.get_help() + "\n\n")
        raise UsageError("no command was given", hint=f"name one: {context.command_path} COMMAND")


@dataclass(frozen=True, slots=True)
class Output:
    """Where a command's words go: results to standard output, messages to standard error."""

    as_json: bool = False
    quiet: bool = False

    def result(self, value: Mapping[str, Any], text: str, wanting: StrictError | None = None) -> None:
        """The command's answer.

        Args:
            value: With --json.
            text: For people.
            wanting: What a --strict check found, which the command raises when all is told. With
                --json it stands in the answer itself: standard output holds one object.
        """
        if self.as_json:
            print_result(dumps(value if wanting is None else {**value, **failure_keys(wanting)}))
        elif text:
            print_result(text + "\n")

    def say(self, text: str) -> None:
        """A message for people; standard error, nothing with --quiet or --json."""
        if not (self.quiet or self.as_json):
            tell(text + "\n")

    def findings(self, findings: Iterable[Mapping[str, Any]]) -> None:
        """Each finding, as JSON has it, in a line or two for people."""
        for finding in findings:
            self.say(f"{finding['severity']}: {finding['text']} [{finding['rule']}]")
            if finding["advice"]:
                self.say(f"  {finding['advice']}")
