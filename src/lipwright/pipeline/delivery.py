"""The audio that a video delivers: the user's file, but for pauses that were shortened on request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lipwright.domain.settings import RenderRequest
from lipwright.errors import OutputError
from lipwright.media.audio_decoder import AudioFormat
from lipwright.media.audio_reader import probe_audio
from lipwright.media.audio_writer import write_shortened
from lipwright.media.files import hidden_beside
from lipwright.pipeline.audio_input import PlannedAudio


@contextmanager
def delivered(request: RenderRequest, voice: PlannedAudio) -> Iterator[tuple[Path, AudioFormat]]:
    """The file to deliver, and what it holds, as long as the block runs.

    Without edits that is the recording itself. With them it is a shortened copy in its own rate,
    channels and depth, beside the video, under a name by which the next run knows what a killed one left.

    Raises:
        OutputError: the copy cannot be written.
    """
    if not voice.edits:
        yield request.audio, voice.formats["audio"]
        return
    copy = hidden_beside(request.output, "master.wav")
    try:
        try:
            write_shortened(request.audio, copy, [(e.master_start, e.master_end) for e in voice.edits])
        except OutputError as error:
            error.message = error.message.replace(str(copy), str(request.output))
            raise
        yield copy, probe_audio(copy)
    finally:
        with suppress(OSError):
            copy.unlink(missing_ok=True)
