"""Each cause, made in a real video, recording or render, and its absence from the same video unspoiled.

The videos of one problem share their image, which is tracked once; what is spoiled is the audio, the
recording or the render that the manifest tells of. Nothing but what was spoiled may be named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soxr
from benchmarks.made_videos import (
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

from lipwright.domain.finding import FindingType
from lipwright.domain.media import Waveform
from lipwright.domain.motion import CHANNEL
from lipwright.domain.progress import no_progress
from lipwright.domain.settings import RenderRequest
from lipwright.domain.sync_verdict import SyncReport
from lipwright.engines.registry import ENGINES
from lipwright.media.audio_writer import write_wav
from lipwright.pipeline import check
from lipwright.pipeline.manifest import Manifest, read_manifest
from lipwright.pipeline.render import render_video
from lipwright.sync import findings
from lipwright.sync.active_speaker import persistent_people

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
    "sampling": {"norming_threshold": 0.35, "steps": 30.0, "eta": 0.2, "cfg": 4.0, "image_strength": 0.6},
}


@dataclass(frozen=True)
class Case:
    """What is spoiled of a problem's video."""

    rule: str
    problem: str
    audio: Spoil = lambda audio: audio
    """Of the video, and of the recording that it is held against."""
    delivered: Spoil = lambda audio: audio
    """Of the video alone."""
    recorded: Spoil = lambda audio: audio
    """Of the recording alone."""
    recording: str = "recording.wav"
    image: str = ""
    """Recording other than the problem's."""
    render: Mapping[str, Any] = field(default_factory=dict)
    """What the render was asked for."""
    manifest: bool = True
    also: frozenset[str] = frozenset()
    """What the spoiled video has beside, because it must."""
    instead: frozenset[str] = frozenset()
    """What only an unspoiled video has."""

    def __str__(self) -> str:
        return f"{self.problem}: {self.rule}"


def knob(**values: float) -> dict[str, Any]:
    return {"sampling": HEALTHY["sampling"] | values}


def louder(by_db: float) -> Spoil:
    return lambda audio: replace(audio, samples=audio.samples * np.float32(10 ** (by_db / 20)))


def clipped(audio: Waveform) -> Waveform:
    return replace(audio, samples=np.clip(audio.samples / np.quantile(np.abs(audio.samples), 0.98), -1, 1))


def noisy(audio: Waveform) -> Waveform:
    """Pink, 14 dB below."""
    count = audio.samples.shape[1]
    spectrum = np.fft.rfft(np.random.default_rng(0).normal(0, 1, count))
    pink = np.fft.irfft(spectrum / np.sqrt(np.arange(1, len(spectrum) + 1)), count)
    pink *= 0.2 * audio.samples.std() / pink.std()
    return replace(audio, samples=(audio.samples + pink).astype(np.float32))


def popped(audio: Waveform) -> Waveform:
    """The breath of a plosive, where the mouth jumps."""
    samples = audio.samples.copy()
    length = 1800
    pop = 0.5 * np.hanning(length) * np.sin(2 * np.pi * 40 * np.arange(length) / RATE_HZ)
    for jump in JUMPS:
        at = jump * RATE_HZ // 25
        samples[:, at : at + length] += pop.astype(np.float32)
    return replace(audio, samples=samples)


def with_a_gap(audio: Waveform) -> Waveform:
    samples = audio.samples.copy()
    samples[:, GAP] = 0
    return replace(audio, samples=samples)


def of_a_telephone(audio: Waveform) -> Waveform:
    return Waveform(_resampled(audio.mono, 8000), 8000)


def thinned(audio: Waveform) -> Waveform:
    """What a model makes of a voice: the words, not the wave."""
    spectrum = np.fft.rfft(audio.mono)
    hz = np.fft.rfftfreq(len(audio.mono), 1 / audio.rate_hz)
    thin = np.fft.irfft(np.where(hz > 500, spectrum, 0), len(audio.mono))
    return replace(audio, samples=3 * thin[None].astype(np.float32))


def one_word(audio: Waveform) -> Waveform:
    samples = np.random.default_rng(0).normal(0, 1e-4, audio.samples.shape).astype(np.float32)
    samples[:, :RATE_HZ] += audio.samples[:, :RATE_HZ]
    return replace(audio, samples=samples)


