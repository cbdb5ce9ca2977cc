"""The guide's answers: in its order, with its values, and silent where they cannot help."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import get_args

import pytest

from lipwright.domain.settings import PRESETS, SETTINGS, Preparation, RenderRequest, Settings
from lipwright.engines.registry import ENGINES
from lipwright.pipeline.tune.parameters import Parameters, difference
from lipwright.pipeline.tune.rules import RULES, Skip, TuneContext
from lipwright.pipeline.tune.scoring import Problem
from lipwright.prompt.lint import errors, lint

HERE = TuneContext("ltx")


def names(problem: Problem) -> list[str]:
    return [rule.name for rule in RULES[problem]]


def propose(problem: Problem, name: str, now: Parameters, situation: TuneContext = HERE):
    (rule,) = (rule for rule in RULES[problem] if rule.name == name)
    return rule.propose(now, situation)


def test_every_problem_has_its_rules_in_the_guides_order() -> None:
    assert set(RULES) == set(get_args(Problem))
    assert names("audio-late") == names("audio-early") == ["plan", "freeze", "denoise"]
    assert names("drift")[:2] == ["plan", "rate"]
    assert names("stiff") == ["eta", "prompt", "cfg"]
    assert names("jumps") == ["norming-threshold", "plosives", "eta-high", "steps"]
    assert names("static") == ["level", "talking", "driver-noise", "image-strength", "compression", "seed"]


@pytest.mark.parametrize("problem", get_args(Problem))
def test_a_proposal_changes_one_thing(problem: Problem) -> None:
    start = Parameters(
        settings=Settings(cfg=5.0, eta=0.05, norming_threshold=0.2),
        prompt="a sailor nods slowly",
        fit="floor",
        frame_rate=Fraction(30),
        freeze_audio=False,
        prepare=True,
    )
    for rule in RULES[problem]:
        proposals = rule.propose(start, HERE)
        for proposed in () if isinstance(proposals, Skip) else proposals:
            changed = difference(start, proposed)
            assert changed, rule.name
            # plosives and clipping are one repair of the driver, everything else is one knob
            assert changed.count(" -> ") == (2 if rule.name == "plosives" else 1), changed


def test_the_guides_values() -> None:
    start = Parameters(settings=Settings(cfg=5.0, eta=0.05, norming_threshold=0.2, steps=20))
    assert [p.settings.eta for p in propose("stiff", "eta", start)] == [0.2, 0.25]
    assert [p.settings.cfg for p in propose("stiff", "cfg", start)] == [4]
    assert [p.settings.norming_threshold for p in propose("jumps", "norming-threshold", start)] == [0.4]
    assert [p.settings.eta for p in propose("jumps", "eta-high", start)] == [0.25]
    assert [p.settings.steps for p in propose("jumps", "steps", start)] == [40, 80]
    assert 0.4 <= propose("static", "image-strength", start)[0].settings.image_strength <= 0.7


def test_what_is_set_already_is_skipped_and_says_so() -> None:
    good = Parameters(
        settings=Settings(eta=0.25, cfg=4.0, norming_threshold=0.4, steps=80, image_strength=0.5),
        prompt="talking to camera",
        preparation=Preparation(denoise="on", deess="on", declip="on", driver_noise_dbfs=-50.0),
        image_crf=33,
    )
    for problem, rules in RULES.items():
        for rule in rules:
            skip = rule.propose(good, HERE)
            assert rule.name == "seed" or (isinstance(skip, Skip) and skip.why), (problem, rule.name)


def test_norming_is_known_to_be_inert_without_guidance() -> None:
    neutral = Parameters(settings=PRESETS["official-distilled"])
    skip = propose("jumps", "norming-threshold", neutral)
    assert isinstance(skip, Skip)
    assert "inert" in skip.why
    assert not isinstance(propose("jumps", "norming-threshold", Parameters()), Skip)


def test_prompt_words_go_and_appearance_stays() -> None:
    text = "A woman with red hair nods slowly, soft studio lighting."
    (cleaned,) = propose("stiff", "prompt", Parameters(prompt=text))
    assert "red hair" in cleaned.prompt
    assert not errors(lint(cleaned.prompt))
    assert isinstance(propose("stiff", "prompt", cleaned), Skip)


def test_a_prompt_that_is_all_motion_becomes_one_that_shows_somebody() -> None:
    without_image = TuneContext("ltx", has_image=False)
    (composed,) = propose("stiff", "prompt", Parameters(prompt="nods slowly"), without_image)
    assert composed.prompt
    assert not errors(lint(composed.prompt))


def test_the_talking_phrase_lints_clean_and_comes_once() -> None:
    (said,) = propose("static", "talking", Parameters(prompt="A man in a grey coat."))
    assert said.prompt == "A man in a grey coat, talking to camera"
    assert not errors(lint(said.prompt))
    assert isinstance(propose("static", "talking", said), Skip)


def test_driver_rules_switch_preparation_on() -> None:
    raw = Parameters(prepare=False)
    (levelled,) = propose("static", "level", raw)
    assert levelled.prepare
    for problem, rule in (("static", "driver-noise"), ("jumps", "plosives"), ("audio-late", "denoise")):
        assert propose(problem, rule, raw)[0].prepare


def test_seeds_are_new_each_time() -> None:
    seeds = [p.settings.seed for p in propose("static", "seed", Parameters())]
    assert len(set(seeds)) == len(seeds)
    assert 0 not in seeds


def test_engines_ignore_only_what_is_known() -> None:
    knobs = {rule.knob for rules in RULES.values() for rule in rules}
    for entry in ENGINES.values():
        assert entry.ignores <= knobs | SETTINGS.keys()


def test_parameters_come_out_of_a_request_and_go_back_into_it() -> None:
    request = RenderRequest(
        Path("a.wav"), Path("o.mp4"), preset="guide", settings={"eta": 0.1, "cfg": None}, fit="floor"
    )
    settings = replace(PRESETS["guide"], eta=0.1)
    parameters = Parameters.of(request, settings)
    again = parameters.applied_to(request)
    assert again.settings == {"eta": 0.1}
    assert (again.preset, again.fit, again.frame_rate) == ("guide", "floor", Fraction(25))
    higher = parameters.with_settings(eta=0.2)
    assert higher.applied_to(request).settings == {}, "the preset's own value is not given by hand"
    assert difference(parameters, higher) == "eta 0.1 -> 0.2"


def test_differences_read_well() -> None:
    a = Parameters(prompt="a man", freeze_audio=False)
    b = replace(a, prompt="", freeze_audio=True, preparation=Preparation(driver_noise_dbfs=-50.0))
    assert difference(a, b) == ('prompt "a man" -> "", freeze off -> on, driver_noise_dbfs none -> -50')
