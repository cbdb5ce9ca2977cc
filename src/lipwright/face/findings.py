"""Findings about the reference image."""

from __future__ import annotations

from lipwright.domain.finding import FindingType

_NEUTRAL_MOUTH = "use an image with a neutral or slightly open mouth"
_FACE_THE_CAMERA = "use an image in which the person faces the camera, with the whole mouth visible"

SEVERAL_FACES = FindingType(
    "several-faces",
    "warning",
    "{count} faces in the image; the largest one speaks",
    "choose with --face, or crop the image to the person who speaks",
    lip_sync_rule="IMAGE-1",
    meaning="the image shows several faces; the largest one speaks",
)
FACE_NOT_HELD = FindingType(
    "face-not-held",
    "warning",
    "{count} faces in the image: the {engine} engine shows the chosen one, but may animate any of them",
    "crop the image to that person: lipwright image IMG --face {choice} --crop OUT.png",
    lip_sync_rule="PROMPT-6",
    meaning="`--face` chose one of several faces, and the engine may animate any of them",
)
SIDEWAYS_IMAGE = FindingType(
    "sideways-image",
    "warning",
    "the image {how}: turned clockwise by {turn_deg} degrees it stands upright",
    "turn it before rendering; `lipwright image IMG --crop OUT.png` writes it upright",
    lip_sync_rule="IMAGE-1",
    meaning="the image is on its side or upside down: a face is found only after turning it. The portrait "
    "engine refuses such an image",
)
NO_FACE_IN_IMAGE = FindingType(
    "no-face-in-image",
    "warning",
    "{problem}",
    "fine for a cartoon or an animal; otherwise: {hint}",
    lip_sync_rule="IMAGE-1",
    meaning="no face in the image, or one under 60 pixels (engines that do not need a face)",
)
IMAGE_NOT_CHECKED = FindingType(
    "image-not-checked",
    "hint",
    "the image was not checked: {problem}",
    "{hint}",
    lip_sync_rule="IMAGE-1",
    meaning="the face model is not available; a hint only, for engines that do not need a face",
)
DIALOGUE_WITHOUT_IMAGE = FindingType(
    "dialogue-without-image",
    "hint",
    "there is speech but no image: the face is made from the prompt alone",
    "add --image for dialogue: the first frame steadies the face and the sync",
    lip_sync_rule="IMAGE-1",
)
FACE_CUT_OFF = FindingType(
    "face-cut-off",
    "warning",
    "the {edge} edge of the image cuts the face",
    "use an image with the whole face and some space around it",
    lip_sync_rule="IMAGE-1",
    meaning="an edge of the image cuts the face by 2 % of its height or more",
)
FACE_NEAR_EDGE = FindingType(
    "face-near-edge",
    "hint",
    "the face is {distance_px:.0f} pixels from the {edge} edge of the image",
    "leave space around the face, or its movement is cut off",
    lip_sync_rule="IMAGE-1",
    meaning="less than 8 % of the face's height between the face and an edge of the image",
)
SMALL_FACE = FindingType(
    "small-face",
    "warning",
    "the face is {height_px:.0f} pixels high; teeth and lips are clear from {limit_px:.0f} pixels on",
    "use a larger image, or one taken closer",
    lip_sync_rule="IMAGE-1",
)
DISTANT_FACE = FindingType(
    "distant-face",
    "warning",
    "the face takes {share:.0%} of the video's height, less than {limit:.0%}",
    "crop the image to head and shoulders: lipwright image IMG --crop OUT.png",
    lip_sync_rule="IMAGE-1",
)
ENLARGED_IMAGE = FindingType(
    "enlarged-image",
    "hint",
    "the image is enlarged {factor:.1f} times for a video of {size}",
    "use a larger image or a smaller --size, or the video looks soft",
    lip_sync_rule="IMAGE-1",
    meaning="the video enlarges the image more than 1.5 times",
)
CROPPED_TO_SIZE = FindingType(
    "cropped-to-size",
    "hint",
    "a video of {size} shows {share:.0%} of an image of {image}{cut}",
    "choose a --size of the image's shape, or crop the image yourself",
    lip_sync_rule="IMAGE-1",
    meaning="the video's shape loses more than a quarter of the image; a warning where it cuts the face",
)
HEAD_TURNED = FindingType(
    "head-turned",
    "warning",
    "the head is turned {degrees:.0f} degrees to the image's {side}",
    _FACE_THE_CAMERA,
    lip_sync_rule="IMAGE-1",
    meaning="the head is turned more than 35 degrees to a side",
)
HEAD_BENT = FindingType(
    "head-bent",
    "warning",
    "the head is {how} by {degrees:.0f} degrees",
    _FACE_THE_CAMERA,
    lip_sync_rule="IMAGE-1",
    meaning="the head is raised or bent down by more than 30 degrees",
)
HEAD_TILTED = FindingType(
    "head-tilted",
    "hint",
    "the head is tilted by {degrees:.0f} degrees",
    "turn the image until the eyes are level, unless the tilt is intended",
    lip_sync_rule="IMAGE-1",
    meaning="the head is tilted by more than 25 degrees",
)
MOUTH_CLOSED = FindingType(
    "mouth-closed",
    "hint",
    "the mouth is closed: video models then tend to move it less",
    f"{_NEUTRAL_MOUTH}; the portrait engine is not affected",
    lip_sync_rule="IMAGE-2",
)
MOUTH_WIDE_OPEN = FindingType(
    "mouth-wide-open",
    "warning",
    "the mouth is wide open: {share:.0%} of the face's height",
    f"{_NEUTRAL_MOUTH}: lips and teeth keep their shape from the first frame",
    lip_sync_rule="IMAGE-2",
    meaning="the mouth is open by more than 15 % of the face's height",
)
EYES_CLOSED = FindingType(
    "eyes-closed",
    "warning",
    "the eyes are closed, and stay closed",
    "use an image with open eyes",
    lip_sync_rule="IMAGE-1",
)
BLURRED_FACE = FindingType(
    "blurred-face",
    "warning",
    "the face is blurred: {blur:.2f}; sharp faces have up to {limit:g}",
    "use an image that is sharp on the face: lips and teeth are drawn from it",
    lip_sync_rule="IMAGE-1",
    meaning="the face is out of focus or motion-blurred, like a Gaussian blur of at least 1.2 % of its "
    "height",
)
DARK_FACE = FindingType(
    "dark-face",
    "warning",
    "the face is dark: its highlights reach {luma:.0f} of 255",
    "brighten the image, or use one with light on the face",
    lip_sync_rule="IMAGE-1",
    meaning="the brightest 5 % of the face lie under luma 60",
)
BLOWN_FACE = FindingType(
    "blown-face",
    "warning",
    "{share:.0%} of the face is overexposed",
    "use an image with less light on the face: white areas have no detail left to move",
    lip_sync_rule="IMAGE-1",
    meaning="more than 12 % of the face is overexposed",
)
UNEVEN_LIGHT = FindingType(
    "uneven-light",
    "hint",
    "the face's {side} side is {stops:.1f} stops darker than the other",
    "use soft light from the front, which shows both corners of the mouth",
    lip_sync_rule="IMAGE-1",
    meaning="one side of the face is more than 2.5 stops darker than the other",
)
