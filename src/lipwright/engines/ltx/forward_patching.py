"""Run our own code as a module's forward, with whatever hooks stand around it.

Offloading brings weights to the GPU when a module's forward is called, by a hook around it. Calling
its parts directly would pass the hook by; so the innermost function is exchanged for a while.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from torch import nn


@contextmanager
def patched_forward(forwards: Mapping[nn.Module, Callable[..., Any]]) -> Iterator[None]:
    """Let modules run other functions within the block.

    Args:
        forwards: What each module's forward does instead; called without the module.
    """
    with ExitStack() as stack:
        for module, forward in forwards.items():
            stack.enter_context(_exchanged(module, forward))
        yield


@contextmanager
def _exchanged(module: nn.Module, forward: Callable[..., Any]) -> Iterator[None]:
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
    """Where the function inside all hooks is kept: diffusers' hooks, accelerate's, or none."""
    registry = getattr(module, "_diffusers_hook", None)
    if registry is not None and registry._fn_refs:  # there is no public way in
        return registry._fn_refs[0], "forward"
    if hasattr(module, "_old_forward"):
        return module, "_old_forward"
    return module, "forward"
