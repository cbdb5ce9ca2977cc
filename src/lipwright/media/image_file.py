"""Read and write still images, and give an image the compression losses of a video frame."""

from __future__ import annotations

import io
import warnings
from contextlib import suppress
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage
from PIL import ImageCms, ImageOps, UnidentifiedImageError

from lipwright.domain.media import Image
from lipwright.errors import EngineError, InputError
from lipwright.media.atomic_files import replacing
from lipwright.media.file_errors import reading, writing
from lipwright.media.input_containers import check_plain_file

MIN_SIDE_PX, MAX_SIDE_PX = 64, 8192
"""Limits of width and height: smaller images have no usable face, larger images take hundreds of
megabytes."""

BACKGROUND = (128, 128, 128)
"""Color behind transparent parts: middle gray, which makes edges of hair neither lighter nor darker."""

FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "TIFF", "BMP", "GIF", "PPM", "TGA", "JPEG2000")
"""Image formats that are accepted if the installed Pillow supports them; JPEG includes the MPO of phones.
Pillow's other formats run external programs or do not contain photographs."""

ANIMATION_RATE = 25
"""Frames per second in the header of animated PNGs. The files only carry frames to a server, so the value
has no effect."""

_RESAVE = "open the file in an image editor and save it as PNG or JPEG"


def read_image(path: Path) -> Image:
    """Read an image, and convert it to upright, opaque 8-bit sRGB.

    EXIF orientation is applied, transparent parts are filled with middle gray, colors are converted from an
    embedded profile to sRGB, and 16 bits are scaled to 8. Only the first frame of an animation is read.

    Raises:
        InputError: the file is missing, a folder, damaged or not an image, or a side of the image has fewer
            than 64 or more than 8192 pixels (checked before decoding).
    """
    check_plain_file(path)
    with reading(path):
        file = path.open("rb")
    try:
        with file, warnings.catch_warnings():
            # The limit here is stricter than that of Pillow's warning, and its warnings about metadata are
            # not useful.
            warnings.simplefilter("ignore")
            PilImage.init()  # registers the formats of this build of Pillow
            known = [name for name in FORMATS if name in PilImage.OPEN]
            with PilImage.open(file, formats=known) as image:
                _check_size(path, image)
                image.load()
                return Image(np.ascontiguousarray(_to_srgb(image)))
    except PilImage.DecompressionBombError as error:
        raise InputError(
            f"{path}: the image has over {2 * (PilImage.MAX_IMAGE_PIXELS or 0) / 1e6:.0f} million pixels;"
            f" at most {MAX_SIDE_PX} pixels on a side are read",
            hint="scale the image down",
        ) from error
    except UnidentifiedImageError as error:
        raise InputError(
            f"{path}: this is not an image that can be read; PNG, JPEG or WebP is expected", hint=_RESAVE
        ) from error
    except InputError:
        raise
    except Exception as error:
        # On damaged data, Pillow's decoders raise various exceptions: OSError, SyntaxError, IndexError,
        # struct.error, and for AVIF RuntimeError.
        raise InputError(f"{path}: the image is damaged or truncated ({error})", hint=_RESAVE) from error


