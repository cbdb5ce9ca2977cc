"""Weights in 8 and 4 bits, as ComfyUI's own kernels write and read them: exact, or refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import comfy_kitchen.tensor as kitchen
import pytest
import torch
from safetensors.torch import load_file
from tests.ltx.loaded import LAYER, ROOT, load, lora_file, run
from tests.ltx.original_models import write_original

from lipwright.engines.ltx.loading.model_inspection import open_model, sizes_of
from lipwright.engines.ltx.loading.offload import place_transformer
from lipwright.engines.ltx.loading.quantized_linear import QuantizedLinear
from lipwright.engines.ltx.loading.resolve import find_model_paths
from lipwright.errors import EngineUnavailable

pytestmark = pytest.mark.usefixtures("gemma", "nothing_pulled")

E4M3, E5M2 = torch.float8_e4m3fn, torch.float8_e5m2
GROUP = 16
"""Columns that ConvRot rotates together: 256 in the published files, whose layers are wider."""
Tensors = dict[str, torch.Tensor]
Quantizer = Callable[[str, torch.Tensor], tuple[Tensors, torch.Tensor]]
"""From layer and weight to the file's tensors, and the weight that they stand for."""


def described(layer: str, **options: Any) -> Tensors:
    return {f"{layer}.comfy_quant": torch.tensor(list(json.dumps(options).encode()), dtype=torch.uint8)}


def by_comfyui(layout: Any, form: str, /, *, bytes_only: bool = False, **options: Any) -> Quantizer:
    """ComfyUI's layouts: what a checkpoint of its own holds, and what it makes of that."""

    def quantize(layer: str, weight: torch.Tensor) -> tuple[Tensors, torch.Tensor]:
        packed, told = layout.quantize(weight, **options)
        tensors = {f"{layer}.weight{end}": t for end, t in layout.state_dict_tensors(packed, told).items()}
        if bytes_only or form == "mxfp8":
            tensors = {k: t.view(torch.uint8) if t.itemsize == 1 else t for k, t in tensors.items()}
        more = {"convrot": True, "convrot_groupsize": GROUP} if options.get("convrot") else {}
        rows, columns = weight.shape
        return tensors | described(layer, format=form, **more), layout.dequantize(packed, told)[
            :rows, :columns
        ]

    return quantize


def by_hand(
    stored: torch.dtype = E4M3, *, per_row: bool = False, ending: str | None = ".weight_scale"
) -> Quantizer:
    """ltx-core's scales, older ComfyUI's, or plain float8 without any."""

    def quantize(layer: str, weight: torch.Tensor) -> tuple[Tensors, torch.Tensor]:
        scale = (weight.abs().amax(1, keepdim=True) if per_row else weight.abs().max()) / torch.finfo(
            stored
        ).max
        scale = torch.ones(()) if ending is None else scale
        small = (weight / scale).to(stored)
        more = {f"{layer}{ending}": scale, f"{layer}.input_scale": torch.tensor(0.5)} if ending else {}
        return {f"{layer}.weight": small, **more}, small.float() * scale

    return quantize


CONVROT = by_comfyui(
    kitchen.TensorWiseINT8Layout, "int8_tensorwise", per_channel=True, convrot=True, convrot_groupsize=GROUP
)
NVFP4 = by_comfyui(kitchen.TensorCoreNVFP4Layout, "nvfp4")
FORMS: dict[str, tuple[Quantizer, float]] = {
    "fp8 of ltx-core": (by_hand(), 0.04),
    "fp8 by row": (by_hand(per_row=True), 0.04),
    "fp8 of older ComfyUI": (by_hand(ending=".scale_weight"), 0.04),
    "fp8 without scales": (by_hand(ending=None), 0.04),
    "fp8 of ComfyUI": (by_comfyui(kitchen.TensorCoreFP8Layout, "float8_e4m3fn"), 0.04),
    "fp8 e5m2": (by_comfyui(kitchen.TensorCoreFP8Layout, "float8_e5m2", dtype=E5M2), 0.08),
    "fp8 in bytes": (
        by_comfyui(kitchen.TensorCoreFP8Layout, "float8_e5m2", dtype=E5M2, bytes_only=True),
        0.08,
    ),
    "int8": (by_comfyui(kitchen.TensorWiseINT8Layout, "int8_tensorwise"), 0.02),
    "int8 by row": (by_comfyui(kitchen.TensorWiseINT8Layout, "int8_tensorwise", per_channel=True), 0.01),
    "int8 ConvRot": (CONVROT, 0.01),
    "nvfp4": (NVFP4, 0.12),
    "mxfp8": (by_comfyui(kitchen.TensorCoreMXFP8Layout, "mxfp8"), 0.04),
}


