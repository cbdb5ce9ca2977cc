"""Adapters of --lora: names of several trainers, strengths, stages, and files that do not fit."""

from __future__ import annotations

import shutil

import gguf
import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.ltx.loaded import LAYER, ROOT, load, lora_file, state, write_gguf
from tests.ltx.original_models import write_vaes_and_connectors

from lipwright.engines.ltx.loading import offload
from lipwright.engines.ltx.loading.lora import Lora, parse_lora, read_adapter
from lipwright.engines.ltx.loading.memory_plan import GIBIBYTE, Clip, Speed
from lipwright.errors import EngineOutOfMemory, EngineUnavailable

pytestmark = pytest.mark.usefixtures("nothing_pulled")


def test_loras_add_up_with_their_strengths(files, gemma, original, tmp_path):
    one = lora_file(tmp_path / "one.safetensors", 1, layers=(LAYER,))
    two = lora_file(tmp_path / "two.safetensors", 2, layers=(LAYER,), alpha=1.0)
    model = files / "ltx-2.3-tiny-distilled.safetensors"
    network = load(model, loras=[f"{one}:0.5", str(two)]).transformer()
    first, second = load_file(one), load_file(two)
    wanted = (
        original.tensors()[f"{ROOT}transformer_blocks.0.attn1.to_q.weight"]
        + 0.5 * first[f"{LAYER}.lora_B.weight"] @ first[f"{LAYER}.lora_A.weight"]
        + 1.0 / 2 * second[f"{LAYER}.lora_up.weight"] @ second[f"{LAYER}.lora_down.weight"]
    )
    torch.testing.assert_close(network.transformer_blocks[0].attn1.to_q.weight, wanted)
    untouched = original.tensors()[f"{ROOT}transformer_blocks.1.attn1.to_q.weight"]
    assert torch.equal(network.transformer_blocks[1].attn1.to_q.weight, untouched)


TWO_STAGES = Clip(25, 64, 64, refining_steps=3)


