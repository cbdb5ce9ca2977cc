"""The kinds of broken and odd input, made from tables: values that lie, and where they may stand."""

# ruff: noqa: S311 - noise that is the same each time

from __future__ import annotations

import io
import json
import os
import random
import re
import socket
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tests.robustness import media
from tests.robustness.forked import Case

from lipwright.domain.settings import SETTINGS

OK_OR_REFUSED = frozenset({0, 2, 3, 4})
REFUSED = frozenset({2, 3, 4})
UNREADABLE = frozenset({3})


def json_bytes(value: object) -> bytes:
    return json.dumps(value).encode()


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


def not_audio() -> Iterator[Case]:
    """Files that are something else by their content, in the place of each input."""
    contents = {
        "nothing": b"",
        "text": b"hello\n",
        "html": b"<html><body>404 not found</body></html>",
        "zip": b"PK\3\4" + bytes(300),
        "zeros": bytes(1 << 20),
        "noise": random.Random(2).randbytes(100_000),
        "a playlist": b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n/etc/passwd\n#EXT-X-ENDLIST\n",
        "a list of files": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        "a session description": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
        "a manifest of streams": b"<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'/>",
        "subtitles": b"1\n00:00:00,000 --> 00:00:01,000\nhello\n",
        "an SVG": b"<svg xmlns='http://www.w3.org/2000/svg' width='500' height='500'/>",
        "an EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 500 500\n(%pipe%touch pwned) (w) file\n",
        "a PDF": b"%PDF-1.4\n1 0 obj<<>>endobj\n",
        "a MIDI file": b"MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\0\0\4\0\xff\x2f\0",
        "a program": b"\x7fELF" + bytes(200),
        "JSON": b'{"a": 1}',
    }
    for what, data in contents.items():
        for ending in ("wav", "mp4", "mp3"):
            yield Case(
                f"{what} as audio .{ending}",
                ("audio", f"a.{ending}", "--json"),
                {f"a.{ending}": data},
                codes=UNREADABLE,
            )
        for ending in ("png", "jpg"):
            yield Case(
                f"{what} as image .{ending}",
                ("image", f"i.{ending}"),
                {f"i.{ending}": data},
                codes=UNREADABLE,
            )
        yield Case(f"{what} as video", ("check", "v.mp4", "--json"), {"v.mp4": data}, codes=UNREADABLE)
        if what != "JSON":
            yield Case(
                f"{what} as graph", ("workflow", "--lint", "w.json"), {"w.json": data}, codes=UNREADABLE
            )
    yield Case("an image as audio", ("audio", "a.wav"), {"a.wav": media.image("jpg")}, codes=UNREADABLE)
    yield Case("audio as image", ("image", "i.png"), {"i.png": media.wav()}, codes=UNREADABLE)
    yield Case("audio as video", ("check", "v.mp4"), {"v.mp4": media.audio("m4a")}, codes=UNREADABLE)


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


# --- JSON: graphs, schemas, manifests, model lists ------------------------------------------------

ODD_VALUES: Mapping[str, Any] = {
    "null": None,
    "true": True,
    "zero": 0,
    "minus one": -1,
    "a half": 0.5,
    "tiny": 5e-324,
    "large": 1e308,
    "400 digits": 10**400,
    "nan": float("nan"),
    "infinity": float("inf"),
    "an empty text": "",
    "a text": "x",
    "a number as text": "1e999999999",
    "control characters": "\x1b[31m\x07\x00",
    "a lone surrogate": "\ud800",
    "a long text": "x" * 50_000,
    "markup": "<script>alert(1)</script>",
    "an empty list": [],
    "a list": [1, None, "x", [], {}],
    "a deep list": json.loads("[" * 500 + "]" * 500),
    "an object": {"a": {"b": [1]}},
    "a link to nothing": ["nothing", 0],
    "a link to a far slot": ["1", 10**30],
}

