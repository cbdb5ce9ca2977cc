"""Frame plan, prepare audio and prompt check."""

from __future__ import annotations

import pytest
import torch

from lipwright.nodes.audio import PlanFrames, PrepareAudio
from lipwright.nodes.prompt import CheckPrompt
from lipwright.nodes.tensors import NodeError

PLAIN = {"denoise": "auto", "deess": "auto", "declip": "auto", "kind": "speech", "driver_noise_dbfs": 0.0}


def test_frame_plan_of_a_length() -> None:
    frames, fps, seconds, report = PlanFrames.execute(23.976, "auto", 5.0).args
    assert frames == 121
    assert fps == pytest.approx(24000 / 1001, abs=1e-9)
    assert seconds == pytest.approx(121 * 1001 / 24000)
    assert "24000/1001" in report


def test_frame_plan_of_a_recording_covers_it(spoken) -> None:
    frames, _, seconds, _ = PlanFrames.execute(25.0, "cover", 5.0, spoken).args
    assert frames % 8 == 1
    assert seconds >= spoken["waveform"].shape[-1] / 16_000


def test_the_driver_is_padded_for_comfyui_and_the_master_as_long_as_the_video(spoken) -> None:
    driver, master, report, latents = PrepareAudio.execute(spoken, 49, 25.0, **PLAIN).args
    assert driver["sample_rate"] == 44_100
    assert driver["waveform"].shape == (1, 2, 22 * 4096)  # ComfyUI crops nothing of 49 / 25 * 44_100 = 86,436
    assert not driver["waveform"][..., 86_436:].any()
    assert driver["waveform"][..., 86_000:86_436].any()
    assert latents == 49
    assert isinstance(driver["waveform"], torch.Tensor)
    assert torch.equal(driver["waveform"][0, 0], driver["waveform"][0, 1])
    assert master["sample_rate"] == 16_000
    kept = min(master["waveform"].shape[-1], spoken["waveform"].shape[-1])
    assert master["waveform"].shape == (1, 1, round(49 / 25 * 16_000))
    assert torch.equal(master["waveform"][..., :kept], spoken["waveform"][..., :kept])
    assert report


def test_a_count_that_is_not_8n1_is_refused_in_words(spoken) -> None:
    with pytest.raises(NodeError, match=r"125 frames is not 8n\+1.*What to do"):
        PrepareAudio.execute(spoken, 125, 25.0, **PLAIN)


def test_silence_and_invalid_audio_are_refused(spoken) -> None:
    silent = spoken | {"waveform": torch.zeros_like(spoken["waveform"])}
    with pytest.raises(NodeError):
        PrepareAudio.execute(silent, 49, 25.0, **PLAIN)
    several = spoken | {"waveform": spoken["waveform"].repeat(2, 1, 1)}
    with pytest.raises(NodeError, match="one recording"):
        PlanFrames.execute(25.0, "auto", 5.0, several)


def test_a_prompt_that_works_against_the_audio_is_refused_fixed_or_reported() -> None:
    bad = "a smiling woman, the camera zooms in"
    with pytest.raises(NodeError, match="What to do"):
        CheckPrompt.execute(bad, "stop", 0.5)
    fixed, report = CheckPrompt.execute(bad, "fix", 0.5).args
    assert "zoom" not in fixed
    assert "error:" in report
    assert CheckPrompt.execute(bad, "report", 0.5)[0] == bad
    assert CheckPrompt.execute(fixed, "stop", 0.5)[0] == fixed
