"""`lipwright workflow` from end to end: files that are made, linted, fixed or refused."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np
import pytest
from graph_check import check_fits, to_api
from PIL import Image
from traps import good_graph, put

from lipwright.domain.media import Waveform
from lipwright.domain.settings import DEFAULT_PROMPT
from lipwright.media.audio_reader import probe_audio, read_audio
from lipwright.media.audio_writer import encode_wav
from lipwright.workflow.reader import read_graph
from lipwright.workflow.schemas import bundled
from lipwright.workflow.ui import to_ui


@pytest.fixture(scope="module")
def object_info():
    """What a server with every pack but lipwright's answers."""
    return json.loads((files("lipwright.workflow") / "data" / "nodes.json").read_text("utf-8"))


def write(path, value):
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


@pytest.mark.parametrize("recipe", ["guide", "official"])
def test_both_formats_hold_the_same_graph(cli, voice, portrait, tmp_path, recipe):
    made = {}
    for form in ("api", "ui"):
        path = tmp_path / f"{form}.json"
        done = cli(
            "workflow", voice, "--image", portrait, "--recipe", recipe, "--format", form, "-o", path, "--json"
        )
        assert done.code == 0, done.stderr
        assert (done.json["path"], done.json["format"]) == (str(path), form)
        graph = read_graph(json.loads(path.read_text("utf-8")), bundled())
        assert len(graph.nodes) == done.json["nodes"]
        assert done.json["output_node"] in graph.nodes
        assert set(done.json["input_files"]) == {voice.name, portrait.name}
        made[form] = to_api(graph)
        assert cli("workflow", "--lint", path, "--strict", "--json").json["findings"] == []
    assert made["api"] == made["ui"]
    check_fits(made["api"], bundled())


def test_the_driver_is_padded_so_that_comfyui_crops_nothing(cli, voice, tmp_path):
    driver = tmp_path / "driver.wav"
    done = cli("workflow", voice, "--driver-out", driver, "-o", tmp_path / "wf.json", "--json")
    assert done.code == 0, done.stderr
    assert done.json["input_files"] == ["driver.wav", voice.name]
    form = probe_audio(driver)
    assert (form.sample_rate_hz, form.channels, form.samples % 4096) == (44_100, 1, 0)
    assert 0 <= form.samples - done.json["plan"]["frames"] * 44_100 / 25 < 4096  # padded, and no more
    graph = json.loads((tmp_path / "wf.json").read_text("utf-8")).values()
    assert not [node for node in graph if node["class_type"] == "TrimAudioDuration"]
    rules = {finding["rule"] for finding in done.json["findings"]}
    assert "driver-not-prepared" not in rules
    bare = cli("workflow", voice, "-o", tmp_path / "wf.json", "--json")
    assert "driver-not-prepared" in {finding["rule"] for finding in bare.json["findings"]}
    assert cli("workflow", voice, "-o", tmp_path / "wf.json", "--strict").code == 6


def test_settings_size_loras_and_models_reach_the_graph(cli, voice, portrait, tmp_path):
    models = write(tmp_path / "models.toml", 'distilled = "mine.safetensors"\n')
    path = tmp_path / "wf.json"
    done = cli(
        *("workflow", voice, "--image", portrait, "-o", path, "--size", "640x384", "--fps", "23.976"),
        *("--cfg", "3.5", "--steps", "30", "--eta", "0.25", "--seed", "7", "--models", models, "--json"),
        *(
            "--lora",
            "a.safetensors=0.5",
            "--lora",
            "b.safetensors",
            "--prefix",
            "mine/talk",
            "--negative",
            "blurry",
        ),
    )
    assert done.code == 0, done.stderr
    assert done.json["model_files"][0] == "mine.safetensors"
    api = json.loads(path.read_text("utf-8"))
    values = {
        (node["class_type"], name): value for node in api.values() for name, value in node["inputs"].items()
    }
    assert values["EmptyLTXVLatentVideo", "width"] == 640
    assert values["VHS_VideoCombine", "frame_rate"] == 24000 / 1001
    assert values["VHS_VideoCombine", "filename_prefix"] == "mine/talk"
    assert values["LTXVScheduler", "steps"] == 30
    assert values["SamplerEulerAncestral", "eta"] == 0.25
    assert values["RandomNoise", "noise_seed"] == 7
    assert "blurry" in [node["inputs"].get("text") for node in api.values()]
    loras = [n["inputs"]["strength_model"] for n in api.values() if n["class_type"] == "LoraLoaderModelOnly"]
    assert loras == [0.5, 1.0]


def test_one_of_several_faces_is_chosen(cli, voice, portrait, tmp_path):
    with Image.open(portrait) as one:
        both = Image.new("RGB", (2 * one.width, one.height))
        both.paste(one, (0, 0))
        both.paste(one, (one.width, 0))
    both.save(tmp_path / "both.png")
    words = ("workflow", voice, "--image", tmp_path / "both.png", "-o", tmp_path / "wf.json", "--json")

    def rules(*face):
        return {finding["rule"] for finding in cli(*words, *face).json["findings"]}

    assert "several-faces" in rules()
    chosen = rules("--face", "right")
    assert "several-faces" not in chosen
    assert "face-not-held" in chosen
    assert cli(*words, "--face", "3").code == 3


