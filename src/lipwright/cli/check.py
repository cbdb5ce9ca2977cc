"""`lipwright check`: measure whether a video is in sync, and find likely causes if it is not."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lipwright.cli.options import (
    command,
    input_argument,
    input_option,
    output_option,
    setting_option,
    take_recording,
)
from lipwright.cli.output import Output
from lipwright.cli.progress import progress
from lipwright.domain.settings import SETTINGS
from lipwright.domain.sync_verdict import VERDICT_TEXTS, SyncReport
from lipwright.domain.text import pluralize
from lipwright.errors import StrictError, UsageError


@command
def check(
    *,
    out: Output,
    video: Annotated[
        Path,
        input_argument(metavar="VIDEO", help="The video: any video file with audio."),
    ],
    audio: Annotated[
        Path | None,
        input_option(
            "--audio",
            metavar="AUDIO",
            help="The recording that the video should contain; missing, cut or processed audio is reported.",
        ),
    ] = None,
    audio_from: Annotated[str | None, setting_option("audio_from_seconds")] = None,
    audio_to: Annotated[str | None, setting_option("audio_to_seconds")] = None,
    transcript: Annotated[
        Path | None,
        input_option(
            "--transcript",
            metavar="FILE",
            help="Text file with the spoken English words; the lips are compared with it.",
        ),
    ] = None,
    syncnet: Annotated[
        Path | None,
        input_option(
            "--syncnet", metavar="WEIGHTS", help="Weights of SyncNet, to report SyncNet's measurements too."
        ),
    ] = None,
    face: Annotated[str | None, setting_option("face", "the face whose mouth follows the audio")] = None,
    report_html: Annotated[
        Path | None,
        output_option("--report", metavar="OUT.html", help="Write a report as one HTML page."),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 6 unless the video is in sync.")] = False,
) -> None:
    """Measure how well the lips in a video follow its audio, and find likely causes of problems."""
    from lipwright.pipeline.check import check_video

    if audio is None and (audio_from or audio_to):
        raise UsageError("--audio-from and --audio-to need --audio", hint="add --audio AUDIO")
    with progress(out) as on_progress:
        found = check_video(
            video,
            audio=None if audio is None else take_recording(audio, audio_from, audio_to),
            transcript=transcript,
            syncnet=syncnet,
            face=SETTINGS["face"].check(face),
            report_html=report_html,
            report=on_progress,
        )
    failure = None
    if strict and found.verdict != "in-sync":
        failure = StrictError(
            found.failure_text(),
            hint="see the causes in the report; `lipwright tune` renders a video again until it is in sync",
        )
    out.result(found.to_json(), _text(found), failure)
    out.findings(finding.to_json() for finding in (*found.causes, *found.findings))
    if failure:
        raise failure


def _text(found: SyncReport) -> str:
    """Summarize the result in a few lines for the terminal."""
    lines = [f"{found.verdict}: {VERDICT_TEXTS[found.verdict]}"]
    if found.offset_ms is not None:
        lines.append(f"{found.offset_text()}, confidence {found.confidence:.2f}")
    if found.drift_ms_per_s:
        lines.append(f"drift {found.drift_ms_per_s:+.1f} ms a second")
    mouth = found.mouth
    parts = [pluralize(len(mouth.jumps), "jump"), pluralize(len(mouth.repeats), "repeated frame")]
    if mouth.stiffness is not None:
        parts.insert(0, f"stiffness {mouth.stiffness:.2f}")
    lines.append("mouth: " + ", ".join(parts))
    return "\n".join(lines)
