"""The comfyui engine: sends graph, driver and image to a server, and gets the frames of a video back.

The server does not affect the audio of the video: only frames are downloaded, and the pipeline adds the
user's own recording. A video with several chunks takes several jobs; each keeps the frames that it shares
with the one before, so that motion continues, and the reference image guides the end of each.
"""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from importlib.metadata import version
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.finding import Finding
from lipwright.domain.media import FrameSize, Image, Waveform
from lipwright.domain.plan import Chunk
from lipwright.domain.progress import ProgressCallback
from lipwright.domain.shot import Render, Shot
from lipwright.domain.time import Span
from lipwright.engines.comfyui.client import Client, Timeouts, too_large
from lipwright.engines.comfyui.findings import CHUNK_SEAMS, FREEZE_FAILED, FREEZE_UNPROVEN
from lipwright.engines.comfyui.job import FinishedJob, run_job
from lipwright.engines.comfyui.load_balancing import run_on_least_busy
from lipwright.engines.comfyui.results import (
    ServerFile,
    add_verifiers,
    fetch_video,
    find_video,
    frozen_verdict,
)
from lipwright.engines.comfyui.server_errors import clean_text, find_missing, missing_error
from lipwright.engines.comfyui.server_url import Headers, parse_servers
from lipwright.errors import EngineError, EngineUnavailable, InputError
from lipwright.face.crop import fit_image
from lipwright.face.landmarks import FaceTracker, choose_face
from lipwright.face.model_file import locate_face_model
from lipwright.media.audio_writer import encode_wav
from lipwright.media.image_file import encode_animation, encode_png
from lipwright.media.video_reader import last_frames, received_frames
from lipwright.system import TemporaryFolder
from lipwright.workflow.audio_vae import padded_part, resample_driver
from lipwright.workflow.graph import Graph
from lipwright.workflow.inputs import (
    DEFAULT_NEGATIVE,
    MAX_MODELS_LENGTH,
    ModelFiles,
    WorkflowInputs,
    default_models,
    read_models,
)
from lipwright.workflow.recipes import STAGES, Recipe, build_graph
from lipwright.workflow.schemas import bundled, read_object_info

MAX_COLOR_SHIFT = 12.0
"""Difference in mean color, of 255, beyond which a chunk is not matched to the one before: a change that
large is not decoder drift."""


@dataclass(frozen=True, slots=True)
class _ChunkResult:
    """Result of one job."""

    path: Path
    start: int
    """Number of its first new frame in the whole video."""
    kept: NDArray[np.uint8] | None
    """Frames of the previous chunk, shape (frames, height, width, 3), which its first frames repeat; None for
    the first chunk."""
    server: str
    versions: dict[str, str]
    graph: Graph
    frozen: bool | None
    resubmitted: bool


