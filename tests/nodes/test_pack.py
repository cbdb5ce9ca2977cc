"""The pack as a whole: what ComfyUI loads, and how it reads to people."""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from comfy_api.latest import ComfyExtension

import lipwright.nodes
from lipwright.engines.comfyui.freeze_check import VERIFIER
from lipwright.nodes.extension import NODES
from lipwright.workflow.recipe_sampling import NORMING_NODE


def test_comfyui_loads_the_pack_under_another_folder_name(tmp_path: Path) -> None:
    link = tmp_path / "lipwright-nodes"
    link.symlink_to(Path(lipwright.nodes.__file__).parent)
    name = str(link).replace(".", "_x_")  # as ComfyUI's load_custom_node does it
    spec = importlib.util.spec_from_file_location(name, link / "__init__.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    extension = asyncio.run(module.comfy_entrypoint())
    del sys.modules[name]
    assert isinstance(extension, ComfyExtension)
    assert asyncio.run(extension.get_node_list()) == list(NODES)


def test_comfyui_starts_without_waiting_for_what_only_running_nodes_need() -> None:
    shim = Path(__file__).parents[1] / "fakes" / "comfy_shim"
    probe = (
        f"import sys; sys.path.insert(0, {str(shim)!r}); import lipwright.nodes.extension; "
        "print(*sorted(name for name in sys.modules if name.partition('.')[0] in "
        "('av', 'cv2', 'PIL', 'torch', 'onnxruntime', 'ai_edge_litert', 'soxr', 'scipy') "
        "or name.startswith(('lipwright.prompt', 'lipwright.audio', 'lipwright.sync', 'lipwright.face'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == []


def test_the_nodes_that_the_engine_uses_are_in_the_pack() -> None:
    names = {node.define_schema().node_id for node in NODES}
    assert len(names) == len(NODES)
    assert {NORMING_NODE, VERIFIER} <= names


@pytest.mark.parametrize("node", NODES, ids=lambda node: node.__name__)
def test_every_node_and_input_is_described(node) -> None:
    schema = node.define_schema()
    assert schema.node_id.startswith("Lipwright")
    assert schema.display_name.endswith("(lipwright)")
    assert schema.category.startswith("lipwright/")
    assert schema.description
    linked = {"MODEL"}
    assert all(one.tooltip or type(one).__name__ in linked or one.id == "model" for one in schema.inputs)
    import inspect

    wanted = list(inspect.signature(node.execute).parameters)
    assert wanted == [one.id for one in schema.inputs]
