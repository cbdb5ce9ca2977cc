"""The portrait engine: the embedded model animates the user's own image, on any CPU."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.diffusion import guidance_clipping
from lipwright.domain.chunks import ChunkScore
from lipwright.domain.finding import Finding
from lipwright.domain.job import Render, Shot
from lipwright.domain.media import Image, Waveform
from lipwright.domain.motion import CHANNEL, Motion
from lipwright.domain.progress import Progress, ProgressCallback
from lipwright.domain.time import Span
from lipwright.engines.findings import EYES_STAY_OPEN, NORMING_INERT, PROMPT_WITHOUT_MOOD
from lipwright.errors import EngineRejected, InputError
from lipwright.face.crop import box_for, fit_image
from lipwright.face.image_ops import smoothstep
from lipwright.face.landmarks import MIN_FACE_PX, Face, FaceTracker, choose_face, faces_of
from lipwright.face.warp import PortraitWarp
from lipwright.motion.audio_encoder import AudioFeatures, encode_audio
from lipwright.motion.gestures import add_gestures, speech_rhythm
from lipwright.motion.network import MODEL_NAME, versions
from lipwright.motion.sampling import guidance_of, sample_motion
from lipwright.motion.styles import STYLES, style_of_audio, style_of_prompt
from lipwright.motion.visemes import CURVE_RATE_HZ

GESTURES_STREAM = 1
"""Number of the random stream of gestures; the model's own are numbered by chunk under another seed."""
ENGAGE_SECONDS = 0.12
"""How long the mouth of an image that shows it open takes to be handed over to speech, and back. Lips
close as fast in speech; meanwhile the image's own opening adds to that of speech."""


class PortraitEngine:
    """Engine `portrait`: no GPU, no torch, no download but the landmark model."""

    name = "portrait"

    def render(self, shot: Shot, report: ProgressCallback) -> Render:
        """Sample the motion and animate the image with it.

        Raises:
            EngineRejected: a shot without an image.
            InputError: no face in the image, or one too small.
        """
        if shot.image is None:
            raise EngineRejected(
                "the portrait engine animates an image, and none was given", hint="add --image"
            )
        image, face = _place_face(shot.image, shot)
        features = encode_audio(shot.driver)
        style, why = _choose_style(shot, features)
        findings: tuple[Finding, ...] = ()
        if shot.prompt.strip() and why != "prompt":
            findings += (PROMPT_WITHOUT_MOOD(),)
        settings = shot.settings
        warp = PortraitWarp(image, face)

        def score(part: Motion, start: float) -> ChunkScore | None:
            assert shot.chunks.score is not None  # noqa: S101 - called only where there is one
            return shot.chunks.score(_draw(warp, part, None), part.frame_rate, start)

        sampled = sample_motion(
            features,
            shot.plan,
            settings,
            style=STYLES.index(style),
            speech=shot.speech,
            mask=shot.mask,
            freeze_audio=shot.freeze_audio,
            seed_of=lambda seed: _seed_for(shot.driver, seed),
            wishes=shot.chunks,
            score=score if shot.chunks.score else None,
            on_step=lambda done, total: report(Progress("sample", done, total)),
        )
        motion = add_gestures(
            sampled.motion,
            speech_rhythm(shot.driver, features.mouth[:, CHANNEL["jawOpen"]]),
            style=style,
            expression=settings.expression,
            rng=np.random.default_rng([_seed_for(shot.driver, settings.seed), GESTURES_STREAM]),
        )
        threshold = settings.norming_threshold
        if threshold and not guidance_clipping.applies(threshold, guidance_of(settings)):
            findings += (NORMING_INERT(),)
        warp = PortraitWarp(image, face)
        if not warp.can_blink:
            findings += (EYES_STAY_OPEN(),)
        return Render(
            frames=_draw(warp, motion, shot.mask),
            frozen=sampled.frozen,
            model=MODEL_NAME,
            versions=versions() | {"opencv": cv2.__version__},
            settings=settings.to_json() | {"style": style, "style_from": why},
            findings=findings,
            chunks=sampled.chunks,
            motion=motion,
        )


def _place_face(image: Image, shot: Shot) -> tuple[Image, Face]:
    """Fit the image to the video's size and find the face in it."""
    tracker = FaceTracker()
    face, _ = choose_face(faces_of(image, tracker), shot.face)  # already found by the pipeline
    fitted = fit_image(image, shot.size, face)
    if fitted is image:
        return image, face
    kept = box_for(image.size, shot.size, face)
    scale = shot.size.width / (kept[2] - kept[0])
    middle = (face.points[:, :2].mean(0) - kept[:2]) * scale
    # The face is large enough in the image, but may be too small or cut away in the video.
    found = [
        other
        for other in tracker.find_faces(fitted)
        if np.linalg.norm(other.points[:, :2].mean(0) - middle) < face.height_px * scale / 2
    ]
    height_px = found[0].height_px if found else face.height_px * shot.size.height / (kept[3] - kept[1])
    if height_px < MIN_FACE_PX:
        raise InputError(
            f"at {shot.size} the face is {height_px:.0f} pixels high; at least {MIN_FACE_PX} are needed",
            hint="use a larger --size, or crop the image to the face",
        )
    if not found:
        raise InputError(
            f"a video of {shot.size} cuts the face off an image of {image.size}; the whole face is needed",
            hint="use a --size of about the image's shape, or leave it out",
        )
    return fitted, found[0]


def _seed_for(driver: Waveform, seed: int) -> int:
    """Mix a fingerprint of the audio into the seed, so that no two recordings move the head alike."""
    samples = np.round(driver.mono * 2**11).astype("<i2")  # coarse: resampling may differ in its last bits
    digest = hashlib.sha256(samples.tobytes() + seed.to_bytes(8, "little")).digest()
    return int.from_bytes(digest[:7], "little")


def _choose_style(shot: Shot, features: AudioFeatures) -> tuple[str, str]:
    """Return the style of delivery, and where it comes from."""
    asked = style_of_prompt(shot.prompt)
    if asked is not None:
        return asked, "prompt"
    spoken = sum(span.seconds for span in shot.speech)
    return style_of_audio(features.mouth[:, CHANNEL["jawOpen"]], CURVE_RATE_HZ, spoken), "audio"


def _draw(warp: PortraitWarp, motion: Motion, mask: Span | None) -> Iterator[NDArray[np.uint8]]:
    """Yield one frame per row of the motion; the first, and those outside the mask, are the portrait."""
    at = np.arange(len(motion.values)) / float(motion.frame_rate)
    moving = mask or Span(0.0, float(at[-1]) + 1)
    since = at - moving.start
    # The mouth is not handed back at the very end of the video.
    left = moving.end - at if moving.end < len(at) / float(motion.frame_rate) else np.full(len(at), np.inf)
    for row, engage in zip(
        motion.values, smoothstep(0, ENGAGE_SECONDS, np.minimum(since, left)), strict=True
    ):
        yield warp.frame(row, float(engage))