class ComfyEngine:
    """Engine `comfyui`.

    Args:
        servers: URLs, or files with URLs; if empty, the server on this machine.
        headers: Headers sent with each request to all servers.
        model: A file with the names of model files; None uses those of ComfyUI's own templates.
        timeouts: How long to wait for what.

    Raises:
        UsageError: a server is not a URL.
        InputError: a file cannot be read.
    """

    name = "comfyui"

    def __init__(
        self,
        servers: tuple[str, ...] = (),
        headers: Headers = (),
        model: str | None = None,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - frozen
    ) -> None:
        self._servers = parse_servers(servers, headers)
        self._models = read_model_names(model)
        self._timeouts = timeouts

    def render(self, shot: Shot, report: ProgressCallback) -> Render:
        """Make the video on a server, and return its frames.

        Raises:
            EngineUnavailable, EngineTimedOut, EngineRejected, EngineOutOfMemory, EngineError: all servers
            failed; the message gives the reasons.
            Cancelled: `report` stopped it; the job was also cancelled on the server.
        """
        folder = TemporaryFolder("comfyui")
        try:
            made = self._make(shot, folder.path, report)
        except BaseException:
            folder.remove()
            raise
        return Render(
            frames=_Frames(_join_chunks(made), folder),
            frozen=shot.freeze_audio and all(one.frozen is True for one in made),
            model=_checkpoint(made[0].graph),
            versions=made[-1].versions | {name: version(name) for name in ("httpx", "websockets")},
            settings=shot.settings.to_json()
            | {
                "recipe": made[0].graph.recipe,
                "servers": sorted({one.server for one in made}),
                "jobs": len(made),
                "resubmitted": sum(one.resubmitted for one in made),
            },
            findings=_findings(shot, made),
        )

    def _make(self, shot: Shot, folder: Path, report: ProgressCallback) -> list[_ChunkResult]:
        image = _fit_image(shot.image, shot.size, shot.face)
        driver = resample_driver(Waveform(shot.driver.mono[None], shot.driver.rate_hz))
        made: list[_ChunkResult] = []
        for chunk in shot.plan.chunks:
            kept = last_frames(made[-1].path, chunk.overlap_frames) if made else None
            place = folder / str(len(made))
            place.mkdir()
            job = _chunk_job(shot, driver, chunk, image, kept)

            def work(client: Client, job: _ChunkJob = job, place: Path = place) -> _ChunkResult:
                return self._run(client, job, place, report)

            made.append(run_on_least_busy(self._servers, self._timeouts, work))
        return made

    def _run(self, client: Client, job: _ChunkJob, folder: Path, report: ProgressCallback) -> _ChunkResult:
        """Run one job on one server."""
        system = client.system()["system"]
        info = client.schemas()
        homes = {name: bundled().nodes[name].pack for name in bundled()}
        shot = job.shot
        recipe: Recipe = "official" if shot.settings.stages == STAGES["official"] else "guide"
        wanted = job.inputs(self._models, frozenset(info))
        missing = find_missing(build_graph(recipe, wanted).to_api(), info)
        if missing:
            raise missing_error(client.server.label, missing, homes)
        schemas = read_object_info(info)
        limit = client.features().get("max_upload_size")
        masked = shot.mask is not None
        if masked:
            _free_cache(client)
        graph = build_graph(recipe, wanted, schemas)

        def make_graph() -> dict[str, object]:
            names = {}
            for name, data in job.files().items():
                if isinstance(limit, int) and not isinstance(limit, bool) and 0 < limit < len(data):
                    raise too_large(client.server, len(data))
                names[name] = client.upload(name, data)
            given = replace(
                wanted,
                driver=names[job.driver_name],
                master=names[job.driver_name],
                image=names[job.image_name] if job.image is not None else None,
                start_frames=names[job.kept_name] if job.kept is not None else None,
            )
            api = build_graph(recipe, given, schemas).to_api()
            return add_verifiers(api, info) if shot.freeze_audio else dict(api)

        finished = run_job(client, make_graph, steps=shot.settings.steps, homes=homes, report=report)
        if masked:
            _free_cache(client)
        return _ChunkResult(
            fetch_video(
                client,
                _find_video(client, graph, finished),
                folder,
                frames=job.chunk.frames,
                size=shot.size,
                report=report,
            ),
            job.chunk.start_frame + (job.chunk.overlap_frames if job.kept is not None else 0),
            job.kept,
            client.server.label,
            {"comfyui": clean_text(system.get("comfyui_version") or "unknown")},
            graph,
            frozen_verdict(finished.graph, finished.outputs),
            finished.resubmitted,
        )


def _find_video(client: Client, graph: Graph, finished: FinishedJob) -> ServerFile:
    shown = {graph.output_node: finished.outputs.get(graph.output_node)}
    stored = find_video(shown) or find_video(finished.outputs)
    if stored is None:
        raise EngineError(
            f"{client.server.label} says that the job is done, but lists no video",
            hint="see the server's own log",
        )
    return stored


@dataclass(frozen=True, slots=True)
class _ChunkJob:
    """The part of a shot made by one job."""

    shot: Shot
    driver: Waveform
    """Mono, 44.1 kHz, padded so that ComfyUI's encoder crops nothing of it."""
    chunk: Chunk
    image: Image | None
    """The reference image, at the size of the video."""
    kept: NDArray[np.uint8] | None
    """The end of the previous chunk, which this one begins with; None for the first."""
    driver_name: str
    """Name from the hash of the content, so that the server stores the same file only once."""
    image_name: str
    """Like `driver_name`, for the image; empty without one."""
    kept_name: str
    """Like `driver_name`, for the kept frames; empty for the first chunk."""

    def files(self) -> dict[str, bytes]:
        """Return the files to upload, by name."""
        files = {self.driver_name: encode_wav(self.driver, bits=24)}
        if self.image is not None:
            files[self.image_name] = encode_png(self.image)
        if self.kept is not None:
            files[self.kept_name] = encode_animation(self.kept)
        return files

    def inputs(self, models: ModelFiles, available: frozenset[str]) -> WorkflowInputs:
        """Return the inputs of the graph, before anything is uploaded."""
        shot = self.shot
        guided = len(shot.plan.chunks) > 1 and shot.mask is None
        return WorkflowInputs(
            driver=self.driver_name,
            master=self.driver_name,
            size=shot.size,
            frames=self.chunk.frames,
            frame_rate=shot.plan.frame_rate,
            settings=shot.settings,
            driver_is_padded=True,
            prompt=shot.prompt,
            negative=DEFAULT_NEGATIVE if shot.negative is None else shot.negative,
            image=self.image_name or None,
            start_frames=self.kept_name or None,
            guide_strength=shot.settings.anchor_strength if guided else 0.0,
            mask=self._mask(),
            freeze_audio=shot.freeze_audio,
            models=models,
            export="frames",
            available=available,
        )

    def _mask(self) -> Span | None:
        mask, frame_rate = self.shot.mask, self.shot.plan.frame_rate
        if mask is None:
            return None
        begin, length = (float(n / frame_rate) for n in (self.chunk.start_frame, self.chunk.frames))
        return Span(min(max(mask.start - begin, 0.0), length), min(max(mask.end - begin, 0.0), length))


