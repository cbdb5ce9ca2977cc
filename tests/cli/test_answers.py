"""What each command prints when all is well: the keys of the contract, and words for people."""

from __future__ import annotations

import json
import subprocess
import sys
import wave
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

PLAN_KEYS = {
    "frames": int,
    "fps": str,
    "seconds": float,
    "latent_frames": int,
    "audio_latents": int,
    "audio_seconds": float,
    "pad_seconds": float,
    "trim_seconds": float,
    "fit": str,
    "chunks": list,
}
MANIFEST_KEYS = {
    "schema": int,
    "job": dict,
    "plan": dict,
    "findings": list,
    "inputs": list,
    "engine": dict,
    "frozen": bool,
    "audio": dict,
    "timing": dict,
}


BAR = ("--engine", "bar", "--size", "64x64")


def assert_shape(value: dict, keys: dict[str, type]) -> None:
    assert {name: type(value.get(name)) for name in keys} == keys


def test_plan_of_a_length_has_exact_times(cli) -> None:
    plan = cli("plan", "--seconds", "5", "--json").json
    assert_shape(plan, PLAN_KEYS)
    assert (plan["frames"], plan["fps"], plan["fit"]) == (121, "25", "nearest")
    assert plan["seconds"] == 121 / 25
    assert plan["trim_seconds"] == float(5 - Fraction(121, 25))
    assert plan["chunks"] == [{"start_frame": 0, "frames": 121, "overlap_frames": 1, "start_seconds": 0.0}]


def test_plan_of_a_recording_covers_it(cli, voice: Path) -> None:
    plan = cli("plan", voice, "--fps", "23.976", "--fit", "cover", "--json").json
    assert_shape(plan, PLAN_KEYS)
    assert plan["fps"] == "24000/1001"
    assert plan["audio_seconds"] == 31364 / 16000
    assert plan["frames"] == 49  # 46.999 frames, covered
    assert plan["pad_seconds"] == pytest.approx(49 * 1001 / 24000 - 31364 / 16000)


def test_plan_prints_frames_and_seconds(cli, voice: Path) -> None:
    outcome = cli("plan", voice)
    assert outcome.stdout.startswith("49 frames at 25 fps: 1.960 s")
    assert "read" not in outcome.stdout


def test_a_long_plan_lists_its_chunks(cli) -> None:
    outcome = cli("plan", "--seconds", "60")
    plan = cli("plan", "--seconds", "60", "--json").json
    assert len(plan["chunks"]) > 1
    assert outcome.stdout.count("chunk") == len(plan["chunks"])


