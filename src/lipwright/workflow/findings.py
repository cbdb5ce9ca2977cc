"""Findings about ComfyUI graphs: those that lipwright builds, and those that it checks."""

from __future__ import annotations

from lipwright.domain.finding import FindingType

# Graphs that lipwright builds.

NORMING_LEFT_OUT = FindingType(
    "norming-left-out",
    "hint",
    "the norming threshold {threshold:g} is not in this graph: neither ComfyUI nor Lightricks' pack has a "
    "node for it",
    "run lipwright comfyui install PATH on the server, and name the server with --server; without it "
    "sudden jumps of the mouth are not smoothed",
    "SAMPLE-3",
)
VIDEO_COMBINE_MISSING = FindingType(
    "video-combine-missing",
    "hint",
    "the server has no VHS_VideoCombine: SaveVideo writes the file at its own quality",
    "install ComfyUI-VideoHelperSuite for a nearly lossless file",
)

# Anyone's graph: not a graph of LTX, or not to be judged.

NO_LTX_NODES = FindingType(
    "no-ltx-nodes",
    "hint",
    "no node of LTX is in this graph: the rules of lip sync do not apply to it",
    "give a graph that makes a video with LTX-2",
)
NOT_JUDGED = FindingType(
    "not-judged",
    "hint",
    "not judged: {what}",
    "type the values in, or check these nodes yourself",
    meaning="A count, size, length or prompt depends on nodes whose result is not known beforehand.",
)
UI_ROUNDS_VALUE = FindingType(
    "ui-rounds-value",
    "warning",
    "{name} is {value:g}; ComfyUI's page rounds it to steps of {quantum:g}",
    "run it in API format, or give a value that is not rounded",
)

# Audio.

AUDIO_NOT_FROZEN = FindingType(
    "audio-not-frozen",
    "error",
    "{reason}",
    "put SetLatentNoiseMask with a SolidMask of 0 on the encoded audio, before it joins the video",
    "FREEZE-1",
    "A sampler changes the encoded audio in some stage, so the lips follow other audio than is delivered.",
)
AUDIO_MADE_UP = FindingType(
    "audio-made-up",
    "warning",
    "the audio starts as an empty latent: the model invents it, no recording drives the lips",
    "encode the recording with LTXVAudioVAEEncode and freeze it",
    "FREEZE-1",
)
AUDIO_ONLY_REFERENCED = FindingType(
    "audio-only-referenced",
    "warning",
    "{node_type} uses the recording only as a voice reference: the model makes its own audio, "
    "and the lips follow that",
    "encode the recording, freeze it with a mask of 0 and join it with the video",
    "FREEZE-1",
)
REFERENCE_BESIDE_FROZEN = FindingType(
    "reference-beside-frozen",
    "warning",
    "the frozen recording is also a voice reference; in LTX-2.5 the lips then no longer follow it",
    "take only frozen_audio of LTXVSetAudioRefTokens; link the guider to the prompts themselves",
    "FREEZE-1",
    "People who got LTX-2.5 to follow their own recording left the reference tokens out.",
)
AUDIO_PAD_SAMPLED = FindingType(
    "audio-pad-sampled",
    "warning",
    "{given} audio latents replace {wanted}: the model makes up the last {seconds:.2f} s",
    "cut or pad the audio to the length of the video before it is joined",
    "FREEZE-1",
    "LTXVConcatAVLatent of ComfyUI 0.33 pads audio to the length of what it replaces, with a mask of 1.",
)
AUDIO_MASK_INVERTED = FindingType(
    "audio-mask-inverted",
    "error",
    "mask_audio is true: the audio is generated anew, and the lips follow that audio",
    "set it to false: true regenerates the audio",
    "FREEZE-1",
)
AUDIO_MASK_INIT = FindingType(
    "audio-mask-init",
    "error",
    "the mask of the audio starts above 0, so all of the audio is sampled",
    "set mask_init_value_audio to 0",
    "FREEZE-1",
)
VIDEO_MASK_OFF = FindingType(
    "video-mask-off",
    "error",
    "mask_video is false: none of the video is sampled",
    "set it to true",
    "FREEZE-2",
)
AUDIO_SCALED = FindingType(
    "audio-scaled",
    "error",
    "factors {factors} leave the audio at {left:.3g} of its amplitude",
    "set the factors to 1 where the audio is frozen",
    "FREEZE-3",
)
AUDIO_CROPPED = FindingType(
    "audio-cropped",
    "warning",
    "the encoder crops {crop}{crop_ms:.1f} ms from the start of the audio: the lips are early by that much",
    "prepare it with lipwright workflow --driver-out, or give the encoder a multiple of 4,096 samples at "
    "44.1 kHz",
    "FREEZE-5",
    "ComfyUI crops audio to a multiple of 4,096 samples at 44.1 kHz, half of it from the start. A hint "
    "below 10 ms, nothing below 1 ms.",
)
DECODED_AUDIO_DELIVERED = FindingType(
    "decoded-audio-delivered",
    "warning",
    "the video gets the audio that the model decoded, a worse copy of the recording",
    "link the original recording to the export",
    "DELIVER-1",
)
AUDIO_NOT_PREPARED = FindingType(
    "audio-not-prepared",
    "warning",
    "the audio is encoded as it is: nothing brings it to the length of the video",
    "prepare it with lipwright workflow --driver-out and load that file; at least trim it to the video",
    "AUDIO-2",
)
AUDIO_LENGTH = FindingType(
    "audio-length",
    "warning",
    "the audio is {audio:g} s long, the video {video:.3f} s",
    "the video must be as long as the audio: plan the frames from it",
    "AUDIO-2",
)

# Time.

