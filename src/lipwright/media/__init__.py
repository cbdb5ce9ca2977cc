"""Read and write audio, images and videos; the only package that uses PyAV and Pillow."""
