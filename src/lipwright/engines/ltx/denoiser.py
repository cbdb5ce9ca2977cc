"""LTX-2's transformer as a `Denoiser` of lipwright.diffusion, which runs all guidance passes together.

If the audio is frozen, parts that are not needed are not computed: the audio head, the attention of the audio
to the video in the last block, and the audio in the guidance pass in which audio and video are isolated from
each other. Positions are embedded once per clip.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import torch
from diffusers import LTX2VideoTransformer3DModel
from torch import Tensor, nn

from lipwright.diffusion.guiders import Pass
from lipwright.diffusion.sample import DenoiserInput, Prediction
from lipwright.diffusion.state import VideoShape
from lipwright.diffusion.steps import velocity_to_x0
from lipwright.engines.ltx.blocks import BlockTask, Stream, run_block
from lipwright.engines.ltx.forward_patching import patched_forward
from lipwright.engines.ltx.guidance_batch import PassRows
from lipwright.engines.ltx.modulation import LevelGroups, Modulation, embed, scaled

CrossTiming = Literal["core12", "core10", "own"]
"""Which noise level sets scale, shift and gate of the attention between two streams, audio and video.

    core12  scale and shift: the stream's own level per token; gate: the other stream's scalar level
            (ltx-core 1.2, ComfyUI)
    core10  all three: the other stream's scalar level (ltx-core 1.0; diffusers' use_cross_timestep=True)
    own     all three: the stream's own level per token (LTX-2.0; diffusers' use_cross_timestep=False)
