"""Whether the audio stayed frozen: a node of lipwright's pack on the server compares it after sampling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lipwright.workflow.schemas import as_mapping

VERIFIER = "LipwrightVerifyFreeze"
"""Node of lipwright's pack that compares an audio latent before and after sampling."""

VERDICT_KEY = "lipwright_frozen"
"""Key of its verdict in the history."""

DENOISED_OUTPUT: Mapping[str, int] = {"SamplerCustomAdvanced": 1, "LTXVNormalizingSampler": 0}
"""Sampler -> the output with the last clean prediction, where a mask of 0 leaves the bits of the latent
unchanged. The other output went through the arithmetic of the sampler, which rounds."""


def add_verifiers(graph: Mapping[str, Any]) -> dict[str, Any]:
    """Add a verifier behind each sampler of an API graph that lists samplers in the order in which they run.

    The latents stay on the server; the node's verdict appears in the history.
    """
    verified = dict(graph)
    first: object = None
    for key, node in graph.items():
        slot = DENOISED_OUTPUT.get(str(node.get("class_type")))
        if slot is None:
            continue
        first = first or node["inputs"]["latent_image"]
        verified[f"{key}0000"] = {
            "class_type": VERIFIER,
            "inputs": {"before": first, "after": [key, slot]},
            "_meta": {"title": "Was the audio frozen?"},
        }
    return verified


def frozen_verdict(graph: Mapping[str, Any], outputs: Mapping[str, Any]) -> bool | None:
    """Return the verdict of the verifiers; None if there were none, or one gave no verdict.

    Args:
        graph: The submitted graph.
        outputs: `outputs` of the history.
    """
    verdicts = []
    for key in (key for key, node in graph.items() if node.get("class_type") == VERIFIER):
        match as_mapping(outputs.get(key)).get(VERDICT_KEY):
            case [dict(verdict), *_]:
                verdicts.append(verdict.get("frozen") is True)
            case _:
                return None
    return all(verdicts) if verdicts else None
