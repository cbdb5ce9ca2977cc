"""The result of `lipwright audio`, as JSON and as an HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.driver import DRIVER_RATE_HZ
from lipwright.audio.level import Level
from lipwright.audio.pause_trimming import LONG_PAUSE_S, Edit
from lipwright.audio.restoration import Action
from lipwright.audio.speech import find_silences
from lipwright.audio.waveform_image import WaveformImage, draw_waveform
from lipwright.domain.finding import Finding
from lipwright.domain.media import Image
from lipwright.domain.plan import FramePlan
from lipwright.domain.time import Span
from lipwright.media.audio_decoder import AudioFormat
from lipwright.media.audio_writer import encode_m4a
from lipwright.media.image_file import encode_png
from lipwright.reports.page import TimeAxis, data_uri, render_page

MAX_PLAYABLE_SECONDS = 600
"""Maximum length of the audio that the page can play; the charts show the whole audio."""
COLOR_MAP = np.array(
    [[0, 0, 4], [60, 15, 112], [140, 41, 129], [222, 73, 104], [254, 159, 109], [252, 253, 191]]
)
"""Colors of the spectrogram, evenly spaced from silent to loud (magma, Smith and van der Walt)."""


@dataclass(frozen=True, slots=True)
class AudioReport:
    """Measurements of a recording and of its driver, the audio prepared for the model."""

    format: AudioFormat
    level: Level
    driver_level: Level
    speech: tuple[Span, ...]
    driver_speech: tuple[Span, ...]
    """Spans of speech in the driver, whose pauses may be shorter than those of the recording."""
    silences: tuple[Span, ...]
    findings: tuple[Finding, ...]
    actions: tuple[Action, ...]
    """Steps of the preparation, in order."""
    edits: tuple[Edit, ...]
    plan: FramePlan

    def to_json(self) -> dict[str, Any]:
        """Return the values of `lipwright audio --json`."""
        return {
            "format": {
                "codec": self.format.codec,
                "lossy": self.format.lossy,
                "sample_rate": self.format.sample_rate_hz,
                "channels": self.format.channels,
                "bits": self.format.bits,
                "seconds": float(self.format.seconds),
            },
            "level": self.level.to_json(),
            "driver_level": self.driver_level.to_json(),
            "speech": [[span.start, span.end] for span in self.speech],
            "silences": [[span.start, span.end] for span in self.silences],
            "findings": [finding.to_json() for finding in self.findings],
            "actions": [action.to_json() for action in self.actions],
            "edits": [edit.to_json() for edit in self.edits],
            "plan": self.plan.to_json(),
        }


@dataclass(frozen=True, slots=True)
class AudioPreview:
    """Waveform image and playable audio of the recording or its driver."""

    waveform: WaveformImage
    m4a: bytes


def make_preview(samples: NDArray[np.float32]) -> AudioPreview:
    """Draw mono audio of shape (n,) at DRIVER_RATE_HZ, and encode its first ten minutes for playing."""
    playable = samples[: MAX_PLAYABLE_SECONDS * DRIVER_RATE_HZ]
    return AudioPreview(draw_waveform(samples, DRIVER_RATE_HZ), encode_m4a(playable, DRIVER_RATE_HZ))


def audio_page(name: str, report: AudioReport, before: AudioPreview, after: AudioPreview) -> str:
    """Render the page of `lipwright audio --report`.

    Args:
        name: File name of the recording.
        report: The measurements.
        before: The recording, converted to the driver's format without preparation.
        after: The driver.
    """
    old, new = report.level, report.driver_level
    levels = (
        ("Peak", "dBFS", old.peak_dbfs, new.peak_dbfs, "Highest sample; -6 to -3 dBFS leaves headroom."),
        ("True peak", "dBTP", old.true_peak_dbfs, new.true_peak_dbfs, "Highest value between samples."),
        (
            "Loudness",
            "LUFS",
            old.lufs,
            new.lufs,
            "Loudness of the speech; about -16 LUFS moves the lips well.",
        ),
        ("Noise floor", "dBFS", old.noise_floor_dbfs, new.noise_floor_dbfs, "Level while nobody speaks."),
        (
            "Speech above noise",
            "dB",
            old.snr_db,
            new.snr_db,
            "If speech is more than 30 dB above the noise, the noise cannot move the lips.",
        ),
        (
            "Clipped samples",
            "",
            old.clipped_samples,
            new.clipped_samples,
            "Samples cut off at full scale; there should be none.",
        ),
    )
    return render_page(
        "audio.html.j2",
        name=name,
        report=report,
        versions=[
            _version("Before", "The recording, mono at 24 kHz.", before, report.speech),
            _version("After", "The driver: what the model hears.", after, report.driver_speech),
        ],
        levels=levels,
        max_playable_seconds=MAX_PLAYABLE_SECONDS,
        whole=lambda where: where["start"] == 0 and where["end"] >= float(report.format.seconds) - 0.01,
    )


def _version(title: str, text: str, preview: AudioPreview, speech: Sequence[Span]) -> dict[str, object]:
    return {
        "title": title,
        "text": text,
        **plot_waveform(preview.waveform, speech),
        "spectrogram": data_uri(encode_png(Image(_colored(preview.waveform.spectrogram))), "image/png"),
        "audio": data_uri(preview.m4a, "audio/mp4"),
    }


def plot_waveform(shape: WaveformImage, speech: Sequence[Span]) -> dict[str, object]:
    """Return time axis, outline, speech and long pauses of a waveform chart, in coordinates of 0..100."""
    axis = TimeAxis(shape.seconds)
    count = len(shape.highs)
    upper = [f"{100 * x / count:.2f},{50 - 50 * float(y):.1f}" for x, y in enumerate(shape.highs)]
    lower = [f"{100 * x / count:.2f},{50 - 50 * float(y):.1f}" for x, y in enumerate(shape.lows)]
    end = [f"100,{50 - 50 * float(y[-1]):.1f}" for y in (shape.highs, shape.lows)]
    marks = [("speech", span) for span in speech]
    marks += [("pause", span) for span in find_silences(speech, shape.seconds, LONG_PAUSE_S)]
    return {
        "axis": axis,
        "outline": " ".join([*upper, *end, *lower[::-1]]),
        "marks": [(kind, axis.percent(span.start), axis.percent(span.end)) for kind, span in marks],
    }


def _colored(levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    at = np.linspace(0, 255, len(COLOR_MAP))
    table = np.stack([np.interp(np.arange(256), at, COLOR_MAP[:, i]) for i in range(3)], 1)
    return table.astype(np.uint8)[levels]
