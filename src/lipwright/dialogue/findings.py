"""Findings about turns."""

from __future__ import annotations

from lipwright.domain.finding import FindingType

SPEECH_OF_NOBODY = FindingType(
    "speech-of-nobody",
    "warning",
    "somebody speaks from {start:.2f} to {end:.2f} s, outside of all turns: no mouth moves there",
    "add a turn to the table, unless the speaker is not in the video",
    lip_sync_rule="AUDIO-7",
    meaning="0.4 s or more of speech lie outside every turn",
)
TURN_WITHOUT_SPEECH = FindingType(
    "turn-without-speech",
    "warning",
    "{place}: nobody speaks in this turn of {speaker}",
    "check that the times in the table belong to this recording",
    meaning="somebody speaks in less than a tenth of a turn",
)
SPEAKER_WITHOUT_TURN = FindingType(
    "speaker-without-turn",
    "warning",
    "{speaker} never speaks",
    "check the name in the table, or leave that --speaker out",
    meaning="somebody given by `--speaker` has no turn",
)
CROSS_TALK = FindingType(
    "cross-talk",
    "hint",
    "the channel of {speaker} contains {seconds:.1f} s of other voices, which are removed from the driver",
    "nothing needs to be done; a closer microphone or a headset picks up less of the others",
    lip_sync_rule="AUDIO-7",
    meaning="a channel of `--turns channels` contains other speakers' voices, which are quieter there "
    "than in their own",
)
HEAD_EXTENDED = FindingType(
    "head-extended",
    "hint",
    "the image of {speaker} is cropped too tightly for heads of equal size: its edges are extended",
    "use an image with more space around the head",
    lip_sync_rule="IMAGE-1",
    meaning="`--layout split` needed more background than an image has",
)
