"""Training batches, made and augmented on the training device itself.

A batch is a set of stretches of the dataset. Each is played at its own speed (which changes pitch, formants
and pace together), filtered, reverberated and mixed with noise, then converted to the normalized log-mel that
the product computes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.fft import next_fast_len
from torch import Tensor

from lipwright.motion import mel as front
from lipwright.motion.visemes import CURVE_RATE_HZ

WARPS = np.geomspace(0.82, 1.2, 13)
"""Vocal tract lengths."""


@dataclass
class Stretch:
    """The position of each row of a batch in the dataset."""

    begin: Tensor
    """(B,) first instant, in seconds of the dataset's curves."""
    speed: Tensor
    """(B,) playing speed."""
    style: Tensor
    """(B,) style indices."""

    def rows(self, index: Tensor, offset_seconds: Tensor | float = 0.0) -> Stretch:
        """Return some of the rows, each starting later by a number of seconds as played."""
        return Stretch(
            self.begin[index] + offset_seconds * self.speed[index], self.speed[index], self.style[index]
        )


class Speech:
    """The dataset on the device, and the batches drawn from it."""

    def __init__(self, path: Path, device: torch.device, seed: int) -> None:
        data = np.load(path)
        self.device = device
        self.audio = torch.from_numpy(data["audio"]).to(device)
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

    def draw(self, count: int, latents: int) -> tuple[Tensor, Stretch]:
        """Random stretches, augmented: normalized mel (B, 4 latents, 64), and where they lie."""
        which = torch.randint(len(self.styles), (count,), generator=self.generator, device=self.device)
        return self.take(which, latents, self.uniform(count))

    def take(self, which: Tensor, latents: int, place: Tensor) -> tuple[Tensor, Stretch]:
        """Return augmented stretches of given utterances; `place` (B,) in 0..1 is the position in each."""
        count = len(which)
        n = latents * front.FRAMES_PER_LATENT * front.HOP
        varied = self.uniform(count, low=0.88, high=1.13)
        speed = torch.where(self.uniform(count) < 0.5, varied, torch.ones_like(varied))
        length = self.starts[which + 1] - self.starts[which]
        first = self.starts[which] + place * (length - n * speed - 2).clamp(min=0)
        at = first[:, None].double() + torch.arange(n, device=self.device)[None] * speed[:, None].double()
        index = at.floor().long()
        part = (at - index).float()
        last = (self.starts[which + 1] - 1)[:, None]
        inside = (index < last).float()
        index = torch.minimum(index, last - 1)
        audio = (
            (self.audio[index].float() * (1 - part) + self.audio[index + 1].float() * part) / 32768 * inside
        )
        random_warp = torch.randint(len(WARPS), (count,), generator=self.generator, device=self.device)
        plain_warp = torch.full_like(random_warp, int(np.abs(WARPS - 1).argmin()))
        warp = torch.where(self.uniform(count) < 0.7, random_warp, plain_warp)
        mel = self._mel(self._record(audio), warp)
        return mel, Stretch(first.double() / front.RATE_HZ, speed, self.styles[which])

    def motion(self, stretch: Stretch, seconds: Tensor) -> Tensor:
        """Motion at instants (B, n) after the beginning of each stretch -> (B, n, channels)."""
        at = (stretch.begin[:, None] + seconds.double() * stretch.speed[:, None].double()) * CURVE_RATE_HZ
        at = at.clamp(0, len(self.curves) - 2)
        index = at.floor().long()
        part = (at - index).float()[..., None]
        return self.curves[index].float() * (1 - part) + self.curves[index + 1].float() * part

    def _record(self, audio: Tensor) -> Tensor:
        """Distort speech as rooms, microphones, codecs and other voices do, without shifting it in time.

        Frequency response, room and noise are applied to one spectrum, with one transform each way.
        """
        count, n = audio.shape
        taps = front.RATE_HZ // 3
        size = next_fast_len(n + taps, real=True)
        spectrum = torch.fft.rfft(audio, size)
        bins = spectrum.shape[1]
        level = spectrum.abs().pow(2).mean(1, keepdim=True).sqrt() + 1e-3
        spectrum = spectrum * self._response(count, bins) * torch.fft.rfft(self._room(count, taps), size)
        hz = torch.linspace(1, front.RATE_HZ / 2, bins, device=self.device)
        noise = self.normal(count, bins) * hz ** -self.uniform(count, 1, low=0.0, high=1.2)
        noise = noise / noise.pow(2).mean(1, keepdim=True).sqrt()
        phase = self.uniform(count, bins, high=2 * torch.pi)
        snr_db = self.uniform(count, 1, low=4, high=55)
        noise = noise * level * 10 ** (-snr_db / 20) * self.chance(count, 0.75)[:, None]
        audio = torch.fft.irfft(spectrum + torch.polar(noise, phase), size)[:, :n]
        loud = audio.pow(2).mean(1, keepdim=True).sqrt()
        t = torch.arange(n, device=self.device) / front.RATE_HZ
        hum = sum(torch.sin(2 * torch.pi * 50 * k * t) / k for k in (1, 2, 3))
        hum_db = self.uniform(count, 1, low=15, high=45)
        audio = audio + hum * loud * 10 ** (-hum_db / 20) * self.chance(count, 0.12)[:, None]
        others = audio.roll(1, 0) + audio.roll(2, 0)
        others_db = self.uniform(count, 1, low=14, high=30)
        audio = audio + others * 10 ** (-others_db / 20) * self.chance(count, 0.12)[:, None]
        return (audio + self.normal(count, n) * 3e-5) * 10 ** (self.uniform(count, 1, low=-25, high=6) / 20)

    def _response(self, count: int, bins: int) -> Tensor:
        """A smooth random response in +-8 dB or so, sometimes with a low-pass."""
        points = torch.nn.functional.interpolate(
            self.normal(count, 1, 10) * 4.0, bins, mode="linear", align_corners=True
        )
        tilt = self.normal(count, 1) * 5 * torch.linspace(-1, 1, bins, device=self.device)
        gain_db = (points[:, 0] + tilt) * self.chance(count, 0.7)[:, None]
        hz = torch.linspace(0, front.RATE_HZ / 2, bins, device=self.device)
        narrow = self.uniform(count) < 0.15
        cutoff_hz = torch.where(
            narrow, self.uniform(count, low=3200, high=7500), torch.full_like(narrow, 9000, dtype=torch.float)
        )
        return 10 ** (gain_db / 20) * torch.sigmoid((cutoff_hz[:, None] - hz) / 120)

    def _room(self, count: int, taps: int) -> Tensor:
        """Decaying noise after the direct sound, which stays at its time."""
        t = torch.arange(taps, device=self.device) / front.RATE_HZ
        decay_seconds = self.uniform(count, 1, low=0.015, high=0.11)
        tail = self.normal(count, taps) * torch.exp(-t / decay_seconds)
        tail = tail / tail.norm(dim=1, keepdim=True) * self.uniform(count, 1, low=0.1, high=0.9)
        tail = tail * self.chance(count, 0.4)[:, None]
        tail[:, 0] = 1
        return tail

    def _mel(self, audio: Tensor, warp: Tensor) -> Tensor:
        half = front.WINDOW // 2
        padded = torch.nn.functional.pad(audio[:, None], (half, half), "reflect")[:, 0]
        frames = audio.shape[1] // front.HOP
        spectrum = torch.stft(
            padded, front.WINDOW, front.HOP, front.WINDOW, self.hann, center=False, return_complex=True
        )
        magnitude = spectrum.abs().transpose(1, 2)[:, :frames]
        return normalize(torch.bmm(magnitude, self.filters[warp]).clamp(min=front.FLOOR).log())


def normalize(mel: Tensor) -> Tensor:
    """lipwright.motion.mel.normalize for a batch; tested against it."""
    loudness = mel.mean(2)
    sounding = (loudness > loudness.quantile(0.95, dim=1, keepdim=True) - front.ACTIVE_RANGE_NEPER).float()[
        ..., None
    ]
    total = sounding.sum(1, keepdim=True)
    mean = (mel * sounding).sum(1, keepdim=True) / total
    centered = mel - mean
    power = (centered.pow(2) * sounding).sum((1, 2), keepdim=True) / (total * front.BANDS)
    return centered / power.sqrt().clamp(min=1e-3)
