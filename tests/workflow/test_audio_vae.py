"""ComfyUI's crop of the driver, recomputed here from its documented rule, costs our graphs nothing."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import numpy as np
import pytest
from traps import RECIPES, good_graph

from lipwright.domain.media import Waveform
from lipwright.workflow import audio_vae

LENGTHS = range(1, 258, 8)
RATES = (24, 25, 30, 50)


def comfyui_crop(samples: int) -> tuple[int, int]:
    """First sample and number of samples that VAE.vae_encode_crop_pixels keeps (comfy/sd.py)."""
    return samples % 4096 // 2, samples // 4096 * 4096


def latents_of(samples: int) -> int:
    """Latents that the audio VAE makes: 16 kHz, a centered STFT of hop 160, causal downsampling by 4."""
    columns = 1 + ceil(samples * 16_000 / 44_100) // 160
    return 1 + (columns - 1) // 4


@pytest.mark.parametrize("frame_rate", RATES)
def test_nothing_of_the_driver_is_cropped_at_any_length(frame_rate):
    spoken = Waveform(np.ones((1, 12 * 44_100), np.float32), 44_100)
    for frames in LENGTHS:
        seconds = Fraction(frames, frame_rate)
        part = audio_vae.padded_part(spoken, Fraction(1, 3), seconds)
        samples = part.samples.shape[-1]
        offset, kept = comfyui_crop(samples)
        assert (offset, kept) == (0, samples), (frames, frame_rate)
        assert part.samples[0].sum() == pytest.approx(seconds * 44_100, abs=1)  # no audio lost, none added
        assert audio_vae.encoded_latents(samples) == latents_of(samples)


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize("frame_rate", RATES)
def test_the_graphs_give_as_many_audio_latents_as_the_video_wants(recipe, padded, frame_rate):
    for frames in (1, 9, 97, 121, 257):
        graph = good_graph(
            recipe, frames=frames, frame_rate=Fraction(frame_rate), driver_is_padded=padded
        ).to_api()
        (cut,) = [n["inputs"] for n in graph.values() if n["class_type"] == "LatentCut"]
        assert graph[cut["samples"][0]]["class_type"] == "LTXVAudioVAEEncode"
        wanted = max(1, round(Fraction(frames, frame_rate) * 25))  # halves to even, as the official code
        assert (cut["dim"], cut["index"], cut["amount"]) == ("y", 0, wanted)
        trims = [n["inputs"] for n in graph.values() if n["class_type"] == "TrimAudioDuration"]
        if padded:
            assert not trims  # it would cut the padding
            samples = -(-(frames * 44_100) // frame_rate // 4096) * 4096
        else:
            (trim,) = trims
            samples = round(trim["duration"] * 44_100)
            assert comfyui_crop(samples)[0] <= 44  # under 1 ms, though the page keeps hundredths only
            assert round(trim["duration"], 2) == trim["duration"]
        assert samples >= frames * 44_100 // frame_rate
        assert latents_of(comfyui_crop(samples)[1]) >= wanted


def test_the_computed_crop_is_the_one_measured_on_servers():
    """25, 81, 97, 121 and 257 frames at 25 fps: 35.6, 41.0, 36.0, 5.1 and 31.6 ms."""
    found = [round(audio_vae.crop_ms(Fraction(n, 25)), 1) for n in (25, 81, 97, 121, 257)]
    assert found == [35.6, 41.0, 36.0, 5.1, 31.6]


def test_a_driver_is_resampled_without_a_shift():
    time = np.arange(24_000) / 24_000
    driver = Waveform((0.5 * np.sin(2 * np.pi * 440 * time))[None].astype(np.float32), 24_000)
    resampled = audio_vae.resample_driver(driver)
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(44_100) / 44_100)
    assert resampled.samples.shape == (1, 44_100)
    assert np.abs(resampled.mono - expected)[500:-500].max() < 1e-3
