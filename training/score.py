"""Print the embedded model's scores, by the product's own code and packaged weights.

    python -m training.score --held-out H.npz

Truth is motion by the fixed rule of lipwright.motion.visemes over phone times:
exact for held-out espeak voices, by forced alignment for piper (a held-out synthesizer) and LibriVox (real
recordings).
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.media import Waveform
from lipwright.domain.motion import CHANNEL
from lipwright.domain.presets import PRESETS
from lipwright.domain.settings import SamplingSettings
from lipwright.motion.audio_encoder import AudioFeatures, encode_audio
from lipwright.motion.mel import HOP, RATE_HZ
from lipwright.motion.sampling import sample_motion
from lipwright.motion.styles import STYLES
from lipwright.motion.visemes import sample_curves
from lipwright.planning import plan_seconds

FPS = Fraction(25)
SCORED = {"jaw": "jawOpen", "width": "mouthStretch", "rounding": "mouthPucker", "press": "mouthPress"}
CLOSED_GAP = 0.03
"""Opening in mouth widths below which lips count as closed (the renderer's own limit)."""
SILENCE_SECONDS = 0.4


@dataclass(frozen=True)
class Clip:
    """One held-out recording with its truth."""

    kind: str
    audio: Waveform
    curves: NDArray[np.float32]
    """Truth at 100 Hz."""


def load_clips(path: Path) -> list[Clip]:
    """Read the file that training.held_out writes."""
    data = np.load(path)
    clips = []
    for i, voice in enumerate(data["voices"]):
        first, last = data["starts"][i : i + 2]
        audio = data["audio"][first:last].astype(np.float32)[None] / 32768
        curves = data["curves"][first // HOP : last // HOP].astype(np.float32)
        clips.append(Clip(str(voice).split(":")[0].lower(), Waveform(audio, RATE_HZ), curves))
    return clips


def gap(motion: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the opening of the lips in mouth widths, as face.motion_mapping draws these channels."""
    m = {name: motion[:, i].astype(float) for name, i in CHANNEL.items() if i < motion.shape[1]}
    press = np.clip(m["mouthPress"], 0, 1)
    free = 1 - press * press * (3 - 2 * press)
    drop = 0.7 * 0.36 * np.maximum(m["jawOpen"], 0) * (1 - 0.75 * np.clip(m["mouthRollLower"], 0, 1))
    return (drop + 0.10 * np.maximum(m["mouthUpperUp"], 0) + 0.12 * m["mouthLowerDown"]) * free


def correlation(made: NDArray[np.float32], truth: NDArray[np.float32], channel: str) -> float:
    """Return the Pearson correlation of one channel; NaN where the truth does not move."""
    a, b = made[:, CHANNEL[channel]], truth[:, CHANNEL[channel]]
    return float(np.corrcoef(a, b)[0, 1]) if a.std() > 0 and b.std() > 0 else float("nan")


def peaks(values: NDArray[np.float32], least: float) -> NDArray[np.int64]:
    """Return the rows of local maxima above a threshold."""
    inner = values[1:-1]
    return np.flatnonzero((inner >= values[:-2]) & (inner > values[2:]) & (inner >= least)) + 1


def mouth_report(made: NDArray[np.float32], clip: Clip) -> dict[str, list[float]]:
    """Judge closures, open vowels and rests of a clip: 1 where the mouth is as it should be."""
    opening, truth = gap(made), clip.curves
    closures = peaks(truth[:, CHANNEL["mouthPress"]], 0.75)
    vowels = peaks(truth[:, CHANNEL["jawOpen"]], 0.6)

    def near(row: int) -> NDArray[np.float64]:
        frame = round(row / 100 * float(FPS))
        return opening[max(0, frame - 1) : frame + 2]

    def at(row: int) -> float:
        return float(opening[min(round(row / 100 * float(FPS)), len(opening) - 1)])

    still = np.abs(truth[:, : CHANNEL["mouthSmile"]]).max(1) < 0.02
    rests = []
    start = None
    for row, quiet in enumerate([*still, False]):
        if quiet and start is None:
            start = row
        if not quiet and start is not None:
            if row - start >= SILENCE_SECONDS * 100:
                middle = opening[
                    round((start + 15) / 100 * float(FPS)) : round((row - 10) / 100 * float(FPS))
                ]
                rests += [float(v < CLOSED_GAP) for v in middle]
            start = None
    last = len(opening) / float(FPS) * 100
    return {
        "closed at p/b/m": [float(near(r).min() < CLOSED_GAP) for r in closures if r < last - 4],
        "closed at open vowels": [float(at(r) < CLOSED_GAP) for r in vowels if r < last - 4],
        "at rest in silence": rests,
    }


def sampled(
    heard: AudioFeatures, clip: Clip, settings: SamplingSettings, *, freeze: bool = True
) -> NDArray[np.float32]:
    """Sample the motion of a clip as the portrait engine does."""
    plan = plan_seconds(clip.audio.seconds, FPS, "floor")
    return sample_motion(
        heard, plan, settings, style=STYLES.index("neutral"), freeze_audio=freeze
    ).motion.values


def score(clips: list[Clip], settings: SamplingSettings, seeds: int) -> dict[str, dict[str, object]]:
    """Return every score, by kind of clip."""
    table: dict[str, dict[str, object]] = {}
    for kind in dict.fromkeys(clip.kind for clip in clips):
        rows: dict[str, list[dict[str, float]]] = {"regression": [], "sample": [], "not frozen": []}
        ratios: list[list[float]] = []
        marks: dict[str, dict[str, list[float]]] = {"regression": {}, "sample": {}}
        for clip in (c for c in clips if c.kind == kind):
            heard = encode_audio(clip.audio)
            for seed in range(seeds):
                run = SamplingSettings(**(settings.to_json() | {"seed": seed}))
                made = {
                    "sample": sampled(heard, clip, run),
                    "not frozen": sampled(heard, clip, run, freeze=False),
                }
                count = len(made["sample"])
                instants = np.arange(count) / float(FPS)
                made["regression"] = sample_curves(heard.mouth, instants)
                truth = sample_curves(clip.curves, instants)
                for name, motion in made.items():
                    if name == "regression" and seed:
                        continue
                    rows[name].append({k: correlation(motion, truth, c) for k, c in SCORED.items()})
                    if name in marks:
                        for mark, values in mouth_report(motion, clip).items():
                            marks[name].setdefault(mark, []).extend(values)
                spread = [
                    made["sample"][:, CHANNEL[c]].std() / (truth[:, CHANNEL[c]].std() + 1e-9)
                    for c in SCORED.values()
                ]
                ratios.append([float(v) for v in spread])
        table[kind] = {
            name: {k: round(float(np.nanmean([r[k] for r in group])), 3) for k in SCORED}
            for name, group in rows.items()
        }
        table[kind]["deviation ratio"] = {
            k: round(float(np.median([r[i] for r in ratios])), 2) for i, k in enumerate(SCORED)
        }
        for name, found in marks.items():
            table[kind][f"{name}: share"] = {
                mark: round(float(np.mean(values)), 3) if values else None for mark, values in found.items()
            }
    return table


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--held-out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument(
        "--set", nargs="*", default=[], metavar="KNOB=VALUE", help="other settings than the preset's"
    )
    parser.add_argument("--kind", help="piper, librivox or espeak alone")
    options = parser.parse_args()
    given = {
        k: type(getattr(PRESETS["portrait"], k))(v) for k, v in (item.split("=") for item in options.set)
    }
    settings = SamplingSettings(**(PRESETS["portrait"].to_json() | given))
    clips = [c for c in load_clips(options.held_out) if options.kind in (None, c.kind)]
    for kind, figures in score(clips, settings, options.seeds).items():
        print(f"{kind} ({sum(c.kind == kind for c in clips)} clips)")
        for name, row in figures.items():
            print(f"  {name:20s} {json.dumps(row)}")


if __name__ == "__main__":
    main()
