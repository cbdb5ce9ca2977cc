"""Nothing moves in the first frame and outside the temporal mask."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from lipwright.domain.media import FrameSize, Waveform
from lipwright.domain.presets import PRESETS
from lipwright.domain.progress import no_progress
from lipwright.domain.shot import Shot
from lipwright.domain.time import Span
from lipwright.engines.portrait.engine import PortraitEngine
from lipwright.face.crop import fit_image
from lipwright.face.landmarks import FaceTracker
from lipwright.media.image_file import read_image
from lipwright.media.video_reader import read_video_frames
from lipwright.planning import plan_seconds

pytestmark = pytest.mark.xdist_group("video")

PORTRAIT = Path(__file__).parents[2] / "examples" / "portrait.jpg"


@pytest.fixture(scope="module")
def shot(clips) -> Shot:
    """Three seconds of speech in the example portrait's own size."""
    image = read_image(PORTRAIT)
    audio = clips[5].truth.audio
    return Shot(
        driver=Waveform(audio.samples, audio.rate_hz),
        speech=(Span(0.0, audio.seconds),),
        plan=plan_seconds(3, Fraction(25), "floor"),
        size=image.size,
        settings=PRESETS["portrait"],
        image=image,
    )


def frames(shot: Shot) -> list[np.ndarray]:
    return [frame.copy() for frame in PortraitEngine().render(shot, no_progress).frames]


@pytest.mark.parametrize("size", [None, FrameSize(448, 448), FrameSize(832, 448)], ids=str)
def test_frame_0_is_the_portrait_to_the_bit(shot: Shot, size: FrameSize | None) -> None:
    sized = replace(shot, size=size or shot.size)
    face = FaceTracker().find_faces(shot.image)[0]
    fitted = fit_image(shot.image, sized.size, face)
    stream = PortraitEngine().render(sized, no_progress).frames
    assert np.array_equal(next(stream), fitted.rgb)
    if size is None:
        assert np.array_equal(fitted.rgb, shot.image.rgb)
    later = [next(stream) for _ in range(20)][-1]
    assert not np.array_equal(later, fitted.rgb)


def test_outside_the_mask_the_portrait_rests(shot: Shot) -> None:
    """Frames 25 to 48 hold the whole latents within [1 s, 2 s); the smile goes and comes back in it."""
    made = frames(replace(shot, mask=Span(1.0, 2.0)))
    other = [n for n, frame in enumerate(made) if not np.array_equal(frame, made[0])]
    assert min(other) >= 25
    assert max(other) < 50
    assert len(other) > 20


def test_start_and_end_of_the_command(clips, tmp_path: Path, cli) -> None:
    """The same in a finished video: between two frames at rest only the encoder's grain differs."""
    audio = clips[5].write(tmp_path / "voice.wav")
    video = tmp_path / "video.mp4"
    inputs = audio, "--image", PORTRAIT, "--engine", "portrait"
    outcome = cli("render", *inputs, "--start", "1", "--end", "2", "-o", video, "--json")
    assert outcome.code == 0, outcome.stderr
    assert (outcome.json["job"]["start"], outcome.json["job"]["end"]) == (1.0, 2.0)
    made = [rgb.astype(np.int16) for _, rgb in read_video_frames(video)]
    changes = np.array([np.abs(b - a).max() for a, b in pairwise(made)])
    assert changes[:24].max() < 16
    assert changes[50:].max() < 16
    assert np.median(changes[26:46]) > 40
