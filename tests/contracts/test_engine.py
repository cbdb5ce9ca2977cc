"""What every engine promises, whatever it is made of; quirks have their own files.

The ltx engine runs on a tiny model of its real classes, without a GPU. An engine that
cannot run on this machine is not in the list: `lipwright doctor` tells why, and tests/cli
checks that it is refused in words.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from comfy_process import ComfyProcess
from fake_engines import BarEngine

from lipwright.domain.media import FrameSize, Waveform
from lipwright.domain.progress import Progress, no_progress
from lipwright.domain.settings import EngineOptions
from lipwright.domain.shot import Render, Shot
from lipwright.engines.registry import ENGINES, load, missing_requirement
from lipwright.errors import Cancelled

SIZE = FrameSize(160, 160)

RUNNABLE = [entry for entry in ENGINES.values() if not missing_requirement(entry)]


sys.path.insert(0, str(Path(__file__).parents[1] / "ltx"))


# The engine ltx imports PyTorch for seconds: where the tests of ltx have it already.
LTX = pytest.param("ltx", marks=pytest.mark.xdist_group("ltx"))
NAMES = ["bar", *(LTX if entry.name == "ltx" else entry.name for entry in RUNNABLE)]


@pytest.fixture(scope="module", params=NAMES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    if request.param == "bar":
        return BarEngine()
    if request.param == "comfyui":
        server = ComfyProcess()
        request.addfinalizer(server.stop)
        return load(ENGINES["comfyui"], EngineOptions(servers=(server.url,)))
    if request.param == "ltx":
        import tiny_ltx

        patch = pytest.MonkeyPatch()
        request.addfinalizer(patch.undo)
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        folder = tiny_ltx.build_folder(tmp_path_factory.mktemp("contract") / "tiny-ltx")
        return load(ENGINES["ltx"], EngineOptions(model=str(folder)))
    return load(ENGINES[request.param])


@pytest.fixture(scope="module")
def shot(voice: Path, portrait: Path) -> Shot:
    """17 frames of real speech and a real face."""
    from lipwright.audio.driver import prepare_driver
    from lipwright.audio.speech import find_speech
    from lipwright.domain.presets import PRESETS
    from lipwright.media.audio_reader import read_audio
    from lipwright.media.image_file import read_image
    from lipwright.planning import plan_video

    heard = read_audio(voice, rate_hz=24_000).waveform
    second = Waveform(heard.samples[:, 6_000:30_000], 24_000)  # begins where the speech does
    speech = find_speech(second)
    plan = plan_video(Fraction(16, 25), Fraction(25), speech=speech)
    return Shot(
        driver=prepare_driver(second, plan, speech).waveform,
        speech=speech,
        plan=plan,
        size=SIZE,
        settings=replace(PRESETS["portrait"], steps=4),
        image=read_image(portrait),
    )


def frames_of(render: Render) -> np.ndarray:
    """All frames, copied as they come: an engine may reuse its buffer."""
    return np.stack([frame.copy() for frame in render.frames])


@pytest.fixture(scope="module")
def render(engine, shot: Shot) -> Render:
    return engine.render(shot, no_progress)


@pytest.fixture(scope="module")
def video(render: Render) -> np.ndarray:
    return frames_of(render)


def test_engine_has_its_registered_name(engine) -> None:
    assert engine.name == "bar" or engine.name in ENGINES


def test_gives_exactly_the_frames_of_the_plan(video: np.ndarray, shot: Shot) -> None:
    assert video.shape == (shot.plan.frames, shot.size.height, shot.size.width, 3)
    assert video.dtype == np.uint8


def test_moves(video: np.ndarray) -> None:
    assert np.abs(np.diff(video.astype(int), axis=0)).max() > 0


def test_the_same_seed_gives_the_same_frames(engine, video: np.ndarray, shot: Shot) -> None:
    assert np.array_equal(frames_of(engine.render(shot, no_progress)), video)


def test_another_seed_gives_other_frames(engine, video: np.ndarray, shot: Shot) -> None:
    other = replace(shot, settings=replace(shot.settings, seed=shot.settings.seed + 1))
    assert not np.array_equal(frames_of(engine.render(other, no_progress)), video)


def test_the_audio_drives(engine, video: np.ndarray, shot: Shot) -> None:
    backward = Waveform(shot.driver.samples[:, ::-1].copy(), shot.driver.rate_hz)
    assert not np.array_equal(frames_of(engine.render(replace(shot, driver=backward), no_progress)), video)


def test_engine_reports_whether_audio_was_frozen(engine, render: Render, shot: Shot) -> None:
    assert render.frozen is True
    assert engine.render(replace(shot, freeze_audio=False), no_progress).frozen is False


def test_engine_reports_settings_and_versions(render: Render) -> None:
    from lipwright.domain.json_text import dumps

    assert render.model
    assert render.versions
    assert all(isinstance(version, str) and version for version in render.versions.values())
    assert dumps(render.settings)


def test_can_be_stopped(engine, shot: Shot) -> None:
    def stop(progress: Progress) -> None:
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        list(engine.render(shot, stop).frames)
