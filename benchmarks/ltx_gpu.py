"""Run the ltx engine on a GPU: tests, speed, memory modes compared with their estimates, and a whole video.

Weights are random, of LTX-2.3's real width, written as a checkpoint with the published names, and
loaded by the engine from there. `modes` takes a few blocks of it through every --memory, `whole`
makes a video with all 48. They need 15 and 50 GB on the disk.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time
import traceback
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import torch

from benchmarks.ltx_weights import FEW, Size, write_gguf, write_model
from benchmarks.measuring import EXAMPLES, PORTRAIT, Figure, present
from lipwright.diffusion.guiders import Pass
from lipwright.diffusion.sample import DenoiserInput
from lipwright.diffusion.state import VideoShape
from lipwright.domain.grid import audio_latents
from lipwright.domain.media import FrameSize, Image, Waveform
from lipwright.domain.presets import PRESETS
from lipwright.domain.progress import Progress, no_progress
from lipwright.domain.settings import SamplingSettings
from lipwright.domain.shot import Render, Shot
from lipwright.engines.ltx.components import Components, free_memory
from lipwright.engines.ltx.decoding import stream_frames
from lipwright.engines.ltx.denoiser import LtxDenoiser, Text
from lipwright.engines.ltx.engine import LtxEngine
from lipwright.engines.ltx.image_conditioning import encode_still
from lipwright.engines.ltx.loading import memory_plan
from lipwright.engines.ltx.loading.load import load_components
from lipwright.engines.ltx.loading.memory_plan import GIBIBYTE, Clip, clip_of
from lipwright.engines.ltx.loading.quantization import ROTATIONS, Format
from lipwright.engines.ltx.loading.quantized_linear import QuantizedLinear, quantize
from lipwright.engines.ltx.loading.single_file import CLASSES
from lipwright.engines.ltx.profile import network_configs
from lipwright.media.audio_reader import read_audio
from lipwright.media.image_file import read_image
from lipwright.media.video_writer import write_video
from lipwright.planning import plan_video

RATE = Fraction(25)
SIZE, FRAMES = FrameSize(1216, 704), 121
SMALL_SIZE = FrameSize(832, 448)
"""Size of the video in the attempt that runs out of memory."""
STEPS = 4
LOW, HIGH = 0.8, 1.2
"""Bounds of measured memory divided by its estimate."""
TESTS = ("ltx_parity", "ltx_video", "ltx_decoding", "ltx_encoders", "ltx_engine", "memory_modes")
MODES = ("full", "fp8", "group-offload", "sequential", "gguf", "gguf sequential")
CUDA = torch.device("cuda")
ROTATED = 256
"""Columns that ConvRot rotates together, as in the published files."""
TINY: dict[str, object] = dict(network_configs("2.3")["transformer"]) | {
    "num_layers": 2,
    "num_attention_heads": 2,
    "attention_head_dim": 64,
    "cross_attention_dim": 128,
    "audio_num_attention_heads": 2,
    "audio_attention_head_dim": 32,
    "audio_cross_attention_dim": 64,
}
"""A transformer for --dry-run."""


@dataclass(slots=True)
class Watch:
    """Records how long each stage of an engine took, and its peak memory."""

    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    bytes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    steps: list[float] = field(default_factory=list)
    """When each sampling step ended."""
    stage: str = "look"
    since: float = field(default_factory=time.perf_counter)
    note: str = ""

    def __call__(self, progress: Progress) -> None:
        """Record one step."""
        torch.cuda.synchronize()
        self.note = progress.note or self.note
        if progress.stage == "sample":
            self.steps.append(time.perf_counter())
        loaded = progress.stage == "load" and progress.done == progress.total
        self.enter("sample" if loaded else progress.stage)

    def enter(self, stage: str) -> None:
        """End a stage and begin the next."""
        now = time.perf_counter()
        self.seconds[self.stage] += now - self.since
        self.bytes[self.stage] = max(self.bytes[self.stage], torch.cuda.max_memory_allocated())
        if stage != self.stage:
            torch.cuda.reset_peak_memory_stats()
        self.stage, self.since = stage, now

    @property
    def step(self) -> float:
        """Seconds per step, without the first one, which also warms up."""
        return (self.steps[-1] - self.steps[0]) / (len(self.steps) - 1)


def context_bytes() -> int:
    """GPU memory of this process besides torch's tensors, if no other process uses the GPU."""
    free, total = torch.cuda.mem_get_info()
    return total - free - torch.cuda.memory_reserved()


