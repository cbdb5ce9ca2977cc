"""Render report pages: template engine, style sheets, embedded files and the time axes of charts."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.media import Image
from lipwright.domain.text import clock
from lipwright.face.image_ops import resized
from lipwright.media.image_file import encode_jpeg

if TYPE_CHECKING:
    from jinja2 import Environment

TICK_STEPS_S = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
MAX_SECONDS_LABEL = 60
"""Maximum length of a time axis labeled in seconds; a longer one is labeled in minutes and seconds."""
PHONE_WIDTH_PX = 320
"""Width of a chart on a small phone."""
TICK_SPACING_PX = 64
"""Minimum distance between two labels of a time axis, so that they do not overlap."""


def environment(*packages: str) -> Environment:
    """Create a template engine that loads templates from the given packages and escapes all values."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    made = Environment(
        loader=ChoiceLoader([PackageLoader(package) for package in packages]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"clock": clock, "sentence": lambda text: text[:1].upper() + text[1:]}
    return made


def render_page(template: str, **values: object) -> str:
    """Render a template of this package to HTML; all values are escaped."""
    from markupsafe import Markup  # noqa: PLC0415 - only for reports

    page = environment("lipwright.reports").get_template(template)
    style = Markup(read_style("palette.css") + read_style("style.css"))  # noqa: S704 - our own files
    return page.render(style=style, **values)


def read_style(name: str) -> str:
    """Read a style sheet from the templates of this package; the studio also uses palette.css."""
    return files("lipwright.reports").joinpath("templates", name).read_text(encoding="utf-8")


def data_uri(content: bytes, media_type: str) -> str:
    """Embed a file as a data URI."""
    return f"data:{media_type};base64,{b64encode(content).decode()}"


def jpeg_uri(rgb: NDArray[np.uint8], height_px: int) -> str:
    """Embed an image of shape (height, width, 3) as a data URI: a JPEG at most `height_px` high."""
    scale = min(1.0, height_px / rgb.shape[0])
    small = resized(rgb, max(2, round(rgb.shape[1] * scale)), max(2, round(rgb.shape[0] * scale)))
    return data_uri(encode_jpeg(Image(small)), "image/jpeg")


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """Horizontal time axis of a chart, from 0 to the end of the audio or video; it scales with the page."""

    seconds: float
    min_width_px: int = 0
    """Minimum width of the chart; on a narrower page the chart scrolls sideways."""

    def percent(self, seconds: float) -> float:
        """Return the position of a time on the axis in percent: 0 is its left end, 100 its right end."""
        return round(100 * min(max(seconds / self.seconds, 0.0), 1.0), 3)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Position in percent and label of each tick; the last tick is the end of the axis."""
        spacing = self.seconds * TICK_SPACING_PX / max(self.min_width_px, PHONE_WIDTH_PX)
        step = next((step for step in TICK_STEPS_S if step >= spacing), 7200)
        count = max(1, int((self.seconds - spacing) / step) + 1)
        times = [number * step for number in range(count)]
        label = clock if self.seconds > MAX_SECONDS_LABEL else "{:g} s".format
        return [(self.percent(t), label(t)) for t in times] + [(100.0, label(round(self.seconds, 1)))]
