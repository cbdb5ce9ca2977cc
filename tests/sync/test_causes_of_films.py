"""Each cause, made in a real film, recording or render, and its absence from the same film unspoilt.

The films of one problem share their picture, which is tracked once; what is spoilt is the sound, the
recording or the render that the manifest tells of. Nothing but what was spoilt may be named.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soxr
from benchmarks.made_films import (
    Clip,
    Look,
    blocks,
    draw,
    dubbed,
    encode,
    motion_of,
    portrait,
    shifted,
    stretched,
)
from PIL import Image

from lipwright.domain.media import Waveform
from lipwright.domain.motion import CHANNEL
from lipwright.domain.run import silent
from lipwright.domain.sync import SyncReport
from lipwright.engines.registry import ENGINES
from lipwright.media.wav import write_wav
from lipwright.pipeline import check
from lipwright.pipeline.manifest import read_manifest
from lipwright.pipeline.render import render_film
from lipwright.pipeline.request import RenderRequest
from lipwright.sync import causes
from lipwright.sync.speaker import people_of

LOOK = Look("astronaut", 256, Fraction(25), 400_000, 1.0, 0.9)
FAINT = replace(LOOK, portrait="driver", amplitude=0.25)
"""The other portrait smiles at rest: it closes its lips for the faintest motion."""
RATE_HZ = 24_000
FRAMES = 169
"""8n+1."""
JUMPS = (50, 112)
GAP = slice(60_000, 62_400)
"""Samples, in the middle of a word."""

Spoil = Callable[[Waveform], Any]
HEALTHY: Mapping[str, Any] = {
    "prompt": "A woman talks to the camera",
    "knobs": {"norming_threshold": 0.35, "steps": 30.0, "eta": 0.2, "cfg": 4.0, "image_strength": 0.6},
}


@dataclass(frozen=True)
class Case:
    """What is spoilt of a problem's film."""

    rule: str
    problem: str
    sound: Spoil = lambda sound: sound
    """Of the film, and of the recording that it is held against."""
    delivered: Spoil = lambda sound: sound
    """Of the film alone."""
    recorded: Spoil = lambda sound: sound
    """Of the recording alone."""
    recording: str = "recording.wav"
    picture: str = ""
    """Another than the problem's own."""
    render: Mapping[str, Any] = field(default_factory=dict)
    """What the render was asked for."""
    manifest: bool = True
    also: frozenset[str] = frozenset()
    """What the spoilt film has beside, because it must."""
    instead: frozenset[str] = frozenset()
    """What only an unspoilt film has."""

    def __str__(self) -> str:
        return f"{self.problem}: {self.rule}"


def knob(**values: float) -> dict[str, Any]:
    return {"knobs": HEALTHY["knobs"] | values}


def louder(by_db: float) -> Spoil:
    return lambda sound: replace(sound, samples=sound.samples * np.float32(10 ** (by_db / 20)))


def clipped(sound: Waveform) -> Waveform:
    return replace(sound, samples=np.clip(sound.samples / np.quantile(np.abs(sound.samples), 0.98), -1, 1))


def noisy(sound: Waveform) -> Waveform:
    """Pink, 14 dB below."""
    count = sound.samples.shape[1]
    spectrum = np.fft.rfft(np.random.default_rng(0).normal(0, 1, count))
    pink = np.fft.irfft(spectrum / np.sqrt(np.arange(1, len(spectrum) + 1)), count)
    pink *= 0.2 * sound.samples.std() / pink.std()
    return replace(sound, samples=(sound.samples + pink).astype(np.float32))


def popped(sound: Waveform) -> Waveform:
    """The breath of a plosive, where the mouth jumps."""
    samples = sound.samples.copy()
    length = 1800
    pop = 0.5 * np.hanning(length) * np.sin(2 * np.pi * 40 * np.arange(length) / RATE_HZ)
    for jump in JUMPS:
        at = jump * RATE_HZ // 25
        samples[:, at : at + length] += pop.astype(np.float32)
    return replace(sound, samples=samples)


def with_a_gap(sound: Waveform) -> Waveform:
    samples = sound.samples.copy()
    samples[:, GAP] = 0
    return replace(sound, samples=samples)


def of_a_telephone(sound: Waveform) -> Waveform:
    return Waveform(_resampled(sound.mono, 8000), 8000)


def thinned(sound: Waveform) -> Waveform:
    """What a model makes of a voice: the words, not the wave."""
    spectrum = np.fft.rfft(sound.mono)
    hz = np.fft.rfftfreq(len(sound.mono), 1 / sound.rate_hz)
    thin = np.fft.irfft(np.where(hz > 500, spectrum, 0), len(sound.mono))
    return replace(sound, samples=3 * thin[None].astype(np.float32))


