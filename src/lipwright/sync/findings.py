"""Findings of `lipwright check`: likely causes in the order of the report, then other findings.

Limits that apply to any recording are in `audio.findings`.
"""

from __future__ import annotations

from dataclasses import dataclass

from lipwright.audio.findings import REPORTING
from lipwright.domain.finding import FindingType
from lipwright.domain.presets import CFG_CEILING
from lipwright.domain.sync_verdict import MAX_STIFFNESS
from lipwright.sync.audio_measures import MATCH
from lipwright.sync.face_appearance import APPEARANCE
from lipwright.sync.mouth_metrics import MOTION


@dataclass(frozen=True, slots=True)
class CauseThresholds:
    """Limits beyond which a measurement is reported as a likely cause of a problem."""

    snr_db: float = 20.0
    """Signal-to-noise ratio, measured as in `audio.diagnosis`, below which noise explains a problem. With
    pink noise at 19 dB or music at 17 dB, the predicted mouth motion has a correlation of 0.9 with the
    prediction from clean speech; at 25 dB, the correlation is at least 0.93."""
    shift_ms: float = 20.0
    """Shift of the recording within the video, in either direction, above which the shift explains a problem:
    half a frame at 25 fps."""
    missing_seconds: float = 0.5
    """Length of the part of the recording that is missing from the video, above which the missing part
    explains a problem."""
    length_difference_seconds: float = 0.1
    """Difference between the lengths of video track and audio, above which the difference explains a problem.
    At low frame rates the limit is 1.5 frames, because rounding to whole frames can cause a difference of
    that length."""
    frame_rate_ratio: float = 0.002
    """Relative difference between the planned frame rate and the frame rate of the file, above which the
    difference explains a problem. (24 and 23.976 differ by 0.001.)"""
    burst_seconds: float = 0.12
    """Maximum time between a burst in the audio (a plosive, a click or a clipped peak) and a frame that the
    burst can affect: the length of three audio latents."""
    burst_ratio: float = 2.0
    """Minimum number of jumps near bursts in the audio (plosives, clicks and clipped peaks), divided by the
    number expected by chance, at which the bursts explain jumps of the mouth."""
    visible_share: float = 0.5
    """Minimum share of frames in which the speaker's face is found; a lower share explains a problem."""
    yaw_ratio: float = 0.55
    """`MouthTrack.yaw_ratio` above which the turned head explains a problem: the value of a face turned by
    about 25 degrees. The value at 45 degrees is 0.65. From 55 degrees on, few faces are found."""
    speech_seconds: float = 1.5
    """Minimum length of speech for measuring an offset."""
    image_strength: float = 0.7
    """An image strength above this value explains a mouth that does not move (lip-sync rule IMAGE-4)."""
    norming_threshold: float = 0.3
    """A norming threshold (see `diffusion.guidance_clipping`) below this value explains jumps of the
    mouth (lip-sync rule SAMPLE-3)."""
    steps: int = 20
    """A number of sampling steps below this value explains jumps of the mouth (lip-sync rule SAMPLE-1)."""
    eta: float = 0.1
    """An eta below this value explains a stiff mouth (lip-sync rule SAMPLE-2)."""
    silence_motion: float = 0.5
    """Lip motion in silence, divided by the lip motion in speech, above which the motion in silence is
    reported."""


LIMITS = CauseThresholds()

# Offset, drift, or no clear offset

