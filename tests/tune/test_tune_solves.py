"""Engines with one fault each: the remedy for the cause that the check reports cures it.

Real renders of real speech, measured by the real check. A video that was measured once is not
measured again: most rounds of most cases are the same healthy video.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lipwright.domain.media import Waveform
from lipwright.domain.settings import RenderRequest
from lipwright.domain.sync_verdict import SyncReport
from lipwright.domain.time import Span
from lipwright.engines.registry import ENGINES
from lipwright.media.atomic_files import file_sha256
from lipwright.media.audio_reader import read_audio
from lipwright.media.audio_writer import write_excerpt, write_wav
from lipwright.pipeline.check import check_video
from lipwright.pipeline.tune.run import tune_video
from lipwright.pipeline.tune.scoring import assess

pytestmark = pytest.mark.xdist_group("solves")


@pytest.fixture(autouse=True)
def faulty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    from faulty_engines import register_faulty

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    before = dict(ENGINES)
    register_faulty()
    yield
    ENGINES.clear()
    ENGINES.update(before)


@pytest.fixture(scope="module")
def checker() -> Any:
    """The real check, which remembers."""
    known: dict[str, SyncReport] = {}

    def check(video: Path, **options: Any) -> SyncReport:
        digest = file_sha256(video)
        if digest not in known:
            known[digest] = check_video(video, **options)
        return known[digest]

    return check


@pytest.fixture(scope="module")
def reading(long_voice: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five seconds: the preview is then the video, and costs no second measurement."""
    path = tmp_path_factory.mktemp("reading") / "reading.wav"
    write_excerpt(long_voice, Span(0.2, 5.36), path)
    return path


@pytest.fixture(scope="module")
def clean_voice(reading: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reading with two pauses as empty as a synthesizer's."""
    samples = read_audio(reading, rate_hz=16000).waveform.mono[: 4 * 16000]
    nothing = np.zeros(16000 // 2, np.float32)
    kept = np.concatenate([samples[:24000], nothing, samples[24000:], nothing])[None]
    path = tmp_path_factory.mktemp("clean") / "clean.wav"
    write_wav(path, Waveform(kept, 16000))
    return path


@pytest.fixture(scope="module")
def clipped_voice(reading: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reading, recorded far too loud."""
    loud = 5 * read_audio(reading, rate_hz=24000).waveform.samples
    path = tmp_path_factory.mktemp("clipped") / "clipped.wav"
    write_wav(path, Waveform(loud.clip(-0.9, 0.9), 24000))
    return path


TALKING = "talking to camera"

CASES = [
    # fault, what the user asked for, the problem, the remedy that cures it
    ("late-plan", {"fit": "floor"}, "audio-early", "plan"),
    ("early-freeze", {"freeze_audio": False}, "audio-late", "freeze"),
    ("drift-rate", {"frame_rate": Fraction(30)}, "drift", "rate"),
    ("stiff-eta", {}, "stiff", "eta"),
    (
        "stiff-prompt",
        {"prompt": "A man nods", "allow_motion": True, "sampling": {"eta": 0.2}},
        "stiff",
        "prompt",
    ),
    ("stiff-cfg", {"sampling": {"cfg": 6.0, "eta": 0.2}, "force": True}, "stiff", "cfg"),
    ("jumps-norming", {}, "jumps", "norming-threshold"),
    (
        "jumps-plosives",
        {"audio": "clipped_voice", "prepare": False, "sampling": {"norming_threshold": 0.4}},
        "jumps",
        "plosives",
    ),
    ("jumps-eta", {"sampling": {"norming_threshold": 0.4}}, "jumps", "eta-high"),
    ("jumps-steps", {"sampling": {"norming_threshold": 0.4, "eta": 0.25}}, "jumps", "steps"),
    ("repeats-norming", {}, "jumps", "norming-threshold"),
    ("static-talking", {}, "static", "talking"),
    ("static-noise", {"prompt": TALKING, "audio": "clean_voice"}, "static", "driver-noise"),
    ("static-strength", {"prompt": TALKING}, "static", "image-strength"),
    (
        "static-seed",
        {"prompt": TALKING, "sampling": {"image_strength": 0.5}, "image_crf": 33},
        "static",
        "seed",
    ),
]


@pytest.mark.parametrize(("fault", "asked", "problem", "remedy"), CASES, ids=[case[0] for case in CASES])
def test_the_measure_that_failed_is_cured_by_its_own_remedy(
    *,
    checker,
    request: pytest.FixtureRequest,
    portrait: Path,
    tmp_path: Path,
    fault: str,
    asked: Any,
    problem: str,
    remedy: str,
) -> None:
    asked = {"audio": "reading"} | asked
    asked["audio"] = request.getfixturevalue(asked["audio"])
    wanted = RenderRequest(
        output=tmp_path / "video.mp4", image=portrait, engine=fault, size="192x192", **asked
    )
    tuned = tune_video(wanted, checker=checker)
    first, *others = tuned.found.rounds
    assert problem in first.assessment.problems, first.reason
    mending = next(done for done in others if problem not in done.assessment.problems)
    assert mending.remedy.name == remedy
    assert mending.decision == "kept"
    assert mending.number <= 5, "the first preview, and four rounds of remedies"
    assert tuned.found.ending == "no problems left"
    assert not assess(tuned.sync).problems, "the video itself has none"


def test_on_good_input_it_stops_after_the_first_preview(
    checker, portrait: Path, long_voice: Path, tmp_path: Path
) -> None:
    """Not the others' sentence: there the lips hold a p while all else rests, which counts as repeats."""
    sentence = tmp_path / "sentence.wav"
    write_excerpt(long_voice.with_name(long_voice.name.replace("0870", "0880")), Span(0.2, 5.36), sentence)
    request = RenderRequest(
        sentence, tmp_path / "video.mp4", image=portrait, engine="portrait", size="192x192"
    )
    tuned = tune_video(request, checker=checker)
    assert len(tuned.found.rounds) == 1
    assert tuned.found.ending == "no problems left"
    assert tuned.sync.verdict == "in-sync"
