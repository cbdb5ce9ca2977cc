"""The portrait engine: the embedded model animates the user's own image, on any CPU."""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.diffusion import guidance_clipping
from lipwright.domain.chunks import ChunkReport, ChunkScore
from lipwright.domain.finding import Finding
from lipwright.domain.media import FrameSize, Image, Waveform
from lipwright.domain.motion import CHANNEL, MOUTH, Motion
from lipwright.domain.progress import Progress, ProgressCallback
from lipwright.domain.shot import Render, Shot
from lipwright.domain.time import Span
from lipwright.engines.findings import NORMING_INERT, PROMPT_WITHOUT_MOOD, WILL_NOT_BLINK
from lipwright.errors import EngineRejected, InputError
from lipwright.face.crop import box_for, cut
from lipwright.face.image_ops import Box, resized, smoothstep
from lipwright.face.landmarks import MIN_FACE_PX, Face, FaceTracker
from lipwright.face.speaking_face import choose_face, faces_of
from lipwright.face.warp import PortraitWarp
from lipwright.motion.audio_encoder import AudioFeatures, encode_audio
from lipwright.motion.gestures import add_gestures
from lipwright.motion.network import MODEL_NAME, versions
from lipwright.motion.sampling import guidance_of, sample_motion
from lipwright.motion.speech_rhythm import speech_rhythm
from lipwright.motion.styles import STYLES, style_of_audio, style_of_prompt
from lipwright.motion.visemes import CURVE_RATE_HZ
from lipwright.system import map_ahead, usable_cores

MAX_PREPARED = 8
"""Maximum number of prepared images in memory; shots of a dialogue and rounds of `tune` reuse them."""
GESTURES_STREAM = 1
"""Index of the random stream for gestures; it must differ from the stream index of the motion model."""
MAX_DRAWING_THREADS = 4
"""Maximum number of frames that are drawn at the same time; the video encoder cannot keep up with more."""
ENGAGE_SECONDS = 0.12
"""Duration, in seconds, of the fades at the start and at the end of a span in which speech moves the mouth.
In the first fade, the mouth goes from its opening in the image to its opening in speech; in the last fade, it
goes back. The lips of a speaker close in about the same time."""


class PortraitEngine:
    """The engine `portrait`, which needs no GPU, no torch, and no download except the landmark model."""

    name = "portrait"

    def __init__(self) -> None:
        self._prepared: list[tuple[weakref.ref[NDArray[np.uint8]], _View, tuple[PortraitWarp, ...]]] = []

    def render(self, shot: Shot, report: ProgressCallback) -> Render:
        """Sample the motion of a person, and animate the image with it.

        Raises:
            EngineRejected: the shot has no image.
            InputError: the image has no face, or the face is too small.
        """
        return self.render_together((shot,), report)

    def render_together(self, shots: Sequence[Shot], report: ProgressCallback) -> Render:
        """Sample the motions of several people, and animate one image with all of them.

        Raises:
            EngineRejected: a shot has no image.
            InputError: the image has no face, a face is too small, or two shots name the same face.
        """
        first = shots[0]
        warps = self._warps(first, tuple(shot.face for shot in shots))
        moved = [_sample(shot, warp, report) for shot, warp in zip(shots, warps, strict=True)]
        used = [one.used for one in moved]
        findings = {finding.id: finding for one in moved for finding in one.findings}
        return Render(
            frames=_draw(warps, [one.motion for one in moved], first.mask),
            frozen=all(one.frozen for one in moved),
            model=MODEL_NAME,
            versions=versions() | {"opencv": cv2.__version__},
            settings=first.settings.to_json() | (used[0] if len(used) == 1 else {"voices": used}),
            findings=tuple(findings.values()),
            chunks=moved[0].chunks if len(moved) == 1 else (),
            motion=moved[0].motion if len(moved) == 1 else None,
        )

    def _warps(self, shot: Shot, choices: tuple[str | None, ...]) -> tuple[PortraitWarp, ...]:
        """Return the warps that animate the chosen faces of a shot's image; recent warps are reused."""
        if shot.image is None:
            raise EngineRejected("the portrait engine needs an image to animate", hint="add --image")
        view: _View = (shot.size, choices)
        self._prepared = [one for one in self._prepared[-MAX_PREPARED:] if one[0]() is not None]
        for image, known, warps in self._prepared:
            if image() is shot.image.rgb and known == view:
                return warps
        fitted, faces = _place_faces(shot.image, *view)
        made = tuple(
            PortraitWarp(fitted, face, [other for other in faces if other is not face]) for face in faces
        )
        self._prepared.append((weakref.ref(shot.image.rgb), view, made))
        return made


