"""Findings about the turns and images of a dialogue."""

from __future__ import annotations

from lipwright.domain.finding import FindingType

SPEECH_OF_NOBODY = FindingType(
    "speech-of-nobody",
    "warning",
    "somebody speaks from {start:.2f} to {end:.2f} s, outside of all turns: no mouth moves there",
    "if this speaker is in the video, add a turn to the table",
    lip_sync_rule="AUDIO-7",
    meaning="0.4 s or more of speech lie outside every turn",
)
TURN_WITHOUT_SPEECH = FindingType(
    "turn-without-speech",
    "warning",
    "{place}: nobody speaks in this turn of {speaker}",
    "check that the times in the table belong to this recording",
    meaning="less than a tenth of a turn contains speech",
)
SPEAKER_WITHOUT_TURN = FindingType(
    "speaker-without-turn",
    "warning",
    "{speaker} never speaks: no turn has this name",
    "correct the name in the table, or leave out --speaker for this name",
    meaning="a speaker named by `--speaker` has no turn",
)
CROSS_TALK = FindingType(
    "cross-talk",
    "hint",
    "the channel of {speaker} contains {seconds:.1f} s of other voices, which are removed from the driver",
    "nothing needs to be done; a closer microphone or a headset picks up less of the other voices",
    lip_sync_rule="AUDIO-7",
    meaning="with `--turns channels`, the channel of one speaker also contains the voices of other "
    "speakers, at a lower level than in their own channels",
)
HEAD_EXTENDED = FindingType(
    "head-extended",
    "hint",
    "the image of {speaker} has too little space around the head to show all heads equally large: its edges "
    "are extended",
    "use an image with more space around the head",
    lip_sync_rule="IMAGE-1",
    meaning="with `--layout split`, an image has less background around the head than its panel needs",
)
