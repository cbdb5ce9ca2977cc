"""An engine from somebody else's package, found by its entry point and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

DESCRIPTION = """
from lipwright.engines.base import EngineDescription
from lipwright.planning import SizeRules
from lipwright.domain.media import FrameSize

DESCRIPTION = EngineDescription(
    name="steam",
    summary="draws steam",
    target="steam_engine.engine:SteamEngine",
    preset="guide",
    own_settings={1: {"steps": 3}},
    sizes=SizeRules(multiple=10, two_stage_multiple=20, named={"480p": FrameSize(640, 480)}),
    max_clip_frames=41,
    reads_prompt="none",
    options=frozenset({"model"}),
    ignores=frozenset({"eta"}),
)
"""

ENGINE = """
import numpy as np
from lipwright.domain.shot import Render

class SteamEngine:
    name = "steam"

    def __init__(self, model="kettle"):
        self.model = model

    def render(self, shot, report):
        height, width = shot.size.height, shot.size.width
        frames = (np.full((height, width, 3), n % 256, np.uint8) for n in range(shot.plan.frames))
        return Render(frames=frames, frozen=True, model=self.model, settings=shot.settings.to_json())
"""


def build_wheel(folder: Path, entry_points: str, **files: str) -> Path:
    """A wheel written by hand: a build backend would want the network."""
    info = "steam_engine-1.0.dist-info"
    contents = {f"steam_engine/{name}.py": text for name, text in files.items()} | {
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: steam-engine\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[lipwright.engines]\n{entry_points}\n",
    }
    record = "".join(f"{name},,\n" for name in [*contents, f"{info}/RECORD"])
    wheel = folder / "steam_engine-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in (contents | {f"{info}/RECORD": record}).items():
            archive.writestr(name, text)
    return wheel


def install(wheel: Path, target: Path) -> Path:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", target]
    subprocess.run([*pip, wheel], check=True, capture_output=True, timeout=120)
    return target


def lipwright(
    site: Path, *arguments: str | Path, program: tuple[str, ...] = ("-m", "lipwright")
) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(filter(None, (str(site), os.environ.get("PYTHONPATH"))))
    return subprocess.run(
        [sys.executable, *program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | {"PYTHONPATH": path},
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("steam")
    wheel = build_wheel(
        folder, "steam = steam_engine.about:DESCRIPTION", __init__="", about=DESCRIPTION, engine=ENGINE
    )
    return install(wheel, folder / "site")


def test_engine_renders_as_described(site: Path, long_voice: Path, tmp_path: Path) -> None:
    video = tmp_path / "video.mp4"
    words = (
        "--engine",
        "steam",
        "--model",
        "pot",
        "--eta",
        "0.25",
        "--prompt",
        "the camera zooms in",
        "--json",
    )
    done = lipwright(site, "render", long_voice, "-o", video, *words)
    assert done.returncode == 0, done.stderr
    manifest = json.loads(done.stdout)
    job = manifest["job"]
    assert (job["engine"], job["model"], job["steps"], job["size"]) == ("steam", "pot", 3, "640x480")
    assert max(chunk["frames"] for chunk in manifest["plan"]["chunks"]) <= 41
    rules = {finding["rule"] for finding in manifest["findings"]}
    assert "not-read" in rules, "eta does nothing to it"
    assert "camera" not in rules, "it reads no prompt"
    assert video.stat().st_size > 1000


def test_engine_is_listed_and_refuses_foreign_options(site: Path, voice: Path, tmp_path: Path) -> None:
    engines = {
        engine["name"]: engine for engine in json.loads(lipwright(site, "doctor", "--json").stdout)["engines"]
    }
    assert engines["steam"]["ready"]
    refused = lipwright(
        site, "render", voice, "-o", tmp_path / "o.mp4", "--engine", "steam", "--memory", "cpu"
    )
    assert refused.returncode == 2
    assert "--memory is for --engine ltx, not for steam" in refused.stderr


THEN_DOCTOR = """
import sys
from lipwright.cli.main import run
code = run(sys.argv[1:])
assert run(["doctor", "--json"]) == 0
sys.exit(code)
"""


@pytest.mark.parametrize(
    ("entry_point", "about", "reason"),
    [
        ("steam_engine.about:DESCRIPTION", "raise RuntimeError('boiler burst')", "boiler burst"),
        ("steam_engine.about:DESCRIPTION", "DESCRIPTION = 5", "is not an EngineDescription"),
        ("steam_engine.about:NOTHING", DESCRIPTION, "cannot be imported"),
        (
            "steam_engine.about:DESCRIPTION",
            DESCRIPTION.replace('name="steam"', 'name="portrait"'),
            "uses the name 'portrait'",
        ),
        (
            "steam_engine.about:DESCRIPTION",
            DESCRIPTION.replace("max_clip_frames=41", "max_clip_frames=40"),
            "has max_clip_frames=40; it must be",
        ),
    ],
)
def test_broken_plugin_does_not_affect_other_engines(
    entry_point: str, about: str, reason: str, voice: Path, tmp_path: Path
) -> None:
    wheel = build_wheel(tmp_path, f"steam = {entry_point}", __init__="", about=about)
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    words = ("render", voice, "-o", tmp_path / "o.mp4", "--engine", "steam")
    refused = lipwright(site, *words, program=("-c", THEN_DOCTOR))
    assert refused.returncode == 5
    assert reason in refused.stderr
    others = json.loads(refused.stdout)["engines"]
    assert [engine["name"] for engine in others] == ["portrait", "ltx", "comfyui"]
