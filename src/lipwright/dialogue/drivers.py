"""Each speaker's own driver: the recording without the other speakers.

While others speak, the driver contains room tone. Digital silence would give a still image, and another
speaker's words would move the mouth. If two people speak at the same time in one channel, both drivers
contain both voices, because they cannot be separated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.driver import DRIVER_RATE_HZ, SILENT_DBFS
from lipwright.audio.level import from_db, peak
from lipwright.audio.leveling import level_in_place
from lipwright.audio.noise_synthesis import room_tone
from lipwright.dialogue.turns import Turn
from lipwright.domain.media import Waveform
from lipwright.domain.spans import clip_spans, merge_spans, subtract_spans
from lipwright.domain.time import Span, seconds_to_samples

MARGIN_S = 0.12
"""Time in seconds by which a turn is extended at both ends if no other person speaks there, because tables of
turns often cut off the first and last speech sounds."""
FADE_S = 0.01
TONE_S = 12
"""Length of the room tone in seconds, after which it repeats. The repetition is harmless, because only the
model hears the driver."""


@dataclass(frozen=True, slots=True)
class VoicePart:
    """One speaker's driver for a section of the video; its times are relative to the start of the section."""

    driver: Waveform
    speech: tuple[Span, ...]
    listens: tuple[Span, ...]
    """Spans in which only other people speak."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One speaker's audio: a prepared driver as long as the video, and the times when the person speaks."""

    speaker: str
    samples: NDArray[np.float32]
    """The speaker's own channel, or the mix if all speakers share one channel; shape (n,), at
    DRIVER_RATE_HZ."""
    tone: NDArray[np.float32]
    """Room tone that sounds like the pauses in `samples`, shape (m,)."""
    own: tuple[Span, ...]
    """Spans of `samples` that the driver contains, in seconds of the video. Elsewhere, the driver has room
    tone."""
    speech: tuple[Span, ...]
    """Spans of the speaker's speech, within `own`."""

    def part(self, start: Fraction, seconds: Fraction, *, level: bool) -> VoicePart:
        """Return the driver of a section of the video.

        Args:
            start: Start in seconds; the section may extend beyond the end of the audio.
            seconds: Length of the section.
            level: True to normalize the level of the speech, as the preparation of a recording does.
        """
        first, count = (seconds_to_samples(part, DRIVER_RATE_HZ) for part in (start, seconds))
        driver = np.resize(np.roll(self.tone, -(first % len(self.tone))), count)
        whole = Span(float(start), float(start + seconds))
        for part in clip_spans(self.own, whole):
            begin, end = (min(round(at * DRIVER_RATE_HZ), len(self.samples)) for at in (part.start, part.end))
            begin, end = max(begin, first), min(end, first + count)
            if end > begin:
                _put(driver, begin - first, self.samples[begin:end])
        speech = tuple(
            Span(max(0.0, part.start - whole.start), part.end - whole.start)
            for part in clip_spans(self.speech, whole)
        )
        if level and speech and peak(driver) > from_db(SILENT_DBFS):
            level_in_place(driver, DRIVER_RATE_HZ, speech, "speech")
        quiet = subtract_spans([whole], clip_spans(self.own, whole))
        return VoicePart(
            driver=Waveform(driver[None], DRIVER_RATE_HZ),
            speech=speech,
            listens=tuple(Span(one.start - whole.start, one.end - whole.start) for one in quiet),
        )


def make_voices(
    turns: Sequence[Turn],
    speakers: Sequence[str],
    drivers: Sequence[NDArray[np.float32]],
    speech: Sequence[Sequence[Span]],
) -> tuple[Voice, ...]:
    """Make the Voice of each speaker from prepared drivers as long as the video.

    Args:
        turns: The turns of all speakers.
        speakers: Names of the speakers.
        drivers: Either one driver of the mix, or one per speaker; each has shape (n,), at DRIVER_RATE_HZ.
        speech: Spans of speech of each driver.
    """
    tones = [
        room_tone(samples, DRIVER_RATE_HZ, spans, TONE_S * DRIVER_RATE_HZ, seed=0)[0]
        for samples, spans in zip(drivers, speech, strict=True)
    ]
    voices = []
    for number, speaker in enumerate(speakers):
        source = number if len(drivers) > 1 else 0
        own = merge_spans([turn.span for turn in turns if turn.speaker == speaker])
        others = merge_spans([turn.span for turn in turns if turn.speaker != speaker])
        spoken = [part for span in own for part in clip_spans(speech[source], span)]
        voices.append(
            Voice(speaker, drivers[source], tones[source], tuple(_reaching_out(own, others)), tuple(spoken))
        )
    return tuple(voices)


def _reaching_out(own: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """Extend one speaker's spans by MARGIN_S at both ends, but not into the spans of other speakers."""
    wide = merge_spans([Span(max(0.0, span.start - MARGIN_S), span.end + MARGIN_S) for span in own])
    added = subtract_spans(subtract_spans(wide, own), others)
    return merge_spans([*own, *added])


def _put(driver: NDArray[np.float32], start: int, samples: NDArray[np.float32]) -> None:
    """Write samples over the room tone in a driver, with crossfades that keep the power constant."""
    fade = min(round(FADE_S * DRIVER_RATE_HZ), len(samples) // 2)
    rise = np.sin(np.pi / 2 * (np.arange(fade) + 0.5) / max(1, fade)).astype(np.float32)
    weight = np.ones(len(samples), np.float32)
    weight[:fade], weight[len(samples) - fade :] = rise, rise[::-1]
    under = driver[start : start + len(samples)]
    driver[start : start + len(samples)] = weight * samples + np.sqrt(np.maximum(0, 1 - weight**2)) * under
