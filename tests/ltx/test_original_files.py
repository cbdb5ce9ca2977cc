"""Original single files: every tensor in its place, and the models do what the original's do."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from ltx_core.guidance.perturbations import BatchedPerturbationConfig, PerturbationConfig
from ltx_core.model.transformer.modality import Modality
from ltx_core.text_encoders.gemma.feature_extractor import FeatureExtractorV2
from safetensors.torch import save_file
from tests.ltx.original_models import (
    CAPTION,
    CONFIG,
    LATENTS,
    TEXT_LAYERS,
    TRANSFORMER,
    UPSAMPLER,
    original_upsampler,
    write_original,
)

from lipwright.engines.ltx.loading.safetensors_file import repair_hint
from lipwright.engines.ltx.loading.single_file import load_upsampler, missing_parts, read_original
from lipwright.engines.ltx.loading.state_dict_map import PARTS, network_tensor
from lipwright.errors import EngineUnavailable

MEND = "lipwright models pull ltx-2.3-distilled"
CLOSE = {"rtol": 1e-5, "atol": 1e-5}


@pytest.fixture(scope="module")
def whole(original, tmp_path_factory) -> Path:
    return write_original(tmp_path_factory.mktemp("original") / "ltx.safetensors", original.tensors())


@pytest.fixture(scope="module")
def files(whole):
    return read_original([whole])


def noise(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def test_every_tensor_of_the_file_is_loaded_exactly(original, files):
    tensors = original.tensors()
    placed = {old for part in files.parts.values() for _, old in part.values()}
    assert placed == {name for name in tensors if not name.startswith("vocoder.")}  # its audio is not used
    for part in PARTS:
        model = files.load(part, torch.float32)
        for name, tensor in model.state_dict().items():
            assert torch.equal(tensor, tensors[files.parts[part][name][1]]), name
        assert not model.training
    assert missing_parts(files) == []


def test_tensors_that_diffusers_lacks_are_mapped():
    root = "model.diffusion_model."
    assert network_tensor(f"{root}prompt_adaln_single.linear.weight").name == "prompt_adaln.linear.weight"
    assert network_tensor(
        f"{root}audio_prompt_adaln_single.emb.timestep_embedder.linear_1.bias"
    ).name.startswith("audio_prompt_adaln.emb.")
    assert network_tensor("vae.decoder.up_blocks.7.conv.conv.weight").name == (
        "decoder.up_blocks.3.upsamplers.0.conv.conv.weight"
    )
    assert network_tensor("vae.decoder.up_blocks.8.res_blocks.1.conv1.conv.bias").name == (
        "decoder.up_blocks.3.resnets.1.conv1.conv.bias"
    )
    assert network_tensor("vae.per_channel_statistics.mean-of-stds").name == ""
    assert network_tensor("first_stage_model.encoder.conv_in.weight") is None


def test_transformer_equals_the_original(original, files):
    """One pass with every token at its own level, audio and image both; ltx-core 1.0's time semantics."""
    frames, height, width, audio, text = 2, 2, 2, 3, 8
    tokens = frames * height * width
    video = noise(1, tokens, LATENTS)
    audio_latent = noise(1, audio, LATENTS, seed=2)
    words, heard = noise(1, text, 64, seed=3), noise(1, text, 32, seed=4)
    levels = torch.linspace(0.2, 0.9, tokens)[None]
    sigma = torch.tensor([0.7])
    model = files.load("transformer", torch.float32)
    video_coords = model.rope.prepare_video_coords(1, frames, height, width, video.device, fps=25.0)
    audio_coords = model.audio_rope.prepare_audio_coords(1, audio, video.device)
    with torch.no_grad():
        wanted = original.transformer(
            Modality(video, sigma, levels, video_coords, words),
            Modality(audio_latent, sigma, sigma[:, None].expand(1, audio), audio_coords, heard),
            BatchedPerturbationConfig([PerturbationConfig.empty()]),
        )
        came = model(
            hidden_states=video,
            audio_hidden_states=audio_latent,
            encoder_hidden_states=words,
            audio_encoder_hidden_states=heard,
            timestep=levels * 1000,
            audio_timestep=sigma[:, None].expand(1, audio) * 1000,
            sigma=sigma * 1000,
            audio_sigma=sigma * 1000,
            video_coords=video_coords,
            audio_coords=audio_coords,
            use_cross_timestep=True,
            return_dict=False,
        )
    for ours, theirs in zip(came, wanted, strict=True):
        assert theirs.abs().max() > 0.01
        torch.testing.assert_close(ours, theirs, **CLOSE)


def test_connectors_equal_the_original(original, files):
    length = 128
    hidden = noise(1, length, CAPTION, TEXT_LAYERS)
    mask = torch.ones(1, length, dtype=torch.int64)
    mask[:, : length - 20] = 0
    extract = FeatureExtractorV2(original.video_projection, CAPTION, original.audio_projection)
    additive = (mask - 1).float()[:, None, None] * torch.finfo(torch.float32).max
    with torch.no_grad():
        video, audio = extract(hidden, mask)
        video, _ = original.video_connector(video, additive)
        audio, _ = original.audio_connector(audio, additive)
        ours = files.load("connectors", torch.float32)(hidden, mask)
    torch.testing.assert_close(ours[0], video, **CLOSE)
    torch.testing.assert_close(ours[1], audio, **CLOSE)


