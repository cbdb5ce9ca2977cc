"""Values in a graph that are known before it runs: typed in, passed on, selected or calculated."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import Any, TypeVar

from lipwright.workflow.flat import FlatGraph, FlatNode
from lipwright.workflow.graph import Link

PRIMITIVES = {
    **dict.fromkeys(
        ("PrimitiveInt", "PrimitiveFloat", "PrimitiveBoolean", "PrimitiveString", "PrimitiveStringMultiline"),
        "value",
    ),
    "StringConstantMultiline": "string",
}
"""For each class of nodes that pass on a typed-in value: the input with the value."""
CONSTANT_TYPES = frozenset({"INT", "FLOAT", "BOOLEAN", "COMBO"})
"""Types of values that an unknown node with a single value is assumed to pass on unchanged."""

TEXT_INPUTS = ("text", "value", "string", "prompt", "positive", "Text", "String")
"""Input names: if the only value of an unknown node is a text in such an input, the node is assumed to pass
the text on unchanged."""

EXPRESSIONS = {
    "ComfyMathExpression": ("expression", 1),
    "MathExpression|pysssss": ("expression", 0),
    "SimpleCalculatorKJ": ("expression", 1),
    "SimpleMath+": ("value", 0),
    "easy mathInt": ("operation", 0),
    "easy mathFloat": ("operation", None),
}
"""For each class of nodes that calculate: the input with the expression, and the output slot of the integer
result (None if there is no integer result)."""
TRUTH_SLOT = 2
"""Output slot of the result as a boolean. Some of the nodes in EXPRESSIONS do not have this slot."""

OPERATION_NAMES = {
    "add": "a + b",
    "subtract": "a - b",
    "multiply": "a * b",
    "divide": "a / b",
    "modulo": "a % b",
}
"""Expression for each operation that the nodes of easy-use offer by name."""

CONVERSIONS = {"CM_FloatToInt": "int(a)", "CM_IntToFloat": "a", "LTXFloatToInt": "round(a)"}
"""For each class of nodes that convert the number in their input `a`: the equivalent expression."""

IMAGE_WIDTH_SLOTS = {"GetImageSize": 0, "GetImageSizeAndCount": 1}
"""For each class of nodes that measure their input `image`: the output slot of the width. The next slot is
that of the height."""

SELECTORS = ("switch", "boolean", "condition", "cond", "bool", "value")
BRANCH_INPUTS = (
    ("on_false", "on_true"),
    ("if_false", "if_true"),
    ("false_value", "true_value"),
    ("ff_value", "tt_value"),
    ("image_b", "image_a"),
    ("latent_b", "latent_a"),
)
"""Names of the two inputs of switches (false, true) in ComfyUI, KJNodes, easy-use, Crystools, Impact, WAS,
..."""

FIRST_LINKED = ("Any Switch (rgthree)", "Fast Any Switch", "ImpactSwitchFirst")
NUMBERED_SWITCHES = {
    "ImpactSwitch": ("select", "input", 1),
    "easy anythingIndexSwitch": ("index", "value", 0),
}
"""For each class of switches with numbered inputs (input1, input2, ...): the name of the input that selects
a numbered input, the prefix of the numbered inputs' names, and the number of the first one."""

STRENGTHS = {"LoraLoaderModelOnly": "strength_model", "LoraLoader": "strength_model"}
PASSING_WITHOUT_EFFECT = {
    "LTXVImgToVideoInplace": "latent",
    "LTXVImgToVideoConditionOnly": "latent",
    "LTXVImgToVideoInplaceKJ": "latent",
}
"""For each class of nodes that set a frame to an image: the input that is passed on unchanged if the node is
bypassed or has strength 0."""

VIEWS = {"VisualizeSigmasKJ": "sigmas", "PreviewAny": "source"}
"""For each class of nodes that display a value: the input that is displayed and passed on."""

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


Key = TypeVar("Key")
Result = TypeVar("Result")


def walk_back(
    known: dict[Key, Result],
    start: Key | None,
    otherwise: Result,
    step: Callable[[Key], tuple[Key | None, Result]],
) -> Result:
    """Walk backward through a graph to the end of a path, and return the result found there.

    Args:
        known: Results of earlier walks, by key. A key identifies a place in the graph, such as a link. The
            keys of this walk are added, so that no path is walked twice.
        start: Key of the place where the walk starts; None if there is no path.
        otherwise: Result if the path runs in a circle, or if there is no path.
        step: Takes the key of a place. Returns the key of the place before it (None at the end of the path),
            and the result if the path ends at this place.
    """
    passed: list[Key] = []
    at, found = start, otherwise
    while at is not None:
        if at in known:
            found = known[at]
            break
        known[at] = otherwise
        passed.append(at)
        at, found = step(at)
    known.update(dict.fromkeys(passed, found))
    return found


