"""Write the trained networks as the ONNX files that the package ships.

    python -m training.export --encoder encoder.pt --denoiser denoiser.pt --out src/lipwright/motion/weights

Weights are stored as float16 and widened when they are loaded; all arithmetic is float32.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from lipwright.domain.grid import AUDIO_LATENTS_PER_SECOND
from lipwright.domain.motion import LEARNED_CHANNELS
from lipwright.motion.mel import BANDS
from training.encoder import load_frozen
from training.nets import AUDIO_DIM, VIDEO_DIM, Denoiser

OPSET = 17


def export_encoder(path: Path, out: Path) -> None:
    model = load_frozen(path, torch.device("cpu"))
    torch.onnx.export(
        model, (torch.randn(1, 48, BANDS),), str(out), opset_version=OPSET, dynamo=False,
        input_names=["mel"], output_names=["latents", "mouth"],
        dynamic_axes={
            "mel": {0: "batch", 1: "mel_frames"},
            "latents": {0: "batch", 1: "audio_latents"},
            "mouth": {0: "batch", 1: "mel_frames"},
        },
    )  # fmt: skip


def export_denoiser(path: Path, out: Path) -> None:
    saved = torch.load(path, map_location="cpu", weights_only=True)
    model = Denoiser()
    model.load_state_dict(saved["average"])
    model.eval()
    batch, frames, latents = 2, 5, 37
    inputs = {
        "video": torch.randn(batch, frames, VIDEO_DIM),
        "audio": torch.randn(batch, latents, AUDIO_DIM),
        "video_time": torch.rand(batch, frames),
        "audio_time": torch.rand(batch, latents),
        "video_sigma": torch.rand(batch),
        "audio_sigma": torch.rand(batch),
        "style": torch.zeros(batch, dtype=torch.long),
        "frame_seconds": torch.full((batch,), 0.04),
        "joint": torch.ones(batch),
        "attentive": torch.ones(batch),
        "video_at": torch.rand(frames),
        "audio_at": torch.arange(latents) / AUDIO_LATENTS_PER_SECOND,
    }
    per_token = {"video": "frames", "video_time": "frames", "audio": "latents", "audio_time": "latents"}
    axes: dict[str, dict[int, str]] = {
        name: {0: "batch"} for name in inputs if name not in ("video_at", "audio_at")
    }
    for name, axis in per_token.items():
        axes[name][1] = axis
    axes |= {"video_at": {0: "frames"}, "audio_at": {0: "latents"}}
    axes |= {"video_velocity": {0: "batch", 1: "frames"}, "audio_velocity": {0: "batch", 1: "latents"}}
    torch.onnx.export(
        model, tuple(inputs.values()), str(out), opset_version=OPSET, dynamo=False,
        input_names=list(inputs), output_names=["video_velocity", "audio_velocity"], dynamic_axes=axes,
    )  # fmt: skip
    graph = onnx.load(out)
    helper.set_model_props(
        graph,
        {
            "channels": ",".join(LEARNED_CHANNELS),
            "mean": ",".join(f"{v:.8g}" for v in saved["mean"].tolist()),
            "deviation": ",".join(f"{v:.8g}" for v in saved["deviation"].tolist()),
            "steps_trained": str(saved["step"]),
        },
    )
    onnx.save(graph, out)


def halve(path: Path) -> None:
    """Store large weights as float16, with a Cast that ONNX Runtime folds away at load."""
    graph = onnx.load(path)
    kept, casts = [], []
    for tensor in graph.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < 64:
            kept.append(tensor)
            continue
        kept.append(numpy_helper.from_array(values.astype(np.float16), f"{tensor.name}.half"))
        casts.append(helper.make_node("Cast", [f"{tensor.name}.half"], [tensor.name], to=TensorProto.FLOAT))
    del graph.graph.initializer[:]
    graph.graph.initializer.extend(kept)
    nodes = [*casts, *graph.graph.node]
    del graph.graph.node[:]
    graph.graph.node.extend(nodes)
    onnx.checker.check_model(graph)
    onnx.save(graph, path)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--denoiser", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    export_encoder(options.encoder, options.out / "encoder.onnx")
    halve(options.out / "encoder.onnx")
    if options.denoiser:
        export_denoiser(options.denoiser, options.out / "denoiser.onnx")
        halve(options.out / "denoiser.onnx")


if __name__ == "__main__":
    main()
