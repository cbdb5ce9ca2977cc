"""What counts as a fault and what does not: on tracks and sounds made for the purpose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from benchmarks.made_videos import Clip, Look, encode
from benchmarks.spoilt_videos import overdriven, write_video
from benchmarks.sync_accuracy import see

from lipwright.pipeline.check import check_video
from lipwright.sync.audio_measures import find_dropouts
from lipwright.sync.duplicate_frames import LOPSIDED, MOST, SOFTLY, find_repeats
from lipwright.sync.frame_difference import STEPS
from lipwright.sync.mouth import FEATURES, MouthTrack
from lipwright.sync.mouth_metrics import AWAY, GLITCH, LEAP, SHIFT, find_jumps

FRAMES = 60


def track(lips: Sequence[float] | None = None, place: Sequence[float] | None = None, **more) -> MouthTrack:
    """A mouth whose lips all move by `lips`, in a face that moves by `place`, both in face heights."""
    n = FRAMES
    rest = np.random.default_rng(0).normal(0, 0.1, (40, 2)).astype(np.float32)
    moved = np.zeros(n) if lips is None else np.asarray(lips)
    shape = np.repeat(rest[None], n, 0)
    shape[:, :, 1] += moved[:, None]
    where = np.zeros((n, 2), np.float32)
    where[:, 0] = 100 * (np.zeros(n) if place is None else np.asarray(place))
    return MouthTrack(
        **{
            "seconds": np.arange(n) / 25,
            "seen": np.ones(n, bool),
            "features": np.zeros((n, len(FEATURES)), np.float32),
            "lips": shape,
            "box": np.zeros((n, 4), np.float32),
            "height": np.full(n, 100, np.float32),
            "place": where,
            "stir": np.full(n, 10, np.float32),
            "steps": steps_of(np.diff(1000 * (moved + where[:, 0] / 100), prepend=0)[:, None]),
            "yaw": np.zeros(n, np.float32),
        }
        | more
    )


def steps_of(changes: np.ndarray) -> np.ndarray:
    """Products of a face's changes, shape (n, grey levels), with those before."""
    back = [np.pad(changes, ((k, 0), (0, 0)))[: len(changes)] for k in range(STEPS)]
    return np.stack([(changes * before).mean(1) for before in back], 1).astype(np.float32)


def syllables() -> np.ndarray:
    """Four a second, as wide as talkers go."""
    return 0.03 * np.sin(2 * np.pi * 4 * np.arange(FRAMES) / 25)


def test_speech_does_not_jump() -> None:
    assert find_jumps(track(syllables()), ()) == ()


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize(("what", "far"), [("lips", GLITCH), ("place", SHIFT)])
def test_a_mouth_or_a_face_away_for_a_moment_jumps(what: str, far: float, count: int) -> None:
    if what == "lips" and count > 1:
        far = AWAY
    away = np.zeros(FRAMES)
    away[30 : 30 + count] = 1.3 * far
    assert find_jumps(track(**{what: away}), ()) == (30,)
    away[30 : 30 + count] = 0.8 * far
    assert find_jumps(track(**{what: away}), ()) == ()


@pytest.mark.parametrize("what", ["lips", "place"])
def test_a_step_from_rest_to_rest_jumps_and_a_gesture_does_not(what: str) -> None:
    far = 1.2 * (LEAP if what == "lips" else SHIFT)
    step = np.where(np.arange(FRAMES) >= 30, far, 0.0)
    assert find_jumps(track(**{what: step}), ()) == (30,)
    gesture = far * np.clip((np.arange(FRAMES) - 28) / 3, 0, 3)
    assert find_jumps(track(**{what: gesture}), ()) == ()
    assert find_jumps(track(**{what: step}), (30,)) == (), "a new shot is no jump"


def test_after_a_repeat_the_video_catches_up_and_does_not_jump() -> None:
    place = 0.03 * np.arange(FRAMES)
    place[30] = place[29]
    assert find_jumps(track(place=place), (), (30,)) == ()


def test_repeats_stand_between_frames_that_move() -> None:
    stir = np.full(FRAMES, 10, np.float32)
    stir[[20, 40, 41]] = 0.3
    assert find_repeats(track(stir=stir)) == (20, 40, 41)


@pytest.mark.parametrize(("count", "told"), [(1, 1), (2, 2), (3, 3), (4, 0), (5, 0), (6, 0)])
def test_a_longer_rest_is_no_repeat(count: int, told: int) -> None:
    stir = np.full(FRAMES, 10, np.float32)
    stir[30 : 30 + count] = 0.3
    assert len(find_repeats(track(stir=stir))) == told


def test_a_mouth_that_turns_round_and_is_held_for_a_frame_repeats_nothing() -> None:
    stir = np.full(FRAMES, 20, np.float32)
    stir[30] = 2
    opening = 0.02 * np.arange(FRAMES)
    opening[30:] -= 0.02
    assert find_repeats(track(opening, stir=stir)) == (30,), "it was stopped on its way"
    opening[30:] = opening[29] - 0.02 * np.arange(FRAMES - 30)
    assert find_repeats(track(opening, stir=stir)) == ()


def drawn_anew(size: float = 0.3, **more) -> MouthTrack:
    """A face on its way, whose frame 30 makes none of it; a codec draws that one better, or worse."""
    way, anew = np.random.default_rng(1).normal(0, 3, (2, 400))
    changes = np.repeat(way[None], FRAMES, 0)
    changes[30] = size * anew
    changes[31] -= size * anew
    stir = np.full(FRAMES, 10, np.float32)
    stir[30] = 7
    return replace(track(stir=stir), **{"steps": steps_of(changes)} | more)


