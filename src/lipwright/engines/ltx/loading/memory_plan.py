"""The memory plan: how much GPU memory each memory mode needs, and how long sampling takes in each mode.

`plan` chooses the fastest mode that fits. It only calculates, so that it can be tested without a GPU.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, get_args

from lipwright.domain.finding import Finding
from lipwright.domain.grid import latent_frames
from lipwright.domain.shot import Shot
from lipwright.engines.ltx import findings
from lipwright.errors import EngineOutOfMemory, UsageError

Mode = Literal["full", "fp8", "group-offload", "sequential", "gguf", "cpu"]
"""Memory modes.

    full           all weights on the GPU, in 16 bits
    fp8            all weights on the GPU, in 8 bits; each layer is upcast when it runs
    group-offload  one block on the GPU, while the next one is copied to it
    sequential     one block on the GPU
    gguf           all weights of a quantized file on the GPU
    cpu            no GPU
"""

MODES: tuple[Mode, ...] = get_args(Mode)
LADDER: tuple[Mode, ...] = ("full", "fp8", "group-offload", "sequential")
"""Modes for weights in 16 bits, from the fastest to the one that needs the least GPU memory."""
GGUF_LADDER: tuple[Mode, ...] = ("gguf", "sequential")
WHOLE: frozenset[Mode] = frozenset({"full", "fp8", "gguf"})
"""Modes that keep the weights on the GPU."""
OFFLOADING: frozenset[Mode] = frozenset({"group-offload", "sequential"})
"""Modes that keep the weights in the computer's memory."""

GIBIBYTE = 1 << 30
OVERHEAD_BYTES = GIBIBYTE
"""GPU memory for CUDA's context and the buffers of libraries."""
USABLE_SHARE = 0.95
"""Maximum share of the free GPU memory that a mode may need; other programs may take more memory later."""
MIN_BITS_FOR_SYNC = 8
"""Mean number of bits per weight below which a GGUF file gets a warning: users report a loss of sync."""
EFFICIENCY = 0.6
"""Speed of a sampling step, divided by the speed of a large matrix product, both in operations per second. A
step is slower because of attention, norms and kernel launches."""
VIDEO_WEIGHTS_SHARE = 0.7
"""Share of a block's weights that process video tokens; the others process audio or text."""

MAX_BATCHED_TOKENS = 4096
"""Maximum number of tokens, summed over guidance passes, that run through a block together. This many
already use the GPU fully; running more together would take more memory, but would not be faster."""

REFINING_STEPS = 3
"""Number of sampling steps in the second stage, as in LTX's official pipeline."""
STILL_FRAMES = 25
"""The image is encoded as a video in which every frame is the image. This is the maximum number of frames of
that video."""
ENCODER_BYTES = 134
"""Workspace of the video VAE's encoder in bytes per pixel of all encoded frames, measured at two sizes."""
DECODER_BYTES = 830_000
"""Workspace of the video VAE's decoder in bytes per latent position (see DECODER_TOKENS), measured at three
sizes."""
DECODER_CONTEXT = 10
"""Number of latent frames on each side of a window that are decoded as context. With this context, the frames
differ by less than 3e-5 from the frames of a clip that is decoded as a whole."""
DECODER_TOKENS = 28_000
"""Maximum number of latent positions (frames x height x width) that are decoded together, including context:
31 latent frames at 1280x704, or all 33 of a clip of 257 frames at 832x448. Decoding more at a time is not
faster."""
MIN_WINDOW_LATENTS = 4
"""Minimum number of latent frames that are decoded together, even if that takes more memory than is free."""


