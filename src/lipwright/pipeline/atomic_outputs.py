"""Check that outputs can be written before a job starts, and rename finished files into place together."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lipwright.errors import OutputError, UsageError
from lipwright.media.atomic_files import check_target, hidden_sibling, remove_leftovers, same_file
from lipwright.media.file_errors import writing


def check_outputs(inputs: Iterable[Path], *outputs: tuple[Path | None, str]) -> None:
    """Raise an error if an output cannot be written, or would overwrite an input or another output.

    It is called before a job starts, so that no work is lost.

    Args:
        inputs: Files that must not be overwritten.
        outputs: Each file to write (None is skipped) and its required suffix, such as ".mp4". An existing
            file is replaced when the work is done.

    Raises:
        UsageError: the suffix of an output is wrong, or an output is the same file as an input or as another
            output (also through a link).
        OutputError: the folder does not exist, the output is a folder or device, or there is no write
            permission.
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
                        f"{output} would overwrite the input {path}",
                        hint="choose another name for the output",
                    )
            for path in before:
                if same_file(output, path):
                    raise UsageError(
                        f"{output} and {path} are the same file, and would overwrite each other",
                        hint="give the two outputs different names, or remove the link",
                    )
            check_target(output)
        except RuntimeError as error:  # raised by pathlib for a link to itself, before Python 3.13
            raise OutputError(f"{output}: {error}", hint="remove the link, or use another name") from error
        _try_to_write(output)
        before.append(output)


def _try_to_write(output: Path) -> None:
    if output.exists() and not os.access(output, os.W_OK):
        raise OutputError(
            f"{output}: this file is write-protected", hint="change its permissions, or write to another name"
        )
    try:
        # Permissions do not show whether a disk is read-only or full.
        with tempfile.TemporaryFile(dir=output.resolve().parent):
            pass
    except OSError as error:
        raise OutputError(
            f"the folder {output.parent} cannot be written to ({error.strerror or error})",
            hint="write to another folder",
        ) from error


@contextmanager
def commit_together(*targets: Path | None) -> Iterator[dict[Path, Path]]:
    """Rename several files into place together, when all are complete.

    Leftovers of killed runs for these targets are removed first.

    Args:
        targets: Files to write; None is skipped.

    Yields:
        For each target, the hidden file to write to. The hidden files are renamed in order when the block
        ends normally. On any exception, including Ctrl-C, they are removed, and completed renames are undone.
        No file system can rename two files in one step: after a kill between two renames, one target is new
        and another is still old. To detect this, one file must contain a hash of the other, as
        the manifest does in `Manifest.video`.

    Raises:
        OutputError: a file cannot be written or renamed; the message names the target, not the hidden file.
    """
    given = [target for target in targets if target is not None]
    real = {target: target.resolve() for target in given}
    hidden = {target: hidden_sibling(path, f"staged{path.suffix}") for target, path in real.items()}
    before = {target: hidden_sibling(path, f"before{path.suffix}") for target, path in real.items()}
    for target, path in real.items():
        with writing(target):
            remove_leftovers(path)
    renaming = False
    try:
        yield hidden
        for target, path in real.items() if len(real) > 1 else ():
            with writing(target):
                _keep(path, before[target])
        renaming = True  # from here on, a missing hidden file has been renamed to the target
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
    """Save an existing file under a second name before it is replaced: as a hard link, or else as a copy."""
    if not path.exists():
        return
    try:
        under.hardlink_to(path)
    except OSError:
        shutil.copyfile(path, under)
