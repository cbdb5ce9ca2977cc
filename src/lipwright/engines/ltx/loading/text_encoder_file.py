"""LTX-2.5's text encoder in a single file: a Gemma 4 that was tuned for LTX, its tokenizer, and projections.

The file's metadata `gemma_config` contains the text encoder's configuration, with a `gemma_version`. It must
be the version with which the transformer was trained, because LTX does not understand the encodings of other
text encoders, such as Google's own Gemma 4, which states no version. The projections
(`text_embedding_projection`) belong to the connectors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import transformers
from accelerate import init_empty_weights
from tokenizers import Tokenizer

from lipwright.domain.json_text import parse_json
from lipwright.engines.ltx.loading import safetensors_file
from lipwright.engines.ltx.loading.catalog import pull_command_for
from lipwright.engines.ltx.loading.folder import read_config
from lipwright.engines.ltx.loading.quantization import read_quantization
from lipwright.engines.ltx.loading.single_file import MAX_BLOCKS, check_tensors, read_weights
from lipwright.engines.ltx.loading.state_dict_map import (
    ASSET,
    TEXT_ENCODER_CONFIG,
    TOKENIZER,
    text_encoder_keys,
    text_encoder_name,
)
from lipwright.errors import EngineUnavailable

MODEL_TYPES: Mapping[str, str] = {"2.3": "gemma3", "2.5": "gemma4_unified"}
"""For each family of LTX, the name that the library `transformers` has for its text encoder."""
CLASS = "Gemma4UnifiedForConditionalGeneration"
VERSION_2_5 = "gemma4-12b-ltx-v1"
"""Expected version of the text encoder if the transformer does not state with which version it was
trained."""
MAX_TOKENS = 1024
MAX_ASSET_BYTES = 256 << 20
"""Maximum size in bytes of a file that is stored as a tensor; a tokenizer has 32 MB."""
_CONSTRUCTED_OTHERWISE = frozenset(
    {
        "tokenizer_class",
        "auto_map",
        "model_max_length",
        "backend",
        "is_local",
        "local_files_only",
        "processor_class",
        "added_tokens_decoder",
    }
)
"""Entries of tokenizer_config.json that are not arguments of the tokenizer's class."""


def check_text_encoder(place: Path, family: str, version: str | None) -> None:
    """Check that a text encoder (a file or folder) is the one with which a transformer was trained.

    `version` is the version that the transformer's file states; None if it states none.

    Raises:
        EngineUnavailable: The text encoder is a different one, or its configuration is damaged.
    """
    hint = f"unset LIPWRIGHT_TEXT_ENCODER if it is set, and run: {pull_command_for(family)}"
    with safetensors_file.repair_hint(hint):
        config = _read_config(place)
    kind, wanted = str(config.get("model_type")), MODEL_TYPES[family]
    if kind != wanted:
        raise EngineUnavailable(
            f"{place} is the text encoder of another model: LTX-{family} needs {wanted}, but this is "
            f"{kind[:40]}",
            hint=hint,
        )
    expected = version or (VERSION_2_5 if family == "2.5" else None)
    if expected is not None and (came := config.get("gemma_version")) != expected:
        what = f"is version {str(came)[:40]}" if came else "states no version, like Google's own Gemma 4"
        raise EngineUnavailable(
            f"{place} is not the text encoder that this LTX-{family} was trained with: expected version "
            f"{expected[:40]}, but it {what}",
            hint=hint,
        )


