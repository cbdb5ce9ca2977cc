"""Each speaker's own driver, from one channel or from their own; and heads on one line."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from lipwright.audio.speech import find_speech
from lipwright.dialogue.channels import turns_by_channel
from lipwright.dialogue.drivers import MARGIN_S, make_voices
from lipwright.dialogue.panels import lay_out
from lipwright.dialogue.turns import Turn
from lipwright.domain.media import FrameSize, Image, Waveform
from lipwright.domain.motion import CHANNEL, MOUTH
from lipwright.domain.presets import PRESETS
from lipwright.domain.progress import no_progress
from lipwright.domain.shot import Shot
from lipwright.domain.time import Span
from lipwright.engines.portrait.engine import PortraitEngine
from lipwright.face.landmark_indices import IRISES
from lipwright.face.landmarks import FaceTracker
from lipwright.media.audio_reader import read_audio
from lipwright.media.image_file import read_image
from lipwright.planning import plan_frames

RATE_HZ = 24_000
EXAMPLE = Path(__file__).parents[2] / "examples" / "portrait.jpg"


@pytest.fixture(scope="module")
def call(voice: Path, long_voice: Path) -> np.ndarray:
    """A man (1 to 3 s), a woman (3.5 to 10.5 s), in a channel each, with room noise."""
    rng = np.random.default_rng(0)
    samples = 3e-4 * rng.standard_normal((2, 11 * RATE_HZ)).astype(np.float32)
    for channel, (path, at) in enumerate(((voice, 1.0), (long_voice, 3.5))):
        said = read_audio(path, rate_hz=RATE_HZ).waveform.mono
        samples[channel, round(at * RATE_HZ) :][: len(said)] += 0.5 * said / np.abs(said).max()
    return samples


@pytest.mark.parametrize("cross_talk_db", [None, -30, -14])
def test_channels_are_attributed_to_their_speakers(call: np.ndarray, cross_talk_db: float | None) -> None:
    leak = 0 if cross_talk_db is None else 10 ** (cross_talk_db / 20)
    gains = np.array([[0.3], [1.0]])  # microphones are not equally loud
    mixed = ((call + leak * call[::-1]) * gains).astype(np.float32)
    turns, _ = turns_by_channel([Waveform(mixed[n : n + 1], RATE_HZ) for n in (0, 1)], ("Man", "Woman"))
    assert {turn.speaker for turn in turns if turn.start < 3.3} == {"Man"}
    assert {turn.speaker for turn in turns if turn.start >= 3.3} == {"Woman"}
    man, woman = (
        sum(turn.span.seconds for turn in turns if turn.speaker == name) for name in ("Man", "Woman")
    )
    alone = [sum(span.seconds for span in find_speech(Waveform(call[n : n + 1], RATE_HZ))) for n in (0, 1)]
    assert man == pytest.approx(alone[0], abs=0.5)
    assert woman == pytest.approx(alone[1], rel=0.15)


def test_driver_contains_only_its_speaker() -> None:
    rng = np.random.default_rng(1)
    samples = (1e-3 * rng.standard_normal(20 * RATE_HZ)).astype(np.float32)
    seconds = np.arange(len(samples)) / RATE_HZ
    for start, end, hertz in ((1, 5, 200), (6, 9, 300), (8.5, 12, 200)):
        inside = (seconds >= start) & (seconds < end)
        samples[inside] += 0.3 * np.sin(2 * np.pi * hertz * seconds[inside]).astype(np.float32)
    turns = [
        Turn("A", Fraction(1), Fraction(5)),
        Turn("B", Fraction(6), Fraction(9)),
        Turn("A", Fraction(17, 2), Fraction(12)),
    ]
    speech = [Span(1.0, 5.0), Span(6.0, 12.0)]
    a, b = make_voices(turns, ("A", "B"), [samples], [speech])
    whole = a.part(Fraction(0), Fraction(21), level=False)
    mono = whole.driver.mono
    assert whole.driver.samples.shape == (1, 21 * RATE_HZ)
    assert whole.speech == (Span(1.0, 5.0), Span(8.5, 12.0))
    assert whole.listens == (Span(0, 1 - MARGIN_S), Span(5 + MARGIN_S, 8.5), Span(12 + MARGIN_S, 21))
    inner = slice(round(1.05 * RATE_HZ), round(4.95 * RATE_HZ))
    assert np.array_equal(mono[inner], samples[inner])  # what is theirs, to the sample
    for start, end in ((6.05, 8.3), (12 + MARGIN_S + 0.05, 21)):  # B alone; beyond the end of the audio
        quiet = mono[round(start * RATE_HZ) : round(end * RATE_HZ)]
        assert 0.5e-3 < quiet.std() < 2e-3  # the room goes on
        spectrum = np.abs(np.fft.rfft(quiet[:RATE_HZ]))
        assert spectrum[300] < 10 * np.median(spectrum)
    overlap = slice(round(8.55 * RATE_HZ), round(8.95 * RATE_HZ))
    assert np.array_equal(mono[overlap], samples[overlap])  # two at once stay two
    part = a.part(Fraction(4), Fraction(1, 2), level=False)
    assert np.array_equal(part.driver.mono[480:-480], samples[4 * RATE_HZ + 480 : round(4.5 * RATE_HZ) - 480])
    assert (part.speech, part.listens) == ((Span(0.0, 0.5),), ())
    silent = b.part(Fraction(0), Fraction(5), level=True)
    assert (silent.speech, silent.listens) == ((), (Span(0.0, 5.0),))


def test_mouth_rests_while_listening_despite_noise(portrait: Path) -> None:
    """Noise alone, brought to the model's level, would move the mouth like speech."""
    rng = np.random.default_rng(2)
    frames = 73
    plan = plan_frames(frames, Fraction(25))
    noise = Waveform((1e-3 * rng.standard_normal((1, 70_080))).astype(np.float32), RATE_HZ)
    shot = Shot(noise, (), plan, FrameSize(256, 256), PRESETS["portrait"], image=read_image(portrait))
    engine = PortraitEngine()
    moved = engine.render(shot, no_progress).motion
    rests = engine.render(replace(shot, listens=(Span(1.0, 3.0),)), no_progress).motion
    mouth, head = list(MOUTH), CHANNEL["headYaw"]
    assert np.abs(moved.values[30:, mouth]).max() > 0.1
    assert np.abs(rests.values[30:, mouth]).max() == 0
    assert np.array_equal(rests.values[:26, mouth], moved.values[:26, mouth])
    assert np.array_equal(rests.values[:, head], moved.values[:, head])
    assert rests.values[30:, head].std() > 0


