"""Make the video of a dialogue and its manifest. Each frame is written as soon as it is made."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipwright.dialogue.drivers import Voice
from lipwright.dialogue.shots import ShotSpan, cut_shots, shot_seconds
from lipwright.domain.finding import Finding
from lipwright.domain.plan import FramePlan
from lipwright.domain.progress import Progress, ProgressCallback, no_progress
from lipwright.domain.settings import SamplingSettings
from lipwright.domain.shot import Render, Shot
from lipwright.domain.time import Span, frames_to_seconds
from lipwright.engines.base import Engine, EngineDescription, GroupEngine
from lipwright.engines.registry import count_servers, load
from lipwright.errors import Cancelled, EngineError
from lipwright.media.kept_frames import KeptFrames
from lipwright.media.video_writer import write_video
from lipwright.pipeline.atomic_outputs import commit_together
from lipwright.pipeline.audio_input import prefix_errors
from lipwright.pipeline.dialogue.cast import LoadedVoices, Portraits, load_portraits, load_voices
from lipwright.pipeline.dialogue.request import (
    DialogueRequest,
    ShotSeeds,
    choose_seeds,
    dialogue_key,
    resolve_dialogue,
)
from lipwright.pipeline.manifest import Manifest, describe_input, describe_video
from lipwright.pipeline.preflight import ResolvedRequest
from lipwright.pipeline.prompt import examine_request
from lipwright.pipeline.render import engine_entry, findings_to_json, job_entry
from lipwright.pipeline.stage_timer import StageClock, timed
from lipwright.pipeline.sync_check import before_check, measure
from lipwright.planning import lay_chunks

Frames = Iterator[NDArray[np.uint8]]


def render_dialogue(request: DialogueRequest, report: ProgressCallback = no_progress) -> Manifest:
    """Make the video of a dialogue, and write its manifest.

    Video and manifest are renamed into place together at the very end; until then, and after any failure,
    older files of these names are unchanged.

    Raises:
        LipwrightError: see errors.py.
    """
    clock = StageClock()
    ready = resolve_dialogue(request)
    description, settings, base = ready.choice.description, ready.settings, request.base
    findings = [*ready.findings, *examine_request(base, ready, has_image=True)]
    with clock.stage("load"):
        engine = load(description, base.options)
    report(Progress("read", 0, 1))
    with clock.stage("read"):
        heard = load_voices(request, description, report)
        portraits = load_portraits(
            request, description, two_stage=settings.stages == 2, speaks=bool(heard.turns)
        )
        plan = heard.planned[0].plan
        key = dialogue_key(request, description)
        shots = (
            cut_shots(heard.turns, plan.frames, plan.frame_rate)
            if request.layout == "cut"
            else tuple(ShotSpan(name, 0, plan.frames) for name in request.names)
        )
        seeds = choose_seeds(request, shots, settings.seed, key)
    with clock.stage("prepare"):
        voices, of_audio = heard.prepare(request, report)
    findings += [*heard.findings, *portraits.findings, *of_audio]
    stage = _Stage(
        request,
        description,
        engine,
        settings,
        plan,
        shots,
        seeds,
        portraits,
        {voice.speaker: voice for voice in voices},
        clock,
        report,
    )
    manifest = _write(stage, ready, heard, findings, key)
    return _checked(stage, manifest) if base.check else manifest


@dataclass(frozen=True, slots=True)
class _Stage:
    """The inputs from which the frames are made."""

    request: DialogueRequest
    description: EngineDescription
    engine: Engine
    settings: SamplingSettings
    plan: FramePlan
    shots: tuple[ShotSpan, ...]
    seeds: ShotSeeds
    portraits: Portraits
    voices: dict[str, Voice]
    clock: StageClock
    report: ProgressCallback
    renders: list[Render] = field(default_factory=list)
    """Result of the engine for each shot made so far."""

    @property
    def kept(self) -> KeptFrames | None:
        """The shots that are copied from the existing video; None if there are none."""
        spans = [(self.shots[i].first_frame, self.shots[i].end_frame) for i in sorted(self.seeds.kept)]
        return KeptFrames(self.request.base.output, tuple(spans)) if spans else None

    def frames(self) -> Frames:
        """Yield the frames of the video, without those that are copied from the existing video."""
        if self.request.layout == "cut":
            return self._cut()
        return self._split() if self.request.layout == "split" else self._together()

    def _cut(self) -> Frames:
        numbers = [number for number in range(len(self.shots)) if number not in self.seeds.kept]
        for number, render in self._rendered(numbers):
            shot = self.shots[number]
            yield from islice(render.frames, shot.lead_frames, shot.lead_frames + shot.frames)

    def _split(self) -> Frames:
        renders = [render for _, render in self._rendered(range(len(self.shots)))]
        for panels in zip(*(render.frames for render in renders), strict=True):
            yield np.concatenate(panels, axis=1)

    def _rendered(self, numbers: Sequence[int]) -> Iterator[tuple[int, Render]]:
        """Yield the rendered shots in order, while the next ones are sampled.

        On a CPU, one shot is sampled while the frames of the shot before it are drawn. With several servers,
        each server makes one shot at a time. On a GPU, only one shot is made at a time.
        """
        ahead = {"cores": 1, "one": 0}.get(self.description.parallel)
        if ahead is None:
            ahead = count_servers(self.request.base.options.servers)
        steps = ShotProgress(self.report, len(numbers))
        waiting: deque[Future[Render]] = deque()
        left = deque(numbers)
        with ThreadPoolExecutor(max(1, ahead), "sample") as sampler:

            def submit() -> None:
                if left:
                    waiting.append(sampler.submit(self._sample, left.popleft(), steps.of_next_shot()))

            try:
                for _ in range(max(1, ahead)):
                    submit()
                for number in numbers:
                    with self.clock.stage("sample"):
                        render = _next_result(waiting)
                    # Keep only what the manifest needs, so that the memory of the frames is released.
                    self.renders.append(replace(render, frames=iter(()), motion=None))
                    if ahead:
                        submit()
                    yield number, render
                    del render
                    if not ahead:
                        submit()
            finally:
                steps.stop()
                sampler.shutdown(cancel_futures=True)

    def _sample(self, number: int, report: ProgressCallback) -> Render:
        speaker = self.shots[number].speaker
        try:
            with prefix_errors(Path(self.request.speakers[speaker])):
                return self.engine.render(self._shot(number), report)
        except EngineError as error:
            error.message = f"shot {number + 1} ({speaker}): {error.message}"
            error.args = (error.message,)
            raise

    def _together(self) -> Frames:
        engine: GroupEngine = self.engine  # type: ignore[assignment]  # resolve_dialogue has checked
        with self.clock.stage("sample"), prefix_errors(self.request.base.image):
            made = engine.render_together([self._shot(i) for i in range(len(self.shots))], self.report)
        self.renders.append(made)
        yield from made.frames

    def _shot(self, number: int) -> Shot:
        """Prepare a shot of 8n+1 frames for the engine, driven by its speaker's part of the audio."""
        span, request, rate = self.shots[number], self.request.base, self.plan.frame_rate
        frames = span.sampled_frames
        start = frames_to_seconds(span.first_frame - span.lead_frames, rate)
        seconds = frames_to_seconds(frames, rate)
        part = self.voices[span.speaker].part(start, seconds, level=request.prepare)
        chunks = lay_chunks(frames, rate, speech=part.speech, max_frames=self.description.max_clip_frames)
        together = self.request.layout == "together"
        return Shot(
            driver=part.driver,
            speech=part.speech,
            listens=part.listens,
            plan=FramePlan(frames, rate, seconds, "cover", chunks),
            size=self.portraits.size,
            settings=replace(self.settings, seed=self.seeds.seeds[number]),
            image=self.portraits.images[span.speaker],
            face=self.request.speakers[span.speaker] if together else None,
            prompt=request.prompt,
            negative=request.negative,
            freeze_audio=request.freeze_audio,
        )


