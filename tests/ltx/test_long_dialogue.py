"""Long videos of the tiny model: anchored, scored, continued, one chunk made again; and the surplus."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from threading import Event
from typing import Any

import numpy as np
import pytest
import tiny_ltx
import torch
from test_ltx_video import RATE, conditions, plan_of, recipe

from lipwright.domain.chunks import ChunkOptions, ChunkScore
from lipwright.domain.media import FrameSize, Waveform
from lipwright.domain.plan import Chunk
from lipwright.domain.presets import PRESETS
from lipwright.domain.progress import no_progress
from lipwright.domain.shot import Shot
from lipwright.domain.time import Span
from lipwright.engines.ltx.chunk_scoring import chunk_scorer
from lipwright.engines.ltx.engine import LtxEngine
from lipwright.engines.ltx.shot_preparation import SURPLUS_FRAMES, with_surplus
from lipwright.engines.ltx.staged_sampling import Networks, SampledVideo, sample_video
from lipwright.errors import Cancelled, UsageError
from lipwright.pipeline.chunk_cache import ChunkCache
from lipwright.planning import plan_video

THREE = plan_of(Chunk(0, 49, 1), Chunk(40, 57, 9), Chunk(88, 25, 9))
"""Latents 0 to 6, 5 to 12 and 11 to 14."""
OWNED = slice(7, 11)
"""Latents of the second chunk that no neighbor holds."""
TWO_STAGES = recipe(stages=2)


@pytest.fixture(scope="module")
def networks(tiny: dict[str, Any]) -> Networks:
    return Networks(lambda: tiny["transformer"], None, tiny["vae"], tiny_ltx.latent_upsampler())


def sampled(
    networks: Networks, *, stages: int = 2, seed: int = 0, anchor: float = 0.0, **chunk_options: Any
) -> SampledVideo:
    options = ChunkOptions(**chunk_options)
    wanted = conditions(THREE, sizes=(2, 4)[:stages], seed=seed, anchor_strength=anchor, chunks=options)
    return sample_video(networks, wanted, recipe(stages=stages))


@pytest.fixture
def store(tmp_path, monkeypatch) -> ChunkCache:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return ChunkCache("k" * 64)


def test_killed_run_resumes_in_its_stage_and_chunk(networks, store) -> None:
    whole = sampled(networks)
    wanted = conditions(THREE, sizes=(2, 4), chunks=ChunkOptions(store=store))

    def stop(progress):
        if progress.done == 3 * 3 + 2 + 1:  # in the second chunk of the second stage
            raise Cancelled("killed")

    with pytest.raises(Cancelled):
        sample_video(networks, wanted, TWO_STAGES, stop)
    told = []
    done = sample_video(networks, wanted, TWO_STAGES, told.append)
    assert torch.equal(done.latents, whole.latents)
    assert done.frozen
    assert [report.kept for report in done.chunks] == [True, False, False]
    assert len(told) == 2 * 2, "two chunks of two steps in the second stage, and nothing of the first"
    again = sample_video(networks, wanted, TWO_STAGES, told.append)
    assert torch.equal(again.latents, whole.latents)
    assert len(told) == 4


@pytest.mark.parametrize("stages", [1, 2])
def test_redone_chunk_keeps_its_neighbors_bit_identical(networks, store, stages) -> None:
    before = sampled(networks, stages=stages, store=store)
    done = sampled(networks, stages=stages, store=store, redone=((1, 7),))
    same = (done.latents == before.latents).all(0).all(0).all(1).all(1)
    assert same[: OWNED.start].all()
    assert same[OWNED.stop :].all()
    assert not same[OWNED].any()
    told = [(report.seed, report.kept, report.redone) for report in done.chunks]
    assert told == [(0, True, False), (7, False, True), (0, True, False)]
    steps = (
        before.latents.diff(dim=2).abs().mean((0, 1, 3, 4)),
        done.latents.diff(dim=2).abs().mean((0, 1, 3, 4)),
    )
    for seam in (OWNED.start - 1, OWNED.stop - 1):
        assert steps[1][seam] < 2 * steps[0].max(), "the seam holds"
    first = sampled(networks, stages=stages, store=store, redone=((0, 5), (1, 7)))
    assert not torch.equal(first.latents[:, :, 1:5], before.latents[:, :, 1:5])
    assert torch.equal(first.latents[:, :, 5:7], before.latents[:, :, 5:7])


def test_redo_of_a_missing_chunk_is_refused_before_loading(networks) -> None:
    def load():
        raise AssertionError("loaded")

    wanted = conditions(THREE, chunks=ChunkOptions(redone=((98, 1),)))
    with pytest.raises(UsageError, match="--redo-chunk 99: the video has 3 chunks"):
        sample_video(replace(networks, transformer=load), wanted, recipe())


def test_anchor_changes_every_chunk_and_zero_changes_none(networks) -> None:
    plain, anchored = sampled(networks), sampled(networks, anchor=0.5)
    assert torch.equal(sampled(networks, anchor=0.0).latents, plain.latents)
    moved = (anchored.latents - plain.latents).abs().amax((0, 1, 3, 4))
    assert moved[0] == 0, "the image itself"
    assert (moved[1:] > 1e-4).all()
    assert anchored.latents.shape == plain.latents.shape
    alone = (sample_video(networks, conditions(anchor_strength=s), recipe()).latents for s in (0.0, 1.0))
    assert torch.equal(*alone), "a video of one chunk begins with the image, and needs no anchor"
    free = (
        sample_video(networks, conditions(THREE, image=None, anchor_strength=s), recipe()).latents
        for s in (0.0, 1.0)
    )
    assert torch.equal(*free)


def test_anchor_guides_both_ends_of_a_chunk(networks) -> None:
    """The model is given two more latent frames, clean at strength 1, at the clip's first and last frame."""
    from lipwright.engines.ltx.staged_sampling import _StageModel

    wanted = conditions(THREE, anchor_strength=0.75)
    model = _StageModel(networks.transformer(), networks, wanted, recipe(), 0, smaller=None)
    chunk = THREE.chunks[1]
    given = model.prepare(1, chunk, np.ones(8), 0)
    per_frame = given.tokens_per_frame
    image = wanted.stills[0][:, :, 0].flatten(2).transpose(1, 2)
    assert given.guide_weights == (0.25, 0.25)
    assert given.clean.shape[1] == (8 + 2) * per_frame
    for end in (slice(8 * per_frame, 9 * per_frame), slice(9 * per_frame, None)):
        assert torch.equal(given.clean[:, end], image)
    first = model.prepare(0, THREE.chunks[0], np.ones(7), 0)
    assert first.guide_weights == (0.25,)


