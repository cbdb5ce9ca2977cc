"""Access to the Hugging Face hub with huggingface_hub: listing a repository, and downloading a file.

huggingface_hub finds the endpoint and the token, follows redirects and retries failed requests. Because a hub
is not trusted, this module adds protection: each answer has a deadline and a maximum size, nothing is
decompressed, and no text from a server is shown in the terminal.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import BinaryIO, TypeVar
from urllib.parse import urlsplit

import httpx2
import huggingface_hub
from huggingface_hub import HfApi, get_token, hf_hub_url, set_client_factory
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.file_download import http_get
from huggingface_hub.hf_api import RepoSibling
from huggingface_hub.utils import logging
from huggingface_hub.utils._headers import build_hf_headers
from huggingface_hub.utils._http import default_client_factory
from huggingface_hub.utils.tqdm import disable_progress_bars

from lipwright.engines.ltx.loading.catalog import CatalogModel
from lipwright.engines.ltx.loading.pulled_models import BLOCK_BYTES, Record, RemoteFile
from lipwright.errors import EngineUnavailable, LipwrightError

DEFAULT_ENDPOINT = "https://huggingface.co"
MAX_LISTING_BYTES = 8 << 20
"""Maximum size of a repository's file list in bytes; a list takes about 400 bytes per file."""
MAX_ERROR_BYTES = 64 << 10
MAX_TOKEN_BYTES = 10_000
MAX_FILE_BYTES = 1 << 50
TIMEOUT_S = 30
"""Maximum time in seconds without a byte from the server."""
LISTING_DEADLINE_S = 60
STALL_S = 120
"""Maximum time in seconds for receiving BLOCK_BYTES of a file; a slower transfer is aborted."""
MAX_RESETS = 20
"""Number of connection resets after which the download of a file fails. huggingface_hub itself retries after
other failures."""
POLL_S = 0.1

COMMIT = re.compile(r"[0-9a-f]{40}")
SHA256 = re.compile(r"[0-9a-f]{64}")
TOKEN = re.compile(r"[!-~]+")
CREDENTIALS_HINT = "check HF_TOKEN_PATH and HF_HOME, or set HF_TOKEN"

T = TypeVar("T")

# A connection that breaks loses up to this number of bytes; the default is 10 MB.
huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE = BLOCK_BYTES
disable_progress_bars()
logging.get_logger().setLevel("CRITICAL")  # the library would log addresses and texts of the server


class BadAnswerError(Exception):
    """The error for an invalid answer of a hub; the message never quotes the answer."""


def endpoint() -> str:
    """Return the base URL of the hub, HF_ENDPOINT or huggingface.co, without a trailing slash.

    Raises:
        EngineUnavailable: HF_ENDPOINT is not a web address, or contains a password.
    """
    url = (os.environ.get("HF_ENDPOINT") or DEFAULT_ENDPOINT).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not url.isprintable():
        raise EngineUnavailable(
            "HF_ENDPOINT is not a web address", hint=f"write it like {DEFAULT_ENDPOINT}, or unset it"
        )
    if "@" in parts.netloc or parts.query:
        raise EngineUnavailable(
            "HF_ENDPOINT contains a password or a query",
            hint="set HF_ENDPOINT to the address only, and HF_TOKEN to your token",
        )
    return url


def list_files(model: CatalogModel) -> Record:
    """Return the newest commit of a model's repository, with the files that belong to the model.

    Raises:
        EngineUnavailable: There is no network, the repository or a file does not exist or is not accessible,
            or the answer is invalid.
    """
    base, token = endpoint(), _token()

    def ask() -> Record:
        info = HfApi(endpoint=base, token=token, library_name="lipwright").model_info(
            model.repo, revision="main", files_metadata=True, timeout=TIMEOUT_S
        )
        if not COMMIT.fullmatch(str(info.sha)):
            raise BadAnswerError("the commit is not a hash")
        rows = [row for row in info.siblings or () if model.wants(row.rfilename)]
        return Record(model.repo, str(info.sha), tuple(_remote_file(row) for row in rows))

    def check_deadline(elapsed_s: float) -> None:
        if elapsed_s > LISTING_DEADLINE_S:
            raise BadAnswerError(f"no complete answer within {LISTING_DEADLINE_S} s")

    with _translated_errors(model, token), _session(MAX_LISTING_BYTES):
        record = _in_background(ask, check_deadline)
    for pattern in model.patterns:
        if not any(fnmatchcase(file.path, pattern) for file in record.files):
            raise EngineUnavailable(
                f"{model.repo} no longer contains {pattern}",
                hint=f"the file may have moved: see {base}/{model.repo}, or update lipwright",
            )
    return record


