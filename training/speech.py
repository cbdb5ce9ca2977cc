"""Synthesizers with known phone times, behind one call: (text, voice) -> audio and phones.

espeak-ng reports phoneme events, flite the ends of phones, and hibari (neural) has the durations in its
graph. Each has its own class; all return 16 kHz mono.
"""

from __future__ import annotations

import ctypes as c
import os
import random
import re
import subprocess
import tempfile
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from lipwright.motion.mel import RATE_HZ
from lipwright.motion.visemes import Phone, arpabet_visemes, ipa_visemes


@dataclass(frozen=True)
class Spoken:
    """One utterance with its phones."""

    samples: NDArray[np.float32]
    """Mono, 16 kHz."""
    phones: list[Phone]


class Synthesizer(Protocol):
    """A speech synthesizer."""

    visemes_of: Callable[[str], tuple[str, ...]]

    def say(self, text: str, voice: str, pace: float, rng: random.Random) -> Spoken:
        """Synthesize a text; `pace` 1 is the voice's own speed."""
        ...


def _to_model_rate(samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
    if rate_hz == RATE_HZ:
        return samples
    divisor = int(np.gcd(rate_hz, RATE_HZ))
    return resample_poly(samples, RATE_HZ // divisor, rate_hz // divisor).astype(np.float32)


class _EventId(c.Union):
    _fields_ = [("number", c.c_int), ("name", c.c_char_p), ("string", c.c_char * 8)]


class _Event(c.Structure):
    _fields_ = [
        ("type", c.c_int),
        ("unique_identifier", c.c_uint),
        ("text_position", c.c_int),
        ("length", c.c_int),
        ("audio_position", c.c_int),
        ("sample", c.c_int),
        ("user_data", c.c_void_p),
        ("id", _EventId),
    ]


_SYNCHRONOUS, _PHONEME_EVENTS_IPA, _DONT_EXIT = 2, 3, 0x8000
_LIST_TERMINATED, _PHONEME = 0, 7
_RATE, _PITCH, _RANGE = 1, 3, 4
_UTF8 = 1


class Espeak:
    """espeak-ng through its library: formant synthesis, many voices, exact phone times."""

    visemes_of = staticmethod(ipa_visemes)

    def __init__(self) -> None:
        self._lib = c.CDLL("libespeak-ng.so.1")
        data = os.environ.get("ESPEAK_DATA_PATH")
        self._rate_hz = self._lib.espeak_Initialize(
            _SYNCHRONOUS, 0, data.encode() if data else None, _PHONEME_EVENTS_IPA | _DONT_EXIT
        )
        if self._rate_hz <= 0:
            raise SystemExit("espeak-ng does not start: apt-get install libespeak-ng1 espeak-ng-data")
        self._callback = c.CFUNCTYPE(c.c_int, c.POINTER(c.c_short), c.c_int, c.POINTER(_Event))(self._receive)
        self._lib.espeak_SetSynthCallback(self._callback)
        self._audio: list[NDArray[np.int16]] = []
        self._events: list[tuple[float, str]] = []

    def _receive(self, audio: Any, count: int, events: Any) -> int:
        if audio and count > 0:
            self._audio.append(np.ctypeslib.as_array(audio, (count,)).copy())
        i = 0
        while events[i].type != _LIST_TERMINATED:
            if events[i].type == _PHONEME:
                name = bytes(events[i].id.string).split(b"\0")[0].decode("utf-8", "ignore")
                self._events.append((events[i].sample / self._rate_hz, name))
            i += 1
        return 0

    def say(self, text: str, voice: str, pace: float, rng: random.Random) -> Spoken:
        self._audio.clear()
        self._events.clear()
        if self._lib.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {voice!r}")
        english = voice.startswith("en")
        self._lib.espeak_SetParameter(_RATE, int(165 * pace), 0)
        self._lib.espeak_SetParameter(_PITCH, rng.randint(20, 80), 0)
        self._lib.espeak_SetParameter(_RANGE, rng.randint(20, 80), 0)
        data = text.encode()
        self._lib.espeak_Synth(data, len(data) + 1, 0, 1, 0, _UTF8, None, None)
        self._lib.espeak_Synchronize()
        samples = np.concatenate(self._audio).astype(np.float32) / 32768
        starts = [t for t, _ in self._events] + [len(samples) / self._rate_hz]
        # British espeak writes the vowel of "cat" as "a"; elsewhere "a" is the open vowel of "father".
        phones = [
            Phone(starts[i], starts[i + 1], "æ" if english and name == "a" else name)
            for i, (_, name) in enumerate(self._events)
            if starts[i + 1] > starts[i]
        ]
        return Spoken(_to_model_rate(samples, self._rate_hz), phones)


class Flite:
    """flite through its program: diphone and clustergen voices."""

    visemes_of = staticmethod(arpabet_visemes)

    def say(self, text: str, voice: str, pace: float, rng: random.Random) -> Spoken:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "said.wav"
            stretch = f"duration_stretch={1 / pace:.3f}"
            command = ["flite", "-voice", voice, "-t", text, "--setf", stretch, "-psdur", "-o", str(file)]
            printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            with wave.open(str(file)) as reader:
                rate_hz = reader.getframerate()
                samples = np.frombuffer(reader.readframes(reader.getnframes()), np.int16)
        phones, start = [], 0.0
        for name, end in re.findall(r"(\S+):([\d.]+)", printed):
            phones.append(Phone(start, float(end), name))
            start = float(end)
        return Spoken(_to_model_rate(samples.astype(np.float32) / 32768, rate_hz), phones)


class Hibari:
    """hibari-tts: a small neural voice whose graph contains the durations."""

    visemes_of = staticmethod(ipa_visemes)
    _LATENESS_SECONDS = 0.075
    """Kokoro's durations are three units of 25 ms late, which Kokoro itself subtracts."""
    _SHORT_GAP_SECONDS = 0.08
    """Minimum length of a rest at a word break; at a shorter break, the phone before it continues."""

    def __init__(self) -> None:
        import hibari
        import onnx
        import onnxruntime
        from hibari import dsp

        graph = onnx.load(Path(hibari.__file__).parent / "assets" / "hibari.onnx")
        graph.graph.output.append(
            onnx.helper.make_tensor_value_info("/Clip_output_0", onnx.TensorProto.FLOAT, None)
        )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            graph.SerializeToString(), options, ["CPUExecutionProvider"]
        )
        self._voice = hibari.Hibari()
        self._dsp = dsp

    def say(self, text: str, voice: str, pace: float, rng: random.Random) -> Spoken:
        audio: list[NDArray[np.float32]] = []
        phones: list[Phone] = []
        offset = 0.0
        for sentence in self._voice.phonemize(text):
            letters = [x for x in sentence if x in self._voice.vocab]
            ids = np.array([[0, *(self._voice.vocab[x] for x in letters), 0]], np.int64)
            *outputs, units = self._session.run(None, {"ids": ids, "speed": np.array([pace], np.float32)})
            samples = self._dsp.synth(*(o[0] for o in outputs), np.random.default_rng(rng.randrange(2**31)))
            seconds = len(samples) / 24000
            ends = offset + np.concatenate([[0], np.cumsum(units.ravel())]) * seconds / units.sum()
            for i, letter in enumerate(["", *letters, ""]):
                self._append(phones, letter, float(ends[i]), float(ends[i + 1]))
            audio.append(samples)
            offset += seconds
        late = self._LATENESS_SECONDS
        shifted = [Phone(max(0, p.start - late), max(0, p.end - late), p.name) for p in phones]
        return Spoken(_to_model_rate(np.concatenate(audio).astype(np.float32), 24000), shifted)

    def _append(self, phones: list[Phone], letter: str, start: float, end: float) -> None:
        if letter in "ˈˌ" and letter:
            letter = "+"  # a stress mark's time belongs to the phone that follows
        elif letter in "ː" and letter and phones:
            phones[-1] = Phone(phones[-1].start, end, phones[-1].name)
            return
        elif not letter.isalpha() or letter in "ʰʲ":
            if letter == " " and end - start < self._SHORT_GAP_SECONDS and phones:
                phones[-1] = Phone(phones[-1].start, end, phones[-1].name)
                return
            letter = ""
        if phones and phones[-1].name == "+":
            start = phones.pop().start
        phones.append(Phone(start, end, letter))


SYNTHESIZERS: dict[str, Callable[[], Synthesizer]] = {"espeak": Espeak, "flite": Flite, "hibari": Hibari}
