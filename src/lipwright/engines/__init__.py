"""Engines make frames from a Shot: portrait (here, any CPU), later ltx and comfyui."""
