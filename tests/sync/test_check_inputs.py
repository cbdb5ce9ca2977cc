"""Films that are not as films should be: a verdict or a clear error, and never a guess."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import skimage.data
from benchmarks.made_films import Clip, Look, draw, encode, motion_of, shifted
from PIL import Image

from lipwright.domain.media import Waveform
from lipwright.errors import InputError
from lipwright.pipeline.check import check_film

LOOK = Look("astronaut", 192, Fraction(25), 400_000, 0.0, 1.0)
SECONDS = 5.0
FRAME_MS = 40.0


@pytest.fixture(scope="module")
def spoken(clip: Clip) -> Clip:
    """Five seconds of it."""
    sound = replace(clip.sound, samples=clip.sound.samples[:, : round(SECONDS * clip.sound.rate_hz)])
    return replace(clip, sound=sound)


@pytest.fixture(scope="module")
def pictures(spoken: Clip) -> list[np.ndarray]:
    return list(draw(motion_of(spoken, LOOK), LOOK))


def film_of(
    path: Path, frames: Iterable[np.ndarray], sound: Waveform | None, rate: Fraction = LOOK.rate
) -> Path:
    return encode(path, iter(frames), replace(LOOK, rate=rate), sound)


def rules(found) -> set[str]:
    return {cause.finding.rule for cause in found.causes} | {finding.rule for finding in found.findings}


def right(found, shift_ms: float) -> bool:
    return found.offset_ms is not None and abs(found.offset_ms - shift_ms) <= FRAME_MS


@pytest.mark.parametrize("seconds", [3.4, 7.5])
def test_sound_shorter_or_longer_than_the_film(
    seconds: float, pictures: list[np.ndarray], spoken: Clip, tmp_path: Path
) -> None:
    samples = np.zeros((1, round(seconds * spoken.sound.rate_hz)), np.float32)
    kept = min(samples.shape[1], spoken.sound.samples.shape[1])
    samples[:, :kept] = spoken.sound.samples[:, :kept]
    found = check_film(film_of(tmp_path / "film.mp4", pictures, replace(spoken.sound, samples=samples)))
    assert right(found, 0)
    assert "lengths-differ" in rules(found)


def film_at(
    path: Path,
    frames: Iterable[np.ndarray],
    instants: Iterable[Fraction],
    *,
    rate: Fraction,
    tick: Fraction,
    sound: Waveform | None = None,
) -> Path:
    """Each frame shown at its own instant, in whole ticks."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=rate)
        stream.height, stream.width, stream.pix_fmt = 192, 192, "yuv420p"
        stream.time_base = stream.codec_context.time_base = tick
        track = None if sound is None else out.add_stream("aac", rate=sound.rate_hz, layout="mono")
        for picture, instant in zip(frames, instants, strict=True):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts, frame.time_base = round(instant / tick), tick
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        if track is not None and sound is not None:
            block = av.AudioFrame.from_ndarray(sound.samples.copy(), format="fltp", layout="mono")
            block.sample_rate, block.pts, block.time_base = sound.rate_hz, 0, Fraction(1, sound.rate_hz)
            for piece in (block, None):
                out.mux(track.encode(piece))
    return path


