"""The two networks: the encoder (with the regression on top) and the dual-stream transformer.

Both are written in operations that ONNX has, with no state beyond their weights.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lipwright.domain.grid import FRAMES_PER_LATENT
from lipwright.domain.motion import LEARNED_CHANNELS
from lipwright.motion.mel import BANDS
from lipwright.motion.mel import FRAMES_PER_LATENT as MEL_PER_LATENT
from lipwright.motion.styles import NULL_STYLE

MOUTH_CHANNELS = 8
"""Channels that the regression predicts: jawOpen to tongueOut."""
AUDIO_DIM = 128
VIDEO_DIM = FRAMES_PER_LATENT * len(LEARNED_CHANNELS)


class _ConvBlock(nn.Module):
    """ConvNeXt in one dimension: depthwise mixing in time, then a pointwise MLP (Liu et al. 2022)."""

    def __init__(self, dim: int, kernel: int, expansion: float) -> None:
        super().__init__()
        hidden = int(dim * expansion)
        self.mix = nn.Conv1d(dim, dim, kernel, padding=kernel // 2, groups=dim)
        self.norm = nn.LayerNorm(dim)
        self.up, self.down = nn.Linear(dim, hidden), nn.Linear(hidden, dim)
        self.scale = nn.Parameter(torch.full((dim,), 0.1))

    def forward(self, x: Tensor) -> Tensor:
        y = self.mix(x.transpose(1, 2)).transpose(1, 2)
        return x + self.scale * self.down(nn.functional.gelu(self.up(self.norm(y))))


class Encoder(nn.Module):
    """Normalized log-mel (B, 4 L, 64) -> features (B, L, 192), and from them the mouth (B, 4 L, 8)."""

    FEATURES = 192

    def __init__(self, dim: int = 224, blocks: int = 6, kernel: int = 9, expansion: float = 2.0) -> None:
        super().__init__()
        self.stem = nn.Conv1d(BANDS * MEL_PER_LATENT, dim, 3, padding=1)
        self.blocks = nn.ModuleList(_ConvBlock(dim, kernel, expansion) for _ in range(blocks))
        self.norm = nn.LayerNorm(dim)
        self.features = nn.Linear(dim, self.FEATURES)
        self.mouth = nn.Linear(self.FEATURES, MOUTH_CHANNELS * MEL_PER_LATENT)

    def forward(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        batch, frames, _ = mel.shape
        x = mel.reshape(batch, frames // MEL_PER_LATENT, BANDS * MEL_PER_LATENT)
        x = self.stem(x.transpose(1, 2)).transpose(1, 2)
        for block in self.blocks:
            x = block(x)
        features = torch.tanh(self.features(self.norm(x)) / 3) * 3
        return features, self.mouth(features).reshape(batch, frames, MOUTH_CHANNELS)


class FrozenEncoder(nn.Module):
    """The encoder as it ships: latents (B, L, 128) of zero mean and unit variance, and the mouth."""

    def __init__(self, encoder: Encoder, mean: Tensor, basis: Tensor) -> None:
        super().__init__()
        self.encoder = encoder
        self.register_buffer("mean", mean)
        self.register_buffer("basis", basis)

    def forward(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        features, mouth = self.encoder(mel)
        return (features - self.mean) @ self.basis, mouth


@dataclass(frozen=True)
class DenoiserSize:
    """Widths of the transformer."""

    video: int = 192
    audio: int = 64
    video_heads: int = 12
    audio_heads: int = 4
    layers: int = 4
    audio_kernel: int = 5


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary position embedding, split halves (Su et al. 2021). x (B, H, T, D); cos, sin (T, D/2)."""
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


