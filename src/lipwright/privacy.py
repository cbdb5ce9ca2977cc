"""Turn off the telemetry of the libraries that lipwright uses.

`import lipwright` does this before anything else, so programs that use the Python API are covered too. A
library that such a program imported before lipwright has read its environment already and is out of reach.
docs/privacy.md lists what is still written and where.
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
    # transformers starts a thread that asks a server to convert weights which are not safetensors.
    "DISABLE_SAFETENSORS_CONVERSION": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "FASTAPI_OTEL_AUTO_CONFIGURE": "false",
    # https://donottrack.sh, which other libraries follow.
    "DO_NOT_TRACK": "1",
}
"""Environment variables and the value of each that turns telemetry off."""


def disable_telemetry() -> None:
    """Set the opt-outs that the user has not set; call it before any of these libraries is imported."""
    for name, value in TELEMETRY_OPT_OUTS.items():
        os.environ.setdefault(name, value)