RAW_JSON: Mapping[str, bytes] = {
    "null": b"null",
    "a number": b"5",
    "a text": b'"x"',
    "a list": b"[]",
    "an object": b"{}",
    "nested lists": b"[" * 100_000,
    "nested and closed lists": b"[" * 100_000 + b"]" * 100_000,
    "nested objects": b'{"a":' * 100_000,
    "5000 digits": b'{"1":{"class_type":"KSampler","inputs":{"steps":' + b"9" * 5000 + b"}}}",
    "another quote": b"{'1':{}}",
    "something after": b"{} x",
    "Latin-1": b'{"1":{"class_type":"\xe9"}}',
    "UTF-16": '{"1":{"class_type":"x"}}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"1":{"class_type":"KSampler","inputs":{}}}',
    "a key twice": b'{"1":{"class_type":"A"},"1":{"class_type":"B"}}',
    "many numbers": b'{"1":{"class_type":"X","inputs":{"a":[' + b"1," * 1_000_000 + b"1]}}}",
    "a name of Python's": b'{"__class__":{"class_type":"__init__","inputs":{"__dict__":["__class__",0]}}}',
}

API_GRAPH: dict[str, Any] = {
    "1": {
        "class_type": "CheckpointLoaderSimple",
        "inputs": {"ckpt_name": "ltx-2.3-22b-distilled.safetensors"},
    },
    "2": {"class_type": "LoadAudio", "inputs": {"audio": "voice.wav"}},
    "3": {"class_type": "LTXVAudioVAELoader", "inputs": {"ckpt_name": "ltx-2.3-22b-distilled.safetensors"}},
    "4": {"class_type": "LTXVAudioVAEEncode", "inputs": {"audio": ["2", 0], "audio_vae": ["3", 0]}},
    "5": {
        "class_type": "EmptyLTXVLatentVideo",
        "inputs": {"width": 832, "height": 448, "length": 121, "batch_size": 1},
    },
    "6": {"class_type": "SolidMask", "inputs": {"value": 0.0, "width": 512, "height": 512}},
    "7": {"class_type": "SetLatentNoiseMask", "inputs": {"samples": ["4", 0], "mask": ["6", 0]}},
    "8": {"class_type": "LTXVConcatAVLatent", "inputs": {"video_latent": ["5", 0], "audio_latent": ["7", 0]}},
    "9": {
        "class_type": "CLIPTextEncode",
        "inputs": {"text": "A woman talks to the camera", "clip": ["1", 1]},
    },
    "10": {
        "class_type": "LTXVConditioning",
        "inputs": {"positive": ["9", 0], "negative": ["9", 0], "frame_rate": 25.0},
    },
    "11": {
        "class_type": "CFGGuider",
        "inputs": {"model": ["1", 0], "positive": ["10", 0], "negative": ["10", 1], "cfg": 4.0},
    },
    "12": {
        "class_type": "LTXVScheduler",
        "inputs": {
            "steps": 40,
            "max_shift": 2.05,
            "base_shift": 0.95,
            "stretch": True,
            "terminal": 0.1,
            "latent": ["8", 0],
        },
    },
    "13": {
        "class_type": "SamplerCustomAdvanced",
        "inputs": {"guider": ["11", 0], "sigmas": ["12", 0], "latent_image": ["8", 0]},
    },
    "14": {"class_type": "LTXVSeparateAVLatent", "inputs": {"av_latent": ["13", 0]}},
    "15": {"class_type": "LoadImage", "inputs": {"image": "portrait.jpg"}},
}


def ui_graph() -> dict[str, Any]:
    """The same as the editor saves it."""
    nodes, links = [], []
    for name, node in API_GRAPH.items():
        inputs, widgets = [], []
        for key, value in node["inputs"].items():
            if isinstance(value, list):
                links.append([len(links) + 1, int(value[0]), value[1], int(name), len(inputs), "*"])
                inputs.append({"name": key, "type": "*", "link": len(links)})
            else:
                widgets.append(value)
        outputs = [{"name": "x", "type": "*", "links": []} for _ in range(2)]
        place = {"pos": [0, 0], "size": [200, 100], "order": 0, "mode": 0}
        nodes.append(
            {
                "id": int(name),
                "type": node["class_type"],
                "inputs": inputs,
                "outputs": outputs,
                "widgets_values": widgets,
            }
            | place
        )
    return {
        "nodes": nodes,
        "links": links,
        "groups": [],
        "config": {},
        "extra": {},
        "version": 0.4,
        "last_node_id": 15,
        "last_link_id": len(links),
    }