_View = tuple[FrameSize, tuple[str | None, ...]]
"""The size of a video, and the choice of each face to animate, as in `Shot.face`."""


@dataclass(frozen=True, slots=True)
class _Sampled:
    """The sampled motion of one person."""

    motion: Motion
    frozen: bool
    used: dict[str, object]
    findings: tuple[Finding, ...]
    chunks: tuple[ChunkReport, ...]


def _sample(shot: Shot, warp: PortraitWarp, report: ProgressCallback) -> _Sampled:
    """Sample a person's motion from the audio of a shot; if chunks are scored, draw frames for the scorer."""
    features = encode_audio(shot.driver)
    style, why = _choose_style(shot, features)
    findings: tuple[Finding, ...] = ()
    if shot.prompt.strip() and why != "prompt":
        findings += (PROMPT_WITHOUT_MOOD(),)
    settings, seed_of = shot.settings, _seeds_of(shot.driver)

    def score(part: Motion, start: float) -> ChunkScore | None:
        assert shot.chunks.score is not None  # noqa: S101 - called only if there is a scorer
        return shot.chunks.score(_draw([warp], [part], None), part.frame_rate, start)

    sampled = sample_motion(
        features,
        shot.plan,
        settings,
        style=STYLES.index(style),
        speech=shot.speech,
        mask=shot.mask,
        freeze_audio=shot.freeze_audio,
        seed_of=seed_of,
        options=shot.chunks,
        score=score if shot.chunks.score else None,
        on_step=lambda done, total: report(Progress("sample", done, total)),
    )
    motion = add_gestures(
        sampled.motion,
        speech_rhythm(shot.driver, features.mouth[:, CHANNEL["jawOpen"]]),
        style=style,
        expression=settings.expression,
        rng=np.random.default_rng([seed_of(settings.seed), GESTURES_STREAM]),
    )
    threshold = settings.norming_threshold
    if threshold and not guidance_clipping.applies(threshold, guidance_of(settings)):
        findings += (NORMING_INERT(),)
    if not warp.can_blink:
        findings += (WILL_NOT_BLINK(),)
    used: dict[str, object] = {"style": style, "style_from": why}
    return _Sampled(_listening(motion, shot.listens), sampled.frozen, used, findings, sampled.chunks)


def _listening(motion: Motion, listens: Sequence[Span]) -> Motion:
    """Return the motion without mouth movements in the spans `listens`; other movements are unchanged."""
    if not listens:
        return motion
    at = np.arange(len(motion.values)) / float(motion.frame_rate)
    # A span needs no transition at the start or the end of the video, since there is no speech outside.
    edges = [
        (span.start if span.start > 0 else -np.inf, span.end if span.end < at[-1] else np.inf)
        for span in listens
    ]
    inside = [np.minimum(at - start, end - at) for start, end in edges]
    share = 1 - smoothstep(0, ENGAGE_SECONDS, np.max(inside, axis=0))
    values = motion.values.copy()
    values[:, list(MOUTH)] *= share[:, None].astype(np.float32)
    return replace(motion, values=values)


