"""Refuse to start if a limit set in the shell leaves too little memory for the libraries.

If memory runs out, OpenBLAS, OpenCV and ONNX Runtime raise no exception: they end the process by a signal.
"""

from __future__ import annotations

from collections.abc import Sequence

from lipwright.errors import EngineError

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

LIGHT_COMMANDS = frozenset({"plan", "prompt", "jobs", "models", "doctor", "comfyui"})
"""Commands that load at most NumPy; all other commands load several model runtimes."""
NEEDED_MB = {"RLIMIT_AS": ("ulimit -v", 400, 1200), "RLIMIT_DATA": ("ulimit -d", 250, 600)}
"""For each limit: the shell command that sets it, and how many MB light and heavy commands need (the
measured amount plus a quarter). RLIMIT_AS must be larger, because it also counts reserved memory
that is never used."""


def check_memory_limit(arguments: Sequence[str]) -> None:
    """Check the memory limits of this process, before large libraries are loaded.

    Raises:
        EngineError: a limit is too small.
    """
    if resource is None or not arguments or arguments[0].startswith("-") or {"--help", "-h"} & set(arguments):
        return
    for name, (how, light_mb, heavy_mb) in NEEDED_MB.items():
        needed_mb = light_mb if arguments[0] in LIGHT_COMMANDS else heavy_mb
        limit, _ = resource.getrlimit(getattr(resource, name))
        if limit != resource.RLIM_INFINITY and limit < needed_mb << 20:
            raise EngineError(
                f"memory is limited to {limit >> 20} MB here ({how}), but this command needs {needed_mb} MB",
                hint=f"raise the limit, for example: {how} unlimited",
            )
