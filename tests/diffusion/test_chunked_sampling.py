"""Chunks of a video: what each keeps, what it samples, and the proof that the audio was frozen."""

from dataclasses import replace
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
from lipwright.domain.chunks import ChunkOptions, ChunkScore
from lipwright.domain.grid import latent_frames
from lipwright.domain.plan import Chunk
from lipwright.domain.time import Span
from lipwright.errors import Cancelled, UsageError

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

    def prepare(self, number, chunk, weights, seed):
        def denoise(x, passes):
            if self.touch_audio:
                x.audio[0, 0, 0] = -0.0 if number else x.audio[0, 0, 0]
            self.audio_sigmas.append(x.audio_sigmas[0])
            answer = Prediction(np.full_like(x.video, number + 1.0), np.zeros_like(x.audio))
            return dict.fromkeys(passes, answer)

        rng = np.random.default_rng([seed, number])
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
    assert run(model).frozen
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
    assert not run(model, freeze_audio=False, mask=Span(0.8, 0.88)).frozen
    first, second = model.audio_sigmas[0], model.audio_sigmas[PLAIN.steps]
    assert not first.any()  # 0.8 s is past this chunk's nine latents
    assert second.tolist() == [0, 0, 0, 0, 1, 1, 1, 0, 0]  # the chunk begins at 16 / 25 = 0.64 s


def test_a_model_that_writes_into_the_audio_is_found_out():
    assert not run(CountingModel(touch_audio=True)).frozen  # -0.0 equals 0.0, but its bits are others


def test_steps_are_counted_over_all_chunks_and_may_stop():
    told = []
    run(CountingModel(), on_step=lambda done, video_x0: told.append((done, video_x0[0, -1, 0])))
    assert told == [(n, 1 if n <= 4 else 2) for n in range(1, 9)]

    def stop(done, video_x0):
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
        def prepare(self, number, chunk, weights, seed):
            given = super().prepare(number, chunk, weights, seed)

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


