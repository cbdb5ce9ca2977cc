# ruff: noqa: PLC0415, ANN401 - heavy libraries load in the process that measures with them
"""Compare the ltx engine's sampling with diffusers' LTX2ImageToVideoPipeline: same model, same guidance.

A tiny model of the real classes with random weights, with CFG, STG and modality guidance, an image as
first frame, and 1024 text tokens. The peer also samples the audio, as it always does; ours is frozen.
Times are those of one denoising step, without the first one; both run alternately in one process.
With --gpu the transformer has its real width, in bf16 on CUDA, and memory is that of the GPU.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from benchmarks.measuring import Figure, present, run_child, use_two_cores

SHAPES = {18: (3, 2, 3), 672: (7, 8, 12), 3000: (10, 15, 20), 13376: (16, 22, 38)}
"""Video tokens: latent frames, height and width. The last is 121 frames of 1216x704."""
TINY, GPU = (18, 672, 3000), (3000, 13376)
"""What is measured by default."""
MEBIBYTE = 1 << 20
RATE = Fraction(25)
STEPS = 4
PARTS = ("ours", "peer")
MEMORY = ("--layers=2", "--width=128")
"""Size of the model whose memory is measured without a GPU: large enough to matter next to the libraries,
which take 420 MiB of either process."""
MEMORY_RUNS = 2
"""Runs, of which the smallest peak counts: the part of the libraries in memory varies by 100 MiB from run to
run."""
MEASURES = {
    "no batching": "passes in three calls, as the peer's",
    "no skips": "the audio computed to the end in every pass",
    "no compact modulation": "every token's level embedded by itself",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """The clip that both sample."""

    components: dict[str, Any]
    tokens: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """Latent frames, height and width."""
        return SHAPES[self.tokens]

    @property
    def frames(self) -> int:
        """Pixel frames."""
        return 8 * (self.shape[0] - 1) + 1

    @property
    def device(self) -> Any:
        """Where it computes."""
        return self.components["transformer"].device


def prepare(tokens: int, layers: int, width: int, *, gpu: bool = False) -> Setting:
    """The tiny model; `width` is the size of one of its four video heads.

    On a GPU the transformer has LTX-2.3's width in bf16, and everything around it stays tiny.
    """
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "ltx"))
    import diffusers
    import tiny_ltx
    import torch

    diffusers.utils.logging.set_verbosity_error()
    tiny_ltx.VIDEO_HEAD, tiny_ltx.AUDIO_HEAD = width, width // 2
    if not gpu:
        tiny_ltx.DEVICE = torch.device("cpu")
        return Setting(tiny_ltx.components(layers), tokens)
    tiny_ltx.VIDEO_HEADS = tiny_ltx.AUDIO_HEADS = 32
    tiny_ltx.LATENT_CHANNELS, tiny_ltx.AUDIO_CHANNELS, tiny_ltx.MEL_BINS = 128, 8, 64
    with torch.device("cuda"):
        components = tiny_ltx.components(layers)
    for name in ("text_encoder", "transformer", "connectors", "vae", "audio_vae", "vocoder"):
        components[name].to("cuda", torch.bfloat16)
    torch.cuda.empty_cache()
    return Setting(components, tokens)


def now(setting: Setting) -> float:
    """Read the clock after the GPU has finished."""
    if setting.device.type == "cuda":
        import torch

        torch.cuda.synchronize()
    return time.perf_counter()


def texts(setting: Setting) -> tuple[Any, ...]:
    from diffusers import LTX2Pipeline

    return LTX2Pipeline(**setting.components).encode_prompt("a woman talks", "bad blurry")


def run_peer(setting: Setting, encoded: tuple[Any, ...], steps: int) -> float:
    """Seconds per step."""
    import numpy as np
    import torch
    from diffusers import LTX2ImageToVideoPipeline
    from PIL import Image

    pipe = LTX2ImageToVideoPipeline(**setting.components)
    pipe.set_progress_bar_config(disable=True)
    _, height, width = setting.shape
    at: list[float] = []

    def tell(_pipe: Any, _step: int, _time: Any, given: dict[str, Any]) -> dict[str, Any]:
        at.append(now(setting))
        return given

    pipe(
        image=Image.fromarray(np.zeros((32 * height, 32 * width, 3), np.uint8)),
        image_crf=0,
        prompt_embeds=encoded[0],
        prompt_attention_mask=encoded[1],
        negative_prompt_embeds=encoded[2],
        negative_prompt_attention_mask=encoded[3],
        height=32 * height,
        width=32 * width,
        num_frames=setting.frames,
        frame_rate=float(RATE),
        num_inference_steps=steps,
        spatio_temporal_guidance_blocks=[1],
        generator=torch.Generator().manual_seed(0),
        output_type="latent",
        callback_on_step_end=tell,
    )
    return (at[-1] - at[0]) / (steps - 1)


def run_ours(setting: Setting, encoded: tuple[Any, ...], steps: int, without: str = "") -> float:
    """Seconds per step, with one of MEASURES left out."""
    import torch

    from lipwright.diffusion.guiders import Guidance, Pass
    from lipwright.diffusion.sample import DenoiserInput, sample
    from lipwright.diffusion.schedules import shifted
    from lipwright.diffusion.state import AVState, VideoShape, frozen, noised
    from lipwright.domain.grid import audio_latents
    from lipwright.engines.ltx.denoiser import LtxDenoiser, Text
    from lipwright.engines.ltx.modulation import LevelGroups

    net = setting.components["transformer"]
    shape = VideoShape(1, net.config.in_channels, *setting.shape)
    length = audio_latents(setting.frames, RATE)
    with torch.no_grad():
        positive, negative = (
            Text(*setting.components["connectors"](*pair)[:2]) for pair in (encoded[:2], encoded[2:])
        )
    denoise: Any = LtxDenoiser(
        net,
        shape=shape,
        audio_length=length,
        frame_rate=RATE,
        positive=positive,
        negative=negative,
        audio_frozen=without != "no skips",
        stg_blocks=(1,),
    )
    if without == "no compact modulation":
        every, each = (torch.arange(count, device=setting.device) for count in (shape.tokens, length))
        denoise._levels = LevelGroups(every, every), LevelGroups(each, each)
    whole = denoise

    def one_by_one(x: DenoiserInput, passes: tuple[Pass, ...]) -> dict[Pass, Any]:
        done = dict(whole(x, (Pass.POSITIVE, Pass.PERTURBED)))
        return done | dict(whole(x, (Pass.NEGATIVE,))) | dict(whole(x, (Pass.ISOLATED,)))

    if without == "no batching":
        denoise = one_by_one
    chance = torch.Generator().manual_seed(0)
    noise = torch.randn(shape.packed, generator=chance).to(setting.device)
    audio = torch.randn(1, length, net.config.audio_in_channels, generator=chance).to(setting.device)
    mask = torch.ones_like(noise[..., :1])
    mask[:, : shape.tokens_per_frame] = 0
    video = noised(
        torch.zeros_like(noise),
        mask,
        noise,
        sigma=1.0,
        tokens_per_frame=shape.tokens_per_frame,
    )
    at: list[float] = []
    sample(
        denoise,
        AVState(video, frozen(audio)),
        shifted(steps),
        video_guidance=Guidance(3.0, 1.0, 3.0, 0.7),
        callback=lambda _: at.append(now(setting)),
    )
    return (at[-1] - at[0]) / (steps - 1)


def counts(setting: Setting, run: Callable[[], object]) -> Counter[str]:
    """Count the calls of one block, each of which reads its weights, and the rows that run through it."""
    found: Counter[str] = Counter()
    block = setting.components["transformer"].transformer_blocks[-1]
    rows = block.attn1.to_v.register_forward_hook(lambda _, __, out: found.update({"rows": len(out)}))
    calls = block.register_forward_hook(lambda *_: found.update({"passes": 1}))
    try:
        run()
    finally:
        rows.remove()
        calls.remove()
    return found


def child(part: str, setting: Setting) -> None:
    """Print this process's peak and how far sampling raised it beyond the loaded model, in MiB."""
    import resource

    import torch

    gpu = setting.device.type == "cuda"

    def peak() -> float:
        if gpu:
            return torch.cuda.max_memory_allocated() / MEBIBYTE
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    encoded = texts(setting)
    run = run_ours if part == "ours" else run_peer
    run(Setting(setting.components, 18), encoded, 2)
    if gpu:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    before = peak()
    run(setting, encoded, 2)
    print(json.dumps({"rise_mib": peak() - before, "peak_mib": peak()}))


