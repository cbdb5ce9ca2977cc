"""Training batches, made and augmented on the training device itself.

A batch is a set of stretches out of the dataset, each played at its own speed
(pitch, formants and pace together), coloured, reverberated and disturbed, then
turned into the normalised log-mel that the product computes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lipwright.motion import mel as front
from lipwright.motion.visemes import CURVE_RATE_HZ

WARPS = np.geomspace(0.82, 1.2, 13)
"""Vocal tract lengths."""


@dataclass
class Batch:
    """Stretches of equal length."""

    mel: Tensor
    """(B, 4 L, 64), normalised."""
    begin: Tensor
    """(B,) first instant of each stretch, in seconds of the dataset's curves."""
    speed: Tensor
    """(B,) playing speed."""
    style: Tensor
    """(B,) style indices."""


class Speech:
    """The dataset on the device, and what is drawn from it."""

    def __init__(self, path: Path, device: torch.device, seed: int) -> None:
        data = np.load(path)
        self.device = device
        self.sound = torch.from_numpy(data["sound"]).to(device)
        self.curves = torch.from_numpy(data["curves"]).to(device)
        self.starts = torch.from_numpy(data["starts"].astype(np.int64)).to(device)
        self.styles = torch.from_numpy(data["styles"].astype(np.int64)).to(device)
        self.generator = torch.Generator(device).manual_seed(seed)
        self.filters = torch.from_numpy(np.stack([front.filterbank(float(w)) for w in WARPS])).to(device)
        self.hann = torch.hann_window(front.WINDOW, device=device)

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        """Uniform random numbers on the device."""
        return torch.rand(*shape, generator=self.generator, device=self.device) * (high - low) + low

    def normal(self, *shape: int) -> Tensor:
        """Gaussian random numbers on the device."""
        return torch.randn(*shape, generator=self.generator, device=self.device)

    def chance(self, count: int, share: float) -> Tensor:
        """(count,) floats, 1 for a share of them."""
        return (self.uniform(count) < share).float()

    def draw(self, count: int, latents: int, augment: bool = True) -> Batch:
        """Stretches of `latents` audio latents."""
        n = latents * front.FRAMES_PER_LATENT * front.HOP
        which = torch.randint(len(self.styles), (count,), generator=self.generator, device=self.device)
        speed = torch.where(self.uniform(count) < 0.5, self.uniform(count, low=0.88, high=1.13), torch.ones(count, device=self.device))
        if not augment:
            speed = torch.ones_like(speed)
        length = self.starts[which + 1] - self.starts[which]
        room = (length - n * speed - 2).clamp(min=0)
        first = self.starts[which] + self.uniform(count) * room
        at = first[:, None].double() + torch.arange(n, device=self.device)[None] * speed[:, None].double()
        index = at.floor().long()
        part = (at - index).float()
        last = (self.starts[which + 1] - 1)[:, None]
        inside = (index < last).float()
        index = torch.minimum(index, last - 1)
        sound = (self.sound[index].float() * (1 - part) + self.sound[index + 1].float() * part) / 32768 * inside
        warp = torch.full((count,), len(WARPS) // 2, device=self.device)
        if augment:
            sound = self._disturb(self._reverberate(self._colour(sound)))
            random_warp = torch.randint(len(WARPS), (count,), generator=self.generator, device=self.device)
            warp = torch.where(self.uniform(count) < 0.7, random_warp, warp)
        return Batch(self._mel(sound, warp), first.double() / front.RATE_HZ, speed, self.styles[which])

    def motion(self, batch: Batch, seconds: Tensor) -> Tensor:
        """Motion at instants (B, n) after the beginning of each stretch -> (B, n, channels)."""
        at = (batch.begin[:, None] + seconds.double() * batch.speed[:, None].double()) * CURVE_RATE_HZ
        at = at.clamp(0, len(self.curves) - 2)
        index = at.floor().long()
        part = (at - index).float()[..., None]
        return self.curves[index].float() * (1 - part) + self.curves[index + 1].float() * part

    def _colour(self, sound: Tensor) -> Tensor:
        """Microphones and codecs: a smooth random response, sometimes a low-pass."""
        count, n = sound.shape
        bins = n // 2 + 1
        points = torch.nn.functional.interpolate(self.normal(count, 1, 10) * 4.0, bins, mode="linear", align_corners=True)[:, 0]
        tilt = self.normal(count, 1) * 5 * torch.linspace(-1, 1, bins, device=self.device)
        gain = 10 ** ((points + tilt) * self.chance(count, 0.7)[:, None] / 20)
        hz = torch.linspace(0, front.RATE_HZ / 2, bins, device=self.device)
        cutoff = torch.where(self.uniform(count) < 0.15, self.uniform(count, low=3200, high=7500), torch.full((count,), 9e3, device=self.device))
        gain = gain * torch.sigmoid((cutoff[:, None] - hz) / 120)
        return torch.fft.irfft(torch.fft.rfft(sound) * gain, n)

    def _reverberate(self, sound: Tensor) -> Tensor:
        """Rooms: decaying noise after a direct sound that keeps its time."""
        count, n = sound.shape
        taps = front.RATE_HZ // 3
        t = torch.arange(taps, device=self.device) / front.RATE_HZ
        decay = self.uniform(count, low=0.015, high=0.11)
        tail = self.normal(count, taps) * torch.exp(-t / decay[:, None])
        tail = tail / tail.norm(dim=1, keepdim=True) * self.uniform(count, 1, low=0.1, high=0.9)
        tail = tail * self.chance(count, 0.4)[:, None]
        tail[:, 0] = 1
        size = n + taps
        return torch.fft.irfft(torch.fft.rfft(sound, size) * torch.fft.rfft(tail, size), size)[:, :n]

    def _disturb(self, sound: Tensor) -> Tensor:
        """Noise of any colour, hum, other people; then level."""
        count, n = sound.shape
        level = sound.pow(2).mean(1, keepdim=True).sqrt() + 1e-5
        bins = n // 2 + 1
        hz = torch.linspace(1, front.RATE_HZ / 2, bins, device=self.device)
        spectrum = torch.fft.rfft(self.normal(count, n)) * hz ** -self.uniform(count, 1, low=0.0, high=1.2)
        noise = torch.fft.irfft(spectrum, n)
        noise = noise / (noise.pow(2).mean(1, keepdim=True).sqrt() + 1e-9)
        snr_db = self.uniform(count, 1, low=4, high=55)
        sound = sound + noise * level * 10 ** (-snr_db / 20) * self.chance(count, 0.75)[:, None]
        t = torch.arange(n, device=self.device) / front.RATE_HZ
        hum = sum(torch.sin(2 * torch.pi * 50 * k * t) / k for k in (1, 2, 3))
        sound = sound + hum * level * 10 ** (-self.uniform(count, 1, low=15, high=45) / 20) * self.chance(count, 0.12)[:, None]
        others = sound.roll(1, 0) + sound.roll(2, 0)
        sound = sound + others * 10 ** (-self.uniform(count, 1, low=14, high=30) / 20) * self.chance(count, 0.12)[:, None]
        sound = sound + self.normal(count, n) * 3e-5
        return sound * 10 ** (self.uniform(count, 1, low=-25, high=6) / 20)

    def _mel(self, sound: Tensor, warp: Tensor) -> Tensor:
        half = front.WINDOW // 2
        padded = torch.nn.functional.pad(sound[:, None], (half, half), "reflect")[:, 0]
        frames = sound.shape[1] // front.HOP
        spectrum = torch.stft(padded, front.WINDOW, front.HOP, front.WINDOW, self.hann, center=False, return_complex=True)
        magnitude = spectrum.abs().transpose(1, 2)[:, :frames]
        return normalise(torch.bmm(magnitude, self.filters[warp]).clamp(min=front.FLOOR).log())


def normalise(mel: Tensor) -> Tensor:
    """lipwright.motion.mel.normalise for a batch; tested against it."""
    loudness = mel.mean(2)
    sounding = (loudness > loudness.quantile(0.95, dim=1, keepdim=True) - front.ACTIVE_RANGE_NEPER).float()[..., None]
    total = sounding.sum(1, keepdim=True)
    mean = (mel * sounding).sum(1, keepdim=True) / total
    centred = mel - mean
    power = (centred.pow(2) * sounding).sum((1, 2), keepdim=True) / (total * front.BANDS)
    return centred / power.sqrt().clamp(min=1e-3)
