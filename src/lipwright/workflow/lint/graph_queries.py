"""Queries of a graph for the rules: which nodes run, which nodes feed which, what happens to the audio."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from lipwright.domain.finding import FindingType, Severity
from lipwright.workflow.edits import GraphFinding, SetValue
from lipwright.workflow.flat import FlatGraph, FlatNode
from lipwright.workflow.graph import Link
from lipwright.workflow.lint.constants import Constants, trace
from lipwright.workflow.schemas import ANY, fits

SAMPLERS = frozenset({"SamplerCustomAdvanced", "LTXVNormalizingSampler", "SamplerCustom", "KSampler"})
VIDEO_INPUTS = {
    "LTXVConcatAVLatent": "video_latent",
    "LTXVSeparateAVLatent": "av_latent",
    **dict.fromkeys(SAMPLERS, "latent_image"),
}
"""For each class of nodes that pass on the video part of a latent: the input through which it enters. Except
in LTXVConcatAVLatent, the audio part enters through the same input."""

VIDEO_LOADERS = ("GetVideoComponents", "VHS_LoadVideo", "VHS_LoadVideoPath", "VHS_LoadVideoFFmpeg")
"""Nodes that load the frames of a video file."""

AUDIO_INPUTS = ("audio", "audio1", "audio_1", "waveform")
"""Names of the inputs whose audio an unknown node is assumed to pass on; `reference_audio` is not among
them."""

SAME_QUANTITY = {
    **dict.fromkeys(("frames_number", "num_frames", "frames", "frame_count"), "length"),
    **dict.fromkeys(("frame_rate", "video_fps"), "fps"),
}
"""For each alternative name of an input: its standard name."""

MASKS = {
    "SetLatentNoiseMask": "samples",
    "LTXVSetAudioVideoMaskByTime": "av_latent",
    "LTXVAudioVideoMask": "audio_latent",
    "LipwrightFreezeAudio": "av_latent",
    "LTXVSetAudioRefTokens": "audio_latent",  # its output frozen_audio has a mask of 0
}
"""For each class of nodes that decide which part of the audio is sampled: the input with the latent."""

MIXED_TYPES = ("LATENT", "MODEL")
"""Types that a node may mix: if it has several inputs of such a type, none of them is followed."""

MAX_LINE = 300
"""Maximum number of nodes through which a value is followed, more than in any real graph."""
MAX_PASSES = 20

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
    """Id of the node and name of the input at which audio without a mask joins the video; there the audio can
    be frozen."""
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
    if (
        node.schema is not None or node.class_type == "AudioMerge"
    ):  # ComfyUI's AudioMerge keeps the length of audio1
        return False
    return LENGTH_WORDS.search(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", node.class_type)) is not None


@dataclass(frozen=True, slots=True)
class _AudioWay:
    """A place on the path from a sampler back to the source of its audio."""

    link: Link
    joined_at: tuple[str, str] | None = None
    """Id of the node and name of the input at which the audio joins the video; None before it joins."""
    mask: tuple[str, bool] | None = None
    """Id of the mask node that decides whether the audio is sampled, and True if this node lies before the
    audio joins the video; None without a mask."""


class GraphQuery(Constants):
    """A graph with resolved switches, and the facts that rules derive from it."""

    def __init__(self, graph: FlatGraph) -> None:
        super().__init__(graph)
        read = {link.node for node in graph.nodes.values() for link in node.links.values()}
        nodes = {
            node.id: replace(node, links={name: self.follow(link) for name, link in node.links.items()})
            for node in graph.nodes.values()
        }
        self.graph = replace(graph, nodes=nodes)
        """The graph; its links skip nodes without effect, and switches whose chosen branch is known."""
        self.unjudged: dict[str, None] = {}
        """Descriptions of what the rules could not judge, as an ordered set."""
        self._bits = {key: 1 << place for place, key in enumerate(nodes)}
        self._above = self._find_above()
        self._live = self._find_live(read)
        self._by_class: dict[str, list[FlatNode]] = {}
        self._readers: dict[str, list[tuple[FlatNode, str]]] = {}
        for node in nodes.values():
            if node.id in self._live:
                self._by_class.setdefault(node.class_type, []).append(node)
                for name, link in node.links.items():
                    self._readers.setdefault(link.node, []).append((node, name))
        self._origins: dict[_AudioWay, AudioOrigin] = {}
        self._video_latents: dict[Link, FlatNode | None] = {}
        self._text_encoders: dict[tuple[Link, str], FlatNode | None] = {}

    def _find_above(self) -> dict[str, int]:
        """Return, by node id, the nodes on which each node depends, as the bits of an integer."""
        above = dict.fromkeys(self.graph.nodes, 0)
        order = self._sources_first()
        for _ in range(MAX_PASSES):  # one pass suffices unless links run in circles
            changed = False
            for key in order:
                found = above[key]
                for link in self.graph.nodes[key].links.values():
                    if link.node in above:
                        found |= self._bits[link.node] | above[link.node]
                changed = changed or found != above[key]
                above[key] = found
            if not changed:
                break
        return above

    def _sources_first(self) -> list[str]:
        order: list[str] = []
        state: dict[str, int] = {}
        for start in self.graph.nodes:
            waiting = [start]
            while waiting:
                key = waiting[-1]
                if state.get(key) or key not in self.graph.nodes:
                    waiting.pop()
                    if state.get(key) == 1:
                        state[key] = 2
                        order.append(key)
                    continue
                state[key] = 1
                waiting += {link.node for link in self.graph.nodes[key].links.values()} - state.keys()
        return order

    def _find_live(self, read: set[str]) -> frozenset[str]:
        """Return the ids of the nodes that the server runs: outputs and the nodes on which they depend.

        Args:
            read: Ids of the nodes that other nodes read, including those in unused branches of switches.
        """
        nodes = self.graph.nodes
        ends = [
            node.id
            for node in nodes.values()
            if (node.schema is not None and node.schema.is_output)
            or (node.schema is None and node.id not in read)
        ]
        if not ends:
            return frozenset(nodes)
        live = 0
        for key in ends:
            live |= self._bits[key] | self._above[key]
        return frozenset(key for key in nodes if live & self._bits[key])

    def of(self, *class_types: str) -> Iterator[FlatNode]:
        """Yield the nodes of the given classes that the server runs."""
        for class_type in dict.fromkeys(class_types):
            yield from self._by_class.get(class_type, ())

    def judged_number(self, node: FlatNode, name: str) -> float | None:
        """Return the constant number of an input; None if it is unknown.

        If the input is linked and its number is unknown, the input is added to `unjudged`.
        """
        number = self.number(node, name)
        if number is None and name in node.links:
            self.unjudged[f"{name} of {node.label}"] = None
        return number

    def wrong_value(
        self,
        finding: FindingType,
        node: FlatNode,
        name: str,
        right: object = None,
        *,
        severity: Severity | None = None,
        **fields: Any,  # noqa: ANN401 - numbers and texts
    ) -> GraphFinding:
        """Return a finding about the value of an input.

        Args:
            finding: Type of the finding.
            node: The node with the input.
            name: Name of the input.
            right: The value that fixes the finding; None if a person has to decide.
            severity: Severity of the finding; None for the usual severity of its type.
            fields: Fields of the finding's texts, besides `name`.
        """
        edits = () if right is None else self.set_value(node, name, right)
        where = node.place(name)
        return GraphFinding(finding(where=where, severity=severity, name=name, **fields), edits)

    def set_value(self, node: FlatNode, name: str, value: object) -> tuple[SetValue, ...]:
        """Return the edit that changes the typed-in value of an input.

        There is no edit if the value is calculated, or typed into a node that also feeds inputs with a
        different meaning.
        """
        holder = self.holder(node, name)
        if holder is None or len(self._meanings(node, *holder)) > 1:
            return ()
        return (SetValue(holder[0].id, holder[1], value),)

    def _meanings(self, node: FlatNode, holder: FlatNode, widget: str) -> set[str]:
        """Return the meanings of the inputs that a typed-in value feeds: "prompt" or names of quantities."""
        readers = self.readers(holder) if holder.id != node.id else []
        place = holder.passed_down.get(widget)
        if place is not None:  # a widget of a subgraph, which may feed several nodes in it
            readers = [
                (other, name)
                for other in self.graph.nodes.values()
                for name, (raw, key) in other.passed_down.items()
                if raw is place[0] and key == place[1]
            ]
        found = set()
        for reader, name in readers:
            if any(word in reader.class_type for word in ("Show", "Preview")):
                continue
            is_prompt = "TextEncode" in reader.class_type
            found.add("prompt" if is_prompt else SAME_QUANTITY.get(name, name))
        return found

    def readers(self, node: FlatNode) -> list[tuple[FlatNode, str]]:
        """Return the nodes that a node feeds, with the names of their inputs."""
        return self._readers.get(node.id, [])

    def above(self, node: FlatNode, *class_types: str) -> list[FlatNode]:
        """Return the nodes of the given classes on which a node depends, directly or indirectly."""
        found = self._above[node.id]
        return [one for one in self.of(*class_types) if self._bits[one.id] & found]

    def depth(self, node: FlatNode) -> int:
        """Return the number of nodes on which a node depends, directly or indirectly."""
        return self._above[node.id].bit_count()

    def main_input(self, node: FlatNode, kind: str, slot: int = 0) -> Link | None:
        """Return the link of the input that a node passes on in an output of type `kind`; None if unknown."""
        if self._is_undecided(node):
            return None
        named = self.inputs_of_type(node, kind)
        outputs = [place for place, given in enumerate(node.output_types) if given == kind]
        if len(outputs) > 1 and slot in outputs and len(named) == len(outputs):
            return node.links[named[outputs.index(slot)]]
        if len(named) > 1 and kind in MIXED_TYPES:
            return None
        return node.links[named[0]] if named else None

    def _is_undecided(self, node: FlatNode) -> bool:
        """Return True for a switch whose chosen branch is unknown, and add the switch to `unjudged`."""
        undecided = self.is_undecided_switch(node)
        if undecided:
            self.unjudged[f"which branch {node.label} takes"] = None
        return undecided

    def inputs_of_type(self, node: FlatNode, kind: str) -> list[str]:
        """Return the names of the linked inputs that take type `kind`.

        The type of an input of an unknown node is that of the linked output. If one of these inputs is named
        like the type ("latent"), only that input is returned.
        """
        found = [
            name
            for name, link in node.links.items()
            if fits(node.input_types.get(name) or self._output_type(link), kind)
        ]
        called_so = [name for name in found if name == kind.lower()] if node.schema is None else []
        return called_so if len(called_so) == 1 else found

    def _output_type(self, link: Link) -> str:
        source = self.graph.nodes.get(link.node)
        types = source.output_types if source is not None else ()
        return types[link.slot] if 0 <= link.slot < len(types) else ANY

    def line(self, node: FlatNode, name: str, kind: str) -> Iterator[FlatNode]:
        """Yield the nodes through which a value of type `kind` reaches an input, the nearest first."""
        link = node.links.get(name)
        for _ in range(MAX_LINE):
            at = self.graph.nodes.get(link.node) if link else None
            if at is None or link is None:
                return
            yield at
            if at.schema is None and not at.input_types:  # an unknown node in API format
                if self._is_undecided(at):
                    return
                named = [one for one in at.links if one == kind.lower() or one in AUDIO_INPUTS]
                link = at.links[named[0]] if named else None
            else:
                link = self.main_input(at, kind, link.slot)

    def text_encoder(self, node: FlatNode, role: str) -> FlatNode | None:
        """Return the CLIPTextEncode whose text reaches a guider.

        Args:
            node: The guider, or a sampler with a built-in one.
            role: "positive" or "negative".

        Returns:
            The node; None if the text is zeroed out, or comes from an unknown node.
        """

        def step(way: tuple[Link, str]) -> tuple[tuple[Link, str] | None, FlatNode | None]:
            at = self.graph.nodes.get(way[0].node)
            if at is None or at.class_type == "ConditioningZeroOut":
                return None, None
            if at.class_type == "CLIPTextEncode":
                return None, at
            before = at.links.get(role) or self.main_input(at, "CONDITIONING", way[0].slot)
            return (before, role) if before else None, None

        link = node.links.get(role)
        return trace(self._text_encoders, (link, role) if link else None, None, step)

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

        return trace(self._video_latents, node.links.get(name), None, step)

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

    def _keys_above(self, node: FlatNode) -> Iterator[str]:
        found = self._above[node.id]
        return (key for key in self.graph.nodes if self._bits[key] & found)

    def has_audio(self, sampler: FlatNode) -> bool:
        """Return True if a sampler gets a latent with audio."""
        latent = self.source(sampler, "latent_image")
        return latent is not None and (
            latent.class_type == "LTXVConcatAVLatent" or bool(self.above(latent, "LTXVConcatAVLatent"))
        )

    def audio_origin(self, node: FlatNode, name: str) -> AudioOrigin:
        """Return where the audio comes from that is in the latent linked to an input."""
        link = node.links.get(name)
        start = _AudioWay(link) if link else None
        return trace(self._origins, start, AudioOrigin("unknown"), self._step_to_audio)

    def _step_to_audio(self, way: _AudioWay) -> tuple[_AudioWay | None, AudioOrigin]:
        at = self.graph.nodes.get(way.link.node)
        kind = at.class_type if at is not None else ""
        before, joined_at, mask = None, way.joined_at, way.mask
        if at is None or kind == "LTXVAudioVAEEncode":
            return None, self._origin(way, at)
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
            before = self.main_input(at, "LATENT", way.link.slot)
            is_mix = before is None and len(self.inputs_of_type(at, "LATENT")) > 1
            if is_mix and not self._is_undecided(at):
                self.unjudged[f"the audio that {at.label} mixes"] = None
        if before is None:
            return None, self._origin(replace(way, mask=mask), None)
        return _AudioWay(before, joined_at, mask), AudioOrigin("unknown")

    def _origin(self, way: _AudioWay, encoder: FlatNode | None) -> AudioOrigin:
        """Return where audio comes from, given the end of its path; `encoder` is None if unknown."""
        encoder_id = encoder.id if encoder is not None else ""
        if way.mask is not None:
            mask, is_joined = self.graph.nodes[way.mask[0]], way.mask[1]
            return AudioOrigin(self._mask_state(mask, is_joined=is_joined), mask.id, None, encoder_id)
        return (
            AudioOrigin("free", encoder_id, way.joined_at, encoder_id) if encoder else AudioOrigin("unknown")
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