FRAME_COUNT = FindingType(
    "frame-count",
    "warning",
    "the frame count is not 8n+1",
    "plan the frame count again: `lipwright plan AUDIO`",
    lip_sync_rule="FRAMES-1",
    meaning="a video made by lipwright has a frame count that is not 8n+1",
)
LENGTHS_DIFFER = FindingType(
    "lengths-differ",
    "warning",
    "the {longer} is {seconds:.2f} s longer than the {shorter}",
    "plan the frame count from the length of the audio: `lipwright plan AUDIO`",
    lip_sync_rule="DELIVER-2",
    meaning="the lengths of video track and audio differ by more than "
    f"{LIMITS.length_difference_seconds:g} s, or by 1.5 frames if that is more",
)
FRAME_RATE = FindingType(
    "frame-rate",
    "warning",
    "frames and audio run at different speeds",
    "use one exact frame rate for the plan, the model and the file",
    lip_sync_rule="FRAMES-2",
    meaning="the manifest's frame rate differs from the file's by more than "
    f"{100 * LIMITS.frame_rate_ratio:g} %, or frames and audio drift apart",
)
UNEVEN_FRAMES = FindingType(
    "uneven-frames",
    "hint",
    "the frames are not evenly spaced",
    "write the video at a constant frame rate",
    lip_sync_rule="DELIVER-2",
    meaning="at least one frame in twenty is shorter or longer than the median by more than 4 ms",
)
LATENT_NOT_FROZEN = FindingType(
    "latent-not-frozen",
    "warning",
    "the audio latent was not frozen",
    "render without --no-freeze; in ComfyUI set mask_audio to False",
    lip_sync_rule="FREEZE-1",
    meaning="the manifest says `frozen: false`",
)
AUDIO_SHIFTED = FindingType(
    "audio-shifted",
    "warning",
    "the recording starts {place} the video",
    "mux the recording into the video from its beginning",
    lip_sync_rule="DELIVER-1",
    meaning="the video contains the recording given with --audio, but shifted by more than "
    f"{LIMITS.shift_ms:g} ms",
)
NOISE_UNDER_SPEECH = FindingType(
    "noise-under-speech",
    "hint",
    "there is noise or music under the speech",
    "drive the model with the dialogue alone (--driver), or use --denoise on",
    lip_sync_rule="AUDIO-7",
    meaning=f"speech is less than {LIMITS.snr_db:g} dB above the noise",
)
LOW_SAMPLE_RATE = FindingType(
    "low-sample-rate",
    "hint",
    "the audio has a low sample rate",
    "record at 24 kHz or more",
    lip_sync_rule="AUDIO-1",
    meaning=f"the sample rate is below {REPORTING.low_rate_hz / 1000:g} kHz",
)
CLOSED_MOUTH_IMAGE = FindingType(
    "closed-mouth-image",
    "hint",
    "the reference image shows a closed mouth",
    "use an image with a neutral or slightly open mouth",
    lip_sync_rule="IMAGE-2",
    meaning="the image check, as recorded in the manifest, found a closed mouth",
)
FACE_SELDOM_VISIBLE = FindingType(
    "face-seldom-visible",
    "hint",
    "most of the time the speaker's face is not visible",
    "check a section in which the face is large, unobstructed and turned to the camera",
    lip_sync_rule="CHECK-1",
    meaning=f"the face is found in less than {100 * LIMITS.visible_share:g} % of the frames",
)
FACE_TURNED_AWAY = FindingType(
    "face-turned-away",
    "hint",
    "the speaker's face is turned to the side",
    "check a section in which the face is turned to the camera",
    lip_sync_rule="CHECK-1",
    meaning="the face is turned by more than about 25 degrees in half of the frames",
)
LITTLE_SPEECH = FindingType(
    "little-speech",
    "hint",
    "there is too little speech to compare with the lips",
    "check a section with at least 3 s of speech",
    lip_sync_rule="CHECK-1",
    meaning=f"there is less than {LIMITS.speech_seconds:g} s of speech",
)
SLOW_RATE = FindingType(
    "slow-rate",
    "hint",
    "there are too few frames per second to see lips move",
    "check a video with at least 20 fps",
    lip_sync_rule="CHECK-1",
    meaning=f"the frame rate is below {MOTION.min_frame_rate_hz:g} fps",
)
LIPS_UNLIKE_AUDIO = FindingType(
    "lips-unlike-audio",
    "hint",
    "the lips follow the audio no better than chance",
    "check that the audio contains the voice of the visible person and no other voice; a longer section "
    "gives more certainty",
    lip_sync_rule="CHECK-1",
    meaning="the offset is uncertain, and none of the other causes was found",
)

