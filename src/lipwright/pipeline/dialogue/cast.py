"""Load the inputs of a dialogue: images, turns and voices of all speakers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lipwright.audio.driver import Driver
from lipwright.audio.findings import EDGE_SILENCE, LONG_SILENCE
from lipwright.dialogue import findings
from lipwright.dialogue.channels import turns_by_channel
from lipwright.dialogue.drivers import Voice, make_voices
from lipwright.dialogue.panels import lay_out
from lipwright.dialogue.turn_files import parse_turns
from lipwright.dialogue.turns import Turn, find_mismatches, fit_to_recording
from lipwright.domain.finding import Finding
from lipwright.domain.media import FrameSize, Image
from lipwright.domain.progress import ProgressCallback
from lipwright.domain.spans import merge_spans
from lipwright.engines.base import EngineDescription
from lipwright.errors import InputError, UsageError
from lipwright.face.landmarks import FaceTracker
from lipwright.face.speaking_face import choose_face, faces_of
from lipwright.media.audio_reader import probe_audio
from lipwright.media.image_file import read_image
from lipwright.media.text_files import read_text
from lipwright.pipeline.audio_input import (
    PlannedAudio,
    load_audio,
    load_planned_audio,
    make_driver,
    plan_edited,
    prefix_errors,
)
from lipwright.pipeline.dialogue.request import CHANNELS, DialogueRequest
from lipwright.pipeline.image import check_reference
from lipwright.planning import snap_size

PAUSES = frozenset({LONG_SILENCE.id, EDGE_SILENCE.id})
PANEL = FrameSize(512, 512)
"""Size in pixels of each panel of the layout "split", if the user gives no size."""


@dataclass(frozen=True, slots=True)
class LoadedVoices:
    """The loaded recording of a dialogue, and its turns."""

    turns: tuple[Turn, ...]
    planned: tuple[PlannedAudio, ...]
    """The audio of the whole recording (one entry), or of each channel."""
    findings: tuple[Finding, ...]

    def prepare(
        self, request: DialogueRequest, report: ProgressCallback
    ) -> tuple[tuple[Voice, ...], list[Finding]]:
        """Prepare all loaded audio for the model; return the voice of each speaker, and the findings."""
        made: list[Driver] = [
            make_driver(planned, request.base.preparation, prepare=request.base.prepare, report=report)
            for planned in self.planned
        ]
        voices = make_voices(
            self.turns, request.names, [one.waveform.samples[0] for one in made], [one.speech for one in made]
        )
        noticed = {finding.id: finding for one in made for finding in one.findings}
        if len(self.planned) > 1:  # in a speaker's own channel, the turns of others are silence
            noticed = {name: found for name, found in noticed.items() if name not in PAUSES}
        return voices, list(noticed.values())


def load_voices(
    request: DialogueRequest, engine: EngineDescription, report: ProgressCallback
) -> LoadedVoices:
    """Read the recording, and read the turns from the table or find them in the channels.

    Raises:
        InputError: the recording or the table cannot be used, or the table does not match the recording.
        UsageError: no table was given, and the recording does not have one channel per speaker.
    """
    names = request.names
    table = request.turns
    if table is None or table == CHANNELS:
        channels = probe_audio(request.base.audio).channels
        if channels != len(names):
            count = f"{channels} channel{'s' if channels > 1 else ''} but there are {len(names)} speakers"
            if table is None:
                raise UsageError(
                    f"it is not known who speaks when: the recording has {count}",
                    hint="add --turns FILE, a table of turns (RTTM, CSV, JSON, SRT or WebVTT)",
                )
            raise InputError(
                f"{request.base.audio}: the recording has {count}",
                hint="give one --speaker per channel, in the order of the channels; or add --turns FILE",
            )
        return _by_channels(request, engine, report)
    planned = load_planned_audio(request.base, report, max_clip_frames=engine.max_clip_frames)
    path = Path(table)
    text = read_text(path, "table of turns")
    turns = fit_to_recording(
        parse_turns(text, path.suffix, str(path), names), names, planned.formats["audio"].seconds, str(path)
    )
    found = tuple(find_mismatches(turns, names, planned.speech))
    return LoadedVoices(turns, (planned,), (*planned.findings, *found))


def _by_channels(
    request: DialogueRequest, engine: EngineDescription, report: ProgressCallback
) -> LoadedVoices:
    base, loaded = request.base, []
    for number, name in enumerate(request.names):
        try:
            loaded.append(load_audio(base.audio, report, channel=number))
        except InputError as error:
            error.message = f"{error.message} (channel {number + 1}, {name})"
            raise
    seconds = loaded[0].audio.format.seconds
    turns, cross_talk_seconds = turns_by_channel([one.audio.waveform for one in loaded], request.names)
    if not turns:
        raise InputError(
            f"{base.audio}: nobody speaks in the recording", hint="check that the right tracks were recorded"
        )
    speech = merge_spans([span for one in loaded for span in one.speech])
    plan = plan_edited(seconds, speech, (), base.frame_rate, base.fit, max_clip_frames=engine.max_clip_frames)
    planned = [
        PlannedAudio(one, one.speech, plan, (), {"audio": one.audio.format}, (), {"audio": base.audio})
        for one in loaded
    ]
    noticed = [
        findings.CROSS_TALK(speaker=name, seconds=foreign)
        for name, foreign in zip(request.names, cross_talk_seconds, strict=True)
        if foreign >= 1
    ]
    noticed += find_mismatches(turns, request.names, [turn.span for turn in turns])
    return LoadedVoices(turns, tuple(planned), tuple(noticed))


@dataclass(frozen=True, slots=True)
class Portraits:
    """The images of all speakers, cropped for the layout, and the sizes of the video."""

    images: Mapping[str, Image]
    """Image of each speaker, by name; in the layout "together", it is the same for all."""
    size: FrameSize
    """Size of the frames that the engine makes: in the layout "split" the size of a panel, else `video`."""
    video: FrameSize
    """Size of the video."""
    requested: FrameSize
    """Size of the video before it was rounded to a size that the engine supports."""
    findings: tuple[Finding, ...]


def load_portraits(
    request: DialogueRequest, engine: EngineDescription, *, two_stage: bool, speaks: bool
) -> Portraits:
    """Read and check the images, and crop them for the layout.

    Raises:
        InputError: an image cannot be read, or has no usable face.
        UsageError: the size is invalid.
    """
    together = request.layout == "together"
    paths = {name: request.base.image if together else Path(path) for name, path in request.speakers.items()}
    read = {path: read_image(path) for path in dict.fromkeys(paths.values()) if path is not None}
    images = {name: read[path] for name, path in paths.items() if path is not None}
    first = next(iter(images.values())).size
    asked = request.base.size

    def snapped(size: str | None, image: FrameSize | None) -> tuple[FrameSize, FrameSize]:
        return snap_size(size, image, engine.sizes, two_stage=two_stage)

    requested, size = snapped(asked, None if request.layout == "split" else first)
    video = size
    if request.layout == "split":
        count = len(images)
        one = PANEL if asked is None else FrameSize(max(1, requested.width // count), requested.height)
        _, size = snapped(str(one), None)
        video = FrameSize(size.width * count, size.height)
        requested = video if asked is None else requested
    noticed: list[Finding] = []
    for name, image in images.items():
        choice = request.speakers[name] if together else None
        with prefix_errors(paths[name]):
            found = check_reference(image, size, engine, speaks=speaks, face=choice)
        noticed += [
            replace(one, text=f"{name}: {one.text}", where={**one.where, "speaker": name}) for one in found
        ]
    if request.layout == "split":
        images, more = _panels(images, paths, size)
        noticed += more
    return Portraits(images, size, video, requested, tuple(noticed))


def _panels(
    images: Mapping[str, Image], paths: Mapping[str, Path | None], size: FrameSize
) -> tuple[dict[str, Image], Sequence[Finding]]:
    """Crop the image of each speaker to a panel."""
    tracker, faces = FaceTracker(), []
    for name, image in images.items():
        with prefix_errors(paths[name]):
            faces.append(choose_face(faces_of(image, tracker))[0])
    panels = dict(zip(images, lay_out(list(images.values()), faces, size), strict=True))
    return {name: panel for name, (panel, _) in panels.items()}, [
        findings.HEAD_EXTENDED(speaker=name, where={"speaker": name})
        for name, (_, is_extended) in panels.items()
        if is_extended
    ]
