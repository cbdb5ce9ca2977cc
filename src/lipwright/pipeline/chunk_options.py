"""The chunk options of a render: caching, scoring, retakes of poor chunks, and the chunks of --redo-chunk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lipwright.audio.driver import Driver
from lipwright.domain.chunks import ChunkOptions, ChunkReport
from lipwright.domain.plan import FramePlan
from lipwright.domain.settings import RenderRequest
from lipwright.engines.base import EngineDescription
from lipwright.errors import InputError, UsageError
from lipwright.pipeline.chunk_cache import ChunkCache
from lipwright.pipeline.job_key import KEYS_WITHOUT_EFFECT_ON_VIDEO, job_key
from lipwright.pipeline.manifest import Manifest, read_manifest

KEYS_WITHOUT_EFFECT_ON_CHUNKS = KEYS_WITHOUT_EFFECT_ON_VIDEO | {"audio_codec", "strict"}
"""Keys of a request that do not affect the sampling of chunks."""

SAME_COMMAND = "repeat the command that made the video, and add --redo-chunk and --seed"


@dataclass(frozen=True, slots=True)
class Redo:
    """The chunks of a finished video that are sampled again."""

    manifest: Manifest
    """Manifest of the existing video."""
    redone: tuple[tuple[int, int], ...]
    """Chunk number (from 0) and seed of each chunk that is sampled again, by this run or an earlier one: the
    value of `ChunkOptions.redone`."""


def plan_redo(request: RenderRequest) -> tuple[RenderRequest, Redo | None]:
    """Return the request that made the video, and the chunks to sample again.

    Without --redo-chunk the request is returned unchanged, with None.

    Raises:
        UsageError: there is no manifest of the video, or the video has no chunk with a given number.
    """
    if not request.redo_chunks:
        return request, None
    manifest = _manifest_of(request.output, request.manifest)
    made = _chunks_of(manifest)
    for number in request.redo_chunks:
        if len(made) <= 1:
            raise UsageError(
                f"--redo-chunk {number}: {request.output} was made in one chunk",
                hint="leave out --redo-chunk, and render the video with another --seed",
            )
        if number > len(made):
            raise UsageError(
                f"--redo-chunk {number}: {request.output} has {len(made)} chunks",
                hint=f"give a number from 1 to {len(made)}; {request.manifest.name} lists the chunks",
            )
    wanted = request.sampling.get("seed")
    if wanted is None or wanted == manifest.job.get("seed"):  # the seed of the repeated command is not new
        wanted = 1 + max(chunk.seed for chunk in made)
    seed = int(wanted)
    now = tuple((number - 1, seed) for number in request.redo_chunks)
    before = ((c.number - 1, c.first_seed) for c in made if c.redone and c.number not in request.redo_chunks)
    sampling = {**request.sampling, "seed": manifest.job.get("seed")}
    base = replace(request, sampling=sampling, retakes=manifest.job.get("retakes", 0))
    return base, Redo(manifest, (*before, *now))


def _chunks_of(manifest: Manifest) -> list[ChunkReport]:
    try:
        return [
            ChunkReport(
                number=int(chunk["number"]),
                start_seconds=float(chunk["start_seconds"]),
                seconds=float(chunk["seconds"]),
                first_seed=int(chunk["first_seed"]),
                seed=int(chunk["seed"]),
                redone=bool(chunk["redone"]),
            )
            for chunk in manifest.chunks
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(
            "--redo-chunk: the manifest does not list the chunks of the video", hint=SAME_COMMAND
        ) from error


def _manifest_of(video: Path, path: Path) -> Manifest:
    if not path.is_file():
        raise UsageError(
            f"--redo-chunk needs the manifest of {video}, but there is no {path.name} next to it",
            hint="render the video first",
        )
    try:
        manifest = read_manifest(path)
        reason = "" if manifest.is_of(video) else f"{path.name} describes another video"
    except InputError as error:
        reason = error.message
    if reason:
        raise UsageError(
            f"--redo-chunk cannot make a part of {video} again: {reason}",
            hint="render the whole video again, without --redo-chunk",
        )
    return manifest


def chunk_options(
    request: RenderRequest,
    engine: EngineDescription,
    plan: FramePlan,
    driver: Driver,
    *,
    seed: int,
    redo: Redo | None,
) -> tuple[ChunkOptions, ChunkCache | None, str]:
    """Return the options for sampling chunks, the cache of chunks, and the key of the job in the cache.

    For a video of one chunk, the cache is None and the key is empty.

    Raises:
        UsageError: the video whose chunks are to be sampled again was made with other settings or files.
    """
    long = engine.takes_chunks and len(plan.chunks) > 1
    if not long and redo is None:
        return ChunkOptions(), None, ""
    request = replace(request, sampling={**request.sampling, "seed": seed}, redo_chunks=())
    key = job_key(request, engine, ignoring=KEYS_WITHOUT_EFFECT_ON_CHUNKS)
    redone: tuple[tuple[int, int], ...] = ()
    if redo is not None:
        if redo.manifest.chunk_key != key:
            raise UsageError(
                f"{request.output} was made by another command{_difference(request, redo.manifest.job)}",
                hint=SAME_COMMAND,
            )
        redone = redo.redone
    cache = ChunkCache(key)
    if request.fresh:
        cache.forget()
    score = None
    if request.check or request.retakes or engine.scores_always:
        from lipwright.sync.chunk_score import frame_scorer  # noqa: PLC0415 - OpenCV and LiteRT

        score = frame_scorer(driver.waveform, driver.speech)
    return ChunkOptions(score, request.retakes, redone, cache), cache, key


def _difference(request: RenderRequest, made: Mapping[str, Any]) -> str:
    """Name the settings that differ between a request and the `job` of a manifest, for a message."""
    now = request.to_json() | dict(request.sampling)
    other = [
        name
        for name, value in now.items()
        if value is not None
        and name in made
        and name not in KEYS_WITHOUT_EFFECT_ON_CHUNKS | {"start", "end", "size"}
        and made[name] != value
    ]
    return f" (different settings: {', '.join(sorted(other)[:3])})" if other else ""
