"""A video's head, turned about its own axis: there is no free video of a talking profile at hand.

The mesh of 478 points in 3-D, with rings behind its forehead and temples for hair, carries each frame's
own image. Triangles are painted from far to near; a neck and shoulders stand behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from scipy.spatial import Delaunay

from lipwright.domain.media import Image
from lipwright.face.landmarks import FaceTracker

TOP, CHIN, CHEEK = 10, 152, 205
OVAL = (10, 338, 297, 332, 284, 251, 389, 356, 454, 234, 127, 162, 21, 54, 103, 67, 109)
"""The face's edge, from ear to ear over the forehead."""
RINGS = ((1.12, 0.125), (1.25, 0.275), (1.32, 0.45))
"""Farther out than the edge by a factor, and behind it by a share of the face's height."""
AXIS = 0.55
"""How far behind the nose's root a head turns, in face heights."""


def turned(frames: Sequence[np.ndarray], yaw_deg: Sequence[float]) -> Iterator[np.ndarray]:
    """Each frame with its head turned so far; plus is to the viewer's left.

    Args:
        frames: Shape (height, width, 3), RGB; one face, looking at the camera.
        yaw_deg: As many.
    """
    tracker = FaceTracker()
    triangles, face = None, None
    for frame, yaw in zip(frames, yaw_deg, strict=True):
        face = face and tracker.look_again(frame, face)
        face = face or tracker.find_faces(Image(frame))[0]
        mesh = _head(face.points.astype(np.float64), face.height_px)
        if triangles is None:
            triangles = Delaunay(mesh[:, :2]).simplices
            backdrop = _backdrop(frame, face.points, face.height_px)
        yield _painted(frame, mesh, triangles, backdrop, yaw=np.radians(yaw), axis=AXIS * face.height_px)


def _head(points: np.ndarray, height: float) -> np.ndarray:
    edge = points[list(OVAL)]
    middle = points[:, :2].mean(0)
    rings = []
    for out, behind in RINGS:
        ring = edge.copy()
        ring[:, :2] = middle + (edge[:, :2] - middle) * out
        ring[:, 2] += behind * height
        rings.append(ring)
    return np.concatenate([points, *rings])


def _backdrop(frame: np.ndarray, points: np.ndarray, height: float) -> np.ndarray:
    image = cv2.blur(frame, (255, 255))
    (x, y), cheek = points[CHIN, :2], points[CHEEK, :2].astype(int)
    for down, size, color in (
        (1.2, (0.95, 0.75), (60, 70, 90)),
        (0.0, (0.27, 0.62), (0.8 * frame[cheek[1], cheek[0]]).tolist()),
    ):
        at = int(x + 0.15 * height), int(y + down * height)
        axes = int(size[0] * height), int(size[1] * height)
        cv2.ellipse(image, at, axes, 0, 0, 360, color, -1, cv2.LINE_AA)
    return image


def _painted(
    frame: np.ndarray,
    mesh: np.ndarray,
    triangles: np.ndarray,
    backdrop: np.ndarray,
    *,
    yaw: float,
    axis: float,
) -> np.ndarray:
    x, z = mesh[:, 0] - mesh[list(OVAL), 0].mean(), mesh[:, 2] - axis
    place = np.stack([mesh[:, 0] - x + x * np.cos(yaw) + z * np.sin(yaw), mesh[:, 1]], 1)
    depth = z * np.cos(yaw) - x * np.sin(yaw)
    which = np.full(frame.shape[:2], -1, np.int32)
    for n in np.argsort(-depth[triangles].mean(1)):
        cv2.fillConvexPoly(which, np.round(16 * place[triangles[n]]).astype(np.int32), int(n), cv2.LINE_8, 4)
    corners = np.concatenate([place[triangles], np.ones((len(triangles), 3, 1))], 2)
    seen = np.abs(np.linalg.det(corners)) > 1e-3
    back = np.zeros((len(triangles), 3, 2))
    back[seen] = np.linalg.solve(corners[seen], mesh[triangles[seen], :2])
    rows, columns = np.nonzero(which >= 0)
    here = np.stack([columns, rows, np.ones_like(rows)], 1).astype(np.float64)
    source = np.full((*which.shape, 2), -1, np.float32)
    source[rows, columns] = np.einsum("ni,nij->nj", here, back[which[rows, columns]])
    image = cv2.remap(frame, source, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.where(which[..., None] >= 0, image, backdrop)
