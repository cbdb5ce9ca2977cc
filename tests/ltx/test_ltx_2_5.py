"""LTX-2.5 as it is distributed: a file for each network and its own text encoder; and damaged ones."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import comfy_kitchen.tensor as kitchen
import gguf
import pytest
import tiny_ltx
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from tests.ltx.fake_hub import FakeHub
from tests.ltx.loaded import LAYER, ROOT, load, lora_file, state
from tests.ltx.original_models import (
    TEXT_LAYERS,
    original_model,
    original_upsampler,
    write_original,
)
from tests.ltx.split_files import (
    AUDIO_FILE,
    CONFIG_2_5,
    LORA_FILE,
    TEXT_FILE,
    TRANSFORMER_FILE,
    VERSION,
    VIDEO_FILE,
    all_tensors,
    build_gemma4,
    publish,
    rewrite,
    write_text_encoder,
)
from transformers import AutoTokenizer, Gemma4UnifiedForConditionalGeneration

from lipwright.domain.progress import no_progress
from lipwright.engines.ltx.loading.memory_plan import Clip
from lipwright.engines.ltx.loading.quantized_linear import QuantizedLinear
from lipwright.engines.ltx.prompt_encoding import encode_prompts
from lipwright.errors import EngineUnavailable

pytestmark = pytest.mark.usefixtures("nothing_pulled")


@pytest.fixture(scope="module")
def gemma4(tmp_path_factory) -> Path:
    return build_gemma4(tmp_path_factory.mktemp("gemma4") / "tuned")


@pytest.fixture(scope="module")
def published(gemma4, tmp_path_factory) -> Path:
    return publish(tmp_path_factory.mktemp("published"), gemma4)


@pytest.fixture
def copy(published, tmp_path) -> Path:
    return Path(shutil.copytree(published, tmp_path / "models" / "ltx-2.5"))


def test_split_files_equal_one_checkpoint(published, tmp_path, monkeypatch, gemma4):
    tensors = all_tensors()
    components = load(published)
    assert components.profile.family == "2.5" and components.profile.image_crf == 18
    assert components.profile.eta == 1.0 and components.profile.distilled
    monkeypatch.setenv("LIPWRIGHT_TEXT_ENCODER", str(published / TEXT_FILE))
    whole = load(
        write_original(tmp_path / "whole.safetensors", tensors, model_version="2.5.0", config=CONFIG_2_5)
    )
    count = 0
    for part in ("transformer", "connectors", "video_vae", "audio_vae"):
        ours, wanted = state(getattr(components, part)()), state(getattr(whole, part)())
        assert set(ours) == set(wanted) and all(torch.equal(ours[name], wanted[name]) for name in wanted)
        count += len(ours)
    assert count == sum(not key.startswith("vocoder.") for key in tensors)
    up = state(components.latent_upsampler())
    assert all(torch.equal(up[name], tensor) for name, tensor in original_upsampler().state_dict().items())


def test_text_encoder_equals_transformers(published, gemma4):
    components = load(published)
    ours = components.text_encoder()
    theirs = Gemma4UnifiedForConditionalGeneration.from_pretrained(gemma4).eval()
    wanted = {name: tensor for name, tensor in theirs.state_dict().items() if name != "lm_head.weight"}
    assert set(state(ours)) == set(wanted)
    assert all(torch.equal(state(ours)[name], tensor) for name, tensor in wanted.items())
    tokens = components.tokenizer()(["a woman talks"], return_tensors="pt")
    assert torch.equal(
        tokens.input_ids,
        AutoTokenizer.from_pretrained(gemma4)(["a woman talks"], return_tensors="pt").input_ids,
    )
    with torch.no_grad():
        came, expected = (
            network.model(input_ids=tokens.input_ids, output_hidden_states=True).hidden_states
            for network in (ours, theirs)
        )
    assert len(came) == TEXT_LAYERS
    assert all(torch.equal(one, other) for one, other in zip(came, expected, strict=True))
    (text,) = encode_prompts(components, ["a woman talks"], no_progress, recent={}, make_room=lambda: None)
    assert text.video.shape == (1, 1024, 64) and text.audio.shape == (1, 1024, 32)


def test_prompt_starts_with_bos_and_is_padded_on_the_left(published, tmp_path, monkeypatch):
    """As ltx-core 1.2 does for both; Gemma 4's tokenizer leaves <bos> out."""
    seen = []

    def text_encoder():
        network = load(published).text_encoder()
        network.model.register_forward_pre_hook(
            lambda _, args, options: seen.append(options), with_kwargs=True
        )
        return network

    components = replace(load(published), text_encoder=text_encoder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    encode_prompts(components, [" a woman talks "], no_progress, recent={}, make_room=lambda: None)
    ids, mask = seen[0]["input_ids"][0].tolist(), seen[0]["attention_mask"][0].tolist()
    words = ["<bos>", "a", "woman", "talks"]
    assert ids == [0] * 1020 + [tiny_ltx.WORDS.index(word) for word in words]
    assert mask == [0] * 1020 + [1] * 4


def test_older_text_encoder_names_are_read(copy, gemma4):
    """Files that flattened only the language model, or nothing (ltx-core takes both)."""
    config = json.loads((gemma4 / "config.json").read_text())
    wanted = state(load(copy).text_encoder())
    published = load_file(copy / TEXT_FILE)
    rest = {key: t for key, t in published.items() if key.startswith(("text_emb", "tokenizer", "hf_asset"))}
    for flattened in (True, False):
        weights = {
            name.replace("model.language_model.", "model.") if flattened else name: tensor
            for name, tensor in load_file(gemma4 / "model.safetensors").items()
        }
        write_text_encoder(copy / TEXT_FILE, weights | rest, config)
        ours = state(load(copy).text_encoder())
        assert set(ours) == set(wanted) and all(torch.equal(ours[name], wanted[name]) for name in wanted)


def test_comfyui_int8_convrot_files_are_read(copy, gemma4):
    """`...-comfy-int8-convrot`: matrices of transformer and text encoder rotated and in int8."""
    for file, prefix in ((TRANSFORMER_FILE, f"{ROOT}transformer_blocks."), (TEXT_FILE, "model.layers.")):

        def pack(tensors: dict[str, torch.Tensor], prefix: str = prefix) -> None:
            for name in [name for name in tensors if name.startswith(prefix) and name.endswith(".weight")]:
                if tensors[name].ndim == 2:
                    layout = kitchen.TensorWiseINT8Layout
                    options = {"per_channel": True, "convrot": True, "convrot_groupsize": 16}
                    packed, told = layout.quantize(tensors[name].float(), **options)
                    form = {"format": "int8_tensorwise", "convrot": True, "convrot_groupsize": 16}
                    text = json.dumps(form).encode()
                    tensors |= {
                        name: packed,
                        f"{name}_scale": told.scale,
                        f"{name.removesuffix('weight')}comfy_quant": torch.tensor(
                            list(text), dtype=torch.uint8
                        ),
                    }

        rewrite(copy / file, pack)
        (copy / file).rename(copy / file.replace("bf16", "comfy-int8-convrot"))
    components = load(copy)
    for network in (components.transformer(), components.text_encoder()):
        kept = [layer for layer in network.modules() if isinstance(layer, QuantizedLinear)]
        assert len(kept) > 10 and all(layer.packed.rotated == 16 for layer in kept)
    (text,) = encode_prompts(components, ["a woman talks"], no_progress, recent={}, make_room=lambda: None)
    assert torch.isfinite(text.video).all()


@pytest.mark.parametrize("layout", ["file", "ComfyUI", "flat"])
def test_companion_files_are_found_next_to_the_transformer(copy, layout):
    """In the hub's folders, among ComfyUI's models of other makers, or all in one folder."""
    model = copy / TRANSFORMER_FILE
    if layout == "ComfyUI":
        save_file({"decoder.conv1.weight": torch.zeros(2)}, copy / "vae" / "wan_2.1_vae.safetensors")
        old = {key: tensor for key, tensor in original_model(1).tensors().items() if "vae." in key}
        write_original(copy / "vae" / "LTX23_video_vae_bf16.safetensors", old)
        save_file(
            {"model.embed_tokens.weight": torch.zeros(2)}, copy / "text_encoders/gemma_3_12B_it.safetensors"
        )
    if layout == "flat":
        for file in list(copy.rglob("*.safetensors")):
            file.rename(copy / file.name)
        model = copy
    components = load(model, clip=Clip(25, 64, 64, refining_steps=3))
    assert components.profile.family == "2.5" and components.latent_upsampler is not None
    assert torch.equal(
        components.video_vae().decoder.conv_in.conv.weight, all_tensors()["vae.decoder.conv_in.conv.weight"]
    )
    assert components.text_encoder() is not None and components.tokenizer() is not None


def test_gguf_file_contains_the_connectors(copy):
    """Nothing else of LTX-2.5 does; the projections are the text encoder's."""
    tensors = load_file(copy / TRANSFORMER_FILE)
    (copy / TRANSFORMER_FILE).unlink()
    kind = gguf.GGMLQuantizationType.Q8_0
    writer = gguf.GGUFWriter(copy / "diffusion_models" / "ltx-2.5-22b-distilled-Q8_0.gguf", "ltxv")
    for key, tensor in tensors.items():
        name, data = key.removeprefix(ROOT), tensor.float().numpy()
        if name.startswith("transformer_blocks") and data.ndim == 2 and data.shape[1] % 32 == 0:
            writer.add_tensor(name, gguf.quants.quantize(data, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, data)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    components = load(copy)
    assert components.profile.family == "2.5" and components.memory.mode == "cpu"
    connectors, wanted = state(components.connectors()), all_tensors()
    blocks = f"{ROOT}video_embeddings_connector.transformer_1d_blocks.1.attn1.to_q.weight"
    name = "video_connector.transformer_blocks.1.attn1.to_q.weight"
    assert torch.equal(connectors[name], wanted[blocks])
    projection = wanted["text_embedding_projection.video_aggregate_embed.weight"]
    assert torch.equal(connectors["video_text_proj_in.weight"], projection)
    assert components.transformer() is not None


def test_full_model_refines_with_the_lora_of_its_family(copy):
    lora_file(copy / "loras" / "ltx-2.3-22b-distilled-lora-384-1.1.safetensors", 2, layers=(LAYER,))
    (copy / TRANSFORMER_FILE).rename(copy / TRANSFORMER_FILE.replace("distilled", "dev"))
    components = load(copy, clip=Clip(25, 64, 64, refining_steps=3))
    assert not components.profile.distilled
    assert components.loras == (f"{Path(LORA_FILE).name}:1@2",)


def test_convolutional_vae_is_chosen_and_diffusion_vae_refused(copy):
    config = json.dumps(CONFIG_2_5 | {"vae": {"_class_name": "CausalDiffusionVAE"}})
    diffusion = copy / "vae" / "ltx-2.5-video-vae-bf16.safetensors"
    shutil.copy(copy / VIDEO_FILE, diffusion)
    rewrite(
        diffusion, lambda t: t.update({"decoder.blocks.0.attn.qkv.weight": torch.zeros(3, 1)}), config=config
    )
    assert len(state(load(copy).video_vae())) == sum(key.startswith("vae.") for key in all_tensors())
    (copy / VIDEO_FILE).unlink()
    with pytest.raises(
        EngineUnavailable, match=f"{diffusion.name} is a video VAE with a diffusion decoder"
    ) as caught:
        load(copy)
    assert "video-vae-conv" in caught.value.hint


def drop(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).unlink()


def stock_gemma(folder: Path) -> None:
    with safe_open(folder / TEXT_FILE, "pt") as file:
        config = json.loads(file.metadata()["gemma_config"])
    del config["gemma_version"]
    rewrite(folder / TEXT_FILE, lambda tensors: None, gemma_config=json.dumps(config))


def gemma_config(**changes: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        with safe_open(folder / TEXT_FILE, "pt") as file:
            config = json.loads(file.metadata()["gemma_config"])
        rewrite(folder / TEXT_FILE, lambda tensors: None, gemma_config=json.dumps(config | changes))

    return change


def config_of(file: str, **changes: Any) -> Callable[[Path], None]:
    """Change the configuration in a file's metadata, by network."""

    def change(folder: Path) -> None:
        new = {part: CONFIG_2_5[part] | more for part, more in changes.items()}
        rewrite(folder / file, lambda tensors: None, config=json.dumps(CONFIG_2_5 | new))

    return change


SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "no video VAE": (drop(VIDEO_FILE), "does not contain: video vae"),
    "no audio VAE": (drop(AUDIO_FILE), "does not contain: audio vae"),
    "no text encoder": (drop(TEXT_FILE), "needs the text encoder of LTX-2.5 in one file"),
    "no transformer": (drop(TRANSFORMER_FILE), "contains no model"),
    "Google's Gemma 4": (stock_gemma, f"expected version {VERSION}, but it states no version"),
    "another version": (
        gemma_config(gemma_version="gemma4-12b-ltx-v2"),
        "but it is version gemma4-12b-ltx-v2",
    ),
    "another text encoder": (
        gemma_config(model_type="gemma3"),
        "needs gemma4_unified, but this is",
    ),
    "a file without configuration": (
        lambda f: rewrite(f / TEXT_FILE, lambda t: None, gemma_config=""),
        "has no gemma_config in its metadata",
    ),
    "a configuration that is no JSON": (
        lambda f: rewrite(f / TEXT_FILE, lambda t: None, gemma_config="[" * 100_000),
        "the configuration in .* is not JSON",
    ),
    "a billion layers of text": (
        gemma_config(text_config={"num_hidden_layers": 10**9}),
        "has 2 layers of a text encoder, but its configuration has 1000000000",
    ),
    "sizes of another text encoder": (
        gemma_config(text_config={"num_hidden_layers": 2, "hidden_size": 1, "num_attention_heads": 0}),
        TEXT_FILE.split("/")[1],
    ),
    "no tokenizer": (
        lambda f: rewrite(f / TEXT_FILE, lambda t: t.pop("tokenizer_json")),
        "does not contain tokenizer_json, which belongs to a text encoder",
    ),
    "a damaged tokenizer": (
        lambda f: rewrite(
            f / TEXT_FILE, lambda t: t.update(tokenizer_json=torch.zeros(9, dtype=torch.uint8))
        ),
        "the tokenizer in .* is damaged",
    ),
    "a text tensor missing": (
        lambda f: rewrite(f / TEXT_FILE, lambda t: t.pop("model.layers.1.mlp.up_proj.weight")),
        "1 missing: model.language_model.layers.1.mlp.up_proj.weight",
    ),
    "a text tensor left over": (
        lambda f: rewrite(f / TEXT_FILE, lambda t: t.update({"model.odd.weight": torch.zeros(1)})),
        "1 unexpected: model.odd.weight",
    ),
    "a text tensor of another shape": (
        lambda f: rewrite(f / TEXT_FILE, lambda t: t.update({"model.norm.weight": torch.zeros(3)})),
        r"model.norm.weight has the shape \(3,\), but the text encoder needs \(16,\)",
    ),
    "projections missing": (
        lambda f: rewrite(
            f / TEXT_FILE, lambda t: [t.pop(key) for key in list(t) if key.startswith("text_emb")]
        ),
        "4 missing: audio_text_proj_in.bias",
    ),
    "a tensor left over": (
        lambda f: rewrite(f / AUDIO_FILE, lambda t: t.update({"audio_vae.odd.weight": torch.zeros(1)})),
        "has 1 tensors that belong to no network of LTX-2: audio_vae.odd.weight",
    ),
    "a truncated VAE": (
        lambda f: (f / VIDEO_FILE).write_bytes((f / VIDEO_FILE).read_bytes()[:-100]),
        "video-vae-conv.*damaged or truncated",
    ),
    "a header of 2**60 bytes": (
        lambda f: (f / VIDEO_FILE).write_bytes((2**60).to_bytes(8, "little") + b"{}"),
        "damaged or truncated",
    ),
    "a configuration a hundred thousand deep": (
        lambda f: rewrite(f / TRANSFORMER_FILE, lambda t: None, config='{"transformer":' * 100_000),
        "the configuration in its metadata is not JSON",
    ),
    "a billion layers": (
        config_of(TRANSFORMER_FILE, transformer={"num_layers": 10**9}),
        "not valid for the transformer of LTX-2 .1000000000 layers",
    ),
    "a configuration of text": (
        config_of(TRANSFORMER_FILE, transformer={"num_attention_heads": "many"}),
        "not valid for the transformer of LTX-2",
    ),
    "a VAE of another layout": (
        config_of(TRANSFORMER_FILE, vae={"decoder_blocks": [["res_x", {"num_layers": 10**9}]]}),
        "not valid for the video_vae of LTX-2 .1000000000 layers",
    ),
    "the VAE of another generation": (
        lambda f: rewrite(f / VIDEO_FILE, lambda t: None, model_version="2.3.0"),
        "does not contain: video vae",
    ),
    "the same network twice": (
        lambda f: shutil.copy(f / AUDIO_FILE, f / "vae" / "ltx-2.5-audio-vae-fp16.safetensors"),
        "both contain .* of the audio_vae",
    ),
}


def hashes(folder: Path) -> dict[Path, str]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.mark.parametrize("case", SPOILT)
def test_missing_or_wrong_tensors_are_reported_with_their_file(copy, case):
    spoil, words = SPOILT[case]
    spoil(copy)
    before = hashes(copy)
    with pytest.raises(EngineUnavailable, match=words) as caught:
        components = load(copy)
        components.text_encoder()
        components.tokenizer()
        components.audio_vae()
    assert caught.value.hint
    assert hashes(copy) == before  # nothing is touched


def test_text_encoder_of_another_family_is_refused(copy, tiny_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("LIPWRIGHT_TEXT_ENCODER", str(tiny_folder / "text_encoder"))
    with pytest.raises(
        EngineUnavailable, match=r"LTX-2\.5 needs gemma4_unified, but this is gemma3"
    ) as caught:
        load(copy)
    assert (
        "unset LIPWRIGHT_TEXT_ENCODER" in caught.value.hint and "pull ltx-2.5-distilled" in caught.value.hint
    )
    monkeypatch.setenv("LIPWRIGHT_TEXT_ENCODER", str(copy / TEXT_FILE))
    with pytest.raises(EngineUnavailable, match=r"LTX-2\.3 needs gemma3"):
        load(write_original(tmp_path / "whole.safetensors", original_model().tensors()))


@pytest.fixture
def hub(empty_hub: FakeHub, published: Path) -> FakeHub:
    """The published files behind a consent, as Lightricks has them, among others."""
    for file in (path for path in published.rglob("*") if path.is_file()):
        empty_hub.add("Lightricks/LTX-2.5", str(file.relative_to(published)), file.read_bytes())
    rest = {"vae/ltx-2.5-video-vae-bf16.safetensors", "ltx-2.5-duration-head-bf16.safetensors"}
    for name in (TRANSFORMER_FILE.replace("distilled", "dev"), *rest):
        empty_hub.add("Lightricks/LTX-2.5", name, (published / TRANSFORMER_FILE).read_bytes()[:-1])
    empty_hub.add("Lightricks/LTX-2.5", "GATED", b"")
    return empty_hub


def test_pulled_files_are_used_by_a_render(hub, cli, word, portrait, tmp_path, *, monkeypatch):
    refused = cli("models", "pull", "ltx-2.5-distilled")
    assert refused.code == 5 and "is refused (401)" in refused.stderr
    assert f"accept the terms at {hub.url}/Lightricks/LTX-2.5" in refused.stderr
    assert "is gated" in refused.stderr and "terms at https://huggingface.co/Lightricks" in refused.stderr
    monkeypatch.setenv("HF_TOKEN", "good")
    pulled = cli("models", "pull", "ltx-2.5-distilled")
    assert pulled.code == 0, pulled.stderr
    assert (
        "LTX-2.x Community License Agreement" in pulled.stderr and "good" not in pulled.stdout + pulled.stderr
    )
    home = tmp_path / "models" / "ltx-2.5-distilled"
    here = {str(path.relative_to(home)) for path in home.rglob("*.safetensors")}
    assert here == {TRANSFORMER_FILE, TEXT_FILE, VIDEO_FILE, AUDIO_FILE}
    assert cli("models", "verify", "ltx-2.5-distilled").code == 0
    listed = {model["name"]: model for model in cli("models", "list", "--json").json["models"]}
    assert listed["ltx-2.5-distilled"]["state"] == "here" and listed["ltx-2.5-full"]["state"] == "missing"
    assert listed["ltx-2.5-distilled"]["needs"] == []

    hub.forget()
    assert cli("models", "pull", "ltx-2.5-full").code == 0
    fetched = {row["path"] for row in hub.requests() if "/resolve/" in row["path"]}
    assert len(fetched) == 1 and "dev-transformer" in fetched.pop()  # the rest is that of the distilled one
    assert (tmp_path / "models/ltx-2.5-full" / TEXT_FILE).samefile(home / TEXT_FILE)

    video = tmp_path / "video.mp4"
    words = ["render", word, "--image", portrait, "--engine", "ltx", "--model", "ltx-2.5-distilled"]
    done = cli(*words, "--preset", "official-distilled", "--size", "64x64", "-o", video)
    assert done.code == 0, done.stderr
    told = json.loads(video.with_suffix(".json").read_text())
    settings = told["engine"]["settings"]
    assert told["engine"]["model"] == "ltx-2.5-distilled" and told["frozen"] is True
    assert settings["eta"] == 1.0 and settings["image_crf"] == 18

    damaged = home / TEXT_FILE
    size = damaged.stat().st_size
    damaged.unlink()
    damaged.write_bytes(b"x" * size)
    assert cli("models", "verify", "ltx-2.5-distilled").code == 5
    before = video.read_bytes(), video.with_suffix(".json").read_bytes()
    failed = cli(*words, "--size", "64x64", "-o", video)
    assert failed.code == 5 and f"{damaged.name} is damaged or truncated" in failed.stderr
    assert (video.read_bytes(), video.with_suffix(".json").read_bytes()) == before
