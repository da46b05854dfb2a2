"""Colours: one palette on every page, light and dark, safe for colour-blind people."""

from collections.abc import Sequence

from plotly.colors import sample_colorscale

#: Ten colours that stay apart under the common colour vision deficiencies (Petroff 2021).
CLASS_COLORS = (
    *("#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6"),
    *("#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd"),
)

ACCENT = "#e7298a"  # the one thing to look at; no class has it
NEUTRAL = "#8a93a0"  # readable on white and on black

#: What is not of the γ family, by its kind or objective; the first is the family as a whole.
KIND_COLORS = {
    "ib": "#9560cc",
    "class-nll": "#c0561f",
    "class-nll-regularized": "#9a7b12",
    "vib": "#0a8f86",
    "resnet": "#2f74c0",
    "i-revnet": "#c43d6b",
}


def model_colors(count: int) -> list[str]:
    """Colours of ``count`` models from small to large γ: one scale, unlike the classes' colours."""
    places = [0.35 + 0.55 * i / max(1, count - 1) for i in range(count)]
    return [str(color) for color in sample_colorscale("Plasma", places)]


def rgba(color: str, alpha: float) -> str:
    """``"#rrggbb"`` with an opacity from 0 to 1, as CSS."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"


def legend_html(classes: Sequence[str]) -> str:
    """The classes beside their colours, in a line that wraps where the page is narrow."""
    square = '<span style="color:{}; font-size:1.2em" aria-hidden="true">■</span> {}'
    items = (square.format(color, name) for color, name in zip(CLASS_COLORS, classes, strict=True))
    return (
        '<div style="font-size:0.875rem">'
        + " &ensp;".join(f"<span style='white-space:nowrap'>{i}</span>" for i in items)
        + "</div>"
    )
