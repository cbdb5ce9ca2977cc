"""Videos that are not as videos should be: a verdict or a clear error, and never a guess."""

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
from benchmarks.made_videos import Clip, Look, draw, encode, motion_of, shifted
from PIL import Image

from lipwright.domain.media import Waveform
from lipwright.errors import InputError
from lipwright.pipeline.check import check_video

LOOK = Look("astronaut", 192, Fraction(25), 400_000, 0.0, 1.0)
SECONDS = 5.0
FRAME_MS = 40.0


@pytest.fixture(scope="module")
def spoken(clip: Clip) -> Clip:
    """Five seconds of it."""
    audio = replace(clip.audio, samples=clip.audio.samples[:, : round(SECONDS * clip.audio.rate_hz)])
    return replace(clip, audio=audio)


@pytest.fixture(scope="module")
def images(spoken: Clip) -> list[np.ndarray]:
    return list(draw(motion_of(spoken, LOOK), LOOK))


def video_of(
    path: Path, frames: Iterable[np.ndarray], audio: Waveform | None, frame_rate: Fraction = LOOK.frame_rate
) -> Path:
    return encode(path, iter(frames), replace(LOOK, frame_rate=frame_rate), audio)


def rules(found) -> set[str]:
    return {cause.id for cause in found.causes} | {finding.id for finding in found.findings}


def right(found, shift_ms: float) -> bool:
    return found.offset_ms is not None and abs(found.offset_ms - shift_ms) <= FRAME_MS


@pytest.mark.parametrize("seconds", [3.4, 7.5])
def test_audio_shorter_or_longer_than_the_video(
    *, seconds: float, images: list[np.ndarray], spoken: Clip, watched_once: None, tmp_path: Path
) -> None:
    samples = np.zeros((1, round(seconds * spoken.audio.rate_hz)), np.float32)
    kept = min(samples.shape[1], spoken.audio.samples.shape[1])
    samples[:, :kept] = spoken.audio.samples[:, :kept]
    found = check_video(video_of(tmp_path / "video.mp4", images, replace(spoken.audio, samples=samples)))
    assert right(found, 0)
    assert "lengths-differ" in rules(found)


