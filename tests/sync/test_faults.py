"""What counts as a fault and what does not: on tracks and sounds made for the purpose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from benchmarks.made_videos import TEXTS, Clip, Look, encode, speak
from benchmarks.spoiled_videos import overdriven, write_video
from benchmarks.sync_accuracy import see

from lipwright.audio.dropouts import find_dropouts
from lipwright.domain.media import Waveform
from lipwright.domain.time import Span
from lipwright.pipeline.check import check_video
from lipwright.sync.duplicate_frames import find_duplicates
from lipwright.sync.face_appearance import COLUMNS
from lipwright.sync.frame_difference import HISTORY
from lipwright.sync.mouth_metrics import find_jumps, measure_mouth
from lipwright.sync.mouth_track import FEATURES, MouthTrack, TrackedVideo
from lipwright.sync.target_motion import TargetMotion

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
            "visible": np.ones(n, bool),
            "features": np.zeros((n, len(FEATURES)), np.float32),
            "lips": shape,
            "box": np.zeros((n, 4), np.float32),
            "face_height_px": np.full(n, 100, np.float32),
            "mouth_center_px": where,
            "max_cell_difference": np.full(n, 10, np.float32),
            "difference_products": steps_of(np.diff(1000 * (moved + where[:, 0] / 100), prepend=0)[:, None]),
            "yaw_ratio": np.zeros(n, np.float32),
            "appearance": np.full((n, len(COLUMNS)), np.nan, np.float32),
        }
        | more
    )


def steps_of(changes: np.ndarray) -> np.ndarray:
    """Products of a face's changes, shape (n, gray levels), with those before."""
    back = [np.pad(changes, ((k, 0), (0, 0)))[: len(changes)] for k in range(HISTORY)]
    return np.stack([(changes * before).mean(1) for before in back], 1).astype(np.float32)


def syllables() -> np.ndarray:
    """Four a second, as wide as talkers go."""
    return 0.03 * np.sin(2 * np.pi * 4 * np.arange(FRAMES) / 25)


def test_where_audio_was_lost_nobody_is_silent() -> None:
    """The lips go on through a hole of 0.8 s: they follow words that are not in the file."""
    features = np.zeros((FRAMES, len(FEATURES)), np.float32)
    features[:, FEATURES.index("gap")] = syllables()
    mouth = track(syllables(), features=features)
    difference = np.full(FRAMES, 5, np.float32)
    video = TrackedVideo(mouth.seconds, difference, (), (100, 100), (mouth,))
    target = TargetMotion("audio", np.zeros((300, 8), np.float32), (Span(0.0, 0.8), Span(1.6, 2.4)))
    hole = (Span(0.8, 1.6),)
    assert measure_mouth(mouth, video, target, 0.0).mouth.silence_motion == pytest.approx(1, abs=0.2)
    assert measure_mouth(mouth, video, target, 0.0, hole).mouth.silence_motion is None


@pytest.mark.parametrize(
    ("outer", "gap", "static"), [(1, 1, True), (1, 4, True), (4, 1, True), (4, 4, False)]
)
def test_a_mouth_is_static_unless_outer_lips_and_gap_move(outer: float, gap: float, static: bool) -> None:
    """Grain and teeth disturb the landmarks of one of them; a stiff mouth moves both a little."""
    features = np.random.default_rng(2).normal(0, 0.0015, (FRAMES, len(FEATURES))).astype(np.float32)
    features[:, FEATURES.index("gap")] *= gap
    features[:, [FEATURES.index("outer"), FEATURES.index("corners")]] *= outer
    curves = np.zeros((300, 8), np.float32)
    curves[:] = 0.5 + 0.4 * np.sin(2 * np.pi * 4 * np.arange(300) / 100)[:, None]
    mouth = track(syllables(), features=features)
    video = TrackedVideo(mouth.seconds, np.full(FRAMES, 5, np.float32), (), (100, 100), (mouth,))
    measured = measure_mouth(mouth, video, TargetMotion("audio", curves, (Span(0.0, 2.4),)), None)
    assert measured.mouth.stiffness is not None
    assert measured.mouth.stiffness > 0.7
    assert measured.static == static


