"""Data flow in other people's graphs: switches, calculations, stages, and what must not be fixed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lipwright.pipeline.workflow_lint import check_graph
from lipwright.workflow.fix import fix
from lipwright.workflow.lint.graph_queries import GraphQuery
from lipwright.workflow.reader import read_graph
from lipwright.workflow.schemas import bundled

Api = dict[str, dict[str, Any]]

DISTILLED = "1.0, 0.99375, 0.9875, 0.98125, 0.975, 0.909375, 0.725, 0.421875, 0.0"
CHECKPOINT = "ltx-2.3-22b-distilled.safetensors"
SECONDS = 4.83  # 121 frames at 25 fps, of which the encoder crops less than a millisecond


def node(kind: str, /, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs}


def graph_of_a_stranger() -> Api:
    """One stage, the recording frozen: nothing to find."""
    return {
        "1": node("CheckpointLoaderSimple", ckpt_name=CHECKPOINT),
        "2": node(
            "LTXAVTextEncoderLoader", text_encoder="g.safetensors", ckpt_name=CHECKPOINT, device="default"
        ),
        "3": node("LTXVAudioVAELoader", ckpt_name=CHECKPOINT),
        "4": node("CLIPTextEncode", clip=["2", 0], text="close-up of a woman talking to the camera"),
        "5": node("ConditioningZeroOut", conditioning=["4", 0]),
        "6": node("LTXVConditioning", positive=["4", 0], negative=["5", 0], frame_rate=25.0),
        "7": node("LoadImage", image="face.png"),
        "8": node("LTXVPreprocess", image=["7", 0], img_compression=33),
        "9": node("EmptyLTXVLatentVideo", width=832, height=448, length=121, batch_size=1),
        "10": node(
            "LTXVImgToVideoInplace", vae=["1", 2], image=["8", 0], latent=["9", 0], strength=0.7, bypass=False
        ),
        "11": node("LoadAudio", audio="voice.wav"),
        "12": node("TrimAudioDuration", audio=["11", 0], start_index=0.0, duration=SECONDS),
        "13": node("LTXVAudioVAEEncode", audio=["12", 0], audio_vae=["3", 0]),
        "14": node("SolidMask", value=0.0, width=512, height=512),
        "15": node("SetLatentNoiseMask", samples=["13", 0], mask=["14", 0]),
        "16": node("LTXVConcatAVLatent", video_latent=["10", 0], audio_latent=["15", 0]),
        "17": node("CFGGuider", model=["1", 0], positive=["6", 0], negative=["6", 1], cfg=1.0),
        "18": node("RandomNoise", noise_seed=1),
        "19": node("KSamplerSelect", sampler_name="euler"),
        "20": node("ManualSigmas", sigmas=DISTILLED),
        "21": node(
            "SamplerCustomAdvanced",
            noise=["18", 0],
            guider=["17", 0],
            sampler=["19", 0],
            sigmas=["20", 0],
            latent_image=["16", 0],
        ),
        "22": node("LTXVSeparateAVLatent", av_latent=["21", 0]),
        "23": node("VAEDecode", samples=["22", 0], vae=["1", 2]),
        "24": node("LTXVAudioVAEDecode", samples=["22", 1], audio_vae=["3", 0]),
        "25": node("CreateVideo", images=["23", 0], audio=["11", 0], fps=25.0),
        "26": node("SaveVideo", video=["25", 0], filename_prefix="f", format="auto", codec="auto"),
    }


def ordinary(**inputs: Any) -> dict[str, Any]:
    return node("LTXVScheduler", **{"steps": 8, "max_shift": 2.05, "base_shift": 0.95, **inputs})


def second_stage(g: Api, sigmas: dict[str, Any]) -> None:
    g["32"] = node("LatentUpscaleModelLoader", model_name="up.safetensors")
    g["33"] = node("LTXVLatentUpsampler", samples=["22", 0], upscale_model=["32", 0], vae=["1", 2])
    g["34"] = node("LTXVConcatAVLatent", video_latent=["33", 0], audio_latent=["15", 0])
    g["35"] = sigmas
    g["36"] = {**g["21"], "inputs": {**g["21"]["inputs"], "sigmas": ["35", 0], "latent_image": ["34", 0]}}
    g["37"] = node("LTXVSeparateAVLatent", av_latent=["36", 0])
    g["23"]["inputs"]["samples"] = ["37", 0]


def switched(name: str, target: str, kind: str, **inputs: Any) -> Callable[[Api], None]:
    """A switch before an input of a node."""

    def change(g: Api) -> None:
        g["31"] = node(kind, **inputs)
        g[target]["inputs"][name] = ["31", 0]

    return change


def also(*changes: Callable[[Api], None]) -> Callable[[Api], None]:
    def change(g: Api) -> None:
        for one in changes:
            one(g)

    return change


def put(key: str, **inputs: Any) -> Callable[[Api], None]:
    return lambda g: g[key]["inputs"].update(inputs)


def add(key: str, kind: str, **inputs: Any) -> Callable[[Api], None]:
    return lambda g: g.update({key: node(kind, **inputs)})


def without(*keys: str) -> Callable[[Api], None]:
    return lambda g: [g.pop(key) for key in keys]


def math(kind: str, slot: int, **inputs: Any) -> Callable[[Api], None]:
    return also(
        add("30", kind, **inputs), add("31", "PrimitiveFloat", value=5.0), put("9", length=["30", slot])
    )


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
            add(
                "30",
                "LTXVEmptyLatentAudio",
                audio_vae=["3", 0],
                frames_number=121,
                frame_rate=25,
                batch_size=1,
            ),
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
    # Schedules.
    "few steps of another schedule": (lambda g: g.update({"20": ordinary()}), {"distilled-schedule"}),
    "seen through a view": (
        also(
            lambda g: g.update({"20": ordinary()}),
            add("35", "VisualizeSigmasKJ", sigmas=["20", 0]),
            put("21", sigmas=["35", 0]),
        ),
        {"distilled-schedule"},
    ),
    "split": (
        also(
            lambda g: g.update({"20": ordinary()}),
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
        also(put("13", audio=["11", 0]), without("12")),
        {"audio-not-prepared", "audio-cropped"},
    ),
    "a duration of 0": (
        also(
            add("11", "VHS_LoadAudioUpload", audio="a.mp3", start_time=0, duration=0),
            put("13", audio=["11", 0]),
            without("12"),
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
    # Images.
    "a guide": (
        also(
            add(
                "30",
                "LTXVAddGuide",
                positive=["6", 0],
                negative=["6", 1],
                vae=["1", 2],
                latent=["9", 0],
                image=["7", 0],
                frame_idx=0,
                strength=1.0,
            ),
            put("16", video_latent=["30", 2]),
            put("17", positive=["30", 0], negative=["30", 1]),
            without("10", "8"),
        ),
        {"image-not-compressed"},
    ),
    "a bypassed image": (also(put("10", bypass=True, image=["7", 0]), without("8")), set()),
    "strength 0": (also(put("10", strength=0.0, image=["7", 0]), without("8")), set()),
    "ten videos": (put("9", batch_size=10), {"several-videos"}),
    # A mask that ends long before the video, over an empty latent.
    "a mask of two seconds": (
        also(
            add(
                "30",
                "LTXVSetAudioVideoMaskByTime",
                av_latent=["16", 0],
                positive=["5", 0],
                negative=["5", 0],
                model=["1", 0],
                vae=["1", 2],
                audio_vae=["3", 0],
                start_time=0.0,
                end_time=2.0,
                video_fps=25.0,
                mask_video=True,
                mask_audio=False,
                mask_init_value_video=0.0,
                mask_init_value_audio=0.0,
            ),
            put("21", latent_image=["30", 0]),
            put("5", conditioning=["4", 0]),
        ),
        {"mask-ends-early", "mask-node-cache"},
    ),
}

MENDED = {
    "takes the bare latent",
    "delivers the decoded one",
    "delivers the first input",
    "takes the plain image",
    "few steps of another schedule",
    "seen through a view",
    "CFG 9 of a dual guider",
    "a whole file",
    "a duration of 0",
    "a guide",
    "ten videos",
}
"""Cases in which everything found is mended; in the others nothing is."""


def graph_for(name: str):
    api = graph_of_a_stranger()
    CASES[name][0](api)
    return read_graph(json.loads(json.dumps(api)), bundled())


@pytest.mark.parametrize("name", CASES)
def test_what_is_found(name):
    assert {one.finding.id for one in check_graph(graph_for(name))} == CASES[name][1]


@pytest.mark.parametrize("name", CASES)
def test_a_mend_leaves_strictly_less_to_find_and_every_file_in_use(name):
    graph = graph_for(name)
    before = check_graph(graph)
    changed, mended = fix(graph, check_graph, bundled())
    after = read_graph(changed, bundled())
    left = check_graph(after)
    if name not in MENDED:
        assert (mended, changed) == ((), graph.document)
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