def test_video_vae_equals_the_original(original, files):
    vae = files.load("video_vae", torch.float32)
    clip = noise(1, 3, 9, 64, 64)
    latents = noise(1, LATENTS, 2, 2, 2)
    mean, deviation = (vae.get_buffer(name).view(1, -1, 1, 1, 1) for name in ("latents_mean", "latents_std"))
    with torch.no_grad():
        encoded = (vae.encode(clip).latent_dist.mode() - mean) / deviation
        torch.testing.assert_close(encoded, original.video_encoder(clip), **CLOSE)
        decoded = vae.decode(latents * deviation + mean, return_dict=False)[0]
        torch.testing.assert_close(decoded, original.video_decoder(latents), **CLOSE)
    assert decoded.shape == (1, 3, 9, 64, 64)


def test_audio_vae_equals_the_original(original, files):
    vae = files.load("audio_vae", torch.float32)
    mel = noise(1, 2, 17, 16)
    with torch.no_grad():
        packed = vae.encode(mel).latent_dist.mode().transpose(1, 2).flatten(2)
        ours = (packed - vae.get_buffer("latents_mean")) / vae.get_buffer("latents_std")
        theirs = original.audio_encoder(mel).transpose(1, 2).flatten(2)
        torch.testing.assert_close(ours, theirs, **CLOSE)


def test_upscaler_equals_the_original(tmp_path):
    original = original_upsampler()
    path = write_original(tmp_path / "up.safetensors", original.state_dict(), config=UPSAMPLER)
    latents = noise(1, LATENTS, 2, 3, 3)
    with torch.no_grad():
        ours = load_upsampler(path, torch.float32)(latents)
        torch.testing.assert_close(ours, original(latents), **CLOSE)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.pop("model.diffusion_model.prompt_adaln_single.linear.bias"), "1 missing: prompt_adaln"),
        (lambda t: t.pop("vae.decoder.up_blocks.8.res_blocks.0.conv1.conv.weight"), "1 missing: decoder"),
        (
            lambda t: t.update({"model.diffusion_model.new_head.weight": torch.zeros(2)}),
            "1 unexpected: new_head.weight",
        ),
        (lambda t: t.update({"unheard_of.weight": torch.zeros(2)}), "belong to no network"),
        (
            lambda t: t.update({"model.diffusion_model.patchify_proj.weight": torch.zeros(3, 3)}),
            "another model",
        ),
    ],
)
def test_missing_surplus_or_misshapen_tensor_is_named(original, tmp_path, change, words):
    tensors = original.tensors()
    change(tensors)
    path = write_original(tmp_path / "odd.safetensors", tensors)
    with pytest.raises(EngineUnavailable, match=words):
        files = read_original([path])
        for part in PARTS:
            files.load(part, torch.float32)


def test_model_of_another_family_is_refused(original, tmp_path):
    flux = tmp_path / "flux.safetensors"
    save_file({"double_blocks.0.img_attn.qkv.weight": torch.zeros(2, 2)}, flux)
    with pytest.raises(EngineUnavailable, match="is not an LTX-2 model"):
        read_original([flux])
    older = write_original(tmp_path / "older.safetensors", original.tensors(), model_version="2.0.0")
    with pytest.raises(EngineUnavailable, match=r"is LTX 2\.0\.0; this engine runs LTX-2\.3"):
        read_original([older])
    unnamed = {k: v for k, v in original.tensors().items() if "prompt_adaln" not in k}
    nameless = write_original(tmp_path / "nameless.safetensors", unnamed, model_version="")
    with pytest.raises(EngineUnavailable, match="an older LTX model"):
        read_original([nameless])


def test_truncated_file_names_the_repair_command(whole, tmp_path):
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(whole.read_bytes()[:-1000])
    with pytest.raises(EngineUnavailable, match="damaged or truncated") as caught, repair_hint(MEND):
        read_original([cut])
    assert caught.value.hint == MEND
    for name, content in (("empty", b""), ("text", b"<html>404</html>")):
        other = tmp_path / f"{name}.safetensors"
        other.write_bytes(content)
        with pytest.raises(EngineUnavailable, match="damaged or truncated"):
            read_original([other])


def test_pickle_is_never_read(tmp_path):
    path = tmp_path / "model.ckpt"
    torch.save({"a": torch.zeros(1)}, path)
    with pytest.raises(EngineUnavailable, match="is a pickle"):
        read_original([path])


def test_ltx_2_5_uses_the_same_loader_with_another_profile(original, tmp_path):
    """Its video feed-forward has no bias, and a position is learned for keyframes."""
    root = "model.diffusion_model."
    tensors = {
        key: tensor
        for key, tensor in original.tensors().items()
        if not (".ff.net." in key and key.endswith(".bias"))
    }
    tensors[f"{root}keyframes_abs_pos_embedding"] = noise(1, 64)
    config = CONFIG | {
        "transformer": TRANSFORMER | {"use_keyframes_abs_pos_embedding": True, "ff_bias": False}
    }
    files = read_original(
        [write_original(tmp_path / "f.safetensors", tensors, model_version="2.5.1", config=config)],
    )
    assert files.family == "2.5"
    model = files.load("transformer", torch.float32)
    assert model.config["ff_bias"] is False
    assert torch.equal(model.keyframes_abs_pos_embedding, tensors[f"{root}keyframes_abs_pos_embedding"])
