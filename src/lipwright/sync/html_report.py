"""A report as one HTML file, without network or script: curves, windows, the worst places, findings."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.domain.finding import Finding
from lipwright.domain.sync import IN_SYNC_MS, VERDICT_TEXTS, SyncReport
from lipwright.domain.time import Span
from lipwright.sync.lag_correlation import motion_band
from lipwright.sync.mouth_track import MouthTrack
from lipwright.sync.target_motion import TargetMotion

Floats = NDArray[np.float64]
Scale = Callable[[float], float]

SECOND_PX = 56
"""Width of a second in the charts: a syllable is then wide enough to be compared."""
WIDEST_PX, NARROWEST_PX = 24_000, 640
PLOT_PX = 170
POINTS_AT_MOST = 12_000
PLACES = 6
APART_SECONDS = 0.6
IMAGE_PX, MOUTH_PX = 300, 150

_COLOURS = {
    "in-sync": "#1f7a46", "inconclusive": "#7a6a1f", "static": "#9c3d1c", "no-face": "#5b5b66",
}  # fmt: skip
_STYLE = """
:root{color-scheme:light dark;--ink:#1c1d22;--soft:#666a75;--ground:#fafaf8;--card:#fff;--line:#deded8;
--seen:#c2410c;--due:#2563a8;--good:#1f7a4622}
@media(prefers-color-scheme:dark){:root{--ink:#e8e8ea;--soft:#a0a4ae;--ground:#17181c;--card:#202127;
--line:#36373f;--seen:#fb8a4c;--due:#7db4f0;--good:#3ba86a33}}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);
font:16px/1.5 system-ui,sans-serif}main{max-width:60rem;margin:0 auto;padding:1rem}
h1{font-size:1.1rem;margin:.2rem 0;overflow-wrap:anywhere;font-weight:600}
h2{font-size:1rem;margin:1.6rem 0 .5rem}
.verdict{color:#fff;border-radius:.6rem;padding:.8rem 1rem;margin:.8rem 0}
.verdict b{font-size:1.35rem;display:block}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.5rem}
.grid div{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.5rem .7rem}
.grid span{display:block;color:var(--soft);font-size:.8rem}.grid b{font-size:1.1rem;font-weight:600}
.chart{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:.5rem;
-webkit-overflow-scrolling:touch}.chart svg{display:block;min-width:100%;height:auto}
svg text{fill:var(--soft);font:12px system-ui,sans-serif}
.key{color:var(--soft);font-size:.85rem;margin:.3rem 0}
.key i{display:inline-block;width:1.2rem;height:3px;vertical-align:middle;margin:0 .3rem 0 .8rem}
.places{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:.7rem}
figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:.5rem;overflow:hidden}
figure div{display:flex;background:#0008}figure img{display:block;height:9rem;width:50%;object-fit:cover}
figcaption{padding:.5rem .7rem;font-size:.9rem}
li{margin:.5rem 0}li small{color:var(--soft);display:block}ul{padding-left:1.2rem}
.sev{font-size:.75rem;border:1px solid var(--line);border-radius:.3rem;padding:0 .3rem;color:var(--soft)}
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A frame worth looking at."""

    frame: int
    seconds: float
    why: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Its images."""

    place: Place
    image: bytes
    mouth: bytes
    """Both JPEG."""


def worst_places(
    report: SyncReport, track: MouthTrack | None, expected: TargetMotion | None
) -> tuple[Place, ...]:
    """Frames to look at: jumps, repeated frames, then where the mouth is furthest from the expectation."""
    if track is None or not track.visible.any():
        return ()
    places = [Place(f, float(track.seconds[f]), "the mouth jumps") for f in report.mouth.jumps[:2]]
    places += [
        Place(f, float(track.seconds[f]), "repeats the frame before") for f in report.mouth.repeats[:2]
    ]
    if expected is not None:
        seen, due = _openings(track, expected, (report.offset_ms or 0.0) / 1000)
        apart = np.where(track.visible, np.abs(seen - due), -np.inf)
        while len(places) < PLACES and np.isfinite(apart).any():
            frame = int(np.argmax(apart))
            if apart[frame] <= 0:
                break
            at = float(track.seconds[frame])
            if all(abs(at - other.seconds) > APART_SECONDS for other in places):
                # Of curves without their slow part: a mouth that is shut may be above its expectation.
                places.append(Place(frame, at, "lips far from what the audio asks for"))
            apart[np.abs(track.seconds - at) < APART_SECONDS] = -np.inf
    return tuple(sorted(places, key=lambda place: place.frame))


def show(place: Place, rgb: NDArray[np.uint8], track: MouthTrack) -> Shown:
    """Images of a place.

    Args:
        place: Which.
        rgb: The frame, shape (height, width, 3), in the size it was looked at.
        track: The mouth.
    """
    mouth = face = rgb
    if track.visible[place.frame]:
        x, y = track.mouth_center_px[place.frame]
        half = max(8.0, 0.28 * float(track.face_height_px[place.frame]))
        top, left = max(0, round(y - half)), max(0, round(x - half))
        mouth = rgb[top : max(top + 2, round(y + half)), left : max(left + 2, round(x + half))]
        whole = 1.1 * float(track.face_height_px[place.frame])
        above, beside = max(0, round(y - 1.25 * whole)), max(0, round(x - whole))
        face = rgb[
            above : max(above + 2, round(y + 0.75 * whole)), beside : max(beside + 2, round(x + whole))
        ]
        mouth, face = (part if part.size else rgb for part in (mouth, face))
    small = min(1.0, IMAGE_PX / face.shape[0])
    return Shown(
        place,
        _jpeg(face, (max(2, round(face.shape[1] * small)), max(2, round(face.shape[0] * small)))),
        _jpeg(mouth, (MOUTH_PX, MOUTH_PX)),
    )


def draw_page(
    name: str,
    report: SyncReport,
    track: MouthTrack | None,
    expected: TargetMotion | None,
    shown: Sequence[Shown],
) -> str:
    """The page.

    Args:
        name: Of the video.
        report: What was measured.
        track: The mouth that was measured; None without a face.
        expected: What it was held against; None without audio.
        shown: Images of the worst places.
    """
    colour = _COLOURS.get(report.verdict, "#9c3d1c")
    body = [
        f"<h1>{escape(name)}</h1>",
        f'<div class="verdict" style="background:{colour}"><b>{escape(VERDICT_TEXTS[report.verdict])}</b>'
        f"{escape(_sentence(report))}</div>",
        _numbers(report),
    ]
    if track is not None and expected is not None and track.visible.any():
        body += [
            "<h2>The mouth: measured and expected</h2>",
            '<p class="key"><i style="background:var(--seen)"></i>lips, measured'
            '<i style="background:var(--due)"></i>lips, expected from the audio. '
            "Where the second lies to the right, the audio is late. Long videos scroll sideways.</p>",
            _curves(report, track, expected),
        ]
    if any(window.offset_ms is not None for window in report.windows):
        body += [
            "<h2>Offset through the video</h2>",
            '<p class="key">A bar for each stretch of five seconds; the green band is in sync (EBU R37). '
            "Above: the audio is late.</p>",
            _windows(report),
        ]
    if shown:
        body += ["<h2>Worth looking at</h2>", '<div class="places">', *map(_figure, shown), "</div>"]
    if report.causes:
        causes = (_item(cause, cause.evidence) for cause in report.causes)
        body += ["<h2>Likely causes</h2>", "<ul>", *causes, "</ul>"]
    if report.findings:
        body += ["<h2>Noticed beside</h2>", "<ul>", *(_item(f, "") for f in report.findings), "</ul>"]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(name)}: {escape(VERDICT_TEXTS[report.verdict])}</title>"
        f"<style>{_STYLE}</style></head>"
        f"<body><main>{''.join(body)}</main></body></html>\n"
    )


