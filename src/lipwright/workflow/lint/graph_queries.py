"""Questions that the lint rules ask about a graph: what a sampler receives, what happens to the audio."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from lipwright.workflow.flat import FlatGraph, FlatNode
from lipwright.workflow.graph import Link
from lipwright.workflow.lint.constants import walk_back
from lipwright.workflow.lint.graph_links import GraphLinks
from lipwright.workflow.schemas import ANY

SAMPLERS = frozenset({"SamplerCustomAdvanced", "LTXVNormalizingSampler", "SamplerCustom", "KSampler"})
VIDEO_INPUTS = {
    "LTXVConcatAVLatent": "video_latent",
    "LTXVSeparateAVLatent": "av_latent",
    **dict.fromkeys(SAMPLERS, "latent_image"),
}
"""For each class of nodes that pass on the video part of a latent: the input through which that part enters.
LTXVConcatAVLatent has a separate input for the audio part; in all other classes, both parts enter through the
same input."""

VIDEO_LOADERS = ("GetVideoComponents", "VHS_LoadVideo", "VHS_LoadVideoPath", "VHS_LoadVideoFFmpeg")
"""Nodes that load the frames of a video file."""

MASKS = {
    "SetLatentNoiseMask": "samples",
    "LTXVSetAudioVideoMaskByTime": "av_latent",
    "LTXVAudioVideoMask": "audio_latent",
    "LipwrightFreezeAudio": "av_latent",
    "LTXVSetAudioRefTokens": "audio_latent",  # its output frozen_audio has a mask of 0
}
"""For each class of nodes that decide which part of the audio is sampled: the input with the latent."""

LENGTH_WORDS = re.compile(
    r"(?<![a-z])(trim|crop|cut|split|slice|clip|segment|chunk|part|range|join|merge|concat|mix|loop|speed"
    r"|stretch|pad|extend)",
    re.IGNORECASE,
)
"""An unknown node with one of these words in its class name may make audio longer or shorter."""

AudioState = Literal["frozen", "free", "continued", "made-up", "unknown"]
"""What a sampler does with the audio: keeps it ("frozen"), changes it ("free"), extends it ("continued") or
invents it ("made-up"); or "unknown"."""


@dataclass(frozen=True, slots=True)
class AudioOrigin:
    """The source of the audio in a latent."""

    state: AudioState
    decided_by: str = ""
    """Id of the node that decides the state: the mask, the encoder or the empty latent."""
    entry: tuple[str, str] | None = None
    """Id of the node and name of the input at which audio without a mask joins the video. A mask of 0
    added before this input would freeze the audio."""
    encoder: str = ""
    """Id of the LTXVAudioVAEEncode that encodes the audio; empty if unknown."""


@dataclass(frozen=True, slots=True)
class AudioLine:
    """The path of the audio from a file to an encoder, followed backward."""

    end: FlatNode | None
    """The node at which the path ends."""
    seconds: float | None
    """Length of the audio in seconds; None if unknown."""
    decided_by: FlatNode | None
    """The node that sets the length; None for a whole file."""
    whole_file: bool
    """True if the audio is a whole file."""
    prepared: bool
    """True if the audio comes from LipwrightPrepareAudio, which pads it."""


def _may_change_length(node: FlatNode) -> bool:
    """Return True for an unknown node that, by its name, may make audio longer or shorter."""
    if node.schema is not None or node.class_type == "AudioMerge":  # ComfyUI's: the length of audio1 stays
        return False
    return LENGTH_WORDS.search(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", node.class_type)) is not None


@dataclass(frozen=True, slots=True)
class _PathPosition:
    """A place on the path from a sampler back to the source of its audio."""

    link: Link
    joined_at: tuple[str, str] | None = None
    """Id of the node and name of the input at which the audio joins the video; None if no join
    has been reached on the way back from the sampler, or if a mask was reached later than the join."""
    mask: tuple[str, bool] | None = None
    """Id of the mask node that decides whether the audio is sampled, and True if the mask is applied before
    the audio joins the video; None without a mask."""


class GraphQuery(GraphLinks):
    """A graph with resolved switches, and the facts about video and audio that rules derive from it."""

    def __init__(self, graph: FlatGraph) -> None:
        super().__init__(graph)
        self._origins: dict[_PathPosition, AudioOrigin] = {}
        self._video_latents: dict[Link, FlatNode | None] = {}
        self._text_encoders: dict[tuple[Link, str], FlatNode | None] = {}

    def text_encoder(self, node: FlatNode, role: str) -> FlatNode | None:
        """Return the CLIPTextEncode whose text reaches a guider.

        Args:
            node: The guider, or a sampler with a built-in one.
            role: "positive" or "negative".

        Returns:
            The node; None if the text is zeroed out, or comes from an unknown node.
        """

        def step(position: tuple[Link, str]) -> tuple[tuple[Link, str] | None, FlatNode | None]:
            at = self.graph.nodes.get(position[0].node)
            if at is None or at.class_type == "ConditioningZeroOut":
                return None, None
            if at.class_type == "CLIPTextEncode":
                return None, at
            before = at.links.get(role) or self.main_input(at, "CONDITIONING", position[0].slot)
            return (before, role) if before else None, None

        link = node.links.get(role)
        return walk_back(self._text_encoders, (link, role) if link else None, None, step)

    def video_latent(self, node: FlatNode, name: str) -> FlatNode | None:
        """Return the node that makes the video latent for an input: an empty latent or an encoder.

        None if the node is unknown.
        """

        def step(link: Link) -> tuple[Link | None, FlatNode | None]:
            at = self.graph.nodes.get(link.node)
            if at is None or "LATENT" not in (at.output_types or ("LATENT",)):
                return None, None
            if at.class_type == "LTXVAudioVideoMask" and self.value(at, "max_length") != "partial":
                return None, None  # the node cuts or pads the video
            follow = VIDEO_INPUTS.get(at.class_type)
            return at.links.get(follow) if follow else self.main_input(at, "LATENT", link.slot), at

        return walk_back(self._video_latents, node.links.get(name), None, step)

    def is_refined(self, sampler: FlatNode) -> bool:
        """Return True if a sampler refines a latent that was already sampled, or encoded from a video."""
        if self.above(sampler, *SAMPLERS):
            return True
        made = self.video_latent(sampler, "latent_image")
        return made is not None and made.class_type in ("VAEEncode", "VAEEncodeTiled")

    def shows_video(self, sampler: FlatNode) -> bool:
        """Return True if frames of a loaded video reach a sampler."""
        for node in (sampler, *(self.graph.nodes[key] for key in self._keys_above(sampler))):
            for link in node.links.values():
                giver = self.graph.nodes.get(link.node)
                is_image = giver is not None and self._output_type(link) in ("IMAGE", ANY)
                if giver is not None and is_image and giver.class_type in VIDEO_LOADERS:
                    return True
        return False

    def has_audio(self, sampler: FlatNode) -> bool:
        """Return True if a sampler gets a latent with audio."""
        latent = self.source(sampler, "latent_image")
        return latent is not None and (
            latent.class_type == "LTXVConcatAVLatent" or bool(self.above(latent, "LTXVConcatAVLatent"))
        )

    def audio_origin(self, node: FlatNode, name: str) -> AudioOrigin:
        """Return the origin of the audio in the latent that is linked to an input."""
        link = node.links.get(name)
        start = _PathPosition(link) if link else None
        return walk_back(self._origins, start, AudioOrigin("unknown"), self._step_to_audio)

    def _step_to_audio(self, position: _PathPosition) -> tuple[_PathPosition | None, AudioOrigin]:
        at = self.graph.nodes.get(position.link.node)
        kind = at.class_type if at is not None else ""
        before, joined_at, mask = None, position.joined_at, position.mask
        if at is None or kind == "LTXVAudioVAEEncode":
            return None, self._origin(position, at)
        if kind == "LTXVEmptyLatentAudio":
            return None, AudioOrigin("made-up", at.id)
        if kind in MASKS:
            before = at.links.get(MASKS[kind])
            # Of several masks, the last one before the sampler decides.
            mask, joined_at = mask or (at.id, joined_at is not None), None
        elif kind == "LTXVConcatAVLatent":
            before, joined_at = at.links.get("audio_latent"), (at.id, "audio_latent")
        elif kind in VIDEO_INPUTS:
            before = at.links.get(VIDEO_INPUTS[kind])
        else:
            before = self.main_input(at, "LATENT", position.link.slot)
            is_mix = before is None and len(self.inputs_of_type(at, "LATENT")) > 1
            if is_mix and not self._is_undecided(at):
                self.unjudged[f"the audio that {at.label} mixes"] = None
        if before is None:
            return None, self._origin(replace(position, mask=mask), None)
        return _PathPosition(before, joined_at, mask), AudioOrigin("unknown")

    def _origin(self, position: _PathPosition, encoder: FlatNode | None) -> AudioOrigin:
        """Return the origin of the audio.

        Args:
            position: The last position of the path from a sampler back to the source of the audio.
            encoder: The LTXVAudioVAEEncode at which the path ends; None if the path ends elsewhere.
        """
        encoder_id = encoder.id if encoder is not None else ""
        if position.mask is not None:
            mask, is_joined = self.graph.nodes[position.mask[0]], position.mask[1]
            return AudioOrigin(self._mask_state(mask, is_joined=is_joined), mask.id, None, encoder_id)
        return (
            AudioOrigin("free", encoder_id, position.joined_at, encoder_id)
            if encoder
            else AudioOrigin("unknown")
        )

    def _mask_state(self, node: FlatNode, *, is_joined: bool) -> AudioState:
        match node.class_type:
            case "SetLatentNoiseMask":
                # A mask behind the join applies to video and audio together.
                return self._masked(node) if is_joined else "unknown"
            case "LTXVSetAudioVideoMaskByTime":
                return self._masked_by_time(node)
            case "LTXVAudioVideoMask":
                return self._masked_by_kjnodes(node)
        return "frozen"  # LipwrightFreezeAudio, LTXVSetAudioRefTokens

    def _masked(self, node: FlatNode) -> AudioState:
        mask, inverted = self.source(node, "mask"), False
        if mask is not None and mask.class_type == "InvertMask":
            mask, inverted = self.source(mask, "mask"), True
        level = self.number(mask, "value") if mask is not None and mask.class_type == "SolidMask" else None
        if level is None:
            self.unjudged[f"the mask of {node.label}"] = None
            return "unknown"
        return "frozen" if level == float(inverted) else "free"

    def _masked_by_time(self, node: FlatNode) -> AudioState:
        masked, start = self.value(node, "mask_audio"), self.number(node, "mask_init_value_audio")
        if masked is None or start is None:
            return "unknown"
        return "free" if masked or start > 0 else "frozen"

    def _masked_by_kjnodes(self, node: FlatNode) -> AudioState:
        start, end = self.number(node, "audio_start_time"), self.number(node, "audio_end_time")
        if start is None or end is None:
            return "unknown"
        return "frozen" if start >= end else "continued" if start > 0 else "free"

    def audio_line(self, encoder: FlatNode) -> AudioLine:
        """Follow the audio of an encoder back to its file, and return its path and length."""
        at: FlatNode | None = None
        for at in self.line(encoder, "audio", "AUDIO"):
            if at.class_type == "LipwrightPrepareAudio":
                return AudioLine(at, None, at, whole_file=False, prepared=encoder.links["audio"].slot == 0)
            if at.class_type in ("TrimAudioDuration", "VHS_LoadAudioUpload", "VHS_LoadAudio", "EmptyAudio"):
                seconds = self.number(at, "duration")
                if seconds == 0 and at.class_type.startswith("VHS"):
                    return AudioLine(at, None, None, whole_file=True, prepared=False)
                return AudioLine(at, seconds or None, at, whole_file=False, prepared=False)
            if at.class_type in ("AudioConcat", "LTXVAudioVAEDecode") or _may_change_length(at):
                return AudioLine(at, None, at, whole_file=False, prepared=False)
        whole = at is not None and at.class_type in ("LoadAudio", "RecordAudio")
        return AudioLine(at, None, None if whole else at, whole_file=whole, prepared=False)

    def recording_of(self, encoder: FlatNode) -> Link | None:
        """Return the link to the recording that an encoder gets, before it is padded and prepared.

        None if the recording is unknown.
        """
        link = encoder.links.get("audio")
        at = self.source(encoder, "audio")
        if at is None or link is None:
            return None
        if at.class_type == "LipwrightPrepareAudio":
            return Link(at.id, 1)  # the master
        joined = self.source(at, "audio") if at.class_type == "TrimAudioDuration" else None
        if joined is not None and joined.class_type == "AudioConcat":
            silence = self.source(joined, "audio2")
            if silence is not None and silence.class_type == "EmptyAudio":
                return joined.links.get("audio1")
        return link
