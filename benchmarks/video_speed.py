"""Measure how much faster than real time a video is made, compared with encoding its frames alone.

    python -m benchmarks.video_speed [--size 512x512 --at-least 3]
    python -m benchmarks.video_speed --by-size     the README's table

Warm means: a video was made before in the same process. The additional time of the first video, and of
starting the process, is printed separately.
"""

# ruff: noqa: PLC0415 - libraries count the cores when they are imported: after use_two_cores

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measuring import (
    PORTRAIT,
    Cost,
    Figure,
    costing,
    lipwright,
    present,
    run_child,
    say_voice,
    use_two_cores,
)

if TYPE_CHECKING:
    import numpy as np
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

    from lipwright.domain.progress import ProgressCallback
    from lipwright.domain.shot import Render, Shot
    from lipwright.pipeline.manifest import Manifest

    Video = NDArray[np.uint8]
    """Raw frames, shape (frames, height, width, 3), RGB."""

LIMITS = {"512x512": 3.0, "1280x720": 1.2, "720x1280": 1.2}
"""Minimum seconds of video per second of work."""
SIZES = ("512x512", "832x448", "1280x720", "1920x1080")
"""Sizes of the table by size."""
FPS = 25
SSIM = 0.98
SSIM_EVERY = 10
"""Interval of the frames that are compared."""


class KeepingEngine:
    """The portrait engine; it keeps a copy of every frame in a file that is mapped into memory."""

    name = "portrait"
    path: Path

    def render(self, shot: Shot, report: ProgressCallback) -> Render:
        """Render like every engine."""
        from lipwright.engines.portrait.engine import PortraitEngine

        made = PortraitEngine().render(shot, report)
        return replace(made, frames=self._kept(made.frames, shot))

    def _kept(self, frames: Iterator[NDArray[np.uint8]], shot: Shot) -> Iterator[NDArray[np.uint8]]:
        import numpy as np

        shape = (shot.plan.frames, shot.size.height, shot.size.width, 3)
        kept = np.lib.format.open_memmap(self.path, "w+", np.uint8, shape)
        for number, frame in enumerate(frames):
            kept[number] = frame
            yield frame


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="length of the audio")
    parser.add_argument("--size", help="this size alone")
    parser.add_argument("--by-size", action="store_true", help="the speed of common sizes alone, as a table")
    parser.add_argument("--at-least", type=float, help="its limit, in times real time")
    parser.add_argument("--runs", type=int, default=3, help="the fastest of so many counts")
    options = parser.parse_args()
    use_two_cores()
    limits = {options.size: options.at_least or LIMITS.get(options.size)} if options.size else LIMITS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        voice = say_voice(folder / "voice.wav", options.seconds)
        if options.by_size:
            print_by_size(folder, voice, options.runs)
            return 0
        met = [measure(folder, voice, size, limit, options.runs) for size, limit in limits.items()]
    return 0 if all(met) else 1


def measure(folder: Path, voice: Path, size: str, limit: float | None, runs: int) -> bool:
    """Make the video in this process and in one of its own, and print the table."""
    process = run_child(
        lipwright(
            *("render", voice, "--image", PORTRAIT, "-o", folder / "cold.mp4", "--size", size, "--json")
        )
    )
    cold = json.loads(process.stdout)["timing"]
    raw, video = keep_frames(folder, voice, size)
    manifest, cost = min((make(folder, voice, size) for _ in range(runs)), key=lambda run: run[1].wall_s)
    bare = min((encode(raw) for _ in range(runs)), key=lambda cost: cost.wall_s)
    luma, planes, color = likeness(video, raw)
    seconds = len(raw) / FPS
    figures = [
        Figure("times real time", seconds / cost.wall_s, at_least=limit),
        Figure("the whole video", cost.wall_s, "s"),
        *(Figure(f"  {stage}", value, "s") for stage, value in manifest.timing["seconds"].items()),
        Figure("CPU time of all threads", cost.cpu_s, "s"),
        Figure("cores taken by other processes meanwhile", cost.others),
        Figure("bare encoding of its frames: the limit", bare.wall_s, "s"),
        Figure("CPU time of that", bare.cpu_s, "s"),
        Figure("whole video over bare encoding", cost.wall_s / bare.wall_s),
        Figure("whole video over bare encoding, CPU time", cost.cpu_s / bare.cpu_s),
        Figure("SSIM to the raw frames, luma", luma, at_least=SSIM),
        Figure("SSIM to the raw frames, all planes", planes, at_least=SSIM),
        Figure("SSIM to the raw frames, RGB", color),
        Figure("start and end of a process", process.wall_s - cold["total_seconds"], "s"),
        Figure("the first video in a process", cold["total_seconds"], "s"),
        Figure("  its imports", cold["seconds"]["load"], "s"),
    ]
    return present(f"{seconds:g} s of video, {size}, 25 fps, warm, fastest of {runs}", figures)


