"""The comfyui engine: sends a graph, the driver and the image to a server, and fetches the video's frames.

The server does not affect the audio of the video: only frames are downloaded, and the pipeline adds the
user's own recording. A video with several chunks takes one job per chunk. Each job starts from the last
frames of the previous job, so that motion continues, and the reference image guides the end of each chunk.
"""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Iterator, Mapping, Sequence
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
from lipwright.engines.comfyui.freeze_check import VERIFIER, add_verifiers, frozen_verdict
from lipwright.engines.comfyui.load_balancing import run_on_least_busy
from lipwright.engines.comfyui.model_names import read_model_names
from lipwright.engines.comfyui.results import ServerFile, fetch_video, find_video
from lipwright.engines.comfyui.server_errors import clean_text
from lipwright.engines.comfyui.server_job import FinishedJob, run_job
from lipwright.engines.comfyui.server_url import Headers, parse_servers
from lipwright.errors import EngineError, EngineUnavailable, InputError
from lipwright.face.crop import fit_image
from lipwright.face.landmarks import FaceTracker
from lipwright.face.model_file import locate_face_model
from lipwright.face.speaking_face import choose_face
from lipwright.media.audio_writer import encode_wav
from lipwright.media.image_file import encode_animation, encode_png
from lipwright.media.video_reader import last_frames, received_frames
from lipwright.system import TemporaryFolder
from lipwright.workflow.audio_vae import padded_part, resample_driver
from lipwright.workflow.graph import Graph
from lipwright.workflow.recipe_inputs import (
    DEFAULT_NEGATIVE,
    ModelFiles,
    WorkflowInputs,
)
from lipwright.workflow.recipes import RECIPES, Recipe, build_graph
from lipwright.workflow.schemas import Schemas

MAX_COLOR_SHIFT = 12.0
"""Maximum correction of a chunk's mean color, on a scale of 0 to 255. The decoder causes small color errors.
If a chunk needs a larger correction, the error must have another cause, and the chunk is not corrected."""


@dataclass(frozen=True, slots=True)
class _ChunkResult:
    """The result of the job for one chunk."""

    path: Path
    start: int
    """Index, counted over the whole video, of the first frame that this chunk adds."""
    kept: NDArray[np.uint8] | None
    """Last frames of the previous chunk, which are also the first frames of this chunk; shape (frames,
    height, width, 3). None for the first chunk."""
    server: str
    versions: dict[str, str]
    graph: Graph
    frozen: bool | None
    resubmitted: bool


class ComfyEngine:
    """The engine `comfyui`, which makes videos on ComfyUI servers.

    Args:
        servers: URLs, or files with URLs; if empty, the server on this machine is used.
        headers: HTTP headers for all requests to all servers.
        model: Path of a file with the names of model files; None for the names in ComfyUI's own templates.
        timeouts: Timeouts for the servers.

    Raises:
        UsageError: one of the servers is not a URL.
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
        self._models = read_model_names(Path(model) if model else None)
        self._timeouts = timeouts

    def render(self, shot: Shot, report: ProgressCallback) -> Render:
        """Make the video on one or more servers, and return its frames.

        Raises:
            EngineUnavailable, EngineTimedOut, EngineRejected, EngineOutOfMemory, EngineError: all servers
            failed; the message contains the reasons.
            Cancelled: `report` stopped the work; the job was also cancelled on the server.
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
        image = None if shot.image is None else encode_png(_fit_image(shot.image, shot.size, shot.face))
        driver = resample_driver(Waveform(shot.driver.mono[None], shot.driver.rate_hz))
        made: list[_ChunkResult] = []
        for chunk in shot.plan.chunks:
            kept = last_frames(made[-1].path, chunk.overlap_frames) if made else None
            place = folder / str(len(made))
            place.mkdir()
            job = _chunk_job(shot, driver, chunk, image=image, kept=kept, models=self._models)

            def work(client: Client, job: _ChunkJob = job, place: Path = place) -> _ChunkResult:
                return self._run(client, job, place, report)

            made.append(run_on_least_busy(self._servers, self._timeouts, work))
        return made

    def _run(self, client: Client, job: _ChunkJob, folder: Path, report: ProgressCallback) -> _ChunkResult:
        """Run the job of a chunk on one server."""
        system = client.system()["system"]
        schemas = client.schemas()
        graph = job.graph(schemas)
        if graph.missing:
            raise graph.missing.error(client.server.label)
        limit = client.features().get("max_upload_size")
        shot = job.shot
        masked = shot.mask is not None
        if masked:
            _free_cache(client)

        def make_graph() -> dict[str, object]:
            names = {}
            for name, data in job.files.items():
                if isinstance(limit, int) and not isinstance(limit, bool) and 0 < limit < len(data):
                    raise too_large(client.server, len(data))
                names[name] = client.upload(name, data)
            api = job.graph(schemas, names).to_api()
            return add_verifiers(api) if shot.freeze_audio and VERIFIER in schemas else dict(api)

        finished = run_job(client, make_graph, steps=shot.settings.steps, report=report)
        if masked:
            _free_cache(client)
        path = fetch_video(
            client,
            _find_video(client, graph, finished),
            folder,
            frames=job.chunk.frames,
            size=shot.size,
            report=report,
        )
        return _ChunkResult(
            path,
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
            f"{client.server.label} reports that the job is done, but lists no video",
            hint="see the server's own log",
        )
    return stored


