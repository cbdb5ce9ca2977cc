"""The documents are correct and complete: command lines parse, links lead somewhere, every option is
listed."""

from __future__ import annotations

import doctest
import re
import shlex
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
from comfy_process import ComfyProcess

from lipwright.cli.main import app
from lipwright.domain.presets import PRESETS
from lipwright.domain.settings import SETTINGS
from lipwright.errors import LipwrightError

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS))

from write_findings import catalogs, findings_page, rules_page  # noqa: E402

PAGES = [
    page
    for pattern in ("*.md", "docs/**/*.md", "training/*.md", "examples/*.md")
    for page in sorted(ROOT.glob(pattern))
]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
COMMAND_PAGES = [
    "batch",
    "dialogue",
    "jobs",
    "studio",
    "render",
    "check",
    "tune",
    "workflow",
    "plan",
    "audio",
    "mix",
    "prompt",
    "image",
    "models",
    "comfyui",
    "doctor",
]

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SHELL_END = {"|", "||", "&&", ";", ">", ">>", "2>", "<"}


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def shell_lines(text: str) -> Iterator[list[str]]:
    """The words of each `lipwright ...` line in fenced sh and console blocks."""
    for language, body in FENCE.findall(text):
        if language not in {"sh", "console"}:
            continue
        for line in body.replace("\\\n", " ").splitlines():
            words = shlex.split(line.removeprefix("$ "), comments=True) if "lipwright" in line else []
            if words[:1] == ["lipwright"] and (language == "sh" or line.startswith("$ ")):
                end = next((i for i, word in enumerate(words) if word in SHELL_END), len(words))
                yield words[1:end]


def inline_commands(text: str) -> Iterator[list[str]]:
    """The words of each `lipwright ...` in running text; such lines may be shortened."""
    for code in re.findall(r"(?<!`)`(lipwright [^`]+)`(?!`)", FENCE.sub("", text)):
        yield code.split()[1:]


@cache
def root_command() -> Any:
    return typer.main.get_command(app)


def find_command(words: list[str]) -> tuple[Any, list[str]]:
    """The command that these words lead to, and the words left over."""
    command, left = root_command(), list(words)
    while hasattr(command, "commands") and left and not left[0].startswith("-"):
        assert left[0] in command.commands, f"there is no command {left[0]!r} in lipwright {' '.join(words)}"
        command = command.commands[left.pop(0)]
    return command, left


def options_of(command: Any) -> set[str]:
    return {name for parameter in command.params for name in parameter.opts if name.startswith("-")}


def parse(words: list[str]) -> None:
    """Parse a command line with the real options, running nothing.

    Raises:
        typer.TyperException: it is wrong.
    """
    command, left = find_command(words)
    if left in (["--version"], ["--help"]):
        assert left[0] in options_of(command) | {"--help"}
        return
    command.make_context("lipwright", left)


def test_there_are_pages() -> None:
    assert {"README.md", "ARCHITECTURE.md", "docs/render.md", "docs/decisions/README.md"} <= set(NAMES)
    assert sum(len(list(shell_lines(text_of(name)))) for name in NAMES) > 20


@pytest.mark.parametrize("name", NAMES)
def test_every_command_line_parses(name: str) -> None:
    for words in shell_lines(text_of(name)):
        try:
            parse(words)
        except (typer.TyperException, LipwrightError) as error:
            pytest.fail(f"lipwright {' '.join(words)}: {error}")


@pytest.mark.parametrize("name", NAMES)
def test_every_command_named_in_the_text_exists(name: str) -> None:
    for words in inline_commands(text_of(name)):
        command, left = find_command(words)
        known = options_of(command) | {"--help"}
        for word in left:
            assert not word.startswith("-") or word in known, f"lipwright {' '.join(words)}: no {word}"


def test_a_wrong_line_is_seen() -> None:
    with pytest.raises(typer.TyperException):
        parse(["render", "voice.wav", "-o", "video.mp4", "--portrait", "p.jpg"])
    with pytest.raises(typer.TyperException):
        parse(["render", "voice.wav"])
    with pytest.raises(AssertionError):
        parse(["sing", "voice.wav"])


def commands_of(name: str) -> list[Any]:
    """The command of that name, or those within it."""
    command = root_command().commands[name]
    return list(command.commands.values()) if hasattr(command, "commands") else [command]


