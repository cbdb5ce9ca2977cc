"""Traps of time: rates that disagree, frame counts, a mask or audio shorter than the video."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from lipwright.domain.finding import Finding
from lipwright.domain.grid import MAX_CLIP_FRAMES, cover_frames, floor_frames
from lipwright.workflow.flat import FlatNode
from lipwright.workflow.lint.edits import Found, Insert, NewNode
from lipwright.workflow.lint.graph_queries import GraphQuery
from lipwright.workflow.lint.places import at, put

RATES = {
    "LTXVConditioning": "frame_rate",
    "LTXVSetAudioVideoMaskByTime": "video_fps",
    "LTXVAudioVideoMask": "video_fps",
    "LTXVEmptyLatentAudio": "frame_rate",
    "CreateVideo": "fps",
    "VHS_VideoCombine": "frame_rate",
    "LipwrightFramePlan": "fps",
    "LipwrightPrepareAudio": "fps",
    "LipwrightCheckSync": "fps",
    "LipwrightDeliver": "fps",
}
"""Where a graph states its frame rate."""

LATENTS = ("EmptyLTXVLatentVideo", "LTXVImgToVideo")
MAX_FRAMES = 1_000_000
RATE_TOLERANCE = 0.002
"""Frames per second: 23.976 and 24000/1001 are the same rate, 24 is another."""


def _rates(lens: GraphQuery) -> list[tuple[FlatNode, str, float]]:
    found = []
    for node in lens.of(*RATES):
        frame_rate = lens.number(node, RATES[node.class_type])
        if frame_rate is not None and 0 < frame_rate <= 1000:
            found.append((node, RATES[node.class_type], frame_rate))
    return found


def video_rate(lens: GraphQuery) -> float | None:
    """The rate that the model is told; else the one stated most often."""
    rates = _rates(lens)
    told = [frame_rate for node, _, frame_rate in rates if node.class_type == "LTXVConditioning"]
    if told or rates:
        return Counter(told or [frame_rate for _, _, frame_rate in rates]).most_common(1)[0][0]
    return None


def video_frames(lens: GraphQuery, node: FlatNode, name: str) -> int | None:
    """Frames of the video in a latent that an input takes, where that is told."""
    latent = lens.video_latent(node, name)
    count = lens.number(latent, "length") if latent is not None and latent.class_type in LATENTS else None
    # The server rounds an invalid count down.
    return floor_frames(int(count)) if count is not None and 1 <= count <= MAX_FRAMES else None


def _joins(lens: GraphQuery) -> dict[str, int | None]:
    """Encoders of audio, and the frames of the video that each audio is joined to."""
    joined: dict[str, int | None] = {}
    for node in lens.of("LTXVConcatAVLatent"):
        encoder = lens.above(node, "audio_latent", "LTXVAudioVAEEncode")
        if encoder is not None:
            joined.setdefault(encoder.id, video_frames(lens, node, "video_latent"))
    return joined


def one_rate(lens: GraphQuery) -> Iterator[Found]:
    """Trap 7: the count, the conditioning and the video disagree on the frame rate."""
    video = video_rate(lens)
    for node, name, frame_rate in _rates(lens):
        if video is None or abs(frame_rate - video) <= RATE_TOLERANCE:
            continue
        whole = int(video) if video.is_integer() else video
        yield Found(
            Finding(
                "fps-mismatch",
                "error",
                f"{name} is {frame_rate:g}, the rest of the graph is made for {video:g}",
                "one rate everywhere; two drift apart, progressively",
                at(node, name),
            ),
            put(lens, node, name, whole),
        )


def _valid_count(lens: GraphQuery, frames: int) -> int:
    """The count below where all of the audio fits into it, else the one above."""
    frame_rate = video_rate(lens)
    lengths = {lens.number(node, "duration") for node in lens.of("TrimAudioDuration")}
    seconds = lengths.pop() if len(lengths) == 1 else None
    fits = frame_rate and seconds and floor_frames(frames) >= seconds * frame_rate - 1
    return floor_frames(frames) if fits else cover_frames(frames)


def frame_count(lens: GraphQuery) -> Iterator[Found]:
    """Traps 8 and 23: a count that is not 8n+1, or one beyond what one clip keeps."""
    for node in lens.of(*LATENTS):
        count = lens.number(node, "length")
        if count is None or not 1 <= count <= MAX_FRAMES:
            continue
        frames = int(count)
        if frames % 8 != 1:
            valid = _valid_count(lens, frames)
            yield Found(
                Finding(
                    "frames-not-8n1",
                    "error",
                    f"{frames} frames are not 8n+1: the server makes {floor_frames(frames)} of them",
                    f"{valid}, which holds all of the audio",
                    at(node, "length"),
                ),
                put(lens, node, "length", valid),
            )
        elif frames > MAX_CLIP_FRAMES:
            yield Found(
                Finding(
                    "clip-too-long",
                    "warning",
                    f"{frames} frames at once; past {MAX_CLIP_FRAMES} the image decays",
                    "make it in several clips, cut in pauses",
                    at(node, "length"),
                )
            )


def mask_end(lens: GraphQuery) -> Iterator[Found]:
    """Trap 13: the mask ends a little before the video, so that the last frames stand still."""
    frame_rate = video_rate(lens)
    for node in lens.of("LTXVSetAudioVideoMaskByTime"):
        end, frames = lens.number(node, "end_time"), video_frames(lens, node, "av_latent")
        if end is None or frames is None or frame_rate is None:
            continue
        seconds = frames / frame_rate
        # An end more than a second early is a mask that somebody wants.
        if round(end * frame_rate) >= frames or end < seconds - 1:
            continue
        whole = float(math.floor(seconds) + 2)
        yield Found(
            Finding(
                "mask-ends-early",
                "error",
                f"the mask ends at {end:g} s, the video at {seconds:.3f} s: its last frames stand still",
                f"{whole:g}: whole seconds, past the end; the page rounds others down",
                at(node, "end_time"),
            ),
            put(lens, node, "end_time", whole),
        )


def audio_length(lens: GraphQuery) -> Iterator[Found]:
    """Audio that is not as long as the video, or whose length nobody looks after."""
    frame_rate, joined = video_rate(lens), _joins(lens)
    for node in lens.of("LTXVAudioVAEEncode"):
        frames = joined.get(node.id)
        seconds = frames / frame_rate if frames and frame_rate else None
        trim = lens.above(node, "audio", "TrimAudioDuration", "VHS_LoadAudioUpload", "VHS_LoadAudio")
        length = lens.number(trim, "duration") if trim else None
        if trim is None and not lens.above(node, "audio", "LipwrightPrepareAudio"):
            edits: tuple[Insert, ...] = ()
            if seconds is not None and "audio" in node.links:
                ends = NewNode(
                    "TrimAudioDuration", {"start_index": 0.0, "duration": math.ceil(seconds * 100) / 100}
                )
                edits = (Insert(node.id, "audio", ends, "audio"),)
            yield Found(
                Finding(
                    "audio-not-prepared",
                    "warning",
                    "the audio goes in as it is: nothing brings it to the video's length",
                    "prepare it with lipwright audio and load that file; at the least trim it to the video",
                    at(node, "audio"),
                ),
                edits,
            )
        elif trim is not None and length and seconds and abs(length - seconds) > 1.01 / (frame_rate or 1):
            yield Found(
                Finding(
                    "audio-length",
                    "warning",
                    f"the audio is {length:g} s, the video {seconds:.3f} s",
                    "the video's length must be the audio's: plan the frames from it",
                    at(trim, "duration"),
                ),
                put(lens, trim, "duration", math.ceil(seconds * 100) / 100) if length > seconds else (),
            )


RULES = (one_rate, frame_count, mask_end, audio_length)
