"""What the product costs, against its limits: one command each, `python -m benchmarks.NAME`."""
