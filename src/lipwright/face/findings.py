"""Findings about the reference image, and the limits beyond which a measurement is reported as a finding."""

from __future__ import annotations

from dataclasses import dataclass

from lipwright.domain.finding import FindingType


@dataclass(frozen=True, slots=True)
class ImageThresholds:
    """Limits of a good reference image.

    They were fitted on the portraits in this repository's tests, degraded copies of these, and some thirty
    photos and generated portraits of people of all skin colors; tests cover both sides of each limit.
    """

    min_face_px: float = 100
    """Minimum height of the face, from forehead to chin. In a smaller face the mouth is less than about 37
    pixels wide, and teeth are blurred."""
    min_face_share: float = 0.16
    """Minimum face height divided by video height; a medium shot (to the waist) has about 0.2."""
    max_enlargement: float = 1.5
    """Maximum number of video pixels per image pixel, along one axis; beyond it the video looks soft."""
    max_yaw_deg: float = 35
    """Maximum yaw: beyond it the far corner of the mouth is foreshortened to two thirds or less."""
    max_pitch_deg: float = 30
    max_roll_deg: float = 25
    min_open_gap: float = 0.012
    """Minimum gap between the inner lips of an open mouth, divided by face height; touching lips measure
    0.000 to 0.009."""
    max_open_gap: float = 0.15
    """Maximum gap between the inner lips, divided by face height; a toothy smile measures 0.06, a wide "ah"
    0.2."""
    max_eye_blink: float = 0.5
    """Maximum value of the blendshape eyeBlink for the less closed eye; open eyes measure up to 0.3."""
    max_blur: float = 0.72
    """Maximum blur (result of `blur_of`, 0..1). Sharp faces have 0.40 to 0.65. After a Gaussian blur of 1.5 %
    of the face's height, the same faces have 0.73 to 0.84."""
    min_highlight_luma: float = 60
    """Minimum luma, of 255, of the brightest 5 % of the face; well-lit faces of very dark skin have 80 or
    more."""
    max_blown_share: float = 0.12
    """Maximum overexposed share of the face."""
    max_uneven_stops: float = 2.5
    """Maximum difference in brightness between the two sides of the face; one-sided portrait light has up to
    2.3."""
    min_edge_distance: float = 0.08
    """Minimum distance of the face to the image's edges, divided by face height."""
    cut_distance: float = 0.02
    """Distance beyond an edge of the image up to which landmarks are accepted, divided by face height.
    Landmarks can be that far outside the image although all of the face is visible."""
    max_cropped_share: float = 0.25
    """Maximum share of the image's area that is cropped to reach the video's aspect ratio."""


LIMITS = ImageThresholds()

_NEUTRAL_MOUTH = "use an image with a neutral or slightly open mouth"
_FACE_THE_CAMERA = "use an image in which the person faces the camera, with the whole mouth visible"

