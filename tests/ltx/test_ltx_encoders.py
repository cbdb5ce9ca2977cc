"""Audio, image and text as tensors: against ltx-core, diffusers and each other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import LTX2Pipeline
from diffusers.pipelines.ltx2.utils import apply_image_conditioning_crf

from lipwright.domain.media import FrameSize, Image, Waveform
from lipwright.domain.progress import no_progress
from lipwright.engines.ltx.audio_latents import cut, encode_audio, log_mel
from lipwright.engines.ltx.components import Components
from lipwright.engines.ltx.denoiser import Text
from lipwright.engines.ltx.image_conditioning import encode_still, prepare_image
from lipwright.engines.ltx.previews import BLOCKS, Previewer
from lipwright.engines.ltx.profile import Profile
from lipwright.engines.ltx.prompt_encoding import encode_prompts
from lipwright.media.audio_reader import read_audio
from lipwright.media.image_file import read_image
from lipwright.motion import mel

PROMPT, NEGATIVE = "a woman talks to camera", "bad blurry"


@pytest.fixture(scope="module")
def speech(voice: Path) -> Waveform:
    return read_audio(voice, rate_hz=16_000).waveform


@pytest.fixture(scope="module")
def face(portrait: Path) -> Image:
    return read_image(portrait)


def test_mel_equals_the_embedded_models(speech: Waveform) -> None:
    """Two ways to the same front end: transformers' filters here, our own in numpy there."""
    ours = log_mel(torch.from_numpy(speech.samples[:1].copy()), Profile("m", "m"))[0].numpy()
    other = mel.log_mel(speech.samples[0], len(ours))
    assert np.abs(ours - other)[4:-4].max() < 2e-3
    assert ours.std() > 1


def test_audio_is_encoded_to_latents(tiny: dict[str, Any], speech: Waveform) -> None:
    vae, profile = tiny["audio_vae"], Profile("m", "m", mel_bins=16)
    samples = cut(speech, Fraction(0), Fraction(1), 16_000)
    latents = encode_audio(samples, vae, profile, 25)
    assert latents.shape == (1, 25, 8)
    stereo = torch.from_numpy(np.stack([samples, samples])).to(vae.device)
    with torch.no_grad():
        whole = vae.encode(log_mel(stereo, profile)[None]).latent_dist.mode()
    assert whole.shape[2] == 26  # one more than the clip has: sliced
    by_hand = whole.transpose(1, 2).flatten(2)[:, :25]
    torch.testing.assert_close(latents, (by_hand - vae.latents_mean) / vae.latents_std)


def test_short_audio_is_padded_with_silence(tiny: dict[str, Any], speech: Waveform) -> None:
    vae, profile = tiny["audio_vae"], Profile("m", "m", mel_bins=16)
    short = encode_audio(cut(speech, Fraction(0), Fraction(1), 16_000), vae, profile, 50)
    silence = np.zeros(16_000, np.float32)
    padded = np.concatenate([cut(speech, Fraction(0), Fraction(1), 16_000), silence])
    assert torch.equal(short, encode_audio(padded, vae, profile, 50))


def test_audio_piece_is_cut_exactly() -> None:
    ramp = Waveform(np.linspace(-0.5, 0.5, 48_000, dtype=np.float32)[None], 24_000)
    part = cut(ramp, Fraction(1, 2), Fraction(1001, 1000), 16_000)
    assert part.shape == (16_016,)
    at = np.arange(2000, 14_000)
    assert np.abs(part[at] - (-0.5 + (0.5 + at / 16_000) / 2)).max() < 1e-4
    assert not cut(ramp, Fraction(3), Fraction(1), 16_000).any()


@pytest.fixture
def one_core() -> Iterator[None]:
    """x264 cuts a frame into as many slices as there are cores, unless it is told otherwise as ours is."""
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("needs to be kept to one core")
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    yield
    os.sched_setaffinity(0, before)