class _RmsNorm(nn.Module):
    """torch.nn.RMSNorm in operations that the ONNX exporter knows at opset 17."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x: Tensor) -> Tensor:
        return x * (x.pow(2).mean(-1, keepdim=True) + 1e-6).rsqrt() * self.weight


class _Attention(nn.Module):
    def __init__(self, dim: int, context: int, heads: int) -> None:
        super().__init__()
        self.heads, self.head_dim = heads, dim // heads
        self.q, self.k, self.v = nn.Linear(dim, dim), nn.Linear(context, dim), nn.Linear(context, dim)
        self.q_norm, self.k_norm = _RmsNorm(self.head_dim), _RmsNorm(self.head_dim)
        self.out = nn.Linear(dim, dim)
        # radians per second: wavelengths from 25 s (place in the clip) down to 80 ms (two audio latents)
        hz = torch.logspace(math.log10(1 / 25), math.log10(1 / 0.08), self.head_dim // 2)
        self.register_buffer("omega", 2 * math.pi * hz)

    def forward(self, x: Tensor, context: Tensor, x_at: Tensor, context_at: Tensor) -> Tensor:
        batch, length, dim = x.shape

        def split(t: Tensor) -> Tensor:
            return t.reshape(batch, -1, self.heads, self.head_dim).transpose(1, 2)

        q, k, v = self.q_norm(split(self.q(x))), self.k_norm(split(self.k(context))), split(self.v(context))
        q_angle, k_angle = x_at[:, None] * self.omega, context_at[:, None] * self.omega
        q = _rotate(q, q_angle.cos(), q_angle.sin()) * (2.0 / math.sqrt(self.head_dim))
        k = _rotate(k, k_angle.cos(), k_angle.sin())
        attended = nn.functional.scaled_dot_product_attention(q, k, v, scale=1.0)
        return self.out(attended.transpose(1, 2).reshape(batch, length, dim))


class _Stream(nn.Module):
    """One modality's half of a block."""

    def __init__(self, dim: int, other: int, heads: int) -> None:
        super().__init__()
        table = torch.zeros(9, dim)
        table[2::3] = 1  # gates open, so that every path learns from the first step
        self.table = nn.Parameter(table)
        self.own = _Attention(dim, dim, heads)
        self.cross = _Attention(dim, other, heads)
        self.up, self.down = nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)
        self.dim = dim

    def modulation(self, times: Tensor) -> list[Tensor]:
        parts = times.reshape(*times.shape[:-1], 9, self.dim) + self.table
        return list(parts.unbind(-2))

    def norm(self, x: Tensor) -> Tensor:
        return nn.functional.layer_norm(x, (self.dim,))


class _Block(nn.Module):
    """Self attention, audio-video cross attention both ways, MLP; adaptive norms by per-token time."""

    def __init__(self, size: DenoiserSize) -> None:
        super().__init__()
        self.video = _Stream(size.video, size.audio, size.video_heads)
        self.audio = _Stream(size.audio, size.video, size.audio_heads)

    def forward(
        self,
        v: Tensor,
        a: Tensor,
        v_mod: Tensor,
        a_mod: Tensor,
        v_at: Tensor,
        a_at: Tensor,
        joint: Tensor,
        attentive: Tensor | float = 1.0,
    ) -> tuple[Tensor, Tensor]:
        vm, am = self.video.modulation(v_mod), self.audio.modulation(a_mod)
        n = self.video.norm(v) * (1 + vm[1]) + vm[0]
        v = v + self.video.own(n, n, v_at, v_at) * vm[2] * attentive
        n = self.audio.norm(a) * (1 + am[1]) + am[0]
        a = a + self.audio.own(n, n, a_at, a_at) * am[2]
        nv = self.video.norm(v) * (1 + vm[4]) + vm[3]
        na = self.audio.norm(a) * (1 + am[4]) + am[3]
        v = v + self.video.cross(nv, na, v_at, a_at) * vm[5] * joint
        a = a + self.audio.cross(na, nv, a_at, v_at) * am[5] * joint
        n = self.video.norm(v) * (1 + vm[7]) + vm[6]
        v = v + self.video.down(nn.functional.gelu(self.video.up(n))) * vm[8]
        n = self.audio.norm(a) * (1 + am[7]) + am[6]
        a = a + self.audio.down(nn.functional.gelu(self.audio.up(n))) * am[8]
        return v, a


def _fourier(t: Tensor, count: int = 32) -> Tensor:
    """Sinusoids of noise levels in 0..1."""
    omega = torch.exp(torch.linspace(0, math.log(1000.0), count, device=t.device, dtype=t.dtype))
    angle = t[..., None] * omega
    return torch.cat([angle.sin(), angle.cos()], -1)


