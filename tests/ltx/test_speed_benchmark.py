"""The benchmark against diffusers counts what it says it counts, at its smallest size."""

from __future__ import annotations

import json

import pytest
import tiny_ltx
from benchmarks import ltx_speed

STEPS = 2


@pytest.fixture(scope="module")
def setting() -> ltx_speed.Setting:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("VIDEO_HEAD", "AUDIO_HEAD", "DEVICE"):  # given back afterward
            patch.setattr(tiny_ltx, name, getattr(tiny_ltx, name))
        return ltx_speed.prepare(18, layers=2, width=8)


def test_weights_are_read_once_per_step(setting: ltx_speed.Setting) -> None:
    encoded = ltx_speed.texts(setting)
    peer = ltx_speed.counts(setting, lambda: ltx_speed.run_peer(setting, encoded, STEPS))
    ours = ltx_speed.counts(setting, lambda: ltx_speed.run_ours(setting, encoded, STEPS))
    apart = ltx_speed.counts(setting, lambda: ltx_speed.run_ours(setting, encoded, STEPS, "no batching"))
    assert (peer["passes"], ours["passes"], apart["passes"]) == (3 * STEPS, STEPS, 3 * STEPS)
    assert ours["rows"] <= peer["rows"] == 4 * STEPS


@pytest.mark.parametrize("without", list(ltx_speed.MEASURES))
def test_each_measurement_can_be_skipped(setting: ltx_speed.Setting, without: str) -> None:
    assert ltx_speed.run_ours(setting, ltx_speed.texts(setting), STEPS, without) > 0


def test_memory_is_printed_as_json(setting: ltx_speed.Setting, capsys: pytest.CaptureFixture[str]) -> None:
    ltx_speed.child("ours", setting)
    told = json.loads(capsys.readouterr().out)
    assert told["peak_mib"] > 100 and told["rise_mib"] >= 0
