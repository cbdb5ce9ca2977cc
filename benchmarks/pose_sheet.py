"""Draw sheets of poses, for people to look at.

    python -m benchmarks.pose_sheet IMAGE OUT.png

A sheet shows the mouth shapes of speech, blinks and head turns on one image; --strip shows consecutive
frames of a moving face, for flicker; --zoom crops to the mouth or the eyes.
"""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.domain.media import Image
from lipwright.domain.motion import CHANNEL, CHANNELS
from lipwright.engines.portrait.description import DESCRIPTION as PORTRAIT
from lipwright.errors import InputError, LipwrightError, OutputError
from lipwright.face.crop import fit_image
from lipwright.face.image_ops import resized
from lipwright.face.landmarks import Face, FaceTracker
from lipwright.face.speaking_face import choose_face
from lipwright.face.warp import PortraitWarp
from lipwright.planning import snap_size

Pixels = NDArray[np.uint8]
TILE_PX = 300
"""Height of a tile, unless it is zoomed."""

POSES: dict[str, dict[str, float]] = {
    "rest": {},
    "p b m": {"mouthPress": 1.0, "jawOpen": 0.2},
    "a": {"jawOpen": 1.0, "mouthLowerDown": 0.3, "mouthUpperUp": 0.3},
    "e": {"jawOpen": 0.6, "mouthStretch": 0.5, "mouthUpperUp": 0.3, "mouthLowerDown": 0.3},
    "i": {"jawOpen": 0.25, "mouthStretch": 1.0, "mouthUpperUp": 0.4, "mouthLowerDown": 0.5},
    "o": {"jawOpen": 0.7, "mouthPucker": 0.7, "mouthStretch": -0.4},
    "u": {"jawOpen": 0.35, "mouthPucker": 1.0, "mouthStretch": -0.6},
    "f v": {"jawOpen": 0.15, "mouthRollLower": 1.0, "mouthUpperUp": 0.3},
    "th l": {"jawOpen": 0.35, "tongueOut": 1.0, "mouthUpperUp": 0.2},
    "sh": {"jawOpen": 0.2, "mouthPucker": 0.5, "mouthUpperUp": 0.4, "mouthLowerDown": 0.5},
    "smile": {"mouthSmile": 1.0},
    "blink": {"eyeBlink": 1.0},
    "yaw": {"headYaw": 0.15, "gazeYaw": -0.12, "jawOpen": 0.2},
    "roll, half blink": {"headRoll": 0.06, "headYaw": -0.1, "eyeBlink": 0.5, "jawOpen": 0.4},
    "pitch, look aside": {"headPitch": 0.09, "gazeYaw": 0.2, "jawOpen": 0.5, "mouthPucker": 0.3},
    "brows": {"browInnerUp": 1.0},
}
"""Shapes of speech and expression, as rows of motion."""


def pose(channels: dict[str, float]) -> NDArray[np.float32]:
    """Return one row of motion, shape (channels,), from values by channel name."""
    row = np.zeros(len(CHANNELS), np.float32)
    for name, value in channels.items():
        row[CHANNEL[name]] = value
    return row


def strip_rows(frames: int) -> NDArray[np.float32]:
    """Return motion at 25 fps, shape (frames, channels): "ma-mi-fu", a blink and a turning head."""
    beats = ["rest", "p b m", "a", "p b m", "i", "f v", "u", "rest"]
    keys = np.array([pose(POSES[name]) for name in beats])
    at = np.linspace(0, len(beats) - 1, frames)
    rows = np.array([np.interp(at, np.arange(len(beats)), column) for column in keys.T]).T
    time_s = np.arange(frames) / 25
    rows[:, CHANNEL["headYaw"]] = 0.05 * np.sin(2 * math.pi * 0.7 * time_s)
    rows[:, CHANNEL["headPitch"]] = 0.03 * np.sin(2 * math.pi * 1.1 * time_s)
    rows[:, CHANNEL["eyeBlink"]] = np.exp(-(((time_s - frames / 50) / 0.06) ** 2))
    return rows.astype(np.float32)


def draw_sheet(image: Image, face: Face, *, frames: int = 0, zoom: str = "", columns: int = 4) -> Pixels:
    """Draw tiles of POSES, or of `frames` consecutive frames.

    Returns:
        Shape (height, width, 3), RGB.
    """
    warp = PortraitWarp(image, face)
    box = _box(face, zoom, image.rgb.shape) if zoom else None
    if frames:
        rows = {f"{n}": row for n, row in enumerate(strip_rows(frames))}
    else:
        rows = {name: pose(channels) for name, channels in POSES.items()}
    tiles = []
    for n, (name, row) in enumerate(rows.items()):
        tile = warp.frame(row, engage=min(1.0, n / 6) if frames else None)
        if box is not None:
            x0, y0, x1, y1 = box
            tile = tile[y0:y1, x0:x1]
            larger = max(1, round(360 / tile.shape[1]))
            tile = resized(tile, tile.shape[1] * larger, tile.shape[0] * larger)
        elif tile.shape[0] > TILE_PX:
            tile = resized(tile, round(tile.shape[1] * TILE_PX / tile.shape[0]), TILE_PX)
        tiles.append(_label(np.ascontiguousarray(tile), name))
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    return np.vstack([np.hstack(tiles[n : n + columns]) for n in range(0, len(tiles), columns)])


def _box(face: Face, part: str, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    center = face.points[[13, 14] if part == "mouth" else [33, 263], :2].mean(0)
    half = 0.40 * face.height_px
    low = np.maximum([center[0] - half, center[1] - 0.7 * half], 0).astype(int)
    high = np.minimum([center[0] + half, center[1] + half], [shape[1], shape[0]]).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _label(tile: Pixels, text: str) -> Pixels:
    for color, thick in (((0, 0, 0), 4), ((255, 255, 255), 1)):
        cv2.putText(tile, text, (8, 22), cv2.FONT_HERSHEY_SIMPLEX, 0.6, color, thick, cv2.LINE_AA)
    return tile


def read_image(path: Path) -> Image:
    """Read an image file."""
    bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if bgr is None:
        raise InputError(f"{path} is not an image that can be read", hint="give a PNG or JPEG file")
    return Image(np.ascontiguousarray(bgr[..., ::-1]))


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pose_sheet", description=__doc__)
    parser.add_argument("image", type=Path)
    parser.add_argument("out", type=Path, help="a .png or .jpg file")
    parser.add_argument(
        "--strip", type=int, default=0, metavar="N", help="N consecutive frames instead of poses"
    )
    parser.add_argument("--zoom", choices=("mouth", "eyes"), default="", help="cut to a part of the face")
    options = parser.parse_args(arguments)
    try:
        image, tracker = read_image(options.image), FaceTracker()
        found = tracker.find_faces(image)
        choose_face(found)
        image = fit_image(image, snap_size(None, image.size, PORTRAIT.sizes)[1], found[0])
        face, _ = choose_face(tracker.find_faces(image))
        sheet = draw_sheet(image, face, frames=options.strip, zoom=options.zoom)
        try:
            jpeg = options.out.suffix.lower() in (".jpg", ".jpeg")
            quality = [cv2.IMWRITE_JPEG_QUALITY, 82] if jpeg else []
            written = cv2.imwrite(str(options.out), sheet[..., ::-1], quality)
        except cv2.error:
            written = False
        if not written:
            raise OutputError(
                f"{options.out} cannot be written", hint="give a .png file in a folder that exists"
            )
    except LipwrightError as error:
        sys.stderr.write(f"error: {error.message}\nhint: {error.hint}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
