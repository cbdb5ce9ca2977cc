"""Find dropouts, which are gaps cut into the audio, and a fade over the last words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.frame_features import FRAME_S, FrameFeatures, mean_squares, power_to_db
from lipwright.domain.media import Waveform
from lipwright.domain.spans import runs
from lipwright.domain.time import Span

HOP_S = 0.005


@dataclass(frozen=True, slots=True)
class DropoutThresholds:
    """Thresholds for dropouts: silence with a hard cut before and after it."""

    silence_dbfs: float = -75.0
    """Level below which there is no signal: the level of the last two or three bits of 16-bit audio."""
    empty_dbfs: float = -100.0
    """Maximum median level within a dropout. Where audio was cut out, this level is below -110 dBFS even
    after AAC at 64 kb/s. In quiet 24-bit recordings, and in the short silence before a p, t or k of
    synthesized speech, noise is above -95 dBFS."""
    min_contrast_db: float = 35.0
    """Minimum level of the audio on the louder side of a gap, in dB above `silence_dbfs`."""
    seconds: tuple[float, float] = (0.02, 2.0)
    """Minimum and maximum length of a dropout. Shorter gaps are closures of the mouth or codec artifacts;
    longer gaps are pauses that somebody muted."""
    edge_hops: int = 2
    """Number of 5 ms hops on each side of a gap; the loudest of them gives the level on that side."""
    edge_db: float = 12.0
    """Minimum level of the audio on each side of a gap, in dB above `silence_dbfs`."""
    fall_hops: int = 6
    """Maximum number of 5 ms hops between a cut and the silence after it. In between, a codec leaves ringing,
    some 40 dB quieter than the audio before the cut."""
    fall_db: float = 28.0
    """Minimum drop of the level at a cut, over two 5 ms hops. A single hop does not show the full drop: it
    contains the loud start of the codec's ringing, or audio from before the cut."""
    fade_hops: int = 8
    """Number of 5 ms hops next to a cut in which the audio must not fade toward the cut."""
    max_fade_db: float = 25.0
    """Maximum drop of the level toward a cut, within `fade_hops`. At the natural end of a word the drop is
    larger, even in synthesized speech."""
    gated_pause_s: float = 0.2
    """Minimum length of a pause that is examined for traces of a noise gate."""
    gated_edge_db: float = 15.0
    """In gated or very clean recordings, in which every pause is silent, a gap counts as a dropout only if
    the audio on both sides is at most this many dB below the level of the speech."""

    synthetic_gaps_per_s: float = 1.0
    """If there are at least this many silent gaps next to loud audio per second, the voice may come from a
    formant synthesizer. Such a voice is silent whenever the mouth would be closed, and some of these gaps
    begin and end as abruptly as cuts."""
    synthetic_cut_ratio: float = 0.7
    """Used only if there are at least `synthetic_gaps_per_s` gaps per second. If less than this share of the
    gaps look like cuts, the voice counts as synthesized, and no gap counts as a dropout. (espeak-ng makes 2
    to 2.8 gaps a second; a third to two thirds of them look like cuts. In other recordings, nearly all
    dropouts look like cuts.)"""


DROPOUT = DropoutThresholds()


def find_dropouts(audio: Waveform) -> tuple[Span, ...]:
    """Return the silent gaps with a hard cut before and after."""
    level = 10 * np.log10(mean_squares(audio.mono, max(1, round(audio.rate_hz * HOP_S))) + 1e-20)
    frames = len(level)
    if frames < 8:
        return ()
    silent = level < DROPOUT.silence_dbfs
    if not silent.any():
        return ()
    speech_db = float(np.percentile(level[~silent], 90)) if not silent.all() else DROPOUT.silence_dbfs
    found, longest, gaps = [], round(DROPOUT.seconds[1] / HOP_S), 0
    for start, end in runs(silent):
        if start == 0 or end == frames or not DROPOUT.seconds[0] / HOP_S <= end - start <= longest:
            continue
        sides = level[max(0, start - 32) : start][::-1], level[end : end + 32]  # outward
        edges = [float(side[: DROPOUT.edge_hops].max()) for side in sides]
        loud = max(edges) > DROPOUT.silence_dbfs + DROPOUT.min_contrast_db
        gaps += loud
        empty = float(np.median(level[start:end])) < DROPOUT.empty_dbfs
        if loud and empty and all(map(_is_cut, sides)):
            found.append((start, end, min(float(side[: DROPOUT.fall_hops].max()) for side in sides)))
    if found and _is_gated(level, silent, found, speech_db):
        found = [each for each in found if each[2] > speech_db - DROPOUT.gated_edge_db]
    if (
        gaps >= DROPOUT.synthetic_gaps_per_s * frames * HOP_S
        and len(found) < DROPOUT.synthetic_cut_ratio * gaps
    ):
        return ()
    return tuple(Span(round(start * HOP_S, 3), round(end * HOP_S, 3)) for start, end, _ in found)


