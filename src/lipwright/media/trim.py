"""Stretches of a recording put together in a WAV file, in its own rate, channels and depth."""

from __future__ import annotations

import wave
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from lipwright.media.audio_decoder import MAX_SECONDS, AudioDecoder, open_audio
from lipwright.media.exceptions import writing
from lipwright.media.files import replacing

CROSSFADE_S = 0.01
_KINDS: dict[str, tuple[str, str]] = {
    "uint8": ("pcm_u8", "u8"),
    "int16": ("pcm_s16le", "s16"),
    "int32": ("pcm_s32le", "s32"),
    "float32": ("pcm_f32le", "flt"),
    "float64": ("pcm_f64le", "dbl"),
}
"""Codec of the file and FFmpeg's sample format, by the type that the decoder gives."""


def write_shortened(source: Path, target: Path, kept: Sequence[tuple[Fraction, Fraction]]) -> int:
    """Write the kept stretches one after another, crossfaded over 10 ms at each joint.

    Away from the joints every sample is the recording's own, bit for bit.

    Args:
        source: The recording.
        target: A .wav file; it appears whole or not at all. Over 4 GiB it becomes RF64.
        kept: [start, end) of each stretch in seconds, in order, on whole samples of the source;
            empty keeps everything. The last one may lie beyond the end.

    Returns:
        Samples per channel written.

    Raises:
        InputError: the recording is damaged.
        OutputError: the file cannot be written.
    """
    with replacing(target) as part, open_audio(source) as decoder:
        blocks = decoder.blocks()
        first = next(blocks)
        rate = decoder.rate_hz
        spans = [(round(start * rate), round(end * rate)) for start, end in kept] or [(0, 1 << 62)]
        with closing(_joined(_chain(first, blocks), spans, round(CROSSFADE_S * rate))) as joined:
            width = _plain_width(first.dtype, decoder)
            if width:
                return _write_plain(part, target, joined, width, rate)
            return _write_other(part, target, joined, first.dtype, decoder)


def _plain_width(kind: np.dtype[Any], decoder: AudioDecoder) -> int:
    """Bytes per sample in the plain header that every program reads; 0 where that cannot hold it."""
    seconds = float(decoder.declared_seconds or MAX_SECONDS)
    form = decoder.format
    if kind.kind == "f" and form.lossy:
        width = 3  # what a lossy codec gives has no more than that
    elif kind.name in {"uint8", "int16", "int32"}:
        width = 3 if kind == np.int32 and (form.bits or 32) <= 24 else kind.itemsize
    else:
        return 0
    fits = (seconds + 60) * form.sample_rate_hz * form.channels * width < 2**32
    return width if fits and form.channels <= 2 else 0


def _write_plain(part: Path, target: Path, blocks: Iterator[NDArray[Any]], width: int, rate_hz: int) -> int:
    written = 0
    with part.open("wb") as stream, wave.open(stream, "wb") as file:
        for block in blocks:
            if not written:
                file.setparams((len(block), width, rate_hz, 0, "NONE", ""))
            with writing(target):
                file.writeframes(_bytes(block, width))
            written += block.shape[1]
    return written


def _bytes(block: NDArray[Any], width: int) -> bytes:
    """Interleaved little-endian integers of so many bytes."""
    if block.dtype.kind == "f":
        block = (np.clip(np.rint(block.astype(np.float64) * 2**23), -(2**23), 2**23 - 1)).astype(
            np.int32
        ) << 8
    samples = np.ascontiguousarray(block.T)
    lowest = samples.dtype.itemsize - width  # decoders left-align: the low bytes are empty
    return bytes(samples.view(np.uint8).reshape(-1, samples.dtype.itemsize)[:, lowest:].tobytes())


def _write_other(
    part: Path, target: Path, blocks: Iterator[NDArray[Any]], kind: np.dtype[Any], decoder: AudioDecoder
) -> int:
    """Floats, many channels, very long files: FFmpeg's headers."""
    written = 0
    codec, sample_format = _KINDS[kind.name if kind.name in _KINDS else "float64"]
    if codec == "pcm_s32le" and (decoder.format.bits or 32) <= 24:
        codec = "pcm_s24le"
    rate = decoder.rate_hz
    with writing(target), av.open(str(part), "w", format="wav", options={"rf64": "auto"}) as file:
        stream = file.add_stream(codec, rate=rate, layout=decoder.layout)
        assert isinstance(stream, AudioStream)  # noqa: S101 - tells the type checker what the codec decides
        stream.format = sample_format
        for block in blocks:
            frame = _frame(block, sample_format, decoder.layout)
            frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), written
            written += block.shape[1]
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return written


def _chain(first: NDArray[Any], rest: Iterator[NDArray[Any]]) -> Iterator[NDArray[Any]]:
    yield first
    yield from rest


def _frame(block: NDArray[Any], sample_format: str, layout: str) -> av.AudioFrame:
    wide = block.astype(np.float64) if sample_format == "dbl" else block
    packed = np.ascontiguousarray(wide.T).reshape(1, -1)
    return av.AudioFrame.from_ndarray(packed, format=sample_format, layout=layout)


def _joined(
    blocks: Iterator[NDArray[Any]], spans: Sequence[tuple[int, int]], fade: int
) -> Generator[NDArray[Any]]:
    """The samples of the spans; the end of each fades into the beginning of the next.

    What fades in lies before the next span's first sample, so that no length changes.
    """
    held: NDArray[Any] | None = None
    ahead: list[NDArray[Any]] = []
    number, at = 0, 0
    for block in blocks:
        start, at = at, at + block.shape[1]
        while number < len(spans):
            begin, end = spans[number]
            lead = max(0, begin - fade)
            if number and start < begin and at > lead:
                ahead.append(block[:, max(lead, start) - start : min(begin, at) - start])
            if at <= begin:
                break
            piece = block[:, max(begin, start) - start : min(end, at) - start]
            if held is not None and start <= begin and ahead:
                held = _crossfaded(held, np.concatenate(ahead, 1))
            held = piece if held is None else np.concatenate([held, piece], 1)
            if held.shape[1] > fade:
                yield held[:, : held.shape[1] - fade]
                held = held[:, held.shape[1] - fade :]
            if end > at:
                break
            number, ahead = number + 1, []
    if held is not None and held.shape[1]:
        yield held


def _crossfaded(down: NDArray[Any], up: NDArray[Any]) -> NDArray[Any]:
    """Ends of equal length, room tone into room tone: unrelated sounds add in power."""
    length = min(down.shape[1], up.shape[1])
    rise = np.sin(np.pi / 2 * (np.arange(length) + 0.5) / max(1, length))
    centre = 128 if down.dtype == np.uint8 else 0
    mixed = (down[:, -length:].astype(np.float64) - centre) * rise[::-1]
    mixed += (up[:, -length:].astype(np.float64) - centre) * rise
    mixed += centre
    if down.dtype.kind != "f":
        limits = np.iinfo(down.dtype)
        mixed = np.clip(np.rint(mixed), limits.min, limits.max)
    return np.concatenate([down[:, :-length], mixed.astype(down.dtype)], 1)