def test_a_server_with_our_pack_gets_the_norming_node(cli, voice, tmp_path, object_info):
    spec = {
        "model": ["MODEL"],
        "threshold": ["FLOAT", {"default": 0.25, "min": 0.0, "max": 1.0, "step": 0.01}],
    }
    ours = {"input": {"required": spec}, "output": ["MODEL"], "output_name": ["MODEL"], "python_module": "x"}
    answer = write(tmp_path / "info.json", {**object_info, "LipwrightNorming": ours})
    path = tmp_path / "wf.json"
    done = cli("workflow", voice, "--object-info", answer, "-o", path, "--json")
    assert done.code == 0, done.stderr
    assert "norming-left-out" not in {finding["rule"] for finding in done.json["findings"]}
    nodes = json.loads(path.read_text("utf-8"))
    (norming,) = [key for key, node in nodes.items() if node["class_type"] == "LipwrightNorming"]
    (guider,) = [node for node in nodes.values() if node["class_type"] == "MultimodalGuider"]
    assert guider["inputs"]["model"] == [norming, 0]


def test_missing_nodes_and_files_of_a_server_are_named(cli, voice, tmp_path, object_info):
    path = tmp_path / "wf.json"
    lacking = {name: node for name, node in object_info.items() if name != "LTXVNormalizingSampler"}
    done = cli("workflow", voice, "--object-info", write(tmp_path / "a.json", lacking), "-o", path)
    assert done.code == 5
    assert "LTXVNormalizingSampler" in done.stderr
    assert "ComfyUI-LTXVideo" in done.stderr
    loader = json.loads(json.dumps(object_info["CheckpointLoaderSimple"]))
    loader["input"]["required"]["ckpt_name"] = [["other.safetensors"]]
    answer = write(tmp_path / "b.json", {**object_info, "CheckpointLoaderSimple": loader})
    done = cli("workflow", voice, "--object-info", answer, "-o", path)
    assert done.code == 5
    assert "ltx-2.3-22b-distilled-fp8.safetensors" in done.stderr
    assert not path.exists()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--format", "ui", "--fps", "23.976"], (4, "--format api")),
        (["--start", "0.5"], (4, "--image")),
        (["--cfg", "9"], (2, "--force")),
        (["--recipe", "secret"], (2, "guide")),
        (["--format", "yaml"], (2, "api")),
        (["--preset", "portrait"], (2, "guide")),
        (["--lora", "=1"], (2, "NAME=STRENGTH")),
        (["--fix", "x.json"], (2, "--lint")),
        (["--driver", "a.wav", "--driver-out", "b.wav"], (2, "--driver")),
        (["--models", "missing.toml"], (3, "missing.toml")),
        (["--object-info", "missing.json"], (3, "missing.json")),
        (["--image", "missing.png"], (3, "missing.png")),
    ],
)
def test_wrong_options_are_refused(cli, voice, tmp_path, options, expected):
    code, words = expected
    path = tmp_path / "wf.json"
    done = cli("workflow", voice, "-o", path, *options)
    assert done.code == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not path.exists()


@pytest.mark.parametrize("text", ["distilled = 3", "nonsense = 'x'", "[", '{"distilled": ""}', "{"])
def test_invalid_models_file_is_refused(cli, voice, tmp_path, text):
    models = write(tmp_path / "models.toml", text)
    done = cli("workflow", voice, "-o", tmp_path / "wf.json", "--models", models)
    assert done.code == 3
    assert "models file" in done.stderr


@pytest.mark.parametrize("form", ["api", "ui"])
def test_a_trap_is_linted_fixed_and_gone(cli, tmp_path, form):
    graph = put("LTXVSetAudioVideoMaskByTime", mask_audio=True)(good_graph("guide"))
    path = write(tmp_path / "wf.json", graph.to_api() if form == "api" else to_ui(graph))
    before = path.read_bytes()
    fixed = tmp_path / "fixed.json"
    done = cli("workflow", "--lint", path, "--fix", fixed, "--json")
    assert done.code == 0
    assert not done.json["ok"]
    (finding,) = done.json["findings"]
    assert finding["rule"] == "audio-mask-inverted"
    assert finding["where"]["input"] == "mask_audio"
    assert [one["rule"] for one in done.json["fixed"]] == ["audio-mask-inverted"]
    assert path.read_bytes() == before
    wanting = cli("workflow", "--lint", path, "--strict", "--json")
    assert wanting.code == wanting.json["exit_code"] == 6
    assert wanting.json["findings"]
    assert wanting.json["error"] in wanting.stderr
    again = cli("workflow", "--lint", fixed, "--strict", "--json")
    assert (again.code, again.json["ok"], again.json["format"]) == (0, True, form)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"3", b"\xff\xfe\x00", b"[" * 100_000, b'{"a": {"b": 1}}', b"PK\x03\x04"]
)
def test_files_that_are_not_workflows_are_refused(cli, tmp_path, data):
    path = tmp_path / "wf.json"
    path.write_bytes(data)
    done = cli("workflow", "--lint", path, "--fix", tmp_path / "out.json", "--json")
    assert done.code == 3
    assert str(path) in done.json["error"]
    assert done.json["hint"]
    assert not (tmp_path / "out.json").exists()


