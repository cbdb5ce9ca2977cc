"""Dialogue: who speaks when, the driver of each face, and who is shown.

- turns        the Turn type, and checks of turns against the recording
- turn_files   reading turns from RTTM, CSV, JSON, SubRip and WebVTT
- channels     finding turns in a recording with one speaker per channel
- drivers      one driver per speaker: the recording without the other speakers
- shots        who is on screen: cuts in the pauses
- panels       speakers side by side, with heads of equal size at the same height

`pipeline.dialogue` makes the video from these parts.
"""
