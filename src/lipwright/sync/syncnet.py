"""Compute SyncNet's offset, LSE-D and LSE-C, for users who have its weights.

The method is that of Chung and Zisserman, "Out of time" (2016), as implemented in
github.com/joonson/syncnet_python, with which published figures are computed. One encoder
converts five frames of 224x224 pixels to an embedding; the other converts 0.2 s of audio (as 13 MFCCs). The
distance between the two embeddings is computed at lags of up to 15 frames in either direction. LSE-D is the
mean distance at the best lag. LSE-C is the median distance over all lags, minus LSE-D. Layers have the names
of the published weights.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from lipwright.domain.media import Waveform
from lipwright.errors import InputError
from lipwright.sync.mouth_track import MouthTrack

FPS = 25
RATE_HZ = 16_000
MAX_LAG_FRAMES = 15
CROP_PX = 224
CROP_MARGIN = 0.4
"""Margin to the left and right of the face, relative to half the longer side of its bounding box."""
WINDOW_FRAMES = 5
"""Number of frames per embedding."""
MFCCS_PER_FRAME = 4


class SyncNet(nn.Module):
    """SyncNet's two encoders; each returns an embedding of 1024 values."""

    def __init__(self) -> None:
        super().__init__()
        self.netcnnaud = nn.Sequential(
            *_flat(1, 64, (3, 3), padding=1), nn.MaxPool2d((1, 1), (1, 1)),
            *_flat(64, 192, (3, 3), padding=1), nn.MaxPool2d((3, 3), (1, 2)),
            *_flat(192, 384, (3, 3), padding=1),
            *_flat(384, 256, (3, 3), padding=1),
            *_flat(256, 256, (3, 3), padding=1), nn.MaxPool2d((3, 3), (2, 2)),
            *_flat(256, 512, (5, 4), padding=0),
        )  # fmt: skip
        self.netfcaud = _head()
        self.netfclip = _head()
        self.netcnnlip = nn.Sequential(
            *_deep(3, 96, (5, 7, 7), stride=(1, 2, 2)), nn.MaxPool3d((1, 3, 3), (1, 2, 2)),
            *_deep(96, 256, (1, 5, 5), stride=(1, 2, 2), padding=(0, 1, 1)),
            nn.MaxPool3d((1, 3, 3), (1, 2, 2), (0, 1, 1)),
            *_deep(256, 256, (1, 3, 3), padding=(0, 1, 1)),
            *_deep(256, 256, (1, 3, 3), padding=(0, 1, 1)),
            *_deep(256, 256, (1, 3, 3), padding=(0, 1, 1)), nn.MaxPool3d((1, 3, 3), (1, 2, 2)),
            *_deep(256, 512, (1, 6, 6)),
        )  # fmt: skip

    def embed_audio(self, mfcc: torch.Tensor) -> torch.Tensor:
        """Convert MFCCs, shape (n, 1, 13, 20), to embeddings, shape (n, 1024)."""
        out: torch.Tensor = self.netfcaud(self.netcnnaud(mfcc).flatten(1))
        return out

    def embed_lips(self, frames: torch.Tensor) -> torch.Tensor:
        """Convert face crops, shape (n, 3, 5, 224, 224), BGR in 0..255, to embeddings, shape (n, 1024)."""
        out: torch.Tensor = self.netfclip(self.netcnnlip(frames).flatten(1))
        return out


def load_syncnet(path: Path) -> SyncNet:
    """Load the network with a user's weights; no code in the file is run.

    Args:
        path: syncnet_v2.model, or the same weights as .safetensors.

    Raises:
        InputError: The file does not contain the weights of SyncNet.
    """
    network = SyncNet()
    hint = "give syncnet_v2.model of github.com/joonson/syncnet_python, or the same weights as .safetensors"
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file  # noqa: PLC0415 - of the same extra

            state: Any = load_file(str(path))
        else:
            state = torch.load(path, map_location="cpu", weights_only=True)
        network.load_state_dict(state)
    except Exception as error:  # torch and safetensors raise a dozen classes on foreign files
        # Include the class name, because some messages are just a number.
        reason = " ".join([f"{type(error).__name__}:", *str(error).splitlines()[:1]])
        raise InputError(f"{path}: these are not SyncNet's weights ({reason[:160]})", hint=hint) from error
    return network.eval()


def measure_syncnet(
    network: SyncNet, frames: Iterator[tuple[Fraction, NDArray[np.uint8]]], track: MouthTrack, audio: Waveform
) -> dict[str, float | None]:
    """Compute SyncNet's offset, LSE-D and LSE-C for one face.

    Args:
        network: The network with its weights.
        frames: The frames of the video, in the size at which the face was tracked.
        track: Track of the face.
        audio: The video's audio at RATE_HZ.

    Returns:
        `offset_ms` (in steps of 40 ms; positive: the audio comes after the lips), `lse_d`, `lse_c`;
        all None if the face and its audio can be compared for less than a second.
    """
    mfcc = mfccs(audio.mono)
    lips, audio_windows = [], []
    held: list[NDArray[np.uint8]] = []
    with torch.inference_mode():
        for number, crop in _crops(frames, track):
            held = [*held[-(WINDOW_FRAMES - 1) :], crop]
            first = number - WINDOW_FRAMES + 1
            piece = mfcc[
                :, first * MFCCS_PER_FRAME : first * MFCCS_PER_FRAME + WINDOW_FRAMES * MFCCS_PER_FRAME
            ]
            if len(held) < WINDOW_FRAMES or piece.shape[1] < WINDOW_FRAMES * MFCCS_PER_FRAME:
                continue
            stack = torch.from_numpy(np.stack(held).astype(np.float32)).permute(3, 0, 1, 2)
            lips.append(network.embed_lips(stack[None])[0])
            audio_windows.append(
                network.embed_audio(torch.from_numpy(piece.astype(np.float32))[None, None])[0]
            )
    if len(lips) < FPS:
        return {"offset_ms": None, "lse_d": None, "lse_c": None}
    return _compare(torch.stack(lips), torch.stack(audio_windows))


