"""Names of the places where a model may be wrapped."""

from __future__ import annotations


class WrappersMP:
    CALC_COND_BATCH = "calc_cond_batch"
    PREDICT_NOISE = "predict_noise"
