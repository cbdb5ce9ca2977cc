"""Benchmarks with limits, one command each: `python -m benchmarks.NAME`."""
