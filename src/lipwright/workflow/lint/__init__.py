"""What ruins lip sync in anyone's graph: a function for each trap, and how to mend it.

    lens       questions to a graph: constants, ancestors, what became of the audio
    edits      what mending does, in terms of nodes and inputs
    timing, audio, guidance, image, ui_pitfalls     the traps
    texts      the prompts, for the rules of `lipwright.prompt`

A rule takes a `Lens` and yields `Found`. It must take any graph: values that are missing, of
another type or beyond all bounds, and links that lead in circles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from lipwright.domain.finding import Finding
from lipwright.workflow.flat import FlatGraph
from lipwright.workflow.lint.edits import Found
from lipwright.workflow.lint.graph_queries import GraphQuery

Rule = Callable[[GraphQuery], Iterator[Found]]


def lint(graph: FlatGraph) -> tuple[Found, ...]:
    """Everything found in a graph, errors first."""
    from lipwright.workflow.lint import audio, guidance, image, timing, ui_pitfalls  # noqa: PLC0415

    lens = GraphQuery(graph)
    if not is_ltx(graph):
        nothing = Finding(
            "no-ltx-nodes",
            "hint",
            "no node of LTX is in this graph: the traps of lip sync do not apply to it",
            "give a graph that makes a video with LTX-2",
        )
        return (Found(nothing),)
    rules = [rule for module in (timing, audio, guidance, image, ui_pitfalls) for rule in module.RULES]
    return by_weight(one for rule in rules for one in rule(lens))


def is_ltx(graph: FlatGraph) -> bool:
    """Whether the traps apply to it: a node of LTX is there."""
    return any("LTX" in node.class_type for node in graph.nodes.values())


def by_weight(found: Iterable[Found]) -> tuple[Found, ...]:
    """Errors first, hints last; else in their order."""
    weight = {"error": 0, "warning": 1, "hint": 2}
    return tuple(sorted(found, key=lambda one: weight[one.finding.severity]))
