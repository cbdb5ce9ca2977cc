"""How much GPU memory each way of running takes, and how long: arithmetic without a GPU.

`plan` chooses the first mode that fits, from the fastest to the leanest. It knows the
card only by numbers, so that a table can test it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from lipwright.domain.finding import Finding
from lipwright.domain.grid import latent_frames
from lipwright.domain.job import Shot
from lipwright.engines.ltx import findings
from lipwright.errors import EngineOutOfMemory, UsageError

Mode = Literal["full", "fp8", "group-offload", "sequential", "gguf", "cpu"]
"""full: weights on the GPU as they are. fp8: stored in 8 bits, layer by layer widened. group-offload:
one block at a time on the GPU, the next one on its way. sequential: one block alone. gguf: a
quantised file on the GPU. cpu: no GPU at all."""

MODES: tuple[Mode, ...] = get_args(Mode)
LADDER: tuple[Mode, ...] = ("full", "fp8", "group-offload", "sequential")
"""From the fastest to the leanest, for weights in 16 bits."""
GGUF_LADDER: tuple[Mode, ...] = ("gguf", "sequential")
OFFLOADING: frozenset[Mode] = frozenset({"group-offload", "sequential"})
"""Weights stay in the computer's memory and visit the GPU."""

GIBIBYTE = 1 << 30
OVERHEAD_BYTES = GIBIBYTE
"""CUDA's context and the libraries' own buffers."""
USABLE = 0.95
"""Share of the free memory that is planned with: other programs' windows grow too."""
AUDIO_BITS = 8
"""Below this many bits a weight, users report lost sync."""
EFFICIENCY = 0.6
"""Share of a large product's speed that a whole step reaches: attention, norms and launches take the rest."""
VIDEO_SHARE = 0.7
"""Of a block's weights, those that every video token goes through; the others see audio or text alone."""

ROWS_TOGETHER_TOKENS = 4096
"""Guidance passes go through a block together up to so many tokens: below, a batch fills the machine
better; above it is full, and workspace is all that grows."""

REFINING_STEPS = 3
"""Of the official second stage."""
STILL_FRAMES = 25
"""Of the still video that the image is encoded as, at most."""
ENCODER_BYTES = 134
"""Workspace of the video VAE's encoder for each pixel of a frame, measured at two sizes."""
DECODER_BYTES = 830_000
"""Workspace of its decoder for each latent decoded at once, measured at three sizes."""
DECODER_CONTEXT = 10
"""Latents decoded on each side of a window for its sake alone: within 3e-5 of the whole clip."""
DECODER_TOKENS = 28_000
"""Latents x height x width of one window with its context, at most: 31 latents at 1280x704, all 33 of a
257-frame clip at 832x448 with room to spare. More would gain nothing."""
FEWEST_LATENTS = 4
"""Of a window where context alone would fill it."""


@dataclass(frozen=True, slots=True)
class ModelSizes:
    """What the weights weigh, in bytes as they lie on the disk or would in 16 bits."""

    transformer: int
    blocks: int
    """How many transformer blocks there are."""
    rest: int
    """Of the transformer, what is in no block."""
    width: int
    """Of a video token."""
    text_encoder: int
    connectors: int
    video_vae: int
    upsampler: int = 0
    """Of latents, for two stages."""
    bits: float = 16.0
    """Per weight of the transformer."""

    @property
    def block(self) -> int:
        """One block."""
        return (self.transformer - self.rest) // max(self.blocks, 1)


