"""Conversion of a server's events into progress: the stage, the amount done, and the total."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lipwright.domain.progress import Progress, ProgressCallback
from lipwright.engines.comfyui.events import Event
from lipwright.workflow.schemas import as_mapping

MAX_STEPS = 1_000_000
"""Maximum number of steps in an event; a larger number is ignored."""

_STAGES = (
    ("decode", ("Decode",)),
    ("export", ("Combine", "SaveVideo", "CreateVideo")),
    ("encode", ("Encode", "Conditioning", "Preprocess")),
    ("load", ("Load",)),
)


def stage_of(class_type: str) -> str:
    """Return the name of the progress stage to which a node class belongs, such as "sample"."""
    if "Sampler" in class_type and not class_type.startswith("KSamplerSelect"):
        return "sample"
    for stage, words in _STAGES:
        if any(word in class_type for word in words):
            return stage
    return "server"


class ProgressTracker:
    """Converts events into progress that never decreases, although samplers restart their counts."""

    def __init__(self, graph: Mapping[str, Any], steps: int, report: ProgressCallback) -> None:
        self._classes = {node: str(item.get("class_type", "")) for node, item in graph.items()}
        self._steps = steps
        """Expected number of steps, from the settings. The reported total grows if a second stage or a
        restarted sampler takes more steps."""
        self._report = report
        self._counted: dict[str, tuple[int, int]] = {}
        """Step counts of each sampler node, keyed by node id: (steps before the sampler's last restart, steps
        since then)."""
        self._last = Progress("queue", 0, 1)
        self._sampled = 0

    def repeat(self) -> None:
        """Report the last progress again, which gives the callback a chance to stop the work."""
        self._report(self._last)

    def waiting(self, ahead: int) -> None:
        """Report that the job waits for `ahead` other jobs."""
        if self._last.stage == "queue":
            total = max(self._last.total, ahead + 1)
            self._show(Progress("queue", max(self._last.done, total - 1 - ahead), total))

    def take(self, event: Event) -> None:
        """Process an event of this job."""
        if event.kind == "executing":
            node = event.data.get("display_node") or event.data.get("node")
            if isinstance(node, str) and node in self._classes:
                stage = stage_of(self._classes[node])
                if stage == "sample":
                    self._report_sampling()
                elif stage != self._last.stage:
                    self._show(Progress(stage, 0, 1))
        elif event.kind == "progress":
            self._count(event.data.get("node"), event.data)
        elif event.kind == "progress_state":
            for node, state in as_mapping(event.data.get("nodes")).items():
                if as_mapping(state).get("state") == "running":
                    self._count(node, state)

    def _count(self, node: object, state: Mapping[str, Any]) -> None:
        value, total = (_steps(state.get(name)) for name in ("value", "max"))
        if value is None or total is None or total <= 1 or not isinstance(node, str):
            return
        stage = stage_of(self._classes.get(node, ""))
        if stage != "sample":
            self._show(Progress(stage, min(value, total), total))
            return
        before, now = self._counted.get(node, (0, 0))
        if value < now:  # the sampler has begun a new part
            before, now = before + now, 0
        self._counted[node] = (before, max(now, value))
        self._report_sampling()

    def _report_sampling(self) -> None:
        self._sampled = max(self._sampled, sum(before + now for before, now in self._counted.values()))
        total = max(self._steps, self._sampled, self._last.total if self._last.stage == "sample" else 0)
        self._show(Progress("sample", self._sampled, total))

    def _show(self, progress: Progress) -> None:
        self._last = progress
        self._report(progress)


def _steps(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value <= MAX_STEPS else None