@dataclass(frozen=True, slots=True)
class ModelSizes:
    """Sizes of a model's weights, in bytes.

    For the text encoder, the upsampler and a GGUF transformer, this is the size of the files. All other sizes
    assume 16 bits per weight.
    """

    transformer: int
    blocks: int
    """Number of transformer blocks."""
    rest: int
    """Bytes of the transformer outside the blocks."""
    width: int
    """Number of channels of a video token."""
    text_encoder: int
    connectors: int
    video_vae: int
    upsampler: int = 0
    """Bytes of the latent upsampler, which sampling in two stages needs; 0 if there is none."""
    bits: float = 16.0
    """Mean number of bits per weight of the transformer."""
    quantized: int = 0
    """Bytes of the transformer in modes that keep quantized weights (8 or 4 bits); 0 if no weight is
    quantized."""
    gguf: bool = False
    """True if the transformer is a GGUF file."""

    @property
    def ladder(self) -> tuple[Mode, ...]:
        """The possible memory modes, from the fastest to the one that needs the least GPU memory."""
        return GGUF_LADDER if self.gguf else LADDER

    @property
    def block(self) -> int:
        """Bytes of one block of the transformer."""
        return (self.transformer - self.rest) // max(self.blocks, 1)

    @property
    def transformer_kept_quantized(self) -> int:
        """Bytes of the transformer if quantized weights stay quantized.

        If no weight is quantized, this equals `transformer`.
        """
        return self.quantized or self.transformer

    @property
    def block_kept_quantized(self) -> int:
        """Bytes of one block if quantized weights stay quantized.

        This assumes that no weight outside the blocks is quantized.
        """
        return max(0, self.transformer_kept_quantized - self.rest) // max(self.blocks, 1)


