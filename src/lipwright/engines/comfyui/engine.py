"""The comfyui engine: graph, driver and image go to a server, a video's frames come back.

The video's audio is no concern of the server: frames alone are fetched, and the pipeline
adds the user's own recording. A video of several chunks is several jobs; each begins at
the last frame of the one before, which is its reference image.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.finding import Finding
from lipwright.domain.job import Render, Shot
from lipwright.domain.media import FrameSize, Image, Waveform
from lipwright.domain.progress import ProgressCallback
from lipwright.domain.time import Span, seconds_to_samples
from lipwright.engines.comfyui.client import Answer, Client, Patience, too_large
from lipwright.engines.comfyui.concat import Take, joined
from lipwright.engines.comfyui.freeze_check import add_proof, was_frozen
from lipwright.engines.comfyui.job import Finished, run_job
from lipwright.engines.comfyui.load_balancing import on_the_least_busy
from lipwright.engines.comfyui.results import fetch_video, find_video
from lipwright.engines.comfyui.server_errors import find_missing, missing_error
from lipwright.engines.comfyui.server_url import Headers, parse_servers
from lipwright.errors import EngineError, EngineUnavailable, InputError
from lipwright.face.crop import fit_image
from lipwright.face.landmarks import FaceTracker, choose_face
from lipwright.face.model_file import locate_face_model
from lipwright.media.audio_writer import encode_wav
from lipwright.media.image_file import encode_png
from lipwright.media.video_reader import last_frame
from lipwright.workflow.graph import Graph
from lipwright.workflow.inputs import (
    DEFAULT_NEGATIVE,
    ModelFiles,
    WorkflowInputs,
    default_models,
    read_models,
)
from lipwright.workflow.recipes import STAGES, Recipe, build_graph
from lipwright.workflow.schemas import bundled, read_object_info


@dataclass(frozen=True, slots=True)
class _Made:
    """One job's result."""

    path: Path
    server: str
    versions: dict[str, str]
    graph: Graph
    frozen: bool | None
    resubmitted: bool


