"""Guidance passes as rows of one batch; each is split off where it begins to differ.

    ISOLATED   no attention between audio and video
    POSITIVE   the plain prediction
    PERTURBED  equal to POSITIVE up to the first block whose self attention it skips
    NEGATIVE   another text

In this order rows with the same text are adjacent, and so are those with cross attention.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from lipwright.diffusion.guiders import Pass

ORDER = (Pass.ISOLATED, Pass.POSITIVE, Pass.PERTURBED, Pass.NEGATIVE)


@dataclass(slots=True)
class PassRows:
    """Both streams on their way through the blocks. There is one row until passes differ."""

    names: tuple[Pass, ...]
    """The passes in the batch, in order; PERTURBED is added when it is forked."""
    video: Tensor
    """Shape (1 or R, T, D)."""
    audio: Tensor
    """Shape (1 or R', L, D')."""
    audio_frozen: bool
    """True if the audio is frozen: then the isolated pass needs no audio, and all passes share the audio of
    the positive pass."""

    @classmethod
    def begin(cls, passes: tuple[Pass, ...], video: Tensor, audio: Tensor, *, audio_frozen: bool) -> PassRows:
        """Begin with one row of each stream, shared by all passes."""
        names = tuple(name for name in ORDER if name in passes and name is not Pass.PERTURBED)
        return cls(names, video, audio, audio_frozen)

    @property
    def audio_names(self) -> tuple[Pass, ...]:
        """The passes in which the audio is computed."""
        return self.cross_attending if self.audio_frozen else self.names

    @property
    def cross_attending(self) -> tuple[Pass, ...]:
        """The passes with attention between audio and video."""
        return tuple(name for name in self.names if name is not Pass.ISOLATED)

    def split_video(self) -> None:
        """Give each pass its own row of the video."""
        if len(self.video) < len(self.names):
            self.video = self.video.repeat(len(self.names), 1, 1)

    def split_audio(self) -> None:
        """Give each pass that computes audio its own row of it."""
        if len(self.audio) < len(self.audio_names):
            self.audio = self.audio.repeat(len(self.audio_names), 1, 1)

    def fork_perturbed(self) -> None:
        """Start the perturbed pass from the present state of the positive one."""
        self.split_video()
        self.split_audio()
        self.video = _duplicate_row(self.video, self.names.index(Pass.POSITIVE))
        self.audio = _duplicate_row(self.audio, self.audio_names.index(Pass.POSITIVE))
        at = self.names.index(Pass.POSITIVE) + 1
        self.names = (*self.names[:at], Pass.PERTURBED, *self.names[at:])

    def cross_attending_video(self) -> Tensor:
        """The video rows of the passes with cross attention, as a view."""
        return self.video[len(self.names) - len(self.cross_attending) :]

    def cross_attending_audio(self) -> Tensor:
        """The audio rows of the passes with cross attention, as a view."""
        return self.audio[len(self.audio_names) - len(self.cross_attending) :]


def text_groups(names: tuple[Pass, ...], first: int, last: int) -> list[tuple[int, int, int]]:
    """Group rows first..last by their text: (text, first row, one past), rows counted from `first`.

    Text 0 is the positive one, text 1 the negative.
    """
    negative = sum(name is Pass.NEGATIVE for name in names[first:last])
    count = last - first
    groups = [(0, 0, count - negative), (1, count - negative, count)]
    return [group for group in groups if group[2] > group[1]]


def _duplicate_row(x: Tensor, row: int) -> Tensor:
    return torch.cat([x[: row + 1], x[row:]])