def test_panels_align_head_size_and_eye_line(portrait: Path) -> None:
    tracker = FaceTracker()
    wide = np.full((900, 1400, 3), 120, np.uint8)
    wide[200:712, 700:1212] = np.asarray(read_image(EXAMPLE).rgb)[:512, :512]
    images = [read_image(portrait), read_image(EXAMPLE), Image(wide)]
    faces = [tracker.find_faces(image)[0] for image in images]
    size = FrameSize(320, 400)
    panels = [panel for panel, _ in lay_out(images, faces, size)]
    assert [panel.size for panel in panels] == [size] * 3
    found = [tracker.find_faces(panel)[0] for panel in panels]
    heights = [face.height_px for face in found]
    lines = [face.points[list(IRISES), 1].mean() for face in found]
    assert max(heights) < 1.05 * min(heights)
    assert max(lines) - min(lines) < 0.02 * size.height
    assert all(abs((face.box[0] + face.box[2]) / 2 - 160) < 60 for face in found)


def test_tight_image_is_extended_beyond_its_edges() -> None:
    tracker = FaceTracker()
    whole = read_image(EXAMPLE)
    left, top, right, bottom = (round(edge) for edge in tracker.find_faces(whole)[0].box)
    tight = Image(np.ascontiguousarray(whole.rgb[top - 8 : bottom + 8, left - 8 : right + 8]))
    faces = [tracker.find_faces(image)[0] for image in (whole, tight)]
    panels = lay_out([whole, tight], faces, FrameSize(400, 300))
    assert [is_extended for _, is_extended in panels] == [False, True]
