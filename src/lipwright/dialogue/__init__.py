"""Dialogue: who speaks when, what drives each face, and who is shown.

- turns        stretches of one person's speech, checked against the recording
- turn_files   read them from RTTM, CSV, JSON, SubRip and WebVTT
- channels     find them in a recording with one speaker a channel
- drivers      each speaker's own audio: the recording without the others
- shots        who is on screen: cuts in the pauses
- panels       speakers side by side, their heads of one size on one line

`pipeline.dialogue` makes the video of them.
"""
