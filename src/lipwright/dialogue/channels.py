"""Find turns in a recording with one speaker per channel, such as a podcast or a call.

Each microphone also picks up the other speakers. Levels of microphones differ, so each channel is compared
with its own usual level: a voice far below it, while another channel is at its usual level, belongs to the
other speaker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.frame_features import mean_squares
from lipwright.audio.speech import find_speech
from lipwright.dialogue.turns import Turn
from lipwright.domain.media import Waveform
from lipwright.domain.spans import mask_of, merge_spans, runs
from lipwright.domain.time import Span


@dataclass(frozen=True, slots=True)
class ChannelThresholds:
    """Thresholds for attributing a voice in a channel to its speaker, and for ending a turn."""

    hop_s: float = 0.02
    smoothing_s: float = 0.1
    """Length over which levels are averaged: shorter than a syllable, longer than a period of a voice."""
    usual_percentile: float = 90.0
    """Percentile of the levels of detected speech in a channel that represents its own speaker, if at least a
    tenth is theirs."""
    cross_talk_db: float = 9.0
    """A channel this far below its usual level, relative to another, contains the other's voice. Headsets
    keep voices 30 dB apart, two microphones on one table 12."""
    min_own_s: float = 0.15
    """Minimum length of own speech between cross-talk; shorter stretches are breaths."""
    close_gap_s: float = 0.3
    """Maximum length of a gap within a word or breath."""
    turn_gap_s: float = 0.8
    """Minimum pause after which the same person begins a new turn."""


LIMITS = ChannelThresholds()


def turns_by_channel(
    channels: Sequence[Waveform], speakers: Sequence[str]
) -> tuple[tuple[Turn, ...], tuple[float, ...]]:
    """Find the turns in mono channels of the same rate and length, one for each speaker in this order.

    Returns:
        The turns by start time, and the seconds of other speakers' speech in each channel.
    """
    speech = [find_speech(channel) for channel in channels]
    levels = np.stack([_levels_db(channel) for channel in channels])
    heard = np.stack([mask_of(spans, LIMITS.hop_s, levels.shape[1]) for spans in speech])
    usual = np.array(
        [
            np.percentile(np.compress(talks, level), LIMITS.usual_percentile) if talks.any() else 0.0
            for level, talks in zip(levels, heard, strict=True)
        ]
    )
    relative = np.where(heard.any(1, keepdims=True), levels - usual[:, None], -np.inf)
    turns: list[Turn] = []
    foreign: list[float] = []
    for number, speaker in enumerate(speakers):
        others = np.delete(relative, number, 0).max(0, initial=-np.inf)
        own: NDArray[np.bool_] = np.logical_and(
            heard[number], relative[number] > others - LIMITS.cross_talk_db
        )
        spans = [Span(start * LIMITS.hop_s, end * LIMITS.hop_s) for start, end in runs(own)]
        spans = [span for span in merge_spans(spans, LIMITS.close_gap_s) if span.seconds >= LIMITS.min_own_s]
        # A turn keeps the quiet ends of its first and last word, which the detector heard.
        spans = [_widened(span, speech[number]) for span in spans]
        turns += [
            Turn(speaker, _milliseconds(span.start), _milliseconds(span.end))
            for span in merge_spans(spans, LIMITS.turn_gap_s)
        ]
        foreign.append(float((heard[number] & ~own).sum()) * LIMITS.hop_s)
    return tuple(sorted(turns, key=lambda turn: (turn.start, turn.end))), tuple(foreign)


def _levels_db(channel: Waveform) -> NDArray[np.float64]:
    """Level every `hop_s`, in dB of full scale, smoothed."""
    hop = round(LIMITS.hop_s * channel.rate_hz)
    width = round(LIMITS.smoothing_s / LIMITS.hop_s)
    smooth = np.convolve(mean_squares(channel.mono, hop), np.ones(width) / width, "same")
    return np.asarray(10 * np.log10(smooth + 1e-10))


def _widened(span: Span, speech: Sequence[Span]) -> Span:
    """Extend a span to the whole detected word, by at most `smoothing_s`."""
    around = [one for one in speech if one.overlaps(span)]
    start = min((one.start for one in around), default=span.start)
    end = max((one.end for one in around), default=span.end)
    reach = LIMITS.smoothing_s
    return Span(max(start, span.start - reach), min(end, span.end + reach))


def _milliseconds(seconds: float) -> Fraction:
    return Fraction(round(seconds * 1000), 1000)
