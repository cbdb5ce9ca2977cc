"""The guide's remedies: in its order, with its values, and none where they cannot help."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import get_args

import pytest

from lipwright.domain.presets import PRESETS
from lipwright.domain.settings import SETTINGS, Preparation, RenderRequest, SamplingSettings
from lipwright.engines.registry import ENGINES
from lipwright.pipeline.tune.parameters import Parameters, describe_change
from lipwright.pipeline.tune.remedies import REMEDIES
from lipwright.pipeline.tune.scoring import Problem
from lipwright.prompt.lint import errors, lint


def names(problem: Problem) -> list[str]:
    return [remedy.name for remedy in REMEDIES[problem]]


def propose(problem: Problem, name: str, now: Parameters) -> list[Parameters]:
    """What the remedy proposes that is not so already."""
    (remedy,) = (remedy for remedy in REMEDIES[problem] if remedy.name == name)
    proposals = remedy.propose(now)
    return [] if isinstance(proposals, str) else [each for each in proposals if each != now]


def test_every_problem_has_its_remedies_in_the_guides_order() -> None:
    assert set(REMEDIES) == set(get_args(Problem))
    assert names("audio-late") == names("audio-early") == ["plan", "freeze", "denoise"]
    assert names("drift")[:2] == ["plan", "rate"]
    assert names("stiff") == ["modality", "eta", "prompt", "cfg"]
    assert names("jumps") == ["norming-threshold", "plosives", "eta-high", "steps"]
    assert names("static") == ["level", "talking", "driver-noise", "image-strength", "compression", "seed"]


@pytest.mark.parametrize("problem", get_args(Problem))
def test_a_proposal_changes_one_thing(problem: Problem) -> None:
    start = Parameters(
        settings=SamplingSettings(cfg=5.0, eta=0.05, norming_threshold=0.2),
        prompt="a sailor nods slowly",
        fit="floor",
        frame_rate=Fraction(30),
        freeze_audio=False,
        prepare=True,
    )
    for remedy in REMEDIES[problem]:
        for proposed in propose(problem, remedy.name, start):
            changed = describe_change(start, proposed)
            assert changed, remedy.name
            # plosives and clipping are one repair of the driver, everything else is one knob
            assert changed.count(" -> ") == (2 if remedy.name == "plosives" else 1), changed


def test_remedies_set_the_guides_values() -> None:
    start = Parameters(settings=SamplingSettings(cfg=5.0, eta=0.05, norming_threshold=0.2, steps=20))
    assert [p.settings.eta for p in propose("stiff", "eta", start)] == [0.2, 0.25]
    assert [p.settings.cfg for p in propose("stiff", "cfg", start)] == [4]
    assert [p.settings.norming_threshold for p in propose("jumps", "norming-threshold", start)] == [0.4]
    assert [p.settings.eta for p in propose("jumps", "eta-high", start)] == [0.25]
    assert [p.settings.steps for p in propose("jumps", "steps", start)] == [40, 80]
    assert 0.4 <= propose("static", "image-strength", start)[0].settings.image_strength <= 0.7


def test_current_values_are_not_proposed() -> None:
    good = Parameters(
        settings=SamplingSettings(
            modality_scale=3.0, eta=0.25, cfg=4.0, norming_threshold=0.4, steps=80, image_strength=0.5
        ),
        prompt="talking to camera",
        preparation=Preparation(denoise="on", deess="on", declip="on", driver_noise_dbfs=-50.0),
        image_crf=33,
    )
    for problem, remedies in REMEDIES.items():
        for remedy in remedies:
            assert remedy.name == "seed" or not propose(problem, remedy.name, good), (problem, remedy.name)


def test_values_beyond_the_guides_are_left_alone() -> None:
    beyond = Parameters(
        settings=SamplingSettings(eta=0.3, cfg=3.0, norming_threshold=0.5, image_strength=0.4)
    )
    assert not propose("stiff", "eta", beyond)
    assert not propose("jumps", "eta-high", beyond)
    assert not propose("stiff", "cfg", beyond)
    assert not propose("jumps", "norming-threshold", beyond)
    assert not propose("static", "image-strength", beyond)


def test_the_norming_threshold_has_no_effect_without_guidance() -> None:
    (remedy,) = (remedy for remedy in REMEDIES["jumps"] if remedy.name == "norming-threshold")
    assert "no effect" in remedy.propose(Parameters(settings=PRESETS["official-distilled"]))
    assert propose("jumps", "norming-threshold", Parameters())


def test_motion_words_are_removed_and_appearance_stays() -> None:
    text = "A woman with red hair nods slowly, soft studio lighting."
    (cleaned,) = propose("stiff", "prompt", Parameters(prompt=text))
    assert "red hair" in cleaned.prompt
    assert not errors(lint(cleaned.prompt))
    assert not propose("stiff", "prompt", cleaned)


def test_talking_phrase_is_clean_and_added_once() -> None:
    (said,) = propose("static", "talking", Parameters(prompt="A man in a gray coat."))
    assert said.prompt == "A man in a gray coat, talking to camera"
    assert not errors(lint(said.prompt))
    assert not propose("static", "talking", said)


def test_driver_remedies_switch_preparation_on() -> None:
    raw = Parameters(prepare=False)
    (leveled,) = propose("static", "level", raw)
    assert leveled.prepare
    for problem, name in (("static", "driver-noise"), ("jumps", "plosives"), ("audio-late", "denoise")):
        assert propose(problem, name, raw)[0].prepare


def test_seeds_are_new_each_time() -> None:
    seeds = [p.settings.seed for p in propose("static", "seed", Parameters())]
    assert len(set(seeds)) == len(seeds)
    assert 0 not in seeds


def test_engines_ignore_only_what_is_known() -> None:
    settings = {remedy.setting for remedies in REMEDIES.values() for remedy in remedies}
    for entry in ENGINES.values():
        assert entry.ignores <= settings | SETTINGS.keys()


def test_parameters_round_trip_through_a_request() -> None:
    request = RenderRequest(
        Path("a.wav"), Path("o.mp4"), preset="guide", sampling={"eta": 0.1, "cfg": None}, fit="floor"
    )
    settings = replace(PRESETS["guide"], eta=0.1)
    parameters = Parameters.of(request, settings)
    again = parameters.applied_to(request)
    assert again.sampling == {"eta": 0.1}
    assert (again.preset, again.fit, again.frame_rate) == ("guide", "floor", Fraction(25))
    higher = parameters.with_settings(eta=0.2)
    assert higher.applied_to(request).sampling == {}, "the preset's own value is not given by hand"
    assert describe_change(parameters, higher) == "eta 0.1 -> 0.2"


def test_differences_read_well() -> None:
    a = Parameters(prompt="a man", freeze_audio=False)
    b = replace(a, prompt="", freeze_audio=True, preparation=Preparation(driver_noise_dbfs=-50.0))
    assert describe_change(a, b) == ('prompt "a man" -> "", freeze off -> on, driver_noise_dbfs none -> -50')
