"""Measure how well `check` finds known jumps, repeats, stills, zooms, stiffness, dropouts and clipping.

Videos are made from aligned speech (`made_videos`: real codecs, several faces, sizes and rates, down to
200 kb/s), and faults are added before they are encoded (`spoiled_videos`); with --real, also to the videos in
sync of a folder. Findings in videos without faults count against precision.

python -m benchmarks.sync_faults [--videos N] [--seed S ...] [--real DIR] [--lists]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measuring import Figure, present
from benchmarks.spoiled_videos import Case, made_cases, real_cases
from lipwright.domain.sync_verdict import SyncReport
from lipwright.pipeline.check import check_video

AIM = 95.0
LOW_BIT_RATE = 600_000
"""Bit rate up to which the codec redraws a repeated frame, and improves it."""
LOW_REPEATS = f"repeats up to {LOW_BIT_RATE // 1000} kb/s alone"
"""The hardest repeats, so they are also shown by themselves; the aim is for all repeats together."""
FAULTS = {
    "jumps": AIM,
    "repeats": AIM,
    LOW_REPEATS: None,
    "still": AIM,
    "zoom": AIM,
    "stiff": AIM,
    "dropouts": AIM,
    "clipping": AIM,
}
"""Each fault and its aim, in percent."""


class Score:
    """Hits, misses and false alarms of each fault."""

    def __init__(self) -> None:
        self.hits: dict[str, int] = defaultdict(int)
        self.misses: dict[str, int] = defaultdict(int)
        self.alarms: dict[str, int] = defaultdict(int)
        self.videos = 0
        self.unshown = 0

    def take(self, case: Case, found: SyncReport, known: SyncReport | None = None) -> list[str]:
        """Count one video; return what went wrong, as text.

        Args:
            case: The video.
            found: The report of its check.
            known: The report of the unchanged video: its jumps and repeats do not count.
        """
        self.videos += 1
        truth, wrong = case.truth, []
        self.unshown += len(truth.unshown)
        rules = {finding.id for finding in found.findings}
        rules |= {cause.id for cause in found.causes}
        old = set(known.mouth.jumps) | set(known.mouth.repeats) if known else set()
        if not truth.still:

            def new(frames: Sequence[int]) -> list[int]:
                return [n for n in frames if not any(abs(n - m) <= 1 for m in old)]

            jumps = new((*found.mouth.jumps, *found.extra["video"]["cuts"]))
            wrong += self._frames("jumps", new(truth.jumps), truth.faint, jumps)
            put_in = (*truth.repeats, *truth.unshown)
            # What the codec itself lets stand is no false alarm.
            repeats = [n for n in new(found.mouth.repeats) if n in put_in or not case.holds(n)]
            wrong += self._frames("repeats", new(truth.repeats), truth.unshown, repeats)
            if case.bit_rate <= LOW_BIT_RATE:
                self._frames(LOW_REPEATS, new(truth.repeats), truth.unshown, repeats)
        gaps = [(span.start, span.end) for span in truth.dropouts]
        told = [(span.start + span.end) / 2 for span in found.audio.dropouts]
        wrong += self._events("dropouts", gaps, (), told, slack=0.05)
        for name, true, said in (
            ("still", truth.still, found.verdict == "static"),
            ("zoom", truth.zoom, "slow-zoom" in rules),
            ("stiff", truth.stiff, "stiff" in rules),
            ("clipping", truth.clipped, found.audio.clipped >= 10),
        ):
            if name == "stiff" and (truth.still or found.mouth.stiffness is None):
                continue
            self.hits[name] += true and said
            self.misses[name] += true and not said
            self.alarms[name] += said and not true
            if true != said:
                wrong.append(f"{name}: {'missed' if true else 'false'}")
        return wrong

    def _frames(
        self, name: str, events: Sequence[int], faint: Sequence[int], told: Sequence[int]
    ) -> list[str]:
        return self._events(name, [(n, n) for n in events], [(n, n) for n in faint], told)

    def _events(
        self,
        name: str,
        events: Sequence[tuple[float, float]],
        faint: Sequence[tuple[float, float]],
        told: Sequence[float],
        slack: float = 1,
    ) -> list[str]:
        wrong = []

        def within(at: float, event: tuple[float, float]) -> bool:
            return event[0] - slack <= at <= event[1] + slack

        for event in events:
            hit = any(within(at, event) for at in told)
            self.hits[name] += hit
            self.misses[name] += not hit
            if not hit:
                wrong.append(f"{name}: {event} missed")
        for at in told:
            if not any(within(at, event) for event in (*events, *faint)):
                self.alarms[name] += 1
                wrong.append(f"{name}: {at} false")
        return wrong

    def figures(self) -> list[Figure]:
        """Return precision and recall of each fault that occurred."""
        out = []
        for name, aim in FAULTS.items():
            hits = self.hits[name]
            for what, of in (("recall", hits + self.misses[name]), ("precision", hits + self.alarms[name])):
                if of:
                    out.append(Figure(f"{name}, {what} of {of}", 100 * hits / of, "%", None, aim))
        return [*out, Figure("repeats that hide nothing, or that no file holds", self.unshown)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--videos", type=int, default=12, help="made videos, each in four states")
    parser.add_argument(
        "--seed", type=int, nargs="+", default=[1], help="other looks and places; several are scored together"
    )
    parser.add_argument("--real", type=Path, help="a folder of videos in sync, to be spoiled as well")
    parser.add_argument("--lists", action="store_true", help="print what was missed, and what was not there")
    arguments = parser.parse_args()
    score = Score()
    with tempfile.TemporaryDirectory() as name:
        for seed in arguments.seed:
            for case in made_cases(arguments.videos, seed, Path(name)):
                wrong = score.take(case, check_video(case.path))
                if arguments.lists and wrong:
                    print(f"  {case.name}: {'; '.join(wrong)}", flush=True)
        met = present(f"made videos: {score.videos}", score.figures())
        if arguments.real:
            met &= real_videos(arguments.real, arguments.seed[0], Path(name), lists=arguments.lists)
    return 0 if met else 1


def real_videos(folder: Path, seed: int, scratch: Path, *, lists: bool) -> bool:
    """Score a folder; return whether all aims are met."""
    score, untouched = Score(), 0
    for source, known, cases in real_cases(folder, seed, scratch):
        told = len(known.mouth.jumps) + len(known.mouth.repeats)
        untouched += told
        if lists and told:
            print(f"  {source.stem}: jumps {known.mouth.jumps}, repeats {known.mouth.repeats}")
        for case in cases:
            wrong = score.take(case, check_video(case.path), known)
            if lists and wrong:
                print(f"  {source.stem}, {case.name}: {'; '.join(wrong)}", flush=True)
    return present(
        f"real videos: {score.videos}",
        [*score.figures(), Figure("jumps and repeats in them as they are", untouched)],
    )


if __name__ == "__main__":
    sys.exit(main())
