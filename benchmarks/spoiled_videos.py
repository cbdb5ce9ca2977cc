"""Add faults at known places to synthetic and real videos, for `sync_faults`.

Faults are added before the videos are encoded; those that the codec has undone do not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, partial
from itertools import cycle, islice, pairwise
from pathlib import Path

import cv2
import numpy as np
import soxr
from numpy.typing import NDArray

from benchmarks.made_videos import Clip, Look, clips, draw, dubbed, encode, looks, motion_of
from lipwright.domain.media import Image, Waveform
from lipwright.domain.motion import CHANNEL
from lipwright.domain.sync_verdict import SyncReport
from lipwright.domain.time import Span
from lipwright.errors import LipwrightError
from lipwright.face.landmarks import Face, FaceTracker
from lipwright.media.audio_reader import read_audio
from lipwright.media.video_reader import read_video_frames
from lipwright.pipeline.check import MAX_IMAGE_PX, check_video
from lipwright.sync.duplicate_frames import NEIGHBORS
from lipwright.sync.mouth_metrics import JUMP
from lipwright.sync.mouth_track import stabilized_lips

AUDIO_RATE_HZ, AUDIO_BIT_RATE = 48_000, 64_000
APART = 8
"""Minimum number of frames between two faults."""
REAL_BIT_RATE = 1_500_000
"""Bit rate at which real videos are written."""
LASTS = 36
"""Number of frames at the end of a video that are displaced, or taken from another part of it."""
SHORTEST = 3 * LASTS
"""Minimum number of frames of a real video with other parts to insert."""
SHIFTS = (0.09, 0.2)
"""Range of the displacement, in face heights; one that is too large for a jump is reported as a cut."""
GLITCHES, REPEATS = 3, 3
"""Number of jumps and of repeats in each video."""
CLEARLY = 1.25
"""Factor by which a jump must exceed the range of speech, as `sync.mouth_metrics` measures it at this place;
smaller ones are faint and do not count."""
VISIBLE, HELD, SHOWN = 0.8, 0.2, 0.5
"""A repeat counts if it hides a movement, also in the encoded file: the hidden movement changes the gray
levels of the blurred face by the first value or more (standard deviation); the encoded frame shows less than
the second share of it, and the frame before shows more than the third share of its own. Otherwise a codec
that is short of bits may have drawn a movement a frame late, or let the face rest anyway."""
FACE_PX, FACE_BLUR_PX = 96, 1.0
STIFF_AMPLITUDE = (0.2, 0.3)
"""Amplitude of a stiff mouth; lively videos have 0.6 to 1. At 0.37 it moves half as much as most mouths."""
GAP_SECONDS = (0.06, 0.3)
CLIPPED_SHARE = 0.003
"""Share of all samples that are flattened at full scale: audible crackling."""
ZOOM = (0.06, 0.15)
STILL_SECONDS = 4
LEAST_SECONDS = 4.0
"""Minimum length of the speech; shorter speech has no room for so many faults."""

Frames = list[NDArray[np.uint8]]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Truth:
    """The faults that were added to a video."""

    jumps: tuple[int, ...] = ()
    """Frames; where the whole image jumps, it may be reported as a cut."""
    faint: tuple[int, ...] = ()
    """Jumps within the range of speech: neither a miss nor a false alarm."""
    repeats: tuple[int, ...] = ()
    unshown: tuple[int, ...] = ()
    """Repeats that hide nothing, or that the codec has undone."""
    dropouts: tuple[Span, ...] = ()
    clipped: bool = False
    still: bool = False
    zoom: bool = False
    stiff: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A video and its faults."""

    name: str
    path: Path
    truth: Truth
    bit_rate: int
    drawn: Callable[[int], Frames] | None = None
    """Returns the three frames up to a frame as they would be without repeats; None if they are unknown."""

    def as_written(self) -> Case:
        """Return the case with only those added repeats that are also repeats in the encoded file."""
        held = tuple(n for n in self.truth.repeats if self.holds(n))
        gone = tuple(n for n in self.truth.repeats if n not in held)
        return replace(self, truth=replace(self.truth, repeats=held, unshown=gone))

    def holds(self, n: int) -> bool:
        """Return whether a frame shows nothing of its movement, although the face moves before it."""
        if self.drawn is None or n < 2:
            return False
        drawn = self.drawn(n)
        left, top, right, bottom = (max(0, round(edge)) for edge in _face(drawn[-1]).box)
        shown = islice((rgb for _, rgb in read_video_frames(self.path)), n - 2, n + 1)
        true, video = (
            np.diff([_soft(image[top:bottom, left:right]) for image in frames], axis=0)
            for frames in (drawn, shown)
        )
        before, here = (video * true).sum(1) / np.maximum((true**2).sum(1), 1e-9)
        return bool(true[1].std() >= VISIBLE and here < HELD and before > SHOWN)