def make_shot(settings: SamplingSettings, size: FrameSize = SIZE, frames: int = FRAMES) -> Shot:
    """The example's portrait and voice."""
    plan = plan_video(frames / RATE, RATE, "nearest")
    heard = read_audio(EXAMPLES / "voice.flac", rate_hz=24_000).waveform
    samples = heard.samples[:, : round(plan.seconds * 24_000)]
    return Shot(
        driver=Waveform(samples, 24_000),
        speech=(),
        plan=plan,
        size=size,
        settings=settings,
        image=read_image(PORTRAIT),
        prompt="a woman talks to the camera",
    )


def video_of(shot: Shot, components: Components) -> tuple[Watch, Render, int]:
    """Render, and count the frames."""
    watch = Watch()
    render = LtxEngine(components=components).render(shot, watch)
    watch.enter("decode")
    frames = sum(1 for _ in render.frames)
    torch.cuda.synchronize()
    watch.enter("end")
    free_memory()
    return watch, render, frames


def tests() -> bool:
    """Run the engine's own tests, which use a GPU if there is one."""
    files = [f"tests/ltx/test_{name}.py" for name in TESTS]
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "--no-header", *files]
    return subprocess.run(command, check=False).returncode == 0


def speed() -> bool:
    """Compare with diffusers' pipeline."""
    return (
        subprocess.run([sys.executable, "-m", "benchmarks.ltx_speed", "--gpu"], check=False).returncode == 0
    )


def modes(folder: Path, wanted: Sequence[str] = MODES) -> bool:
    """Compare peak memory and step time of every memory mode with the estimates."""
    model = write_model(folder / "few", FEW, CUDA)
    os.environ["LIPWRIGHT_TEXT_ENCODER"] = str(folder / "few" / "text")
    packed = write_gguf(folder / "gguf", FEW, model)
    shot = make_shot(replace(PRESETS["guide"], steps=STEPS))
    met = True
    for name in wanted:
        free_memory()
        path, mode = (packed, name.removeprefix("gguf ")) if name.startswith("gguf") else (model, name)
        try:
            components = load_components(str(path), mode, no_progress, clip=clip_of(shot))
            watch, render, frames = video_of(shot, components)
            counted = Figure("frames", frames, at_least=FRAMES, at_most=FRAMES)
            met &= _measured(
                f"--memory {name}, {FEW.layers} blocks", shot, components, watch, render, counted
            )
        except Exception:
            traceback.print_exc()
            met = False
    return met


def _measured(
    title: str, shot: Shot, components: Components, watch: Watch, render: Render, *figures: Figure
) -> bool:
    """Table for one video: peak memory and time, compared with the plan."""
    context = context_bytes()
    peak = {stage: (used + context) / GIBIBYTE for stage, used in watch.bytes.items() if used}
    highest = max(peak, key=lambda stage: peak[stage])
    estimate = (components.memory.bytes) / GIBIBYTE
    seconds = components.memory.seconds or 0.0
    print(f"\n{components.memory.describe()}")
    return present(
        f"{title}, {shot.size}, {shot.plan.frames} frames, {torch.cuda.get_device_name()}",
        [
            *figures,
            Figure("the audio is as it was", float(render.frozen), at_least=1),
            Figure(f"memory at its highest, in stage {highest}", peak[highest], "GiB"),
            Figure("  of the estimate", peak[highest] / estimate, at_least=LOW, at_most=HIGH),
            *(Figure(f"  in stage {stage}", peak[stage], "GiB") for stage in peak),
            Figure("a step", watch.step, "s"),
            Figure("all steps, of the estimate", watch.step * len(watch.steps) / seconds),
            *(
                Figure(f"stage {stage}", watch.seconds[stage], "s")
                for stage in watch.seconds
                if stage != "end"
            ),
        ],
    )


