"""Train the embedded model.

    python -m training.train encoder  --data D.npz --held-out H.npz --minutes 5 --out encoder.pt
    python -m training.train denoiser --data D.npz --held-out H.npz --encoder encoder.pt --minutes 15 --out denoiser.pt

Learning rates follow the clock, so a run ends on time on any machine; checkpoints
are written every minute, and --resume goes on from one.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from lipwright.domain.grid import AUDIO_LATENTS_PER_SECOND, FRAMES_PER_LATENT, pixel_frames
from lipwright.domain.motion import CHANNEL, CHANNELS
from lipwright.motion.mel import FRAMES_PER_LATENT as MEL_PER_LATENT
from lipwright.motion.mel import log_mel, normalise
from lipwright.motion.styles import NULL_STYLE
from training.batches import Speech, Stretch
from training.nets import AUDIO_DIM, MOUTH_CHANNELS, Denoiser, Encoder, FrozenEncoder

RATE_RANGE = (20.0, 40.0)
"""Frames per second the model is taught: others are whole multiples or parts of these (motion.sampling)."""

SCORED = ("jawOpen", "mouthStretch", "mouthPucker", "mouthPress")


class Clock:
    """Learning rate over a run of so many minutes: a short rise, then half a cosine."""

    def __init__(self, minutes: float, peak: float, begin: float = 0.0) -> None:
        self.seconds, self.peak = minutes * 60, peak
        self.start = time.monotonic() - begin
        self.last_told = self.last_saved = time.monotonic()

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.start

    @property
    def done(self) -> bool:
        return self.elapsed >= self.seconds

    def rate(self, step: int) -> float:
        progress = min(1.0, self.elapsed / self.seconds)
        return (
            self.peak * min(1.0, (step + 1) / 300) * (0.5 * (1 + math.cos(math.pi * progress)) * 0.99 + 0.01)
        )

    def every(self, seconds: float) -> bool:
        if time.monotonic() - self.last_told < seconds:
            return False
        self.last_told = time.monotonic()
        return True


class Average:
    """Exponential moving average of weights (Polyak)."""

    def __init__(self, model: nn.Module, decay: float = 0.9995) -> None:
        self.model, self.decay, self.step = copy.deepcopy(model).eval().requires_grad_(False), decay, 0

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        self.step += 1
        decay = min(self.decay, (1 + self.step) / (10 + self.step))
        mine, theirs = list(self.model.parameters()), list(model.parameters())
        torch._foreach_lerp_(mine, theirs, 1 - decay)


def held_out_clips(path: Path) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """(kind, normalised mel, curves at 100 Hz) of every held-out clip, by the product's own front end."""
    data = np.load(path)
    clips = []
    for i, voice in enumerate(data["voices"]):
        first, last = data["starts"][i : i + 2]
        sound = data["sound"][first:last].astype(np.float32) / 32768
        frames = len(sound) // 160 // MEL_PER_LATENT * MEL_PER_LATENT
        mel = normalise(log_mel(sound, frames))
        clips.append(
            (str(voice).split(":")[0], mel, data["curves"][first // 160 :][:frames].astype(np.float32))
        )
    return clips


def correlations(pairs: list[tuple[np.ndarray, np.ndarray]]) -> list[float]:
    """Mean Pearson correlation over clips of the scored channels, at 25 instants a second."""
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


def train_encoder(options: argparse.Namespace, device: torch.device) -> None:
    speech = Speech(options.data, device, seed=options.seed)
    clips = held_out_clips(options.held_out)
    model = Encoder().to(device)
    if options.resume:
        saved = torch.load(options.out, map_location=device, weights_only=True)["frozen"]
        model.load_state_dict({k.removeprefix("encoder."): v for k, v in saved.items() if k.startswith("encoder.")})
    average = Average(model)
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3, betas=(0.9, 0.98), weight_decay=0.02)
    spread = (
        speech.curves[:: max(1, len(speech.curves) // 500_000), :MOUTH_CHANNELS]
        .float()
        .std(0)
        .clamp(min=0.02)
    )
    clock, step, recent = Clock(options.minutes, 1.5e-3), 0, 0.0
    while not clock.done:
        for group in optimizer.param_groups:
            group["lr"] = clock.rate(step)
        latents = random.Random(step).choice([100, 150, 200])
        mel, stretch = speech.draw(options.batch * 150 // latents, latents)
        at = torch.arange(latents * MEL_PER_LATENT, device=device) / 100.0
        truth = speech.motion(stretch, at.expand(len(mel), -1))[..., :MOUTH_CHANNELS]
        with torch.autocast(device.type, torch.bfloat16):  # twice as fast, on CPUs that have it too
            _, mouth = model(mel)
        loss = (((mouth.float() - truth) / spread) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        average.update(model)
        recent = (
            loss.item() if step == 0 else recent + 0.02 * (loss.item() - recent) if step % 10 == 0 else recent
        )
        step += 1
        if clock.every(options.every):
            print(
                json.dumps(
                    {"step": step, "s": round(clock.elapsed), "loss": round(recent, 4)}
                    | score_encoder(average.model, clips, device)
                ),
                flush=True,
            )
            torch.save(average.model.state_dict(), options.out)
    frozen = freeze_encoder(average.model, speech)
    torch.save({"frozen": frozen.state_dict()}, options.out)
    print(json.dumps({"steps": step, "final": score_encoder(average.model, clips, device)}), flush=True)


@torch.no_grad()
def freeze_encoder(encoder: Encoder, speech: Speech) -> FrozenEncoder:
    """Principal components of the features, scaled to unit variance: fixed latents."""
    features = torch.cat(
        [encoder(speech.draw(16, 250)[0])[0].float().reshape(-1, Encoder.FEATURES) for _ in range(24)]
    )
    mean = features.mean(0)
    values, vectors = torch.linalg.eigh(torch.cov((features - mean).double().T))
    top = values.argsort(descending=True)[:AUDIO_DIM]
    print(f"latents keep {float(values[top].sum() / values.sum()):.5f} of the variance")
    # Small components are not blown up to full size: they would be noise that the denoiser must model.
    scale = values[top].clamp(min=float(values[top[0]]) * 1e-3).rsqrt()
    return FrozenEncoder(encoder, mean, (vectors[:, top] * scale).float())


def load_frozen(path: Path, device: torch.device) -> FrozenEncoder:
    frozen = FrozenEncoder(Encoder(), torch.zeros(Encoder.FEATURES), torch.zeros(Encoder.FEATURES, AUDIO_DIM))
    frozen.load_state_dict(torch.load(path, map_location="cpu", weights_only=True)["frozen"])
    return frozen.to(device).eval().requires_grad_(False)


def motion_scale(speech: Speech) -> tuple[Tensor, Tensor]:
    """Mean and deviation of each channel, for the motion latents."""
    sample = speech.curves[:: max(1, len(speech.curves) // 1_000_000)].float()
    return sample.mean(0), sample.std(0).clamp(min=0.01)


def to_latents(motion: Tensor) -> Tensor:
    """(B, 8 (F-1) + 1, K) normalised motion -> (B, F, 8 K); frame 0 fills its latent alone."""
    first = motion[:, :1].repeat(1, FRAMES_PER_LATENT, 1)
    return torch.cat([first, motion[:, 1:]], 1).reshape(len(motion), -1, FRAMES_PER_LATENT * motion.shape[2])


def from_latents(latents: Tensor, channels: int = len(CHANNELS)) -> Tensor:
    """The inverse of to_latents."""
    return latents.reshape(len(latents), -1, channels)[:, FRAMES_PER_LATENT - 1 :]


def token_times(latents: int, rate: float, device: torch.device) -> Tensor:
    """Centres of video tokens in seconds: [0, 1/fps], then [(8j-7)/fps, (8j+1)/fps]."""
    j = torch.arange(latents, device=device).float()
    return torch.where(j == 0, 0.5, 8 * j - 3) / rate


def draw_mask(speech: Speech, motion: Tensor, latents: int) -> tuple[Tensor, Tensor]:
    """What is kept clean (mask 0): the first frame, an overlap, all but a span, or nothing.

    Where the first frame or the outside of a span is kept, the face often rests there,
    as the reference picture does: the motion is eased in and out accordingly.
    """
    count, frames, _ = motion.shape
    device = motion.device
    kind = speech.uniform(count)
    row = torch.arange(latents, device=device)[None]
    at = torch.arange(frames, device=device)[None].float()
    kept_first = (row == 0) & (kind < 0.55)[:, None]
    overlap = torch.randint(
        2, max(3, min(6, latents // 2)), (count, 1), generator=speech.generator, device=device
    )
    kept_overlap = (row < overlap) & ((kind >= 0.55) & (kind < 0.75))[:, None]
    begin = (speech.uniform(count, 1) * latents * 0.6).floor()
    end = begin + 2 + (speech.uniform(count, 1) * (latents - begin - 2).clamp(min=1)).floor()
    spanned = ((kind >= 0.75) & (kind < 0.83))[:, None]
    kept_span = ((row < begin) | (row >= end)) & spanned
    mask = 1 - (kept_first | kept_overlap | kept_span).float()
    ramp = 4 + speech.uniform(count, 1) * 5
    ease = torch.where(((kind < 0.42)[:, None]), (at / ramp).clamp(max=1), torch.ones_like(at))
    first_pixel, last_pixel = (8 * begin - 8).clamp(min=0), 8 * end - 8
    window = ((at - first_pixel) / ramp).clamp(0, 1) * ((last_pixel - at) / ramp).clamp(0, 1)
    ease = torch.where(spanned, window, ease)
    ease = ease * ease * (3 - 2 * ease)
    return mask, motion * ease[..., None]


@dataclass
class Encoded:
    """Every utterance as audio latents, several times over, each time disturbed otherwise."""

    latents: Tensor
    """(rows, ENCODED_LATENTS, 128) float16."""
    stretch: Stretch

    def __len__(self) -> int:
        return len(self.latents)


ENCODED_LATENTS = 375
"""15 s: the shortest utterance."""


@torch.no_grad()
def encode_all(speech: Speech, frozen: FrozenEncoder, versions: int) -> Encoded:
    """The dataset through the frozen encoder, once and for all: the denoiser never waits for sound."""
    latents, begins, speeds, styles = [], [], [], []
    for _ in range(versions):
        for which in torch.randperm(len(speech.styles), device=speech.device).split(8):
            mel, stretch = speech.take(which, ENCODED_LATENTS, torch.zeros(len(which), device=speech.device))
            with torch.autocast(speech.device.type, torch.bfloat16):
                features, _ = frozen.encoder(mel)
            latents.append(((features.float() - frozen.mean) @ frozen.basis).half())
            begins.append(stretch.begin)
            speeds.append(stretch.speed)
            styles.append(stretch.style)
    return Encoded(torch.cat(latents), Stretch(torch.cat(begins), torch.cat(speeds), torch.cat(styles)))


def train_denoiser(options: argparse.Namespace, device: torch.device) -> None:
    speech = Speech(options.data, device, seed=options.seed + 1)
    clips = held_out_clips(options.held_out)
    frozen = load_frozen(options.encoder, device)
    encoded = encode_all(speech, frozen, options.versions)
    print(f"{len(encoded)} utterances encoded", flush=True)
    model = Denoiser().to(device)
    begin, step = 0.0, 0
    mean, deviation = motion_scale(speech)
    if options.resume and options.out.exists():
        saved = torch.load(options.out, map_location=device, weights_only=True)
        model.load_state_dict(saved["raw"])
        begin, step = saved["elapsed"], saved["step"]
        mean, deviation = saved["mean"].to(device), saved["deviation"].to(device)
    average = Average(model)
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3, betas=(0.9, 0.98), weight_decay=0.01)
    if options.resume and options.out.exists():
        average.model.load_state_dict(saved["average"])
        average.step = step
        optimizer.load_state_dict(
            torch.load(options.out.with_suffix(".optim"), map_location=device, weights_only=True)
        )
    weight = torch.full((len(CHANNELS),), 0.6, device=device)
    weight[:MOUTH_CHANNELS] = 1.3
    weight = weight.repeat(FRAMES_PER_LATENT)
    clock = Clock(options.minutes, 1.2e-3, begin)
    stop_at = time.monotonic() + options.stop_after * 60 if options.stop_after else float("inf")
    recent = float("nan")

    def checkpoint() -> None:
        torch.save(
            {
                "average": average.model.state_dict(), "raw": model.state_dict(), "mean": mean.cpu(),
                "deviation": deviation.cpu(), "elapsed": clock.elapsed, "step": step,
            },
            options.out,
        )  # fmt: skip
        torch.save(optimizer.state_dict(), options.out.with_suffix(".optim"))

    while not clock.done and time.monotonic() < stop_at:
        for group in optimizer.param_groups:
            group["lr"] = clock.rate(step)
        dice = random.Random(step * 31 + options.seed)
        latents = dice.choice([9, 16, 16, 16, 25, 33])
        rate = dice.choice([25.0, 25.0, 25.0, 24.0, 30.0, dice.uniform(*RATE_RANGE)])
        seconds = pixel_frames(latents) / rate
        audio_latents = math.ceil(seconds * AUDIO_LATENTS_PER_SECOND) + 1
        count = max(4, options.batch * 16 // latents)
        rows = torch.randint(len(encoded), (count,), generator=speech.generator, device=device)
        first = dice.randrange(ENCODED_LATENTS - audio_latents)
        audio = encoded.latents[rows, first : first + audio_latents].float()
        phase = dice.random() / AUDIO_LATENTS_PER_SECOND
        stretch = encoded.stretch.rows(rows, first / AUDIO_LATENTS_PER_SECOND + phase)
        at = torch.arange(pixel_frames(latents), device=device) / rate
        motion = speech.motion(stretch, at.expand(count, -1))
        mask, motion = draw_mask(speech, motion, latents)
        clean = to_latents((motion - mean) / deviation)
        loss = flow_loss(model, speech, clean, audio, mask, stretch.style, rate, phase, weight, device)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        average.update(model)
        if step % 20 == 0:
            recent = loss.item() if math.isnan(recent) else recent + 0.05 * (loss.item() - recent)
        step += 1
        if clock.every(options.every):
            scores = score_denoiser(average.model, frozen, clips, mean, deviation, device)
            print(
                json.dumps({"step": step, "s": round(clock.elapsed), "loss": round(recent, 4)} | scores),
                flush=True,
            )
            checkpoint()
    checkpoint()
    final = {
        f"frozen={f}": score_denoiser(
            average.model, frozen, clips, mean, deviation, device, freeze=f, samples=2
        )
        for f in (True, False)
    }
    print(json.dumps({"steps": step, "final": final}), flush=True)


def flow_loss(
    model: Denoiser, speech: Speech, clean: Tensor, audio: Tensor, mask: Tensor, style: Tensor, rate: float, phase: float,
    weight: Tensor, device: torch.device,
) -> Tensor:  # fmt: skip
    """Rectified flow: predict noise minus clean, with a noise level of its own for each modality."""
    count, latents, _ = clean.shape
    video_sigma = torch.sigmoid(speech.normal(count) * 1.2)
    video_sigma = torch.where(speech.uniform(count) < 0.15, speech.uniform(count, low=0.9), video_sigma)
    kind = speech.uniform(count)
    audio_sigma = torch.where(
        kind < 0.7, torch.zeros_like(kind), torch.where(kind < 0.85, video_sigma, speech.uniform(count))
    )
    style = torch.where(speech.uniform(count) < 0.13, torch.full_like(style, NULL_STYLE), style)
    joint = (speech.uniform(count) > 0.06).float()
    video_time = video_sigma[:, None] * mask
    audio_time = audio_sigma[:, None].expand(-1, audio.shape[1])
    video_noise, audio_noise = torch.randn_like(clean), torch.randn_like(audio)
    noisy_video = clean + (video_noise - clean) * video_time[..., None]
    noisy_audio = audio + (audio_noise - audio) * audio_time[..., None]
    video_at = token_times(latents, rate, device)
    audio_at = (torch.arange(audio.shape[1], device=device) + 0.5) / AUDIO_LATENTS_PER_SECOND - phase
    with torch.autocast(
        device.type, torch.bfloat16, enabled=device.type == "cuda"
    ):  # on a CPU such small steps lose by it
        video_velocity, audio_velocity = model(
            noisy_video, noisy_audio, video_time, audio_time, video_sigma, audio_sigma, style,
            torch.full((count,), 1 / rate, device=device), joint, torch.ones_like(joint), video_at, audio_at,
        )  # fmt: skip
    video_error = (video_velocity.float() - (video_noise - clean)) ** 2 * weight * mask[..., None]
    audio_error = (audio_velocity.float() - (audio_noise - audio)) ** 2 * (audio_sigma > 0).float()[
        :, None, None
    ]
    return video_error.sum() / (mask.sum() * clean.shape[2]) + 0.15 * audio_error.mean()


@torch.no_grad()
def score_denoiser(
    model: Denoiser, frozen: FrozenEncoder, clips: list, mean: Tensor, deviation: Tensor, device: torch.device,
    steps: int = 16, freeze: bool = True, samples: int = 1,
) -> dict[str, object]:  # fmt: skip
    """Single samples by plain Euler against the truth: a quick look; training.score is the real one."""
    generator = torch.Generator(device).manual_seed(0)

    def sample(mel: np.ndarray) -> np.ndarray:
        audio = frozen(torch.from_numpy(mel)[None].to(device))[0][:, :258]
        latents = min(33, (audio.shape[1] - 1) // FRAMES_PER_LATENT + 1)
        video = torch.randn(1, latents, len(mean) * FRAMES_PER_LATENT, generator=generator, device=device)
        if not freeze:
            audio = torch.randn(audio.shape, generator=generator, device=device)
        style, one = torch.zeros(1, dtype=torch.long, device=device), torch.ones(1, device=device)
        video_at = token_times(latents, 25.0, device)
        audio_at = (torch.arange(audio.shape[1], device=device) + 0.5) / AUDIO_LATENTS_PER_SECOND
        for i in range(steps):
            sigma, following = 1 - i / steps, 1 - (i + 1) / steps
            audio_sigma = one * (0 if freeze else sigma)
            v, a = model(
                video, audio, one[:, None].expand(1, latents) * sigma, audio_sigma[:, None].expand(1, audio.shape[1]),
                one * sigma, audio_sigma, style, one / 25, one, one, video_at, audio_at,
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["encoder", "denoiser"])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--held-out", type=Path, required=True)
    parser.add_argument("--encoder", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, required=True, help="length of the whole run")
    parser.add_argument(
        "--stop-after", type=float, help="stop this part of it after so many minutes; --resume goes on"
    )
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument(
        "--versions", type=int, default=2, help="how often each utterance is encoded for the denoiser"
    )
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--every", type=float, default=60, help="seconds between scores")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    torch.set_float32_matmul_precision("high")
    device = torch.device(options.device)
    (train_encoder if options.what == "encoder" else train_denoiser)(options, device)


if __name__ == "__main__":
    main()