Constant = tuple[Any, tuple[FlatNode, str] | None]
"""A value (None if it is only known at run time), and the node and input where it is typed in (None if it is
not typed in)."""

UNKNOWN: Constant = (None, None)


class Constants:
    """Lookup of constant values and sources of links, through switches and nodes without effect."""

    def __init__(self, graph: FlatGraph) -> None:
        self.graph = graph
        self._followed: dict[Link, Link] = {}
        self._found: dict[tuple[str, str], Constant] = {}
        self._depth = 0

    def follow(self, link: Link) -> Link:
        """Return the output from which a link's value comes, past switches and nodes without effect."""
        return walk_back(self._followed, link, link, self._step_back)

    def _step_back(self, link: Link) -> tuple[Link | None, Link]:
        node = self.graph.nodes.get(link.node)
        name = self._passing_input(node, link.slot) if node is not None else None
        return (node.links.get(name) if node is not None and name else None), link

    def _passing_input(self, node: FlatNode, slot: int) -> str | None:  # noqa: PLR0911 - a line for each kind
        """Return the input that a node passes unchanged to output `slot`, by name; None if there is none."""
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
        """Return True for a switch with several linked branches, if it is unknown which branch is chosen."""
        if node.class_type in NUMBERED_SWITCHES:
            prefix = NUMBERED_SWITCHES[node.class_type][1]
            branches = [name for name in node.links if name.removeprefix(prefix).isdecimal()]
        else:
            pair = self._branches(node) if self._selector(node) else None
            branches = [name for name in pair or () if name in node.links]
        return len(branches) > 1 and self._passing_input(node, 0) is None

    @staticmethod
    def _branches(node: FlatNode) -> tuple[str, str] | None:
        return next((pair for pair in BRANCH_INPUTS if pair[0] in node.links or pair[1] in node.links), None)

    @staticmethod
    def _selector(node: FlatNode) -> str:
        return next((name for name in SELECTORS if name in node.values or name in node.links), "")

    def source(self, node: FlatNode, name: str) -> FlatNode | None:
        """Return the node that feeds an input; None if the input is not linked."""
        link = node.links.get(name)
        return self.graph.nodes.get(self.follow(link).node) if link else None

    def value(self, node: FlatNode, name: str) -> Any:  # noqa: ANN401 - JSON
        """Return the constant value of an input, typed in or linked; None if it is only known at run time."""
        return self._constant(node, name)[0]

    def number(self, node: FlatNode, name: str) -> float | None:
        """Return the constant number of an input; None if it is unknown, not a number, or absurdly large."""
        return finite(self.value(node, name))

    def holder(self, node: FlatNode, name: str) -> tuple[FlatNode, str] | None:
        """Return the node and input into which the constant value of an input was typed.

        None if the value is calculated.
        """
        return self._constant(node, name)[1]

    def _constant(self, node: FlatNode, name: str) -> Constant:
        key = (node.id, name)
        if key not in self._found:
            # While a value is calculated it counts as unknown, so that calculations in a circle end.
            self._found[key] = UNKNOWN
            if self._depth < MAX_DEPTH:
                self._depth += 1
                self._found[key] = self._find_constant(node, name)
                self._depth -= 1
        return self._found[key]

    def _find_constant(self, node: FlatNode, name: str) -> Constant:  # noqa: PLR0911 - a case for each kind of source
        link = node.links.get(name)
        if link is None:
            return node.values.get(name), (node, name) if name in node.values else None
        link = self.follow(link)
        source = self.graph.nodes.get(link.node)
        if source is None:
            return UNKNOWN
        kind = source.class_type
        # A switch whose chosen branch is a typed-in value, or a node that contains a value.
        passing = self._passing_input(source, link.slot) or PRIMITIVES.get(kind)
        if passing is not None:
            return self._constant(source, passing)
        if kind in EXPRESSIONS or kind in CONVERSIONS:
            return self._evaluate_node(source, link.slot), None
        if kind in IMAGE_WIDTH_SLOTS:
            size = self._image_size(source)
            side = link.slot - IMAGE_WIDTH_SLOTS[kind]
            return (size[side] if size and 0 <= side < 2 else None), None
        if kind == "StringConcatenate":
            return self._joined_text(source), None
        return self._of_unfamiliar_node(source)

    def _joined_text(self, node: FlatNode) -> str | None:
        parts = [self.value(node, name) for name in ("string_a", "delimiter", "string_b")]
        texts = [part for part in parts if isinstance(part, str)]
        is_whole = len(texts) == len(parts) and sum(map(len, texts)) <= MAX_TEXT_LENGTH
        return "".join(texts) if is_whole else None

    def _of_unfamiliar_node(self, source: FlatNode) -> Constant:
        if source.schema is not None:
            inputs = tuple(source.schema.inputs.values())
            only = inputs[0] if len(inputs) == 1 and not source.links else None
            if only is None or only.type not in CONSTANT_TYPES or source.schema.outputs != (only.type,):
                return UNKNOWN
            return self._constant(source, only.name)
        if source.links:
            return UNKNOWN
        if len(source.values) == 1:
            ((name, value),) = source.values.items()
            if not isinstance(value, str) or name in TEXT_INPUTS:
                return value, (source, name)
        held = source.unnamed_values
        if len(held) == 1 and not source.values and set(source.output_types) <= CONSTANT_TYPES | {"STRING"}:
            is_text_node = "text" in source.class_type.lower() or "string" in source.class_type.lower()
            if not isinstance(held[0], str) or is_text_node:
                return held[0], None
        return UNKNOWN

    def _evaluate_node(self, node: FlatNode, slot: int) -> float | bool | None:
        holder, whole_slot = EXPRESSIONS.get(node.class_type, ("", None))
        text = CONVERSIONS.get(node.class_type) or self.value(node, holder)
        if not isinstance(text, str) or len(text) > MAX_EXPRESSION_LENGTH:
            return None
        values = {
            name.rpartition(".")[2]: _as_number(self.value(node, name))
            for name in (*node.links, *node.values)
            if name != holder
        }
        text = OPERATION_NAMES.get(text, text).strip()
        try:
            result = _evaluate(ast.parse(text, mode="eval").body, values)
            if not math.isfinite(result) or abs(result) > MAX_VALUE:
                return None
        except (SyntaxError, ValueError, ArithmeticError, RecursionError, TypeError, MemoryError):
            return None
        if slot == TRUTH_SLOT:
            return bool(result)
        return float(math.trunc(result)) if slot == whole_slot else float(result)

    def _image_size(self, node: FlatNode) -> tuple[float, float] | None:
        """Return width and height of the image in a node's input `image`; None if unknown."""
        factors: list[float] = []
        source = self.source(node, "image")
        for _ in range(MAX_DEPTH):
            if source is None or source.class_type in ("EmptyImage", "ImageScale"):
                break
            if source.class_type == "ImageScaleBy":
                factors.append(self.number(source, "scale_by") or 0.0)
            elif source.class_type != "LTXVPreprocess":
                return None
            source = self.source(source, "image")
        if source is None:
            return None
        width, height = (self.number(source, side) or 0.0 for side in ("width", "height"))
        for factor in reversed(factors):
            width, height = (float(round(finite(side * factor) or 0.0)) for side in (width, height))
        return (width, height) if width and height else None


def finite(value: object) -> float | None:
    """Return a value as a number; None if it is not a finite number, or is absurdly large."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and abs(number) <= MAX_VALUE else None


def _as_number(value: object) -> float | None:
    """Return a number, or a boolean as 0 or 1; None for other values."""
    return float(value) if isinstance(value, bool) else finite(value)


def _evaluate(node: ast.expr, values: dict[str, float | None]) -> float:  # noqa: PLR0911 - a case for each kind
    """Evaluate an arithmetic expression; comparisons are 1 or 0.

    Raises:
        ValueError: the expression contains anything but arithmetic, or an unknown value.
    """
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            value = values.get(name)
            if value is None:
                raise ValueError(f"the value of {name} is unknown")
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
    raise ValueError(f"not an arithmetic expression: {ast.dump(node)[:50]}")


def numbers_in(text: object) -> tuple[float, ...] | None:
    """Return the numbers in a text such as "1, 0.5"; None if it is not a list of numbers."""
    if not isinstance(text, str) or len(text) > 10_000:
        return None
    try:
        found = tuple(
            float(part) for part in text.replace("[", "").replace("]", "").split(",") if part.strip()
        )
    except ValueError:
        return None
    return found if all(math.isfinite(one) for one in found) else None