def video_at(
    path: Path,
    frames: Iterable[np.ndarray],
    instants: Iterable[Fraction],
    *,
    frame_rate: Fraction,
    tick: Fraction,
    audio: Waveform | None = None,
) -> Path:
    """Each frame shown at its own instant, in whole ticks."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=frame_rate)
        stream.height, stream.width, stream.pix_fmt = 192, 192, "yuv420p"
        stream.time_base = stream.codec_context.time_base = tick
        track = None if audio is None else out.add_stream("aac", rate=audio.rate_hz, layout="mono")
        for image, instant in zip(frames, instants, strict=True):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
            frame.pts, frame.time_base = round(instant / tick), tick
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        if track is not None and audio is not None:
            block = av.AudioFrame.from_ndarray(audio.samples.copy(), format="fltp", layout="mono")
            block.sample_rate, block.pts, block.time_base = audio.rate_hz, 0, Fraction(1, audio.rate_hz)
            for piece in (block, None):
                out.mux(track.encode(piece))
    return path


def test_frames_at_uneven_times(images: list[np.ndarray], spoken: Clip, tmp_path: Path) -> None:
    """A third of the frames left out here and there, and each of the others shown at its own time."""
    kept = [n for n in range(len(images)) if n % 3 or (n // 20) % 2]
    instants = [n / LOOK.frame_rate for n in kept]
    tick = Fraction(1, 1000)
    late = shifted(spoken.audio, 200)
    found = check_video(
        video_at(
            tmp_path / "video.mp4",
            [images[n] for n in kept],
            instants,
            frame_rate=Fraction(1000),
            tick=tick,
            audio=late,
        )
    )
    assert found.extra["video"]["frames"] == len(kept)
    assert found.extra["video"]["rate"] == 25  # by the median step: most are 40 ms
    assert right(found, 200)
    assert "uneven-frames" in rules(found)


NTSC = Fraction(30000, 1001)


@pytest.mark.parametrize(
    ("name", "frame_rate", "tick", "dropped"),
    [
        ("video.mp4", Fraction(25), Fraction(1, 25), ()),
        ("video.mp4", NTSC, 1 / NTSC, ()),
        ("video.mkv", Fraction(30), Fraction(1, 30), ()),  # stamped to whole milliseconds: steps of 33 and 34
        ("video.mkv", Fraction(120), Fraction(1, 120), ()),
        ("video.mp4", Fraction(25), Fraction(1, 25), (10, 20)),
    ],
    ids=str,
)
def test_the_rate_is_exact(
    name: str, frame_rate: Fraction, tick: Fraction, dropped: tuple[int, ...], tmp_path: Path
) -> None:
    numbers = [n for n in range(41) if n not in dropped]
    gray = [np.full((192, 192, 3), 40 + n, np.uint8) for n in numbers]
    path = video_at(
        tmp_path / name, gray, [n / frame_rate for n in numbers], frame_rate=frame_rate, tick=tick
    )
    assert check_video(path).extra["video"]["rate"] == float(frame_rate)


def test_stated_rate_contradicted_by_time_stamps_is_ignored(tmp_path: Path) -> None:
    """Named 25 a second, and shown twice as fast but for one long rest: the mean is 25 indeed."""
    gray = [np.full((192, 192, 3), 40 + n, np.uint8) for n in range(41)]
    instants = [Fraction(n, 50) + (Fraction(4, 5) if n > 20 else 0) for n in range(41)]
    path = video_at(tmp_path / "video.mp4", gray, instants, frame_rate=Fraction(25), tick=Fraction(1, 1000))
    assert check_video(path).extra["video"]["rate"] == 50


def test_a_image_is_not_a_video(portrait: Path, tmp_path: Path, cli) -> None:
    """A still stands, whatever it is called."""
    found = check_video(portrait)
    assert (found.verdict, found.offset_ms, found.audio.missing) == ("static", None, True)
    assert rules(found) == {"one-image"}
    one = video_of(tmp_path / "one.mp4", [np.asarray(Image.open(portrait).convert("RGB"))], None)
    assert (check_video(one).verdict, check_video(one).offset_ms) == ("static", None)
    assert cli("check", one, "--strict").code == 6


def test_a_damaged_end(images: list[np.ndarray], spoken: Clip, tmp_path: Path) -> None:
    whole = video_of(tmp_path / "video.mp4", images, spoken.audio).read_bytes()
    start = whole.index(b"mdat") + 4
    end = whole.index(b"moov") - 4
    torn = bytearray(whole)
    at = start + (end - start) * 3 // 4
    torn[at:end] = np.random.default_rng(0).bytes(end - at)
    (tmp_path / "torn.mp4").write_bytes(torn)
    with pytest.raises(InputError, match=r"torn\.mp4"):
        check_video(tmp_path / "torn.mp4")
    (tmp_path / "short.mp4").write_bytes(whole[: len(whole) * 3 // 4])
    with pytest.raises(InputError, match=r"short\.mp4"):
        check_video(tmp_path / "short.mp4")


def test_a_few_frames_of_4k(images: list[np.ndarray], spoken: Clip, tmp_path: Path) -> None:
    large = [cv2.resize(image, (3840, 2160)) for image in images[40:44]]
    found = check_video(video_of(tmp_path / "video.mp4", large, spoken.audio))
    assert (found.verdict, found.offset_ms) == ("inconclusive", None)
    assert found.extra["video"]["people"] == 1


def test_one_frame_a_second(images: list[np.ndarray], spoken: Clip, tmp_path: Path) -> None:
    """Of 5 s and of 11: however few, they differ, and nothing stands still."""
    for every in (25, 12):
        found = check_video(video_of(tmp_path / "video.mp4", images[::every], spoken.audio, Fraction(1)))
        assert (found.verdict, found.offset_ms, found.mouth.stiffness) == ("inconclusive", None, None)
        assert "slow-rate" in rules(found)


def test_120_frames_a_second(spoken: Clip, tmp_path: Path) -> None:
    fast = replace(LOOK, frame_rate=Fraction(120))
    short = replace(spoken.audio, samples=spoken.audio.samples[:, : 3 * spoken.audio.rate_hz])
    motion = motion_of(replace(spoken, audio=short), fast)
    found = check_video(encode(tmp_path / "video.mp4", draw(motion, fast), fast, shifted(short, 120)))
    assert right(found, 120)
    assert not found.mouth.jumps


def test_speaker_of_two_people_is_measured(spoken: Clip, tmp_path: Path) -> None:
    both = replace(LOOK, people=2)
    path = encode(
        tmp_path / "video.mp4", draw(motion_of(spoken, both), both), both, shifted(spoken.audio, -160)
    )
    found = check_video(path)
    assert found.extra["video"]["people"] == 2
    assert right(found, -160)
    assert "several-faces-in-video" in rules(found)


def test_a_cartoon_is_not_a_face(spoken: Clip, tmp_path: Path) -> None:
    frames = []
    for n in range(30):
        frame = np.full((192, 192, 3), 235, np.uint8)
        cv2.circle(frame, (96, 96), 70, (250, 210, 60), -1)
        cv2.circle(frame, (70, 75), 9, (0, 0, 0), -1)
        cv2.circle(frame, (122, 75), 9, (0, 0, 0), -1)
        cv2.ellipse(frame, (96, 125), (30, 4 + n % 8), 0, 0, 360, (160, 30, 30), -1)
        frames.append(frame)
    found = check_video(video_of(tmp_path / "video.mp4", frames, spoken.audio))
    assert (found.verdict, found.offset_ms) == ("no-face", None)


@pytest.mark.parametrize("between", ["another image", "hidden face"])
def test_the_face_is_away_for_a_while(
    between: str, images: list[np.ndarray], spoken: Clip, tmp_path: Path
) -> None:
    frames = list(images)
    coffee = cv2.resize(skimage.data.coffee(), (192, 192))
    for n in range(50, 75):
        frames[n] = coffee if between == "another image" else cv2.blur(frames[n], (45, 45))
    found = check_video(video_of(tmp_path / "video.mp4", frames, shifted(spoken.audio, 200)))
    assert right(found, 200)
    assert found.verdict == "audio-late"
    assert not found.mouth.jumps
    if between == "another image":
        assert found.extra["video"]["cuts"] == [50, 75]


@pytest.mark.parametrize("every", [2, 4])
def test_at_low_rates_speech_neither_jumps_nor_repeats(
    every: int, images: list[np.ndarray], spoken: Clip, tmp_path: Path
) -> None:
    """At 12.5 and 6.25 fps a mouth moves far between frames, and rests for single ones, by itself."""
    path = video_of(tmp_path / "video.mp4", images[::every], spoken.audio, Fraction(25, every))
    found = check_video(path)
    assert (found.mouth.jumps, found.mouth.repeats) == ((), ())
    assert right(found, 0) or found.verdict == "inconclusive"