@pytest.mark.usefixtures("one_core")
def test_image_is_compressed_as_in_diffusers(face: Image) -> None:
    fitted = prepare_image(face, FrameSize(256, 256), 33)
    theirs = apply_image_conditioning_crf(face.rgb, 33)
    assert np.abs(fitted.rgb.astype(int) - theirs).mean() < 1
    assert np.abs(fitted.rgb.astype(int) - face.rgb).mean() > 1
    assert prepare_image(face, FrameSize(256, 256), 0) is face
    assert prepare_image(face, FrameSize(128, 64), 33).size == FrameSize(128, 64)


def test_still_video_is_encoded(tiny: dict[str, Any], face: Image) -> None:
    small = prepare_image(face, FrameSize(64, 64), 33)
    still = encode_still(small, tiny["vae"], 9)
    assert still.shape == (1, 8, 9, 2, 2)
    assert torch.equal(still[:, :, 4:], still[:, :, 3:4].expand(-1, -1, 5, -1, -1))
    alone = encode_still(small, tiny["vae"], 1)
    torch.testing.assert_close(alone[:, :, 0], still[:, :, 0], rtol=0, atol=1e-5)


@pytest.fixture
def prompt_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty cache on the disk."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def encoded(components: Components, prompts: tuple[str, ...]) -> tuple[Text, ...]:
    """Prompts encoded by a new process, which has none in memory."""
    return encode_prompts(components, prompts, no_progress, recent={}, make_room=lambda: None)


@pytest.mark.usefixtures("prompt_cache")
def test_prompt_encoding_equals_diffusers(tiny: dict[str, Any], components: Components) -> None:
    pipe = LTX2Pipeline(**tiny)
    positive, mask, negative, negative_mask = pipe.encode_prompt(PROMPT, NEGATIVE)
    ours = encoded(components, (PROMPT, NEGATIVE))
    for text, pair in zip(ours, ((positive, mask), (negative, negative_mask)), strict=True):
        with torch.no_grad():
            video, audio, _ = tiny["connectors"](*pair)
        torch.testing.assert_close(text.video, video, rtol=0, atol=1e-5)
        torch.testing.assert_close(text.audio, audio, rtol=0, atol=1e-5)
    assert (ours[0].video - ours[1].video).abs().max() > 1e-2


@pytest.mark.usefixtures("prompt_cache")
def test_cached_prompts_load_no_text_encoder(components: Components) -> None:
    first = encoded(components, (PROMPT,))

    def refuse() -> Any:
        raise AssertionError("the text encoder was loaded")

    without = replace(components, text_encoder=refuse, connectors=refuse, tokenizer=refuse)
    again = encoded(without, (f"  {PROMPT} ",))
    assert torch.equal(first[0].video, again[0].video)
    assert torch.equal(first[0].audio, again[0].audio)
    other = replace(without, profile=replace(without.profile, identity="another model"))
    with pytest.raises(AssertionError, match="was loaded"):
        encoded(other, (PROMPT,))


def test_damaged_prompt_cache_is_rebuilt(components: Components, prompt_cache: Path) -> None:
    first = encoded(components, (PROMPT,))
    (file,) = prompt_cache.rglob("*.safetensors")
    file.write_bytes(file.read_bytes()[:100])
    again = encoded(components, (PROMPT,))
    assert torch.equal(first[0].video, again[0].video)
    assert len(file.read_bytes()) > 100


def test_unwritable_prompt_cache_is_ignored(
    components: Components, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    (text,) = encoded(components, (PROMPT,))
    assert text.video.isfinite().all()


def test_previews_resemble_the_image(face: Image) -> None:
    """Latents that know their colors, as a trained encoder's do."""
    blocks = torch.tensor(face.rgb).float().permute(2, 0, 1)[None] / 255
    colors = torch.nn.functional.avg_pool2d(blocks, 32)[0]
    latent = torch.cat([colors, colors.square(), torch.randn(2, 8, 8)])
    shown = Previewer.fitted(latent, face).show(latent)
    assert shown.size == FrameSize(8 * BLOCKS, 8 * BLOCKS)
    wanted = torch.nn.functional.avg_pool2d(blocks, 32 // BLOCKS)[0].permute(1, 2, 0).numpy() * 255
    assert np.corrcoef(shown.rgb.ravel(), wanted.ravel())[0, 1] > 0.8
