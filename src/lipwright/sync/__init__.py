"""Measure how well the lips in a video follow its audio.

The order in which a check runs: `face_tracking` follows every face, `mouth_track` turns the faces into
curves, `target_motion` says what a mouth should do for the audio (`alignment`: for known words),
`lag_correlation` and `offset_estimate` compare the two, `active_speaker` picks who talks, `mouth_metrics`
and `duplicate_frames` find stiff mouths, jumps and repeated frames, `audio_measures` examines the audio,
and `diagnosis` gives the verdict and its likely causes (`findings` lists their texts).
"""
