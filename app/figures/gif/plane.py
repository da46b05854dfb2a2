"""What animations that are drawn without a browser have in common: a plane of latents, words, and the file."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from app.palette import TEXT

DIAMOND = 8  # pixels from the middle of a mean's mark to its corners


def draw_plane(
    pen: ImageDraw.ImageDraw,
    cloud: np.ndarray,
    colors: Sequence[str],
    means: np.ndarray,
    alpha: str,
    sizes: Sequence[float] | None = None,
    *,
    mean_colors: Sequence[str],
    diamond: float = DIAMOND,
) -> None:
    """Dots of test images and diamonds of class means, all places in pixels ``(N, 2)``, with a pen in RGBA mode.

    ``alpha`` is the opacity of the dots in two hexadecimal digits, ``sizes`` are their diameters, 3.2 if not given.
    From the middle of a ``diamond`` to its corners are so many pixels.
    """
    radii = np.full(len(cloud), 1.6) if sizes is None else np.asarray(sizes) / 2
    for (x, y), color, r in zip(cloud, colors, radii, strict=True):
        pen.ellipse((x - r, y - r, x + r, y + r), fill=color + alpha)
    for k, (x, y) in enumerate(means):
        corners = [(x - diamond, y), (x, y - diamond), (x + diamond, y), (x, y + diamond)]
        pen.polygon(corners, mean_colors[k], TEXT)


def font() -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    """The font that comes with Pillow."""
    return ImageFont.load_default(17)


def plain(text: str) -> str:
    """Words that this font can draw: it has no γ, and knows no tags."""
    return text.replace("γ", "gamma").replace("<b>", "").replace("</b>", "")


def gif_bytes(frames: np.ndarray, milliseconds: int) -> bytes:
    """An animation that loops, from uint8 ``(T, H, W, 3)``."""
    buffer = io.BytesIO()
    first, *rest = (Image.fromarray(frame) for frame in frames)
    first.save(buffer, "GIF", save_all=True, append_images=rest, duration=milliseconds, loop=0)
    return buffer.getvalue()