SEVERAL_FACES = FindingType(
    "several-faces",
    "warning",
    "there are {count} faces in the image; the largest one speaks",
    "choose the speaker with --face, or crop the image to that person",
    lip_sync_rule="IMAGE-1",
    meaning="the image shows several faces; the largest one speaks",
)
FACE_NOT_HELD = FindingType(
    "face-not-held",
    "warning",
    "there are {count} faces in the image: the {engine} engine may animate any of them, not only the chosen "
    "one",
    "crop the image to that person: lipwright image IMG --face {choice} --crop OUT.png",
    lip_sync_rule="PROMPT-6",
    meaning="`--face` chose one of several faces, and the engine may animate any of them",
)
SIDEWAYS_IMAGE = FindingType(
    "sideways-image",
    "warning",
    "the image {how}: to be upright, it must be turned clockwise by {turn_deg} degrees",
    "turn the image before rendering; `lipwright image IMG --crop OUT.png` writes it upright",
    lip_sync_rule="IMAGE-1",
    meaning="the image is on its side or upside down: a face is found only after the image is turned. The "
    "portrait engine refuses such an image",
)
NO_FACE_IN_IMAGE = FindingType(
    "no-face-in-image",
    "warning",
    "{problem}",
    "ignore this for a cartoon or an animal; otherwise: {hint}",
    lip_sync_rule="IMAGE-1",
    meaning="there is no face in the image, or it is less than 60 pixels high. Engines that need a face "
    "refuse such an image",
)
IMAGE_NOT_CHECKED = FindingType(
    "image-not-checked",
    "hint",
    "the image was not checked: {problem}",
    "{hint}",
    lip_sync_rule="IMAGE-1",
    meaning="the face model is not available. Engines that need a face cannot run without it",
)
DIALOGUE_WITHOUT_IMAGE = FindingType(
    "dialogue-without-image",
    "hint",
    "the recording contains speech, but there is no image: the face is made from the prompt alone",
    "add --image: as the first frame, an image stabilizes the face and the sync",
    lip_sync_rule="IMAGE-1",
)
FACE_CUT_OFF = FindingType(
    "face-cut-off",
    "warning",
    "the {edge} edge of the image cuts off part of the face",
    "use an image with the whole face and some space around it",
    lip_sync_rule="IMAGE-1",
    meaning="an edge of the image cuts off part of the face: "
    f"more than {100 * LIMITS.cut_distance:g} % of the face's height",
)
FACE_NEAR_EDGE = FindingType(
    "face-near-edge",
    "hint",
    "the face is {distance_px:.0f} pixels from the {edge} edge of the image",
    "leave space around the face, or its motion is cut off",
    lip_sync_rule="IMAGE-1",
    meaning="the distance between the face and an edge of the image is less than "
    f"{100 * LIMITS.min_edge_distance:g} % of the face's height",
)
SMALL_FACE = FindingType(
    "small-face",
    "warning",
    "the face is {height_px:.0f} pixels high; for clear teeth and lips it needs at least {limit_px:.0f}",
    "use a larger image, or one taken closer to the face",
    lip_sync_rule="IMAGE-1",
)
DISTANT_FACE = FindingType(
    "distant-face",
    "warning",
    "the face fills {share:.0%} of the video's height, less than {limit:.0%}",
    "crop the image to head and shoulders: lipwright image IMG --crop OUT.png",
    lip_sync_rule="IMAGE-1",
)
ENLARGED_IMAGE = FindingType(
    "enlarged-image",
    "hint",
    "the image is enlarged {factor:.1f} times for a video of {size}",
    "use a larger image or a smaller --size, or the video will look soft",
    lip_sync_rule="IMAGE-1",
    meaning=f"the video enlarges the image to more than {LIMITS.max_enlargement:g} times its width",
)
CROPPED_TO_SIZE = FindingType(
    "cropped-to-size",
    "hint",
    "at {size}, the video shows {share:.0%} of the image ({image}){cut}",
    "choose a --size with the image's aspect ratio, or crop the image yourself",
    lip_sync_rule="IMAGE-1",
    meaning="the crop to the video's aspect ratio removes more than "
    f"{100 * LIMITS.max_cropped_share:g} % of the image (a hint), or a part of the face (a warning)",
)
HEAD_TURNED = FindingType(
    "head-turned",
    "warning",
    "the head is turned {degrees:.0f} degrees to the image's {side}",
    _FACE_THE_CAMERA,
    lip_sync_rule="IMAGE-1",
    meaning=f"the head is turned more than {LIMITS.max_yaw_deg:g} degrees to a side",
)
HEAD_BENT = FindingType(
    "head-bent",
    "warning",
    "the head is {how} by {degrees:.0f} degrees",
    _FACE_THE_CAMERA,
    lip_sync_rule="IMAGE-1",
    meaning=f"the head is raised or bent down by more than {LIMITS.max_pitch_deg:g} degrees",
)
HEAD_TILTED = FindingType(
    "head-tilted",
    "hint",
    "the head is tilted by {degrees:.0f} degrees",
    "rotate the image until the eyes are level, unless the tilt is intended",
    lip_sync_rule="IMAGE-1",
    meaning=f"the head is tilted by more than {LIMITS.max_roll_deg:g} degrees",
)
MOUTH_CLOSED = FindingType(
    "mouth-closed",
    "hint",
    "the mouth is closed: video models tend to move it less than an open mouth",
    f"{_NEUTRAL_MOUTH}; the portrait engine is not affected",
    lip_sync_rule="IMAGE-2",
)
MOUTH_WIDE_OPEN = FindingType(
    "mouth-wide-open",
    "warning",
    "the mouth is wide open: {share:.0%} of the face's height",
    f"{_NEUTRAL_MOUTH}: the video copies the lips and teeth of the image",
    lip_sync_rule="IMAGE-2",
    meaning=f"the mouth is open by more than {100 * LIMITS.max_open_gap:g} % of the face's height",
)
EYES_CLOSED = FindingType(
    "eyes-closed",
    "warning",
    "the eyes are closed, and will stay closed in the video",
    "use an image with open eyes",
    lip_sync_rule="IMAGE-1",
)
BLURRED_FACE = FindingType(
    "blurred-face",
    "warning",
    "the face is blurred: its blur is {blur:.2f} on a scale of 0 to 1; sharp faces have at most {limit:g}",
    "use an image in which the face is sharp: lips and teeth are drawn from it",
    lip_sync_rule="IMAGE-1",
    meaning="the face is out of focus or motion-blurred: at least as blurred as a sharp face after "
    "a Gaussian blur with a sigma of 1.2 % of the face's height",
)
DARK_FACE = FindingType(
    "dark-face",
    "warning",
    "the face is dark: its highlights reach {luma:.0f} of 255",
    "brighten the image, or use one with light on the face",
    lip_sync_rule="IMAGE-1",
    meaning=f"the brightest 5 % of the face have a luma below {LIMITS.min_highlight_luma:g} of 255",
)
BLOWN_FACE = FindingType(
    "blown-face",
    "warning",
    "{share:.0%} of the face is overexposed",
    "use an image with less light on the face: white areas have no detail that could move",
    lip_sync_rule="IMAGE-1",
    meaning=f"more than {100 * LIMITS.max_blown_share:g} % of the face is overexposed",
)
UNEVEN_LIGHT = FindingType(
    "uneven-light",
    "hint",
    "the face's {side} side is {stops:.1f} stops darker than the other",
    "use soft light from the front, in which both corners of the mouth are visible",
    lip_sync_rule="IMAGE-1",
    meaning=f"one side of the face is more than {LIMITS.max_uneven_stops:g} stops darker than the other",
)
