"""The HTML page of a sync check: video, curves, offset per window, moments worth looking at, findings."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.spans import runs
from lipwright.domain.sync_verdict import IN_SYNC_MS, VERDICT_TEXTS, SyncReport
from lipwright.media.input_containers import MEDIA_TYPES
from lipwright.reports.page import TimeAxis, data_uri, jpeg_uri, render_page
from lipwright.sync.findings import LIMITS
from lipwright.sync.lag_correlation import MIN_CONFIDENCE, motion_band
from lipwright.sync.mouth_metrics import speech_and_silence
from lipwright.sync.mouth_track import MouthTrack
from lipwright.sync.target_motion import TargetMotion

Floats = NDArray[np.float64]

PX_PER_SECOND = 40
"""Minimum horizontal scale of the charts; at a smaller scale, syllables could not be compared."""
MAX_CHART_PX, MAX_CHART_POINTS = 24_000, 12_000
MAX_PLACES = 6
MAX_MOMENTS = 24
"""Maximum number of jumps and repeated frames to list."""
MIN_PLACE_DISTANCE_S = 0.6
MIN_WINDOW_RANGE_MS = 120.0
"""Minimum vertical range of the offset chart in ms, both above and below 0."""
FACE_PX, MOUTH_PX = 300, 150
"""Heights of the face image and the mouth image that are shown for a frame worth looking at."""
MAX_EMBEDDED_VIDEO_BYTES = 12 * 2**20
"""Maximum size of an embedded video; a larger one is linked, because the page would load slowly."""


@dataclass(frozen=True, slots=True)
class Place:
    """A frame worth looking at, and the reason."""

    frame: int
    seconds: float
    reason: str


def sync_page(
    page: Path,
    video: Path,
    report: SyncReport,
    *,
    track: MouthTrack | None,
    target: TargetMotion | None,
    frames: Iterator[tuple[Fraction, NDArray[np.uint8]]],
    manifest: Mapping[str, Any] | None = None,
    address: str | None = None,
    name: str | None = None,
) -> str:
    """Render the HTML page of a sync check.

    Args:
        page: Path at which the page will be written; the link to a large video is relative to this path.
        video: The video.
        report: The measurements.
        track: The measured motion of the mouth; None if no face was found.
        target: The motion that the audio predicts; None without audio.
        frames: The frames of the video, in the size at which the face was tracked.
        manifest: Manifest of the video, which says whether its audio was frozen and copied.
        address: URL of a video too large to be embedded; None for its path relative to the page.
        name: Name of the video; None for its file name.
    """
    places = find_places(report, track, target)
    images = _place_images(places, frames, track) if track is not None else {}
    ends = [window.span.end for window in report.windows]
    seconds = max([report.extra.get("video", {}).get("seconds") or 0.1, *ends])
    axis = TimeAxis(seconds, min(MAX_CHART_PX, int(seconds * PX_PER_SECOND)))
    return render_page(
        "sync.html.j2",
        name=name or video.name,
        title=VERDICT_TEXTS[report.verdict],
        report=report,
        min_confidence=MIN_CONFIDENCE,
        in_sync_ms=IN_SYNC_MS,
        axis=axis,
        badges=_badges(manifest),
        curves=_curves(report, track, target, axis),
        moments=_moments(report, track),
        windows=_windows(report, axis),
        places=[(place, *images[place.frame]) for place in places if place.frame in images],
        source=_video_source(video, page, address),
    )


def find_places(
    report: SyncReport, track: MouthTrack | None, target: TargetMotion | None
) -> tuple[Place, ...]:
    """Choose frames to show: jumps, repeats, then the frames whose lips differ most from the prediction."""
    if track is None or not track.visible.any():
        return ()
    places = [Place(f, float(track.seconds[f]), "The mouth jumps.") for f in report.mouth.jumps[:2]]
    places += [
        Place(f, float(track.seconds[f]), "This frame repeats the one before.")
        for f in report.mouth.repeats[:2]
    ]
    if target is not None:
        measured, expected = _openings(track, target, (report.offset_ms or 0.0) / 1000)
        difference = np.where(track.visible, np.abs(measured - expected), -np.inf)
        while len(places) < MAX_PLACES and np.isfinite(difference).any():
            frame = int(np.argmax(difference))
            if difference[frame] <= 0:
                break
            at = float(track.seconds[frame])
            if all(abs(at - other.seconds) > MIN_PLACE_DISTANCE_S for other in places):
                how = "more open" if measured[frame] > expected[frame] else "more closed"
                places.append(Place(frame, at, f"The mouth is {how} than the audio predicts."))
            difference[np.abs(track.seconds - at) < MIN_PLACE_DISTANCE_S] = -np.inf
    return tuple(sorted(places, key=lambda place: place.frame))


def _badges(manifest: Mapping[str, Any] | None) -> list[tuple[str, bool]]:
    """Return what the manifest says about the audio, as (text, good) pairs; `good` is False for a problem."""
    if manifest is None:
        return []
    badges = [
        ("audio latent frozen: bit-identical", True)
        if manifest["frozen"]
        else ("audio latent not frozen", False)
    ]
    audio = manifest["audio"]
    if audio.get("copied"):
        badges.append(("audio: copied", True))
    elif audio.get("bit_exact"):
        badges.append(("audio: bit-exact", True))
    else:
        badges.append((f"audio: encoded as {audio.get('codec', 'AAC')}", True))
    return badges


def _moments(report: SyncReport, track: MouthTrack | None) -> list[tuple[str, float]]:
    """Return (name, seconds) of the first jumps and repeated frames, for buttons that seek to them."""
    if track is None:
        return []
    named = [("jump", frame) for frame in report.mouth.jumps]
    named += [("repeat", frame) for frame in report.mouth.repeats]
    found = sorted((float(track.seconds[frame]), name) for name, frame in named)
    return [(name, seconds) for seconds, name in found[:MAX_MOMENTS]]


def _video_source(video: Path, page: Path, address: str | None) -> str | None:
    """Return the URL of the video; None if browsers cannot play its format.

    A small video is embedded as a data URI. The URL of a larger video is `address`, or without an address the
    video's path relative to the page.
    """
    media_type = MEDIA_TYPES.get(video.suffix.lower())
    if media_type is None:
        return None
    if video.stat().st_size <= MAX_EMBEDDED_VIDEO_BYTES:
        return data_uri(video.read_bytes(), media_type)
    return address or quote(os.path.relpath(video, page.parent).replace(os.sep, "/"))


def _place_images(
    places: Sequence[Place], frames: Iterator[tuple[Fraction, NDArray[np.uint8]]], track: MouthTrack
) -> dict[int, tuple[str, str]]:
    """Return data URIs of a face image and a mouth image for each place, by frame number."""
    wanted = {place.frame for place in places}
    found: dict[int, tuple[str, str]] = {}
    for number, (_, rgb) in enumerate(frames if wanted else ()):
        if number in wanted:
            x, y = track.mouth_center_px[number]
            height = float(track.face_height_px[number])
            face, mouth = rgb, rgb
            if track.visible[number]:
                whole, half = 1.1 * height, max(8.0, 0.28 * height)
                face = _crop(rgb, x - whole, y - 1.25 * whole, x + whole, y + 0.75 * whole)
                mouth = _crop(rgb, x - half, y - half, x + half, y + half)
            found[number] = (jpeg_uri(face, FACE_PX), jpeg_uri(mouth, MOUTH_PX))
        if number >= max(wanted):
            break
    return found


def _crop(rgb: NDArray[np.uint8], *edges: float) -> NDArray[np.uint8]:
    left, top, right, bottom = (max(0, round(edge)) for edge in edges)
    part = rgb[top : max(top + 2, bottom), left : max(left + 2, right)]
    return part if part.size else rgb


def _openings(track: MouthTrack, target: TargetMotion, audio_late_s: float) -> tuple[Floats, Floats]:
    """Return measured and expected mouth opening per frame, each divided by its own standard deviation."""
    seconds, gap, visible = track.seconds, track.feature("gap"), track.visible
    grid = np.arange(0, max(float(seconds[-1]), 0.1) + 0.01, 0.01)
    opening = np.interp(seconds, grid, motion_band(np.interp(grid, seconds[visible], gap[visible])))
    expected = target.at(motion_band(target.opening), seconds + audio_late_s)
    return opening / max(float(opening.std()), 1e-6), expected / max(float(expected.std()), 1e-6)


def _curves(
    report: SyncReport, track: MouthTrack | None, target: TargetMotion | None, axis: TimeAxis
) -> dict[str, object] | None:
    """Return the chart of mouth openings in coordinates 0..100.

    The chart has the measured and the predicted curve, and marks jumps, repeated frames and lips that move in
    silence. None if no face was found, or there is no audio.
    """
    if track is None or target is None or not track.visible.any():
        return None
    every = max(1, -(-len(track.seconds) // MAX_CHART_POINTS))

    def points(values: Floats) -> str:
        y = 50 - np.clip(values, -3, 3) * 15
        pairs = zip(track.seconds[::every], y[::every], strict=True)
        last = f"100,{y[-1]:.1f}"  # the last frame lasts until the end
        return " ".join([*(f"{axis.percent(float(a))},{b:.1f}" for a, b in pairs), last])

    measured, expected = _openings(track, target, 0.0)
    faults = (*report.mouth.jumps, *report.mouth.repeats)
    return {
        "measured": points(measured),
        "expected": points(expected),
        "faults": [axis.percent(float(track.seconds[frame])) for frame in faults],
        "restless": [
            (axis.percent(start), axis.percent(end)) for start, end in _restless(report, track, target)
        ],
    }


def _restless(report: SyncReport, track: MouthTrack, target: TargetMotion) -> list[tuple[float, float]]:
    """Return spans of silence, in seconds, in which the lip gap varies more than `check` allows."""
    audio_seconds = track.seconds + (report.offset_ms or 0.0) / 1000
    spoken, silent = speech_and_silence(audio_seconds, target.speech, track.visible)
    if not (silent.any() and spoken.any()):
        return []
    gap = track.feature("gap")
    away = np.abs(gap - np.median(gap[silent])) > LIMITS.silence_motion * gap[spoken].std()
    return [(float(track.seconds[a]), float(track.seconds[b - 1])) for a, b in runs(silent & away)]


def _windows(report: SyncReport, axis: TimeAxis) -> dict[str, object] | None:
    """Return the bars of the offset chart, each around the center of its window so that none overlap.

    None if no window has an offset.
    """
    offsets = [window.offset_ms for window in report.windows if window.offset_ms is not None]
    if not offsets:
        return None
    reach = max(MIN_WINDOW_RANGE_MS, *(abs(offset) * 1.25 for offset in offsets))

    def y(offset_ms: float) -> float:
        return round(50 - 50 * offset_ms / reach, 2)

    centers = [(window.span.start + window.span.end) / 2 for window in report.windows]
    edges = [0.0, *((a + b) / 2 for a, b in pairwise(centers)), axis.seconds]
    bars = [
        {
            "left": axis.percent(left),
            "width": axis.percent(right) - axis.percent(left),
            "top": y(window.offset_ms or 0.0),
            "text": "?" if window.offset_ms is None else f"{round(window.offset_ms):+d}",
            "confidence": window.confidence,
        }
        for window, left, right in zip(report.windows, edges, edges[1:], strict=False)
    ]
    return {"bars": bars, "zero": y(0.0), "late": y(IN_SYNC_MS[1]), "early": y(IN_SYNC_MS[0])}
