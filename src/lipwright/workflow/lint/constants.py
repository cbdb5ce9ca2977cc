"""Values in a graph that are known before it runs: typed in, passed on, switched or calculated."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lipwright.workflow.flat import FlatGraph, FlatNode
from lipwright.workflow.graph import Link

PRIMITIVES = {
    **dict.fromkeys(
        ("PrimitiveInt", "PrimitiveFloat", "PrimitiveBoolean", "PrimitiveString", "PrimitiveStringMultiline"),
        "value",
    ),
    "StringConstantMultiline": "string",
}
"""Nodes that pass on the value typed into them -> the input that holds it."""
CONSTANT_TYPES = frozenset({"INT", "FLOAT", "BOOLEAN", "COMBO"})
"""Types that an unfamiliar node with a single value passes on unchanged."""

TEXT_INPUTS = ("text", "value", "string", "prompt", "positive", "Text", "String")
"""Inputs of text nodes that contain the text itself; a node with any other input may rewrite it."""

EXPRESSIONS = {
    "ComfyMathExpression": ("expression", 1),
    "MathExpression|pysssss": ("expression", 0),
    "SimpleCalculatorKJ": ("expression", 1),
    "SimpleMath+": ("value", 0),
}
"""Nodes that evaluate an expression -> the input with the expression, and the output slot of the integer."""
TRUTH_SLOT = 2
"""Output slot of those nodes that says whether the result is true; not all of them have it."""

CONVERSIONS: dict[str, Callable[[float], float]] = {
    "CM_FloatToInt": math.trunc,
    "CM_IntToFloat": float,
    "LTXFloatToInt": round,
}
"""Nodes that convert the number of their input `a`."""

MEASURES = {"GetImageSize": 0, "GetImageSizeAndCount": 1}
"""Nodes that measure their input `image` -> the output slot of the width; the height follows it."""

TWO_OPERANDS: dict[str, Callable[[float, float], float]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "modulo": operator.mod,
}
"""Operations of easy-use's `easy mathInt` and `easy mathFloat`."""

SELECTORS = ("switch", "boolean", "condition", "cond", "bool", "value")
BRANCHES = (
    ("on_false", "on_true"),
    ("if_false", "if_true"),
    ("false_value", "true_value"),
    ("ff_value", "tt_value"),
    ("image_b", "image_a"),
    ("latent_b", "latent_a"),
)
"""Names of the inputs of switches, by pack: ComfyUI, KJNodes, easy-use, Crystools, Impact, WAS and others."""

FIRST_LINKED = ("Any Switch (rgthree)", "Fast Any Switch", "ImpactSwitchFirst")
NUMBERED_SWITCHES = {
    "ImpactSwitch": ("select", "input", 1),
    "easy anythingIndexSwitch": ("index", "value", 0),
}
"""Switch -> its selector, the prefix of its inputs, and the number of the first one."""

STRENGTHS = {"LoraLoaderModelOnly": "strength_model", "LoraLoader": "strength_model"}
PASSING_WITHOUT_EFFECT = {
    "LTXVImgToVideoInplace": "latent",
    "LTXVImgToVideoConditionOnly": "latent",
    "LTXVImgToVideoInplaceKJ": "latent",
}
"""Nodes that hold a frame to an image, and the input that they pass on if bypassed or at strength 0."""

VIEWS = {"VisualizeSigmasKJ": "sigmas", "PreviewAny": "source"}
"""Nodes that display their input and pass it on."""

MAX_HOPS = 2000
MAX_DEPTH = 50
MAX_EXPRESSION_LENGTH = 200
MAX_VALUE = 1e15
MAX_TEXT_LENGTH = 100_000

OPERATIONS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
FUNCTIONS: dict[str, Callable[..., float]] = {
    "round": round,
    "int": math.trunc,
    "float": float,
    "floor": math.floor,
    "ceil": math.ceil,
    "min": min,
    "max": max,
    "abs": abs,
    "sqrt": math.sqrt,
}
COMPARISONS: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


