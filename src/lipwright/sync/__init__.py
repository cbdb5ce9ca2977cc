"""Measure how well the lips in a video follow its audio.

The modules in the order of a check:

- `face_tracking` follows every face, and `mouth_track` converts each face to curves of its mouth motion.
- `target_motion` predicts the mouth motion from the audio; `alignment` predicts it from the spoken words.
- `lag_correlation` and `offset_estimate` compare the measured mouth motion with the predicted motion.
- `active_speaker` finds the person who talks.
- `mouth_metrics` finds stiff mouths and jumps, and `duplicate_frames` finds repeated frames.
- `audio_measures` examines the audio.
- `diagnosis` decides the verdict and finds likely causes; `findings` contains the texts of the causes.
"""
