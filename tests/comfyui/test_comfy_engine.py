"""The engine against a server in a process of its own: what works when nothing is wrong."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import av
import numpy as np
import pytest
import soxr
from comfy_shots import HASTY, make_shot

from lipwright.domain.media import FrameSize, Waveform
from lipwright.domain.plan import Chunk
from lipwright.domain.progress import Progress, no_progress
from lipwright.engines.comfyui.engine import ComfyEngine
from lipwright.engines.comfyui.freeze_check import VERDICT_KEY, VERIFIER, frozen_verdict
from lipwright.errors import Cancelled, EngineRejected
from lipwright.workflow.recipe_inputs import default_models


def read_frames(path) -> np.ndarray:
    """The frames of an animated PNG, as ComfyUI's LoadImage reads them."""
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def bars(video: np.ndarray) -> np.ndarray:
    """How high the bar stands in each frame."""
    return (video[:, :, 24:28] > 150).mean((1, 2, 3))


def test_a_render_has_the_frames_of_the_plan(start, shot) -> None:
    server = start()
    steps: list[Progress] = []
    render = ComfyEngine((server.url,), timeouts=HASTY).render(shot, steps.append)
    video = np.stack(list(render.frames))
    assert video.shape == (17, 64, 64, 3)
    assert bars(video)[-1] > bars(video)[3] + 0.2  # it follows the swelling driver
    assert render.frozen is True
    assert render.versions["comfyui"] == "0.26.0"
    assert render.settings["servers"] == [server.url]
    assert render.settings["recipe"] == "guide"
    sampled = [step for step in steps if step.stage == "sample"]
    assert sampled[-1].done == 4
    assert all(a.done <= b.done for a, b in pairwise(sampled))


def test_the_official_recipe_samples_in_two_stages(start) -> None:
    server = start()
    shot = replace(make_shot(9, preset="official-distilled"), size=FrameSize(256, 128))
    steps: list[Progress] = []
    render = ComfyEngine((server.url,), timeouts=HASTY).render(shot, steps.append)
    assert np.stack(list(render.frames)).shape == (9, 128, 256, 3)
    assert render.settings["recipe"] == "official"
    assert render.frozen is True
    assert max(step.done for step in steps if step.stage == "sample") == 8  # two samplers of four steps


def test_the_manifest_names_what_the_graph_loads_and_how_firmly_it_holds_the_image(start) -> None:
    server = start()
    for preset, strength, file in (
        ("guide", 1.0, "distilled"),
        ("official-full", 1.0, "full"),
        ("official-distilled", 0.6, "full"),
    ):
        shot = make_shot(9, preset=preset)
        settings = replace(shot.settings, image_strength=strength)
        shot = replace(shot, size=FrameSize(256, 128), settings=settings)
        render = ComfyEngine((server.url,), timeouts=HASTY).render(shot, no_progress)
        assert render.model == getattr(default_models(), file)
        graph = server.seen("/prompt")[-1]["json"]["prompt"]
        classes = {"CheckpointLoaderSimple": "ckpt_name", "LTXVImgToVideoInplace": "strength"}
        loaded, first = (
            next(node["inputs"][name] for node in graph.values() if node["class_type"] == kind)
            for kind, name in classes.items()
        )
        assert loaded == render.model
        assert first == render.settings["image_strength"] == strength


def test_the_driver_is_uploaded_as_the_model_wants_it(start, shot, tmp_path) -> None:
    server = start("--folder", str(tmp_path))
    ComfyEngine((server.url,), timeouts=HASTY).render(shot, no_progress)
    from tests.decoding import decode_audio

    (path,) = (tmp_path / "input").glob("*.wav")
    samples, form = decode_audio(path)
    assert (form.channels, form.sample_rate_hz, form.bits) == (1, 44_100, 24)
    assert samples.shape[1] % 4096 == 0  # ComfyUI's encoder crops nothing
    length = round(17 / 25 * 44_100)
    assert not samples[0, length:].any()
    heard = soxr.resample(samples[0, :length] / 2**31, 44_100, 24_000)
    assert np.allclose(heard[100:-100], shot.driver.mono[100:-100], atol=2e-3)
    graph = server.seen("/prompt")[0]["json"]["prompt"].values()
    assert not [node for node in graph if node["class_type"] == "TrimAudioDuration"]
    (cut,) = [node["inputs"] for node in graph if node["class_type"] == "LatentCut"]
    assert (cut["dim"], cut["amount"]) == ("y", 17)


def test_without_the_pack_freezing_is_unproven(start, shot) -> None:
    server = start("--no-pack")
    render = ComfyEngine((server.url,), timeouts=HASTY).render(shot, no_progress)
    assert render.frozen is False
    assert {"frozen-unproven", "norming-left-out"} <= {finding.id for finding in render.findings}


def test_changed_audio_latent_is_reported(start, shot) -> None:
    render = ComfyEngine((start("--fault", "thawed").url,), timeouts=HASTY).render(shot, no_progress)
    assert render.frozen is False
    assert "freeze-failed" in {finding.id for finding in render.findings}


