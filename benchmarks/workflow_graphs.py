"""Measure how long it takes to build and lint ComfyUI graphs.

python -m benchmarks.workflow_graphs
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from benchmarks.measuring import Figure, present
from lipwright.domain.media import FrameSize
from lipwright.domain.presets import PRESETS
from lipwright.workflow.graph import Graph
from lipwright.workflow.lint.linter import lint
from lipwright.workflow.reader import read_graph
from lipwright.workflow.recipe_inputs import WorkflowInputs
from lipwright.workflow.recipes import Recipe, build_graph
from lipwright.workflow.schemas import bundled
from lipwright.workflow.ui import to_ui

BUILD_MS, LINT_MS, LINTED_NODES = 50, 200, 300


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="the fastest of so many counts")
    options = parser.parse_args()
    start = time.perf_counter()
    bundled()
    figures = [Figure("reading the bundled schemas, once", (time.perf_counter() - start) * 1e3, "ms")]
    for recipe in ("guide", "official"):
        graph = build(recipe)
        took = fastest(lambda recipe=recipe: build(recipe).to_api(), options.runs)
        figures.append(Figure(f"{recipe}: build and check", took, "ms", at_most=BUILD_MS))
        figures.append(
            Figure(f"{recipe}: lay out for the page", fastest(lambda g=graph: to_ui(g), options.runs), "ms")
        )
    document = large(build("official"), LINTED_NODES)
    count = len(read_graph(document, bundled()).nodes)
    took = fastest(lambda: lint(read_graph(document, bundled())), options.runs)
    figures.append(Figure(f"lint a UI graph of {count} nodes", took, "ms", at_most=LINT_MS))
    return 0 if present("ComfyUI graphs", figures) else 1


def build(recipe: Recipe) -> Graph:
    preset = "guide" if recipe == "guide" else "official-distilled"
    inputs = WorkflowInputs(
        driver="driver.wav",
        master="voice.wav",
        size=FrameSize(1280, 704),
        frames=121,
        frame_rate=Fraction(25),
        settings=PRESETS[preset],
        image="portrait.png",
    )
    return build_graph(recipe, inputs)


def large(graph: Graph, nodes: int) -> dict[str, Any]:
    """Copy a UI graph until it has so many nodes; each copy samples the result of the one before.

    The copies are connected by their latents, so that the lint has to walk through all of them.
    """
    one = to_ui(graph)
    document = {**one, "nodes": [], "links": []}
    shift = 0
    while sum(node["type"] not in ("Note", "Reroute") for node in document["nodes"]) < nodes:
        copy = json.loads(json.dumps(one))
        last_node, last_link = one["last_node_id"], one["last_link_id"]
        for node in copy["nodes"]:
            node["id"] += shift * last_node
            for entry in node["inputs"]:
                entry["link"] = entry["link"] and entry["link"] + shift * last_link
        document["nodes"] += copy["nodes"]
        document["links"] += [
            [key + shift * last_link, a + shift * last_node, i, b + shift * last_node, j, kind]
            for key, a, i, b, j, kind in copy["links"]
        ]
        if shift:
            document["links"] = chained(document["links"], document["nodes"], shift, last_node)
        shift += 1
    return document


def chained(
    links: list[list[Any]], nodes: list[dict[str, Any]], shift: int, last_node: int
) -> list[list[Any]]:
    """Connect the first sampler of a copy to the last one of the copy before."""
    samplers = [node["id"] for node in nodes if node["type"] == "SamplerCustomAdvanced"]
    before = max(key for key in samplers if key <= shift * last_node)
    after = min(key for key in samplers if key > shift * last_node)
    return [
        [key, before, 0, b, j, kind] if b == after and kind == "LATENT" else [key, a, i, b, j, kind]
        for key, a, i, b, j, kind in links
    ]


def fastest(work: Callable[[], object], runs: int) -> float:
    """Return the milliseconds of the fastest run."""
    best = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best * 1e3


if __name__ == "__main__":
    sys.exit(main())
