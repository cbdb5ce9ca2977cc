"""Videos of the shipped example portrait speaking, made once for all tests that look at them."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from held_out_voice import Spoken, spoken_clips
from training.score import gap

from lipwright.domain.media import Image
from lipwright.face.landmarks import FaceTracker, mouth_opening
from lipwright.media.video_reader import read_video_frames
from lipwright.motion.visemes import sample_curves

SIZE = "320x320"
"""Smaller than the portrait, for speed."""
CLIPS, EVERY = 10, 2
"""How many videos are watched, and at every which frame. Two more, and all frames, would change the mean
correlation with the truth by 0.01."""
PORTRAIT = Path(__file__).parents[2] / "examples" / "portrait.jpg"


@dataclass(frozen=True)
class Video:
    """A finished video, and what was spoken in it."""

    path: Path
    manifest: dict[str, Any]
    clip: Spoken

    @cached_property
    def _watched(self) -> tuple[list[Fraction], list[float]]:
        """Instants, and lip openings by the landmark tracker."""
        tracker, face = FaceTracker(), None
        instants, openings = [], []
        for instant, rgb in read_video_frames(self.path, exact=False):
            if len(instants) % EVERY == 0:
                face = face and tracker.look_again(rgb, face)
                face = face or next(iter(tracker.find_faces(Image(rgb))), None)
                assert face is not None, f"no face is left at {float(instant):.2f} s of {self.path.name}"
                openings.append(mouth_opening(face))
            instants.append(instant)
        return instants, openings

    @property
    def instants(self) -> list[Fraction]:
        """When each frame is shown, in seconds."""
        return self._watched[0]

    @property
    def opening(self) -> np.ndarray:
        """Measured distance of the inner lips in every frame that is watched, over face height."""
        return np.array(self._watched[1])

    @cached_property
    def digest(self) -> str:
        """Of all decoded pixels."""
        digest = hashlib.sha256()
        for _, rgb in read_video_frames(self.path):
            digest.update(rgb.tobytes())
        return digest.hexdigest()

    def truth(self, late_seconds: float = 0.0) -> np.ndarray:
        """How far the lips should be open in these frames, in mouth widths."""
        at = np.array([float(instant) - late_seconds for instant in self.instants[::EVERY]])
        return gap(sample_curves(self.clip.truth.curves, at))

    def agreement(self, late_seconds: float = 0.0) -> float:
        """Pearson correlation of the measured opening with the truth."""
        return float(np.corrcoef(self.opening, self.truth(late_seconds))[0, 1])


@pytest.fixture(scope="session")
def clips() -> tuple[Spoken, ...]:
    """Clips by a voice never trained on."""
    return spoken_clips()[:CLIPS]


@pytest.fixture(scope="session")
def video_of(clips: tuple[Spoken, ...], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Video]:
    """video_of(clip number, seed=..., freeze=..., again=...): a video, made when first asked for."""
    folder = tmp_path_factory.mktemp("videos")
    made: dict[tuple[int, int, bool, bool], Video] = {}

    def video(number: int, *, seed: int = 0, freeze: bool = True, again: bool = False) -> Video:
        key = number, seed, freeze, again
        if key not in made:
            name = f"{number}-{seed}-{'frozen' if freeze else 'sampled'}{'-again' if again else ''}"
            audio = clips[number].write(folder / f"{name}.wav")
            # The first of each kind as a user makes it, in a process of its own.
            manifest = (_by_process if number == 0 else _by_call)(audio, seed, freeze)
            made[key] = Video(audio.with_suffix(".mp4"), manifest, clips[number])
        return made[key]

    return video


def _by_process(audio: Path, seed: int, freeze: bool) -> dict[str, Any]:
    command = [Path(sys.executable).parent / "lipwright", "render", audio, "--image", PORTRAIT, "--json"]
    options = ["--engine", "portrait", "--size", SIZE, "--seed", str(seed), "-o", audio.with_suffix(".mp4")]
    more = [] if freeze else ["--no-freeze"]
    done = subprocess.run([*command, *options, *more], capture_output=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def _by_call(audio: Path, seed: int, freeze: bool) -> dict[str, Any]:
    from lipwright.domain.settings import RenderRequest
    from lipwright.pipeline.render import render_video

    request = RenderRequest(
        audio=audio,
        image=PORTRAIT,
        output=audio.with_suffix(".mp4"),
        engine="portrait",
        size=SIZE,
        sampling={"seed": seed},
        freeze_audio=freeze,
    )
    return render_video(request).to_json()
