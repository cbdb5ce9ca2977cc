"""Audio as the models need it: leveled, with its speech found, padded with room tone, made into a driver.

This package does the signal processing; `media` reads and writes the files.
"""
