"""One small network on LiteRT."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray


class Network:
    """One network with one input, on one thread: callers own the parallelism."""

    def __init__(self, blob: bytes) -> None:
        with _native_messages_unheard():
            self._run = Interpreter(model_content=blob, num_threads=1)
            self._run.allocate_tensors()
        self._input = self._run.get_input_details()[0]["index"]
        self._outputs = [detail["index"] for detail in self._run.get_output_details()]

    def __call__(self, values: NDArray[Any]) -> list[NDArray[np.float32]]:
        """Run it once: one input, all outputs in the model's order."""
        self._run.set_tensor(self._input, np.ascontiguousarray(values, np.float32))
        self._run.invoke()
        return [self._run.get_tensor(index) for index in self._outputs]


def sigmoid(x: NDArray[np.float32]) -> NDArray[np.float64]:
    """Logits to scores of 0..1."""
    return 1 / (1 + np.exp(-np.clip(x.astype(np.float64), -60, 60)))


@contextlib.contextmanager
def _native_messages_unheard() -> Iterator[None]:
    """Keep LiteRT's "INFO: Created ... delegate" off the user's terminal.

    It is written to file descriptor 2 from C++, and no setting stops it in LiteRT 2.3;
    this goes when one does. Python's own errors pass through exceptions, not here.
    """
    try:
        kept = os.dup(2)
    except OSError:  # a process without standard error
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