def test_wrong_usage_of_the_lint_is_refused(cli, voice, tmp_path):
    path = write(tmp_path / "wf.json", good_graph("guide").to_api())
    assert cli("workflow", "--lint", path, "--fix", path).code == 2
    assert cli("workflow", voice, "--lint", path).code == 2
    assert cli("workflow").code == 2
    assert cli("workflow", "--lint", tmp_path / "none.json").code == 3
    assert cli("workflow", "--lint", path, "--fix", tmp_path / "no" / "out.json").code == 3
    assert cli("workflow", voice, "-o", voice).code == 2


def test_a_graph_that_cannot_be_made_leaves_no_driver(cli, voice, tmp_path):
    done = cli(
        "workflow", voice, "-o", tmp_path / "wf.json", "--driver-out", tmp_path / "d.wav", "--start", "0.5"
    )
    assert done.code == 4
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def speech(long_voice, tmp_path_factory):
    """Twenty-one seconds of reading, for several clips."""
    waveform = read_audio(long_voice, rate_hz=16_000).waveform
    path = tmp_path_factory.mktemp("speech") / "speech.wav"
    path.write_bytes(encode_wav(Waveform(np.tile(waveform.samples, 3), 16_000), bits=16))
    return path


@pytest.mark.parametrize("fps", [24, 25])
def test_a_long_recording_is_one_graph_of_many_clips(cli, speech, portrait, tmp_path, fps):
    driver, path = tmp_path / "driver.wav", tmp_path / "wf.json"
    made = {}
    for form in ("ui", "api"):
        options = ("--image", portrait, "--recipe", "extension", "--fps", fps, "--format", form)
        done = cli("workflow", speech, *options, "--driver-out", driver, "-o", path, "--json")
        assert done.code == 0, done.stderr
        assert not {"long-clip", "driver-not-prepared"} & {one["rule"] for one in done.json["findings"]}
        assert set(done.json["input_files"]) == {"driver.wav", speech.name, portrait.name}
        made[form] = to_api(read_graph(json.loads(path.read_text("utf-8")), bundled()))
        assert cli("workflow", "--lint", path, "--strict", "--json").json["findings"] == []
    chunks = done.json["plan"]["chunks"]
    assert len(chunks) > 2
    audio = probe_audio(driver)
    assert (audio.sample_rate_hz, audio.channels, audio.samples % 4096) == (44_100, 1, 0)
    pieces = [n["inputs"] for n in made["api"].values() if n["class_type"] == "TrimAudioDuration"]
    for chunk, piece in zip(chunks, pieces, strict=True):
        start = round(piece["start_index"] * 44_100)  # as the node cuts
        end = min(start + round(piece["duration"] * 44_100), audio.samples)
        assert (end - start) % 4096 == 0  # nothing is cropped, also at the end of the driver
        assert start == round(chunk["start_frame"] / fps * 44_100)
    starts = [piece["start_index"] for piece in pieces]
    shown = [n["inputs"] for n in made["ui"].values() if n["class_type"] == "TrimAudioDuration"]
    assert [piece["start_index"] for piece in shown] == starts  # ComfyUI's page keeps them
    assert all(round(piece["duration"] * 44_100) % 4096 // 2 < 45 for piece in shown)  # under 1 ms


def test_ltx_25_is_frozen_without_reference_tokens(cli, voice, portrait, tmp_path):
    path = tmp_path / "wf.json"
    done = cli("workflow", voice, "--image", portrait, "--recipe", "official-2.5", "-o", path, "--json")
    assert done.code == 0, done.stderr
    graph = json.loads(path.read_text("utf-8"))
    kinds = {node["class_type"] for node in graph.values()}
    assert {"UNETLoader", "CLIPLoader", "VAELoader", "SetLatentNoiseMask"} <= kinds
    assert "LTXVSetAudioRefTokens" not in kinds
    (sampler,) = [n["inputs"] for n in graph.values() if n["class_type"] == "SamplerEulerAncestral"]
    assert sampler["eta"] == 1.0
    assert "ltx-2.5-audio-vae-bf16.safetensors" in done.json["model_files"]
    refused = cli("workflow", voice, "--recipe", "official-2.5", "--preset", "guide", "-o", path, "--json")
    assert (refused.code, refused.json["hint"]) == (2, "use --preset official-distilled")


def test_an_empty_prompt_says_that_a_person_talks(cli, voice, portrait, tmp_path):
    path = tmp_path / "wf.json"
    for recipe in ("guide", "official", "extension"):
        assert cli("workflow", voice, "--image", portrait, "--recipe", recipe, "-o", path).code == 0
        texts = [
            node["inputs"]["text"]
            for node in json.loads(path.read_text("utf-8")).values()
            if node["_meta"]["title"] == "Prompt"
        ]
        assert texts == [DEFAULT_PROMPT]
