"""Colours: one palette on every page, light and dark, safe for colour-blind people."""

import colorsys
import functools

from plotly.colors import sample_colorscale

#: Ten colours, found by a search, that differ from one another, from the accent and from grey. The least distance is 17
#: in CIEDE2000, and 21 in CIELAB under the common colour vision deficiencies. A mark of each has a contrast of
#: 3:1 on the dark ground.
CLASS_COLORS = (
    *("#3f6ad9", "#fca601", "#b03934", "#844f8b", "#62ac6e"),
    *("#a9892d", "#b3e06e", "#e3c9b1", "#922bff", "#e586ed"),
)

#: For more classes: lightness and saturation alternate, so that neighbouring hues differ in both.
_STEPS = ((0.38, 0.75), (0.58, 0.60), (0.72, 0.70))

ACCENT = "#e7298a"  # the one thing to look at; no class has it
NEUTRAL = "#8a93a0"  # readable on white and on black
BAND_COLOR = "#3f90da"  # the band of what is typical
INK, HALO = "#11161d", "white"  # of what must stand out on any ground: one of the two does
TEXT = "#1f2733"  # on white, where no theme is
GROUNDS = ("#ffffff", "#12161c")  # of the page, light and dark, as .streamlit/config.toml has them

#: Of what a page says about an image, readable on white and on black.
VERDICT_COLORS = {"confident": "#1f8f4e", "uncertain": "#b06c00", "out": "#d9434e", "unknown": "#7a8494"}
#: Surer than right, and the reverse.
TOO_SURE, TOO_UNSURE = "#c0561f", "#2f74c0"

#: Of the out-of-distribution sets, by the number of their look.
SET_COLORS = ("#c0561f", "#2f74c0", "#9560cc", "#0a8f86", "#9a7b12", "#c43d6b", "#8c4a2f", "#5d7a1f")

#: What is not of the γ family, by its kind or objective; the first is the family as a whole.
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
    """Colours of ``count`` classes: :data:`CLASS_COLORS`, or of more classes a walk around the circle of hues."""
    if count <= len(CLASS_COLORS):
        return CLASS_COLORS[:count]
    colors = []
    for k in range(count):
        lightness, saturation = _STEPS[k % len(_STEPS)]
        rgb = colorsys.hls_to_rgb(k / count, lightness, saturation)
        colors.append("#" + "".join(f"{round(255 * value):02x}" for value in rgb))
    return tuple(colors)


def model_colors(count: int) -> list[str]:
    """Colours of ``count`` models from small to large γ: one scale, unlike the classes' colours."""
    return [model_color(i / max(1, count - 1)) for i in range(count)]


@functools.lru_cache(256)
def model_color(place: float) -> str:
    """The colour on that scale at a place between the smallest γ, 0, and the largest, 1."""
    return str(sample_colorscale("Plasma", [0.35 + 0.55 * place])[0])


def rgba(color: str, alpha: float) -> str:
    """``"#rrggbb"`` with an opacity from 0 to 1, as CSS."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"
