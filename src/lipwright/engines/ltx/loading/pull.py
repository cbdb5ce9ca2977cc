"""Fetch a model, resume where it broke off, check every byte; and verify what is here."""

from __future__ import annotations

import shutil
from pathlib import Path

from lipwright.domain.progress import Progress, ProgressCallback
from lipwright.engines.ltx.loading import hub, store
from lipwright.engines.ltx.loading.catalog import CatalogModel
from lipwright.engines.ltx.loading.hub import RemoteFile
from lipwright.errors import EngineUnavailable, OutputError

MEBIBYTE = 1 << 20
SPARE_BYTES = 64 * MEBIBYTE
"""Left free on the disk beside what is fetched."""


def pull(model: CatalogModel, report: ProgressCallback) -> Path:
    """Bring a model here; what is here and right is not fetched again.

    Args:
        model: Of the catalog.
        report: Told mebibytes of stages check and pull; may raise Cancelled, and the
            next pull goes on from there.

    Returns:
        Its folder.

    Raises:
        EngineUnavailable: not to be had, broken off, being fetched by another process, or other bytes
            than the hub's record says.
        OutputError: no room or no right.
    """
    revision = hub.list_files(model.repo)
    files = tuple(file for file in revision.files if model.wants(file.path))
    absent = [pattern for pattern in model.patterns if not any(_matches(model, pattern, f) for f in files)]
    if absent:
        raise EngineUnavailable(
            f"{model.repo} has no {absent[0]} any more",
            hint=f"see {hub.endpoint()}/{model.repo}; a newer lipwright may know where it went",
        )
    folder = store.folder_of(model.name)
    try:
        with store.fetching(model.name) as alone:
            if not alone:
                raise EngineUnavailable(
                    f"another lipwright is fetching {model.name} at this moment",
                    hint=f"wait for it or stop it; what came is kept. Then: {model.pull_command}",
                )
            wrong = _wrong(folder, files, report)
            _check_room(folder, wrong)
            if wrong:
                (folder / store.RECORD).unlink(missing_ok=True)
                _fetch_all(model, revision, wrong, folder, report)
            store.write_record(model.name, store.Record(model.repo, revision.commit, files))
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be written ({error.strerror or error})",
            hint=f"make room, then: {model.pull_command}",
        ) from error
    return folder


def verify(model: CatalogModel, report: ProgressCallback) -> Path:
    """See that every file of a pulled model is here with its hash.

    Raises:
        EngineUnavailable: one is missing or another one.
    """
    folder, record = store.folder_of(model.name), store.read_record(model.name)
    if record is None:
        begun = any(folder.rglob("*.part")) if folder.is_dir() else False
        raise EngineUnavailable(
            f"{model.name} is {'only partly' if begun else 'not'} on this machine ({folder})",
            hint=f"run: {model.pull_command}",
        )
    for file in record.files:
        size = store.size_of(folder / file.path)
        if size != file.size:
            state = "is missing" if size < 0 else f"has {size} bytes of {file.size}"
            raise EngineUnavailable(f"{folder / file.path} {state}", hint=f"run: {model.pull_command}")
    wrong = _wrong(folder, record.files, report)
    if wrong:
        raise EngineUnavailable(
            f"{folder / wrong[0].path} is damaged: its hash is not {wrong[0].digest().wanted}",
            hint=f"run: {model.pull_command}",
        )
    return folder


def _matches(model: CatalogModel, pattern: str, file: RemoteFile) -> bool:
    return CatalogModel(model.name, "", model.repo, (pattern,), model.licence).wants(file.path)


def _fetch_all(
    model: CatalogModel,
    revision: hub.Revision,
    files: list[RemoteFile],
    folder: Path,
    report: ProgressCallback,
) -> None:
    total, done = sum(file.size for file in files), 0

    def gained(count: int) -> None:
        nonlocal done
        done += count
        report(Progress("pull", done // MEBIBYTE, -(-total // MEBIBYTE)))

    for file in files:
        hub.fetch(revision, file, folder / file.path, gained, mend=model.pull_command)


def _wrong(folder: Path, files: tuple[RemoteFile, ...], report: ProgressCallback) -> list[RemoteFile]:
    """The files that are not here with their hash."""
    here = [file for file in files if store.size_of(folder / file.path) == file.size]
    total, done = -(-sum(file.size for file in here) // MEBIBYTE), 0
    right = set()
    for file in here:
        digest = file.digest()
        with (folder / file.path).open("rb") as stream:
            while block := stream.read(MEBIBYTE):
                digest.update(block)
                done += len(block)
                report(Progress("check", done // MEBIBYTE, total))
        if digest.right:
            right.add(file.path)
    return [file for file in files if file.path not in right]


def _check_room(folder: Path, files: list[RemoteFile]) -> None:
    if not files:
        return
    lying = sum(max(0, store.size_of(folder / f"{file.path}.part")) for file in files)
    needed = sum(file.size for file in files) - lying + SPARE_BYTES
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(existing).free
    if needed > free:
        raise OutputError(
            f"{needed / 1e9:.1f} GB are needed in {existing}, {free / 1e9:.1f} GB are free",
            hint=f"make room, or set {store.MODELS_ENV} to a folder on another disk",
        )
