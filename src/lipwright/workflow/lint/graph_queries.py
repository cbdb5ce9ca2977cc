"""Questions that the rules ask of a graph, answered once."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from lipwright.workflow.flat import FlatGraph, FlatNode
from lipwright.workflow.graph import Link
from lipwright.workflow.schemas import fits

PRIMITIVES = frozenset(
    {"PrimitiveInt", "PrimitiveFloat", "PrimitiveBoolean", "PrimitiveString", "PrimitiveStringMultiline"}
)
SWITCH, MATHS = "ComfySwitchNode", "ComfyMathExpression"
CONSTANT_TYPES = frozenset({"INT", "FLOAT", "BOOLEAN", "COMBO"})
"""What an unfamiliar node of one value hands on as it is. A text may as well be the wish that it writes
another from, so none is believed."""
SAMPLERS = frozenset({"SamplerCustomAdvanced", "LTXVNormalizingSampler", "SamplerCustom", "KSampler"})
VIDEO_INPUTS = {
    "LTXVConcatAVLatent": "video_latent",
    "LTXVSeparateAVLatent": "av_latent",
    **dict.fromkeys(SAMPLERS, "latent_image"),
}
"""Where the video's part of a latent comes from; the audio's too, but for the first."""

MAX_HOPS = 2000
MAX_EXPRESSION = 200
MAX_VALUE = 1e15

OPERATIONS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}

Fate = Literal["frozen", "free", "made-up", "unknown"]
"""What a sampler does to the audio: keeps it, changes it, invents it, or nobody can tell."""


@dataclass(frozen=True, slots=True)
class Audio:
    """The audio in a latent, followed back to where it came from."""

    fate: Fate
    by: str = ""
    """The node that decided it: the mask, the encoder, or the empty latent."""
    entry: tuple[str, str] | None = None
    """Node and input where the bare encoded audio enters; there it can be frozen."""


@dataclass(slots=True)
class GraphQuery:
    """One graph, with what was found out about it."""

    graph: FlatGraph
    _ancestors: dict[str, frozenset[str]] = field(default_factory=dict)

    def of(self, *class_types: str) -> Iterator[FlatNode]:
        """The nodes of these classes."""
        for node in self.graph.nodes.values():
            if node.class_type in class_types:
                yield node

    def source(self, node: FlatNode, name: str) -> FlatNode | None:
        """The node that feeds an input."""
        link = node.links.get(name)
        return self.graph.nodes.get(link.node) if link else None

    def value(self, node: FlatNode, name: str) -> Any:  # noqa: ANN401 - JSON
        """The constant that an input holds or is fed, or None where that depends on the run."""
        return self._constant(node, name, 0)[0]

    def number(self, node: FlatNode, name: str) -> float | None:
        """The number that an input holds or is fed; None where it is none, or absurd."""
        return _finite(self.value(node, name))

    def holder(self, node: FlatNode, name: str) -> tuple[FlatNode, str] | None:
        """Node and input where that constant is typed in; None where it is calculated."""
        return self._constant(node, name, 0)[1]

    def _constant(  # noqa: PLR0911 - a case for each kind of source
        self, node: FlatNode, name: str, hops: int
    ) -> tuple[Any, tuple[FlatNode, str] | None]:
        if hops > 50:
            return None, None
        source = self.source(node, name)
        if source is None:
            return node.values.get(name), (node, name) if name in node.values else None
        if source.class_type in PRIMITIVES:
            return self._constant(source, "value", hops + 1)
        if source.schema is not None and len(source.schema.inputs) == 1 and not source.links:
            (only,) = source.schema.inputs.values()
            if only.type in CONSTANT_TYPES and source.schema.outputs == (only.type,):
                return self._constant(source, only.name, hops + 1)  # a constant of another pack
        if source.class_type == SWITCH:
            chosen = "on_true" if self._constant(source, "switch", hops + 1)[0] else "on_false"
            return self._constant(source, chosen, hops + 1)
        if source.class_type == MATHS:
            return self._calculated(source, node.links[name].slot, hops + 1), None
        if source.schema is None and set(source.output_types) <= CONSTANT_TYPES and not source.links:
            held = (*source.loose_values, *source.values.values())
            if len(held) == 1 and not isinstance(held[0], str):
                return held[0], None  # constants of other packs
        return None, None

    def _calculated(self, node: FlatNode, slot: int, hops: int) -> float | None:
        text = node.values.get("expression")
        if not isinstance(text, str) or len(text) > MAX_EXPRESSION:
            return None
        names = {name.removeprefix("values."): name for name in (*node.links, *node.values)}
        values = {
            short: _finite(self._constant(node, name, hops)[0])
            for short, name in names.items()
            if short != "expression"
        }
        try:
            result = _evaluate(ast.parse(text, mode="eval").body, values)
        except (SyntaxError, ValueError, ArithmeticError, RecursionError, TypeError):
            return None
        if not math.isfinite(result) or abs(result) > MAX_VALUE:
            return None
        return float(math.trunc(result)) if slot == 1 else result  # slot 1 is the INT output

    def ancestors(self, key: str) -> frozenset[str]:
        """Every node that one depends on; itself only where links run in circles."""
        known = self._ancestors.get(key)
        if known is not None:
            return known
        seen: set[str] = set()
        waiting = [key]
        while waiting:
            node = self.graph.nodes.get(waiting.pop())
            for link in node.links.values() if node else ():
                if link.node not in seen:
                    seen.add(link.node)
                    waiting.append(link.node)
        self._ancestors[key] = frozenset(seen)
        return self._ancestors[key]

    def above(self, node: FlatNode, name: str, *class_types: str) -> FlatNode | None:
        """The first node of these classes in the direct line that feeds an input."""
        link = node.links.get(name)
        if link is None:
            return None
        for key in (link.node, *sorted(self.ancestors(link.node))):
            found = self.graph.nodes.get(key)
            if found is not None and found.class_type in class_types:
                return found
        return None

    def main_input(self, node: FlatNode, kind: str, slot: int = 0) -> Link | None:
        """The input that a node hands on in an output of type `kind`: the one of that type, if any."""
        named = [name for name in node.links if fits(node.input_types.get(name, "*"), kind)]
        outputs = [place for place, given in enumerate(node.output_types) if given == kind]
        if len(outputs) > 1 and slot in outputs and len(named) == len(outputs):
            return node.links[named[outputs.index(slot)]]
        return node.links[named[0]] if named else None

    def encoder(self, node: FlatNode, role: str) -> FlatNode | None:
        """The CLIPTextEncode whose words a guider is told.

        Args:
            node: The guider, or a sampler that is its own.
            role: positive or negative.

        Returns:
            None where the words are zeroed out, or come from a node that is not known.
        """
        link = node.links.get(role)
        for _ in range(MAX_HOPS):
            at = self.graph.nodes.get(link.node) if link else None
            if at is None or link is None or at.class_type == "CLIPTextEncode":
                return at
            if at.class_type == "ConditioningZeroOut":
                return None
            link = at.links.get(role) or self.main_input(at, "CONDITIONING", link.slot)
        return None

    def video_latent(self, node: FlatNode, name: str) -> FlatNode | None:
        """The node that made the video in a latent: empty, or an encoder; None where nobody can tell."""
        link = node.links.get(name)
        for _ in range(MAX_HOPS):
            at = self.graph.nodes.get(link.node) if link else None
            if at is None or link is None or "LATENT" not in at.output_types:
                return None
            follow = VIDEO_INPUTS.get(at.class_type)
            before = at.links.get(follow) if follow else self.main_input(at, "LATENT", link.slot)
            if before is None:
                return at
            link = before
        return None

    def audio_of(self, node: FlatNode, name: str) -> Audio:  # noqa: PLR0911 - a case for each kind of node
        """What becomes of the audio in the latent that an input takes."""
        entry, link = (node.id, name), node.links.get(name)
        entered: tuple[str, str] | None = None
        for _ in range(MAX_HOPS):
            at = self.graph.nodes.get(link.node) if link else None
            if at is None or link is None:
                return Audio("unknown", entry[0])
            match at.class_type:
                case "SetLatentNoiseMask":
                    return self._masked(at, entered)
                case "LTXVSetAudioVideoMaskByTime":
                    return self._masked_by_time(at)
                case "LipwrightFreezeAudio":
                    return Audio("frozen", at.id)
                case "LTXVAudioVideoMask":
                    return self._masked_by_kj(at)
                case "LTXVAudioVAEEncode":
                    return Audio("free", at.id, entered or entry)
                case "LTXVEmptyLatentAudio":
                    return Audio("made-up", at.id)
                case "LTXVConcatAVLatent":
                    entered = (at.id, "audio_latent")
                    entry, link = entered, at.links.get("audio_latent")
                case kind if kind in VIDEO_INPUTS:
                    entry = (at.id, VIDEO_INPUTS[kind])
                    link = at.links.get(VIDEO_INPUTS[kind])
                case _:
                    entry, link = (at.id, ""), self.main_input(at, "LATENT", link.slot)
        return Audio("unknown", entry[0])

    def _masked(self, node: FlatNode, entered: tuple[str, str] | None) -> Audio:
        mask = self.source(node, "mask")
        level = self.number(mask, "value") if mask is not None and mask.class_type == "SolidMask" else None
        if level is None or entered is None:
            return Audio("unknown", node.id)
        return Audio("frozen" if level == 0 else "free", node.id)

    def _masked_by_time(self, node: FlatNode) -> Audio:
        masked, start = self.value(node, "mask_audio"), self.number(node, "mask_init_value_audio")
        if masked is None or start is None:
            return Audio("unknown", node.id)
        return Audio("free" if masked or start > 0 else "frozen", node.id)

    def _masked_by_kj(self, node: FlatNode) -> Audio:
        start, end = self.number(node, "audio_start_time"), self.number(node, "audio_end_time")
        if start is None or end is None:
            return Audio("unknown", node.id)
        return Audio("frozen" if start >= end else "free", node.id)


def _finite(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and abs(number) <= MAX_VALUE else None


def _evaluate(node: ast.expr, values: dict[str, float | None]) -> float:
    """Arithmetic and nothing else.

    Raises:
        ValueError: anything else in it, or a value that is not known.
    """
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            value = values.get(name)
            if value is None:
                raise ValueError(name)
            return value
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_evaluate(inner, values)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATIONS:
            return OPERATIONS[type(sign)](_evaluate(left, values), _evaluate(right, values))
    raise ValueError(ast.dump(node)[:50])


def numbers_in(text: object) -> tuple[float, ...] | None:
    """The numbers of a list such as "1, 0.5"; None where it is none."""
    if not isinstance(text, str) or len(text) > 10_000:
        return None
    try:
        found = tuple(
            float(part) for part in text.replace("[", "").replace("]", "").split(",") if part.strip()
        )
    except ValueError:
        return None
    return found if all(math.isfinite(one) for one in found) else None
