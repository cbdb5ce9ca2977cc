"""Running one transformer block for all guidance passes, on diffusers' modules.

The passes are the rows of a batch. The arithmetic is that of LTX2VideoTransformerBlock.forward, with three
savings. Rows that are still equal are computed once. Audio that is not needed later is not computed. And the
rows run in groups that are just large enough to keep the machine busy, so that the workspace does not grow
with the number of passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from diffusers.models.transformers.transformer_ltx2 import LTX2VideoTransformerBlock
from torch import Tensor, nn

from lipwright.diffusion.guiders import Pass
from lipwright.engines.ltx.attention import Rope, attend, project_keys
from lipwright.engines.ltx.guidance_batch import PassRows, text_groups
from lipwright.engines.ltx.loading.memory_plan import MAX_BATCHED_TOKENS
from lipwright.engines.ltx.modulation import Modulation, add_gated, scaled


@dataclass(frozen=True, slots=True)
class Stream:
    """Inputs of one modality, video or audio, that all blocks share in a step."""

    text: Tensor
    """Encoded prompts, shape (1 or 2, tokens, channels): the positive prompt, then the negative prompt if
    there is one."""
    time: Modulation
    prompt: Modulation | None
    """Scale and shift of `text`, computed from the noise level; None if the model does not compute them."""
    cross: Modulation
    """Scale and shift for the cross attention with the other modality."""
    gate: Modulation
    rope: Rope
    cross_rope: Rope


@dataclass(frozen=True, slots=True)
class BlockTask:
    """Inputs of a block, and the parts that it skips."""

    video: Stream
    audio: Stream
    perturbed: bool = False
    """True if the perturbed pass skips the self attention of the video in this block."""
    perturb_audio: bool = False
    """True if the perturbed pass also skips the self attention of the audio in this block."""
    last_for_audio: bool = False
    """True if the audio is not needed after this block."""


def run_block(block: LTX2VideoTransformerBlock, rows: PassRows, task: BlockTask) -> None:
    """Run the video and audio of all rows through a block, in place."""
    if task.perturbed and Pass.PERTURBED not in rows.names:
        rows.fork_perturbed()
    video, audio = (
        _ModalityLayers(block, prefix, stream)
        for prefix, stream in (("", task.video), ("audio_", task.audio))
    )
    video.self_attention(rows.video, _row(rows.names, task.perturbed))
    rows.split_video()
    audio.self_attention(rows.audio, _row(rows.audio_names, task.perturb_audio))
    video.text_attention(rows.video, rows.names)
    if not rows.audio_frozen:
        rows.split_audio()
    alike = (Pass.POSITIVE,) * len(rows.audio)
    audio.text_attention(rows.audio, alike if rows.audio_frozen else rows.audio_names)
    rows.split_audio()
    _cross_attention(block, rows, task)
    video.feed_forward(rows.video)
    if not task.last_for_audio:
        audio.feed_forward(rows.audio)


class _ModalityLayers:
    """The self attention, text attention and feed-forward of one modality in a block."""

    def __init__(self, block: LTX2VideoTransformerBlock, prefix: str, stream: Stream) -> None:
        self.stream = stream

        def part(name: str) -> nn.Module:
            module: nn.Module = getattr(block, prefix + name)
            return module

        self.norm1, self.norm2, self.norm3 = part("norm1"), part("norm2"), part("norm3")
        self.attn1, self.attn2, self.ff = part("attn1"), part("attn2"), part("ff")
        self.values = stream.time.spread(getattr(block, f"{prefix}scale_shift_table"))
        self.prompt_table = getattr(block, f"{prefix}prompt_scale_shift_table", None)

    def self_attention(self, x: Tensor, values_only: int | None) -> None:
        shift, scale, gate = self.values[:3]
        for first, last in _row_groups(x):
            normed = scaled(self.norm1(x[first:last]), scale, shift)
            keys = project_keys(self.attn1, normed, self.stream.rope)
            has_row = values_only is not None and first <= values_only < last
            at = values_only - first if has_row and values_only is not None else None
            attended = attend(self.attn1, normed, keys, rope=self.stream.rope, values_only=at)
            add_gated(x[first:last], gate, attended)

    def text_attention(self, x: Tensor, names: tuple[Pass, ...]) -> None:
        text = self.stream.text
        if self.prompt_table is not None:
            if self.stream.prompt is not None:
                shift, scale = (part.flatten(1, 2) for part in self.stream.prompt.spread(self.prompt_table))
            else:
                shift, scale = self.prompt_table[None, None].to(text).unbind(2)
            text = text * (1 + scale) + shift
        keys = project_keys(self.attn2, text)
        for first, last in _row_groups(x):
            normed = self.norm2(x[first:last])
            gate = None
            if len(self.values) > 6:
                shift_q, scale_q, gate = self.values[6:9]
                normed = scaled(normed, scale_q, shift_q)
            attended = attend(self.attn2, normed, keys, groups=text_groups(names, first, last))
            add_gated(x[first:last], gate, attended)

    def feed_forward(self, x: Tensor) -> None:
        shift, scale, gate = self.values[3:6]
        for first, last in _row_groups(x):
            normed = scaled(self.norm3(x[first:last]), scale, shift)
            # Tokens run in groups, because the inner layer is four times as wide.
            for tokens in normed.flatten(0, 1).split(MAX_BATCHED_TOKENS):
                tokens.copy_(self.ff(tokens))
            add_gated(x[first:last], gate, normed)


def _cross_attention(block: LTX2VideoTransformerBlock, rows: PassRows, task: BlockTask) -> None:
    """Apply cross attention between video and audio; compute both directions before adding the results."""
    x, y = rows.cross_attending_video(), rows.cross_attending_audio()
    video_table, audio_table = (
        block.video_a2v_cross_attn_scale_shift_table,
        block.audio_a2v_cross_attn_scale_shift_table,
    )
    for_video = task.video.cross.spread(video_table[:4])
    for_audio = task.audio.cross.spread(audio_table[:4])
    (video_gate,) = task.video.gate.spread(video_table[4:])
    (audio_gate,) = task.audio.gate.spread(audio_table[4:])
    video_rope, audio_rope = task.video.cross_rope, task.audio.cross_rope
    for first, last in _row_groups(x):
        video, audio = block.audio_to_video_norm(x[first:last]), block.video_to_audio_norm(y[first:last])
        if not task.last_for_audio:
            keys = project_keys(
                block.video_to_audio_attn, scaled(video, for_video[2], for_video[3]), video_rope
            )
            audio_attended = attend(
                block.video_to_audio_attn, scaled(audio, for_audio[2], for_audio[3]), keys, rope=audio_rope
            )
        keys = project_keys(block.audio_to_video_attn, scaled(audio, for_audio[0], for_audio[1]), audio_rope)
        attended = attend(
            block.audio_to_video_attn, scaled(video, for_video[0], for_video[1]), keys, rope=video_rope
        )
        add_gated(x[first:last], video_gate, attended)
        if not task.last_for_audio:
            add_gated(y[first:last], audio_gate, audio_attended)


def _row(names: tuple[Pass, ...], perturbed: bool) -> int | None:
    return names.index(Pass.PERTURBED) if perturbed else None


def _row_groups(x: Tensor) -> Iterator[tuple[int, int]]:
    """Yield the groups of rows that run together, as (first row, one past the last row)."""
    step = max(1, MAX_BATCHED_TOKENS // x.shape[1])
    for first in range(0, len(x), step):
        yield first, min(first + step, len(x))
