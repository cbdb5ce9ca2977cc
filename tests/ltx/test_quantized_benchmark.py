"""The benchmarks of quantized weights run, at their smallest size."""

from __future__ import annotations

import torch
from benchmarks import ltx_gpu, quantized_weights
from benchmarks.ltx_weights import Size, write_checkpoint
from tests.ltx.original_models import original_model

from lipwright.domain.media import FrameSize
from lipwright.engines.ltx.loading.single_file import read_original


def test_quantization_errors_of_a_small_matrix(monkeypatch, capsys):
    monkeypatch.setattr(quantized_weights, "COLUMNS", 256)
    monkeypatch.setattr(quantized_weights, "ROWS", 64)
    assert quantized_weights.errors()
    told = capsys.readouterr().out
    assert told.count("error of the weights") == 7 and "MISSED" not in told
    monkeypatch.setattr(quantized_weights, "LIMITS", dict.fromkeys(quantized_weights.LIMITS, 0.1))
    assert not quantized_weights.errors()


def test_float8_and_int8_steps_run_on_a_cpu(capsys):
    assert ltx_gpu.fp8(torch.device("cpu"), ltx_gpu.TINY, ((FrameSize(64, 64), 9),))
    assert capsys.readouterr().out.count("over bf16") == 4


def test_fp8_checkpoint_has_lightricks_layout(tmp_path, monkeypatch):
    tensors = {name: tuple(tensor.shape) for name, tensor in original_model().tensors().items()}
    monkeypatch.setattr("benchmarks.ltx_weights.shapes", lambda size: iter(tensors.items()))
    path = write_checkpoint(tmp_path / "small.safetensors", Size(layers=2), torch.device("cpu"), fp8=True)
    files = read_original([path])
    kinds = {weight.format for weight in files.quantized.values()}
    assert kinds == {"float8"} and len(files.quantized) > 50