def long_options(name: str) -> set[str]:
    options = set().union(*(options_of(command) for command in commands_of(name)))
    return {option for option in options if option.startswith("--")}


@pytest.mark.parametrize("name", COMMAND_PAGES)
def test_command_pages_list_exactly_the_existing_options(name: str) -> None:
    text = re.sub(r"(?:^|`)(?:ray|python|docker) [^`\n]*", "", text_of(f"docs/{name}.md"), flags=re.MULTILINE)
    told = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))
    assert long_options(name) <= told
    assert told <= {"--help"}.union(*(long_options(other) for other in COMMAND_PAGES))


def test_every_command_has_a_page() -> None:
    assert set(root_command().commands) == set(COMMAND_PAGES)


@pytest.mark.parametrize("name", NAMES)
def test_every_make_target_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^|=\S+ )make ([a-z]+)", text_of(name), re.MULTILINE)) <= targets


@pytest.mark.parametrize("name", NAMES)
def test_every_module_run_by_hand_exists(name: str) -> None:
    for module, rest in re.findall(r"python -m ((?:training|lipwright)\.[\w.]+)([^`|\n]*)", text_of(name)):
        path = ROOT / ("src" if module.startswith("lipwright") else "") / f"{module.replace('.', '/')}.py"
        for option in re.findall(r"--[a-z-]+", rest):
            assert f'"{option}"' in path.read_text(encoding="utf-8"), f"{module} has no {option}"


def test_every_file_of_the_training_is_reported() -> None:
    files = {path.name for path in (ROOT / "training").glob("*.py")} - {"__init__.py"}
    assert files == set(re.findall(r"^\| `(\w+\.py)` \|", text_of("training/README.md"), re.MULTILINE))


def test_every_dependency_is_listed_in_notice() -> None:
    project = tomllib.loads(text_of("pyproject.toml"))
    groups = [project["project"]["dependencies"], *project["project"]["optional-dependencies"].values()]
    groups += project["dependency-groups"].values()
    needed = {re.match(r"[\w-]+", requirement)[0] for group in groups for requirement in group}
    notice = text_of("NOTICE").lower()
    assert {name for name in needed if not re.search(rf"(?<![\w-]){name}(?![\w-])", notice)} == set()


def anchors(page: Path) -> set[str]:
    """Headings as GitHub makes anchors of them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", NAMES)
def test_every_relative_link_leads_somewhere(name: str) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", text_of(name))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        assert target.exists(), f"{name}: {link}"
        if anchor:
            assert anchor in anchors(target), f"{name}: {link}"


def test_ids_of_findings_are_unique_and_guard_rules_that_there_are() -> None:
    found = [one for _, types in catalogs() for one in types]
    ids = Counter(one.id for one in found)
    assert [name for name, count in ids.items() if count > 1] == []
    assert [name for name in ids if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)] == []
    rules = set(re.findall(r"^### ([A-Z]+-\d+)$", text_of("docs/lip-sync-rules.md"), re.MULTILINE))
    assert len(rules) == 37
    assert {one.lip_sync_rule for one in found} - {""} <= rules
    assert {spec.lip_sync_rule for spec in SETTINGS.values()} - {""} <= rules


def test_the_pages_of_findings_and_rules_are_as_written_from_the_catalogs() -> None:
    """Run `python docs/write_findings.py` after a change to a catalog."""
    assert text_of("docs/findings.md") == findings_page()
    rules = text_of("docs/lip-sync-rules.md")
    assert rules == rules_page(rules)


def test_every_finding_comes_from_a_catalog() -> None:
    made = {
        str(path.relative_to(ROOT / "src"))
        for path in (ROOT / "src").rglob("*.py")
        if re.search(r"(?<!class )(?<!\w)Finding\(", path.read_text(encoding="utf-8"))
    }
    assert made == {"lipwright/domain/finding.py"}


def test_the_table_of_presets_is_right() -> None:
    columns = ("cfg", "steps", "eta", "norming_threshold", "stg", "modality_scale", "rescale")
    page = text_of("docs/render.md")
    for name, preset in PRESETS.items():
        row = " | ".join([f"| `{name}`", *(f"{getattr(preset, column):g}" for column in columns)]) + " |"
        if name == "portrait":  # its values are the embedded model's, and stand in each manifest
            assert f"| `{name}` |" not in page
        else:
            assert row in page


def keys_of(value: object) -> Iterator[str]:
    """Every key of a JSON value, those within lists included."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from keys_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from keys_of(item)


