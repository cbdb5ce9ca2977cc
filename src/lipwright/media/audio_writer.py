"""Write audio: WAV files from memory, blocks or parts of a recording, and AAC in memory for HTML pages."""

from __future__ import annotations

import io
import wave
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, Literal

import av
import numpy as np
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from lipwright.domain.audio_piece import AudioSource
from lipwright.domain.media import Waveform
from lipwright.domain.time import MAX_RECORDING_SECONDS, Span, seconds_to_samples
from lipwright.errors import InputError
from lipwright.media.atomic_files import replacing
from lipwright.media.audio_decoder import AudioDecoder, open_audio, to_float
from lipwright.media.file_errors import writing

CROSSFADE_S = 0.01
PREVIEW_BIT_RATE = 64_000

Bits = Literal[16, 24]

_BLOCK_SAMPLES = 65_536
_MAX_CHANNELS = 2
_WAV_CODECS: dict[str, tuple[str, str]] = {
    "uint8": ("pcm_u8", "u8"),
    "int16": ("pcm_s16le", "s16"),
    "int32": ("pcm_s32le", "s32"),
    "float32": ("pcm_f32le", "flt"),
    "float64": ("pcm_f64le", "dbl"),
}
"""Codec of a WAV file and FFmpeg's sample format, by the type of the decoded samples."""


def write_wav(path: Path, waveform: Waveform, *, bits: Bits = 16) -> None:
    """Write a waveform as integer PCM, completely or not at all; samples are rounded, and clipped at +-1.

    Raises:
        OutputError: the file cannot be written.
    """
    with replacing(path) as part, writing(path), part.open("wb") as stream:
        _write_waveform(stream, waveform, bits)


def encode_wav(waveform: Waveform, *, bits: Bits = 16) -> bytes:
    """Return a waveform as the bytes of a WAV file, the same as `write_wav` writes."""
    stream = io.BytesIO()
    _write_waveform(stream, waveform, bits)
    return stream.getvalue()