def test_takes_are_chosen_in_the_first_stage_and_scored_in_the_last(networks) -> None:
    sizes = []

    def score(frames, frame_rate, start):
        frames = list(frames)
        sizes.append((frames[0].shape[0], len(frames), round(start * 25)))
        return ChunkScore(0.0, 1.0, 0.1, 3 - len(sizes) if len(sizes) < 3 else 0)

    done = sampled(networks, score=score, retakes=1)
    assert sizes == [
        *((64, 49, 0), (64, 49, 0)),  # two takes of the first chunk, at half size
        *((64, 64, 33), (64, 32, 81)),
        *((128, 49, 0), (128, 64, 33), (128, 32, 81)),
    ]
    assert [(report.seed, report.takes) for report in done.chunks] == [(1, 2), (0, 1), (0, 1)]
    assert all(report.score is not None and report.score.jumps == 0 for report in done.chunks)
    sizes.clear()
    sampled(networks, score=score)
    assert [height for height, _, _ in sizes] == [128] * 3


def test_next_chunk_does_not_wait_for_a_score(networks) -> None:
    go_on = Event()

    def slow(frames, frame_rate, start):
        assert go_on.wait(20), "nothing else went on meanwhile"
        return ChunkScore(None, 0.0, None, len(frames))

    with chunk_scorer(slow, networks.video_vae, RATE, in_thread=True) as begin:
        assert begin is not None
        waiting = begin(torch.zeros(1, 8, 15, 2, 2, device=tiny_ltx.DEVICE), THREE.chunks[0])
        go_on.set()
        found = waiting()
    assert found is not None
    assert found.jumps == THREE.chunks[0].frames


def test_chunk_without_memory_to_decode_has_no_score(tiny) -> None:
    class Full:
        use_tiling = False
        device = torch.device("cpu")
        tiled: bool | None = None

        def disable_tiling(self) -> None:
            self.tiled = False

        def __getattr__(self, name: str) -> Any:
            raise torch.OutOfMemoryError(name)

    vae = Full()
    with chunk_scorer(lambda *_: pytest.fail("no frames came"), vae, RATE) as begin:  # type: ignore[arg-type]
        assert begin is not None
        assert begin(torch.zeros(1, 8, 7, 2, 2), THREE.chunks[0])() is None
    assert vae.tiled is False


def test_surplus_frames_are_sampled_and_dropped(components, long_voice, portrait) -> None:
    from lipwright.media.audio_reader import read_audio
    from lipwright.media.image_file import read_image

    heard = read_audio(long_voice, rate_hz=24_000).waveform
    plan = plan_video(Fraction(33, 25), Fraction(25))
    shot = Shot(
        driver=Waveform(heard.samples[:, : 33 * 960], 24_000),
        speech=(),
        plan=plan,
        size=FrameSize(64, 64),
        settings=replace(PRESETS["guide"], steps=1),
        image=read_image(portrait),
        mask=Span(0.4, float(plan.seconds)),
    )
    longer = with_surplus(shot)
    assert longer.plan.frames == plan.frames + SURPLUS_FRAMES
    assert longer.plan.chunks[-1].frames == plan.chunks[-1].frames + SURPLUS_FRAMES
    assert SURPLUS_FRAMES >= 8
    assert longer.mask == Span(0.4, float(longer.plan.seconds))
    assert len(longer.driver.mono) == longer.plan.frames * 960
    assert (longer.driver.mono[: 33 * 960] == shot.driver.mono).all()
    assert np.abs(longer.driver.mono[33 * 960 :]).max() > 0, "not silence, which fades to black"
    inner = replace(shot, mask=Span(0.2, 0.6))
    assert with_surplus(inner).mask == inner.mask
    render = LtxEngine(components=components).render(shot, no_progress)
    assert len(list(render.frames)) == plan.frames
    assert render.chunks[-1].seconds == float(plan.seconds)
