"""Texts of the findings about ComfyUI graphs, both graphs that lipwright builds and graphs that it checks."""

from __future__ import annotations

from lipwright.domain.finding import FindingType

# Graphs that lipwright builds.

NORMING_LEFT_OUT = FindingType(
    "norming-left-out",
    "hint",
    "the graph does not apply the norming threshold {threshold:g}: neither ComfyUI nor Lightricks' pack has "
    "a node for it",
    "run lipwright comfyui install PATH on the server to add lipwright's node for it, and name the server "
    "with --server; without this node, sudden jumps of the mouth are not smoothed",
    "SAMPLE-3",
)
VIDEO_COMBINE_MISSING = FindingType(
    "video-combine-missing",
    "hint",
    "the server lacks the node VHS_VideoCombine, so SaveVideo writes the file at its own, lower quality",
    "install ComfyUI-VideoHelperSuite on the server for a nearly lossless file",
)

# Graphs without LTX, and values that cannot be judged.

NO_LTX_NODES = FindingType(
    "no-ltx-nodes",
    "hint",
    "the graph contains no LTX nodes, so the rules of lip sync do not apply to it",
    "give a graph that makes a video with LTX-2",
)
NOT_JUDGED = FindingType(
    "not-judged",
    "hint",
    "could not be checked: {what}",
    "type values into the inputs of these nodes instead of linking the inputs, or check these nodes yourself",
    meaning="A count, size, length or prompt depends on nodes whose results are only known at run time.",
)
UI_ROUNDS_VALUE = FindingType(
    "ui-rounds-value",
    "warning",
    "{name} is {value:g}, but ComfyUI's page rounds it to a multiple of {quantum:g}",
    "run the graph in API format, or use a multiple of {quantum:g}, which the page keeps",
)

# Audio.

AUDIO_NOT_FROZEN = FindingType(
    "audio-not-frozen",
    "error",
    "{reason}",
    "put SetLatentNoiseMask with a SolidMask of 0 on the encoded audio, before it joins the video",
    "FREEZE-1",
    "In at least one stage, a sampler changes the encoded audio, so the lips follow audio that differs from "
    "the delivered audio.",
)
AUDIO_MADE_UP = FindingType(
    "audio-made-up",
    "warning",
    "the audio starts as an empty latent: the model invents the audio, and no recording drives the lips",
    "encode the recording with LTXVAudioVAEEncode and freeze it",
    "FREEZE-1",
)
AUDIO_ONLY_REFERENCED = FindingType(
    "audio-only-referenced",
    "warning",
    "{node_type} uses the recording only as a voice reference: the lips follow audio that the model makes "
    "itself",
    "encode the recording, freeze it with a mask of 0 and join it with the video",
    "FREEZE-1",
)
REFERENCE_BESIDE_FROZEN = FindingType(
    "reference-beside-frozen",
    "warning",
    "the frozen recording is also used as a voice reference; with LTX-2.5, the lips then do not follow the "
    "recording",
    "use only the output frozen_audio of LTXVSetAudioRefTokens, and link the guider directly to the prompts",
    "FREEZE-1",
    "Graphs in which LTX-2.5 is known to follow a recording do not use the reference tokens.",
)
AUDIO_PAD_SAMPLED = FindingType(
    "audio-pad-sampled",
    "warning",
    "the new audio has {given} latents, but replaces audio of {wanted} latents: the model invents the last "
    "{seconds:.2f} s of the audio",
    "cut or pad the audio to the length of the video before joining the two",
    "FREEZE-1",
    "LTXVConcatAVLatent of ComfyUI 0.33 pads the new audio to the length of the audio that it replaces, with "
    "a mask of 1, so the padding is sampled.",
)
AUDIO_MASK_INVERTED = FindingType(
    "audio-mask-inverted",
    "error",
    "mask_audio is true: the model generates new audio, and the lips follow that audio",
    "set mask_audio to false",
    "FREEZE-1",
)
AUDIO_MASK_INIT = FindingType(
    "audio-mask-init",
    "error",
    "the initial value of the audio mask is above 0, so all of the audio is sampled",
    "set mask_init_value_audio to 0",
    "FREEZE-1",
)
VIDEO_MASK_OFF = FindingType(
    "video-mask-off",
    "error",
    "mask_video is false: none of the video is sampled",
    "set mask_video to true",
    "FREEZE-2",
)
AUDIO_SCALED = FindingType(
    "audio-scaled",
    "error",
    "the normalization factors {factors} scale the audio to {left:.3g} of its amplitude",
    "set the audio normalization factors to 1, because the audio is frozen",
    "FREEZE-3",
)
AUDIO_CROPPED = FindingType(
    "audio-cropped",
    "warning",
    "the encoder crops {crop}{crop_ms:.1f} ms from the start of the audio: the lips are early by that much",
    "prepare the audio with lipwright workflow --driver-out, or give the encoder a multiple of 4,096 samples "
    "at 44.1 kHz",
    "FREEZE-5",
    "ComfyUI crops audio to a multiple of 4,096 samples at 44.1 kHz, and takes half of the crop from the "
    "start. A crop below 10 ms is reported as a hint, and a crop below 1 ms is not reported.",
)
DECODED_AUDIO_DELIVERED = FindingType(
    "decoded-audio-delivered",
    "warning",
    "the export contains audio that the model decoded, which is a worse copy of the recording",
    "link the original recording to the export",
    "DELIVER-1",
)
AUDIO_NOT_PREPARED = FindingType(
    "audio-not-prepared",
    "warning",
    "the audio file is encoded without trimming or padding, so its length may differ from the video's",
    "prepare the audio with lipwright workflow --driver-out and load that file, or at least trim the audio "
    "to the length of the video",
    "AUDIO-2",
)
AUDIO_LENGTH = FindingType(
    "audio-length",
    "warning",
    "the audio is {audio:g} s long, but the video is {video:.3f} s long",
    "make both equally long: calculate the number of frames from the length of the audio",
    "AUDIO-2",
)

