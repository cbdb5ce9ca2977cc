"""`lipwright audio` from file to file: any audio in, the driver out, the page, the shortened master."""

from __future__ import annotations

import re
import tempfile
import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.decoding import decode_audio

from lipwright.domain.settings import Preparation
from lipwright.pipeline.audio import examine_audio

QUICK = Preparation(denoise="off")


def write(path: Path, samples, rate_hz: int, width: int) -> Path:
    """Shape (n, channels), full scale 1."""
    full = 2 ** (8 * width - 1)
    levels = np.clip(np.rint(samples * full), -full, full - 1).astype(np.int64) + (128 if width == 1 else 0)
    data = levels.astype("<i8").reshape(-1, 1).view(np.uint8)[:, :width]
    with wave.open(str(path), "wb") as file:
        file.setparams((samples.shape[1], width, rate_hz, 0, "NONE", ""))
        file.writeframes(data.tobytes())
    return path


def read(path: Path):
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels()) == (24_000, 1)
        width, count = file.getsampwidth(), file.getnframes()
        raw = np.frombuffer(file.readframes(count), np.uint8).reshape(-1, width)
    whole = np.zeros((count, 4), np.uint8)
    whole[:, 4 - width :] = raw
    return whole.view("<i4")[:, 0] / 2**31, width


@given(
    rate_hz=st.integers(8_000, 96_000),
    width=st.sampled_from([1, 2, 3, 4]),
    channels=st.integers(1, 3),
    level_db=st.floats(-30, 20),
    seconds=st.floats(0.3, 3),
    bits=st.sampled_from([16, 24]),
    fps=st.sampled_from([Fraction(24), Fraction(25), Fraction(24000, 1001), Fraction(30)]),
)
@settings(max_examples=25, deadline=None)
def test_any_audio_becomes_a_driver(long_voice, *, rate_hz, width, channels, level_db, seconds, bits, fps):
    """Format, length, level and alignment of what comes out, whatever comes in."""
    import soxr

    speech, format_ = decode_audio(long_voice)
    speech = speech[0] / 2**15
    speech = speech / np.abs(speech).max()
    audio = soxr.resample(speech[: round(seconds * 16_000)], format_.sample_rate_hz, rate_hz)
    audio = np.stack([audio * 10 ** (level_db / 20)] * channels, 1)
    with tempfile.TemporaryDirectory() as name:
        source = write(Path(name) / "in.wav", audio, rate_hz, width)
        out = Path(name) / "out.wav"
        found = examine_audio(source, fps, driver=out, bits=bits, preparation=QUICK)
        driver, depth = read(out)
    assert depth * 8 == bits
    assert len(driver) == int(found.plan.seconds * 24_000 + Fraction(1, 2))
    assert -6 <= 20 * np.log10(np.abs(driver).max()) <= -3
    limited = [a.amount for a in found.actions if a.name == "limit"]
    if found.speech and seconds > 1 and (not limited or limited[0] > -6):
        assert -18 <= found.driver_level.lufs <= -14
    theirs = soxr.resample(speech[: round(seconds * 16_000)], 16_000, 24_000)[: len(driver)]
    cross = np.fft.irfft(np.fft.rfft(driver, 1 << 18) * np.fft.rfft(theirs, 1 << 18).conj())
    assert int(cross.argmax()) in {0, 1, (1 << 18) - 1}


