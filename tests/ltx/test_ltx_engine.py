"""The whole engine on the tiny model: a shot in, frames out; the command line, video and manifest."""

from __future__ import annotations

import copy
import json
import weakref
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_ltx
import torch

from lipwright.domain.media import FrameSize, Waveform
from lipwright.domain.plan import Chunk, FramePlan
from lipwright.domain.presets import PRESETS
from lipwright.domain.progress import Progress, no_progress
from lipwright.domain.shot import Shot
from lipwright.domain.time import Span
from lipwright.engines.ltx.components import Components
from lipwright.engines.ltx.engine import LtxEngine
from lipwright.engines.ltx.prompt_encoding import NEGATIVE_PROMPT
from lipwright.errors import EngineRejected, EngineUnavailable, PlanError
from lipwright.media.audio_reader import read_audio
from lipwright.media.image_file import read_image
from lipwright.media.video_reader import read_video_frames
from lipwright.planning import plan_video

FAST = replace(PRESETS["guide"], steps=2)


@pytest.fixture(scope="module")
def shot(voice: Path, portrait: Path) -> Shot:
    heard = read_audio(voice, rate_hz=24_000).waveform
    plan = plan_video(Fraction(17, 25), Fraction(25))
    return Shot(
        driver=Waveform(heard.samples[:, 6_000 : 6_000 + 17 * 960], 24_000),
        speech=(),
        plan=plan,
        size=FrameSize(64, 64),
        settings=FAST,
        image=read_image(portrait),
        prompt="a woman talks to camera",
    )


def test_shot_becomes_frames(components: Components, shot: Shot) -> None:
    render = LtxEngine(components=components).render(shot, no_progress)
    frames = list(render.frames)
    assert render.frozen
    assert render.model == "tiny-ltx"
    assert len(frames) == 17
    assert {(frame.shape, frame.dtype.name) for frame in frames} == {((64, 64, 3), "uint8")}
    assert [len(levels) for levels in render.settings["sigmas"]] == [3]
    assert render.settings["stg_blocks"] == [1]


def test_two_stages_make_the_full_size(components: Components, shot: Shot) -> None:
    settings = replace(PRESETS["official-distilled"], steps=2)
    render = LtxEngine(components=components).render(replace(shot, settings=settings), no_progress)
    assert render.frozen
    assert len(list(render.frames)) == 17
    assert render.settings["sigmas"][1] == [0.909375, 0.725, 0.421875, 0.0]
    alone = replace(components, latent_upsampler=None)
    made = LtxEngine(components=alone).render(replace(shot, settings=settings), no_progress)
    assert made.settings["stages"] == 1
    assert "one-stage" in {finding.id for finding in made.findings}


def test_negative_prompt_can_be_given(components: Components, shot: Shot) -> None:
    def first_frame(negative: str | None) -> np.ndarray:
        settings = replace(FAST, steps=1)
        render = LtxEngine(components=components).render(
            replace(shot, negative=negative, settings=settings), no_progress
        )
        return next(iter(render.frames))

    default = first_frame(None)
    assert np.array_equal(default, first_frame(NEGATIVE_PROMPT))
    assert not np.array_equal(default, first_frame("blurry"))


def test_prompt_without_image_makes_a_video(components: Components, shot: Shot) -> None:
    render = LtxEngine(components=components).render(replace(shot, image=None), no_progress)
    assert len(list(render.frames)) == 17


def test_progress_and_previews_are_reported(components: Components, shot: Shot) -> None:
    told: list[Progress] = []
    settings = replace(FAST, steps=8)
    LtxEngine(components=components).render(replace(shot, settings=settings), told.append)
    steps = [event for event in told if event.stage == "sample"]
    assert [(event.done, event.total) for event in steps] == [(step, 8) for step in range(1, 9)]
    shown = [event.preview for event in steps if event.preview is not None]
    assert [image.size for image in shown] == [FrameSize(8, 8)] * 2
    assert [event.stage for event in told if event.stage != "sample"][-2:] == ["load", "load"]


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"size": FrameSize(848, 480)}, PlanError, "multiples of 32, got 848x480"),
        (
            {"size": FrameSize(96, 96), "settings": replace(FAST, stages=2)},
            PlanError,
            "multiples of 64 in two stages",
        ),
        (
            {"plan": FramePlan(18, Fraction(25), Fraction(18, 25), "cover", (Chunk(0, 18, 1),))},
            PlanError,
            r"8n\+1 frames, got 18",
        ),
        ({"image": None, "mask": Span(0.1, 0.4)}, EngineRejected, "--start and --end need an image"),
    ],
)
def test_unsupported_shots_are_refused_before_loading(
    shot: Shot, change: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words) as caught:
        LtxEngine(model="no such folder").render(replace(shot, **change), no_progress)
    assert caught.value.hint


@pytest.mark.skipif(tiny_ltx.DEVICE.type != "cpu", reason="there is a GPU")
def test_real_model_without_a_gpu_is_refused(components: Components, shot: Shot) -> None:
    real = replace(components, profile=replace(components.profile, tiny=False, name="ltx-2.3"))
    with pytest.raises(EngineUnavailable, match=r"ltx-2\.3 needs a GPU") as caught:
        LtxEngine(components=real).render(shot, no_progress)
    assert "--memory cpu" in caught.value.hint
    assert LtxEngine(memory="cpu", components=real).render(shot, no_progress).frozen


def failing(times: int, real: Callable[[], Any]) -> Callable[[], Any]:
    """A loader that runs out of memory the first times, as a full card does."""
    left = [times]

    def load() -> Any:
        if left[0]:
            left[0] -= 1
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real()

    return load


