"""Values that every package uses: time, the frame grid, audio and images, settings, jobs, findings.

Standard library and numpy only. Nothing here reads or writes files or runs a model.
"""
