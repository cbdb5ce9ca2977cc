"""--audio-from and --audio-to: every command takes the piece for the whole recording."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from tests.decoding import decode_audio

from lipwright.domain.audio_piece import AudioPiece
from lipwright.domain.settings import RenderRequest, build_request
from lipwright.engines.registry import ENGINES
from lipwright.errors import UsageError
from lipwright.pipeline.audio_input import driving_audio
from lipwright.pipeline.check import check_video
from lipwright.pipeline.job_key import job_key
from lipwright.pipeline.tune.preview import plan_preview
from lipwright.pipeline.tune.preview_cache import PreviewCache

PIECE = ("--audio-from", "1.5003", "--audio-to", "4.25")


@pytest.fixture
def cut(long_voice, tmp_path, encode_pcm):
    """The same piece as a file of its own."""
    samples, form = decode_audio(long_voice)
    first = int(Fraction("1.5003") * form.sample_rate_hz + Fraction(1, 2))
    return encode_pcm(tmp_path / "cut.wav", samples[0, first : int(4.25 * form.sample_rate_hz)])


@pytest.fixture
def encode_pcm():
    import wave

    def encode(path, samples):
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 16_000, 0, "NONE", ""))
            file.writeframes(samples.astype("<i2").tobytes())
        return path

    return encode


def test_render_of_a_piece_equals_render_of_a_separate_file(cli, fakes, long_voice, cut, tmp_path):
    options = ("--engine", "bar", "--size", "64x64", "--audio-codec", "alac", "--json")
    piece = cli("render", long_voice, *PIECE, "-o", tmp_path / "a.mp4", *options)
    alone = cli("render", cut, "-o", tmp_path / "b.mp4", *options)
    assert (piece.code, alone.code) == (0, 0), piece.stderr + alone.stderr
    for key in ("plan", "audio", "findings", "edits"):
        assert piece.json[key] == alone.json[key]
    delivered, wanted = decode_audio(tmp_path / "a.mp4")[0], decode_audio(cut)[0]
    heard = min(delivered.shape[1], wanted.shape[1])
    assert heard > 40_000
    assert (delivered[:, :heard] == wanted[:, :heard]).all()
    assert not delivered[:, heard:].any()
    assert (piece.json["job"]["audio_from"], piece.json["job"]["audio_to"]) == (1.5003, 4.25)
    (used,) = piece.json["inputs"]
    assert (used["path"], used["piece"]) == (str(long_voice), [1.5003, pytest.approx(4.25, abs=1e-4)])
    assert used["seconds"] == alone.json["inputs"][0]["seconds"]
    ours, theirs = (decode_video(tmp_path / name) for name in ("a.mp4", "b.mp4"))
    assert (ours == theirs).all()


def decode_video(path):
    from lipwright.media.video_reader import read_video_frames

    return np.stack([image for _, image in read_video_frames(path, longest_px=64)])


def test_a_check_compares_with_the_piece(cli, fakes, long_voice, tmp_path):
    video = tmp_path / "a.mp4"
    done = cli("render", long_voice, *PIECE, "-o", video, "--engine", "bar", "--size", "64x64", "--json")
    assert done.code == 0, done.stderr

    def told(found):
        return {cause["rule"] for cause in found["causes"]} & {"audio-cut", "audio-shifted", "wrong-audio"}

    known = cli("check", video, "--audio", long_voice, "--json")
    assert known.code == 0, known.stderr
    assert not told(known.json), "the manifest next to the video tells the piece"
    assert abs(known.json["match"]["seconds_missing"]) < 0.3
    video.with_suffix(".json").unlink()
    assert told(cli("check", video, "--audio", long_voice, "--json").json)
    assert not told(cli("check", video, "--audio", long_voice, *PIECE, "--json").json)
    assert (
        check_video(video, audio=AudioPiece(long_voice, Fraction("1.5"))).extra["match"]["seconds_missing"]
        > 1
    )


def test_plan_audio_and_workflow_take_the_piece(cli, long_voice, cut, tmp_path):
    for command in (("plan",), ("audio",)):
        piece, alone = (cli(*command, *given, "--json") for given in ((long_voice, *PIECE), (cut,)))
        assert piece.code == 0, piece.stderr
        assert piece.json == alone.json
    drivers = {}
    for name, given in (("a", (long_voice, *PIECE)), ("b", (cut,))):
        drivers[name] = tmp_path / f"{name}.wav"
        graph = tmp_path / f"{name}.json"
        done = cli("workflow", *given, "--driver-out", drivers[name], "-o", graph, "--json")
        assert done.code == 0, done.stderr
    assert drivers["a"].read_bytes() == drivers["b"].read_bytes()
    nodes = json.loads((tmp_path / "a.json").read_text("utf-8"))
    (trim,) = (key for key, node in nodes.items() if node["class_type"] == "TrimAudioDuration")
    assert nodes[trim]["inputs"]["start_index"] == 1.5003
    assert nodes[trim]["inputs"]["duration"] == pytest.approx(4.25 - 1.5003, abs=1e-4)
    delivered = [node for node in nodes.values() if node["inputs"].get("audio") == [trim, 0]]
    assert [node["class_type"] for node in delivered] == ["VHS_VideoCombine"]
    done = cli("workflow", long_voice, *PIECE, "-o", tmp_path / "a.json", "--json")
    assert done.json["plan"]["frames"] == 73
    assert cli("workflow", "--lint", tmp_path / "a.json", "--json").json["findings"] == []


def test_a_piece_is_part_of_the_job(long_voice, tmp_path):
    whole = RenderRequest(long_voice, tmp_path / "v.mp4")
    piece = replace(whole, audio_from_seconds=1.0)
    bar = ENGINES["portrait"]
    assert job_key(whole, bar) != job_key(piece, bar)
    assert whole.recording == long_voice
    assert piece.recording == AudioPiece(long_voice, Fraction(1))


def test_a_driver_is_cut_like_the_recording_unless_made_for_the_piece(cli, long_voice, tmp_path):
    made = tmp_path / "driver.wav"
    assert cli("audio", long_voice, *PIECE, "-o", made).code == 0
    request = RenderRequest(
        long_voice, tmp_path / "v.mp4", audio_from_seconds=1.5003, audio_to_seconds=4.25, driver=made
    )
    assert driving_audio(request) == made
    same_timeline = replace(request, driver=long_voice)
    assert driving_audio(same_timeline) == AudioPiece(long_voice, Fraction("1.5003"), Fraction("4.25"))


def test_previews_lie_within_the_piece(long_voice, tmp_path):
    cache, sizes = PreviewCache(tmp_path, keep=True), ENGINES["portrait"].sizes
    request = RenderRequest(long_voice, tmp_path / "v.mp4", audio_from_seconds=0.5)
    preview = plan_preview(request, sizes, cache, lambda _: None)
    assert not preview.whole
    assert preview.request.audio_from_seconds is None
    given, _ = decode_audio(AudioPiece(long_voice, Fraction("0.5") + Fraction(preview.span.start)))
    excerpt, _ = decode_audio(preview.request.audio)
    assert np.abs(excerpt / 2**31 - given[:, : excerpt.shape[1]] / 2**15).max() < 1e-4
    short = replace(request, audio_to_seconds=4.0)
    assert plan_preview(short, sizes, cache, lambda _: None).request.recording == short.recording


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--audio-from", "3", "--audio-to", "2"), 2, "--audio-to 2 is not after --audio-from 3"),
        (("--audio-to", "0"), 2, "--audio-to 0 is not after --audio-from 0"),
        (("--audio-from", "nan"), 2, "is not a number"),
        (("--audio-from", "-1"), 2, "is below 0"),
        (("--audio-from", "7.2"), 3, "lies outside the recording"),
        (("--audio-from", "1", "--audio-to", "30"), 3, "lies outside the recording"),
        (("--audio-from", "1", "--audio-to", "1.1"), 3, "at least 0.2 s"),
    ],
)
def test_invalid_piece_is_refused(cli, fakes, long_voice, tmp_path, *, options, code, message):
    video = tmp_path / "v.mp4"
    for command in (
        ("render", long_voice, "-o", video, "--engine", "bar", "--size", "64x64"),
        ("plan", long_voice),
    ):
        done = cli(*command, *options)
        assert (done.code, done.stdout) == (code, "")
        assert message in done.stderr
        assert "hint: " in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_piece_needs_a_recording(cli, tmp_path):
    assert cli("plan", "--seconds", "5", "--audio-from", "1").code == 2
    assert cli("check", tmp_path / "v.mp4", "--audio-to", "1").code == 2
    with pytest.raises(UsageError):
        build_request(
            {"audio": "a.wav", "output": "v.mp4", "audio_from_seconds": "2", "audio_to_seconds": "1"}
        )
