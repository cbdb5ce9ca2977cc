"""Measure the overhead of the comfyui engine over the server's own time, on a job of a minute.

python -m benchmarks.comfy_client

The server is the tests' fake one, in a separate process: it waits as long as a GPU would take, reports each
step, and returns a real video of the requested size and length.
"""

# ruff: noqa: PLC0415 - the cores are chosen before a library counts them

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from benchmarks.measuring import EXAMPLES, PORTRAIT, Figure, costing, present, use_two_cores

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "fakes"))

JOB_S = 60.0
AT_MOST_PERCENT = 2.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job-seconds", type=float, default=JOB_S, help="sampling time of the simulated job")
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--frames", type=int, default=121)
    parser.add_argument("--size", default="832x448")
    options = parser.parse_args()
    use_two_cores()
    from comfy_process import ComfyProcess

    from lipwright.audio.driver import to_driver_rate
    from lipwright.domain.media import FrameSize, Waveform, fit_length
    from lipwright.domain.presets import PRESETS
    from lipwright.domain.progress import no_progress
    from lipwright.domain.shot import Shot
    from lipwright.domain.time import seconds_to_samples
    from lipwright.engines.comfyui.engine import ComfyEngine
    from lipwright.media.audio_reader import read_audio
    from lipwright.media.image_file import read_image
    from lipwright.planning import plan_frames

    plan = plan_frames(options.frames, Fraction(25))
    voice = to_driver_rate(read_audio(EXAMPLES / "voice.flac", rate_hz=24_000).waveform)
    length = seconds_to_samples(plan.seconds, voice.rate_hz)
    width, height = map(int, options.size.split("x"))
    shot = Shot(
        driver=Waveform(fit_length(voice.mono[None], length), 24_000),
        speech=(),
        plan=plan,
        size=FrameSize(width, height),
        settings=replace(PRESETS["guide"], steps=options.steps),
        image=read_image(PORTRAIT),
        prompt="a woman talking to camera",
    )
    step_s = options.job_seconds / options.steps
    server = ComfyProcess("--steps", str(options.steps), "--step-seconds", str(step_s))
    try:
        with costing() as cost:
            render = ComfyEngine((server.url,)).render(shot, no_progress)
        with costing() as reading:
            count = sum(1 for _ in render.frames)
        theirs = server.told()["job_seconds"][-1]
    finally:
        server.stop()
    over = cost.wall_s - theirs
    figures = [
        Figure("frames", count),
        Figure("server's own time", theirs, "s"),
        Figure("client, beyond it", over, "s"),
        Figure("client's CPU time", cost.cpu_s, "s"),
        Figure(f"beyond it, of a job of {JOB_S:g} s", over / JOB_S * 100, "%", at_most=AT_MOST_PERCENT),
        Figure("reading the frames as RGB, which is the video's drawing", reading.wall_s, "s"),
        Figure("cores that others kept busy", cost.others),
    ]
    return 0 if present(f"ComfyUI client, {options.size}", figures) else 1


if __name__ == "__main__":
    sys.exit(main())
