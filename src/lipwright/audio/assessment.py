"""Convert the diagnosis of a recording to findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from lipwright.audio import findings
from lipwright.audio.diagnosis import DIAGNOSIS, Diagnosis
from lipwright.audio.findings import REPORTING
from lipwright.audio.frame_features import one_power_to_db
from lipwright.audio.hum_detection import HUM, RUMBLE
from lipwright.audio.pause_trimming import LONG_PAUSE_S, Edit
from lipwright.audio.speech import find_silences
from lipwright.audio.speech_events import SIBILANCE, Event, find_sibilants
from lipwright.domain.finding import Finding, Severity, where_of
from lipwright.domain.spans import clip_spans
from lipwright.domain.text import clock, pluralize
from lipwright.domain.time import Span

MAX_TIMES_IN_TEXT = 5
"""Maximum number of times listed in the text of a finding."""
COPIED_CODECS = frozenset({"aac"})
"""Lossy codecs whose packets `render` copies unchanged into the video; for recordings with other lossy
codecs, WAV or FLAC is advised."""


def assess(found: Diagnosis, lossy_codec: str = "", edits: Sequence[Edit] = ()) -> list[Finding]:
    """Convert a diagnosis to findings.

    A problem that occurs in several places is reported once, with its times.

    Args:
        found: The diagnosis of the recording.
        lossy_codec: Name of the source's codec if it is lossy; empty otherwise.
        edits: Edit list that shortens the long pauses; empty if no pause is shortened.
    """
    return [
        *_level(found),
        *_noise(found),
        *_events(found),
        *_pauses(found, edits),
        *_edges_and_silence(found),
        *_channels(found),
        *_format(found, lossy_codec),
    ]


def _level(found: Diagnosis) -> Iterable[Finding]:
    level = found.level
    if level.clipped_samples >= REPORTING.clipped_samples:
        spans = found.source.clipped
        yield findings.CLIPPED(
            where=where_of(spans), samples=level.clipped_samples, places=pluralize(len(spans), "place")
        )
    if level.peak_dbfs > 0:
        yield findings.OVER_FULL_SCALE(where=_everywhere(found), peak_dbfs=level.peak_dbfs)
    if level.lufs < REPORTING.quiet_lufs and found.speech:
        severity: Severity | None = "warning" if level.lufs < REPORTING.very_quiet_lufs else None
        yield findings.QUIET(
            where=_everywhere(found), severity=severity, lufs=level.lufs, limit=REPORTING.quiet_lufs
        )
    speech_db = one_power_to_db(found.speech_power)
    low = [event for event in found.quiet if event.level_db + speech_db < REPORTING.quiet_passage_dbfs]
    if low:
        yield findings.QUIET_PASSAGE(
            where=where_of([event.span for event in low]),
            limit=REPORTING.quiet_passage_dbfs,
            what=_listed(
                low, "passage of speech", lambda e: f"at {e.level_db + speech_db:.0f} dBFS", loudest=False
            ),
        )


def _noise(found: Diagnosis) -> Iterable[Finding]:
    snr, floor = found.level.snr_db, found.level.noise_floor_dbfs
    if found.music is not None:
        span, level_db = found.music
        yield findings.MUSIC_UNDER_SPEECH(where=where_of([span]), below_db=-level_db)
    elif snr is not None and snr < DIAGNOSIS.noisy_db:
        severity: Severity | None = "warning" if snr < REPORTING.drowned_db else None
        yield findings.NOISY(where=_everywhere(found), severity=severity, snr_db=snr, floor_dbfs=floor)
    if found.hum is not None:
        yield findings.HUM(
            where=_everywhere(found),
            severity="warning" if found.hum.level_db > HUM.loud_db else None,
            mains_hz=found.hum.mains_hz,
            lines=pluralize(len(found.hum.lines_hz), "spectral line"),
            below_db=-found.hum.level_db,
        )
    if found.rumble_db > -RUMBLE.below_speech_db:
        yield findings.RUMBLE(where=_everywhere(found), below_db=-found.rumble_db)
    if abs(found.dc) > DIAGNOSIS.dc_offset:
        yield findings.DC_OFFSET(where=_everywhere(found), offset=found.dc)
    if len(found.clicks):
        places = [Span(a / found.rate_hz, b / found.rate_hz) for a, b in found.clicks.tolist()]
        severity = "warning" if len(places) >= REPORTING.many_clicks else None
        text = f"{pluralize(len(places), 'click')}, {_times(places)}"
        yield findings.CLICKS(where=where_of(places), severity=severity, what=text)


def _events(found: Diagnosis) -> Iterable[Finding]:
    if found.plosives:
        yield findings.PLOSIVE(
            where=where_of([event.span for event in found.plosives]),
            what=_listed(
                found.plosives, "plosive", lambda e: f"at {e.level_db:+.0f} dB relative to the speech"
            ),
        )
    if found.breaths:
        yield findings.BREATH(
            where=where_of([event.span for event in found.breaths]),
            what=_listed(found.breaths, "breath", lambda e: f"{-e.level_db:.0f} dB below the speech"),
        )
    if found.sibilance_db is not None and found.sibilance_db > SIBILANCE.sharp_db:
        sharp = [event.span for event in find_sibilants(found.features)]
        yield findings.SIBILANCE(
            where=where_of(sharp) if sharp else _everywhere(found),
            over_db=found.sibilance_db,
            places=pluralize(len(sharp), "place"),
        )


def _pauses(found: Diagnosis, edits: Sequence[Edit]) -> Iterable[Finding]:
    if not found.speech:
        yield findings.NO_SPEECH(where=_everywhere(found))
        return
    kept = [Span(float(edit.master_start), float(edit.master_end)) for edit in edits]
    long = found.long_pauses
    if long:
        longest = max(long, key=lambda silence: silence.seconds)
        text = f"{longest.seconds:.1f} s without speech"
        if len(long) > 1:
            text = f"{len(long)} pauses over {LONG_PAUSE_S:g} s, {_times(long)}"
            text += f", the longest {longest.seconds:.1f} s"
        advice = "long pauses can spoil the sync: shorten them to about a second, or use --trim-silence"
        if edits:
            left = [sum(part.seconds for part in clip_spans(kept, silence)) for silence in long]
            text += f", shortened to {max(left):.1f} s"
            advice = (
                "`edits` in the JSON output lists the sections that were kept; `lipwright audio --master-out`"
                " writes the recording with the same pauses shortened"
            )
        severity: Severity | None = "hint" if edits else None
        yield findings.LONG_SILENCE(where=where_of(long), severity=severity, what=text, advice=advice)
    for silence in find_silences(found.speech, found.seconds, REPORTING.edge_silence_s):
        at_edge = silence.start == 0 or silence.end == found.seconds
        if at_edge and silence.seconds <= LONG_PAUSE_S:
            yield findings.EDGE_SILENCE(
                where=where_of([silence]),
                seconds=silence.seconds,
                edge="start" if silence.start == 0 else "end",
            )


def _edges_and_silence(found: Diagnosis) -> Iterable[Finding]:
    if not found.speech:
        return
    for hard, verb, at in ((found.hard_start, "begins", 0.0), (found.hard_end, "ends", found.seconds)):
        if hard:
            place = Span(max(0.0, at - 0.01), min(found.seconds, at + 0.01))
            yield findings.HARD_CUT(where=where_of([place]), begins_or_ends=verb)
    if found.dropouts:
        longest = max(found.dropouts, key=lambda span: span.seconds)
        what = f"a dropout of {longest.seconds:.2f} s in the audio"
        if len(found.dropouts) > 1:
            what = f"{len(found.dropouts)} dropouts in the audio, {_times(found.dropouts)}"
        yield findings.HOLE_IN_SPEECH(where=where_of(found.dropouts), what=what)
    if found.fade_out is not None:
        yield findings.FADED_SPEECH(where=where_of([found.fade_out]), seconds=found.fade_out.seconds)
    silent_s = sum(span.seconds for span in found.digital_silence)
    if silent_s > LONG_PAUSE_S:
        yield findings.DIGITAL_SILENCE(where=where_of(found.digital_silence), seconds=silent_s)
    elif (found.level.snr_db or 0.0) > REPORTING.too_clean_db:
        yield findings.TOO_CLEAN(where=_everywhere(found), snr_db=found.level.snr_db)


def _channels(found: Diagnosis) -> Iterable[Finding]:
    powers = found.source.powers
    if len(powers) < 2:
        return
    least = max(powers) * 10 ** (-REPORTING.dead_channel_db / 10)
    dead = [i + 1 for i, power in enumerate(powers) if power < least]
    if dead:
        yield findings.DEAD_CHANNEL(
            where=_everywhere(found), channels=", ".join(map(str, dead)), count=len(powers)
        )
    elif found.source.correlation > REPORTING.same_channels:
        yield findings.DUAL_MONO(where=_everywhere(found), count=len(powers))
    elif found.source.correlation < REPORTING.inverted_channels:
        yield findings.INVERTED_CHANNEL(where=_everywhere(found))


def _format(found: Diagnosis, lossy_codec: str) -> Iterable[Finding]:
    if lossy_codec:
        advice = "" if lossy_codec in COPIED_CODECS else "use WAV or FLAC with 16 or 24 bits if you can"
        yield findings.LOSSY_SOURCE(where=_everywhere(found), codec=lossy_codec, advice=advice)
    rate_hz = found.source.rate_hz
    if rate_hz < REPORTING.low_rate_hz:
        yield findings.LOW_RATE(where=_everywhere(found), rate_hz=rate_hz, highest_khz=rate_hz / 2000)
    if found.source.above_8_khz > REPORTING.above_8_khz:
        yield findings.ABOVE_8_KHZ(where=_everywhere(found), percent=100 * found.source.above_8_khz)


def _listed(
    events: Sequence[Event], name: str, describe: Callable[[Event], str], *, loudest: bool = True
) -> str:
    """Describe one event by its level, and several events by their times and the highest or lowest level."""
    extreme = (max if loudest else min)(events, key=lambda event: event.level_db)
    if len(events) == 1:
        return f"a {name}, {describe(extreme)}"
    which = "loudest" if loudest else "quietest"
    return (
        f"{pluralize(len(events), name)}, {_times([e.span for e in events])}, the {which} {describe(extreme)}"
    )


def _times(spans: Sequence[Span]) -> str:
    """Format the start times of the first spans: "at 0:03.2, 0:07.9 and 4 more"."""
    shown = [clock(span.start) for span in spans[:MAX_TIMES_IN_TEXT]]
    more = len(spans) - len(shown)
    if more:
        return f"at {', '.join(shown)} and {more} more"
    return f"at {', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else f"at {shown[0]}"


def _everywhere(found: Diagnosis) -> dict[str, Any]:
    return {"start": 0.0, "end": found.seconds}