def fallback(folder: Path) -> bool:
    """Simulate a card that is too small for `full` by occupying memory."""
    model = write_model(folder / "few", FEW, CUDA)
    os.environ["LIPWRIGHT_TEXT_ENCODER"] = str(folder / "few" / "text")
    shot = make_shot(replace(PRESETS["guide"], steps=2), SMALL_SIZE, 25)
    components = load_components(str(model), "full", no_progress, clip=clip_of(shot))
    free, _ = torch.cuda.mem_get_info()
    fp8_bytes = memory_plan.needed_bytes("fp8", _sizes(model), clip_of(shot))
    ballast = torch.empty(free - fp8_bytes, dtype=torch.uint8, device=CUDA)
    watch, render, frames = video_of(shot, components)
    told = [finding.text for finding in render.findings if finding.id == "memory-fallback"]
    print("\n".join(told))
    del ballast
    return present(
        f"Out of memory: {fp8_bytes / GIBIBYTE:.1f} GiB left to --memory full",
        [
            Figure("findings that say so", len(told), at_least=1, at_most=1),
            Figure("made in fp8", float(render.settings["memory"] == "fp8"), at_least=1),
            Figure("frames", frames, at_least=25, at_most=25),
            Figure("the audio is as it was", float(render.frozen), at_least=1),
            Figure("steps told", len(watch.steps), at_most=2),
        ],
    )


def _sizes(model: Path) -> memory_plan.ModelSizes:
    from lipwright.engines.ltx.loading.model_inspection import open_model, sizes_of  # noqa: PLC0415
    from lipwright.engines.ltx.loading.resolve import find_model_paths  # noqa: PLC0415

    return sizes_of(open_model(find_model_paths(str(model))))


def fp8(device: torch.device, config: dict[str, object], shapes: Sequence[tuple[FrameSize, int]]) -> bool:
    """A step with weights in bf16, in float8 and in int8, each unpacked as it runs, and cast by diffusers."""
    figures: list[Figure] = []
    steps: dict[tuple[str, str], float] = {}
    for form in ("bf16", "float8", "int8", "int8 ConvRot", "float8 by diffusers"):
        with torch.device(device):
            network = CLASSES["transformer"].from_config(config).to(torch.bfloat16)
        network = network.eval().requires_grad_(False)
        if form == "float8 by diffusers":
            network.enable_layerwise_casting(torch.float8_e4m3fn, torch.bfloat16)
        elif form != "bf16":
            _quantize_blocks(network, form)
        held = sum(t.numel() * t.itemsize for t in (*network.parameters(), *network.buffers()))
        figures.append(Figure(f"{form}: weights", held / GIBIBYTE, "GiB"))
        for size, frames in shapes:
            clip = Clip(frames, size.width, size.height, rows=2)
            name = f"{size}, {frames} frames ({clip.tokens} tokens)"
            _, steps[form, name] = _one_forward(network, clip, (Pass.POSITIVE, Pass.NEGATIVE))
            figures.append(Figure(f"  a step, {name}", steps[form, name], "s"))
            if form != "bf16":
                figures.append(Figure("  over bf16", steps[form, name] / steps["bf16", name]))
        del network
        free_memory()
    where = torch.cuda.get_device_name() if device.type == "cuda" else "a CPU"
    return present(f"Quantized weights, {config['num_layers']} blocks, two passes, {where}", figures)


