"""Which files each command writes and which hosts it calls, in an empty home without network, by strace."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "privacy.md").read_text(encoding="utf-8")
WRITING_CALLS = ("mkdir", "rename", "symlink", "link", "mknod", "truncate", "creat")
DEVICES = ("/dev/null", "/dev/tty", "/dev/pts/", "pipe:", "anon_inode:", "/memfd:", "socket:")


def documented(heading: str) -> list[str]:
    """The paths in the first column of the table under a heading of docs/privacy.md."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


@dataclass(frozen=True)
class Watched:
    """The traces of a command."""

    code: int
    stderr: str
    outputs: set[str]
    """Files that are new in the working folder."""
    left: set[str]
    """Files and folders that are new elsewhere: ~/... in the home, $TMPDIR/... in the temporary folder."""
    written_elsewhere: set[str]
    """Paths outside these three folders that were opened for writing, or made."""
    calls: set[str]
    """Addresses on the network that were asked for."""


class Box:
    """An empty home, an empty temporary folder and a working folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("work", "home", "temporary", "trace"):
            (folder / name).mkdir()
        self.work = folder / "work"

    def run(self, *arguments: str | Path) -> Watched:
        """Run one command line, or with "-c" one program, under strace."""
        before = self._files("work")
        for name in ("home", "temporary", "trace"):
            shutil.rmtree(self.folder / name)
            (self.folder / name).mkdir()
        program = [
            sys.executable,
            *(() if arguments[0] == "-c" else ("-m", "lipwright")),
            *map(str, arguments),
        ]
        traced = ",".join(
            ["openat,open,connect,sendto,sendmsg,sendmmsg", *(f"/^{call}" for call in WRITING_CALLS)]
        )
        watch = ["-e", f"trace={traced}", "-e", "inject=connect:error=ENETUNREACH", "-e", "signal=none"]
        to = str(self.folder / "trace" / "calls")
        done = subprocess.run(
            ["strace", "-ff", "-y", "--seccomp-bpf", "-qq", "-s", "4096", *watch, "-o", to, *program],
            cwd=self.work,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
                "PYTHONDONTWRITEBYTECODE": "1",  # an installed package has its bytecode already
                "HOME": str(self.folder / "home"),
                "TMPDIR": str(self.folder / "temporary"),
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        lines = [
            line
            for file in (self.folder / "trace").iterdir()
            for line in file.read_text("utf-8", "replace").splitlines()
        ]
        assert len(lines) > 100, f"strace saw nothing: {done.stderr}"
        left = {f"~/{name}" for name in self._files("home")}
        left |= {f"$TMPDIR/{name}" for name in self._files("temporary")}
        return Watched(
            code=done.returncode,
            stderr=done.stderr,
            outputs=self._files("work") - before,
            left=left,
            written_elsewhere=self._written_elsewhere(lines),
            calls={line for line in lines if re.search(r"\bsa_family=AF_INET6?\b", line)},
        )

    def _files(self, name: str) -> set[str]:
        folder = self.folder / name
        return {str(path.relative_to(folder)) for path in folder.rglob("*")}

    def _written_elsewhere(self, lines: list[str]) -> set[str]:
        paths = set()
        for line in lines:
            call, _, rest = line.partition("(")
            if " = -1 " in line:
                continue
            if call.startswith("open"):
                if re.search(r"O_WRONLY|O_RDWR|O_CREAT", rest):
                    paths |= set(re.findall(r"= \d+<(.*)>$", rest))
            elif call.startswith(WRITING_CALLS):
                named = re.findall(r'"([^"]*)"', rest)
                named = named[1:] if call.startswith("symlink") else named  # its first is what it points to
                paths |= {str(self.work / path) for path in named}
        return {path for path in paths if not path.startswith((str(self.folder), *DEVICES))}


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Box:
    if not shutil.which("strace"):
        if sys.platform == "linux":
            pytest.fail("strace is missing: apt-get install strace")
        pytest.skip("strace is for Linux alone")
    box = Box(tmp_path_factory.mktemp("box"))
    for name in ("voice.flac", "portrait.jpg"):
        shutil.copy(REPOSITORY / "examples" / name, box.work)
    shutil.copy("/usr/share/pocketsphinx/test/data/cards/001.wav", box.work / "one-second.wav")
    (box.work / "ComfyUI" / "custom_nodes").mkdir(parents=True)
    (box.work / "out").mkdir()
    (box.work / "turns.csv").write_text("start,end,speaker\n0,0.5,A\n0.5,1,B\n")
    (box.work / "shots.csv").write_text("audio,audio_to,output\none-second.wav,0.5,one\n")
    return box


@pytest.fixture(scope="module")
def rendered(box: Box) -> Watched:
    """A video to check; the one command that runs every model."""
    words = "render one-second.wav --image portrait.jpg --size 192x192 -o video.mp4 --check"
    return box.run(*words.split())


def check_traces(done: Watched, outputs: set[str]) -> None:
    """Only the outputs are new, only documented paths are left, nobody was called."""
    assert done.code == 0, done.stderr
    assert done.outputs == outputs
    allowed = documented("What stays on the disk")
    assert not {
        path
        for path in done.left
        if not any(f"{path}/".startswith(name) or name.startswith(f"{path}/") for name in allowed)
    }
    assert done.written_elsewhere == set()
    assert done.calls == set()


def test_a_render_leaves_the_video_and_its_manifest(rendered: Watched) -> None:
    check_traces(rendered, {"video.mp4", "video.json"})
    assert rendered.left == set()


@pytest.mark.parametrize(
    ("arguments", "outputs"),
    [
        (
            "audio one-second.wav -o driver.wav --report audio.html --denoise on",
            {"driver.wav", "audio.html"},
        ),
        ("mix one-second.wav voice.flac -o mix.wav", {"mix.wav"}),
        ("plan one-second.wav", set()),
        ("prompt --fix woman-talks", set()),
        ("image portrait.jpg --crop crop.png", {"crop.png"}),
        ("check video.mp4 --report check.html", {"check.html"}),
        (
            "tune one-second.wav --image portrait.jpg --size 192x192 -o tuned.mp4 --rounds 1",
            {"tuned.mp4", "tuned.json"},
        ),
        ("workflow one-second.wav --image portrait.jpg -o graph.json", {"graph.json"}),
        ("comfyui install ComfyUI", {"ComfyUI/custom_nodes/lipwright-nodes"}),
        (
            "dialogue one-second.wav --speaker A=portrait.jpg --speaker B=portrait.jpg --turns turns.csv "
            "--size 192x192 -o talk.mp4",
            {"talk.mp4", "talk.json"},
        ),
        ("doctor", set()),
        ("models list", set()),
        ("models verify face", set()),
    ],
)
def test_commands_leave_only_their_outputs(
    *, box: Box, rendered: Watched, arguments: str, outputs: set[str]
) -> None:
    check_traces(box.run(*arguments.split()), outputs)


def test_a_batch_and_a_list_of_its_jobs_leave_only_their_outputs(box: Box) -> None:
    outputs = {f"out/{name}" for name in ("one.mp4", "one.json", "batch.json", "batch.html", "jobs.sqlite3")}
    size, data = ("--size", "192x192"), ("--data", "out")
    check_traces(box.run("batch", "shots.csv", "-o", "out", "--image", "portrait.jpg", *size, *data), outputs)
    check_traces(box.run("jobs", "list", *data), set())


def test_a_lint_leaves_nothing(box: Box) -> None:
    (box.work / "other.json").write_text('{"1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}}}')
    check_traces(box.run("workflow", "--lint", "other.json"), set())


def test_programs_are_covered_too(box: Box) -> None:
    """Each library is loaded by way of lipwright, as a program does that uses its modules."""
    done = box.run(
        "-c",
        "import lipwright.motion.network, lipwright.face.detector, lipwright.engines.ltx.engine, "
        "huggingface_hub, transformers, cv2",
    )
    check_traces(done, set())


def test_a_server_that_was_named_is_called_and_no_other(box: Box) -> None:
    done = box.run("comfyui", "status", "--server", "http://127.0.0.1:9")
    assert done.code == 5
    assert done.calls
    assert all('sin_port=htons(9), sin_addr=inet_addr("127.0.0.1")' in call for call in done.calls)
    assert (done.left, done.written_elsewhere) == (set(), set())


def test_watcher_detects_telemetry_files_and_lookups(box: Box) -> None:
    """Without the opt-outs ONNX Runtime leaves its files; a look-up and a file elsewhere are seen too."""
    elsewhere = box.folder / ".." / "elsewhere"
    program = (
        "import onnxruntime, socket, pathlib\n"
        f"pathlib.Path({str(elsewhere)!r}).write_text('')\n"
        "try: socket.getaddrinfo('telemetry.example', 443)\n"
        "except OSError: pass\n"
    )
    done = box.run("-c", program)
    assert done.left >= {"~/.cache/Microsoft", "$TMPDIR/.ses"}
    assert done.written_elsewhere == {str(elsewhere.resolve())}
    assert done.calls
