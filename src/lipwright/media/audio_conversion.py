"""Convert audio to a sample rate and channels that a codec supports, as a stream of blocks."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
import soxr
from numpy.typing import NDArray

from lipwright.domain.audio_piece import AudioSource
from lipwright.media.audio_decoder import AudioFormat, open_audio, to_float

AAC_RATES_HZ = (7350, 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)
"""Sampling frequencies of ISO/IEC 14496-3, table 1.18, ascending."""

LAYOUTS = {
    "mono": "mono",
    "1 channels": "mono",
    "stereo": "stereo",
    "2 channels": "stereo",
    "downmix": "stereo",
    "3.0": "3.0",
    "4.0": "4.0",
    "5.0": "5.0",
    "5.0(side)": "5.0",
    "5.1": "5.1",
    "5.1(side)": "5.1",
}
"""Maps each channel layout that AAC and ALAC support without a custom channel map to the layout of the
delivered audio. All names are FFmpeg's."""


@dataclass(frozen=True, slots=True)
class AudioTarget:
    """Sample rate and channels of the delivered audio."""

    rate_hz: int
    layout: str
    """FFmpeg's name of the channel layout: a value of LAYOUTS, or in a stream copy the layout of the
    source."""
    downmixed: bool
    """True if the codec does not support the layout of the source, so that the audio is mixed to stereo."""


def target_for(source: AudioFormat, codec: str) -> AudioTarget:
    """From the targets that `codec` ("aac" or "alac") supports, choose the one closest to the source."""
    layout = LAYOUTS.get(source.layout)
    rate_hz = source.sample_rate_hz if codec == "alac" else aac_rate(source.sample_rate_hz)
    return AudioTarget(rate_hz, layout or "stereo", downmixed=layout is None)


def aac_rate(rate_hz: int) -> int:
    """Return the AAC sample rate for a recording at `rate_hz`.

    This is `rate_hz` itself if AAC supports it. Otherwise it is half of `rate_hz` if that is supported and
    `rate_hz` is above AAC's maximum, else the next higher supported rate, else the maximum.

    >>> aac_rate(44100), aac_rate(176400), aac_rate(37800), aac_rate(384000)
    (44100, 88200, 44100, 96000)
    """
    if rate_hz in AAC_RATES_HZ:
        return rate_hz
    if rate_hz > AAC_RATES_HZ[-1] and rate_hz / 2 in AAC_RATES_HZ:
        return rate_hz // 2
    return next((rate for rate in AAC_RATES_HZ if rate >= rate_hz), AAC_RATES_HZ[-1])


def master_blocks(path: AudioSource, target: AudioTarget, samples: int) -> Generator[NDArray[Any]]:
    """Yield a recording at the rate and with the channels of `target`, exactly `samples` samples long.

    A longer recording is cut, a shorter one is padded with silence.

    Yields:
        Arrays of shape (channels, n); in the file's own type if nothing has to be converted, else float32.

    Raises:
        InputError: the file is damaged.
    """
    channels = av.AudioLayout(target.layout).nb_channels
    sent, kind = 0, np.dtype(np.float32)
    with closing(_converted(path, target)) as blocks:
        for block in blocks:
            kind = block.dtype
            if sent + block.shape[1] >= samples:
                yield block[:, : samples - sent]
                return
            sent += block.shape[1]
            yield block
    fill = 128 if kind == np.uint8 else 0
    while sent < samples:
        count = min(65_536, samples - sent)
        yield np.full((channels, count), fill, kind)
        sent += count


def rechunked(blocks: Iterable[NDArray[Any]], size: int) -> Iterator[NDArray[Any]]:
    """Join blocks of shape (channels, any) and cut them into blocks of `size` samples.

    The last block may be shorter.
    """
    held: NDArray[Any] | None = None
    for block in blocks:
        held = block if held is None else np.concatenate([held, block], 1)
        while held.shape[1] >= size:
            yield held[:, :size]
            held = held[:, size:]
    if held is not None and held.shape[1]:
        yield held


def _converted(path: AudioSource, target: AudioTarget) -> Generator[NDArray[Any]]:
    with open_audio(path) as decoder:
        resampler: soxr.ResampleStream | None = None
        for raw in decoder.blocks():
            block = _downmix_to_stereo(raw, decoder.layout) if target.downmixed else raw
            if target.rate_hz == decoder.rate_hz:
                yield block
                continue
            if resampler is None:
                resampler = soxr.ResampleStream(
                    decoder.rate_hz, target.rate_hz, len(block), dtype="float32", quality="VHQ"
                )
            yield _channels_first(resampler.resample_chunk(_for_soxr(to_float(block))))
        if resampler is not None:
            end = _for_soxr(np.zeros((av.AudioLayout(target.layout).nb_channels, 0), np.float32))
            yield _channels_first(resampler.resample_chunk(end, last=True))


def _for_soxr(block: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a block in the shape for soxr: (n,) for one channel, (n, channels) for more."""
    return np.ascontiguousarray(block[0] if len(block) == 1 else block.T)


def _channels_first(block: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.ascontiguousarray(block[None] if block.ndim == 1 else block.T)


def _downmix_to_stereo(block: NDArray[Any], layout: str) -> NDArray[np.float32]:
    """Mix a block to stereo, scaled so that it cannot clip.

    Left channels go to the left output, right channels to the right output, and center channels to both. LFE
    channels are dropped.
    """
    sides = [_sides(channel.name) for channel in av.AudioLayout(layout).channels]
    gains = np.array(sides, np.float32).T
    gains /= np.maximum(gains.sum(1, keepdims=True), 1)
    mixed: NDArray[np.float32] = gains @ to_float(block)
    return mixed


def _sides(channel: str) -> tuple[float, float]:
    """Return the gains of a channel in the left output and in the right output.

    `channel` is FFmpeg's name of the channel, such as FL, BR, TFL or FLC.
    """
    left, right = "L" in channel.removeprefix("LFE"), "R" in channel
    if channel.startswith("LFE"):
        return 0.0, 0.0
    return (1.0, 0.0) if left and not right else (0.0, 1.0) if right and not left else (0.7071, 0.7071)