def _quantize_blocks(network: torch.nn.Module, form: str) -> None:
    """Quantize the linear layers of a transformer's blocks, with one scale for each row."""
    kind: Format = "float8" if form == "float8" else "int8"
    stored = torch.float8_e4m3fn if kind == "float8" else torch.int8
    for layer in network.get_submodule("transformer_blocks").modules():
        if isinstance(layer, torch.nn.Linear):
            size = math.gcd(ROTATED, layer.in_features)  # a power of 2, where a power of 4 is needed
            rotated = size if form == "int8 ConvRot" and size in ROTATIONS else 0
            QuantizedLinear.convert(layer, quantize(layer.weight, kind, stored, rotated=rotated))


def workspace() -> bool:
    """Memory of sampling and the VAE besides the weights, by size and passes: estimated and measured."""
    with torch.device(CUDA):
        transformer = CLASSES["transformer"].from_config(
            network_configs("2.3")["transformer"] | {"num_layers": 2}
        )
    transformer = transformer.to(torch.bfloat16).eval().requires_grad_(False)
    figures: list[Figure] = []
    for size, frames in ((FrameSize(512, 320), 25), (FrameSize(832, 448), 121), (SIZE, FRAMES), (SIZE, 257)):
        for passes in (
            (Pass.POSITIVE,),
            (Pass.POSITIVE, Pass.NEGATIVE),
            (Pass.POSITIVE, Pass.NEGATIVE, Pass.PERTURBED, Pass.ISOLATED),
        ):
            clip = Clip(frames, size.width, size.height, rows=len(passes))
            used, seconds = _one_forward(transformer, clip, passes)
            estimate = memory_plan.activation_bytes(clip, width=4096)
            name = f"{size}, {frames} frames ({clip.tokens} tokens), {len(passes)} passes"
            figures += [
                Figure(f"{name}: estimate", estimate / GIBIBYTE, "GiB"),
                Figure("  measured", used / GIBIBYTE, "GiB"),
                Figure("  a step of two blocks", seconds, "s"),
            ]
    del transformer
    free_memory()
    return present("Workspace of sampling", figures) and _vae_workspace()


