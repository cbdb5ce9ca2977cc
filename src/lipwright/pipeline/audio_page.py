"""The report of a recording as one page: seen, heard and told; nothing is fetched from anywhere."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.driver import DRIVER_RATE_HZ
from lipwright.audio.level import Level
from lipwright.audio.pause_trimming import LONG_PAUSE_S
from lipwright.audio.speech import find_silences
from lipwright.audio.waveform_image import WaveformImage, draw_waveform
from lipwright.domain.media import Image
from lipwright.domain.pluralize import pluralize
from lipwright.domain.time import Span
from lipwright.media.audio_writer import encode_m4a
from lipwright.media.image_file import encode_png
from lipwright.pipeline.audio_report import AudioReport

HEARD_S = 600
"""So much of a long audio can be played; the images show all of it."""
HEIGHT = 120
"""Of a waveform, in units of its drawing."""

_INK = np.array([[0, 0, 4], [60, 15, 112], [140, 41, 129], [222, 73, 104], [254, 159, 109], [252, 253, 191]])
"""Colours of the spectrogram, evenly spaced from faint to loud (Smith and van der Walt's magma)."""


@dataclass(frozen=True, slots=True)
class AudioPreview:
    """One version of the audio: before or after."""

    shape: WaveformImage
    audio: bytes
    """M4A."""


def make_preview(samples: NDArray[np.float32]) -> AudioPreview:
    """Look at a version and keep it for listening, shape (n,) at the driver's rate."""
    return AudioPreview(
        draw_waveform(samples, DRIVER_RATE_HZ),
        encode_m4a(samples[: HEARD_S * DRIVER_RATE_HZ], DRIVER_RATE_HZ),
    )


def audio_page(name: str, found: AudioReport, before: AudioPreview, after: AudioPreview) -> str:
    """The page.

    Args:
        name: Of the recording.
        found: Everything measured.
        before: The recording as the model would have heard it.
        after: The driver.
    """
    form = found.format
    depth = f"{form.bits} bits, " if form.bits else ""
    facts = (
        f"{form.codec}, {form.sample_rate_hz} Hz, {depth}{form.layout}, {float(form.seconds):.2f} s. "
        f"Video: {pluralize(found.plan.frames, 'frame')}, {float(found.plan.seconds):.2f} s."
    )
    return _PAGE.format(
        name=escape(name),
        style=_STYLE,
        facts=escape(facts),
        before=_version("Before", "the recording, mono at 24 kHz", before, found.speech),
        after=_version("After", "the driver: what the model hears", after, found.driver_speech),
        levels=_levels(found.level, found.driver_level),
        actions=_actions(found),
        findings=_findings(found),
    )


def _version(title: str, what: str, made: AudioPreview, speech: Sequence[Span]) -> str:
    seconds = made.shape.seconds
    note = f" The first {HEARD_S // 60} minutes can be played." if seconds > HEARD_S else ""
    image = b64encode(encode_png(Image(_colored(made.shape.spectrogram)))).decode()
    audio = b64encode(made.audio).decode()
    return (
        f"<section><h2>{title} <small>{what}.{note}</small></h2>"
        f"{_waveform(made.shape, speech)}"
        f'<img class="spectrogram" alt="Spectrogram, 50 Hz to 12 kHz" src="data:image/png;base64,{image}">'
        f'<div class="axis">{_ticks(seconds)}</div>'
        f'<audio controls preload="metadata" src="data:audio/mp4;base64,{audio}"></audio></section>'
    )


def _waveform(shape: WaveformImage, speech: Sequence[Span]) -> str:
    width, middle = len(shape.highs), HEIGHT / 2
    scale = width / shape.seconds
    upper = [f"{x},{middle - middle * float(y):.1f}" for x, y in enumerate(shape.highs)]
    lower = [f"{x},{middle - middle * float(y):.1f}" for x, y in enumerate(shape.lows)]
    marks = [_box("speech", span, scale) for span in speech]
    marks += [_box("pause", span, scale) for span in find_silences(speech, shape.seconds, LONG_PAUSE_S)]
    return (
        f'<svg viewBox="0 0 {width} {HEIGHT}" preserveAspectRatio="none" role="img" aria-label="Waveform">'
        f'{"".join(marks)}<polygon points="{" ".join(upper + lower[::-1])}"/></svg>'
    )


def _box(kind: str, span: Span, scale: float) -> str:
    x, width = span.start * scale, max(1.0, span.seconds * scale)
    return f'<rect class="{kind}" x="{x:.1f}" y="0" width="{width:.1f}" height="{HEIGHT}"/>'


def _ticks(seconds: float) -> str:
    return "".join(f"<span>{_clock(seconds * part / 4)}</span>" for part in range(5))


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes)}:{rest:04.1f}"


