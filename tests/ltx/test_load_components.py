"""From --model and --memory to the networks: folders, original files, GGUF."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path

import gguf
import pytest
import torch
from diffusers.quantizers.gguf.utils import dequantize_gguf_tensor
from safetensors.torch import load_file, save_file
from tests.ltx.loaded import LAYER, ROOT, load, lora_file, run, state, write_gguf
from tests.ltx.original_models import original_upsampler, write_original, write_vaes_and_connectors

from lipwright.domain.progress import Progress
from lipwright.engines.ltx.loading.gguf import read_gguf
from lipwright.engines.ltx.loading.load import load_components
from lipwright.engines.ltx.loading.memory_plan import Clip
from lipwright.engines.ltx.loading.offload import place_transformer
from lipwright.engines.ltx.profile import FAMILIES, make_profile
from lipwright.errors import EngineUnavailable, UsageError

PULL = "lipwright models pull ltx-2.3-distilled"
pytestmark = pytest.mark.usefixtures("nothing_pulled")


# diffusers folders


def test_diffusers_folder_loads(tiny_folder):
    notes: list[str] = []

    def report(step: Progress) -> None:
        notes.append(step.note)

    components = load_components(str(tiny_folder), None, report, clip=Clip(25, 64, 64))
    assert [note for note in notes if note] == [components.memory.describe()]
    assert "memory mode cpu (torch finds no GPU)" in components.memory.describe()
    saved = load_file(tiny_folder / "transformer" / "diffusion_pytorch_model.safetensors")
    network = state(components.transformer())
    assert set(network) == set(saved) and all(torch.equal(network[name], saved[name]) for name in saved)
    for part in (components.video_vae, components.audio_vae, components.connectors, components.text_encoder):
        assert not part().training
    assert components.tokenizer()("a woman talks").input_ids
    assert components.latent_upsampler is not None and components.latent_upsampler() is not None
    assert (
        components.profile.tiny and components.profile.mel_bins == 16 and components.profile.family == "2.3"
    )
    assert components.fall_back is None


@pytest.fixture
def spoiled(tiny_folder, tmp_path) -> Path:
    return Path(shutil.copytree(tiny_folder, tmp_path / "spoiled"))


def drop_tensor(folder: Path) -> None:
    path = folder / "connectors" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(path)
    tensors.pop("video_text_proj_in.bias")
    save_file(tensors, path, metadata={"format": "pt"})


def add_tensor(folder: Path) -> None:
    path = folder / "transformer" / "diffusion_pytorch_model.safetensors"
    save_file({**load_file(path), "odd.weight": torch.zeros(1)}, path, metadata={"format": "pt"})


def cut_short(folder: Path) -> None:
    path = folder / "vae" / "diffusion_pytorch_model.safetensors"
    path.write_bytes(path.read_bytes()[:-10])


def set_config(part: str, **changes: object):
    def change(folder: Path) -> None:
        path = folder / part / ("model_index.json" if part == "." else "config.json")
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return change


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda f: shutil.rmtree(f / "vae"), "is not complete; missing: vae/config.json"),
        (lambda f: shutil.rmtree(f / "tokenizer"), "missing: tokenizer/"),
        (
            lambda f: (f / "transformer" / "diffusion_pytorch_model.safetensors").unlink(),
            r"missing: transformer/\*.safetensors",
        ),
        (drop_tensor, r"expected the \d\d+ tensors of .*; 1 missing: video_text_proj_in.bias"),
        (add_tensor, "1 unexpected: odd.weight"),
        (cut_short, "damaged or truncated"),
        (set_config(".", _class_name="FluxPipeline"), "got FluxPipeline"),
        (set_config("transformer", cross_attn_mod=False), "older LTX-2"),
        (set_config("text_encoder", architectures=["T5EncoderModel"]), "got T5EncoderModel"),
        (lambda f: (f / "transformer" / "config.json").write_text("{"), "is not JSON"),
    ],
)
def test_damaged_folder_is_reported(spoiled, spoil, words):
    spoil(spoiled)
    with pytest.raises(EngineUnavailable, match=words) as caught:
        components = load(spoiled)
        for part in (
            components.transformer,
            components.video_vae,
            components.connectors,
            components.text_encoder,
        ):
            part()
    assert caught.value.hint


# original files


def test_original_file_loads_with_adjacent_gemma(files, gemma, original):
    path = files / "ltx-2.3-tiny-distilled.safetensors"
    components = load(path)
    tensors = original.tensors()
    network = state(components.transformer())
    assert torch.equal(network["proj_in.weight"], tensors[f"{ROOT}patchify_proj.weight"])
    assert torch.equal(network["prompt_adaln.linear.bias"], tensors[f"{ROOT}prompt_adaln_single.linear.bias"])
    assert len(network) == sum(key.startswith(ROOT) and "_connector" not in key for key in tensors)
    assert components.latent_upsampler is not None
    up = state(components.latent_upsampler())
    assert all(torch.equal(up[name], tensor) for name, tensor in original_upsampler().state_dict().items())
    assert components.profile.distilled and components.profile.image_crf == 33
    assert components.text_encoder().config.architectures == ["Gemma3ForConditionalGeneration"]


def test_original_file_without_gemma_names_the_pull_command(files):
    with pytest.raises(EngineUnavailable, match="gemma-3-12b, which is not on this machine") as caught:
        load(files / "ltx-2.3-tiny-distilled.safetensors")
    assert caught.value.hint == "run: lipwright models pull gemma-3-12b"


def test_pulled_model_is_found_by_name_and_by_default(files, gemma, monkeypatch, tmp_path):
    home = tmp_path / "models" / "ltx-2.3-distilled"
    home.mkdir(parents=True)
    name = "ltx-2.3-22b-distilled-1.1.safetensors"
    shutil.copy(files / "ltx-2.3-tiny-distilled.safetensors", home / name)
    record = {"path": name, "size": (home / name).stat().st_size, "sha256": "0" * 64, "git_sha1": "0" * 40}
    (home / "pulled.json").write_text(
        json.dumps({"schema": 1, "repo": "Lightricks/LTX-2.3", "commit": "0" * 40, "files": [record]})
    )
    monkeypatch.setenv("LIPWRIGHT_MODELS", str(tmp_path / "models"))
    for model in (None, "ltx-2.3-distilled"):
        assert load(model).profile.name == "ltx-2.3-distilled"
    assert load(None, prefer="full").profile.name == "ltx-2.3-distilled"
    shutil.copytree(home, tmp_path / "models" / "ltx-2.3-full")
    assert load(None).profile.distilled
    assert load(None, prefer="full").profile.name == "ltx-2.3-full"
    with (home / name).open("ab") as file:
        file.write(b"more")
    with pytest.raises(EngineUnavailable, match="only partly on this machine") as caught:
        load("ltx-2.3-distilled")
    assert PULL in caught.value.hint


@pytest.mark.parametrize(
    ("model", "words", "repair_hint"),
    [
        (None, "no weights of LTX on this machine", PULL),
        ("ltx-2.3-full", "is not on this machine", "lipwright models pull ltx-2.3-full"),
        ("gemma-3-12b", "cannot make videos by itself", "--model ltx-2.3-distilled"),
        ("Lightricks/LTX-2.5-Diffusers", "not in the Hugging Face cache", "hf download Lightricks/LTX-2.5"),
        ("no-such-thing", "there is no model no-such-thing", "ltx-2.3-distilled"),
        ("empty", "contains no model", PULL),
        ("model.ckpt", "is a pickle", ".safetensors"),
        ("notes.txt", "neither a .safetensors nor a .gguf", "folder"),
    ],
)
def test_missing_model_names_the_pull_command(tmp_path, monkeypatch, model, words, repair_hint):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("hello")
    torch.save({}, tmp_path / "model.ckpt")
    with pytest.raises(EngineUnavailable, match=words) as caught:
        load(model)
    assert repair_hint in caught.value.hint


def test_folder_of_several_models_is_ambiguous(files, tmp_path):
    for name in ("ltx-2.3-22b-dev.safetensors", "ltx-2.3-22b-distilled.safetensors"):
        shutil.copy(files / "ltx-2.3-tiny-distilled.safetensors", tmp_path / name)
    with pytest.raises(EngineUnavailable, match="contains 2 models"):
        load(tmp_path)


def test_dev_files_are_the_full_model(files, gemma, tmp_path):
    shutil.copy(files / "ltx-2.3-tiny-distilled.safetensors", tmp_path / "ltx-2.3-22b-dev.safetensors")
    profile = load(tmp_path).profile
    assert not profile.distilled and profile.sigmas == ()
    assert profile.audio_cfg == 7.0
    assert profile.stg_blocks == (1,)  # 28 is none of this model's two


def test_families_compress_the_image_differently():
    crf = {family: make_profile(family, "distilled", name="", identity="").image_crf for family in FAMILIES}
    assert crf == {"2.3": 33, "2.5": 18}


def test_gemma_is_read_under_published_names(files, gemma):
    saved = load_file(gemma / "model.safetensors")
    published = "language_model.model."
    layers = {name: tensor for name, tensor in saved.items() if name.startswith(published)}
    assert layers and "lm_head.weight" not in saved  # it is tied to the embedding
    network = state(load(files / "ltx-2.3-tiny-distilled.safetensors").text_encoder())
    for name, tensor in layers.items():
        assert torch.equal(network[f"model.language_model.{name.removeprefix(published)}"], tensor), name


# GGUF


@pytest.mark.parametrize("kind", ["Q8_0", "Q4_0"])
def test_gguf_dequantizes_to_the_packed_values(original, gemma, tmp_path, kind):
    tensors = original.tensors()
    quantization = gguf.GGMLQuantizationType[kind]
    path = write_gguf(tmp_path / f"ltx-2.3-distilled-{kind}.gguf", tensors, quantization)
    write_vaes_and_connectors(tmp_path, tensors)
    components = load(path)
    network = components.transformer()
    layer = network.transformer_blocks[1].attn1.to_q
    source = tensors[f"{ROOT}transformer_blocks.1.attn1.to_q.weight"].numpy()
    unpacked = gguf.quants.dequantize(gguf.quants.quantize(source, quantization), quantization)
    # diffusers widens through 16 bits: ten bits of mantissa.
    came = dequantize_gguf_tensor(layer.weight).float()
    torch.testing.assert_close(came, torch.from_numpy(unpacked), rtol=2**-10, atol=1e-6)
    numbers = torch.randn(3, 64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(layer(numbers), torch.nn.functional.linear(numbers, came, layer.bias))
    plain = tensors[f"{ROOT}transformer_blocks.0.scale_shift_table"]
    assert torch.equal(network.transformer_blocks[0].scale_shift_table, plain)
    warned = [finding.id for finding in components.memory.findings]
    assert warned == (["low-precision"] if kind == "Q4_0" else [])
    assert len(list(network.parameters())) == sum(
        key.startswith(ROOT) and "_connector" not in key for key in tensors
    )


def test_split_checkpoint_loads(original, gemma, tmp_path):
    tensors = original.tensors()
    write_vaes_and_connectors(tmp_path, tensors)
    core = {
        key: tensor for key, tensor in tensors.items() if key.startswith(ROOT) and "_connector" not in key
    }
    path = write_original(tmp_path / "ltx-2.3-22b-distilled-transformer.safetensors", core)
    pieces = load(path)
    (tmp_path / "elsewhere").mkdir()
    whole = load(write_original(tmp_path / "elsewhere" / "whole.safetensors", tensors))
    for part in ("transformer", "connectors", "video_vae", "audio_vae"):
        ours, wanted = (state(getattr(components, part)()) for components in (pieces, whole))
        assert set(ours) == set(wanted) and all(torch.equal(ours[name], wanted[name]) for name in wanted)
    save_file({"decoder.conv.weight": torch.zeros(2)}, tmp_path / "another-model-vae.safetensors")
    assert set(state(load(path).video_vae())) == set(state(whole.video_vae()))
    connectors = {key: tensor for key, tensor in tensors.items() if "_connector" in key}
    another = write_original(tmp_path / "ltx-2.3-22b-dev-connectors.safetensors", connectors)
    with pytest.raises(
        EngineUnavailable, match=f"{another.name} and ltx-2.3-vae-and-connectors.* both contain"
    ):
        load(path)
    another.unlink()
    (tmp_path / "ltx-2.3-vae-and-connectors.safetensors").unlink()
    (tmp_path / "elsewhere" / "whole.safetensors").unlink()
    with pytest.raises(EngineUnavailable, match="does not contain: connectors, video vae, audio vae"):
        load(path)


def test_gguf_file_without_companions_is_refused(original, gemma, tmp_path):
    path = write_gguf(tmp_path / "a.gguf", original.tensors(), gguf.GGMLQuantizationType.Q8_0)
    with pytest.raises(EngineUnavailable, match="contains only the transformer"):
        load(path)


def test_damaged_gguf_files_are_reported(original, gemma, tmp_path):
    tensors = original.tensors()
    write_vaes_and_connectors(tmp_path, tensors)
    whole = write_gguf(tmp_path / "whole.gguf", tensors, gguf.GGMLQuantizationType.Q8_0)
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(whole.read_bytes()[:-2000])
    other = tmp_path / "other.gguf"
    other.write_bytes(b"not a GGUF file at all")
    for path in (cut, other):
        with pytest.raises(EngineUnavailable, match="damaged or truncated"):
            load(path)
    foreign = write_gguf(
        tmp_path / "llama.gguf",
        {f"{ROOT}blk.0.attn_q.weight": torch.zeros(32, 32)},
        gguf.GGMLQuantizationType.Q8_0,
    )
    with pytest.raises(EngineUnavailable, match="not a transformer of LTX"):
        load(foreign)
    tensors.pop(f"{ROOT}transformer_blocks.0.ff.net.2.bias")
    partial = write_gguf(tmp_path / "partial.gguf", tensors, gguf.GGMLQuantizationType.Q8_0)
    with pytest.raises(EngineUnavailable, match="1 missing: transformer_blocks"):
        load(partial).transformer()


@pytest.mark.parametrize(
    ("metadata", "nested"),
    [(struct.pack("<IQ", 0, 1 << 40), 1), (struct.pack("<IQ", 9, 1), 5000), (b"", 1), (b"\x04", 1)],
    ids=["2^40 values", "5,000 arrays in arrays", "cut short", "cut in a number"],
)
def test_gguf_with_impossible_metadata_is_refused(tmp_path, metadata: bytes, nested: int):
    """The reader of gguf would count to 2^40, or recurse without end."""
    path = tmp_path / "model.gguf"
    head = b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1) + b"k" + struct.pack("<I", 9)
    path.write_bytes(head + metadata * nested)
    with pytest.raises(EngineUnavailable, match="damaged or truncated"):
        read_gguf(path)


# memory modes


def test_memory_is_checked_before_loading(tiny_folder):
    with pytest.raises(UsageError, match="'tiny' is unknown"):
        load(tiny_folder, "tiny")
    with pytest.raises(UsageError, match="torch finds none"):
        load(tiny_folder, "fp8")
    assert load(tiny_folder, "cpu").memory.mode == "cpu"


def test_packed_weights_survive_offloading(original, gemma, tmp_path):
    tensors = original.tensors()
    write_vaes_and_connectors(tmp_path, tensors)
    path = write_gguf(tmp_path / "a.gguf", tensors, gguf.GGMLQuantizationType.Q8_0)
    components = load(path)
    wanted = run(components.transformer())
    network = place_transformer(components.transformer(), "sequential", torch.device("cpu"), torch.float32)
    assert torch.equal(run(network), wanted)
    exact = run(load(write_original(tmp_path / "whole.safetensors", tensors)).transformer())
    assert (wanted - exact).norm() / exact.norm() < 0.02


def test_fp8_weights_compute_in_a_wider_type(tiny_folder):
    wanted = run(load(tiny_folder).transformer())
    network = place_transformer(load(tiny_folder).transformer(), "fp8", torch.device("cpu"), torch.float32)
    kinds = {name: tensor.dtype for name, tensor in network.named_parameters()}
    assert kinds["transformer_blocks.0.attn1.to_q.weight"] == torch.float8_e4m3fn
    assert kinds["transformer_blocks.0.attn1.norm_q.weight"] == torch.float32
    came = run(network)
    assert came.dtype == torch.float32
    # Three bits of mantissa: each weight is within 1/16 of itself.
    assert 0 < (came - wanted).norm() / wanted.norm() < 1 / 16
    assert kinds == {name: tensor.dtype for name, tensor in network.named_parameters()}


# the command line


@pytest.mark.usefixtures("gemma")
def test_original_file_makes_a_video(files, cli, word, portrait, tmp_path):
    video = tmp_path / "video.mp4"
    lora = lora_file(tmp_path / "one.safetensors", 1, layers=(LAYER,))
    words = ["render", word, "--image", portrait, "--engine", "ltx", "--size", "64x64", "--steps", "2"]
    words += ["--model", files / "ltx-2.3-tiny-distilled.safetensors", "-o", video]
    done = cli(*words, "--lora", f"{lora}:0.1")
    assert done.code == 0, done.stderr
    assert "memory mode cpu (torch finds no GPU), about " in done.stderr
    told = json.loads(video.with_suffix(".json").read_text())
    assert told["engine"]["model"] == "ltx-2.3-tiny-distilled" and told["frozen"] is True
    assert told["engine"]["settings"]["memory"] == "cpu"

    refused = cli(*words[:-1], tmp_path / "other.mp4", "--lora", files / "ltx-2.3-tiny-distilled.safetensors")
    assert refused.code == 5 and "not a LoRA that can be added" in refused.stderr
    assert not (tmp_path / "other.mp4").exists()


def test_lora_option_is_refused_by_other_engines(cli, voice, portrait, tmp_path):
    done = cli(
        "render", voice, "--image", portrait, "--engine", "portrait", "--lora", "a", "-o", tmp_path / "f.mp4"
    )
    assert done.code == 2 and "--lora is for --engine ltx" in done.stderr


def test_doctor_lists_gpu_and_models(cli):
    health = cli("doctor", "--json").json
    assert set(health["gpu"]) == {"name", "bytes", "torch"} and health["gpu"]["torch"]
    states = {model["name"]: model["state"] for model in health["models"]}
    assert states["ltx-2.3-distilled"] == "missing" and "gemma-3-12b" in states
