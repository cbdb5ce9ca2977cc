"""Prepare audio for the models: find the speech, repair faults, set the level, pad with room tone.

The result is the driver, which is the audio that a model hears.

This package does the signal processing; `media` reads and writes the files.
"""
