"""From file to verdict: known shifts are found, faults are named, bad input is reported."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from benchmarks.made_videos import Look, carphone, draw, encode, motion_of, shifted, stretched

from lipwright.audio.speech import find_speech
from lipwright.domain.media import Waveform
from lipwright.domain.motion import CHANNEL
from lipwright.errors import InputError
from lipwright.pipeline import check
from lipwright.pipeline.check import check_video
from lipwright.sync.active_speaker import find_speaker
from lipwright.sync.alignment import spell, target_from_phones, target_from_transcript, words_of
from lipwright.sync.mouth_track import MouthTrack, TrackedVideo
from lipwright.sync.target_motion import target_from_audio

LOOK = Look("astronaut", 256, Fraction(25), 400_000, 1.0, 0.9)
FRAME_MS = 40.0


@pytest.fixture(scope="module")
def late(video, watch, tmp_path_factory: pytest.TempPathFactory):
    """A video whose audio is 200 ms late, checked, with its page."""
    page = tmp_path_factory.mktemp("page") / "report.html"
    path = video(200, name="late")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "_track", watch)
        found = check_video(path, report_html=page)
    return path, found, page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def watched(video, see) -> TrackedVideo:
    """The image of `late`: a shift of the audio changes nothing of it."""
    return see(video(name="tracked"))


def test_late_audio_is_reported(late) -> None:
    _, found, _ = late
    assert found.verdict == "audio-late"
    assert abs(found.offset_ms - 200) <= FRAME_MS
    low, high = found.extra["offset_interval_ms"]
    assert low - FRAME_MS <= 200 <= high + FRAME_MS
    assert found.confidence > 0.5
    assert not found.mouth.jumps
    assert not found.mouth.repeats
    assert found.mouth.stiffness < 0.5


def test_windows_cover_the_video_to_its_end(late) -> None:
    _, found, _ = late
    seconds = found.extra["video"]["seconds"]
    spans = [window.span for window in found.windows]
    assert len(spans) > 1
    assert spans[0].start == 0
    assert max(span.end for span in spans) == pytest.approx(seconds, abs=0.05)  # a step of the curves
    # Blocks of a second: only the video's end cuts one short.
    assert all(span.start == pytest.approx(round(span.start)) for span in spans)


def test_the_page_is_one_file_that_needs_no_network(late) -> None:
    _, _, page = late
    assert "The audio comes late" in page
    assert page.count("data:image/jpeg;base64,") >= 2
    assert not re.search(r"(?:src|href)=[\"']?(?!data:)\w|@import|url\(", page)
    assert not re.search(r"fetch\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon|import\(", page)
    assert re.search(r"<video[^>]* src=\"data:video/mp4;base64,", page)
    assert 'name="viewport"' in page


def test_offsets_through_shifts_by_audio_and_by_words(watched: TrackedVideo, clip) -> None:
    for shift in (-320, -90, 0, 130, 400):
        audio = shifted(clip.audio, shift)
        by_audio = target_from_audio(audio, find_speech(audio))
        moved = [replace(p, start=p.start + shift / 1000, end=p.end + shift / 1000) for p in clip.phones]
        by_words = target_from_phones([p for p in moved if p.end > 0], audio.seconds)
        for expected in (by_audio, by_words):
            timing = find_speaker(watched, expected).estimate
            assert timing.offset_ms is not None, (shift, expected.source)
            assert abs(timing.offset_ms - shift) <= FRAME_MS, (shift, expected.source)
            assert timing.drift_ms_per_s == 0
            assert timing.confidence > 0.9, (shift, expected.source)


def test_drift_of_one_percent_is_found(watched: TrackedVideo, clip) -> None:
    """Seven seconds are short for it: twice over, the audio resampled; 5 ms/s are a frame at its ends."""
    twice = _twice(watched)
    audio = Waveform(np.concatenate([clip.audio.samples] * 2, axis=1), clip.audio.rate_hz)
    for by in (-0.01, 0.0, 0.01):
        slow = stretched(audio, by)
        timing = find_speaker(twice, target_from_audio(slow, find_speech(slow))).estimate
        assert timing.drift_ms_per_s == pytest.approx(1000 * by, abs=5 if by else 0), by


def test_foreign_audio_is_never_given_an_offset(see, clip) -> None:
    """A real man talking, whose own audio is not known, under a woman's reading."""
    watched = see(carphone())
    for start in (0.0, 1.0, 2.0):
        samples = clip.audio.samples[:, round(start * clip.audio.rate_hz) :]
        audio = Waveform(samples, clip.audio.rate_hz)
        expected = target_from_audio(audio, find_speech(audio))
        assert find_speaker(watched, expected).estimate.offset_ms is None


def test_jumps_and_repeated_frames_are_found_where_they_are(video, frames, clip) -> None:
    images = list(frames)
    jumps, repeats = (40, 130), (60, 110)
    wide = motion_of(clip, LOOK)[list(jumps)]
    wide[:, CHANNEL["jawOpen"]] = 1 - wide[:, CHANNEL["jawOpen"]]
    wide[:, CHANNEL["mouthLowerDown"]] = 1
    wide[:, CHANNEL["mouthPress"]] = 0
    for number, image in zip(jumps, draw(wide, LOOK), strict=True):
        images[number] = image
    images[150] = np.roll(frames[150], 60, axis=0)  # a whole frame gone wrong
    for number in (84, 85):  # the whole image, for two frames
        images[number] = np.roll(frames[number], 14, axis=1)
    for number in repeats:
        images[number] = images[number - 1]
    found = check_video(video(images=images, name="jumpy")).mouth
    assert found.jumps == (40, 84, 130, 150)
    assert found.repeats == repeats