def _place_faces(image: Image, size: FrameSize, choices: Sequence[str | None]) -> tuple[Image, list[Face]]:
    """Return the image in the size of the video, and the chosen faces in it."""
    tracker = FaceTracker()
    known = faces_of(image, tracker)  # usually found by the pipeline before
    chosen = [choose_face(known, choice)[0] for choice in choices]
    if len({id(face) for face in chosen}) < len(chosen):
        raise InputError(
            "two speakers have the same face",
            hint="give each speaker a different face: left, right, 1, 2 ...",
        )
    if image.size == size:
        return image, chosen
    kept = box_for(image.size, size, *chosen)
    fitted = Image(resized(cut(image, kept).rgb, size.width, size.height))
    found = tracker.find_faces(fitted)
    return fitted, [_face_in_fitted(face, found, image.size, size, kept) for face in chosen]


def _face_in_fitted(face: Face, found: Sequence[Face], image: FrameSize, size: FrameSize, kept: Box) -> Face:
    """Return the face of the fitted image that corresponds to a face of the original image.

    Raises:
        InputError: in the video, the face is too small, or partly cut off.
    """
    scale = size.height / (kept[3] - kept[1])
    middle = (face.points[:, :2].mean(0) - kept[:2]) * scale
    reach = face.height_px * scale / 2
    near = [one for one in found if np.linalg.norm(one.points[:, :2].mean(0) - middle) < reach]
    height_px = near[0].height_px if near else face.height_px * scale
    if height_px < MIN_FACE_PX:
        raise InputError(
            f"at {size} the face is {height_px:.0f} pixels high; at least {MIN_FACE_PX} are needed",
            hint="use a larger --size, or crop the image to the face",
        )
    if not near:
        raise InputError(
            f"a video of size {size} cuts off part of the face in an image of size {image}; the whole face "
            "is needed",
            hint="use a --size with about the image's aspect ratio, or leave --size out",
        )
    return near[0]


def _seeds_of(driver: Waveform) -> Callable[[int], int]:
    """Return a function that mixes a hash of the audio into a seed, so that motion depends on both."""
    # Samples are rounded, because the last bits of resampled audio may differ.
    samples = np.round(driver.mono * 2**11).astype("<i2")
    of_audio = hashlib.sha256(samples.tobytes())

    def mixed(seed: int) -> int:
        digest = of_audio.copy()
        digest.update(seed.to_bytes(8, "little"))
        return int.from_bytes(digest.digest()[:7], "little")

    return mixed


def _choose_style(shot: Shot, features: AudioFeatures) -> tuple[str, str]:
    """Return the style of delivery and its source, "prompt" or "audio"."""
    asked = style_of_prompt(shot.prompt)
    if asked is not None:
        return asked, "prompt"
    spoken = sum(span.seconds for span in shot.speech)
    return style_of_audio(features.mouth[:, CHANNEL["jawOpen"]], CURVE_RATE_HZ, spoken), "audio"


def _draw(
    warps: Sequence[PortraitWarp], motions: Sequence[Motion], mask: Span | None
) -> Iterator[NDArray[np.uint8]]:
    """Yield one frame per row of the motions, each with all faces of the image animated.

    Speech moves the mouth in the span `mask`; None is the whole video. Outside the span, the mouth stays as
    open as in the image. This opening fades out within ENGAGE_SECONDS after the start of the span, and fades
    in again before the end of the span, unless the video ends there.
    """
    rows, rate = len(motions[0].values), float(motions[0].frame_rate)
    at = np.arange(rows) / rate
    moving = mask or Span(0.0, float(at[-1]) + 1)
    since = at - moving.start
    # At the end of the video, the mouth does not return to that of the image.
    left = moving.end - at if moving.end < rows / rate else np.full(rows, np.inf)
    engaged = smoothstep(0, ENGAGE_SECONDS, np.minimum(since, left))

    def draw(number: int) -> NDArray[np.uint8]:
        frame = None
        for warp, motion in zip(warps, motions, strict=True):
            frame = warp.frame(motion.values[number], float(engaged[number]), frame)
        assert frame is not None  # noqa: S101 - there is one face or more
        return frame

    yield from map_ahead(draw, range(rows), min(usable_cores(), MAX_DRAWING_THREADS))
