"""`lipwright prompt`, and what `render` does with a prompt."""

from __future__ import annotations

import json
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest

BAD = "A woman with freckles nods slowly, soft light"
GOOD = "Close-up of a woman with freckles, soft light"


def test_the_answer_in_json(cli) -> None:
    outcome = cli("prompt", BAD, "--json")
    assert (outcome.code, outcome.stderr) == (0, "")
    told = outcome.json
    assert told["ok"] is False
    assert told["suggestion"] == "A woman with freckles, soft light"
    motion = next(finding for finding in told["findings"] if finding["rule"] == "motion")
    assert set(motion) == {"rule", "severity", "where", "text", "advice", "lip_sync_rule"}
    assert motion["severity"] == "error"
    assert BAD[motion["where"]["start"] : motion["where"]["end"]] == "nods"
    good = cli("prompt", GOOD, "--json").json
    assert (good["ok"], good["findings"], good["suggestion"]) == (True, [], GOOD)


def test_strict_refuses_errors_alone(cli) -> None:
    refused = cli("prompt", BAD, "--strict", "--json")
    assert refused.code == refused.json["exit_code"] == 6
    assert refused.json["ok"] is False
    assert f"error: {refused.json['error']}\nhint: {refused.json['hint']}\n" in refused.stderr
    assert cli("prompt", GOOD, "--strict").code == 0
    assert cli("prompt", "portrait of two women", "--strict").code == 0  # a warning only


def test_prompt_prints_a_verdict_and_its_findings(cli) -> None:
    outcome = cli("prompt", BAD)
    assert outcome.stdout == "not ok; better: A woman with freckles, soft light\n"
    assert "error: 'nods'" in outcome.stderr
    assert "[motion, PROMPT-2]" in outcome.stderr
    assert cli("prompt", GOOD).stdout == "ok\n"
    assert cli("prompt", BAD, "--quiet").stderr == ""


def test_fix_prints_the_prompt_alone_or_says_that_nothing_is_left(cli) -> None:
    fixed = cli("prompt", BAD, "--fix")
    assert (fixed.stdout, fixed.stderr) == ("A woman with freckles, soft light\n", "")
    nothing = cli("prompt", "Rapid speech with excited hand movements", "--fix")
    assert (nothing.code, nothing.stdout) == (0, "a person talks to the camera\n")
    assert "Nothing is left of the prompt" in nothing.stderr
    assert cli("prompt", "Rapid speech", "--json").json["suggestion"] == ""


def test_scenario_builds_a_prompt(cli) -> None:
    outcome = cli("prompt", "--scenario", "story", "--subject", "an old sailor", "--json")
    assert outcome.json["ok"] is True
    assert outcome.json["findings"] == []
    assert outcome.json["prompt"].startswith("An old sailor, ")
    assert cli("prompt", "--scenario", "story", "--emotion", "nodding").code == 4


@pytest.mark.parametrize(
    "words",
    [
        [],
        [""],
        ["  "],
        [GOOD, "--scenario", "news"],
        [GOOD, "--lens", "85mm"],
        ["--scenario", "opera"],
        ["--lens", "x"],
    ],
)
def test_wrong_usage_is_refused(cli, words: list[str]) -> None:
    outcome = cli("prompt", *words)
    assert outcome.code == 2
    assert outcome.stderr.startswith("error: ")


