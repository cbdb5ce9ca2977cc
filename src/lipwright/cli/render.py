"""`lipwright render`: make a video from a portrait and a voice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lipwright.cli.options import Given, command
from lipwright.cli.output import Output, join_lines
from lipwright.cli.progress import progress
from lipwright.domain.settings import RenderRequest, build_request
from lipwright.domain.sync_verdict import offset_text
from lipwright.domain.text import pluralize

if TYPE_CHECKING:
    from lipwright.pipeline.manifest import Manifest


@command
def render(*, out: Output, given: Given) -> None:
    """Make a video in which the person in IMG speaks AUDIO.

    Writes OUT.mp4 with AUDIO itself as its audio, and OUT.json, which records how the video was made.
    """
    from lipwright.pipeline.render import render_video

    request = build_request(given)
    with progress(out) as report:
        manifest = render_video(request, report)
    out.result(manifest.to_json(), "")
    out.findings(manifest.findings, hints=False)
    out.say(_summary(request, manifest))


def _summary(request: RenderRequest, manifest: Manifest) -> str:
    """Summarize the video and how it was made."""
    lines = summarize_video(request, manifest, pluralize(manifest.plan["frames"], "frame"))
    return f"{lines}\n{_verdict(manifest.sync)}" if request.check else lines


def summarize_video(request: RenderRequest, manifest: Manifest, parts: str) -> str:
    """Summarize a video in three lines; `parts` says what it consists of, such as its frames."""
    timing, engine = manifest.timing, manifest.engine
    return join_lines(
        [
            f"{request.output}: {manifest.plan['seconds']:.2f} s, {parts}, {manifest.job['size']}, "
            f"in {timing['total_seconds']:.1f} s",
            f"engine {engine['name']} ({engine['why']})",
            f"audio {manifest.audio['codec']}; manifest {request.manifest}",
        ]
    )


def _verdict(sync: Mapping[str, Any] | None) -> str:
    """Summarize the sync report of a manifest in one line."""
    if sync is None:
        return "sync not measured"
    words = [f"sync {sync['verdict']}"]
    if sync["offset_ms"] is not None:
        words.append(f"{offset_text(sync['offset_ms'])}, confidence {sync['confidence']:.2f}")
    faults = {"jump": len(sync["mouth"]["jumps"]), "repeated frame": len(sync["mouth"]["repeats"])}
    words += [pluralize(count, name) for name, count in faults.items() if count]
    return "; ".join(words)
