"""The check that audio stayed frozen, by a node of lipwright's pack on the server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lipwright.workflow.schemas import as_mapping

VERIFIER = "LipwrightVerifyFreeze"
"""Node of lipwright's pack that compares an audio latent before and after sampling."""

VERDICT_KEY = "lipwright_frozen"
"""Key of VERIFIER's verdict among the node's outputs in the history."""

DENOISED_OUTPUT: Mapping[str, int] = {"SamplerCustomAdvanced": 1, "LTXVNormalizingSampler": 0}
"""Index of the output slot with the last clean prediction, by sampler class. In this output, tokens with
mask 0 are bit-identical to the sampler's input; in the sampler's other output, rounding changes them."""


def add_verifiers(graph: Mapping[str, Any]) -> dict[str, Any]:
    """Return an API graph with a VERIFIER node behind each sampler.

    The given graph must list its samplers in the order in which they run. The latents stay on the server; the
    verdicts appear in the job's history entry.
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
    """Return whether the audio stayed frozen, according to the VERIFIER nodes of a graph.

    Args:
        graph: The submitted graph.
        outputs: The value `outputs` of the job's history entry.

    Returns:
        True if all VERIFIER nodes found the audio frozen, else False; None if the graph has no such node, or
        if one of them gave no verdict.
    """
    verdicts = []
    for key in (key for key, node in graph.items() if node.get("class_type") == VERIFIER):
        match as_mapping(outputs.get(key)).get(VERDICT_KEY):
            case [dict(verdict), *_]:
                verdicts.append(verdict.get("frozen") is True)
            case _:
                return None
    return all(verdicts) if verdicts else None
