"""`lipwright workflow --lint`: check any ComfyUI graph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipwright.cli.output import Output, join_lines
from lipwright.domain.text import pluralize
from lipwright.errors import StrictError

if TYPE_CHECKING:
    from lipwright.pipeline.comfyui import SchemaSource
    from lipwright.pipeline.workflow_lint import LintReport


def run_lint(out: Output, path: Path, fix: Path | None, nodes: SchemaSource, *, strict: bool) -> None:
    """Check a workflow, write a fixed copy of it if `fix` is given, and print the findings."""
    from lipwright.pipeline.workflow_lint import lint_workflow

    found = lint_workflow(path, fix=fix, nodes=nodes)
    print_checked(out, found.to_json(), _describe(found), strict=strict)


def print_checked(out: Output, value: dict[str, Any], text: str, *, strict: bool) -> None:
    """Print the result of a command and the findings in it.

    Raises:
        StrictError: `strict` is true, and a finding is worse than a hint.
    """
    rules = [finding["rule"] for finding in value["findings"] if finding["severity"] != "hint"]
    error = None
    if strict and rules:
        error = StrictError(
            f"the workflow has problems: {', '.join(dict.fromkeys(rules))}",
            hint="fix the workflow, or omit --strict",
        )
    out.result(value, text, error)
    out.findings(value["findings"])
    if error:
        raise error


def _describe(found: LintReport) -> str:
    counts = f"{pluralize(len(found.graph.nodes), 'node')}, {pluralize(len(found.findings), 'finding')}"
    lines = [f"{found.path}: {found.graph.format} format, {counts}"]
    if found.graph.unknown:
        kinds = ", ".join(dict.fromkeys(node.class_type for node in found.graph.unknown))
        lines.append(f"unknown node types (their inputs and outputs are identified by data type): {kinds}")
    if found.fixed_path is not None:
        lines.append(f"{found.fixed_path}: {pluralize(len(found.fixed), 'finding')} fixed")
    return join_lines(lines)
