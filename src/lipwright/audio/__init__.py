"""Audio as the models need it: leveled, with its speech found, padded with room tone, made into a driver.

Digital signal processing on Waveforms. Files are read and written by `media`.
"""
