"""What to tell about a recording: findings, in the guide's terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import log10

from lipwright.audio.diagnosis import Diagnosis
from lipwright.audio.events import SHARP_DB, Event, find_sibilants
from lipwright.audio.hum_detection import RUMBLE_BELOW_SPEECH_DB
from lipwright.audio.pause_trimming import Edit
from lipwright.audio.speech import find_silences
from lipwright.domain.finding import Finding
from lipwright.domain.pluralize import pluralize
from lipwright.domain.time import Span

QUIET_LUFS = -20.0
"""Quieter speech leaves the mouth still; -16 is what users find good."""
QUIET_PASSAGE_DBFS = -30.0
"""The guide: passages below -30 dB are too quiet."""
LONG_SILENCE_S = 2.0
"""The guide: gaps longer than 2 seconds can cost the sync."""
EDGE_SILENCE_S = 1.0
MIN_CLIPPED = 10
"""Fewer flat samples than this are chance."""
NOISY_DB, DROWNED_DB = 30.0, 15.0
"""SNR below which noise is named, and below which it is a warning."""
TOO_CLEAN_DB = 65.0
"""SNR that no room has: 36 to 49 in 20 real recordings, 77 and 100 in synthesizers' (piper, espeak-ng)."""
DC_FULL_SCALE = 0.003
"""-50 dB: less is no offset."""
LOW_RATE_HZ = 16_000
UNHEARD = 0.1
"""Share of the power above 8 kHz that is worth a word."""
SAME = 0.9999
INVERSE = -0.9
DEAD_DB = 50.0
MOST = 20
"""Places named one by one; the rest is counted."""


def assess(found: Diagnosis, lossy_codec: str = "", edits: Sequence[Edit] = ()) -> list[Finding]:
    """Everything that was noticed, the gravest kinds first.

    Args:
        found: The recording.
        lossy_codec: Name of its codec where that loses something.
        edits: How its pauses are shortened; empty leaves them.
    """
    return [
        *_level(found),
        *_noise(found),
        *_events(found),
        *_pauses(found, edits),
        *_channels(found),
        *_format(found, lossy_codec),
    ]


def _level(found: Diagnosis) -> Iterable[Finding]:
    level = found.level
    if level.clipped_samples >= MIN_CLIPPED:
        first, last = found.source.clipped[0], found.source.clipped[-1]
        yield Finding(
            id="clipped",
            severity="warning",
            text=f"{level.clipped_samples} samples are clipped, "
            f"in {pluralize(len(found.source.clipped), 'place')}",
            advice="record again with the peak between -6 and -3 dB; clipping makes the mouth jump",
            where={"start": first.start, "end": last.end},
        )
    if level.peak_dbfs > 0:
        yield Finding(
            id="over-full-scale",
            severity="warning",
            text=f"the peak is {level.peak_dbfs:+.1f} dBFS: over full scale, which only float files can hold",
            advice="lower it before it becomes AAC, ALAC or integer WAV, or the delivered audio will clip",
            where=_everywhere(found),
        )
    if level.lufs < QUIET_LUFS and found.speech:
        yield Finding(
            id="quiet",
            severity="warning",
            text=f"loudness is {level.lufs:.1f} LUFS, below {QUIET_LUFS:.0f}",
            advice="quiet speech gives a still mouth: about -16 LUFS, peak -6 to -3 dB, works best",
            where=_everywhere(found),
        )
    low = [event for event in found.quiet if _dbfs(found, event) < QUIET_PASSAGE_DBFS]
    for span, text in _capped(low, lambda e: f"a passage of speech at {_dbfs(found, e):.0f} dBFS"):
        yield Finding(
            id="quiet-passage",
            severity="warning",
            text=f"{text}, below {QUIET_PASSAGE_DBFS:.0f}",
            advice="the mouth hardly opens below -30 dB: speak it again, or level the recording",
            where={"start": span.start, "end": span.end},
        )