def print_by_size(folder: Path, voice: Path, runs: int) -> None:
    """Print the table of the README: warm, the fastest of some runs."""
    print("| size | times real time | a minute of video takes |\n| --- | --- | --- |")
    make(folder, voice, SIZES[0])
    for size in SIZES:
        manifest, cost = min((make(folder, voice, size) for _ in range(runs)), key=lambda run: run[1].wall_s)
        times = manifest.plan["frames"] / FPS / cost.wall_s
        print(f"| {size} | {times:.1f} | {60 / times:.0f} s |", flush=True)


def make(folder: Path, voice: Path, size: str, engine: str = "portrait") -> tuple[Manifest, Cost]:
    """Make one video; the first one in a process is not warm."""
    from lipwright import RenderRequest, render

    request = RenderRequest(
        voice, folder / "video.mp4", image=PORTRAIT, engine=engine, size=size, frame_rate=Fraction(FPS)
    )
    with costing() as cost:
        manifest = render(request)
    return manifest, cost


def keep_frames(folder: Path, voice: Path, size: str) -> tuple[Video, Path]:
    """Make the video, untimed; returns its raw frames and the video."""
    import numpy as np

    from lipwright.engines.registry import ENGINES

    KeepingEngine.path = folder / f"{size}.npy"
    target = f"{KeepingEngine.__module__}:{KeepingEngine.__name__}"
    ENGINES["keeping"] = replace(ENGINES["portrait"], name="keeping", target=target)
    make(folder, voice, size, engine="keeping")
    video = (folder / "video.mp4").rename(folder / f"{size}.mp4")
    return np.load(KeepingEngine.path, mmap_mode="r"), video


def encode(raw: Video) -> Cost:
    """Convert and encode frames with the shipped settings and nothing else: no audio, no file, no drawing."""
    import av

    from lipwright.media.video_writer import KEYFRAME_SECONDS, X264

    options = X264 | {"g": str(KEYFRAME_SECONDS * FPS), "flags": "+cgop"}
    with av.open("/dev/null", "w", format="null") as nowhere:
        stream = nowhere.add_stream("libx264", rate=FPS, options=options)
        stream.height, stream.width = raw.shape[1:3]
        stream.pix_fmt = "yuv420p"
        with costing() as cost:
            for number, image in enumerate(converted(raw)):
                image.pts, image.time_base = number, Fraction(1, FPS)
                nowhere.mux(stream.encode(image))
            nowhere.mux(stream.encode(None))
    return cost


def converted(raw: Video) -> Iterator[VideoFrame]:
    """Return frames as the encoder gets them: BT.709 at video levels, 4:2:0."""
    from av.video.frame import VideoFrame
    from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

    converter = VideoReformatter()
    for rgb in raw:
        yield converter.reformat(
            VideoFrame.from_ndarray(rgb, format="rgb24"),
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND,
        )


def likeness(video: Path, raw: Video) -> tuple[float, float, float]:
    """Return the mean SSIM to the raw frames: of luma, of all planes, and of R, G and B.

    Wang et al. 2004 with their Gaussian window; planes are weighted by their pixels, 4:1:1, as in
    FFmpeg's filter. R, G and B include the color lost by 4:2:0 subsampling, as in any video.
    """
    import av
    import numpy as np
    from skimage.metrics import structural_similarity

    from lipwright.media.video_reader import read_video_frames

    wang = {"data_range": 255, "gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    picked = raw[::SSIM_EVERY]
    planes, color = [], []
    with av.open(str(video)) as container:
        shown = (frame for number, frame in enumerate(container.decode(video=0)) if number % SSIM_EVERY == 0)
        for ours, theirs in zip(converted(picked), shown, strict=True):
            pairs = zip(planes_of(ours), planes_of(theirs), strict=True)
            planes.append([structural_similarity(one, other, **wang) for one, other in pairs])
    for number, (_, rgb) in enumerate(read_video_frames(video)):
        if number % SSIM_EVERY == 0:
            color.append(structural_similarity(raw[number], rgb, channel_axis=-1, **wang))
    y, u, v = np.mean(planes, 0)
    return float(y), float((4 * y + u + v) / 6), float(np.mean(color))


def planes_of(frame: VideoFrame) -> tuple[NDArray[np.uint8], ...]:
    """Return Y, U and V of a 4:2:0 frame, without the padding of their rows."""
    import numpy as np

    return tuple(
        np.frombuffer(bytes(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
        for plane in frame.planes
    )


if __name__ == "__main__":
    sys.exit(main())
