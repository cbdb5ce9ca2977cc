"""The report pages: axes end with the audio, labels do not overlap, names are escaped, videos play."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from lipwright.domain.finding import Finding
from lipwright.domain.sync_verdict import AudioMeasures, MouthMeasures, OffsetWindow, SyncReport
from lipwright.domain.time import Span
from lipwright.reports import sync_report
from lipwright.reports.page import PHONE_WIDTH_PX, TimeAxis, clock
from lipwright.reports.sync_report import sync_page

MOUTH, AUDIO = MouthMeasures(0.02, 0.1, 0.1), AudioMeasures(-3.0, -16.0, 0)


def report(**changes) -> SyncReport:
    windows = (OffsetWindow(Span(0.0, 5.0), 10.0, 0.9), OffsetWindow(Span(2.0, 7.0), None, 0.2))
    values = {"verdict": "in-sync", "offset_ms": -0.3, "confidence": 0.9, "drift_ms_per_s": 0.0}
    values |= {"mouth": MOUTH, "audio": AUDIO, "windows": windows, "extra": {"video": {"seconds": 7.0}}}
    return SyncReport(**values | changes)


def page_of(video: Path, found: SyncReport, page: Path | None = None) -> str:
    return sync_page(
        page or video.with_suffix(".html"), video, found, track=None, target=None, frames=iter(())
    )


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "a & <b>.mp4"
    path.write_bytes(b"video")
    return path


@pytest.mark.parametrize("seconds", [0.3, 1.0, 6.92, 59.0, 61.0, 754.3, 14_000.0])
@pytest.mark.parametrize("scale", [0, 40])
def test_an_axis_ends_with_the_audio_and_its_labels_do_not_overlap(seconds: float, scale: int) -> None:
    axis = TimeAxis(seconds, int(seconds * scale))
    width = max(PHONE_WIDTH_PX, axis.min_width_px)
    at = [percent * width / 100 for percent, _ in axis.ticks]
    assert (at[0], axis.ticks[-1][0]) == (0, 100)
    assert min(b - a for a, b in pairwise(at)) >= 60
    assert axis.percent(seconds) == 100
    assert clock(59.96) == "1:00.0"


def test_names_and_texts_are_escaped(video: Path) -> None:
    page = page_of(
        video, report(causes=(Finding("x", "hint", "<script>alert(1)</script>", evidence="1 < 2"),))
    )
    assert "a &amp; &lt;b&gt;.mp4" in page
    assert "<script>alert" not in page
    assert "1 &lt; 2" in page


def test_numbers_read_as_people_write_them(video: Path) -> None:
    page = page_of(video, report())
    assert "The audio is in sync with the lips" in page
    assert "-0" not in re.sub(r"data:[^\"]*", "", page)


def test_a_small_video_is_in_the_page_and_a_large_one_next_to_it(
    video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 'src="data:video/mp4;base64,dmlkZW8="' in page_of(video, report())
    monkeypatch.setattr(sync_report, "MAX_EMBEDDED_VIDEO_BYTES", 4)
    assert 'src="a%20%26%20%3Cb%3E.mp4"' in page_of(video, report())
    assert 'src="../a%20%26%20%3Cb%3E.mp4"' in page_of(
        video, report(), video.parent / "reports" / "page.html"
    )
    other = video.with_suffix(".mkv")
    other.write_bytes(b"video")
    page = page_of(other, report())
    assert "<video" not in page
    assert "do not play this kind of file" in page


@pytest.mark.parametrize("verdict", ["no-face", "inconclusive", "static"])
def test_page_without_an_offset_is_marked_inconclusive(video: Path, verdict: str) -> None:
    page = page_of(
        video, report(verdict=verdict, offset_ms=None, drift_ms_per_s=None, confidence=0.2, windows=())
    )
    assert "The offset is not certain (confidence 0.20)" in page