def _is_cut(level: NDArray[np.float64]) -> bool:
    """Return True if the audio next to a gap ends abruptly.

    `level` has one value in dBFS for each 5 ms, from the gap outward.
    """
    near = np.maximum(level[: DROPOUT.fall_hops + 2], DROPOUT.silence_dbfs)
    falls = near[2:] - near[:-2]
    ends = []  # the audio ends right at the gap, or where the ringing of a codec begins
    if near[: DROPOUT.edge_hops].max() > DROPOUT.silence_dbfs + DROPOUT.edge_db:
        ends.append(int(near[: DROPOUT.edge_hops].argmax()))
    if np.max(falls, initial=0.0) > DROPOUT.fall_db:
        ends.append(int(falls.argmax()) + 2)
    around = (level[end : end + DROPOUT.fade_hops] for end in ends)
    return any(bool(steady[:2].max() > steady.max() - DROPOUT.max_fade_db) for steady in around)


def _is_gated(
    level: NDArray[np.float64],
    silent: NDArray[np.bool_],
    found: list[tuple[int, int, float]],
    speech_db: float,
) -> bool:
    """Return True if pauses are silent for most of their length, as with a noise gate or a synthesizer.

    The gaps in `found` do not count as pauses.
    """
    quiet = level < speech_db - DROPOUT.gated_edge_db
    for start, end, _ in found:
        quiet[start:end] = False
    pauses = [(a, b) for a, b in runs(quiet) if b - a >= DROPOUT.gated_pause_s / HOP_S]
    total = sum(b - a for a, b in pauses)
    return total > 0 and sum(int(silent[a:b].sum()) for a, b in pauses) > total / 2


@dataclass(frozen=True, slots=True)
class FadeThresholds:
    """Thresholds for a fade-out over words: the last syllables get quieter, then the file ends silently."""

    window_s: float = 0.1
    """Length of a window; its loudest frame represents a syllable."""
    usual_s: float = 1.0
    """Minimum length of the speech before the fade; the usual level of speech is measured in that speech."""
    begin_db: float = 3.0
    """From the start of the fade to the end of the audio, the level stays at least this many dB below the
    usual level. Equal-power fades reach 6 dB only in their last third."""
    shortest_s: float = 0.5
    """Minimum length of faded speech; a final syllable is shorter."""
    tail_s: float = 0.2
    """Length of the last part of the faded speech; the drop of the level is measured there."""
    drop_db: float = 12.0
    """The last `tail_s` of the faded speech must be at least this many dB below the usual level of the speech
    before the fade."""
    drop_with_faded_room_db: float = 8.0
    """Like `drop_db`, but applied if the room tone is faded too. A smaller drop is then enough, because a
    speaker cannot fade the room tone."""
    end_db: float = 40.0
    """At its end, the audio must be at least this many dB below the usual level of the speech before the
    fade."""
    speech_to_end_s: float = 0.3
    """Maximum time from the end of the speech to the end of the audio. If the speech ends earlier, it counts
    as faded only if the room tone is faded too."""
    floor_drop_db: float = 10.0
    """The room tone counts as faded if the end of the audio is at least this many dB below the room tone
    before the fade."""


FADE = FadeThresholds()


def find_fade_out(features: FrameFeatures) -> Span | None:
    """Return the span of a fade-out over the last words, up to the end of the audio; None if not found."""
    spoken = np.flatnonzero(features.spoken)
    size = round(FADE.window_s / FRAME_S)
    windows = features.frames // size
    if not len(spoken) or windows < 4:
        return None
    offset = features.frames - windows * size  # windows are counted from the end
    frames = power_to_db(features.power[offset:])
    level = frames.reshape(windows, size).max(1)
    in_speech: NDArray[np.bool_] = np.asarray(features.spoken[offset:].reshape(windows, size).any(1))
    ahead = np.maximum.accumulate(level[::-1])[::-1]  # the loudest from here to the end
    usual = float(np.percentile(level[in_speech], 75))
    begin = int(np.searchsorted(-ahead, FADE.begin_db - usual))
    end = (int(spoken[-1]) - offset) // size + 1
    if (
        in_speech[:begin].sum() * FADE.window_s < FADE.usual_s
        or (end - begin) * FADE.window_s < FADE.shortest_s
    ):
        return None
    usual = float(np.percentile(level[:begin][in_speech[:begin]], 75))
    last = float(frames[-3:].max())
    room_is_faded = last <= float(np.percentile(frames[: begin * size], 5)) - FADE.floor_drop_db
    drop_db = FADE.drop_with_faded_room_db if room_is_faded else FADE.drop_db
    if ahead[end - 1 - round(FADE.tail_s / FADE.window_s)] > usual - drop_db or last > usual - FADE.end_db:
        return None
    if (windows - end) * FADE.window_s > FADE.speech_to_end_s and not room_is_faded:
        return None
    if in_speech[begin:end].mean() <= 0.5:
        return None
    return Span((offset + begin * size) * FRAME_S, features.frames * FRAME_S)
