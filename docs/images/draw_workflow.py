"""Draw a UI workflow about as ComfyUI's page shows it: groups, nodes, links, notes.

python docs/images/draw_workflow.py talk-ui.json docs/images/workflow-guide.png
"""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

SCALE = 0.5
SUPERSAMPLING = 2
MARGIN = 60
TITLE, ROW = 30, 24
LINK_COLORS = {
    "MODEL": "#b39ddb",
    "CLIP": "#ffd500",
    "VAE": "#ff6e6e",
    "LATENT": "#ff9cf9",
    "IMAGE": "#64b5f6",
    "MASK": "#81c784",
    "CONDITIONING": "#ffa931",
    "AUDIO": "#4dd0c8",
    "GUIDER": "#66ffff",
    "SIGMAS": "#cdffcd",
    "SAMPLER": "#eccdff",
    "NOISE": "#b0b0b0",
}
UNIT = SCALE * SUPERSAMPLING


def font(points: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, so high in the page's pixels."""
    return ImageFont.load_default(size=max(6, round(points * UNIT)))


class Sheet:
    """One image in the page's own coordinates."""

    def __init__(self, graph: dict[str, Any]) -> None:
        boxes = [group["bounding"] for group in graph["groups"]]
        boxes += [[*node["pos"], *node["size"]] for node in graph["nodes"]]
        self.left = min(box[0] for box in boxes) - MARGIN
        self.top = min(box[1] for box in boxes) - MARGIN
        right = max(box[0] + box[2] for box in boxes) + MARGIN
        bottom = max(box[1] + box[3] for box in boxes) + MARGIN
        size = (round((right - self.left) * UNIT), round((bottom - self.top) * UNIT))
        self.image = Image.new("RGB", size, "#222")
        self.pen = ImageDraw.Draw(self.image, "RGBA")

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a place of the page lies in the image."""
        return (x - self.left) * UNIT, (y - self.top) * UNIT

    def box(self, where: tuple[float, float, float, float], fill: str, outline: str = "#111") -> None:
        """A filled rectangle: left, top, width, height."""
        x, y, width, height = where
        self.pen.rounded_rectangle(
            (*self.at(x, y), *self.at(x + width, y + height)), 6 * UNIT, fill=fill, outline=outline
        )

    def text(
        self, at: tuple[float, float], words: str, points: int, fill: str, *, anchor: str = "la"
    ) -> None:
        """One line of text."""
        self.pen.text(self.at(*at), words, font=font(points), fill=fill, anchor=anchor)

    def curve(self, start: tuple[float, float], end: tuple[float, float], color: str) -> None:
        """A link, as a Bezier curve."""
        pull = max(60, abs(end[0] - start[0]) * 0.25)
        points = []
        for step in range(41):
            t = step / 40
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
            xs = (start[0], start[0] + pull, end[0] - pull, end[0])
            ys = (start[1], start[1], end[1], end[1])
            points.append(
                self.at(
                    sum(w * x for w, x in zip(weights, xs, strict=True)),
                    sum(w * y for w, y in zip(weights, ys, strict=True)),
                )
            )
        self.pen.line(points, fill=color, width=max(1, round(3 * UNIT)))


def socket(node: dict[str, Any], slot: int, *, output: bool) -> tuple[float, float]:
    """Where a link meets a node."""
    x, y = node["pos"]
    if node["type"] == "Reroute":
        return x + (node["size"][0] if output else 0), y + node["size"][1] / 2
    return x + (node["size"][0] if output else 0), y + ROW * slot + ROW / 2 + 6


def draw_note(sheet: Sheet, node: dict[str, Any]) -> None:
    """A note with its text."""
    x, y = node["pos"]
    width, height = node["size"]
    sheet.box((x, y - TITLE, width, height + TITLE), "#653", "#432")
    sheet.text((x + 8, y - TITLE + 7), node["title"][:44], 13, "#ffdca8")
    for line, words in enumerate(textwrap.wrap(node["widgets_values"][0], round(width / 6.4))):
        sheet.text((x + 8, y + 4 + 15 * line), words, 12, "#eee")


def draw_node(sheet: Sheet, node: dict[str, Any]) -> None:
    """A node with its sockets and values."""
    x, y = node["pos"]
    width, height = node["size"]
    sheet.box((x, y - TITLE, width, height + TITLE), "#353535")
    sheet.text((x + 10, y - TITLE + 7), node.get("title", node["type"]), 15, "#fff")
    for slot, entry in enumerate(node["inputs"]):
        sheet.text((x + 12, y + 10 + ROW * slot), entry["name"], 12, "#aaa")
    for slot, entry in enumerate(node["outputs"]):
        sheet.text((x + width - 12, y + 10 + ROW * slot), entry["name"][:24], 12, "#aaa", anchor="ra")
    top = y + ROW * max(len(node["inputs"]), len(node["outputs"])) + 8
    values = node["widgets_values"]
    values = [f"{k}: {v}" for k, v in values.items()] if isinstance(values, dict) else values
    for line, value in enumerate(values):
        if top + ROW * (line + 1) > y + height + 4:
            break
        sheet.box((x + 10, top + ROW * line, width - 20, ROW - 4), "#222", "#555")
        sheet.text((x + 18, top + ROW * line + 3), str(value)[:42].replace("\n", " "), 11, "#ccc")


def draw_reroute(sheet: Sheet, node: dict[str, Any]) -> None:
    """A bend in a link."""
    sheet.box((*node["pos"], *node["size"]), "#353535")


DRAWN = {"Note": draw_note, "Reroute": draw_reroute}


def draw(graph: dict[str, Any]) -> Image.Image:
    """The whole sheet."""
    sheet = Sheet(graph)
    for group in graph["groups"]:
        x, y, width, height = group["bounding"]
        color = group["color"]
        full = f"#{''.join(c * 2 for c in color[1:])}" if len(color) == 4 else color
        sheet.box((x, y, width, height), f"{full}40", full)
        sheet.text((x + 10, y + 8), group["title"], group["font_size"], "#fff")
    nodes = {node["id"]: node for node in graph["nodes"]}
    for _, origin, out, target, into, kind in graph["links"]:
        start, end = socket(nodes[origin], out, output=True), socket(nodes[target], into, output=False)
        sheet.curve(start, end, LINK_COLORS.get(kind, "#999"))
    for node in graph["nodes"]:
        DRAWN.get(node["type"], draw_node)(sheet, node)
    width, height = sheet.image.size
    return sheet.image.resize((width // SUPERSAMPLING, height // SUPERSAMPLING), Image.Resampling.LANCZOS)


def main() -> None:
    """Read the workflow, write the image."""
    graph = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    draw(graph).quantize(128).save(sys.argv[2], optimize=True)


if __name__ == "__main__":
    main()