def _chunk_job(
    shot: Shot, driver: Waveform, chunk: Chunk, image: Image | None, kept: NDArray[np.uint8] | None
) -> _ChunkJob:
    frame_rate = shot.plan.frame_rate
    part = padded_part(driver, Fraction(chunk.start_frame) / frame_rate, Fraction(chunk.frames) / frame_rate)
    driver_name = f"lipwright-{_digest(part.samples)}.wav"
    image_name = "" if image is None else f"lipwright-{_digest(image.rgb)}.png"
    kept_name = "" if kept is None else f"lipwright-{_digest(kept)}.png"
    return _ChunkJob(shot, part, chunk, image, kept, driver_name, image_name, kept_name)


def _join_chunks(made: Sequence[_ChunkResult]) -> Iterator[NDArray[np.uint8]]:
    """Yield all frames of the video, each chunk in the colors of the one before.

    A model returns frames that it kept slightly off in color, which would add up over many chunks. So the
    mean color of each chunk is shifted by the error of those frames, which are then left out.

    Yields:
        Shape (height, width, 3), RGB.
    """
    shift = np.zeros(3)
    for chunk in made:
        frames = received_frames(chunk.path)
        if chunk.kept is None:
            yield from frames
            continue
        repeated = np.mean([frame.mean((0, 1)) for frame in islice(frames, len(chunk.kept))], 0)
        off = shift + chunk.kept.mean((0, 1, 2)) - repeated
        shift = off if np.abs(off).max() <= MAX_COLOR_SHIFT else np.zeros(3)
        for frame in frames:
            yield np.clip(np.rint(frame + shift), 0, 255).astype(np.uint8)


class _Frames(Iterator[NDArray[np.uint8]]):
    """The frames, with the folder that stores them until they are no longer needed."""

    def __init__(self, frames: Iterator[NDArray[np.uint8]], folder: TemporaryFolder) -> None:
        self._frames = frames
        self._remove = weakref.finalize(self, folder.remove)

    def __next__(self) -> NDArray[np.uint8]:
        try:
            return next(self._frames)
        except InputError as error:  # it was whole when it was counted
            raise EngineError(f"the fetched video can no longer be read: {error.message}") from None
        except StopIteration:
            self._remove()
            raise


def _fit_image(image: Image | None, size: FrameSize, choice: str | None) -> Image | None:
    """Return the image at the size of the video, cropped around its face if one can be found."""
    if image is None or image.size == size:
        return image
    face = None
    with suppress(EngineUnavailable, InputError):
        if locate_face_model() is not None:
            face, _ = choose_face(FaceTracker().find_faces(image), choice)
    return fit_image(image, size, face)


def read_model_names(path: str | None) -> ModelFiles:
    """Read the names of model files. With None, use the names in ComfyUI's own templates.

    Raises:
        InputError: the file cannot be read.
    """
    if path is None:
        return default_models()
    hint = "for comfyui --model names a file of model names"
    if Path(path).exists() and not Path(path).is_file():
        raise InputError(f"{path}: cannot be read: it is not a file", hint=hint)
    try:
        with Path(path).open(encoding="utf-8") as file:
            text = file.read(MAX_MODELS_LENGTH + 1)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise InputError(f"{path}: cannot be read: {reason}", hint=hint) from None
    return read_models(text)


def _checkpoint(graph: Graph) -> str:
    loaders = (node for node in graph.nodes.values() if node.class_type == "CheckpointLoaderSimple")
    return next((str(node.inputs["ckpt_name"]) for node in loaders), "unknown")


def _free_cache(client: Client) -> None:
    """Free the server's cache; a failure is ignored."""
    with suppress(EngineError):
        client.post("/free", {"free_memory": True})


def _digest(array: NDArray[np.generic]) -> str:
    data = np.ascontiguousarray(array)
    return hashlib.sha256(str(data.shape).encode() + data.tobytes()).hexdigest()[:20]


def _findings(shot: Shot, made: Sequence[_ChunkResult]) -> tuple[Finding, ...]:
    findings = list({finding.id: finding for one in made for finding in one.graph.findings}.values())
    if shot.freeze_audio and any(one.frozen is None for one in made):
        findings.append(FREEZE_UNPROVEN())
    if shot.freeze_audio and any(one.frozen is False for one in made):
        findings.append(FREEZE_FAILED())
    if len(made) > 1:
        seams = [float(one.start / shot.plan.frame_rate) for one in made[1:]]
        findings.append(
            CHUNK_SEAMS(
                where={"start": seams[0], "end": seams[-1]},
                jobs=len(made),
                seams=", ".join(f"{seam:.2f} s" for seam in seams),
            )
        )
    return tuple(findings)
