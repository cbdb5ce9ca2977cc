"""Audio, images and videos, read and written: the only room that knows PyAV and Pillow."""
