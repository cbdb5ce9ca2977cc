"""Anyone's workflow file, checked, and mended into another file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lipwright.domain.finding import Finding
from lipwright.errors import InputError
from lipwright.media.files import write_text_atomically
from lipwright.pipeline.outputs import check_output
from lipwright.pipeline.text_file import read_json
from lipwright.pipeline.workflow import read_schemas
from lipwright.workflow.fix import fix as mend
from lipwright.workflow.flat import FlatNode, Format, read_graph
from lipwright.workflow.lint import lint


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
            "fixed": [{"rule": finding.rule, "where": dict(finding.where)} for finding in self.fixed],
            "fixed_path": str(self.fixed_path) if self.fixed_path else None,
        }


def lint_workflow(path: Path, *, fix: Path | None = None, object_info: Path | None = None) -> LintReport:
    """Check a workflow, in UI or API format, for what ruins lip sync.

    Args:
        path: The workflow; it stays as it is.
        fix: Where to write it with what can be mended mended.
        object_info: A server's answer of /object_info; None is the bundled schemas.

    Raises:
        UsageError: `fix` is the workflow itself.
        InputError: it is no workflow, or one beyond all bounds.
        OutputError: `fix` cannot be written.
    """
    if fix is not None:
        check_output(fix, [path, *([object_info] if object_info else [])], suffix=".json")
    schemas = read_schemas(object_info)
    document = read_json(path, "workflow")
    try:
        graph = read_graph(document, schemas)
        found = lint(graph)
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