@pytest.mark.usefixtures("fakes")
class TestRender:
    def test_render_writes_the_video_and_prints_its_manifest(
        self, cli, voice: Path, portrait: Path, tmp_path: Path
    ) -> None:
        video = tmp_path / "video.mp4"
        outcome = cli("render", voice, "--image", portrait, *BAR, "-o", video, "--json")
        assert outcome.code == 0
        assert outcome.stderr == ""
        manifest = outcome.json
        assert manifest == json.loads((tmp_path / "video.json").read_text(encoding="utf-8"))
        assert {path.name for path in tmp_path.iterdir()} == {"video.mp4", "video.json"}
        assert_shape(manifest, MANIFEST_KEYS)
        assert_shape(manifest["plan"], PLAN_KEYS)
        assert manifest["schema"] == 2
        assert_shape(manifest["engine"], {"name": str, "model": str, "versions": dict})
        assert_shape(manifest["audio"], {"codec": str, "copied": bool, "bit_exact": bool, "seconds": float})
        assert manifest["audio"]["offset_samples"] == 0
        assert_shape(
            manifest["timing"], {"seconds": dict, "frames_per_second": float, "real_time_factor": float}
        )
        assert set(manifest["timing"]["seconds"]) == {"load", "read", "prepare", "sample", "frames", "write"}
        assert all(seconds >= 0 for seconds in manifest["timing"]["seconds"].values())
        assert [given["role"] for given in manifest["inputs"]] == ["audio", "image"]
        for finding in manifest["findings"]:
            assert set(finding) - {"lip_sync_rule"} == {"rule", "severity", "where", "text", "advice"}

    def test_every_setting_is_reported(self, cli, voice: Path, portrait: Path, tmp_path: Path) -> None:
        given = {
            "--cfg": ("cfg", 3.5),
            "--steps": ("steps", 7),
            "--eta": ("eta", 0.25),
            "--norming-threshold": ("norming_threshold", 0.3),
            "--stg": ("stg", 0.5),
            "--modality-scale": ("modality_scale", 2.0),
            "--image-strength": ("image_strength", 0.6),
            "--seed": ("seed", 11),
            "--fps": ("fps", "24"),
            "--fit": ("fit", "cover"),
            "--preset": ("preset", "official-full"),
            "--prompt": ("prompt", "A woman talks."),
            "--size": ("size_requested", "200x136"),
            "--start": ("start", 0.5),
            "--end": ("end", 1.5),
            "--audio-codec": ("audio_codec", "alac"),
        }
        switches = {
            "--no-freeze": ("freeze", False),
            "--no-prepare": ("prepare", False),
            "--allow-motion": ("allow_motion", True),
            "--force": ("force", True),
        }
        options = [str(word) for option, (_, value) in given.items() for word in (option, value)]
        outcome = cli(
            *(
                "render",
                voice,
                "--image",
                portrait,
                "--engine",
                "bar",
                "-o",
                tmp_path / "video.mp4",
                "--json",
            ),
            *options,
            *switches,
        )
        job = outcome.json["job"]
        expected = dict((given | switches).values())
        assert {name: job[name] for name in expected} == expected
        assert job["rescale"] == 0.7  # of the preset official-full
        assert job["size"] == "192x128"
        assert outcome.json["frozen"] is False
        assert outcome.json["audio"]["bit_exact"] is True
        assert outcome.json["plan"]["fps"] == "24"

    def test_the_mask_ends_with_the_video(self, cli, voice: Path, portrait: Path, tmp_path: Path) -> None:
        video = tmp_path / "video.mp4"
        words = ["render", voice, "--image", portrait, *BAR, "-o", video, "--json"]
        assert cli(*words).json["job"]["end"] == 1.96
        job = cli(*words, "--start", "1", "--end", "60").json["job"]
        assert (job["start"], job["end"]) == (1.0, 1.96)

    def test_the_driver_drives_and_the_audio_is_delivered(
        self, cli, voice: Path, long_voice: Path, portrait: Path, tmp_path: Path
    ) -> None:
        words = ["render", voice, "--image", portrait, *BAR, "--json"]
        plain = cli(*words, "-o", tmp_path / "plain.mp4").json
        driven = cli(*words, "-o", tmp_path / "driven.mp4", "--driver", long_voice).json
        assert driven["plan"]["frames"] == plain["plan"]["frames"]
        assert driven["audio"] == plain["audio"]
        assert [given["role"] for given in driven["inputs"]] == ["audio", "image", "driver"]
        assert "driver-length" in [finding["rule"] for finding in driven["findings"]]
        assert (tmp_path / "driven.mp4").read_bytes() != (tmp_path / "plain.mp4").read_bytes()

    def test_render_names_its_stages_and_sums_up(
        self, cli, voice: Path, portrait: Path, tmp_path: Path
    ) -> None:
        video = tmp_path / "video.mp4"
        outcome = cli("render", voice, "--image", portrait, *BAR, "-o", video)
        assert outcome.stdout == ""
        assert [line for line in outcome.stderr.splitlines() if line.endswith(" ...")] == [
            "read ...",
            "prepare ...",
            "sample ...",
            "frames ...",
        ]
        assert f"{video}: 1.96 s, 49 frames" in outcome.stderr

    def test_the_examples_have_nothing_to_be_done(self, cli, fakes, tmp_path: Path) -> None:
        """Findings that the preparation repairs are not printed; the manifest contains them."""
        examples = Path(__file__).parents[2] / "examples"
        words = ("render", examples / "voice.flac", "--image", examples / "portrait.jpg")
        done = cli(*words, "--engine", "bar", "--size", "256x256", "-o", tmp_path / "video.mp4")
        assert done.code == 0
        assert "warning" not in done.stderr and "hint" not in done.stderr
        found = json.loads((tmp_path / "video.json").read_text())["findings"]
        assert "hum" in {finding["rule"] for finding in found}

    def test_what_nobody_reads_is_reported_once(
        self, cli, voice: Path, portrait: Path, tmp_path: Path
    ) -> None:
        def unread(engine: str, *words: str) -> list[str]:
            video = ("-o", tmp_path / "video.mp4", "--size", "192x192", "--end", "0.2", "--json")
            made = cli("render", voice, "--image", portrait, "--engine", engine, *video, *words).json
            told = [
                found
                for found in made["findings"]
                if found["rule"]
                in {"not-read", "preparation-not-read", "prompt-without-mood", "negative-at-cfg-1"}
            ]
            assert all(found["advice"] for found in told)
            return [found["text"] for found in told]

        wishes = ("--negative", "blurry", "--stages", "2", "--prompt", "close-up of a face, red scarf")
        raw = ("--no-prepare", "--denoise", "off", "--driver-noise", "-50")
        found = unread("portrait", *wishes, *raw)
        assert len(found) == 4
        for word in ("--negative", "--stages", "--denoise, --driver-noise", "mood words"):
            assert sum(word in text for text in found) == 1, word
        assert unread("portrait", "--prompt", "calm face, close-up", "--stages", "1", "--no-prepare") == []
        assert unread("bar", "--cfg", "2", *wishes) == []

    def test_auto_takes_the_embedded_engine(
        self, process, voice: Path, portrait: Path, tmp_path: Path
    ) -> None:
        """The whole product in a separate process, without fakes."""
        words = ["render", voice, "--image", portrait, "-o", tmp_path / "video.mp4", "--size", "192x192"]
        outcome = process(*words, "--json")
        assert outcome.code == 0, outcome.stderr
        engine = outcome.json["engine"]
        assert engine["name"] == "portrait"
        assert "ltx cannot run here" in engine["why"]
        assert outcome.json["job"]["engine_requested"] == "auto"
        assert outcome.json["job"]["preset"] == "portrait"
        assert outcome.json["frozen"] is True

    def test_quiet_prints_nothing(self, cli, voice: Path, portrait: Path, tmp_path: Path) -> None:
        words = ["render", voice, "--image", portrait, *BAR, "-o", tmp_path / "video.mp4"]
        outcome = cli(*words, "--quiet")
        assert (outcome.code, outcome.stdout, outcome.stderr) == (0, "", "")


