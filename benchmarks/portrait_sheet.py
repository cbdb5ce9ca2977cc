"""Render portraits with voices, draw face and mouth strips, and compare measures with real talking videos.

    python -m benchmarks.portrait_sheet --images DIR --audio DIR --videos DIR --out DIR

Every portrait is rendered with two of the recordings at default settings. For each render the sheet
contains a strip of faces and a strip of mouths, evenly spaced in time, with the blinks among them; the
table contains the same measures of the renders and of the real videos. The sheets are for people to
grade, because numbers do not show a torn lip.

How alike two heads move is printed next to the value for chance. Two short clips of slow motion correlate
even if they have nothing in common; the value for chance is measured by rotating each track in time by a
different amount, which keeps its spectrum and length. The recordings are also joined into long ones, for
which chance correlations are smaller.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import wave
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.domain.media import Image, Waveform
from lipwright.domain.motion import CHANNEL
from lipwright.domain.presets import PRESETS
from lipwright.domain.progress import no_progress
from lipwright.domain.settings import RenderRequest
from lipwright.domain.shot import Shot
from lipwright.domain.time import Span
from lipwright.engines.portrait.engine import PortraitEngine
from lipwright.face.image_quality import pose_of
from lipwright.face.landmark_indices import CHEEKS, INNER_LOWER, INNER_UPPER
from lipwright.face.landmarks import Face, FaceTracker, mouth_opening
from lipwright.media.audio_reader import read_audio
from lipwright.media.image_file import read_image
from lipwright.media.video_reader import read_video_frames
from lipwright.motion.audio_encoder import encode_audio
from lipwright.motion.visemes import sample_curves
from lipwright.pipeline.render import render_video
from lipwright.planning import plan_seconds

FPS = 25
FACE_TILES, MOUTH_TILES = 12, 18
"""Tiles of one strip."""
BLINK_RISE = 0.2
"""Rise of the eyeBlink blendshape above its median that counts as a blink."""
OPEN_SHARE = 0.035
"""Lip opening over face height from which the teeth are measured."""
HEAD = ("headYaw", "headPitch", "headRoll")
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Measures:
    """One video, measured by the landmark tracker; angles in degrees, openings over face height."""

    seconds: float
    opening_p95: float
    yaw_deviation_deg: float
    pitch_deviation_deg: float
    roll_deviation_deg: float
    gaze_deviation: float
    """Standard deviation of the eyeLook blendshapes, both directions together."""
    blinks_per_minute: float
    blink_depth: float
    """Median peak of the blendshape eyeBlink."""
    last_blink_seconds: float
    """Time from the end of the last blink to the end of the video."""
    teeth_over_cheek: float
    """90th percentile of the luma in the mouth over the cheek's median; median of the open frames."""
    brow_deviation: float


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Per-frame values of one video."""

    measures: Measures
    head: NDArray[np.float64]
    """Yaw, pitch, roll in degrees, shape (frames, 3)."""
    opening: NDArray[np.float64]
    blinks: list[int]
    """Frames of the peaks."""
    faces: list[Face]
    frames: list[Pixels]


def watch(path: Path, seconds: float) -> Track:
    """Track the face through a video."""
    tracker = FaceTracker()
    faces: list[Face] = []
    frames: list[Pixels] = []
    last = 0.0
    for instant, rgb in read_video_frames(path):
        if float(instant) > seconds:
            break
        last = float(instant)
        face = tracker.look_again(rgb, faces[-1]) if faces else None
        face = face or next(iter(tracker.find_faces(Image(rgb))), None)
        if face is None:
            if not faces:
                continue
            face = faces[-1]
        faces.append(face)
        frames.append(rgb.copy())
    rate = (len(faces) - 1) / max(last, 1e-6)
    poses = [pose_of(face.points) for face in faces]
    head = np.array([(p.yaw_deg, p.pitch_deg, p.roll_deg) for p in poses])
    opening = np.array([mouth_opening(face) for face in faces])
    shapes = {name: np.array([face.blendshapes[name] for face in faces]) for name in faces[0].blendshapes}
    across = (
        shapes["eyeLookOutLeft"]
        - shapes["eyeLookInLeft"]
        + shapes["eyeLookInRight"]
        - shapes["eyeLookOutRight"]
    ) / 2
    up = (shapes["eyeLookUpLeft"] + shapes["eyeLookUpRight"]) / 2
    down = (shapes["eyeLookDownLeft"] + shapes["eyeLookDownRight"]) / 2
    lid = (shapes["eyeBlinkLeft"] + shapes["eyeBlinkRight"]) / 2
    blinks = find_blinks(lid)
    open_eyes = lid < np.median(lid) + BLINK_RISE / 2
    teeth = [
        value
        for face, frame, gap in zip(faces, frames, opening, strict=True)
        if gap > OPEN_SHARE and (value := teeth_over_cheek(frame, face)) is not None
    ]
    return Track(
        Measures(
            seconds=round(len(faces) / rate, 2),
            opening_p95=float(np.percentile(opening, 95)),
            yaw_deviation_deg=float(head[:, 0].std()),
            pitch_deviation_deg=float(head[:, 1].std()),
            roll_deviation_deg=float(head[:, 2].std()),
            gaze_deviation=float(np.hypot(across[open_eyes].std(), (up - down)[open_eyes].std())),
            blinks_per_minute=60 * len(blinks) * rate / len(faces),
            blink_depth=float(np.median(lid[blinks])) if blinks else float("nan"),
            last_blink_seconds=(len(faces) - blinks[-1]) / rate if blinks else float("nan"),
            teeth_over_cheek=float(np.median(teeth)) if teeth else float("nan"),
            brow_deviation=float(shapes["browInnerUp"].std()),
        ),
        head,
        opening,
        blinks,
        faces,
        frames,
    )


def find_blinks(lid: NDArray[np.float64]) -> list[int]:
    """Frames at which the lids are lowest."""
    above = lid > np.median(lid) + BLINK_RISE
    edges = np.flatnonzero(np.diff(np.r_[False, above, False]))
    return [int(start + lid[start:end].argmax()) for start, end in edges.reshape(-1, 2)]


def teeth_over_cheek(rgb: Pixels, face: Face) -> float | None:
    """Return the bright pixels between the lips, divided by the luma of the cheeks."""
    luma = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)

    def inside(ring: list[int]) -> NDArray[np.uint8]:
        mask = np.zeros(luma.shape, np.uint8)
        cv2.fillPoly(mask, [face.points[ring, :2].round().astype(np.int32)], 255)
        return luma[mask > 0]

    mouth, cheek = inside([*INNER_UPPER, *INNER_LOWER[::-1]]), inside(CHEEKS)
    if len(mouth) < 12 or not len(cheek):
        return None
    return float(np.percentile(mouth, 90) / max(1.0, float(np.median(cheek))))


def strips(track: Track) -> Pixels:
    """Draw faces above and mouths below; blinks are among the faces, wide openings among the mouths."""
    count = len(track.frames)
    chosen = sorted({*np.linspace(0, count - 1, FACE_TILES - 3).astype(int).tolist(), *track.blinks[:3]})
    faces = [_tile(track, n, 160, 1.7, 0.5, fixed=True) for n in chosen[:FACE_TILES]]
    wide = np.argsort(-track.opening)[: MOUTH_TILES * 3 : 9].tolist()
    even = np.linspace(2, count - 1, MOUTH_TILES - len(wide)).astype(int).tolist()
    mouths = [_tile(track, n, 106, 0.55, 0.78) for n in sorted({*wide, *even})[:MOUTH_TILES]]
    eyes = [
        _tile(track, n + k, 106, 0.62, 0.28)
        for n in track.blinks[:3]
        for k in range(-2, 4)
        if 0 <= n + k < count
    ]
    rows = [_row(faces, 1920, 160), _row(mouths, 1920, 106)]
    rows += [_row(eyes[:18], 1920, 106)] if eyes else []
    return np.vstack(rows)


def _tile(track: Track, number: int, size: int, share: float, down: float, *, fixed: bool = False) -> Pixels:
    """Crop a frame to its face, or to the face of the first frame."""
    first = track.faces[0 if fixed else number]
    top, bottom = first.points[10, :2], first.points[152, :2]
    center = top + down * (bottom - top)
    half = share * first.height_px / 2
    corner = center - half
    scale = size / (2 * half)
    view = np.array([[scale, 0, -corner[0] * scale], [0, scale, -corner[1] * scale]])
    tile = cv2.warpAffine(
        track.frames[number], view, (size, size), flags=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    )
    cv2.putText(tile, str(number), (3, size - 4), cv2.FONT_HERSHEY_SIMPLEX, 0.38, (255, 255, 0), 1)
    return np.asarray(tile, np.uint8)


def _row(tiles: list[Pixels], width: int, height: int) -> Pixels:
    row = np.zeros((height, width, 3), np.uint8)
    for n, tile in enumerate(tiles):
        if (n + 1) * height <= width:
            row[:, n * height : (n + 1) * height] = tile
    return row


def cut_audio(source: Path, target: Path, seconds: float) -> None:
    """Write the beginning of a recording as 24 kHz mono WAV."""
    audio = read_audio(source, rate_hz=24_000).waveform
    samples = audio.mono[: int(seconds * audio.rate_hz)]
    with wave.open(str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(audio.rate_hz)
        file.writeframes((samples.clip(-1, 1) * 32767).astype("<i2").tobytes())


def expected_jaw(audio: Path, frames: int) -> NDArray[np.float64]:
    """Return the jaw opening that the regression predicts, per frame."""
    features = encode_audio(read_audio(audio, rate_hz=24_000).waveform)
    return sample_curves(features.mouth, np.arange(frames) / FPS)[:, CHANNEL["jawOpen"]].astype(float)


def correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    count = min(len(one), len(other))
    return float(np.corrcoef(one[:count], other[:count])[0, 1])


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--audio", type=Path, required=True)
    parser.add_argument("--videos", type=Path, help="real talking videos, measured beside")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--voices", type=int, default=2, help="recordings per portrait")
    parser.add_argument("--joined-seconds", type=float, default=30, help="least length of joined recordings")
    parser.add_argument("--only", default="", help="portraits whose names contain one of these, by comma")
    parser.add_argument("--size", default=None)
    return parser.parse_args()


def main() -> int:
    options = read_options()
    options.out.mkdir(parents=True, exist_ok=True)
    wanted = [word for word in options.only.split(",") if word]
    images = [
        path
        for path in sorted(options.images.iterdir())
        if path.suffix.lower() in (".png", ".jpg", ".jpeg", ".webp") and (not wanted or path.stem in wanted)
    ]
    voices = sorted(options.audio.glob("*.wav"))
    rows: dict[str, Measures] = {}
    tracks: dict[str, NDArray[np.float64]] = {}
    real: dict[str, NDArray[np.float64]] = {}
    jaws: list[float] = []
    for video in sorted(options.videos.glob("*.mp4")) if options.videos else ():
        track = watch(video, 20)
        rows[f"REAL {video.stem}"] = track.measures
        real[video.stem] = track.head
        cv2.imwrite(str(options.out / f"real_{video.stem}.png"), strips(track)[..., ::-1])
        print_row(f"REAL {video.stem}", track.measures)
    all_images = sorted(options.images.iterdir())
    for image in images:
        drawn = []
        for k in range(options.voices):
            index = (all_images.index(image) * options.voices + k) % len(voices)
            voice = voices[index]
            audio = options.out / f"{voice.stem}.cut.wav"
            if not audio.exists():
                cut_audio(voice, audio, options.seconds)
            name = f"{image.stem}+{voice.stem}"
            output = options.out / f"{name}.mp4"
            try:
                render_video(
                    RenderRequest(
                        audio=audio, image=image, output=output, engine="portrait", size=options.size
                    )
                )
            except Exception as error:
                print(f"{name:32} refused: {error}", flush=True)
                continue
            track = watch(output, options.seconds)
            rows[name] = track.measures
            jaws.append(correlation(track.opening, expected_jaw(audio, len(track.opening))))
            tracks.setdefault(voice.stem, track.head)
            drawn.append(strips(track))
            print_row(name, track.measures)
        if drawn:
            cv2.imwrite(str(options.out / f"{image.stem}.png"), np.vstack(drawn)[..., ::-1])
    summarize(rows, jaws)
    print("\nhead tracks of two recordings, |r|: median, mean, maximum")
    print_alike(f"renders, up to {options.seconds:.0f} s", tracks)
    print_alike("real videos", real)
    if images:
        joined = join_recordings(voices, options.joined_seconds)
        print_alike(f"motion, at least {options.joined_seconds:.0f} s", head_motion(joined, images[0]))
    (options.out / "measures.json").write_text(
        json.dumps({name: asdict(m) for name, m in rows.items()}, indent=1)
    )
    return 0


def summarize(rows: dict[str, Measures], jaws: list[float]) -> None:
    """Print percentiles over all renders, and the range of the real videos."""
    made, real = ([m for row, m in rows.items() if row.startswith("REAL") == is_real] for is_real in (0, 1))
    print("\nrenders: 10th, 50th and 90th percentile; real videos: least and most")
    for name in Measures.__dataclass_fields__:
        ours, theirs = ([getattr(m, name) for m in group] for group in (made, real))
        parts = [
            np.nanpercentile(values, ranks)
            for values, ranks in ((ours, (10, 50, 90)), (theirs, (0, 100)))
            if values
        ]
        print(f"  {name:22} " + "    ".join(" ".join(f"{v:6.3f}" for v in part) for part in parts))
    if jaws:
        print(
            f"  lip opening against the regression's jaw: r mean {np.mean(jaws):.2f}, least {min(jaws):.2f}"
        )


def alike(tracks: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return how alike head tracks move, for each pair of them.

    Args:
        tracks: Yaw, pitch and roll, shape (frames, 3), of each recording; of two, the shorter one counts.

    Returns:
        Shape (pairs, 4): |r| of yaw, pitch and roll, and of the whole head, all angles in their deviations.
    """
    found = []
    for one, other in itertools.combinations(tracks.values(), 2):
        count = min(len(one), len(other))
        a, b = ((track[:count] - track[:count].mean(0)) / track[:count].std(0) for track in (one, other))
        r = (a * b).mean(0)
        found.append([*np.abs(r), abs(float(r.mean()))])
    return np.array(found)