def _next_result(waiting: deque[Future[Render]]) -> Render:
    """Wait for the first shot in the queue, remove it and return its result.

    If another shot in the queue fails meanwhile, its error is raised at once.
    """
    while not waiting[0].done():
        ended, _ = wait([one for one in waiting if not one.done()], return_when=FIRST_COMPLETED)
        for one in ended:
            one.result()
    return waiting.popleft().result()


class ShotProgress:
    """Combines the progress of shots that are sampled at the same time, and reports it in percent."""

    def __init__(self, report: ProgressCallback, count: int) -> None:
        self._report, self._done = report, [0.0] * count
        self._begun, self._stopped = 0, False

    def stop(self) -> None:
        """Cancel the shots that are still being sampled."""
        self._stopped = True

    def of_next_shot(self) -> ProgressCallback:
        """Return a progress callback for one more shot."""
        place, self._begun = self._begun, self._begun + 1

        def report(step: Progress) -> None:
            if self._stopped:
                raise Cancelled("another shot failed")
            if step.stage == "sample":
                self._done[place] = step.done / max(step.total, 1)
            percent = int(100 * sum(self._done) / len(self._done))
            self._report(Progress("sample", percent, 100, step.preview))

        return report


def _write(
    stage: _Stage, ready: ResolvedRequest, heard: LoadedVoices, findings: Sequence[Finding], key: str
) -> Manifest:
    """Write video and manifest, and move them into place together."""
    base, plan, clock = stage.request.base, stage.plan, stage.clock
    with commit_together(base.output, base.manifest) as staged:
        with clock.stage("write"):
            delivery = write_video(
                staged[base.output],
                timed(stage.frames(), clock),
                frame_rate=plan.frame_rate,
                size=stage.portraits.video,
                audio=base.audio,
                frame_count=plan.frames,
                source=heard.planned[0].formats["audio"],
                audio_codec=base.audio_codec,
                cuts=[shot.first_frame for shot in stage.shots],
                kept=stage.kept,
                report=stage.report,
            )
        # The engine samples and draws while frames are written, so count each second only once.
        clock.seconds["frames"] -= clock.seconds.get("sample", 0.0)
        clock.seconds["write"] -= clock.seconds["frames"] + clock.seconds.get("sample", 0.0)
        noticed = {finding.id: finding for render in stage.renders for finding in render.findings}
        manifest = Manifest(
            job=job_entry(
                base,
                ready,
                stage.renders[0],
                size=stage.portraits.video,
                requested_size=stage.portraits.requested,
                moving=Span(0.0, float(plan.seconds)),
            )
            | {
                "layout": stage.request.layout,
                "speakers": dict(stage.request.speakers),
                "turns": stage.request.turns,
            },
            plan=plan.to_json(),
            findings=findings_to_json(*findings, *noticed.values(), *delivery.findings),
            inputs=tuple(
                describe_input(role, path, heard.planned[0].formats["audio"] if role == "audio" else None)
                for role, path in stage.request.inputs.items()
            ),
            engine=engine_entry(ready.choice, stage.renders[0]),
            frozen=all(render.frozen for render in stage.renders),
            audio=delivery.to_json(),
            timing=clock.to_json(plan),
            video=describe_video(staged[base.output]),
            turns=tuple(turn.to_json() | {"offset_ms": None, "confidence": None} for turn in heard.turns),
            shots=tuple(_shot_json(stage, number) for number in range(len(stage.shots))),
            key=key,
        )
        written = before_check(manifest, base.output) if base.check else manifest
        written.write(staged[base.manifest])
    return manifest


