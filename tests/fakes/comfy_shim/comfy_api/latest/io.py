"""Inputs, outputs and schemas: values that refuse what the real classes refuse."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class _Input:
    id: str
    display_name: str | None = None
    optional: bool = False
    tooltip: str | None = None


@dataclass
class _Widget(_Input):
    default: Any = None


@dataclass
class _Number(_Widget):
    min: float | None = None
    max: float | None = None
    step: float | None = None


@dataclass
class _Text(_Widget):
    multiline: bool = False


@dataclass
class _Choice(_Widget):
    options: list[str] = field(default_factory=list)


@dataclass
class _Output:
    id: str | None = None
    display_name: str | None = None
    tooltip: str | None = None
    type: str = ""


def _kind(name: str, given: type) -> Any:
    @dataclass
    class Output(_Output):
        type: str = name

    return type(name, (), {"Input": given, "Output": Output, "io_type": name})


Audio, Image, Latent, Model = (_kind(name, _Input) for name in ("AUDIO", "IMAGE", "LATENT", "MODEL"))
Int, Float = (_kind(name, _Number) for name in ("INT", "FLOAT"))
String = _kind("STRING", _Text)
Boolean = _kind("BOOLEAN", _Widget)
Combo = _kind("COMBO", _Choice)


@dataclass
class Schema:
    node_id: str
    display_name: str
    category: str
    inputs: list[Any]
    outputs: list[Any]
    description: str = ""
    is_output_node: bool = False

    def __post_init__(self) -> None:
        names = [one.id for one in self.inputs]
        assert len(set(names)) == len(names)


class NodeOutput:
    def __init__(self, *args: Any, ui: dict[str, Any] | None = None) -> None:
        self.args = args
        self.ui = ui

    def __getitem__(self, index: int) -> Any:
        return self.args[index]


class ComfyNode:
    """A node, of class methods alone."""