# Time.

FPS_MISMATCH = FindingType(
    "fps-mismatch",
    "error",
    "{name} is {frame_rate:g}, but the rest of the graph has {expected:g}",
    "use one frame rate everywhere: with two different rates, video and audio drift apart",
    "FRAMES-2",
)
FRAMES_NOT_8N1 = FindingType(
    "frames-not-8n1",
    "error",
    "the number of frames, {frames}, is not 8n+1: the server rounds it down to {made}",
    "use {valid} frames, which is enough for all of the audio",
    "FRAMES-1",
)
CLIP_TOO_LONG = FindingType(
    "clip-too-long",
    "warning",
    "the clip has {frames} frames; after {limit} frames, the image quality decays",
    "make several clips that begin in pauses of the speech",
    "FRAMES-5",
)
MASK_ENDS_EARLY = FindingType(
    "mask-ends-early",
    "error",
    "the mask ends at {end:g} s, but the video ends at {seconds:.3f} s: the end of the video stands still",
    "set the end of the mask to {whole:g}: it must be past the end of the video, and in whole seconds, "
    "because ComfyUI's page may round other values down",
    "FREEZE-2",
    "The mask of LTXVSetAudioVideoMaskByTime ends before the video does. If the mask ends more than a "
    "second before the video ends, this may be intended, so the finding is only a warning.",
)
MASK_STARTS_LATE = FindingType(
    "mask-starts-late",
    "warning",
    "the mask starts at {start:g} s: the video stands still before that",
    "set the start of the mask to 0, unless the start of the video is kept from an earlier clip",
    "FREEZE-2",
    "The mask of LTXVSetAudioVideoMaskByTime or LTXVAudioVideoMask starts late, although the start of the "
    "video is not kept from an earlier clip.",
)
SEVERAL_VIDEOS = FindingType(
    "several-videos",
    "warning",
    "the batch has {count:g} videos but {audio}, so the sampler will fail",
    "set batch_size to 1, and run the graph once for each video",
)

