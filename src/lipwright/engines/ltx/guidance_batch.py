"""Guidance passes as rows of one batch, forked as late as they differ.

    ISOLATED  no attention between audio and image
    POSITIVE  the plain prediction
    PERTURBED equal to POSITIVE up to the first block whose self attention it leaves out
    NEGATIVE  another text

In this order rows with the same text lie together, and so do those that hear the audio.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from lipwright.diffusion.guiders import Pass

ORDER = (Pass.ISOLATED, Pass.POSITIVE, Pass.PERTURBED, Pass.NEGATIVE)


@dataclass(slots=True)
class Rows:
    """Both streams on their way through the blocks. Until something tells rows apart there is one."""

    names: tuple[Pass, ...]
    """The passes now apart, in the batch's order; PERTURBED comes in when it forks."""
    video: Tensor
    """Shape (1 or R, T, D)."""
    audio: Tensor
    """Shape (1 or R', L, D')."""
    audio_frozen: bool
    """The isolated row needs no audio, and every row hears the positive text's."""

    @classmethod
    def begin(cls, passes: tuple[Pass, ...], video: Tensor, audio: Tensor, *, audio_frozen: bool) -> Rows:
        """One row of each stream, for all passes."""
        names = tuple(name for name in ORDER if name in passes and name is not Pass.PERTURBED)
        return cls(names, video, audio, audio_frozen)

    @property
    def audio_names(self) -> tuple[Pass, ...]:
        """The passes in which the audio is computed."""
        return self.hearing if self.audio_frozen else self.names

    @property
    def hearing(self) -> tuple[Pass, ...]:
        """The passes in which audio and image meet."""
        return tuple(name for name in self.names if name is not Pass.ISOLATED)

    def part_video(self) -> None:
        """Give each pass its own row of the image."""
        if len(self.video) < len(self.names):
            self.video = self.video.repeat(len(self.names), 1, 1)

    def part_audio(self) -> None:
        """Give each pass that has audio its own row of it."""
        if len(self.audio) < len(self.audio_names):
            self.audio = self.audio.repeat(len(self.audio_names), 1, 1)

    def fork_perturbed(self) -> None:
        """Let the perturbed pass go on from where the positive one is."""
        self.part_video()
        self.part_audio()
        self.video = _doubled(self.video, self.names.index(Pass.POSITIVE))
        self.audio = _doubled(self.audio, self.audio_names.index(Pass.POSITIVE))
        at = self.names.index(Pass.POSITIVE) + 1
        self.names = (*self.names[:at], Pass.PERTURBED, *self.names[at:])

    def hearing_video(self) -> Tensor:
        """The image's rows that hear, as a view."""
        return self.video[len(self.names) - len(self.hearing) :]

    def hearing_audio(self) -> Tensor:
        """Their rows of the audio, as a view."""
        return self.audio[len(self.audio_names) - len(self.hearing) :]


def text_groups(names: tuple[Pass, ...], first: int, last: int) -> list[tuple[int, int, int]]:
    """Rows first..last by their text: (text, first row, one past), rows counted from `first`.

    Text 0 is the positive one, text 1 the negative.
    """
    negative = sum(name is Pass.NEGATIVE for name in names[first:last])
    count = last - first
    groups = [(0, 0, count - negative), (1, count - negative, count)]
    return [group for group in groups if group[2] > group[1]]


def _doubled(x: Tensor, row: int) -> Tensor:
    return torch.cat([x[: row + 1], x[row:]])