def _sentence(report: SyncReport) -> str:
    if report.offset_ms is None:
        return f"confidence {report.confidence:.2f}; no offset is told below 0.5"
    late = "after" if report.offset_ms >= 0 else "before"
    text = f"The audio comes {abs(report.offset_ms):.0f} ms {late} the lips."
    around = report.extra.get("offset_interval_ms")
    if around:
        text += f" Nine in ten: {around[0]:+.0f} to {around[1]:+.0f} ms."
    if report.drift_ms_per_s:
        text += f" It drifts by {report.drift_ms_per_s:+.1f} ms a second."
    return text


def _numbers(report: SyncReport) -> str:
    mouth, audio = report.mouth, report.audio
    cells = [
        ("offset", "unknown" if report.offset_ms is None else f"{report.offset_ms:+.0f} ms"),
        ("confidence", f"{report.confidence:.2f}"),
        ("drift", "unknown" if report.drift_ms_per_s is None else f"{report.drift_ms_per_s:+.1f} ms/s"),
        ("stiffness", "unknown" if mouth.stiffness is None else f"{mouth.stiffness:.2f}"),
        ("jumps", str(len(mouth.jumps))),
        ("repeated frames", str(len(mouth.repeats))),
        ("loudness", "no audio" if audio.lufs is None else f"{audio.lufs:.1f} LUFS"),
        ("dropouts", str(len(audio.dropouts))),
    ]
    return '<div class="grid">' + "".join(
        f"<div><span>{escape(label)}</span><b>{escape(value)}</b></div>" for label, value in cells
    ) + "</div>"  # fmt: skip