def test_driver_and_master_are_shortened_equally(long_voice, tmp_path, cli):
    speech, form = decode_audio(long_voice)
    speech = speech[0] / 2**15
    gap = np.random.default_rng(0).normal(0, 1e-3, 5 * form.sample_rate_hz)
    talk = np.concatenate([gap, speech, gap, speech, gap])
    source = write(tmp_path / "talk.wav", np.stack([talk, talk], 1), form.sample_rate_hz, 2)
    done = cli(
        *("audio", source, "-o", tmp_path / "driver.wav", "--trim-silence"),
        *("--master-out", tmp_path / "master.wav", "--denoise", "off", "--json"),
    )
    assert done.code == 0, done.stderr
    edits = done.json["edits"]
    assert len(edits) == 2 or len(edits) == 3
    (pauses,) = [finding for finding in done.json["findings"] if finding["rule"] == "long-silence"]
    assert pauses["severity"] == "hint"
    assert pauses["text"].startswith("3 pauses over 2 s, at 0:00.0, ")
    assert pauses["text"].endswith("shortened to 0.8 s")
    assert len(pauses["where"]["places"]) == 3
    master, master_form = decode_audio(tmp_path / "master.wav")
    original, _ = decode_audio(source)
    frame_rate = master_form.sample_rate_hz
    assert master.shape == (2, round(edits[-1][3] * frame_rate))
    for a, b, c, d in edits:
        assert b - a == pytest.approx(d - c, abs=1e-9)
        count = round((b - a - 0.01) * frame_rate)
        begin, at = round(a * frame_rate), round(c * frame_rate)
        assert np.array_equal(master[:, at : at + count], original[:, begin : begin + count])
    # The driver says the same at the same time.
    driver, _ = read(tmp_path / "driver.wav")
    import soxr

    ours = soxr.resample(master[0] / 2**15, frame_rate, 24_000)[: len(driver)]
    cross = np.fft.irfft(np.fft.rfft(driver, 1 << 20) * np.fft.rfft(ours, 1 << 20).conj())
    assert int(cross.argmax()) == 0
    assert cli("audio", source, "--master-out", tmp_path / "m.wav").code == 2


def test_a_video_delivers_the_shortened_audio(long_voice, tmp_path, cli, fakes):
    speech, form = decode_audio(long_voice)
    speech = speech[0] / 2**15
    talk = np.concatenate([speech[:32_000], np.zeros(5 * form.sample_rate_hz), speech[32_000:64_000]])
    source = write(tmp_path / "talk.wav", talk[:, None], form.sample_rate_hz, 2)
    done = cli(
        *("render", source, "--engine", "bar", "--size", "64x64", "-o", tmp_path / "video.mp4", "--json"),
        *("--trim-silence", "--audio-codec", "alac", "--denoise", "off"),
    )
    assert done.code == 0, done.stderr
    manifest = done.json
    assert "master-shortened" in {finding["rule"] for finding in manifest["findings"]}
    assert manifest["edits"]
    assert manifest["audio"]["bit_exact"]
    heard, _ = decode_audio(tmp_path / "video.mp4")
    a, b, c, _ = manifest["edits"][-1]
    frame_rate = form.sample_rate_hz
    pcm = np.clip(np.rint(talk * 2**15), -(2**15), 2**15 - 1)[round(a * frame_rate) : round(b * frame_rate)]
    ours = heard[0][round(c * frame_rate) : round(c * frame_rate) + len(pcm)]
    assert np.array_equal(ours.astype(np.int64)[:30_000], pcm[:30_000])
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_report_page_is_self_contained(long_voice, tmp_path, cli):
    page = tmp_path / "report.html"
    done = cli("audio", long_voice, "--report", page, "--denoise", "off")
    assert done.code == 0, done.stderr
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"(?:src|href)=\"(?!data:)|@import|url\(", text)
    assert text.count("<audio") == 2
    assert text.count("data:image/png") == 2
    assert "rumble" in text
    assert cli("audio", long_voice, "--report", long_voice).code == 2


def test_errors_name_their_file(tmp_path, cli):
    silent = write(tmp_path / "silent.wav", np.full((24_000, 1), 2e-4), 24_000, 2)
    done = cli("audio", silent, "--json")
    assert done.code == 3
    assert "silent.wav" in done.json["error"]
    for option in ("--denoise", "--deess", "--declip", "--kind"):
        assert cli("audio", silent, option, "maybe").code == 2
    assert cli("audio", silent, "--driver-noise", "-10").code == 2


def test_eight_bits_are_reported(long_voice: Path, tmp_path: Path) -> None:
    """The guide wants 16 or 24."""
    speech, form = decode_audio(long_voice)
    samples = speech.T / 2**15

    def rules(width: int) -> set[str]:
        path = write(tmp_path / f"{width}.wav", samples, form.sample_rate_hz, width)
        return {finding.id for finding in examine_audio(path, Fraction(25), preparation=QUICK).findings}

    assert "lossy-source" in rules(1)
    assert "lossy-source" not in rules(2)
