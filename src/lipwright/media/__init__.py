"""Sound, pictures and films, read and written: the only room that knows PyAV and Pillow."""
