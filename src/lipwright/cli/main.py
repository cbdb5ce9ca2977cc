"""`lipwright`: all commands, and the conversion of failures to exit codes.

Each command is a module next to this one and imports heavy modules only when it runs, so that
`lipwright --help` is fast.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import Annotated, Any

import typer

from lipwright import __version__
from lipwright.__main__ import LOADING, SILENT
from lipwright.cli.audio import audio
from lipwright.cli.batch import batch
from lipwright.cli.check import check
from lipwright.cli.comfyui import comfyui
from lipwright.cli.dialogue import dialogue
from lipwright.cli.doctor import doctor
from lipwright.cli.failures import options_of, present_failure
from lipwright.cli.image import image
from lipwright.cli.interrupts import STOP_SIGNALS, asked_to_stop, end_at_once, interruptible
from lipwright.cli.jobs import jobs
from lipwright.cli.memory_limit import check_memory_limit
from lipwright.cli.mix import mix
from lipwright.cli.models import models
from lipwright.cli.output import (
    check_standard_output,
    clear_status,
    help_without_command,
    print_result,
    show_status,
)
from lipwright.cli.plan import plan
from lipwright.cli.prompt import prompt
from lipwright.cli.render import render
from lipwright.cli.studio import studio
from lipwright.cli.tune import tune
from lipwright.cli.workflow import workflow
from lipwright.errors import Cancelled, OutputError
from lipwright.media.time_limit import allow_to_end_process

app = typer.Typer(
    name="lipwright",
    help="A portrait and a voice recording become a lip-synced video.",
    epilog="Start with: lipwright render voice.wav --image portrait.jpg -o video.mp4",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    # Help drawn by rich would double the start-up time.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lipwright {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """A portrait and a voice recording become a lip-synced video."""
    help_without_command(context)


for _command in (
    render,
    dialogue,
    check,
    tune,
    plan,
    audio,
    mix,
    prompt,
    image,
    doctor,
    workflow,
    batch,
    studio,
):
    app.command()(_command)
for _group in (models, comfyui, jobs):
    app.add_typer(_group)


@cache
def _main_command() -> Callable[..., Any]:
    """Return the `lipwright` command with its subcommands; cached, because Typer takes 60 ms to build it."""
    return typer.main.get_command(app)


def run(arguments: Sequence[str]) -> int:
    """Run the command line `arguments`, without the program name, and return the exit code; never raise."""
    try:
        with interruptible():
            if not SILENT & set(arguments):
                show_status(LOADING)
            check_memory_limit(arguments)
            check_standard_output(as_json="--json" in options_of(arguments))
            code = _main_command()(args=list(arguments), prog_name="lipwright", standalone_mode=False)
            print_result("")  # flushes the help or version that Typer printed
    except typer.Exit as done:
        return done.exit_code
    except SystemExit:  # raised by Typer if the reader of its help has closed the pipe
        return OutputError.exit_code
    except (Exception, KeyboardInterrupt) as failure:
        if asked_to_stop() and not isinstance(failure, Cancelled):
            # An interrupted import of a C library raises ImportError.
            return present_failure(KeyboardInterrupt(), arguments)
        return present_failure(failure, arguments)
    # Typer catches KeyboardInterrupt and returns this code without a message.
    if code == Cancelled.exit_code:
        return present_failure(KeyboardInterrupt(), arguments)
    return code if isinstance(code, int) else 0


def hold_descriptors() -> None:
    """Open the null device in place of a closed standard input, output or error (`2>&-`).

    Otherwise the next file that is opened, such as the video, could take the place of standard error, into
    which C libraries write messages.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one


def main() -> None:
    """Run the command line of this process."""
    hold_descriptors()
    if sys.stdout is not None:
        # Do not fail if the terminal's encoding cannot represent a name.
        sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    allow_to_end_process(lambda error: os._exit(present_failure(error, sys.argv[1:])))
    code = run(sys.argv[1:])
    clear_status()
    # To end the process takes milliseconds, in which Ctrl-C must not change the exit code.
    for number in STOP_SIGNALS if asked_to_stop() else ():
        signal.signal(number, end_at_once)
    sys.exit(code)
