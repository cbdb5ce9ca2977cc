"""Lint rules that find what ruins lip sync in a ComfyUI graph; `linter.lint` runs them all."""