def _one_forward(transformer: torch.nn.Module, clip: Clip, passes: tuple[Pass, ...]) -> tuple[int, float]:
    config, device = transformer.config, next(transformer.parameters()).device
    frames = (clip.frames - 1) // 8 + 1
    shape = VideoShape(1, config.in_channels, frames, clip.height // 32, clip.width // 32)
    length = audio_latents(clip.frames, RATE)

    def normal(*size: int) -> torch.Tensor:
        return torch.randn(size, device=device)

    widths = (config.cross_attention_dim, config.audio_cross_attention_dim)
    texts = [Text(*(normal(1, 1024, width).bfloat16() for width in widths)) for _ in range(2)]
    denoise = LtxDenoiser(
        transformer,
        shape=shape,
        audio_length=length,
        frame_rate=RATE,
        positive=texts[0],
        negative=texts[1],
        stg_blocks=(1,),
    )
    levels = torch.full((1, shape.tokens), 0.5, device=device)
    levels[:, : shape.tokens_per_frame] = 0
    x = DenoiserInput(
        normal(*shape.packed),
        normal(1, length, config.audio_in_channels),
        levels,
        levels.new_zeros(1, length),
        0.5,
        0.0,
    )
    denoise(x, passes)
    free_memory()
    if device.type != "cuda":
        begun = time.perf_counter()
        denoise(x, passes)
        return 0, time.perf_counter() - begun
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    before, begun = torch.cuda.memory_allocated(), time.perf_counter()
    denoise(x, passes)
    torch.cuda.synchronize()
    return torch.cuda.max_memory_allocated() - before, time.perf_counter() - begun


def _vae_workspace() -> bool:
    with torch.device(CUDA):
        vae = CLASSES["video_vae"].from_config(network_configs("2.3")["video_vae"])
    vae = vae.to(torch.bfloat16).eval().requires_grad_(False)
    figures: list[Figure] = []
    for size, frames in ((FrameSize(832, 448), 121), (SIZE, FRAMES), (SIZE, 257)):
        count = (frames - 1) // 8 + 1
        blank = Image(torch.full((size.height, size.width, 3), 127, dtype=torch.uint8).numpy())
        latents = torch.randn(1, 128, count, size.height // 32, size.width // 32)
        for name, work in (
            ("encode the image", lambda p=blank, n=count: encode_still(p, vae, n)),
            ("decode", lambda z=latents: sum(1 for _ in stream_frames(z, vae))),
        ):
            free_memory()
            torch.cuda.synchronize()
            torch.cuda.reset_peak_memory_stats()
            before, begun = torch.cuda.memory_allocated(), time.perf_counter()
            work()
            torch.cuda.synchronize()
            used = torch.cuda.max_memory_allocated() - before
            figures += [
                Figure(f"{size}, {frames} frames: {name}", used / GIBIBYTE, "GiB"),
                Figure("  took", time.perf_counter() - begun, "s"),
                Figure("  reserved", torch.cuda.memory_reserved() / GIBIBYTE, "GiB"),
            ]
    return present("Workspace of the VAE", figures)


def whole(folder: Path, wanted: Sequence[str | None]) -> bool:
    """Make a video with all 48 blocks in two stages."""
    begun = time.perf_counter()
    model = write_model(folder / "whole", Size(), CUDA)
    took = time.perf_counter() - begun
    print(f"writing {model.stat().st_size / 1e9:.1f} GB took {took:.0f} s", flush=True)
    os.environ["LIPWRIGHT_TEXT_ENCODER"] = str(folder / "whole" / "text")
    shot, video = make_shot(PRESETS["official-distilled"]), folder / "video.mp4"
    met = True
    for mode in wanted:
        free_memory()
        watch, begun = Watch(), time.perf_counter()
        components = load_components(str(model), mode, watch, clip=clip_of(shot))
        render = LtxEngine(components=components).render(shot, watch)
        watch.enter("decode")
        write_video(
            video,
            render.frames,
            frame_rate=RATE,
            size=shot.size,
            audio=EXAMPLES / "voice.flac",
            frame_count=shot.plan.frames,
        )
        watch.enter("end")
        took = Figure("voice and image to video", time.perf_counter() - begun, "s")
        title = f"{Size().layers} blocks, two stages, --memory {components.memory.mode}"
        met &= _measured(title, shot, components, watch, render, took)
    return met


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parts = ("tests", "speed", "workspace", "fp8", "modes", "fallback", "whole")
    parser.add_argument("--part", nargs="+", choices=parts, default=list(parts[:-1]))
    parser.add_argument("--mode", nargs="+", choices=MODES, help="for modes all, for whole the chosen one")
    parser.add_argument("--folder", type=Path, help="for the random weights; a temporary one by default")
    parser.add_argument("--dry-run", action="store_true", help="the part fp8 on the CPU, at a tiny size")
    given = parser.parse_args()
    if given.dry_run:
        return 0 if fp8(torch.device("cpu"), TINY, ((FrameSize(128, 64), 25),)) else 1
    if not torch.cuda.is_available():
        print("torch finds no GPU; this benchmark measures one")
        return 1
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        work = {
            "tests": tests,
            "speed": speed,
            "workspace": workspace,
            "fp8": lambda: fp8(
                CUDA,
                dict(network_configs("2.3")["transformer"]) | {"num_layers": FEW.layers},
                ((SMALL_SIZE, 121), (SIZE, FRAMES)),
            ),
            "modes": lambda: modes(folder, given.mode or MODES),
            "fallback": lambda: fallback(folder),
            "whole": lambda: whole(folder, given.mode or [None]),
        }
        met = []
        for part in given.part:
            begun = time.perf_counter()
            try:
                met.append(work[part]())
            except Exception:
                traceback.print_exc()
                met.append(False)
            free_memory()
            print(f"[{part}: {time.perf_counter() - begun:.0f} s]", flush=True)
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
