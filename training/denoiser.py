"""Train the dual-stream transformer on motion and frozen audio latents."""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lipwright.domain.grid import AUDIO_LATENTS_PER_SECOND, FRAMES_PER_LATENT, pixel_frames
from lipwright.domain.motion import LEARNED_CHANNELS
from lipwright.motion.latents import to_latents, token_seconds
from lipwright.motion.styles import NULL_STYLE
from training.batches import Speech, Stretch
from training.encoder import load_frozen
from training.nets import MOUTH_CHANNELS, Denoiser, FrozenEncoder
from training.quick_score import held_out_clips, score_denoiser
from training.run import Average, Clock

RATE_RANGE = (20.0, 40.0)
"""Frames per second that the model is trained on; others are whole multiples or fractions
(motion.sampling)."""


def motion_scale(speech: Speech) -> tuple[Tensor, Tensor]:
    """Return mean and deviation of each motion channel."""
    sample = speech.curves[:: max(1, len(speech.curves) // 1_000_000)].float()
    return sample.mean(0), sample.std(0).clamp(min=0.01)


def draw_mask(speech: Speech, motion: Tensor, latents: int) -> tuple[Tensor, Tensor]:
    """Choose what is kept clean (mask 0): the first frame, an overlap, all but a span, or nothing.

    If the first frame or the outside of a span is kept, the face often rests there, as in the reference
    image, and the motion fades in and out.
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
    """Every utterance as audio latents, several times, each augmented differently."""

    latents: Tensor
    """(rows, ENCODED_LATENTS, 128) float16."""
    stretch: Stretch

    def __len__(self) -> int:
        return len(self.latents)


ENCODED_LATENTS = 375
"""15 s: the shortest utterance."""


@torch.no_grad()
def encode_all(speech: Speech, frozen: FrozenEncoder, versions: int) -> Encoded:
    """Encode the dataset once, so that training the denoiser never waits for audio."""
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


def _encoded_once(options: argparse.Namespace, speech: Speech, frozen: FrozenEncoder) -> Encoded:
    """Run encode_all, or read its result from an earlier run, next to the checkpoint."""
    cache = options.out.with_suffix(".encoded")
    if not (options.resume and cache.exists()):
        made = encode_all(speech, frozen, options.versions)
        stretch = made.stretch
        torch.save((made.latents, stretch.begin, stretch.speed, stretch.style), cache)
    latents, begin, speed, style = torch.load(cache, map_location=speech.device, weights_only=True)
    return Encoded(latents, Stretch(begin, speed, style))


def train_denoiser(options: argparse.Namespace, device: torch.device) -> None:
    speech = Speech(options.data, device, seed=options.seed + 1)
    clips = held_out_clips(options.held_out)
    frozen = load_frozen(options.encoder, device)
    encoded = _encoded_once(options, speech, frozen)
    print(f"{len(encoded)} utterances encoded", flush=True)
    model = Denoiser().to(device)
    begin, step = 0.0, 0
    mean, deviation = motion_scale(speech)
    going_on = options.resume and options.out.exists()
    if going_on:
        saved = torch.load(options.out, map_location=device, weights_only=True)
        model.load_state_dict(saved["raw"])
        begin, step = saved["elapsed"], saved["step"]
        mean, deviation = saved["mean"].to(device), saved["deviation"].to(device)
    average = Average(model)
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3, betas=(0.9, 0.98), weight_decay=0.01)
    if going_on:
        average.model.load_state_dict(saved["average"])
        average.step = step
        optimizer.load_state_dict(
            torch.load(options.out.with_suffix(".optim"), map_location=device, weights_only=True)
        )
    weight = torch.full((len(LEARNED_CHANNELS),), 0.6, device=device)
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
            group["lr"] = clock.frame_rate(step)
        dice = random.Random(step * 31 + options.seed)
        latents = dice.choice([9, 16, 16, 16, 25, 33])
        frame_rate = dice.choice([25.0, 25.0, 25.0, 24.0, 30.0, dice.uniform(*RATE_RANGE)])
        seconds = pixel_frames(latents) / frame_rate
        audio_latents = math.ceil(seconds * AUDIO_LATENTS_PER_SECOND) + 1
        count = max(4, options.batch * 16 // latents)
        rows = torch.randint(len(encoded), (count,), generator=speech.generator, device=device)
        first = dice.randrange(ENCODED_LATENTS - audio_latents)
        audio = encoded.latents[rows, first : first + audio_latents].float()
        phase = dice.random() / AUDIO_LATENTS_PER_SECOND
        stretch = encoded.stretch.rows(rows, first / AUDIO_LATENTS_PER_SECOND + phase)
        at = torch.arange(pixel_frames(latents), device=device) / frame_rate
        motion = speech.motion(stretch, at.expand(count, -1))
        mask, motion = draw_mask(speech, motion, latents)
        clean = to_latents((motion - mean) / deviation)
        loss = flow_loss(model, speech, clean, audio, mask, stretch.style, frame_rate, phase, weight, device)
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
    model: Denoiser, speech: Speech, clean: Tensor, audio: Tensor, mask: Tensor, style: Tensor,
    frame_rate: float, phase: float, weight: Tensor, device: torch.device,
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
    video_at = torch.from_numpy(token_seconds(latents, frame_rate)).to(device)
    audio_at = (torch.arange(audio.shape[1], device=device) + 0.5) / AUDIO_LATENTS_PER_SECOND - phase
    with torch.autocast(
        device.type, torch.bfloat16, enabled=device.type == "cuda"
    ):  # on a CPU such small steps lose by it
        video_velocity, audio_velocity = model(
            noisy_video, noisy_audio, video_time, audio_time, video_sigma, audio_sigma, style,
            torch.full((count,), 1 / frame_rate, device=device),
            joint, torch.ones_like(joint), video_at, audio_at,
        )  # fmt: skip
    video_error = (video_velocity.float() - (video_noise - clean)) ** 2 * weight * mask[..., None]
    audio_error = (audio_velocity.float() - (audio_noise - audio)) ** 2 * (audio_sigma > 0).float()[
        :, None, None
    ]
    return video_error.sum() / (mask.sum() * clean.shape[2]) + 0.15 * audio_error.mean()
