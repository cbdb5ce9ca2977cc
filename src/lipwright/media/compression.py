"""An image as a video's encoder leaves it.

Video models learnt from compressed videos. Given a spotless still they continue a still; a
image with a video's losses in it is taken for a frame.
"""

from __future__ import annotations

import io

import av
import numpy as np
from numpy.typing import NDArray

from lipwright.domain.media import Image
from lipwright.errors import EngineError


def compress_image(image: Image, crf: int) -> Image:
    """Encode an image as one H.264 frame, and decode it again.

    Args:
        image: Any size; an odd last row or column goes uncompressed through padding.
        crf: 0 (lossless) to 51; 33 is what LTX-2.3's own pipelines use.

    Returns:
        An image of the same size.

    Raises:
        EngineError: this FFmpeg cannot do it.
    """
    height, width = image.rgb.shape[:2]
    even = np.pad(image.rgb, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    try:
        decoded = _through_h264(even, crf)
    except av.FFmpegError as error:
        raise EngineError(
            f"the image could not be compressed at CRF {crf} ({error})", hint="use the image as it is"
        ) from error
    return Image(np.ascontiguousarray(decoded[:height, :width]))


def _through_h264(rgb: NDArray[np.uint8], crf: int) -> NDArray[np.uint8]:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=1, options={"crf": str(crf), "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = rgb.shape[1], rgb.shape[0], "yuv420p"
        stream.codec_context.thread_count = 1
        container.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        container.mux(stream.encode(None))
    buffer.seek(0)
    with av.open(buffer, "r") as video:
        decoded = next(video.decode(video=0)).to_ndarray(format="rgb24")
    return decoded.astype(np.uint8, copy=False)