@dataclass(slots=True)
class Constants:
    """Values and links of one graph, with switches and nodes without effect passed through."""

    graph: FlatGraph
    _followed: dict[Link, Link] = field(default_factory=dict)
    _found: dict[tuple[str, str], tuple[Any, tuple[FlatNode, str] | None]] = field(default_factory=dict)

    def follow(self, link: Link) -> Link:
        """Return the output that really arrives: the chosen branch of switches, past nodes without effect."""
        passed = []
        for _ in range(MAX_HOPS):
            if link in self._followed:
                link = self._followed[link]
                break
            node = self.graph.nodes.get(link.node)
            passed.append(link)
            # Until it is known, a link leads to itself: switches in a circle end.
            self._followed[link] = link
            before = self._passed_through(node, link.slot) if node is not None else None
            if before is None:
                break
            link = before
        for one in passed:
            self._followed[one] = link
        return link

    def _passed_through(self, node: FlatNode, slot: int) -> Link | None:
        name = self._passing_input(node, slot)
        return node.links.get(name) if name else None

    def _passing_input(self, node: FlatNode, slot: int) -> str | None:  # noqa: PLR0911 - a line for each kind
        """Return the input that a node passes on unchanged in an output, if it does."""
        kind = node.class_type
        if kind in PASSING_WITHOUT_EFFECT and slot == 0:
            strength = self.value(node, "strength") if kind != "LTXVImgToVideoInplaceKJ" else None
            if self.value(node, "bypass") is True or strength == 0:
                return PASSING_WITHOUT_EFFECT[kind]
            return None
        if kind in STRENGTHS:
            return "model" if slot == 0 and self.value(node, STRENGTHS[kind]) == 0 else None
        if kind in VIEWS:
            return VIEWS[kind] if slot == 0 or kind == "VisualizeSigmasKJ" else None
        if kind in FIRST_LINKED:
            return min(node.links, default=None)
        if kind in NUMBERED_SWITCHES:
            selector, prefix, first = NUMBERED_SWITCHES[kind]
            chosen = self.value(node, selector)
            if isinstance(chosen, bool) or not isinstance(chosen, int | float) or chosen < first:
                return None
            return f"{prefix}{chosen:.0f}"
        branches = self._branches(node)
        selector = self._selector(node)
        if branches is None or not selector:
            return None
        chosen = self.value(node, selector)
        return branches[chosen] if isinstance(chosen, bool) else None

    def is_undecided_switch(self, node: FlatNode) -> bool:
        """Return True for a switch of which it is not known which of its linked branches it passes on."""
        if node.class_type in NUMBERED_SWITCHES:
            prefix = NUMBERED_SWITCHES[node.class_type][1]
            branches = [name for name in node.links if name.removeprefix(prefix).isdecimal()]
        else:
            pair = self._branches(node) if self._selector(node) else None
            branches = [name for name in pair or () if name in node.links]
        return len(branches) > 1 and self._passing_input(node, 0) is None

    @staticmethod
    def _branches(node: FlatNode) -> tuple[str, str] | None:
        return next((pair for pair in BRANCHES if pair[0] in node.links or pair[1] in node.links), None)

    @staticmethod
    def _selector(node: FlatNode) -> str:
        return next((name for name in SELECTORS if name in node.values or name in node.links), "")

    def source(self, node: FlatNode, name: str) -> FlatNode | None:
        """Return the node that feeds an input."""
        link = node.links.get(name)
        return self.graph.nodes.get(self.follow(link).node) if link else None

    def value(self, node: FlatNode, name: str) -> Any:  # noqa: ANN401 - JSON
        """Return the constant value of an input, typed in or linked; None if it is only known at run time."""
        return self._constant(node, name, 0)[0]

    def number(self, node: FlatNode, name: str) -> float | None:
        """Return the constant number of an input; None if it is not a number, or absurdly large."""
        return finite(self.value(node, name))

    def holder(self, node: FlatNode, name: str) -> tuple[FlatNode, str] | None:
        """Return the node and input where the constant is typed in; None if it is calculated."""
        return self._constant(node, name, 0)[1]

    def _constant(self, node: FlatNode, name: str, depth: int) -> tuple[Any, tuple[FlatNode, str] | None]:
        if (node.id, name) not in self._found:
            # Until it is known, it is nothing: calculations in a circle end.
            self._found[node.id, name] = (None, None)
            self._found[node.id, name] = self._find_constant(node, name, depth)
        return self._found[node.id, name]

    def _find_constant(  # noqa: PLR0911 - a case for each kind of source
        self, node: FlatNode, name: str, depth: int
    ) -> tuple[Any, tuple[FlatNode, str] | None]:
        if depth > MAX_DEPTH:
            return None, None
        link = node.links.get(name)
        if link is None:
            return node.values.get(name), (node, name) if name in node.values else None
        link = self.follow(link)
        source = self.graph.nodes.get(link.node)
        if source is None:
            return None, None
        passing = self._passing_input(source, link.slot)
        if passing is not None:  # a switch whose chosen branch is typed in
            return self._constant(source, passing, depth + 1)
        if source.class_type in PRIMITIVES:
            return self._constant(source, PRIMITIVES[source.class_type], depth + 1)
        if source.class_type in EXPRESSIONS:
            return self._evaluate_node(source, link.slot, depth + 1), None
        if source.class_type in ("easy mathInt", "easy mathFloat"):
            return self._two_operands(source, depth + 1), None
        if source.class_type in CONVERSIONS:
            number = finite(self._constant(source, "a", depth + 1)[0])
            return None if number is None else float(CONVERSIONS[source.class_type](number)), None
        if source.class_type in MEASURES:
            size = self._image_size(source, "image", depth + 1)
            side = link.slot - MEASURES[source.class_type]
            return (size[side] if size and 0 <= side < 2 else None), None
        if source.class_type == "StringConcatenate":
            return self._joined_text(source, depth + 1), None
        return self._of_unfamiliar_node(source, depth)

    def _joined_text(self, node: FlatNode, depth: int) -> str | None:
        parts = [self._constant(node, name, depth)[0] for name in ("string_a", "delimiter", "string_b")]
        texts = [part for part in parts if isinstance(part, str)]
        is_whole = len(texts) == len(parts) and sum(map(len, texts)) <= MAX_TEXT_LENGTH
        return "".join(texts) if is_whole else None

    def _of_unfamiliar_node(self, source: FlatNode, depth: int) -> tuple[Any, tuple[FlatNode, str] | None]:
        if source.schema is not None:
            inputs = tuple(source.schema.inputs.values())
            only = inputs[0] if len(inputs) == 1 and not source.links else None
            if only is None or only.type not in CONSTANT_TYPES or source.schema.outputs != (only.type,):
                return None, None
            return self._constant(source, only.name, depth + 1)
        if source.links:
            return None, None
        if len(source.values) == 1:
            ((name, value),) = source.values.items()
            if not isinstance(value, str) or name in TEXT_INPUTS:
                return value, (source, name)
        held = source.unnamed_values
        if len(held) == 1 and not source.values and set(source.output_types) <= CONSTANT_TYPES | {"STRING"}:
            is_text_node = "text" in source.class_type.lower() or "string" in source.class_type.lower()
            if not isinstance(held[0], str) or is_text_node:
                return held[0], None
        return None, None

    def _evaluate_node(self, node: FlatNode, slot: int, depth: int) -> float | bool | None:
        holder, whole_slot = EXPRESSIONS[node.class_type]
        text = self._constant(node, holder, depth)[0]
        if not isinstance(text, str) or len(text) > MAX_EXPRESSION_LENGTH:
            return None
        values = {
            name.rpartition(".")[2]: _as_number(self._constant(node, name, depth)[0])
            for name in (*node.links, *node.values)
            if name != holder
        }
        try:
            result = _evaluate(ast.parse(text.strip(), mode="eval").body, values)
            if not math.isfinite(result) or abs(result) > MAX_VALUE:
                return None
        except (SyntaxError, ValueError, ArithmeticError, RecursionError, TypeError, MemoryError):
            return None
        if slot == TRUTH_SLOT:
            return bool(result)
        return float(math.trunc(result)) if slot == whole_slot else float(result)

    def _two_operands(self, node: FlatNode, depth: int) -> float | None:
        a, b = (finite(self._constant(node, name, depth)[0]) for name in ("a", "b"))
        operation = TWO_OPERANDS.get(str(self._constant(node, "operation", depth)[0]))
        if a is None or b is None or operation is None:
            return None
        try:
            result = finite(operation(a, b))
        except ArithmeticError:
            return None
        whole = node.class_type == "easy mathInt" and result is not None
        return float(math.trunc(result or 0)) if whole else result

    def _image_size(self, node: FlatNode, name: str, depth: int) -> tuple[float, float] | None:
        """Return width and height of the image that an input takes, if they are known."""
        if depth > MAX_DEPTH:
            return None
        source = self.source(node, name)
        if source is None:
            return None
        if source.class_type in ("EmptyImage", "ImageScale"):
            width, height = (finite(self._constant(source, side, depth)[0]) for side in ("width", "height"))
            return (width, height) if width and height else None
        size = self._image_size(source, "image", depth + 1)
        if source.class_type == "ImageScaleBy" and size is not None:
            factor = finite(self._constant(source, "scale_by", depth)[0])
            return (float(round(size[0] * factor)), float(round(size[1] * factor))) if factor else None
        return size if source.class_type == "LTXVPreprocess" else None