@dataclass(frozen=True, slots=True)
class Clip:
    """What is sampled at once."""

    frames: int
    width: int
    height: int
    rows: int = 1
    """Guidance passes that go through the model as one batch."""
    steps: int = 1
    refining_steps: int = 0
    """Of the second stage, plain ones at full size; with them the first stage runs at half the size."""
    video_frames: int = 0
    """Of the whole video, which is decoded in windows; 0 where it is this clip."""

    @property
    def stages(self) -> tuple[Clip, ...]:
        """Each sampling run as a clip of its own."""
        if not self.refining_steps:
            return (self,)
        half = replace(self, width=self.width // 2, height=self.height // 2, refining_steps=0)
        return half, replace(self, rows=1, steps=self.refining_steps, refining_steps=0)

    @property
    def tokens(self) -> int:
        """Video tokens: 32 x 32 pixels, eight frames each after the first."""
        return latent_frames(self.frames) * self.tokens_per_latent

    @property
    def tokens_per_latent(self) -> int:
        """Of one latent frame."""
        return (self.height // 32) * (self.width // 32)


@dataclass(frozen=True, slots=True)
class Speed:
    """What the machine was measured to do."""

    flops: float
    """Floating point operations a second of a large matrix product."""
    transfer: float
    """Bytes a second from the computer's memory to the GPU's."""
    unpinned: float | None = None
    """The same where the memory is not pinned for it; None is as fast."""


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """The chosen mode and what it costs."""

    mode: Mode
    why: str
    bytes: int
    """GPU memory at its highest."""
    offload_text: bool
    """Text encoder and connectors go through the GPU layer by layer: they do not fit as a whole, or
    the mode is one that saves memory."""
    seconds: float | None = None
    """For all sampling steps; None where the machine was not measured."""
    findings: tuple[Finding, ...] = ()

    def told(self) -> str:
        """One line for people, before the work starts."""
        time = "" if self.seconds is None else f", about {_duration(self.seconds)} of sampling"
        where = "" if self.mode == "cpu" else f", about {self.bytes / GIBIBYTE:.1f} GiB of GPU memory"
        return f"memory mode {self.mode} ({self.why}){where}{time}"


def clip_of(shot: Shot) -> Clip:
    """The largest piece of a shot that is sampled at once."""
    settings = shot.settings
    guided = (settings.cfg != 1.0, settings.stg != 0.0, settings.modality_scale != 1.0)
    chunks = [chunk.frames for chunk in shot.plan.chunks]
    return Clip(
        frames=max(chunks, default=shot.plan.frames),
        width=shot.size.width,
        height=shot.size.height,
        rows=1 + sum(guided),
        steps=settings.steps * max(len(chunks), 1),
        refining_steps=REFINING_STEPS * max(len(chunks), 1) if settings.stages == 2 else 0,
        video_frames=shot.plan.frames,
    )


def check_mode(name: str | None) -> Mode | None:
    """A mode as --memory spells it; None leaves the choice.

    Raises:
        UsageError: there is no such mode.
    """
    if name is None or name in {"auto", ""}:
        return None
    for mode in MODES:
        if name == mode:
            return mode
    raise UsageError(f"--memory {name!r} is not known", hint=f"one of {', '.join(MODES)}")


def activation_bytes(clip: Clip, *, width: int) -> int:
    """What sampling takes beside the weights: measured at four sizes, within 10 %.

    Each row's tokens, once more while rows fork, and nine tensors of that size for the rows that
    are in a block together: keys, values and queries, the latter widened to 32 bits for their rotation.
    """
    together = min(clip.rows, max(1, ROWS_TOGETHER_TOKENS // clip.tokens))
    return 2 * clip.tokens * width * (9 * together + clip.rows + (clip.rows > 1))


def decoder_window(latents: int, tokens_per_latent: int, free_bytes: int | None) -> int:
    """Latents of a video that are decoded for their own sake at once.

    Args:
        latents: Of the video.
        tokens_per_latent: Height times width of one latent frame.
        free_bytes: Memory for it; None where it is not known.
    """
    tokens = DECODER_TOKENS
    if free_bytes is not None:
        tokens = min(tokens, int(USABLE * free_bytes) // DECODER_BYTES)
    if latents * tokens_per_latent <= tokens:
        return latents
    return max(FEWEST_LATENTS, tokens // tokens_per_latent - 2 * DECODER_CONTEXT)


def encoding_bytes(sizes: ModelSizes, clip: Clip) -> int:
    """GPU memory that encoding the image takes."""
    pixels = clip.width * clip.height * min(STILL_FRAMES, clip.frames)
    return sizes.video_vae + OVERHEAD_BYTES + ENCODER_BYTES * pixels


def decoding_bytes(sizes: ModelSizes, clip: Clip, free_bytes: int) -> int:
    """GPU memory that decoding takes: as much as helps, of what is there."""
    resting = sizes.video_vae + OVERHEAD_BYTES
    free = max(0, free_bytes - resting)
    latents = latent_frames(clip.video_frames or clip.frames)
    window = decoder_window(latents, clip.tokens_per_latent, free)
    decoded = min(latents, window + 2 * DECODER_CONTEXT)
    return resting + min(int(USABLE * free), DECODER_BYTES * decoded * clip.tokens_per_latent)


def text_bytes(sizes: ModelSizes, *, offloaded: bool) -> int:
    """GPU memory that encoding a prompt takes; offloaded it is its widest layer, Gemma's vocabulary."""
    whole = max(sizes.text_encoder + sizes.connectors, 1)
    return OVERHEAD_BYTES + (whole // 10 if offloaded else whole)


def needed_bytes(mode: Mode, sizes: ModelSizes, clip: Clip) -> int:
    """GPU memory that a mode cannot do without: while it samples, or while the image is encoded."""
    if mode == "cpu":
        return 0
    whole = sizes.transformer
    weights: Mapping[Mode, int] = {
        "full": whole,
        "gguf": whole + sizes.block // 2,
        # One layer is widened at a time; the widest, of the time embedding, is less than half a block.
        "fp8": whole // 2 + sizes.block // 2,
        # The block at work and the one on its way.
        "group-offload": sizes.rest + 2 * sizes.block,
        "sequential": sizes.block,
    }
    workspace = max(activation_bytes(stage, width=sizes.width) for stage in clip.stages)
    enlarging = sizes.upsampler if clip.refining_steps else 0
    sampling = weights[mode] + sizes.video_vae + enlarging + workspace + OVERHEAD_BYTES
    return max(sampling, encoding_bytes(sizes, clip))


def needed_seconds(mode: Mode, sizes: ModelSizes, clip: Clip, speed: Speed) -> float:
    """Time of all sampling steps: two operations a weight, row and token, and attention over all tokens.

    Offloaded weights are sent once a step: pinned with group-offload, as they lie with sequential.
    (Streams hide less of that than they might: on an H200 the time was that of both, one after the other.)
    """
    if clip.refining_steps:
        return sum(needed_seconds(mode, sizes, stage, speed) for stage in clip.stages)
    weights = sizes.transformer * 8 / sizes.bits
    attention = 4 * clip.tokens * sizes.width * sizes.blocks
    work = clip.rows * clip.tokens * (2 * VIDEO_SHARE * weights + attention) / (speed.flops * EFFICIENCY)
    frame_rate = {"group-offload": speed.transfer, "sequential": speed.unpinned or speed.transfer}.get(mode)
    return clip.steps * (work + (sizes.transformer / frame_rate if frame_rate else 0.0))


def plan(
    free_bytes: int | None,
    sizes: ModelSizes,
    clip: Clip,
    *,
    asked: Mode | None = None,
    quantised: bool = False,
    speed: Speed | None = None,
    ram_bytes: int | None = None,
) -> MemoryPlan:
    """Choose how a model lies in memory.

    Args:
        free_bytes: Free memory of the GPU; None where there is none.
        sizes: The model's.
        clip: What is to be sampled.
        asked: The mode of --memory.
        quantised: The weights are a GGUF file.
        speed: What the machine was measured to do, for the estimate of time.
        ram_bytes: Free memory of the computer; None where it is not known.

    Raises:
        UsageError: the asked mode and the weights or the machine do not go together.
        EngineOutOfMemory: not even the leanest mode fits.
    """
    ladder = GGUF_LADDER if quantised else LADDER
    mode, why = _asked(asked, ladder, free_bytes) if asked else _chosen(free_bytes, sizes, clip, ladder)
    free = free_bytes or 0
    offload_text = mode in OFFLOADING or (
        mode != "cpu" and text_bytes(sizes, offloaded=False) > USABLE * free
    )
    stages = (
        needed_bytes(mode, sizes, clip),
        decoding_bytes(sizes, clip, free),
        text_bytes(sizes, offloaded=offload_text),
    )
    found = []
    if quantised and sizes.bits < AUDIO_BITS:
        found.append(findings.LOW_PRECISION(bits=sizes.bits, limit=AUDIO_BITS))
    in_ram = max(sizes.transformer, sizes.text_encoder)
    if mode in {*OFFLOADING, "cpu"} and ram_bytes is not None and in_ram > ram_bytes:
        needed, there = in_ram / GIBIBYTE, ram_bytes / GIBIBYTE
        found.append(findings.LITTLE_RAM(mode=mode, needed_gib=needed, free_gib=there))
    return MemoryPlan(
        mode=mode,
        why=why,
        bytes=0 if mode == "cpu" else max(stages),
        offload_text=offload_text,
        seconds=needed_seconds(mode, sizes, clip, speed) if speed else None,
        findings=tuple(found),
    )


def leaner(mode: Mode, *, quantised: bool) -> Mode | None:
    """The next mode that takes less memory; None where there is none."""
    ladder = GGUF_LADDER if quantised else LADDER
    if mode not in ladder or mode == ladder[-1]:
        return None
    return ladder[ladder.index(mode) + 1]


def _asked(mode: Mode, ladder: tuple[Mode, ...], free_bytes: int | None) -> tuple[Mode, str]:
    if mode == "cpu":
        return mode, "asked for"
    if mode not in ladder:
        what = "GGUF file" if "gguf" in ladder else "model in 16 bits"
        raise UsageError(
            f"--memory {mode} does not go with a {what}", hint=f"it takes {', '.join((*ladder, 'cpu'))}"
        )
    if free_bytes is None:
        raise UsageError(
            f"--memory {mode} is about a GPU, and torch finds none", hint="leave it out, or use --memory cpu"
        )
    return mode, "asked for"


def _chosen(
    free_bytes: int | None, sizes: ModelSizes, clip: Clip, ladder: tuple[Mode, ...]
) -> tuple[Mode, str]:
    if free_bytes is None:
        return "cpu", "torch finds no GPU"
    usable = free_bytes * USABLE
    for mode in ladder:
        if needed_bytes(mode, sizes, clip) <= usable:
            return mode, f"{free_bytes / GIBIBYTE:.1f} GiB of GPU memory are free"
    least = needed_bytes(ladder[-1], sizes, clip)
    raise EngineOutOfMemory(
        f"{clip.width}x{clip.height}, {clip.frames} frames at once, needs about {least / GIBIBYTE:.1f} GiB "
        f"of GPU memory in the leanest mode, {ladder[-1]}; {free_bytes / GIBIBYTE:.1f} GiB are free",
        hint="close other programs that use the GPU, or use a smaller --size or a lower --fps",
    )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
