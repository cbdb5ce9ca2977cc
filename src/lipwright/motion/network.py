"""The packaged networks, opened with ONNX Runtime: the only importer of it here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import as_file, files

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from lipwright.errors import EngineError, EngineUnavailable

MODEL_NAME = "lipwright-motion-1"
"""Name of the packaged weights, as manifests record it."""


class Network:
    """One ONNX file, ready to run.

    Args:
        name: File in weights/, without its suffix.
        threads: Threads of one run; 0 lets ONNX Runtime decide.
    """

    def __init__(self, name: str, threads: int = 0) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        resource = files("lipwright.motion") / "weights" / f"{name}.onnx"
        if not resource.is_file():
            raise EngineUnavailable(
                f"the embedded model's file {name}.onnx is missing from this installation",
                hint="install lipwright again: pip install --force-reinstall lipwright",
            )
        try:
            with as_file(resource) as path:
                self._session = onnxruntime.InferenceSession(
                    str(path), options, providers=["CPUExecutionProvider"]
                )
        except Exception as problem:  # onnxruntime raises classes of its own without a common root
            raise EngineUnavailable(
                f"the embedded model's file {name}.onnx cannot be loaded: {problem}",
                hint="install lipwright again: pip install --force-reinstall lipwright",
            ) from problem
        self._outputs = [output.name for output in self._session.get_outputs()]

    @property
    def properties(self) -> Mapping[str, str]:
        """What the training wrote into the file."""
        return dict(self._session.get_modelmeta().custom_metadata_map)

    def run(self, **inputs: NDArray[np.generic]) -> dict[str, NDArray[np.float32]]:
        """Outputs by name.

        Raises:
            EngineError: the network refused its inputs.
        """
        try:
            return dict(zip(self._outputs, self._session.run(None, inputs), strict=True))
        except Exception as problem:
            raise EngineError(
                f"the embedded model failed: {problem}", hint="this is a fault of lipwright"
            ) from problem


@cache
def network(name: str, threads: int = 0) -> Network:
    """A packaged network, opened once per process."""
    return Network(name, threads)


def versions() -> dict[str, str]:
    """What a manifest records."""
    return {"onnxruntime": onnxruntime.__version__}
