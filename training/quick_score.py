"""Score a model during training, on held-out speech; training.score prints the final scores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lipwright.domain.grid import AUDIO_LATENTS_PER_SECOND, FRAMES_PER_LATENT
from lipwright.domain.motion import CHANNEL
from lipwright.motion.latents import from_latents, token_seconds
from lipwright.motion.mel import FRAMES_PER_LATENT as MEL_PER_LATENT
from lipwright.motion.mel import HOP, log_mel, normalize
from training.nets import MOUTH_CHANNELS, Denoiser, Encoder, FrozenEncoder

SCORED = ("jawOpen", "mouthStretch", "mouthPucker", "mouthPress")


def held_out_clips(path: Path) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """(kind, normalized mel, curves at 100 Hz) of every held-out clip, by the product's own front end."""
    data = np.load(path)
    clips = []
    for i, voice in enumerate(data["voices"]):
        first, last = data["starts"][i : i + 2]
        audio = data["audio"][first:last].astype(np.float32) / 32768
        frames = len(audio) // HOP // MEL_PER_LATENT * MEL_PER_LATENT
        mel = normalize(log_mel(audio, frames))
        clips.append(
            (str(voice).split(":")[0], mel, data["curves"][first // HOP :][:frames].astype(np.float32))
        )
    return clips


def correlations(pairs: list[tuple[np.ndarray, np.ndarray]]) -> list[float]:
    """Return the mean Pearson correlation of each scored channel over clips, sampled 25 times a second."""
    rows = []
    for made, truth in pairs:
        rows.append([np.corrcoef(made[::4, CHANNEL[c]], truth[::4, CHANNEL[c]])[0, 1] for c in SCORED])
    return [round(float(v), 3) for v in np.nanmean(np.array(rows), 0)]


def by_kind(clips: list, score: Callable[[list], object]) -> dict[str, object]:
    return {kind: score([c for c in clips if c[0] == kind]) for kind in dict.fromkeys(c[0] for c in clips)}


@torch.no_grad()
def score_encoder(model: Encoder, clips: list, device: torch.device) -> dict[str, object]:
    def one(group: list) -> list[float]:
        pairs = []
        for _, mel, truth in group:
            _, mouth = model(torch.from_numpy(mel)[None].to(device))
            pairs.append((mouth[0].float().cpu().numpy(), truth))
        return correlations(pairs)

    return by_kind(clips, one)


@torch.no_grad()
def score_denoiser(
    model: Denoiser, frozen: FrozenEncoder, clips: list, mean: Tensor, deviation: Tensor,
    device: torch.device, steps: int = 16, freeze: bool = True, samples: int = 1,
) -> dict[str, object]:  # fmt: skip
    """Score single samples by plain Euler steps; training.score uses the product's sampler."""
    generator = torch.Generator(device).manual_seed(0)

    def sample(mel: np.ndarray) -> np.ndarray:
        audio = frozen(torch.from_numpy(mel)[None].to(device))[0][:, :258]
        latents = min(33, (audio.shape[1] - 1) // FRAMES_PER_LATENT + 1)
        video = torch.randn(1, latents, len(mean) * FRAMES_PER_LATENT, generator=generator, device=device)
        if not freeze:
            audio = torch.randn(audio.shape, generator=generator, device=device)
        style, one = torch.zeros(1, dtype=torch.long, device=device), torch.ones(1, device=device)
        video_at = torch.from_numpy(token_seconds(latents, 25)).to(device)
        audio_at = (torch.arange(audio.shape[1], device=device) + 0.5) / AUDIO_LATENTS_PER_SECOND
        for i in range(steps):
            sigma, following = 1 - i / steps, 1 - (i + 1) / steps
            audio_sigma = one * (0 if freeze else sigma)
            video_time = one[:, None].expand(1, latents) * sigma
            audio_time = audio_sigma[:, None].expand(1, audio.shape[1])
            v, a = model(
                video, audio, video_time, audio_time, one * sigma, audio_sigma, style,
                one / 25, one, one, video_at, audio_at,
            )  # fmt: skip
            video = video + (following - sigma) * v
            if not freeze:
                audio = audio + (following - sigma) * a
        motion = from_latents(video) * deviation + mean
        return motion[0].cpu().numpy()

    def one_kind(group: list) -> list[float]:
        pairs = []
        for _, mel, truth in group:
            for _ in range(samples):
                made = sample(mel)
                count = min(len(made), len(truth) // 4)
                pairs.append((np.repeat(made[:count], 4, 0), np.repeat(truth[::4][:count], 4, 0)))
        ratio = np.mean(
            [[p[0][:, c].std() / (p[1][:, c].std() + 1e-6) for c in range(MOUTH_CHANNELS)] for p in pairs], 0
        )
        return [*correlations(pairs), [round(float(r), 2) for r in ratio]]

    return by_kind(clips, one_kind)