def fetch(
    model: CatalogModel, record: Record, file: RemoteFile, out: BinaryIO, on_size: Callable[[int], None]
) -> None:
    """Download the missing part of a file and append it to `out`; reconnect if a connection breaks.

    Args:
        model: The model, for messages.
        record: The model's repository and commit.
        file: The file in the repository.
        out: The partial file, opened for appending.
        on_size: Called with the current size in bytes several times a second; an exception stops the
            download.

    Raises:
        EngineUnavailable: The file cannot be downloaded, even after retries.
        OSError: The disk is full.
    """
    token = _token()
    url = hf_hub_url(record.repo, file.path, revision=record.commit, endpoint=endpoint())
    headers = build_hf_headers(token=token, library_name="lipwright")
    size, gained_at_s = out.tell(), 0.0

    def ask() -> None:
        for resets in range(MAX_RESETS):
            try:
                http_get(url, out, resume_size=out.tell(), headers=headers, expected_size=file.size)
                break
            except httpx2.ReadError:
                if resets + 1 == MAX_RESETS:
                    raise
                time.sleep(1)

    def watch(elapsed_s: float) -> None:
        nonlocal size, gained_at_s
        if out.tell() != size:
            size, gained_at_s = out.tell(), elapsed_s
        elif elapsed_s - gained_at_s > STALL_S:
            raise BadAnswerError(f"less than a megabyte was received within {STALL_S} s")
        on_size(size)

    with _translated_errors(model, token, f"{file.path}: "), _session(max(file.size, MAX_ERROR_BYTES)):
        _in_background(ask, watch)
        out.flush()


def _token() -> str | bool:
    """Return the user's token from HF_TOKEN or `hf auth login`; False if there is none.

    huggingface_hub sends no token if the value is False.

    Raises:
        EngineUnavailable: The token cannot be read, or is invalid. Unlike the libraries' error messages, this
            message does not quote the token.
    """
    file = Path(huggingface_hub.constants.HF_TOKEN_PATH)
    try:
        if file.exists() and (not file.is_file() or file.stat().st_size > MAX_TOKEN_BYTES):
            raise EngineUnavailable(f"{file} is not a text file with a token", hint=CREDENTIALS_HINT)
        token = get_token()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise EngineUnavailable(
            f"the Hugging Face token cannot be read from {file} ({reason})", hint=CREDENTIALS_HINT
        ) from None
    if token and not TOKEN.fullmatch(token):
        raise EngineUnavailable(
            "the Hugging Face token contains characters that are not allowed in a token",
            hint="copy the token into HF_TOKEN again, or run: hf auth login",
        )
    return token or False


def _remote_file(row: RepoSibling) -> RemoteFile:
    """Check an entry of a repository's listing, and return the file that it describes."""
    path = PurePosixPath(row.rfilename)
    if path.is_absolute() or ".." in path.parts or "\\" in str(path) or not str(path).isprintable():
        raise BadAnswerError("a file's path leads out of its folder")
    size, sha256 = (row.lfs.size, row.lfs.sha256) if row.lfs else (row.size, None)
    if not (isinstance(size, int) and 0 <= size <= MAX_FILE_BYTES):
        raise BadAnswerError("a file has no size")
    if not COMMIT.fullmatch(str(row.blob_id)) or not (sha256 is None or SHA256.fullmatch(sha256)):
        raise BadAnswerError("a file has no hash")
    return RemoteFile(str(path), size, sha256, str(row.blob_id))


class _BoundedStream(httpx2.SyncByteStream):
    """A response body that raises an error if it exceeds a maximum size."""

    def __init__(self, body: httpx2.SyncByteStream, max_bytes: int) -> None:
        self._body, self._left = body, max_bytes

    def __iter__(self) -> Iterator[bytes]:
        for block in self._body:
            self._left -= len(block)
            if self._left < 0:
                raise BadAnswerError("the answer is longer than allowed")
            yield block

    def close(self) -> None:
        self._body.close()


