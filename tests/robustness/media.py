"""Small whole files of each format that lipwright reads, to be broken."""

from __future__ import annotations

import io
import struct
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
from PIL import Image

SPEECH = Path("/usr/share/pocketsphinx/test/data/cards/002.wav")
PORTRAIT = Path(__file__).parents[2] / "examples" / "portrait.jpg"

AUDIO_FORMATS = {
    # name: container, codec, rate, sample format
    "flac": ("flac", "flac", 16000, "s16"),
    "mp3": ("mp3", "libmp3lame", 16000, "fltp"),
    "ogg": ("ogg", "flac", 16000, "s16"),
    "opus": ("ogg", "libopus", 48000, "flt"),
    "m4a": ("ipod", "aac", 16000, "fltp"),
    "aac": ("adts", "aac", 16000, "fltp"),
    "mka": ("matroska", "pcm_s16le", 16000, "s16"),
    "webm": ("webm", "libopus", 48000, "flt"),
    "ts": ("mpegts", "aac", 48000, "fltp"),
    "aiff": ("aiff", "pcm_s16be", 16000, "s16"),
    "caf": ("caf", "alac", 16000, "s16p"),
    "au": ("au", "pcm_s16be", 16000, "s16"),
    "w64": ("w64", "pcm_s16le", 16000, "s16"),
    "ac3": ("ac3", "ac3", 48000, "fltp"),
    "avi": ("avi", "pcm_s16le", 16000, "s16"),
    "flv": ("flv", "aac", 44100, "fltp"),
}
IMAGE_FORMATS = ("png", "jpg", "webp", "gif", "bmp", "tif", "ppm", "tga", "ico", "avif", "jp2")


@cache
def speech() -> np.ndarray:
    """Two seconds of speech, shape (samples,), float32 at 16 kHz."""
    with av.open(str(SPEECH)) as container:
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
    return np.concatenate(frames, 1)[0].astype(np.float32) / 32768


def wav(data: bytes = b"", **lies: int) -> bytes:
    """A WAV file whose header says what is asked for, true or not.

    Args:
        data: The samples; by default the speech, 16 bits, mono, 16 kHz.
        lies: riff_size, fmt_size, tag, channels, rate, byte_rate, block, bits, data_size.
    """
    data = data or (speech() * 32767).astype("<i2").tobytes()
    said = {"fmt_size": 16, "tag": 1, "channels": 1, "rate": 16000, "bits": 16} | lies
    block = said.get("block", said["channels"] * said["bits"] // 8 or 2) & 0xFFFF
    byte_rate = said.get("byte_rate", said["rate"] * block) & 0xFFFFFFFF
    fmt = struct.pack("<HHIIHH", said["tag"], said["channels"], said["rate"], byte_rate, block, said["bits"])
    riff_size = said.get("riff_size", 36 + len(data))
    data_size = said.get("data_size", len(data))
    header = b"RIFF" + struct.pack("<I", riff_size) + b"WAVEfmt " + struct.pack("<I", said["fmt_size"])
    return header + fmt + b"data" + struct.pack("<I", data_size) + data


@cache
def audio(name: str) -> bytes:
    """The speech in a format of AUDIO_FORMATS, or "wav"."""
    if name == "wav":
        return wav()
    container_name, codec, rate, sample_format = AUDIO_FORMATS[name]
    file = io.BytesIO()
    with av.open(file, "w", format=container_name) as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        resampler = av.AudioResampler(sample_format, "mono", rate, frame_size=stream.frame_size or 1024)
        frame = av.AudioFrame.from_ndarray(speech()[None], "fltp", "mono")
        frame.sample_rate, frame.pts, frame.time_base = 16000, 0, Fraction(1, 16000)
        for piece in (*resampler.resample(frame), *resampler.resample(None), None):
            container.mux(stream.encode(piece))
    return file.getvalue()


@cache
def face(size: int = 256) -> Image.Image:
    """The example portrait, square."""
    return Image.open(PORTRAIT).convert("RGB").resize((size, size))


@cache
def image(name: str) -> bytes:
    """The portrait in a format of IMAGE_FORMATS."""
    return save(face(), {"jpg": "jpeg", "tif": "tiff", "jp2": "jpeg2000"}.get(name, name))


def save(picture: Image.Image, format_name: str, **options: object) -> bytes:
    """An image as a file of that format."""
    file = io.BytesIO()
    picture.save(file, format_name, **options)
    return file.getvalue()


@cache
def video(name: str = "mp4", codec: str = "libx264", frames: int = 25, size: int = 192) -> bytes:
    """A still face and a second of speech."""
    file = io.BytesIO()
    with av.open(file, "w", format={"mkv": "matroska", "ts": "mpegts"}.get(name, name)) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width = stream.height = size
        stream.pix_fmt = "yuv420p"
        sound = container.add_stream("aac" if name != "webm" else "libopus", rate=48000, layout="mono")
        picture = np.asarray(face(size))
        for number in range(frames):
            moved = np.roll(picture, number % 3, 0)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(moved, "rgb24")))
        container.mux(stream.encode(None))
        resampler = av.AudioResampler("fltp" if name != "webm" else "flt", "mono", 48000, frame_size=960)
        frame = av.AudioFrame.from_ndarray(speech()[None, : 640 * frames], "fltp", "mono")
        frame.sample_rate, frame.pts, frame.time_base = 16000, 0, Fraction(1, 16000)
        for piece in (*resampler.resample(frame), *resampler.resample(None), None):
            container.mux(sound.encode(piece))
    return file.getvalue()