def untold(value: dict[str, Any], *pages: str) -> set[str]:
    told = {word for page in pages for word in re.findall(r"`(\w+)`", text_of(page))}
    return set(keys_of(value)) - told


def test_every_key_of_a_manifest_is_reported(cli, fakes, voice: Path, tmp_path: Path) -> None:
    done = cli("render", voice, "--engine", "bar", "--size", "64x64", "-o", tmp_path / "video.mp4", "--json")
    assert done.code == 0, done.stderr
    manifest = done.json
    del manifest["engine"]["versions"]
    assert untold(manifest, "docs/manifest.md", "docs/plan.md", "docs/findings.md") == set()


def test_every_key_of_a_dialogue_is_reported(cli, fakes, voice: Path, portrait: Path, tmp_path: Path) -> None:
    (tmp_path / "turns.csv").write_text("0,0.9,A\n1,2,B\n")
    people = ("--speaker", f"A={portrait}", "--speaker", f"B={portrait}", "--turns", tmp_path / "turns.csv")
    size = ("--engine", "bar", "--size", "64x64", "-o", tmp_path / "video.mp4", "--json")
    found = cli("dialogue", voice, *people, *size).json
    del found["engine"]["versions"], found["job"]["speakers"]
    pages = ("dialogue", "manifest", "plan", "findings")
    assert untold(found, *(f"docs/{page}.md" for page in pages)) == set()


def test_every_key_of_a_tuning_is_reported(cli, fakes, voice: Path, tmp_path: Path) -> None:
    done = cli(
        "tune",
        voice,
        "--engine",
        "bar",
        "--size",
        "64x64",
        "--rounds",
        "2",
        "-o",
        tmp_path / "o.mp4",
        "--json",
    )
    assert done.code == 0, done.stderr
    assert {"rounds", "final"} <= done.json.keys()
    assert untold(done.json, "docs/tune.md", "docs/manifest.md") == set()


def test_every_key_of_the_commands_is_reported(cli, voice: Path, portrait: Path, tmp_path: Path) -> None:
    assert untold(cli("plan", voice, "--json").json, "docs/plan.md") == set()
    audio = cli("audio", voice, "--json").json
    assert untold(audio, "docs/audio.md", "docs/plan.md", "docs/findings.md") == set()
    assert untold(cli("image", portrait, "--json").json, "docs/image.md", "docs/findings.md") == set()
    assert untold(cli("models", "list", "--json").json, "docs/models.md") == set()
    made = cli("workflow", voice, "--json", "-o", tmp_path / "wf.json").json
    assert untold(made, "docs/workflow.md", "docs/plan.md", "docs/findings.md") == set()
    checked = cli("workflow", "--lint", tmp_path / "wf.json", "--json").json
    assert untold(checked, "docs/workflow.md", "docs/findings.md") == set()
    server = ComfyProcess()
    status = cli("comfyui", "status", "--server", server.url, "--json").json
    server.stop()
    (state,) = status["servers"]
    assert all(f"`{recipe}`" in text_of("docs/comfyui.md") for recipe in state["recipes"])
    state |= {"packs": {}, "recipes": state["recipes"]["guide"]}
    assert untold(status, "docs/comfyui.md") == set()
    doctor = cli("doctor", "--json").json
    for owner in (doctor, *doctor["engines"]):
        owner["libraries"] = {}
    assert untold(doctor, "docs/doctor.md") == set()


def test_plans_in_the_docs_equal_the_output(cli) -> None:
    shown = 0
    for language, body in FENCE.findall(text_of("docs/plan.md")):
        if language == "console":
            line, _, output = body.partition("\n")
            done = cli(*shlex.split(line.removeprefix("$ lipwright ")))
            assert done.stdout == output
            shown += 1
    assert shown == 3


EXAMPLES = sorted(
    ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
    for path in (ROOT / "src").rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("module", EXAMPLES)
def test_examples_in_docstrings_hold(module: str) -> None:
    done = doctest.testmod(import_module(module))
    assert done.attempted
    assert not done.failed