def graphs() -> Iterator[Case]:
    def case(name: str, graph: object) -> Case:
        data = graph if isinstance(graph, bytes) else json_bytes(graph)
        arguments = ("workflow", "--lint", "w.json", "--fix", "f.json", "--json")
        return Case(name, arguments, {"w.json": data}, ("f.json",), codes=frozenset({0, 2, 3, 6}))

    yield case("a whole graph", API_GRAPH)
    yield case("a whole graph of the editor", ui_graph())
    for name, raw in RAW_JSON.items():
        yield case(name, raw)
    for what, value in ODD_VALUES.items():
        for place in ("inputs", "class_type", "_meta"):
            yield case(f"{what} as {place}", {key: node | {place: value} for key, node in API_GRAPH.items()})
        yield case(
            f"{what} as every input",
            {key: node | {"inputs": dict.fromkeys(node["inputs"], value)} for key, node in API_GRAPH.items()},
        )
        yield case(f"{what} as a node", API_GRAPH | {"13": value})
        for place in (
            "id",
            "type",
            "inputs",
            "outputs",
            "widgets_values",
            "mode",
            "pos",
            "size",
            "order",
            "title",
            "properties",
        ):
            graph = ui_graph()
            for node in graph["nodes"]:
                node[place] = value
            yield case(f"{what} as {place} of the editor's nodes", graph)
        for place in ("nodes", "links", "groups", "extra", "version", "last_node_id", "definitions"):
            yield case(f"{what} as {place} of the editor's file", ui_graph() | {place: value})
        wires = ui_graph()
        for link in wires["links"]:
            link[1] = link[2] = value
        yield case(f"{what} as the source of links", wires)
    yield from _large_graphs(case)


