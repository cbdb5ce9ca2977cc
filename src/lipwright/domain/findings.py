"""Findings about settings: values outside the range in which they are known to work."""

from __future__ import annotations

from math import inf

from lipwright.domain.settings import SETTINGS

OUT_OF_RANGE = {name: spec.out_of_range for name, spec in SETTINGS.items() if spec.tested[1] < inf}
"""The out-of-range finding of each setting that has a tested range, by setting name."""
