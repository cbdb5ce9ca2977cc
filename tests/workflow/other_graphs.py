"""A graph of a stranger that is right, and the changes that the tests make to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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


def ordinary(**inputs: Any) -> Callable[[Api], None]:
    """The schedule of the full model."""
    return add("20", "LTXVScheduler", **{"steps": 8, "max_shift": 2.05, "base_shift": 0.95, **inputs})


def untrimmed(key: str) -> Callable[[Api], None]:
    """The audio of a node is encoded as it is."""
    return also(put("13", audio=[key, 0]), without("12"))


def guide(kind: str = "LTXVAddGuide", **inputs: Any) -> Callable[[Api], None]:
    texts = {"positive": ["6", 0], "negative": ["6", 1]}
    return also(
        add("30", kind, **texts, vae=["1", 2], **{"latent": ["10", 0], **inputs}),
        put("16", video_latent=["30", 2]),
        put("17", positive=["30", 0], negative=["30", 1]),
    )


def math(kind: str, slot: int, **inputs: Any) -> Callable[[Api], None]:
    return also(
        add("30", kind, **inputs), add("31", "PrimitiveFloat", value=5.0), put("9", length=["30", slot])
    )


def empty_audio(**changes: Any) -> Callable[[Api], None]:
    inputs = {"audio_vae": ["3", 0], "frames_number": 121, "frame_rate": 25, "batch_size": 1}
    return add("30", "LTXVEmptyLatentAudio", **inputs | changes)


def lora(kind: str, **inputs: Any) -> Callable[[Api], None]:
    """The full model with a LoRA."""
    return also(
        put("1", ckpt_name="ltx-2.3-22b-dev.safetensors"),
        add("30", kind, model=["1", 0], **inputs),
        put("17", model=["30", 0]),
    )


def masked(**changes: Any) -> Callable[[Api], None]:
    inputs = {
        "av_latent": ["16", 0],
        "positive": ["5", 0],
        "negative": ["5", 0],
        "model": ["1", 0],
        "vae": ["1", 2],
        "audio_vae": ["3", 0],
        "start_time": 0.0,
        "end_time": 7.0,
        "video_fps": 25.0,
        "mask_video": True,
        "mask_audio": False,
        "mask_init_value_video": 0.0,
        "mask_init_value_audio": 0.0,
    }
    return also(
        add("30", "LTXVSetAudioVideoMaskByTime", **inputs | changes),
        put("21", latent_image=["30", 0]),
        put("5", conditioning=["4", 0]),
    )


def masked_by_kjnodes(**changes: Any) -> Callable[[Api], None]:
    """The audio is kept as it is; the video is sampled for two seconds."""
    inputs = {
        "video_latent": ["10", 0],
        "audio_latent": ["13", 0],
        "video_fps": 25.0,
        "video_start_time": 0.0,
        "video_end_time": 2.0,
        "audio_start_time": 5.0,
        "audio_end_time": 5.0,
        "max_length": "partial",
        "existing_mask_mode": "overwrite",
    }
    return also(
        add("30", "LTXVAudioVideoMask", **inputs | changes),
        put("16", video_latent=["30", 0], audio_latent=["30", 1]),
    )


DISTILLED_LORA = "ltx-2.3-22b-distilled-lora-384.safetensors"
