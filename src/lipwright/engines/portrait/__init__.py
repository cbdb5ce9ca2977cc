"""The portrait engine: the embedded model moves your own image, on any CPU."""