def test_speech_does_not_jump() -> None:
    assert find_jumps(track(syllables()), ()) == ()


@pytest.mark.parametrize(
    ("what", "count", "speech", "jump"),
    [
        ("lips", 1, 0.014, 0.018),
        ("lips", 2, 0.030, 0.040),
        ("lips", 3, 0.030, 0.040),
        ("place", 1, 0.060, 0.080),
        ("place", 3, 0.060, 0.080),
    ],
)
def test_a_mouth_or_a_face_away_for_a_moment_jumps(what: str, count: int, speech: float, jump: float) -> None:
    """Up to `speech` face heights is what real speakers do."""
    away = np.zeros(FRAMES)
    away[30 : 30 + count] = jump
    assert find_jumps(track(**{what: away}), ()) == (30,)
    away[30 : 30 + count] = speech
    assert find_jumps(track(**{what: away}), ()) == ()


@pytest.mark.parametrize(("what", "speech", "jump"), [("lips", 0.045, 0.055), ("place", 0.063, 0.077)])
def test_a_step_from_rest_to_rest_jumps_and_a_gesture_does_not(what: str, speech: float, jump: float) -> None:
    def step(size: float) -> np.ndarray:
        return np.where(np.arange(FRAMES) >= 30, size, 0.0)

    assert find_jumps(track(**{what: step(jump)}), ()) == (30,)
    assert find_jumps(track(**{what: step(speech)}), ()) == ()
    gesture = jump * np.clip((np.arange(FRAMES) - 28) / 3, 0, 3)
    assert find_jumps(track(**{what: gesture}), ()) == ()
    assert find_jumps(track(**{what: step(jump)}), (30,)) == (), "a new shot is no jump"


def test_after_a_repeat_the_video_catches_up_and_does_not_jump() -> None:
    place = 0.03 * np.arange(FRAMES)
    place[30] = place[29]
    assert find_jumps(track(place=place), (), (30,)) == ()


def held_at(*frames: int) -> MouthTrack:
    """A face that opens its mouth steadily, but stands at these frames."""
    stir, opening = np.full(FRAMES, 10, np.float32), 0.02 * np.arange(FRAMES)
    for frame in frames:
        stir[frame], opening[frame] = 0.3, opening[frame - 1]
    return track(opening, max_cell_difference=stir)


def test_repeats_stand_between_frames_that_move() -> None:
    assert find_duplicates(held_at(20, 40, 41)) == (20, 40, 41)


@pytest.mark.parametrize(("count", "told"), [(1, 1), (2, 2), (3, 3), (4, 0), (5, 0), (6, 0)])
def test_a_longer_rest_is_not_a_repeat(count: int, told: int) -> None:
    assert len(find_duplicates(held_at(*range(30, 30 + count)))) == told


def test_a_mouth_that_turns_round_and_is_held_for_a_frame_repeats_nothing() -> None:
    stir = np.full(FRAMES, 20, np.float32)
    stir[30] = 2
    opening = 0.02 * np.arange(FRAMES)
    opening[30:] -= 0.02
    assert find_duplicates(track(opening, max_cell_difference=stir)) == (30,), "it was stopped on its way"
    opening[30:] = opening[29] - 0.02 * np.arange(FRAMES - 30)
    assert find_duplicates(track(opening, max_cell_difference=stir)) == ()


def drawn_anew(size: float = 0.25, **more) -> MouthTrack:
    """A face on its way, whose frame 30 makes none of it; a codec draws that one better, or worse."""
    way, anew = np.random.default_rng(1).normal(0, 3, (2, 400))
    changes = np.repeat(way[None], FRAMES, 0)
    changes[30] = size * anew
    changes[31] -= size * anew
    stir = np.full(FRAMES, 10, np.float32)
    stir[30] = 3.5
    return replace(track(max_cell_difference=stir), **{"difference_products": steps_of(changes)} | more)


