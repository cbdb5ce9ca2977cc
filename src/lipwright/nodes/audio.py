"""Nodes that plan the number of frames for a recording, and prepare its audio for the model and the video."""

# ruff: noqa: PLC0415 - ComfyUI loads every pack before its page opens, so heavy modules are imported when a
# node runs

from __future__ import annotations

from fractions import Fraction
from typing import Any, get_args

import numpy as np
from comfy_api.latest import io

from lipwright.domain.grid import audio_latents
from lipwright.domain.media import Waveform, fit_length
from lipwright.domain.plan import Fit
from lipwright.domain.settings import DEFAULT_FRAME_RATE, Kind, Preparation, Switch
from lipwright.domain.text import pluralize
from lipwright.domain.time import (
    parse_frame_rate,
    samples_to_seconds,
    seconds_to_samples,
)
from lipwright.nodes.tensors import audio_of, format_findings, readable_errors, waveform_of
from lipwright.planning import plan_frames, plan_seconds, plan_video
from lipwright.workflow.audio_vae import padded_part, resample_driver

CATEGORY = "lipwright/audio"


def fps_input() -> io.Float.Input:
    """Return the frame rate input, which is the same for every node of the pack."""
    return io.Float.Input(
        "fps",
        default=float(DEFAULT_FRAME_RATE),
        min=1.0,
        max=240.0,
        step=0.001,
        tooltip="Frames per second. Link the same value to LTXVConditioning, the mask node and the export.",
    )


def rate_of(fps: float) -> Fraction:
    """Convert a FLOAT input to an exact frame rate: 23.976 becomes 24000/1001."""
    return parse_frame_rate(f"{fps:.6g}")


class PlanFrames(io.ComfyNode):
    """The node LipwrightFramePlan: computes the frame count for a recording."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the inputs and outputs of the node."""
        return io.Schema(
            node_id="LipwrightFramePlan",
            display_name="Frame plan (lipwright)",
            category=CATEGORY,
            description="Computes the number of frames for the length of the audio. The number must be 8n+1; "
            "otherwise the model rounds it, and the lips drift.",
            inputs=[
                fps_input(),
                io.Combo.Input(
                    "fit",
                    options=list(get_args(Fit)),
                    default="auto",
                    tooltip="How the length is rounded to 8n+1 frames. nearest: to the nearest count. "
                    "cover: up, so that no audio is cut. floor: down, so that no audio is padded. auto: "
                    "nearest, or cover if nearest would cut speech.",
                ),
                io.Float.Input(
                    "seconds",
                    default=5.0,
                    min=0.2,
                    max=14400.0,
                    step=0.01,
                    tooltip="Length of the video if no audio is linked.",
                ),
                io.Audio.Input(
                    "audio", optional=True, tooltip="The recording, which determines the length of the video."
                ),
            ],
            outputs=[
                io.Int.Output(display_name="frames"),
                io.Float.Output(display_name="fps"),
                io.Float.Output(display_name="seconds"),
                io.String.Output(display_name="report"),
            ],
        )

    @classmethod
    @readable_errors
    def execute(
        cls, fps: float, fit: Fit, seconds: float, audio: dict[str, Any] | None = None
    ) -> io.NodeOutput:
        """Return frame count, frame rate, length in seconds, and the plan as a line of text."""
        frame_rate = rate_of(fps)
        if audio is None:
            plan = plan_seconds(f"{seconds:.6g}", frame_rate, fit)
        else:
            from lipwright.audio.driver import to_driver_rate
            from lipwright.audio.speech import find_speech

            waveform = waveform_of(audio)
            speech = find_speech(to_driver_rate(waveform))
            length = samples_to_seconds(waveform.samples.shape[-1], waveform.rate_hz)
            plan = plan_video(length, frame_rate, fit, speech=speech)
        text = (
            f"{pluralize(plan.frames, 'frame')} at {frame_rate} fps, "
            f"{float(plan.seconds):.3f} s: "
            f"{float(plan.pad_seconds):.3f} s padded, {float(plan.trim_seconds):.3f} s cut ({plan.fit})"
        )
        return io.NodeOutput(plan.frames, float(frame_rate), float(plan.seconds), text, ui={"text": [text]})


