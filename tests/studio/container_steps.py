"""The Dockerfile without Docker: its instructions read, and carried out in a clean Debian by hand.

sudo debootstrap --variant=minbase trixie ROOT
sudo python tests/studio/container_steps.py ROOT

COPY, ENV, ARG, WORKDIR, USER and RUN do in ROOT what Docker does; CMD is then started there and asked for its
health. Variables of this shell whose names begin with PIP_ or end in _proxy are handed on.
"""

# ruff: noqa: T201 - a script

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PORT = 7860
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
READY_S = 60


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """Each instruction of a Dockerfile and what follows it, on one line."""
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.M)
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if line.strip():
            word, _, rest = line.partition(" ")
            yield word.upper(), rest.strip()


def run(
    root: Path, words: list[str], variables: dict[str, str], folder: str, user: str
) -> subprocess.Popen[str]:
    """Start a program in the root."""
    handed_on = {name: value for name, value in os.environ.items() if re.match(r"PIP_|.*_proxy$", name)}
    environment = {
        "PATH": PATH,
        **handed_on,
        **variables,
    }
    as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if user != "root" else []
    inside = ["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", folder, *words]
    return subprocess.Popen(
        [shutil.which("chroot") or "chroot", str(root), *as_user, *inside], env=environment, text=True
    )


def carry_out(root: Path) -> None:
    """Do what the Dockerfile says."""
    variables: dict[str, str] = {"HOME": "/root"}
    folder, user, command = "/", "root", [[], []]
    for word, rest in instructions((REPOSITORY / "Dockerfile").read_text()):
        print(f"{word} {rest}"[:160], flush=True)
        if word == "WORKDIR":
            folder = rest
            (root / folder.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif word == "COPY":
            *sources, target = rest.split()
            for source in sources:
                at = root / folder.lstrip("/") / target / ("" if len(sources) == 1 else source)
                if (REPOSITORY / source).is_dir():
                    shutil.copytree(REPOSITORY / source, at, dirs_exist_ok=True)
                else:
                    shutil.copy(REPOSITORY / source, at)
        elif word in {"ENV", "ARG"}:
            for name, value in re.findall(r"(\w+)=(\S+)", rest):
                variables[name] = os.path.expandvars(value.replace("$PATH", PATH))
        elif word == "USER":
            user = rest
            variables["HOME"] = f"/home/{user}"
        elif word == "RUN" and run(root, ["sh", "-ec", rest], variables, folder, user).wait():
            sys.exit(f"failed: {rest}")
        elif word in {"ENTRYPOINT", "CMD"}:
            command[word == "CMD"] = json.loads(rest)
    variables["LIPWRIGHT_TOKEN"] = "only-for-this-run"  # noqa: S105
    studio = run(root, [*command[0], *command[1]], variables, folder, user)
    try:
        wait_for_health(studio)
    finally:
        studio.terminate()
        print("exit code", studio.wait())


def wait_for_health(studio: subprocess.Popen[str]) -> None:
    """Ask until it answers."""
    end = time.monotonic() + READY_S
    while time.monotonic() < end and studio.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/v1/health", timeout=5) as answer:
                print(answer.read().decode())
                return
        except OSError:
            time.sleep(0.5)
    sys.exit("the studio does not answer")


if __name__ == "__main__":
    carry_out(Path(sys.argv[1]))
