"""Findings about videos that a ComfyUI server made."""

from __future__ import annotations

from lipwright.domain.finding import FindingType

FREEZE_UNPROVEN = FindingType(
    "frozen-unproven",
    "hint",
    "the graph freezes the audio latent, but the server has no node that can prove it",
    "run lipwright comfyui install PATH on the server; its node compares the latent bit by bit",
    "FREEZE-1",
)
FREEZE_FAILED = FindingType(
    "freeze-failed",
    "error",
    "the graph freezes the audio latent, but it changed on the server",
    "update ComfyUI and its packs there; do not trust the sync of this video",
    "FREEZE-1",
)
CHUNK_SEAMS = FindingType(
    "chunk-seams",
    "hint",
    "made in {jobs} jobs, joined at {seams}",
    "each keeps the last frames of the one before; look at the movement there",
    "FRAMES-5",
)
