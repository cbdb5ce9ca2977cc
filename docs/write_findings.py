"""Write docs/findings.md, and the last column of docs/lip-sync-rules.md, from the catalogs of findings.

Each package lists what it can find in its `findings.py`. Run after a change there:

    python docs/write_findings.py
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import lipwright
from lipwright.domain.finding import FindingType

DOCS = Path(__file__).parent
PACKAGE = Path(lipwright.__file__).parent

TITLES = {
    "audio": "The recording",
    "domain": "Settings",
    "dialogue": "Several speakers",
    "engines": "Engines",
    "engines.comfyui": "The comfyui engine",
    "engines.ltx": "The ltx engine",
    "face": "The image",
    "media": "Delivery",
    "pipeline": "The whole job",
    "prompt": "The prompt",
    "sync": "The finished video: causes that `lipwright check` finds",
    "workflow": "ComfyUI graphs",
}
"""Headings, by package."""

INTRODUCTION = """# Findings

<!-- Written by docs/write_findings.py from the packages' findings.py; changes belong there. -->

A finding is something that a check noticed. It never stops the work; what stops the work is an error with
a hint. In a terminal the findings that ask you to do something are printed on standard error. With `--json`,
and in the manifest, all of them stand under `findings` with these keys:

- `rule`: the finding's id, which stays the same between versions,
- `severity`: error, warning or hint,
- `text`: what was found, with its numbers; `advice`: what to do,
- `where`: `start` and `end` in seconds of the audio or in characters of the prompt, and `places`, a list of
  [start, end], where a finding has several; `box` (left, top, right, bottom in pixels of the image); or
  `node`, `title` and `input` of a ComfyUI graph,
- `lip_sync_rule`, where it guards one: a rule of [lip-sync-rules.md](lip-sync-rules.md),
- `evidence`, for causes that `lipwright check` found: what was measured.
"""


def catalogs() -> Iterator[tuple[str, list[FindingType]]]:
    """Every catalog: its package's name without "lipwright.", and the types of finding in order."""
    for path in sorted(PACKAGE.rglob("findings.py")):
        module = import_module(".".join(("lipwright", *path.relative_to(PACKAGE).with_suffix("").parts)))
        found: dict[str, FindingType] = {}
        for value in vars(module).values():
            for one in (
                value.values()
                if isinstance(value, Mapping)
                else value
                if isinstance(value, tuple)
                else [value]
            ):
                if isinstance(one, FindingType):
                    found.setdefault(one.id, one)
        yield module.__name__.removeprefix("lipwright.").removesuffix(".findings"), list(found.values())


def findings_page() -> str:
    """The text of docs/findings.md."""
    parts = [INTRODUCTION]
    for name, found in catalogs():
        parts.append(f"## {TITLES[name]}\n\nFrom the package `lipwright.{name}`.\n")
        rows = ["| rule | severity | guards | means | what to do |", "| --- | --- | --- | --- | --- |"]
        for one in found:
            rule = one.lip_sync_rule
            guards = f"[{rule}](lip-sync-rules.md#{rule.lower()})" if rule else ""
            cells = (f"`{one.id}`", one.severity, guards, one.meaning or _plain(one.text), _plain(one.advice))
            rows.append(f"| {' | '.join(cells)} |")
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def rules_page(text: str) -> str:
    """docs/lip-sync-rules.md with the findings that guard each rule written under its heading."""
    guards: dict[str, list[str]] = {}
    for _, found in catalogs():
        for one in found:
            if one.lip_sync_rule:
                guards.setdefault(one.lip_sync_rule, []).append(f"[`{one.id}`](findings.md)")

    def written(match: re.Match[str]) -> str:
        links = ", ".join(sorted(guards.get(match[2], [])))
        return f"{match[1]}Findings: {links or 'none; lipwright keeps this rule by itself'}.\n"

    return re.sub(r"(### ([A-Z]+-\d+)\n(?:(?!###|Findings:).*\n)*?)Findings:.*\n", written, text)


def _plain(template: str) -> str:
    """A text template for readers: each field by its name, in italics."""
    if re.fullmatch(r"\{\w+\}", template):  # written where it is found
        return ""
    shown = re.sub(r"\{(\w+)[^{}]*\}", lambda field: f"*{field[1].replace('_', ' ')}*", template)
    return shown.replace("{{", "{").replace("}}", "}").replace("|", "\\|")


def main() -> None:
    """Write both pages."""
    (DOCS / "findings.md").write_text(findings_page(), encoding="utf-8")
    rules = DOCS / "lip-sync-rules.md"
    rules.write_text(rules_page(rules.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