def one_word(sound: Waveform) -> Waveform:
    samples = np.random.default_rng(0).normal(0, 1e-4, sound.samples.shape).astype(np.float32)
    samples[:, :RATE_HZ] += sound.samples[:, :RATE_HZ]
    return replace(sound, samples=samples)


def cut_by(seconds: float) -> Spoil:
    return lambda sound: replace(sound, samples=sound.samples[:, : -round(seconds * sound.rate_hz)])


def another(sound: Waveform) -> Waveform:
    return replace(sound, samples=np.roll(sound.samples[:, ::-1], 5000, 1))


DROPPED = frozenset({"dropouts"})
CASES = [
    Case("frame-count", "late", picture="a frame less"),
    Case("lengths-differ", "late", sound=cut_by(1)),
    Case("frame-rate", "late", render={"rate": Fraction(24)}),
    Case("not-frozen", "late", render={"freeze_audio": False}),
    Case("sound-shifted", "late", delivered=lambda sound: shifted(sound, 100)),
    Case("noise-under-speech", "late", sound=noisy),
    Case("sample-rate", "late", sound=of_a_telephone),
    Case("mouth-closed", "late", render={"image": "closed.png"}),
    Case("little-speech", "unsure", sound=one_word, instead=frozenset({"lips-unlike-sound"})),
    Case("quiet-sound", "static", sound=louder(-25)),
    Case("nobody-talks-in-prompt", "static", render={"prompt": "A woman in a red room"}),
    Case("image-strength", "static", render=knob(image_strength=0.9)),
    Case("mouth-closed", "static", render={"image": "closed.png"}),
    Case("norming-threshold", "jumpy", render=knob(norming_threshold=0.2)),
    Case("plosives", "jumpy", sound=popped),
    Case("clipped-sound", "jumpy", sound=clipped),
    Case("few-steps", "jumpy", render=knob(steps=8.0)),
    Case("repeated-frames", "stuttering", manifest=False),
    Case("no-sound", "right", delivered=lambda sound: None),
    Case("quiet-sound", "right", sound=louder(-25)),
    Case("clipped-sound", "right", sound=clipped),
    Case("dropouts", "right", sound=with_a_gap),
    Case("lossy-recording", "right", sound=with_a_gap, recording="recording.mp3", also=DROPPED),
    Case("wrong-sound", "right", recorded=another),
    Case("processed-sound", "right", delivered=thinned),
    Case("sound-cut", "right", delivered=cut_by(1)),
    Case("low-eta", "stiff", render=knob(eta=0.05)),
    Case("prompt-motion", "stiff", render={"prompt": "A woman talks and waves", "allow_motion": True}),
    Case("high-cfg", "stiff", render=knob(cfg=6.0) | {"force": True}),
]
VERDICTS = {
    "late": "audio-late",
    "drift": "drift",
    "unsure": "inconclusive",
    "static": "static",
}
NAMED = {
    "drift": {"frame-rate"},
    "stiff": {"stiff"},
    "static": {"still-mouth"},
    "unsure": {"lips-unlike-sound"},
}
"""What an unspoilt film of a problem is told: what is the problem's own."""


