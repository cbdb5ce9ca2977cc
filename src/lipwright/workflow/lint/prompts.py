"""The prompts that samplers are guided by, for rules that know words; `lipwright.prompt` has those."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lipwright.workflow.flat import FlatNode
from lipwright.workflow.lint.graph_queries import SAMPLERS, GraphQuery
from lipwright.workflow.lint.guidance import WITH_NEGATIVE, cfg_of
from lipwright.workflow.lint.image import HOLDERS

GUIDED = frozenset({*WITH_NEGATIVE, *SAMPLERS})


@dataclass(frozen=True, slots=True)
class SamplerPrompt:
    """A positive prompt, with what stands beside it where it is first used."""

    node: FlatNode
    """The encoder; its input `text` holds the prompt."""
    text: str
    cfg: float | None
    """None where it is not told."""
    image_strength: float | None
    """How firmly the first frame is held to an image; None without one, or where it is not told."""
    has_image: bool


def prompts(lens: GraphQuery) -> Iterator[SamplerPrompt]:
    """Every positive prompt whose words stand in the graph, once."""
    seen: set[str] = set()
    # The first stage has the fewest nodes above it: its image and its CFG are those that count.
    for sampler in sorted(lens.of(*SAMPLERS), key=lambda node: len(lens.ancestors(node.id))):
        above = [lens.graph.nodes[key] for key in lens.ancestors(sampler.id) if key in lens.graph.nodes]
        for guider in (sampler, *above):
            encoder = lens.encoder(guider, "positive") if guider.class_type in GUIDED else None
            if encoder is None or encoder.id in seen:
                continue
            text = lens.value(encoder, "text")
            if not isinstance(text, str) or not text.strip():
                continue
            seen.add(encoder.id)
            holders = [node for node in above if node.class_type in HOLDERS]
            strengths = [lens.number(node, "strength") for node in holders]
            yield SamplerPrompt(
                encoder, text, cfg_of(lens, guider), strengths[0] if strengths else None, bool(holders)
            )
