"""Separate parts of a render: choice of engine, times, files that are renamed together."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from lipwright.domain.media import fit_length
from lipwright.domain.time import seconds_to_samples
from lipwright.engines.base import EngineDescription
from lipwright.engines.registry import ENGINES, choose, load
from lipwright.errors import (
    EngineError,
    EngineOutOfMemory,
    EngineUnavailable,
    OutputError,
    UsageError,
)
from lipwright.pipeline.atomic_outputs import commit_together
from lipwright.pipeline.stage_timer import StageClock, timed
from lipwright.planning import plan_frames


class TestChoice:
    def test_auto_tells_why(self) -> None:
        choice = choose("auto")
        assert choice.description.name == "portrait"
        assert "ltx cannot run here" in choice.why

    def test_auto_takes_the_engine_with_the_highest_rank_that_can_run(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        able = EngineDescription(
            name="steam", summary="", target="fake_engines:BarEngine", preset="guide", auto_rank=3
        )
        monkeypatch.setitem(ENGINES, "steam", able)
        assert choose("auto").description is able

    def test_a_missing_library_is_named_with_its_command(self, monkeypatch: pytest.MonkeyPatch) -> None:
        entry = EngineDescription(
            name="steam",
            summary="",
            target="x:Y",
            preset="guide",
            extra="steam",
            distributions=("no-such-thing",),
        )
        monkeypatch.setitem(ENGINES, "steam", entry)
        with pytest.raises(EngineUnavailable, match="not installed: no-such-thing") as told:
            choose("steam")
        assert told.value.hint == "run: pip install 'lipwright[steam]'"

    def test_an_unknown_name_lists_the_known(self) -> None:
        with pytest.raises(UsageError, match="no engine 'steam'") as told:
            choose("steam")
        assert "portrait, ltx, comfyui" in told.value.hint

    def test_code_that_cannot_be_loaded(self) -> None:
        entry = EngineDescription(
            name="steam", summary="", target="lipwright.engines.steam:Steam", preset="guide"
        )
        with pytest.raises(EngineUnavailable, match="steam cannot be loaded"):
            load(entry)

    def test_code_whose_libraries_refuse_the_environment(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "steam_engine.py").write_text("int('abc')")
        monkeypatch.syspath_prepend(tmp_path)
        entry = EngineDescription(name="steam", summary="", target="steam_engine:Steam", preset="guide")
        with pytest.raises(EngineUnavailable, match="steam cannot be loaded: invalid literal"):
            load(entry)


class TestClock:
    def test_stages_add_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        now = iter([0.0, 1.0, 3.0, 10.0, 14.0, 20.0])
        monkeypatch.setattr("lipwright.pipeline.stage_timer.perf_counter", lambda: next(now))
        clock = StageClock()
        with clock.stage("a"):
            pass
        with clock.stage("a"):
            pass
        told = clock.to_json(plan_frames(161, Fraction(161, 4)))
        assert told == {
            "seconds": {"a": 6.0},
            "total_seconds": 20.0,
            "frames_per_second": 8.05,
            "real_time_factor": 5.0,
        }

    def test_time_of_the_engine_in_a_stream_is_counted(self) -> None:
        clock = StageClock()
        frames = [np.zeros((2, 2, 3), np.uint8)] * 3
        assert len(list(timed(iter(frames), clock))) == 3
        assert clock.seconds["frames"] > 0

    @pytest.mark.parametrize(("raised", "told"), [(MemoryError, EngineOutOfMemory), (OSError, EngineError)])
    def test_what_fails_in_the_stream_is_the_engine(
        self, raised: type[Exception], told: type[EngineError]
    ) -> None:
        def frames():
            yield np.zeros((2, 2, 3), np.uint8)
            raise raised

        with pytest.raises(told):
            list(timed(frames(), StageClock()))


class TestTogether:
    def test_both_files_appear_or_none(self, tmp_path: Path) -> None:
        one, two = tmp_path / "one.mp4", tmp_path / "two.json"
        one.write_text("old")
        with commit_together(one, two) as staged:
            staged[one].write_text("new one")
            staged[two].write_text("new two")
            assert one.read_text() == "old"
            assert not two.exists()
        assert (one.read_text(), two.read_text()) == ("new one", "new two")
        assert sorted(tmp_path.iterdir()) == [one, two]

    @pytest.mark.parametrize("raised", [ValueError, KeyboardInterrupt])
    def test_a_failure_leaves_what_was(self, tmp_path: Path, raised: type[BaseException]) -> None:
        one, two = tmp_path / "one.mp4", tmp_path / "two.json"
        one.write_text("old")

        def fail() -> None:
            with commit_together(one, two) as staged:
                staged[one].write_text("new")
                raise raised

        with pytest.raises(raised):
            fail()
        assert one.read_text() == "old"
        assert list(tmp_path.iterdir()) == [one]

    def test_a_name_that_cannot_be_taken_leaves_what_was(self, tmp_path: Path) -> None:
        """The third of three cannot be renamed, though all were written."""
        old, new, blocked = tmp_path / "old.mp4", tmp_path / "new.html", tmp_path / "blocked.json"
        old.write_text("old")

        def fail() -> None:
            with commit_together(old, new, blocked) as staged:
                for target in (old, new, blocked):
                    staged[target].write_text("written")
                staged[blocked].unlink()

        with pytest.raises(OutputError, match=r"blocked\.json"):
            fail()
        assert old.read_text() == "old"
        assert list(tmp_path.iterdir()) == [old]

    def test_a_failure_is_reported_of_the_target(self, tmp_path: Path) -> None:
        target = tmp_path / "video.mp4"
        with pytest.raises(OutputError) as told, commit_together(target) as staged:
            raise OutputError(f"{staged[target]}: no space left on the disk")
        assert told.value.message == f"{target}: no space left on the disk"

    def test_a_name_as_long_as_names_can_be(self, tmp_path: Path) -> None:
        target = tmp_path / ("语" * 83 + ".mp4")  # 253 of 255 bytes
        with commit_together(target) as staged:
            staged[target].write_text("new")
        assert target.read_text() == "new"

    def test_what_a_link_points_at_is_replaced(self, tmp_path: Path) -> None:
        (tmp_path / "real.mp4").write_text("old")
        (tmp_path / "link.mp4").symlink_to("real.mp4")
        link = tmp_path / "link.mp4"
        with commit_together(link) as staged:
            staged[link].write_text("new")
        assert (tmp_path / "link.mp4").is_symlink()
        assert (tmp_path / "real.mp4").read_text() == "new"


@pytest.mark.parametrize("seconds", [0.5, 5.0])
def test_an_unprepared_driver_is_cut_or_continued_in_silence(seconds: float) -> None:
    plan = plan_frames(49, Fraction(30000, 1001))
    audio = np.random.default_rng(0).uniform(-1, 1, (1, int(seconds * 24000))).astype(np.float32)
    driver = fit_length(audio, seconds_to_samples(plan.seconds, 24000))
    assert driver.shape == (1, round(49 * 1001 / 30000 * 24000))
    kept = min(driver.shape[1], audio.shape[1])
    assert np.array_equal(driver[:, :kept], audio[:, :kept])
    assert not driver[:, kept:].any()