def test_audio_prints_its_measures_and_writes_the_driver(cli, long_voice: Path, tmp_path: Path) -> None:
    driver = tmp_path / "driver.wav"
    outcome = cli("audio", long_voice, "-o", driver, "--bits", "24", "--json")
    found = outcome.json
    assert_shape(
        found,
        dict.fromkeys(("format", "level", "plan"), dict)
        | dict.fromkeys(("speech", "silences", "findings", "actions", "edits"), list),
    )
    assert found["format"] == {
        "codec": "pcm_s16le",
        "lossy": False,
        "sample_rate": 16000,
        "channels": 1,
        "bits": 16,
        "seconds": 7.1,
    }
    assert set(found["level"]) == {
        *("peak_dbfs", "true_peak_dbfs", "lufs", "clipped_samples", "noise_floor_dbfs", "snr_db")
    }
    assert found["speech"]
    assert all(0 <= start < end <= 7.1 for start, end in [*found["speech"], *found["silences"]])
    with wave.open(str(driver)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 3, 24000)
        assert file.getnframes() == round(found["plan"]["frames"] / 25 * 24000)


def test_audio_without_output_writes_nothing(cli, voice: Path, tmp_path: Path) -> None:
    outcome = cli("audio", voice)
    assert "16000 Hz" in outcome.stdout
    assert not list(tmp_path.iterdir())


def test_image_finds_the_face(cli, portrait: Path) -> None:
    found = cli("image", portrait, "--json").json
    assert found["size"] == "256x256"
    (face,) = found["faces"]
    left, top, right, bottom = face["box"]
    # The eyes of the astronaut, in the image's own pixels.
    assert left < 110
    assert right > 150
    assert top < 110 < bottom
    assert [finding["rule"] for finding in found["findings"]] == ["enlarged-image"]  # to 512


