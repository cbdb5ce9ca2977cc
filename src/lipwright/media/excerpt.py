"""A stretch of a recording as a WAV file, exact to the sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lipwright.domain.media import Waveform
from lipwright.domain.time import Span, seconds_to_samples
from lipwright.errors import InputError
from lipwright.media.audio_decoder import open_audio, to_float
from lipwright.media.wav import write_wav

_STEREO = 2


def cut_audio(source: Path, span: Span, target: Path) -> None:
    """Write a stretch of a recording, at its own rate, as 24-bit WAV.

    One or two channels stay as they are; more become their mean. Samples beyond full scale
    (float files) are brought down with the rest.

    Args:
        source: Any audio or video file.
        span: In seconds of its audio.
        target: A .wav file; appears whole or not at all.

    Raises:
        InputError: it cannot be read, or ends before the stretch begins.
        OutputError: the target cannot be written.
    """
    with open_audio(source) as decoder:
        kept, at = [], 0
        for block in decoder.blocks():
            start = seconds_to_samples(span.start, decoder.rate_hz)
            end = seconds_to_samples(span.end, decoder.rate_hz)
            piece = to_float(block)[:, max(0, start - at) : max(0, end - at)]
            if piece.shape[1]:
                kept.append(piece if len(piece) <= _STEREO else piece.mean(0, keepdims=True))
            at += block.shape[1]
            if at >= end:
                break
        rate_hz = decoder.rate_hz
    if not kept:
        raise InputError(
            f"{source}: it ends before {span.start:g} s", hint="give sounds of the same timeline"
        )
    samples = np.concatenate(kept, 1)
    peak = float(np.abs(samples).max(initial=0.0))
    write_wav(target, Waveform((samples / max(1.0, peak)).astype(np.float32), rate_hz), bits=24)
