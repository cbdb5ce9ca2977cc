"""Draw the README's image from a finished video: frames above the audio they go with.

python docs/images/draw.py out/demo.mp4 docs/images/demo-sheet.jpg
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np

from lipwright.media.audio_reader import read_audio
from lipwright.media.video_reader import read_video_frames

COLUMNS, ROWS = 6, 2
TILE_PX, STRIP_PX, GAP_PX = 200, 46, 4
FIRST_SECONDS, STEP_SECONDS = 0.4, 0.12
"""Frames closer than a syllable, so that the mouth is seen on its way."""


def strip(audio: np.ndarray, rate_hz: int, start: float, at: list[float]) -> np.ndarray:
    """The waveform of one row of frames, with a mark under each."""
    width = COLUMNS * TILE_PX
    image = np.full((STRIP_PX, width, 3), 255, np.uint8)
    per_px = STEP_SECONDS / TILE_PX
    for x in range(width):
        first = int((start + (x - TILE_PX / 2) * per_px) * rate_hz)
        piece = audio[max(first, 0) : max(first + int(per_px * rate_hz) + 1, 1)]
        height = int(min(1.0, np.abs(piece).max(initial=0) * 2.5) * (STRIP_PX / 2 - 3)) + 1
        image[STRIP_PX // 2 - height : STRIP_PX // 2 + height, x] = (160, 110, 60)
    for column, seconds in enumerate(at):
        x = column * TILE_PX + TILE_PX // 2
        image[:, x : x + 1] = (40, 40, 200)
        cv2.putText(image, f"{seconds:.2f} s", (x + 5, STRIP_PX - 5), 0, 0.4, (60, 60, 60), 1, cv2.LINE_AA)
    return image


def main() -> None:
    """Read the video, choose the frames, write the sheet."""
    video, out = Path(sys.argv[1]), Path(sys.argv[2])
    audio = read_audio(video, rate_hz=16_000).waveform
    wanted = [FIRST_SECONDS + i * STEP_SECONDS for i in range(COLUMNS * ROWS)]
    tiles: list[np.ndarray] = []
    times: list[float] = []
    for seconds, rgb in read_video_frames(video):
        if len(tiles) < len(wanted) and float(seconds) >= wanted[len(tiles)] - 1e-6:
            height, width = rgb.shape[:2]
            side = min(height, width)
            left, top = (width - side) // 2, (height - side) // 2
            square = rgb[top : top + side, left : left + side]
            tiles.append(cv2.resize(square, (TILE_PX, TILE_PX), interpolation=cv2.INTER_AREA)[..., ::-1])
            times.append(float(seconds))
    rows = []
    for row in range(ROWS):
        part = slice(row * COLUMNS, (row + 1) * COLUMNS)
        rows.append(np.hstack(tiles[part]))
        rows.append(strip(audio.mono, audio.rate_hz, times[part][0], times[part]))
    cv2.imwrite(str(out), np.vstack(rows), [cv2.IMWRITE_JPEG_QUALITY, 88])


if __name__ == "__main__":
    main()