def cut_by(seconds: float) -> Spoil:
    return lambda audio: replace(audio, samples=audio.samples[:, : -round(seconds * audio.rate_hz)])


def another(audio: Waveform) -> Waveform:
    return replace(audio, samples=np.roll(audio.samples[:, ::-1], 5000, 1))


DROPPED = frozenset({"dropouts"})
CASES = [
    Case("frame-count", "late", image="a frame less"),
    Case("lengths-differ", "late", audio=cut_by(1)),
    Case("frame-rate", "late", render={"frame_rate": Fraction(24)}),
    Case("latent-not-frozen", "late", render={"freeze_audio": False}),
    Case("audio-shifted", "late", delivered=lambda audio: shifted(audio, 100)),
    Case("noise-under-speech", "late", audio=noisy),
    Case("low-sample-rate", "late", audio=of_a_telephone),
    Case("closed-mouth-image", "late", render={"image": "closed.png"}),
    Case("little-speech", "unsure", audio=one_word, instead=frozenset({"lips-unlike-audio"})),
    Case("quiet-audio", "static", audio=louder(-25)),
    Case("nobody-talks-in-prompt", "static", render={"prompt": "A woman in a red room"}),
    Case("image-strength-too-high", "static", render=knob(image_strength=0.9)),
    Case("closed-mouth-image", "static", render={"image": "closed.png"}),
    Case("norming-threshold-too-low", "jumpy", render=knob(norming_threshold=0.2)),
    Case("jumps-at-plosives", "jumpy", audio=popped),
    Case("clipped-audio", "jumpy", audio=clipped),
    Case("few-steps", "jumpy", render=knob(steps=8.0)),
    Case("repeated-frames", "stuttering", manifest=False),
    Case("no-audio", "right", delivered=lambda audio: None),
    Case("quiet-audio", "right", audio=louder(-25)),
    Case("clipped-audio", "right", audio=clipped),
    Case("dropouts", "right", audio=with_a_gap),
    Case("lossy-recording", "right", audio=with_a_gap, recording="recording.mp3", also=DROPPED),
    Case("wrong-audio", "right", recorded=another),
    Case("processed-audio", "right", delivered=thinned),
    Case("audio-cut", "right", delivered=cut_by(1)),
    Case("low-eta", "stiff", render=knob(eta=0.05)),
    Case(
        "prompt-motion", "stiff", render={"prompt": "A woman talks and waves her hand", "allow_motion": True}
    ),
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
    "unsure": {"lips-unlike-audio"},
}
"""What an unspoiled video of a problem is told: what is the problem's own."""


