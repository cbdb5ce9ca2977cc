"""Shared by both trainings: a learning rate by the clock, and averaged weights."""

from __future__ import annotations

import copy
import math
import time

import torch
from torch import nn


class Clock:
    """Learning rate by elapsed minutes: a short warm-up, then half a cosine."""

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

    def frame_rate(self, step: int) -> float:
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