@dataclass(frozen=True, slots=True)
class Clip:
    """The largest part of a video that is sampled in one run."""

    frames: int
    width: int
    height: int
    rows: int = 1
    """Number of guidance passes that run through the model as one batch."""
    steps: int = 1
    refining_steps: int = 0
    """Number of steps of the second stage, which runs at full size without guidance, after a first stage at
    half size; 0 if there is only one stage."""
    video_frames: int = 0
    """Number of frames of the whole video, which is decoded in windows; 0 if the clip is the whole video."""

    @property
    def stages(self) -> tuple[Clip, ...]:
        """One clip per stage, each with the size, passes and steps of that stage."""
        if not self.refining_steps:
            return (self,)
        half = replace(self, width=self.width // 2, height=self.height // 2, refining_steps=0)
        return half, replace(self, rows=1, steps=self.refining_steps, refining_steps=0)

    @property
    def tokens(self) -> int:
        """Number of video tokens.

        Each token covers 32 x 32 pixels of eight frames. The tokens of the first frame cover only this frame.
        """
        return latent_frames(self.frames) * self.tokens_per_latent

    @property
    def tokens_per_latent(self) -> int:
        """Number of tokens of one latent frame."""
        return (self.height // 32) * (self.width // 32)


@dataclass(frozen=True, slots=True)
class Speed:
    """The measured speed of the machine."""

    flops: float
    """Floating point operations per second in a large matrix product."""
    transfer: float
    """Bytes per second from pinned memory to the GPU."""
    unpinned: float | None = None
    """Bytes per second to the GPU from memory that is not pinned; None if it is as fast as from pinned
    memory."""


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """The chosen memory mode and its cost."""

    mode: Mode
    why: str
    bytes: int
    """Maximum use of GPU memory in bytes."""
    offload_text: bool
    """True if text encoder and connectors are copied to the GPU layer by layer, because they do not fit as a
    whole, or because the mode saves memory."""
    seconds: float | None = None
    """Estimated time of all sampling steps in seconds; None if unknown."""
    room_bytes: int | None = None
    """GPU memory, in bytes, for encoding the image and decoding the video next to a transformer that stays
    loaded; None if the mode does not keep the transformer loaded."""
    findings: tuple[Finding, ...] = ()

    def describe(self) -> str:
        """Return a description of the plan in one line."""
        time = "" if self.seconds is None else f", about {_duration(self.seconds)} of sampling"
        where = "" if self.mode == "cpu" else f", about {self.bytes / GIBIBYTE:.1f} GiB of GPU memory"
        return f"memory mode {self.mode} ({self.why}){where}{time}"


def clip_of(shot: Shot) -> Clip:
    """Return the largest part of a shot that is sampled in one run."""
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
    """Return the memory mode in a value of --memory; None if `plan` has to choose.

    Raises:
        UsageError: The mode is unknown.
    """
    if name is None or name in {"auto", ""}:
        return None
    for mode in MODES:
        if name == mode:
            return mode
    raise UsageError(f"--memory {name!r} is unknown", hint=f"use one of {', '.join(MODES)}")


def activation_bytes(clip: Clip, *, width: int) -> int:
    """Return the GPU memory, in bytes, that sampling needs in addition to the weights.

    A row is one guidance pass. Each row needs one tensor for its tokens. While a row runs through a block, it
    needs nine more tensors, for keys, values, and queries (which are rotated in 32 bits). If there are two or
    more rows, one further tensor is needed. The result is within 10 % of measurements at four sizes.
    """
    together = min(clip.rows, max(1, MAX_BATCHED_TOKENS // clip.tokens))
    return 2 * clip.tokens * width * (9 * together + clip.rows + (clip.rows > 1))


def latents_per_decode(latents: int, tokens_per_latent: int, free_bytes: int | None) -> int:
    """Return how many latent frames to decode at a time, not counting context frames.

    `free_bytes` is the free GPU memory in bytes; None if unknown.
    """
    tokens = DECODER_TOKENS
    if free_bytes is not None:
        tokens = min(tokens, int(USABLE_SHARE * free_bytes) // DECODER_BYTES)
    if latents * tokens_per_latent <= tokens:
        return latents
    return max(MIN_WINDOW_LATENTS, tokens // tokens_per_latent - 2 * DECODER_CONTEXT)


def encoding_bytes(sizes: ModelSizes, clip: Clip) -> int:
    """Return the GPU memory for encoding the image, in bytes."""
    pixels = clip.width * clip.height * min(STILL_FRAMES, clip.frames)
    return sizes.video_vae + OVERHEAD_BYTES + ENCODER_BYTES * pixels


def decoding_bytes(sizes: ModelSizes, clip: Clip, free_bytes: int) -> int:
    """Return the GPU memory, in bytes, that decoding will use if `free_bytes` are free.

    With more free memory, more latents are decoded together, up to DECODER_TOKENS.
    """
    resting = sizes.video_vae + OVERHEAD_BYTES
    free = max(0, free_bytes - resting)
    latents = latent_frames(clip.video_frames or clip.frames)
    window = latents_per_decode(latents, clip.tokens_per_latent, free)
    decoded = min(latents, window + 2 * DECODER_CONTEXT)
    return resting + min(int(USABLE_SHARE * free), DECODER_BYTES * decoded * clip.tokens_per_latent)


def room_bytes(sizes: ModelSizes, clip: Clip) -> int:
    """Return the GPU memory, in bytes, for encoding the image and for decoding as fast as possible."""
    return max(encoding_bytes(sizes, clip), decoding_bytes(sizes, clip, sys.maxsize))


def text_bytes(sizes: ModelSizes, *, offloaded: bool) -> int:
    """Return the GPU memory for encoding a prompt, in bytes.

    If the networks are offloaded, only the largest layer counts: the embedding of Gemma's vocabulary, a tenth
    of all weights.
    """
    whole = max(sizes.text_encoder + sizes.connectors, 1)
    return OVERHEAD_BYTES + (whole // 10 if offloaded else whole)


def needed_bytes(mode: Mode, sizes: ModelSizes, clip: Clip) -> int:
    """Return the GPU memory, in bytes, that a mode needs for sampling and for encoding the image."""
    if mode == "cpu":
        return 0
    whole = sizes.transformer
    unpacked = sizes.block // 2 if sizes.quantized else 0
    weights: Mapping[Mode, int] = {
        "full": whole,
        "gguf": whole + sizes.block // 2,
        # A single layer is upcast at a time; the largest one, in the time embedding, is less than half a
        # block.
        "fp8": (sizes.quantized or whole // 2) + sizes.block // 2,
        # The block that runs, and the next block, which is copied.
        "group-offload": sizes.rest + 2 * sizes.block_kept_quantized + unpacked,
        "sequential": sizes.block_kept_quantized + unpacked,
    }
    workspace = max(activation_bytes(stage, width=sizes.width) for stage in clip.stages)
    enlarging = sizes.upsampler if clip.refining_steps else 0
    sampling = weights[mode] + sizes.video_vae + enlarging + workspace + OVERHEAD_BYTES
    return max(sampling, encoding_bytes(sizes, clip))


def needed_seconds(mode: Mode, sizes: ModelSizes, clip: Clip, speed: Speed) -> float:
    """Estimate the time of all sampling steps in seconds.

    A step takes two operations per weight, token and guidance pass, plus the attention over all tokens.
    Offloaded weights are copied once per step; group-offload copies them from pinned memory. (Copies overlap
    little with computation: on an H200, a step took as long as computation and copies together.)
    """
    if clip.refining_steps:
        return sum(needed_seconds(mode, sizes, stage, speed) for stage in clip.stages)
    weights = sizes.transformer * 8 / sizes.bits
    attention = 4 * clip.tokens * sizes.width * sizes.blocks
    work = (
        clip.rows * clip.tokens * (2 * VIDEO_WEIGHTS_SHARE * weights + attention) / (speed.flops * EFFICIENCY)
    )
    bytes_per_s = {"group-offload": speed.transfer, "sequential": speed.unpinned or speed.transfer}.get(mode)
    return clip.steps * (work + (sizes.transformer_kept_quantized / bytes_per_s if bytes_per_s else 0.0))


def plan(
    free_bytes: int | None,
    sizes: ModelSizes,
    clip: Clip,
    *,
    asked: Mode | None = None,
    ram_bytes: int | None = None,
) -> MemoryPlan:
    """Choose the memory mode of a model, or check the mode that the user chose; return it with its cost.

    Args:
        free_bytes: Free memory of the GPU; None if there is no GPU.
        sizes: Sizes of the model's weights.
        clip: The clip to sample.
        asked: The mode in --memory; None to choose.
        ram_bytes: Free memory of the computer; None if unknown.

    Raises:
        UsageError: The mode in --memory is impossible with the weights or the machine.
        EngineOutOfMemory: Not even the mode that needs the least memory fits in GPU memory.
    """
    mode, why = _asked(asked, sizes, free_bytes) if asked else _chosen(free_bytes, sizes, clip)
    free = free_bytes or 0
    offload_text = mode in OFFLOADING or (
        mode != "cpu" and text_bytes(sizes, offloaded=False) > USABLE_SHARE * free
    )
    stages = (
        needed_bytes(mode, sizes, clip),
        decoding_bytes(sizes, clip, free),
        text_bytes(sizes, offloaded=offload_text),
    )
    found = []
    if sizes.gguf and sizes.bits < MIN_BITS_FOR_SYNC:
        found.append(findings.LOW_PRECISION(bits=sizes.bits, limit=MIN_BITS_FOR_SYNC))
    in_ram = max(sizes.transformer_kept_quantized, sizes.text_encoder)
    if mode in {*OFFLOADING, "cpu"} and ram_bytes is not None and in_ram > ram_bytes:
        needed, there = in_ram / GIBIBYTE, ram_bytes / GIBIBYTE
        found.append(findings.LITTLE_RAM(mode=mode, needed_gib=needed, free_gib=there))
    return MemoryPlan(
        mode=mode,
        why=why,
        bytes=0 if mode == "cpu" else max(stages),
        offload_text=offload_text,
        room_bytes=room_bytes(sizes, clip) if mode in WHOLE else None,
        findings=tuple(found),
    )


def next_mode(mode: Mode, sizes: ModelSizes) -> Mode | None:
    """Return the next memory mode, slower and with less GPU memory than `mode`; None after the last mode."""
    return dict(pairwise(sizes.ladder)).get(mode)


def _asked(mode: Mode, sizes: ModelSizes, free_bytes: int | None) -> tuple[Mode, str]:
    modes = (*sizes.ladder, "cpu")
    if mode not in modes:
        what = "GGUF file" if sizes.gguf else "model that is not a GGUF file"
        raise UsageError(
            f"--memory {mode} cannot be used with a {what}", hint=f"use one of {', '.join(modes)}"
        )
    if mode != "cpu" and free_bytes is None:
        raise UsageError(
            f"--memory {mode} needs a GPU, and torch finds none",
            hint="leave --memory out, or use --memory cpu",
        )
    return mode, "asked for"


def _chosen(free_bytes: int | None, sizes: ModelSizes, clip: Clip) -> tuple[Mode, str]:
    if free_bytes is None:
        return "cpu", "torch finds no GPU"
    usable = free_bytes * USABLE_SHARE
    for mode in sizes.ladder:
        if needed_bytes(mode, sizes, clip) <= usable:
            return mode, f"{free_bytes / GIBIBYTE:.1f} GiB of GPU memory are free"
    last = sizes.ladder[-1]
    least = needed_bytes(last, sizes, clip)
    raise EngineOutOfMemory(
        f"a clip of {clip.frames} frames at {clip.width}x{clip.height} needs about {least / GIBIBYTE:.1f} "
        f"GiB of GPU memory even in memory mode {last}, but only {free_bytes / GIBIBYTE:.1f} GiB are free",
        hint="close other programs that use the GPU, or use a smaller --size or a lower --fps",
    )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
