"""The words of each rule, in the notation of `phrases`.

Tables named ..._INNOCENT hold what only looks like an offence: a match inside one of
them does not count. Sources: the guide's lists of what to include and to avoid, and
the trade's names for shots and moves.
"""

from lipwright.prompt.vocabulary.camera import CAMERA, CAMERA_INNOCENT
from lipwright.prompt.vocabulary.delivery import (
    FLAT,
    LIVELY,
    NOT_OF_THE_PERSON,
    TALKING,
    UNHURRIED,
    URGENT,
    WHISPERED,
)
from lipwright.prompt.vocabulary.gesture import GESTURE, GESTURE_INNOCENT
from lipwright.prompt.vocabulary.motion import MOTION, MOTION_INNOCENT
from lipwright.prompt.vocabulary.saying import (
    MOUTH_IN_TIME,
    MOUTH_INNOCENT,
    QUOTED_CALLS,
    QUOTED_NAMES,
    QUOTES,
)
from lipwright.prompt.vocabulary.scene import (
    CLUTTER,
    CLUTTER_INNOCENT,
    FACE,
    HIDDEN_FACE,
    HIDDEN_FACE_INNOCENT,
    SEVERAL_PEOPLE,
    SEVERAL_PEOPLE_INNOCENT,
)
from lipwright.prompt.vocabulary.timing import (
    PACING,
    PACING_INNOCENT,
    TEMPORAL_CLAUSES,
    TEMPORAL_INNOCENT,
    TEMPORAL_VERBS,
    TEMPORAL_WORDS,
)

__all__ = [
    "CAMERA",
    "CAMERA_INNOCENT",
    "CLUTTER",
    "CLUTTER_INNOCENT",
    "FACE",
    "FLAT",
    "GESTURE",
    "GESTURE_INNOCENT",
    "HIDDEN_FACE",
    "HIDDEN_FACE_INNOCENT",
    "LIVELY",
    "MOTION",
    "MOTION_INNOCENT",
    "MOUTH_INNOCENT",
    "MOUTH_IN_TIME",
    "NOT_OF_THE_PERSON",
    "PACING",
    "PACING_INNOCENT",
    "QUOTED_CALLS",
    "QUOTED_NAMES",
    "QUOTES",
    "SEVERAL_PEOPLE",
    "SEVERAL_PEOPLE_INNOCENT",
    "TALKING",
    "TEMPORAL_CLAUSES",
    "TEMPORAL_INNOCENT",
    "TEMPORAL_VERBS",
    "TEMPORAL_WORDS",
    "UNHURRIED",
    "URGENT",
    "WHISPERED",
]