def test_a_repeat_that_a_codec_draws_anew_is_told_by_the_way_it_does_not_make() -> None:
    repeated = drawn_anew()
    assert find_repeats(repeated) == (30,)
    moves = np.full(FRAMES, 10, np.float32)
    moves[30] = 10 * MOST
    assert find_repeats(replace(repeated, stir=moves)) == (), "it changes as much as the others"
    assert find_repeats(drawn_anew(2 * SOFTLY)) == (), "it goes elsewhere"


def test_beside_a_frame_gone_wrong_nothing_repeats() -> None:
    way, anew, wrong = np.random.default_rng(1).normal(0, 3, (3, 400))
    changes = np.repeat(way[None], FRAMES, 0)
    changes[30] = 0.3 * anew
    stir = np.full(FRAMES, 10, np.float32)
    stir[30], stir[31:33] = 7, 80

    def found(there: float, back: float) -> tuple[int, ...]:
        jumps = changes.copy()
        jumps[31] += there * wrong
        jumps[32] -= back * wrong
        return find_repeats(drawn_anew(steps=steps_of(jumps), stir=stir))

    assert found(3, 0) == (30,), "it catches up"
    assert found(3, 3) == (), "and is taken back"
    assert found(1.5 * LOPSIDED, 0) == (), "it leaps"


def test_a_frame_that_makes_some_of_the_way_repeats_nothing() -> None:
    way = np.random.default_rng(1).normal(0, 3, 400)
    slow, turns = np.repeat(way[None], FRAMES, 0), np.repeat(way[None], FRAMES, 0)
    slow[30] *= 0.4
    turns[30], turns[31:] = 0, -way
    assert find_repeats(drawn_anew(steps=steps_of(slow))) == ()
    assert find_repeats(drawn_anew(steps=steps_of(turns))) == ()


def test_a_face_that_turns_round_repeats_nothing() -> None:
    stir = np.full(FRAMES, 10, np.float32)
    stir[18:25] = (8, 5, 2, 0.8, 2, 5, 8)
    stir[:4] = (np.nan, 0.1, 0.1, 0.1)  # a codec short of bits lets the first frames stand
    stir[40:46] = 0.2  # a rest
    assert find_repeats(track(stir=stir)) == ()


def test_a_gap_is_cut_and_a_closure_fades(clip: Clip) -> None:
    rate = clip.audio.rate_hz
    level = np.convolve(np.abs(clip.audio.mono), np.ones(rate // 20) / (rate // 20), "same")
    middle = int(np.argmax(level))
    gap = slice(middle - rate // 20, middle + rate // 20)
    cut = clip.audio.samples.copy()
    cut[:, gap] = 0
    (found,) = find_dropouts(replace(clip.audio, samples=cut))
    assert abs(found.start - gap.start / rate) < 0.01
    assert abs(found.end - gap.stop / rate) < 0.01
    fade = np.ones(cut.shape[1], np.float32)
    ramp = rate * 40 // 1000
    fade[gap] = 0
    fade[gap.start - ramp : gap.start] = np.geomspace(1, 1e-4, ramp)
    fade[gap.stop : gap.stop + ramp] = np.geomspace(1e-4, 1, ramp)
    assert find_dropouts(replace(clip.audio, samples=clip.audio.samples * fade)) == ()


def test_a_gap_that_a_codec_lets_ring_is_cut(clip: Clip) -> None:
    rate = clip.audio.rate_hz
    level = np.convolve(np.abs(clip.audio.mono), np.ones(rate // 20) / (rate // 20), "same")
    start = int(np.argmax(level))
    ringing = clip.audio.samples.copy()
    ringing[:, start : start + rate // 5] = 0
    ring = rate * 25 // 1000
    audio = clip.audio.samples[:, start : start + ring]
    ringing[:, start : start + ring] = audio * np.geomspace(0.005, 0.001, ring)
    (found,) = find_dropouts(replace(clip.audio, samples=ringing))
    assert abs(found.start - (start + ring) / rate) < 0.02


def test_clipping_shows_through_a_lossy_codec(clip: Clip, tmp_path: Path) -> None:
    look = Look("", 64, 25, 200_000, 0.0, 1.0)
    grey = [np.full((64, 64, 3), 40, np.uint8)] * 10
    peak = float(np.abs(clip.audio.mono).max())
    loud = replace(clip.audio, samples=clip.audio.samples / peak)
    clean = check_video(write_video(tmp_path, grey, look, loud)).audio.clipped
    assert (clean, type(clean)) == (0, int)
    found = check_video(write_video(tmp_path, grey, look, overdriven(clip.audio)))
    assert found.audio.clipped >= 10
    assert "clipped-audio" in {cause.finding.id for cause in found.causes}


def test_who_leaps_is_himself(frames: list[np.ndarray], tmp_path: Path) -> None:
    """A jump cut: the image leaps, which is a cut, and the person is the one of before."""
    still = np.array([[1, 0, 20], [0, 1, 14]], np.float64)
    moved = [
        cv2.warpAffine(image, still, image.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
        for image in frames[12:30]
    ]
    look = Look("astronaut", 256, 25, 1_500_000, 0.0, 1.0)
    watched = see(encode(tmp_path / "video.mp4", iter([*frames[:12], *moved]), look))
    assert watched.cuts == (12,)
    assert len(watched.people) == 1
    assert watched.people[0].seen.all()
