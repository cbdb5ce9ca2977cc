"""Convert ComfyUI's audio, images and latents to and from lipwright's values.

Tensors are handled through array-api-compat: torch tensors stay torch tensors, and this module does not
import torch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from lipwright.diffusion.arrays import Array, like, namespace
from lipwright.domain.finding import Finding
from lipwright.domain.media import Waveform
from lipwright.errors import LipwrightError

P = ParamSpec("P")
T = TypeVar("T")

VIDEO_DIMENSIONS, AUDIO_DIMENSIONS = 5, 4
"""Number of dimensions of LTX-2.3's latents: (batch, 128, frames, height, width), and (batch, 8, time,
16)."""


class NodeError(ValueError):
    """An error that ComfyUI shows on a node; its text says what is wrong and what to do."""


def readable_errors(work: Callable[P, T]) -> Callable[P, T]:
    """Decorate a function to convert lipwright's errors to NodeError.

    The hint is part of the text, because ComfyUI shows only the text of an error.
    """

    @wraps(work)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return work(*args, **kwargs)
        except LipwrightError as error:
            todo = f" What to do: {error.hint}." if error.hint else ""
            raise NodeError(f"{error.message}.{todo}") from error

    return wrapped


def waveform_of(audio: Mapping[str, Any]) -> Waveform:
    """Convert ComfyUI's AUDIO to a waveform with all its channels.

    Args:
        audio: `waveform` of shape (1, channels, samples), and `sample_rate`.

    Raises:
        NodeError: the audio is empty, or contains several recordings.
    """
    if not isinstance(audio, Mapping) or "waveform" not in audio:
        raise NodeError("this input contains no audio. What to do: link the output of LoadAudio to it.")
    batch = audio["waveform"]
    if batch.ndim != 3 or batch.shape[0] != 1:
        raise NodeError(
            f"one recording is expected, shape (1, channels, samples), got shape {tuple(batch.shape)}. "
            "What to do: link one recording at a time."
        )
    return Waveform(to_numpy(batch)[0].astype(np.float32, copy=False), int(audio["sample_rate"]))


def audio_of(waveform: Waveform, like: Array) -> dict[str, Any]:
    """Convert a waveform to ComfyUI's AUDIO, shape (1, channels, n).

    The samples in the result are an array of the same library as `like`: a torch tensor if `like` is one.
    """
    samples = np.array(
        waveform.samples, np.float32
    )  # a copy, because the samples of a waveform may be read-only
    return {"waveform": namespace(like).asarray(samples)[None], "sample_rate": waveform.rate_hz}


def images_of(images: Array) -> Iterator[NDArray[np.uint8]]:
    """Convert ComfyUI's IMAGE, a batch, to single images.

    Args:
        images: Shape (n, height, width, 3 or more), 0..1.

    Yields:
        Images of shape (height, width, 3), uint8, RGB.
    """
    for image in images:
        values = to_numpy(image)[..., :3].astype(np.float32, copy=False)
        yield np.clip(np.rint(values * 255), 0, 255).astype(np.uint8)


def image_of(image: NDArray[np.uint8], like: Array) -> Array:
    """Convert RGB of shape (height, width, 3) to ComfyUI's IMAGE, a batch of one image.

    The result is an array of the same library as `like`: if `like` is a torch tensor, so is the result.
    """
    return namespace(like).asarray(image.astype(np.float32) / 255)[None]


def to_numpy(array: Array) -> NDArray[Any]:
    """Convert an array to a NumPy array on the CPU; a torch tensor becomes float32."""
    if hasattr(array, "detach"):
        array = array.detach().cpu().float()
    return np.asarray(array)


def parts_of(latent: Mapping[str, Any]) -> tuple[Array, Array]:
    """Split an audio-video latent into its video and its audio.

    Raises:
        NodeError: the input is not an audio-video latent.
    """
    samples = latent.get("samples") if isinstance(latent, Mapping) else None
    parts: list[Array] = list(samples.unbind()) if getattr(samples, "is_nested", False) and samples else []
    if len(parts) != 2 or parts[0].ndim != VIDEO_DIMENSIONS or parts[1].ndim != AUDIO_DIMENSIONS:
        raise NodeError(
            "a combined latent of video and audio is expected. "
            "What to do: link the output of LTXVConcatAVLatent, or of a sampler of LTX-2.3."
        )
    return parts[0], parts[1]


def full(value: float, array: Array) -> Array:
    """Return an array of the shape and type of `array`, filled with a value."""
    return like(value, array) + namespace(array).zeros_like(array)


def format_findings(findings: tuple[Finding, ...]) -> str:
    """Format findings as lines of text, each with its advice below it."""
    return "\n".join(
        f"{finding.severity}: {finding.text} [{finding.id}]"
        + (f"\n  {finding.advice}" if finding.advice else "")
        for finding in findings
    )