def _shot_json(stage: _Stage, number: int) -> dict[str, Any]:
    shot = stage.shots[number]
    start, end = shot_seconds(shot, stage.plan.frame_rate)
    return {
        "number": number + 1,
        "speaker": shot.speaker,
        "start": float(start),
        "end": float(end),
        "first_frame": shot.first_frame,
        "frames": shot.frames,
        "sampled_frames": shot.sampled_frames,
        "seed": stage.seeds.seeds[number],
        "sync": None,
    }


def _checked(stage: _Stage, manifest: Manifest) -> Manifest:
    """Measure the finished video, and add the offset of each turn and each shot to the manifest."""
    base, plan = stage.request.base, stage.plan
    with stage.clock.stage("check"):
        manifest = measure(manifest, base.output, base.audio, stage.report)
    manifest = replace(manifest, timing=stage.clock.to_json(plan))
    if manifest.sync is not None:
        turns = _measured(manifest.sync, "turns", len(manifest.turns))
        shots = _measured(manifest.sync, "shots", len(manifest.shots))
        manifest = replace(
            manifest,
            turns=tuple({**turn, **one} for turn, one in zip(manifest.turns, turns, strict=True)),
            shots=tuple({**shot, "sync": one} for shot, one in zip(manifest.shots, shots, strict=True)),
        )
    manifest.write(base.manifest)
    return manifest


def _measured(sync: Mapping[str, Any], what: str, count: int) -> list[dict[str, Any]]:
    """Return offset and confidence of each turn or each shot (`what`) from the sync report in JSON form."""
    nothing = {"offset_ms": None, "confidence": 0.0}
    found = sync.get(what) or [nothing] * count
    return [{name: one[name] for name in nothing} for one in found]