FPS_MISMATCH = FindingType(
    "fps-mismatch",
    "error",
    "{name} is {frame_rate:g}, the rest of the graph has {expected:g}",
    "use one rate everywhere: with two, image and audio drift apart",
    "FRAMES-2",
)
FRAMES_NOT_8N1 = FindingType(
    "frames-not-8n1",
    "error",
    "{frames} frames are not 8n+1: the server makes {made}",
    "use {valid}, which holds all of the audio",
    "FRAMES-1",
)
CLIP_TOO_LONG = FindingType(
    "clip-too-long",
    "warning",
    "{frames} frames at once; past {limit} the image decays",
    "make it in several clips, cut in pauses",
    "FRAMES-5",
)
MASK_ENDS_EARLY = FindingType(
    "mask-ends-early",
    "error",
    "the mask ends at {end:g} s, the video at {seconds:.3f} s: the rest stands still",
    "set it to {whole:g}: whole seconds past the end, because the page rounds others down",
    "FREEZE-2",
    "LTXVSetAudioVideoMaskByTime ends before the video does. A warning if by more than a second.",
)
MASK_STARTS_LATE = FindingType(
    "mask-starts-late",
    "warning",
    "the mask starts at {start:g} s: the video stands still until then",
    "set it to 0, unless an earlier video is held there",
    "FREEZE-2",
    "LTXVSetAudioVideoMaskByTime or LTXVAudioVideoMask starts late, and no earlier video is held before it.",
)
SEVERAL_VIDEOS = FindingType(
    "several-videos",
    "warning",
    "{count:g} videos and {audio} in one batch: the sampler fails on them",
    "set it to 1, and run the graph once for each video",
)

# Guidance and schedule.

MODALITY_ZERO = FindingType(
    "modality-zero",
    "error",
    "modality_scale is 0: the image ignores the audio",
    "set it to 1, which is neutral; 0 is only the node's default",
    "FREEZE-4",
)
MODALITY_BELOW_ONE = FindingType(
    "modality-below-one",
    "warning",
    "modality_scale is {scale:g}: the image follows the audio less than without guidance",
    "set it to 1, which is neutral",
    "FREEZE-4",
)
CROSS_ATTENTION_OFF = FindingType(
    "cross-attention-off",
    "error",
    "cross_attn is false for the video: it cannot attend to the audio",
    "set it to true",
    "FREEZE-4",
)
CFG_TOO_HIGH = FindingType(
    "cfg-too-high",
    "warning",
    "CFG {cfg:g} is above {limit:g}, outside the documented range of the model",
    "use 4 for lip sync",
    "SAMPLE-1",
)
GUIDANCE_TOO_STRONG = FindingType(
    "guidance-too-strong",
    "warning",
    "{name} {value:g} is above {limit:g}, outside the tested range",
    "set it to {neutral:g}, which is neutral",
    "SAMPLE-4",
    "Spatio-temporal or modality guidance is stronger than any that is known to work.",
)
FROZEN_AUDIO_GUIDED = FindingType(
    "frozen-audio-guided",
    "hint",
    "audio_cfg {cfg:g} guides audio that is frozen: it changes nothing, and each step takes two passes",
    "set it to {video_cfg:g}, as for the video",
)
NEGATIVE_WITHOUT_CFG = FindingType(
    "negative-without-cfg",
    "hint",
    "at CFG 1 the negative prompt of node {text} has no effect",
    "use a CFG above 1, or no negative prompt",
)
DISTILLED_SCHEDULE = FindingType(
    "distilled-schedule",
    "warning",
    "the distilled model with {steps:g} steps of {scheduler}: not the noise levels that it was trained for",
    "use ManualSigmas with {sigmas}",
    "SAMPLE-1",
)
FULL_MODEL_FEW_STEPS = FindingType(
    "full-model-few-steps",
    "warning",
    "the full model with the {steps} steps of the distilled one",
    "add the distilled LoRA, or use LTXVScheduler with 30 steps",
    "SAMPLE-1",
)
ANCESTRAL_NOISE = FindingType(
    "ancestral-noise",
    "hint",
    "eta is {eta:g}; 0.1 to {limit:g} is the tested range for lip sync",
    "start with 0.2; 0.25 if the mouth looks stiff",
    "SAMPLE-2",
)

SAMPLER_NOT_ANCESTRAL = FindingType(
    "sampler-not-ancestral",
    "hint",
    "LTX-2.5 distilled with {sampler}: its makers sample it ancestral, with eta 1",
    "use SamplerEulerAncestral with eta 1 in the first stage",
    "SAMPLE-2",
)

# The reference image.

SIZE_NOT_32 = FindingType(
    "size-not-32",
    "error",
    "{name} {side:g} is not a multiple of {multiple}: the server makes {made}",
    "use {snapped}; in two stages the size of the video itself must be a multiple of 64",
    "FRAMES-4",
)
IMAGE_NOT_COMPRESSED = FindingType(
    "image-not-compressed",
    "warning",
    "the image is used without LTXVPreprocess: the video may not move",
    "use LTXVPreprocess with img_compression {crf}",
    "IMAGE-3",
)
IMAGE_COMPRESSION_LOW = FindingType(
    "image-compression-low",
    "warning",
    "img_compression is {crf:g}: the video may not move",
    "use {recommended} for LTX-2.3, 18 for later models",
    "IMAGE-3",
    "A warning below 18, a hint below 30.",
)
MASK_NODE_CACHE = FindingType(
    "mask-node-cache",
    "hint",
    "after a change of prompt or LoRA this node runs again on its own cached output, and the video loses "
    "its first frame",
    "link texts and a model that do not change, or free the cache between runs",
)
