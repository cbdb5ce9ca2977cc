"""Prompts that several tests look at: the guide's, and short ones for each rule."""

from __future__ import annotations

from lipwright.prompt.compose import GUIDE

BAD_IN_THE_GUIDE = {
    "A person speaking quickly with animated gestures": {"pacing", "gesture"},
    "Camera slowly zooms in as the speaker delivers the line": {"camera", "temporal"},
    "The character nods while talking and then turns away": {"motion", "temporal"},
    "Rapid speech with excited hand movements": {"pacing", "gesture"},
    "Slow pan across the speaker's face as they speak softly": {"camera", "temporal"},
}
GOOD_IN_THE_GUIDE = [
    "Close-up of a woman's face, lips slightly parted, natural skin texture, neutral expression ready to "
    "speak.",
    "Actor delivering intense, urgent dialogue with visible emotion in facial expression.",
    "Soft studio lighting, warm color grading, shallow depth of field on face.",
    "Neutral blurred background, focus sharp on face.",
    "Close-up of man's face, mouth naturally positioned, professional studio lighting with soft key light, "
    "neutral background, warm color grading, ready to deliver dialogue with clear articulation and visible "
    "lip movement. Natural skin texture, minimal makeup, professional appearance.",
    *GUIDE.values(),
]

# For each rule that --strict refuses: words in which it must see the offense, and innocent ones like them.
OFFENSES = [
    ("motion", "She nods", "nods"),
    ("motion", "eyes wide, blinking", "blinking"),
    ("motion", "they walk in the park", "walk"),
    ("motion", "his head shakes with anger", "shakes"),
    ("motion", "hair blowing in the wind", "blowing"),
    ("motion", "a woman with red hair nods slowly", "nods"),
    ("gesture", "gesturing with both hands", "gesturing"),
    ("gesture", "a man waving at us", "waving at"),
    ("gesture", "pointing at a chart", "pointing at"),
    ("gesture", "a barber lathering foam, strokes his chin", "strokes"),
    ("camera", "camera pans left", "camera pans"),
    ("camera", "zooming on the eyes", "zooming"),
    ("camera", "a dolly shot", "dolly shot"),
    ("camera", "we drift closer to his eyes", "we drift"),
    ("pacing", "she speaks rapidly", "rapidly"),
    ("pacing", "a fast-paced monologue", "fast-paced"),
    ("temporal", "suddenly serious", "suddenly"),
    ("temporal", "as she sings", "as she sings"),
    ("temporal", "begins to smile", "begins to"),
    ("temporal", "her smile slowly fades", "fades"),
    ("mouth-in-time", "lips move with the sound", "move"),
    ("mouth-in-time", "in sync with the voice", "in sync with"),
    ("quoted-speech", 'she says "we did it"', '"we did it"'),
    ("quoted-speech", "a sign “Welcome home”", "“Welcome home”"),
    ("quoted-speech", "saying hello", "saying hello"),
    ("quoted-speech", "the person says:\n\n\"the harbour is open again!'", '"the harbour is open again!'),
    ("quoted-speech", "she says “we can rest", "“we can rest"),
    ("quoted-speech", 'a woman says "come in, close-up', '"come in, close-up'),
    ("quoted-speech", "Script: buy now, save later. A face", "Script: buy now, save later"),
]
INNOCENT = [
    "a moving portrait of his face",
    "a turn-of-the-century portrait",
    "camera-ready face, fast lens, still life on the wall",
    "a face lit by a street lamp, running shoes, a walking stick",
    "chef's face, frying pan on the wall",
    "face on a Zoom call, zoom lens",
    "a portrait, hair in loose waves",
    "no camera movement, no gestures, close-up",
    "close-up, the camera does not move",
    "woman talking to camera",
    "a close-up of the actor's face, women's magazine look, '50s style",
    'portrait with "film noir" lighting',
    "lips parted, visible lip movement, clear articulation",
    "close-up before dawn, face lit by a lamp",
    "portrait of a man, 9:16",
    "image to video of a woman talking to camera",
    "a 6'2\" man, square jaw",
    # what the makers of LTX advise: an action, and that the person talks
    "A woman talks to the camera",
    "a man speaking to the viewer, face in close-up",
    "she is saying something with a smile",
    "an old man sings softly, wrinkled face",
    "a teacher explains a recipe to the camera",
]
