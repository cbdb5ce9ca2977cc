"""Chunks of a video: what each keeps, what it samples, and the proof that the audio was frozen."""

from fractions import Fraction

import numpy as np
import pytest

from lipwright.diffusion.chunked_sampling import (
    ChunkInput,
    SamplerSettings,
    sample_chunks,
    temporal_weights,
)
from lipwright.diffusion.guiders import Guidance
from lipwright.diffusion.sample import Prediction
from lipwright.diffusion.schedules import SECOND_STAGE, linear
from lipwright.domain.grid import latent_frames
from lipwright.domain.plan import Chunk
from lipwright.domain.time import Span
from lipwright.errors import Cancelled

RATE = Fraction(25)
CHUNKS = (Chunk(0, 33, 1), Chunk(16, 33, 17))
"""Latent frames 0 to 4, then 2 to 6 of which 2 to 4 are kept."""
PLAIN = SamplerSettings(linear(4), Guidance(), Guidance())


class CountingModel:
    """Makes of every token the number of its chunk, counted from 1, whatever comes in."""

    def __init__(self, touch_audio: bool = False) -> None:
        self.video = np.full((1, 7, 2), -1.0)
        self.audio = np.ones((1, 9, 2))
        self.touch_audio = touch_audio
        self.weights: list[list[float]] = []
        self.audio_sigmas: list[np.ndarray] = []

    def prepare(self, number, chunk, weights):
        def denoise(x, passes):
            if self.touch_audio:
                x.audio[0, 0, 0] = -0.0 if number else x.audio[0, 0, 0]
            self.audio_sigmas.append(x.audio_sigmas[0])
            answer = Prediction(np.full_like(x.video, number + 1.0), np.zeros_like(x.audio))
            return dict.fromkeys(passes, answer)

        rng = np.random.default_rng(number)
        self.weights.append(weights.tolist())
        return ChunkInput(
            clean=self.video[:, self._latents(chunk)],
            audio=np.zeros((1, 9, 2)),
            audio_start_seconds=Fraction(chunk.start_frame) / RATE,
            denoise=denoise,
            noise=lambda similar_to: rng.standard_normal(similar_to.shape),
        )

    def accept(self, number, chunk, weights, tokens):
        rows = np.flatnonzero(weights > 0)
        self.video[:, chunk.start_frame // 8 + rows] = tokens[:, rows]

    @staticmethod
    def _latents(chunk):
        first = chunk.start_frame // 8
        return slice(first, first + latent_frames(chunk.frames))


def run(model, **options):
    given = {"frame_rate": RATE, "image_strength": 1.0} | options
    return sample_chunks(model, CHUNKS, given.pop("settings", PLAIN), **given)


def test_the_image_and_the_overlap_are_kept_and_the_rest_is_sampled_once():
    model = CountingModel()
    assert run(model)
    assert model.weights == [[0, 1, 1, 1, 1], [0, 0, 0, 1, 1]]
    assert model.video[0, :, 0].tolist() == [-1, 1, 1, 1, 1, 2, 2]


@pytest.mark.parametrize(("strength", "first"), [(1.0, -1.0), (0.75, -0.5), (0.0, 1.0)])
def test_image_strength_is_for_the_first_chunk_alone(strength, first):
    model = CountingModel()
    run(model, image_strength=strength)
    assert model.weights == [[1 - strength, 1, 1, 1, 1], [0, 0, 0, 1, 1]]
    assert model.video[0, 0, 0] == pytest.approx(first)  # (1 - strength) of 1, strength of the image's -1


def test_outside_the_mask_nothing_is_sampled():
    model = CountingModel()
    run(model, mask=Span(9 / 25, 33 / 25))
    assert temporal_weights(7, RATE, Span(9 / 25, 33 / 25)).tolist() == [0, 0, 1, 1, 1, 0, 0]
    assert model.video[0, :, 0].tolist() == [-1, -1, 1, 1, 1, -1, -1]


def test_audio_that_is_not_frozen_is_sampled_inside_the_mask_in_the_videos_time():
    model = CountingModel()
    assert not run(model, freeze_audio=False, mask=Span(0.8, 0.88))
    first, second = model.audio_sigmas[0], model.audio_sigmas[PLAIN.steps]
    assert not first.any()  # 0.8 s is past this chunk's nine latents
    assert second.tolist() == [0, 0, 0, 0, 1, 1, 1, 0, 0]  # the chunk begins at 16 / 25 = 0.64 s


def test_a_model_that_writes_into_the_audio_is_found_out():
    assert not run(CountingModel(touch_audio=True))  # -0.0 equals 0.0, but its bits are others


def test_steps_are_counted_over_all_chunks_and_may_stop():
    told = []
    run(CountingModel(), on_step=lambda done, step: told.append((done, step.number)))
    assert told == [(n, (n - 1) % 4 + 1) for n in range(1, 9)]

    def stop(done, step):
        if done == 6:
            raise Cancelled("enough")

    model = CountingModel()
    with pytest.raises(Cancelled):
        run(model, on_step=stop)
    assert model.video[0, :, 0].tolist() == [-1, 1, 1, 1, 1, -1, -1]


def test_a_draft_is_refined_and_the_image_lies_over_it():
    """x = (1 - m) image + m ((1 - sigma) draft + sigma noise) at the first level of the second stage."""
    seen = []

    class Refining(CountingModel):
        def prepare(self, number, chunk, weights):
            given = super().prepare(number, chunk, weights)

            def denoise(x, passes):
                seen.append(x.video.copy())
                return given.denoise(x, passes)

            return ChunkInput(
                given.clean,
                given.audio,
                given.audio_start_seconds,
                denoise,
                np.zeros_like,
                1,
                given.clean * 0 + 10.0,
            )

    run(Refining(), image_strength=0.75, settings=SamplerSettings(SECOND_STAGE, Guidance(), Guidance()))
    draft = (1 - SECOND_STAGE[0]) * 10.0
    assert seen[0][0, :, 0] == pytest.approx([0.75 * -1 + 0.25 * draft, draft, draft, draft, draft])
