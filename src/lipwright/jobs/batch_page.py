"""Draw batch.html: all videos of a batch on one page, the worst first."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from lipwright.domain.media import Image
from lipwright.errors import LipwrightError
from lipwright.jobs.batch_report import BatchReport, ShotResult
from lipwright.media.image_file import encode_jpeg
from lipwright.media.video_reader import read_video_frames
from lipwright.reports.page import data_uri, render_page

_ORDER = {"failed": 0, "cancelled": 1, "running": 4, "checking": 4, "waiting": 5}
"""Rank of each state of a shot; the page shows lower ranks first. Finished shots are ranked by their
verdict."""
MAX_SHOTS = 2000
"""Maximum number of shots on the page, so that a browser on a phone can scroll it. batch.json lists all
shots."""
MAX_POSTERS = 200
"""Maximum number of embedded poster images, each of which takes about 20 ms and 10 kB. Other videos show
their first frame when they are scrolled into view."""
POSTER_FRAME = 10
"""Index of the frame that is used as the poster; the first frame is not used, because nobody speaks yet."""
POSTER_PX = 320


def draw_batch_page(report: BatchReport, *, posters: bool = False) -> str:
    """Draw the HTML page of a batch, which is stored next to the videos and links to them by relative paths.

    With `posters`, the page contains a frame of each finished video, for MAX_POSTERS videos at most.
    """
    shots = sorted(report.shots, key=_badness)[:MAX_SHOTS]
    finished = [shot for shot in shots if shot.state in {"done", "skipped"}]
    images = {}
    for shot in finished[:MAX_POSTERS] if posters else ():
        if poster := _poster(report.folder / shot.output):
            images[shot.row] = poster
    return render_page(
        "batch.html.j2",
        name="Batch",
        report=report,
        value=report.to_json(),
        shots=shots,
        links={shot.row: quote(shot.output) for shot in shots},
        made={shot.row for shot in finished if (report.folder / shot.output).is_file()},
        posters=images,
    )


def _badness(shot: ShotResult) -> tuple[int, float, int]:
    if shot.state in {"done", "skipped"}:
        rank = 3 if shot.verdict in {None, "in-sync"} else 2
        return rank, -abs(shot.offset_ms or 0.0), shot.row
    return _ORDER[shot.state], 0.0, shot.row


def _poster(video: Path) -> str:
    """Return a small frame of a video as a data URI; empty if the video cannot be read."""
    frame = None
    with suppress(LipwrightError, IndexError):
        frames = read_video_frames(video, longest_px=POSTER_PX, exact=False)
        frame = deque((rgb for _, rgb in islice(frames, POSTER_FRAME + 1)), maxlen=1).pop()
    return "" if frame is None else data_uri(encode_jpeg(Image(frame)), "image/jpeg")
