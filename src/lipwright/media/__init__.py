"""Audio, images and videos, read and written: the only package that uses PyAV and Pillow."""
