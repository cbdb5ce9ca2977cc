"""Train the encoder, and freeze it into audio latents."""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import torch
from torch import nn

from lipwright.motion.mel import FRAMES_PER_LATENT as MEL_PER_LATENT
from training.batches import Speech
from training.nets import AUDIO_DIM, MOUTH_CHANNELS, Encoder, FrozenEncoder
from training.quick_score import held_out_clips, score_encoder
from training.run import Average, Clock


def train_encoder(options: argparse.Namespace, device: torch.device) -> None:
    speech = Speech(options.data, device, seed=options.seed)
    clips = held_out_clips(options.held_out)
    model = Encoder().to(device)
    if options.resume:
        saved = torch.load(options.out, map_location=device, weights_only=True)["frozen"]
        model.load_state_dict(
            {k.removeprefix("encoder."): v for k, v in saved.items() if k.startswith("encoder.")}
        )
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
            group["lr"] = clock.frame_rate(step)
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
    # Small components are not scaled up to unit variance: they would be noise that the denoiser has to model.
    scale = values[top].clamp(min=float(values[top[0]]) * 1e-3).rsqrt()
    return FrozenEncoder(encoder, mean, (vectors[:, top] * scale).float())


def load_frozen(path: Path, device: torch.device) -> FrozenEncoder:
    frozen = FrozenEncoder(Encoder(), torch.zeros(Encoder.FEATURES), torch.zeros(Encoder.FEATURES, AUDIO_DIM))
    frozen.load_state_dict(torch.load(path, map_location="cpu", weights_only=True)["frozen"])
    return frozen.to(device).eval().requires_grad_(False)
