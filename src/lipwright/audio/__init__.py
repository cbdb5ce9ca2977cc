"""Audio as the models need it: level, speech, room tone, the driver.

Digital signal processing on Waveforms. Reading and writing files is `media`'s work.
"""
