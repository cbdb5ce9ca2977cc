"""Findings of the ltx engine about a render."""

from __future__ import annotations

from lipwright.domain.finding import FindingType

PRESET_FOR_OTHER_MODEL = FindingType(
    "preset-for-other-model",
    "warning",
    "preset {preset} is made for a {meant} model, and {model} is a {kind} one",
    "use --preset {other}",
    lip_sync_rule="SAMPLE-1",
    meaning="official-distilled with a full model, or official-full with a distilled one",
)
ONE_STAGE = FindingType(
    "one-stage",
    "warning",
    "two stages need the latent upscaler, which is not among the weights; the video was made in one",
    "run: lipwright models pull ltx-{family}-spatial-upscaler",
    meaning="--stages 2 without a latent upscaler next to the model or pulled",
)
NO_DISTILLED_LORA = FindingType(
    "no-distilled-lora",
    "warning",
    "stage 2 refines with the full model in {steps} steps without guidance, which are too few for it",
    "run: lipwright models pull ltx-{family}-distilled-lora (or give --lora FILE@2, or --stages 1)",
    lip_sync_rule="SAMPLE-1",
    meaning="a full model in two stages without a LoRA for the second (officially: the distilled one)",
)
LOW_PRECISION = FindingType(
    "low-precision",
    "warning",
    "the weights have {bits:.1f} bits each; below {limit} users report lost sync",
    "use a Q8_0 file, or the bf16 weights with --memory group-offload",
    meaning="a GGUF file with fewer than 8 bits per weight",
)
LITTLE_RAM = FindingType(
    "little-ram",
    "warning",
    "memory mode {mode} keeps {needed_gib:.1f} GiB in the computer's memory, and {free_gib:.1f} GiB are "
    "free: the render will be slow, or be stopped by the system",
    "close other programs, or use a GGUF file",
    meaning="a memory mode that keeps the weights in the computer's memory, and too little of it is free",
)
MEMORY_FALLBACK = FindingType(
    "memory-fallback",
    "warning",
    "GPU memory ran out in memory mode {before}; the video was made in mode {after}",
    "use --memory {after} to save the first attempt, or a smaller --size",
    meaning="sampling ran out of GPU memory once and was repeated in the next smaller mode",
)
