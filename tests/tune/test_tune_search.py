"""The search, with engines made of formulas: what is kept, reverted, skipped, and when it ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lipwright.domain.finding import Finding
from lipwright.domain.settings import SamplingSettings
from lipwright.domain.sync_verdict import SyncReport
from lipwright.errors import Cancelled, EngineOutOfMemory, EngineUnavailable
from lipwright.pipeline.tune.parameters import Parameters
from lipwright.pipeline.tune.search import Search, SearchResult, Trial

Measured = Callable[[Parameters], SyncReport]


def search(
    measured: Measured,
    start: Parameters | None = None,
    *,
    rounds: int = 6,
    ignores: frozenset[str] = frozenset(),
) -> SearchResult:
    """Search with a video whose measures are a formula of the parameters."""

    def run_trial(parameters: Parameters, number: int) -> Trial:
        report = measured(parameters)
        return Trial(Path(f"{number}.mp4"), f"{report}{parameters.settings.seed}", report)

    return Search(run_trial, ignores).run(start or Parameters(), rounds)


def decisions(found: SearchResult) -> list[tuple[str | None, str]]:
    return [(done.remedy.name if done.remedy else None, done.decision) for done in found.rounds]


def test_on_good_input_it_stops_after_the_first_preview(make_report) -> None:
    found = search(lambda _: make_report())
    assert decisions(found) == [(None, "start")]
    assert found.ending == "no problems left"


def test_stiffness_raises_eta_no_further_than_needed(make_report) -> None:
    found = search(
        lambda p: make_report(stiffness=0.9 - 2.5 * p.settings.eta),
        Parameters(SamplingSettings(modality_scale=3.0, eta=0.0)),
    )
    assert decisions(found) == [(None, "start"), ("eta", "kept")]
    assert found.best.parameters.settings.eta == 0.2


def test_the_audio_weighs_more_before_anything_else_is_tried_on_a_stiff_mouth(make_report) -> None:
    found = search(lambda p: make_report(stiffness=0.9 - 0.2 * p.settings.modality_scale))
    assert decisions(found) == [(None, "start"), ("modality", "kept")]
    assert found.best.parameters.settings.modality_scale == 3.0
    inert = search(
        lambda p: make_report(stiffness=0.9 - 2.5 * p.settings.eta), Parameters(SamplingSettings(eta=0.0))
    )
    assert decisions(inert) == [(None, "start"), ("modality", "no effect"), ("eta", "kept")]
    assert inert.best.parameters.settings.modality_scale == 1.0
    unread = search(lambda p: make_report(stiffness=0.9), ignores=frozenset({"modality_scale"}))
    assert "modality" not in {name for name, _ in decisions(unread)}


def test_partial_improvement_is_kept_and_search_continues(make_report) -> None:
    found = search(
        lambda p: make_report(stiffness=0.9 - 1.8 * p.settings.eta),
        Parameters(SamplingSettings(modality_scale=3.0, eta=0.0)),
    )
    assert [done.parameters.settings.eta for done in found.rounds] == [0.0, 0.2, 0.25]
    assert found.ending == "no problems left"


def test_worse_result_is_reverted_and_reported(make_report) -> None:
    def measured(p: Parameters) -> SyncReport:
        return make_report(stiffness=0.6 + p.settings.eta - (0.3 if p.settings.cfg <= 4 else 0))

    found = search(measured, Parameters(SamplingSettings(modality_scale=3.0, eta=0.1, cfg=5.0)))
    assert decisions(found) == [(None, "start"), ("eta", "reverted"), ("cfg", "kept")]
    assert found.best.parameters.settings.eta == 0.1
    assert "Worse" in found.rounds[1].reason
    skipped = {item.remedy.name: item.why for item in found.rounds[2].skipped}
    assert "worse in round 2" in skipped["eta"]


def test_a_remedy_whose_measure_does_not_move_has_no_effect(make_report) -> None:
    def measured(p: Parameters) -> SyncReport:  # eta acts on the video, yet not on what is wrong
        return make_report(stiffness=0.8 if p.settings.cfg > 4 else 0.2, confidence=0.9 - p.settings.eta)

    found = search(measured, Parameters(SamplingSettings(modality_scale=3.0, eta=0.1, cfg=5.0)))
    assert decisions(found) == [(None, "start"), ("eta", "no effect"), ("eta", "no effect"), ("cfg", "kept")]
    skipped = {item.remedy.name: item.why for item in found.rounds[3].skipped}
    assert "no effect" in skipped["eta"]
    assert "round 3" in skipped["eta"]
    assert found.best.parameters.settings.eta == 0.1


def test_setting_without_effect_is_not_tried_again(make_report) -> None:
    def run_trial(parameters: Parameters, number: int) -> Trial:
        plain = parameters.settings.steps <= 8
        report = make_report(jumps=(9,) if plain else (), stiffness=0.9)
        return Trial(Path("a.mp4"), "same" if plain else "other", report)

    start = Parameters(SamplingSettings(preset="official-distilled", cfg=1, steps=8, eta=0.0))
    found = Search(run_trial).run(start, 9)
    assert decisions(found) == [
        (None, "start"),
        ("plosives", "no effect"),
        ("eta-high", "no effect"),
        ("steps", "kept"),
        ("modality", "no effect"),
    ]
    assert found.ending == "nothing left to try"
    assert {item.remedy.name for item in found.skipped} == {"modality", "eta", "prompt", "cfg"}
    assert "identical" in found.skipped[0].why


def test_ignored_settings_cost_no_round(make_report) -> None:
    found = search(
        lambda p: make_report(verdict="static", stiffness=1.0 if p.settings.seed == 0 else 0.99),
        ignores=frozenset({"talking", "image_strength", "image_crf"}),
        rounds=4,
    )
    assert [name for name, _ in decisions(found)][1] == "driver-noise"
    skipped = {item.remedy.name: item.why for done in found.rounds for item in done.skipped}
    assert "the engine does not use this setting" in skipped["image-strength"]


def test_rungs_of_the_ladder_stay_because_causes_add_up(make_report) -> None:
    def measured(p: Parameters) -> SyncReport:  # held image and silent prompt freeze it together
        freed = p.settings.image_strength < 0.7 and "talking" in p.prompt
        rungs = len(p.prompt) + (p.preparation.driver_noise_dbfs or 0)
        return make_report() if freed else make_report(verdict="static", stiffness=1.0, confidence=rungs)

    found = search(measured)
    assert decisions(found)[-1] == ("image-strength", "kept")
    assert found.ending == "no problems left"
    assert "talking" in found.best.parameters.prompt


def test_seeds_are_drawn_until_the_rounds_are_spent(make_report) -> None:
    found = search(lambda p: make_report(verdict="no-face", offset_ms=None, stiffness=None), rounds=4)
    assert [done.parameters.settings.seed for done in found.rounds] == [0, 1, 2, 3]
    assert found.ending == "round limit reached"
    assert found.best.number == 1


def test_when_one_problem_has_no_answer_the_next_is_dealt_with(make_report) -> None:
    def measured(p: Parameters) -> SyncReport:
        return make_report(verdict="audio-late", offset_ms=150.0, stiffness=0.9 - 3 * p.settings.eta)

    found = search(measured, Parameters(SamplingSettings(eta=0.1)))
    assert ("eta", "kept") in decisions(found)
    assert found.best.assessment.problems == ("audio-late",)
    assert found.ending == "nothing left to try"


def test_the_plan_comes_first(make_report) -> None:
    def measured(p: Parameters) -> SyncReport:
        late = p.fit == "floor"
        return make_report(verdict="audio-late" if late else "in-sync", offset_ms=200.0 if late else 0.0)

    found = search(measured, Parameters(fit="floor", freeze_audio=False))
    assert decisions(found) == [(None, "start"), ("plan", "kept")]
    assert not found.best.parameters.freeze_audio, "one change a round, and none that is not needed"


def test_a_setting_that_breaks_the_engine_is_a_failed_round(make_report) -> None:
    def measured(p: Parameters) -> SyncReport:
        if p.settings.steps > 40:
            raise EngineOutOfMemory("the GPU is full")
        return make_report(jumps=(3,))

    found = search(measured, Parameters(SamplingSettings(cfg=1.0, eta=0.25)))
    assert decisions(found)[-1] == ("steps", "failed")
    assert "the GPU is full" in found.rounds[-1].reason
    assert found.best.number == 1
    assert found.rounds[-1].to_json()["measures"] is None


def test_a_repair_that_is_not_installed_is_a_failed_round_and_no_end(make_report) -> None:
    def measured(p: Parameters) -> SyncReport:
        if p.preparation.denoise == "on":
            raise EngineUnavailable("the denoiser is not installed")
        return make_report(verdict="audio-late", offset_ms=150.0)

    found = search(measured)
    assert decisions(found) == [(None, "start"), ("denoise", "failed")]
    assert found.ending == "nothing left to try"


@pytest.mark.parametrize("error", [EngineUnavailable("no server"), Cancelled("interrupted")])
def test_unrelated_failure_stops_the_run(make_report, error: Exception) -> None:
    def measured(p: Parameters) -> SyncReport:
        if p.settings.eta > 0.1:
            raise error
        return make_report(stiffness=0.9)

    with pytest.raises(type(error)):
        search(measured, Parameters(SamplingSettings(eta=0.1)))


@pytest.mark.parametrize("rule", ["slow-rate", "little-speech"])
def test_incurable_cause_ends_the_search_early(make_report, rule: str) -> None:
    cause = Finding(rule, "hint", "there is too little of it", evidence="measured")
    unclear = {"verdict": "inconclusive", "offset_ms": None, "confidence": 0.1, "causes": (cause,)}
    found = search(lambda _: make_report(**unclear))
    assert decisions(found) == [(None, "start")]
    assert found.ending == "cannot be measured"
    assert "there is too little of it" in found.rounds[0].reason
    mended = search(
        lambda p: make_report(**unclear, stiffness=0.9 - 3 * p.settings.eta),
        Parameters(SamplingSettings(modality_scale=3.0, eta=0.0)),
        rounds=2,
    )
    assert decisions(mended) == [(None, "start"), ("eta", "kept")], "the rest is mended first"
    assert mended.ending == "cannot be measured"


def test_no_point_is_rendered_twice(make_report) -> None:
    seen = []

    def measured(p: Parameters) -> SyncReport:
        seen.append(p)
        return make_report(verdict="inconclusive", confidence=0.1, stiffness=0.8, jumps=(1, 2))

    search(measured, Parameters(SamplingSettings(eta=0.0, cfg=5.0), prompt="he nods", fit="floor"), rounds=30)
    assert len({repr(p) for p in seen}) == len(seen) > 8
