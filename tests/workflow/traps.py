"""Good graphs, and each trap planted in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from lipwright.domain.media import FrameSize
from lipwright.domain.presets import PRESETS
from lipwright.workflow.audio_vae import padded_trim
from lipwright.workflow.graph import Graph, Link, Node
from lipwright.workflow.recipe_inputs import WorkflowInputs
from lipwright.workflow.recipes import build_graph
from lipwright.workflow.schemas import bundled

RECIPES = ("guide", "official")


def good_inputs(recipe: str = "guide", **changes: Any) -> WorkflowInputs:
    """Five seconds of a portrait, 832x448 at 25 fps, as the recipe has it."""
    settings = PRESETS["guide" if recipe == "guide" else "official-distilled"]
    if recipe == "official-2.5":
        settings = replace(settings, eta=1.0)
    start = WorkflowInputs(
        driver="driver.wav",
        master="voice.wav",
        size=FrameSize(832, 448),
        frames=121,
        frame_rate=Fraction(25),
        settings=settings,
        prompt="A woman in a studio, talking to the camera.",
        image="portrait.png",
    )
    return replace(start, **changes)


def good_graph(recipe: str, **changes: Any) -> Graph:
    return build_graph(recipe, good_inputs(recipe, **changes))


def first(graph: Graph, class_type: str) -> Node:
    return next(node for node in graph.nodes.values() if node.class_type == class_type)


def put(class_type: str, **inputs: Any) -> Callable[[Graph], Graph]:
    """Other values in the first node of a class."""

    def plant(graph: Graph) -> Graph:
        node = first(graph, class_type)
        return with_node(graph, replace(node, inputs={**node.inputs, **inputs}))

    return plant


def with_node(graph: Graph, node: Node) -> Graph:
    return replace(graph, nodes={**graph.nodes, node.id: node})


def skip(class_type: str, through: str) -> Callable[[Graph], Graph]:
    """All nodes of a class taken out; what fed `through` feeds their readers."""

    def plant(graph: Graph) -> Graph:
        gone = {
            key: node.inputs[through] for key, node in graph.nodes.items() if node.class_type == class_type
        }
        assert gone, f"no {class_type} to take out"
        nodes = {}
        for key, node in graph.nodes.items():
            if key in gone:
                continue
            inputs = {
                name: gone[value.node] if isinstance(value, Link) and value.node in gone else value
                for name, value in node.inputs.items()
            }
            nodes[key] = replace(node, inputs=inputs)
        return replace(graph, nodes=nodes)

    return plant


def in_order(graph: Graph) -> Graph:
    """The same graph, each node after those that it depends on."""
    placed: dict[str, Node] = {}

    def place(key: str) -> None:
        if key not in placed:
            for link in graph.nodes[key].links.values():
                place(link.node)
            placed[key] = graph.nodes[key]

    for key in graph.nodes:
        place(key)
    return replace(graph, nodes=placed)


def add_node(graph: Graph, class_type: str, group: str, **inputs: Any) -> tuple[Graph, Node]:
    node = Node(str(max(map(int, graph.nodes)) + 1), bundled()[class_type], inputs, group=group)
    return with_node(graph, node), node


def decoded_audio(graph: Graph) -> Graph:
    parted = next(
        n for n in graph.nodes.values() if n.class_type == "LTXVSeparateAVLatent" and n.group == "decode"
    )
    vae = first(graph, "LTXVAudioVAELoader")
    graph, decoder = add_node(
        graph, "LTXVAudioVAEDecode", "decode", samples=Link(parted.id, 1), audio_vae=Link(vae.id, 0)
    )
    export = "VHS_VideoCombine" if graph.recipe == "guide" else "CreateVideo"
    return put(export, audio=Link(decoder.id, 0))(graph)


def invented_audio(graph: Graph) -> Graph:
    vae, encoder = first(graph, "LTXVAudioVAELoader"), first(graph, "LTXVAudioVAEEncode")
    empty = Node(
        encoder.id,
        bundled()["LTXVEmptyLatentAudio"],
        {"frames_number": 121, "frame_rate": 25, "batch_size": 1, "audio_vae": Link(vae.id, 0)},
        group="encoders",
    )
    graph = with_node(graph, empty)
    return (
        skip("SetLatentNoiseMask", "samples")(graph) if graph.recipe == "official" else plain_sampler(graph)
    )


def twenty_seconds(graph: Graph) -> Graph:
    graph = put("EmptyLTXVLatentVideo", length=505)(graph)
    graph = put("TrimAudioDuration", duration=padded_trim(20.2))(graph)
    graph = put("LatentCut", amount=505)(graph)
    return put("LTXVSetAudioVideoMaskByTime", end_time=22.0)(graph) if graph.recipe == "guide" else graph


def plain_sampler(graph: Graph) -> Graph:
    """The guide's graph without its mask node: nothing freezes the audio."""
    return skip("LTXVSetAudioVideoMaskByTime", "av_latent")(graph)


