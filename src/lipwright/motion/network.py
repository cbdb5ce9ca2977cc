"""Run the packaged ONNX networks; the only module of `motion` that imports ONNX Runtime."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import as_file, files

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from lipwright.errors import EngineError, EngineUnavailable
from lipwright.system import usable_cores

MODEL_NAME = "lipwright-motion-1"
"""Name under which manifests list the packaged weights."""

MAX_THREADS = 4
"""Maximum number of threads of a network; the networks are so small that more threads only wait for each
other."""


class Network:
    """An ONNX network, loaded from the file `name`.onnx in the package's weights/."""

    def __init__(self, name: str) -> None:
        options = onnxruntime.SessionOptions()
        # By default ONNX Runtime also counts cores that this process may not use.
        options.intra_op_num_threads = min(usable_cores(), MAX_THREADS)
        # A step is a thousand tiny operations, and by default threads spin between them. On two cores, one of
        # them busy, spinning doubled the time of a step (46 instead of 23 ms).
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        resource = files("lipwright.motion") / "weights" / f"{name}.onnx"
        if not resource.is_file():
            raise EngineUnavailable(
                f"the embedded model's file {name}.onnx is missing from this installation",
                hint="reinstall lipwright: pip install --force-reinstall lipwright",
            )
        try:
            with as_file(resource) as path:
                self._session = onnxruntime.InferenceSession(
                    str(path), options, providers=["CPUExecutionProvider"]
                )
        except Exception as problem:  # onnxruntime raises classes of its own without a common root
            raise EngineUnavailable(
                f"the embedded model's file {name}.onnx cannot be loaded: {problem}",
                hint="reinstall lipwright: pip install --force-reinstall lipwright",
            ) from problem
        self._outputs = [output.name for output in self._session.get_outputs()]

    @property
    def properties(self) -> Mapping[str, str]:
        """Metadata that training wrote into the network's file."""
        return dict(self._session.get_modelmeta().custom_metadata_map)

    def run(self, **inputs: NDArray[np.generic]) -> dict[str, NDArray[np.float32]]:
        """Run the network and return its outputs by name.

        Raises:
            EngineError: the network rejected its inputs.
        """
        try:
            return dict(zip(self._outputs, self._session.run(None, inputs), strict=True))
        except Exception as problem:
            raise EngineError(
                f"the embedded model failed: {problem}", hint="this is a bug in lipwright; please report it"
            ) from problem


network = cache(Network)
"""Returns the packaged network of the given name; each network is loaded only once per process."""


def versions() -> dict[str, str]:
    """Return the version of ONNX Runtime as {"onnxruntime": version}, for the manifest."""
    return {"onnxruntime": onnxruntime.__version__}
