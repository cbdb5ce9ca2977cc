"""Run all lint rules on a graph.

A rule takes a `GraphQuery` and yields `GraphFinding`s. It must accept any graph, with values that are
missing, of a wrong type or absurdly large, and with links that run in circles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from lipwright.domain.text import list_some
from lipwright.workflow import findings
from lipwright.workflow.edits import GraphFinding
from lipwright.workflow.flat import FlatGraph
from lipwright.workflow.lint import audio_rules, guidance_rules, image_rules, timing_rules, ui_rules
from lipwright.workflow.lint.graph_queries import SAMPLERS, GraphQuery

Rule = Callable[[GraphQuery], Iterator[GraphFinding]]


def lint(graph: FlatGraph, *more: Rule) -> tuple[GraphFinding, ...]:
    """Return all findings about a graph, errors first.

    Args:
        graph: The graph.
        more: Additional rules.
    """
    query = GraphQuery(graph)
    if not any("LTX" in node.class_type for node in graph.nodes.values()):
        return (GraphFinding(findings.NO_LTX_NODES()),)
    may_fix = _fixable_rules(query)
    found = []
    for rule in (*RULES, *more):
        for one in rule(query):
            guards = one.finding.lip_sync_rule.partition("-")[0]
            found.append(one if guards in may_fix else replace(one, edits=()))
    weight = {"error": 0, "warning": 1, "hint": 2}
    return tuple(sorted([*found, *_not_judged(query)], key=lambda one: weight[one.finding.severity]))


def _fixable_rules(query: GraphQuery) -> frozenset[str]:
    """Return the groups of lip-sync rules whose findings may be fixed in this graph.

    If no recording drives the lips, findings about the image, prompt and guidance are not fixed, because
    these are then the author's choice.

    In a graph without audio, only sizes and frame counts may be fixed, because the server rounds them anyway.
    """
    samplers = [node for node in query.of(*SAMPLERS) if query.has_audio(node)]
    if not samplers:
        return frozenset({"FRAMES"})
    drives = any(query.audio_origin(node, "latent_image").encoder for node in samplers)
    return STRUCTURE | CHOICES if drives else STRUCTURE


STRUCTURE = frozenset({"FRAMES", "FREEZE", "AUDIO", "DELIVER", ""})
CHOICES = frozenset({"IMAGE", "SAMPLE", "PROMPT"})


def _not_judged(query: GraphQuery) -> Iterator[GraphFinding]:
    """Yield a single hint that lists everything that could not be judged."""
    places = list(query.unjudged)
    if places:
        yield GraphFinding(findings.NOT_JUDGED(what=list_some(places)))


RULES: tuple[Rule, ...] = (
    *timing_rules.RULES,
    *audio_rules.RULES,
    *guidance_rules.RULES,
    *image_rules.RULES,
    *ui_rules.RULES,
)