def test_frames_at_uneven_times(pictures: list[np.ndarray], spoken: Clip, tmp_path: Path) -> None:
    """A third of the frames left out here and there, and each of the others shown at its own time."""
    kept = [n for n in range(len(pictures)) if n % 3 or (n // 20) % 2]
    instants = [n / LOOK.rate for n in kept]
    tick = Fraction(1, 1000)
    late = shifted(spoken.sound, 200)
    found = check_film(
        film_at(
            tmp_path / "film.mp4",
            [pictures[n] for n in kept],
            instants,
            rate=Fraction(1000),
            tick=tick,
            sound=late,
        )
    )
    assert found.extra["film"]["frames"] == len(kept)
    assert found.extra["film"]["rate"] == 25  # by the median step: most are 40 ms
    assert right(found, 200)
    assert "uneven-frames" in rules(found)


NTSC = Fraction(30000, 1001)


@pytest.mark.parametrize(
    ("name", "rate", "tick", "dropped"),
    [
        ("film.mp4", Fraction(25), Fraction(1, 25), ()),
        ("film.mp4", NTSC, 1 / NTSC, ()),
        ("film.mkv", Fraction(30), Fraction(1, 30), ()),  # stamped to whole milliseconds: steps of 33 and 34
        ("film.mkv", Fraction(120), Fraction(1, 120), ()),
        ("film.mp4", Fraction(25), Fraction(1, 25), (10, 20)),
    ],
    ids=str,
)
def test_the_rate_is_exact(
    name: str, rate: Fraction, tick: Fraction, dropped: tuple[int, ...], tmp_path: Path
) -> None:
    numbers = [n for n in range(41) if n not in dropped]
    grey = [np.full((192, 192, 3), 40 + n, np.uint8) for n in numbers]
    path = film_at(tmp_path / name, grey, [n / rate for n in numbers], rate=rate, tick=tick)
    assert check_film(path).extra["film"]["rate"] == float(rate)


def test_a_rate_that_the_frames_do_not_keep_is_not_told(tmp_path: Path) -> None:
    """Named 25 a second, and shown twice as fast but for one long rest: the mean is 25 indeed."""
    grey = [np.full((192, 192, 3), 40 + n, np.uint8) for n in range(41)]
    instants = [Fraction(n, 50) + (Fraction(4, 5) if n > 20 else 0) for n in range(41)]
    path = film_at(tmp_path / "film.mp4", grey, instants, rate=Fraction(25), tick=Fraction(1, 1000))
    assert check_film(path).extra["film"]["rate"] == 50


def test_a_picture_is_no_film(portrait: Path, tmp_path: Path, cli) -> None:
    """A still stands, whatever it is called."""
    found = check_film(portrait)
    assert (found.verdict, found.offset_ms, found.sound.missing) == ("static", None, True)
    assert rules(found) == {"one-picture"}
    one = film_of(tmp_path / "one.mp4", [np.asarray(Image.open(portrait).convert("RGB"))], None)
    assert (check_film(one).verdict, check_film(one).offset_ms) == ("static", None)
    assert cli("check", one, "--strict").code == 6


def test_a_damaged_end(pictures: list[np.ndarray], spoken: Clip, tmp_path: Path) -> None:
    whole = film_of(tmp_path / "film.mp4", pictures, spoken.sound).read_bytes()
    start = whole.index(b"mdat") + 4
    end = whole.index(b"moov") - 4
    torn = bytearray(whole)
    at = start + (end - start) * 3 // 4
    torn[at:end] = np.random.default_rng(0).bytes(end - at)
    (tmp_path / "torn.mp4").write_bytes(torn)
    with pytest.raises(InputError, match=r"torn\.mp4"):
        check_film(tmp_path / "torn.mp4")
    (tmp_path / "short.mp4").write_bytes(whole[: len(whole) * 3 // 4])
    with pytest.raises(InputError, match=r"short\.mp4"):
        check_film(tmp_path / "short.mp4")


def test_a_few_frames_of_4k(pictures: list[np.ndarray], spoken: Clip, tmp_path: Path) -> None:
    large = [cv2.resize(picture, (3840, 2160)) for picture in pictures[:4]]
    found = check_film(film_of(tmp_path / "film.mp4", large, spoken.sound))
    assert (found.verdict, found.offset_ms) == ("inconclusive", None)
    assert found.extra["film"]["people"] == 1


def test_one_frame_a_second(pictures: list[np.ndarray], spoken: Clip, tmp_path: Path) -> None:
    """Of 5 s and of 11: however few, they differ, and nothing stands still."""
    for every in (25, 12):
        found = check_film(film_of(tmp_path / "film.mp4", pictures[::every], spoken.sound, Fraction(1)))
        assert (found.verdict, found.offset_ms, found.mouth.stiffness) == ("inconclusive", None, None)
        assert "slow-rate" in rules(found)


def test_120_frames_a_second(spoken: Clip, tmp_path: Path) -> None:
    fast = replace(LOOK, rate=Fraction(120))
    path = encode(
        tmp_path / "film.mp4", draw(motion_of(spoken, fast), fast), fast, shifted(spoken.sound, 120)
    )
    found = check_film(path)
    assert right(found, 120)
    assert not found.mouth.jumps


def test_of_two_people_the_one_who_speaks(spoken: Clip, tmp_path: Path) -> None:
    both = replace(LOOK, people=2)
    path = encode(
        tmp_path / "film.mp4", draw(motion_of(spoken, both), both), both, shifted(spoken.sound, -160)
    )
    found = check_film(path)
    assert found.extra["film"]["people"] == 2
    assert right(found, -160)
    assert "several-people" in rules(found)


def test_a_cartoon_is_no_face(spoken: Clip, tmp_path: Path) -> None:
    frames = []
    for n in range(30):
        frame = np.full((192, 192, 3), 235, np.uint8)
        cv2.circle(frame, (96, 96), 70, (250, 210, 60), -1)
        cv2.circle(frame, (70, 75), 9, (0, 0, 0), -1)
        cv2.circle(frame, (122, 75), 9, (0, 0, 0), -1)
        cv2.ellipse(frame, (96, 125), (30, 4 + n % 8), 0, 0, 360, (160, 30, 30), -1)
        frames.append(frame)
    found = check_film(film_of(tmp_path / "film.mp4", frames, spoken.sound))
    assert (found.verdict, found.offset_ms) == ("no-face", None)


@pytest.mark.parametrize("between", ["another picture", "hidden face"])
def test_the_face_is_away_for_a_while(
    between: str, pictures: list[np.ndarray], spoken: Clip, tmp_path: Path
) -> None:
    frames = list(pictures)
    coffee = cv2.resize(skimage.data.coffee(), (192, 192))
    for n in range(50, 75):
        frames[n] = coffee if between == "another picture" else cv2.blur(frames[n], (45, 45))
    found = check_film(film_of(tmp_path / "film.mp4", frames, shifted(spoken.sound, 200)))
    assert right(found, 200)
    assert found.verdict == "audio-late"
    assert not found.mouth.jumps
    if between == "another picture":
        assert found.extra["film"]["cuts"] == [50, 75]
