"""Findings about prompts; `--strict` refuses a prompt with errors."""

from __future__ import annotations

from lipwright.domain.finding import FindingType

_LOOKS = "describe how the person looks, and that they talk; the audio controls their motion"
_MOUTH = "describe how the mouth looks (lips slightly parted, visible lip movement), not what it does"
_QUOTED = "leave the words out: the audio contains them already, and the model may draw them as subtitles"
_FACE = "describe the face and the mouth, such as: close-up of a woman's face, lips slightly parted"
_TALKS = "add 'talking to the camera' to the prompt, or lower the image strength to 0.4..0.7"
_PLAIN = "keep the background plain: a cluttered one draws attention away from the mouth"
_ALONE = "describe only the person who speaks: with two faces, both may talk"
_FRAMING = "name a fixed framing instead, such as close-up"
_TIME = "leave out words about order, duration and change: the audio controls the timing"

MOTION = FindingType("motion", "error", "{words!r} describes motion", _LOOKS, "PROMPT-2")
GESTURE = FindingType("gesture", "error", "{words!r} describes a gesture", _LOOKS, "PROMPT-2")
CAMERA = FindingType("camera", "error", "{words!r} describes a camera move or a cut", _FRAMING, "PROMPT-2")
TEMPORAL = FindingType("temporal", "error", "{words!r} says when something happens", _TIME, "PROMPT-2")
PACING = FindingType(
    "pacing",
    "error",
    "{words!r} describes a pace of speech",
    "leave these words out: the recording sets the pace",
    "PROMPT-3",
)
MOUTH_IN_TIME = FindingType(
    "mouth-in-time", "error", "{words!r} describes how the mouth moves", _MOUTH, "PROMPT-3"
)
QUOTED_SPEECH = FindingType(
    "quoted-speech", "error", "{words!r} are words to be said or shown", _QUOTED, "PROMPT-5"
)
SEVERAL_PEOPLE = FindingType(
    "prompt-several-people", "warning", "{words!r} describes more than one person", _ALONE, "PROMPT-6"
)
CLUTTER = FindingType("clutter", "warning", "{words!r} describes a cluttered background", _PLAIN, "PROMPT-1")
NO_FACE = FindingType(
    "prompt-no-face",
    "warning",
    "the video may show no face: {reason}",
    _FACE,
    "PROMPT-1",
    "the prompt hides the face or makes it small; or it does not mention a face, and there is no reference "
    "image",
)
NO_TALKING = FindingType(
    "no-talking",
    "hint",
    "image strength is {strength:g}, and the prompt does not say that the person talks: the person "
    "might not move",
    _TALKS,
    "PROMPT-4",
)
NEGATIVE_AT_CFG_1 = FindingType(
    "negative-at-cfg-1",
    "warning",
    "the negative prompt has no effect at CFG {cfg:g}",
    "use a CFG above 1 (the lip-sync guide uses 4), or leave the negative prompt out",
    "SAMPLE-1",
)
AGAINST_THE_AUDIO = FindingType(
    "against-the-audio",
    "warning",
    "the prompt says {words!r}, but the speech is {measured}",
    "describe the mood of the recording, or leave these words out",
    "PROMPT-3",
    'the prompt contradicts the delivery of the recording, for example "urgent" although the speech is slow',
)