@pytest.mark.parametrize("shown", [None, {}, {VERDICT_KEY: []}, {VERDICT_KEY: ["yes"]}, {VERDICT_KEY: "yes"}])
def test_a_verifier_without_a_verdict_proves_nothing(shown: object) -> None:
    graph = {key: {"class_type": VERIFIER} for key in ("1", "2")}
    given = {VERDICT_KEY: [{"frozen": True}]}
    assert frozen_verdict(graph, {"1": given, "2": given}) is True
    assert frozen_verdict(graph, {"1": given, "2": shown}) is None
    assert frozen_verdict(graph, {"1": given, "2": {VERDICT_KEY: [{}]}}) is False
    assert frozen_verdict({}, {}) is None


def test_an_unfrozen_audio_is_not_called_frozen(start, shot) -> None:
    server = start()
    render = ComfyEngine((server.url,), timeouts=HASTY).render(replace(shot, freeze_audio=False), no_progress)
    assert render.frozen is False
    graph = server.seen("/prompt")[0]["json"]["prompt"]
    assert not any(node["class_type"] == "LipwrightVerifyFreeze" for node in graph.values())


def test_a_cached_job_is_noticed_at_once(start, shot) -> None:
    server = start()
    engine = ComfyEngine((server.url,), timeouts=HASTY)
    first, second = (np.stack(list(engine.render(shot, no_progress).frames)) for _ in range(2))
    assert np.array_equal(first, second)


def test_chunks_keep_the_frames_that_they_share(start, tmp_path) -> None:
    server = start("--folder", str(tmp_path))
    shot = make_shot(33, chunks=(Chunk(0, 17, 1), Chunk(8, 25, 9)))
    shot = replace(shot, settings=replace(shot.settings, anchor_strength=0.5))
    render = ComfyEngine((server.url,), timeouts=HASTY).render(shot, no_progress)
    video = np.stack(list(render.frames))
    assert len(video) == 33
    jobs = [request["json"]["prompt"] for request in server.seen("/prompt")]
    lengths = [
        node["inputs"]["length"]
        for graph in jobs
        for node in graph.values()
        if node["class_type"] == "EmptyLTXVLatentVideo"
    ]
    assert lengths == [17, 25]
    assert (np.diff(bars(video)) > -0.1).all()  # the audio goes on where the second begins
    assert bars(video)[-1] > bars(video)[16] + 0.2
    loaded = [[n["inputs"]["image"] for n in job.values() if n["class_type"] == "LoadImage"] for job in jobs]
    assert len(loaded[0]) == 1  # the image, which guides the end of both
    (kept,) = set(loaded[1]) - set(loaded[0])
    frames = read_frames(tmp_path / "input" / kept)
    assert np.array_equal(frames, video[8:17])  # without a loss
    for job in jobs:
        (guide,) = [n["inputs"] for n in job.values() if n["class_type"] == "LTXVAddGuide"]
        assert (guide["frame_idx"], guide["strength"]) == (-1, 0.5)
    holds = [n["inputs"]["strength"] for n in jobs[1].values() if n["class_type"] == "LTXVImgToVideoInplace"]
    assert holds == [1.0]
    assert "chunk-seams" in {finding.id for finding in render.findings}


def test_stopping_interrupts_the_running_job_and_no_other(start, shot) -> None:
    server = start("--step-seconds", "0.3", "--steps", "50")

    def stop(step: Progress) -> None:
        if step.stage == "sample" and step.done >= 1:
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        ComfyEngine((server.url,), timeouts=HASTY).render(shot, stop)
    job = server.seen("/prompt")[0]["json"]["prompt_id"]
    assert [request["json"] for request in server.seen("/interrupt")] == [{"prompt_id": job}]
    server.wait(lambda told: told["running"] is None)


def test_stopping_takes_a_waiting_job_out_of_the_queue(start, shot) -> None:
    server = start("--hold")

    def stop(step: Progress) -> None:
        if step.stage == "queue" and server.seen("/queue"):
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        ComfyEngine((server.url,), timeouts=HASTY).render(shot, stop)
    job = server.seen("/prompt")[0]["json"]["prompt_id"]
    posted = [request["json"] for request in server.seen("/queue") if request["method"] == "POST"]
    assert posted == [{"delete": [job]}]
    assert not server.seen("/interrupt")


def test_no_request_has_an_origin(start, shot) -> None:
    server = start()
    ComfyEngine((server.url,), timeouts=HASTY).render(shot, no_progress)
    assert not [request for request in server.told()["seen"] if "Origin" in request["headers"]]


def test_other_seeds_and_drivers_give_other_videos(start, shot) -> None:
    engine = ComfyEngine((start().url,), timeouts=HASTY)

    def video(other) -> np.ndarray:
        return np.stack(list(engine.render(other, no_progress).frames))

    base = video(shot)
    assert not np.array_equal(video(replace(shot, settings=replace(shot.settings, seed=5))), base)
    backward = Waveform(shot.driver.samples[:, ::-1].copy(), 24_000)
    assert bars(video(replace(shot, driver=backward)))[2] > bars(base)[2] + 0.2


def test_temporary_files_of_a_render_are_removed(start, shot, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    render = ComfyEngine((start().url,), timeouts=HASTY).render(shot, no_progress)
    assert len(list(tmp_path.glob("lipwright-comfyui-*"))) == 1
    list(render.frames)
    assert not list(tmp_path.glob("lipwright-comfyui-*"))
    with pytest.raises(EngineRejected):
        ComfyEngine((start("--fault", "413").url,), timeouts=HASTY).render(shot, no_progress)
    assert not list(tmp_path.glob("lipwright-comfyui-*"))