def test_a_repeat_that_a_codec_draws_anew_is_reported_by_the_way_it_does_not_make() -> None:
    repeated = drawn_anew()
    assert find_duplicates(repeated) == (30,)
    moves = np.full(FRAMES, 10, np.float32)
    moves[30] = 9
    assert find_duplicates(replace(repeated, max_cell_difference=moves)) == (), (
        "it changes as much as the others"
    )
    assert find_duplicates(drawn_anew(0.5)) == (), "it goes elsewhere"


def test_no_duplicates_next_to_a_damaged_frame() -> None:
    way, anew, wrong = np.random.default_rng(1).normal(0, 3, (3, 400))
    changes = np.repeat(way[None], FRAMES, 0)
    changes[30] = 0.3 * anew
    stir = np.full(FRAMES, 10, np.float32)
    stir[30], stir[31:33] = 3.5, 80

    def found(there: float, back: float) -> tuple[int, ...]:
        jumps = changes.copy()
        jumps[31] += there * wrong
        jumps[32] -= back * wrong
        return find_duplicates(drawn_anew(difference_products=steps_of(jumps), max_cell_difference=stir))

    assert found(3, 0) == (30,), "it catches up"
    assert found(3, 3) == (), "and is taken back"
    assert found(15, 0) == (), "it leaps"


def test_a_frame_that_makes_some_of_the_way_repeats_nothing() -> None:
    way = np.random.default_rng(1).normal(0, 3, 400)
    slow, turns = np.repeat(way[None], FRAMES, 0), np.repeat(way[None], FRAMES, 0)
    slow[30] *= 0.4
    turns[30], turns[31:] = 0, -way
    assert find_duplicates(drawn_anew(difference_products=steps_of(slow))) == ()
    assert find_duplicates(drawn_anew(difference_products=steps_of(turns))) == ()


def test_a_face_that_comes_to_rest_is_no_repeated_frame() -> None:
    """After a repeat the video makes up for the motion that was left out."""
    way, anew = np.random.default_rng(1).normal(0, 3, (2, 400))
    for after, found in ((1.0, (30,)), (0.4, ())):
        changes = np.repeat(way[None], FRAMES, 0)
        changes[30], changes[31] = 0.2 * anew, after * way
        assert find_duplicates(drawn_anew(difference_products=steps_of(changes))) == found


@pytest.mark.parametrize(("share", "found"), [(0.0, (30,)), (0.05, ())])
def test_a_slow_face_between_two_movements_is_no_repeated_frame(share: float, found: tuple) -> None:
    """A repeat shows nothing of the motion; a face between two gestures shows a little."""
    way, other = np.random.default_rng(1).normal(0, 3, (2, 400))
    changes = np.repeat(way[None], FRAMES, 0)
    changes[31:] = other - 0.5 * way
    changes[30] *= share
    assert find_duplicates(drawn_anew(difference_products=steps_of(changes))) == found


@pytest.mark.parametrize(("there", "found"), [(0.1, (30,)), (1.0, ())])
def test_a_frame_in_which_nothing_changes_is_repeated_also_where_the_face_turns_round(
    there: float, found: tuple
) -> None:
    """A face that turns round by itself goes on moving in some part."""
    changes = np.repeat(np.random.default_rng(1).normal(0, 3, (1, 400)), FRAMES, 0)
    changes[30], changes[31:] = 0, -changes[31:]
    stir = np.full(FRAMES, 10, np.float32)
    stir[30] = there
    made = track(max_cell_difference=stir, difference_products=steps_of(changes))
    assert find_duplicates(made) == found


