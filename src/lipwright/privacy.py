"""Turn off the telemetry of the libraries that lipwright uses.

`import lipwright` turns it off before anything else, so it is also off in programs that use the Python API. A
library that such a program imports before lipwright is not affected, because it has already read its
environment variables. docs/privacy.md lists the files that these libraries still write.
"""

from __future__ import annotations

import os

TELEMETRY_OPT_OUTS = {
    # ONNX Runtime 1.32 writes a device id and an event database into the user's cache and `.ses` into the
    # temporary folder, and looks up its vendor's telemetry host. It does so when it is imported: its own
    # disable_telemetry_events() comes too late.
    "ORT_DISABLE_TELEMETRY": "1",
    # huggingface_hub, transformers and diffusers.
    "HF_HUB_DISABLE_TELEMETRY": "1",
    # hf-xet, through which huggingface_hub downloads.
    "HF_XET_TELEMETRY_ENABLED": "0",
    # transformers starts a thread that asks a server to convert weights that are not safetensors.
    "DISABLE_SAFETENSORS_CONVERSION": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "FASTAPI_OTEL_AUTO_CONFIGURE": "false",
    # https://donottrack.sh, which other libraries respect.
    "DO_NOT_TRACK": "1",
}
"""Environment variables, with the values that turn telemetry off."""


def disable_telemetry() -> None:
    """Set the variables of TELEMETRY_OPT_OUTS that the user has not set.

    Call this before importing any library that reads them.
    """
    for name, value in TELEMETRY_OPT_OUTS.items():
        os.environ.setdefault(name, value)
