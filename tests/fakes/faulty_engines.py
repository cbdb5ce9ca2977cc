"""The portrait engine with one fault each, which goes with its own cause and with nothing else.

Each fault is done to the motion before it is drawn: real images, real speech, and the
check has to find out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.motion import CHANNEL, MOUTH
from lipwright.domain.presets import PRESETS
from lipwright.domain.progress import Progress, ProgressCallback
from lipwright.domain.shot import Render, Shot
from lipwright.engines.base import EngineDescription
from lipwright.engines.registry import ENGINES
from lipwright.face.crop import fit_image
from lipwright.face.landmarks import FaceTracker
from lipwright.face.warp import PortraitWarp
from lipwright.motion.audio_encoder import encode_audio
from lipwright.motion.gestures import add_gestures
from lipwright.motion.sampling import sample_motion
from lipwright.motion.speech_rhythm import speech_rhythm
from lipwright.motion.styles import STYLES
from lipwright.prompt.lint import errors, lint

Values = NDArray[np.float32]
"""Shape (frames, channels)."""


Spoil = Callable[[Values, float], Values]
"""The motion and its rate in frames per second; gives the motion with the fault."""


@dataclass(frozen=True)
class Fault:
    """The fault, and what the face does meanwhile."""

    name: str
    while_: Callable[[Shot], bool]
    spoil: Spoil


def shifted(seconds: float) -> Spoil:
    """Positive: the lips come after the audio."""

    def spoil(values: Values, frame_rate: float) -> Values:
        at = np.arange(len(values)) - round(seconds * frame_rate)
        return values[np.clip(at, 0, len(values) - 1)]

    return spoil


def stretched(factor: float) -> Spoil:
    """The motion is too slow by a factor."""

    def spoil(values: Values, frame_rate: float) -> Values:
        at = np.arange(len(values)) / factor
        whole = np.arange(len(values))
        return np.stack([np.interp(at, whole, column) for column in values.T], 1).astype(np.float32)

    return spoil


def scaled(factor: float) -> Spoil:
    """The mouth moves less by a factor."""

    def spoil(values: Values, frame_rate: float) -> Values:
        less = values.copy()
        less[:, list(MOUTH)] *= factor
        return less

    return spoil


def jerked(values: Values, frame_rate: float) -> Values:
    """The jaw falls wide open for a frame, where the mouth is nearly closed, twelve times in the video."""
    jumps = values.copy()
    for part in np.array_split(np.arange(12, len(values) - 8), 12):
        number = part[values[part, CHANNEL["jawOpen"]].argmin()]
        jumps[number] = 0
        jumps[number, CHANNEL["jawOpen"]] = 1.3
        jumps[number, CHANNEL["mouthLowerDown"]] = 1.0
    return jumps


def stuttering(values: Values, frame_rate: float) -> Values:
    """Twelve times in the video a frame is shown three times."""
    repeats = values.copy()
    for number in np.linspace(10, len(values) - 10, 12).astype(int):
        repeats[number + 1 : number + 3] = repeats[number]
    return repeats


def healthy(values: Values, frame_rate: float) -> Values:
    """The motion without a fault."""
    return values


def still(values: Values, frame_rate: float) -> Values:
    """The image itself, all the time; `drawn` sees to it."""
    return np.zeros_like(values)


def quiet_floor_dbfs(shot: Shot) -> float:
    """Level of the driver's quietest tenth, where there is only room or noise."""
    samples = shot.driver.mono
    hop = shot.driver.rate_hz // 50
    power = (samples[: len(samples) // hop * hop].reshape(-1, hop) ** 2).mean(1)
    return float(10 * np.log10(np.quantile(power, 0.05) + 1e-12))


def clipped(shot: Shot) -> bool:
    """The driver has flat tops."""
    samples = np.abs(shot.driver.mono)
    top = samples > 0.99 * samples.max()
    return int((top[2:] & top[1:-1] & top[:-2]).sum()) > 100


def motion_words(shot: Shot) -> bool:
    return bool(errors(lint(shot.prompt)))


FAULTS = (
    Fault("late-plan", lambda shot: shot.plan.fit == "floor", shifted(0.2)),
    Fault("early-freeze", lambda shot: not shot.freeze_audio, shifted(-0.24)),
    Fault("drift-rate", lambda shot: shot.plan.frame_rate != 25, stretched(1.05)),
    Fault("stiff-eta", lambda shot: shot.settings.eta < 0.2, scaled(0.15)),
    Fault("stiff-prompt", motion_words, scaled(0.15)),
    Fault("stiff-cfg", lambda shot: shot.settings.cfg > 5, scaled(0.15)),
    Fault("jumps-norming", lambda shot: shot.settings.norming_threshold < 0.3, jerked),
    Fault("jumps-plosives", clipped, jerked),
    Fault("jumps-eta", lambda shot: shot.settings.eta < 0.25, jerked),
    Fault("jumps-steps", lambda shot: shot.settings.steps < 16, jerked),
    Fault("repeats-norming", lambda shot: shot.settings.norming_threshold < 0.4, stuttering),
    Fault("static-talking", lambda shot: "talking" not in shot.prompt, still),
    Fault("static-noise", lambda shot: quiet_floor_dbfs(shot) < -65, still),
    Fault("static-strength", lambda shot: shot.settings.image_strength > 0.7, still),
    Fault("static-seed", lambda shot: shot.settings.seed == 0, still),
)
BY_NAME = {fault.name: fault for fault in FAULTS}


class FaultyEngine:
    """The portrait engine with the fault that its subclass names."""

    fault: Fault
    name: str

    def render(self, shot: Shot, report: ProgressCallback) -> Render:
        report(Progress("sample", 0, 1))
        spoil = self.fault.spoil if self.fault.while_(shot) else healthy
        frames = drawn(Key(shot, spoil))
        report(Progress("sample", 1, 1))
        return Render(
            frames=iter(frames), frozen=shot.freeze_audio, model=self.name, settings=shot.settings.to_json()
        )


class Key:
    """A shot and what is done to it, equal to another whose video is the same: what lru_cache goes by."""

    def __init__(self, shot: Shot, spoil: Spoil) -> None:
        self.shot, self.spoil = shot, spoil
        self.words = (shot.driver.samples.tobytes(), shot.plan.frames, shot.plan.frame_rate, shot.size, spoil)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and self.words == other.words

    def __hash__(self) -> int:
        return hash(self.words)


@lru_cache(maxsize=6)
def drawn(key: Key) -> list[NDArray[np.uint8]]:
    """The video, as the portrait engine makes it at its own settings, whatever the shot's are."""
    shot = replace(key.shot, settings=PRESETS["portrait"])
    tracker = FaceTracker()
    image = fit_image(shot.image, shot.size, tracker.find_faces(shot.image)[0])
    if key.spoil is still:
        return [image.rgb] * shot.plan.frames
    features = encode_audio(shot.driver)
    motion = add_gestures(
        sample_motion(features, shot.plan, shot.settings, style=0, speech=shot.speech).motion,
        speech_rhythm(shot.driver, features.mouth[:, CHANNEL["jawOpen"]]),
        style=STYLES[0],
        expression=shot.settings.expression,
        rng=np.random.default_rng(0),
    )
    warp = PortraitWarp(image, tracker.find_faces(image)[0])
    spoiled = key.spoil(motion.values, float(motion.frame_rate))
    return [warp.frame(row, min(1.0, number / 3)) for number, row in enumerate(spoiled)]


def register_faulty() -> None:
    """Make --engine late-plan, early-freeze, ... work in this process."""
    for fault in FAULTS:
        engine = type(fault.name, (FaultyEngine,), {"fault": fault, "name": fault.name})
        globals()[fault.name] = engine
        ENGINES[fault.name] = EngineDescription(
            name=fault.name,
            summary="the portrait engine with a fault",
            target=f"{__name__}:{fault.name}",
            preset="portrait",
            needs_image=True,
        )
