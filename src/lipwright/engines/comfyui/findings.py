"""Texts of the findings about videos that a ComfyUI server made."""

from __future__ import annotations

from lipwright.domain.finding import FindingType

FREEZE_UNPROVEN = FindingType(
    "frozen-unproven",
    "hint",
    "the graph freezes the audio latent, but the server lacks the node that can prove that the latent stayed "
    "frozen",
    "run lipwright comfyui install PATH on the server, to install a node that compares the latent before and "
    "after sampling",
    "FREEZE-1",
)
FREEZE_FAILED = FindingType(
    "freeze-failed",
    "error",
    "the graph freezes the audio latent, but the server changed the latent",
    "update ComfyUI and its node packs on the server; do not trust the sync of this video",
    "FREEZE-1",
)
CHUNK_SEAMS = FindingType(
    "chunk-seams",
    "hint",
    "the video was made in {jobs} jobs; their results are joined at {seams}",
    "each job continues from the last frames of the previous job; check the movement at the joins",
    "FRAMES-5",
)
