"""Measure how well the lips in a video follow its audio.

A check runs in this order: `face_tracking` follows every face, `mouth_track` converts the faces to curves,
`target_motion` predicts the mouth motion from the audio (`alignment`: from the words), `lag_correlation` and
`offset_estimate` compare the two, `active_speaker` finds the person who talks, `mouth_metrics` and
`duplicate_frames` find stiff mouths, jumps and repeated frames, `audio_measures` examines the audio, and
`diagnosis` decides the verdict and its likely causes (their texts are in `findings`).
"""