def load_text_encoder_file(path: Path, dtype: torch.dtype) -> torch.nn.Module:
    """Load the text encoder from its file on the CPU, in evaluation mode, after a check of every tensor.

    Linear layers with quantized weights keep them packed in memory, and unpack them whenever they run.

    Raises:
        EngineUnavailable: The file is damaged, or a tensor is missing, unexpected or of another shape.
    """
    config = _read_config(path)
    with safetensors_file.opened(path) as file:
        keys = list(file.keys())
        own = text_encoder_keys(dict(file.metadata() or {}), keys)
        weights = [key for key in keys if key in own and text_encoder_name(key) is not None]
        plain, packed = read_quantization(path, file, weights)
    locations = {name: (path, key) for key in plain if (name := text_encoder_name(key)) is not None}
    model = _empty(path, config, len({m[1] for name in locations if (m := _BLOCK.search(name))}))
    model.lm_head = torch.nn.Identity()  # no text is generated here, and the head only repeats the embedding
    quantized = {(path, key): weight for key, weight in packed.items()}
    check_tensors("text encoder", model.state_dict(), locations, quantized)
    return read_weights(model, locations, quantized, dtype, keep_quantized=True)


_BLOCK = re.compile(r"\.language_model\.layers\.(\d+)\.")


def load_tokenizer_file(path: Path) -> Any:  # noqa: ANN401 - one of transformers' tokenizers
    """Load the tokenizer in the text encoder's file.

    Raises:
        EngineUnavailable: The tokenizer is missing or damaged.
    """
    tokenizer, config = (_asset(path, name) for name in (TOKENIZER, f"{ASSET}tokenizer_config.json"))
    try:
        options = {k: v for k, v in parse_json(config).items() if k not in _CONSTRUCTED_OTHERWISE}
        return transformers.PreTrainedTokenizerFast(
            tokenizer_object=Tokenizer.from_buffer(tokenizer), model_max_length=MAX_TOKENS, **options
        )
    except Exception as error:  # the library tokenizers raises Exception itself
        raise EngineUnavailable(f"the tokenizer in {path.name} is damaged ({error})") from error


def _empty(path: Path, config: Mapping[str, Any], blocks: int) -> torch.nn.Module:
    """Return the text encoder without weights."""
    if not hasattr(transformers, CLASS):
        raise EngineUnavailable(
            f"transformers {transformers.__version__} has no {CLASS}, which reads prompts for LTX-2.5",
            hint="pip install --upgrade 'transformers>=5.24'",
        )
    text_config = config.get("text_config")
    layers = text_config.get("num_hidden_layers") if isinstance(text_config, Mapping) else None
    if layers != blocks or blocks > MAX_BLOCKS:
        raise EngineUnavailable(
            f"{path.name} has {blocks} layers of a text encoder, but its configuration has "
            f"{str(layers)[:20]}",
        )
    try:
        with init_empty_weights():
            model: torch.nn.Module = getattr(transformers, CLASS)(
                transformers.Gemma4UnifiedConfig.from_dict(dict(config))
            )
    except Exception as error:  # transformers raises many kinds of errors for configurations
        reason = safetensors_file.reason_of(error)
        raise EngineUnavailable(
            f"the gemma_config in {path.name} is not valid for Gemma 4 ({reason})"
        ) from error
    return model


def _read_config(place: Path) -> Mapping[str, Any]:
    """Return the configuration of a text encoder, from a folder or from a file's metadata."""
    if place.is_dir():
        return read_config(place)
    with safetensors_file.opened(place) as file:
        header = file.metadata() or {}
    if TEXT_ENCODER_CONFIG not in header:
        raise EngineUnavailable(
            f"{place.name} has no {TEXT_ENCODER_CONFIG} in its metadata, so it is not a text encoder of "
            "LTX-2.5",
        )
    try:
        return dict(parse_json(header[TEXT_ENCODER_CONFIG]))
    except (ValueError, TypeError) as error:
        raise EngineUnavailable(f"the configuration in {place.name} is not JSON") from error


def _asset(path: Path, name: str) -> bytes:
    """Return the content of a file that is stored as a tensor in the text encoder's file."""
    with safetensors_file.opened(path) as file:
        shape = file.get_slice(name).get_shape() if name in file.keys() else None  # noqa: SIM118
        if shape is None or len(shape) != 1 or shape[0] > MAX_ASSET_BYTES:
            raise EngineUnavailable(f"{path.name} does not contain {name}, which belongs to a text encoder")
        return bytes(file.get_tensor(name).to(torch.uint8).numpy().tobytes())
