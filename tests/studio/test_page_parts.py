"""The parts of the page that need no browser: words, forms, remedies, and the size of a long voice's card.

Each test imports what it needs: Gradio takes seconds, and every process of a parallel run reads this file.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from lipwright.audio import findings as audio_findings
from lipwright.audio.waveform_image import draw_waveform
from lipwright.domain.finding import FindingType
from lipwright.domain.time import Span
from lipwright.errors import UsageError
from lipwright.reports.audio_report import plot_waveform
from lipwright.studio.exchange import OPTIONS, command_of
from lipwright.studio.service import StudioService
from lipwright.sync import findings as sync_findings


def ids_of(module) -> set[str]:
    return {value.id for value in vars(module).values() if isinstance(value, FindingType)}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> StudioService:
    return StudioService(tmp_path_factory.mktemp("data"))


def test_handled_by_names_existing_findings_and_steps() -> None:
    from lipwright.studio.page import texts
    from lipwright.studio.page.remedy_buttons import REMEDY_OF_CAUSE

    assert set(texts.HANDLED_BY) <= ids_of(audio_findings)
    assert set(texts.HANDLED_BY.values()) <= set(texts.ACTIONS)
    assert set(REMEDY_OF_CAUSE) <= ids_of(sync_findings)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"seed": 7, "size": "176x176", "engine": "portrait"},
        {"eta": 0.25, "steps": 4, "preset": "guide", "frame_rate": "24000/1001"},
        {"denoise": "off", "trim_silence": True, "prepare": False, "freeze_audio": False},
        {"retakes": 2, "expression": 1.5},
    ],
)
def test_form_round_trips_options(options: dict) -> None:
    from lipwright.studio.page.settings_form import GIVEN_ELSEWHERE, form_values, given_options

    names = sorted(OPTIONS - GIVEN_ELSEWHERE)
    assert given_options(names, form_values(names, options)) == options


def test_command_line_texts_name_the_fields_of_the_page() -> None:
    from lipwright.studio.page import texts
    from lipwright.studio.page.labels import in_page_words, settings_words

    assert in_page_words("a smaller --size, or --driver FILE") == "a smaller “Format”, or --driver FILE"
    assert "click" in in_page_words("choose with --face")
    assert in_page_words("lipwright image IMG --face 2 --crop OUT.png") == f"“{texts.USE_CROP}”"
    words = settings_words({"freeze_audio": False, "redo_chunks": ["2", "3"], "eta": 0.25, "prompt": "x"})
    assert words == "Do not freeze the audio, Made again: chunk 2, 3, Eta 0.25"


def test_tune_shows_its_rounds_and_long_video_its_chunks(
    service: StudioService, voice: Path, portrait: Path
) -> None:
    from lipwright.studio.page.judge import Judge
    from lipwright.studio.page.takes import rounds_of

    number = run(service, "tune", voice, portrait)
    rounds = [{"round": 1, "change": None, "measures": {"verdict": "in-sync", "offset_ms": -3.2},
               "decision": "start", "reason": "the first"}]  # fmt: skip
    folder = service.job(number).folder
    (folder / "trace").mkdir()
    (folder / "trace" / "trace.json").write_text(json.dumps({"rounds": rounds}))
    (first,) = rounds_of(service.job(number))
    assert (first["verdict_words"], first["offset"]) == ("In sync", "audio 3 ms early")
    service.store.finish(number, "a worker", {"seconds": 2.0})
    long = run(service, "render", voice, portrait)
    folder = service.job(long).folder
    chunks = [{"start_seconds": 0.0}, {"start_seconds": 6.1}]
    (folder / "video.json").write_text(json.dumps({"plan": {"chunks": chunks}}))
    (folder / "video.mp4").write_bytes(b"a video")
    service.store.finish(long, "a worker", {"seconds": 12.0})
    judge = Judge(service)
    assert 'data-number="2">2, from 6.1 s' in judge.show(long)[2]
    judge.make_next(long, SimpleNamespace(act="chunk", number="2"))
    redone = service.jobs(limit=1)[0]
    assert (redone.parent, list(redone.options["redo_chunks"])) == (long, ["2"])


def run(service: StudioService, kind: str, voice: Path, portrait: Path) -> int:
    """Queue a job, and let a worker take it."""
    number = service.submit(kind, {"audio": voice, "image": portrait}, {"size": "256x256"})
    while service.job(number).state == "queued":
        service.store.claim("a worker")
    return number


def test_form_numbers_are_checked_like_options() -> None:
    from lipwright.studio.page.settings_form import given_options

    assert given_options(["steps"], ["12"]) == {"steps": 12}
    with pytest.raises(UsageError, match="steps"):
        given_options(["steps"], ["many"])


def test_waveform_outline_does_not_grow_with_the_recording() -> None:
    def size(seconds: int) -> int:
        samples = np.random.default_rng(0).uniform(-1, 1, seconds * 8000).astype(np.float32)
        return len(str(plot_waveform(draw_waveform(samples, 8000), [Span(0.0, seconds)])["outline"]))

    assert size(1200) < 1.1 * size(20)


def test_buttons_need_a_usable_voice_and_image() -> None:
    from lipwright.studio.page.image import ExaminedImage
    from lipwright.studio.page.make import judge_lights
    from lipwright.studio.page.voice import Voice

    good, portrait = Voice(Path("voice.wav"), "green", 2.0, 49), ExaminedImage(Path("face.png"), "green")
    cartoon = ExaminedImage(Path("cartoon.png"), "red", has_face=False)
    assert judge_lights(good, portrait, "off", "portrait")[1]
    assert judge_lights(good, portrait, "red", "portrait")[1], "a bad prompt is told, not refused"
    for voice, image in (
        (None, portrait),
        (good, None),
        (good, cartoon),
        (Voice(Path("x"), "red"), portrait),
    ):
        assert not judge_lights(voice, image, "off", "portrait")[1]


def test_prompt_is_escaped_and_its_words_are_marked() -> None:
    from lipwright.studio.page.prompt import examine_prompt

    light, card = examine_prompt("A woman nods, <script>alert(1)</script>", None, has_image=True, reads="all")
    assert light == "red"
    assert '<mark class="error">nods</mark>' in card
    assert "<script>" not in card
    assert "&lt;script&gt;" in card


def test_cause_offers_the_remedy_of_tune(service: StudioService, voice: Path, portrait: Path) -> None:
    from lipwright.studio.page.remedy_buttons import find_remedies

    number = service.submit("render", {"audio": voice, "image": portrait}, {"freeze_audio": False})
    causes = [
        {"rule": "latent-not-frozen", "severity": "warning", "text": "not frozen", "advice": ""},
        {"rule": "low-eta", "severity": "hint", "text": "eta is low", "advice": ""},
        {"rule": "lossy-recording", "severity": "hint", "text": "lossy", "advice": "export it again"},
    ]
    frozen, eta, lossy = find_remedies(service.job(number), causes)
    assert frozen.options == {"freeze_audio": True}
    assert eta.options == {"eta": 0.2}
    assert not lossy.options
    taken = service.take(number, options=eta.options)
    assert service.job(taken).options["eta"] == 0.2


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (89, "89 s"), (150, "2 min"), (7500, "2 h 5 min")]
)
def test_durations_are_formatted_for_people(seconds: float, words: str) -> None:
    from lipwright.studio.page.formatting import duration

    assert duration(seconds) == words


def test_redo_chunk_take_starts_from_the_video_and_later_takes_do_not(
    service: StudioService, voice: Path, portrait: Path, tmp_path: Path
) -> None:
    number = service.submit("render", {"audio": voice, "image": portrait}, {"size": "256x256"})
    with pytest.raises(UsageError):
        service.take(number, options={"redo_chunks": "2", "seed": 1})  # it is not made yet
    job = service.job(number)
    (job.folder / "video.mp4").write_bytes(b"a video")
    (job.folder / "video.json").write_text("{}")
    claimed = service.store.claim("a worker")
    while claimed.id != number:
        claimed = service.store.claim("a worker")
    service.store.finish(number, "a worker", {"seconds": 2.0})
    redone = service.job(service.take(number, options={"redo_chunks": "2", "seed": 1}))
    assert (redone.folder / "video.mp4").read_bytes() == b"a video"
    assert "--redo-chunk 2" in command_of(redone)
    assert "redo_chunks" not in service.job(service.take(redone.id, options={"seed": 2})).options
