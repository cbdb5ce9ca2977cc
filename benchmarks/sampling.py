"""Measure the time for sampling motion, as a share of the clip's length, and the diffusion core's part of it.

python -m benchmarks.sampling
"""

# ruff: noqa: PLC0415 - libraries count the cores when they are imported: after use_two_cores

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measuring import Cost, Figure, costing, present, say_voice, use_two_cores

if TYPE_CHECKING:
    from lipwright.domain.plan import FramePlan
    from lipwright.domain.settings import SamplingSettings
    from lipwright.motion.audio_encoder import AudioFeatures

SHARE_PERCENT = 20.0
"""Maximum share of the clip's length, for 40 steps with CFG 4."""
RESUME_PERCENT = 5.0
"""Maximum time for reading a cached chunk, as a share of sampling it."""
RATE_HZ = 24_000
FPS = Fraction(25)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="length of the clip")
    parser.add_argument("--runs", type=int, default=3, help="the fastest of so many counts")
    options = parser.parse_args()
    use_two_cores()
    from lipwright.domain.presets import PRESETS
    from lipwright.media.audio_reader import read_audio
    from lipwright.motion.audio_encoder import encode_audio
    from lipwright.planning import plan_seconds

    with tempfile.TemporaryDirectory() as folder:
        voice = say_voice(Path(folder) / "voice.wav", options.seconds)
        audio = read_audio(voice, rate_hz=RATE_HZ).waveform
    plan = plan_seconds(options.seconds, FPS)
    heard = encode_audio(audio)

    def fastest(work: Callable[[], object]) -> Cost:
        return min((cost_of(work) for _ in range(options.runs)), key=lambda cost: cost.wall_s)

    shipped = PRESETS["portrait"]
    guided = replace(shipped, steps=40, cfg=4.0)
    full = replace(guided, eta=0.2, norming_threshold=0.25)
    listening = fastest(partial(encode_audio, audio))
    costs = {
        name: fastest(partial(sampled, heard, plan, settings))
        for name, settings in (("guided", guided), ("full", full), ("shipped", shipped))
    }
    keeping, resuming = kept_chunk(plan, fastest)
    core_s = fastest(partial(core_alone, heard, plan, guided)).cpu_s / guided.steps

    def share(cost: Cost) -> float:
        return 100 * cost.wall_s / float(plan.seconds)

    def chunk_share(cost: Cost) -> float:
        return 100 * cost.wall_s / costs["shipped"].wall_s

    figures = [
        Figure("40 steps, CFG 4", share(costs["guided"]), "%", at_most=SHARE_PERCENT),
        Figure("the same with eta 0.2 and norming 0.25", share(costs["full"]), "%", at_most=SHARE_PERCENT),
        Figure(f"shipped: {shipped.steps} steps, CFG {shipped.cfg:g}", share(costs["shipped"]), "%"),
        Figure("listening, once for a video", share(listening), "%"),
        Figure("keeping a chunk, of sampling it as shipped", chunk_share(keeping), "%"),
        Figure("taking a kept one instead", chunk_share(resuming), "%", at_most=RESUME_PERCENT),
        Figure("a step of CFG 4", 1000 * costs["guided"].wall_s / guided.steps, "ms"),
        Figure("  CPU time of all threads", 1000 * costs["guided"].cpu_s / guided.steps, "ms"),
        Figure("  of it the core, without the network", 1000 * core_s, "ms"),
        Figure("  the core's part of CPU time", 100 * core_s * guided.steps / costs["guided"].cpu_s, "%"),
        Figure("cores taken by other processes meanwhile", costs["guided"].others),
    ]
    seconds = float(plan.seconds)
    title = f"Sampling {seconds:g} s of motion, in percent of that length, fastest of {options.runs}"
    return 0 if present(title, figures) else 1


def cost_of(work: Callable[[], object]) -> Cost:
    with costing() as cost:
        work()
    return cost


def sampled(heard: AudioFeatures, plan: FramePlan, settings: SamplingSettings) -> None:
    from lipwright.motion.sampling import sample_motion

    sample_motion(heard, plan, settings, style=1)


def kept_chunk(plan: FramePlan, fastest: Callable[[Callable[[], object]], Cost]) -> tuple[Cost, Cost]:
    """Measure the time to store the latents of a chunk on the disk, and to read them."""
    import os

    import numpy as np

    from lipwright.domain.grid import FRAMES_PER_LATENT
    from lipwright.domain.motion import LEARNED_CHANNELS
    from lipwright.pipeline.chunk_cache import ChunkCache

    tokens = np.ones((1, plan.latent_frames, FRAMES_PER_LATENT * len(LEARNED_CHANNELS)), np.float32)
    notes = {"frozen": True, "seed": 0, "takes": 1, "score": None}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        cache = ChunkCache("benchmark")
        keeping = fastest(partial(cache.save, "0-0000-0", tokens, notes))
        resuming = fastest(partial(cache.load, "0-0000-0"))
        if cache.findings[0].id != "chunks-kept":
            raise RuntimeError("the chunk was not kept")
    return keeping, resuming


def core_alone(heard: AudioFeatures, plan: FramePlan, settings: SamplingSettings) -> None:
    """Sample the same latents through the same core, with a network that returns immediately."""
    import numpy as np

    from lipwright.diffusion.guiders import Guidance, Pass
    from lipwright.diffusion.sample import DenoiserInput, Prediction, sample
    from lipwright.diffusion.state import AVState, frozen, noised
    from lipwright.domain.grid import FRAMES_PER_LATENT
    from lipwright.domain.motion import LEARNED_CHANNELS
    from lipwright.motion.sampling import schedule

    def answers(x: DenoiserInput, passes: tuple[Pass, ...]) -> dict[Pass, Prediction]:
        return {name: Prediction(x.video) for name in passes}

    shape = (1, plan.latent_frames, FRAMES_PER_LATENT * len(LEARNED_CHANNELS))
    noise = np.random.default_rng(0).standard_normal(shape, np.float32)
    clean, mask = np.zeros(shape, np.float32), np.ones((*shape[:2], 1), np.float32)
    state = AVState(noised(clean, mask, noise, sigma=1.0), frozen(heard.latents[None, : plan.audio_latents]))
    sample(answers, state, schedule(settings), video_guidance=Guidance(settings.cfg))


if __name__ == "__main__":
    sys.exit(main())