def finite(value: object) -> float | None:
    """Return the value as a number; None if it is not a number, or absurdly large."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and abs(number) <= MAX_VALUE else None


def _as_number(value: object) -> float | None:
    """Return a number, or a truth value as 0 or 1."""
    return float(value) if isinstance(value, bool) else finite(value)


def _evaluate(node: ast.expr, values: dict[str, float | None]) -> float:  # noqa: PLR0911 - a case for each kind
    """Evaluate an arithmetic expression; comparisons are 1 or 0.

    Raises:
        ValueError: it contains anything else, or an unknown value.
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
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return math.pow(_evaluate(left, values), _evaluate(right, values))
        case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in COMPARISONS:
            return float(COMPARISONS[type(sign)](_evaluate(left, values), _evaluate(right, values)))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _evaluate(body if _evaluate(test, values) else orelse, values)
        case ast.Call(func=ast.Name(id="pow"), args=[left, right], keywords=[]):
            return math.pow(_evaluate(left, values), _evaluate(right, values))
        case ast.Call(func=ast.Name(id="round"), args=[number, digits], keywords=[]):
            return float(round(_evaluate(number, values), round(_evaluate(digits, values))))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            return float(FUNCTIONS[name](*(_evaluate(one, values) for one in arguments)))
    raise ValueError(ast.dump(node)[:50])


def numbers_in(text: object) -> tuple[float, ...] | None:
    """Return the numbers of a list such as "1, 0.5"; None if it is not a list of numbers."""
    if not isinstance(text, str) or len(text) > 10_000:
        return None
    try:
        found = tuple(
            float(part) for part in text.replace("[", "").replace("]", "").split(",") if part.strip()
        )
    except ValueError:
        return None
    return found if all(math.isfinite(one) for one in found) else None
