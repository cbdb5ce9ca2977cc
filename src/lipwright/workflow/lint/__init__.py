"""Lint rules: what ruins lip sync in anyone's ComfyUI graph. `run_rules.lint` runs them all."""
