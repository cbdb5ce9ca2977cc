"""Draw the README's images from a finished video: an animation, and a sheet of frames over their audio.

python docs/images/draw.py out/demo.mp4 docs/images/demo.webp docs/images/demo-sheet.jpg
"""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lipwright.media.audio_reader import read_audio
from lipwright.media.video_reader import read_video_frames

AUDIO_RATE_HZ = 24_000
ANIMATION_SECONDS = Fraction(5)
ANIMATION_PX = 360
EVERY = 2
"""The animation shows every second frame: 12.5 a second of 25."""
COLUMNS, ROWS = 6, 2
TILE_PX, STRIP_PX = 200, 46
FIRST_SECONDS, STEP_SECONDS = 0.4, 0.12
"""Frames of the sheet are closer than a syllable, so that the mouth is seen on its way."""
WAVE, MARK, WHITE = (60, 110, 160), (200, 40, 40), 255

Pixels = NDArray[np.uint8]


def square(rgb: Pixels, side_px: int) -> Pixels:
    """The middle of a frame, shape (side_px, side_px, 3)."""
    height, width = rgb.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return cv2.resize(
        rgb[top : top + side, left : left + side], (side_px, side_px), interpolation=cv2.INTER_AREA
    )


def waveform(audio: NDArray[np.float32], start: float, end: float, width_px: int) -> Pixels:
    """The waveform from start to end, in seconds, as a strip."""
    strip = np.full((STRIP_PX, width_px, 3), WHITE, np.uint8)
    edges = (np.linspace(start, end, width_px + 1) * AUDIO_RATE_HZ).astype(int)
    for x in range(width_px):
        piece = audio[max(edges[x], 0) : max(edges[x + 1], edges[x] + 1, 1)]
        height = int(min(1.0, 2.5 * np.abs(piece).max(initial=0)) * (STRIP_PX / 2 - 3)) + 1
        strip[STRIP_PX // 2 - height : STRIP_PX // 2 + height, x] = WAVE
    return strip


def draw_animation(video: Path, audio: NDArray[np.float32], out: Path) -> None:
    """Write the first seconds as an animated WebP: the face over its waveform, with a mark at the instant."""
    strip = waveform(audio, 0.0, float(ANIMATION_SECONDS), ANIMATION_PX)
    frames, frame_ms = [], 80
    for number, (seconds, rgb) in enumerate(read_video_frames(video)):
        if seconds >= ANIMATION_SECONDS:
            break
        if number % EVERY == 0:
            marked = strip.copy()
            x = int(seconds / ANIMATION_SECONDS * ANIMATION_PX)
            marked[:, x : x + 2] = MARK
            frames.append(Image.fromarray(np.vstack([square(rgb, ANIMATION_PX), marked])))
    frames[0].save(
        out, save_all=True, append_images=frames[1:], duration=frame_ms, loop=0, quality=70, method=4
    )


def draw_sheet(video: Path, audio: NDArray[np.float32], out: Path) -> None:
    """Write rows of frames, each over the waveform of its time span, as a JPEG."""
    times = [FIRST_SECONDS + n * STEP_SECONDS for n in range(COLUMNS * ROWS)]
    tiles: list[Pixels] = []
    for seconds, rgb in read_video_frames(video):
        if len(tiles) < len(times) and float(seconds) >= times[len(tiles)] - 1e-6:
            tiles.append(square(rgb, TILE_PX))
    rows = []
    for row in range(ROWS):
        part = slice(row * COLUMNS, (row + 1) * COLUMNS)
        start = times[part][0] - STEP_SECONDS / 2
        strip = waveform(audio, start, start + COLUMNS * STEP_SECONDS, COLUMNS * TILE_PX)
        for column, seconds in enumerate(times[part]):
            x = column * TILE_PX + TILE_PX // 2
            strip[:, x : x + 1] = MARK
            strip[STRIP_PX - 17 :, x + 3 : x + 52] = WHITE
            cv2.putText(
                strip, f"{seconds:.2f} s", (x + 5, STRIP_PX - 5), 0, 0.4, (60, 60, 60), 1, cv2.LINE_AA
            )
        rows += [np.hstack(tiles[part]), strip]
    Image.fromarray(np.vstack(rows)).save(out, quality=88)


def main() -> None:
    """Read the video and write both images."""
    video, animation, sheet = map(Path, sys.argv[1:4])
    audio = read_audio(video, rate_hz=AUDIO_RATE_HZ).waveform.mono
    draw_animation(video, audio, animation)
    draw_sheet(video, audio, sheet)


if __name__ == "__main__":
    main()