@pytest.mark.parametrize(("cosine", "found"), [(0.6, (30,)), (-0.5, ())])
def test_a_redrawn_repeat_moves_less_than_a_smooth_movement(cosine: float, found: tuple) -> None:
    """Between two opposite movements a face passes through a slow frame, which is no repeat."""
    way, other, anew = np.linalg.qr(np.random.default_rng(1).normal(0, 1, (400, 3)))[0].T * 60
    changes = np.repeat(way[None], FRAMES, 0)
    changes[30], changes[31:] = 0.3 * anew, cosine * way + (1 - cosine**2) ** 0.5 * other
    assert find_duplicates(drawn_anew(difference_products=steps_of(changes))) == found


def test_a_face_that_turns_round_repeats_nothing() -> None:
    stir = np.full(FRAMES, 10, np.float32)
    stir[18:25] = (8, 5, 2, 0.8, 2, 5, 8)
    stir[:4] = (np.nan, 0.1, 0.1, 0.1)  # a codec short of bits lets the first frames stand
    stir[40:46] = 0.2  # a rest
    assert find_duplicates(track(max_cell_difference=stir)) == ()


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


@pytest.mark.parametrize(("noise_dbfs", "dropouts"), [(-200, 1), (-110, 1), (-92, 0), (-80, 0)])
def test_a_quiet_gap_of_24_bits_is_not_a_dropout(clip: Clip, noise_dbfs: float, dropouts: int) -> None:
    """A gate that closes on a very quiet room leaves its noise; a dropout leaves nothing."""
    rate = clip.audio.rate_hz
    level = np.convolve(np.abs(clip.audio.mono), np.ones(rate // 20) / (rate // 20), "same")
    start = int(np.argmax(level))
    samples = clip.audio.samples.copy()
    noise = np.random.default_rng(0).normal(0, 10 ** (noise_dbfs / 20), rate // 5)
    samples[:, start : start + rate // 5] = noise.astype(np.float32)
    assert len(find_dropouts(replace(clip.audio, samples=samples))) == dropouts


@pytest.mark.parametrize("voice", ["slt", "awb", "joe"])
def test_clean_synthesized_speech_has_no_dropouts(voice: str) -> None:
    for audio, _ in speak(voice, TEXTS[3:5]):
        for gain in (1.0, 0.3, 0.05):
            assert find_dropouts(replace(audio, samples=audio.samples * np.float32(gain))) == ()


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


def test_a_cut_whose_ringing_falls_in_two_steps_is_a_dropout() -> None:
    """The codec's ringing starts high: of 45 dB within 10 ms, no step of 5 ms has more than 25."""
    rate, hop = 24_000, 120
    level = np.full(rate // hop, -22.0)
    level[100:104], level[104:140] = (-42, -67, -71, -74), -200
    noise = np.random.default_rng(0).choice([-1.0, 1.0], rate)
    samples = (noise * np.repeat(10 ** (level / 20), hop)).astype(np.float32)
    (found,) = find_dropouts(Waveform(samples[None], rate))
    assert abs(found.end - 0.7) < 0.01
    level[100:106] = np.linspace(-26, -74, 6)  # a word's end
    samples = (noise * np.repeat(10 ** (level / 20), hop)).astype(np.float32)
    assert find_dropouts(Waveform(samples[None], rate)) == ()


def test_clipping_shows_through_a_lossy_codec(clip: Clip, tmp_path: Path) -> None:
    look = Look("", 64, 25, 200_000, 0.0, 1.0)
    gray = [np.full((64, 64, 3), 40, np.uint8)] * 10
    peak = float(np.abs(clip.audio.mono).max())
    loud = replace(clip.audio, samples=clip.audio.samples / peak)
    clean = check_video(write_video(tmp_path, gray, look, loud)).audio.clipped
    assert (clean, type(clean)) == (0, int)
    found = check_video(write_video(tmp_path, gray, look, overdriven(clip.audio)))
    assert found.audio.clipped >= 10
    assert "clipped-audio" in {cause.id for cause in found.causes}


def test_face_after_a_jump_cut_is_reidentified(frames: list[np.ndarray], tmp_path: Path) -> None:
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
    assert watched.people[0].visible.all()