@pytest.mark.usefixtures("fakes")
class TestRender:
    @pytest.fixture
    def render(self, cli, voice: Path, portrait: Path, tmp_path: Path):
        def call(prompt: str, *more: str):
            video = tmp_path / "video.mp4"
            return cli(
                *("render", voice, "--image", portrait, "--engine", "bar", "-o", video, "--json"),
                *("--prompt", prompt, *more),
            )

        return call

    def test_a_prompt_that_moves_is_reported_and_rendered(self, render, tmp_path: Path) -> None:
        assert render(BAD).code == 0
        manifest = json.loads((tmp_path / "video.json").read_text(encoding="utf-8"))
        assert "motion" in {finding["rule"] for finding in manifest["findings"]}

    def test_strict_refuses_it_before_any_work(self, render, tmp_path: Path) -> None:
        outcome = render(BAD, "--strict")
        assert outcome.code == 4
        assert "'nods'" in outcome.json["error"]
        assert "A woman with freckles, soft light" in outcome.json["hint"]
        assert list(tmp_path.glob("video.*")) == []
        assert render(BAD, "--strict", "--allow-motion").code == 0
        assert render(GOOD, "--strict").code == 0

    def test_an_engine_that_reads_little_of_a_prompt_reports_it_with_strict_alone(self, render) -> None:
        short = ("--engine", "portrait", "--size", "288x288", "--end", "0.2")
        rules = {finding["rule"] for finding in render(BAD, *short).json["findings"]}
        assert "motion" not in rules
        assert render(BAD, *short, "--strict").code == 4

    def test_a_prompt_of_motion_alone_gets_another(self, render) -> None:
        assert "voice actor" in render("Rapid speech", "--strict").json["hint"]

    def test_a_warning_refuses_nothing_and_a_image_shows_the_face(self, render) -> None:
        rules = {finding["rule"] for finding in render("two women, soft light").json["findings"]}
        assert "prompt-several-people" in rules
        assert "prompt-no-face" not in rules

    def test_a_negative_prompt_needs_guidance_and_stands_in_the_manifest(self, render) -> None:
        manifest = render("close-up of a face", "--negative", "blurry", "--cfg", "1").json
        assert "negative-at-cfg-1" in {finding["rule"] for finding in manifest["findings"]}
        assert manifest["job"]["negative"] == "blurry"


class TestAudio:
    def test_words_against_the_recording_are_reported(self, cli, tmp_path: Path) -> None:
        for words_per_minute, words in ((90, "urgent"), (260, "calm")):
            said = tmp_path / f"{words}.wav"
            text = "The old man put his hat on the table and looked out at the grey water."
            command = ["espeak-ng", "-s", str(words_per_minute), "-w", str(said), text]
            subprocess.run(command, check=True)
            found = cli("prompt", f"{words} expression, close-up of a face", "--audio", said, "--json").json
            assert [finding["rule"] for finding in found["findings"]] == ["against-the-audio"]
            assert found["delivery"]["speech_seconds"] > 1
            fits = cli("prompt", "serious expression, close-up of a face", "--audio", said, "--json").json
            assert fits["findings"] == []

    def test_a_scenario_takes_its_emotion_from_the_recording(self, cli, long_voice: Path) -> None:
        read = cli("prompt", "--scenario", "story", "--audio", long_voice, "--json").json
        assert read["emotion"] in read["prompt"]
        assert read["findings"] == []
        mine = cli(
            "prompt", "--scenario", "story", "--audio", long_voice, "--emotion", "stern", "--json"
        ).json
        assert "stern expression" in mine["prompt"] and read["emotion"] not in mine["prompt"]

    def test_noise_has_no_delivery_and_a_missing_file_is_refused(self, cli, tmp_path: Path) -> None:
        quiet = tmp_path / "quiet.wav"
        with wave.open(str(quiet), "wb") as file:
            file.setparams((1, 2, 16000, 0, "NONE", ""))
            file.writeframes(np.random.default_rng(1).integers(-300, 300, 32000, np.int16).tobytes())
        told = cli("prompt", GOOD, "--audio", quiet, "--json").json
        assert told["delivery"] is told["emotion"] is None
        assert cli("prompt", GOOD, "--audio", tmp_path / "none.wav").code == 3

    def test_a_render_holds_its_prompt_against_its_audio(
        self, cli, fakes, long_voice: Path, tmp_path: Path
    ) -> None:
        words = ["--engine", "bar", "--size", "64x64", "-o", tmp_path / "video.mp4", "--json"]
        done = cli("render", long_voice, "--prompt", "whispering man, close-up of his face", *words)
        told = [finding for finding in done.json["findings"] if finding["rule"] == "against-the-audio"]
        assert [finding["where"] for finding in told] == [{"start": 0, "end": 10}]


def test_negative_prompt_needs_guidance(cli) -> None:
    def rules(*words: str) -> list[str]:
        return [finding["rule"] for finding in cli("prompt", GOOD, *words, "--json").json["findings"]]

    assert rules("--negative", "blurry", "--cfg", "1") == ["negative-at-cfg-1"]
    assert rules("--negative", "blurry") == rules("--negative", "blurry", "--cfg", "1.5") == []
    assert rules("--cfg", "1") == []
    assert cli("prompt", GOOD, "--cfg", "nan").code == 2