# No face, or a mouth that does not move

NO_FACE = FindingType(
    "no-face-in-video",
    "warning",
    "no face was found in any frame",
    "the video must show a real face that looks toward the camera, with eyes and mouth visible; drawn faces, "
    "profiles and distant faces are not found",
    lip_sync_rule="CHECK-1",
)
ONE_IMAGE = FindingType(
    "one-image", "error", "the file contains one image and no video", "give the path of the video"
)
QUIET_AUDIO = FindingType(
    "quiet-audio",
    "warning",
    "the audio is very quiet",
    "bring the audio to about -16 LUFS, with peaks between -6 and -3 dBFS",
    lip_sync_rule="AUDIO-4",
    meaning=f"the loudness is below {REPORTING.very_quiet_lufs:g} LUFS",
)
NOBODY_TALKS_IN_PROMPT = FindingType(
    "nobody-talks-in-prompt",
    "hint",
    "the prompt does not say that somebody talks",
    "say in the prompt that the person is talking",
    lip_sync_rule="PROMPT-4",
)
IMAGE_STRENGTH = FindingType(
    "image-strength-too-high",
    "hint",
    "the image strength is high",
    "use --image-strength 0.4 to 0.7",
    lip_sync_rule="IMAGE-4",
    meaning=f"the image strength in the manifest is above {LIMITS.image_strength:g}, and the mouth does not "
    "move",
)
STILL_MOUTH = FindingType(
    "still-mouth",
    "hint",
    "the mouth does not move with the audio",
    "say in the prompt that the person talks; then try --driver-noise -55, a lower --image-strength and "
    "another --seed, as `lipwright tune` does",
    lip_sync_rule="CHECK-2",
)

# Jumps and repeated frames

NORMING_THRESHOLD = FindingType(
    "norming-threshold-too-low",
    "hint",
    "the norming threshold is low",
    "use --norming-threshold 0.3 to 0.4",
    lip_sync_rule="SAMPLE-3",
    meaning=f"the norming threshold in the manifest is below {LIMITS.norming_threshold:g}, and the mouth "
    "jumps",
)
PLOSIVES = FindingType(
    "jumps-at-plosives",
    "warning",
    "the mouth jumps near plosives or clicks in the audio",
    "use a pop filter, or remove plosives and clicks from the recording; use --deess on and --declip on to "
    "repair sharp s sounds and clipped peaks in the audio that drives the model",
    lip_sync_rule="AUDIO-5",
    meaning=f"there are at least {LIMITS.burst_ratio:g} times as many jumps within "
    f"{1000 * LIMITS.burst_seconds:g} ms of plosives, clicks and clipped peaks as expected by chance",
)
CLIPPED_AUDIO = FindingType(
    "clipped-audio",
    "warning",
    "the audio is clipped",
    "record again with the peak between -6 and -3 dBFS; clipping makes the mouth jump",
    lip_sync_rule="AUDIO-3",
    meaning=f"at least {REPORTING.clipped_samples} samples are clipped",
)
FEW_STEPS = FindingType(
    "few-steps",
    "hint",
    "there were few sampling steps",
    "use more --steps",
    lip_sync_rule="SAMPLE-1",
    meaning=f"the manifest records fewer than {LIMITS.steps} sampling steps, and the mouth jumps",
)
REPEATED_FRAMES = FindingType(
    "repeated-frames",
    "warning",
    "frames are repeated: the video was generated at one frame rate and written at another",
    "generate and write the video at one frame rate",
    lip_sync_rule="FRAMES-2",
    meaning="frames are repeated in a video that lipwright did not render",
)

# Audio