def alike_by_chance(tracks: Mapping[str, NDArray[np.float64]], draws: int = 100) -> NDArray[np.float64]:
    """Return `alike` of the same tracks, each rotated in time by a random share, shape (draws, pairs, 4)."""
    rng = np.random.default_rng(0)
    return np.stack(
        [
            alike({name: np.roll(track, rng.integers(len(track)), 0) for name, track in tracks.items()})
            for _ in range(draws)
        ]
    )


def print_alike(name: str, tracks: Mapping[str, NDArray[np.float64]]) -> None:
    """Print how alike tracks are, next to the value for chance."""
    if len(tracks) < 2:
        return
    ours, chance = alike(tracks), alike_by_chance(tracks)
    print(f"  {name}: {len(tracks)} recordings, {len(ours)} pairs")
    for part, columns in (("yaw, pitch, roll", slice(3)), ("the whole head", slice(3, 4))):
        here, there = ours[:, columns], chance[..., columns]
        means, highest = there.mean((1, 2)), there.max((1, 2))
        print(
            f"    {part:17} {np.median(here):.2f} {here.mean():.2f} {here.max():.2f}"
            f"    by chance {np.median(there):.2f} {means.mean():.2f} {highest.mean():.2f}"
            f" (95 % of draws: mean up to {np.percentile(means, 95):.2f},"
            f" maximum up to {np.percentile(highest, 95):.2f})"
        )