def write_wav_blocks(
    path: Path, blocks: Iterable[NDArray[np.float32]], rate_hz: int, channels: int, *, bits: Bits
) -> None:
    """Write blocks of shape (channels, n) as dithered integer PCM, completely or not at all.

    Samples are clipped at +-1. The triangular dither is noise of up to one quantization step, which makes the
    rounding error independent of the audio (Lipshitz, Wannamaker and Vanderkooy 1992).

    Raises:
        OutputError: the file cannot be written.
    """
    dither = np.random.default_rng(0)
    data = (_quantized(block, bits, dither) for block in blocks)
    with replacing(path) as part, writing(path), part.open("wb") as stream:
        _write_pcm(stream, rate_hz, channels, bits // 8, data)


def _write_waveform(stream: BinaryIO, waveform: Waveform, bits: int) -> None:
    channels, samples = waveform.samples.shape
    starts = range(0, samples, _BLOCK_SAMPLES)
    blocks = (waveform.samples[:, start : start + _BLOCK_SAMPLES] for start in starts)
    data = (_quantized(block, bits) for block in blocks)
    _write_pcm(stream, waveform.rate_hz, channels, bits // 8, data)


def _write_pcm(stream: BinaryIO, rate_hz: int, channels: int, width: int, data: Iterable[bytes]) -> int:
    """Write a plain WAV with `width` bytes per sample; return the number of samples per channel."""
    with wave.open(stream, "wb") as file:
        file.setparams((channels, width, rate_hz, 0, "NONE", ""))
        for block in data:
            file.writeframesraw(block)
        return file.getnframes()


def _quantized(block: NDArray[np.floating], bits: int, dither: np.random.Generator | None = None) -> bytes:
    """Convert samples of shape (channels, n) to interleaved little-endian integers of `bits` bits."""
    full_scale = 2 ** (bits - 1)
    scaled = block.T.astype(np.float64) * full_scale
    if dither is not None:
        scaled += dither.random(scaled.shape) - dither.random(scaled.shape)
    levels = np.clip(np.rint(scaled), -full_scale, full_scale - 1).astype("<i4")
    return _bytes_of(levels, slice(0, bits // 8))


def _bytes_of(samples: NDArray[Any], which: slice) -> bytes:
    """Return samples, shape (n, channels), as interleaved bytes; `which` selects the bytes of each sample."""
    each = np.ascontiguousarray(samples).view(np.uint8).reshape(-1, samples.dtype.itemsize)
    return bytes(each[:, which].tobytes())


def write_excerpt(source: AudioSource, span: Span, target: Path) -> None:
    """Write a span of a recording, at its own rate, as a 24-bit WAV, completely or not at all.

    One or two channels are kept; more are mixed down. If float samples exceed full scale, the whole span is
    scaled down.

    Raises:
        InputError: the recording cannot be read, or ends before the span begins.
        OutputError: the target cannot be written.
    """
    with open_audio(source) as decoder:
        kept, at = [], 0
        for block in decoder.blocks():
            start = seconds_to_samples(span.start, decoder.rate_hz)
            end = seconds_to_samples(span.end, decoder.rate_hz)
            piece = to_float(block)[:, max(0, start - at) : max(0, end - at)]
            if piece.shape[1]:
                kept.append(piece)
            at += block.shape[1]
            if at >= end:
                break
        rate_hz = decoder.rate_hz
    if not kept:
        raise InputError(
            f"{source}: the audio ends before {span.start:g} s, where the excerpt begins",
            hint="give a recording and a --driver file that have the same timeline",
        )
    samples = np.concatenate(kept, 1)
    if len(samples) > _MAX_CHANNELS:
        samples = Waveform(samples, rate_hz).mono[None]
    peak = float(np.abs(samples).max(initial=0.0))
    write_wav(target, Waveform((samples / max(1.0, peak)).astype(np.float32), rate_hz), bits=24)


def write_shortened(source: AudioSource, target: Path, kept: Sequence[tuple[Fraction, Fraction]]) -> int:
    """Write spans of a recording one after another, with the recording's own rate, channels and bit depth.

    Joints are crossfaded over 10 ms; outside of the joints, every sample equals that of the recording, bit
    for bit.

    Args:
        source: The recording.
        target: A .wav file, written completely or not at all; over 4 GiB it becomes RF64.
        kept: [start, end) of each span in seconds, in order, at whole samples of the source; empty keeps
            everything. The last span may end after the recording.

    Returns:
        Number of samples per channel that were written.

    Raises:
        InputError: the recording is damaged.
        OutputError: the file cannot be written.
    """
    with replacing(target) as part, open_audio(source) as decoder:
        blocks = decoder.blocks()
        first = next(blocks)
        rate = decoder.rate_hz
        spans = [(round(start * rate), round(end * rate)) for start, end in kept] or [(0, 1 << 62)]
        with closing(_joined(chain([first], blocks), spans, round(CROSSFADE_S * rate))) as joined:
            if width := _plain_width(first.dtype, decoder):
                data = (_narrowed(block, width) for block in joined)
                with writing(target), part.open("wb") as stream:
                    return _write_pcm(stream, rate, len(first), width, data)
            return _write_by_ffmpeg(part, target, joined, first.dtype, decoder)


def _plain_width(kind: np.dtype[Any], decoder: AudioDecoder) -> int:
    """Return the bytes per sample if a plain WAV header suffices; 0 if an extended header is needed."""
    seconds = float(decoder.declared_seconds or MAX_RECORDING_SECONDS)
    form = decoder.format
    if kind.kind == "f" and form.lossy:
        width = 3  # a lossy codec has no higher resolution
    elif kind.name in {"uint8", "int16", "int32"}:
        width = 3 if kind == np.int32 and (form.bits or 32) <= 24 else kind.itemsize
    else:
        return 0
    fits = (seconds + 60) * form.sample_rate_hz * form.channels * width < 2**32
    return width if fits and form.channels <= _MAX_CHANNELS else 0


def _narrowed(block: NDArray[Any], width: int) -> bytes:
    """Convert a block to interleaved little-endian integers of `width` bytes."""
    if block.dtype.kind == "f":
        return _quantized(block, 8 * width)
    return _bytes_of(block.T, slice(block.dtype.itemsize - width, None))  # decoded integers are left-aligned


def _write_by_ffmpeg(
    part: Path, target: Path, blocks: Iterator[NDArray[Any]], kind: np.dtype[Any], decoder: AudioDecoder
) -> int:
    """Write a WAV file with FFmpeg, which supports float samples, many channels and files over 4 GiB.

    Returns:
        Number of samples per channel that were written.
    """
    written = 0
    codec, sample_format = _WAV_CODECS[kind.name if kind.name in _WAV_CODECS else "float64"]
    if codec == "pcm_s32le" and (decoder.format.bits or 32) <= 24:
        codec = "pcm_s24le"
    rate = decoder.rate_hz
    with writing(target), av.open(str(part), "w", format="wav", options={"rf64": "auto"}) as file:
        stream = file.add_stream(codec, rate=rate, layout=decoder.layout)
        assert isinstance(stream, AudioStream)  # noqa: S101 - the codec is an audio codec
        stream.format = sample_format
        for block in blocks:
            wide = block.astype(np.float64) if sample_format == "dbl" else block
            packed = np.ascontiguousarray(wide.T).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(packed, format=sample_format, layout=decoder.layout)
            frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), written
            written += block.shape[1]
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return written


def _joined(
    blocks: Iterator[NDArray[Any]], spans: Sequence[tuple[int, int]], fade: int
) -> Generator[NDArray[Any]]:
    """Yield the samples of the spans; the end of each span is crossfaded with the start of the next.

    The samples that are faded in come from before the start of the next span, so that each span keeps its
    length.
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
    """Crossfade two pieces with constant power, because their room tones are uncorrelated."""
    length = min(down.shape[1], up.shape[1])
    rise = np.sin(np.pi / 2 * (np.arange(length) + 0.5) / max(1, length))
    center = 128 if down.dtype == np.uint8 else 0
    mixed = (down[:, -length:].astype(np.float64) - center) * rise[::-1]
    mixed += (up[:, -length:].astype(np.float64) - center) * rise
    mixed += center
    if down.dtype.kind != "f":
        limits = np.iinfo(down.dtype)
        mixed = np.clip(np.rint(mixed), limits.min, limits.max)
    return np.concatenate([down[:, :-length], mixed.astype(down.dtype)], 1)


def encode_m4a(samples: NDArray[np.float32], rate_hz: int) -> bytes:
    """Return mono audio, shape (n,), as the bytes of an AAC file that every browser plays."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=rate_hz, layout="mono")
        assert isinstance(stream, AudioStream)  # noqa: S101 - the codec is an audio codec
        stream.bit_rate = PREVIEW_BIT_RATE
        for start in range(0, len(samples), _BLOCK_SAMPLES):
            block = np.ascontiguousarray(np.clip(samples[None, start : start + _BLOCK_SAMPLES], -1, 1))
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
            frame.sample_rate, frame.time_base, frame.pts = rate_hz, Fraction(1, rate_hz), start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()