def second_stage_thaws(graph: Graph) -> Graph:
    """The second stage takes the encoded audio without its mask."""
    freezer = first(graph, "SetLatentNoiseMask")
    joins = [node for node in graph.nodes.values() if node.class_type == "LTXVConcatAVLatent"]
    last = joins[-1]
    return with_node(graph, replace(last, inputs={**last.inputs, "audio_latent": freezer.inputs["samples"]}))


def ordinary_schedule(graph: Graph) -> Graph:
    node = first(graph, "ManualSigmas")
    return with_node(
        graph,
        Node(
            node.id,
            bundled()["LTXVScheduler"],
            {"steps": 8, "max_shift": 2.05, "base_shift": 0.95, "stretch": True, "terminal": 0.1},
            group="sample",
        ),
    )


def moving_texts(graph: Graph) -> Graph:
    """The mask node is fed the prompt itself."""
    text = first(graph, "LTXVConditioning")
    return put("LTXVSetAudioVideoMaskByTime", positive=Link(text.id, 0), negative=Link(text.id, 1))(graph)


def unheard(graph: Graph) -> Graph:
    """The guidance of the video without attention to the audio."""
    for node in graph.nodes.values():
        if node.class_type == "GuiderParameters" and node.inputs["modality"] == "VIDEO":
            return with_node(graph, replace(node, inputs={**node.inputs, "cross_attn": False}))
    raise AssertionError("no guidance of the video")


def guided_too_much(graph: Graph) -> Graph:
    for node in graph.nodes.values():
        if node.class_type == "CFGGuider" or node.inputs.get("modality") == "VIDEO":
            return with_node(graph, replace(node, inputs={**node.inputs, "cfg": 7.5}))
    raise AssertionError("no guidance of the video")


def raw_recording(graph: Graph) -> Graph:
    """The encoder takes the whole file, and its latents are not cut to the video."""
    loader = next(n for n in graph.nodes.values() if n.title.startswith("Driver"))
    graph = skip("LatentCut", "samples")(graph)
    nodes = {key: node for key, node in graph.nodes.items() if node.title not in PADDING_TITLES}
    graph = replace(graph, nodes={k: n for k, n in nodes.items() if n.class_type != "TrimAudioDuration"})
    return put("LTXVAudioVAEEncode", audio=Link(loader.id, 0))(graph)


PADDING_TITLES = ("Silence", "Pad with silence")


def trimmed_to(seconds: float) -> Callable[[Graph], Graph]:
    """The recording trimmed as people do it, and its latents not cut."""

    def plant(graph: Graph) -> Graph:
        loader = next(n for n in graph.nodes.values() if n.title.startswith("Driver"))
        trim = first(graph, "TrimAudioDuration")
        graph = skip("LatentCut", "samples")(graph)
        graph = replace(graph, nodes={k: n for k, n in graph.nodes.items() if n.title not in PADDING_TITLES})
        new = {"audio": Link(loader.id, 0), "start_index": 0.0, "duration": seconds}
        return with_node(graph, replace(trim, inputs=new))

    return plant


def length_of_a_file(graph: Graph) -> Graph:
    """The length of the video comes from a node whose result nobody knows before."""
    loader = next(n for n in graph.nodes.values() if n.title.startswith("Driver"))
    graph, plan = add_node(
        graph, "LipwrightFramePlan", "inputs", fps=25.0, fit="auto", seconds=5.0, audio=Link(loader.id, 0)
    )
    return put("EmptyLTXVLatentVideo", length=Link(plan.id, 0))(graph)


def fed(graph: Graph, *class_types: str, **inputs: Link) -> Graph:
    """All nodes of these classes, fed from elsewhere."""
    for node in list(graph.nodes.values()):
        if node.class_type in class_types:
            graph = with_node(graph, replace(node, inputs={**node.inputs, **inputs}))
    return graph