def quantized(tensors: Tensors, quantize: Quantizer) -> tuple[Tensors, Tensors]:
    """A checkpoint with the matrices of its transformer blocks quantized; and what these stand for."""
    out, truth = {}, {}
    for name, tensor in tensors.items():
        if not name.startswith(f"{ROOT}transformer_blocks.") or tensor.ndim != 2 or ".weight" not in name:
            out[name] = tensor
            continue
        made, truth[name] = quantize(name.removesuffix(".weight"), tensor)
        out |= made
    return out, truth


def layers_of(network) -> dict[str, torch.nn.Linear]:
    return {name: part for name, part in network.named_modules() if isinstance(part, torch.nn.Linear)}


@pytest.mark.parametrize("form", FORMS)
def test_published_formats_dequantize_correctly(original, tmp_path, form):
    quantize, error = FORMS[form]
    plain = original.tensors()
    tensors, truth = quantized(plain, quantize)
    if form == "fp8 of older ComfyUI":
        tensors["scaled_fp8"] = torch.zeros(2, dtype=E4M3)
    path = write_original(tmp_path / "small.safetensors", tensors)
    network = load(path).transformer()
    kept = {name: layer for name, layer in layers_of(network).items() if isinstance(layer, QuantizedLinear)}
    wide = layers_of(open_model(find_model_paths(str(path))).load("transformer", torch.float32))
    expected = {name.removeprefix(ROOT).removesuffix(".weight"): weight for name, weight in truth.items()}
    assert len(kept) == len(expected)
    numbers = torch.Generator().manual_seed(0)
    for name, weight in expected.items():
        new = name.replace("q_norm", "norm_q")
        torch.testing.assert_close(kept[new].packed.dequantize(), weight, rtol=0, atol=1e-7)
        torch.testing.assert_close(wide[new].weight, weight, rtol=0, atol=1e-7)
        assert not isinstance(wide[new], QuantizedLinear)
        source = plain[f"{ROOT}{name}.weight"]
        assert (weight - source).norm() / source.norm() < error
        x = torch.randn(3, weight.shape[1], generator=numbers)
        wanted = torch.nn.functional.linear(x, weight, kept[new].bias)
        torch.testing.assert_close(kept[new](x), wanted, rtol=1e-5, atol=1e-5)


def test_formats_and_options_are_read_from_the_metadata(original, tmp_path):
    tensors, truth = quantized(original.tensors(), CONVROT)
    layers = {}
    for name in [name for name in tensors if name.endswith(".comfy_quant")]:
        options = json.loads(bytes(tensors.pop(name).tolist()))
        layers[name.removesuffix(".comfy_quant")] = {"format": options.pop("format"), "params": options}
    header = {"_quantization_metadata": {"format_version": "1.0", "layers": layers}}
    path = write_original(tmp_path / "small.safetensors", tensors, **header)
    layer = load(path).transformer().get_submodule(LAYER.removeprefix("diffusion_model."))
    assert isinstance(layer, QuantizedLinear)
    wanted = truth[f"model.{LAYER}.weight"]
    torch.testing.assert_close(layer.packed.dequantize(), wanted, rtol=0, atol=1e-7)


