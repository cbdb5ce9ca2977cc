"""Frames of a video as one lossless file, for ComfyUI's LoadImage."""

from __future__ import annotations

import io

import av
import numpy as np
from PIL import Image, ImageSequence

from lipwright.media.image_file import encode_animation


def test_frames_come_back_from_an_animated_png_as_they_were_and_none_is_merged():
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (9, 96, 64, 3), np.uint8)
    frames[3:6] = frames[2]  # equal neighbors
    frames[7, :40] = frames[6, :40]
    data = io.BytesIO(encode_animation(frames))
    with Image.open(data) as image:  # the two readers that ComfyUI has
        assert np.array_equal(
            np.stack([np.array(one.convert("RGB")) for one in ImageSequence.Iterator(image)]), frames
        )
    data.seek(0)
    with av.open(data) as container:
        read = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert np.array_equal(np.stack(read), frames)