class _Clock(nn.Module):
    """Compute the modulation of a stream from its noise level, the other's, style and frame length."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.token = nn.Sequential(nn.Linear(64, dim), nn.SiLU(), nn.Linear(dim, dim))
        self.other = nn.Sequential(nn.Linear(64, dim), nn.SiLU(), nn.Linear(dim, dim))
        self.style = nn.Embedding(NULL_STYLE + 1, dim)
        self.frame = nn.Linear(2, dim)
        self.out = nn.Linear(dim, 9 * dim)

    def forward(self, times: Tensor, other: Tensor, style: Tensor, frame_seconds: Tensor) -> Tensor:
        f = frame_seconds[:, None] * 25 - 1
        shared = self.other(_fourier(other)) + self.style(style) + self.frame(torch.cat([f, f * f * 4], -1))
        return self.out(nn.functional.silu(self.token(_fourier(times)) + shared[:, None]))


class _Listen(nn.Module):
    """Every video token reads the audio latents of its own eight frames, at their exact instants.

    A cross attention whose weights are fixed by time: each audio latent is spread to its four mel frames (100
    a second), and interpolated between them. So the model need not learn where to look, which would take most
    of the training, but only what to do with the audio there.
    """

    FEATURES = 24

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.spread = nn.Linear(AUDIO_DIM, MEL_PER_LATENT * self.FEATURES)
        self.join = nn.Linear(FRAMES_PER_LATENT * self.FEATURES, dim)
        self.trust = nn.Linear(64, dim)
        nn.init.zeros_(self.trust.weight)
        nn.init.ones_(self.trust.bias)

    def forward(
        self, audio: Tensor, audio_sigma: Tensor, frame_seconds: Tensor, video_at: Tensor, audio_at: Tensor
    ) -> Tensor:
        batch = audio.shape[0]
        fine = self.spread(audio).reshape(batch, -1, self.FEATURES)
        slots = torch.arange(FRAMES_PER_LATENT, device=audio.device) - 4.0
        frame_at = (video_at[:, None] + slots * frame_seconds[:1]).reshape(-1, 1)
        steps = torch.arange(MEL_PER_LATENT, device=audio.device) * 0.01 - 0.02
        fine_at = (audio_at[:, None] + steps).reshape(1, -1)
        weights = (1 - (frame_at - fine_at).abs() * 100).clamp(min=0)
        read = (weights.to(fine.dtype) @ fine).reshape(batch, -1, FRAMES_PER_LATENT * self.FEATURES)
        return self.join(read) * self.trust(_fourier(audio_sigma))[:, None]


class Denoiser(nn.Module):
    """Velocity of motion and audio latents together: a small version of LTX-2's dual stream.

    forward(video (B,F,112), audio (B,L,128), video_time (B,F), audio_time (B,L), video_sigma (B,),
    audio_sigma (B,), style (B,), frame_seconds (B,), joint (B,) 1 or 0 = modalities isolated,
    attentive (B,) 1 or 0 = one block's video self attention skipped (STG),
    video_at (F,), audio_at (L,) token centers in seconds) -> velocities of both.
    """

    PERTURBED_BLOCK = 2

    def __init__(self, size: DenoiserSize = DenoiserSize()) -> None:
        super().__init__()
        self.size = size
        self.video_in = nn.Linear(VIDEO_DIM, size.video)
        self.audio_in = nn.Conv1d(AUDIO_DIM, size.audio, size.audio_kernel, padding=size.audio_kernel // 2)
        self.listen = _Listen(size.video)
        self.video_clock, self.audio_clock = _Clock(size.video), _Clock(size.audio)
        self.blocks = nn.ModuleList(_Block(size) for _ in range(size.layers))
        self.video_last, self.audio_last = (
            nn.Linear(size.video, 2 * size.video),
            nn.Linear(size.audio, 2 * size.audio),
        )
        self.video_out, self.audio_out = nn.Linear(size.video, VIDEO_DIM), nn.Linear(size.audio, AUDIO_DIM)
        for layer in (self.video_out, self.audio_out, self.video_last, self.audio_last):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(
        self,
        video: Tensor,
        audio: Tensor,
        video_time: Tensor,
        audio_time: Tensor,
        video_sigma: Tensor,
        audio_sigma: Tensor,
        style: Tensor,
        frame_seconds: Tensor,
        joint: Tensor,
        attentive: Tensor,
        video_at: Tensor,
        audio_at: Tensor,
    ) -> tuple[Tensor, Tensor]:
        v_mod = self.video_clock(video_time, audio_sigma, style, frame_seconds)
        a_mod = self.audio_clock(audio_time, video_sigma, style, frame_seconds)
        together = joint[:, None, None]
        heard = self.listen(audio, audio_sigma, frame_seconds, video_at, audio_at)
        v = self.video_in(video) + heard * together
        a = self.audio_in(audio.transpose(1, 2)).transpose(1, 2)
        for i, block in enumerate(self.blocks):
            skip = attentive[:, None, None] if i == self.PERTURBED_BLOCK else 1.0
            v, a = block(v, a, v_mod, a_mod, video_at, audio_at, together, skip)
        v_shift, v_scale = self.video_last(v_mod[..., : self.size.video]).chunk(2, -1)
        a_shift, a_scale = self.audio_last(a_mod[..., : self.size.audio]).chunk(2, -1)
        v = nn.functional.layer_norm(v, (self.size.video,)) * (1 + v_scale) + v_shift
        a = nn.functional.layer_norm(a, (self.size.audio,)) * (1 + a_scale) + a_shift
        return self.video_out(v), self.audio_out(a)
