"""Every fault that a server, or a proxy in front of it, can have."""

from __future__ import annotations

import numpy as np
import pytest
from comfy_shots import HASTY

from lipwright.domain.progress import no_progress
from lipwright.engines.comfyui.engine import ComfyEngine
from lipwright.errors import (
    EngineError,
    EngineOutOfMemory,
    EngineRejected,
    EngineUnavailable,
)
from lipwright.workflow.recipe_inputs import default_models


def render(server, shot):
    """The render of one server, its frames decoded."""
    made = ComfyEngine((server.url,), timeouts=HASTY).render(shot, no_progress)
    assert np.stack(list(made.frames)).shape == (17, 64, 64, 3)
    return made


@pytest.mark.parametrize(
    "fault",
    ["slow", "silent-socket", "no-socket", "dropped-socket", "lost-answer", "truncated", "half-file", "502"],
)
def test_transient_server_faults_are_survived(start, shot, fault: str) -> None:
    server = start("--fault", fault)
    assert render(server, shot).settings["resubmitted"] == 0
    assert len(server.seen("/prompt")) == 1


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_truncated_file_is_continued_where_it_broke_off(start, shot, times: int) -> None:
    server = start("--fault", "truncated", "--times", str(times))
    render(server, shot)
    ranges = [request["headers"].get("Range") for request in server.seen("/view")]
    assert ranges[0] is None
    assert all(asked.startswith("bytes=") for asked in ranges[1:])
    assert len(ranges) == times + 1


def test_a_file_that_is_damaged_each_time_is_given_up(start, shot) -> None:
    server = start("--fault", "wrong-frames")
    with pytest.raises(EngineError, match="cannot be used"):
        render(server, shot)
    assert len(server.seen("/view")) == HASTY.attempts


def test_a_gateway_that_always_fails_is_given_up(start, shot) -> None:
    with pytest.raises(EngineUnavailable, match="502"):
        render(start("--fault", "502", "--times", "1000"), shot)


def test_the_names_that_uploads_were_given_are_used(start, shot) -> None:
    server = start("--fault", "duplicate-names")
    render(server, shot)
    graph = server.seen("/prompt")[0]["json"]["prompt"]
    names = {
        n["class_type"]: n["inputs"] for n in graph.values() if n["class_type"] in ("LoadImage", "LoadAudio")
    }
    assert names["LoadImage"]["image"].endswith(" (1).png")
    assert names["LoadAudio"]["audio"].endswith(" (1).wav")


def test_node_errors_next_to_an_accepted_job_are_a_failure(start, shot) -> None:
    server = start("--fault", "node-errors", "--hold")
    with pytest.raises(EngineRejected, match=r"LoadImage.*Invalid image file"):
        render(server, shot)
    posted = [request["json"] for request in server.seen("/queue") if request["method"] == "POST"]
    assert posted == [{"delete": [server.seen("/prompt")[0]["json"]["prompt_id"]]}]  # it would run in part


def test_a_restarted_server_gets_the_job_once_more(start, shot) -> None:
    server = start("--fault", "restart")
    assert render(server, shot).settings["resubmitted"] == 1
    assert len(server.seen("/prompt")) == 2


def test_job_lost_twice_is_not_submitted_again(start, shot) -> None:
    server = start("--fault", "restart", "--times", "9")
    with pytest.raises(EngineError, match="lost the job twice"):
        render(server, shot)
    assert len(server.seen("/prompt")) == 2


def test_a_deleted_job_is_noticed(start, shot) -> None:
    server = start("--fault", "deleted")
    with pytest.raises(EngineError, match="deleted"):
        render(server, shot)
    assert len(server.seen("/prompt")) == 1


def test_interrupted_job_is_reported(start, shot) -> None:
    with pytest.raises(EngineError, match="interrupted on"):
        render(start("--fault", "interrupted"), shot)


def test_an_upload_that_is_too_large_is_refused(start, shot) -> None:
    with pytest.raises(EngineRejected, match="does not accept a file") as caught:
        render(start("--fault", "413"), shot)
    assert "--max-upload-size" in caught.value.hint
    server = start("--max-upload", "1000")
    with pytest.raises(EngineRejected, match="does not accept a file"):
        render(server, shot)
    assert not server.seen("/upload/image")  # its own word is enough


def test_out_of_memory_is_reported(start, shot) -> None:
    with pytest.raises(EngineOutOfMemory, match="ran out of memory"):
        render(start("--fault", "oom"), shot)


def test_failing_node_is_named(start, shot) -> None:
    with pytest.raises(EngineError, match=r"SamplerCustomAdvanced.*shapes do not match"):
        render(start("--fault", "error"), shot)


def test_missing_nodes_are_named_with_their_pack(start, shot) -> None:
    server = start("--lacks", "LTXVNormalizingSampler", "--lacks", "MultimodalGuider")
    with pytest.raises(EngineRejected) as caught:
        render(server, shot)
    assert "LTXVNormalizingSampler" in caught.value.message
    assert "MultimodalGuider" in caught.value.message
    assert "github.com/Lightricks/ComfyUI-LTXVideo" in caught.value.hint
    assert not server.seen("/prompt")


def test_a_missing_model_file_is_named_with_its_folder(start, shot) -> None:
    server = start("--fault", "missing-model")
    with pytest.raises(EngineRejected) as caught:
        render(server, shot)
    assert f"models/text_encoders/{default_models().text_encoder}" in caught.value.message
    assert not server.seen("/prompt")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("wrong-frames", "it has 9 frames, but the plan has 17"),
        ("more-frames", "made more than the 17 frames that were planned"),
        ("wrong-size", "32x32"),
    ],
)
def test_a_video_that_differs_from_the_plan_is_refused(start, shot, fault: str, words: str) -> None:
    with pytest.raises(EngineError, match=words):
        render(start("--fault", fault), shot)


@pytest.mark.parametrize("fault", ["huge-answer", "endless", "not-comfy"])
def test_answers_without_end_or_sense_are_refused(start, shot, fault: str) -> None:
    with pytest.raises(EngineError, match=r"more than|does not answer like ComfyUI"):
        render(start("--fault", fault), shot)


def test_file_names_of_a_server_are_only_data(start, shot, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    server = start("--subfolder", "../../../../../../etc")
    render(server, shot)
    assert server.seen("/view")[0]["query"]["subfolder"] == "../../../../../../etc"
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_server_that_dies_is_waited_for_and_then_given_up(start, shot) -> None:
    with pytest.raises(EngineUnavailable, match=r"no server answers|broke"):
        render(start("--fault", "die"), shot)


def test_a_server_that_does_not_answer_is_reported(shot) -> None:
    with pytest.raises(EngineUnavailable, match=r"no server answers at http://127\.0\.0\.1:9") as caught:
        ComfyEngine(("http://127.0.0.1:9",), timeouts=HASTY).render(shot, no_progress)
    assert "--server" in caught.value.hint