def join_recordings(voices: Sequence[Path], seconds: float) -> dict[str, Waveform]:
    """Join different recordings, in order, into long ones; a shorter rest is dropped."""
    joined: dict[str, Waveform] = {}
    names: list[str] = []
    parts: list[NDArray[np.float32]] = []
    for voice in voices:
        audio = read_audio(voice, rate_hz=24_000).waveform
        names.append(voice.stem)
        parts.append(audio.mono)
        if sum(map(len, parts)) >= seconds * audio.rate_hz:
            joined["+".join(names)] = Waveform(np.concatenate(parts)[None], audio.rate_hz)
            names, parts = [], []
    return joined


def head_motion(voices: Mapping[str, Waveform], image: Path) -> dict[str, NDArray[np.float64]]:
    """Sample yaw, pitch and roll for recordings, without drawing a frame."""
    engine, portrait = PortraitEngine(), read_image(image)
    found = {}
    for name, voice in voices.items():
        plan = plan_seconds(voice.seconds, Fraction(FPS), "floor")
        speech = (Span(0.0, float(plan.seconds)),)
        shot = Shot(voice, speech, plan, portrait.size, PRESETS["portrait"], image=portrait)
        motion = engine.render(shot, no_progress).motion
        if motion is not None:
            found[name] = motion.values[:, [CHANNEL[axis] for axis in HEAD]].astype(np.float64)
    return found


def print_row(name: str, m: Measures) -> None:
    head = "/".join(f"{v:.1f}" for v in (m.yaw_deviation_deg, m.pitch_deviation_deg, m.roll_deviation_deg))
    print(
        f"{name[:32]:32} open {m.opening_p95:.3f} head {head} gaze {m.gaze_deviation:.3f}"
        f" blinks {m.blinks_per_minute:3.0f}/min deep {m.blink_depth:.2f} last {m.last_blink_seconds:4.1f}"
        f" teeth {m.teeth_over_cheek:.2f} brow {m.brow_deviation:.3f}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
