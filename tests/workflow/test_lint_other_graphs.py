"""Data flow in other people's graphs: switches, calculations, stages, and what must not be fixed."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from other_graphs import (
    DISTILLED_LORA,
    Api,
    add,
    also,
    empty_audio,
    graph_of_a_stranger,
    guide,
    lora,
    masked,
    masked_by_kjnodes,
    math,
    node,
    ordinary,
    put,
    second_stage,
    switched,
    untrimmed,
    without,
)

from lipwright.pipeline.workflow_lint import check_graph
from lipwright.workflow.fix import fix
from lipwright.workflow.lint.graph_queries import GraphQuery
from lipwright.workflow.reader import read_graph
from lipwright.workflow.schemas import bundled

ZOOM = "the camera zooms in on a woman talking"
COUNT = {"frames-not-8n1", "audio-length"}
LTX_SWITCH = {"switch": True, "on_false": ["15", 0], "on_true": ["13", 0]}
CASES: dict[str, tuple[Callable[[Api], None], set[str]]] = {
    "clean": (lambda g: None, set()),
    # Switches, on both sides.
    "takes the bare latent": (
        switched("audio_latent", "16", "ComfySwitchNode", **LTX_SWITCH),
        {"audio-not-frozen"},
    ),
    "takes the frozen one": (
        switched("audio_latent", "16", "ComfySwitchNode", **{**LTX_SWITCH, "switch": False}),
        set(),
    ),
    "delivers the recording": (
        switched("audio", "25", "LazySwitchKJ", switch=True, on_false=["24", 0], on_true=["11", 0]),
        set(),
    ),
    "delivers the decoded one": (
        switched("audio", "25", "LazySwitchKJ", switch=False, on_false=["24", 0], on_true=["11", 0]),
        {"decoded-audio-delivered"},
    ),
    "delivers the first input": (
        switched("audio", "25", "Any Switch (rgthree)", any_01=["24", 0], any_02=["11", 0]),
        {"decoded-audio-delivered"},
    ),
    "delivers the second input": (
        switched("audio", "25", "ImpactSwitch", select=2, input1=["24", 0], input2=["11", 0]),
        set(),
    ),
    "takes the plain image": (
        switched("image", "10", "ComfySwitchNode", switch=True, on_false=["8", 0], on_true=["7", 0]),
        {"image-not-compressed"},
    ),
    "an inverted mask of 1": (
        also(add("30", "InvertMask", mask=["14", 0]), put("14", value=1.0), put("15", mask=["30", 0])),
        set(),
    ),
    "a mask that somebody draws": (
        also(add("30", "SomebodysMask", image=["7", 0]), put("15", mask=["30", 0])),
        {"not-judged"},
    ),
    "CFG 8 of a sampler of its own": (
        also(
            add(
                "21",
                "SamplerCustom",
                model=["1", 0],
                add_noise=True,
                noise_seed=1,
                cfg=8.0,
                positive=["6", 0],
                negative=["6", 1],
                sampler=["19", 0],
                sigmas=["20", 0],
                latent_image=["16", 0],
            ),
        ),
        {"cfg-too-high"},
    ),
    "CFG 8 of another model in the graph": (
        also(
            add("40", "CFGGuider", model=["41", 0], positive=["4", 0], negative=["5", 0], cfg=8.0),
            add("41", "UNETLoader", unet_name="flux.safetensors", weight_dtype="default"),
            add(
                "42",
                "SamplerCustomAdvanced",
                noise=["18", 0],
                guider=["40", 0],
                sampler=["19", 0],
                sigmas=["20", 0],
                latent_image=["43", 0],
            ),
            add("43", "EmptyLatentImage", width=832, height=448, batch_size=1),
            add("44", "SaveLatent", samples=["42", 0], filename_prefix="x"),
        ),
        set(),
    ),
    "takes what a comparison says": (
        also(
            add("33", "PrimitiveInt", value=3),
            add("32", "SimpleCalculatorKJ", expression="a > 2", **{"variables.a": ["33", 0]}),
            switched("audio_latent", "16", "ComfySwitchNode", **{**LTX_SWITCH, "switch": ["32", 2]}),
        ),
        {"audio-not-frozen"},
    ),
    "takes what nobody knows": (
        also(
            add("32", "SomebodysChoice", audio=["11", 0]),
            switched("audio_latent", "16", "ComfySwitchNode", **{**LTX_SWITCH, "switch": ["32", 0]}),
        ),
        {"not-judged"},
    ),
    "delivers what nobody knows": (
        also(
            add("32", "SomebodysChoice", audio=["11", 0]),
            switched("audio", "25", "LazySwitchKJ", switch=["32", 0], on_false=["24", 0], on_true=["11", 0]),
        ),
        {"not-judged"},
    ),
    "chosen by Impact's inputs": (
        switched(
            "audio",
            "25",
            "ImpactConditionalBranch",
            cond=True,
            tt_value=["24", 0],
            ff_value=["11", 0],
        ),
        {"decoded-audio-delivered"},
    ),
    "chosen by WAS's inputs": (
        switched(
            "audio_latent",
            "16",
            "Latent Input Switch",
            latent_a=["13", 0],
            latent_b=["15", 0],
            boolean=True,
        ),
        {"audio-not-frozen"},
    ),
    "the other branch is not run": (
        also(
            add("30", "EmptyLTXVLatentVideo", width=832, height=448, length=124, batch_size=1),
            switched("latent", "10", "ComfySwitchNode", switch=False, on_false=["9", 0], on_true=["30", 0]),
        ),
        set(),
    ),
    # Audio that the model makes.
    "an unused encoder": (
        also(
            empty_audio(),
            put("16", audio_latent=["30", 0]),
            put("25", audio=["24", 0]),
            put("4", text='a woman says: "hello there"'),
        ),
        {"audio-made-up"},
    ),
    "a continued recording": (
        also(
            add(
                "30",
                "LTXVAudioVideoMask",
                video_fps=25.0,
                audio_latent=["13", 0],
                audio_start_time=2.0,
                audio_end_time=4.0,
            ),
            put("16", audio_latent=["30", 1]),
            put("25", audio=["24", 0]),
        ),
        {"audio-not-frozen"},
    ),
    "a recording and made-up audio in one latent": (
        also(
            empty_audio(frames_number=49),
            add("31", "LatentConcat", samples1=["13", 0], samples2=["30", 0], dim="y"),
            put("15", samples=["31", 0]),
            put("25", audio=["24", 0]),
        ),
        {"not-judged"},
    ),
    "decoded audio of two clips": (
        also(
            add("31", "AudioConcat", audio1=["24", 0], audio2=["24", 0], direction="after"),
            put("25", audio=["31", 0]),
        ),
        {"decoded-audio-delivered"},
    ),
    # Schedules.
    "few steps of another schedule": (ordinary(), {"distilled-schedule"}),
    "seen through a view": (
        also(
            ordinary(),
            add("35", "VisualizeSigmasKJ", sigmas=["20", 0]),
            put("21", sigmas=["35", 0]),
        ),
        {"distilled-schedule"},
    ),
    "split": (
        also(
            ordinary(),
            add("35", "SplitSigmas", sigmas=["20", 0], step=6),
            put("21", sigmas=["35", 0]),
        ),
        {"distilled-schedule"},
    ),
    "a refining stage": (
        lambda g: second_stage(
            g, node("BasicScheduler", model=["1", 0], scheduler="simple", steps=4, denoise=0.42)
        ),
        set(),
    ),
    "a full model by GGUF": (
        also(add("30", "UnetLoaderGGUF", unet_name="ltx-2.3-22b-dev-Q8_0.gguf"), put("17", model=["30", 0])),
        {"full-model-few-steps"},
    ),
    "a LoRA of strength 0": (
        also(
            put("1", ckpt_name="ltx-2.3-22b-dev.safetensors"),
            add(
                "30",
                "LoraLoaderModelOnly",
                model=["1", 0],
                lora_name="ltx_distilled.safetensors",
                strength_model=0.0,
            ),
            put("17", model=["30", 0]),
        ),
        {"full-model-few-steps"},
    ),
    "a distilled LoRA by rgthree's loader": (
        lora("Power Lora Loader (rgthree)", lora_1={"on": True, "lora": DISTILLED_LORA, "strength": 0.6}),
        set(),
    ),
    "rgthree's distilled LoRA, off": (
        lora("Power Lora Loader (rgthree)", lora_1={"on": False, "lora": DISTILLED_LORA, "strength": 0.6}),
        {"full-model-few-steps"},
    ),
    "a distilled LoRA by another pack": (
        lora("LTX2LoraLoaderAdvanced", lora_name=DISTILLED_LORA, strength_model=0.6),
        set(),
    ),
    "LoRAs that come from elsewhere": (
        also(add("32", "SomebodysNames"), lora("SomebodysLoraStack", names=["32", 0])),
        set(),
    ),
    "a little of the distilled LoRA": (
        also(
            lora("LoraLoaderModelOnly", lora_name=DISTILLED_LORA, strength_model=0.2),
            ordinary(steps=15),
        ),
        set(),
    ),
    "a distilled model by another pack's loader": (
        also(
            add("30", "GGUFLoaderKJ", model_name="ltx-2.3-22b-distilled-Q4.gguf", extra_model_name="none"),
            put("17", model=["30", 0]),
            put("1", ckpt_name="ltx-2.3-22b-dev.safetensors"),
            ordinary(),
        ),
        {"distilled-schedule"},
    ),
    # Guidance, with the nodes of ComfyUI 0.33.
    "CFG 9 of a dual guider": (
        lambda g: g.update(
            {
                "17": node(
                    "LTXVDualCFGGuider",
                    model=["1", 0],
                    positive=["6", 0],
                    negative=["6", 1],
                    video_cfg=9.0,
                    audio_cfg=7.0,
                )
            }
        ),
        {"cfg-too-high"},
    ),
    "a negative prompt that NAG uses": (
        also(
            add("30", "CLIPTextEncode", clip=["2", 0], text="subtitles"),
            put("6", negative=["30", 0]),
            add("31", "LTX2_NAG", model=["1", 0], nag_scale=11.0),
            put("17", model=["31", 0]),
        ),
        set(),
    ),
    # Calculated counts and sizes.
    "round": (
        math("ComfyMathExpression", 1, expression="round(a * b)", **{"values.a": ["31", 0], "values.b": 25}),
        COUNT - {"audio-length"},
    ),
    "ceil and max": (
        math("ComfyMathExpression", 1, expression="max(ceil(a * 24.9), 9)", **{"values.a": ["31", 0]}),
        COUNT - {"audio-length"},
    ),
    "pysssss": (math("MathExpression|pysssss", 0, expression="a*25", a=["31", 0]), COUNT - {"audio-length"}),
    "easy mathInt": (math("easy mathInt", 0, a=5, b=25, operation="multiply"), COUNT - {"audio-length"}),
    "a choice": (
        math("ComfyMathExpression", 1, expression="a * 25 if a > 1 else 9", **{"values.a": ["31", 0]}),
        COUNT - {"audio-length"},
    ),
    "a power, rounded": (
        math("SimpleCalculatorKJ", 1, expression="round(a ** 2 * 5, 0)", **{"variables.a": ["31", 0]}),
        COUNT - {"audio-length"},
    ),
    "a number that is converted": (
        also(
            add("32", "PrimitiveFloat", value=125.0),
            add("33", "CM_FloatToInt", a=["32", 0]),
            put("9", length=["33", 0]),
        ),
        COUNT - {"audio-length"},
    ),
    "a size that KJNodes measures": (
        also(
            add("30", "EmptyImage", width=848, height=480, batch_size=1, color=0),
            add("32", "GetImageSizeAndCount", image=["30", 0]),
            put("9", width=["32", 1], height=["32", 2]),
        ),
        {"size-not-32"},
    ),
    "a size that is measured": (
        also(
            add("30", "EmptyImage", width=848, height=480, batch_size=1, color=0),
            add("31", "ImageScaleBy", image=["30", 0], upscale_method="lanczos", scale_by=0.5),
            add("32", "GetImageSize", image=["31", 0]),
            put("9", width=["32", 0], height=["32", 1]),
        ),
        {"size-not-32"},
    ),
    "a count that nobody knows": (
        also(add("30", "SomebodysPlanner", audio=["11", 0]), put("9", length=["30", 0])),
        {"not-judged"},
    ),
    # The length of the audio.
    "a whole file": (
        untrimmed("11"),
        {"audio-not-prepared", "audio-cropped"},
    ),
    "a duration of 0": (
        also(
            add("11", "VHS_LoadAudioUpload", audio="a.mp3", start_time=0, duration=0),
            untrimmed("11"),
        ),
        {"audio-not-prepared", "audio-cropped"},
    ),
    "the last of two trims": (
        also(
            add("27", "TrimAudioDuration", audio=["11", 0], start_index=30.0, duration=60.0),
            add("28", "VocalSeparator", model=["1", 0], audio=["27", 0]),
            put("12", audio=["28", 0]),
        ),
        set(),
    ),
    "a trim of the voice to clone": (
        also(
            add("28", "VoiceCloneTTS", reference_audio=["12", 0], target_text="hello"),
            put("13", audio=["28", 0]),
        ),
        {"not-judged"},
    ),
    "a part that another pack cuts out": (
        also(
            add("28", "SomebodysAudioSplitter", audio=["11", 0], index=3),
            untrimmed("28"),
        ),
        {"not-judged"},
    ),
    "audio of VHS, too long": (
        also(
            add("11", "VHS_LoadAudioUpload", audio="a.mp3", start_time=0, duration=30),
            untrimmed("11"),
        ),
        {"audio-length", "audio-cropped"},
    ),
    # Text nodes of other packs.
    "KJNodes' text": (
        also(
            add("30", "StringConstantMultiline", string=ZOOM, strip_newlines=True), put("4", text=["30", 0])
        ),
        {"camera"},
    ),
    "texts that are joined": (
        also(
            add("30", "StringConcatenate", string_a="a woman talking", string_b=ZOOM, delimiter=", "),
            put("4", text=["30", 0]),
        ),
        {"camera"},
    ),
    # Images.
    "guides of KJNodes": (
        guide(
            "LTXVAddGuideMulti",
            num_guides="2",
            **{"num_guides.image_1": ["7", 0], "num_guides.strength_1": 1.0},
            **{"num_guides.image_2": ["7", 0], "num_guides.strength_2": 0.0},
        ),
        {"image-not-compressed"},
    ),
    "a guide of strength 0": (guide(image=["7", 0], frame_idx=-1, strength=0.0), set()),
    "a guide": (
        also(guide(latent=["9", 0], image=["7", 0], frame_idx=0, strength=1.0), without("10", "8")),
        {"image-not-compressed"},
    ),
    "a bypassed image": (also(put("10", bypass=True, image=["7", 0]), without("8")), set()),
    "strength 0": (also(put("10", strength=0.0, image=["7", 0]), without("8")), set()),
    "ten videos": (put("9", batch_size=10), {"several-videos"}),
    "two videos of two audio latents": (
        also(
            put("9", batch_size=2),
            add("30", "RepeatLatentBatch", samples=["15", 0], amount=2),
            put("16", audio_latent=["30", 0]),
        ),
        set(),
    ),
    "two videos whose audio is made up": (
        also(
            put("9", batch_size=2),
            empty_audio(batch_size=2),
            put("16", audio_latent=["30", 0]),
        ),
        {"audio-made-up"},
    ),
    "a video that is repeated": (
        also(add("30", "RepeatLatentBatch", samples=["10", 0], amount=4), put("16", video_latent=["30", 0])),
        {"several-videos"},
    ),
    # A mask over an empty latent, with nothing held beyond it.
    "a mask of two seconds": (masked(end_time=2.0), {"mask-ends-early", "mask-node-cache"}),
    "a mask from the second second on": (masked(start_time=2.0), {"mask-starts-late", "mask-node-cache"}),
    "a mask that begins at 1 everywhere": (
        masked(end_time=2.0, mask_init_value_video=1.0),
        {"mask-node-cache"},
    ),
    "a mask by KJNodes": (masked_by_kjnodes(), {"mask-ends-early"}),
    "a mask by KJNodes that is added": (masked_by_kjnodes(existing_mask_mode="add"), set()),
    "a mask by KJNodes that cuts the video": (masked_by_kjnodes(max_length="truncate"), set()),
}

FIXED = {
    "takes the bare latent",
    "delivers the decoded one",
    "delivers the first input",
    "takes the plain image",
    "few steps of another schedule",
    "seen through a view",
    "CFG 9 of a dual guider",
    "a whole file",
    "a duration of 0",
    "takes what a comparison says",
    "CFG 8 of a sampler of its own",
    "chosen by Impact's inputs",
    "chosen by WAS's inputs",
    "a distilled model by another pack's loader",
    "audio of VHS, too long",
    "KJNodes' text",
    "guides of KJNodes",
    "a guide",
    "ten videos",
}
"""Cases in which everything found is fixed; in the others nothing is."""


def graph_for(name: str):
    api = graph_of_a_stranger()
    CASES[name][0](api)
    return read_graph(json.loads(json.dumps(api)), bundled())


@pytest.mark.parametrize("name", CASES)
def test_each_case_has_exactly_its_findings(name):
    assert {one.finding.id for one in check_graph(graph_for(name))} == CASES[name][1]


@pytest.mark.parametrize("name", CASES)
def test_a_fix_leaves_fewer_findings_and_every_file_in_use(name):
    graph = graph_for(name)
    before = check_graph(graph)
    changed, fixed = fix(graph, check_graph, bundled())
    after = read_graph(changed, bundled())
    left = check_graph(after)
    if name not in FIXED:
        assert (fixed, changed) == ((), graph.document)
        return
    assert len(left) < len(before)
    assert left == ()
    (export,) = [one for one in GraphQuery(after).graph.nodes.values() if one.class_type == "SaveVideo"]
    used = {
        one.id for one in GraphQuery(after).above(export, "LoadImage", "LoadAudio", "VHS_LoadAudioUpload")
    }
    assert used == {"7", "11"}


def test_a_prompt_is_not_fixed_where_the_model_makes_the_audio():
    graph = graph_for("an unused encoder")
    changed, _ = fix(graph, check_graph, bundled())
    assert changed["4"]["inputs"]["text"] == 'a woman says: "hello there"'


def test_audio_that_is_too_long_is_padded_and_cut_once():
    graph = graph_for("audio of VHS, too long")
    changed, _ = fix(graph, check_graph, bundled())
    added = [node["class_type"] for key, node in changed.items() if key not in graph.document]
    assert sorted(added) == ["AudioConcat", "EmptyAudio", "LatentCut", "TrimAudioDuration"]


def test_a_prompt_is_not_fixed_where_another_video_guides_the_sampler():
    api = graph_of_a_stranger()
    api["4"]["inputs"]["text"] = "the camera zooms in on a woman talking"
    fixed, _ = fix(read_graph(api, bundled()), check_graph, bundled())
    assert "zooms" not in fixed["4"]["inputs"]["text"]
    api["30"] = node("GetVideoComponents", video=["31", 0])
    api["31"] = node("LoadVideo", file="dance.mp4")
    api["32"] = node("SomebodysVideoGuide", latent=["10", 0], image=["30", 0], vae=["1", 2])
    api["16"]["inputs"]["video_latent"] = ["32", 0]
    graph = read_graph(json.loads(json.dumps(api)), bundled())
    assert "camera" in {one.finding.id for one in check_graph(graph)}
    assert fix(graph, check_graph, bundled())[0]["4"] == api["4"]


@pytest.mark.parametrize(
    ("target", "name", "value", "rule", "other"),
    [
        ("17", "cfg", 6.0, "cfg-too-high", node("SomebodysMixer", audio=["11", 0], weight=["50", 0])),
        ("9", "length", 124, "frames-not-8n1", node("SomebodysLoop", audio=["11", 0], count=["50", 0])),
        (
            "4",
            "text",
            "the camera zooms in on a woman talking",
            "camera",
            node("SomebodysSpeech", text=["50", 0]),
        ),
    ],
)
def test_a_value_that_means_something_else_elsewhere_is_not_changed(target, name, value, rule, other):
    api = graph_of_a_stranger()
    kind = {float: "PrimitiveFloat", int: "PrimitiveInt", str: "PrimitiveStringMultiline"}[type(value)]
    api["50"] = node(kind, value=value)
    api[target]["inputs"][name] = ["50", 0]

    def fixed() -> Api:
        graph = read_graph(json.loads(json.dumps(api)), bundled())
        assert rule in {one.finding.id for one in check_graph(graph)}
        return fix(graph, check_graph, bundled())[0]

    assert fixed()["50"] != api["50"]
    api["51"] = other
    assert fixed()["50"] == api["50"]


def test_what_is_done_to_the_delivered_audio_is_kept():
    api = graph_of_a_stranger()
    api["30"] = node("AudioAdjustVolume", audio=["24", 0], volume=3)
    api["25"]["inputs"]["audio"] = ["30", 0]
    changed, (found,) = fix(read_graph(api, bundled()), check_graph, bundled())
    assert found.finding.id == "decoded-audio-delivered"
    assert changed["25"] == api["25"]
    assert changed["30"]["inputs"]["audio"] == ["12", 0]


def test_a_prompt_of_which_a_single_word_would_be_left_is_not_fixed():
    api = graph_of_a_stranger()
    api["4"]["inputs"]["text"] = "furious dancing"
    assert fix(read_graph(api, bundled()), check_graph, bundled())[0] == api
