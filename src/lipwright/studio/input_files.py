"""The input files of a studio job, which are checked and copied into the job's folder."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from lipwright.errors import InputError, UsageError
from lipwright.jobs.job import JobKind
from lipwright.media.atomic_files import file_sha256
from lipwright.media.file_errors import writing

MAX_FILE_BYTES_EACH = 4 << 30
"""Maximum size of one input file: about four hours of stereo audio with 24 bits and 48 kHz."""
INPUTS: Mapping[JobKind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "render": (("audio",), ("image", "driver")),
    "preview": (("audio",), ("image", "driver")),
    "tune": (("audio",), ("image", "driver")),
    "check": (("video",), ("audio", "transcript")),
}
"""Roles of the required and of the optional input files, by kind of job."""


def check_inputs(kind: JobKind, inputs: Mapping[str, Path]) -> None:
    """Check that a job has all required input files, and only files that its kind of job accepts.

    Raises:
        UsageError: a file is missing, or not allowed.
    """
    needed, possible = INPUTS[kind]
    for role in needed:
        if role not in inputs:
            raise UsageError(f"a {kind} needs {role}", hint=f"send a file as {role}")
    for role in inputs:
        if role not in {*needed, *possible}:
            raise UsageError(
                f"a {kind} does not accept a file as {role}",
                hint=f"possible inputs: {', '.join((*needed, *possible))}",
            )


def files_key(files: Mapping[str, Path]) -> str:
    """Return a hash of files and their roles; the result of a check depends on nothing else."""
    hashed = " ".join(f"{role} {file_sha256(path)}" for role, path in sorted(files.items()))
    return hashlib.sha256(hashed.encode()).hexdigest()


def display_name(name: str) -> str:
    """Remove folders and control characters from a client's file name, so that it can be displayed."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(one for one in last if one.isprintable())[:200] or "file"


def copy_input(source: Path, folder: Path, role: str, name: str) -> Path:
    """Copy an input into the job's folder; a file that is already in the studio is hard-linked instead."""
    suffix = Path(name).suffix.lower()
    target = folder / (role + suffix if re.fullmatch(r"\.[a-z0-9]{1,5}", suffix) else role)
    try:
        size = source.stat().st_size
    except OSError as error:
        raise InputError(
            f"{name} cannot be read ({error.strerror or error})", hint="send the file again"
        ) from None
    if size > MAX_FILE_BYTES_EACH:
        raise InputError(
            f"{name} has more than {MAX_FILE_BYTES_EACH >> 30} GB", hint="send a shorter recording"
        )
    if source.is_relative_to(folder.parents[1]):
        with suppress(OSError):  # the file system has no hard links
            os.link(source, target)
            return target
    with writing(target):
        shutil.copyfile(source, target)
    return target


@contextmanager
def called_by_role(path: Path, role: str) -> Iterator[None]:
    """In errors of the `with` block, replace a file's path by its role: the user does not know the path."""
    try:
        yield
    except InputError as error:
        error.message = error.message.replace(str(path), f"the {role}")
        error.args = (error.message,)
        raise
