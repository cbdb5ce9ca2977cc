"""Whether the audio latent stayed what it was, as a node of our pack measured it on the server.

From here the latents cannot be seen. Where the server has lipwright's pack, the graph
gets one more node for each sampler: it compares the audio latent that went into the
first one with what came out of each, bit by bit, and what it shows stands in the
history. Without the pack nothing is proven, and `frozen` stays false.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

VERIFIER = "LipwrightVerifyFreeze"
"""Node of our pack: latents before and after in, a verdict shown."""

SHOWN = "lipwright_frozen"
"""The key under which it stands in the history."""

DENOISED_OUTPUT: Mapping[str, int] = {"SamplerCustomAdvanced": 1, "LTXVNormalizingSampler": 0}
"""Sampler -> the output that holds the last clean prediction, where a mask of 0 leaves the latent's own
bits. The other output went through the sampler's arithmetic, which rounds."""


def add_proof(graph: Mapping[str, Any], available: Mapping[str, Any]) -> dict[str, Any]:
    """The graph with a verifier behind each sampler; the same graph where the server has none.

    Args:
        graph: In API format, samplers in the order in which they run.
        available: The server's nodes, by class.
    """
    proven = dict(graph)
    if VERIFIER not in available:
        return proven
    first: object = None
    for key, node in graph.items():
        slot = DENOISED_OUTPUT.get(str(node.get("class_type")))
        if slot is None:
            continue
        first = first or node["inputs"]["latent_image"]
        proven[f"{key}0000"] = {
            "class_type": VERIFIER,
            "inputs": {"before": first, "after": [key, slot]},
            "_meta": {"title": "Was the audio frozen?"},
        }
    return proven


def was_frozen(graph: Mapping[str, Any], outputs: Mapping[str, Any]) -> bool | None:
    """What the verifiers say: None where there was none, or one said nothing.

    Args:
        graph: As it was submitted.
        outputs: The history's `outputs`.
    """
    verifiers = [key for key, node in graph.items() if node.get("class_type") == VERIFIER]
    verdicts = []
    for key in verifiers:
        shown = outputs.get(key)
        entries = shown.get(SHOWN) if isinstance(shown, Mapping) else None
        if not (isinstance(entries, list) and entries and isinstance(entries[0], Mapping)):
            return None
        verdicts.append(entries[0].get("frozen") is True)
    return all(verdicts) if verdicts else None