class ComfyEngine:
    """Engine `comfyui`.

    Args:
        servers: URLs, or files of URLs; none is the server of this machine.
        headers: Sent with each request to each of them.
        model: A file with the names of model files; None takes those of ComfyUI's own templates.
        patience: How long to wait for what.

    Raises:
        UsageError: no such URL.
        InputError: a file that cannot be read.
    """

    name = "comfyui"

    def __init__(
        self,
        servers: tuple[str, ...] = (),
        headers: Headers = (),
        model: str | None = None,
        patience: Patience = Patience(),  # noqa: B008 - frozen
    ) -> None:
        self._servers = parse_servers(servers, headers)
        self._models = read_model_names(model)
        self._model = model
        self._patience = patience

    def render(self, shot: Shot, report: ProgressCallback) -> Render:
        """Have the video made on a server, and return its frames.

        Raises:
            EngineUnavailable, EngineTimedOut, EngineRejected, EngineOutOfMemory, EngineError: each server
                failed; the message says how.
            Cancelled: `report` stopped it; the job was cancelled on the server too.
        """
        folder = Path(tempfile.mkdtemp(prefix="lipwright-comfyui-"))
        try:
            made, takes = self._make(shot, folder, report)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        frozen = shot.freeze_audio and all(one.frozen is True for one in made)
        return Render(
            frames=_Frames(joined(takes), folder),
            frozen=frozen,
            model=_checkpoint(made[0].graph),
            versions=made[-1].versions | {name: version(name) for name in ("httpx", "websockets")},
            settings=shot.settings.to_json()
            | {
                "recipe": made[0].graph.recipe,
                "servers": sorted({one.server for one in made}),
                "jobs": len(made),
                "resubmitted": sum(one.resubmitted for one in made),
            },
            findings=_findings(shot, made, takes),
        )

    def _make(self, shot: Shot, folder: Path, report: ProgressCallback) -> tuple[list[_Made], list[Take]]:
        image = _placed(shot.image, shot.size)
        made: list[_Made] = []
        takes: list[Take] = []
        for chunk in shot.plan.chunks:
            # The frames kept from the chunk before are one, its last: it is the next one's image.
            start = chunk.start_frame + chunk.overlap_frames - 1
            count = chunk.frames - chunk.overlap_frames + 1
            place = folder / str(len(made))
            place.mkdir()
            piece = _piece(shot, start, count, image, held=bool(made))

            def work(client: Client, piece: _Piece = piece, place: Path = place) -> _Made:
                return self._on(client, piece, place, report)

            made.append(on_the_least_busy(self._servers, self._patience, work))
            takes.append(Take(made[-1].path, start, image.rgb if takes and image else None))
            if len(made) < len(shot.plan.chunks):
                image = Image(last_frame(made[-1].path))
        return made, takes

    def _on(self, client: Client, piece: _Piece, folder: Path, report: ProgressCallback) -> _Made:
        """One job on one server."""
        system = client.system()["system"]
        info = client.schemas()
        homes = {name: bundled().nodes[name].pack for name in bundled()}
        shot = piece.shot
        recipe: Recipe = "official" if shot.settings.stages == STAGES["official"] else "guide"
        wanted = piece.inputs(self._models, frozenset(info))
        missing = find_missing(build_graph(recipe, wanted).to_api(), info)
        if missing:
            raise missing_error(client.server.label, missing, homes)
        schemas = read_object_info(info)
        limit = client.features().get("max_upload_size")
        masked = shot.mask is not None
        if masked:
            _forget(client)
        graph = build_graph(recipe, wanted, schemas)

        def make_graph() -> dict[str, object]:
            names = {}
            for name, data in piece.files().items():
                if isinstance(limit, int) and 0 < limit < len(data):
                    raise too_large(client.server, len(data))
                names[name] = client.upload(name, data)
            given = replace(
                wanted,
                driver=names[piece.driver_name],
                master=names[piece.driver_name],
                image=names[piece.image_name] if piece.image is not None else None,
            )
            api = build_graph(recipe, given, schemas).to_api()
            return add_proof(api, info) if shot.freeze_audio else dict(api)

        finished = run_job(client, make_graph, steps=shot.settings.steps, homes=homes, report=report)
        if masked:
            _forget(client)
        path = self._fetched(client, graph, finished, folder=folder, piece=piece, report=report)
        return _Made(
            path,
            client.server.label,
            {"comfyui": str(system.get("comfyui_version") or "unknown")},
            graph,
            was_frozen(finished.graph, finished.outputs),
            finished.resubmitted,
        )

    @staticmethod
    def _fetched(
        client: Client,
        graph: Graph,
        finished: Finished,
        *,
        folder: Path,
        piece: _Piece,
        report: ProgressCallback,
    ) -> Path:
        shown = {graph.output_node: finished.outputs.get(graph.output_node)}
        stored = find_video(shown) or find_video(finished.outputs)
        if stored is None:
            raise EngineError(
                f"{client.server.label} says that the job is done, and shows no video",
                hint="see the server's own log",
            )
        return fetch_video(client, stored, folder, frames=piece.frames, size=piece.shot.size, report=report)


