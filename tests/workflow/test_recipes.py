"""Every emitted graph fits the schemas, and guards against what silently ruins the sync."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import get_args

import pytest
from graph_check import check_fits

from lipwright.domain.media import FrameSize
from lipwright.domain.presets import PRESETS
from lipwright.domain.settings import SamplingSettings
from lipwright.domain.time import Span
from lipwright.errors import PlanError
from lipwright.workflow.graph import Link
from lipwright.workflow.recipe_inputs import Lora, WorkflowInputs
from lipwright.workflow.recipes import Recipe, build_graph
from lipwright.workflow.schemas import BUNDLED_VERSIONS, bundled_for

RECIPES = get_args(Recipe)


def make_inputs(**changes):
    """Five seconds of a portrait, 832x448 at 25 fps."""
    start = WorkflowInputs(
        driver="driver.wav",
        master="voice.wav",
        size=FrameSize(832, 448),
        frames=121,
        frame_rate=Fraction(25),
        settings=PRESETS["guide"],
        prompt="A woman in a studio, talking to the camera.",
        image="portrait.png",
    )
    return replace(start, **changes)


def nodes_of(graph, class_type):
    return [node for node in graph.nodes.values() if node.class_type == class_type]


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("image", ["portrait.png", None])
@pytest.mark.parametrize("preset", list(PRESETS))
def test_every_graph_fits_the_schemas_of_each_version_of_comfyui(recipe, image, preset):
    for changes in (
        {},
        {"export": "frames"},
        {"mask": Span(0.5, 3.2)},
        {"start_frames": "end.png", "guide_strength": 0.5},
    ):
        if "mask" in changes and (not image or recipe == "extension"):
            continue
        graph = build_graph(recipe, make_inputs(image=image, settings=PRESETS[preset], **changes))
        for version in BUNDLED_VERSIONS:
            check_fits(graph.to_api(), bundled_for(version))


def test_one_exact_frame_rate_is_used_everywhere():
    frame_rate = Fraction(24000, 1001)
    graph = build_graph("guide", make_inputs(frame_rate=frame_rate))
    rates = {
        value
        for node in graph.nodes.values()
        for name, value in node.inputs.items()
        if name in ("frame_rate", "video_fps", "fps")
    }
    assert rates == {float(frame_rate)}


def test_the_guides_graph_avoids_every_trap_of_its_nodes():
    graph = build_graph("guide", make_inputs(frames=257, frame_rate=Fraction(24)))
    (mask,) = nodes_of(graph, "LTXVSetAudioVideoMaskByTime")
    assert mask.inputs["mask_audio"] is False
    assert mask.inputs["mask_video"] is True
    assert mask.inputs["mask_init_value_audio"] == 0
    assert mask.inputs["end_time"].is_integer()
    assert mask.inputs["end_time"] >= 257 / 24 + 1
    (sampler,) = nodes_of(graph, "LTXVNormalizingSampler")
    assert sampler.inputs["audio_normalization_factors"] == "1"
    assert {node.inputs["modality_scale"] for node in nodes_of(graph, "GuiderParameters")} == {1.0}
    (export,) = nodes_of(graph, "VHS_VideoCombine")
    assert graph.nodes[export.inputs["audio"].node].inputs["audio"] == "voice.wav"
    assert graph.output_node == export.id


def video_cuts(graph):
    return [node for node in nodes_of(graph, "LatentCut") if node.inputs["dim"] == "t"]


@pytest.mark.parametrize("change", [{"frames": 120}, {"size": FrameSize(848, 480)}])
def test_what_the_server_would_round_is_refused(change):
    with pytest.raises(PlanError):
        build_graph("guide", make_inputs(**change))


def test_both_stages_of_official_take_the_drivers_own_frozen_latent():
    graph = build_graph("official", make_inputs(settings=PRESETS["official-distilled"]))
    audio = {node.inputs["audio_latent"] for node in nodes_of(graph, "LTXVConcatAVLatent")}
    (frozen,) = audio
    freezer = graph.nodes[frozen.node]
    assert freezer.class_type == "SetLatentNoiseMask"
    assert graph.nodes[freezer.inputs["mask"].node].inputs["value"] == 0


@pytest.mark.parametrize(
    ("mask", "pieces"),
    [
        (Span(0.3, 0.7), [("still", 0, 2), ("moving", 2, 1), ("still", 3, 13)]),  # frames 9 to 16 of 121
        (Span(0.0, 0.7), [("moving", 0, 3), ("still", 3, 13)]),
        (Span(4.0, 9.0), [("still", 0, 14), ("moving", 14, 2)]),
        (Span(0.0, 9.0), [("moving", 0, 16)]),
    ],
)
def test_outside_the_mask_the_second_stage_of_official_has_the_images_own_latents(mask, pieces):
    graph = build_graph(
        "official",
        make_inputs(settings=PRESETS["official-distilled"], frames=121, frame_rate=Fraction(25), mask=mask),
    )
    (upscaled,) = nodes_of(graph, "LTXVLatentUpsampler")
    still = nodes_of(graph, "VAEEncode")[-1]
    names = {upscaled.id: "moving", still.id: "still"}
    cuts = [
        (names[node.inputs["samples"].node], node.inputs["index"], node.inputs["amount"])
        for node in video_cuts(graph)
    ]
    assert cuts == pieces
    rows = [
        graph.nodes[link.node] for node in nodes_of(graph, "LatentConcat") for link in node.links.values()
    ]
    assert len(nodes_of(graph, "LatentConcat")) == len(pieces) - 1
    order = [node.id for node in rows if node.class_type == "LatentCut"]
    assert order == [node.id for node in video_cuts(graph)][: len(order)]
    image = graph.nodes[graph.nodes[still.inputs["pixels"].node].inputs["image"].node]
    assert image.class_type == "LTXVPreprocess"  # at full size, not at half
    held = nodes_of(graph, "LTXVImgToVideoInplace")[-1].inputs["latent"].node
    assert graph.nodes[held].class_type == ("LatentConcat" if len(pieces) > 1 else "LatentCut")


def test_a_mask_too_short_for_a_latent_frame_leaves_the_image_at_rest():
    graph = build_graph(
        "official",
        make_inputs(
            settings=PRESETS["official-distilled"], frames=121, frame_rate=Fraction(25), mask=Span(0.4, 0.5)
        ),
    )
    assert not nodes_of(graph, "LatentConcat")
    held = nodes_of(graph, "LTXVImgToVideoInplace")[-1].inputs["latent"].node
    assert held == nodes_of(graph, "VAEEncode")[-1].id


def test_loras_are_applied_to_the_model_in_order():
    graph = build_graph("guide", make_inputs(loras=(Lora("a.safetensors", 0.5), Lora("b.safetensors", 1.0))))
    first, second = nodes_of(graph, "LoraLoaderModelOnly")
    assert second.inputs["model"].node == first.id
    (guider,) = nodes_of(graph, "MultimodalGuider")
    assert guider.inputs["model"].node == second.id


def test_a_setting_without_a_node_is_reported():
    (finding,) = build_graph("guide", make_inputs()).findings
    assert finding.id == "norming-left-out"
    assert not build_graph("guide", make_inputs(settings=SamplingSettings(norming_threshold=0))).findings


@pytest.mark.parametrize("recipe", RECIPES)
def test_only_the_output_with_bit_identical_frozen_audio_is_read(recipe):
    """The other one, `output`, went through the arithmetic of the sampler, which rounds by up to 1.2e-7."""
    preset = "guide" if recipe == "guide" else "official-distilled"
    graph = build_graph(recipe, make_inputs(settings=PRESETS[preset]))
    samplers = {node.id: node for node in graph.nodes.values() if "latent_image" in node.inputs}
    read = {
        (link.node, bundled_for(version)[samplers[link.node].class_type].output_names[link.slot])
        for version in BUNDLED_VERSIONS
        for node in graph.nodes.values()
        for link in node.inputs.values()
        if isinstance(link, Link) and link.node in samplers
    }
    assert read == {(sampler, "denoised_output") for sampler in samplers}