def test_lora_of_one_stage_applies_only_there(files, gemma, original, tmp_path):
    shared = lora_file(tmp_path / "shared.safetensors", 1, layers=(LAYER,))
    first = lora_file(tmp_path / "first.safetensors", 2, layers=(LAYER,))
    second = lora_file(tmp_path / "second.safetensors", 3, layers=(LAYER,))
    model = files / "ltx-2.3-tiny-distilled.safetensors"
    components = load(model, loras=[str(shared), f"{first}:0.5@1", f"{second}@2"], clip=TWO_STAGES)
    assert components.loras == ("shared.safetensors:1", "first.safetensors:0.5@1", "second.safetensors:1@2")

    def weight(network) -> torch.Tensor:
        return network.transformer_blocks[0].attn1.to_q.weight

    plain = original.tensors()[f"{ROOT}transformer_blocks.0.attn1.to_q.weight"]
    added = [
        load_file(file)[f"{LAYER}.lora_B.weight"] @ load_file(file)[f"{LAYER}.lora_A.weight"]
        for file in (shared, first, second)
    ]
    torch.testing.assert_close(weight(components.transformer()), plain + added[0] + 0.5 * added[1])
    torch.testing.assert_close(weight(components.refining_transformer()), plain + added[0] + added[2])
    assert load(model, loras=[str(shared)], clip=TWO_STAGES).refining_transformer is None


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is loaded is planned for a GPU of 80 GiB; nothing is put on it."""
    monkeypatch.setattr(offload, "free_gpu_bytes", lambda: 80 * GIBIBYTE)
    monkeypatch.setattr(offload, "measure_speed", lambda device, dtype: Speed(1e12, 1e10))


@pytest.mark.usefixtures("gpu")
def test_transformer_key_tells_weights_adapters_and_modes_apart(files, gemma, tmp_path):
    model = files / "ltx-2.3-tiny-distilled.safetensors"
    file = lora_file(tmp_path / "one.safetensors", 1, layers=(LAYER,))
    other = shutil.copy(model, tmp_path / model.name)

    def key(model=model, memory=None, **options):
        return load(model, memory, **options).transformer_key

    keys = [
        key(),
        key(other),
        key(memory="fp8"),
        key(loras=[str(file)]),
        key(loras=[f"{file}:0.5"]),
    ]
    assert all(one != two for number, one in enumerate(keys) for two in keys[:number])
    assert key(loras=[str(file)]) == keys[3]
    lora_file(file, 2, layers=(LAYER,), alpha=1.0)  # another adapter under the same name
    assert key(loras=[str(file)]) != keys[3]


@pytest.mark.usefixtures("gpu")
def test_transformer_stays_loaded_only_if_it_serves_both_stages(files, gemma, tmp_path):
    model = files / "ltx-2.3-tiny-distilled.safetensors"
    file = lora_file(tmp_path / "one.safetensors", 1, layers=(LAYER,))
    assert load(model, loras=[str(file)], clip=TWO_STAGES).memory.room_bytes
    assert load(model, loras=[f"{file}@1"], clip=TWO_STAGES).memory.room_bytes is None


@pytest.mark.usefixtures("gpu")
def test_memory_of_a_loaded_transformer_counts_as_free(files, gemma, monkeypatch):
    model = files / "ltx-2.3-tiny-distilled.safetensors"
    monkeypatch.setattr(offload, "free_gpu_bytes", lambda: 1)
    with pytest.raises(EngineOutOfMemory):
        load(model)
    assert load(model, kept_bytes=80 * GIBIBYTE).memory.mode == "full"


def test_full_model_refines_with_the_distilled_lora(files, gemma, tmp_path):
    for file in files.iterdir():
        shutil.copy(file, tmp_path / file.name.replace("distilled", "dev"))
    full = tmp_path / "ltx-2.3-tiny-dev.safetensors"
    alone = load(full, clip=TWO_STAGES)
    assert alone.refining_transformer is None
    (finding,) = alone.memory.findings
    assert finding.id == "no-distilled-lora" and "3 steps" in finding.text
    assert not load(full, clip=Clip(25, 64, 64)).memory.findings  # one stage

    lora = lora_file(tmp_path / "ltx-2.3-22b-distilled-lora-384-1.1.safetensors", 1, layers=(LAYER,))
    aided = load(full, clip=TWO_STAGES)
    assert aided.loras == (f"{lora.name}:1@2",) and not aided.memory.findings
    assert aided.refining_transformer is not None
    distilled = load(files / "ltx-2.3-tiny-distilled.safetensors", clip=TWO_STAGES)
    assert not distilled.memory.findings and not distilled.loras
    own = load(full, loras=[f"{lora}:0.5@2"], clip=TWO_STAGES)
    assert own.loras == (f"{lora.name}:0.5@2",)

    lora_file(lora, 1, layers=("diffusion_model.transformer_blocks.9.attn1.to_q",))  # of another model
    assert [found.id for found in load(full, clip=TWO_STAGES).memory.findings] == ["no-distilled-lora"]


def test_lora_on_packed_weights_is_equivalent(original, gemma, tmp_path):
    tensors = original.tensors()
    write_vaes_and_connectors(tmp_path, tensors)
    path = write_gguf(tmp_path / "a.gguf", tensors, gguf.GGMLQuantizationType.Q8_0)
    file = lora_file(tmp_path / "one.safetensors", 1, layers=(LAYER,))
    numbers = torch.randn(3, 64, generator=torch.Generator().manual_seed(0))
    plain = load(path).transformer().transformer_blocks[0].attn1.to_q(numbers)
    adapted = load(path, loras=[f"{file}:0.5"]).transformer().transformer_blocks[0].attn1.to_q(numbers)
    pieces = load_file(file)
    added = 0.5 * numbers @ pieces[f"{LAYER}.lora_A.weight"].T @ pieces[f"{LAYER}.lora_B.weight"].T
    torch.testing.assert_close(adapted - plain, added, rtol=1e-4, atol=1e-4)


def test_connector_lora_changes_the_prompt_cache_key(files, gemma, original, tmp_path):
    layer = "diffusion_model.video_embeddings_connector.transformer_1d_blocks.0.attn1.to_q"
    file = lora_file(tmp_path / "words.safetensors", 3, layers=(layer,))
    model = files / "ltx-2.3-tiny-distilled.safetensors"
    plain, adapted = load(model), load(model, loras=[str(file)])
    name = "video_connector.transformer_blocks.0.attn1.to_q.weight"
    assert not torch.equal(state(plain.connectors())[name], state(adapted.connectors())[name])
    assert plain.profile.identity != adapted.profile.identity


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        (
            ("diffusion_model.double_blocks.0.img_attn.qkv",),
            "LoRA for another model: 1 of its 1 layers are not",
        ),
        (("diffusion_model.transformer_blocks.9.attn1.to_q",), "LoRA for another model"),
        (("diffusion_model.transformer_blocks.0.audio_attn1.to_q",), "have different shapes in this model"),
        (("diffusion_model.transformer_blocks.0.attn1.q_norm",), "LoRA for another model"),
    ],
)
def test_lora_for_another_model_is_refused_before_loading(files, gemma, tmp_path, layers, words):
    file = lora_file(tmp_path / "foreign.safetensors", 1, layers=layers)
    with pytest.raises(EngineUnavailable, match=words):
        load(files / "ltx-2.3-tiny-distilled.safetensors", loras=[str(file)])


def test_file_without_a_lora_is_refused(files, gemma, tmp_path):
    model = files / "ltx-2.3-tiny-distilled.safetensors"
    half = tmp_path / "half.safetensors"
    save_file({f"{LAYER}.lora_A.weight": torch.zeros(2, 64)}, half)
    dora = tmp_path / "dora.safetensors"
    save_file({f"{LAYER}.dora_scale": torch.zeros(64)}, dora)
    lokr = tmp_path / "lokr.safetensors"
    save_file({f"{LAYER}.lokr_w1": torch.zeros(2, 2), f"{LAYER}.lokr_w2": torch.zeros(8, 8)}, lokr)
    boft = tmp_path / "boft.safetensors"
    save_file({f"{LAYER}.boft_R.weight": torch.zeros(2, 2)}, boft)
    cut = lora_file(tmp_path / "cut.safetensors", 1, layers=(LAYER,))
    cut.write_bytes(cut.read_bytes()[:-4])
    pickle = tmp_path / "lora.bin"
    torch.save({}, pickle)
    for path, words in (
        (model, "is not a LoRA that can be added"),
        (half, "lack one of their two matrices"),
        (dora, "is a DoRA, not a LoRA that can be added to the model: it contains .*dora_scale"),
        (boft, "is a BOFT, not a LoRA"),
        (lokr, "is a LoKr, not a LoRA that can be added to the model: it contains .*lokr_w1"),
        (cut, "damaged or truncated"),
        (pickle, "is a pickle"),
        (tmp_path / "gone.safetensors", "there is no LoRA"),
    ):
        with pytest.raises(EngineUnavailable, match=words):
            load(model, loras=[str(path)])


@pytest.mark.parametrize("name", ["a.safetensors", "a:b@2.safetensors", "a@2"])
@pytest.mark.parametrize(
    ("suffix", "strength", "stage"),
    [("", 1.0, None), (":0.75", 0.75, None), (":-1", -1.0, None), ("@2", 1.0, 2), (":.8@1", 0.8, 1)],
)
def test_lora_option_is_parsed(tmp_path, name, suffix, strength, stage):
    path = tmp_path / name
    path.write_bytes(b"")
    assert parse_lora(f"{path}{suffix}") == Lora(path, strength, stage)


@pytest.mark.parametrize("suffix", ["@3", "@", ":nan", ":inf", ":1@2@1", ":1e999"])
def test_invalid_lora_option_is_refused(tmp_path, suffix):
    path = tmp_path / "a.safetensors"
    path.write_bytes(b"")
    with pytest.raises(EngineUnavailable, match="there is no LoRA"):
        parse_lora(f"{path}{suffix}")


@pytest.mark.parametrize(
    "prefix", ["base_model.model.", "diffusion_model.", "base_model.model.diffusion_model."]
)
def test_lora_names_of_several_trainers_are_read(tmp_path, prefix: str):
    """peft wraps the names, and SimpleTuner puts the connectors below diffusion_model."""
    path = tmp_path / "lora.safetensors"
    block = "transformer_blocks.0.attn1.to_k"
    names = (f"{prefix}{block}", f"{prefix}connectors.audio_connector.{block}")
    tensors = {}
    for name in names:
        tensors |= {f"{name}.lora_A.weight": torch.ones(2, 4), f"{name}.lora_B.weight": torch.ones(4, 2)}
    save_file(tensors, path)
    adapter = read_adapter(Lora(path))
    assert list(adapter.transformer) == [block]
    assert list(adapter.connectors) == [f"audio_connector.{block}"]


def test_kohya_lora_names_are_read(tmp_path):
    """Of attention, of a layer that diffusers calls otherwise, and of the connectors."""
    path = tmp_path / "lora.safetensors"
    names = (
        "lora_unet_transformer_blocks_0_attn1_to_k",
        "lora_unet_patchify_proj",
        "lora_unet_audio_embeddings_connector_linear",
        "lora_unet_connectors_video_connector_linear",
    )
    tensors = {}
    for name in names:
        tensors |= {f"{name}.lora_down.weight": torch.ones(2, 4), f"{name}.lora_up.weight": torch.ones(4, 2)}
    save_file(tensors, path)
    network = torch.nn.Module()
    inner = torch.nn.ModuleDict({"attn1": torch.nn.ModuleDict({"to_k": torch.nn.Linear(4, 4)})})
    network.transformer_blocks = torch.nn.ModuleList([inner])
    adapter = read_adapter(Lora(path))
    network.proj_in = torch.nn.Linear(4, 4)
    connectors = torch.nn.ModuleDict(
        {
            name: torch.nn.ModuleDict({"linear": torch.nn.Linear(4, 4)})
            for name in ("audio_connector", "video_connector")
        }
    )
    adapter.check(network, connectors)
    assert set(adapter.transformer) == {"transformer_blocks.0.attn1.to_k", "proj_in"}
    assert set(adapter.connectors) == {"audio_connector.linear", "video_connector.linear"}
