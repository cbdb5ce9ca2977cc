"""The portrait engine: the embedded model animates the user's own image, on any CPU."""