def referenced(graph: Graph, latent: Link) -> tuple[Graph, Node]:
    """The conditioning of all guiders carries an audio latent as the reference of a voice."""
    texts = first(graph, "LTXVConditioning").id
    graph, node = add_node(
        graph,
        "LTXVSetAudioRefTokens",
        "sample",
        positive=Link(texts, 0),
        negative=Link(texts, 1),
        audio_latent=latent,
    )
    guiders = ("CFGGuider", "MultimodalGuider")
    return fed(graph, *guiders, positive=Link(node.id, 0), negative=Link(node.id, 1)), node


def only_a_reference(graph: Graph) -> Graph:
    """The recording is the reference of a voice, and the sampled audio starts empty."""
    graph = invented_audio(graph)
    loader = next(n for n in graph.nodes.values() if n.title.startswith("Driver"))
    vae = first(graph, "LTXVAudioVAELoader")
    graph, encoder = add_node(
        graph, "LTXVAudioVAEEncode", "encoders", audio=Link(loader.id, 0), audio_vae=Link(vae.id, 0)
    )
    return referenced(graph, Link(encoder.id, 0))[0]


def frozen_and_referenced(graph: Graph) -> Graph:
    """frozen_audio is used, and so are the reference tokens of the same node."""
    graph, node = referenced(graph, first(graph, "SetLatentNoiseMask").inputs["samples"])
    return fed(graph, "LTXVConcatAVLatent", audio_latent=Link(node.id, 2))


def shorter_audio_replaces(graph: Graph) -> Graph:
    """The second stage takes the first one's latent as it is, and shorter audio."""
    sampler, mask = first(graph, "SamplerCustomAdvanced"), first(graph, "SolidMask")
    encoder = first(graph, "LTXVAudioVAEEncode")
    graph, cut = add_node(
        graph, "LatentCut", "sample", samples=Link(encoder.id, 0), dim="y", index=0, amount=100
    )
    graph, frozen = add_node(
        graph, "SetLatentNoiseMask", "sample", samples=Link(cut.id, 0), mask=Link(mask.id, 0)
    )
    last = [node for node in graph.nodes.values() if node.class_type == "LTXVConcatAVLatent"][-1]
    inputs = {"video_latent": Link(sampler.id, 1), "audio_latent": Link(frozen.id, 0)}
    return with_node(graph, replace(last, inputs=inputs))


def patched(class_type: str, **values: Any) -> Callable[[Graph], Graph]:
    """A patch between the model and all guiders."""

    def plant(graph: Graph) -> Graph:
        lora = first(graph, "LoraLoaderModelOnly")
        graph, node = add_node(graph, class_type, "sample", model=Link(lora.id, 0), **values)
        return fed(graph, "CFGGuider", model=Link(node.id, 0))

    return plant


def dual_guider(video_cfg: float, audio_cfg: float) -> Callable[[Graph], Graph]:
    """ComfyUI 0.33's guider with two CFGs."""

    def plant(graph: Graph) -> Graph:
        for node in list(graph.nodes.values()):
            if node.class_type == "CFGGuider":
                inputs = {name: value for name, value in node.inputs.items() if name != "cfg"}
                inputs |= {"video_cfg": video_cfg, "audio_cfg": audio_cfg}
                graph = with_node(graph, replace(node, schema=bundled()["LTXVDualCFGGuider"], inputs=inputs))
        return graph

    return plant


def plain_euler(graph: Graph) -> Graph:
    node = first(graph, "SamplerEulerAncestral")
    return with_node(
        graph, Node(node.id, bundled()["KSamplerSelect"], {"sampler_name": "euler"}, group="sample")
    )


@dataclass(frozen=True)
class Trap:
    """One trap, and how it is planted."""

    rule: str
    plant: Callable[[Graph], Graph]
    recipes: tuple[str, ...] = RECIPES
    formats: tuple[str, ...] = ("api", "ui")
    fixed: bool = True
    also: frozenset[str] = frozenset()
    """Other findings that come with it."""


