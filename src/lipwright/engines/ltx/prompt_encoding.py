"""Encoding of prompts, with a cache, so that the text encoder is loaded only for new prompts.

Gemma encodes a prompt, and the connectors convert the hidden states of all of Gemma's layers into two
streams, for video and audio. Gemma (12 B) and the connectors are loaded only for prompts that are not in the
cache, and freed before the transformer is loaded.
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
"""Version of the cached files. A change of the code that changes their content must increase the version."""

TOKENS = 1024
"""Number of tokens to which prompts are padded."""

MAX_RECENT = 8
"""Number of encoded prompts that an engine keeps in memory (12 MB each), in case the disk cannot be used."""

NEGATIVE_PROMPT = (
    "blurry, out of focus, overexposed, underexposed, low contrast, flickering, motion blur, distorted "
    "face, deformed mouth, extra limbs, camera shake, subtitles, text, watermark, still image, jittery "
    "movement, mismatched lip sync, cartoonish rendering"
)
"""Default negative prompt."""


def cache_folder() -> Path:
    """Return the folder for encoded prompts."""
    return Path(platformdirs.user_cache_path("lipwright")) / "ltx" / "text"


def encode_prompts(
    components: Components,
    prompts: Sequence[str],
    report: ProgressCallback,
    *,
    recent: MutableMapping[Path, Text],
    make_room: Callable[[], object],
) -> tuple[Text, ...]:
    """Return encoded prompts, from the cache if possible.

    Args:
        components: The networks; text encoder, tokenizer and connectors are loaded only if needed.
        prompts: The prompts; surrounding whitespace is ignored.
        report: Called with the progress of the stage "text", before each prompt that is not in the cache, and
            at the end.
        recent: The last encoded prompts, kept in memory, by cache file; this mapping is updated.
        make_room: Called to free memory before the text encoder is loaded.

    Returns:
        One encoding per prompt, on the components' device and in their dtype.

    Raises:
        EngineError: The connectors leave padding in the encoded prompt; those of LTX-2.3 and 2.5 do not.
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
    tokenizer.padding_side = "left"  # Gemma's own prompts are padded on the left
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    gemma = components.text_encoder()
    connectors = components.connectors()
    device = components.device

    @torch.no_grad()
    def encode(prompt: str) -> Text:
        ids = tokenizer(prompt.strip(), max_length=TOKENS, truncation=True).input_ids
        if tokenizer.bos_token_id is not None and ids[:1] != [tokenizer.bos_token_id]:
            ids = [tokenizer.bos_token_id, *ids][:TOKENS]  # Gemma 4's tokenizer does not add the bos token
        tokens = tokenizer.pad(
            {"input_ids": [ids]}, padding="max_length", max_length=TOKENS, return_tensors="pt"
        ).to(device)
        # The language head is not run: its 262,144 logits per token would take half a gigabyte.
        states = gemma.model(
            input_ids=tokens.input_ids, attention_mask=tokens.attention_mask, output_hidden_states=True
        ).hidden_states
        stacked: Tensor = torch.stack(states, dim=-1).flatten(2, 3)
        dtype = next(connectors.parameters()).dtype
        video, audio, mask = connectors(stacked.to(dtype), tokens.attention_mask, padding_side="left")
        if not bool(mask.all()):
            raise EngineError(
                "the connectors of this model leave padding in the encoded prompt, which is not supported",
                hint="use weights of LTX-2.3 or 2.5",
            )
        return Text(video.cpu(), audio.cpu())

    return encode


def _key(components: Components, prompt: str) -> str:
    """Return a hash of everything on which the encoding of a prompt depends."""
    parts = [FORMAT, components.profile.identity, TOKENS, str(components.dtype), prompt.strip()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _read(path: Path) -> Text | None:
    """Return the encoded prompt in a file of the cache; None if it is missing or damaged."""
    try:
        tensors = load_file(path)
        return Text(tensors["video"], tensors["audio"])
    except (OSError, SafetensorError, KeyError):
        return None


def _write(path: Path, text: Text) -> None:
    """Write an encoded prompt into the cache; ignore a failure, since the prompt can be encoded again."""
    with suppress(OSError, OutputError, SafetensorError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as part:
            save_file({"video": text.video.contiguous(), "audio": text.audio.contiguous()}, part)
