"""Rules for time: a single frame rate, valid frame counts, and a mask that covers the whole video."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from lipwright.domain.grid import AUDIO_LATENTS_PER_SECOND, MAX_CLIP_FRAMES, cover_frames, floor_frames
from lipwright.domain.text import pluralize
from lipwright.workflow import findings
from lipwright.workflow.edits import GraphFinding
from lipwright.workflow.flat import FlatNode
from lipwright.workflow.lint.graph_queries import SAMPLERS, GraphQuery

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
"""For each class of nodes that need the graph's frame rate: the name of the input that takes it."""

LATENTS = ("EmptyLTXVLatentVideo", "LTXVImgToVideo")
MAX_FRAMES = 1_000_000
RATE_TOLERANCE = 0.002
"""Rates that differ by at most this many frames per second count as equal. So 23.976 and 24000/1001 are
equal, but 23.976 and 24 are different."""


def _rates(query: GraphQuery) -> list[tuple[FlatNode, str, float]]:
    found = []
    for node in query.of(*RATES):
        frame_rate = query.number(node, RATES[node.class_type])
        if frame_rate is not None and 0 < frame_rate <= 1000:
            found.append((node, RATES[node.class_type], frame_rate))
    return found


def video_rate(query: GraphQuery) -> float | None:
    """Return the frame rate that the model is given, or else the most frequent rate of the graph.

    None if the graph states no rate.
    """
    rates = _rates(query)
    given = [frame_rate for node, _, frame_rate in rates if node.class_type == "LTXVConditioning"]
    stated = given or [frame_rate for _, _, frame_rate in rates]
    return Counter(stated).most_common(1)[0][0] if stated else None


def video_frames(query: GraphQuery, node: FlatNode, name: str) -> int | None:
    """Return the number of frames of the video latent at the input `name` of a node; None if unknown."""
    latent = query.video_latent(node, name)
    count = query.number(latent, "length") if latent is not None and latent.class_type in LATENTS else None
    # The server rounds an invalid count down.
    return floor_frames(int(count)) if count is not None and 1 <= count <= MAX_FRAMES else None


def check_rates(query: GraphQuery) -> Iterator[GraphFinding]:
    """FRAMES-2: all nodes must have the same frame rate."""
    expected = video_rate(query)
    has_audio = any(True for _ in query.of("LTXVConcatAVLatent"))
    for node, name, frame_rate in _rates(query):
        if expected is None or abs(frame_rate - expected) <= RATE_TOLERANCE:
            continue
        right = int(expected) if expected.is_integer() else expected
        yield query.wrong_value(
            findings.FPS_MISMATCH,
            node,
            name,
            right if has_audio else None,
            frame_rate=frame_rate,
            expected=expected,
        )


def check_counts(query: GraphQuery) -> Iterator[GraphFinding]:
    """FRAMES-1 and FRAMES-5: the number of frames must be 8n+1, and not too large for one clip."""
    for node in query.of(*LATENTS):
        count = query.judged_number(node, "length")
        if count is None or not 1 <= count <= MAX_FRAMES:
            continue
        frames = int(count)
        if frames % 8 != 1:
            valid = _valid_count(query, frames)
            made = floor_frames(frames)
            yield query.wrong_value(
                findings.FRAMES_NOT_8N1, node, "length", valid, frames=frames, made=made, valid=valid
            )
        elif frames > MAX_CLIP_FRAMES:
            yield query.wrong_value(
                findings.CLIP_TOO_LONG, node, "length", frames=frames, limit=MAX_CLIP_FRAMES
            )


def _valid_count(query: GraphQuery, frames: int) -> int:
    """Round a number of frames down to a valid number if all of the audio still fits, otherwise up."""
    frame_rate = video_rate(query)
    lengths = {query.number(node, "duration") for node in query.of("TrimAudioDuration")}
    cuts = [query.number(node, "amount") for node in query.of("LatentCut") if query.value(node, "dim") == "y"]
    if cuts:  # the audio is longer than the part that is used
        lengths = {(amount or 0) / AUDIO_LATENTS_PER_SECOND for amount in cuts}
    seconds = lengths.pop() if len(lengths) == 1 else None
    fits = frame_rate and seconds and floor_frames(frames) >= seconds * frame_rate - 1
    return floor_frames(frames) if fits else cover_frames(frames)


