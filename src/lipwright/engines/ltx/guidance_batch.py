"""Guidance passes as rows of one batch; passes share a row until they differ.

    ISOLATED   has no attention between audio and video
    POSITIVE   is the plain prediction
    PERTURBED  equals POSITIVE before the first block whose self attention it skips
    NEGATIVE   has the negative text

In this order, rows with the same text are adjacent. Rows with attention between audio and video are adjacent,
too.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from lipwright.diffusion.guiders import Pass

ORDER = (Pass.ISOLATED, Pass.POSITIVE, Pass.PERTURBED, Pass.NEGATIVE)


@dataclass(slots=True)
class PassRows:
    """Video and audio tokens of all guidance passes; passes share one row until their tokens differ."""

    names: tuple[Pass, ...]
    """The passes in the batch, in order; PERTURBED is added by `fork_perturbed`."""
    video: Tensor
    """Video tokens, shape (rows, tokens, channels): one row per pass in `names`, or a single row that all
    passes share."""
    audio: Tensor
    """Audio tokens, shape (rows, tokens, channels): one row per pass in `audio_names`, or a single row that
    all of these passes share."""
    audio_frozen: bool
    """True if the audio is frozen. The isolated pass then computes no audio, and the negative pass uses the
    positive prompt for its audio."""

    @classmethod
    def begin(cls, passes: tuple[Pass, ...], video: Tensor, audio: Tensor, *, audio_frozen: bool) -> PassRows:
        """Return a batch with a single row of video and a single row of audio, which all passes share."""
        names = tuple(name for name in ORDER if name in passes and name is not Pass.PERTURBED)
        return cls(names, video, audio, audio_frozen)

    @property
    def audio_names(self) -> tuple[Pass, ...]:
        """The passes that compute audio."""
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
        """Give each pass that computes audio its own row of the audio."""
        if len(self.audio) < len(self.audio_names):
            self.audio = self.audio.repeat(len(self.audio_names), 1, 1)

    def fork_perturbed(self) -> None:
        """Add the perturbed pass, which starts from the current state of the positive pass."""
        self.split_video()
        self.split_audio()
        self.video = _duplicate_row(self.video, self.names.index(Pass.POSITIVE))
        self.audio = _duplicate_row(self.audio, self.audio_names.index(Pass.POSITIVE))
        at = self.names.index(Pass.POSITIVE) + 1
        self.names = (*self.names[:at], Pass.PERTURBED, *self.names[at:])

    def cross_attending_video(self) -> Tensor:
        """Return the video rows of the passes in `cross_attending`, as a view."""
        return self.video[len(self.names) - len(self.cross_attending) :]

    def cross_attending_audio(self) -> Tensor:
        """Return the audio rows of the passes in `cross_attending`, as a view."""
        return self.audio[len(self.audio_names) - len(self.cross_attending) :]


def text_groups(names: tuple[Pass, ...], first: int, last: int) -> list[tuple[int, int, int]]:
    """Group adjacent rows by their text; return (text, first row, one past the last row) for each group.

    The rows are those from `first` up to, but not including, `last`; in the result they are counted from
    `first`. Text 0 is the positive prompt, text 1 the negative prompt.
    """
    negative = sum(name is Pass.NEGATIVE for name in names[first:last])
    count = last - first
    groups = [(0, 0, count - negative), (1, count - negative, count)]
    return [group for group in groups if group[2] > group[1]]


def _duplicate_row(x: Tensor, row: int) -> Tensor:
    return torch.cat([x[: row + 1], x[row:]])
