"""The theme of Gradio's own components: the colors of palette.css, and the system's fonts."""

from __future__ import annotations

import gradio as gr
from gradio.themes.utils import sizes

ACCENT = gr.themes.Color(
    c50="#fff6ef", c100="#ffe8d6", c200="#fdcfae", c300="#fbb07c", c400="#fb8a4c", c500="#e2622a",
    c600="#c2410c", c700="#a13609", c800="#7c2d0c", c900="#5e240c", c950="#36140a",
)  # fmt: skip
GRAY = gr.themes.Color(
    c50="#fafaf8", c100="#f2f2ee", c200="#e7e7e2", c300="#d3d3cd", c400="#a6aab4", c500="#70747e",
    c600="#565a64", c700="#3c3d45", c800="#2a2b31", c900="#202127", c950="#17181c",
)  # fmt: skip


COLORS = {
    "body_background_fill": "ground",
    "body_text_color": "ink",
    "body_text_color_subdued": "soft",
    "block_label_text_color": "soft",
    "block_info_text_color": "soft",
    "block_title_text_color": "ink",
    "input_background_fill": "field",
    "input_border_color": "edge",
    "input_placeholder_color": "soft",
    "button_primary_background_fill": "main",
    "button_primary_background_fill_hover": "main-hover",
    "button_secondary_background_fill": "card",
    "button_secondary_border_color": "edge",
}
"""The color in palette.css for each of Gradio's color variables. Variables that are not listed use the
theme's two color ramps."""


def make_theme() -> gr.themes.Base:
    """Create the theme; it uses fonts of the system, so that the browser downloads no fonts."""
    theme = gr.themes.Base(
        primary_hue=ACCENT,
        secondary_hue=ACCENT,
        neutral_hue=GRAY,
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
        radius_size=sizes.radius_md,
        text_size=sizes.text_md,
    )
    colors = {
        f"{name}{mode}": f"var(--lw-{color})" for name, color in COLORS.items() for mode in ("", "_dark")
    }
    return theme.set(
        **colors,
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_shadow="none",
        block_padding="0px",
        input_border_width="1px",
        button_primary_text_color="#ffffff",
        button_border_width="1px",
        layout_gap="0.75rem",
        panel_background_fill="transparent",
    )
