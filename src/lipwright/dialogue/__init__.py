"""Dialogue: who speaks when, the driver of each face, and who is shown.

- turns        stretches of one person's speech, checked against the recording
- turn_files   reading turns from RTTM, CSV, JSON, SubRip and WebVTT
- channels     finding turns in a recording with one speaker per channel
- drivers      each speaker's own audio: the recording without the others
- shots        who is on screen: cuts in the pauses
- panels       speakers side by side, their heads of one size on one line

`pipeline.dialogue` makes the video of them.
"""
