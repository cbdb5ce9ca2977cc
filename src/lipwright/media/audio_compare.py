"""Compare the audio of a finished video with the user's recording."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.audio_piece import AudioSource
from lipwright.media.audio_conversion import AudioTarget, master_blocks, rechunked
from lipwright.media.audio_decoder import open_audio

WINDOW_SAMPLES = 32_768
"""Length of the windows in which audio is compared, in samples."""

MAX_OFFSET_SAMPLES = 8_192
"""Largest offset that is searched, in either direction: several times the delay of any codec."""

TARGET_WINDOWS = 60
"""Target number of windows to correlate, spread over the video. Of N windows, every n-th is correlated, where
n = max(1, N // TARGET_WINDOWS)."""


@dataclass(frozen=True, slots=True)
class AudioMatch:
    """Result of comparing the audio of a video with the recording."""

    offset_samples: int | None
    """Delay of the video's audio relative to the recording, in samples; None if nothing can be compared."""
    bit_exact: bool
    """True if all decoded samples equal those of the recording. The comparison covers the length of the
    video or of the recording, whichever is shorter."""
    samples: int
    """Number of samples per channel decoded from the video."""


def compare_audio(
    video: Path, master: AudioSource, target: AudioTarget, *, source_samples: int, samples: int
) -> AudioMatch:
    """Decode the video's audio and the recording, and compare them window by window in bounded memory.

    Args:
        video: The finished video.
        master: The user's recording.
        target: Sample rate and channels of the video's audio.
        source_samples: Length of the recording, in samples at the target's rate.
        samples: Length of the video, in samples at the target's rate; after the end of the recording, the
            video contains padding.
    """
    correlation = np.zeros(2 * WINDOW_SAMPLES)
    # After a downmix, the samples cannot equal those of the recording.
    exact, total, number = not target.downmixed, 0, 0
    every = max(1, samples // WINDOW_SAMPLES // TARGET_WINDOWS)
    with closing(_video_blocks(video)) as ours, closing(master_blocks(master, target, samples)) as theirs:
        pairs = zip(windows(ours), windows(theirs), strict=False)
        for mine, given in pairs:
            count = min(mine.shape[1], given.shape[1], max(0, source_samples - total))
            same_shape = len(mine) == len(given)
            exact &= same_shape and bool((mine[:, :count] == given[:, :count]).all())
            if number % every == 0 and same_shape:
                correlation += _correlate(mine, given)
            total += mine.shape[1]
            number += 1
    return AudioMatch(_peak(correlation), exact and total >= min(source_samples, samples), total)


def _video_blocks(video: Path) -> Generator[NDArray[Any]]:
    with open_audio(video) as decoder:
        yield from decoder.blocks()


def windows(blocks: Iterable[NDArray[Any]]) -> Iterator[NDArray[np.float64]]:
    """Join blocks and cut them into windows of WINDOW_SAMPLES; the last window may be shorter.

    The conversion to float64 is exact for samples of up to 53 bits.
    """
    return rechunked(map(_exact, blocks), WINDOW_SAMPLES)


def _exact(block: NDArray[Any]) -> NDArray[np.float64]:
    center = 128 if block.dtype == np.uint8 else 0
    scale = 1.0 if block.dtype.kind == "f" else 2.0 ** (1 - 8 * block.dtype.itemsize)
    scaled: NDArray[np.float64] = (block.astype(np.float64) - center) * scale
    return scaled


def _correlate(mine: NDArray[np.float64], given: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the cross-correlation of two windows, computed from the channel that is loudest in `given`.

    Returns:
        Shape (2 * WINDOW_SAMPLES,): item n is the value for a delay of `mine` by n samples, and item -n (from
        the end) the value for a delay of -n samples.
    """
    channel = int((given**2).sum(1).argmax())
    size = 2 * WINDOW_SAMPLES
    spectrum = np.fft.rfft(mine[channel], size) * np.fft.rfft(given[channel], size).conj()
    return np.fft.irfft(spectrum, size)


def _peak(correlation: NDArray[np.float64]) -> int | None:
    if not correlation.any():
        return None
    lags = np.concatenate([correlation[-MAX_OFFSET_SAMPLES:], correlation[: MAX_OFFSET_SAMPLES + 1]])
    return int(lags.argmax()) - MAX_OFFSET_SAMPLES
