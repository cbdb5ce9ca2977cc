"""All errors that can stop a command, as a tree of classes with exit codes.

    LipwrightError
    ├── UsageError          2    the command line is invalid, or its options contradict each other
    ├── InputError          3    a file cannot be read or used
    │   └── NothingHeard         the audio of the file is silent or too short for a word
    ├── OutputError         3    the result cannot be written
    ├── PlanError           4    a length, frame count or size that no video can have
    ├── PromptError         4    a prompt that competes with the audio
    ├── EngineError         5    the engine failed while it worked
    │   ├── EngineUnavailable    not installed, no weights, not reachable
    │   ├── EngineRejected       the engine refused the job
    │   ├── EngineTimedOut
    │   └── EngineOutOfMemory
    ├── StrictError         6    a --strict check failed
    │   └── ShotsFailed     7    some shots of a batch failed, the others are done
    ├── QueueFull           5    the studio takes no more jobs for now
    └── Cancelled         130    interrupted by the user
        └── Stopped              a server was stopped; its JSON answer is already printed

A message says what was expected and what was found; the hint says what to do. Only the command line prints
messages and hints, and converts the class of an error to an exit code. Texts of errors are written where the
errors are raised; texts of findings are in each package's findings.py.
"""

from __future__ import annotations

from typing import ClassVar


class LipwrightError(Exception):
    """Root of all errors that lipwright raises.

    Args:
        message: What was wrong, in one sentence without a final period.
        hint: What the user can do about it.
        details: The individual errors, for example one error for each invalid line of a table.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "", details: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details


class UsageError(LipwrightError):
    """The command line is invalid, or its options contradict each other."""

    exit_code = 2


class InputError(LipwrightError):
    """A file cannot be read or used."""

    exit_code = 3


class NothingHeard(InputError):
    """The audio of a file is silent, or too short for a word."""


class OutputError(LipwrightError):
    """The result cannot be written: no such folder, no permission, no disk space."""

    exit_code = 3


class PlanError(LipwrightError):
    """No video can be made with the length, frame count or size that was given."""

    exit_code = 4


class PromptError(LipwrightError):
    """The prompt competes with the audio, so the lips would not follow the audio."""

    exit_code = 4


class EngineError(LipwrightError):
    """The engine failed while it worked."""

    exit_code = 5


class EngineUnavailable(EngineError):
    """The engine is not installed, has no weights or cannot be reached."""


class EngineRejected(EngineError):
    """The engine refused the job."""


class EngineTimedOut(EngineError):
    """The engine did not answer in time."""


class EngineOutOfMemory(EngineError):
    """The engine ran out of memory."""


class StrictError(LipwrightError):
    """A --strict check failed."""

    exit_code = 6


class ShotsFailed(StrictError):
    """Some shots of a batch failed; the others are done."""

    exit_code = 7


class QueueFull(LipwrightError):
    """The studio, the local web server, accepts no more jobs for now."""

    exit_code = 5


class Cancelled(LipwrightError):
    """The work was interrupted, by the user or because a server stops."""

    exit_code = 130


class Stopped(Cancelled):
    """The user stopped a server.

    The server printed its JSON answer when it started, so the command line does not print another one.
    """
