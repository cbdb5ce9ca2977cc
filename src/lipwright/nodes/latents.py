"""Nodes that freeze the audio latent, verify that it is unchanged, and clip spikes of the guidance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from comfy.patcher_extension import WrappersMP
from comfy_api.latest import io

from lipwright.diffusion.arrays import Array, fingerprint, namespace
from lipwright.diffusion.guidance_clipping import clip_outlier_frames
from lipwright.domain.settings import SETTINGS, SamplingSettings
from lipwright.engines.comfyui.freeze_check import VERDICT_KEY
from lipwright.nodes.tensors import VIDEO_DIMENSIONS, NodeError, full, parts_of

CATEGORY = "lipwright/latents"

WRAPPER_KEY = "lipwright_norming"
"""Key under which the wrappers that clip the guidance are registered on the model."""


class FreezeAudio(io.ComfyNode):
    """The node LipwrightFreezeAudio: keeps the audio latent unchanged while the video is generated."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the inputs and outputs of the node."""
        return io.Schema(
            node_id="LipwrightFreezeAudio",
            display_name="Freeze audio (lipwright)",
            category=CATEGORY,
            description="Sets the mask of the audio to 0, so that the sampler keeps the audio and the lips "
            "follow it. The mask of the video is not changed, and the input is not modified.",
            inputs=[
                io.Latent.Input(
                    "av_latent", tooltip="Combined latent of video and audio, from LTXVConcatAVLatent."
                )
            ],
            outputs=[io.Latent.Output(display_name="av_latent")],
        )

    @classmethod
    def execute(cls, av_latent: dict[str, Any]) -> io.NodeOutput:
        """Return `av_latent` with its audio mask set to 0.

        Raises:
            NodeError: the input is not an audio-video latent, its audio is empty, or its video mask is 0
                everywhere.
        """
        video, audio = parts_of(av_latent)
        xp = namespace(audio)
        if not bool(xp.any(audio != 0)):
            raise NodeError(
                "the audio latent is empty: if it were frozen, the video would be silent. "
                "What to do: encode the recording with LTXVAudioVAEEncode."
            )
        masks: Any = av_latent.get("noise_mask")
        is_nested = getattr(masks, "is_nested", False)
        video_mask = masks.unbind()[0] if is_nested else full(1.0, video[:, :1])
        if not bool(xp.any(video_mask > 0)):
            raise NodeError(
                "the video mask is 0 everywhere, so nothing would be generated: it is probably inverted. "
                "What to do: invert the mask; 1 means generate, 0 means keep."
            )
        samples = av_latent["samples"]
        nested = type(samples)((video_mask, full(0.0, audio[:, :1])))
        return io.NodeOutput({**av_latent, "noise_mask": nested})


class VerifyFreeze(io.ComfyNode):
    """The node LipwrightVerifyFreeze: compares the audio latent before and after sampling, bit by bit."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the inputs and outputs of the node."""
        return io.Schema(
            node_id="LipwrightVerifyFreeze",
            display_name="Verify freeze (lipwright)",
            category=CATEGORY,
            description="Compares the audio latent before and after sampling, bit by bit. Link the sampler's "
            "denoised_output: in the sampler's other output, the audio is rounded.",
            inputs=[
                io.Latent.Input("before", tooltip="The input latent of the first sampler."),
                io.Latent.Input("after", tooltip="The denoised_output of the last sampler."),
            ],
            outputs=[io.Latent.Output(display_name="after")],
            is_output_node=True,
        )

    @classmethod
    def execute(cls, before: dict[str, Any], after: dict[str, Any]) -> io.NodeOutput:
        """Return `after` as it is, and show as text whether its audio equals that of `before`."""
        then, now = parts_of(before)[1], parts_of(after)[1]
        frozen = fingerprint(then) == fingerprint(now)
        same_shape = tuple(then.shape) == tuple(now.shape)
        difference = _largest_difference(then, now) if same_shape else None
        verdict = {"frozen": frozen, "max_difference": difference, "sha256": fingerprint(now)}
        if frozen:
            text = "frozen: the audio latent is unchanged, bit for bit"
        elif difference is None:
            shapes = f"{tuple(then.shape)} to {tuple(now.shape)}"
            text = f"not frozen: the shape of the audio latent changed from {shapes}"
        else:
            text = f"not frozen: the audio latent changed by up to {difference:.3g}"
        return io.NodeOutput(after, ui={VERDICT_KEY: [verdict], "text": [text]})