@pytest.fixture(scope="module")
def studio(clip: Clip, frames: list[np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return Studio(clip, frames, tmp_path_factory.mktemp("studio"))


@pytest.fixture(autouse=True)
def like_a_large_model(watched_once: None, fakes: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENGINES, "bar", replace(ENGINES["bar"], preset="guide"))


class Studio:
    """Makes the videos of every problem, and looks at each once."""

    def __init__(self, clip: Clip, frames: Sequence[np.ndarray], folder: Path) -> None:
        self.clip, self.frames, self.folder = clip, frames[:FRAMES], folder
        count = round(FRAMES * clip.audio.rate_hz / 25)
        self.audio = Waveform(_resampled(clip.audio.mono[:count], RATE_HZ, clip.audio.rate_hz), RATE_HZ)
        self._clean: dict[str, SyncReport] = {}
        self._manifests: dict[str, Manifest] = {}
        Image.fromarray(portrait("driver").rgb).save(folder / "closed.png")
        Image.fromarray(portrait("astronaut").rgb).save(folder / "face.png")
        write_wav(folder / "word.wav", replace(self.audio, samples=self.audio.samples[:, : 2 * RATE_HZ]))

    def clean(self, problem: str) -> SyncReport:
        if problem not in self._clean:
            self._clean[problem] = self.look(Case("", problem))
        return self._clean[problem]

    def look(self, case: Case) -> SyncReport:
        """The video of a case, checked against its recording, its manifest beside it."""
        audio = self.audio
        if case.problem == "late":
            audio = shifted(audio, 200)
        elif case.problem == "drift":
            audio = stretched(audio, 0.03)
        elif case.problem == "unsure":
            audio = another(audio)
        audio = case.audio(audio)
        video, recording = self.folder / "video.mp4", self.folder / case.recording
        _record(recording, case.recorded(audio))
        dubbed(video, self.image(case.image or case.problem), case.delivered(audio))
        video.with_suffix(".json").unlink(missing_ok=True)
        if case.manifest:
            self.manifest(case.render).write(video.with_suffix(".json"))
        return check.check_video(video, audio=recording)

    def manifest(self, wishes: Mapping[str, Any]) -> Manifest:
        """Of a real render of a word, as if it told of the video."""
        wishes = {"image": "face.png"} | HEALTHY | wishes
        if (key := repr(wishes)) not in self._manifests:
            wishes["image"] = self.folder / wishes["image"]
            output = self.folder / "render.mp4"
            word = self.folder / "word.wav"
            render_video(RenderRequest(word, output, engine="bar", size="64x64", **wishes))
            self._manifests[key] = replace(read_manifest(output.with_suffix(".json")), video=None)
        return self._manifests[key]

    def image(self, name: str) -> Path:
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
    return {cause.id for cause in found.causes}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_exactly_the_introduced_cause_is_reported(case: Case, studio: Studio) -> None:
    expected = NAMED.get(case.problem, set())
    clean, spoiled = studio.clean(case.problem), studio.look(case)
    assert spoiled.verdict == clean.verdict == VERDICTS.get(case.problem, "in-sync")
    assert rules(clean) == expected
    assert rules(spoiled) == expected - case.instead | {case.rule} | case.also
    assert all(cause.evidence and cause.advice for cause in spoiled.causes)


def test_a_video_that_drifts(studio: Studio) -> None:
    found = studio.clean("drift")
    assert (found.verdict, rules(found)) == ("drift", {"frame-rate"})


def test_lossy_recording_alone_is_not_a_cause(studio: Studio) -> None:
    assert rules(studio.look(Case("", "right", recording="recording.mp3"))) == set()


def test_a_setting_that_the_engine_does_not_read_is_not_a_cause(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaf = replace(ENGINES["bar"], ignores=frozenset({"image_strength", "talking"}))
    monkeypatch.setitem(ENGINES, "bar", deaf)
    held = knob(image_strength=0.9) | {"prompt": "A woman in a red room"}
    assert rules(studio.look(Case("", "static", render=held))) == NAMED["static"]


def test_brief_false_faces_are_ignored(studio: Studio) -> None:
    """Such as the collar of this suit, in two frames of the video."""
    found = studio.clean("right")
    assert found.extra["video"]["people"] == 1
    assert found.findings == ()
    watched = check._track(studio.image("right"), FRAMES, None, no_progress)
    somebody = watched.people[0]
    brief = replace(somebody, visible=np.arange(FRAMES) < 10)
    assert persistent_people(replace(watched, people=(somebody, brief))) == (somebody,)


def test_no_cause_is_left_out() -> None:
    others = {findings.SLOW_ZOOM, findings.LIPS_MOVE_IN_SILENCE, findings.SEVERAL_FACES}
    others |= {findings.MOUTH_BARELY_OPENS, findings.DARK_MOUTH, findings.SECOND_LIP_LINE}
    others |= {findings.NO_BLINKS, findings.TOO_MANY_BLINKS, findings.EYES_STAY_OPEN, findings.GRAY_LIDS}
    others |= {findings.STILL_HEAD, findings.STILL_EYES}  # in test_face_appearance
    causes = {kind.id for kind in vars(findings).values() if isinstance(kind, FindingType)}
    causes -= {kind.id for kind in others}
    by_inputs = {"uneven-frames", "slow-rate", "one-image"}  # in test_check_inputs
    by_faces = {"no-face-in-video", "face-seldom-visible", "face-turned-away"}  # in test_profile
    assert causes == {case.rule for case in CASES} | set().union(*NAMED.values()) | by_inputs | by_faces


def _resampled(mono: np.ndarray, to_hz: int, from_hz: int = RATE_HZ) -> np.ndarray:
    return soxr.resample(mono, from_hz, to_hz)[None].astype(np.float32)


def _record(path: Path, audio: Waveform) -> None:
    """WAV or MP3, by the suffix."""
    if path.suffix == ".wav":
        write_wav(path, audio)
        return
    with av.open(str(path), "w") as out:
        track = out.add_stream("libmp3lame", rate=audio.rate_hz, layout="mono")
        for block in (*blocks(audio, 1152), None):
            out.mux(track.encode(block))