def made_cases(count: int, seed: int, folder: Path) -> Iterator[Case]:
    """Yield each video in four states: clean, spoiled, stiff with clipped audio, and as a still."""
    spoken = cycle(clip for clip in clips() if clip.audio.seconds >= LEAST_SECONDS)
    # Looks first: it is they that end, and one more clip would be spoken in vain.
    for i, (look, clip) in enumerate(zip(_looks(count, seed), islice(spoken, seed, None), strict=False)):
        rng = np.random.default_rng([seed, i])
        name = f"{clip.voice} {look.height_px}px {float(look.frame_rate):.0f}/s {look.bit_rate // 1000}k"
        motion = motion_of(clip, look)
        frames = list(draw(motion, look))
        path = write_video(folder, frames, look, clip.audio)
        drawn = partial(_drawn, motion, look)
        yield Case(f"{name}, clean", path, Truth(), look.bit_rate, drawn)
        images, truth = _spoil(
            frames, rng, partial(_other_mouth, motion, look, rng), partial(_moved, frames, rng)
        )
        audio, gaps = _with_gaps(clip, rng)
        path = write_video(folder, images, look, audio)
        truth = replace(truth, dropouts=gaps)
        yield Case(f"{name}, spoiled", path, truth, look.bit_rate, drawn).as_written()
        # The other portrait smiles at rest: it closes its lips for the faintest motion.
        faint = replace(look, amplitude=rng.uniform(*STIFF_AMPLITUDE), portrait="driver", people=1)
        hardly = motion_of(clip, faint)
        images = list(draw(hardly, faint))
        zoom = bool(i % 2)
        if zoom:
            images = _zoomed(images, rng)
        path = write_video(folder, images, look, overdriven(clip.audio))
        truth = Truth(clipped=True, stiff=True, zoom=zoom)
        drawn = None if zoom else partial(_drawn, hardly, faint)
        yield Case(f"{name}, stiff", path, truth, look.bit_rate, drawn)
        still = list(draw(np.repeat(motion[:1], int(STILL_SECONDS * look.frame_rate), 0), look))
        if not zoom:
            still = _zoomed(still, rng)
        path = write_video(folder, still, look, clip.audio)
        yield Case(f"{name}, still", path, Truth(still=True, zoom=not zoom), look.bit_rate)


