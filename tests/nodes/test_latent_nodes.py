"""Freeze audio, verify freeze and norming, on torch tensors as ComfyUI has them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from lipwright.nodes.latents import FreezeAudio, Norming, VerifyFreeze, clip_guidance
from lipwright.nodes.tensors import NodeError


def test_freezing_changes_only_the_mask_of_the_audio(av_latent, nested) -> None:
    video, audio = av_latent["samples"].unbind()
    out = FreezeAudio.execute(av_latent)[0]
    masks = out["noise_mask"].unbind()
    assert masks[0].min() == 1
    assert masks[1].abs().max() == 0
    assert masks[1].shape[-2:] == audio.shape[-2:]
    assert "noise_mask" not in av_latent  # nothing is written into the input
    held = torch.ones(1, 1, 3, 1, 1)
    held[:, :, 0] = 0
    av_latent["noise_mask"] = nested((held, torch.ones(1, 1, 17, 16)))
    masks = FreezeAudio.execute(av_latent)[0]["noise_mask"].unbind()
    assert torch.equal(masks[0], held)
    assert masks[1].abs().max() == 0
    assert torch.equal(out["samples"].unbind()[0], video)


def test_latents_that_cannot_be_frozen_are_refused(av_latent, nested) -> None:
    video, audio = av_latent["samples"].unbind()
    with pytest.raises(NodeError, match="LTXVConcatAVLatent"):
        FreezeAudio.execute({"samples": video})
    with pytest.raises(NodeError, match="LTXVAudioVAEEncode"):
        FreezeAudio.execute({"samples": nested((video, torch.zeros_like(audio)))})
    inverted = {**av_latent, "noise_mask": nested((torch.zeros(1, 1, 3, 1, 1), torch.ones(1, 1, 17, 16)))}
    with pytest.raises(NodeError, match="inverted"):
        FreezeAudio.execute(inverted)


def test_a_single_changed_bit_of_the_audio_is_detected(av_latent, nested) -> None:
    video, audio = av_latent["samples"].unbind()
    same = {"samples": nested((video + 1, audio.clone()))}
    out = VerifyFreeze.execute(av_latent, same)
    assert out[0] is same
    assert out.ui["lipwright_frozen"][0]["frozen"] is True
    nearly = audio.clone()
    nearly[0, 3, 5, 7] = torch.nextafter(nearly[0, 3, 5, 7], torch.tensor(9.0))
    told = VerifyFreeze.execute(av_latent, {"samples": nested((video, nearly))}).ui["lipwright_frozen"][0]
    assert told["frozen"] is False
    assert 0 < told["max_difference"] < 1e-5
    short = {"samples": nested((video, audio[:, :, 1:]))}
    assert VerifyFreeze.execute(av_latent, short).ui["lipwright_frozen"][0]["frozen"] is False


class Patched:
    """A ModelPatcher, as far as the node knows one."""

    def __init__(self) -> None:
        self.wrappers = {}

    def clone(self) -> Patched:
        copy = Patched()
        copy.wrappers = dict(self.wrappers)
        return copy

    def add_wrapper_with_key(self, kind: str, key: str, wrapper) -> None:
        self.wrappers[kind] = wrapper


def pack(*parts: torch.Tensor) -> torch.Tensor:
    """As comfy.utils.pack_latents: (batch, 1, numbers)."""
    return torch.cat([part.reshape(part.shape[0], 1, -1) for part in parts], dim=-1)


def step_of(spike: float, mask: torch.Tensor | None = None) -> tuple[tuple, torch.Tensor, torch.Tensor]:
    """A guided step of 7 latent frames in which frame 4 is pushed `spike` times as far."""
    plain, audio = torch.zeros(1, 4, 7, 2, 3), torch.full((1, 8, 5, 16), 3.0)
    delta = torch.ones_like(plain)
    delta[:, :, 4] = spike
    shapes = [plain.shape, audio.shape]
    conds = {"latent_shapes": SimpleNamespace(cond=shapes)}
    if mask is not None:
        conds["denoise_mask"] = SimpleNamespace(cond=mask)
    step = (pack(plain + delta, audio), pack(plain, audio - 1), [{"model_conds": conds}])
    return step, delta, audio


def test_a_spike_is_capped_at_the_median_over_the_threshold() -> None:
    step, delta, audio = step_of(9.0)
    out = clip_guidance(*step, 0.25)
    expected = delta.clone()
    expected[:, :, 4] = 4.0  # the median is 1, the cap 1 / 0.25
    assert torch.allclose(out, pack(expected, audio))
    assert torch.equal(clip_guidance(*step_of(3.9)[0], 0.25), step_of(3.9)[0][0])


def test_kept_frames_do_not_count_for_the_median() -> None:
    mask = torch.ones(1, 1, 7, 1, 1)
    mask[:, :, :5] = 0  # two frames are generated: a median says nothing
    step, _, _ = step_of(9.0, mask)
    assert torch.equal(clip_guidance(*step, 0.25), step[0])


def test_the_model_given_is_not_changed() -> None:
    model = Patched()
    patched = Norming.execute(model, 0.25)[0]
    guided, plain, conds = step_of(9.0)[0]
    assert not model.wrappers
    around_batch = patched.wrappers["calc_cond_batch"]
    around_step = patched.wrappers["predict_noise"]

    class Guider:
        """Asks for the plain prediction first and for others after, as both real guiders do."""

        def __init__(self) -> None:
            self.conds = {"positive": conds}
            self.class_obj = self

        def __call__(self) -> torch.Tensor:
            around_batch(lambda: [plain])
            around_batch(lambda: [guided * 7])
            return guided

    assert torch.equal(around_step(Guider()), clip_guidance(guided, plain, conds, 0.25))
    assert not torch.equal(clip_guidance(guided, plain, conds, 0.25), guided)
    assert Norming.execute(model, 0.0)[0] is model
