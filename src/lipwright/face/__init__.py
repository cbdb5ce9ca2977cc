"""Faces: find them and their landmarks, judge a reference image, and animate a still portrait."""
