"""Resumable download of a model, with a check that all files are complete.

huggingface_hub discards a partial file when its process ends, which is not acceptable for a model of 46 GB.
So each file is written to NAME.part in the model's folder, and the next run resumes it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lipwright.domain.progress import Progress, ProgressCallback
from lipwright.engines.ltx.loading import pulled_models
from lipwright.engines.ltx.loading.catalog import CATALOG, CatalogModel
from lipwright.engines.ltx.loading.pulled_models import Record, RemoteFile
from lipwright.errors import EngineUnavailable, OutputError

MEBIBYTE = 1 << 20
SPARE_BYTES = 64 * MEBIBYTE
"""Disk space in bytes that must stay free after the download."""


def pull(model: CatalogModel, report: ProgressCallback) -> Path:
    """Download a model; files that already exist with the right hash are kept.

    Args:
        model: The model to download.
        report: Called with the progress of the stages check and pull, in mebibytes. It may raise Cancelled;
            the next pull resumes the download.

    Returns:
        The model's folder.

    Raises:
        EngineUnavailable: The model cannot be downloaded, another process is downloading it, or a hash
            differs from the hub's.
        OutputError: The disk is full, or the folder cannot be written to.
    """
    try:
        from huggingface_hub import is_offline_mode  # noqa: PLC0415 - 0.3 s, for downloads alone

        from lipwright.engines.ltx.loading import hub  # noqa: PLC0415
    except ImportError as error:
        raise EngineUnavailable(
            f"the download of models needs {error.name}, which is not installed",
            hint="pip install 'lipwright[ltx]'",
        ) from error
    except ValueError as error:  # the library reads numbers from the environment
        raise EngineUnavailable(
            f"huggingface_hub cannot be loaded ({error})",
            hint="check the environment variables whose names begin with HF_",
        ) from error
    if is_offline_mode():
        if pulled_models.read_record(model.name) is None:
            raise EngineUnavailable(
                f"{model.name} is not on this machine, and HF_HUB_OFFLINE forbids a download",
                hint=f"unset HF_HUB_OFFLINE, then run: {model.pull_command}",
            )
        return verify(model, report)
    record, folder = hub.list_files(model), pulled_models.folder_of(model.name)
    with _disk_errors(folder, model), _one_process(model):
        missing = _missing_files(folder, record.files, report)
        if missing:
            (folder / pulled_models.RECORD).unlink(missing_ok=True)
            missing = [file for file in missing if not _link(record, file, folder)]
            _check_room(folder, missing)
        total, before = -(-sum(file.size for file in missing) // MEBIBYTE), 0
        for file in missing:
            part = _part_of(folder, file)
            part.parent.mkdir(parents=True, exist_ok=True)
            if pulled_models.size_of(part) > file.size:
                part.unlink()

            def on_size(size: int, before: int = before) -> None:
                report(Progress("pull", (before + size) // MEBIBYTE, total))

            with part.open("ab") as out:
                hub.fetch(model, record, file, out, on_size)
                os.fsync(out.fileno())
            _accept(part, file, model)
            before += file.size
        pulled_models.write_record(model.name, record)
    return folder


def verify(model: CatalogModel, report: ProgressCallback) -> Path:
    """Check that every file of a downloaded model exists and has the right hash; return the model's folder.

    Raises:
        EngineUnavailable: A file is missing or damaged.
    """
    folder, record = pulled_models.folder_of(model.name), pulled_models.read_record(model.name)
    hint = f"run: {model.pull_command}"
    if record is None:
        partial = folder.is_dir() and any(folder.rglob("*.part"))
        raise EngineUnavailable(
            f"{model.name} is {'only partly' if partial else 'not'} on this machine ({folder})", hint=hint
        )
    for file in record.files:
        size = pulled_models.size_of(folder / file.path)
        if size != file.size:
            state = "is missing" if size < 0 else f"has {size} bytes instead of {file.size}"
            raise EngineUnavailable(f"{folder / file.path} {state}", hint=hint)
    if damaged := _missing_files(folder, record.files, report):
        raise EngineUnavailable(
            f"{folder / damaged[0].path} is damaged: expected {damaged[0].expected_hash}", hint=hint
        )
    return folder


def _part_of(folder: Path, file: RemoteFile) -> Path:
    return folder / f"{file.path}.part"


def _accept(part: Path, file: RemoteFile, model: CatalogModel) -> None:
    """Rename a complete download to its final name, or delete it if its hash is wrong."""
    found = file.hash_of(part)
    if found != file.expected_hash:
        part.unlink()
        raise EngineUnavailable(
            f"{file.path}: expected {file.expected_hash}, got {found}; the file was deleted",
            hint=f"run again: {model.pull_command}",
        )
    part.replace(part.with_name(part.name.removesuffix(".part")))


def _link(record: Record, file: RemoteFile, folder: Path) -> bool:
    """Make a hard link to a file with the same content, instead of downloading the file.

    The file with the same content may belong to another pulled model, since the models of LTX-2.5 share their
    text encoder and VAEs, or it may be in the Hugging Face cache.

    Returns:
        True if there was such a file, and the link could be made.
    """
    from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415

    cached = try_to_load_from_cache(record.repo, file.path, revision=record.commit)
    others = [
        pulled_models.folder_of(name) / file.path
        for name, model in CATALOG.items()
        if model.repo == record.repo
    ]
    found = [Path(cached)] if isinstance(cached, str) else []
    found += [path for path in others if pulled_models.size_of(path) == file.size]
    target = folder / file.path
    for source in found:
        if source == target or file.hash_of(source) != file.expected_hash:
            continue
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            target.hardlink_to(source.resolve())
        except OSError:  # the files are on different disks
            continue
        return True
    return False


def _missing_files(folder: Path, files: tuple[RemoteFile, ...], report: ProgressCallback) -> list[RemoteFile]:
    """Return the files that are missing from a folder or have a wrong size or hash."""
    here = [file for file in files if pulled_models.size_of(folder / file.path) == file.size]
    total, done, right = -(-sum(file.size for file in here) // MEBIBYTE), 0, set()

    def on_block(size: int) -> None:
        nonlocal done
        done += size
        report(Progress("check", done // MEBIBYTE, total))

    for file in here:
        if file.hash_of(folder / file.path, on_block) == file.expected_hash:
            right.add(file.path)
    return [file for file in files if file.path not in right]


def _check_room(folder: Path, files: list[RemoteFile]) -> None:
    """Check that the disk of a folder has enough space for the download of files.

    Raises:
        OutputError: The disk is too full.
    """
    if not files:
        return
    here = sum(max(0, pulled_models.size_of(_part_of(folder, file))) for file in files)
    needed = sum(file.size for file in files) - here + SPARE_BYTES
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(existing).free
    if needed > free:
        raise OutputError(
            f"{needed / 1e9:.1f} GB are needed in {existing}, but only {free / 1e9:.1f} GB are free",
            hint=f"free disk space, or set {pulled_models.MODELS_ENV} to a folder on another disk",
        )


@contextmanager
def _one_process(model: CatalogModel) -> Iterator[None]:
    """Keep other processes from downloading this model during a `with` block.

    This uses a file lock, which the operating system releases if the process ends early.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - comes with huggingface_hub

    pulled_models.models_folder().mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(pulled_models.models_folder() / f".{model.name}.lock", timeout=0):
            yield
    except Timeout:
        raise EngineUnavailable(
            f"another lipwright process is downloading {model.name}",
            hint=f"wait for it or stop it; the downloaded part is kept. Then run: {model.pull_command}",
        ) from None


@contextmanager
def _disk_errors(folder: Path, model: CatalogModel) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be written to ({error.strerror or error})",
            hint=f"free disk space, or set {pulled_models.MODELS_ENV} to another folder; then run: "
            f"{model.pull_command}",
        ) from error
