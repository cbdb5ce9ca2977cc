"""A server's events become steps for people: what is done, of how many, in which stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lipwright.domain.progress import Progress, ProgressCallback
from lipwright.engines.comfyui.events import Event

SAMPLERS = ("Sampler",)
"""Part of the class name of each node that samples: SamplerCustomAdvanced, LTXVNormalizingSampler."""

_STAGES = (
    ("decode", ("Decode",)),
    ("export", ("Combine", "SaveVideo", "CreateVideo")),
    ("encode", ("Encode", "Conditioning", "Preprocess")),
    ("load", ("Load",)),
)


def stage_of(class_type: str) -> str:
    """What a node does, in one word."""
    if any(word in class_type for word in SAMPLERS) and not class_type.startswith("KSamplerSelect"):
        return "sample"
    for stage, words in _STAGES:
        if any(word in class_type for word in words):
            return stage
    return "server"


class Tracker:
    """Turns events into Progress. Done never falls, though a sampler counts anew with each of its parts."""

    def __init__(self, graph: Mapping[str, Any], steps: int, report: ProgressCallback) -> None:
        self._classes = {node: str(item.get("class_type", "")) for node, item in graph.items()}
        self._steps = steps
        """What the settings say; two stages, or a sampler that begins anew, make it more."""
        self._report = report
        self._counted: dict[str, tuple[int, int]] = {}
        """Per node: its finished parts, and where the running one stands."""
        self._last = Progress("queue", 0, 1)
        self._sampled = 0

    def again(self) -> None:
        """Tell the same step once more: who listens may want to stop."""
        self._report(self._last)

    def waiting(self, ahead: int) -> None:
        """The job waits for others."""
        if self._last.stage == "queue":
            total = max(self._last.total, ahead + 1)
            self._tell(Progress("queue", max(self._last.done, total - 1 - ahead), total))

    def take(self, event: Event) -> None:
        """Read an event of this job."""
        if event.kind == "executing":
            node = event.data.get("display_node") or event.data.get("node")
            if isinstance(node, str) and node in self._classes:
                stage = stage_of(self._classes[node])
                if stage == "sample":
                    self._sampling()
                elif stage != self._last.stage:
                    self._tell(Progress(stage, 0, 1))
        elif event.kind == "progress":
            self._count(str(event.data.get("node", "")), event.data.get("value"), event.data.get("max"))
        elif event.kind == "progress_state":
            nodes = event.data.get("nodes")
            for node, state in nodes.items() if isinstance(nodes, Mapping) else ():
                if isinstance(state, Mapping) and state.get("state") == "running":
                    self._count(str(node), state.get("value"), state.get("max"))

    def _count(self, node: str, value: object, most: object) -> None:
        if not isinstance(value, int | float) or not isinstance(most, int | float) or most <= 1:
            return
        stage = stage_of(self._classes.get(node, ""))
        if stage != "sample":
            self._tell(Progress(stage, min(int(value), int(most)), int(most)))
            return
        before, now = self._counted.get(node, (0, 0))
        if value < now:  # a new part of the same sampler
            before, now = before + now, 0
        self._counted[node] = (before, max(now, int(value)))
        self._sampling()

    def _sampling(self) -> None:
        self._sampled = max(self._sampled, sum(before + now for before, now in self._counted.values()))
        total = max(self._steps, self._sampled, self._last.total if self._last.stage == "sample" else 0)
        self._tell(Progress("sample", self._sampled, total))

    def _tell(self, progress: Progress) -> None:
        self._last = progress
        self._report(progress)
