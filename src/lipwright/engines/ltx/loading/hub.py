"""A Hugging Face hub over plain HTTPS: the list of a repository's files, and the files, resumed.

The endpoint is HF_ENDPOINT's or huggingface.co; the token is HF_TOKEN's or the one
that `hf auth login` keeps. A token goes to the endpoint alone, never along a redirect
to another host.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import IO, Any

from lipwright.errors import EngineUnavailable, OutputError

DEFAULT_ENDPOINT = "https://huggingface.co"
TIMEOUT_S = 30
"""Silence after which a connection counts as broken."""
BLOCK_BYTES = 1 << 20
TRIES = 6
"""In a row without a byte gained; each one waits longer, 15 s together."""
FIRST_WAIT_S = 0.5


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file of a repository, with what proves it."""

    path: str
    size: int
    sha256: str | None
    """Of large files, from the hub's record of them."""
    git_sha1: str
    """Of small ones: the hash that git gives a file."""

    def digest(self) -> Digest:
        """A running hash to compare with this file's."""
        if self.sha256 is not None:
            return Digest(self.sha256, "sha256", hashlib.sha256())
        blob = hashlib.sha1(usedforsecurity=False)
        blob.update(f"blob {self.size}\0".encode())
        return Digest(self.git_sha1, "git sha1", blob)


@dataclass(frozen=True, slots=True)
class Digest:
    """A hash in progress and what it should become."""

    wanted: str
    kind: str
    running: Any

    def update(self, block: bytes) -> None:
        """Take in the next bytes."""
        self.running.update(block)

    @property
    def came(self) -> str:
        """The hash of what was taken in."""
        return str(self.running.hexdigest())

    @property
    def right(self) -> bool:
        """Whether it is the one wanted."""
        return self.came == self.wanted


@dataclass(frozen=True, slots=True)
class Revision:
    """A repository at one commit."""

    repo: str
    commit: str
    files: tuple[RemoteFile, ...]


def endpoint() -> str:
    """Base URL of the hub, without a final slash."""
    return (os.environ.get("HF_ENDPOINT") or DEFAULT_ENDPOINT).rstrip("/")


def list_files(repo: str) -> Revision:
    """The files of a repository as they are now.

    Args:
        repo: owner/name.

    Raises:
        EngineUnavailable: no network, no such repository, or no right to see it.
    """
    url = f"{endpoint()}/api/models/{repo}/revision/main?blobs=true"
    try:
        with _get(url, repo) as answer:
            told = json.load(answer)
        files = tuple(_remote(row) for row in told["siblings"])
        return Revision(repo, str(told["sha"]), files)
    except (KeyError, TypeError, ValueError) as error:
        raise EngineUnavailable(
            f"{url} did not answer as a hub does ({type(error).__name__}: {error})",
            hint="see that HF_ENDPOINT, if set, names a Hugging Face hub",
        ) from error
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(url, error) from error


def fetch(
    revision: Revision, file: RemoteFile, target: Path, gained: Callable[[int], None], *, mend: str
) -> None:
    """Bring one file here: resumed where a part lies there already, checked, then named.

    Args:
        revision: The repository.
        file: Which file.
        target: Where it goes; its part lies beside it as NAME.part until it is whole.
        gained: Told bytes as they come, those that lay there included; negative where they were given up.
        mend: The command that continues, for hints.

    Raises:
        EngineUnavailable: not to be had, or not what the hub says it is.
        OutputError: no room or no right.
    """
    part = target.with_name(target.name + ".part")
    with _writing(target, mend):
        target.parent.mkdir(parents=True, exist_ok=True)
        digest, done = _begun(part, file)
    gained(done)
    url = f"{endpoint()}/{revision.repo}/resolve/{revision.commit}/{urllib.parse.quote(file.path)}"
    tries = 0
    while done < file.size:
        before = done
        try:
            with _get(url, revision.repo, start=done) as answer, _opened(part, target, mend) as out:
                if done and answer.status == http.HTTPStatus.OK:  # this server cannot resume
                    gained(-done)
                    digest, done = file.digest(), 0
                with _writing(target, mend):
                    out.truncate(done)
                    out.seek(done)
                for block in _blocks(answer, file.size - done):
                    with _writing(target, mend):
                        _write_all(out, block)
                    digest.update(block)
                    done += len(block)
                    gained(len(block))
        except (OSError, http.client.HTTPException) as error:
            tries = 1 if done > before else tries + 1
            if tries >= TRIES:
                raise _broken(file, done, error, mend) from error
            time.sleep(FIRST_WAIT_S * 2 ** (tries - 1))
            continue
        if done == before:
            raise _broken(file, done, OSError("the server sent nothing"), mend)
    _finish(part, target, file, digest, mend)


def _finish(part: Path, target: Path, file: RemoteFile, digest: Digest, mend: str) -> None:
    if not digest.right:
        part.unlink(missing_ok=True)
        raise EngineUnavailable(
            f"{file.path}: expected {digest.kind} {digest.wanted}, came {digest.came}; it was thrown away",
            hint=f"run again: {mend}",
        )
    with _writing(target, mend):
        with part.open("ab" if part.exists() else "wb") as out:  # an empty file has no part yet
            os.fsync(out.fileno())
        part.replace(target)