@dataclass(frozen=True, slots=True)
class _Piece:
    """The part of a shot that one job makes."""

    shot: Shot
    start: int
    """Its first frame in the video."""
    frames: int
    """8n+1."""
    image: Image | None
    """Its first frame, in the video's size."""
    held: bool
    """The image is the end of the piece before, and is held firmly."""

    driver_name: str
    """Of the content's hash, so that the same file stays one on the server."""
    image_name: str
    """The same; empty without an image."""

    @property
    def driver(self) -> Waveform:
        """The driver's part, stereo: the model's audio VAE wants two channels."""
        return _part(self.shot, self.start, self.frames)

    def files(self) -> dict[str, bytes]:
        """What is uploaded, by name."""
        files = {self.driver_name: encode_wav(self.driver, bits=24)}
        if self.image is not None:
            files[self.image_name] = encode_png(self.image)
        return files

    def inputs(self, models: ModelFiles, available: frozenset[str]) -> WorkflowInputs:
        """What the graph is made from, before anything has been uploaded."""
        shot = self.shot
        settings = replace(shot.settings, image_strength=1.0) if self.held else shot.settings
        return WorkflowInputs(
            driver=self.driver_name,
            master=self.driver_name,
            size=shot.size,
            frames=self.frames,
            frame_rate=shot.plan.frame_rate,
            settings=settings,
            prompt=shot.prompt,
            negative=DEFAULT_NEGATIVE if shot.negative is None else shot.negative,
            image=self.image_name or None,
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
        begin, length = float(self.start / frame_rate), float(self.frames / frame_rate)
        return Span(min(max(mask.start - begin, 0.0), length), min(max(mask.end - begin, 0.0), length))


def _piece(shot: Shot, start: int, frames: int, image: Image | None, *, held: bool) -> _Piece:
    driver = f"lipwright-{_digest(_part(shot, start, frames).samples)}.wav"
    name = "" if image is None else f"lipwright-{_digest(image.rgb)}.png"
    return _Piece(shot, start, frames, image, held, driver, name)


def _part(shot: Shot, start: int, frames: int) -> Waveform:
    frame_rate, audio = shot.plan.frame_rate, shot.driver
    first = seconds_to_samples(start / frame_rate, audio.rate_hz)
    last = seconds_to_samples((start + frames) / frame_rate, audio.rate_hz)
    return Waveform(np.repeat(audio.mono[None, first:last], 2, axis=0), audio.rate_hz)


class _Frames(Iterator[NDArray[np.uint8]]):
    """The frames, and the folder that holds them until nobody wants any more."""

    def __init__(self, frames: Iterator[NDArray[np.uint8]], folder: Path) -> None:
        self._frames = frames
        self._tidy = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)

    def __next__(self) -> NDArray[np.uint8]:
        try:
            return next(self._frames)
        except InputError as error:  # it was whole when it was counted
            raise EngineError(f"the fetched video cannot be read any more: {error.message}") from None
        except StopIteration:
            self._tidy()
            raise


def _placed(image: Image | None, size: FrameSize) -> Image | None:
    """The image in the video's size, cropped around its face where one can be found here."""
    if image is None or image.size == size:
        return image
    face = None
    with suppress(EngineUnavailable, InputError):
        if locate_face_model() is not None:
            face, _ = choose_face(FaceTracker().find_faces(image))
    return fit_image(image, size, face)


def read_model_names(path: str | None) -> ModelFiles:
    """Names of model files from a file; None is those of ComfyUI's own templates.

    Raises:
        InputError: it cannot be read.
    """
    if path is None:
        return default_models()
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise InputError(
            f"{path}: cannot be read: {reason}", hint="for comfyui --model names a file of model names"
        ) from None
    return read_models(text)


def _checkpoint(graph: Graph) -> str:
    """The model that a graph loads."""
    loaders = (node for node in graph.nodes.values() if node.class_type == "CheckpointLoaderSimple")
    return next((str(node.inputs["ckpt_name"]) for node in loaders), "unknown")


def _forget(client: Client) -> None:
    """Free the server's cache; a server that will not has an older one, and loses nothing else."""
    with suppress(EngineError, Answer):
        client.post("/free", {"free_memory": True})


def _digest(array: NDArray[np.generic]) -> str:
    data = np.ascontiguousarray(array)
    return hashlib.sha256(str(data.shape).encode() + data.tobytes()).hexdigest()[:20]


def _findings(shot: Shot, made: list[_Made], takes: list[Take]) -> tuple[Finding, ...]:
    findings = list({finding.id: finding for one in made for finding in one.graph.findings}.values())
    if shot.freeze_audio and any(one.frozen is None for one in made):
        findings.append(
            Finding(
                "frozen-unproven",
                "hint",
                "the graph freezes the audio latent, and the server has no node that could prove it",
                "run lipwright comfyui install PATH on the server; its node compares the latent bit by bit",
            )
        )
    if shot.freeze_audio and any(one.frozen is False for one in made):
        findings.append(
            Finding(
                "not-frozen",
                "error",
                "the graph freezes the audio latent, and it changed on the server all the same",
                "update ComfyUI and its packs there; do not trust the sync of this video",
            )
        )
    if len(takes) > 1:
        seams = [float(take.start / shot.plan.frame_rate) for take in takes[1:]]
        findings.append(
            Finding(
                "chunk-seams",
                "hint",
                f"made in {len(takes)} jobs, joined at {', '.join(f'{second:.2f} s' for second in seams)}",
                "each begins at the last frame of the one before; look at the movement there",
                {"start": seams[0], "end": seams[-1]},
            )
        )
    return tuple(findings)
