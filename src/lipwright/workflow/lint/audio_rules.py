"""Rules about the audio of a graph.

They require that the audio latent is frozen and as long as the video, that the recording is neither scaled
nor cropped, and that the recording itself is saved with the video.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from lipwright.domain.finding import Severity
from lipwright.domain.grid import AUDIO_LATENTS_PER_SECOND, audio_latents
from lipwright.domain.time import parse_frame_rate
from lipwright.workflow import audio_vae, findings
from lipwright.workflow.edits import Edit, Feed, GraphFinding, NewNode
from lipwright.workflow.flat import FlatNode
from lipwright.workflow.lint.constants import numbers_in
from lipwright.workflow.lint.graph_queries import SAMPLERS, AudioLine, AudioOrigin, GraphQuery
from lipwright.workflow.lint.timing_rules import video_frames, video_rate

FREEZE = NewNode(
    "SetLatentNoiseMask",
    {},
    {"samples": "old", "mask": NewNode("SolidMask", {"value": 0.0, "width": 512, "height": 512})},
)
EXPORTS = {"CreateVideo": "audio", "VHS_VideoCombine": "audio", "LipwrightDeliver": "master"}
"""For each class of nodes that combine a video and its audio: the input for the audio."""
MASK = "LTXVSetAudioVideoMaskByTime"
FACTORS = "audio_normalization_factors"
SAMPLER_PATH_NODES = ("SetLatentNoiseMask", "LTXVConcatAVLatent", "LTXVAudioVideoMask", "LatentCut")
"""Nodes that pass an encoded recording on to samplers only."""
ROLES = {0: "positive", 1: "negative"}
"""For each output slot of LTXVSetAudioRefTokens: the input that this output returns, with the voice
reference added."""
WARNING_CROP_MS = 10.0
"""Minimum crop in ms for a warning, a quarter of a frame at 25 fps; shorter crops are a hint."""


def check_frozen(query: GraphQuery) -> Iterator[GraphFinding]:
    """FREEZE-1: no stage may have a sampler that changes the audio."""
    changed: dict[str, list[tuple[FlatNode, AudioOrigin]]] = {}
    for node in query.of(*SAMPLERS):
        if "latent_image" in node.links and query.has_audio(node):
            origin = query.audio_origin(node, "latent_image")
            if origin.state in ("free", "made-up", "continued") and origin.decided_by in query.graph.nodes:
                changed.setdefault(origin.decided_by, []).append((node, origin))
    for key, stages in changed.items():
        by = query.graph.nodes[key]
        if stages[0][1].state == "made-up":
            yield GraphFinding(findings.AUDIO_MADE_UP(where=by.place()))
        elif by.class_type != MASK:  # `check_masks` checks the mask node
            yield _unfrozen(query, by, stages)


def _unfrozen(query: GraphQuery, by: FlatNode, stages: list[tuple[FlatNode, AudioOrigin]]) -> GraphFinding:
    if by.class_type == "SetLatentNoiseMask":
        reason = "the mask on the audio is not 0, so the audio is sampled: 1 means sample, 0 means keep"
        mask = query.source(by, "mask") or by
        return query.wrong_value(findings.AUDIO_NOT_FROZEN, mask, "value", 0.0, reason=reason)
    if by.class_type == "LTXVAudioVideoMask":
        return query.wrong_value(
            findings.AUDIO_NOT_FROZEN,
            by,
            "audio_start_time",
            severity="warning" if stages[0][1].state == "continued" else None,
            reason="the mask lets a part of the audio be sampled: the lips follow no recording in that part",
        )
    samplers = ", ".join(f"{node.title} (node {node.id})" for node, _ in stages[:4])
    reason = f"nothing freezes the audio: it is changed by {samplers}, and the lips follow the changed audio"
    entries = dict.fromkeys(origin.entry for _, origin in stages if origin.entry)
    edits = tuple(Feed(node, name, FREEZE) for node, name in entries)
    return GraphFinding(findings.AUDIO_NOT_FROZEN(where=by.place(), reason=reason), edits)


def check_references(query: GraphQuery) -> Iterator[GraphFinding]:
    """FREEZE-1: a recording must be frozen; using it as a voice reference does not freeze it."""
    samplers = [node for node in query.of(*SAMPLERS) if query.has_audio(node)]
    states = {query.audio_origin(node, "latent_image").state for node in samplers}
    for node in query.of("LTXVSetAudioRefTokens", "LTXVReferenceAudio"):
        conditions = [
            (reader, name)
            for reader, name in query.readers(node)
            if reader.input_types.get(name) == "CONDITIONING"
        ]
        if not conditions:
            continue
        if states and states <= {"made-up", "free"}:
            yield GraphFinding(findings.AUDIO_ONLY_REFERENCED(where=node.place(), node_type=node.class_type))
        elif states == {"frozen"} and node.class_type == "LTXVSetAudioRefTokens":
            yield GraphFinding(
                findings.REFERENCE_BESIDE_FROZEN(where=node.place()),
                tuple(
                    Feed(reader.id, name, node.links[role])
                    for reader, name in conditions
                    if (role := ROLES.get(reader.links[name].slot, "")) in node.links
                ),
            )


def check_masks(query: GraphQuery) -> Iterator[GraphFinding]:
    """FREEZE-1: the mask node must keep the audio, which it regenerates by default (mask 1)."""
    for node in query.of(MASK):
        if query.value(node, "mask_audio") is True:
            yield query.wrong_value(findings.AUDIO_MASK_INVERTED, node, "mask_audio", False)
        if (query.number(node, "mask_init_value_audio") or 0) > 0:
            yield query.wrong_value(findings.AUDIO_MASK_INIT, node, "mask_init_value_audio", 0.0)
        if query.value(node, "mask_video") is False:
            yield query.wrong_value(findings.VIDEO_MASK_OFF, node, "mask_video", True)


def check_scaling(query: GraphQuery) -> Iterator[GraphFinding]:
    """FREEZE-3: normalization factors of frozen audio must be 1; the defaults cut its amplitude to 6 %."""
    for node in query.of("LTXVNormalizingSampler", "LTX2AudioLatentNormalizingSampling"):
        text = query.value(node, FACTORS)
        factors = numbers_in(text)
        if factors is not None and any(factor != 1 for factor in factors):
            left = math.prod(factors)
            yield query.wrong_value(findings.AUDIO_SCALED, node, FACTORS, "1", factors=text[:60], left=left)


def check_delivery(query: GraphQuery) -> Iterator[GraphFinding]:
    """DELIVER-1: if a recording is frozen, the video must contain the recording, not decoded audio."""
    for node in query.of(*EXPORTS):
        name = EXPORTS[node.class_type]
        line = list(query.line(node, name, "AUDIO"))
        decoder = next((one for one in line if one.class_type == "LTXVAudioVAEDecode"), None)
        if decoder is None:
            continue
        before = line[: line.index(decoder)]
        # With several clips or additional audio, no single recording equals the decoded audio.
        is_mixed = any(len(query.inputs_of_type(one, "AUDIO")) > 1 for one in before)
        origin = query.audio_origin(decoder, "samples")
        encoder = query.graph.nodes.get(origin.encoder)
        if encoder is None or origin.state == "continued":
            continue  # the model makes this audio at least in part, so there is no recording to deliver
        recording = query.recording_of(encoder)
        given = query.graph.nodes.get(recording.node) if recording is not None else None
        proven = (
            origin.state == "frozen"
            and not is_mixed
            and given is not None
            and not query.above(given, "LTXVAudioVAEDecode")
        )
        # Nodes between the decoder and the export, such as a volume, are kept.
        reader = before[-1] if before else node
        inputs = [key for key, link in reader.links.items() if link.node == decoder.id]
        yield GraphFinding(
            findings.DECODED_AUDIO_DELIVERED(where=node.place(name)),
            (Feed(reader.id, inputs[0], recording),) if proven and recording and inputs else (),
        )


def check_length(query: GraphQuery) -> Iterator[GraphFinding]:
    """AUDIO-2 and FREEZE-5: the audio must be as long as the video, and its start must not be cropped."""
    joined = _joined_frames(query)
    frame_rate = video_rate(query)
    only_one = len(list(query.of("LTXVAudioVAEEncode"))) == 1
    for encoder in query.of("LTXVAudioVAEEncode"):
        if encoder.id not in joined or "audio" not in encoder.links:
            continue
        frames, is_stated, is_cut = joined[encoder.id]
        line = query.audio_line(encoder)
        if line.prepared or (is_cut and line.whole_file):
            continue  # a padded driver, such as `lipwright workflow` writes
        video = frames / frame_rate if frames and frame_rate else None
        # Lengths must not change if other nodes read the latent, or if another recording continues it.
        proven = only_one and all(
            reader.class_type in SAMPLER_PATH_NODES for reader, _ in query.readers(encoder)
        )
        pad = _pad_edits(query, encoder, line, frames, is_cut=is_cut) if proven else ()
        if line.whole_file:
            yield GraphFinding(findings.AUDIO_NOT_PREPARED(where=encoder.place("audio")), pad)
            yield GraphFinding(
                findings.AUDIO_CROPPED(
                    where=encoder.place("audio"), crop="up to ", crop_ms=audio_vae.MAX_CROP_MS
                )
            )
            continue
        if line.seconds is None:
            query.unjudged[f"length of the audio of {encoder.label}"] = None
            continue
        if line.decided_by is None:
            continue
        off = line.seconds - video if video else 0.0
        if video and (off < 0 or not is_cut) and abs(off) > 1.01 / (frame_rate or 1):
            may_cut = proven and off > 0 and is_stated
            if may_cut:  # the padding to this length also prevents the crop of the start
                pad = _pad_edits(query, encoder, replace(line, seconds=None), frames, is_cut=is_cut)
            yield GraphFinding(
                findings.AUDIO_LENGTH(
                    where=line.decided_by.place("duration"), audio=line.seconds, video=video
                ),
                pad if may_cut else (),
            )
        crop = audio_vae.crop_ms(line.seconds)
        if crop > audio_vae.NEGLIGIBLE_CROP_MS:
            severity: Severity | None = None if crop >= WARNING_CROP_MS else "hint"
            where = encoder.place("audio")
            yield GraphFinding(
                findings.AUDIO_CROPPED(where=where, severity=severity, crop="", crop_ms=crop), pad
            )


def _joined_frames(query: GraphQuery) -> dict[str, tuple[int | None, bool, bool]]:
    """Return, for each audio encoder, the video that its latent is joined with.

    Returns:
        A tuple of three values for each id of an encoder. The first is the number of frames of the video;
        None if unknown. The second is True if the graph states exactly this number, so that the server does
        not round it. The third is True if the audio latent is cut in time.
    """
    joined: dict[str, tuple[int | None, bool, bool]] = {}
    for node in query.of("LTXVConcatAVLatent"):
        is_cut = False
        for at in query.line(node, "audio_latent", "LATENT"):
            is_cut = is_cut or (at.class_type == "LatentCut" and query.value(at, "dim") == "y")
            if at.class_type == "LTXVAudioVAEEncode":
                frames, latent = (
                    video_frames(query, node, "video_latent"),
                    query.video_latent(node, "video_latent"),
                )
                is_stated = latent is not None and frames == query.number(latent, "length")
                joined.setdefault(at.id, (frames, is_stated, is_cut))
                break
            if at.class_type in SAMPLERS or at.class_type == "LTXVSeparateAVLatent":
                break
    return joined


def _pad_edits(
    query: GraphQuery,
    encoder: FlatNode,
    line: AudioLine,
    frames: int | None,
    *,
    is_cut: bool,
) -> tuple[Edit, ...]:
    """Return the edits that pad the audio, so that nothing is cropped, and cut the padding off its latent.

    There are no edits if the length of the video is unknown, because the padding could not be cut off again.
    """
    stated = video_rate(query)
    if frames is None or stated is None:
        return ()
    frame_rate = parse_frame_rate(f"{stated:.6g}")
    length = Fraction(frames) / frame_rate
    if line.seconds is not None:  # audio that is longer on purpose keeps its length
        length = max(length, Fraction(f"{line.seconds:.4f}"))
    duration = audio_vae.padded_trim(length)
    silence = NewNode(
        "EmptyAudio", {"duration": duration, "sample_rate": audio_vae.SAMPLE_RATE_HZ, "channels": 2}
    )
    longer = NewNode("AudioConcat", {"direction": "after"}, {"audio1": "old", "audio2": silence})
    trim = NewNode("TrimAudioDuration", {"start_index": 0.0, "duration": duration}, {"audio": longer})
    edits: tuple[Edit, ...] = (Feed(encoder.id, "audio", trim),)
    if is_cut:
        return edits
    amount = max(audio_latents(frames, frame_rate), round(length * AUDIO_LATENTS_PER_SECOND))
    cut = NewNode("LatentCut", {"dim": "y", "index": 0, "amount": amount}, {"samples": "old"})
    return edits + tuple(Feed(reader.id, name, cut) for reader, name in query.readers(encoder))


def check_replaced(query: GraphQuery) -> Iterator[GraphFinding]:
    """FREEZE-1: audio must not replace longer audio.

    ComfyUI 0.33 pads the new audio to the length of the audio that it replaces, and samples the padding.
    """
    for node in query.of("LTXVConcatAVLatent"):
        video = query.source(node, "video_latent")
        if video is None or video.class_type not in (*SAMPLERS, "LTXVConcatAVLatent"):
            continue
        given = _audio_latents(query, node)
        earlier = [video, *query.above(video, "LTXVConcatAVLatent")]
        joins = [one for one in earlier if one.class_type == "LTXVConcatAVLatent"]
        wanted = next((count for one in joins if (count := _audio_latents(query, one))), None)
        if given is None or wanted is None or given >= wanted:
            continue
        if any(query.audio_origin(*reader).state == "frozen" for reader in query.readers(node)):
            yield GraphFinding(
                findings.AUDIO_PAD_SAMPLED(
                    where=node.place("audio_latent"),
                    given=given,
                    wanted=wanted,
                    seconds=(wanted - given) / AUDIO_LATENTS_PER_SECOND,
                )
            )


def _audio_latents(query: GraphQuery, join: FlatNode) -> int | None:
    """Return the number of audio latents that a node joins with a video; None if unknown."""
    for at in query.line(join, "audio_latent", "LATENT"):
        match at.class_type:
            case "LatentCut" if query.value(at, "dim") == "y":
                count = query.number(at, "amount")
                return int(count) if count else None
            case "LTXVEmptyLatentAudio":
                frames, frame_rate = query.number(at, "frames_number"), query.number(at, "frame_rate")
                # ComfyUI 0.33 rounds this number. 0.26 rounds it up, but has no such padding.
                return (
                    round(frames / frame_rate * AUDIO_LATENTS_PER_SECOND) if frames and frame_rate else None
                )
            case "LTXVAudioVAEEncode":
                seconds = query.audio_line(at).seconds
                return (
                    audio_vae.encoded_latents(round(seconds * audio_vae.SAMPLE_RATE_HZ)) if seconds else None
                )
            case "LTXVSeparateAVLatent" | "LTXVConcatAVLatent":
                return None
    return None


RULES = (
    check_frozen,
    check_references,
    check_replaced,
    check_masks,
    check_scaling,
    check_delivery,
    check_length,
)