NO_AUDIO = FindingType(
    "no-audio",
    "error",
    "the video has no audio",
    "mux the recording into the video",
    lip_sync_rule="DELIVER-1",
)
LOSSY_RECORDING = FindingType(
    "lossy-recording",
    "hint",
    "the recording is in a lossy format",
    "export the recording as 16-bit or 24-bit WAV",
    lip_sync_rule="AUDIO-1",
    meaning="the recording given with --audio is in a lossy format, and the audio is clipped, drops out or "
    "is very quiet",
)
DROPOUTS = FindingType(
    "dropouts",
    "warning",
    "the audio drops out {times}",
    "check the recording; export it again as 16-bit or 24-bit WAV",
    lip_sync_rule="AUDIO-8",
    meaning="the audio has gaps of 20 ms to 2 s with a hard cut on both sides",
)
WRONG_AUDIO = FindingType(
    "wrong-audio",
    "error",
    "the audio of the video is not the recording",
    "mux the original recording into the video",
    lip_sync_rule="DELIVER-1",
    meaning="the audio of the video occurs nowhere in the recording given with --audio",
)
PROCESSED_AUDIO = FindingType(
    "processed-audio",
    "warning",
    "the audio of the video is a processed version of the recording",
    "mux the original recording into the video, not the prepared audio that drove the model, and not the "
    "audio that the model decoded",
    lip_sync_rule="DELIVER-1",
    meaning=f"the correlation between the audio and the recording is {MATCH.related:g} to {MATCH.same:g}",
)
AUDIO_CUT = FindingType(
    "audio-cut",
    "warning",
    "the video contains only a part of the recording",
    "use --fit cover, or check the length of the recording",
    lip_sync_rule="FRAMES-3",
    meaning=f"more than {LIMITS.missing_seconds:g} s of the recording is missing",
)

# A stiff mouth

LOW_ETA = FindingType(
    "low-eta",
    "hint",
    "eta is low",
    "use --eta 0.2 to 0.25",
    lip_sync_rule="SAMPLE-2",
    meaning=f"eta in the manifest is below {LIMITS.eta:g}",
)
PROMPT_MOTION = FindingType(
    "prompt-motion",
    "warning",
    "the prompt describes motion",
    "remove the motion words: `lipwright prompt TEXT` shows them",
    lip_sync_rule="PROMPT-2",
    meaning="the manifest contains findings of the prompt lint about motion, gestures, pacing or time",
)
HIGH_CFG = FindingType(
    "high-cfg", "warning", f"CFG is above {CFG_CEILING:g}", "use --cfg 4", lip_sync_rule="SAMPLE-1"
)
STIFF = FindingType(
    "stiff",
    "hint",
    "the mouth moves less than expected from the audio",
    "use --eta 0.2 to 0.25, and no motion words in the prompt",
    lip_sync_rule="CHECK-2",
    meaning=f"the stiffness is above {MAX_STIFFNESS:g}: the lips move less than "
    f"{100 * (1 - MAX_STIFFNESS):g} % as much as usual for such audio",
)

# Findings that are not causes, reported under `findings`

SLOW_ZOOM = FindingType(
    "slow-zoom",
    "hint",
    "the image zooms slowly: the height of the face changes by {percent:.0f} %",
    "try --driver-noise -55, a lower --image-strength, or another --seed: if the audio that drives a model "
    "is too clean, the model tends to zoom into a motionless image",
    lip_sync_rule="AUDIO-8",
    meaning=f"the face grows or shrinks steadily by more than {100 * MOTION.min_zoom:g} %; this finding is a "
    "warning if the mouth does not move",
)
LIPS_MOVE_IN_SILENCE = FindingType(
    "lips-move-in-silence",
    "warning",
    "in silence the lips move {percent:.0f} % as much as in speech",
    "leave room tone in pauses, and remove motion words from the prompt",
    lip_sync_rule="CHECK-3",
    meaning=f"in silence the lips move more than {100 * LIMITS.silence_motion:g} % as much as in speech",
)
SEVERAL_FACES = FindingType(
    "several-faces-in-video",
    "hint",
    "there are {faces} faces; the face whose mouth follows the audio was measured (in a dialogue: each "
    "person's face while that person speaks)",
    lip_sync_rule="PROMPT-6",
)

# The appearance of the face, which a viewer notices but a sync measurement does not

