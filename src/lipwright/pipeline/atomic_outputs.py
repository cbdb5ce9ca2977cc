"""Whether a result can and may be written, found out before the work and not after it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lipwright.errors import OutputError, UsageError
from lipwright.media.exceptions import writing
from lipwright.media.files import check_target, clear_hidden, hidden_beside, same_file


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
            f"{output} does not end in {suffix}", hint=f"give a name such as {output.stem or 'video'}{suffix}"
        )
    try:
        for path in inputs:
            if same_file(output, path):
                raise UsageError(f"{output} would overwrite the input {path}", hint="write to another name")
        check_target(output)
    except RuntimeError as error:  # what pathlib says of a link that leads to itself, until Python 3.13
        raise OutputError(f"{output}: {error}", hint="remove the link, or use another name") from error
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


@contextmanager
def commit_together(*targets: Path) -> Iterator[tuple[Path, ...]]:
    """Files that take their names together, when all are whole.

    What killed runs left of these targets is removed first.

    Yields:
        A hidden name beside each target. They are renamed in order when the block ends
        well; on any exception, Ctrl-C included, they are removed. No file system renames
        two files at once: a run killed between the two leaves a new file beside an old one,
        and what must not be mixed up has to name its partner (`Manifest.video`).

    Raises:
        OutputError: a file cannot take its name. Failures to write to a hidden name are
            told of the target.
    """
    real = [target.resolve() for target in targets]
    hidden = [hidden_beside(path, f"staged{path.suffix}") for path in real]
    for path, target in zip(real, targets, strict=True):
        with writing(target):
            clear_hidden(path)
    try:
        yield tuple(hidden)
        for source, path, target in zip(hidden, real, targets, strict=True):
            with writing(target):
                source.replace(path)
    except BaseException as error:
        for source, target in zip(hidden, targets, strict=True):
            with suppress(OSError):
                source.unlink(missing_ok=True)
            if isinstance(error, OutputError):
                error.message = error.message.replace(str(source), str(target))
        raise
