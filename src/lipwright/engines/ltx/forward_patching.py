"""Temporary replacement of the forward function of modules, inside the hooks that wrap this function.

Offloading moves weights to the GPU in a hook around a module's forward. Direct calls of the module's layers
would bypass this hook, so the function inside the hooks is replaced instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from torch import nn


@contextmanager
def patched_forward(forwards: Mapping[nn.Module, Callable[..., Any]]) -> Iterator[None]:
    """Replace the forward functions of modules during a `with` block.

    The new functions are called without the module as first argument.
    """
    with ExitStack() as stack:
        for module, forward in forwards.items():
            stack.enter_context(_replaced(module, forward))
        yield


@contextmanager
def _replaced(module: nn.Module, forward: Callable[..., Any]) -> Iterator[None]:
    holder, name = _innermost(module)
    own = name in vars(holder)
    before = getattr(holder, name)
    setattr(holder, name, forward)
    try:
        yield
    finally:
        if own:
            setattr(holder, name, before)
        else:
            delattr(holder, name)


def _innermost(module: nn.Module) -> tuple[Any, str]:
    """Return the object and the attribute name that store a module's forward function inside all hooks."""
    registry = getattr(module, "_diffusers_hook", None)
    if registry is not None and registry._fn_refs:  # there is no public access
        return registry._fn_refs[0], "forward"
    if hasattr(module, "_old_forward"):
        return module, "_old_forward"
    return module, "forward"