def _colored(levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    at = np.linspace(0, 255, len(_INK))
    table = np.stack([np.interp(np.arange(256), at, _INK[:, i]) for i in range(3)], 1)
    return table.astype(np.uint8)[levels]


def _levels(before: Level, after: Level) -> str:
    rows = (
        ("peak", before.peak_dbfs, after.peak_dbfs, "dBFS", "-6 to -3"),
        ("true peak", before.true_peak_dbfs, after.true_peak_dbfs, "dBTP", ""),
        ("loudness", before.lufs, after.lufs, "LUFS", "about -16"),
        ("noise floor", before.noise_floor_dbfs, after.noise_floor_dbfs, "dBFS", ""),
        ("speech over noise", before.snr_db, after.snr_db, "dB", "over 30"),
        ("clipped samples", before.clipped_samples, after.clipped_samples, "", "0"),
    )
    body = "".join(
        f"<tr><th>{name}</th><td>{_number(a)}</td><td>{_number(b)}</td><td>{unit}</td><td>{wish}</td></tr>"
        for name, a, b, unit, wish in rows
    )
    head = "<tr><th></th><td>before</td><td>after</td><td></td><td>wanted</td></tr>"
    return f"<table>{head}{body}</table>"


def _number(value: float | None) -> str:
    if value is None:
        return "not heard"
    return str(value) if isinstance(value, int) else f"{value:.1f}"


def _actions(found: AudioReport) -> str:
    rows = "".join(
        f"<tr><th>{escape(action.name)}</th><td>{round(action.amount, 2):g}</td><td>{action.unit}</td>"
        f"<td>{action.count if action.count > 1 else ''}</td></tr>"
        for action in found.actions
    )
    return f"<table><tr><th></th><td>amount</td><td></td><td>places</td></tr>{rows}</table>"


def _findings(found: AudioReport) -> str:
    if not found.findings:
        return "<p>Nothing: this recording is fit to drive a video.</p>"
    return f"<ul>{''.join(_items(found))}</ul>"


def _items(found: AudioReport) -> Iterable[str]:
    for finding in found.findings:
        where = finding.where
        place = ""
        if where and not (where["start"] == 0 and where["end"] >= float(found.format.seconds) - 0.01):
            place = f"<small>{_clock(where['start'])} to {_clock(where['end'])}</small> "
        yield (
            f'<li class="{finding.severity}">{place}<b>{escape(finding.text)}</b> '
            f"<code>{escape(finding.id)}</code><br>{escape(finding.advice)}</li>"
        )


_STYLE = """
:root { color-scheme: light dark; --ink: #1d2433; --paper: #fbfaf7; --line: #d9d5cb; --wave: #2b5c8a;
  --speech: #cfe3d4; --pause: #f6d9b8; --bad: #b3261e; --warn: #9a5b00; --soft: #6b7280; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7e5df; --paper: #16181d; --line: #353941;
  --wave: #86b6e2;
  --speech: #24402f; --pause: #4d3a20; --bad: #ff8a80; --warn: #f0b35a; --soft: #9aa1ad; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 1080px;
  margin: 0 auto; padding: 24px; }
h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin: 28px 0 8px; }
small, .axis, .key { color: var(--soft); font-weight: normal; font-size: .85rem; }
svg { display: block; width: 100%; height: 120px; border: 1px solid var(--line); border-bottom: 0;
  box-sizing: border-box; }
polygon { fill: var(--wave); } .speech { fill: var(--speech); } .pause { fill: var(--pause); }
.spectrogram { display: block; width: 100%; height: 160px; border: 1px solid var(--line); border-top: 0;
  box-sizing: border-box; image-rendering: auto; }
.axis { display: flex; justify-content: space-between; margin: 2px 0 6px; } audio { width: 100%; }
.key i { display: inline-block; width: 1em; height: 1em; margin: 0 .3em 0 1em; vertical-align: -2px; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 0 40px; }
table { border-collapse: collapse; width: 100%; } th { text-align: left; font-weight: 600; }
td, th { padding: 3px 10px 3px 0; border-bottom: 1px solid var(--line); }
td { font-variant-numeric: tabular-nums; } ul { padding: 0; list-style: none; margin: 0; }
li { border-left: 4px solid var(--line); padding: 2px 0 2px 12px; margin: 10px 0; }
li.warning { border-color: var(--warn); } li.error { border-color: var(--bad); } code { color: var(--soft); }
"""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}: lipwright audio</title><style>{style}</style></head>
<body><h1>{name}</h1><p>{facts}</p>
<p class="key"><i style="background: var(--speech)"></i>speech
<i style="background: var(--pause)"></i>pause over 2 s</p>
{before}
{after}
<div class="grid"><section><h2>Level</h2>{levels}</section>
<section><h2>What was done</h2>{actions}</section></div>
<section><h2>What was noticed</h2>{findings}</section>
</body></html>
"""