def _noise(found: Diagnosis) -> Iterable[Finding]:
    snr, floor = found.level.snr_db, found.level.noise_floor_dbfs
    if found.music is not None:
        span, level_db = found.music
        yield Finding(
            id="music-under-speech",
            severity="warning",
            text=f"there is music under the speech, {-level_db:.0f} dB below it",
            advice="drive with the dialogue alone (--driver STEM) and deliver this mix. Denoising takes"
            " the music out between words, not under them: there it still moves the lips",
            where={"start": span.start, "end": span.end},
        )
    elif snr is not None and snr < NOISY_DB:
        yield Finding(
            id="noisy",
            severity="warning" if snr < DROWNED_DB else "hint",
            text=f"the noise lies {snr:.0f} dB below the speech, at {floor:.0f} dBFS",
            advice="noise confuses the lips: --denoise auto takes most of it out of the driver; a closer"
            " microphone does better",
            where=_everywhere(found),
        )
    if found.hum is not None:
        yield Finding(
            id="hum",
            severity="warning" if found.hum.level_db > -40 else "hint",
            text=f"mains hum of {found.hum.mains_hz:.1f} Hz, lines: {len(found.hum.lines_hz)},"
            f" {-found.hum.level_db:.0f} dB below the speech",
            advice="remove background hum: it is notched out of the driver; look for a ground loop",
            where=_everywhere(found),
        )
    if found.rumble_db > -RUMBLE_BELOW_SPEECH_DB:
        yield Finding(
            id="rumble",
            severity="hint",
            text=f"rumble or wind below 45 Hz, {-found.rumble_db:.0f} dB below the speech",
            advice="it is filtered out of the driver; a low-cut or a wind shield at the microphone is better",
            where=_everywhere(found),
        )
    if abs(found.dc) > DC_FULL_SCALE:
        yield Finding(
            id="dc-offset",
            severity="hint",
            text=f"the audio lies {found.dc:+.3f} of full scale off its middle",
            advice="it is taken out of the driver; the converter or cable may be at fault",
            where=_everywhere(found),
        )
    if len(found.clicks):
        places = [Span(a / 24_000, b / 24_000) for a, b in found.clicks.tolist()]
        yield Finding(
            id="clicks",
            severity="hint" if len(places) < 10 else "warning",
            text=f"{len(places)} clicks",
            advice="sharp transients make the mouth jump; they are taken out of the driver",
            where={"start": places[0].start, "end": places[-1].end},
        )


def _events(found: Diagnosis) -> Iterable[Finding]:
    for span, text in _capped(
        found.plosives, lambda e: f"a plosive pops, {e.level_db:+.0f} dB against the speech below 90 Hz"
    ):
        yield Finding(
            id="plosive",
            severity="hint",
            text=text,
            advice="plosives make the mouth jump: they are softened in the driver; use a pop filter",
            where={"start": span.start, "end": span.end},
        )
    for span, text in _capped(
        found.breaths, lambda e: f"a breath of {e.span.seconds:.1f} s, {-e.level_db:.0f} dB below the speech"
    ):
        yield Finding(
            id="breath",
            severity="hint",
            text=text,
            advice="lips may follow a breath: it is turned down in the driver",
            where={"start": span.start, "end": span.end},
        )
    if found.sibilance_db is not None and found.sibilance_db > SHARP_DB:
        sharp = find_sibilants(found.seen)
        yield Finding(
            id="sibilance",
            severity="hint",
            text=f"s sounds are sharp: {found.sibilance_db:+.0f} dB against the speech above 5 kHz,"
            f" in {pluralize(len(sharp), 'place')}",
            advice="apply de-essing: --deess auto does it in the driver",
            where={"start": sharp[0].span.start, "end": sharp[-1].span.end} if sharp else _everywhere(found),
        )


