"""Traps of time: rates that disagree, frame counts, a mask or a sound shorter than the film."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from lipwright.domain.finding import Finding
from lipwright.domain.grid import MAX_CLIP_FRAMES, cover_frames, floor_frames
from lipwright.workflow.flat import FlatNode
from lipwright.workflow.lint.edits import Found, Insert, NewNode
from lipwright.workflow.lint.lens import Lens
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


def _rates(lens: Lens) -> list[tuple[FlatNode, str, float]]:
    found = []
    for node in lens.of(*RATES):
        rate = lens.number(node, RATES[node.class_type])
        if rate is not None and 0 < rate <= 1000:
            found.append((node, RATES[node.class_type], rate))
    return found


def film_rate(lens: Lens) -> float | None:
    """The rate that the model is told; else the one stated most often."""
    rates = _rates(lens)
    told = [rate for node, _, rate in rates if node.class_type == "LTXVConditioning"]
    if told or rates:
        return Counter(told or [rate for _, _, rate in rates]).most_common(1)[0][0]
    return None


def film_frames(lens: Lens, node: FlatNode, name: str) -> int | None:
    """Frames of the film in a latent that an input takes, where that is told."""
    latent = lens.film_latent(node, name)
    count = lens.number(latent, "length") if latent is not None and latent.class_type in LATENTS else None
    # The server rounds an invalid count down.
    return floor_frames(int(count)) if count is not None and 1 <= count <= MAX_FRAMES else None


def _joins(lens: Lens) -> dict[str, int | None]:
    """Encoders of sound, and the frames of the film that each sound is joined to."""
    joined: dict[str, int | None] = {}
    for node in lens.of("LTXVConcatAVLatent"):
        encoder = lens.above(node, "audio_latent", "LTXVAudioVAEEncode")
        if encoder is not None:
            joined.setdefault(encoder.id, film_frames(lens, node, "video_latent"))
    return joined


def one_rate(lens: Lens) -> Iterator[Found]:
    """Trap 7: the count, the conditioning and the film disagree on the frame rate."""
    film = film_rate(lens)
    for node, name, rate in _rates(lens):
        if film is None or abs(rate - film) <= RATE_TOLERANCE:
            continue
        whole = int(film) if film.is_integer() else film
        yield Found(
            Finding(
                "fps-mismatch",
                "error",
                f"{name} is {rate:g}, the rest of the graph is made for {film:g}",
                "one rate everywhere; two drift apart, progressively",
                at(node, name),
            ),
            put(lens, node, name, whole),
        )


def _valid_count(lens: Lens, frames: int) -> int:
    """The count below where all of the sound fits into it, else the one above."""
    rate = film_rate(lens)
    lengths = {lens.number(node, "duration") for node in lens.of("TrimAudioDuration")}
    seconds = lengths.pop() if len(lengths) == 1 else None
    fits = rate and seconds and floor_frames(frames) >= seconds * rate - 1
    return floor_frames(frames) if fits else cover_frames(frames)


def frame_count(lens: Lens) -> Iterator[Found]:
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
                    f"{valid}, which holds all of the sound",
                    at(node, "length"),
                ),
                put(lens, node, "length", valid),
            )
        elif frames > MAX_CLIP_FRAMES:
            yield Found(
                Finding(
                    "clip-too-long",
                    "warning",
                    f"{frames} frames at once; past {MAX_CLIP_FRAMES} the picture decays",
                    "make it in several clips, cut in pauses",
                    at(node, "length"),
                )
            )


def mask_end(lens: Lens) -> Iterator[Found]:
    """Trap 13: the mask ends a little before the film, so that the last frames stand still."""
    rate = film_rate(lens)
    for node in lens.of("LTXVSetAudioVideoMaskByTime"):
        end, frames = lens.number(node, "end_time"), film_frames(lens, node, "av_latent")
        if end is None or frames is None or rate is None:
            continue
        seconds = frames / rate
        # An end more than a second early is a mask that somebody wants.
        if round(end * rate) >= frames or end < seconds - 1:
            continue
        whole = float(math.floor(seconds) + 2)
        yield Found(
            Finding(
                "mask-ends-early",
                "error",
                f"the mask ends at {end:g} s, the film at {seconds:.3f} s: its last frames stand still",
                f"{whole:g}: whole seconds, past the end; the page rounds others down",
                at(node, "end_time"),
            ),
            put(lens, node, "end_time", whole),
        )


def sound_length(lens: Lens) -> Iterator[Found]:
    """A sound that is not as long as the film, or whose length nobody looks after."""
    rate, joined = film_rate(lens), _joins(lens)
    for node in lens.of("LTXVAudioVAEEncode"):
        frames = joined.get(node.id)
        seconds = frames / rate if frames and rate else None
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
                    "sound-not-prepared",
                    "warning",
                    "the sound goes in as it is: nothing brings it to the film's length",
                    "prepare it with lipwright audio and load that file; at the least trim it to the film",
                    at(node, "audio"),
                ),
                edits,
            )
        elif trim is not None and length and seconds and abs(length - seconds) > 1.01 / (rate or 1):
            yield Found(
                Finding(
                    "sound-length",
                    "warning",
                    f"the sound is {length:g} s, the film {seconds:.3f} s",
                    "the film's length must be the sound's: plan the frames from it",
                    at(trim, "duration"),
                ),
                put(lens, trim, "duration", math.ceil(seconds * 100) / 100) if length > seconds else (),
            )


RULES = (one_rate, frame_count, mask_end, sound_length)
