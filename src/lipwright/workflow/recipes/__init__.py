"""The two graphs, by name.

    graph = build_graph("guide", inputs)      # WorkflowInputs
    graph.to_api()                              # what POST /prompt takes
    graph.output_node, graph.filename_prefix    # where the file is found in /history
    graph.findings                              # what was left out, and why

For an engine: `inputs.export = "frames"` makes the output node write the image alone, close to
lossless; `inputs.available` (the keys of /object_info) lets a recipe use lipwright's own nodes
and do without packs that are missing; `schemas = read_object_info(answer)` checks every value
and file name against that very server. `POST /free {"free_memory": true}` between two jobs with
different temporal masks, for the mask node writes into its cached input.
"""

from __future__ import annotations

from typing import Literal, get_args

from lipwright.errors import UsageError
from lipwright.workflow.graph import Graph
from lipwright.workflow.inputs import WorkflowInputs
from lipwright.workflow.schemas import Schemas, bundled

Recipe = Literal["guide", "official"]
STAGES: dict[Recipe, int] = {"guide": 1, "official": 2}
"""How often each samples."""


def build_graph(recipe: Recipe, inputs: WorkflowInputs, schemas: Schemas | None = None) -> Graph:
    """Build a recipe's graph; it fits the schemas.

    Args:
        recipe: guide, the guide's graph, or official, ComfyUI's in two stages.
        inputs: What it is made from.
        schemas: Of the server that will run it; None is the bundled ones.

    Raises:
        UsageError: there is no such recipe.
        PlanError: a size, length or value that the nodes do not take.
        EngineUnavailable: the server lacks a node or a model file.
    """
    from lipwright.workflow.recipes import guide, official  # noqa: PLC0415 - one of them

    builders = {"guide": guide.build, "official": official.build}
    if recipe not in builders:
        raise UsageError(f"there is no recipe {recipe!r}", hint=f"one of {', '.join(get_args(Recipe))}")
    return builders[recipe](inputs, schemas or bundled())
