"""Store rendered previews on disk, so that an interrupted run can continue.

A preview consists of a video, its seal (a file that marks the video as complete, see `sealed_files`), its
manifest, and its report if requested.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

import platformdirs

from lipwright.domain.audio_piece import AudioSource, as_piece
from lipwright.domain.time import Span
from lipwright.errors import InputError, OutputError
from lipwright.media.atomic_files import file_sha256
from lipwright.pipeline.sealed_files import remove_oldest, seal, sealed_notes

MAX_CACHE_BYTES = 500_000_000
"""Maximum size of the previews of interrupted runs in the user's cache, enough for a few hundred previews."""

HASH_DIGITS = 16
"""Number of hexadecimal digits of a job's hash in the names of its files."""


def cache_folder() -> Path:
    """Return the folder of previews in the user's cache, created if it is missing.

    Raises:
        OutputError: the folder cannot be created.
    """
    folder = Path(platformdirs.user_cache_path("lipwright")) / "tune"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"the folder {folder} cannot be created ({error.strerror or error})",
            hint="give another folder with --trace",
        ) from error
    return folder


class PreviewCache:
    """A folder of previews. If the user named the folder, `keep` is True, and nothing is removed from it."""

    def __init__(self, folder: Path, *, keep: bool) -> None:
        self.folder, self._keep = folder, keep
        self._used: set[Path] = set()

    def video(self, job: str) -> Path:
        """Return the path of the preview video of a job."""
        return self._use(f"preview-{job[:HASH_DIGITS]}.mp4")

    def excerpt(self, source: AudioSource, span: Span) -> Path:
        """Return the path of the WAV file with an excerpt of a recording."""
        piece = as_piece(source)
        text = f"{file_sha256(piece.path)} {piece.start} {span.start} {span.end}"
        name = hashlib.sha256(text.encode()).hexdigest()
        return self._use(f"excerpt-{name[:HASH_DIGITS]}.wav")

    def _use(self, name: str) -> Path:
        self._used.add(self.folder / name)
        return self.folder / name

    def holds(self, job: str) -> bool:
        """Return True if the preview of a job exists and is complete."""
        try:
            return sealed_notes(self.video(job)) == {"job": job}
        except InputError:
            return False

    def seal(self, job: str) -> str:
        """Mark the preview of a job as complete, and return the hash of the video."""
        return seal(self.video(job), {"job": job})

    def clear(self) -> None:
        """Remove the files of this run, unless the user named the folder."""
        if not self._keep:
            for path in self._used:
                _remove(path)

    def prune(self) -> None:
        """Remove the oldest previews until the rest fit into MAX_CACHE_BYTES.

        Nothing is removed if the user named the folder.
        """
        if self._keep:
            return
        entries = []
        for pattern in ("preview-*.mp4", "excerpt-*.wav"):
            for path in self.folder.glob(pattern):
                with suppress(OSError):  # another run may be removing it
                    entries.append((path.stat().st_mtime, path.stat().st_size, path))
        remove_oldest(entries, MAX_CACHE_BYTES, _remove)


def _remove(preview: Path) -> None:
    for suffix in {".seal", preview.suffix, ".json", ".html"}:
        with suppress(OSError):
            preview.with_suffix(suffix).unlink()