def _looks(count: int, seed: int) -> list[Look]:
    """Return lively looks, different for each seed; every fourth is larger, every fifth has another rate."""
    made = looks(count * (seed + 1))[-count:]
    made = [replace(look, height_px=512) if i % 4 == 3 else look for i, look in enumerate(made)]
    rates = (Fraction(24), Fraction(50), Fraction(30000, 1001))
    return [
        replace(look, frame_rate=rates[i // 5 % 3]) if i % 5 == 4 else look for i, look in enumerate(made)
    ]


def _spoil(
    frames: Frames,
    rng: np.random.Generator,
    other: Callable[[int], NDArray[np.uint8]],
    rest: Callable[[int], Frames],
) -> tuple[Frames, Truth]:
    """Replace single frames and the video's end by others, and repeat frames.

    Args:
        frames: The video.
        rng: Chooses the places.
        other: Returns another image for a frame.
        rest: Returns other images for all frames from one on.
    """
    images = list(frames)
    slots = _places(len(frames), rng)
    jumps: list[int] = []
    faint: list[int] = []
    for n in slots[:GLITCHES]:
        images[n] = other(n)
        (jumps if _goes_wrong(frames, images, n) else faint).append(n)
    n = len(frames) - LASTS
    images[n:] = rest(n)
    (jumps if _leaps(images[n - 3 : n + 3]) else faint).append(n)
    repeats = slots[GLITCHES:]
    for n in repeats:
        images[n] = images[n - 1]
    return images, Truth(jumps=tuple(jumps), faint=tuple(faint), repeats=tuple(repeats))


def _places(count: int, rng: np.random.Generator) -> list[int]:
    """Choose frames far from each other: for jumps, then for repeats; fewer in short videos."""
    slots: list[int] = []
    for _ in range(10_000):
        n = int(rng.integers(APART, count - LASTS - APART))
        if len(slots) < GLITCHES + REPEATS and all(abs(n - other) >= APART for other in slots):
            slots.append(n)
    return slots


def _other_mouth(
    motion: NDArray[np.float32], look: Look, rng: np.random.Generator, n: int
) -> NDArray[np.uint8]:
    """Draw a frame with the mouth wide open if it is closed, and closed if it is open."""
    row = motion[n : n + 1].copy()
    opens = row[0, CHANNEL["jawOpen"]] * (1 - row[0, CHANNEL["mouthPress"]]) < 0.4
    for name, low, high, shut in (
        ("jawOpen", 0.6, 1.0, 0.0),
        ("mouthLowerDown", 0.3, 1.0, 0.0),
        ("mouthUpperUp", 0.0, 0.6, 0.0),
        ("mouthPress", 0.0, 0.0, 1.0),
    ):
        row[0, CHANNEL[name]] = rng.uniform(low, high) if opens else shut
    return next(draw(row, replace(look, seed=look.seed + n)))


def _moved(frames: Frames, rng: np.random.Generator, n: int) -> Frames:
    """Return the frames from one to the end with the whole image displaced."""
    angle = rng.uniform(0, 2 * np.pi)
    far = rng.uniform(*SHIFTS) * _face(frames[n]).height_px
    matrix = np.array([[1, 0, far * np.sin(angle)], [0, 1, far * np.cos(angle)]])
    return [_warped(image, matrix) for image in frames[n:]]


def _goes_wrong(frames: Frames, images: Frames, n: int) -> bool:
    """Return whether lips or face are displaced for a frame, by much more than usual around it.

    Args:
        frames: The video as it was.
        images: The video as it is, with another image at `n`.
        n: The frame.
    """
    around = (*range(max(1, n - NEIGHBORS), n - 1, 2), *range(n + 2, n + NEIGHBORS + 1, 2))
    usual = [_seen_thrice(frames, k) for k in around]
    here = _seen_thrice(images, n)
    for part, least in enumerate((JUMP.excursion, JUMP.mouth_shift)):
        a, b, c = here[part]
        away = np.linalg.norm(b - (a + c) / 2, axis=1) - np.linalg.norm(c - a, axis=1) / 2
        off = np.median(
            [np.linalg.norm(b - (a + c) / 2, axis=1).mean() for a, b, c in (u[part] for u in usual)]
        )
        if away.mean() >= CLEARLY * max(least, JUMP.excursion_ratio * float(off)):
            return True
    return False


def _seen_thrice(images: Frames, n: int) -> tuple[Floats, Floats]:
    """Return lips, shape (3, 40, 2), and mouth positions, shape (3, 1, 2), near a frame, in face heights."""
    faces = [_face(images[n - 1])]
    for image in images[n : n + 2]:
        faces.append(_tracker().look_again(image, faces[-1]) or _face(image))
    return np.stack([stabilized_lips(face.points[:, :2], face.height_px) for face in faces]), _places_of(
        faces
    )


def _leaps(images: Frames) -> bool:
    """Return whether lips or face move far in the middle of six frames, and little before and after."""
    faces = [_face(image) for image in images]
    step, moved = (
        [float(np.linalg.norm(b - a, axis=1).mean()) for a, b in pairwise(points)]
        for points in (
            [stabilized_lips(face.points[:, :2], face.height_px) for face in faces],
            _places_of(faces),
        )
    )
    return any(
        way[2]
        >= CLEARLY
        * max(least, JUMP.step_ratio * max(way[1], way[3]), JUMP.near_step_ratio * max(way[0], way[4]))
        for way, least in ((step, JUMP.lip_step), (moved, JUMP.mouth_shift))
    )


def _soft(face: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the gray levels of a face, blurred, without the detail that a codec redraws."""
    gray = cv2.cvtColor(
        cv2.resize(face, (FACE_PX, FACE_PX), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY
    )
    soft = cv2.GaussianBlur(gray.astype(np.float64), (0, 0), FACE_BLUR_PX).ravel()
    return np.asarray(soft - soft.mean())


def _up_to(frames: Frames, n: int) -> Frames:
    return frames[n - 2 : n + 1]


def _drawn(motion: NDArray[np.float32], look: Look, n: int) -> Frames:
    """Draw the three frames of a synthetic video up to `n`, without grain."""
    return list(draw(motion[n - 2 : n + 1], replace(look, noise=0.0)))


def _face(rgb: NDArray[np.uint8]) -> Face:
    """Find the face of the speaker, who is on the right in generated videos."""
    return max(_tracker().find_faces(Image(rgb)), key=lambda face: face.box[0])


def _places_of(faces: Sequence[Face]) -> Floats:
    """Return the middle of the lips in the image, in heights of the first face, shape (n, 1, 2)."""
    places = [face.points[[13, 14], :2].mean(0, keepdims=True) for face in faces]
    return np.stack(places) / faces[0].height_px


@cache
def _tracker() -> FaceTracker:
    return FaceTracker()


def _zoomed(images: Frames, rng: np.random.Generator) -> Frames:
    """Zoom in slowly."""
    height, width = images[0].shape[:2]
    growth = rng.uniform(*ZOOM)
    out = []
    for i, image in enumerate(images):
        by = 1 + growth * i / (len(images) - 1)
        matrix = np.array([[by, 0, (1 - by) * width / 2], [0, by, (1 - by) * height / 2]])
        out.append(_warped(image, matrix))
    return out


def _warped(image: NDArray[np.uint8], matrix: NDArray[np.float64]) -> NDArray[np.uint8]:
    size = image.shape[1::-1]
    moved = cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8)


def _with_gaps(clip: Clip, rng: np.random.Generator) -> tuple[Waveform, tuple[Span, ...]]:
    """Add two short dropouts where the audio is loud on both sides."""
    samples = clip.audio.samples.copy()
    frame_rate = clip.audio.rate_hz
    level = np.convolve(np.square(samples[0]), np.ones(frame_rate // 50) / (frame_rate // 50), "same")
    loud = np.flatnonzero(level > np.quantile(level, 0.7))
    gaps: list[Span] = []
    for _ in range(10_000):
        if len(gaps) == 2:
            break
        start, length = int(rng.choice(loud)), int(rng.uniform(*GAP_SECONDS) * frame_rate)
        end = start + length
        if end >= len(level) - frame_rate // 10 or level[end] < np.quantile(level, 0.7):
            continue
        span = Span(start / frame_rate, end / frame_rate)
        if all(span.end + 0.5 < g.start or span.start > g.end + 0.5 for g in gaps):
            samples[:, start:end] = 0
            gaps.append(span)
    return replace(clip.audio, samples=samples), tuple(gaps)


def overdriven(audio: Waveform) -> Waveform:
    """Overdrive the audio so that its peaks are flat, at the rate of the video's audio."""
    loud = soxr.resample(audio.mono, audio.rate_hz, AUDIO_RATE_HZ)
    loud = np.clip(loud / np.quantile(np.abs(loud), 1 - CLIPPED_SHARE), -1, 1)
    return Waveform(loud.astype(np.float32)[None], AUDIO_RATE_HZ)


def write_video(folder: Path, images: Frames, look: Look, audio: Waveform) -> Path:
    """Write a video with H.264 at the look's bit rate, and mono AAC at 48 kHz."""
    silent = encode(folder / "silent.mp4", iter(images), look)
    samples = audio.mono
    if audio.rate_hz != AUDIO_RATE_HZ:
        samples = soxr.resample(samples, audio.rate_hz, AUDIO_RATE_HZ)
    return dubbed(folder / "video.mp4", silent, Waveform(samples[None], AUDIO_RATE_HZ), AUDIO_BIT_RATE)


def real_cases(folder: Path, seed: int, scratch: Path) -> Iterator[tuple[Path, SyncReport, Iterator[Case]]]:
    """Yield each video of a folder with its report and three states: as it is, spoiled, a zoomed still."""
    for number, source in enumerate(sorted(folder.glob("*.mp4"))):
        try:
            audio = read_audio(source, rate_hz=AUDIO_RATE_HZ).waveform
        except LipwrightError:
            continue
        known = check_video(source)
        frames = [rgb for _, rgb in read_video_frames(source, longest_px=MAX_IMAGE_PX)]
        if len(frames) >= SHORTEST:
            rng = np.random.default_rng([seed, number])
            yield source, known, _states(frames, audio, known, rng, scratch)


def _states(
    frames: Frames, audio: Waveform, known: SyncReport, rng: np.random.Generator, scratch: Path
) -> Iterator[Case]:
    frame_rate = Fraction(known.extra["video"]["rate"]).limit_denominator(1001)
    look = Look("", 0, frame_rate, REAL_BIT_RATE, 0.0, 1.0)
    elsewhere = partial(_from_elsewhere, frames, (*known.mouth.jumps, *known.mouth.repeats), rng)
    images, truth = _spoil(frames, rng, lambda n: elsewhere(n, 1)[0], elsewhere)
    with_gaps, gaps = _with_gaps(Clip("", audio, "", ()), rng)
    still = _zoomed([frames[len(frames) // 2]] * int(STILL_SECONDS * frame_rate), rng)
    for name, shown, heard, wanted in (
        ("clean", frames, audio, Truth()),
        ("spoiled", images, with_gaps, replace(truth, dropouts=gaps)),
        ("still", still, overdriven(audio), Truth(still=True, zoom=True, clipped=True)),
    ):
        path = write_video(scratch, shown, look, heard)
        yield Case(name, path, wanted, look.bit_rate, partial(_up_to, frames)).as_written()


def _from_elsewhere(
    frames: Frames, faults: Sequence[int], rng: np.random.Generator, n: int, length: int = LASTS
) -> Frames:
    """Return as many frames of another part of the video, one without faults of its own."""
    far = [k for k in range(2, len(frames) - length - 1) if abs(k - n) > length + APART]
    audio = [k for k in far if not any(k - 1 <= fault <= k + length for fault in faults)]
    m = int(rng.choice(audio))
    return frames[m : m + length]