"""
CROSS_TIMING: CrossTiming = "core12"
"""The variant of CrossTiming that is used for all model families."""


@dataclass(frozen=True, slots=True)
class Text:
    """An encoded prompt."""

    video: Tensor
    """Encoding for the video, shape (1, tokens, channels)."""
    audio: Tensor
    """Encoding for the audio, shape (1, tokens, channels)."""


class LtxDenoiser:
    """Predicts the clean latents of one clip.

    Args:
        transformer: The transformer in evaluation mode, on the device of the latents.
        shape: Shape of the video latents, in a batch of one.
        audio_length: Number of audio latents.
        frame_rate: Frames per second, for the conversion of positions to seconds.
        positive: The encoded prompt.
        negative: The encoded negative prompt; None if there is no negative pass.
        audio_frozen: True if the audio is frozen, so that no prediction of the audio is needed. As in the
            official audio-to-video pipeline, the audio of the negative pass then keeps the positive prompt,
            and the perturbed pass perturbs only the video.
        cross_timing: Which noise level modulates the attention between audio and video.
        stg_blocks: Indices of the blocks whose self attention the perturbed pass skips.
        guide_frames: Indices of the frames in the clip that are guided by an image. `shape` covers the latent
            frames of the clip, followed by one latent frame for each guiding image (as in ltx-core's
            VideoConditionByKeyframeIndex for one pixel frame).
    """

    def __init__(
        self,
        transformer: LTX2VideoTransformer3DModel,
        *,
        shape: VideoShape,
        audio_length: int,
        frame_rate: Fraction,
        positive: Text,
        negative: Text | None = None,
        audio_frozen: bool = True,
        cross_timing: CrossTiming = CROSS_TIMING,
        stg_blocks: tuple[int, ...] = (28,),
        guide_frames: tuple[int, ...] = (),
    ) -> None:
        self.net, self.shape = transformer, shape
        self.audio_frozen, self.cross_timing = audio_frozen, cross_timing
        self.stg_blocks = frozenset(stg_blocks)
        device = positive.video.device
        self.dtype = positive.video.dtype
        texts = (positive,) if negative is None else (positive, negative)
        self._video_text = torch.cat([text.video for text in texts])
        self._audio_text = positive.audio if audio_frozen else torch.cat([text.audio for text in texts])
        net = transformer
        with torch.no_grad():
            video = net.rope.prepare_video_coords(
                1, shape.frames, shape.height, shape.width, device, fps=float(frame_rate)
            )
            if guide_frames:
                at = torch.tensor(guide_frames, device=device).repeat_interleave(shape.tokens_per_frame)
                video[:, 0, -len(at) :] = torch.stack([at, at + 1], -1) / float(frame_rate)
            audio = net.audio_rope.prepare_audio_coords(1, audio_length, device)
            self._ropes = net.rope(video), net.audio_rope(audio)
            self._cross_ropes = net.cross_attn_rope(video[:, :1]), net.cross_attn_audio_rope(audio[:, :1])
        self._levels: tuple[LevelGroups, LevelGroups] | None = None

    @torch.no_grad()
    def __call__(self, x: DenoiserInput, passes: tuple[Pass, ...]) -> Mapping[Pass, Prediction]:
        """Return the predicted x0 of each pass; see `lipwright.diffusion.sample.Denoiser`."""

        def run(index: int) -> Callable[[PassRows, BlockTask], None]:
            return lambda rows, task: run_block(self.net.transformer_blocks[index], rows, task)

        blocks = self.net.transformer_blocks
        forwards: dict[nn.Module, Callable[..., Any]] = {
            block: run(index) for index, block in enumerate(blocks)
        }
        with patched_forward({**forwards, self.net: self._run}):
            names, video, audio = self.net(x, passes)
        return {
            name: Prediction(
                _x0(x.video, video[row], x.video_sigmas),
                None if audio is None else _x0(x.audio, audio[row], x.audio_sigmas),
            )
            for row, name in enumerate(names)
        }

    def _run(
        self, x: DenoiserInput, passes: tuple[Pass, ...]
    ) -> tuple[tuple[Pass, ...], Tensor, Tensor | None]:
        """Predict the velocities of video and audio for all passes.

        `__call__` calls the transformer with this method in place of the transformer's own `forward`.

        Returns:
            The passes in row order, the velocity of the video, and the velocity of the audio (None if the
            audio is frozen). Each velocity has one row per pass.
        """
        net = self.net
        rows = PassRows.begin(
            passes,
            net.proj_in(x.video.to(self.dtype)),
            net.audio_proj_in(x.audio.to(self.dtype)),
            audio_frozen=self.audio_frozen,
        )
        video, audio, video_time, audio_time = self._streams(x, with_negative=Pass.NEGATIVE in passes)
        last = len(net.transformer_blocks) - 1
        for index, block in enumerate(net.transformer_blocks):
            perturbed = Pass.PERTURBED in passes and index in self.stg_blocks
            block(
                rows,
                BlockTask(
                    video,
                    audio,
                    perturbed=perturbed,
                    perturb_audio=perturbed and not self.audio_frozen,
                    last_for_audio=self.audio_frozen and index == last,
                ),
            )
        shift, scale = video_time.spread(net.scale_shift_table)
        out = torch.cat([net.proj_out(scaled(net.norm_out(row[None]), scale, shift)) for row in rows.video])
        if self.audio_frozen:
            return rows.names, out, None
        shift, scale = audio_time.spread(net.audio_scale_shift_table)
        return rows.names, out, net.audio_proj_out(scaled(net.audio_norm_out(rows.audio), scale, shift))

    def _streams(
        self, x: DenoiserInput, *, with_negative: bool
    ) -> tuple[Stream, Stream, Modulation, Modulation]:
        """Return the streams of video and audio for a step, and the modulations of their output layers."""
        net, dtype, config = self.net, self.dtype, self.net.config
        video_levels, audio_levels = self._known_levels(x)
        factor = config.timestep_scale_multiplier
        gate_factor = config.cross_attn_timestep_scale_multiplier / factor
        own = video_levels.levels(x.video_sigmas) * factor, audio_levels.levels(x.audio_sigmas) * factor
        index = video_levels.index, audio_levels.index
        scalar = tuple(
            torch.full((1,), sigma * factor, device=x.video.device)
            for sigma in (x.video_sigma, x.audio_sigma)
        )
        prompted = net.prompt_modulation and config.use_prompt_adaln_single
        names = (
            ("time_embed", "prompt_adaln", "av_cross_attn_video_scale_shift", "av_cross_attn_video_a2v_gate"),
            (
                "audio_time_embed",
                "audio_prompt_adaln",
                "av_cross_attn_audio_scale_shift",
                "av_cross_attn_audio_v2a_gate",
            ),
        )
        streams, heads = [], []
        for modality, text in enumerate((self._video_text, self._audio_text)):
            time, prompt, cross, gate = names[modality]
            values, embedded = embed(getattr(net, time), own[modality], dtype)
            mine, other = (own[modality], index[modality]), (scalar[1 - modality], None)
            for_cross = other if self.cross_timing == "core10" else mine
            for_gate = mine if self.cross_timing == "own" else other
            streams.append(
                Stream(
                    text=self._projected(modality, text if with_negative else text[:1]),
                    time=Modulation(values, index[modality]),
                    prompt=Modulation(embed(getattr(net, prompt), scalar[modality], dtype)[0], None)
                    if prompted
                    else None,
                    cross=Modulation(embed(getattr(net, cross), for_cross[0], dtype)[0], for_cross[1]),
                    gate=Modulation(
                        embed(getattr(net, gate), for_gate[0] * gate_factor, dtype)[0], for_gate[1]
                    ),
                    rope=self._ropes[modality],
                    cross_rope=self._cross_ropes[modality],
                )
            )
            heads.append(Modulation(torch.cat([embedded, embedded], -1), index[modality]))
        return streams[0], streams[1], heads[0], heads[1]

    def _known_levels(self, x: DenoiserInput) -> tuple[LevelGroups, LevelGroups]:
        """Return how video and audio tokens are grouped by noise level; computed only in the first step."""
        if self._levels is None:
            video = LevelGroups.of(x.video_sigmas, self.shape.tokens_per_frame)
            self._levels = video, LevelGroups.of(x.audio_sigmas, 1)
        return self._levels

    def _projected(self, modality: int, text: Tensor) -> Tensor:
        """Apply the transformer's text projection for the video (`modality` 0) or the audio (`modality` 1).

        Only LTX-2.0 has such projections; with other models, the text is returned unchanged.
        """
        if not self.net.config.use_prompt_embeddings:
            return text
        projection = self.net.audio_caption_projection if modality else self.net.caption_projection
        projected: Tensor = projection(text)
        return projected


def _x0(x: Tensor, velocity: Tensor, sigmas: Tensor) -> Tensor:
    x0: Tensor = velocity_to_x0(x, velocity[None].to(x.dtype), sigmas)
    return x0