MOUTH_BARELY_OPENS = FindingType(
    "mouth-barely-opens",
    "hint",
    "in speech the mouth opens by only {percent:.1f} % of the face height",
    "try a lower --image-strength, or a portrait with slightly open lips: real mouths open by at least 7.7 %",
    lip_sync_rule="CHECK-2",
    meaning=f"the 95th percentile of the inner lip gap is below {100 * APPEARANCE.min_opening:g} % of the "
    "face height",
)
DARK_MOUTH = FindingType(
    "dark-mouth",
    "warning",
    "the open mouth shows no teeth: its brightest parts are {percent:.0f} % as bright as the cheeks",
    "look at the frames with an open mouth; try another --seed, or a portrait that shows some teeth",
    lip_sync_rule="CHECK-2",
    meaning="the brightest parts of the open mouth are less than "
    f"{100 * APPEARANCE.min_teeth:g} % as bright as the cheeks; teeth of real speakers have 63 to 140 %",
)
SECOND_LIP_LINE = FindingType(
    "second-lip-line",
    "warning",
    "the darkest line near the closed lips is too far from them: {percent:.1f} % of the face height {side} "
    "them",
    "look at the frames with a closed mouth: the lips may be drawn in the wrong place",
    lip_sync_rule="CHECK-2",
    meaning="the distance of the darkest line near closed lips from the lips is more than "
    f"{100 * APPEARANCE.max_lip_line:g} % of the face height; with real lips, the distance is at most 1.1 %",
)
NO_BLINKS = FindingType(
    "no-blinks",
    "hint",
    "nobody blinks in {seconds:.0f} s",
    "try another --seed: people blink every 2 to 6 s",
    lip_sync_rule="CHECK-2",
    meaning=f"a face that is visible for at least {APPEARANCE.min_seconds_without_blink:g} s does not blink",
)
TOO_MANY_BLINKS = FindingType(
    "too-many-blinks",
    "hint",
    "the face blinks {rate:.0f} times a minute",
    "try another --seed: people blink 10 to 40 times a minute, lively speakers up to 75",
    lip_sync_rule="CHECK-2",
    meaning=f"there are more than {APPEARANCE.max_blinks_per_minute:g} blinks a minute",
)
EYES_STAY_OPEN = FindingType(
    "eyes-stay-open",
    "hint",
    "the eyes do not close in blinks: {percent:.0f} % of the eye stays open",
    "look at the blinks; try a portrait with wide open eyes and without glasses",
    lip_sync_rule="CHECK-2",
    meaning="even in the deepest blink, the eye opening is more than "
    f"{100 * APPEARANCE.closed_eye:g} % of its median",
)
GRAY_LIDS = FindingType(
    "gray-lids",
    "warning",
    "the closed lids are gray: their color is {percent:.0f} % as strong as the color of the skin below the "
    "eyes",
    "look at the blinks: the lids may be flat patches",
    lip_sync_rule="CHECK-2",
    meaning=f"the chroma of the lids is below {100 * APPEARANCE.min_lid_chroma:g} % of the chroma of the "
    "skin; real lids have at least 64 %",
)
STILL_HEAD = FindingType(
    "still-head",
    "hint",
    "the head moves by only {degrees:.1f} degrees (standard deviation of yaw, pitch and roll combined)",
    "try another --seed: people who speak move their heads by at least 7 degrees",
    lip_sync_rule="CHECK-2",
    meaning=f"the head moves by less than {APPEARANCE.min_head_motion_deg:g} degrees in a video of at least "
    f"{APPEARANCE.min_seconds:g} s",
)
STILL_EYES = FindingType(
    "still-eyes",
    "hint",
    "the eyes barely move",
    "try another --seed: real eyes look away now and then",
    lip_sync_rule="CHECK-2",
    meaning=f"the standard deviation of the gaze blendshapes is below {APPEARANCE.min_gaze_motion:g} in a "
    f"video of at least {APPEARANCE.min_seconds:g} s; real eyes have 0.2",
)