def test_image_lists_both_faces(cli, portrait: Path, tmp_path: Path) -> None:
    one = Image.open(portrait)
    both = Image.new("RGB", (512, 256))
    both.paste(one, (0, 0))
    both.paste(one.resize((192, 192)), (288, 32))
    both.save(tmp_path / "both.png")
    outcome = cli("image", tmp_path / "both.png", "--json")
    assert len(outcome.json["faces"]) == 2
    assert outcome.json["faces"][0]["box"][2] < 256
    assert [finding["rule"] for finding in outcome.json["findings"]] == ["several-faces", "enlarged-image"]


def test_doctor_lists_engines_and_libraries(cli) -> None:
    health = cli("doctor", "--json").json
    assert_shape(
        health, {"lipwright": str, "python": str, "cpu_threads": int, "engines": list, "libraries": dict}
    )
    engines = {engine["name"]: engine for engine in health["engines"]}
    assert set(engines) == {"portrait", "ltx", "comfyui"}
    assert engines["portrait"]["ready"] is True
    assert engines["ltx"]["ready"] is False
    assert engines["ltx"]["missing"]
    assert Path(health["face_model"]["path"]).is_file()
    assert all(health["libraries"].values())
    words = cli("doctor").stdout
    assert all(name in words for name in (*engines, *health["libraries"]))


def test_doctor_tells_what_is_missing(cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LIPWRIGHT_FACE_MODEL", str(tmp_path / "nix.task"))
    health = cli("doctor", "--json").json
    assert health["face_model"]["path"] is None
    assert "nix.task" in health["face_model"]["missing"]
    assert "lipwright models pull face" in health["face_model"]["install"]
    portrait = next(engine for engine in health["engines"] if engine["name"] == "portrait")
    assert portrait["ready"] is False
    assert "face model" in portrait["missing"]
    assert "lipwright models pull face" in portrait["install"]


@pytest.mark.parametrize("command", ["pull", "verify"])
def test_the_face_model_is_here(cli, command: str) -> None:
    model = cli("models", command, "face", "--json").json
    assert cli("models", command, "--json").json == model  # the one that everybody needs
    assert model["name"] == "face"
    assert Path(model["path"]).is_file()
    listed = cli("models", "list", "--json").json["models"]
    assert model in listed
    assert "ltx-2.3-distilled" in {each["name"] for each in listed}


def test_a_wrong_face_model_is_refused(cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    wrong = tmp_path / "face_landmarker.task"
    wrong.write_bytes(b"another file")
    monkeypatch.setenv("LIPWRIGHT_FACE_MODEL", str(wrong))
    outcome = cli("models", "verify", "face", "--json")
    assert outcome.code == 5
    assert "sha256" in outcome.json["error"]


def test_version_is_printed(cli) -> None:
    import lipwright

    told = f"lipwright {lipwright.__version__}\n"
    assert cli("--version").stdout == told
    module = [sys.executable, "-m", "lipwright", "--version"]
    assert subprocess.run(module, capture_output=True, text=True, check=True).stdout == told


@pytest.mark.parametrize("group", [(), ("models",), ("comfyui",)])
def test_command_without_arguments_shows_the_help(cli, group: tuple[str, ...]) -> None:
    outcome = cli(*group)
    assert outcome.code == 2
    assert " ".join(("Usage: lipwright", *group)) in outcome.stderr
    assert "error: no command was given\nhint: " in outcome.stderr


def test_every_option_has_help(cli) -> None:
    from typer.main import get_command

    from lipwright.cli.main import app

    def walk(command, name: str):
        yield name, command
        for child_name, child in getattr(command, "commands", {}).items():
            yield from walk(child, f"{name} {child_name}")

    commands = dict(walk(get_command(app), "lipwright"))
    assert "lipwright models pull" in commands
    for name, command in commands.items():
        assert command.help, name
        flags = {flag for parameter in command.params for flag in parameter.opts}
        assert all(parameter.help for parameter in command.params), name
        if not getattr(command, "commands", None):
            assert {"--json", "--quiet", "--debug"} <= flags, name