@contextmanager
def _session(max_bytes: int) -> Iterator[None]:
    """Make huggingface_hub check its requests and responses during a `with` block.

    A response with a body of more than `max_bytes` is refused.
    """
    secure = endpoint().startswith("https:")

    def check_request(request: httpx2.Request) -> None:
        if secure and request.url.scheme != "https":
            raise BadAnswerError("the hub redirects to an unencrypted address")

    def check_answer(answer: httpx2.Response) -> None:
        if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise BadAnswerError("the answer is compressed, although the request excluded that")
        wanted = answer.request.headers.get("Range", "").removeprefix("bytes=")
        if answer.status_code == httpx2.codes.PARTIAL_CONTENT and not (
            wanted and answer.headers.get("Content-Range", "").startswith(f"bytes {wanted}")
        ):
            raise BadAnswerError("the answer is not the requested part of the file")
        limit = max_bytes if answer.is_success else MAX_ERROR_BYTES
        answer.stream = _BoundedStream(answer.stream, limit)  # type: ignore[arg-type]

    set_client_factory(
        lambda: httpx2.Client(
            headers={"Accept-Encoding": "identity"},
            event_hooks={"request": [check_request], "response": [check_answer]},
            follow_redirects=True,  # httpx drops the token if the host changes
            timeout=TIMEOUT_S,
        )
    )
    try:
        yield
    finally:
        set_client_factory(default_client_factory)  # this closes the former client with all its connections


def _in_background(work: Callable[[], T], watch: Callable[[float], None]) -> T:
    """Run `work` in a thread and return its result, so that a deadline or Ctrl-C can always end the wait.

    `watch` is called repeatedly with the seconds since the start. If it raises an exception, the wait ends.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)

    thread, start = threading.Thread(target=run, daemon=True), time.monotonic()
    thread.start()
    while thread.is_alive():
        thread.join(POLL_S)
        watch(time.monotonic() - start)
    if errors:
        raise errors[0]
    return results[0]


@contextmanager
def _translated_errors(model: CatalogModel, token: str | bool, what: str = "") -> Iterator[None]:
    """Convert the libraries' errors to EngineUnavailable during a `with` block.

    The original messages are not shown, because they could quote text from the server.
    """
    base, again = endpoint(), f"the downloaded part is kept; to continue, run again: {model.pull_command}"
    try:
        yield
    except LipwrightError:
        raise
    except HfHubHTTPError as error:
        raise _refused(error.response.status_code, model, token, again) from None
    except httpx2.ConnectError:
        raise EngineUnavailable(
            f"{base} cannot be reached", hint="check the network, or set HF_ENDPOINT to a mirror"
        ) from None
    except httpx2.TransportError as error:
        raise EngineUnavailable(
            f"{what}the connection to {base} broke off ({type(error).__name__})", hint=again
        ) from None
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:  # an error of the disk, not of the library
            raise
        reason = str(error) if isinstance(error, BadAnswerError) else type(error).__name__
        raise EngineUnavailable(
            f"{what}{base} did not answer as a Hugging Face hub does ({reason})",
            hint=f"check HF_ENDPOINT if it is set; {again}",
        ) from None


def _refused(status: int, model: CatalogModel, token: str | bool, again: str) -> EngineUnavailable:
    page, log_in = f"{endpoint()}/{model.repo}", "run: hf auth login (or set HF_TOKEN)"
    make = (
        f"make a read token at {endpoint()}/settings/tokens (a fine-grained token needs access to "
        "gated repositories)"
    )
    if status == httpx2.codes.UNAUTHORIZED and token:
        return EngineUnavailable(
            f"the hub refuses your token for {model.repo} (401)", hint=f"{make}, then {log_in}"
        )
    if status in {httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN}:
        return EngineUnavailable(
            f"access to {model.repo} is refused ({status}): you must accept its terms first",
            hint=f"log in and accept the terms at {page}, {make}, then {log_in}",
        )
    if status in {httpx2.codes.NOT_FOUND, httpx2.codes.GONE}:
        return EngineUnavailable(
            f"{page} does not exist, or no longer has a file of {model.name} ({status})",
            hint="the files may have moved: see that page, or update lipwright",
        )
    return EngineUnavailable(f"{endpoint()} answers with an error ({status})", hint=f"try later; {again}")
