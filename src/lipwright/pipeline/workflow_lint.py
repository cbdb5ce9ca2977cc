"""Check a workflow file, and write a fixed copy of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lipwright.domain.finding import Finding
from lipwright.errors import InputError
from lipwright.media.atomic_files import write_text_atomically
from lipwright.media.text_files import read_json
from lipwright.pipeline.atomic_outputs import check_outputs
from lipwright.pipeline.comfyui import BUNDLED_SCHEMAS, SchemaSource, read_schemas
from lipwright.workflow.edits import GraphFinding
from lipwright.workflow.fix import fix as fix_graph
from lipwright.workflow.flat import FlatGraph
from lipwright.workflow.lint.graph_queries import GraphQuery
from lipwright.workflow.lint.guidance_rules import find_prompts
from lipwright.workflow.lint.linter import lint
from lipwright.workflow.reader import read_graph
from lipwright.workflow.schemas import bundled

MAX_WORKFLOW_BYTES = 8 * 2**20
"""Maximum size of a workflow; the largest published ones have less than 1 MB."""

MIN_FIXED_WORDS = 2
"""Minimum number of words that a prompt must keep when the linter removes words that break a rule. If fewer
would be left, the prompt is not changed: "furious" alone says less than "furious dancing"."""

MAX_PROMPT_LENGTH = 10_000
"""Maximum length of a prompt in characters; longer texts are not checked."""


@dataclass(frozen=True, slots=True)
class LintReport:
    """The result of checking a workflow."""

    path: Path
    graph: FlatGraph
    findings: tuple[Finding, ...]
    fixed: tuple[Finding, ...]
    fixed_path: Path | None

    @property
    def ok(self) -> bool:
        """True if no finding is worse than a hint."""
        return all(finding.severity == "hint" for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        """Return the values of `lipwright workflow --lint --json`."""
        return {
            "path": str(self.path),
            "format": self.graph.format,
            "nodes": len(self.graph.nodes),
            "ok": self.ok,
            "findings": [finding.to_json() for finding in self.findings],
            "unknown_nodes": [
                {"node": node.id, "title": node.title, "type": node.class_type} for node in self.graph.unknown
            ],
            "fixed": [{"rule": finding.id, "where": dict(finding.where)} for finding in self.fixed],
            "fixed_path": str(self.fixed_path) if self.fixed_path else None,
        }


def lint_workflow(
    path: Path,
    *,
    fix: Path | None = None,
    nodes: SchemaSource = BUNDLED_SCHEMAS,
) -> LintReport:
    """Check a workflow, in UI or API format, for problems that spoil lip sync.

    Args:
        path: The workflow; it is not changed.
        fix: Path for a copy of the workflow in which every fixable problem is fixed; if None, no copy is
            written.
        nodes: Source of the node definitions with which the graph is checked.

    Raises:
        UsageError: `fix` is the workflow itself.
        EngineError: the server does not list its nodes.
        InputError: the file is not a workflow, or has too many nodes.
        OutputError: `fix` cannot be written.
    """
    check_outputs(list(filter(None, (path, nodes.object_info))), (fix, ".json"))
    schemas = read_schemas(nodes) or bundled()
    document = read_json(path, "workflow", MAX_WORKFLOW_BYTES)
    try:
        graph = read_graph(document, schemas)
        found = check_graph(graph)
        repaired: tuple[GraphFinding, ...] = ()
        if fix is not None:
            changed, repaired = fix_graph(graph, check_graph, schemas, found)
            write_text_atomically(fix, json.dumps(changed, indent=2) + "\n")
    except InputError as error:
        error.message = f"{path}: {error.message}"
        raise
    except RecursionError:
        raise InputError(
            f"{path}: the JSON is nested too deeply to be a workflow", hint="save it from ComfyUI again"
        ) from None
    fixed = tuple(one.finding for one in repaired)
    return LintReport(path, graph, tuple(one.finding for one in found), fixed, fix)


def check_graph(graph: FlatGraph) -> tuple[GraphFinding, ...]:
    """Check a graph and the prompts in it, and return the findings, errors first."""
    return lint(graph, _check_prompts)


def _check_prompts(query: GraphQuery) -> Iterator[GraphFinding]:
    """Check the prompts of samplers that are given audio.

    If a sampler generates or continues the audio itself, its prompt contains the words to say and is not
    checked. A prompt is fixed only if its sampler keeps the audio unchanged. If another video guides the
    sampler, the prompt describes that video and is checked, but not fixed.
    """
    prompts = list(find_prompts(query))
    for one in prompts:
        if len(one.text) > MAX_PROMPT_LENGTH:
            query.unjudged[f"prompt with {len(one.text):,} characters in node {one.node.id}"] = None
    prompts = [
        one
        for one in prompts
        if one.audio in ("frozen", "free", "unknown") and len(one.text) <= MAX_PROMPT_LENGTH
    ]
    if not prompts:
        return
    # Loading the vocabulary takes time, which graphs without a prompt do not need.
    from lipwright.prompt import fix as prompt_fix  # noqa: PLC0415
    from lipwright.prompt import lint as prompt_lint  # noqa: PLC0415

    for one in prompts:
        fixed = prompt_fix.fix(one.text)
        findings = prompt_lint.lint(
            one.text, cfg=one.cfg, image_strength=one.image_strength, has_image=one.has_image
        )
        for finding in findings:
            may_fix = (
                finding.severity == "error"
                and one.audio == "frozen"
                and not one.has_video
                and len(fixed.split()) >= MIN_FIXED_WORDS
            )
            yield GraphFinding(
                replace(finding, where={**one.node.place("text"), **finding.where}),
                query.set_value(one.node, "text", fixed) if may_fix else (),
            )
