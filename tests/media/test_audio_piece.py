"""A piece of a recording is read, measured and delivered as a file of its own would be, to the sample."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.decoding import decode_audio, deliver

from lipwright.domain.audio_piece import AudioPiece
from lipwright.errors import InputError
from lipwright.media.audio_reader import probe_audio, read_audio

START, END = Fraction("0.7137"), Fraction("2.9")
FITTING, PADDED = 49, 65
"""Frames at 25 fps that the piece fills, and does not."""


def piece_of(source: Path, start: Fraction, end: Fraction | None) -> tuple[AudioPiece, np.ndarray]:
    """The piece, and its samples as cut out of the whole decoded recording."""
    whole, form = decode_audio(source)
    first = int(start * form.sample_rate_hz + Fraction(1, 2))
    last = None if end is None else int(end * form.sample_rate_hz + Fraction(1, 2))
    return AudioPiece(source, start, end), whole[:, first:last]


@pytest.mark.parametrize("start", [Fraction(0), START])
@pytest.mark.parametrize("end", [END, None])
def test_piece_reads_like_a_separate_file(tmp_path, encode, speech, start, end):
    stereo = (np.stack([speech, 0.3 * speech]) * 32767).astype(np.int16)
    piece, expected = piece_of(encode(tmp_path / "a.wav", "pcm_s16le", stereo), start, end)
    alone = encode(tmp_path / "alone.wav", "pcm_s16le", expected)
    assert (decode_audio(piece)[0] == expected).all()
    assert probe_audio(piece) == probe_audio(alone)
    ours, theirs = read_audio(piece, rate_hz=24_000), read_audio(alone, rate_hz=24_000)
    assert (ours.waveform.samples == theirs.waveform.samples).all()


@pytest.mark.parametrize("frames", [FITTING, PADDED])
@pytest.mark.parametrize("kind", [np.int16, np.int32])
def test_a_piece_of_wav_is_delivered_bit_by_bit_as_alac(tmp_path, encode, speech, frames, kind):
    scaled = speech * np.float32(32767 if kind is np.int16 else 8388607)
    samples = scaled.astype(kind) << (0 if kind is np.int16 else 8)
    name = "pcm_s16le" if kind is np.int16 else "pcm_s24le"
    piece, expected = piece_of(encode(tmp_path / "a.wav", name, samples), START, END)
    delivery, video = deliver(piece, frames, tmp_path, "alac")
    assert (delivery.offset_samples, delivery.bit_exact, delivery.findings) == (0, True, ())
    audible = min(expected.shape[1], video.shape[1])
    assert video.shape[1] == frames * 1920
    assert (video[:, :audible] == expected[:, :audible]).all()
    assert not video[:, audible:].any(), "after the piece there is silence, not more of the recording"


@pytest.mark.parametrize("name", ["a.m4a", "a.mov", "a.caf"])
@pytest.mark.parametrize("start", [Fraction(0), START, Fraction(4096, 48_000)])
def test_a_piece_of_alac_is_copied_bit_by_bit(tmp_path, encode, speech, name, start):
    samples = (speech * 32767).astype(np.int16)
    piece, expected = piece_of(encode(tmp_path / name, "alac", samples), start, END)
    delivery, video = deliver(piece, FITTING, tmp_path)
    assert (delivery.codec, delivery.copied, delivery.bit_exact) == ("alac", True, True)
    assert (video == expected[:, : video.shape[1]]).all()


def test_a_piece_to_the_end_of_alac_is_copied_and_padded(tmp_path, encode, speech):
    source = encode(tmp_path / "a.m4a", "alac", (speech * 32767).astype(np.int16))
    piece, expected = piece_of(source, START, None)
    delivery, video = deliver(piece, 105, tmp_path)
    assert (delivery.copied, delivery.bit_exact) == (True, True)
    assert (video[:, : expected.shape[1]] == expected).all()
    assert not video[:, expected.shape[1] :].any()


@pytest.mark.parametrize("name", ["a.m4a", "a.mkv", "a.aac"])
def test_aac_is_copied_from_the_start_to_the_sample(tmp_path, encode, speech, name):
    piece, expected = piece_of(encode(tmp_path / name, "aac", speech), Fraction(0), END)
    delivery, video = deliver(piece, FITTING, tmp_path)
    assert (delivery.copied, delivery.bit_exact, delivery.offset_samples) == (True, True, 0)
    assert (video == expected[:, : video.shape[1]]).all()


@pytest.mark.parametrize("noise_filled", [False, True])
def test_aac_from_the_middle_is_copied_where_that_is_exact(tmp_path, encode_aac, speech, noise_filled):
    """A packet with noise substitution decodes by what came before it, and is encoded anew."""
    source = encode_aac(tmp_path / "a.m4a", speech, noise_filled)
    piece, expected = piece_of(source, START, END)
    delivery, video = deliver(piece, FITTING, tmp_path)
    assert delivery.offset_samples == 0
    if delivery.copied:
        assert delivery.bit_exact
        assert (video == expected[:, : video.shape[1]]).all()
    else:
        assert [finding.id for finding in delivery.findings] == ["master-reencoded"]
    assert delivery.copied is not noise_filled


def test_a_piece_of_eight_channels_is_delivered(tmp_path, encode, speech):
    """PyAV reads beyond the planes of frames with so many."""
    source = encode(tmp_path / "a.m4a", "aac", np.stack([speech * 0.1 * (k + 1) for k in range(8)]))
    piece, expected = piece_of(source, START, END)
    delivery, video = deliver(piece, FITTING, tmp_path)
    assert delivery.offset_samples == 0
    assert delivery.copied == (len(video) == len(expected))


def test_audio_after_an_aac_piece_is_never_delivered(tmp_path, encode, speech):
    piece, expected = piece_of(encode(tmp_path / "a.m4a", "aac", speech), Fraction(0), END)
    delivery, video = deliver(piece, 97, tmp_path)
    assert (delivery.copied, delivery.offset_samples) == (False, 0)
    assert np.abs(video[:, expected.shape[1] + 2048 :]).max() < 1e-3
    assert np.abs(decode_audio(piece.path)[0][:, expected.shape[1] + 2048 :]).max() > 0.05


@pytest.mark.parametrize(("start", "end"), [(9, None), (Fraction("3.9"), 5), (4, None)])
def test_a_piece_outside_the_recording_is_refused(tmp_path, encode, speech, start, end):
    source = encode(tmp_path / "a.wav", "pcm_s16le", (speech * 32767).astype(np.int16))
    piece = AudioPiece(source, Fraction(start), None if end is None else Fraction(end))
    with pytest.raises(InputError, match=r"lies outside the recording, which lasts 4\.000 s"):
        read_audio(piece, rate_hz=24_000)


def test_end_rounded_to_milliseconds_is_accepted(tmp_path, encode, speech):
    source = encode(tmp_path / "a.wav", "pcm_s16le", (speech[:-20] * 32767).astype(np.int16))
    assert (
        probe_audio(AudioPiece(source, Fraction(1), Fraction("4.000"))).samples == len(speech) - 20 - 48_000
    )


def test_damage_after_the_piece_does_not_matter(tmp_path, encode, speech):
    source = encode(tmp_path / "a.wav", "pcm_s16le", (speech * 32767).astype(np.int16))
    source.write_bytes(source.read_bytes()[:-50_000])
    with pytest.raises(InputError, match="truncated"):
        probe_audio(source)
    assert probe_audio(AudioPiece(source, Fraction(1), Fraction(2))).samples == 48_000
