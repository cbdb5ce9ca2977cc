"""ComfyUI's own package, as far as the pack uses it."""
