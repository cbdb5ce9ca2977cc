"""Temporarily replace the forward functions of modules, but keep the hooks around these functions.

Offloading wraps a module's forward function in a hook that moves weights to the GPU. Calling the module's
layers directly would bypass this hook. So the function that the hook calls is replaced instead.
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
    """Find the original forward function of a module, which the module's hooks wrap.

    Returns:
        The object that has the function as an attribute, and the name of this attribute.
    """
    registry = getattr(module, "_diffusers_hook", None)
    if registry is not None and registry._fn_refs:  # there is no public access
        return registry._fn_refs[0], "forward"
    if hasattr(module, "_old_forward"):
        return module, "_old_forward"
    return module, "forward"
