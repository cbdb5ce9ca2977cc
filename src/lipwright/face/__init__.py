"""Faces: finding them, their landmarks, and the warp that moves a still portrait."""
