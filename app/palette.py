"""Colours: one palette for every page, light and dark, suited to colour-blind people."""

import colorsys
import functools

from plotly.colors import sample_colorscale

#: Ten colours, found by a search for the largest distances among them, the accent and grey: at least 17 in CIEDE2000,
#: and 21 in CIELAB under common colour vision deficiencies. On the dark background each mark has a contrast of at
#: least 3:1.
CLASS_COLORS = (
    *("#3f6ad9", "#fca601", "#b03934", "#844f8b", "#62ac6e"),
    *("#a9892d", "#b3e06e", "#e3c9b1", "#922bff", "#e586ed"),
)

#: Lightness and saturation of further classes, alternating so that neighbouring hues differ in both.
_STEPS = ((0.38, 0.75), (0.58, 0.60), (0.72, 0.70))

ACCENT = "#e7298a"  # highlights one thing; no class has this colour
NEUTRAL = "#8a93a0"  # readable on white and on black
BAND_COLOR = "#3f90da"  # band of typical values
INK, HALO = "#11161d", "white"  # one of the two is visible on any background
TEXT = "#1f2733"  # on white, in figures without a theme
GROUNDS = ("#ffffff", "#12161c")  # page backgrounds, light and dark, as in .streamlit/config.toml

#: Colours of verdicts, readable on white and on black.
VERDICT_COLORS = {"confident": "#2f74c0", "uncertain": "#b06c00", "out": "#d9434e", "unknown": "#7a8494"}
#: Colours of overconfidence and underconfidence.
TOO_SURE, TOO_UNSURE = "#c0561f", "#2f74c0"

#: Colours of the out-of-distribution sets, in their order.
SET_COLORS = ("#c0561f", "#2f74c0", "#9560cc", "#0a8f86", "#9a7b12", "#c43d6b", "#8c4a2f", "#5d7a1f")

#: Colours of models by kind or objective. The first is the colour of the γ family.
KIND_COLORS = {
    "ib": "#9560cc",
    "class-nll": "#c0561f",
    "class-nll-regularized": "#9a7b12",
    "own": "#5d7a1f",
    "vib": "#0a8f86",
    "resnet": "#2f74c0",
    "i-revnet": "#c43d6b",
}


def class_colors(count: int) -> tuple[str, ...]:
    """Returns colours for ``count`` classes: :data:`CLASS_COLORS`, or evenly spaced hues for more classes."""
    if count <= len(CLASS_COLORS):
        return CLASS_COLORS[:count]
    colors = []
    for k in range(count):
        lightness, saturation = _STEPS[k % len(_STEPS)]
        rgb = colorsys.hls_to_rgb(k / count, lightness, saturation)
        colors.append("#" + "".join(f"{round(255 * value):02x}" for value in rgb))
    return tuple(colors)


def model_colors(count: int) -> list[str]:
    """Returns colours for ``count`` models from small to large γ, on a scale that differs from the class colours."""
    return [model_color(i / max(1, count - 1)) for i in range(count)]


@functools.lru_cache(256)
def model_color(place: float) -> str:
    """Returns the colour at a position on the scale of :func:`model_colors`, from 0 (smallest γ) to 1 (largest)."""
    return str(sample_colorscale("Plasma", [0.35 + 0.55 * place])[0])


def rgba(color: str, alpha: float) -> str:
    """Converts ``"#rrggbb"`` and an opacity from 0 to 1 to a CSS colour."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"