def test_convolutions_are_dequantized_on_reading(original, tmp_path):
    name = "vae.decoder.conv_in.conv.weight"
    tensors = original.tensors()
    scale = tensors[name].abs().max() / 448
    small = (tensors[name] / scale).to(E4M3)
    path = write_original(
        tmp_path / "small.safetensors",
        tensors | {name: small, f"{name.removesuffix('weight')}weight_scale": scale},
    )
    vae = load(path).video_vae()
    assert torch.equal(vae.decoder.conv_in.conv.weight, small.float() * scale)


@pytest.mark.parametrize("form", ["fp8 of ltx-core", "int8 ConvRot", "nvfp4"])
def test_memory_modes_give_the_same_result(original, tmp_path, form):
    tensors, _ = quantized(original.tensors(), FORMS[form][0])
    path = write_original(tmp_path / "small.safetensors", tensors)
    wanted = run(load(path).transformer())
    dequantized = open_model(find_model_paths(str(path))).load("transformer", torch.float32)
    torch.testing.assert_close(run(dequantized), wanted, rtol=1e-4, atol=1e-4)
    for mode in ("fp8", "group-offload", "sequential"):
        network = place_transformer(load(path).transformer(), mode, torch.device("cpu"), torch.float32)
        assert torch.equal(run(network), wanted)


def test_memory_plan_counts_stored_bytes(original, tmp_path):
    """Eight bits of a weight are half of its 16; the rest of the transformer stays as wide as it is."""
    plain = original.tensors()
    wide = sizes_of(open_model(find_model_paths(str(write_original(tmp_path / "wide.safetensors", plain)))))
    tensors, truth = quantized(plain, CONVROT)
    small = sizes_of(
        open_model(find_model_paths(str(write_original(tmp_path / "small.safetensors", tensors))))
    )
    matrices = sum(weight.numel() for weight in truth.values())
    assert wide.quantized == 0 and small.transformer == wide.transformer and small.rest == wide.rest
    assert small.quantized == wide.transformer - matrices


@pytest.mark.parametrize(
    ("form", "stored"), [("fp8 of ltx-core", E4M3), ("int8 ConvRot", torch.int8), ("nvfp4", torch.int8)]
)
def test_lora_is_added_and_the_sum_requantized(original, tmp_path, form, stored):
    quantize, _ = FORMS[form]
    tensors, truth = quantized(original.tensors(), quantize)
    path = write_original(tmp_path / "small.safetensors", tensors)
    file = lora_file(tmp_path / "one.safetensors", 1, layers=(LAYER,))
    adapted = load(path, loras=[f"{file}:0.5"]).transformer().transformer_blocks[0].attn1.to_q
    pieces = load_file(file)
    delta = 0.5 * pieces[f"{LAYER}.lora_B.weight"] @ pieces[f"{LAYER}.lora_A.weight"]
    wanted = truth[f"model.{LAYER}.weight"] + delta
    assert adapted.weight.dtype == stored
    recovered = adapted.packed.dequantize()
    assert (recovered - wanted).norm() / wanted.norm() < (0.04 if stored == E4M3 else 0.01)