def gpu_name() -> str:
    import torch

    return torch.cuda.get_device_name()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, nargs="+", choices=list(SHAPES))
    parser.add_argument("--runs", type=int, default=3, help="the fastest counts")
    parser.add_argument("--layers", type=int, help="6; on a GPU 4")
    parser.add_argument("--width", type=int, help="of each of four heads, 32; on a GPU 128 of 32 heads")
    parser.add_argument("--gpu", action="store_true", help="real width, bf16, on CUDA")
    parser.add_argument("--child", choices=PARTS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    layers, width = given.layers or (4 if given.gpu else 6), given.width or (128 if given.gpu else 32)
    counted = given.tokens or (GPU if given.gpu else TINY)
    if given.child:
        child(given.child, prepare(counted[0], layers, width, gpu=given.gpu))
        return 0
    if not given.gpu:
        use_two_cores()
    figures: list[Figure] = []
    # Memory first: a child's figure holds what its parent had when it was forked.
    largest = max(counted)
    rises: dict[str, float] = {}
    peaks: dict[str, float] = {}
    for part in PARTS * MEMORY_RUNS:
        sizes = (f"--layers={layers}", f"--width={width}", "--gpu") if given.gpu else MEMORY
        command = [sys.executable, "-m", "benchmarks.ltx_speed", "--child", part, *sizes, "--tokens"]
        done = run_child([*command, str(largest)])
        told = json.loads(done.stdout)
        peak = told["peak_mib"] if given.gpu else done.peak_mib
        rises[part] = min(rises.get(part, told["rise_mib"]), told["rise_mib"])
        peaks[part] = min(peaks.get(part, peak), peak)
    setting = prepare(min(counted), layers, width, gpu=given.gpu)
    encoded = texts(setting)
    peer = counts(setting, lambda: run_peer(setting, encoded, 2))
    ours = counts(setting, lambda: run_ours(setting, encoded, 2))
    figures += [
        Figure("function evaluations a step, peer", peer["rows"] / 2),
        Figure("function evaluations a step, ours", ours["rows"] / 2, at_most=peer["rows"] / 2),
        Figure("weight passes a step, peer", peer["passes"] / 2),
        Figure("weight passes a step, ours", ours["passes"] / 2, at_most=1.0),
    ]
    for tokens in counted:
        sized = Setting(setting.components, tokens)
        best: dict[str, float] = {}
        for _ in range(given.runs):
            for name in (*PARTS, *MEASURES):
                steps = STEPS if tokens < largest else 2
                took = (
                    run_peer(sized, encoded, steps)
                    if name == "peer"
                    else run_ours(sized, encoded, steps, "" if name == "ours" else name)
                )
                best[name] = min(best.get(name, took), took)
        limit = 0.8 if tokens == 18 else 1.0
        figures += [
            Figure(f"{tokens} tokens: a step of the peer", best["peer"], "s"),
            Figure(f"{tokens} tokens: ours over the peer", best["ours"] / best["peer"], at_most=limit),
            *(Figure(f"  {name} over ours", best[name] / best["ours"]) for name in MEASURES),
        ]
    kind = "GPU memory" if given.gpu else "RSS"
    figures += [
        Figure(f"peak {kind} at {largest} tokens, peer", peaks["peer"], "MiB"),
        Figure(f"peak {kind} at {largest} tokens, ours", peaks["ours"], "MiB"),
        Figure("  ours over the peer", peaks["ours"] / peaks["peer"], at_most=0.7),
        Figure("  of it sampling, peer", rises["peer"], "MiB"),
        Figure("  of it sampling, ours", rises["ours"], "MiB"),
        Figure("  ours over the peer", rises["ours"] / max(rises["peer"], 1e-9), at_most=0.7),
    ]
    model = f"{layers} layers of real width, bf16, {gpu_name()}" if given.gpu else "tiny model"
    return 0 if present(f"LTX-2.3 sampling against diffusers, {model}", figures) else 1


if __name__ == "__main__":
    sys.exit(main())
