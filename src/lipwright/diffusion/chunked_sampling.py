"""Sample a video of any length in chunks, each of which continues the previous chunk.

Mask weights below 1 keep the reference image, and the frames that a chunk shares with the previous chunk. If
a chunk is sampled again, the frames that it shares with the next chunk are kept too. The audio is frozen in
every chunk, which is verified bit for bit. The model (`ChunkModel`) decides what a latent consists of and how
sampled tokens are put into the video.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import count
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lipwright.diffusion.arrays import Array, fingerprint, to_numpy
from lipwright.diffusion.guiders import Guidance
from lipwright.diffusion.masks import held_weights, token_mask, window_weights
from lipwright.diffusion.sample import Denoiser, Noise, sample
from lipwright.diffusion.state import AVState, LatentState, frozen, noised
from lipwright.domain.chunks import ChunkOptions, ChunkReport, ChunkScore
from lipwright.domain.grid import FRAMES_PER_LATENT, audio_window, latent_frames, video_window
from lipwright.domain.plan import Chunk
from lipwright.domain.time import Span
from lipwright.errors import UsageError


@dataclass(frozen=True, slots=True)
class SamplerSettings:
    """Settings for sampling each chunk: schedule, guidance and noise. They become arguments of `sample`."""

    sigmas: tuple[float, ...]
    video: Guidance
    audio: Guidance
    eta: float = 0.0
    norming_threshold: float = 0.0
    audio_factors: tuple[float, ...] = ()

    @property
    def steps(self) -> int:
        """Number of sampling steps per chunk."""
        return len(self.sigmas) - 1


@dataclass(frozen=True, slots=True)
class ChunkInput:
    """The input of the sampler for one chunk."""

    clean: Array
    """Clean video tokens, shape (1, T, C), which are kept with weight 1 - mask."""
    audio: Array
    """Audio tokens, shape (1, L, C')."""
    audio_start_seconds: Fraction
    """Time of audio token 0 in the video."""
    denoise: Denoiser
    noise: Noise
    """Source of noise. It is called first for the video, then for the audio unless the audio is frozen, then
    in each ancestral step."""
    tokens_per_frame: int = 1
    """Number of tokens in one latent frame."""
    draft: Array | None = None
    """Video tokens to refine, shape (1, T, C), which have an effect only if the first noise level is below 1;
    None to refine `clean`."""
    guide_weights: tuple[float, ...] = ()
    """Mask weights of the guides: latent frames at the end of `clean` and `draft` that guide the sampling and
    are not part of the video. A guide with weight 0 stays unchanged."""


class ChunkModel(Protocol):
    """A model together with the video that it fills, chunk by chunk."""

    def prepare(self, number: int, chunk: Chunk, weights: NDArray[np.float64], seed: int) -> ChunkInput:
        """Return the input for one chunk, cut out of the audio and of the video so far.

        Args:
            number: Number of the chunk, counted from 0.
            chunk: The chunk's frames.
            weights: Mask weight of each latent frame of the chunk: 1 is sampled, 0 is kept.
            seed: Seed of the chunk's noise.
        """
        ...

    def accept(self, number: int, chunk: Chunk, weights: NDArray[np.float64], tokens: Array) -> None:
        """Put sampled tokens, shape (1, T, C), into the video wherever the weight is above 0.

        Tokens from the cache arrive as a NumPy array. A chunk may arrive more than once; each arrival
        replaces the earlier tokens.
        """
        ...


Scorer = Callable[[Chunk], Callable[[], ChunkScore | None]]
"""A function that starts to score a chunk of the current video, and returns a function that waits for the
score."""


@dataclass(frozen=True, slots=True)
class SampledChunks:
    """The result of sampling all chunks of a video, without the video itself."""

    frozen: bool
    """True if the audio was frozen, and the audio latents of every chunk were bit-identical before and after
    sampling."""
    reports: tuple[ChunkReport, ...]
    """One report per chunk."""


def temporal_weights(frames: int, frame_rate: Fraction, mask: Span | None) -> NDArray[np.float64]:
    """Return a mask weight for each latent frame: 1 inside `mask`, 0 outside; all 1 if `mask` is None."""
    if mask is None:
        return np.ones(frames)
    return window_weights(frames, video_window(mask.start, mask.end, frames=frames, frame_rate=frame_rate))


def sample_chunks(
    model: ChunkModel,
    chunks: Sequence[Chunk],
    settings: SamplerSettings,
    *,
    frame_rate: Fraction,
    image_strength: float,
    mask: Span | None = None,
    freeze_audio: bool = True,
    seed: int = 0,
    options: ChunkOptions = ChunkOptions(),  # noqa: B008 - frozen
    score: Scorer | None = None,
    label: str = "0",
    on_step: Callable[[int, Array], object] | None = None,
) -> SampledChunks:
    """Sample all chunks in order, then sample the chunks in `options.redone` again.

    Args:
        model: The model to sample from.
        chunks: All chunks of the video, in order.
        settings: Noise levels and guidance.
        frame_rate: Frames per second.
        image_strength: How firmly latent frame 0 of the video is kept: 1 keeps it bit for bit, 0 (as without
            an image) samples it like the rest. Overlaps are always kept bit for bit.
        mask: Span that is sampled; None samples the whole video.
        freeze_audio: Keep the audio frozen; False samples it too, inside `mask`.
        seed: Seed of the noise of all chunks.
        options: How chunks are cached and scored, and which chunks are sampled again.
        score: Scores a chunk; required for retakes.
        label: Prefix of the names of chunks in the cache; each sampling stage of a video needs its own
            prefix.
        on_step: Called with the number of steps done so far, over all chunks, and the chunk's predicted video
            tokens, shape (1, T, C). An exception stops the sampling.

    Raises:
        UsageError: a chunk to sample again does not exist.
    """
    check_redone(options, chunks)
    frames = max(chunk.start_frame // FRAMES_PER_LATENT + latent_frames(chunk.frames) for chunk in chunks)
    video_weights = temporal_weights(frames, frame_rate, mask)
    work = _Work(
        model=model,
        settings=settings,
        mask=mask,
        freeze_audio=freeze_audio,
        options=options,
        score=score,
        label=label,
        on_step=on_step,
    )
    for number, chunk in enumerate(chunks):
        first, count = chunk.start_frame // FRAMES_PER_LATENT, latent_frames(chunk.frames)
        start, seconds = float(chunk.start_frame / frame_rate), float(chunk.frames / frame_rate)
        kept = held_weights(
            count, latent_frames(chunk.overlap_frames), strength=1.0 if number else image_strength
        )
        weights = kept * video_weights[first : first + count]
        work.make(ChunkReport(number + 1, start, seconds, seed, seed), chunk, weights)
    for number, other_seed in options.redone:
        chunk = chunks[number]
        weights = work.weights[number].copy()
        if number + 1 < len(chunks):
            weights[-latent_frames(chunks[number + 1].overlap_frames) :] = 0
        work.make(
            replace(
                work.reports[number],
                first_seed=other_seed,
                seed=other_seed,
                takes=1,
                kept=False,
                redone=True,
                score=None,
            ),
            chunk,
            weights,
        )
    return SampledChunks(freeze_audio and work.untouched, work.finish())


def check_redone(options: ChunkOptions, chunks: Sequence[Chunk]) -> None:
    """Check that every chunk to sample again exists, and that the video has several chunks.

    Raises:
        UsageError: a chunk does not exist, or the video has only one chunk.
    """
    for number, _ in options.redone:
        if len(chunks) == 1:
            raise UsageError(
                f"--redo-chunk {number + 1}: the video is made in one chunk",
                hint="render the video with another --seed",
            )
        if not 0 <= number < len(chunks):
            raise UsageError(
                f"--redo-chunk {number + 1}: the video has {len(chunks)} chunks",
                hint=f"give a number from 1 to {len(chunks)}; the manifest lists the chunks",
            )


_Waiting = tuple[ChunkReport, str, bool, Callable[[], ChunkScore | None]]


@dataclass(slots=True, kw_only=True)
class _Work:
    """The state of `sample_chunks` while it goes through the chunks of a video."""

    model: ChunkModel
    settings: SamplerSettings
    mask: Span | None
    freeze_audio: bool
    options: ChunkOptions
    score: Scorer | None
    label: str
    on_step: Callable[[int, Array], object] | None
    reports: dict[int, ChunkReport] = field(default_factory=dict)
    weights: dict[int, NDArray[np.float64]] = field(default_factory=dict)
    untouched: bool = True
    made: int = 0
    waiting: list[_Waiting] = field(default_factory=list)

    def make(self, report: ChunkReport, chunk: Chunk, weights: NDArray[np.float64]) -> None:
        """Load a chunk from the store; if it is not there, sample and store it."""
        number, store = report.number - 1, self.options.store
        name = f"{self.label}-{number:04}-{report.first_seed}{'-redone' if report.redone else ''}"
        kept = store.load(name) if store is not None else None
        notes = None if kept is None else _read_notes(kept[1])
        wait: Callable[[], ChunkScore | None] | None = None
        if kept is not None and notes is not None:
            self.model.accept(number, chunk, weights, kept[0])
            report, untouched = replace(report, kept=True, **notes["report"]), notes["frozen"]
            if report.score is None and self.score is not None:
                wait = self.score(chunk)
        else:
            report, tokens, untouched, wait = self._best_take(report, chunk, weights)
            if store is not None:
                store.save(name, to_numpy(tokens), _notes(report, untouched))
        self.untouched &= untouched
        self.reports[number] = report
        self.weights.setdefault(number, weights)
        self.made += 1
        if wait is not None:
            self.waiting.append((report, name, untouched, wait))

    def finish(self) -> tuple[ChunkReport, ...]:
        """Wait for pending scores, and return the reports."""
        store = self.options.store
        for report, name, untouched, wait in self.waiting:
            scored = replace(report, score=wait())
            if self.reports[report.number - 1].redone == report.redone:
                self.reports[report.number - 1] = scored
            if store is not None:
                store.note(name, _notes(scored, untouched))
        return tuple(self.reports.values())

    def _best_take(
        self, report: ChunkReport, chunk: Chunk, weights: NDArray[np.float64]
    ) -> tuple[ChunkReport, Array, bool, Callable[[], ChunkScore | None] | None]:
        """Sample a chunk; while its score is poor and retakes are left, sample it again with the next seed.

        Returns:
            The report and tokens of the best take; whether the audio stayed frozen in all takes; and a
            function that waits for the take's score, or None if no score is pending.
        """
        best: tuple[float, ChunkReport, Array] | None = None
        frozen, number = True, report.number - 1
        retakes = self.options.retakes if self.score is not None else 0
        for take in range(retakes + 1):
            seed = report.first_seed + take
            tokens, untouched = self._sample(number, chunk, weights, seed)
            frozen &= untouched
            self.model.accept(number, chunk, weights, tokens)
            wait = None if self.score is None else self.score(chunk)
            if not retakes or wait is None:
                return report, tokens, frozen, wait
            found = wait()
            badness = 0.0 if found is None else found.badness
            if best is None or badness < best[0]:
                best = badness, replace(report, seed=seed, score=found), tokens
            if not badness:
                break
        assert best is not None  # noqa: S101 - there is at least one take
        if best[1].seed != seed:
            self.model.accept(number, chunk, weights, best[2])
        return replace(best[1], takes=take + 1), best[2], frozen, None

    def _sample(
        self, number: int, chunk: Chunk, weights: NDArray[np.float64], seed: int
    ) -> tuple[Array, bool]:
        """Return the sampled tokens of one chunk, and whether its audio latents are unchanged."""
        settings, on_step = self.settings, self.on_step
        steps = count(self.made * settings.steps + 1)
        given = self.model.prepare(number, chunk, weights, seed)
        before = fingerprint(given.audio)
        all_weights = np.concatenate([weights, given.guide_weights])
        sigma = settings.sigmas[0]
        state = sample(
            given.denoise,
            AVState(
                _noised_video(given, all_weights, sigma),
                frozen(given.audio) if self.freeze_audio else _noised_audio(given, self.mask, sigma),
            ),
            settings.sigmas,
            video_guidance=settings.video,
            audio_guidance=settings.audio,
            norming_threshold=settings.norming_threshold,
            eta=settings.eta,
            noise=given.noise,
            audio_factors=settings.audio_factors,
            callback=None if on_step is None else lambda video_x0: on_step(next(steps), video_x0),
        )
        tokens = state.video.latent[:, : len(weights) * given.tokens_per_frame]
        return tokens, fingerprint(state.audio.latent) == before


def _notes(report: ChunkReport, untouched: bool) -> dict[str, Any]:
    value = report.to_json()
    return {"frozen": untouched, **{name: value[name] for name in ("seed", "takes", "score")}}


def _read_notes(notes: Mapping[str, Any]) -> dict[str, Any] | None:
    """Parse cached notes about a chunk: seed, takes, score, frozen; return None if they are invalid."""
    try:
        report = {
            "seed": int(notes["seed"]),
            "takes": int(notes["takes"]),
            "score": ChunkScore.from_json(notes["score"]),
        }
        return {"frozen": bool(notes["frozen"]), "report": report}
    except (KeyError, TypeError, ValueError):
        return None


def _noised_video(given: ChunkInput, weights: NDArray[np.float64], sigma: float) -> LatentState:
    clean, tokens_per_frame = given.clean, given.tokens_per_frame
    mask = token_mask(weights, batch=1, similar_to=clean, tokens_per_frame=tokens_per_frame)
    return noised(
        clean, mask, given.noise(clean), sigma=sigma, draft=given.draft, tokens_per_frame=tokens_per_frame
    )


def _noised_audio(given: ChunkInput, span: Span | None, sigma: float) -> LatentState:
    length = given.audio.shape[1]
    weights = np.ones(length)
    if span is not None:
        start = given.audio_start_seconds
        inside = audio_window(span.start - start, span.end - start, length=length)
        weights = window_weights(length, inside)
    mask = token_mask(weights, batch=1, similar_to=given.audio)
    return noised(given.audio, mask, given.noise(given.audio), sigma=sigma)
