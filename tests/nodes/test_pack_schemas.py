"""The bundled schemas of the node pack are those of the nodes themselves."""

from __future__ import annotations

import pytest

from lipwright.nodes.extension import NODES
from lipwright.workflow.schemas import bundled

FACTS = {"default": "default", "min": "minimum", "max": "maximum", "step": "step"}


@pytest.mark.parametrize("node", NODES, ids=lambda node: node.__name__)
def test_bundled_schema_equals_the_nodes(node) -> None:
    own = node.define_schema()
    known = bundled()[own.node_id]
    assert known.pack == "lipwright"
    assert known.is_output == own.is_output_node
    assert list(known.outputs) == [output.type for output in own.outputs]
    assert set(known.inputs) == {one.id for one in own.inputs}
    for one in own.inputs:
        spec = known.inputs[one.id]
        assert spec.required != one.optional
        assert [getattr(spec, name) for name in FACTS.values()] == [
            getattr(one, name, None) for name in FACTS
        ]
        assert list(spec.options or ()) == list(getattr(one, "options", None) or ())
