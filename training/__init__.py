"""Makes the embedded weights: speech, motion, training, export, score. See README.md here."""
