"""Find turns in a recording with one speaker per channel, such as a podcast or a call.

Each microphone also picks up the other speakers. Speech in a channel belongs to another speaker if the
channel is far quieter than usual while another channel is about as loud as usual. Each channel is compared
with its own usual level, because microphones differ in level.
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
    """Thresholds for telling a channel's own speaker from cross-talk, and for ending a turn."""

    hop_s: float = 0.02
    smoothing_s: float = 0.1
    """Window over which levels are averaged: shorter than a syllable, longer than a period of the pitch."""
    usual_percentile: float = 90.0
    """The usual level of a channel is this percentile of its levels during speech. This is the level of the
    channel's own speaker, if at least a tenth of the speech in the channel is theirs."""
    cross_talk_db: float = 9.0
    """If a channel is more than this many dB below another channel, its speech is cross-talk. Both levels are
    relative to the usual level of their channel. Headsets separate voices by 30 dB, two microphones on one
    table by 12 dB."""
    min_own_s: float = 0.15
    """Minimum length of a piece of speech by the channel's own speaker; shorter pieces are breaths, and are
    ignored."""
    close_gap_s: float = 0.3
    """Gaps of up to this length in the speech of the channel's own speaker are ignored, because they lie
    within words or are breaths."""
    turn_gap_s: float = 0.8
    """Minimum length of a pause after which the same person begins a new turn."""


LIMITS = ChannelThresholds()


def turns_by_channel(
    channels: Sequence[Waveform], speakers: Sequence[str]
) -> tuple[tuple[Turn, ...], tuple[float, ...]]:
    """Find the turns in mono channels of equal rate and length; channel i belongs to `speakers[i]`.

    Returns:
        The turns in the order of their start, and for how many seconds each channel contains other speakers.
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
        # A turn includes the quiet ends of its first and last word, as far as the speech detector found them.
        spans = [_widened(span, speech[number]) for span in spans]
        turns += [
            Turn(speaker, _milliseconds(span.start), _milliseconds(span.end))
            for span in merge_spans(spans, LIMITS.turn_gap_s)
        ]
        foreign.append(float((heard[number] & ~own).sum()) * LIMITS.hop_s)
    return tuple(sorted(turns, key=lambda turn: (turn.start, turn.end))), tuple(foreign)


def _levels_db(channel: Waveform) -> NDArray[np.float64]:
    """Return the smoothed level of a channel in dBFS, with one value every `hop_s` seconds."""
    hop = round(LIMITS.hop_s * channel.rate_hz)
    width = round(LIMITS.smoothing_s / LIMITS.hop_s)
    smooth = np.convolve(mean_squares(channel.mono, hop), np.ones(width) / width, "same")
    return np.asarray(10 * np.log10(smooth + 1e-10))


def _widened(span: Span, speech: Sequence[Span]) -> Span:
    """Extend a span to the ends of the detected speech around it, by at most `smoothing_s` each way."""
    around = [one for one in speech if one.overlaps(span)]
    start = min((one.start for one in around), default=span.start)
    end = max((one.end for one in around), default=span.end)
    reach = LIMITS.smoothing_s
    return Span(max(start, span.start - reach), min(end, span.end + reach))


def _milliseconds(seconds: float) -> Fraction:
    return Fraction(round(seconds * 1000), 1000)