def _pauses(found: Diagnosis, edits: Sequence[Edit]) -> Iterable[Finding]:
    if not found.speech:
        yield Finding(
            id="no-speech",
            severity="warning",
            text="no speech was found",
            advice="drive with the dialogue alone (--driver); lips rest where nobody speaks",
            where=_everywhere(found),
        )
        return
    kept = [Span(float(edit.master_start), float(edit.master_end)) for edit in edits]
    for silence in find_silences(found.speech, found.seconds, LONG_SILENCE_S):
        left_s = sum(max(0.0, min(a.end, silence.end) - max(a.start, silence.start)) for a in kept)
        shortened = f", shortened to {left_s:.1f} s" if edits else ""
        yield Finding(
            id="long-silence",
            severity="hint" if edits else "warning",
            text=f"{silence.seconds:.1f} s without speech{shortened}",
            advice="`edits` tells what lies where; render shortens the delivered audio alike, audio does with"
            " --master-out"
            if edits
            else "pauses over 2 s can cost the sync: shorten them to a second, or use --trim-silence",
            where={"start": silence.start, "end": silence.end},
        )
    for silence in find_silences(found.speech, found.seconds, EDGE_SILENCE_S):
        at_edge = silence.start == 0 or silence.end == found.seconds
        if at_edge and silence.seconds <= LONG_SILENCE_S:
            yield Finding(
                id="edge-silence",
                severity="hint",
                text=f"{silence.seconds:.1f} s of silence at the {'start' if silence.start == 0 else 'end'}",
                advice="half a second is enough",
                where={"start": silence.start, "end": silence.end},
            )
    for hard, name, at in ((found.hard_start, "begins", 0.0), (found.hard_end, "ends", found.seconds)):
        if hard:
            yield Finding(
                id="hard-cut",
                severity="hint",
                text=f"the audio {name} in the middle of something",
                advice="leave half a second before the first and after the last word; the driver is faded",
                where={"start": max(0.0, at - 0.01), "end": min(found.seconds, at + 0.01)},
            )
    nothing_s = sum(span.seconds for span in found.digital_silence)
    too_clean = "very clean audio can leave the image still: if it does, use --driver-noise -55"
    if nothing_s > LONG_SILENCE_S:
        yield Finding(
            id="digital-silence",
            severity="hint",
            text=f"{nothing_s:.1f} s hold nothing, not even a room",
            advice=too_clean,
            where={"start": found.digital_silence[0].start, "end": found.digital_silence[-1].end},
        )
    elif found.snr_db is not None and found.snr_db > TOO_CLEAN_DB:
        yield Finding(
            id="too-clean",
            severity="hint",
            text=f"there is no room around the voice: between words it lies {found.snr_db:.0f} dB lower",
            advice=too_clean,
            where=_everywhere(found),
        )


def _channels(found: Diagnosis) -> Iterable[Finding]:
    powers = found.source.powers
    if len(powers) < 2:
        return
    loudest = max(powers)
    dead = [i + 1 for i, power in enumerate(powers) if power < loudest * 10 ** (-DEAD_DB / 10)]
    if dead and loudest > 0:
        yield Finding(
            id="dead-channel",
            severity="hint",
            text=f"channel {', '.join(map(str, dead))} of {len(powers)} is silent",
            advice="the others alone are heard; export the dialogue as mono",
            where=_everywhere(found),
        )
    elif found.source.sameness > SAME:
        yield Finding(
            id="dual-mono",
            severity="hint",
            text=f"all {len(powers)} channels hold the same audio",
            advice="the model takes one channel: export as mono",
            where=_everywhere(found),
        )
    elif found.source.sameness < INVERSE:
        yield Finding(
            id="inverted-channel",
            severity="warning",
            text="the channels cancel each other: one is the other's inverse",
            advice="one of them alone is heard; who plays the video in mono hears nothing: turn one over",
            where=_everywhere(found),
        )


def _format(found: Diagnosis, lossy_codec: str) -> Iterable[Finding]:
    if lossy_codec:
        yield Finding(
            id="lossy-source",
            severity="hint",
            text=f"{lossy_codec} leaves out a part of the audio",
            advice="avoid MP3, 8 bits and other lossy formats where you can: WAV or FLAC, 16 or 24 bits",
            where=_everywhere(found),
        )
    if found.source.rate_hz < LOW_RATE_HZ:
        yield Finding(
            id="low-rate",
            severity="warning",
            text=f"{found.source.rate_hz} Hz hold audio up to {found.source.rate_hz / 2000:g} kHz;"
            " the model listens up to 8 kHz",
            advice="record at 24 kHz or more: consonants lie up there",
            where=_everywhere(found),
        )
    if found.source.unheard > UNHEARD:
        yield Finding(
            id="above-8-khz",
            severity="hint",
            text=f"{100 * found.source.unheard:.0f} % of the power lies above 8 kHz",
            advice="the model never hears it: what it does not hear moves no lips",
            where=_everywhere(found),
        )


def _capped(found: Sequence[Event], describe: Callable[[Event], str]) -> Iterable[tuple[Span, str]]:
    """Place and words of each event; of very many the last ones together."""
    shown = found if len(found) <= MOST else found[: MOST - 1]
    for event in shown:
        yield event.span, describe(event)
    if len(shown) < len(found):
        rest = found[len(shown) :]
        text = f"{len(rest)} more; the first of them: {describe(rest[0])}"
        yield Span(rest[0].span.start, rest[-1].span.end), text


def _dbfs(found: Diagnosis, event: Event) -> float:
    return event.level_db + 10 * log10(found.speech_power)


def _everywhere(found: Diagnosis) -> dict[str, float]:
    return {"start": 0.0, "end": found.seconds}
