"""The page's colors and type for Gradio's own components: the reports' palette, and the system's fonts."""

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


def make_theme() -> gr.themes.Base:
    """Create the theme. Fonts are named, never fetched."""
    theme = gr.themes.Base(
        primary_hue=ACCENT,
        secondary_hue=ACCENT,
        neutral_hue=GRAY,
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
        radius_size=sizes.radius_md,
        text_size=sizes.text_md,
    )
    return theme.set(
        body_background_fill="#fafaf8",
        body_background_fill_dark="#17181c",
        body_text_color="#1c1d22",
        body_text_color_dark="#e8e8ea",
        body_text_color_subdued="#5f636d",
        body_text_color_subdued_dark="#a6aab4",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_shadow="none",
        block_padding="0px",
        block_label_text_color="#5f636d",
        block_label_text_color_dark="#a6aab4",
        block_info_text_color="#5f636d",
        block_info_text_color_dark="#a6aab4",
        block_title_text_color="#1c1d22",
        block_title_text_color_dark="#e8e8ea",
        input_background_fill="#ffffff",
        input_background_fill_dark="#17181c",
        input_border_color="#c9c9c2",
        input_border_color_dark="#4a4c55",
        input_border_width="1px",
        input_placeholder_color="#6c707a",
        input_placeholder_color_dark="#9498a3",
        button_primary_background_fill="#c2410c",
        button_primary_background_fill_hover="#a13609",
        button_primary_background_fill_dark="#c2410c",
        button_primary_background_fill_hover_dark="#d9541b",
        button_primary_text_color="#ffffff",
        button_secondary_background_fill="#ffffff",
        button_secondary_background_fill_dark="#2a2b31",
        button_secondary_border_color="#c9c9c2",
        button_secondary_border_color_dark="#4a4c55",
        button_border_width="1px",
        layout_gap="0.75rem",
        panel_background_fill="transparent",
    )