class PrepareAudio(io.ComfyNode):
    """The node LipwrightPrepareAudio: makes the driver for the model and the master for the video."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the inputs and outputs of the node."""
        switch = list(get_args(Switch))
        return io.Schema(
            node_id="LipwrightPrepareAudio",
            display_name="Prepare audio (lipwright)",
            category=CATEGORY,
            description="Makes two tracks from one recording: the driver, with the level and length that the "
            "model needs, and the master, which is the recording itself, cut or padded to the video's "
            "length. Encode the driver, export the master. Do not trim the driver: its end is padded to a "
            "multiple of 4,096 samples, because the encoder would crop the start of a driver of any other "
            "length. After encoding, cut the driver's latent with the node LatentCut (dim y) to the length "
            "that the output `audio_latents` gives.",
            inputs=[
                io.Audio.Input("audio", tooltip="The recording: a voice without music."),
                io.Int.Input(
                    "frames",
                    default=121,
                    min=1,
                    max=360001,
                    step=8,
                    tooltip="Frame count from the frame plan: 8n+1.",
                ),
                fps_input(),
                io.Combo.Input(
                    "denoise", options=switch, default="auto", tooltip="Remove noise from the driver."
                ),
                io.Combo.Input("deess", options=switch, default="auto", tooltip="Soften hissing s sounds."),
                io.Combo.Input("declip", options=switch, default="auto", tooltip="Repair clipped peaks."),
                io.Combo.Input(
                    "kind",
                    options=list(get_args(Kind)),
                    default="speech",
                    tooltip="Kind of audio. Fewer defects are repaired in music and ambient audio than "
                    "in speech.",
                ),
                io.Float.Input(
                    "driver_noise_dbfs",
                    default=0.0,
                    min=-90.0,
                    max=0.0,
                    step=1.0,
                    tooltip="RMS level in dBFS of faint pink noise that is added to the driver. Try -50 if "
                    "the face does not move although the voice is very clean. 0 adds no noise.",
                ),
            ],
            outputs=[
                io.Audio.Output(
                    display_name="driver", tooltip="Audio for the model: link it to LTXVAudioVAEEncode."
                ),
                io.Audio.Output(
                    display_name="master", tooltip="Audio of the exported video: link it to the export."
                ),
                io.String.Output(display_name="report"),
                io.Int.Output(
                    display_name="audio_latents",
                    tooltip="Number of audio latents of the video: link it to `amount` of the LatentCut "
                    "(dim y, index 0) after the encoder.",
                ),
            ],
        )

    @classmethod
    @readable_errors
    def execute(
        cls,
        audio: dict[str, Any],
        frames: int,
        fps: float,
        *,
        denoise: Switch,
        deess: Switch,
        declip: Switch,
        kind: Kind,
        driver_noise_dbfs: float,
    ) -> io.NodeOutput:
        """Return the driver, the master, a report as text, and the number of audio latents.

        The driver is stereo at 44.1 kHz, padded at its end to a multiple of 4,096 samples. The master has the
        sample rate and channels of `audio`, and is as long as the video.
        """
        from lipwright.audio.driver import prepare_driver, to_driver_rate
        from lipwright.audio.speech import find_speech

        waveform = waveform_of(audio)
        plan = plan_frames(frames, rate_of(fps))
        mono = to_driver_rate(waveform)
        options = Preparation(
            denoise=denoise,
            deess=deess,
            declip=declip,
            kind=kind,
            driver_noise_dbfs=driver_noise_dbfs if driver_noise_dbfs < 0 else None,
        )
        made = prepare_driver(mono, plan, find_speech(mono), options=options, bits=24)
        part = padded_part(resample_driver(made.waveform), Fraction(0), plan.seconds)
        # Some versions of the audio VAE reject a single channel.
        driver = Waveform(np.repeat(part.samples, 2, axis=0), part.rate_hz)
        length = seconds_to_samples(plan.seconds, waveform.rate_hz)
        master = Waveform(fit_length(waveform.samples, length), waveform.rate_hz)
        text = "\n".join(
            [f"{action.name}: {action.amount:.3g} {action.unit}" for action in made.actions]
            + [format_findings(made.findings)]
        ).strip()
        text = text or "the audio needed no changes"
        kind_of = audio["waveform"]
        return io.NodeOutput(
            audio_of(driver, kind_of),
            audio_of(master, kind_of),
            text,
            audio_latents(plan.frames, plan.frame_rate),
            ui={"text": [text]},
        )