Q = f"{ROOT}transformer_blocks.0.attn1.to_q"
K = f"{ROOT}transformer_blocks.0.attn1.to_k"
REFUSED: dict[str, tuple[Quantizer, Callable[[Tensors], object], str]] = {
    "scales of another shape": (
        by_hand(),
        lambda t: t.update({f"{Q}.weight_scale": torch.ones(4, 4)}),
        rf"{Q}.weight_scale has the shape \[4, 4\]; expected one number, or one for each row \(64\)",
    ),
    "block scales out of their tiles": (
        NVFP4,
        lambda t: t.update({f"{Q}.weight_scale": torch.ones(64, 4).to(E4M3)}),
        r"weight_scale has the shape \[64, 4\]; expected \[128, 4\] \(one number for 16 columns, in tiles\)",
    ),
    "no scale": (by_hand(), lambda t: t.pop(f"{Q}.weight_scale"), rf"{Q}.weight has no scale, although"),
    "no scale of blocks": (NVFP4, lambda t: t.pop(f"{Q}.weight_scale"), "to_q.weight has no scale$"),
    "no scale of the whole": (
        NVFP4,
        lambda t: t.pop(f"{Q}.weight_scale_2"),
        "nvfp4 has no .*weight_scale_2",
    ),
    "a scale of the whole too many": (
        by_hand(),
        lambda t: t.update({f"{Q}.weight_scale_2": torch.ones(1)}),
        "float8_e4m3fn must not have .*weight_scale_2",
    ),
    "a scale for 32 bits": (
        by_hand(),
        lambda t: t.update({f"{Q}.weight": torch.ones(64, 64)}),
        "has type F32 and a scale, although only weights in 8 or 4 bits need one",
    ),
    "a scale alone": (
        by_hand(),
        lambda t: t.update({f"{ROOT}odd.weight_scale": torch.ones(1)}),
        f"the scale {ROOT}odd.weight_scale belongs to no weight",
    ),
    "a format alone": (
        by_hand(),
        lambda t: t.update(described(f"{ROOT}odd", format="nvfp4")),
        "odd.weight, but does not contain this weight",
    ),
    "4 bits of ComfyUI": (
        CONVROT,
        lambda t: t.update(described(Q, format="convrot_w4a4")),
        "to_q.weight has the format convrot_w4a4, which this engine cannot read",
    ),
    "an unknown option": (
        CONVROT,
        lambda t: t.update(described(Q, format="int8_tensorwise", zero_points=True)),
        "int8_tensorwise with unknown options: zero_points",
    ),
    "another type than described": (
        CONVROT,
        lambda t: t.update(described(Q, format="nvfp4")),
        "has the format nvfp4, but is stored as type I8",
    ),
    "a rotation of no power of 4": (
        CONVROT,
        lambda t: t.update(described(Q, format="int8_tensorwise", convrot=True, convrot_groupsize=24)),
        "cannot be rotated in groups of 24 columns",
    ),
    "a damaged description": (
        by_hand(),
        lambda t: t.update({f"{Q}.comfy_quant": torch.tensor([1, 2], dtype=torch.uint8)}),
        "the description of a format is damaged .*to_q.comfy_quant",
    ),
    "a description too long": (
        by_hand(),
        lambda t: t.update({f"{Q}.comfy_quant": torch.zeros(1 << 16, dtype=torch.uint8)}),
        "the description of a format is damaged",
    ),
    "bitsandbytes": (
        by_hand(),
        lambda t: t.update({f"{K}.weight.absmax": torch.ones(4)}),
        "weights have the format bitsandbytes, which this engine cannot read",
    ),
    "another shape": (
        NVFP4,
        lambda t: t.update(NVFP4(Q, torch.ones(96, 64))[0]),
        r"to_q.weight has the shape \(96, 64\), but the transformer of LTX-2.3 needs \(64, 64\)",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_unsupported_formats_are_refused_by_name(original, tmp_path, case):
    quantize, change, words = REFUSED[case]
    tensors, _ = quantized(original.tensors(), quantize)
    change(tensors)
    path = write_original(tmp_path / "odd.safetensors", tensors)
    with pytest.raises(EngineUnavailable, match=words) as caught:
        load(path)
    assert str(caught.value).startswith("odd.safetensors") and caught.value.hint


@pytest.mark.parametrize("text", ["[", '{"layers": 3}', '{"layers": {"a": 3}}', "[" * 100_000])
def test_damaged_format_metadata_is_refused(original, tmp_path, text):
    path = write_original(tmp_path / "odd.safetensors", original.tensors(), _quantization_metadata=text)
    with pytest.raises(EngineUnavailable, match="the description of the formats is damaged"):
        load(path)