class Norming(io.ComfyNode):
    """The node LipwrightNorming: clips spikes of the guidance."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the inputs and outputs of the node."""
        lowest, highest = SETTINGS["norming_threshold"].allowed
        return io.Schema(
            node_id="LipwrightNorming",
            display_name="Norming threshold (lipwright)",
            category=CATEGORY,
            description="The mouth jerks if guidance changes a few latent frames far more than the others. "
            "This node limits the change in each latent frame to M / threshold, where M is the median of "
            "the changes in all frames. Without guidance it has no effect.",
            inputs=[
                io.Model.Input("model"),
                io.Float.Input(
                    "threshold",
                    default=SamplingSettings().norming_threshold,
                    min=lowest,
                    max=highest,
                    step=0.01,
                    tooltip="Start with 0.25; use 0.3 to 0.4 if the mouth jumps; 0 is off.",
                ),
            ],
            outputs=[io.Model.Output(display_name="MODEL")],
        )

    @classmethod
    def execute(cls, model: Any, threshold: float) -> io.NodeOutput:  # noqa: ANN401 - ComfyUI's ModelPatcher
        """Return a copy of `model` that clips the guidance, or `model` itself if `threshold` is 0."""
        if threshold <= 0:
            return io.NodeOutput(model)
        patched = model.clone()
        clipper = _GuidanceClipper(threshold)
        # This is no sampler_post_cfg_function, because Lightricks' MultimodalGuider (June 2026) fails with
        # any such function while STG is off. Wrappers work with every guider.
        patched.add_wrapper_with_key(WrappersMP.CALC_COND_BATCH, WRAPPER_KEY, clipper.remember)
        patched.add_wrapper_with_key(WrappersMP.PREDICT_NOISE, WRAPPER_KEY, clipper.clip)
        return io.NodeOutput(patched)


class _GuidanceClipper:
    """Wrappers of a model that clip, in each step, the change that guidance makes to the prediction."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._plain: Array = None
        self._waits = False

    def remember(self, executor: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - ComfyUI's executor
        """Wrap calc_cond_batch: store a step's first prediction, made with the positive conditioning."""
        found = executor(*args, **kwargs)
        if self._waits and found:
            self._plain, self._waits = found[0], False
        return found

    def clip(self, executor: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Wrap predict_noise of a guider: clip spikes of the guidance in its result."""
        self._plain, self._waits = None, True
        try:
            guided = executor(*args, **kwargs)
            conds = (getattr(executor.class_obj, "conds", None) or {}).get("positive")
            return clip_guidance(guided, self._plain, conds, self._threshold)
        finally:
            self._plain, self._waits = None, False


def clip_guidance(
    guided: Array, plain: Array, conds: Sequence[Mapping[str, Any]] | None, threshold: float
) -> Array:
    """Clip spikes that guidance adds to the prediction of the video; the audio part is not changed.

    Args:
        guided: The guided prediction, packed as (batch, 1, numbers), video first, then audio.
        plain: The prediction of the positive conditioning alone, packed like `guided`. If it is
            None, `guided` is returned unchanged.
        conds: The positive conditioning; its model_conds contain the shapes of the latents and the video
            mask.
        threshold: See `diffusion.guidance_clipping`.

    Returns:
        The clipped prediction, packed like `guided`.
    """
    model_conds = (conds or [{}])[0].get("model_conds", {})
    shapes = getattr(model_conds.get("latent_shapes"), "cond", None)
    if plain is None or plain.shape != guided.shape:
        return guided
    shape = tuple(guided.shape) if shapes is None else (guided.shape[0], *shapes[0][1:])
    if len(shape) != VIDEO_DIMENSIONS:
        return guided
    xp = namespace(guided)
    _, channels, frames, height, width = shape
    count = math.prod(shape[1:])
    batch = guided.shape[0]
    flat_guided, flat_plain = (xp.reshape(value, (batch, -1)) for value in (guided, plain))
    video, base = (xp.reshape(value[:, :count], shape) for value in (flat_guided, flat_plain))
    delta = xp.permute_dims(video - base, (0, 2, 3, 4, 1))
    tokens = frames * height * width
    mask = getattr(model_conds.get("denoise_mask"), "cond", None)
    kept = _token_mask(mask, delta[..., :1])
    clipped = clip_outlier_frames(
        xp.reshape(delta, (batch, tokens, channels)),
        xp.reshape(kept, (batch, tokens, 1)),
        threshold=threshold,
        tokens_per_frame=height * width,
    )
    spread = xp.permute_dims(xp.reshape(clipped, (batch, frames, height, width, channels)), (0, 4, 1, 2, 3))
    made = xp.reshape(base + spread, (batch, -1))
    return xp.reshape(xp.concat((made, flat_guided[:, count:]), axis=1), tuple(guided.shape))


def _token_mask(mask: Array, like_tokens: Array) -> Array:
    """Return the video mask, shape (batch, frames, height, width, 1).

    All values are 1 if `mask` is None or does not fit the latent.
    """
    xp = namespace(like_tokens)
    ones = xp.ones_like(like_tokens)
    if mask is None or getattr(mask, "ndim", 0) != 5:
        return ones
    own = xp.permute_dims(mask[:, :1], (0, 2, 3, 4, 1))
    own = xp.asarray(own, dtype=like_tokens.dtype, device=like_tokens.device)
    try:
        return ones * own
    except (RuntimeError, ValueError):  # the mask has another size
        return ones


def _largest_difference(then: Array, now: Array) -> float:
    xp = namespace(then)
    now = xp.asarray(now, dtype=then.dtype, device=then.device)
    return float(xp.max(xp.abs(now - then)))