@dataclass(frozen=True, slots=True)
class _ChunkJob:
    """The job that makes one chunk of a shot."""

    shot: Shot
    chunk: Chunk
    kept: NDArray[np.uint8] | None
    """Last frames of the previous chunk, which are also the first frames of this chunk; None for the first
    chunk."""
    inputs: WorkflowInputs
    files: dict[str, bytes]
    """Contents of the input files, by file name."""

    def graph(self, schemas: Schemas, names: Mapping[str, str] | None = None) -> Graph:
        """Return the graph for a server; `names` maps our names of the input files to the server's names."""
        inputs = self.inputs
        if names is not None:
            driver = names[inputs.driver]
            image, start = (names[one] if one else None for one in (inputs.image, inputs.start_frames))
            inputs = replace(inputs, driver=driver, master=driver, image=image, start_frames=start)
        recipe: Recipe = "official" if self.shot.settings.stages == RECIPES["official"].stages else "guide"
        return build_graph(recipe, inputs, schemas)


def _chunk_job(
    shot: Shot,
    driver: Waveform,
    chunk: Chunk,
    *,
    image: bytes | None,
    kept: NDArray[np.uint8] | None,
    models: ModelFiles,
) -> _ChunkJob:
    """Return the job that makes a chunk.

    Args:
        shot: The whole shot.
        driver: The shot's driver at 44.1 kHz.
        chunk: The chunk to make.
        image: The reference image in the size of the video, as PNG.
        kept: Last frames of the previous chunk; None for the first chunk.
        models: Names of model files.
    """
    frame_rate = shot.plan.frame_rate
    part = padded_part(driver, Fraction(chunk.start_frame) / frame_rate, Fraction(chunk.frames) / frame_rate)
    files: dict[str, bytes] = {}
    driver_name = _add_file(files, encode_wav(part, bits=24), "wav")
    guided = len(shot.plan.chunks) > 1 and shot.mask is None
    inputs = WorkflowInputs(
        driver=driver_name,
        master=driver_name,
        size=shot.size,
        frames=chunk.frames,
        frame_rate=frame_rate,
        settings=shot.settings,
        driver_is_padded=True,
        prompt=shot.prompt,
        negative=DEFAULT_NEGATIVE if shot.negative is None else shot.negative,
        image=None if image is None else _add_file(files, image, "png"),
        start_frames=None if kept is None else _add_file(files, encode_animation(kept), "png"),
        guide_strength=shot.settings.anchor_strength if guided else 0.0,
        mask=_mask_of(shot, chunk),
        freeze_audio=shot.freeze_audio,
        models=models,
        export="frames",
    )
    return _ChunkJob(shot, chunk, kept, inputs, files)


def _add_file(files: dict[str, bytes], data: bytes, suffix: str) -> str:
    """Add a file, and return its name: a hash of the content, so that a server stores equal files once."""
    name = f"lipwright-{hashlib.sha256(data).hexdigest()[:20]}.{suffix}"
    files[name] = data
    return name


def _mask_of(shot: Shot, chunk: Chunk) -> Span | None:
    """Return the shot's temporal mask, as times from the start of a chunk; None if the shot has no mask."""
    if shot.mask is None:
        return None
    begin, length = (float(n / shot.plan.frame_rate) for n in (chunk.start_frame, chunk.frames))
    return Span(min(max(shot.mask.start - begin, 0.0), length), min(max(shot.mask.end - begin, 0.0), length))


def _join_chunks(made: Sequence[_ChunkResult]) -> Iterator[NDArray[np.uint8]]:
    """Yield all frames of the video, with the colors of each chunk matched to the previous chunk.

    A chunk begins with the last frames of the previous chunk, but their colors have changed slightly. Over
    many chunks, these changes would add up. So the color error of these repeated frames is subtracted from
    the chunk's new frames, and the repeated frames are left out.

    Yields:
        RGB frames of shape (height, width, 3).
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
    """An iterator over the frames of the downloaded videos.

    After the last frame, or when the iterator is discarded, the folder of the videos is deleted.
    """

    def __init__(self, frames: Iterator[NDArray[np.uint8]], folder: TemporaryFolder) -> None:
        self._frames = frames
        self._remove = weakref.finalize(self, folder.remove)

    def __next__(self) -> NDArray[np.uint8]:
        try:
            return next(self._frames)
        except InputError as error:  # its frames were already counted, so the file was complete
            raise EngineError(f"the fetched video can no longer be read: {error.message}") from None
        except StopIteration:
            self._remove()
            raise


def _fit_image(image: Image, size: FrameSize, choice: str | None) -> Image:
    """Return the image in the size of the video, cropped around the face if one is found."""
    if image.size == size:
        return image
    face = None
    with suppress(EngineUnavailable, InputError):
        if locate_face_model() is not None:
            face, _ = choose_face(FaceTracker().find_faces(image), choice)
    return fit_image(image, size, face)


def _checkpoint(graph: Graph) -> str:
    loaders = (node for node in graph.nodes.values() if node.class_type == "CheckpointLoaderSimple")
    return next((str(node.inputs["ckpt_name"]) for node in loaders), "unknown")


def _free_cache(client: Client) -> None:
    """Free the server's cache; ignore errors."""
    with suppress(EngineError):
        client.post("/free", {"free_memory": True})


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
