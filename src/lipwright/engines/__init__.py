"""Engines, which make frames from a `Shot`: portrait (any CPU), ltx (your GPU) and comfyui (a server)."""