# Guidance and schedule.

MODALITY_ZERO = FindingType(
    "modality-zero",
    "error",
    "modality_scale is 0: the lips ignore the audio",
    "set modality_scale to 1, which is neutral; 0 is only the node's default",
    "FREEZE-4",
)
MODALITY_BELOW_ONE = FindingType(
    "modality-below-one",
    "warning",
    "modality_scale is {scale:g}: the lips follow the audio less than without guidance",
    "set modality_scale to 1, which is neutral",
    "FREEZE-4",
)
CROSS_ATTENTION_OFF = FindingType(
    "cross-attention-off",
    "error",
    "cross_attn is false for the video: the video cannot attend to the audio",
    "set cross_attn to true",
    "FREEZE-4",
)
CFG_TOO_HIGH = FindingType(
    "cfg-too-high",
    "warning",
    "CFG {cfg:g} is above {limit:g}, outside the documented range of the model",
    "use CFG 4 for lip sync",
    "SAMPLE-1",
)
GUIDANCE_TOO_STRONG = FindingType(
    "guidance-too-strong",
    "warning",
    "{name} {value:g} is above {limit:g}, outside the tested range",
    "set {name} to at most {limit:g}; {neutral:g} is neutral",
    "SAMPLE-4",
    "Spatio-temporal or modality guidance is stronger than any value that is known to work.",
)
FROZEN_AUDIO_GUIDED = FindingType(
    "frozen-audio-guided",
    "hint",
    "audio_cfg {cfg:g} has no effect on frozen audio, but makes each step take two passes",
    "set audio_cfg to {video_cfg:g}, the value of video_cfg",
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
    "the distilled model runs {steps:g} steps of {scheduler}, with noise levels that it was not trained for",
    "use ManualSigmas with {sigmas}",
    "SAMPLE-1",
)
FULL_MODEL_FEW_STEPS = FindingType(
    "full-model-few-steps",
    "warning",
    "the full model runs with the {steps} steps of the distilled model, which are too few",
    "add the distilled LoRA, or use LTXVScheduler with 30 steps",
    "SAMPLE-1",
)
ANCESTRAL_NOISE = FindingType(
    "ancestral-noise",
    "hint",
    "eta is {eta:g}, above the tested range for lip sync, 0.1 to {limit:g}",
    "use an eta of 0.2, or 0.25 if the mouth looks stiff",
    "SAMPLE-2",
)

SAMPLER_NOT_ANCESTRAL = FindingType(
    "sampler-not-ancestral",
    "hint",
    "the distilled LTX-2.5 runs with {sampler}, but its makers use ancestral sampling with eta 1",
    "use SamplerEulerAncestral with eta 1 in the first stage",
    "SAMPLE-2",
)

# The reference image.

SIZE_NOT_32 = FindingType(
    "size-not-32",
    "error",
    "the {name} {side:g} is not a multiple of {multiple}: the server rounds it down to {made}",
    "use {snapped}; with two stages, the final size must be a multiple of 64",
    "FRAMES-4",
)
IMAGE_NOT_COMPRESSED = FindingType(
    "image-not-compressed",
    "warning",
    "the image is used without LTXVPreprocess: the video may stand still",
    "use LTXVPreprocess with img_compression {crf}",
    "IMAGE-3",
)
IMAGE_COMPRESSION_LOW = FindingType(
    "image-compression-low",
    "warning",
    "img_compression is {crf:g}: the video may stand still",
    "set img_compression to {recommended}; LTX-2.3 needs 33, later models 18",
    "IMAGE-3",
    "A value below 18 is reported as a warning, a value from 18 to 29 as a hint.",
)
MASK_NODE_CACHE = FindingType(
    "mask-node-cache",
    "hint",
    "after a change of the prompt or a LoRA, the mask node runs again on its own cached output, and the "
    "video loses its first frame",
    "give the mask node a prompt and a model that do not change between runs, or free the server's cache "
    "between runs",
)