def mfccs(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Compute 13 MFCCs, 100 times a second, as the package python_speech_features does.

    Args:
        samples: Audio at RATE_HZ, -1..1; it is rounded to 16 bits first.

    Returns:
        Shape (13, n).
    """
    pcm = np.round(np.clip(samples.astype(np.float64), -1, 1) * 32767)
    pcm = np.append(pcm[:1], pcm[1:] - 0.97 * pcm[:-1])
    length, hop, size = 400, 160, 512
    count = 1 + max(0, -(-(len(pcm) - length) // hop))
    pcm = np.pad(pcm, (0, max(0, (count - 1) * hop + length - len(pcm))))
    rows = pcm[np.arange(length) + hop * np.arange(count)[:, None]]
    power = np.abs(np.fft.rfft(rows, size)) ** 2 / size
    tiny = np.finfo(float).eps
    energy = np.maximum(power.sum(1), tiny)
    bank = np.maximum(power @ _mel_bank(26, size).T, tiny)
    n = np.arange(26)
    basis = np.cos(np.pi * np.outer(np.arange(13), n + 0.5) / 26) * np.sqrt(2 / 26)
    basis[0] /= np.sqrt(2)
    cepstra = np.log(bank) @ basis.T * (1 + 11 * np.sin(np.pi * np.arange(13) / 22))
    cepstra[:, 0] = np.log(energy)
    return np.asarray(cepstra.T)


def _mel_bank(filters: int, size: int) -> NDArray[np.float64]:
    top = 2595 * np.log10(1 + RATE_HZ / 2 / 700)
    hz = 700 * (10 ** (np.linspace(0, top, filters + 2) / 2595) - 1)
    edges = np.floor((size + 1) * hz / RATE_HZ).astype(int)
    bank = np.zeros((filters, size // 2 + 1))
    for j, (low, mid, high) in enumerate(zip(edges, edges[1:], edges[2:], strict=False)):
        bank[j, low:mid] = (np.arange(low, mid) - low) / max(mid - low, 1)
        bank[j, mid:high] = (high - np.arange(mid, high)) / max(high - mid, 1)
    return bank


def _crops(
    frames: Iterator[tuple[Fraction, NDArray[np.uint8]]], track: MouthTrack
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Crop the face from FPS frames per second, as the published pipeline does.

    While the face is not visible, its last known position is used.

    Yields:
        The index of the frame, counted at FPS frames per second from the start of the video, and the crop.
        The indices are consecutive, and begin with the first frame in which the face is visible.
    """
    due, place = 0, None
    for number, (instant, rgb) in enumerate(frames):
        if number >= len(track.visible):
            return
        height, width = rgb.shape[:2]
        if track.visible[number]:
            left, top, right, bottom = track.box[number] * [width, height, width, height]
            half = max(right - left, bottom - top) / 2
            x, y = (left + right) / 2, (top + bottom) / 2
            place = (x - half * (1 + CROP_MARGIN), y - half, 2 * half * (1 + CROP_MARGIN))
        while place is not None and due <= float(instant) * FPS + 0.5:
            scale = CROP_PX / place[2]
            matrix = np.array([[scale, 0, -place[0] * scale], [0, scale, -place[1] * scale]])
            cut = cv2.warpAffine(rgb, matrix, (CROP_PX, CROP_PX), borderValue=(110, 110, 110))
            yield due, np.asarray(cut[..., ::-1], np.uint8)
            due += 1
        if place is None:
            due = int(float(instant) * FPS + 0.5) + 1


def _compare(lips: torch.Tensor, audio: torch.Tensor) -> dict[str, float | None]:
    padded = nn.functional.pad(audio, (0, 0, MAX_LAG_FRAMES, MAX_LAG_FRAMES))
    lags = [padded[k : k + len(lips)] for k in range(2 * MAX_LAG_FRAMES + 1)]
    distances = torch.stack([nn.functional.pairwise_distance(lips, other).mean() for other in lags])
    best = int(distances.argmin())
    least = float(distances[best])
    return {
        "offset_ms": (best - MAX_LAG_FRAMES) * 1000 / FPS,
        "lse_d": least,
        "lse_c": float(distances.median()) - least,
    }


def _flat(ins: int, outs: int, kernel: tuple[int, int], *, padding: int) -> list[nn.Module]:
    return [nn.Conv2d(ins, outs, kernel, padding=padding), nn.BatchNorm2d(outs), nn.ReLU()]


def _deep(
    ins: int,
    outs: int,
    kernel: tuple[int, int, int],
    *,
    stride: tuple[int, int, int] = (1, 1, 1),
    padding: tuple[int, int, int] = (0, 0, 0),
) -> list[nn.Module]:
    return [nn.Conv3d(ins, outs, kernel, stride, padding), nn.BatchNorm3d(outs), nn.ReLU()]


def _head() -> nn.Sequential:
    return nn.Sequential(nn.Linear(512, 512), nn.BatchNorm1d(512), nn.ReLU(), nn.Linear(512, 1024))
