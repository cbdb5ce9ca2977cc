"""Each speaker's own driver, from one channel or from their own; and heads on one line."""

from __future__ import annotations

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
from lipwright.domain.time import Span
from lipwright.face.landmark_indices import IRISES
from lipwright.face.landmarks import FaceTracker
from lipwright.media.audio_reader import read_audio
from lipwright.media.image_file import read_image

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
def test_each_channel_is_its_own_speakers(call: np.ndarray, cross_talk_db: float | None) -> None:
    leak = 0 if cross_talk_db is None else 10 ** (cross_talk_db / 20)
    gains = np.array([[0.3], [1.0]])  # microphones are not equally loud
    mixed = ((call + leak * call[::-1]) * gains).astype(np.float32)
    found = turns_by_channel([Waveform(mixed[n : n + 1], RATE_HZ) for n in (0, 1)], ("Man", "Woman"))
    assert {turn.speaker for turn in found.turns if turn.start < 3.3} == {"Man"}
    assert {turn.speaker for turn in found.turns if turn.start >= 3.3} == {"Woman"}
    man, woman = (
        sum(turn.span.seconds for turn in found.turns if turn.speaker == name) for name in ("Man", "Woman")
    )
    alone = [sum(span.seconds for span in find_speech(Waveform(call[n : n + 1], RATE_HZ))) for n in (0, 1)]
    assert man == pytest.approx(alone[0], abs=0.5)
    assert woman == pytest.approx(alone[1], rel=0.15)


def test_a_driver_holds_its_speaker_and_nobody_else() -> None:
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
    driver, spoken = a.driver(Fraction(0), Fraction(21), level=False)
    mono = driver.mono
    assert driver.samples.shape == (1, 21 * RATE_HZ)
    assert spoken == (Span(1.0, 5.0), Span(8.5, 12.0))
    inner = slice(round(1.05 * RATE_HZ), round(4.95 * RATE_HZ))
    assert np.array_equal(mono[inner], samples[inner])  # what is theirs, to the sample
    for start, end in ((6.05, 8.3), (12 + MARGIN_S + 0.05, 21)):  # B alone; beyond the end of the audio
        quiet = mono[round(start * RATE_HZ) : round(end * RATE_HZ)]
        assert 0.5e-3 < quiet.std() < 2e-3  # the room goes on
        spectrum = np.abs(np.fft.rfft(quiet[:RATE_HZ]))
        assert spectrum[300] < 10 * np.median(spectrum)
    overlap = slice(round(8.55 * RATE_HZ), round(8.95 * RATE_HZ))
    assert np.array_equal(mono[overlap], samples[overlap])  # two at once stay two
    part, heard = a.driver(Fraction(4), Fraction(1, 2), level=False)
    assert np.array_equal(part.mono[480:-480], samples[4 * RATE_HZ + 480 : round(4.5 * RATE_HZ) - 480])
    assert heard == (Span(0.0, 0.5),)
    assert b.driver(Fraction(0), Fraction(5), level=True)[1] == ()


def test_heads_have_one_size_and_eyes_one_line(portrait: Path) -> None:
    tracker = FaceTracker()
    wide = np.full((900, 1400, 3), 120, np.uint8)
    wide[200:712, 700:1212] = np.asarray(read_image(EXAMPLE).rgb)[:512, :512]
    images = [read_image(portrait), read_image(EXAMPLE), Image(wide)]
    faces = [tracker.find_faces(image)[0] for image in images]
    size = FrameSize(320, 400)
    laid = lay_out(images, faces, size)
    assert [image.size for image in laid.images] == [size] * 3
    found = [tracker.find_faces(image)[0] for image in laid.images]
    heights = [face.height_px for face in found]
    lines = [face.points[list(IRISES), 1].mean() for face in found]
    assert max(heights) < 1.05 * min(heights)
    assert max(lines) - min(lines) < 0.02 * size.height
    assert all(abs((face.box[0] + face.box[2]) / 2 - 160) < 60 for face in found)


def test_an_image_that_is_too_tight_is_continued() -> None:
    tracker = FaceTracker()
    whole = read_image(EXAMPLE)
    left, top, right, bottom = (round(edge) for edge in tracker.find_faces(whole)[0].box)
    tight = Image(np.ascontiguousarray(whole.rgb[top - 8 : bottom + 8, left - 8 : right + 8]))
    faces = [tracker.find_faces(image)[0] for image in (whole, tight)]
    laid = lay_out([whole, tight], faces, FrameSize(400, 300))
    assert laid.extended == (False, True)
