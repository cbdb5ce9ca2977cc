"""The portrait engine: the embedded model moves the user's own image, on any CPU."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.diffusion import guidance_clipping
from lipwright.domain.finding import Finding
from lipwright.domain.job import Render, Shot
from lipwright.domain.media import Image
from lipwright.domain.motion import CHANNEL, Motion
from lipwright.domain.progress import Progress, ProgressCallback
from lipwright.domain.time import Span
from lipwright.errors import EngineRejected, InputError
from lipwright.face.crop import box_for, fit_image
from lipwright.face.image_ops import smoothstep
from lipwright.face.landmarks import MIN_FACE_PX, Face, FaceTracker, choose_face, faces_of
from lipwright.face.warp import PortraitWarp
from lipwright.motion.audio_encoder import AudioFeatures, encode_audio
from lipwright.motion.network import MODEL_NAME, versions
from lipwright.motion.sampling import guidance_of, sample_motion
from lipwright.motion.styles import STYLES, style_of_audio, style_of_prompt
from lipwright.motion.visemes import CURVE_RATE_HZ

ENGAGE_SECONDS = 0.12
"""How long an image with an open mouth takes to hand its mouth over to speech, and back: lips close as
fast in speech, and while it lasts the image's own smile adds to the opening."""


class PortraitEngine:
    """Engine `portrait`: no GPU, no torch, nothing to download but the landmark model."""

    name = "portrait"

    def render(self, shot: Shot, report: ProgressCallback) -> Render:
        """Sample the motion, and draw the image with it.

        Raises:
            EngineRejected: a shot without an image.
            InputError: no face in it, or one too small.
        """
        if shot.image is None:
            raise EngineRejected("the portrait engine moves an image, and there is none", hint="add --image")
        image, face = _place_face(shot.image, shot)
        heard = encode_audio(shot.driver)
        style, why = _choose_style(shot, heard)
        findings: tuple[Finding, ...] = ()
        if shot.prompt.strip() and why != "prompt":
            unread = (
                "the portrait engine reads of a prompt the words of mood alone, and found none in this one"
            )
            moods = "calm, lively, urgent, warm or serious; how the person looks is in the image"
            findings += (Finding("not-read", "hint", unread, f"add one: {moods}"),)
        settings = shot.settings
        sampled = sample_motion(
            heard,
            shot.plan,
            settings,
            style=STYLES.index(style),
            speech=shot.speech,
            mask=shot.mask,
            freeze_audio=shot.freeze_audio,
            on_step=lambda done, total: report(Progress("sample", done, total)),
        )
        threshold = settings.norming_threshold
        if threshold and not guidance_clipping.applies(threshold, guidance_of(settings)):
            inert = "guidance is neutral, so the norming threshold has nothing to cap"
            findings += (Finding("norming-inert", "hint", inert, "it acts at a CFG above 1"),)
        return Render(
            frames=_draw(PortraitWarp(image, face), sampled.motion, shot.mask),
            frozen=sampled.frozen,
            model=MODEL_NAME,
            versions=versions() | {"opencv": cv2.__version__},
            settings=settings.to_json() | {"style": style, "style_from": why},
            findings=findings,
        )


def _place_face(image: Image, shot: Shot) -> tuple[Image, Face]:
    """The image in the video's size, and the face in it; what is amiss with it, the pipeline tells."""
    tracker = FaceTracker()
    face, _ = choose_face(faces_of(image, tracker))  # the pipeline has looked already
    fitted = fit_image(image, shot.size, face)
    if fitted is image:
        return image, face
    found = tracker.find_faces(fitted)
    # Large enough in the image: the video's size may have made it small, or cut it away.
    kept = box_for(image.size, shot.size, face)
    height_px = found[0].height_px if found else face.height_px * shot.size.height / (kept[3] - kept[1])
    if height_px < MIN_FACE_PX:
        raise InputError(
            f"at {shot.size} the face is {height_px:.0f} pixels high; at least {MIN_FACE_PX} are needed",
            hint="give a larger --size, or crop the image to the face",
        )
    if not found:
        raise InputError(
            f"a video of {shot.size} cuts the face out of an image of {image.size}; all of it is needed",
            hint="give a --size of about the image's shape, or none",
        )
    return fitted, found[0]


def _choose_style(shot: Shot, heard: AudioFeatures) -> tuple[str, str]:
    """The style of delivery, and where it comes from."""
    asked = style_of_prompt(shot.prompt)
    if asked is not None:
        return asked, "prompt"
    spoken = sum(span.seconds for span in shot.speech)
    return style_of_audio(heard.mouth[:, CHANNEL["jawOpen"]], CURVE_RATE_HZ, spoken), "audio"


def _draw(warp: PortraitWarp, motion: Motion, mask: Span | None) -> Iterator[NDArray[np.uint8]]:
    """One image per row of the motion; the first, and all outside the mask, are the portrait itself."""
    at = np.arange(len(motion.values)) / float(motion.frame_rate)
    moving = mask or Span(0.0, float(at[-1]) + 1)
    since = at - moving.start
    # A video that speaks to its end need not hand the mouth back.
    left = moving.end - at if moving.end < len(at) / float(motion.frame_rate) else np.full(len(at), np.inf)
    for row, engage in zip(
        motion.values, smoothstep(0, ENGAGE_SECONDS, np.minimum(since, left)), strict=True
    ):
        yield warp.frame(row, float(engage))