def _begun(part: Path, file: RemoteFile) -> tuple[Digest, int]:
    """The hash of what lies there already, and how much that is."""
    digest, done = file.digest(), 0
    if not part.exists():
        return digest, done
    if part.stat().st_size > file.size:
        part.unlink()
        return digest, done
    with part.open("rb") as begun:
        while block := begun.read(BLOCK_BYTES):
            digest.update(block)
            done += len(block)
    return digest, done


def _opened(part: Path, target: Path, mend: str) -> FileIO:
    """Unbuffered, so that what the disk refuses shows where it is written."""
    with _writing(target, mend):
        return FileIO(part, "r+" if part.exists() else "w")


def _write_all(out: FileIO, block: bytes) -> None:
    rest = memoryview(block)
    while rest:
        rest = rest[out.write(rest) :]


def _blocks(answer: http.client.HTTPResponse, left: int) -> Iterator[bytes]:
    """The body; it ends early with an error, never silently."""
    while left > 0:
        block = answer.read1(min(BLOCK_BYTES, left))
        if not block:
            raise ConnectionError("the connection was cut")
        left -= len(block)
        yield block


def _remote(row: Mapping[str, Any]) -> RemoteFile:
    large = row.get("lfs") or {}
    return RemoteFile(
        path=_safe(str(row["rfilename"])),
        size=int(large.get("size", row["size"])),
        sha256=large.get("sha256"),
        git_sha1=str(row["blobId"]),
    )


def _safe(path: str) -> str:
    """A path that stays within its folder; a hub that sends another one is not to be trusted."""
    pure = Path(path)
    if pure.is_absolute() or ".." in pure.parts or "\\" in path:
        raise ValueError(f"a file named {path!r}")
    return path


class _KeepTokenHome(urllib.request.HTTPRedirectHandler):
    """The hub sends large files elsewhere, with a signed address: the token must not follow."""

    def redirect_request(  # noqa: PLR0917 - as urllib has it
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        request = super().redirect_request(req, fp, code, msg, headers, newurl)
        if (
            request is not None
            and urllib.parse.urlsplit(newurl).netloc != urllib.parse.urlsplit(req.full_url).netloc
        ):
            request.remove_header("Authorization")
        return request


def _get(url: str, repo: str, start: int = 0) -> http.client.HTTPResponse:
    """Ask for a page.

    Raises:
        EngineUnavailable: refused for good.
        OSError: for this time.
    """
    if urllib.parse.urlsplit(url).scheme not in {"http", "https"}:
        raise EngineUnavailable(f"{url} is no web address", hint="give HF_ENDPOINT as https://...")
    request = urllib.request.Request(url, headers={"User-Agent": "lipwright"})  # noqa: S310 - checked above
    if token := _token():
        request.add_header("Authorization", f"Bearer {token}")
    if start:
        request.add_header("Range", f"bytes={start}-")
    try:
        opened: http.client.HTTPResponse = urllib.request.build_opener(_KeepTokenHome).open(
            request, timeout=TIMEOUT_S
        )
    except urllib.error.HTTPError as error:
        with error:
            raise _refused(error.code, url, repo, error) from error
    return opened


def _refused(code: int, url: str, repo: str, error: OSError) -> Exception:
    page = f"{endpoint()}/{repo}"
    if code in {401, 403}:
        return EngineUnavailable(
            f"{repo} is not open to you ({code}): its makers ask for your consent first",
            hint=f"accept the terms at {page}, make a read token, then run: hf auth login (or set HF_TOKEN)",
        )
    if code in {404, 410}:
        return EngineUnavailable(
            f"{url} does not exist ({code})", hint=f"see {page}; files move: a newer lipwright may know where"
        )
    if code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        return EngineUnavailable(f"{url} is shorter than the hub says", hint="run the command again later")
    return error


def _token() -> str:
    if token := os.environ.get("HF_TOKEN"):
        return token.strip()
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    try:
        return Path(os.environ.get("HF_TOKEN_PATH") or home / "token").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _unreachable(url: str, error: Exception) -> EngineUnavailable:
    reason = getattr(error, "reason", None) or error
    return EngineUnavailable(
        f"{url} cannot be reached ({reason})",
        hint="check the network, or set HF_ENDPOINT to a mirror",
    )


def _broken(file: RemoteFile, done: int, error: Exception, mend: str) -> EngineUnavailable:
    reason = getattr(error, "reason", None) or error
    return EngineUnavailable(
        f"{file.path}: broke off after {done / 1e9:.2f} of {file.size / 1e9:.2f} GB ({reason})",
        hint=f"what came is kept; run again to continue: {mend}",
    )


@contextmanager
def _writing(target: Path, mend: str) -> Iterator[None]:
    """What the disk refuses, in words; not to be mistaken for the network's refusals."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{target} cannot be written ({error.strerror or error})",
            hint=f"make room there, or set LIPWRIGHT_MODELS to a folder on another disk; then: {mend}",
        ) from error