class Store:
    """Keeps chunks in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[np.ndarray, dict]] = {}

    def load(self, name):
        return self.kept.get(name)

    def save(self, name, tokens, notes):
        self.kept[name] = tokens, dict(notes)

    def note(self, name, notes):
        self.kept[name] = self.kept[name][0], dict(notes)


class SeedingModel(CountingModel):
    """Makes of every token the seed and the number of its chunk: 7.02 is seed 7 in the second chunk."""

    def __init__(self) -> None:
        super().__init__()
        self.prepared: list[tuple[int, int]] = []

    def prepare(self, number, chunk, weights, seed):
        given = super().prepare(number, chunk, weights, seed)
        self.prepared.append((number, seed))

        def denoise(x, passes):
            answer = Prediction(np.full_like(x.video, seed + (number + 1) / 100), np.zeros_like(x.audio))
            return dict.fromkeys(passes, answer)

        return replace(given, denoise=denoise)

    @property
    def made(self):
        return self.video[0, :, 0].round(4).tolist()


THREE = (*CHUNKS, Chunk(32, 33, 17))
"""Latent frames 0 to 4, 2 to 6 and 4 to 8."""


def three(**options):
    model = SeedingModel()
    model.video = np.full((1, 9, 2), -1.0)
    given = {"frame_rate": RATE, "image_strength": 1.0} | options
    return model, sample_chunks(model, THREE, PLAIN, **given)


def scorer(jumps):
    """Scores a take by its tokens: so many jumps."""

    def begin(model):
        def score(chunk):
            token = round(model.video[0, (chunk.start_frame + chunk.frames) // 8, 0], 2)
            return lambda: ChunkScore(0.0, 1.0, 0.1, jumps.get(token, 0))

        return score

    return begin


def test_a_chunk_made_again_keeps_both_neighbors():
    model, _ = three(seed=3, options=ChunkOptions(redone=((1, 7),)))
    assert model.made == [-1, 3.01, 3.01, 3.01, 3.01, 3.02, 3.02, 3.03, 3.03]
    assert model.weights[3] == [0, 0, 0, 0, 0], "between overlaps of 17 frames nothing of 33 is left"


def test_redo_changes_only_frames_outside_overlaps():
    chunks = (Chunk(0, 33, 1), Chunk(24, 49, 9), Chunk(64, 25, 9))
    model = SeedingModel()
    model.video = np.full((1, 12, 2), -1.0)
    options = ChunkOptions(redone=((1, 7), (0, 8)))
    done = sample_chunks(model, chunks, PLAIN, frame_rate=RATE, image_strength=1.0, seed=3, options=options)
    assert model.weights[3:] == [[0, 0, 1, 1, 1, 0, 0], [0, 1, 1, 0, 0]]
    assert model.made == [-1, 8.01, 8.01, 3.01, 3.01, 7.02, 7.02, 7.02, 3.02, 3.02, 3.03, 3.03]
    assert [(r.number, r.first_seed, r.seed, r.redone, r.kept) for r in done.reports] == [
        (1, 8, 8, True, False),
        (2, 7, 7, True, False),
        (3, 3, 3, False, False),
    ]


@pytest.mark.parametrize("number", [3, 98])
def test_a_chunk_that_is_not_there_is_not_made_again(number):
    with pytest.raises(UsageError, match=f"--redo-chunk {number + 1}: the video has 3 chunks"):
        three(options=ChunkOptions(redone=((number, 1),)))
    with pytest.raises(UsageError, match="made in one chunk"):
        sample_chunks(
            SeedingModel(),
            CHUNKS[:1],
            PLAIN,
            frame_rate=RATE,
            image_strength=1,
            options=ChunkOptions(redone=((0, 1),)),
        )


def test_a_killed_run_continues_where_it_stopped():
    store, whole = Store(), three(seed=5)[0].made

    def stop(done, video_x0):
        if done == 2 * PLAIN.steps + 1:
            raise Cancelled("killed")

    with pytest.raises(Cancelled):
        three(seed=5, options=ChunkOptions(store=store), on_step=stop)
    assert sorted(store.kept) == ["0-0000-5", "0-0001-5"]
    model, done = three(seed=5, options=ChunkOptions(store=store))
    assert model.prepared == [(2, 5)]
    assert model.made == whole
    assert [report.kept for report in done.reports] == [True, True, False]
    assert done.frozen
    store.save("0-0001-5", store.kept["0-0001-5"][0], {"seed": "?"})
    assert three(seed=5, options=ChunkOptions(store=store))[0].prepared == [(1, 5)]


def test_cached_chunk_remembers_its_freeze_proof():
    store = Store()
    for _ in range(2):
        assert not run(CountingModel(touch_audio=True), options=ChunkOptions(store=store)).frozen


def test_a_poor_chunk_is_sampled_again_and_the_best_take_is_kept():
    jumps = {4.01: 3, 5.01: 1, 6.01: 2, 4.03: 1, 5.03: 2}  # 0 for other takes
    model, store = SeedingModel(), Store()
    model.video = np.full((1, 9, 2), -1.0)
    options = ChunkOptions(score=lambda *_: None, retakes=2, store=store)
    done = sample_chunks(
        model,
        THREE,
        PLAIN,
        frame_rate=RATE,
        image_strength=1.0,
        seed=4,
        options=options,
        score=scorer(jumps)(model),
    )
    assert model.prepared == [(0, 4), (0, 5), (0, 6), (1, 4), (2, 4), (2, 5), (2, 6)]
    assert model.made == [-1, 5.01, 5.01, 5.01, 5.01, 4.02, 4.02, 6.03, 6.03]
    told = [(report.seed, report.takes, report.score.jumps) for report in done.reports]
    assert told == [(5, 3, 1), (4, 1, 0), (6, 3, 0)]
    again = SeedingModel()
    again.video = np.full((1, 9, 2), -1.0)
    kept = sample_chunks(again, THREE, PLAIN, frame_rate=RATE, image_strength=1.0, seed=4, options=options)
    assert again.prepared == []
    assert again.made == model.made
    assert [(report.seed, report.takes, report.score.jumps) for report in kept.reports] == told


def test_guides_are_read_by_the_model_and_are_not_part_of_the_video():
    shapes = []

    class Guided(SeedingModel):
        def prepare(self, number, chunk, weights, seed):
            given = super().prepare(number, chunk, weights, seed)

            def denoise(x, passes):
                shapes.append((x.video.shape[1], x.video_sigmas[0, -2:].tolist()))
                return given.denoise(x, passes)

            clean = np.concatenate([given.clean, np.full((1, 2, 2), 9.0)], 1)
            return replace(given, clean=clean, denoise=denoise, guide_weights=(0.0, 0.5))

    model = Guided()
    assert run(model).frozen
    assert shapes[0] == (7, [0.0, 0.5])
    assert model.made == [-1, 0.01, 0.01, 0.01, 0.01, 0.02, 0.02]