@pytest.fixture(scope="module")
def studio(clip: Clip, frames: list[np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return Studio(clip, frames, tmp_path_factory.mktemp("studio"))


@pytest.fixture(autouse=True)
def like_a_large_model(watched_once: None, fakes: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENGINES, "bar", replace(ENGINES["bar"], preset="article"))


class Studio:
    """Makes the films of every problem, and looks at each once."""

    def __init__(self, clip: Clip, frames: Sequence[np.ndarray], folder: Path) -> None:
        self.clip, self.frames, self.folder = clip, frames[:FRAMES], folder
        count = round(FRAMES * clip.sound.rate_hz / 25)
        self.sound = Waveform(_resampled(clip.sound.mono[:count], RATE_HZ, clip.sound.rate_hz), RATE_HZ)
        self._clean: dict[str, SyncReport] = {}
        Image.fromarray(portrait("driver").rgb).save(folder / "closed.png")
        Image.fromarray(portrait("astronaut").rgb).save(folder / "face.png")
        write_wav(folder / "word.wav", replace(self.sound, samples=self.sound.samples[:, : 2 * RATE_HZ]))

    def clean(self, problem: str) -> SyncReport:
        if problem not in self._clean:
            self._clean[problem] = self.look(Case("", problem))
        return self._clean[problem]

    def look(self, case: Case) -> SyncReport:
        """The film of a case, checked against its recording, its manifest beside it."""
        sound = self.sound
        if case.problem == "late":
            sound = shifted(sound, 200)
        elif case.problem == "drift":
            sound = stretched(sound, 0.03)
        elif case.problem == "unsure":
            sound = another(sound)
        sound = case.sound(sound)
        film, recording = self.folder / "film.mp4", self.folder / case.recording
        _record(recording, case.recorded(sound))
        dubbed(film, self.picture(case.picture or case.problem), case.delivered(sound))
        film.with_suffix(".json").unlink(missing_ok=True)
        if case.manifest:
            film.with_suffix(".json").write_text(self.manifest(case.render))
        return check.check_film(film, audio=recording)

    def manifest(self, wishes: Mapping[str, Any]) -> str:
        """Of a real render of a word, as if it told of the film."""
        wishes = {"image": "face.png"} | HEALTHY | wishes
        wishes["image"] = self.folder / wishes["image"]
        output = self.folder / "render.mp4"
        render_film(RenderRequest(self.folder / "word.wav", output, engine="bar", size="64x64", **wishes))
        return replace(read_manifest(output.with_suffix(".json")), film=None).text()

    def picture(self, name: str) -> Path:
        path = self.folder / f"{name}.h264.mp4"
        return path if path.exists() else encode(path, iter(self._drawn(name)), LOOK)

    def _drawn(self, name: str) -> Sequence[np.ndarray]:
        frames = list(self.frames)
        motion = motion_of(self.clip, LOOK)[:FRAMES]
        if name == "a frame less":
            del frames[-1]
        elif name == "static":
            frames = frames[:1] * 40
        elif name == "stiff":
            frames = list(draw(motion_of(self.clip, FAINT)[:FRAMES], FAINT))
        elif name == "jumpy":
            wide = motion[list(JUMPS)]
            wide[:, CHANNEL["jawOpen"]] = 1 - wide[:, CHANNEL["jawOpen"]]
            wide[:, CHANNEL["mouthLowerDown"]] = 1
            wide[:, CHANNEL["mouthPress"]] = 0
            for number, frame in zip(JUMPS, draw(wide, LOOK), strict=True):
                frames[number] = frame
        elif name == "stuttering":
            for number in JUMPS:
                frames[number] = frames[number - 1]
        return frames


def rules(found: SyncReport) -> set[str]:
    return {cause.finding.rule for cause in found.causes}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_was_spoilt_is_named_and_nothing_else(case: Case, studio: Studio) -> None:
    expected = NAMED.get(case.problem, set())
    clean, spoilt = studio.clean(case.problem), studio.look(case)
    assert spoilt.verdict == clean.verdict == VERDICTS.get(case.problem, "in-sync")
    assert rules(clean) == expected
    assert rules(spoilt) == expected - case.instead | {case.rule} | case.also
    assert all(cause.evidence and cause.finding.advice for cause in spoilt.causes)


def test_a_film_that_drifts(studio: Studio) -> None:
    found = studio.clean("drift")
    assert (found.verdict, rules(found)) == ("drift", {"frame-rate"})


def test_a_lossy_recording_that_nothing_is_wrong_with_is_no_cause(studio: Studio) -> None:
    assert rules(studio.look(Case("", "right", recording="recording.mp3"))) == set()


def test_a_setting_that_the_engine_does_not_read_is_no_cause(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaf = replace(ENGINES["bar"], ignores=frozenset({"image_strength", "talking"}))
    monkeypatch.setitem(ENGINES, "bar", deaf)
    held = knob(image_strength=0.9) | {"prompt": "A woman in a red room"}
    assert rules(studio.look(Case("", "static", render=held))) == NAMED["static"]


def test_what_looks_like_a_face_for_a_moment_is_nobody(studio: Studio) -> None:
    """Such as the collar of this suit, in two frames of the film."""
    found = studio.clean("right")
    assert found.extra["film"]["people"] == 1
    assert found.findings == ()
    watched = check._watch(studio.picture("right"), FRAMES, silent)
    somebody = watched.people[0]
    brief = replace(somebody, seen=np.arange(FRAMES) < 10)
    assert people_of(replace(watched, people=(somebody, brief)), FRAMES / 25) == (somebody,)


def test_no_cause_is_left_out() -> None:
    named = set(re.findall(r'"([a-z-]+)",\s*"(?:hint|warning|error)"', inspect.getsource(causes)))
    by_inputs = {"uneven-frames", "slow-rate", "one-picture"}  # in test_check_inputs
    by_faces = {"no-face", "face-seldom-seen", "face-turned-away"}  # in test_profile
    assert named == {case.rule for case in CASES} | set().union(*NAMED.values()) | by_inputs | by_faces


def _resampled(mono: np.ndarray, to_hz: int, from_hz: int = RATE_HZ) -> np.ndarray:
    return soxr.resample(mono, from_hz, to_hz)[None].astype(np.float32)


def _record(path: Path, sound: Waveform) -> None:
    """WAV or MP3, by the suffix."""
    if path.suffix == ".wav":
        write_wav(path, sound)
        return
    with av.open(str(path), "w") as out:
        track = out.add_stream("libmp3lame", rate=sound.rate_hz, layout="mono")
        for block in (*blocks(sound, 1152), None):
            out.mux(track.encode(block))
