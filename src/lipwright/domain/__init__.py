"""What every room speaks in: time, the frame grid, media values, jobs, findings.

Standard library and numpy only; nothing here reads, writes or computes a model.
"""