@pytest.fixture
def disk_without_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))


def counting(components: Components, loads: list[str], **changes: Any) -> Components:
    """The model, writing down what is loaded."""

    def counted(name: str) -> Callable[[], Any]:
        def load() -> Any:
            loads.append(name)
            return getattr(components, name)()

        return load

    names = ("text_encoder", "transformer", "refining_transformer")
    found = {name: counted(name) for name in names if getattr(components, name) is not None}
    memory = replace(components.memory, room_bytes=1000)
    return replace(components, **({"memory": memory} | found | changes))


def free_gpu_memory(monkeypatch: pytest.MonkeyPatch, size: int | None) -> None:
    monkeypatch.setattr("lipwright.engines.ltx.engine.free_gpu_bytes", lambda device: size)


@pytest.mark.usefixtures("disk_without_cache")
def test_shots_of_one_engine_load_text_encoder_and_transformer_once(
    components: Components, shot: Shot, monkeypatch: pytest.MonkeyPatch
) -> None:
    free_gpu_memory(monkeypatch, 1000)
    shot = replace(shot, settings=replace(FAST, steps=1))
    loads: list[str] = []
    engine = LtxEngine(components=counting(components, loads))
    first, second = (list(engine.render(shot, no_progress).frames) for _ in range(2))
    assert loads == ["text_encoder", "transformer"]
    assert np.array_equal(first, second)
    engine.render(replace(shot, prompt="a man talks"), no_progress)
    assert loads[2:] == ["text_encoder", "transformer"], "the transformer makes room for the text encoder"
    engine.render(shot, no_progress)
    assert len(loads) == 4


@pytest.mark.parametrize(
    ("free", "key"), [(999, "same"), (None, "same"), (1000, "other")], ids=["no room", "no GPU", "other mode"]
)
def test_transformer_is_loaded_again_without_room_or_for_another_mode(
    components: Components, shot: Shot, monkeypatch: pytest.MonkeyPatch, free: int | None, key: str
) -> None:
    free_gpu_memory(monkeypatch, free)
    loads: list[str] = []
    engine = LtxEngine(components=counting(components, loads, transformer_key="same"))
    engine.render(shot, no_progress)
    engine._components = counting(components, loads, transformer_key=key)
    engine.render(shot, no_progress)
    assert [name for name in loads if name != "text_encoder"] == ["transformer"] * 2


def test_kept_transformer_is_dropped_if_memory_became_short(
    components: Components, shot: Shot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program took memory between two shots: they are still made in the same mode."""
    free_gpu_memory(monkeypatch, 1000)
    loads: list[str] = []
    model = counting(components, loads)
    engine = LtxEngine(components=model)
    engine.render(shot, no_progress)
    engine._components = replace(model, video_vae=failing(1, components.video_vae))
    again = engine.render(shot, no_progress)
    assert not again.findings
    assert [name for name in loads if name != "text_encoder"] == ["transformer"] * 2


def test_engine_that_is_dropped_frees_its_transformer(
    components: Components, shot: Shot, monkeypatch: pytest.MonkeyPatch
) -> None:
    free_gpu_memory(monkeypatch, 1000)
    seen: list[weakref.ref[Any]] = []

    def load() -> Any:
        network = copy.deepcopy(components.transformer())
        seen.append(weakref.ref(network))
        return network

    engine = LtxEngine(components=counting(components, [], transformer=load))
    engine.render(shot, no_progress)
    assert seen[0]() is not None
    del engine
    assert seen[0]() is None


def test_command_line_makes_a_video(
    cli, tiny_folder: Path, voice: Path, portrait: Path, tmp_path: Path
) -> None:
    video = tmp_path / "video.mp4"
    arguments = ("--engine", "ltx", "--model", str(tiny_folder), "--size", "64x64", "--steps", "2")
    prompt = "a woman talks to the camera"
    outcome = cli("render", voice, "--image", portrait, "--prompt", prompt, *arguments, "-o", video, "--json")
    assert outcome.code == 0, outcome.stderr
    manifest = outcome.json
    assert manifest["frozen"] is True
    assert manifest["engine"]["name"] == "ltx"
    assert manifest["engine"]["settings"]["memory"] == ("full" if tiny_ltx.DEVICE.type == "cuda" else "cpu")
    frames = [frame for _, frame in read_video_frames(video)]
    assert len(frames) == manifest["plan"]["frames"]
    assert len(frames) % 8 == 1
    assert manifest["audio"]["offset_samples"] == 0  # the master's own audio, measured on the video
    assert abs(manifest["audio"]["seconds"] - len(frames) / 25) < 1e-3
    assert json.loads(video.with_suffix(".json").read_text())["plan"] == manifest["plan"]
    assert max(int(np.abs(np.diff(pair, axis=0)).max()) for pair in [np.stack(frames[:9]).astype(int)]) > 0


def test_command_line_snaps_sizes_to_the_grid(
    cli, tiny_folder: Path, voice: Path, portrait: Path, tmp_path: Path
) -> None:
    """Sizes off the grid are moved onto it; in two stages to multiples of 64."""
    video = tmp_path / "video.mp4"
    where = ("--engine", "ltx", "--model", str(tiny_folder), "--size", "96x90", "--steps", "1")
    outcome = cli(
        "render", voice, "--image", portrait, *where, "--allow-motion", "--stages", "2", "-o", video, "--json"
    )
    assert outcome.code == 0, outcome.stderr
    assert outcome.json["job"]["size"] == "64x64"
    assert outcome.json["job"]["stages"] == 2
