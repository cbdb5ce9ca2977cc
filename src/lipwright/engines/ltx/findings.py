"""Texts of the ltx engine's findings about a render."""

from __future__ import annotations

from lipwright.domain.finding import FindingType

PRESET_FOR_OTHER_MODEL = FindingType(
    "preset-for-other-model",
    "warning",
    "preset {preset} is made for a {meant} model, but {model} is a {kind} model",
    "use --preset {other}",
    lip_sync_rule="SAMPLE-1",
    meaning="The preset official-distilled is used with a full model, or official-full with a distilled "
    "model.",
)
ONE_STAGE = FindingType(
    "one-stage",
    "warning",
    "two stages need the latent upscaler, which is not installed, so the video was made in one stage",
    "run: lipwright models pull ltx-{family}-spatial-upscaler",
    meaning="The option --stages 2 is given, but no latent upscaler is next to the model or among the pulled "
    "models.",
)
NO_DISTILLED_LORA = FindingType(
    "no-distilled-lora",
    "warning",
    "the second stage runs the full model for only {steps} steps without guidance, too few for a full model",
    "run: lipwright models pull ltx-{family}-distilled-lora (or give --lora FILE@2, or --stages 1)",
    lip_sync_rule="SAMPLE-1",
    meaning="A full model runs in two stages without a LoRA for the second stage. The official pipeline uses "
    "the distilled LoRA for that stage.",
)
LOW_PRECISION = FindingType(
    "low-precision",
    "warning",
    "the weights have {bits:.1f} bits each; with fewer than {limit}, users report a loss of sync",
    "use a Q8_0 file, or the bf16 weights with --memory group-offload",
    meaning="The model is a GGUF file with fewer than 8 bits per weight.",
)
LITTLE_RAM = FindingType(
    "little-ram",
    "warning",
    "memory mode {mode} keeps {needed_gib:.1f} GiB in the computer's memory, but only {free_gib:.1f} GiB are "
    "free: the render will be slow, or the system will stop it",
    "close other programs, or use a GGUF file",
    meaning="The memory mode keeps the weights in the computer's memory, but too little memory is free.",
)
MEMORY_FALLBACK = FindingType(
    "memory-fallback",
    "warning",
    "GPU memory ran out in memory mode {before}; the video was made in mode {after}",
    "use --memory {after} to skip the failing attempt, or a smaller --size",
    meaning="Sampling ran out of GPU memory once, and was repeated in the next smaller memory mode.",
)
