"""Encode prompts, and cache them so that the text encoder is loaded once per prompt.

The connectors turn the hidden states of all of Gemma's layers into two streams, for video and for audio.
Gemma (12 B) and connectors are loaded only for prompts that are not in the cache, and freed before the
transformer is loaded.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, MutableMapping, Sequence
from contextlib import suppress
from pathlib import Path

import platformdirs
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from lipwright.domain.progress import Progress, ProgressCallback
from lipwright.engines.ltx.components import Components, free_memory
from lipwright.engines.ltx.denoiser import Text
from lipwright.errors import EngineError, OutputError
from lipwright.media.atomic_files import replacing

FORMAT = 2
"""Version of the cached files; it is increased when the code that makes them changes."""

TOKENS = 1024
"""Length that prompts are padded to."""

MAX_RECENT = 8
"""Encoded prompts that an engine keeps in memory, 12 MB each, for where the disk takes none."""

NEGATIVE_PROMPT = (
    "blurry, out of focus, overexposed, underexposed, low contrast, flickering, motion blur, distorted "
    "face, deformed mouth, extra limbs, camera shake, subtitles, text, watermark, still image, jittery "
    "movement, mismatched lip sync, cartoonish rendering"
)
"""Negative prompt if the user gives none."""


def cache_folder() -> Path:
    """The folder of the encoded prompts."""
    return Path(platformdirs.user_cache_path("lipwright")) / "ltx" / "text"


def encode_prompts(
    components: Components,
    prompts: Sequence[str],
    report: ProgressCallback,
    *,
    recent: MutableMapping[Path, Text],
    make_room: Callable[[], object],
) -> tuple[Text, ...]:
    """Encode prompts, or take them from the cache.

    Args:
        components: The networks; text encoder, tokenizer and connectors are loaded only if needed.
        prompts: The prompts; surrounding whitespace is ignored.
        report: Called for each prompt that is encoded.
        recent: The last encoded prompts, in memory; updated.
        make_room: Called before the text encoder is loaded.

    Returns:
        One for each prompt, on the components' device and in their dtype.

    Raises:
        EngineError: The connectors leave padding in the text, which no LTX-2 model does.
    """
    paths = {prompt: cache_folder() / f"{_key(components, prompt)}.safetensors" for prompt in prompts}
    known = {prompt: text for prompt, path in paths.items() if (text := recent.get(path) or _read(path))}
    missing = [prompt for prompt in paths if prompt not in known]
    if missing:
        make_room()
        encode = _encoder(components)
        for number, prompt in enumerate(missing):
            report(Progress("text", number, len(missing)))
            known[prompt] = encode(prompt)
            _write(paths[prompt], known[prompt])
        report(Progress("text", len(missing), len(missing)))
        del encode
        free_memory()
    recent.update({path: known[prompt] for prompt, path in paths.items()})
    for path in list(recent)[:-MAX_RECENT]:
        del recent[path]
    return tuple(
        Text(*(part.to(components.device, components.dtype) for part in (text.video, text.audio)))
        for text in (known[prompt] for prompt in prompts)
    )


def _encoder(components: Components) -> Callable[[str], Text]:
    tokenizer = components.tokenizer()
    tokenizer.padding_side = "left"  # as Gemma's own prompts are padded
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    gemma = components.text_encoder()
    connectors = components.connectors()
    device = components.device

    @torch.no_grad()
    def encode(prompt: str) -> Text:
        ids = tokenizer(prompt.strip(), max_length=TOKENS, truncation=True).input_ids
        if tokenizer.bos_token_id is not None and ids[:1] != [tokenizer.bos_token_id]:
            ids = [tokenizer.bos_token_id, *ids][:TOKENS]  # Gemma 3's tokenizer adds it, Gemma 4's does not
        tokens = tokenizer.pad(
            {"input_ids": [ids]}, padding="max_length", max_length=TOKENS, return_tensors="pt"
        ).to(device)
        # Without the language head: its 262,144 logits per token would be half a gigabyte for nothing.
        states = gemma.model(
            input_ids=tokens.input_ids, attention_mask=tokens.attention_mask, output_hidden_states=True
        ).hidden_states
        stacked: Tensor = torch.stack(states, dim=-1).flatten(2, 3)
        dtype = next(connectors.parameters()).dtype
        video, audio, mask = connectors(stacked.to(dtype), tokens.attention_mask, padding_side="left")
        if not bool(mask.all()):
            raise EngineError(
                "this model's connectors leave padding in the text, which is not supported",
                hint="use weights of LTX-2.3 or 2.5",
            )
        return Text(video.cpu(), audio.cpu())

    return encode


def _key(components: Components, prompt: str) -> str:
    """Hash of everything that the encoding depends on."""
    parts = [FORMAT, components.profile.identity, TOKENS, str(components.dtype), prompt.strip()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _read(path: Path) -> Text | None:
    """Read a file of the cache; None if it is missing or damaged."""
    try:
        tensors = load_file(path)
        return Text(tensors["video"], tensors["audio"])
    except (OSError, SafetensorError, KeyError):
        return None


def _write(path: Path, text: Text) -> None:
    """Write a file of the cache; a failure costs the next run time, and nothing else."""
    with suppress(OSError, OutputError, SafetensorError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as part:
            save_file({"video": text.video.contiguous(), "audio": text.audio.contiguous()}, part)
