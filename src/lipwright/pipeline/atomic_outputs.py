"""Whether results can and may be written, found out before the work; and results that appear together."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lipwright.errors import OutputError, UsageError
from lipwright.media.atomic_files import check_target, clear_hidden, hidden_beside, same_file
from lipwright.media.file_errors import writing


def check_outputs(inputs: Iterable[Path], *outputs: tuple[Path | None, str]) -> None:
    """Refuse targets that cannot or must not be written, before any work.

    Args:
        inputs: Files that must survive.
        outputs: Each file to make, and what its name must end in, such as ".mp4". It may exist: it is
            replaced when the work is done. None is not made.

    Raises:
        UsageError: another suffix, or a target that is one of the inputs or another target, by whatever
            name or link.
        OutputError: no such folder, a folder or device in its place, or no right to write.
    """
    inputs = tuple(inputs)
    before: list[Path] = []
    for output, suffix in outputs:
        if output is None:
            continue
        if output.suffix.lower() != suffix:
            name = output.stem or "video"
            raise UsageError(f"{output} does not end in {suffix}", hint=f"give a name such as {name}{suffix}")
        try:
            for path in inputs:
                if same_file(output, path):
                    raise UsageError(
                        f"{output} would overwrite the input {path}", hint="write to another name"
                    )
            for path in before:
                if same_file(output, path):
                    raise UsageError(
                        f"{output} and {path} are one file, and would overwrite each other",
                        hint="give two names, or remove the link",
                    )
            check_target(output)
        except RuntimeError as error:  # what pathlib says of a link to itself, until Python 3.13
            raise OutputError(f"{output}: {error}", hint="remove the link, or use another name") from error
        _try_to_write(output)
        before.append(output)


def _try_to_write(output: Path) -> None:
    if output.exists() and not os.access(output, os.W_OK):
        raise OutputError(
            f"{output}: this file is write-protected", hint="change its permissions, or write to another name"
        )
    try:
        # The permissions do not tell of a read-only or full disk.
        with tempfile.TemporaryFile(dir=output.resolve().parent):
            pass
    except OSError as error:
        raise OutputError(
            f"{output.parent} cannot be written to ({error.strerror or error})",
            hint="write to another folder",
        ) from error


@contextmanager
def commit_together(*targets: Path | None) -> Iterator[dict[Path, Path]]:
    """Give files their names together, when all are whole.

    What killed runs left of these targets is removed first.

    Args:
        targets: Files to make; None is not made.

    Yields:
        The hidden name of each target, to write to. They are renamed in order when the block ends
        well. On any exception, Ctrl-C included, they are removed, and what was renamed already is
        taken back. No file system renames two files at once: a run killed between the two leaves a
        new file next to an old one, and what must not be mixed up has to name its partner
        (`Manifest.video`).

    Raises:
        OutputError: a file cannot take its name. Failures to write to a hidden name are
            told of the target.
    """
    given = [target for target in targets if target is not None]
    real = {target: target.resolve() for target in given}
    hidden = {target: hidden_beside(path, f"staged{path.suffix}") for target, path in real.items()}
    before = {target: hidden_beside(path, f"before{path.suffix}") for target, path in real.items()}
    for target, path in real.items():
        with writing(target):
            clear_hidden(path)
    renaming = False
    try:
        yield hidden
        for target, path in real.items() if len(real) > 1 else ():
            with writing(target):
                _keep(path, before[target])
        renaming = True  # from here on, a hidden name that is gone has become the target
        for target, path in real.items():
            with writing(target):
                hidden[target].replace(path)
    except BaseException as error:
        for target, path in real.items():
            with suppress(OSError):
                if renaming and not hidden[target].exists():
                    before[target].replace(path) if before[target].exists() else path.unlink(missing_ok=True)
                hidden[target].unlink(missing_ok=True)
            if isinstance(error, OutputError):
                error.message = error.message.replace(str(hidden[target]), str(target))
        raise
    finally:
        for path in before.values():
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _keep(path: Path, under: Path) -> None:
    """Give a file that is about to be replaced another name, too; a copy where there are no hard links."""
    if not path.exists():
        return
    try:
        under.hardlink_to(path)
    except OSError:
        shutil.copyfile(path, under)
