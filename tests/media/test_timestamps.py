"""Timestamps are respected: holes become silence, a late start changes nothing, other tracks are reported."""

from __future__ import annotations

import struct
from fractions import Fraction

import av
import numpy as np
import pytest
from tests.decoding import decode_audio

from lipwright.errors import InputError
from lipwright.media.audio_reader import format_findings, probe_audio, read_audio


def remux(source, target, *, start=0.0, drop=(0.0, 0.0), tracks=1):
    """Copy packets, `start` seconds later, without those in `drop`."""
    with av.open(str(source)) as given, av.open(str(target), "w") as out:
        stream = given.streams.audio[0]
        copies = [out.add_stream_from_template(stream) for _ in range(tracks)]
        for packet in given.demux(stream):
            if not packet.size or drop[0] <= float(packet.pts * packet.time_base) < drop[1]:
                continue
            data, at, length, tick = bytes(packet), packet.pts, packet.duration, packet.time_base
            for copy in copies:
                new = av.Packet(data)
                new.stream, new.time_base = copy, tick
                new.pts = new.dts = at + round(start / tick)
                new.duration = length
                out.mux(new)
    return target


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("aac", "a.m4a"),
        ("aac", "a.ts"),
        ("flac", "a.mka"),
        ("libopus", "a.webm"),
        ("libopus", "a.ogg"),
        ("libmp3lame", "a.mkv"),
    ],
)
def test_missing_packets_become_silence(tmp_path, encode, speech, codec, name):
    whole = encode(tmp_path / f"whole-{name}", codec, speech)
    holed = remux(whole, tmp_path / name, drop=(2.0, 2.5))
    given, form = decode_audio(whole)
    found, holed_form = decode_audio(holed)
    rate = form.sample_rate_hz
    (hole,) = holed_form.holes
    assert hole.seconds == pytest.approx(0.5, abs=0.1)  # whole packets
    assert abs(found.shape[1] - given.shape[1]) <= rate // 20
    start, end = round(hole.start * rate), round(hole.end * rate)
    assert not found[:, start + 10 : end - 10].any()
    # What follows the hole is where it was, to a millisecond of the container's clock.
    after = slice(end + rate // 10, end + rate // 2)
    want = given[0, after].astype(float)
    shifts = range(-rate // 400, rate // 400 + 1)
    fit = [np.corrcoef(want, found[0, after.start + k : after.stop + k])[0, 1] for k in shifts]
    if name.endswith(".ts"):  # the first packets of a transport stream are not counted alike
        return
    assert abs(shifts[int(np.argmax(fit))]) <= rate / 400
    assert max(fit) > 0.95
    (reported,) = (f for f in format_findings(holed_form) if f.id == "missing-audio")
    assert reported.where == {"start": hole.start, "end": hole.end}
    assert format_findings(form) == ()


@pytest.mark.parametrize("start", [0.3, 10.0])
@pytest.mark.parametrize("name", ["pcm_s16le.mka", "libopus.webm", "flac.mkv"])
def test_a_late_start_is_not_a_truncation(tmp_path, encode, speech, name, start):
    codec = name.partition(".")[0]
    whole = encode(tmp_path / f"whole-{name}", codec, speech)
    late = remux(whole, tmp_path / name, start=start)
    # The copy loses Opus's note of how much of its last packet is padding.
    slack = 960 if codec == "libopus" else 0
    assert 0 <= probe_audio(late).samples - probe_audio(whole).samples <= slack


def test_jitter_of_the_clock_is_not_a_hole(tmp_path, encode, speech):
    """A recorder's timestamps stray by some milliseconds; nothing is filled in."""
    whole = encode(tmp_path / "a.mka", "aac", speech)
    rng = np.random.default_rng(0)
    shaky = tmp_path / "b.mkv"
    with av.open(str(whole)) as given, av.open(str(shaky), "w") as out:
        copy = out.add_stream_from_template(given.streams.audio[0])
        for packet in given.demux(given.streams.audio[0]):
            if packet.size:
                packet.pts = packet.dts = packet.pts + int(rng.integers(0, 8) / 1000 / packet.time_base)
                packet.stream = copy
                out.mux(packet)
    assert probe_audio(shaky).holes == ()
    assert probe_audio(shaky).samples == probe_audio(whole).samples


def test_a_hole_is_reported_once(tmp_path, encode, speech, cli):
    """As missing audio, not as a hole in speech and two clicks besides."""
    holed = remux(encode(tmp_path / "whole.m4a", "aac", speech), tmp_path / "a.m4a", drop=(2.0, 2.5))
    found = cli("audio", holed, "--json").json["findings"]
    near = {
        one["rule"]
        for one in found
        if one["rule"] in ("missing-audio", "hole-in-speech", "clicks") and one["where"]["start"] < 3
    }
    assert near == {"missing-audio"}


def test_other_tracks_are_reported(tmp_path, encode, speech):
    one = encode(tmp_path / "a.m4a", "aac", speech)
    (reported,) = format_findings(probe_audio(remux(one, tmp_path / "two.m4a", tracks=2)))
    assert reported.id == "other-audio-tracks"
    assert reported.text == "the file has 2 audio tracks; track 1 is used"


def test_a_silent_first_track_names_the_others(tmp_path, encode, speech):
    one = encode(tmp_path / "a.m4a", "aac", np.zeros_like(speech))
    with pytest.raises(InputError) as raised:
        read_audio(remux(one, tmp_path / "two.m4a", tracks=2), rate_hz=24_000)
    assert "track 1 of 2" in raised.value.hint


@pytest.mark.parametrize("text", ["1/0:0:0", "1e1000000000:0:0", "1e400:0:0", "nan:0:0", "-5:0:0", "٣:0:0"])
def test_odd_durations_of_matroska_are_ignored(tmp_path, encode, speech, text):
    path = encode(tmp_path / "a.mka", "flac", speech)
    data = path.read_bytes()
    at = data.rfind(b"00:00:0")
    assert at > 0
    path.write_bytes(data[:at] + text.encode().ljust(18)[:18] + data[at + 18 :])
    seconds = probe_audio(path).seconds
    assert seconds == Fraction(speech.shape[-1], 48_000)


@pytest.mark.parametrize(("media_time_s", "length_s"), [(0.5, 2.0), (1.0, 2.0), (0.0, 9.0)])
def test_an_edit_list_beyond_the_audio_is_not_a_truncation(tmp_path, encode, speech, media_time_s, length_s):
    """The edit begins within the audio, or is longer than it: players play what is there."""
    path = encode(tmp_path / "edited.m4a", "aac", speech)
    data = bytearray(path.read_bytes())
    at = data.find(b"elst")
    assert data[at + 4] == 0
    (scale,) = struct.unpack_from(">I", data, data.find(b"mvhd") + 16)
    rate = probe_audio(path).sample_rate_hz
    whole = float(probe_audio(path).seconds)
    struct.pack_into(">Ii", data, at + 12, round(length_s * scale), round(media_time_s * rate))
    path.write_bytes(data)
    assert float(probe_audio(path).seconds) == pytest.approx(min(length_s, whole - media_time_s), abs=0.05)