MASK = "LTXVSetAudioVideoMaskByTime"
GUIDE, OFFICIAL = ("guide",), ("official",)
WHOLE = {"start_percent": 0.0, "end_percent": 1.0}
TRAPS = [
    Trap("fps-mismatch", put(MASK, video_fps=24.0), GUIDE),
    Trap("fps-mismatch", put("VHS_VideoCombine", frame_rate=24), GUIDE),
    Trap("fps-mismatch", put("CreateVideo", fps=30.0), OFFICIAL),
    Trap("frames-not-8n1", put("EmptyLTXVLatentVideo", length=125)),
    Trap("clip-too-long", twenty_seconds, fixed=False),
    Trap("mask-ends-early", put(MASK, end_time=4.8), GUIDE),
    Trap("mask-starts-late", put(MASK, start_time=2.0), GUIDE, fixed=False),
    Trap("audio-not-prepared", raw_recording, also=frozenset({"audio-cropped"})),
    Trap("audio-length", trimmed_to(9.01)),
    Trap("audio-length", trimmed_to(padded_trim(3.0)), fixed=False),
    Trap("audio-cropped", trimmed_to(4.84)),
    Trap("audio-cropped", trimmed_to(4.88)),
    Trap("several-videos", put("EmptyLTXVLatentVideo", batch_size=10)),
    Trap("not-judged", length_of_a_file, fixed=False),
    Trap("audio-not-frozen", plain_sampler, GUIDE),
    Trap("audio-not-frozen", skip("SetLatentNoiseMask", "samples"), OFFICIAL),
    Trap("audio-not-frozen", put("SolidMask", value=1.0), OFFICIAL),
    Trap("audio-not-frozen", second_stage_thaws, OFFICIAL),
    Trap("audio-made-up", invented_audio, fixed=False),
    Trap("audio-mask-inverted", put(MASK, mask_audio=True), GUIDE),
    Trap("audio-mask-init", put(MASK, mask_init_value_audio=1.0), GUIDE),
    Trap("video-mask-off", put(MASK, mask_video=False), GUIDE),
    Trap(
        "audio-scaled",
        put("LTXVNormalizingSampler", audio_normalization_factors="1,1,0.25,1,1,0.25,1,1"),
        GUIDE,
    ),
    Trap("decoded-audio-delivered", decoded_audio),
    Trap("modality-zero", put("GuiderParameters", modality_scale=0.0), GUIDE),
    Trap("modality-below-one", put("GuiderParameters", modality_scale=0.5), GUIDE),
    Trap("cross-attention-off", unheard, GUIDE),
    Trap("cfg-too-high", guided_too_much),
    Trap("audio-only-referenced", only_a_reference, fixed=False, also=frozenset({"audio-made-up"})),
    Trap("reference-beside-frozen", frozen_and_referenced, OFFICIAL),
    Trap("audio-pad-sampled", shorter_audio_replaces, OFFICIAL, fixed=False),
    Trap("cfg-too-high", dual_guider(9.0, 9.0), OFFICIAL),
    Trap("frozen-audio-guided", dual_guider(1.0, 7.0), OFFICIAL),
    Trap("guidance-too-strong", patched("LTXVModalityGuidance", modality_scale=9.0, **WHOLE), OFFICIAL),
    Trap(
        "guidance-too-strong",
        patched("LTXVSpatioTemporalGuidance", scale=9.0, blocks="29", **WHOLE),
        OFFICIAL,
    ),
    Trap("sampler-not-ancestral", plain_euler, ("official-2.5",)),
    Trap("sampler-not-ancestral", put("SamplerEulerAncestral", eta=0.2), ("official-2.5",)),
    Trap("negative-without-cfg", put("CFGGuider", cfg=1.0), (), fixed=False),
    Trap("distilled-schedule", ordinary_schedule, OFFICIAL),
    Trap("full-model-few-steps", skip("LoraLoaderModelOnly", "model"), OFFICIAL, fixed=False),
    Trap("ancestral-noise", put("SamplerEulerAncestral", eta=1.0), GUIDE),
    Trap("size-not-32", put("EmptyLTXVLatentVideo", height=360)),
    Trap("image-not-compressed", skip("LTXVPreprocess", "image")),
    Trap("image-compression-low", put("LTXVPreprocess", img_compression=0)),
    Trap("ui-rounds-value", put("LTXVImgToVideoInplace", strength=0.75), formats=("ui",), fixed=False),
    Trap("mask-node-cache", moving_texts, GUIDE, fixed=False),
]
