"""Whether a result can and may be written, found out before the work and not after it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from lipwright.errors import OutputError, UsageError
from lipwright.media.files import check_target, same_file


def check_output(output: Path, inputs: Iterable[Path], *, suffix: str) -> None:
    """Refuse a target that cannot or must not be written.

    Args:
        output: The file to make. It may exist: it is replaced when the work is done.
        inputs: Files that must survive.
        suffix: What its name must end in, such as ".mp4".

    Raises:
        UsageError: another suffix, or the target is one of the inputs.
        OutputError: no such folder, a folder or device in its place, or no right to write.
    """
    if output.suffix.lower() != suffix:
        raise UsageError(
            f"{output} does not end in {suffix}", hint=f"give a name such as {output.stem or 'film'}{suffix}"
        )
    for path in inputs:
        if same_file(output, path):
            raise UsageError(f"{output} would overwrite the input {path}", hint="write to another name")
    check_target(output)
    if output.exists() and not os.access(output, os.W_OK):
        raise OutputError(
            f"{output}: this file is write-protected", hint="change its permissions, or write to another name"
        )
    try:
        # Asking for the right is not enough: a read-only or full disk only tells when it is tried.
        with tempfile.TemporaryFile(dir=output.resolve().parent):
            pass
    except OSError as error:
        raise OutputError(
            f"{output.parent} cannot be written to ({error.strerror or error})",
            hint="write to another folder",
        ) from error
