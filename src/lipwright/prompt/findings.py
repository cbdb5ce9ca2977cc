"""What the prompt rules can report."""

from __future__ import annotations

from lipwright.domain.finding import FindingType

_LOOKS = "describe how the person looks, and that they talk; the audio moves them"

MOTION = FindingType(
    "motion",
    "error",
    "{words!r} describes motion",
    _LOOKS,
    rule="PROMPT-2",
    meaning="the body, the head, the face or things in the video move",
)
GESTURE = FindingType(
    "gesture",
    "error",
    "{words!r} describes a gesture",
    _LOOKS,
    rule="PROMPT-2",
    meaning="hands or arms move, or handle something",
)
CAMERA = FindingType(
    "camera",
    "error",
    "{words!r} describes a camera move or a cut",
    "name a fixed framing instead, such as close-up",
    rule="PROMPT-2",
    meaning="the camera moves, refocuses or cuts",
)
TEMPORAL = FindingType(
    "temporal",
    "error",
    "{words!r} says when something happens",
    "leave out order, duration and change: the audio sets the time",
    rule="PROMPT-2",
    meaning="order, onset, duration or change over time",
)
PACING = FindingType(
    "pacing",
    "error",
    "{words!r} sets a pace of speech",
    "leave the pace to the recording",
    rule="PROMPT-3",
    meaning="speech has a speed, a rhythm or pauses",
)
MOUTH_IN_TIME = FindingType(
    "mouth-in-time",
    "error",
    "{words!r} describes how the mouth moves",
    "describe how the mouth looks (lips slightly parted, visible lip movement), not what it does",
    rule="PROMPT-3",
    meaning="lips, jaw or tongue are described as they move",
)
QUOTED_SPEECH = FindingType(
    "quoted-speech",
    "error",
    "{words!r} are words to be said or shown",
    "leave the words out: they may be burnt in as subtitles, and the audio has them already",
    rule="PROMPT-5",
    meaning="words to be said or shown, in quotes, after a colon or after a verb of speech",
)
SEVERAL_PEOPLE = FindingType(
    "prompt-several-people",
    "warning",
    "{words!r} puts more than one person into the video",
    "describe only the person who speaks: with two faces both may talk",
    rule="PROMPT-6",
    meaning="the prompt names more than one person",
)
CLUTTER = FindingType(
    "clutter",
    "warning",
    "{words!r} fills the background",
    "keep the background plain: a cluttered one draws attention away from the mouth",
    rule="PROMPT-1",
    meaning="many objects, or a busy background",
)
NO_FACE = FindingType(
    "prompt-no-face",
    "warning",
    "the video may show no face: {reason}",
    "describe the face and the mouth, such as: close-up of a woman's face, lips slightly parted",
    rule="PROMPT-1",
    meaning="the prompt hides the face, turns it away or makes it small; or it mentions none, and there is "
    "no reference image",
)
NO_TALKING = FindingType(
    "no-talking",
    "hint",
    "image strength is {strength:g}, and the prompt does not say that the person talks: the video may freeze",
    "add: talking to the camera; or lower the image strength to between 0.4 and 0.7",
    rule="PROMPT-4",
    meaning="the image is held at strength 1 (engines ltx and comfyui), "
    "and nothing says that the person talks",
)
NEGATIVE_AT_CFG_1 = FindingType(
    "negative-at-cfg-1",
    "warning",
    "the negative prompt has no effect at CFG {cfg:g}",
    "use a CFG above 1 (the guide's is 4), or leave the negative prompt out",
    rule="SAMPLE-1",
    meaning="a negative prompt (`--negative`) without guidance",
)
AGAINST_THE_AUDIO = FindingType(
    "against-the-audio",
    "warning",
    "{words!r}, but the speech is {measured}",
    "describe the mood of the recording, or leave it out",
    rule="PROMPT-3",
    meaning="the prompt describes another delivery than the recording's: urgent over slow speech, calm over "
    "fast, excited over monotonous, deadpan over lively, whispering over a voice",
)
