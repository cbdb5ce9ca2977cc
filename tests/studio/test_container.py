"""The container's files fit the package and the command line. They are not built here."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import typer
import yaml
from container_steps import instructions

from lipwright.cli.main import app

ROOT = Path(__file__).parents[2]
STEPS = list(instructions((ROOT / "Dockerfile").read_text()))


def step(word: str) -> str:
    return next(rest for one, rest in STEPS if one == word)


def test_dockerfile_copies_exactly_the_needed_files() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {source for word, rest in STEPS if word == "COPY" for source in rest.split()[:-1]}
    assert copied == kept
    package = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project, wheel = package["project"], package["tool"]["hatch"]["build"]["targets"]["wheel"]
    included = {Path(path).parts[0] for path in (*wheel["packages"], *wheel["force-include"])}
    assert {project["readme"], *project["license-files"], "pyproject.toml", *included} <= copied
    assert all((ROOT / name).exists() for name in copied)


def test_dockerfile_installs_existing_extras() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    install = " ".join(rest for word, rest in STEPS if word == "RUN")
    named = set(re.findall(r"\w+", " ".join(re.findall(r"extras=([\w,$]+)", install)))) - {"extras"}
    assert named == {"studio", "comfyui", "ltx"} <= set(extras)
    for requirements in re.findall(r"--requirement (\S+)", install):
        assert (ROOT / requirements).is_file()


def test_container_serves_as_an_unprivileged_user() -> None:
    assert json.loads(step("ENTRYPOINT")) == ["lipwright"]
    command, *words = json.loads(step("CMD"))
    context = typer.main.get_command(app).commands[command].make_context("lipwright", words)
    assert (context.params["host"], str(context.params["data"])) == ("0.0.0.0", step("VOLUME"))  # noqa: S104
    assert str(context.params["port"]) == step("EXPOSE")
    assert step("USER") != "root"
    assert f":{step('EXPOSE')}/v1/health" in step("HEALTHCHECK")


def test_compose_binds_to_localhost_and_requires_a_token() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    studio = compose["services"]["studio"]
    assert studio["ports"] == [f"127.0.0.1:{step('EXPOSE')}:{step('EXPOSE')}"]
    assert studio["environment"]["LIPWRIGHT_TOKEN"].startswith("${LIPWRIGHT_TOKEN:?")
    places = dict(volume.split(":") for volume in studio["volumes"])
    assert set(places) == set(compose["volumes"])
    assert step("VOLUME") in places.values()
    build = {argument.partition("=")[0] for word, argument in STEPS if word == "ARG"}
    assert set(studio["build"]["args"]) == build