def test_repeats_show_through_a_codec_short_of_bits(frames, clip, tmp_path) -> None:
    """At 150 kb/s a repeated frame is drawn anew, and changes as much as many others."""
    changes = [float(np.abs(b.astype(int) - a).mean()) for a, b in pairwise(frames)]
    repeats: list[int] = []
    for number in sorted(range(20, len(frames) - 20), key=lambda n: -changes[n - 1]):
        if len(repeats) < 6 and all(abs(number - other) >= 12 for other in repeats):
            repeats.append(number)
    images = list(frames)
    for number in repeats:
        images[number] = images[number - 1]
    low = replace(LOOK, bit_rate=150_000)
    found, clean = (
        check_video(encode(tmp_path / f"{name}.mp4", iter(shown), low, clip.audio)).mouth.repeats
        for name, shown in (("spoiled", images), ("clean", frames))
    )
    assert found == tuple(sorted(repeats))
    assert clean == ()


def test_a_still_image_is_static(video, frames, clip) -> None:
    found = check_video(video(images=[frames[0]] * 50, name="still"))
    assert (found.verdict, found.offset_ms) == ("static", None)


def test_a_grainy_still_at_50_frames_a_second_is_static(clip, tmp_path: Path) -> None:
    """The landmarks' own unrest, where it is greatest."""
    grainy = Look("driver", 288, Fraction(50), 300_000, 5.0, 0.9, seed=153)
    still = draw(np.repeat(motion_of(clip, grainy)[:1], 200, 0), grainy)
    found = check_video(encode(tmp_path / "grainy.mp4", still, grainy, clip.audio))
    assert (found.verdict, found.offset_ms) == ("static", None)


def test_dropouts_clipping_and_a_foreign_recording(video, clip, voice: Path, watched_once: None) -> None:
    samples = clip.audio.samples.copy()
    loud = int(np.argmax(np.abs(samples[0])))
    samples[:, loud : loud + 1600] = 0
    path = video(audio=Waveform(samples, clip.audio.rate_hz), name="gap")
    found = check_video(path, audio=voice)
    assert any(abs(span.start - loud / 16000) < 0.1 for span in found.audio.dropouts)
    rules = [cause.id for cause in found.causes]
    assert "dropouts" in rules
    assert "wrong-audio" in rules
    assert all(cause.evidence for cause in found.causes)


def test_no_audio_no_face_no_image(video, voice: Path, watched_once: None, tmp_path: Path, cli) -> None:
    silent = check_video(carphone())
    assert silent.audio.missing
    assert silent.offset_ms is None
    gray = [np.full((96, 96, 3), 40 + i, np.uint8) for i in range(30)]
    assert check_video(video(images=gray, name="gray")).verdict == "no-face"
    with pytest.raises(InputError, match="no video track"):
        check_video(voice)
    done = cli("check", carphone(), "--strict", "--json")
    assert (done.code, done.json["audio"]["missing"]) == (6, True)
    assert (done.json["exit_code"], done.json["error"]) == (
        6,
        "the check did not pass: the sync cannot be measured (inconclusive)",
    )
    assert cli("check", tmp_path / "missing.mp4").code == 3
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"nothing of a video" * 40)
    assert cli("check", broken).code == 3


def test_every_key_is_reported(late, clip, watched_once: None, tmp_path: Path) -> None:
    path, _, _ = late
    words = tmp_path / "words.txt"
    words.write_text(clip.text, encoding="utf-8")
    found = check_video(path, transcript=words, audio=path)
    assert found.extra["expectation"] == "transcript"
    assert abs(found.offset_ms - 200) <= FRAME_MS
    assert abs(found.extra["by_audio"]["offset_ms"] - 200) <= FRAME_MS
    assert found.extra["match"]["correlation"] > 0.99
    told = set()
    for page in ("check", "findings"):
        told |= set(re.findall(r"`(\w+)`", (Path(__file__).parents[2] / f"docs/{page}.md").read_text()))
    assert set(_keys(found.to_json())) - told == set()


def test_words_are_spelled_as_the_dictionary_has_them() -> None:
    assert words_of("Don't — stop, 'Ada'!") == ["don't", "stop", "ada"]
    assert spell("shibboth") == "SH IH B B AA TH"
    with pytest.raises(InputError, match="no English words"):
        words_of("12 — 34")


def test_words_that_no_dictionary_has_are_aligned(clip) -> None:
    said = clip.text.split()
    expected = target_from_transcript(clip.audio, " ".join(["zzyxq" if w == said[3] else w for w in said]))
    assert expected.speech


def _twice(watched: TrackedVideo) -> TrackedVideo:
    """A video shown twice on end, with a cut between."""
    n, length = len(watched.seconds), watched.length_seconds
    seconds = np.concatenate([watched.seconds, watched.seconds + length])
    names = {field.name for field in fields(MouthTrack)} - {"seconds"}
    people = tuple(
        MouthTrack(seconds, **{name: np.concatenate([getattr(person, name)] * 2) for name in names})
        for person in watched.people
    )
    return TrackedVideo(seconds, np.concatenate([watched.difference] * 2), (n,), watched.size, people)


def _keys(value: object):
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _keys(item)
    elif isinstance(value, list):
        for item in value:
            yield from _keys(item)