def write_png(path: Path, image: Image) -> None:
    """Write an image as PNG, completely or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    with replacing(path) as part, writing(path):
        PilImage.fromarray(image.rgb).save(part, format="PNG")


def encode_png(image: Image) -> bytes:
    """Return an image as the bytes of a PNG file."""
    file = io.BytesIO()
    PilImage.fromarray(image.rgb).save(file, "PNG", compress_level=4)
    return file.getvalue()


def encode_animation(frames: NDArray[np.uint8]) -> bytes:
    """Return frames, shape (frames, height, width, 3), as the bytes of an animated PNG, which is lossless.

    This does not use Pillow, which merges consecutive equal frames.
    """
    file = io.BytesIO()
    with av.open(file, "w", format="apng") as container:
        stream = container.add_stream("apng", rate=ANIMATION_RATE, options={"pred": "up"})
        stream.height, stream.width, stream.pix_fmt = frames.shape[1], frames.shape[2], "rgb24"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return file.getvalue()


def encode_jpeg(image: Image) -> bytes:
    """Return an image as the bytes of a JPEG file with strong compression."""
    file = io.BytesIO()
    PilImage.fromarray(image.rgb).save(file, "JPEG", optimize=True)
    return file.getvalue()


def compress_image(image: Image, crf: int) -> Image:
    """Encode an image as one H.264 frame and decode it again (rule IMAGE-3).

    Video models are trained on compressed videos: they tend to continue a flawless image as a still, and an
    image with compression artifacts as a video.

    Args:
        image: An image of any size; odd sizes are padded during encoding.
        crf: 0 (lossless) to 51; LTX-2.3's own pipelines use 33.

    Raises:
        EngineError: this build of FFmpeg cannot encode H.264.
    """
    height, width = image.rgb.shape[:2]
    even = np.pad(image.rgb, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    buffer = io.BytesIO()
    try:
        with av.open(buffer, "w", format="mp4") as container:
            stream = container.add_stream("libx264", rate=1, options={"crf": str(crf), "preset": "veryfast"})
            stream.width, stream.height, stream.pix_fmt = even.shape[1], even.shape[0], "yuv420p"
            stream.codec_context.thread_count = 1
            container.mux(stream.encode(av.VideoFrame.from_ndarray(even, format="rgb24")))
            container.mux(stream.encode(None))
        buffer.seek(0)
        with av.open(buffer, "r") as video:
            decoded = next(video.decode(video=0)).to_ndarray(format="rgb24").astype(np.uint8, copy=False)
    except av.FFmpegError as error:
        raise EngineError(
            f"the image could not be compressed at CRF {crf} ({error})",
            hint="turn off the compression: set image_crf to null, or to 0 in an LTX profile",
        ) from error
    return Image(np.ascontiguousarray(decoded[:height, :width]))


def _check_size(path: Path, image: PilImage.Image) -> None:
    width, height = image.size
    if min(width, height) < MIN_SIDE_PX:
        raise InputError(
            f"{path}: the image is {width}x{height}; at least {MIN_SIDE_PX} pixels on a side are needed",
            hint="give a portrait of at least 512 pixels",
        )
    if max(width, height) > MAX_SIDE_PX:
        raise InputError(
            f"{path}: the image is {width}x{height}; at most {MAX_SIDE_PX} pixels on a side are read",
            hint="scale the image down",
        )


def _to_srgb(image: PilImage.Image) -> NDArray[np.uint8]:
    profile = image.info.get("icc_profile")
    ImageOps.exif_transpose(image, in_place=True)
    upright = _eight_bit(image)
    has_alpha = upright.mode in {"LA", "RGBA", "PA", "La", "RGBa"} or "transparency" in upright.info
    if has_alpha or upright.mode == "P":
        upright = upright.convert("RGBA")
    alpha = upright.getchannel("A") if has_alpha else None
    colors = _convert(upright.convert("RGB") if upright.mode == "RGBA" else upright, profile)
    if alpha is None:
        return np.asarray(colors)
    ground = PilImage.new("RGB", colors.size, BACKGROUND)
    return np.asarray(PilImage.composite(colors, ground, alpha))


def _eight_bit(image: PilImage.Image) -> PilImage.Image:
    """Scale grayscale with more than 8 bits to 8 bits; Pillow's own conversion clips values at 255."""
    if image.mode == "F":
        values = np.nan_to_num(np.asarray(image))
        scale = 255.0 if values.max(initial=0.0) <= 1.0 else 1.0
    elif image.mode.startswith("I"):
        values = np.asarray(image).astype(np.float64)
        scale = 255 / 65535
    else:
        return image
    return PilImage.fromarray((values * scale).round().clip(0, 255).astype(np.uint8))


def _convert(image: PilImage.Image, profile: bytes | None) -> PilImage.Image:
    """Convert an image to sRGB by its embedded profile.

    A profile that does not match the image is ignored.
    """
    if profile:
        if image.mode == "1":
            image = image.convert("L")
        with suppress(ImageCms.PyCMSError, OSError):
            converted = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
                outputMode="RGB",
                flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
            )
            if converted is not None:
                return converted
    return image if image.mode == "RGB" else image.convert("RGB")
