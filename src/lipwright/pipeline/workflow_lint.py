"""Anyone's workflow file, checked, and mended into another file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lipwright.domain.finding import Finding
from lipwright.errors import InputError
from lipwright.media.files import write_text_atomically
from lipwright.pipeline.atomic_outputs import check_output
from lipwright.pipeline.text_files import read_json
from lipwright.pipeline.workflow import Nodes, read_schemas
from lipwright.workflow.fix import fix as mend
from lipwright.workflow.flat import FlatGraph, FlatNode, Format, read_graph
from lipwright.workflow.lint import by_weight, is_ltx, lint
from lipwright.workflow.lint.edits import Found
from lipwright.workflow.lint.graph_queries import GraphQuery
from lipwright.workflow.lint.places import at, put
from lipwright.workflow.lint.prompts import prompts


@dataclass(frozen=True, slots=True)
class LintReport:
    """A workflow, checked."""

    path: Path
    format: Format
    nodes: int
    findings: tuple[Finding, ...]
    unknown: tuple[FlatNode, ...]
    fixed: tuple[Finding, ...]
    fixed_path: Path | None

    @property
    def ok(self) -> bool:
        """True where nothing worse than a hint was found."""
        return all(finding.severity == "hint" for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        """The keys of `lipwright workflow --lint --json`."""
        return {
            "path": str(self.path),
            "format": self.format,
            "nodes": self.nodes,
            "ok": self.ok,
            "findings": [finding.to_json() for finding in self.findings],
            "unknown_nodes": [
                {"node": node.id, "title": node.title, "type": node.class_type} for node in self.unknown
            ],
            "fixed": [{"rule": finding.id, "where": dict(finding.where)} for finding in self.fixed],
            "fixed_path": str(self.fixed_path) if self.fixed_path else None,
        }


def lint_workflow(path: Path, *, fix: Path | None = None, nodes: Nodes = Nodes()) -> LintReport:  # noqa: B008 - frozen
    """Check a workflow, in UI or API format, for what ruins lip sync.

    Args:
        path: The workflow; it stays as it is.
        fix: Where to write it with what can be mended mended.
        nodes: Whose nodes the graph is held against.

    Raises:
        UsageError: `fix` is the workflow itself.
        EngineError: the server does not tell.
        InputError: it is no workflow, or one beyond all bounds.
        OutputError: `fix` cannot be written.
    """
    if fix is not None:
        check_output(fix, [path, *nodes.files], suffix=".json")
    schemas = read_schemas(nodes)
    document = read_json(path, "workflow")
    try:
        graph = read_graph(document, schemas)
        found = by_weight([*lint(graph), *_of_the_prompts(graph)])
        mended: tuple[Finding, ...] = ()
        if fix is not None:
            changed, done = mend(graph, found, schemas)
            write_text_atomically(fix, json.dumps(changed, indent=2) + "\n")
            mended = tuple(one.finding for one in done)
    except InputError as error:
        error.message = f"{path}: {error.message}"
        raise
    return LintReport(
        path,
        graph.format,
        len(graph.nodes),
        tuple(one.finding for one in found),
        graph.unknown,
        mended,
        fix,
    )


def _of_the_prompts(graph: FlatGraph) -> Iterator[Found]:
    """What the rules of prompts find in those that samplers are guided by; the words go where they can."""
    lens = GraphQuery(graph)
    told = tuple(prompts(lens)) if is_ltx(graph) else ()
    if not told:
        return
    # Half a second of phrase tables, for graphs with words in them.
    from lipwright.prompt.fix import fix  # noqa: PLC0415
    from lipwright.prompt.lint import lint as lint_prompt  # noqa: PLC0415

    for one in told:
        found = lint_prompt(one.text, cfg=one.cfg, image_strength=one.image_strength, has_image=one.has_image)
        left = fix(one.text)
        for finding in found:
            mends = finding.severity == "error" and left.strip()
            yield Found(
                replace(finding, where={**at(one.node, "text"), **finding.where}),
                put(lens, one.node, "text", left) if mends else (),
            )
