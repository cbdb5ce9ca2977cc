"""Audio, images and videos that are truncated, damaged, have wrong headers or contain odd samples."""

# ruff: noqa: S311 - noise that is the same each time

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image
from tests.robustness import media
from tests.robustness.forked import Case

# --- Files cut short and damaged ------------------------------------------------------------------


def cuts(whole: bytes) -> Iterator[tuple[str, bytes]]:
    """A file that ends too early, or goes on too long."""
    for share in (0, 0.1, 0.5, 0.9, 0.99):
        yield f"cut at {share:.0%}", whole[: int(len(whole) * share)]
    yield "one byte", whole[:1]
    yield "twice", whole * 2
    yield "junk after", whole + random.Random(1).randbytes(5000)


def damages(whole: bytes) -> Iterator[tuple[str, bytes]]:
    """A file with a stretch of zeros, ones or noise at its start, middle or end."""
    for name, filling in (("zeros", b"\0"), ("ones", b"\xff"), ("noise", None)):
        for place in ("start", "header", "middle", "end"):
            at = {"start": 0, "header": 24, "middle": len(whole) // 2, "end": max(0, len(whole) - 400)}[place]
            size = min(24 if place in {"start", "header"} else 400, len(whole) - at)
            new = filling * size if filling else random.Random(at).randbytes(size)
            yield f"{name} at its {place}", whole[:at] + new + whole[at + size :]


def broken_audio() -> Iterator[Case]:
    for name in ("wav", *media.AUDIO_FORMATS):
        whole = media.audio(name)
        yield Case(
            f"{name} whole", ("plan", f"a.{name}", "--json"), {f"a.{name}": whole}, codes=frozenset({0})
        )
        for what, data in (*cuts(whole), *damages(whole)):
            yield Case(f"{name} {what}", ("plan", f"a.{name}", "--json"), {f"a.{name}": data})


def broken_images() -> Iterator[Case]:
    for name in media.IMAGE_FORMATS:
        for what, data in (*cuts(media.image(name)), *damages(media.image(name))):
            yield Case(f"{name} {what}", ("image", f"i.{name}", "--json"), {f"i.{name}": data})


def broken_videos() -> Iterator[Case]:
    for name, codec in (("mp4", "libx264"), ("mkv", "libx264"), ("ts", "libx264"), ("webm", "libvpx-vp9")):
        whole = media.video(name, codec, frames=9, size=128)
        for what, data in (*cuts(whole), *damages(whole)):
            yield Case(f"{name} {what}", ("check", f"v.{name}", "--json"), {f"v.{name}": data})


# --- Audio: what headers say and samples hold -----------------------------------------------------


def wav_headers() -> Iterator[Case]:
    sizes = (0, 1, 2, 100, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)
    fields: dict[str, tuple[int, ...]] = {
        "riff_size": sizes,
        "fmt_size": (0, 1, 14, 15, 17, 18, 40, 1000, 0xFFFFFFFF),
        "tag": (0, 2, 3, 6, 7, 0x11, 0x31, 0x50, 0x55, 0x161, 0xBEEF, 0xFFFE, 0xFFFF),
        "channels": (0, 2, 3, 6, 9, 64, 255, 256, 511, 0x7FFF, 0xFFFF),
        "rate": (0, 1, 7, 100, 999, 4000, 192000, 384000, 10**6, 10**7, 0x7FFFFFFF, 0xFFFFFFFF),
        "byte_rate": (0, 1, 0xFFFFFFFF),
        "block": (0, 1, 3, 255, 0xFFFF),
        "bits": (0, 1, 4, 8, 12, 13, 20, 24, 32, 33, 64, 255, 0xFFFF),
        "data_size": (*sizes, 62729, 62727, 1 << 30),
    }
    for field, values in fields.items():
        for value in values:
            short = bytes(max(64, 4 * value)) if field == "rate" and value < 8000 else b""  # 2 s of silence
            data = media.wav(short, **{field: value})
            yield Case(f"{field} {value}", ("audio", "a.wav", "-o", "d.wav"), {"a.wav": data}, ("d.wav",))


def samples() -> Iterator[Case]:
    t = np.arange(24000)
    speech = media.speech()[:24000]
    signals: dict[str, Any] = {
        "silence": np.zeros(24000),
        "direct current": np.ones(24000),
        "a click": np.where(t == 12000, 1.0, 0.0),
        "a square wave": np.where(t // 30 % 2, 1.0, -1.0),
        "noise": np.random.default_rng(1).uniform(-1, 1, 24000),
        "every other sample": np.where(t % 2, 1.0, -1.0),
        "speech then nothing": np.where(t < 12000, speech, 0.0),
        "very quiet": speech * 1e-5,
        "clipped": np.clip(speech * 50, -1, 1),
        "a few samples": speech[:5],
        "no samples": speech[:0],
    }
    floats = {
        "huge": speech * 1e30,
        "the largest": np.sign(speech) * 3.4e38,
        "denormal": speech * 1e-40,
        "one not a number": np.where(t == 900, np.nan, speech),
        "not a number": np.full(24000, np.nan),
        "one infinite": np.where(t == 900, np.inf, speech),
        "infinite": np.full(24000, -np.inf),
        "far above full scale": speech * 1000,
    }
    for name, values in signals.items():
        for bits in (8, 16, 24, 32):
            scaled = np.round(np.asarray(values) * (2 ** (bits - 1) - 1)).astype(np.int64)
            data = (scaled + (128 if bits == 8 else 0)).astype("<i8").tobytes()
            packed = np.frombuffer(data, np.uint8).reshape(-1, 8)[:, : bits // 8].tobytes()
            file = (
                media.wav(packed or b"", bits=bits, data_size=len(packed))
                if packed
                else media.wav(data_size=0)
            )
            yield Case(f"{name}, {bits} bits", ("audio", "a.wav", "-o", "d.wav"), {"a.wav": file}, ("d.wav",))
    for name, values in (signals | floats).items():
        for bits in (32, 64):
            with np.errstate(over="ignore"):
                packed = np.asarray(values).astype(f"<f{bits // 8}").tobytes()
            if packed:
                file = media.wav(packed, bits=bits, tag=3)
                more = ("--denoise", "off", "--deess", "on", "--declip", "on")
                yield Case(
                    f"{name}, {bits}-bit floats",
                    ("audio", "a.wav", "-o", "d.wav", *more),
                    {"a.wav": file},
                    ("d.wav",),
                )


def container_numbers() -> Iterator[Case]:
    """Numbers in MP4 and Matroska that promise too much."""
    whole = media.audio("m4a")
    for atom in (
        b"mvhd",
        b"tkhd",
        b"mdhd",
        b"stsz",
        b"stco",
        b"stsc",
        b"stts",
        b"stsd",
        b"esds",
        b"elst",
        b"mdat",
        b"moov",
    ):
        at = whole.find(atom)
        if at < 0:
            continue
        for shift, name in (
            (-4, "size"),
            (8, "first number"),
            (12, "second number"),
            (16, "third number"),
            (20, "fourth number"),
        ):
            for value in (0, 0x7FFFFFFF, 0xFFFFFFFF):
                data = whole[: at + shift] + struct.pack(">I", value) + whole[at + shift + 4 :]
                yield Case(f"{atom.decode()} {name} {value}", ("plan", "a.m4a"), {"a.m4a": data})
    matroska = media.audio("mka")
    at = matroska.rfind(b"00:00:0")
    for text in (
        "1/0:0:0",
        "1e1000000000:0:0",
        "1e400:0:0",
        "nan:0:0",
        "inf:0:0",
        "-5:0:0",
        "03:59:59.000000000",
        "999999:0:0",
        "::",
        "x",
    ):
        if at > 0:
            data = matroska[:at] + text.encode().ljust(18, b"\0")[:18] + matroska[at + 18 :]
            yield Case(f"Matroska duration {text}", ("plan", "a.mka"), {"a.mka": data})


# --- Images ---------------------------------------------------------------------------------------


def png(width: int, height: int, depth: int = 8, color: int = 2, data: bytes = b"") -> bytes:
    """A PNG whose header says what is asked for."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    pixels = zlib.compress(data)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def odd_images() -> Iterator[Case]:
    face = media.face()
    files: dict[str, bytes] = {}
    for mode in ("1", "L", "LA", "P", "RGBA", "I", "F", "I;16"):
        made = (
            Image.fromarray(np.asarray(face.convert("L")).astype(np.uint16) << 8)
            if mode == "I;16"
            else face.convert(mode)
        )
        for form in ("png", "tiff"):
            if form == "tiff" or mode not in {"F", "I"}:
                files[f"mode {mode}.{form}"] = media.save(made, form)
    for mode, form in (("CMYK", "jpeg"), ("CMYK", "tiff"), ("YCbCr", "tiff"), ("LAB", "tiff"), ("L", "jpeg")):
        files[f"mode {mode}.{form}"] = media.save(face.convert(mode), form)
    odd = np.asarray(face.convert("L"), np.float32).copy()
    odd[0, 0], odd[1, 1] = np.nan, np.inf
    files["not a number.tiff"] = media.save(Image.fromarray(odd), "tiff")
    clear = face.convert("RGBA")
    clear.putalpha(0)
    files["all transparent.png"] = media.save(clear, "png")
    for orientation in (*range(10), 255, 65535):
        exif = Image.Exif()
        exif[0x0112] = orientation
        files[f"orientation {orientation}.jpg"] = media.save(face, "jpeg", exif=exif)
    files["broken orientation.jpg"] = media.save(
        face, "jpeg", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\xff" * 20
    )
    for name, profile in (("junk", b"\xff" * 2000), ("tiny", b"x"), ("zeros", bytes(4000))):
        files[f"color profile {name}.jpg"] = media.save(face, "jpeg", icc_profile=profile)
    for width, height in ((1, 1), (1, 4000), (4000, 1), (63, 64), (16, 16)):
        files[f"{width}x{height}.png"] = media.save(face.resize((width, height)), "png")
    for width, height in (
        (0, 0),
        (0, 500),
        (65535, 65535),
        (2**31 - 1, 2),
        (2**32 - 1, 2**32 - 1),
        (30000, 30000),
    ):
        files[f"says {width}x{height}.png"] = png(width, height, data=bytes(1000))
    for depth, color in ((3, 2), (16, 3), (255, 255), (1, 6), (16, 6)):
        files[f"depth {depth} color {color}.png"] = png(300, 300, depth, color, bytes(10_000))
    files["animated.gif"] = media.save(
        face, "gif", save_all=True, append_images=[face.rotate(9), face.rotate(20)]
    )
    files["animated.webp"] = media.save(face, "webp", save_all=True, append_images=[face.rotate(9)])
    files["two pages.tif"] = media.save(face, "tiff", save_all=True, append_images=[face])
    files["upside down.png"] = media.save(face.rotate(180), "png")
    files["black.png"] = media.save(Image.new("RGB", (300, 300)), "png")
    files["no size.gif"] = b"GIF89a\0\0\0\0\0\0\0;"
    files["large size.gif"] = (
        b"GIF89a\xff\xff\xff\xff\x80\0\0" + bytes(6) + b",\0\0\0\0\xff\xff\xff\xff\0\2\2\x44\1\0;"
    )
    files["loop.tif"] = b"II*\0\x08\0\0\0\0\0\x08\0\0\0"
    files["many tags.tif"] = b"II*\0\x08\0\0\0\xff\xff" + b"\xff" * 500
    files["large numbers.ppm"] = b"P6 99999999999999999999 5 255\n"
    files["few numbers.ppm"] = b"P3 500 500 255\n" + b"1 " * 100
    files["65535.jpg"] = (
        b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\3\1\x22\0\2\x11\1\3\x11\1\xff\xda\0\x0c\3\1\0\2\x11\3\x11\0\x3f\0"
        + bytes(50)
    )
    text = io.BytesIO()
    Image.new("RGB", (10, 10)).save(text, "png")
    files["large text.png"] = text.getvalue()[:33] + _text_chunk() + text.getvalue()[33:]
    for name, data in files.items():
        yield Case(name, ("image", name, "--crop", "crop.png", "--json"), {name: data}, ("crop.png",))


def _text_chunk() -> bytes:
    content = b"zTXtcomment\0\0"[4:] + zlib.compress(bytes(200 << 20), 9)
    return (
        struct.pack(">I", len(content)) + b"zTXt" + content + struct.pack(">I", zlib.crc32(b"zTXt" + content))
    )
