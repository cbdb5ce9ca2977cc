"""Lint rules: what ruins lip sync in anyone's ComfyUI graph. `linter.lint` runs them all."""
