"""`lipwright plan`: show the frame count and the chunks for a recording."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lipwright.cli.options import Given, command, input_argument, take_recording
from lipwright.cli.output import Output
from lipwright.cli.progress import progress
from lipwright.domain.settings import PIECE, SETTINGS
from lipwright.domain.text import pluralize
from lipwright.errors import UsageError

if TYPE_CHECKING:
    from lipwright.domain.plan import FramePlan


@command
def plan(
    *,
    out: Output,
    given: Given,
    audio: Annotated[Path | None, input_argument(metavar="AUDIO", help="The recording.")] = None,
    seconds: Annotated[
        str | None,
        typer.Option("--seconds", help="Plan for this length in seconds.", metavar="S"),
    ] = None,
    frames: Annotated[
        int | None,
        typer.Option(
            "--frames", help="Plan for exactly this number of frames, which must be 8n+1.", metavar="N"
        ),
    ] = None,
) -> None:
    """Show the frame count for a recording, what is padded or cut, and the chunks.

    Give one of AUDIO, --seconds or --frames.
    """
    from lipwright.planning import plan_frames, plan_seconds

    frame_rate, rule = (SETTINGS[name].check(given[name]) for name in ("frame_rate", "fit"))
    if audio is None and given.keys() & set(PIECE):
        raise UsageError(
            "--audio-from and --audio-to need AUDIO",
            hint="give AUDIO, or leave out --audio-from and --audio-to",
        )
    match audio, seconds, frames:
        case Path(), None, None:
            from lipwright.pipeline.audio_input import plan_recording

            with progress(out) as report:
                made = plan_recording(
                    take_recording(audio, *(given.pop(name, None) for name in PIECE)),
                    frame_rate,
                    rule,
                    report,
                )
        case None, str(), None:
            made = plan_seconds(seconds, frame_rate, rule)
        case None, None, int():
            made = plan_frames(frames, frame_rate)
        case _:
            raise UsageError(
                "plan takes exactly one of AUDIO, --seconds and --frames",
                hint="for example: lipwright plan voice.wav, or lipwright plan --seconds 5",
            )
    out.result(made.to_json(), describe_plan(made))


def describe_plan(plan: FramePlan) -> str:
    """Describe a plan in a few lines."""
    value = plan.to_json()
    lines = [
        f"{pluralize(value['frames'], 'frame')} at {value['fps']} fps: "
        f"{value['seconds']:.3f} s ({value['fit']})",
        f"audio {value['audio_seconds']:.3f} s, padded {value['pad_seconds']:.3f} s, "
        f"cut {value['trim_seconds']:.3f} s",
        f"latents: {value['latent_frames']} of video, {value['audio_latents']} of audio",
    ]
    if len(value["chunks"]) > 1:
        lines += [
            f"chunk {number}: {pluralize(chunk['frames'], 'frame')} from {chunk['start_seconds']:.3f} s; "
            f"frames kept, not sampled: {chunk['overlap_frames']}"
            for number, chunk in enumerate(value["chunks"], 1)
        ]
    return "\n".join(lines)
