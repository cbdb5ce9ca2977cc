# ruff: noqa: PLC0415, ANN401 - heavy libraries load in the process that measures with them
"""The ltx engine's sampling against diffusers' LTX2ImageToVideoPipeline: same model, same guidance.

A tiny model of the real classes with random weights, CFG, STG and modality guidance on, the picture
held, 1024 text tokens. The peer samples the sound as well, as it always does; ours has it frozen.
Times are those of one denoising step, the first one left out; both take turns in one process.
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

SHAPES = {18: (3, 2, 3), 672: (7, 8, 12), 3000: (10, 15, 20)}
"""Video tokens: latent frames, height and width."""
RATE = Fraction(25)
STEPS = 4
PARTS = ("ours", "peer")
MEASURES = {
    "no batching": "passes in three calls, as the peer's",
    "no skips": "the sound computed to the end in every pass",
    "no compact modulation": "every token's level embedded by itself",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """What both sample."""

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


def prepare(tokens: int, layers: int, width: int) -> Setting:
    """The tiny model; `width` is the size of one of its four video heads."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "ltx"))
    import diffusers
    import tiny_ltx

    diffusers.utils.logging.set_verbosity_error()
    tiny_ltx.VIDEO_HEAD, tiny_ltx.AUDIO_HEAD = width, width // 2
    return Setting(tiny_ltx.components(layers), tokens)


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
        at.append(time.perf_counter())
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
    from lipwright.diffusion.sample import Noised, sample
    from lipwright.diffusion.schedules import shifted
    from lipwright.diffusion.state import AVState, VideoShape, frozen, noised
    from lipwright.domain.grid import audio_latents
    from lipwright.engines.ltx.denoiser import LtxDenoiser, Text
    from lipwright.engines.ltx.modulation import Levels

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
        rate=RATE,
        positive=positive,
        negative=negative,
        audio_frozen=without != "no skips",
        stg_blocks=(1,),
    )
    if without == "no compact modulation":
        every = torch.arange(shape.tokens)
        denoise._levels = Levels(every, every), Levels(torch.arange(length), torch.arange(length))
    whole = denoise

    def one_by_one(x: Noised, passes: tuple[Pass, ...]) -> dict[Pass, Any]:
        done = dict(whole(x, (Pass.POSITIVE, Pass.PERTURBED)))
        return done | dict(whole(x, (Pass.NEGATIVE,))) | dict(whole(x, (Pass.ISOLATED,)))

    if without == "no batching":
        denoise = one_by_one
    chance = torch.Generator().manual_seed(0)
    mask = torch.ones(1, shape.tokens, 1)
    mask[:, : shape.tokens_per_frame] = 0
    video = noised(
        torch.zeros(shape.packed),
        mask,
        torch.randn(shape.packed, generator=chance),
        sigma=1.0,
        tokens_per_frame=shape.tokens_per_frame,
    )
    at: list[float] = []
    sample(
        denoise,
        AVState(video, frozen(torch.randn(1, length, net.config.audio_in_channels, generator=chance))),
        shifted(steps),
        video_guidance=Guidance(3.0, 1.0, 3.0, 0.7),
        callback=lambda _: at.append(time.perf_counter()),
    )
    return (at[-1] - at[0]) / (steps - 1)


def counts(setting: Setting, run: Callable[[], object]) -> Counter[str]:
    """How often one block is called, so that its weights are brought, and how many rows go through it."""
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


def child(part: str, tokens: int, layers: int, width: int) -> None:
    """Print this process's rise of the peak, in MiB: what sampling takes beyond the loaded model."""
    import resource

    setting = prepare(tokens, layers, width)
    encoded = texts(setting)
    (run_ours if part == "ours" else run_peer)(Setting(setting.components, 18), encoded, 2)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (run_ours if part == "ours" else run_peer)(setting, encoded, 2)
    print(json.dumps({"rise_mib": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024}))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, nargs="+", default=list(SHAPES), choices=list(SHAPES))
    parser.add_argument("--runs", type=int, default=3, help="the fastest counts")
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--width", type=int, default=32, help="of each of four heads")
    parser.add_argument("--child", choices=PARTS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.child, given.tokens[0], given.layers, given.width)
        return 0
    use_two_cores()
    figures: list[Figure] = []
    # Memory first: a child's figure holds what its parent had when it was forked.
    largest = max(given.tokens)
    rises, peaks = {}, {}
    for part in PARTS:
        sizes = [f"--{name}={value}" for name, value in (("layers", given.layers), ("width", given.width))]
        command = [sys.executable, "-m", "benchmarks.ltx_speed", "--child", part, *sizes, "--tokens"]
        done = run_child([*command, str(largest)])
        rises[part], peaks[part] = json.loads(done.stdout)["rise_mib"], done.peak_mib
    setting = prepare(min(given.tokens), given.layers, given.width)
    encoded = texts(setting)
    peer = counts(setting, lambda: run_peer(setting, encoded, 2))
    ours = counts(setting, lambda: run_ours(setting, encoded, 2))
    figures += [
        Figure("function evaluations a step, peer", peer["rows"] / 2),
        Figure("function evaluations a step, ours", ours["rows"] / 2, at_most=peer["rows"] / 2),
        Figure("weight passes a step, peer", peer["passes"] / 2),
        Figure("weight passes a step, ours", ours["passes"] / 2, at_most=1.0),
    ]
    for tokens in given.tokens:
        now = Setting(setting.components, tokens)
        best: dict[str, float] = {}
        for _ in range(given.runs):
            for name in (*PARTS, *MEASURES):
                steps = STEPS if tokens < largest else 2
                took = (
                    run_peer(now, encoded, steps)
                    if name == "peer"
                    else run_ours(now, encoded, steps, "" if name == "ours" else name)
                )
                best[name] = min(best.get(name, took), took)
        limit = 0.8 if tokens == 18 else 1.0
        figures += [
            Figure(f"{tokens} tokens: a step of the peer", best["peer"], "s"),
            Figure(f"{tokens} tokens: ours over the peer", best["ours"] / best["peer"], at_most=limit),
            *(Figure(f"  {name} over ours", best[name] / best["ours"]) for name in MEASURES),
        ]
    figures += [
        Figure(f"peak RSS at {largest} tokens, peer", peaks["peer"], "MiB"),
        Figure(f"peak RSS at {largest} tokens, ours", peaks["ours"], "MiB"),
        Figure("  of it sampling, peer", rises["peer"], "MiB"),
        Figure("  of it sampling, ours", rises["ours"], "MiB"),
        Figure("  ours over the peer", rises["ours"] / max(rises["peer"], 1e-9), at_most=0.7),
    ]
    return 0 if present("LTX-2.3 sampling against diffusers, tiny model", figures) else 1


if __name__ == "__main__":
    sys.exit(main())