def check_batches(query: GraphQuery) -> Iterator[GraphFinding]:
    """A batch must have as many videos as audio latents, or the sampler fails."""
    for node in query.of("LTXVConcatAVLatent"):
        latent = query.video_latent(node, "video_latent")
        count = query.number(latent, "batch_size") if latent is not None else None
        repeated = _repeats(query, node, "video_latent")
        if latent is None or latent.class_type not in LATENTS or count is None or repeated is None:
            continue
        audio = _audio_batch(query, node)
        if audio is None or count * repeated in (1, audio):
            continue
        yield query.wrong_value(
            findings.SEVERAL_VIDEOS,
            latent,
            "batch_size",
            1 if audio == repeated == 1 else None,
            count=count * repeated,
            audio=pluralize(int(audio), "audio latent"),
        )
        return


def _audio_batch(query: GraphQuery, join: FlatNode) -> float | None:
    """Return the number of audio latents in the batch that a node joins with the video; None if unknown."""
    repeated = _repeats(query, join, "audio_latent")
    for at in _before_joins(query, join, "audio_latent"):
        count = {"LTXVAudioVAEEncode": 1.0, "LTXVEmptyLatentAudio": query.number(at, "batch_size")}
        if at.class_type in count:
            found = count[at.class_type]
            return None if found is None or repeated is None else found * repeated
    return None


def _repeats(query: GraphQuery, join: FlatNode, name: str) -> float | None:
    """Return how many times a latent is repeated before it reaches a node; None if unknown."""
    times: float | None = 1.0
    for at in _before_joins(query, join, name):
        if at.class_type == "RepeatLatentBatch" and times is not None:
            amount = query.number(at, "amount")
            times = None if amount is None else times * amount
    return times


def _before_joins(query: GraphQuery, join: FlatNode, name: str) -> Iterator[FlatNode]:
    """Follow the latent at the input `name` of `join` backward, and yield the nodes that it passes through.

    The path ends before a sampler, or before a node that joins or separates video and audio.
    """
    for at in query.line(join, name, "LATENT"):
        if at.class_type in {"LTXVConcatAVLatent", "LTXVSeparateAVLatent", *SAMPLERS}:
            return
        yield at


MASK_SPAN_INPUTS = {
    "LTXVSetAudioVideoMaskByTime": ("av_latent", "start_time", "end_time"),
    "LTXVAudioVideoMask": ("video_latent", "video_start_time", "video_end_time"),
}
"""For each class of temporal mask nodes, the names of three inputs: the latent, and the start and the end, in
seconds, of the part of the video that is sampled."""


def check_mask_span(query: GraphQuery) -> Iterator[GraphFinding]:
    """FREEZE-2: the temporal mask must cover the whole video, because the video stands still outside it.

    The rule applies only if the latent is empty. If the latent is an encoded video, the part outside the mask
    is kept on purpose.
    """
    frame_rate = video_rate(query)
    for node in query.of(*MASK_SPAN_INPUTS):
        latent, first, last = MASK_SPAN_INPUTS[node.class_type]
        if latent not in node.links or not _holds_the_rest(query, node):
            continue
        frames, end = video_frames(query, node, latent), query.judged_number(node, last)
        start = query.judged_number(node, first)
        if frames is None or frame_rate is None:
            continue
        seconds = frames / frame_rate
        if start is not None and round(start * frame_rate) > 1:
            yield query.wrong_value(findings.MASK_STARTS_LATE, node, first, start=start)
        if end is None or round(end * frame_rate) >= frames:
            continue
        whole = float(math.floor(seconds) + 2)
        on_purpose = end < seconds - 1
        yield query.wrong_value(
            findings.MASK_ENDS_EARLY,
            node,
            last,
            None if on_purpose else whole,
            severity="warning" if on_purpose else None,
            end=end,
            seconds=seconds,
            whole=whole,
        )


def _holds_the_rest(query: GraphQuery, node: FlatNode) -> bool:
    """Return True if a temporal mask keeps everything outside its time span unchanged."""
    if node.class_type == "LTXVSetAudioVideoMaskByTime":
        return not (query.number(node, "mask_init_value_video") or 0) > 0
    # In its other modes, LTXVAudioVideoMask cuts or pads the video, or extends an existing mask.
    modes = (query.value(node, "max_length"), query.value(node, "existing_mask_mode"))
    return modes == ("partial", "overwrite")


RULES = (check_rates, check_counts, check_batches, check_mask_span)