def _openings(track: MouthTrack, expected: TargetMotion, late_s: float) -> tuple[Floats, Floats]:
    """Measured and expected opening at the frames, each over its own deviation; NaN-free."""
    seconds, gap = track.seconds, track.feature("gap")
    known = track.visible
    grid = np.arange(0, max(float(seconds[-1]), 0.1) + 0.01, 0.01)
    seen = np.interp(seconds, grid, motion_band(np.interp(grid, seconds[known], gap[known])))
    due = expected.at(motion_band(expected.opening), seconds + late_s)
    return seen / max(float(seen.std()), 1e-6), due / max(float(due.std()), 1e-6)


def _width(seconds: float) -> int:
    return int(np.clip(seconds * SECOND_PX, NARROWEST_PX, WIDEST_PX))


def _curves(report: SyncReport, track: MouthTrack, expected: TargetMotion) -> str:
    seconds = max(float(track.seconds[-1]), 0.1)
    width = _width(seconds)
    seen, due = _openings(track, expected, 0.0)
    every = max(1, -(-len(seen) // POINTS_AT_MOST))
    x = track.seconds / seconds * (width - 20) + 10

    def line(values: Floats, colour: str) -> str:
        y = PLOT_PX / 2 - np.clip(values, -3, 3) * (PLOT_PX / 2 - 14) / 3
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x[::every], y[::every], strict=True))
        return f'<polyline fill="none" stroke="{colour}" stroke-width="1.8" points="{points}"/>'

    marks = "".join(
        f'<path d="M{x[f]:.1f} 4v{PLOT_PX - 8}" stroke="var(--seen)" stroke-dasharray="2 3"/>'
        for f in (*report.mouth.jumps, *report.mouth.repeats)
    )
    return _svg(
        width, PLOT_PX, _ticks(seconds, width) + marks + line(due, "var(--due)") + line(seen, "var(--seen)")
    )


def _windows(report: SyncReport) -> str:
    seconds = max(window.span.end for window in report.windows)
    width = _width(seconds)
    told = [window.offset_ms for window in report.windows if window.offset_ms is not None]
    reach = max(120.0, *(abs(value) * 1.15 for value in told))

    def y(ms: float) -> float:
        return float(PLOT_PX / 2 - ms / reach * (PLOT_PX / 2 - 16))

    def x(at: float) -> float:
        return at / seconds * (width - 20) + 10

    early, late = (y(edge) for edge in IN_SYNC_MS)
    band = f'<rect x="0" width="{width}" y="{late:.1f}" height="{early - late:.1f}" fill="var(--good)"/>'
    bars = "".join(_bar(w.span, w.offset_ms, w.confidence, x, y) for w in report.windows)
    zero = f'<path d="M0 {y(0):.1f}h{width}" stroke="var(--line)"/>'
    return _svg(width, PLOT_PX, band + zero + _ticks(seconds, width) + bars)


def _bar(span: Span, offset_ms: float | None, confidence: float, x: Scale, y: Scale) -> str:
    left, right = x(span.start) + 2, x(span.end) - 2
    middle = (left + right) / 2
    if offset_ms is None:
        return f'<text x="{middle:.0f}" y="{PLOT_PX - 22}" text-anchor="middle">?</text>'
    up = y(offset_ms)
    return (
        f'<path d="M{left:.1f} {up:.1f}H{right:.1f}" stroke="var(--seen)" stroke-width="4" '
        f'opacity="{0.35 + 0.65 * confidence:.2f}"/><text x="{middle:.0f}" y="{up - 6:.1f}" '
        f'text-anchor="middle">{offset_ms:+.0f}</text>'
    )


def _ticks(seconds: float, width: int) -> str:
    step = max(1, round(seconds / (width / SECOND_PX) + 0.49))
    return "".join(
        f'<text x="{s / seconds * (width - 20) + 10:.0f}" y="{PLOT_PX - 4}" text-anchor="middle">{s} s</text>'
        for s in range(0, int(seconds) + 1, step)
    )


def _svg(width: int, height: int, inside: str) -> str:
    return (
        f'<div class="chart"><svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img">{inside}</svg></div>'
    )


def _figure(shown: Shown) -> str:
    images = "".join(
        f'<img alt="{alt}" src="data:image/jpeg;base64,{base64.b64encode(data).decode()}">'
        for alt, data in (("frame", shown.image), ("mouth", shown.mouth))
    )
    place = shown.place
    return (
        f"<figure><div>{images}</div><figcaption><b>{place.seconds:.2f} s</b>, frame {place.frame}: "
        f"{escape(place.why)}</figcaption></figure>"
    )


def _item(finding: Finding, evidence: str) -> str:
    notes: Iterable[str] = (note for note in (evidence, finding.advice) if note)
    return (
        f'<li><span class="sev">{finding.severity}</span> {escape(finding.text)}'
        + "".join(f"<small>{escape(note)}</small>" for note in notes)
        + "</li>"
    )


def _jpeg(rgb: NDArray[np.uint8], size: tuple[int, int]) -> bytes:
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 82])
    return bytes(data)