def _large_graphs(case: Callable[[str, object], Case]) -> Iterator[Case]:
    kinds = (
        "SamplerCustomAdvanced",
        "CFGGuider",
        "LTXVConditioning",
        "LTXVConcatAVLatent",
        "SetLatentNoiseMask",
    )
    keys = (
        "latent_image",
        "guider",
        "positive",
        "negative",
        "model",
        "samples",
        "video_latent",
        "audio_latent",
        "mask",
    )
    for count in (100, 1500):
        mesh = {
            str(n): {
                "class_type": kinds[n % 5],
                "inputs": {key: [str(n + 1 + k), 0] for k, key in enumerate(keys) if n + 1 + k < count},
            }
            for n in range(count)
        }
        yield case(f"{count} nodes that all lead to the next nine", mesh)
    circle = {
        str(n): {"class_type": kinds[n % 5], "inputs": {key: [str((n + 1) % 10), 0] for key in keys}}
        for n in range(10)
    }
    yield case("a circle", circle)
    yield case(
        "a node that leads to itself",
        {"1": {"class_type": "SamplerCustomAdvanced", "inputs": {key: ["1", 0] for key in keys}}},
    )
    for count, readers in ((100, 1), (4900, 1), (4000, 1000)):
        nodes: list[dict[str, Any]] = [
            {
                "id": n,
                "type": "Reroute",
                "inputs": [{"name": "", "type": "*", "link": n if n > 1 else None}],
                "outputs": [{"type": "*", "links": [n + 1]}],
            }
            for n in range(1, count)
        ]
        nodes.append(
            {
                "id": count,
                "type": "KSampler",
                "inputs": [{"name": f"i{k}", "type": "*", "link": count} for k in range(readers)],
                "outputs": [],
            }
        )
        links = [[n, n - 1, 0, n, 0, "*"] for n in range(2, count + 1)]
        yield case(
            f"{count} reroutes in a row, {readers} readers", {"nodes": nodes, "links": links, "version": 0.4}
        )
    for depth in (2, 18, 40):
        subgraphs = [{"id": "S0", "nodes": [{"id": 1, "type": "KSampler"}], "links": []}]
        subgraphs += [
            {"id": f"S{n}", "nodes": [{"id": 1, "type": f"S{n - 1}"}] * 2, "links": []}
            for n in range(1, depth)
        ]
        yield case(
            f"subgraphs that double {depth} times",
            {
                "nodes": [{"id": 1, "type": f"S{depth - 1}"}],
                "links": [],
                "definitions": {"subgraphs": subgraphs},
            },
        )
    own = {"id": "S", "nodes": [{"id": 1, "type": "S"}], "links": []}
    yield case(
        "a subgraph in itself",
        {"nodes": [{"id": 1, "type": "S"}], "links": [], "definitions": {"subgraphs": [own]}},
    )
    for sentence in ("a ", "the camera zooms in and ", '"no" she says, '):
        graph = json.loads(json.dumps(API_GRAPH))
        graph["9"]["inputs"]["text"] = sentence * (300_000 // len(sentence))
        yield case(f"a prompt of 300,000 characters: {sentence!r}", graph)


NODE_SCHEMA: dict[str, Any] = {
    "input": {
        "required": {
            "steps": ["INT", {"default": 20, "min": 1, "max": 100, "step": 1}],
            "name": [["a", "b"], {}],
            "model": ["MODEL"],
        },
        "optional": {},
    },
    "input_order": {"required": ["steps", "name", "model"]},
    "output": ["LATENT"],
    "output_name": ["LATENT"],
    "python_module": "nodes",
    "display_name": "x",
}

OBJECT_INFO = dict.fromkeys(("KSampler", "LTXVScheduler", "CheckpointLoaderSimple"), NODE_SCHEMA)


def schemas() -> Iterator[Case]:
    """A server's answer of /object_info, with every part of the wrong type."""
    fitting = NODE_SCHEMA
    wrong: list[tuple[str, Any]] = [("root " + name, value) for name, value in ODD_VALUES.items()]
    for name, value in ODD_VALUES.items():
        wrong += [
            (f"{key}: {name}", {"KSampler": fitting | {key: value}})
            for key in ("input", "output", "output_name")
        ]
        for part in ("required", "optional"):
            wrong.append(
                (f"{part}: {name}", {"KSampler": fitting | {"input": fitting["input"] | {part: value}}})
            )
        wrong.append(
            (
                f"a specification: {name}",
                {"LTXVScheduler": fitting | {"input": {"required": {"steps": value}}}},
            )
        )
        wrong.append(
            (
                f"options: {name}",
                {"LTXVScheduler": fitting | {"input": {"required": {"steps": ["INT", value]}}}},
            )
        )
        wrong.append(
            (
                f"step and bounds: {name}",
                {
                    "LTXVScheduler": fitting
                    | {
                        "input": {
                            "required": {"steps": ["FLOAT", {"step": value, "min": value, "max": value}]}
                        }
                    }
                },
            )
        )
        wrong.append(
            (
                f"choices: {name}",
                {
                    "CheckpointLoaderSimple": fitting
                    | {"input": {"required": {"ckpt_name": ["COMBO", {"options": value}]}}}
                },
            )
        )
    for name, value in wrong:
        files = {"w.json": json_bytes(ui_graph()), "o.json": json_bytes(value)}
        yield Case(
            name,
            ("workflow", "--lint", "w.json", "--object-info", "o.json"),
            files,
            codes=frozenset({0, 3, 6}),
        )
    for name, raw in RAW_JSON.items():
        files = {"w.json": json_bytes(API_GRAPH), "o.json": raw}
        yield Case(
            name,
            ("workflow", "--lint", "w.json", "--object-info", "o.json"),
            files,
            codes=frozenset({0, 3, 6}),
        )


MANIFEST: dict[str, Any] = {
    "schema": 2,
    "lipwright": "0.1.0",
    "job": {
        "cfg": 4.0,
        "eta": 0.2,
        "norming_threshold": 0.3,
        "steps": 40,
        "image_strength": 0.9,
        "prompt": "a woman",
        "fps": "25",
        "preparation": {"denoise": "auto"},
    },
    "plan": {"frames": 25, "fps": "25", "seconds": 1.0},
    "findings": [{"rule": "quiet", "severity": "warning", "where": {}, "text": "x", "advice": ""}],
    "inputs": {"audio": {"path": "a.wav", "sha256": "0", "seconds": 1.0}},
    "engine": {"name": "ltx", "model": "x", "versions": {}},
    "frozen": True,
    "audio": {"codec": "aac", "copied": False},
    "edits": [],
    "timing": {},
    "sync": None,
    "video": None,
}


def manifests() -> Iterator[Case]:
    """The manifest beside a video says odd things."""
    paths = (
        [(key,) for key in MANIFEST]
        + [("job", key) for key in MANIFEST["job"]]
        + [("plan", "fps"), ("engine", "name")]
    )
    values = list(ODD_VALUES.items())
    contents: list[tuple[str, bytes]] = list(RAW_JSON.items())
    for number, path in enumerate(
        paths
    ):  # each place with a few of the values, so that each value has its turn
        for name, value in values[number % 9 :: 9]:
            changed = json.loads(json.dumps(MANIFEST))
            at = changed
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = value
            contents.append((f"{'.'.join(path)}: {name}", json_bytes(changed)))
    video = media.video(frames=9, size=64)
    for name, raw in contents:
        yield Case(
            name, ("check", "v.mp4", "--json"), {"v.mp4": video, "v.json": raw}, codes=frozenset({0, 3})
        )


def model_lists() -> Iterator[Case]:
    files = {
        "nothing.toml": b"",
        "unknown key.toml": b"foo = 1",
        "not a number.toml": b"distilled_lora_strength = nan",
        "infinite.toml": b"distilled_lora_strength = inf",
        "400 digits.toml": b"distilled_lora_strength = 1" + b"0" * 400,
        "another folder.toml": b'distilled = "../../../etc/passwd"',
        "deep.toml": b"a = " + b"[" * 100_000,
        "dotted.toml": b".".join([b"a"] * 20_000) + b" = 1",
        "a date.toml": b"distilled = 2020-01-01",
        "a table.toml": b"[distilled]\na = 1",
        "control characters.toml": b'distilled = "\\u001b[31mred"',
        "long.toml": b'distilled = "' + b"x" * 100_000 + b'"',
        "noise": random.Random(7).randbytes(500),
    } | {f"{name}.json": raw for name, raw in RAW_JSON.items()}
    for name, data in files.items():
        arguments = ("workflow", "a.wav", "--models", name, "-o", "w.json", "--json")
        yield Case(name, arguments, {"a.wav": media.wav(), name: data}, ("w.json",), codes=OK_OR_REFUSED)


# --- Options and prompts --------------------------------------------------------------------------

ODD_TEXTS = (
    "", " ", "nan", "inf", "-inf", "-1", "0", "1.5", "1e-9", "1e400", "1e999999999", "1e-999999999",
    "1/0", "0/0", "1/3/4", "1" + "0" * 400, "9" * 5000, "1/" + "9" * 5000, "２５", "٢٥", "0x19", "1_0",
    "25,5", "+25", ".5", "25\n", "x", "a\x1b[31mb", "\udcff", "--json", "../../etc/passwd", "<b>", "{0}",
    "%s", str(2**63), str(2**64), "0x0", "99999x99999", "1x1", "-5x5",
)  # fmt: skip


def options() -> Iterator[Case]:
    """Every option of the table of settings with odd texts; without a recording, nothing is rendered."""
    turn = 0
    for spec in SETTINGS.values():
        if not spec.flag.startswith("--") or spec.type is bool:
            continue
        for command in sorted(spec.commands & {"render", "workflow", "audio", "plan"}):
            output = {"render": ("-o", "o.mp4"), "workflow": ("-o", "w.json")}.get(command, ())
            turn += 1
            for text in ODD_TEXTS[turn % 9 :: 9]:
                arguments = (command, "missing.wav", *output, f"{spec.flag}={text}")
                yield Case(f"{command} {spec.flag}={text[:30]!r}", arguments, codes=frozenset({2, 3, 4, 5}))
    for option in ("--seconds", "--frames"):
        for text in ODD_TEXTS:
            yield Case(
                f"plan {option}={text[:30]!r}", ("plan", f"{option}={text}", "--json"), codes=OK_OR_REFUSED
            )
    for arguments in (
        ("audio", "a.wav", "-o", "d.wav", "--bits"),
        ("mix", "a.wav", "a.wav", "-o", "m.wav", "--duck"),
        ("tune", "a.wav", "--image", "i.png", "-o", "o.mp4", "--rounds"),
        ("image", "i.png", "--size"),
        ("comfyui", "status", "--server"),
        ("models", "pull"),
        ("models", "verify"),
    ):
        for text in (
            "",
            "nan",
            "-1",
            "1e999999999",
            "9" * 400,
            "x",
            "../x",
            "\udcff",
            "http://[::1",
            "file:///etc/passwd",
        ):
            given = (
                (*arguments[:-1], f"{arguments[-1]}={text}")
                if arguments[-1].startswith("-")
                else (*arguments, text)
            )
            yield Case(
                f"{' '.join(given)[:60]!r}",
                given,
                {"a.wav": media.wav(b"\0\0" * 50)},
                codes=frozenset({2, 3, 4, 5}),
            )
    for arguments in (
        (),
        ("nosuch",),
        ("render",),
        ("--json",),
        ("plan", "--json", "--json"),
        ("\udcff",),
        ("x" * 100_000,),
    ):
        yield Case(f"{' '.join(arguments)[:40]!r}", arguments, codes=frozenset({0, 2}))


SLOW_PIECES = (
    "a", " ", "the ", "and then ", '"', '"a" ', ",", "-", "the camera slowly ", "1", "(", ".", "'s ", "\n",
    "a" + " " * 50, "\\", "\t", "a woman with a man with ", "a: b: ", "slowly ", "ing ", "a-", "\u3000\u2003",
    "\u0300", "12:34 ", "камера ", "zoom ", 'she walks and he says "no" while ', "not ", "never the camera ",
    "no no ", "is ", "smile", "👩🏽‍🎤 ", "\u202e", "{0} ", "%s", "<b>", "A woman nods. ", "in the in the ",
    "aA",     "e\u0301", "_ ", "; ",
)  # fmt: skip


def prompts() -> Iterator[Case]:
    for piece in SLOW_PIECES:
        for length in (2_000, 20_000):
            text = piece * (length // len(piece))
            if text.startswith("-"):
                text = "A woman " + text
            for more in ((), ("--fix",)):
                name = f"{length} characters of {piece!r} {' '.join(more)}"
                yield Case(name, ("prompt", *more, text), codes=frozenset({0, 2, 4}), max_cpu_seconds=2.0)


# --- Names, special files, outputs ----------------------------------------------------------------

ODD_NAMES = (
    "a b  c", "a'b\"c`d", "🎬video", "a\nhint: rm -rf", "a\rb", "a\tb", "a\x1b[31mred\x1b[0m", "a\x07",
    "-o", "--json", ".hidden", "a.b.c", "CON", "a:b", "a%20b%s%d{0}{x}", "$HOME;`id`",
    "<script>alert(1)<%2fscript>", "&lt;b&gt;'\"", "a\udcff\udcfeb", "\udced\udca0\udc80x",
    "a\u202egpj.b", "e\u0301", "a\u200bb", "x" * 240, "é" * 120, "*?[a]", "a#b?c", "a\\b", "~root",
    "UPPER", "{name}", "[x](javascript:alert(1))|y", "a\x9b31mb", "a\u2028b", "a\x85b",
)  # fmt: skip


def names() -> Iterator[Case]:
    whole = frozenset({0})
    for number, name in enumerate(ODD_NAMES):
        at = "./" * name.startswith("-") + name
        sound, picture = {f"{name}.wav": media.wav()}, {f"{name}.png": media.image("png")}
        short = repr(name)[:40]
        slow = (  # each name with one of these, since they analyze the audio
            Case(
                f"audio to {short}",
                ("audio", "a.wav", "-o", f"{at}.wav", "--report", f"{at}.html"),
                {"a.wav": media.wav()},
                new=(f"{name}.wav", f"{name}.html"),
                codes=frozenset({0, 3}),
            ),
            Case(
                f"audio from {short}",
                ("audio", f"{at}.wav", "--report", "r.html", "--json"),
                sound,
                ("r.html",),
                codes=whole,
            ),
            Case(
                f"workflow of {short}",
                (
                    "workflow",
                    f"{at}.wav",
                    "--image",
                    f"{at}.png",
                    "-o",
                    f"{at}.json",
                    "--driver-out",
                    f"{at}d.wav",
                ),
                sound | picture,
                new=(f"{name}.json", f"{name}d.wav"),
                codes=frozenset({0, 3}),
            ),
        )
        yield slow[number % 3]
        yield Case(
            f"image {short}",
            ("image", f"{at}.png", "--crop", f"{at}2.png"),
            picture,
            new=(f"{name}2.png",),
            codes=frozenset({0, 3}),
        )
        yield Case(
            f"lint {short}",
            ("workflow", "--lint", f"{at}.json", "--fix", f"{at}2.json"),
            {f"{name}.json": json_bytes(API_GRAPH)},
            new=(f"{name}2.json",),
            codes=frozenset({0, 3, 6}),
        )
        yield Case(f"missing {short}", ("audio", f"{at}.wav", "--json"), codes=UNREADABLE)
    for name in ("x" * 300, "y/" * 2500 + "a"):
        yield Case(f"missing {name[:9]}", ("audio", f"{name}.wav"), codes=UNREADABLE)
    for command in ("audio", "image", "plan", "check"):
        yield Case(f"{command} of an empty name", (command, ""), codes=frozenset({2, 3}))
        yield Case(
            f"{command} of a name that is a URL", (command, "http://127.0.0.1:9/x.wav"), codes=UNREADABLE
        )
        yield Case(
            f"{command} of a protocol",
            (command, "concat:a.wav|b.wav"),
            {"a.wav": media.wav()},
            codes=UNREADABLE,
        )
        yield Case(
            f"{command} of a file as folder", (command, "a.wav/"), {"a.wav": media.wav()}, codes=UNREADABLE
        )
        yield Case(f"{command} of -", (command, "-"), codes=frozenset({2, 3}))


def make_socket(path: Path) -> None:
    os.chdir(path.parent)  # the name of a socket has 108 bytes
    socket.socket(socket.AF_UNIX).bind(path.name)


SPECIAL: Mapping[str, Callable[[Path], object]] = {
    "a FIFO": os.mkfifo,
    "a folder": Path.mkdir,
    "a socket": make_socket,
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link to nothing": lambda path: path.symlink_to("nothing"),
    "a link to /dev/zero": lambda path: path.symlink_to("/dev/zero"),
    "a link to /dev/full": lambda path: path.symlink_to("/dev/full"),
    "a link to /proc/self/mem": lambda path: path.symlink_to("/proc/self/mem"),
}


def special_files() -> Iterator[Case]:
    """What is no plain file, in the place of every input and output."""
    sound, picture, graph = media.wav(), media.image("png"), json_bytes(API_GRAPH)
    inputs: tuple[tuple[str, tuple[str, ...], dict[str, bytes]], ...] = (
        ("x.wav", ("audio", "x.wav"), {}),
        ("x.wav", ("plan", "x.wav"), {}),
        ("x.wav", ("mix", "a.wav", "x.wav", "-o", "m.wav"), {"a.wav": sound}),
        (
            "x.wav",
            ("render", "a.wav", "--driver", "x.wav", "--image", "i.png", "-o", "o.mp4"),
            {"a.wav": sound, "i.png": picture},
        ),
        ("x.png", ("render", "a.wav", "--image", "x.png", "-o", "o.mp4"), {"a.wav": sound}),
        ("x.png", ("image", "x.png"), {}),
        ("x.mp4", ("check", "x.mp4"), {}),
        ("x.wav", ("check", "v.mp4", "--audio", "x.wav"), {"v.mp4": media.video(frames=9, size=64)}),
        ("x.txt", ("check", "v.mp4", "--transcript", "x.txt"), {"v.mp4": media.video(frames=9, size=64)}),
        ("x.json", ("workflow", "--lint", "x.json"), {}),
        ("x.json", ("workflow", "--lint", "w.json", "--object-info", "x.json"), {"w.json": graph}),
        ("x.toml", ("workflow", "a.wav", "--models", "x.toml", "-o", "w.json"), {"a.wav": sound}),
    )
    for kind, make in SPECIAL.items():
        for name, arguments, files in inputs:
            yield Case(
                f"{kind}: {' '.join(arguments)}",
                arguments,
                files,
                codes=frozenset({2, 3}),
                prepare=_in_place(make, name),
            )
    outputs: tuple[tuple[str, tuple[str, ...], dict[str, bytes]], ...] = (
        ("x.wav", ("audio", "a.wav", "-o", "x.wav"), {"a.wav": sound}),
        ("x.html", ("audio", "a.wav", "--report", "x.html"), {"a.wav": sound}),
        ("x.wav", ("mix", "a.wav", "a.wav", "-o", "x.wav"), {"a.wav": sound}),
        ("x.png", ("image", "i.png", "--crop", "x.png"), {"i.png": picture}),
        ("x.json", ("workflow", "a.wav", "-o", "x.json"), {"a.wav": sound}),
        ("x.json", ("workflow", "--lint", "w.json", "--fix", "x.json"), {"w.json": graph}),
        (
            "x.json",
            ("render", "a.wav", "--image", "i.png", "-o", "x.mp4"),
            {"a.wav": sound, "i.png": picture},
        ),
        ("x.mp4", ("render", "a.wav", "--image", "i.png", "-o", "x.mp4"), {"a.wav": sound, "i.png": picture}),
    )
    for kind, make in SPECIAL.items():
        if kind == "a link to nothing":
            continue  # the file it names is made
        for name, arguments, files in outputs:
            yield Case(
                f"to {kind}: {' '.join(arguments)}",
                arguments,
                files,
                codes=frozenset({2, 3}),
                prepare=_in_place(make, name),
            )
    yield from _shared_outputs(sound, picture, graph)


def _in_place(make: Callable[[Path], object], name: str) -> Callable[[Path], object]:
    return lambda folder: make(folder / name)


def _shared_outputs(sound: bytes, picture: bytes, graph: bytes) -> Iterator[Case]:
    """Two names for one file: inputs and outputs, and each pair of outputs."""
    render = ("render", "a.wav", "--image", "i.png", "-o", "o.mp4")
    pairs = (
        (("audio", "a.wav", "-o", "x.wav"), "a.wav", "x.wav"),
        (("audio", "a.wav", "--report", "x.html"), "a.wav", "x.html"),
        (("audio", "a.wav", "-o", "d.wav", "--report", "r.html"), "d.wav", "r.html"),
        (("audio", "a.wav", "-o", "d.wav", "--trim-silence", "--master-out", "m.wav"), "d.wav", "m.wav"),
        (("mix", "a.wav", "b.wav", "-o", "m.wav"), "b.wav", "m.wav"),
        (("image", "i.png", "--crop", "c.png"), "i.png", "c.png"),
        (render, "a.wav", "o.mp4"),
        (render, "i.png", "o.json"),
        (render, "o.mp4", "o.json"),
        (("workflow", "a.wav", "-o", "w2.json", "--driver-out", "d.wav"), "w2.json", "d.wav"),
        (("workflow", "a.wav", "-o", "w2.json", "--driver-out", "d.wav"), "a.wav", "d.wav"),
        (("workflow", "--lint", "w.json", "--fix", "f.json"), "w.json", "f.json"),
        (("check", "v.mp4", "--report", "r.html"), "v.mp4", "r.html"),
    )
    files = {
        "a.wav": sound,
        "b.wav": sound,
        "i.png": picture,
        "w.json": graph,
        "v.mp4": media.video(frames=9, size=64),
    }
    for arguments, first, second in pairs:
        for kind in ("symbolic", "hard"):

            def link(folder: Path, first: str = first, second: str = second, kind: str = kind) -> None:
                (folder / first).touch()
                (folder / second).unlink(missing_ok=True)
                if kind == "hard":
                    (folder / second).hardlink_to(folder / first)
                else:
                    (folder / second).symlink_to(first)

            name = f"{' '.join(arguments)}: {second} is a {kind} link to {first}"
            yield Case(name, arguments, files, codes=frozenset({2, 3}), prepare=link)


def encodings() -> Iterator[Case]:
    """A terminal that cannot show everything."""
    for encoding in ("ascii", "latin-1", "cp1252"):
        for arguments in (
            ("prompt", "A woman — “hello” 👩"),
            ("plan", "é🎬.wav"),
            ("audio", "é🎬.wav", "--json"),
            ("plan", "missing é🎬.wav"),
            ("--help",),
        ):
            yield Case(f"{encoding}: {arguments}", arguments, {"é🎬.wav": media.wav()}, encoding=encoding)


GROUPS: Mapping[str, Callable[[], Iterator[Case]]] = {
    each.__name__.replace("_", " "): each
    for each in (
        broken_audio,
        broken_images,
        broken_videos,
        wav_headers,
        samples,
        container_numbers,
        not_audio,
        odd_images,
        graphs,
        schemas,
        manifests,
        model_lists,
        options,
        prompts,
        names,
        special_files,
        encodings,
    )
}


def kind_of(case: Case) -> str:
    """The name of a case without its lengths, by which kinds are counted."""
    return re.sub(r"\d+ characters", "characters", case.name)
